# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Evaluate the models on all validation sets, and write ``docs/results.md`` of it.

    pip install '.[evaluate,dlib]' && python benchmark/results.py --data ../shared/data

Each evaluation is a ``face-affect evaluate data`` of its own, which goes on where it stopped; what
is complete is only read again. With ``--originals`` also of the original networks that can be
had: ``face-affect models fetch`` and ``convert all`` put them into a folder.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markdown_table import markdown_table

FILE = Path(__file__).resolve().parents[1] / 'docs/results.md'


@dataclass(frozen=True)
class Evaluation:
    """One evaluation.

    :param data: name of the Parquet file.
    :param options: of the command.
    :param words: what it is of, for the text.
    :param of_originals: whether it is of the original networks.
    """

    data: str
    options: Sequence[str]
    words: str
    of_originals: bool = False


BOTH = ('--model', '1', '2', '3')

SPOILT = ('noise=20', 'jpeg=20', 'dark=0.3', 'blur=2', 'size=32', 'grey', 'hidden=lower')

ORIGINAL = ('--weights', 'original', '--no-age-enable', '--no-attributes-enable')
"""Of Model 1's originals those of emotion and gender can be had, and of Model 2's none."""

EVALUATIONS: Mapping[str, Evaluation] = {
    'fer2013': Evaluation(
        'fer2013_val',
        (*BOTH, '--degrade', *(kind for kind in SPOILT if kind != 'grey')),
        "FER2013's PublicTest part: emotion",
    ),
    'fer2013_tta': Evaluation('fer2013_val', ('--model', '2', '--tta'), 'the same, `tta`'),
    'fer2013_no_landmarks': Evaluation(
        'fer2013_val', ('--no-landmarks', *BOTH), "the same, the picture's frame as the crop"
    ),
    'resting': Evaluation(
        'resting_val', BOTH, 'people in the news who rest, speak or smile: emotion'
    ),
    'utkface': Evaluation('utkface_val', (*BOTH, '--degrade', *SPOILT), 'UTKFace: gender, age'),
    'celeba': Evaluation(
        'celeba_val',
        (*BOTH, '--choose-thresholds', 'balanced', '--by', 'gender'),
        'CelebA: gender, 40 attributes',
    ),
    'fer2013_original': Evaluation(
        'fer2013_val', ORIGINAL, "FER2013's PublicTest part, the original mini-XCEPTION", True
    ),
    'resting_original': Evaluation(
        'resting_val', ORIGINAL, 'people in the news, the original mini-XCEPTION', True
    ),
    'utkface_original': Evaluation(
        'utkface_val', ORIGINAL, 'UTKFace: gender, the original mini-XCEPTION', True
    ),
    'celeba_original': Evaluation(
        'celeba_val', ORIGINAL, 'CelebA: gender, the original mini-XCEPTION', True
    ),
}
"""Evaluations by the name of their folder."""

FIGURES: Sequence[tuple[str, str, float, int, str]] = (
    ('emotion', 'accuracy', 100, 1, 'emotion, accuracy, %'),
    ('emotion', 'accuracy_best_label', 100, 1, 'emotion, accuracy of the likeliest label, %'),
    ('emotion', 'macro_f1', 100, 1, 'emotion, macro-F1, %'),
    ('emotion', 'expected_calibration_error', 1, 3, 'emotion, calibration error'),
    ('gender', 'accuracy_best_label', 100, 1, 'gender, accuracy of the likeliest label, %'),
    ('gender', 'answered', 100, 1, 'gender, answered, %'),
    ('gender', 'accuracy_answered', 100, 1, 'gender, right of those answered, %'),
    ('gender', 'roc_auc', 1, 4, 'gender, area under the ROC curve'),
    ('gender', 'expected_calibration_error', 1, 3, 'gender, calibration error'),
    ('age', 'mean_absolute_error', 1, 2, 'age, mean absolute error, years'),
    ('age', 'bias', 1, 2, 'age, bias, years'),
    ('age', 'exact_range', 100, 1, 'age, exact range, %'),
    ('age', 'one_off_range', 100, 1, 'age, range at most one off, %'),
    ('attributes', 'accuracy', 100, 1, 'attributes, accuracy, %'),
    ('attributes', 'balanced_accuracy', 100, 1, 'attributes, balanced accuracy, %'),
    ('attributes', 'roc_auc', 1, 3, 'attributes, area under the ROC curve'),
)
"""Lines of tables: task, metric, factor, digits, words."""

MAIN = (FIGURES[1], FIGURES[4], FIGURES[9], FIGURES[14])
"""The lines of subgroups and degradations."""

HEAD = """\
# Results

Written by `python benchmark/results.py --data DATA --originals ORIGINALS`; do not edit. Each table
is a `face-affect evaluate data` (`docs/evaluation.md`), in brackets 95 % intervals of a bootstrap.
The pictures are validation pictures, which training did not see, though epochs were picked on
them; each is a cut face, its frame the box. The gender of children is left open where it is not
sure: "answered" is how often it is told, the likeliest label what the probabilities say.
"""


def evaluated(name: str, arguments: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    """Return an evaluation's command, for readers, and its ``report.json``.

    :param arguments: of the command line; with ``read`` nothing is run, the report is there.
    """
    evaluation = EVALUATIONS[name]
    options = ['--crops', *evaluation.options]
    command = [sys.executable, '-m', 'face_affect_ros.cli', 'evaluate', 'data']
    command += [str(arguments.data / f'{evaluation.data}.parquet'), *options]
    command += ['--to', str(arguments.to / name), '--workers', str(arguments.workers)]
    if evaluation.of_originals:
        command += ['--weights-dir', str(arguments.originals)]
        options += ['--weights-dir', 'ORIGINALS']
    if not arguments.read:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    told = f'face-affect evaluate data DATA/{evaluation.data}.parquet {" ".join(options)}'
    return told, json.loads((arguments.to / name / 'report.json').read_text())


def section(name: str, command: str, report: Mapping[str, Any]) -> list[str]:
    """Return the blocks of one evaluation."""
    models = report['models']
    blocks = [
        f'## {EVALUATIONS[name].words[:1].upper()}{EVALUATIONS[name].words[1:]}',
        f'`{command}`',
    ]
    blocks.append(_table([('', models)], FIGURES, 'figure'))
    spoilt = [('clean', models), *report['degradations'].items()]
    if len(spoilt) > 1:
        blocks += ['Spoilt pictures:', *_by_condition(spoilt)]
    for grouping, groups in report['subgroups'].items():
        blocks += [f'By {grouping.replace("*", " and ")}:', *_by_condition(list(groups.items()))]
    blocks += _comparisons(report['comparisons'])
    blocks += _thresholds(report['thresholds'])
    return blocks


def _table(
    conditions: Sequence[tuple[str, Mapping[str, Any]]],
    lines: Sequence[tuple[str, str, float, int, str]],
    heading: str,
) -> str:
    """Return a table of lines, a column a model."""
    rows = []
    for _, models in conditions:
        for task, metric, factor, digits, words in lines:
            told = {
                f'Model {model}': _estimate(tasks[task][metric], factor, digits)
                for model, tasks in models.items()
                if metric in tasks.get(task, {})
            }
            if told:
                rows.append({heading: words, **told})
    names = [heading, *dict.fromkeys(name for row in rows for name in row if name != heading)]
    return markdown_table(rows, names=names)


def _by_condition(conditions: Sequence[tuple[str, Mapping[str, Any]]]) -> list[str]:
    """Return a table a task: a line a condition or group, a column a model."""
    blocks = []
    for task, metric, factor, digits, words in MAIN:
        rows = []
        for name, models in conditions:
            told = {
                f'Model {model}': tasks[task][metric]
                for model, tasks in models.items()
                if metric in tasks.get(task, {})
            }
            if told:
                rows.append(
                    {
                        words: name,
                        'pictures': max(each['n'] for each in told.values()),
                        **{key: _estimate(each, factor, digits) for key, each in told.items()},
                    }
                )
        if rows:
            names = list(dict.fromkeys(name for row in rows for name in row))
            blocks.append(markdown_table(rows, names=names))
    return blocks


def _comparisons(compared: Sequence[Mapping[str, Any]]) -> list[str]:
    rows = [
        {
            'figure': f'{each["task"]}, {each["metric"].replace("_", " ")}',
            'models': f'{each["first"]} minus {each["second"]}',
            'difference': _estimate(each['difference'], *_unit(each['metric'])),
            'p (McNemar)': _probability(each['mcnemar_p']),
        }
        for each in compared
    ]
    return ['One model against the other:', markdown_table(rows)] if rows else []


def _probability(p: float | None) -> str:
    if p is None:
        return ''
    return f'{p:.2g}' if p > 0 else '< 0.000001'


def _thresholds(chosen: Mapping[str, Any]) -> list[str]:
    blocks = []
    for model, each in chosen.items():
        figures = each['figures']
        rows = [
            {
                f'Model {model}': words,
                'thresholds chosen': _estimate(figures[metric], factor, digits),
            }
            for task, metric, factor, digits, words in FIGURES
            if task == 'attributes' and metric != 'roc_auc'
        ]
        blocks += [
            f'Attributes told from thresholds that were chosen for `{each["criterion"]}` on the '
            'other half of the people:',
            markdown_table(rows),
        ]
    return blocks


def _unit(metric: str) -> tuple[float, int]:
    return next((factor, digits) for _, name, factor, digits, _ in FIGURES if name == metric)


def _estimate(each: Mapping[str, Any], factor: float, digits: int) -> str:
    """Return a figure with its interval."""
    if each['value'] is None:
        return '-'
    value, low, high = (
        None if each[name] is None else f'{factor * each[name]:.{digits}f}'
        for name in ('value', 'low', 'high')
    )
    return f'{value}' if low is None else f'{value} ({low} to {high})'


def main():
    """Evaluate, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--data', type=Path, required=True, help='folder of the Parquet files')
    parser.add_argument('--originals', type=Path, metavar='DIR', help='original networks as ONNX')
    parser.add_argument('--to', type=Path, default=Path('results'), help='folder of the reports')
    parser.add_argument('--workers', type=int, default=1)
    parser.add_argument('--only', nargs='*', default=list(EVALUATIONS), choices=list(EVALUATIONS))
    parser.add_argument('--read', action='store_true', help='run nothing: the reports are there')
    arguments = parser.parse_args()
    blocks = [HEAD.strip()]
    report: dict[str, Any] = {}
    for name in arguments.only:
        if EVALUATIONS[name].of_originals and not arguments.originals:
            continue
        command, report = evaluated(name, arguments)
        blocks += section(name, command, report)
    made = report['provenance']
    versions = ', '.join(f'{name} {version}' for name, version in made['software'].items())
    blocks += ['## Made with', f'{versions}; {made["hardware"]["processor"]}.']
    FILE.write_text('\n\n'.join(blocks) + '\n')
    print(f'wrote {FILE}')


if __name__ == '__main__':
    main()
