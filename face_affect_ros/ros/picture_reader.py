# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Sent pictures as arrays: in no larger a size than is needed, and never at the node's cost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from typing import NamedTuple

import cv2
import numpy as np
from sensor_msgs.msg import CompressedImage

from face_affect_ros import images
from face_affect_ros.faces import Box
from face_affect_ros.faces import Face
from face_affect_ros.image_messages import convert
from face_affect_ros.images.decoding_process import DecodingProcess
from face_affect_ros.ros import decoder_messages

LARGE_PIXELS = 2_100_000
"""Pixels above which a picture is large: more than 1920x1080."""

REDUCED_FACE = 64
"""Pixels of the smallest face that is looked for, at least, after a large picture was reduced."""

MOST_REDUCED = 8

QUICK_JPEG = 100_000_000
"""Pixels times scans up to which a JPEG is decoded in this process: OpenCV takes some 0.3 s and
does not hold the interpreter."""

QUICK_OTHER = 1_000_000
"""Pixels up to which ``QUICK_FORMATS`` are: Pillow takes some 0.1 s and holds it."""

QUICK_FORMATS = ('PNG', 'WEBP', 'BMP', 'GIF', 'PNM')


class ReadPicture(NamedTuple):
    """A picture as it was read.

    :param image: (H, W, 3) uint8 BGR.
    :param size: width and height of the picture that was sent, upright, in pixels.
    :param reduction: by what its sides were divided, to whole pixels.
    """

    image: np.ndarray
    size: tuple[int, int]
    reduction: int

    def as_sent(self, face: Face) -> Face:
        """Return a face of the image in pixels of what was sent."""
        if self.reduction == 1:
            return face
        height, width = self.image.shape[:2]
        across, down = self.size[0] / width, self.size[1] / height
        x, y, box_width, box_height = face.box
        return replace(
            face,
            box=Box(x * across, y * down, box_width * across, box_height * down),
            landmarks=tuple((x * across, y * down) for x, y in face.landmarks),
        )


class PictureReader:
    """Reads sensor_msgs/Image and CompressedImage messages.

    :param max_pixels: returns the pixels of the largest picture that is taken.
    :param tell_of_damage: called with what a decoder says of a picture that it decodes.
    """

    def __init__(
        self, max_pixels: Callable[[], int], tell_of_damage: Callable[[str], None]
    ) -> None:
        self._max_pixels = max_pixels
        self._tell_of_damage = tell_of_damage
        self._process = DecodingProcess()
        self._process_lock = threading.Lock()

    def pixels(self, picture: Any) -> int:
        """Return width x height as the header says; 0 where that is not understood."""
        if not isinstance(picture, CompressedImage):
            return picture.width * picture.height
        try:
            header = images.read_header(picture.data, max_pixels=self._max_pixels())
        except images.ImageError:  # ``read`` says so in its own words
            return 0
        return header.width * header.height

    def read(self, picture: Any, min_face_size: float) -> ReadPicture:
        """Return a picture, reduced where it is large and no small faces are looked for.

        :raises ImageError: it cannot be used.
        """
        reduction = _reduction(self.pixels(picture), min_face_size)
        if isinstance(picture, CompressedImage):
            image, size = self._decoded(picture, reduction)
        else:
            image = convert.to_bgr(picture, max_pixels=self._max_pixels())
            size = image.shape[1], image.shape[0]
        if reduction > 1 and size == (image.shape[1], image.shape[0]):
            image = cv2.resize(
                image,
                (-(-size[0] // reduction), -(-size[1] // reduction)),
                interpolation=cv2.INTER_AREA,
            )
        return ReadPicture(image, size, reduction)

    def close(self) -> None:
        """End the decoding process."""
        self._process.close()

    def _decoded(
        self, picture: CompressedImage, reduction: int
    ) -> tuple[np.ndarray, tuple[int, int]]:
        """Return a decoded picture, perhaps reduced already, and its size as it was sent."""
        sizes: list[tuple[int, int]] = []
        most = self._max_pixels()

        def decode(data: images.Buffer, name: str) -> np.ndarray:
            header = images.read_header(data, name, most)
            sizes.append((header.width, header.height))
            if _is_quick(header):
                with decoder_messages.told_to(self._tell_of_damage):
                    return images.decode(data, name, max_pixels=most, reduction=reduction)
            with self._process_lock:
                return self._process.decode(data, name, most, reduction)

        image = convert.compressed_to_bgr(picture, decode)
        ((width, height),) = sizes
        turned = (image.shape[1] > image.shape[0]) != (width > height)
        return image, (height, width) if turned else (width, height)


def _reduction(pixels: int, min_face_size: float) -> int:
    """Return by what the sides of a picture are divided."""
    reduction = 1
    while (
        pixels > LARGE_PIXELS * reduction**2
        and reduction < MOST_REDUCED
        and min_face_size >= 2 * REDUCED_FACE * reduction
    ):
        reduction *= 2
    return reduction


def _is_quick(header: images.Header) -> bool:
    """Return whether a picture is decoded in this process."""
    pixels = header.width * header.height
    if header.format == 'JPEG':
        return header.whole and pixels * header.scans <= QUICK_JPEG
    return header.format in QUICK_FORMATS and pixels <= QUICK_OTHER
