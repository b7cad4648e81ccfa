# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How good a model is: on labelled pictures, on recorded streams, and as the paper told it.

Needs the extra ``evaluate`` (``extra.check_installed``), ``degradations`` excepted.
"""

THRESHOLD_CRITERIA = ('balanced', 'f1', 'accuracy')
"""What a chosen threshold makes as large as it gets: balanced accuracy, F1 or accuracy."""
