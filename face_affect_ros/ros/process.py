# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a process of nodes needs before ROS starts: signals, middleware profile, memory.

Importing this needs no ROS, so that a signal in the first second ends the process well.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import signal
import sys
import threading
import time
import warnings

from face_affect_ros import glibc_malloc
from face_affect_ros.ros import middleware

SWITCH_S = 1e-4
"""Seconds that a thread which comes back from a network waits for the interpreter, at most; by
default 5 ms. rclpy's executor holds it for a millisecond a message."""

SIGNALS = (signal.SIGINT, signal.SIGTERM)

END_S = 2.5
"""Seconds from the first signal to the end of the process, at most."""

_SIGEV_THREAD = 2
"""Of Linux: the timer calls a function on a thread of its own."""


@functools.cache
def stop_on_signals() -> threading.Event:
    """Return the event that SIGINT and SIGTERM set from the first call on.

    The process ends within ``END_S`` of the first, with exit code 0, whatever it hangs in; all
    further ones change nothing: launch sends a second where the terminal has sent one already.
    """
    stop = threading.Event()
    told, tell = os.pipe()
    os.set_blocking(tell, False)

    def wait() -> None:
        os.read(told, 1)
        stop.set()
        end_within(END_S, 0)

    for number in SIGNALS:
        signal.signal(number, lambda *_: ignore_signals())
    # Written to by the handler in C, also while the main thread loads a network.
    signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    threading.Thread(target=wait, name='signals', daemon=True).start()
    return stop


def ignore_signals() -> None:
    """Let no signal disturb the end of the process; to be called on the main thread.

    At the end of the interpreter a handler would give way to the default, which kills.
    """
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def configure_process() -> None:
    """Set when threads switch, that freed memory is kept, and how large pictures come.

    Pillow's warnings are left out: one for each field of a damaged file.
    """
    sys.setswitchinterval(SWITCH_S)
    middleware.set_profile()
    warnings.filterwarnings('ignore', module=r'PIL\.')
    glibc_malloc.share_arenas()
    glibc_malloc.keep_freed()


def compute_with(threads: int) -> None:
    """Have OpenCV use that many threads in this process.

    By itself it takes all processors for the smallest picture, and its threads go on spinning for
    a while after each call, on the processors of the other stages.
    """
    import cv2

    cv2.setNumThreads(threads)


class _Sigevent(ctypes.Structure):
    """``struct sigevent`` of Linux on 64-bit machines."""

    _fields_ = (
        ('value', ctypes.c_void_p),
        ('signal', ctypes.c_int),
        ('notify', ctypes.c_int),
        ('function', ctypes.c_void_p),
        ('attributes', ctypes.c_void_p),
        ('padding', ctypes.c_byte * 32),
    )


def end_within(seconds: float, code: int) -> None:
    """End this process after a time whatever it hangs in, unless it has ended by itself.

    Fast DDS built with GCC 9, as in the wheels, may spin for minutes on deleting its participant
    while others come or go (Fast-DDS#6513), with the interpreter locked: no Python code would run,
    so that a timer of the C library ends the process. Without effect where there is none.

    :param seconds: at least that long is waited.
    :param code: exit code.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # closed, broken, or written to by another thread
            stream.flush()
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        event = _Sigevent(
            value=code,
            notify=_SIGEV_THREAD,
            function=ctypes.cast(library._exit, ctypes.c_void_p).value,
        )
        timer = ctypes.c_void_p()
        if library.timer_create(time.CLOCK_MONOTONIC, ctypes.byref(event), ctypes.byref(timer)):
            return
        interval_and_first = (ctypes.c_long * 4)(0, 0, int(seconds), int(seconds % 1 * 1e9))
        library.timer_settime(timer, 0, interval_and_first, None)
