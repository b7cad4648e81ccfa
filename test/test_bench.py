# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect bench``: what it measures, and the recorder it measures with."""

import builtins
import json
import time

import numpy as np
import pytest

from face_affect_ros import cli
from face_affect_ros import pipeline
from face_affect_ros.cli import bench
from face_affect_ros.cli import recording
from face_affect_ros.settings import ModelSettings

STAGES = [
    'mtcnn_pnet',
    'mtcnn_rnet',
    'mtcnn_onet',
    'detection',
    'views',
    'emotion',
    'gender',
    'age',
    'attributes',
    'decision',
    'total',
]


class SleepyEngine:
    """An engine that takes its time and counts its runs."""

    def __init__(self):
        self.batches = []

    def run(self, batch):
        """Sleep and return the batch doubled."""
        time.sleep(0.01)
        self.batches.append(batch)
        return (batch * 2,)


def bench_json(capsys, *arguments):
    """Run the benchmark and return its object."""
    assert cli.main(['bench', '--json', '--repeat', '3', *arguments]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_recorder_changes_nothing_and_notes_everything():
    """Outputs pass through; kept inputs run again alone, as they were; forgetting forgets."""
    engine = SleepyEngine()
    recorder = recording.RecordedEngine(engine)
    recorder.forget(keep_inputs=True)
    first, second = np.arange(3), np.arange(4)
    assert (recorder.run(first)[0] == first * 2).all()
    recorder.run(second)
    second[:] = 0
    assert all(call.end - call.start >= 0.01 for call in recorder.calls)
    recorder.forget()
    assert recorder.calls == []
    assert recorder.time_alone() >= 0.02
    assert [batch.tolist() for batch in engine.batches[2:]] == [[0, 1, 2], [0, 1, 2, 3]]


def test_the_recorded_model_is_the_model(astronaut):
    """What is measured gives the same faces as what is shipped."""
    settings = ModelSettings()
    assembly = recording.assemble('1', settings)
    assert assembly.model.analyze(astronaut) == pipeline.load_model(1, settings).analyze(astronaut)
    assert all(engine.calls for engine in assembly.engines.values())


def test_every_stage_beside_its_network(capsys, astronaut_file):
    """Stages add up to the total; no stage is quicker than nothing; figures are in order."""
    report = bench_json(capsys, '--image', str(astronaut_file))
    assert report['threads'] == 1 and report['min_face_size'] == 40 and report['repeat'] == 3
    assert {'face_affect_ros', 'python', 'onnxruntime', 'numpy', 'opencv'} == set(
        report['versions']
    )
    (result,) = report['results']
    assert (result['width'], result['height'], result['faces']) == (512, 512, 1)
    stages = {stage['stage']: stage for stage in result['stages']}
    assert list(stages) == STAGES
    for name, stage in stages.items():
        assert 0 <= stage['median_ms'] <= stage['p95_ms']
        assert stage['share'] == pytest.approx(
            stage['median_ms'] / stages['total']['median_ms'], abs=1e-3
        )
        has_network = name not in ('views', 'decision')
        assert (stage['network_ms'] is not None) == has_network
        if has_network:
            ratio = stage['median_ms'] / stage['network_ms']
            assert stage['ratio'] == pytest.approx(ratio, rel=0.05)
    parts = sum(stages[name]['median_ms'] for name in STAGES[:3])
    assert parts == pytest.approx(stages['detection']['median_ms'], rel=0.5)
    assert stages['total']['median_ms'] > stages['detection']['median_ms']


def test_a_pass_splits_its_time_without_loss(astronaut):
    """Within one pass the stages sum up exactly."""
    times, faces = bench.timed_pass(astronaut, recording.assemble('1', ModelSettings()))
    assert faces == 1
    parts = sum(times[name] for name in STAGES[:3])
    assert parts == pytest.approx(times['detection'])
    described = sum(times[name] for name in STAGES[4:-1])
    assert parts + described == pytest.approx(times['total'], rel=1e-3)


def test_a_picture_without_a_face(capsys, tmp_path):
    """Networks that never ran have no figures of their own."""
    import cv2

    path = tmp_path / 'blank.png'
    cv2.imwrite(str(path), np.full((120, 160, 3), 90, np.uint8))
    (result,) = bench_json(capsys, '--image', str(path), '--min-face-size', '80')['results']
    stages = {stage['stage']: stage for stage in result['stages']}
    assert result['faces'] == 0 and stages['mtcnn_pnet']['network_ms'] > 0
    assert stages['emotion']['network_ms'] is None and stages['emotion']['ratio'] is None


def test_the_table_for_people(capsys, astronaut_file):
    """Circumstances, then a table a picture."""
    pytest.importorskip('skimage')
    assert cli.main(['bench', '--repeat', '2', '--threads', '2']) == 0
    text = capsys.readouterr().out
    assert '2 thread(s)' in text and 'astronaut 640x480, 1 face(s)' in text
    for word in (
        'onnxruntime',
        'pyramid, P-Net',
        'R-Net',
        'O-Net',
        'emotion',
        'gender',
        'age',
        'attributes',
        'views',
        'decision',
        'total',
        'median',
        'p95',
        'network',
        'ratio',
        'share',
    ):
        assert word in text
    assert 'nan' not in text


def test_without_a_picture_and_without_scikit_image(monkeypatch, capsys):
    """The message says what to give."""
    usual = builtins.__import__

    def without_skimage(name, *others, **more):
        if name.partition('.')[0] == 'skimage':
            raise ImportError(name)
        return usual(name, *others, **more)

    monkeypatch.setattr(builtins, '__import__', without_skimage)
    assert cli.main(['bench']) == 1
    error = capsys.readouterr().err
    assert '--image' in error and 'scikit-image' in error


def test_an_unreadable_picture_is_named(capsys):
    """Exit code 1 before anything is measured."""
    assert cli.main(['bench', '--image', 'no_such.png']) == 1
    assert 'no_such.png' in capsys.readouterr().err
