# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The three nodes: each wires a stage to topics, services and parameters."""
