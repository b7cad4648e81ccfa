# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Sets whose pictures differ in size: one file of pixels, and NAME.npz for each set of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

LABEL = 'label_'
"""What the names of label arrays begin with."""


@dataclass(frozen=True)
class Packed:
    """Pictures in one file, mapped into memory.

    :param file: their pixels, uint8.
    :param places: (N, 4) int64: offset in the file, height, width, channels.
    """

    file: Path
    places: np.ndarray

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, rows):
        """Return a picture, (H, W) or (H, W, 3) uint8, or of several rows those pictures."""
        if np.ndim(rows):
            return Packed(self.file, self.places[rows])
        offset, height, width, channels = self.places[rows]
        pixels = self._pixels[offset : offset + height * width * channels]
        return pixels.reshape((height, width) if channels == 1 else (height, width, channels))

    def __reduce__(self):
        """Go to another process without the pixels."""
        return Packed, (self.file, self.places)

    @cached_property
    def _pixels(self) -> np.ndarray:
        """The file's bytes."""
        return np.asarray(np.memmap(self.file, np.uint8, 'r'))


class Writer:
    """Packs pictures into a file as they come.

    :param file: is written anew.
    """

    def __init__(self, file: Path):
        self._stream = file.open('wb')
        self._file = file
        self._places: list[tuple[int, ...]] = []

    def add(self, picture: np.ndarray):
        """Add a picture, (H, W) or (H, W, 3) uint8."""
        height, width = picture.shape[:2]
        channels = 1 if picture.ndim == 2 else picture.shape[2]
        self._places.append((self._stream.tell(), height, width, channels))
        self._stream.write(np.ascontiguousarray(picture).data)

    def finish(self) -> Packed:
        """Return all pictures; no more can be added."""
        self._stream.close()
        return Packed(self._file, np.array(self._places, np.int64).reshape(-1, 4))

    def __enter__(self) -> Writer:
        """Enter a context that closes the file at its end."""
        return self

    def __exit__(self, *_exception):
        self._stream.close()


def save(
    folder: Path,
    name: str,
    pictures: Packed,
    frames: np.ndarray,
    scores: np.ndarray,
    labels: Mapping[str, np.ndarray],
):
    """Write a set of packed pictures, whose file is in the same folder, but for its pixels.

    The other arguments are as ``PictureSet`` has them.
    """
    with (folder / f'{name}.npz').open('wb') as stream:
        np.savez(
            stream,
            pixels=pictures.file.name,
            places=pictures.places,
            frames=frames,
            scores=scores,
            **{f'{LABEL}{key}': values for key, values in labels.items()},
        )


def is_there(folder: Path, name: str) -> bool:
    """Return whether a set was packed into a folder."""
    return (folder / f'{name}.npz').exists()


def load(folder: Path, name: str) -> tuple[Packed, np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Return a set's pictures, frames, scores and labels, as ``PictureSet`` has them."""
    with np.load(folder / f'{name}.npz') as stored:
        labels = {
            key.removeprefix(LABEL): stored[key] for key in stored.files if key.startswith(LABEL)
        }
        pictures = Packed(folder / str(stored['pixels']), stored['places'])
        return pictures, stored['frames'], stored['scores'], labels
