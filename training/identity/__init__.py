# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Training the embedding of faces: one trunk, three ways to teach it who is who."""
