# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Keep a framework's chatter at its first import off stderr, and nothing else."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

STDERR = 2

NOISE = re.compile(rb'(WARNING: All log messages before absl|[IW]\d{4} \d\d:\d\d:\d\d)')
"""Lines of TensorFlow's C++ part that are no errors: absl's informations and warnings."""

_END = b'\0end of the filter\n'


@contextmanager
def without(pattern: re.Pattern[bytes] = NOISE) -> Iterator[None]:
    """Let only those lines through to stderr that do not begin with a pattern.

    It works on the file descriptor, which C++ writes to; what other threads write in the
    meantime goes through.
    """
    source, sink = os.pipe()
    stderr = os.dup(STDERR)
    relay = threading.Thread(target=_relay, args=(source, stderr, pattern), daemon=True)
    relay.start()
    os.dup2(sink, STDERR)
    try:
        yield
    finally:
        os.dup2(stderr, STDERR)
        os.write(sink, _END)
        os.close(sink)
        relay.join()
        os.close(stderr)


def _relay(source: int, target: int, pattern: re.Pattern[bytes]) -> None:
    """Copy lines until the end mark."""
    with open(source, 'rb') as lines:
        for line in lines:
            text, ended, _ = line.partition(_END)
            if text and not pattern.match(text):
                os.write(target, text)
            if ended:
                return
