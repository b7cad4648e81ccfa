# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The work of the stages on streams, without ROS: real networks, real pictures."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from samples import astronaut
from samples import model

from face_affect_ros import drawing
from face_affect_ros.pipeline import load_model
from face_affect_ros.settings import ModelSettings
from face_affect_ros.stream.stages import AttributesStage
from face_affect_ros.stream.stages import DetectionStage
from face_affect_ros.stream.types import Frame
from face_affect_ros.stream.types import FrameTiming
from face_affect_ros.tasks import TASKS
from face_affect_ros.tasks import trait_names
from face_affect_ros.tracking.tracker import Tracker
from face_affect_ros.tracking.trait_scheduler import TraitScheduler


def darker(share):
    """Return the astronaut in less light: other scores, the same face."""
    return (astronaut() * share).astype(np.uint8)


def moods():
    """Return pictures of one face, each a little different."""
    return [darker(1 - 0.04 * number) for number in range(8)]


def stream(pictures, tracked=True, step_s=1 / 30, own=None, **options):
    """Return the one face of each picture of a stream, each searched as by itself."""
    own = own or model()
    detect = DetectionStage(
        own.detector, Tracker(deterministic=True) if tracked else None, search_rate=0
    )
    describe = AttributesStage(own, TraitScheduler(trait_names(own.tasks), **options))
    faces = []
    for number, picture in enumerate(pictures, 1):
        stamp = 10**9 + round(number * step_s * 1e9)
        (face,) = describe(detect(Frame(None, stamp, picture, FrameTiming.begin(number)))).faces
        faces.append(face)
    return faces


def close(one, other):
    """Return whether all that is told of two faces is the same, up to the last digits."""

    def numbers(face):
        return [
            *face.emotion.scores.values(),
            *face.gender.scores.values(),
            face.age.years,
            *face.age.scores.values(),
            *face.attributes.values(),
            face.quality,
        ]

    return numbers(one) == pytest.approx(numbers(other), abs=2e-3)


def test_the_first_frame_tells_what_a_picture_tells():
    """Nothing has to settle first."""
    (face,) = stream([astronaut()])
    (expected,) = model().analyze(astronaut())
    assert close(face, expected)
    assert (face.track_id, face.trait_age) == (1, 0.0)


def test_emotion_with_every_frame_traits_by_need():
    """Between refreshes traits stay as they are and age; the emotion is the frame's."""
    faces = stream(moods())
    for face, picture in zip(faces, moods()):
        (alone,) = model().analyze(picture)
        assert face.emotion_scores_frame == alone.emotion.scores
        for task in trait_names(TASKS):
            assert getattr(face, task) == getattr(faces[0], task)
    ages = [face.trait_age for face in faces]
    assert ages == pytest.approx([number / 30 for number in range(len(faces))])


def test_rate_0_computes_everything_with_every_frame():
    """And combines it: neither the first answer nor the newest, but in between."""
    faces = stream(moods(), rate=0)
    assert {face.trait_age for face in faces} == {0.0}
    alone = [model().analyze(picture)[0].age.years for picture in moods()]
    for number, face in enumerate(faces):
        assert min(alone[: number + 1]) - 0.3 <= face.age.years <= max(alone[: number + 1]) + 0.3
    assert len({face.age.years for face in faces}) == len(faces)


@pytest.mark.parametrize('options', [{'rate': 0}, {'rate': 4, 'budget_ms': 0}])
def test_the_same_frames_give_the_same(options):
    """Bit for bit, run after run."""
    assert stream(moods(), step_s=0.2, **options) == stream(moods(), step_s=0.2, **options)


def test_without_tracks_every_frame_is_a_picture_of_its_own():
    """All is computed, nothing remembered."""
    for face, picture in zip(stream(moods(), tracked=False, rate=0.001), moods()):
        (alone,) = model().analyze(picture)
        assert close(face, alone) and face.trait_age == 0


@pytest.mark.parametrize('tasks', [(), ('emotion',), ('age', 'attributes')])
def test_tasks_that_are_off_are_not_given(tasks):
    """In a stream as on pictures; with nothing to refresh there is no age of traits."""
    with load_model(1, ModelSettings(tasks=tasks)) as own:
        for face in stream([astronaut()] * 2, own=own):
            assert {task for task in TASKS if getattr(face, task) is not None} == set(tasks)
            assert (face.trait_age is None) == (not set(tasks) & set(trait_names(TASKS)))
            assert (face.quality is None) == (not tasks)


def test_the_gender_threshold_counts_for_what_is_combined():
    """As on pictures."""
    with load_model(1, ModelSettings(gender_threshold=1.0)) as own:
        assert {face.gender.label for face in stream(moods()[:2], own=own)} == {'unknown'}


def test_an_empty_frame_is_described_as_such():
    """And the faces before it are still known after it."""
    own = model()
    detect, describe = DetectionStage(own.detector, Tracker()), AttributesStage(own)
    seen = []
    for number, picture in enumerate((astronaut(), np.zeros((99, 99, 3), np.uint8), astronaut())):
        frame = Frame(None, 10**9 + number * 10**8, picture, FrameTiming.begin(number))
        seen.append(describe(detect(frame)))
    assert [len(described.faces) for described in seen] == [1, 0, 1]
    assert seen[2].faces[0].trait_age == pytest.approx(0.2)
    assert not math.isnan(seen[1].timing.attributes_ms)


def test_a_frame_without_a_stamp_goes_by_its_reception():
    """A driver that gives no time is no reason to compute everything thirty times a second."""
    own = model()
    detect, describe = DetectionStage(own.detector, Tracker()), AttributesStage(own)
    ages = []
    for number in range(3):
        timing = replace(FrameTiming.begin(number), received_at=50 + number / 4)
        ages.append(describe(detect(Frame(None, 0, astronaut(), timing))).faces[0].trait_age)
    assert ages == pytest.approx([0, 0.25, 0.5])


def test_what_is_told_is_drawn():
    """A face with traits has a larger plate than one without."""
    (face,) = stream([astronaut()])
    sure = replace(face, attributes={**face.attributes, 'Eyeglasses': 0.99})
    plain = replace(face, attributes=None)
    with_words, without = (drawing.annotate(astronaut(), [one]) for one in (sure, plain))
    assert (with_words != without).any()
