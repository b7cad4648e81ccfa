# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the C library does with memory that is freed; without effect where it is not glibc."""

from __future__ import annotations

import contextlib
import ctypes

LARGEST = 30 << 20
"""Bytes up to which freed blocks are kept; glibc follows no block of more than 32 MiB."""

M_ARENA_MAX = -8
"""Of ``mallopt``."""


def keep_freed() -> None:
    """Have freed blocks as large as a frame or a pyramid level used again.

    glibc takes blocks above a threshold from the system and gives them back at once, and the
    system hands them out a page at a time, which takes longer than the arithmetic on them. The
    threshold follows the largest such block that was freed (mallopt(3), M_MMAP_THRESHOLD), unless
    the environment sets one. This one is never touched.
    """
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.malloc.restype = ctypes.c_void_p
        library.free(ctypes.c_void_p(library.malloc(ctypes.c_size_t(LARGEST))))


def share_arenas() -> None:
    """Have all threads take memory from one arena; to be called before there are others.

    glibc gives each thread an arena of its own, and each keeps what its thread freed.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def give_back_freed() -> None:
    """Give what is free now back to the system, after work that will not come again."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
