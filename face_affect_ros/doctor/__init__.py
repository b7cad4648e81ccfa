# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What ``face-affect doctor`` looks at: a file a subject, a function a check, no ROS here.

A check returns findings (``finding.py``). Those of the running graph lie in ``graph``, which alone
needs rclpy.
"""
