# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The ROS 2 side: nodes and the conversions between messages and the core's own types."""
