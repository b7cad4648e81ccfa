# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The stream: the newest frame through stages, each on a thread of its own. No ROS in it."""
