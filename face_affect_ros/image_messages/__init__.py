# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""ROS image messages and pictures, of whatever library the messages come; no ROS is needed."""
