# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""One file a network family: preprocessing and decoding of its output."""
