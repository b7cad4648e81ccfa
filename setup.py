# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The pip route: setuptools packs the core, CMake adds messages and nodes where there are any."""

import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from setuptools import Distribution
from setuptools import find_namespace_packages
from setuptools import find_packages
from setuptools import setup
from setuptools.command.build_ext import build_ext

from face_affect_build import build_environment
from face_affect_build import kind
from face_affect_build import missing

# Lower bounds: what a robot on Ubuntu 22.04 has (Python 3.10, NumPy 1.21, OpenCV 4.5.4, SciPy 1.8,
# Pillow 9.0); `script/test --python 3.10 --lowest` holds them. Keys are the modules.
CORE = {
    'cv2': 'opencv-python-headless>=4.5.4',
    'numpy': 'numpy>=1.21.6',
    'onnxruntime': 'onnxruntime>=1.15',
    'PIL': 'pillow>=9',
    'scipy': 'scipy>=1.8',
    'tqdm': 'tqdm>=4.57',
    'yaml': 'PyYAML>=5.4',
}

DLIB = {
    'dlib': 'dlib-bin; sys_platform == "linux" and python_version < "3.15" and '
    '(platform_machine == "x86_64" or platform_machine == "aarch64")',
}
"""The detector of Model 2, where it has a wheel; elsewhere it would have to be compiled."""

KILTED = [
    'ros-diagnostic-msgs~=5.5.1',
    'ros-rclpy[fastrtps]~=9.1.2',
    'ros-sensor-msgs~=5.5.1',
    'ros-std-srvs~=5.5.1',
]

TRAINING = 'face_affect_ros_training'
"""Under what name ``training/`` is installed; without its runs and its cache."""

DEFINITIONS = 'face_affect_ros.message_definitions'
"""Under what name ``msg/`` is installed: who writes bags needs the texts, also where no ROS is."""

UNPACKED = (
    'ament_index/resource_index/parent_prefix_path',
    'face_affect_ros/cmake',
    'face_affect_ros/environment',
    'face_affect_ros/local_setup.*',
    'face_affect_ros/package.*sh',
    'face_affect_ros/package.dsv',
)
"""Parts of CMake's share folder that serve a colcon workspace or name the build's own folders."""


def install_requires():
    """Return the run-time requirements of this kind of installation."""
    if kind() == 'wheels':
        return [*CORE.values(), *DLIB.values(), *KILTED]
    known = {**CORE, **DLIB}
    if kind() == 'ros':
        # What apt's packages bring is not fetched a second time.
        return [known[module] for module in missing(*known)]
    return list(known.values())


class CMakeDistribution(Distribution):
    """A distribution with compiled messages, unless only the core is built."""

    def has_ext_modules(self):
        """Return whether the wheel is bound to a platform."""
        return kind() != 'core'


class BuildWithCMake(build_ext):
    """Run the CMake project and hand on its install tree."""

    def run(self):
        """Configure, build and install to a staging folder; pack that."""
        build = Path(os.environ.get('FACE_AFFECT_BUILD_DIR') or self.build_temp).resolve()
        build = build / 'cmake'
        stage = build / 'stage'
        environment = build_environment()
        # A CMake cache remembers where Python and ROS lay; elsewhere it is worth nothing.
        place = f'{sys.executable} {environment["AMENT_PREFIX_PATH"]}'
        marker = build / 'place'
        if not marker.exists() or marker.read_text() != place:
            shutil.rmtree(build, ignore_errors=True)
            build.mkdir(parents=True)
            marker.write_text(place)
        shutil.rmtree(stage, ignore_errors=True)
        # A wheel may be installed anywhere: its libraries find each other by place.
        configure = [
            'cmake',
            '-S',
            '.',
            '-B',
            str(build),
            '-G',
            'Ninja',
            '-Wno-dev',
            '-DCMAKE_BUILD_TYPE=Release',
            '-DBUILD_TESTING=OFF',
            '-DCMAKE_INSTALL_RPATH=$ORIGIN;$ORIGIN/../../..',
            f'-DCMAKE_INSTALL_PREFIX={stage}',
            '-DPYTHON_INSTALL_DIR=python',
            f'-DPython3_EXECUTABLE={sys.executable}',
            f'-DPYTHON_EXECUTABLE={sys.executable}',
        ]
        subprocess.run(configure, env=environment, check=True)
        subprocess.run(
            ['cmake', '--build', str(build), '--target', 'install'], env=environment, check=True
        )
        self.force = True  # our stand-ins for the messages give way however new they are
        self.copy_tree(
            str(stage / 'python/face_affect_ros'), str(Path(self.build_lib) / 'face_affect_ros')
        )
        unpacked = {path for pattern in UNPACKED for path in (stage / 'share').glob(pattern)}
        folders = {}
        for top in ('lib', 'share'):
            for path in sorted((stage / top).rglob('*')):
                if path.is_file() and unpacked.isdisjoint((path, *path.parents)):
                    folder = path.parent.relative_to(stage).as_posix()
                    folders.setdefault(folder, []).append(str(path))
        self.distribution.data_files = list(folders.items())

    def get_outputs(self):
        """Return nothing: build_lib as a whole is packed."""
        return []


setup(
    version=ElementTree.parse('package.xml').findtext('version'),
    install_requires=install_requires(),
    packages=[
        *find_namespace_packages(include=['face_affect_ros*']),
        DEFINITIONS,
        TRAINING,
        *(f'{TRAINING}.{room}' for room in find_packages('training')),
    ],
    package_dir={DEFINITIONS: 'msg', TRAINING: 'training'},
    package_data={'': ['*'], TRAINING: ['recipes/*.yaml', 'recipes/identity/*.yaml']},
    distclass=CMakeDistribution,
    cmdclass={'build_ext': BuildWithCMake},
)
