# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Annotated pictures as files: where each goes, and how it is written."""

from __future__ import annotations

import contextlib
import functools
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from face_affect_ros.cli import UsageError
from face_affect_ros.cli import pictures
from face_affect_ros.quoting import quoted
from face_affect_ros.quoting import shortened

if TYPE_CHECKING:
    import numpy as np

    from face_affect_ros.faces import Face

_LOSSLESS = ('.png', '.bmp', '.tif', '.tiff', '.gif', '.pgm', '.ppm', '.pbm', '.pnm')
_JPEG_QUALITY = 93
_MOST_JPEG_SIDE = 65_500
"""Of libjpeg's encoder."""


class WriteError(Exception):
    """An annotated picture that cannot be written; the text names it."""


def targets(sources: Sequence[pictures.Source], folder: Path) -> dict[pictures.Source, Path]:
    """Return where each annotated picture goes; none onto another or beside an input.

    :raises UsageError: one would be written where pictures are read.
    """
    inputs = {
        os.path.dirname(os.path.realpath(source.path))
        for source in sources
        if not source.error and source.path != pictures.STDIN
    }
    real = functools.cache(os.path.realpath)
    names = _Names()
    found: dict[pictures.Source, Path] = {}
    for source in sources:
        if source.error or source in found:
            continue
        target = names.free(folder / source.inside, _ending(source))
        if real(str(target.parent)) in inputs:
            raise UsageError(
                f'--annotate {quoted(folder)} would write into {quoted(target.parent)}, where '
                'pictures are that are read: choose another folder'
            )
        found[source] = target
    return found


def _ending(source: pictures.Source) -> str:
    if source.is_video:
        return '.mp4'
    return '.png' if source.inside.suffix.lower() in _LOSSLESS else '.jpg'


class _Names:
    """Names with the right ending, none of them given twice."""

    def __init__(self) -> None:
        self._taken: set[Path] = set()
        self._numbers: dict[Path, int] = {}

    def free(self, path: Path, ending: str) -> Path:
        """Return the name for a picture, with a number behind it where it is taken."""
        target = wanted = path.with_suffix(ending)
        while target in self._taken:
            self._numbers[wanted] = self._numbers.get(wanted, 1) + 1
            target = path.with_name(f'{path.stem}-{self._numbers[wanted]}{ending}')
        self._taken.add(target)
        return target


def write(target: Path, image: np.ndarray, faces: Sequence[Face]) -> None:
    """Write a picture with its faces drawn in, whole or not at all.

    :raises WriteError: it cannot be encoded, or not be written.
    """
    from face_affect_ros import drawing

    picture = drawing.annotate(*drawing.enlarged(image, faces))
    data = _encoded(target, picture)
    part = target.with_name(f'.face-affect-{os.getpid()}-{threading.get_ident()}.part')
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
        part.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        is_no_folder = isinstance(error, (FileExistsError, NotADirectoryError))
        reason = f'{quoted(target.parent)} is no folder' if is_no_folder else error.strerror
        raise WriteError(f'{quoted(target)} cannot be written: {reason}') from error


def _encoded(target: Path, picture: np.ndarray) -> bytes:
    """Return a picture in the format that its name says."""
    import cv2

    height, width = picture.shape[:2]
    is_jpeg = target.suffix == '.jpg'
    if is_jpeg and max(height, width) > _MOST_JPEG_SIDE:
        raise WriteError(
            f'{quoted(target)} cannot be written: a JPEG holds {_MOST_JPEG_SIDE:,} '
            f'pixels a side, not {width}x{height}; give the picture as a PNG file'
        )
    try:
        good, data = cv2.imencode(
            target.suffix, picture, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY] if is_jpeg else []
        )
        reason = ''
    except cv2.error as error:
        good, reason = False, f' ({shortened(error.err or str(error))})'
    if not good:
        raise WriteError(
            f'{quoted(target)} cannot be written: its encoder refuses a picture of '
            f'{width}x{height} pixels{reason}'
        )
    return data.tobytes()
