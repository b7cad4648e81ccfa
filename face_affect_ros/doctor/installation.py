# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Is ROS there, and are this package's messages?"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec

from face_affect_ros.doctor.finding import Finding
from face_affect_ros.doctor.finding import note
from face_affect_ros.doctor.finding import ok
from face_affect_ros.doctor.finding import problem

START_S = 30.0
"""Seconds that ROS may take to start."""

MOST_DOMAIN = 232
"""Largest ROS_DOMAIN_ID that UDP has ports for."""

MOST_SAFE_DOMAIN = 101
"""Largest one whose ports Linux does not lend to others."""


def check_ros() -> Iterator[Finding]:
    """Return whether nodes can run here."""
    python = f'Python {platform.python_version()}'
    if find_spec('rclpy') is None:
        yield note(
            'ros-none',
            f'{python}, no ROS 2 (no rclpy): pictures can be classified, nodes cannot run',
            'to run nodes, source a ROS 2 installation, or on Linux x86_64 run "pip install ."',
        )
        return
    try:
        from face_affect_ros import msg  # noqa: F401
    except ImportError as error:
        yield problem('ros-messages', 'ROS 2 is there, our messages are not', str(error))
        return
    yield ok(
        'ros',
        f'{python}, ROS 2 {os.environ.get("ROS_DISTRO") or "from wheels"}, rclpy '
        f'{_version("rclpy")}, messages are there, ROS_DOMAIN_ID {domain() or "0 (not set)"}, '
        f'{os.environ.get("RMW_IMPLEMENTATION") or "default middleware"}',
        python=sys.version.split()[0],
        domain=domain() or '0',
    )


def check_domain() -> Iterator[Finding]:
    """Return whether ROS_DOMAIN_ID can be used."""
    text = domain()
    if text and not (text.isdecimal() and int(text) <= MOST_DOMAIN):
        yield problem(
            'ros-domain',
            f'ROS_DOMAIN_ID is {text[:40]!r}',
            f'set a whole number in 0..{MOST_SAFE_DOMAIN}, the same on all machines',
        )
    elif text and int(text) > MOST_SAFE_DOMAIN:
        yield note(
            'ros-domain',
            f'ROS_DOMAIN_ID is {text}: its ports may be taken by other programs',
            f'set a number in 0..{MOST_SAFE_DOMAIN}',
        )
    reach = os.environ.get('ROS_AUTOMATIC_DISCOVERY_RANGE', '').upper()
    if os.environ.get('ROS_LOCALHOST_ONLY') == '1' or reach in ('LOCALHOST', 'OFF'):
        variable = 'ROS_AUTOMATIC_DISCOVERY_RANGE' if reach else 'ROS_LOCALHOST_ONLY'
        yield note(
            'ros-localhost',
            f'{variable}={reach or 1}: nodes on other machines are not seen',
            f'unset {variable} where the camera runs on another machine',
        )


def check_start() -> Iterator[Finding]:
    """Return whether ROS starts, where a middleware is chosen.

    rcl ends the process where it is not installed, so that another one has to try.
    """
    name = os.environ.get('RMW_IMPLEMENTATION', '')
    if not name or find_spec('rclpy') is None:
        return
    done = subprocess.run(
        [sys.executable, '-c', 'import rclpy; rclpy.init(); rclpy.shutdown()'],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        timeout=START_S,
    )
    if done.returncode:
        last = [line for line in done.stderr.splitlines() if line.strip()][-1:]
        yield problem(
            'ros-start',
            f'ROS does not start with RMW_IMPLEMENTATION={name}: {"".join(last)}',
            f'install it (apt: ros-$ROS_DISTRO-{name.replace("_", "-")}), or unset the variable',
        )


def domain() -> str:
    """Return ROS_DOMAIN_ID of this shell; empty: not set, which means 0."""
    return os.environ.get('ROS_DOMAIN_ID', '').strip()


def _version(name: str) -> str:
    for distribution in (name, f'ros-{name}'):
        try:
            return metadata.version(distribution)
        except metadata.PackageNotFoundError:
            continue
    return '(unknown version)'
