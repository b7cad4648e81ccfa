# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Evaluate runs beside the models, on validation pictures clean and spoilt: one table.

    python -m training.evaluate face_traits_lite --data ../shared/data --models 1 2

A run is what its file would ship. Each picture is a cut face, as of ``face-affect evaluate data
--crops``, which has more figures, with intervals, of the models.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from face_affect_ros import crops
from face_affect_ros.decision.gender_fusion import GenderRules
from face_affect_ros.engines.onnx import OnnxEngine
from face_affect_ros.evaluation.data.data_set import DataSet
from face_affect_ros.evaluation.data.data_set import open_data_set
from face_affect_ros.evaluation.data.mapping import ColumnMapping
from face_affect_ros.evaluation.data.selection import select
from face_affect_ros.evaluation.data.truth import read_truth
from face_affect_ros.evaluation.degradations import CLEAN
from face_affect_ros.evaluation.degradations import Degradation
from face_affect_ros.evaluation.degradations import parse
from face_affect_ros.evaluation.judged import Judged
from face_affect_ros.evaluation.judged import likely_thresholds
from face_affect_ros.evaluation.predictor import PredictionJob
from face_affect_ros.evaluation.predictor import Predictor
from face_affect_ros.evaluation.predictor import as_columns
from face_affect_ros.evaluation.task_figures import figures
from face_affect_ros.model import Model
from face_affect_ros.networks.face_network import FaceNetwork
from face_affect_ros.networks.face_network import TaskOutput
from face_affect_ros.pipeline import load_detector
from face_affect_ros.pipeline import load_model
from face_affect_ros.registry import catalogue
from face_affect_ros.registry.catalogue import CropSpec
from face_affect_ros.settings import ModelSettings

from .export import export
from .recipe import load_recipe

SETS: Mapping[str, Sequence[str]] = {
    'fer2013_val': ('noise=20', 'hidden=lower'),
    'resting_val': (),
    'utkface_val': ('noise=20',),
    'celeba_val': (),
}
"""Validation sets, each with the degradations under which it is looked at too."""

ROWS: Sequence[tuple[str, str, str, str, Mapping[str, str], str]] = (
    ('fer2013_val', 'fer2013_val', CLEAN, 'emotion', {}, 'accuracy_best_label'),
    (
        'fer2013_val, unambiguous',
        'fer2013_val',
        CLEAN,
        'emotion',
        {'ambiguous': 'false'},
        'accuracy_best_label',
    ),
    ('resting_val', 'resting_val', CLEAN, 'emotion', {}, 'accuracy_best_label'),
    (
        'resting_val, neutral recall',
        'resting_val',
        CLEAN,
        'emotion',
        {'emotion': '6'},
        'accuracy_best_label',
    ),
    ('gender, utkface_val', 'utkface_val', CLEAN, 'gender', {}, 'accuracy_best_label'),
    (
        'gender, 0 to 3 years',
        'utkface_val',
        CLEAN,
        'gender',
        {'age': '0,1,2,3'},
        'accuracy_best_label',
    ),
    (
        'gender, 4 to 8 years',
        'utkface_val',
        CLEAN,
        'gender',
        {'age': '4,5,6,7,8'},
        'accuracy_best_label',
    ),
    ('gender, celeba_val', 'celeba_val', CLEAN, 'gender', {}, 'accuracy_best_label'),
    ('age error, years', 'utkface_val', CLEAN, 'age', {}, 'mean_absolute_error'),
    ('attributes', 'celeba_val', CLEAN, 'attributes', {}, 'accuracy'),
    ('attributes, balanced', 'celeba_val', CLEAN, 'attributes', {}, 'balanced_accuracy'),
    (
        'age error under noise, years',
        'utkface_val',
        'noise=20',
        'age',
        {},
        'mean_absolute_error',
    ),
    ('emotion, under noise', 'fer2013_val', 'noise=20', 'emotion', {}, 'accuracy_best_label'),
    (
        'emotion, half hidden',
        'fer2013_val',
        'hidden=lower',
        'emotion',
        {},
        'accuracy_best_label',
    ),
)
"""Rows of the table: words, set, degradation, task, conditions on pictures, figure."""

REPEATS = 40
TIMED_SIDE = 128

Load = Callable[[str, ModelSettings], Model]


def of_run(name: str, settings: ModelSettings) -> Model:
    """Return a model of the one network of a run, as its file would ship."""
    recipe = load_recipe(name)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / 'made.onnx'
        export(recipe, file)
        engine = OnnxEngine(file.read_bytes())
    crop = CropSpec(recipe.size, recipe.channels, recipe.factor)
    return of_network(name, FaceNetwork(engine, crop, recipe.exported), recipe.exported, settings)


def of_network(
    name: str, network: FaceNetwork, tasks: Sequence[str], settings: ModelSettings
) -> Model:
    """Return a model of one network: gender is what its own output for it says."""
    rules = GenderRules(({'gender': 1.0}, {'attributes': 1.0}, {'gender': 1.0, 'attributes': 0.0}))
    wanted = [task for task in tasks if task in settings.tasks]
    return Model(
        name,
        load_detector(1),
        {task: TaskOutput(network, task) for task in wanted},
        rules,
        settings,
    )


def judged(
    name: str, data: DataSet, spoilt: Sequence[str], load: Load, limit: int | None = None
) -> dict[str, Judged]:
    """Return a model's predictions on a set beside its labels, by degradation.

    :param limit: most pictures; None: all.
    """
    truth, _ = read_truth(data, ColumnMapping())
    rows = select(data, [], limit)
    wanted = tuple(dict.fromkeys([*truth.tasks, *(['age'] if 'gender' in truth.tasks else [])]))
    job = PredictionJob(
        (name,),
        ModelSettings(tasks=wanted),
        is_crops=True,
        degradations=(Degradation(), *(each for text in spoilt for each in parse(text))),
    )
    with Predictor(job, data, truth.boxes, load) as predictor:
        told = [predictor.rows(int(row)) for row in tqdm(rows, desc=f'{name} {data.name}')]
    others = {column: [values[row] for row in rows] for column, values in data.columns.items()}
    return {
        each.name: Judged(
            as_columns([found[place] for found in told]),
            truth.take(rows),
            others,
            likely_thresholds(),
        )
        for place, each in enumerate(job.degradations)
    }


def column(name: str, sets: Mapping[str, DataSet], load: Load, limit: int | None = None):
    """Return a model's column of the table: percent, years, milliseconds, by row."""
    found = {each: judged(name, data, SETS[each], load, limit) for each, data in sets.items()}
    told = {}
    for words, data, condition, task, where, figure in ROWS:
        each = found[data][condition]
        part = each.take(_fulfilling(each, where))
        estimates = figures(part, samples=0, by_class=False).get(task)
        if estimates:
            factor = 1 if figure == 'mean_absolute_error' else 100
            told[words] = factor * estimates[figure].value
    told['milliseconds a face'] = _milliseconds(load(name, ModelSettings()))
    return told


def _fulfilling(each: Judged, where: Mapping[str, str]) -> np.ndarray:
    """Return the mask of pictures whose cells are one of the values."""
    kept = np.ones(len(each), bool)
    for name, values in where.items():
        cells = [str(cell).casefold() for cell in each.others[name]]
        kept &= np.isin(cells, values.split(','))
    return kept


def _milliseconds(model: Model) -> float:
    """Return the least time that all networks take for one face."""
    picture = np.random.default_rng(0).integers(0, 256, (TIMED_SIDE, TIMED_SIDE, 3), np.uint8)
    square = crops.square_of_box(np.array([0, 0, TIMED_SIDE, TIMED_SIDE]))
    times = []
    for _ in range(REPEATS):
        view = [crops.whole(picture)]
        start = time.perf_counter()
        model.scores(view, [square])
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


def table(columns: Mapping[str, Mapping[str, float]]) -> str:
    """Return the figures as a Markdown table, a column a model."""
    rows = dict.fromkeys(row for each in columns.values() for row in each)
    lines = [['', *columns], ['---'] * (len(columns) + 1)]
    lines += [
        [row, *(f'{each[row]:.2f}' if row in each else '' for each in columns.values())]
        for row in rows
    ]
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('runs', nargs='*', metavar='recipe')
    parser.add_argument('--data', type=Path, required=True, help='folder of the Parquet files')
    parser.add_argument('--models', nargs='*', default=[], choices=catalogue.model_names())
    parser.add_argument('--limit', type=int, help='most pictures of each set')
    arguments = parser.parse_args()
    sets = {name: open_data_set(arguments.data / f'{name}.parquet') for name in SETS}
    loaders: dict[str, tuple[str, Load]] = {
        **{f'Model {name}': (name, load_model) for name in arguments.models},
        **{name: (name, of_run) for name in arguments.runs},
    }
    print(
        table(
            {
                words: column(name, sets, load, arguments.limit)
                for words, (name, load) in loaders.items()
            }
        )
    )


if __name__ == '__main__':
    main()
