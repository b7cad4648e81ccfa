# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Behaviours for py_trees: ask for faces, and conditions on who is there (extra ``py_trees``).

A tree ticks ``ClassifyImage`` beside its conditions; the faces go by the blackboard. No tick waits
for an answer. ``docs/behaviour_trees.md`` has an example.
"""

from __future__ import annotations

try:
    import py_trees  # noqa: F401
except ImportError as error:
    raise ImportError(
        'face_affect_ros.behaviours needs py_trees: pip install "face_affect_ros[py_trees]", or '
        'apt install ros-$ROS_DISTRO-py-trees'
    ) from error

from face_affect_ros.behaviours.classify_image import ClassifyImage
from face_affect_ros.behaviours.conditions import LargestFaceShows
from face_affect_ros.behaviours.conditions import NewPersonCame
from face_affect_ros.behaviours.conditions import SomebodyIsThere
from face_affect_ros.behaviours.seen_faces import ERROR_KEY
from face_affect_ros.behaviours.seen_faces import FACES_KEY
from face_affect_ros.behaviours.seen_faces import NEW_FACES_KEY
from face_affect_ros.behaviours.seen_faces import SeenFaces

__all__ = [
    'ERROR_KEY',
    'FACES_KEY',
    'NEW_FACES_KEY',
    'ClassifyImage',
    'LargestFaceShows',
    'NewPersonCame',
    'SeenFaces',
    'SomebodyIsThere',
]
