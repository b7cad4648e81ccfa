# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which transport the middleware moves pictures by, and why: what the user set always wins.

Importing this needs no ROS: Fast DDS reads the environment when ROS starts.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sysconfig
from importlib import metadata
from pathlib import Path

from face_affect_ros.quoting import quoted

PROFILE = 'share/face_affect_ros/config/fastdds_profile.xml'

PROFILE_VARIABLE = 'FASTDDS_DEFAULT_PROFILES_FILE'
OLD_PROFILE_VARIABLE = 'FASTRTPS_DEFAULT_PROFILES_FILE'
"""Names that Fast DDS reads from version 3 on and up to 2. Kilted still reads the old one."""

OTHER_VARIABLES = (
    'FASTDDS_BUILTIN_TRANSPORTS',
    'FASTDDS_ENVIRONMENT_FILE',
    'RMW_FASTRTPS_USE_QOS_FROM_XML',
    'ROS_DISCOVERY_SERVER',
    'ROS_SUPER_CLIENT',
    'ROS2_EASY_MODE',
)
"""What else decides how Fast DDS reaches others."""

SKIP_VARIABLE = 'SKIP_DEFAULT_XML_FILE'
"""``1``: Fast DDS does not look for a profile in the working directory."""

LOCALHOST_VARIABLE = 'ROS_LOCALHOST_ONLY'
"""Humble keeps to this machine by a list of interfaces, which a transport of ours would lack."""

OLD_DISTRIBUTIONS = ('humble', 'iron', 'jazzy')
"""ROS distributions with Fast DDS 2."""

RECEIVE_BUFFER = 16 * 2**20
"""What the profile asks for, bytes."""

ENOUGH_BUFFER = 4 * 2**20
"""Receive buffer with which 640x480 came whole at 30 Hz (benchmark/transport.py), bytes."""

RAISE_LIMIT = f'sudo sysctl -w net.core.rmem_max={RECEIVE_BUFFER}'


def set_profile() -> None:
    """Name this package's profile to Fast DDS, unless the user has set any transport."""
    if user_setting():
        for name in _profile_variables():
            if _is_ours(os.environ.get(name, '')):
                del os.environ[name]
        return
    profile = installed(PROFILE)
    if profile is not None:
        os.environ[_profile_variables()[0]] = str(profile)


def user_setting() -> str:
    """Return the variable or file by which the user set Fast DDS up, or an empty text."""
    for name in (*_profile_variables(), *OTHER_VARIABLES):
        value = os.environ.get(name, '')
        if value and not _is_ours(value):
            missing = name in _profile_variables() and not Path(value).is_file()
            return f'{name}={quoted(value)[1:-1]}{", which is no file" if missing else ""}'
    if os.environ.get('ROS_DISTRO') == 'humble' and os.environ.get(LOCALHOST_VARIABLE) == '1':
        return f'{LOCALHOST_VARIABLE}=1'
    default = f'DEFAULT_FAST{"RTPS" if _is_fast_dds_2() else "DDS"}_PROFILES.xml'
    if os.environ.get(SKIP_VARIABLE) != '1' and Path(default).is_file():
        return f'{default} in the working directory'
    return ''


def in_use(middleware: str) -> str:
    """Return in one line which transport is in use, and why.

    :param middleware: as ``rclpy.get_rmw_implementation_identifier()`` gives it.
    """
    if 'fastrtps' not in middleware:
        return f"{middleware}'s own transport, as you configured it"
    setting = user_setting()
    if setting:
        return f"Fast DDS as you set it ({setting}); this package's profile is not used"
    ours = next((value for value in map(os.environ.get, _profile_variables()) if value), '')
    if not ours:
        return "Fast DDS's default transports: this package's profile is not installed"
    text = (
        f'Fast DDS over UDP with a receive buffer of {_size(receive_buffer())} '
        f'({ours}), as you set none'
    )
    if receive_buffer() < ENOUGH_BUFFER:
        text += f'; large raw images may lose frames: {RAISE_LIMIT}'
    return text


def remedy(middleware: str) -> str:
    """Return what to do where large messages get lost on their way here."""
    section = 'see docs/transport.md'
    if 'fastrtps' not in middleware:
        return f'give {middleware} larger receive buffers ({RAISE_LIMIT}); {section}'
    setting = user_setting()
    if setting:
        return f'your Fast DDS settings ({setting}) are in use; {section}'
    if receive_buffer() < ENOUGH_BUFFER:
        return f'the receive buffer has {_size(receive_buffer())}: {RAISE_LIMIT}; {section}'
    return f'is this machine too busy? Else {section}'


def installed(path: str) -> Path | None:
    """Return a file of this package by its path in the installation, if it is there."""
    prefixes = filter(None, os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep))
    places = (Path(prefix, path) for prefix in (*prefixes, sysconfig.get_path('data')))
    return next((place for place in places if place.is_file()), None)


def receive_buffer() -> int:
    """Return how large a receive buffer the system gives who asks for the profile's, bytes."""
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        with contextlib.suppress(OSError):  # some systems refuse what Linux cuts down
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        given = probe.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    # Linux tells the double, which counts its own overhead.
    return min(RECEIVE_BUFFER, given // 2)


def _profile_variables() -> tuple[str, ...]:
    """Return the names that this Fast DDS reads, first the one to set."""
    if _is_fast_dds_2():
        return (OLD_PROFILE_VARIABLE,)
    return PROFILE_VARIABLE, OLD_PROFILE_VARIABLE


def _is_fast_dds_2() -> bool:
    distribution = os.environ.get('ROS_DISTRO')
    if distribution:
        return distribution in OLD_DISTRIBUTIONS
    with contextlib.suppress(metadata.PackageNotFoundError):  # the wheel of version 2
        return bool(metadata.version('ros-fastrtps'))
    return False


def _is_ours(path: str) -> bool:
    """Return whether a parent process of ours named the profile."""
    return path.endswith(f'/{PROFILE}')


def _size(count: int) -> str:
    """Return a number of bytes in MB or kB."""
    return f'{count / 2**20:.0f} MB' if count >= 2**20 else f'{count / 1000:.0f} kB'
