# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the behaviours share on the blackboard."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

FACES_KEY = '/face_affect/faces'
"""Blackboard key of the newest ``SeenFaces``; not there before the first answer."""

NEW_FACES_KEY = '/face_affect/new_faces'
"""Blackboard key of the faces, a tuple of ``FaceAttributes``, that ``NewPersonCame`` told last."""

ERROR_KEY = '/face_affect/error'
"""Blackboard key of why the last request failed, in words; empty after a success."""


@dataclass(frozen=True)
class SeenFaces:
    """The faces of one frame.

    :param faces: messages ``FaceAttributes``, largest first; empty where nobody is there.
    :param header: of the camera's frame, or of the sent picture.
    :param image_size: width and height in pixels.
    :param received_at: when the frame came from the camera, in seconds of the steady clock
        (``time.monotonic``); of a sent picture, when its answer came.
    """

    faces: tuple[Any, ...]
    header: Any
    image_size: tuple[int, int]
    received_at: float

    @classmethod
    def from_message(cls, message: Any, now: float) -> SeenFaces:
        """Return the faces of a ``FaceAttributesArray``.

        :param now: seconds of the steady clock at its publication.
        """
        latency_ms = message.processing.latency_ms
        return cls(
            tuple(message.faces),
            message.header,
            (message.image_width, message.image_height),
            now - latency_ms * 1e-3 if math.isfinite(latency_ms) else now,
        )
