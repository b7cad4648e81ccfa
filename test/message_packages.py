# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Message packages that PyPI lacks, for tests: the installed ones, else ours of ``interfaces/``.

Ours are built once an environment, by the same CMake as this package's own messages.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
SOURCES = CHECKOUT / 'test/interfaces'
PYTHON = f'lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages'
BUILD_S = 600


@cache
def provide(package: str) -> None:
    """Make a package's messages importable in this process; skip where they cannot be built."""
    if importlib.util.find_spec(package) is not None:
        return
    if shutil.which('c++') is None:
        pytest.skip(f'no {package}, and no compiler to build it')
    prefix = Path(sys.prefix) / 'test_messages' / f'{package}-{_state(package)}'
    if not (prefix / 'built').exists():
        _build(package, prefix)
    sys.path.append(str(prefix / PYTHON))
    importlib.invalidate_caches()


def _state(package: str) -> str:
    """Return a hash of all that a package is built of."""
    files = [*(SOURCES / package).rglob('*'), *(CHECKOUT / 'cmake').iterdir()]
    content = b''.join(path.read_bytes() for path in sorted(files) if path.is_file())
    return hashlib.sha256(content).hexdigest()[:12]


def _build(package: str, prefix: Path) -> None:
    """Build a package and install it below a prefix."""
    pytest.importorskip('ament_package', reason=f'no {package}, and no ament to build it')
    sys.path.insert(0, str(CHECKOUT / 'build_backend'))
    try:
        from face_affect_build import build_environment
    finally:
        sys.path.pop(0)
    bin_dir = Path(sys.executable).parent
    environment = build_environment()
    environment['PATH'] = f'{bin_dir}{os.pathsep}{environment["PATH"]}'
    build = prefix.with_name(f'{prefix.name}-build')
    shutil.rmtree(build, ignore_errors=True)
    configure = [
        'cmake',
        *('-S', str(SOURCES / package), '-B', str(build), '-G', 'Ninja', '-Wno-dev'),
        '-DBUILD_TESTING=OFF',
        '-DCMAKE_CXX_FLAGS=-O0',
        '-DCMAKE_C_FLAGS=-O0',
        '-DCMAKE_INSTALL_RPATH=$ORIGIN;$ORIGIN/../../..',
        f'-DCMAKE_INSTALL_PREFIX={prefix}',
        f'-DPYTHON_INSTALL_DIR={PYTHON}',
        f'-DPython3_EXECUTABLE={sys.executable}',
        f'-DPYTHON_EXECUTABLE={sys.executable}',
    ]
    for command in (configure, ['cmake', '--build', str(build), '--target', 'install']):
        run = subprocess.run(
            command,
            env=environment,
            timeout=BUILD_S,
            check=False,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert run.returncode == 0, run.stdout[-4000:]
    shutil.rmtree(build)
    (prefix / 'built').touch()
