# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Several bags, each by itself: here one after the other, or on the workers of a Dask cluster."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path

from face_affect_ros.evaluation.bags.bag import BagError
from face_affect_ros.evaluation.bags.evaluation import BagJob
from face_affect_ros.evaluation.bags.evaluation import BagResult
from face_affect_ros.evaluation.bags.evaluation import Progress
from face_affect_ros.evaluation.bags.evaluation import evaluate_bag
from face_affect_ros.evaluation.bags.live import LiveRecording
from face_affect_ros.evaluation.data.data_set import DataSetError
from face_affect_ros.evaluation.report import json_file
from face_affect_ros.evaluation.report import markdown


@dataclass(frozen=True)
class Outcome:
    """What is told of one bag.

    :param job: what was asked for.
    :param error: why it could not be evaluated at all; empty: it was.
    :param problems: what is wrong with it.
    :param as_text: the report in Markdown.
    :param as_json: the report as ``report.json`` has it.
    """

    job: BagJob
    error: str = ''
    problems: Sequence[str] = ()
    as_text: str = ''
    as_json: str = ''


def evaluate_bags(
    jobs: Sequence[BagJob],
    progress: Progress = lambda frames, _: frames,
    cluster: str = '',
    recording: LiveRecording | None = None,
) -> Iterator[Outcome]:
    """Evaluate bags; what is wrong with one costs no other.

    :param cluster: address of a Dask scheduler whose workers do it, which see the bags at the
        same paths; outcomes come as they are ready. Empty: it is done here, in order.
    :param recording: what a graph answered to the only bag.
    :raises ClusterError: there is no such cluster.
    """
    if cluster:
        yield from _evaluate_on_cluster(jobs, cluster)
        return
    for job in jobs:
        yield _outcome(job, progress, recording)


def _evaluate_on_cluster(jobs: Sequence[BagJob], cluster: str) -> Iterator[Outcome]:
    """Have the bags evaluated by a cluster, and write here what it returns."""
    from face_affect_ros.evaluation import dask_cluster

    with dask_cluster.executor(cluster) as pool:
        waiting = {pool.submit(_evaluate_remotely, job): job for job in jobs}
        for future in as_completed(waiting):
            job = waiting[future]
            outcome, files = future.result()
            for name, data in files.items():
                assert job.to is not None
                target = job.to / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
            yield replace(outcome, job=job)


def _evaluate_remotely(job: BagJob) -> tuple[Outcome, Mapping[str, bytes]]:
    """Evaluate a bag on a worker; return the files that it writes by their names."""
    if job.to is None:
        return _outcome(job), {}
    with tempfile.TemporaryDirectory(prefix='face_affect_bag_') as folder:
        outcome = _outcome(replace(job, to=Path(folder)))
        files = {
            file.relative_to(folder).as_posix(): file.read_bytes()
            for file in sorted(Path(folder).rglob('*'))
            if file.is_file()
        }
    return outcome, files


def _outcome(
    job: BagJob,
    progress: Progress = lambda frames, _: frames,
    recording: LiveRecording | None = None,
) -> Outcome:
    try:
        result: BagResult = evaluate_bag(job, progress, recording)
    except (BagError, DataSetError) as error:
        return Outcome(job, str(error))
    return Outcome(
        job,
        problems=tuple(result.problems),
        as_text=markdown.text(result.report),
        as_json=json_file.text(result.report),
    )
