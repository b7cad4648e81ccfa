# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures of one face, as many different ones as a test needs, and where to put them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

SIDE = 120


def face(astronaut: np.ndarray, number: int) -> np.ndarray:
    """Return a face, (120, 120, 3) uint8 BGR; each number has its own light and place."""
    shift, light = number % 7, 0.6 + 0.05 * (number % 11)
    part = cv2.resize(
        astronaut[shift : shift + 260, 90:350], (SIDE, SIDE), interpolation=cv2.INTER_AREA
    )
    return (part * light + number % 5).clip(0, 255).astype(np.uint8)


def encoded(astronaut: np.ndarray, number: int) -> bytes:
    """Return a face as a PNG file."""
    return cv2.imencode('.png', face(astronaut, number))[1].tobytes()


def write_classes(folder: Path, astronaut: np.ndarray, counts: Mapping[str, int]) -> Path:
    """Write folders with so many faces, no face twice; return the folder."""
    number = 0
    for name, count in counts.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        for _ in range(count):
            (folder / name / f'{number}.png').write_bytes(encoded(astronaut, number))
            number += 1
    return folder
