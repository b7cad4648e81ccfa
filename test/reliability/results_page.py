# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The section of ``docs/reliability.md`` with the last long run."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import datetime
from datetime import timezone
from importlib import metadata
from pathlib import Path

BEGIN, END = '<!-- written by script/chaos -->', '<!-- end of what script/chaos writes -->'


def write(page: Path, table: str, failures: Sequence[str], minutes: float, seed: int) -> None:
    """Replace the section of a page."""
    text = page.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, behind = rest.partition(END)
    page.write_text(f'{before}{BEGIN}\n{section(table, failures, minutes, seed)}{END}{behind}')


def section(table: str, failures: Sequence[str], minutes: float, seed: int) -> str:
    """Return the section: when and where, the table, and what failed."""
    now = datetime.now(timezone.utc)
    lines = [
        '',
        f'`script/chaos --minutes {minutes:g} --seed {seed}`, {now:%Y-%m-%d}, version '
        f'{metadata.version("face_affect_ros")}, {_machine()}:',
        '',
        table,
        '',
        *([f'- failed: {failure}' for failure in failures] or ['No gate failed.']),
        '',
    ]
    return '\n'.join(lines)


def _machine() -> str:
    """Return the hardware in words."""
    cpu = next(
        (
            line.partition(':')[2].strip()
            for line in Path('/proc/cpuinfo').read_text().splitlines()
            if line.startswith('model name')
        ),
        platform.machine(),
    )
    memory = os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9
    load = os.getloadavg()[2]
    return (
        f'{os.cpu_count()} cores ({cpu}), {memory:.0f} GB, Python {platform.python_version()}, '
        f'load of the last 15 minutes {load:.1f}'
    )
