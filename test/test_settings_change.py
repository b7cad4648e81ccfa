# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Settings that are replaced while a picture is worked on count from the next one on.

Here networks replace them, each time that one runs: whatever is read after that would be new.
"""

from __future__ import annotations

import numpy as np
import pytest
from samples import astronaut
from samples import small_astronaut

from face_affect_ros.detection.dlib_hog import DlibSettings
from face_affect_ros.detection.mtcnn import MtcnnSettings
from face_affect_ros.pipeline import load_detector
from face_affect_ros.pipeline import load_engine
from face_affect_ros.pipeline import load_model
from face_affect_ros.settings import ModelSettings
from face_affect_ros.stream.stages import AttributesStage
from face_affect_ros.stream.stages import DescribeSettings
from face_affect_ros.stream.stages import DetectionStage
from face_affect_ros.stream.stages import DetectSettings
from face_affect_ros.stream.types import Frame
from face_affect_ros.stream.types import FrameTiming
from face_affect_ros.tracking.settings import TrackingSettings
from face_affect_ros.tracking.settings import TraitSettings
from face_affect_ros.tracking.tracker import Tracker
from face_affect_ros.tracking.trait_scheduler import TraitScheduler

STRICT = ModelSettings(
    gender_threshold=1.0,
    emotion_threshold=1.0,
    mtcnn=MtcnnSettings(300, 0.5, (1.0, 1.0, 1.0), (0.0, 0.0, 0.0, 0.0), 1),
    dlib=DlibSettings(300, 0, 1.0, 1),
)
"""Settings by which nothing is found and nothing decided."""


class Loader:
    """Loads networks that do something each time before they run."""

    def __init__(self):
        """Do nothing yet."""
        self.before = lambda: None

    def __call__(self, name, settings):
        """Load one."""
        engine = load_engine(name, settings)

        class Network:
            @staticmethod
            def run(*inputs):
                self.before()
                return engine.run(*inputs)

        return Network()


def two():
    """Return a picture with two faces, 128x256."""
    return np.hstack([small_astronaut(), small_astronaut()[:, ::-1]])


def same(one, other):
    """Return whether two detections are the same."""
    return len(one) == len(other) and np.array_equal(one.boxes, other.boxes)


def model_of(loader, **settings):
    """Return Model 1 with small faces looked for."""
    return load_model(1, ModelSettings(mtcnn=MtcnnSettings(20), **settings), loader)


@pytest.mark.parametrize('name', ['mtcnn', 'dlib'])
def test_a_search_goes_by_one_set_of_settings(name):
    """The one that was there when it began; the next goes by the new one."""
    if name == 'dlib':
        pytest.importorskip('dlib')
    loader = Loader()
    search = {'mtcnn': MtcnnSettings(20), 'dlib': DlibSettings(40, 1)}[name]
    settings = ModelSettings(**{name: search}, detector=name)
    detector = load_detector(1, settings, loader)
    expected = detector.detect(two())
    assert len(expected) == 2
    loader.before = lambda: setattr(detector, 'settings', STRICT.search(name))
    assert same(detector.detect(two()), expected)
    assert len(detector.detect(two())) == 0


def test_a_picture_is_analyzed_by_one_set_of_settings():
    """Found and decided, all its faces."""
    loader = Loader()
    with model_of(loader) as model:
        expected = model.analyze(two())
        before = model.detector.settings

        def change():
            model.settings, model.detector.settings = STRICT, STRICT.mtcnn

        loader.before = change
        assert model.analyze(two()) == expected
        assert model.analyze(two()) == []
        model.detector.settings = before
        assert {face.gender.label for face in model.analyze(two())} == {'unknown'}


def test_a_frame_is_worked_on_by_one_set_of_settings():
    """By each stage: searched and tracked, refreshed and decided; new with the next frame."""
    loader = Loader()
    with model_of(loader) as model:
        tracker, traits = Tracker(), TraitScheduler(['gender'], 0.001, 0)
        detect, describe = (
            DetectionStage(model.detector, tracker, 0),
            AttributesStage(model, traits),
        )

        def change_detection():
            detect.change(DetectSettings(STRICT.mtcnn, TrackingSettings(7.0, 9.0)))

        def change_description():
            describe.change(DescribeSettings(STRICT, TraitSettings(0.5, 3.0)))
            model.settings = STRICT

        def described(number, *changes):
            found = []
            for work, loader.before in zip((detect, describe), changes or [lambda: None] * 2):
                found.append(
                    work(
                        found[0]
                        if found
                        else Frame(None, 10**9 + number * 10**8, two(), FrameTiming.begin(number))
                    )
                )
            return found[1]

        expected = described(1)
        changed = described(2, change_detection, change_description)
        assert [face.gender.label for face in changed.faces] == [
            face.gender.label for face in expected.faces
        ]
        assert len(changed.faces) == 2
        assert (tracker.timeout, detect.follower.rate) == (1.0, 0)
        assert described(3).faces == ()
        assert (tracker.timeout, detect.follower.rate) == (9.0, 7.0)
        assert (traits.rate, traits.budget_ms) == (0.5, 3.0)


def test_a_rate_of_0_may_come_at_any_time():
    """Between two looks at the rate too: nothing is divided by it."""
    loader = Loader()
    detector = load_detector(1, None, loader)
    detect = DetectionStage(detector, Tracker())
    rates = iter([0.0, 10.0] * 100)
    loader.before = lambda: detect.change(
        DetectSettings(detector.settings, TrackingSettings(next(rates)))
    )
    for number in range(20):
        frame = Frame(None, 10**9 + number * 10**7, astronaut(), FrameTiming.begin(number))
        assert len(detect(frame).detections) == 1


def test_a_model_that_is_closed_finishes_its_picture():
    """Networks are let go of behind it."""
    loader = Loader()
    model = model_of(loader)
    expected = model.analyze(two())
    loader.before = model.close
    assert [face.box for face in model.analyze(two())] == [face.box for face in expected]
    with pytest.raises(ValueError, match='closed'):
        model.analyze(two())
