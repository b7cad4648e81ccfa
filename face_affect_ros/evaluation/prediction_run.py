# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Predictions of a whole data set, by one process or several, that go on where they stopped.

Rows are looked at in chunks, a file each in the folder ``parts``; a run that is called again with
the same data, weights and options takes those that are there, or the predictions where they are
complete (``run.json`` says what they are of). However many processes share the
work, each picture is computed by itself and on its own, so the result is the same byte for byte.
"""

from __future__ import annotations

import hashlib
import json
import pickle
import shutil
import tempfile
import threading
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures import as_completed
from dataclasses import asdict
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from face_affect_ros.evaluation import provenance
from face_affect_ros.evaluation.data.data_set import DataSet
from face_affect_ros.evaluation.data.data_set import DataSetError
from face_affect_ros.evaluation.data.data_set import open_data_set
from face_affect_ros.evaluation.data.mapping import ColumnMapping
from face_affect_ros.evaluation.data.truth import read_truth
from face_affect_ros.evaluation.predictor import ModelLoader
from face_affect_ros.evaluation.predictor import PredictionJob
from face_affect_ros.evaluation.predictor import Predictor
from face_affect_ros.evaluation.predictor import as_columns
from face_affect_ros.evaluation.predictor import columns as known_columns
from face_affect_ros.evaluation.report import parquet
from face_affect_ros.pipeline import load_model
from face_affect_ros.quoting import quoted

CHUNK = 32
"""Pictures in a part."""

PARTS = 'parts'
KEY = 'run.json'
PREDICTIONS = 'predictions.parquet'

Columns = dict[str, Any]


@dataclass(frozen=True)
class Source:
    """Where a process opens the data set by itself.

    :param path: of the data set.
    :param mapping: of its names.
    :param boxes: (N, 4) labelled boxes of all of its rows.
    """

    path: Path
    mapping: ColumnMapping
    boxes: np.ndarray


def predict(
    source: Source,
    data: DataSet,
    rows: np.ndarray,
    job: PredictionJob,
    folder: Path,
    workers: int = 1,
    progress: Callable[[int, int], None] = lambda done, total: None,
    cluster: str = '',
    load: ModelLoader = load_model,
) -> Columns:
    """Return the predictions of some rows, by column, model after model, in the rows' order.

    :param folder: where parts are kept, which may be there already.
    :param workers: processes; 1: this one.
    :param progress: is told how many rows of how many are done.
    :param cluster: address of a Dask scheduler whose workers do it, which see the data set at
        the same path; empty: processes here do.
    :param load: loads each model; another than ours goes with one process.
    :raises DataSetError: the folder has parts of another run.
    :raises ClusterError: there is no such cluster.
    """
    if load is not load_model and (workers > 1 or cluster):
        raise ValueError('models that are loaded in another way are looked at in one process')
    chunks = [rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK)]
    parts = folder / PARTS
    parts.mkdir(parents=True, exist_ok=True)
    if _claim(folder, _key(data, rows, job)):
        progress(len(rows), len(rows))
        return _read([folder / PREDICTIONS])
    todo = [place for place in range(len(chunks)) if not _file(parts, place).exists()]
    done = len(rows) - sum(len(chunks[place]) for place in todo)
    progress(done, len(rows))
    computed = (
        _computed_by_cluster(cluster, source, job, parts, chunks, todo)
        if cluster
        else _computed(source, data, job, parts, chunks, todo, workers, load)
    )
    for place in computed:
        done += len(chunks[place])
        progress(done, len(rows))
    return _ordered(_read([_file(parts, place) for place in range(len(chunks))]), job)


def finish(folder: Path) -> None:
    """Note that a folder's predictions are complete; remove the parts that they are made of."""
    state = json.loads((folder / KEY).read_text())
    (folder / KEY).write_text(json.dumps({**state, 'complete': True}) + '\n')
    shutil.rmtree(folder / PARTS, ignore_errors=True)


def _computed(
    source: Source,
    data: DataSet,
    job: PredictionJob,
    parts: Path,
    chunks: Sequence[np.ndarray],
    todo: Sequence[int],
    workers: int,
    load: ModelLoader,
) -> Iterator[int]:
    """Compute the parts that are missing; yield the place of each that is written."""
    if not todo:
        return
    if workers == 1:
        with Predictor(job, data, source.boxes, load) as predictor:
            for place in todo:
                _write(predictor, chunks[place], _file(parts, place))
                yield place
        return
    # Spawned: a fork would take over the threads of networks that are loaded here.
    with ProcessPoolExecutor(
        min(workers, len(todo)), get_context('spawn'), _start, (source, job)
    ) as pool:
        waiting = {pool.submit(_work, chunks[place], _file(parts, place)): place for place in todo}
        try:
            for future in as_completed(waiting):
                future.result()
                yield waiting[future]
        finally:
            pool.shutdown(cancel_futures=True)


def _computed_by_cluster(
    cluster: str,
    source: Source,
    job: PredictionJob,
    parts: Path,
    chunks: Sequence[np.ndarray],
    todo: Sequence[int],
) -> Iterator[int]:
    """Have the parts that are missing computed by a cluster; yield each that is written here."""
    from face_affect_ros.evaluation import dask_cluster

    if not todo:
        return
    with dask_cluster.executor(cluster) as pool:
        waiting = {
            pool.submit(_part_of, source.path, source.mapping, job, chunks[place]): place
            for place in todo
        }
        for future in as_completed(waiting):
            file = _file(parts, waiting[future])
            part = file.with_name(f'{file.name}.part')
            part.write_bytes(future.result())
            part.replace(file)
            yield waiting[future]


_remote: dict[bytes, Predictor] = {}
_remote_lock = threading.Lock()
"""What a worker of a cluster has loaded, one run at a time, for one of its threads at a time."""


def _part_of(path: Path, mapping: ColumnMapping, job: PredictionJob, rows: np.ndarray) -> bytes:
    """Return one part as the bytes of its file, on a worker of a cluster."""
    key = pickle.dumps((path, mapping, job))
    with _remote_lock:
        if key not in _remote:
            _remote.clear()
            data = open_data_set(path, mapping)
            _remote[key] = Predictor(job, data, read_truth(data, mapping)[0].boxes)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / 'part.parquet'
            _write(_remote[key], rows, file)
            return file.read_bytes()


_predictor: Predictor | None = None
"""Of a process that works for another."""


def _start(source: Source, job: PredictionJob) -> None:
    """Load what a working process needs, once."""
    global _predictor
    data = open_data_set(source.path, source.mapping)
    _predictor = Predictor(job, data, source.boxes)


def _work(rows: np.ndarray, file: Path) -> None:
    assert _predictor is not None
    _write(_predictor, rows, file)


def _write(predictor: Predictor, rows: np.ndarray, file: Path) -> None:
    """Write one part, whole or not at all."""
    told = [each for row in rows for each in predictor.rows(int(row))]
    parquet.write(as_columns(told), file)


def _file(parts: Path, place: int) -> Path:
    return parts / f'{place:06d}.parquet'


def _claim(folder: Path, key: str) -> bool:
    """Make a folder this run's; return whether its predictions are complete.

    :raises DataSetError: it is another run's.
    """
    file = folder / KEY
    state = _state(file)
    if state.get('key', key) != key:
        raise DataSetError(
            f'{quoted(folder)} is of a run with other data, weights or options: give another '
            '--to, or delete it'
        )
    if not state:
        file.write_text(json.dumps({'key': key}) + '\n')
    return bool(state.get('complete')) and (folder / PREDICTIONS).exists()


def _state(file: Path) -> dict[str, Any]:
    """Return what a folder says of its run; nothing where it says nothing."""
    try:
        return dict(json.loads(file.read_text()))
    except (OSError, ValueError, TypeError):
        return {}


def _key(data: DataSet, rows: np.ndarray, job: PredictionJob) -> str:
    """Return what a run's predictions depend on, as a hash."""
    told = {
        'data': data.digest,
        'rows': hashlib.sha256(rows.astype(np.int64).tobytes()).hexdigest(),
        'job': asdict(job),
        'weights': provenance.weights_of(job.models, job.settings),
        'software': provenance.software(),
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


def _read(files: Sequence[Path]) -> Columns:
    """Return the columns of ``predictor.columns`` of all files."""
    import pyarrow
    from pyarrow import parquet as reader

    table = pyarrow.concat_tables(map(partial(reader.read_table, partitioning=None), files))
    return {name: _values(table.column(name), kind) for name, kind in known_columns().items()}


def _values(column: Any, kind: str) -> Any:
    if kind == 'string':
        return column.to_pylist()
    kind, _, width = kind.partition('[')
    joined = column.combine_chunks()
    if not width:
        return joined.to_numpy(zero_copy_only=False).astype(kind)
    return joined.flatten().to_numpy(zero_copy_only=False).reshape(-1, int(width[:-1]))


def _ordered(columns: Columns, job: PredictionJob) -> Columns:
    """Return the rows by degradation, then by model, then as they were."""
    conditions = {degradation.name: place for place, degradation in enumerate(job.degradations)}
    models = {name: place for place, name in enumerate(job.models)}
    keys = [
        (conditions[condition], models[model])
        for condition, model in zip(columns['condition'], columns['model'])
    ]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return {
        name: values[order] if isinstance(values, np.ndarray) else [values[i] for i in order]
        for name, values in columns.items()
    }
