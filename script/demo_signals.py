# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How the demo ends early: a signal is noted at any moment and obeyed where all is in order."""

from __future__ import annotations

import signal

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(Exception):
    """Somebody asked the demo to end.

    :param number: the signal.
    """

    def __init__(self, number: int):
        super().__init__(f'signal {number}')
        self.exit_code = 128 + number


class Interruption:
    """Notes signals from now on, those included that were blocked until now.

    Python's own way raises ``KeyboardInterrupt`` wherever it happens to be: within the conversion
    of a message, where pybind11 makes a ``RuntimeError`` of it, or while other processes are being
    ended, which would then go on.
    """

    def __init__(self):
        self._number = 0
        for number in SIGNALS:
            signal.signal(number, self._note)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)

    def check(self):
        """Raise ``Interrupted`` if a signal came."""
        if self._number:
            raise Interrupted(self._number)

    def _note(self, number: int, _frame: object):
        self._number = number
