# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The package greeter."""

from setuptools import setup

setup(
    name='greeter',
    version='0.1.0',
    packages=['greeter'],
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/greeter']),
        ('share/greeter', ['package.xml']),
    ],
    install_requires=['setuptools'],
    entry_points={'console_scripts': ['greeter = greeter.greeter:main']},
)
