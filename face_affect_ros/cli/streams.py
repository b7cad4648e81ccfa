# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The standard streams, which whoever starts a program may have closed."""

from __future__ import annotations

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
