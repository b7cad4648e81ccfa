# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The four tables of the paper that this project began with, recomputed and made anew."""
