# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The colours of emotions."""

from __future__ import annotations

from face_affect_ros.faces import UNKNOWN
from face_affect_ros.faces import Face

Color = tuple[int, int, int]

COLORS: dict[str, Color] = {
    'angry': (0, 94, 213),
    'disgust': (115, 158, 0),
    'fear': (167, 121, 204),
    'happy': (66, 228, 240),
    'sad': (233, 180, 86),
    'surprise': (0, 159, 230),
    'neutral': (215, 215, 215),
    UNKNOWN: (150, 150, 150),
}
"""BGR colour of each emotion, told apart by colour-blind people too (Okabe and Ito 2008)."""

NOT_GIVEN: Color = (255, 255, 255)
"""BGR colour of a face whose emotion was not computed."""

DARK: Color = (24, 20, 16)
"""BGR colour of edges and plates."""


def color_of(face: Face) -> Color:
    """Return the BGR colour in which a face is framed."""
    return COLORS.get(face.emotion.label, NOT_GIVEN) if face.emotion else NOT_GIVEN
