# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Conditions of behaviour trees, on faces that a test puts on the blackboard."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip('py_trees', reason='the extra py_trees is not installed')

import py_trees
from py_trees.common import Access
from py_trees.common import Status

from face_affect_ros import behaviours
from face_affect_ros.behaviours.streaks import GAP_S
from face_affect_ros.behaviours.streaks import PAUSE_S
from face_affect_ros.behaviours.streaks import Streaks
from face_affect_ros.faces import EMOTIONS

FRAME_S = 0.125


class Eyes:
    """Puts faces on the blackboard, an eighth of a second apart, and holds the clock."""

    def __init__(self):
        self.now = 100.0
        self._blackboard = py_trees.blackboard.Client(name='eyes')
        self._blackboard.register_key(behaviours.FACES_KEY, Access.WRITE)
        self._blackboard.register_key(behaviours.NEW_FACES_KEY, Access.READ)

    def see(self, *faces, after=FRAME_S):
        """See faces, largest first, each (track id, emotion)."""
        self.now += after
        seen = tuple(
            SimpleNamespace(
                track_id=track_id, emotion=EMOTIONS.index(emotion), emotion_confidence=0.7
            )
            for track_id, emotion in faces
        )
        self._blackboard.set(
            behaviours.FACES_KEY, behaviours.SeenFaces(seen, None, (640, 480), self.now)
        )

    def new(self):
        """Return the track ids of the new people."""
        return [face.track_id for face in self._blackboard.get(behaviours.NEW_FACES_KEY)]

    def clock(self):
        """Return the time."""
        return self.now


@pytest.fixture
def eyes():
    """Return eyes on an empty blackboard."""
    py_trees.blackboard.Blackboard.clear()
    yield Eyes()
    py_trees.blackboard.Blackboard.clear()


def tick(behaviour):
    """Tick once; return whether it held."""
    behaviour.tick_once()
    assert behaviour.status in (Status.SUCCESS, Status.FAILURE)
    return behaviour.status == Status.SUCCESS


@pytest.mark.parametrize(
    'kind', [behaviours.SomebodyIsThere, behaviours.LargestFaceShows, behaviours.NewPersonCame]
)
def test_before_the_first_answer(eyes, kind):
    """Nothing holds, and why is told."""
    condition = kind(clock=eyes.clock)
    assert not tick(condition)
    assert 'ClassifyImage' in condition.feedback_message


def test_somebody_is_there(eyes):
    """As long as there are faces enough."""
    one = behaviours.SomebodyIsThere(clock=eyes.clock)
    two = behaviours.SomebodyIsThere(min_faces=2, clock=eyes.clock)
    told = []
    for faces in ([], [(1, 'happy')], [(1, 'happy'), (2, 'sad')], []):
        eyes.see(*faces)
        told.append((tick(one), tick(two)))
    assert told == [(False, False), (True, False), (True, True), (False, False)]


def test_somebody_stays(eyes):
    """With ``for_s``, however often it is ticked a frame."""
    condition = behaviours.SomebodyIsThere(for_s=0.5, clock=eyes.clock)
    told = []
    for _ in range(7):
        eyes.see((1, 'neutral'))
        told.append([tick(condition) for _ in range(3)])
    assert told == [[False] * 3] * 4 + [[True] * 3] * 3


@pytest.mark.parametrize(
    'kind', [behaviours.SomebodyIsThere, behaviours.LargestFaceShows, behaviours.NewPersonCame]
)
def test_what_is_old_does_not_hold(eyes, kind):
    """The answers stopped: nobody smiles any more."""
    condition = kind(clock=eyes.clock, for_s=0.0)
    eyes.see((1, 'happy'))
    eyes.now += 1.1
    assert not tick(condition)
    assert '1.1 s old' in condition.feedback_message


def test_smile_of_a_second(eyes):
    """It counts from the first frame with a smile, and ends with the first without."""
    condition = behaviours.LargestFaceShows(clock=eyes.clock)
    told = []
    for emotion in ['neutral'] * 3 + ['happy'] * 12 + ['neutral'] + ['happy'] * 3:
        eyes.see((1, emotion))
        told.append(tick(condition))
    assert told == [False] * 11 + [True] * 4 + [False] * 4


def test_smile_ends_where_frames_stop(eyes):
    """A smile before and after a pause is not one smile."""
    condition = behaviours.LargestFaceShows(clock=eyes.clock)
    eyes.see((1, 'happy'))
    assert not tick(condition)
    eyes.now += 1.5
    assert not tick(condition)
    eyes.see((1, 'happy'))
    assert not tick(condition)


def test_smile_past_a_missed_frame(eyes):
    """A detector misses a face now and then."""
    condition = behaviours.LargestFaceShows(clock=eyes.clock)
    for number in range(14):
        eyes.see(*([] if number == 5 else [(1, 'happy')]))
        held = tick(condition)
    assert held


def test_each_persons_smile_counts_by_itself(eyes):
    """Two of nearly one size take turns at being the largest; only one smiles."""
    condition = behaviours.LargestFaceShows(clock=eyes.clock)
    told = []
    for number in range(14):
        pair = [(1, 'happy'), (2, 'neutral')]
        eyes.see(*(pair if number % 2 else pair[::-1]))
        told.append(tick(condition))
    assert told == [False] * 9 + [True, False, True, False, True]


def test_another_smile_is_not_the_same(eyes):
    """The largest face is somebody else's."""
    condition = behaviours.LargestFaceShows(clock=eyes.clock)
    for track_id in [1] * 8 + [2] * 8:
        eyes.see((track_id, 'happy'))
        assert not tick(condition)


@pytest.mark.parametrize('emotion', EMOTIONS)
def test_every_emotion(eyes, emotion):
    """At once, where no time is asked for; not that of others, nor an unsure one."""
    shown = behaviours.LargestFaceShows(emotion=emotion, for_s=0.0, clock=eyes.clock)
    unsure = behaviours.LargestFaceShows(
        emotion=emotion, for_s=0.0, min_confidence=0.8, clock=eyes.clock
    )
    eyes.see((1, emotion))
    assert tick(shown) and not tick(unsure)
    eyes.see((1, EMOTIONS[EMOTIONS.index(emotion) - 1]))
    assert not tick(shown)


def test_no_such_emotion():
    """Named, with those that there are."""
    with pytest.raises(ValueError, match=r"'smile': give one of angry, .*happy"):
        behaviours.LargestFaceShows(emotion='smile')


def test_new_person(eyes):
    """Once for each track id; who comes back under the same id is not new."""
    condition = behaviours.NewPersonCame(clock=eyes.clock)
    told = []
    for faces in ([], [1], [1], [2, 1], [], [1], [3, 4]):
        eyes.see(*((track_id, 'neutral') for track_id in faces))
        told.append(eyes.new() if tick(condition) else None)
        assert not tick(condition)
    assert told == [None, [1], None, [2], None, None, [3, 4]]


def test_new_person_stays_first(eyes):
    """Who is in sight for a moment only is nobody."""
    condition = behaviours.NewPersonCame(for_s=0.25, clock=eyes.clock)
    told = []
    for track_id in (1, 2, 2, 2, 2, 2):
        eyes.see((track_id, 'neutral'))
        told.append(tick(condition))
    assert told == [False, False, False, True, False, False]


def test_faces_without_a_track_are_nobodys(eyes):
    """Those of sent pictures."""
    condition = behaviours.NewPersonCame(clock=eyes.clock)
    eyes.see((0, 'neutral'), (0, 'neutral'))
    assert not tick(condition)


def test_smile_in_few_frames(eyes):
    """Answers that come twice a second are enough."""
    condition = behaviours.LargestFaceShows(clock=eyes.clock)
    told = []
    for _ in range(4):
        eyes.see((1, 'happy'), after=0.5)
        told.append(tick(condition))
    assert told == [False, False, True, True]


@given(
    st.lists(st.tuples(st.floats(0.01, 1.5), st.sampled_from(['true', 'false', 'unseen']))),
)
def test_streaks(observations):
    """One goes on past short times out of sight and pauses, and ends with what is false."""
    streaks, at, first, last = Streaks(), 0.0, None, None
    for after, state in observations:
        at += after
        streaks.observe(at, ['a'] if state == 'true' else [], ['a'] if state == 'false' else [])
        most = PAUSE_S if state == 'true' else GAP_S
        if state == 'false' or (last is not None and at - last > most):
            first = last = None
        if state == 'true':
            first, last = (at if first is None else first), at
        expected = -1 if first is None else last - first
        assert streaks.seconds('a') == pytest.approx(expected)
        assert streaks.seconds('b') == -1
