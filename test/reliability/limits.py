# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Nodes with less of everything than they would like: they work, or say why not and end."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from reliability.nodes import RECOVERY_S
from reliability.nodes import NoAnswer
from reliability.nodes import Nodes
from reliability.nodes import Recovery

_TINY = 'mount -t tmpfs -o size=64k tmpfs /dev/shm && exec "$@"'

LIMITS: dict[str, tuple[str, ...]] = {
    'address space of 4 GB': ('prlimit', f'--as={4 << 30}'),
    'address space of 1 GB': ('prlimit', f'--as={1 << 30}'),
    'address space of 400 MB': ('prlimit', f'--as={400 << 20}'),
    '256 open files': ('prlimit', '--nofile=256'),
    '40 open files': ('prlimit', '--nofile=40'),
    '16 open files': ('prlimit', '--nofile=16'),
    '/dev/shm of 64 kB': ('unshare', '-m', 'sh', '-c', _TINY, 'sh'),
    'closed streams': ('bash', '-c', 'exec "$@" <&- >&- 2>&-', 'bash'),
    'full disk for the log': ('bash', '-c', 'exec "$@" >/dev/full 2>&1', 'bash'),
    'no home folder': ('env', 'HOME=/dev/null'),
}
"""Words in front of the nodes' command."""

SILENT = {'closed streams', 'full disk for the log'}
"""What leaves nowhere to say anything."""


def outcome(name: str, folder: Path) -> str:
    """Start the nodes under a limit; return what came of it in words.

    :raises AssertionError: they neither answer nor end with exit code 1 and a reason.
    """
    if not shutil.which(LIMITS[name][0]):
        return f'not tried: no {LIMITS[name][0]}'
    nodes = Nodes('composed', '/limits', folder, LIMITS[name])
    try:
        return _well_or_ended(nodes, name)
    finally:
        nodes.close()


def _well_or_ended(nodes: Nodes, name: str) -> str:
    begin = time.monotonic()
    while time.monotonic() - begin < RECOVERY_S:
        if nodes.ended:
            return _reason(nodes, name)
        try:
            nodes.wait_until_well(5.0)
        except (Recovery, *NoAnswer):
            continue
        faults = nodes.log_faults()
        assert not faults, faults[0]
        return 'works'
    raise AssertionError(f'{name}: neither answers nor ends within {RECOVERY_S:.0f} s')


def _reason(nodes: Nodes, name: str) -> str:
    """Return why the nodes ended, as they said."""
    end, text = nodes.ended[0], nodes.log()
    assert end.endswith('ended with 1') or 'permitted' in text, f'{name}: {end}: {text[-500:]}'
    assert 'Traceback' not in text, f'{name}: {text[-800:]}'
    if 'permitted' in text:
        return 'not tried: not permitted here'
    lines = text.strip().splitlines()
    assert lines or name in SILENT, f'{name}: no reason given'
    return f'ends: {lines[-1][-120:]}'
