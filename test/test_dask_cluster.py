# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A data set on a real Dask cluster, one worker of which is killed half way."""

import os
import signal

import cv2
import numpy as np
import pytest
import samples

from face_affect_ros import cli
from face_affect_ros.evaluation import prediction_run

distributed = pytest.importorskip('distributed', reason='no dask')
pyarrow = pytest.importorskip('pyarrow', reason='no pyarrow')

pytestmark = pytest.mark.slow

PARTS = 8
COUNT = PARTS * prediction_run.CHUNK


@pytest.fixture(scope='module')
def data(tmp_path_factory):
    """Return a Parquet file of cut faces: one face, noisy in many ways."""
    from pyarrow import parquet

    face = cv2.resize(samples.astronaut()[40:200, 140:300], (48, 48))
    random = np.random.default_rng(0)
    pictures = [
        np.clip(face + random.normal(0, 12, face.shape), 0, 255).astype(np.uint8)
        for _ in range(COUNT)
    ]
    encoded = [cv2.imencode('.png', each)[1].tobytes() for each in pictures]
    file = tmp_path_factory.mktemp('data') / 'faces.parquet'
    parquet.write_table(pyarrow.table({'image': encoded, 'emotion': ['happy'] * COUNT}), file)
    return file


@pytest.fixture(scope='module')
def cluster():
    """Return a cluster of two processes that are not started again when they die."""
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        host='127.0.0.1',
    ) as local:
        yield local


def evaluated(data, folder, progress=lambda done, total: None, address=''):
    """Evaluate the pictures; return the bytes of the predictions."""
    from face_affect_ros.evaluation.data_evaluation import DataJob
    from face_affect_ros.evaluation.data_evaluation import evaluate
    from face_affect_ros.evaluation.predictor import PredictionJob
    from face_affect_ros.evaluation.report import write_report

    wanted = DataJob(data, PredictionJob(is_crops=True, landmarks=False), samples=0)
    found = evaluate(wanted, folder, progress=progress, cluster=address)
    assert found.issues == []
    write_report(found.report, folder)
    return (folder / 'predictions.parquet').read_bytes()


def test_a_killed_worker_loses_nothing_and_counts_nothing_twice(data, cluster, tmp_path):
    """The same bytes as here, in one process."""
    with distributed.Client(cluster, set_as_default=False) as client:
        workers = client.run(os.getpid)
    assert len(workers) == 2
    seen = []

    def progress(done, total):
        seen.append(done)
        if len(seen) == 3:
            os.kill(min(workers.values()), signal.SIGKILL)

    spread = evaluated(data, tmp_path / 'spread', progress, cluster.scheduler_address)
    steps = prediction_run.CHUNK * np.arange(PARTS + 1)
    assert seen == steps.tolist(), 'each part once'
    assert spread == evaluated(data, tmp_path / 'alone')


def test_a_cluster_that_is_none_is_named(data, capsys, monkeypatch):
    """Exit code 1 without one, 2 without its address."""
    from face_affect_ros.evaluation import dask_cluster

    monkeypatch.setattr(dask_cluster, 'CONNECT_S', 1)
    address = 'tcp://127.0.0.1:9'
    assert cli.main(['evaluate', 'data', str(data), '--crops', '--scheduler', address]) == 1
    assert address in capsys.readouterr().err
    assert cli.main(['evaluate', 'data', str(data), '--crops', '--engine', 'dask']) == 2
    assert '--scheduler' in capsys.readouterr().err


def test_bags_on_a_cluster(cluster, tmp_path, capsys):
    """Their files are written here, the same as without one."""
    recordings = pytest.importorskip('recordings', reason='no rosbags')
    bags = [
        str(recordings.record(tmp_path / name, recordings.frames(2, first)))
        for first, name in enumerate(('monday', 'tuesday'))
    ]
    alone, spread = tmp_path / 'alone', tmp_path / 'spread'
    command = ['evaluate', 'bag', *bags, '--samples', '0', '--to']
    address = ['--engine', 'dask', '--scheduler', cluster.scheduler_address]
    assert cli.main([*command, str(alone)]) == 0
    assert cli.main([*command, str(spread), *address]) == 0
    assert '# monday: ' in capsys.readouterr().out
    for name in ('monday', 'tuesday'):
        first, second = (
            (folder / name / 'predictions.parquet').read_bytes() for folder in (alone, spread)
        )
        assert first == second
        assert (spread / name / 'answers_model1/metadata.yaml').exists()
