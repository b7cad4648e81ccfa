# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which names can be the topic that pictures are taken from."""

from __future__ import annotations

from typing import Any

LONGEST = 247 - len('/compressed')
"""Most characters of a full name: ROS takes 247 (RMW_TOPIC_MAX_NAME_LENGTH)."""

OURS = (
    'faces',
    'detections',
    'attributes',
    'annotated',
    'annotated/compressed',
    'frames',
    'face_crops',
    'enabled',
    'disclosure',
)
"""Topics of this package, relative to the namespace."""

OF_ROS = ('/clock', '/diagnostics', '/parameter_events', '/rosout')
"""Topics of other types that a node of this process has already."""


def input_rule(node: Any, name: str) -> str:
    """Return the rule that a name breaks as the topic of a node's input; empty where it can be.

    :param node: resolves it, with its namespace and remaps.
    """
    try:
        full = node.resolve_topic_name(name)
    except Exception as error:  # of types that differ between distributions
        reason = str(error).partition(', at /')[0].rpartition('failed to resolve name: ')[2]
        if '255U' in reason:
            return _TOO_LONG
        return f'must be a ROS topic name ({reason.strip() or type(error).__name__})'
    if len(full) > LONGEST:
        return _TOO_LONG
    if full in {*OF_ROS, *map(node.resolve_topic_name, OURS)}:
        return f'must be the topic of a camera; {full} is one of the nodes themselves'
    return ''


_TOO_LONG = f'must have at most {LONGEST} characters with its namespace'
