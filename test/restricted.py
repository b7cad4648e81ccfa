# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect`` in a process of its own, to which permissions mean something."""

import os
import shutil
import subprocess
import sys

import pytest

CALL = 'import sys; from face_affect_ros.cli import main; sys.exit(main())'


def command(*arguments):
    """Return the words that run ``face-affect``; root may read everything, so it may do less."""
    words = [sys.executable, '-c', CALL, *map(str, arguments)]
    if os.geteuid() != 0:
        return words
    if not shutil.which('setpriv'):
        pytest.skip('root without setpriv: no permission is ever denied')
    return ['setpriv', '--bounding-set=-dac_override,-dac_read_search', *words]


def run(*arguments, **options):
    """Run ``face-affect`` and return what came of it, with its output as text."""
    return subprocess.run(
        command(*arguments),
        capture_output=True,
        encoding='utf-8',
        errors='surrogateescape',
        timeout=100,
        **options,
    )
