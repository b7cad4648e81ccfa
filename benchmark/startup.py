# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How long a fresh process takes to import the package, and to its first result.

.venv/bin/python benchmark/startup.py
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROGRAMS = {
    'bare Python': '',
    'import face_affect_ros': 'import face_affect_ros',
    'first result': (
        'import face_affect_ros\nassert face_affect_ros.load_model(1).analyze({picture!r})'
    ),
}


def milliseconds(program: str, repeat: int = 9) -> float:
    """Return the median time of a process that runs a program."""
    taken = []
    for _ in range(repeat):
        start = time.perf_counter()
        subprocess.run([sys.executable, '-c', program], check=True, cwd=tempfile.gettempdir())
        taken.append(1e3 * (time.perf_counter() - start))
    return statistics.median(taken)


def main():
    """Measure and print."""
    from PIL import Image
    from skimage import data

    with tempfile.TemporaryDirectory() as folder:
        picture = str(Path(folder) / 'astronaut.png')
        Image.fromarray(data.astronaut()).save(picture)
        times = {
            name: milliseconds(program.format(picture=picture))
            for name, program in PROGRAMS.items()
        }
    for name, taken in times.items():
        print(f'{name}: {taken:.0f} ms, {taken - times["bare Python"]:+.0f} ms over bare Python')


if __name__ == '__main__':
    main()
