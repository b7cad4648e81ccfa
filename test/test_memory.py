# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Freed memory is used again without the system, and given back when that is asked for."""

import os
import platform
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(
    platform.libc_ver()[0] != 'glibc', reason='only glibc is told what to keep')

FAULTS = """
import resource
import numpy as np
from face_affect_ros import memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        np.ones(3_000_000, np.uint8)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

memory.keep_freed()
np.ones(3_000_000, np.uint8)
print(faults())
"""

RESIDENT = """
import os
from pathlib import Path
from face_affect_ros import memory

def resident():
    return int(Path('/proc/self/statm').read_text().split()[1]) * os.sysconf('SC_PAGE_SIZE')

memory.keep_freed()
last = [bytes(10_000) for _ in range(4_000)][-1]
before = resident()
memory.give_back_freed()
print(before - resident())
"""


def printed(code: str) -> int:
    """Return the number that a Python of its own prints, whose malloc nobody has set."""
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith('MALLOC_') and name != 'GLIBC_TUNABLES'}
    return int(subprocess.run([sys.executable, '-c', code], check=True, text=True,
                              stdout=subprocess.PIPE, env=environment, timeout=60).stdout)


def test_freed_blocks_are_used_again():
    """Three megabytes ten times, 7,000 pages; a few faults are Python's own."""
    assert printed(FAULTS) < 100


def test_free_memory_is_given_back():
    """Of forty megabytes with a block in use at their end."""
    assert printed(RESIDENT) > 20_000_000
