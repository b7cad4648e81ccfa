# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The nodes' processes on this machine: are they stopped, and in which ROS domain?

They are read from ``/proc``, which only Linux has; elsewhere none are found. Environments of other
users' processes may not be read: of these the domain is unknown.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from face_affect_ros.doctor.finding import Finding
from face_affect_ros.doctor.finding import note
from face_affect_ros.doctor.finding import ok
from face_affect_ros.doctor.finding import problem
from face_affect_ros.doctor.installation import domain

PROC = Path('/proc')

STOPPED = 'Tt'
"""States of a process that is held: by SIGSTOP (Ctrl-Z), or by a debugger."""

LARGE_BYTES = 1_000_000_000
"""More than twice what the nodes were seen to take (docs/performance.md)."""


@dataclass(frozen=True)
class NodeProcess:
    """A process that runs nodes of this package.

    :param command: how it was started, without Python.
    :param domain: its ROS_DOMAIN_ID, empty: not set; None: unknown.
    :param state: one letter, as in ``ps``.
    :param resident_bytes: its memory.
    """

    pid: int
    command: str
    domain: str | None
    state: str
    resident_bytes: int


def running(proc: Path = PROC) -> list[NodeProcess]:
    """Return the processes of nodes on this machine, without this one."""
    if not proc.is_dir():
        return []
    pids = sorted(int(entry.name) for entry in proc.iterdir() if entry.name.isdecimal())
    found = (_process(proc / str(pid), pid) for pid in pids if pid != os.getpid())
    return [each for each in found if each is not None]


def check_processes(proc: Path = PROC) -> Iterator[Finding]:
    """Return what is wrong with the processes of nodes on this machine."""
    there = running(proc)
    here = [each for each in there if _is_here(each)]
    for each in there:
        who = f'process {each.pid} ({each.command})'
        mib = each.resident_bytes / 2**20
        if each.state in STOPPED:
            yield problem(
                'processes-stopped', f'{who} is stopped, as by Ctrl-Z', f'kill -CONT {each.pid}'
            )
        if not _is_here(each):
            make = note if here else problem
            yield make(
                'processes-domain',
                f'{who} has ROS_DOMAIN_ID {each.domain or "0 (not set)"}, this shell '
                f'{domain() or "0 (not set)"}: they do not see each other',
                f'export ROS_DOMAIN_ID={each.domain or "0"} here, or start it again with yours',
            )
        if each.resident_bytes > LARGE_BYTES:
            yield problem(
                'processes-memory',
                f'{who} has {mib:.0f} MiB of memory',
                'restart it, and report what it was doing',
                memory_mib=round(mib),
            )
    if here:
        memory = sum(each.resident_bytes for each in here) / 2**20
        yield ok(
            'processes',
            f'{len(here)} of the nodes on this machine, {memory:.0f} MiB: '
            f'{", ".join(str(each.pid) for each in here[:5])}',
            memory_mib=round(memory),
        )
    elif not there:
        yield note('processes', 'no process of the nodes on this machine', 'face-affect run')


def _is_here(process: NodeProcess) -> bool:
    """Return whether a process is in this shell's ROS domain, as far as that is known."""
    return process.domain is None or (process.domain or '0') == (domain() or '0')


def _process(folder: Path, pid: int) -> NodeProcess | None:
    """Return a process, if it runs nodes."""
    try:
        words = (folder / 'cmdline').read_bytes().decode(errors='replace').split('\0')
        command = _command(words)
        if not command:
            return None
        # What stands behind the name, which may hold anything, in brackets.
        state = (folder / 'stat').read_text(errors='replace').rpartition(')')[2].split()[0]
        pages = int((folder / 'statm').read_text().split()[1])
    except (OSError, IndexError, ValueError):  # it has ended meanwhile, or is not ours to look at
        return None
    return NodeProcess(pid, command, _domain(folder), state, pages * os.sysconf('SC_PAGE_SIZE'))


def _command(words: Sequence[str]) -> str:
    """Return the command of nodes in the words of a command line; empty: it is of none."""
    for place, word in enumerate(words[:4]):
        path, following = Path(word), words[place + 1 : place + 2]
        if path.name == 'face-affect' or word == 'face_affect_ros.cli':
            return 'face-affect run' if following == ['run'] else ''
        if path.parent.name == 'face_affect_ros' and path.name in (
            'camera',
            'detection',
            'attributes',
        ):
            return path.name
    return ''


def _domain(folder: Path) -> str | None:
    try:
        environment = (folder / 'environ').read_bytes().decode(errors='replace').split('\0')
    except OSError:
        return None
    given = [each for each in environment if each.startswith('ROS_DOMAIN_ID=')]
    return given[0].partition('=')[2].strip() if given else ''
