# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is wrong with an image."""

from __future__ import annotations

from typing import Final

# Error codes, named as the constants of srv/ClassifyImage.
NO_IMAGE: Final = 'NO_IMAGE'
BAD_IMAGE: Final = 'BAD_IMAGE'
UNSUPPORTED_ENCODING: Final = 'UNSUPPORTED_ENCODING'
TOO_LARGE: Final = 'TOO_LARGE'


class ImageError(ValueError):
    """An image that cannot be used.

    ``code`` is one of ``NO_IMAGE``, ``BAD_IMAGE``, ``UNSUPPORTED_ENCODING`` and ``TOO_LARGE``, the
    names of the constants in srv/ClassifyImage; the message says what is wrong with which image
    and what to do about it.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return self.message


class ImageWarning(UserWarning):
    """An image that can be used though something is wrong with it."""
