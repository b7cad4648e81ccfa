# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Detectors: an image in, faces with boxes and landmarks out."""
