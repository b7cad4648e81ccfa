# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Recipes that train, export and evaluate the embedded networks.

Installed as ``face_affect_ros_training``, for ``face-affect train``; in a checkout:

    python -m training.train emotion_mini_xception --data ../shared/data
    python -m training.export emotion_mini_xception
    python -m training.evaluate emotion_mini_xception --data ../shared/data
"""
