# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Looks at the running graph and fills ``graph_view``; the one part that needs ROS."""
