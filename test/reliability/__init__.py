# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What goes wrong on robots, done to the real nodes on purpose; ``docs/reliability.md`` tells.

``script/chaos`` runs all of it for as long as it is told; tests run a short form of each part.
"""
