# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Recorded robots: bags read, evaluated frame by frame, written and played."""

PACKAGES = ('rosbags', 'mcap', 'zstandard')
"""Modules of the extra ``evaluate`` that bags need beside the others."""
