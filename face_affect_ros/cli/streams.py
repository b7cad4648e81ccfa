# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The standard streams, whatever terminal, disk or program is at their other ends."""

from __future__ import annotations

import io
import os
import sys


def open_closed() -> None:
    """Have the standard streams that are closed lead nowhere.

    Files and sockets would get their numbers, and the middleware's log be written into them;
    Python has None for such a stream, at which every use of it fails.
    """
    for number, name, mode in ((0, 'stdin', 'r'), (1, 'stdout', 'w'), (2, 'stderr', 'w')):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, closefd=False))


def escape_what_is_missing() -> None:
    """Have characters that an output's encoding lacks escaped; by default they are an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors='backslashreplace')


def let_go() -> None:
    """Have the outputs that take nothing any more lead nowhere.

    Python would flush them once more at its end, and fail.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
