# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is wrong with an image."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Final

from face_affect_ros.interruption import Interrupted
from face_affect_ros.quoting import shortened

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


# What Pillow says of files that are whole but of a kind that it does not read.
_UNSUPPORTED = re.compile('cannot handle .*(?:bit|layer)|not available|Unsupported BMP')

_OPENCV_NO_MEMORY = -4  # of its error codes


@contextlib.contextmanager
def refusing(name: str) -> Iterator[None]:
    """Turn whatever a decoder raises on bad data (their list has no end) into an ImageError."""
    try:
        yield
    except (ImageError, Interrupted):
        raise
    except MemoryError as error:
        raise _out_of_memory(name) from error
    except Exception as error:
        if getattr(error, 'code', None) == _OPENCV_NO_MEMORY:
            raise _out_of_memory(name) from error
        reason = shortened(str(error))
        if _UNSUPPORTED.search(str(error)):
            raise ImageError(
                UNSUPPORTED_ENCODING,
                f'{name} is of a kind that is not read ({reason}): save it '
                'with 8 bits a channel, in grey or RGB',
            ) from error
        raise ImageError(
            BAD_IMAGE,
            f'{name} cannot be decoded ({reason}): it is damaged or cut short; save or '
            'send it again',
        ) from error


def _out_of_memory(name: str) -> ImageError:
    return ImageError(
        TOO_LARGE, f'{name} takes more memory than there is: scale it down, or free some'
    )
