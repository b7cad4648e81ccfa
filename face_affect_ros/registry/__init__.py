# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which networks exist: files, hashes, licences and what each one wants."""
