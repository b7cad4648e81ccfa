# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where files of the user lie."""

from __future__ import annotations

import os
from pathlib import Path


def originals_folder() -> Path:
    """Return the folder of fetched originals, as freedesktop.org's base directories say."""
    data = os.environ.get('XDG_DATA_HOME', '')
    base = Path(data) if Path(data).is_absolute() else Path.home() / '.local/share'
    return base / 'face_affect_ros' / 'originals'
