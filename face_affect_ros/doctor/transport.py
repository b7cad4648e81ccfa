# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How the middleware moves pictures, as far as the environment tells."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec

from face_affect_ros.doctor.finding import Finding
from face_affect_ros.doctor.finding import note
from face_affect_ros.doctor.finding import ok
from face_affect_ros.doctor.finding import problem
from face_affect_ros.ros import middleware

DEFAULT = 'rmw_fastrtps_cpp'


def check_transport() -> Iterator[Finding]:
    """Return which transport is in use, and whether large pictures fit through it."""
    if find_spec('rclpy') is None:
        return
    name = os.environ.get('RMW_IMPLEMENTATION') or DEFAULT
    in_use = middleware.in_use(name)
    setting = middleware.user_setting()
    if 'which is no file' in setting:
        yield problem('transport-profile', setting, 'correct the path, or unset the variable')
    elif 'fastrtps' in name and not setting and _is_small():
        yield note(
            'transport-buffer',
            f'the receive buffer has {middleware.receive_buffer() // 1000} kB: raw images may '
            'lose frames',
            f'{middleware.RAISE_LIMIT}, or image_transport:=compressed',
            receive_buffer_bytes=middleware.receive_buffer(),
        )
    else:
        yield ok('transport', in_use)


def _is_small() -> bool:
    return middleware.receive_buffer() < middleware.ENOUGH_BUFFER
