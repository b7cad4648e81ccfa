# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the demo's camera sees: a moved photograph, a video or a real camera."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from face_affect_ros import images

WIDTH, HEIGHT = 640, 480
RATE = 30.0


class CameraError(Exception):
    """There are no frames to publish; the text says why."""


def open_frames(arguments: argparse.Namespace) -> tuple[Iterator[np.ndarray], float]:
    """Return endless (H, W, 3) uint8 BGR frames and their rate in Hz.

    :raises CameraError: the source cannot be opened.
    """
    if arguments.video is not None:
        return _open_video(arguments.video)
    if arguments.camera is not None:
        return _frames_of_camera(_capture(arguments.camera, f'camera {arguments.camera}')), RATE
    if arguments.image is not None:
        return moved(_letterboxed(_load(arguments.image)), zooms=(0.85, 0.97)), RATE
    return moved(_astronaut(), focus=(225, 140), zooms=(1.4, 1.9)), RATE


def moved(
    picture: np.ndarray,
    focus: tuple[float, float] | None = None,
    zooms: tuple[float, float] = (1.0, 1.2),
) -> Iterator[np.ndarray]:
    """Yield what a camera sees that is moved before a photograph: pan, zoom, roll, light, noise.

    :param picture: (H, W, 3) uint8 BGR, at least as large as a frame at the smallest zoom.
    :param focus: where it looks on average, in pixels of the picture; its centre if not given.
    :param zooms: smallest and largest number of frame pixels per picture pixel.
    """
    height, width = picture.shape[:2]
    focus_x, focus_y = focus or (width / 2, height / 2)
    noise = np.random.default_rng(0).normal(0, 2.0, (2 * HEIGHT, 2 * WIDTH, 3)).astype(np.int16)
    number = 0
    while True:
        seconds = number / RATE
        zoom = zooms[0] + (zooms[1] - zooms[0]) * (0.5 - 0.5 * math.cos(seconds * 0.9))
        x = _inside(focus_x + 35 * math.sin(seconds * 1.3), WIDTH / zoom, width)
        y = _inside(focus_y + 18 * math.sin(seconds * 1.7), HEIGHT / zoom, height)
        turn = cv2.getRotationMatrix2D((x, y), 5 * math.sin(seconds * 0.7), zoom)
        turn[:, 2] += WIDTH / 2 - x, HEIGHT / 2 - y
        frame = cv2.warpAffine(
            picture,
            turn,
            (WIDTH, HEIGHT),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT_101,
        )
        light = 0.95 + 0.2 * math.sin(seconds * 0.5)
        top, left = (number * 37) % HEIGHT, (number * 53) % WIDTH
        grain = noise[top : top + HEIGHT, left : left + WIDTH]
        yield cv2.add(cv2.convertScaleAbs(frame, alpha=light), grain, dtype=cv2.CV_8U)
        number += 1


def _inside(center: float, extent: float, length: int) -> float:
    """Return a centre from which a view of an extent stays inside a length, where it can."""
    return min(max(center, extent / 2), max(length - extent / 2, extent / 2))


def _astronaut() -> np.ndarray:
    """Return scikit-image's photograph of an astronaut."""
    try:
        from skimage import data
    except ImportError as error:
        raise CameraError(
            'scikit-image is not installed: run script/demo, which installs it, or '
            'give --image FILE'
        ) from error
    return cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR)


def _load(path: Path) -> np.ndarray:
    """Return a photograph."""
    try:
        return images.load(path)
    except images.ImageError as error:
        raise CameraError(str(error)) from error


def _letterboxed(picture: np.ndarray) -> np.ndarray:
    """Return a photograph scaled to a frame, with grey around it for a camera that moves."""
    if picture.shape[:2] == (1, 1):
        picture = np.tile(picture, (2, 2, 1))  # OpenCV 4.5.4 refuses a single pixel
    height, width = picture.shape[:2]
    scale = min(WIDTH / width, HEIGHT / height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    wall = np.full((HEIGHT * 5 // 4, WIDTH * 5 // 4, 3), 60, np.uint8)
    left, top = (wall.shape[1] - size[0]) // 2, (wall.shape[0] - size[1]) // 2
    wall[top : top + size[1], left : left + size[0]] = small
    return wall


def _capture(source: int | str, name: str) -> cv2.VideoCapture:
    """Open a video or a camera."""
    capture = cv2.VideoCapture(source)
    if not capture.isOpened():
        raise CameraError(f'{name} cannot be opened')
    return capture


def _open_video(path: Path) -> tuple[Iterator[np.ndarray], float]:
    """Return a video's frames over and over, and its rate."""
    capture = _capture(str(path), f'video {path}')
    rate = capture.get(cv2.CAP_PROP_FPS)
    return _frames_of_video(capture, path), rate if 1 <= rate <= 240 else RATE


def _frames_of_video(capture: cv2.VideoCapture, path: Path) -> Iterator[np.ndarray]:
    while True:
        good, frame = capture.read()
        if not good:
            capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
            good, frame = capture.read()
        if not good:
            raise CameraError(f'video {path} has no frame that can be decoded')
        yield frame


def _frames_of_camera(capture: cv2.VideoCapture) -> Iterator[np.ndarray]:
    while True:
        good, frame = capture.read()
        if not good:
            raise CameraError('the camera gave no frame')
        yield frame
