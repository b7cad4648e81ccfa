# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Track ids: stable while a face stays in view, never 0, never used twice."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_affect_ros.faces import Detections
from face_affect_ros.tracking import tracker as tracker_module
from face_affect_ros.tracking.tracker import MAX_ID
from face_affect_ros.tracking.tracker import Tracker

FRAME_S = 1 / 30


def faces(*boxes):
    """Return detections of boxes x, y, width, height."""
    count = len(boxes)
    return Detections(
        np.reshape(boxes, (count, 4)), np.ones(count), np.full((count, 5, 2), np.nan)
    )


def ids(detections):
    """Return the track ids as a list."""
    return detections.track_ids.tolist()


def test_no_face_is_no_id():
    """The empty frame comes out empty."""
    assert ids(Tracker().update(Detections.empty('mtcnn'), 0.0)) == []


def test_face_that_moves_keeps_its_id():
    """By half its side from frame to frame, across the picture and growing."""
    tracker = Tracker()
    seen = set()
    for step in range(20):
        size = 50 + 2 * step
        seen.update(ids(tracker.update(faces((25 * step, 100, size, size)), step * FRAME_S)))
    assert len(seen) == 1


def test_two_faces_side_by_side_keep_theirs():
    """Each keeps its own while both move, in whatever order they are listed."""
    tracker = Tracker(deterministic=True)
    assert ids(tracker.update(faces((0, 0, 50, 50), (60, 0, 50, 50)), 0.0)) == [1, 2]
    assert ids(tracker.update(faces((65, 0, 50, 50), (5, 0, 50, 50)), FRAME_S)) == [2, 1]


def test_assignment_is_the_best_in_all():
    """Greedy matching would give the new left face the old right one's id."""
    tracker = Tracker(deterministic=True)
    tracker.update(faces((0, 0, 100, 100), (60, 0, 100, 100)), 0.0)
    assert ids(tracker.update(faces((40, 0, 100, 100), (100, 0, 100, 100)), 0.1)) == [1, 2]


def test_missed_face_keeps_its_id_for_the_timeout():
    """Time counts, not frames."""
    tracker = Tracker(timeout=1.0)
    box = (10, 10, 50, 50)
    (first,) = ids(tracker.update(faces(box), 0.0))
    tracker.update(faces(), 0.5)
    assert ids(tracker.update(faces(box), 1.0)) == [first]
    tracker.update(faces(), 1.9)
    assert ids(tracker.update(faces(box), 2.1)) != [first]


def test_face_far_away_is_another():
    """Across the picture within a frame is not the same face."""
    tracker = Tracker()
    (first,) = ids(tracker.update(faces((0, 0, 50, 50)), 0.0))
    assert ids(tracker.update(faces((300, 0, 50, 50)), FRAME_S)) != [first]


def test_cleared_forgets_all():
    """A bag that starts anew shows other faces at the same places; ids are not used again."""
    tracker = Tracker(deterministic=True)
    box = (10, 10, 50, 50)
    assert ids(tracker.update(faces(box), 1.0)) == [1]
    tracker.clear()
    assert ids(tracker.update(faces(box), 1.1)) == [2]
    assert ids(tracker.update(faces(box), 1.2)) == [2]


def test_ids_begin_at_random_unless_deterministic():
    """Two runs on one robot do not give two people one id."""
    begins = {ids(Tracker().update(faces((0, 0, 9, 9)), 0.0))[0] for _ in range(8)}
    assert len(begins) > 1
    assert ids(Tracker(deterministic=True).update(faces((0, 0, 9, 9)), 0.0)) == [1]


def test_ids_wrap_past_zero(monkeypatch):
    """The largest uint32 is followed by 1."""
    monkeypatch.setattr(tracker_module.secrets, 'randbelow', lambda limit: limit - 1)
    tracker = Tracker()
    assert ids(tracker.update(faces((0, 0, 9, 9)), 0.0)) == [MAX_ID]
    assert ids(tracker.update(faces((0, 0, 9, 9), (100, 0, 9, 9)), 0.1)) == [MAX_ID, 1]


def test_detections_are_otherwise_unchanged():
    """Boxes, scores, landmarks and detector pass through."""
    before = faces((1, 2, 3, 4))
    after = Tracker().update(before, 0.0)
    np.testing.assert_array_equal(after.boxes, before.boxes)
    assert after.detector == before.detector
    assert ids(before) == [0]


box = st.tuples(*[st.floats(-500, 2000, width=32)] * 2, *[st.floats(1, 500, width=32)] * 2)


@given(st.lists(st.tuples(st.lists(box, max_size=6), st.floats(0, 3)), max_size=12))
def test_ids_are_never_zero_or_twice_in_a_frame(frames):
    """For any boxes and times; and an id that was lost never comes back."""
    tracker = Tracker(deterministic=True)
    time, last_seen, latest = 0.0, {}, 0
    for number, (boxes, step) in enumerate(frames):
        time += step
        found = ids(tracker.update(faces(*boxes), time))
        assert len(found) == len(boxes)
        assert 0 not in found
        assert len(set(found)) == len(found)
        for new in sorted(set(found) - set(last_seen)):
            assert new == latest + 1
            latest = new
        last_seen.update(dict.fromkeys(found, number))


@pytest.mark.parametrize('count', [1, 200])
def test_many_faces_standing_still(count):
    """A crowd keeps its ids."""
    tracker = Tracker()
    crowd = faces(*[(60 * (i % 20), 60 * (i // 20), 50, 50) for i in range(count)])
    first = ids(tracker.update(crowd, 0.0))
    assert ids(tracker.update(crowd, FRAME_S)) == first
