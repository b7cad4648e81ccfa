# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""TIFF files: what their samples are, where that is the reason why they are not read."""

from __future__ import annotations

import io

_BITS_PER_SAMPLE, _SAMPLES_PER_PIXEL, _SAMPLE_FORMAT = 258, 277, 339

_FORMATS = {
    2: 'signed integers',
    3: 'floating-point values',
    5: 'complex integers',
    6: 'complex values',
}


def odd_samples(data: bytes) -> str:
    """Return what a TIFF holds in place of 1 to 4 channels of 1 to 16 unsigned bits.

    Empty where it holds just these, or is damaged.
    """
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    begin = data[: 16 if data[2:3] == b'+' or data[3:4] == b'+' else 8]
    try:
        tags = ImageFileDirectory_v2(begin)
        file = io.BytesIO(data)
        file.seek(tags.next)
        tags.load(file)
        bits = tags.get(_BITS_PER_SAMPLE, (1,))
        formats = tags.get(_SAMPLE_FORMAT, (1,))
        channels = int(tags.get(_SAMPLES_PER_PIXEL, 1))
    except Exception:  # of a damaged directory anything is raised
        return ''
    for number in formats:
        if number in _FORMATS:
            return f'{_FORMATS[number]} of {bits[0]} bits'
    if channels > 4:
        return f'{channels} channels'
    return '' if set(bits) <= {1, 2, 4, 8, 16} else f'samples of {max(bits)} bits'
