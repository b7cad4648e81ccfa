# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Conditions on the faces that ``ClassifyImage`` writes to the blackboard.

Each gives SUCCESS or FAILURE at once, never RUNNING. Times count from frame to frame, so that a
condition means the same at 10 and at 50 ticks a second. Where the newest frame is older than
``max_age_s`` a condition fails and begins anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import py_trees
from py_trees.common import Access
from py_trees.common import Status

from face_affect_ros.behaviours.seen_faces import FACES_KEY
from face_affect_ros.behaviours.seen_faces import NEW_FACES_KEY
from face_affect_ros.behaviours.seen_faces import SeenFaces
from face_affect_ros.behaviours.streaks import Streaks
from face_affect_ros.quoting import quoted
from face_affect_ros.tasks import EMOTIONS

MAX_AGE_S = 1.0
"""Seconds for which a frame counts as what is to be seen now."""

FORGET_S = 600.0
"""Seconds after which an unseen track id is forgotten; ids are never used again."""


class FaceCondition(py_trees.behaviour.Behaviour):
    """A statement about the newest faces; derive from it and write ``holds``.

    :param name: of the behaviour.
    :param faces_key: blackboard key of the ``SeenFaces``.
    :param max_age_s: how old their frame may be, in seconds.
    :param clock: returns seconds of the steady clock.
    """

    def __init__(
        self,
        name: str,
        faces_key: str = FACES_KEY,
        max_age_s: float = MAX_AGE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(name)
        self._faces_key = faces_key
        self._max_age_s = max_age_s
        self._clock = clock
        self.blackboard = self.attach_blackboard_client(name)
        self.blackboard.register_key(faces_key, Access.READ)

    def update(self) -> Status:
        """Return SUCCESS where the statement holds."""
        if not self.blackboard.exists(self._faces_key):
            self.feedback_message = 'no faces on the blackboard yet: tick ClassifyImage too'
            return Status.FAILURE
        seen = self.blackboard.get(self._faces_key)
        age = self._clock() - seen.received_at
        if age > self._max_age_s:
            self.feedback_message = f'the newest frame is {age:.1f} s old'
            self.forget()
            return Status.FAILURE
        self.feedback_message = ''
        return Status.SUCCESS if self.holds(seen) else Status.FAILURE

    def holds(self, seen: SeenFaces) -> bool:
        """Return whether the statement is true; the same faces may come several times."""
        raise NotImplementedError

    def forget(self) -> None:
        """Begin anew: what was seen is too old."""


class SomebodyIsThere(FaceCondition):
    """Faces are to be seen.

    :param name: of the behaviour.
    :param min_faces: how many at least.
    :param for_s: seconds for which they must have been there.
    :param others: of ``FaceCondition``.
    """

    def __init__(
        self,
        name: str = 'SomebodyIsThere',
        min_faces: int = 1,
        for_s: float = 0.0,
        **others: Any,
    ) -> None:
        super().__init__(name, **others)
        self._min_faces = min_faces
        self._for_s = for_s
        self._streaks = Streaks(self._max_age_s)

    def holds(self, seen: SeenFaces) -> bool:
        """Return whether enough faces are there for long enough."""
        enough = len(seen.faces) >= self._min_faces
        self._streaks.observe(seen.received_at, ('all',) if enough else ())
        self.feedback_message = f'{len(seen.faces)} faces'
        return enough and self._streaks.seconds('all') >= self._for_s

    def forget(self) -> None:
        self._streaks.clear()


class LargestFaceShows(FaceCondition):
    """The largest face has had one emotion for some time: by default it smiles for a second.

    Each person's time counts by itself, also while somebody else is larger. A face without track
    id (of a sent picture) counts as one person while it is the largest.

    :param name: of the behaviour.
    :param emotion: a label of ``faces.EMOTIONS``.
    :param for_s: seconds for which it must have been shown; 0: one frame is enough.
    :param min_confidence: probability that the emotion must have, 0..1.
    :param others: of ``FaceCondition``.
    :raises ValueError: there is no such emotion.
    """

    def __init__(
        self,
        name: str = 'LargestFaceShows',
        emotion: str = 'happy',
        for_s: float = 1.0,
        min_confidence: float = 0.0,
        **others: Any,
    ) -> None:
        super().__init__(name, **others)
        if emotion not in EMOTIONS:
            raise ValueError(f'emotion is {quoted(emotion)}: give one of {", ".join(EMOTIONS)}')
        self._emotion = emotion
        self._place = EMOTIONS.index(emotion)
        self._for_s = for_s
        self._min_confidence = min_confidence
        self._streaks = Streaks(self._max_age_s)

    def holds(self, seen: SeenFaces) -> bool:
        """Return whether the largest face shows the emotion for long enough."""
        people = {face.track_id: face for face in reversed(seen.faces)}
        showing = {track_id for track_id, face in people.items() if self._is_shown_by(face)}
        self._streaks.observe(seen.received_at, showing, people.keys() - showing)
        if not seen.faces:
            self.feedback_message = 'no face'
            return False
        largest = seen.faces[0].track_id
        seconds = self._streaks.seconds(largest)
        self.feedback_message = f'{self._emotion} for {max(seconds, 0):.1f} s'
        return largest in showing and seconds >= self._for_s

    def forget(self) -> None:
        self._streaks.clear()

    def _is_shown_by(self, face: Any) -> bool:
        return face.emotion == self._place and face.emotion_confidence >= self._min_confidence


class NewPersonCame(FaceCondition):
    """Somebody is there who was not there before; SUCCESS once for each.

    The faces are written to ``NEW_FACES_KEY``. A person is a track id: who leaves the picture for
    longer than ``track_timeout`` of the node ``detection`` and comes back is new. Faces without
    track id (of a sent picture) are nobody's. What follows it in a sequence and takes more than
    one tick needs ``memory=True``.

    :param name: of the behaviour.
    :param for_s: seconds for which the person must be in sight first.
    :param others: of ``FaceCondition``.
    """

    def __init__(self, name: str = 'NewPersonCame', for_s: float = 0.0, **others: Any) -> None:
        super().__init__(name, **others)
        self._for_s = for_s
        self._streaks = Streaks(self._max_age_s)
        self._known: dict[int, float] = {}
        self.blackboard.register_key(NEW_FACES_KEY, Access.WRITE)

    def holds(self, seen: SeenFaces) -> bool:
        """Return whether somebody is new, and know them from now on."""
        at = seen.received_at
        people = {face.track_id: face for face in seen.faces if face.track_id}
        self._streaks.observe(at, people.keys())
        new = [
            track_id
            for track_id in people
            if track_id not in self._known and self._streaks.seconds(track_id) >= self._for_s
        ]
        self._known.update(
            {track_id: at for track_id in (*self._known, *new) if track_id in people}
        )
        self._known = {
            track_id: last for track_id, last in self._known.items() if at - last <= FORGET_S
        }
        if new:
            self.blackboard.set(NEW_FACES_KEY, tuple(people[track_id] for track_id in new))
        self.feedback_message = f'{len(new)} new'
        return bool(new)

    def forget(self) -> None:
        """Begin anew; who is known stays known."""
        self._streaks.clear()
