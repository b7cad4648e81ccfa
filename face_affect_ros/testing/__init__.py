# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Stand-ins for tests of other packages: a camera and a classifier that do as they are told.

``ros2 run face_affect_ros fake_camera`` and ``fake_classifier`` start them as nodes;
``FakeCamera`` and ``FakeClassifier`` add them to a node of the test.
"""
