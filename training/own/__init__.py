# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A recipe on pictures of the user: what they are, whether they are fit, training, the result."""
