# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Stands in for the generated messages, which replace it where they are built."""

from typing import TYPE_CHECKING
from typing import Any

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
else:
    from face_affect_ros import missing_messages

    raise missing_messages.error(__name__)
