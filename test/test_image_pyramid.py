# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The image pyramid: area averages, exact where small faces are looked for, near it elsewhere."""

import cv2
import numpy as np
import pytest
from samples import astronaut

from face_affect_ros.detection.image_pyramid import CENTER
from face_affect_ros.detection.image_pyramid import BufferPool

FACTOR = 0.709
"""Of the detector's default."""


def distances(largest, shape):
    """Return each level's greatest and mean distance from OpenCV's area averages, grey levels."""
    picture = cv2.resize(astronaut(), shape, interpolation=cv2.INTER_AREA)
    scales = [largest * FACTOR**number for number in range(6)]
    sizes = [(int(shape[0] * scale), int(shape[1] * scale)) for scale in scales]
    buffers = BufferPool()
    levels = list(buffers.levels(buffers.planar(picture), sizes))
    assert [level.shape for level in levels] == [(1, 3, *size) for size in sizes]
    gaps = [
        np.abs(
            level[0].transpose(2, 1, 0)
            + CENTER
            - cv2.resize(picture.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        )
        for level, size in zip(levels, sizes)
    ]
    return [float(gap.max()) for gap in gaps], [float(gap.mean()) for gap in gaps]


@pytest.mark.parametrize('shape', [(640, 480), (641, 479), (333, 517)])
def test_every_level_is_exact_where_small_faces_are_looked_for(shape):
    """As for a least side of 20 pixels; sides may be odd."""
    greatest, _ = distances(0.6, shape)
    assert max(greatest) < 0.02


@pytest.mark.parametrize('shape', [(640, 480), (1280, 720)])
@pytest.mark.parametrize('largest', [0.3, 0.12, 0.05])
def test_levels_from_halves_are_near(shape, largest):
    """Within a few grey levels on average; one above a quarter of the picture stays exact."""
    greatest, means = distances(largest, shape)
    assert max(means) < 3.5
    if largest > 0.25:
        assert greatest[0] < 0.02
