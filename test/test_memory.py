# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Freed memory is used again without the system, and given back when that is asked for."""

import os
import platform
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(
    platform.libc_ver()[0] != 'glibc', reason='only glibc is told what to keep'
)

FAULTS = """
import resource
import numpy as np
from face_affect_ros import glibc_malloc

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        np.ones(3_000_000, np.uint8)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

glibc_malloc.keep_freed()
np.ones(3_000_000, np.uint8)
print(faults())
"""

RESIDENT = """
import os
from pathlib import Path
from face_affect_ros import glibc_malloc

def resident():
    return int(Path('/proc/self/statm').read_text().split()[1]) * os.sysconf('SC_PAGE_SIZE')

glibc_malloc.keep_freed()
last = [bytes(10_000) for _ in range(4_000)][-1]
before = resident()
glibc_malloc.give_back_freed()
print(before - resident())
"""

LARGE_PICTURE = """
import os
import re
from pathlib import Path
import numpy as np
from face_affect_ros import load_model

def status(field):
    text = Path('/proc/self/status').read_text()
    return int(re.search(field + r':\\s+(\\d+)', text)[1]) * 1024

def analyze(picture):
    with load_model(1) as model:
        model.analyze(picture)

rng = np.random.default_rng(0)
small = rng.integers(0, 256, (480, 640, 3), np.uint8)
large = np.tile(small, (8, 9, 1))
analyze(small)
before = status('VmRSS')
Path('/proc/self/clear_refs').write_text('5')  # the most so far is forgotten
analyze(large)
print({})
"""


def printed(code: str) -> int:
    """Return the number that a Python of its own prints, whose malloc nobody has set."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith('MALLOC_') and name != 'GLIBC_TUNABLES'
    }
    return int(
        subprocess.run(
            [sys.executable, '-c', code],
            check=True,
            text=True,
            stdout=subprocess.PIPE,
            env=environment,
            timeout=60,
        ).stdout
    )


def test_freed_blocks_are_used_again():
    """Three megabytes ten times, 7,000 pages; a few faults are Python's own."""
    assert printed(FAULTS) < 100


def test_free_memory_is_given_back():
    """Of forty megabytes with a block in use at their end."""
    assert printed(RESIDENT) > 20_000_000


@pytest.mark.parametrize(
    ('what', 'most'),
    [("status('VmHWM') - before", 300_000_000), ("status('VmRSS') - before", 40_000_000)],
)
def test_a_large_picture(what, most):
    """Of 22 megapixels: so much more is taken meanwhile, and so much is left after ``close``."""
    if not os.access('/proc/self/clear_refs', os.W_OK):
        pytest.skip('the system does not forget the most that was taken')
    assert printed(LARGE_PICTURE.replace('print({})', f'print({what})')) < most
