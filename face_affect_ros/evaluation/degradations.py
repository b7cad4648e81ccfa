# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What spoils pictures, each by one number: for evaluations, and for training.

A degradation takes and returns a (H, W) or (H, W, 3) uint8 picture, BGR.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from face_affect_ros.quoting import quoted

LEVELS = 4096
"""Steps of linear light, 0 to 1, that are told apart."""

CLEAN = 'clean'
"""The name of pictures as they are."""


def noisy(picture: np.ndarray, deviation: float, random: np.random.Generator) -> np.ndarray:
    """Add Gaussian noise of a standard deviation in grey levels, each pixel and colour its own."""
    noise = random.standard_normal(picture.shape, np.float32) * deviation
    return np.clip(picture + noise + 0.5, 0, 255).astype(np.uint8)


def compressed(picture: np.ndarray, quality: int) -> np.ndarray:
    """Compress as JPEG of a quality of 1 to 100, colours at half the resolution."""
    _, data = cv2.imencode('.jpg', picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED))


def darkened(picture: np.ndarray, share: float) -> np.ndarray:
    """Leave a share, 0 to 1, of the light."""
    return to_levels(to_light(picture) * np.float32(share))


def blurred(picture: np.ndarray, deviation: float) -> np.ndarray:
    """Blur by a Gaussian of a standard deviation in pixels."""
    return cv2.GaussianBlur(picture, (0, 0), deviation)


def low_resolved(
    picture: np.ndarray, side: int, interpolation: int = cv2.INTER_LINEAR
) -> np.ndarray:
    """Shrink until the longer side has so many pixels, and enlarge again.

    :param interpolation: OpenCV's, of the enlarging. A picture that is no larger stays as it is.
    """
    height, width = picture.shape[:2]
    longer = max(height, width)
    if longer <= side:
        return picture
    small = max(1, round(width * side / longer)), max(1, round(height * side / longer))
    shrunk = cv2.resize(picture, small, interpolation=cv2.INTER_AREA)
    return cv2.resize(shrunk, (width, height), interpolation=interpolation)


def grey(picture: np.ndarray) -> np.ndarray:
    """Take the colours away."""
    if picture.ndim == 2:
        return picture
    return cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)


def half_hidden(picture: np.ndarray, half: str) -> np.ndarray:
    """Give a half, of ``HALVES``, the picture's mean."""
    hidden = picture.copy()
    HALVES[half](hidden)[...] = picture.mean()
    return hidden


HALVES: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    'lower': lambda picture: picture[len(picture) // 2 :],
    'upper': lambda picture: picture[: len(picture) // 2],
    'left': lambda picture: picture[:, : picture.shape[1] // 2],
    'right': lambda picture: picture[:, picture.shape[1] // 2 :],
}
"""Halves of a picture, by their names as it is looked at."""


def to_light(picture: np.ndarray) -> np.ndarray:
    """Return the linear light, 0..1 float32, of grey levels."""
    return _LIGHT[picture]


def to_levels(light: np.ndarray) -> np.ndarray:
    """Return the grey levels of linear light, clipped to 0..1."""
    return _ENCODED[np.clip(light * (LEVELS - 1), 0, LEVELS - 1).astype(np.int16)]


@dataclass(frozen=True)
class Kind:
    """A kind of degradation as it is asked for: ``name=value``.

    :param words: what the value is, for errors and help; empty: there is none.
    :param read: makes the value of its text; raises ``ValueError``.
    :param apply: spoils a picture by the value and a random generator.
    """

    words: str
    read: Callable[[str], Any]
    apply: Callable[[np.ndarray, Any, np.random.Generator], np.ndarray]


def _number(least: float, most: float, kind: type = float) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        value = kind(text)
        if not least <= value <= most:
            raise ValueError(text)
        return value

    return read


def _half(text: str) -> str:
    if text not in HALVES:
        raise ValueError(text)
    return text


def _nothing(text: str) -> None:
    if text:
        raise ValueError(text)


KINDS: Mapping[str, Kind] = {
    'noise': Kind(
        'grey levels, 0..128', _number(0, 128), lambda picture, value, r: noisy(picture, value, r)
    ),
    'jpeg': Kind(
        'quality, 1..100',
        _number(1, 100, int),
        lambda picture, value, _: compressed(picture, value),
    ),
    'dark': Kind(
        'share of the light left, 0..1',
        _number(0, 1),
        lambda picture, value, _: darkened(picture, value),
    ),
    'blur': Kind(
        'pixels, 0.1..100', _number(0.1, 100), lambda picture, value, _: blurred(picture, value)
    ),
    'size': Kind(
        'pixels of the longer side, 1..10000',
        _number(1, 10_000, int),
        lambda picture, value, _: low_resolved(picture, value),
    ),
    'grey': Kind('', _nothing, lambda picture, _value, _: grey(picture)),
    'hidden': Kind(
        f'one of {", ".join(HALVES)}', _half, lambda picture, value, _: half_hidden(picture, value)
    ),
}
"""What can be asked for, by name."""


@dataclass(frozen=True)
class Degradation:
    """What is done to every picture: some steps in their order.

    :param name: as it was asked for: ``noise=20``, ``grey+noise=20``; ``clean``: nothing.
    :param steps: kind and value of each.
    """

    name: str = CLEAN
    steps: Sequence[tuple[str, Any]] = ()

    def apply(self, picture: np.ndarray, row: int) -> np.ndarray:
        """Return the spoilt picture; what is random depends on the row alone.

        :param row: of the picture in its data set.
        """
        for place, (kind, value) in enumerate(self.steps):
            seed = row if place == 0 else (row, zlib.crc32(kind.encode()), place)
            picture = KINDS[kind].apply(picture, value, np.random.default_rng(seed))
        return picture


def parse(text: str) -> list[Degradation]:
    """Return what a text asks for, one degradation a value: ``noise=5,10,20``, ``grey+noise=20``.

    :raises ValueError: a kind or a value is none; the text names those that there are.
    """
    found: list[list[tuple[str, str, Any]]] = [[]]
    for step in text.split('+'):
        name, equals, values = step.partition('=')
        if name not in KINDS:
            raise ValueError(f'no degradation {quoted(name)}; there are {", ".join(KINDS)}')
        found = [
            [*steps, (name, value, _value(name, value))]
            for steps in found
            for value in (values.split(',') if equals else [''])
        ]
    return [
        Degradation(
            '+'.join(f'{name}={value}' if value else name for name, value, _ in steps),
            tuple((name, value) for name, _, value in steps),
        )
        for steps in found
    ]


def _value(name: str, text: str) -> Any:
    kind = KINDS[name]
    try:
        return kind.read(text)
    except ValueError as error:
        wanted = f'{name}=VALUE, {kind.words}' if kind.words else f'{name} alone'
        raise ValueError(f'{name}={quoted(text)} is no degradation: give {wanted}') from error


def _encoded(light: np.ndarray) -> np.ndarray:
    """Return the sRGB grey levels, 0..255, of linear light."""
    low = 12.92 * light
    return 255 * np.where(light <= 0.0031308, low, 1.055 * light ** (1 / 2.4) - 0.055)


def _decoded(levels: np.ndarray) -> np.ndarray:
    """Return the linear light, 0..1, of sRGB grey levels."""
    share = levels / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


_ENCODED = _encoded(np.linspace(0, 1, LEVELS)).round().astype(np.uint8)
_LIGHT = _decoded(np.arange(256)).astype(np.float32)
