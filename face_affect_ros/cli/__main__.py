# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``python -m face_affect_ros.cli`` is ``face-affect``."""

import sys

from face_affect_ros.cli import main

sys.exit(main())
