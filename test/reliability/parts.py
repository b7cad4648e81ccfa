# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The parts of a long run: each takes its share of the time and gives rows of the table."""

from __future__ import annotations

import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from reliability import bombs
from reliability import events
from reliability import floods
from reliability import limits
from reliability import soak as soaking
from reliability.nodes import NoAnswer
from reliability.nodes import Nodes
from reliability.nodes import Recovery

Tick = Callable[[str, float], object]
"""Told what is done, and the seconds that it took."""


@dataclass
class Results:
    """What a run gave so far.

    :param rows: of the table: part, what was done, what came of it.
    :param failures: gates that failed, one text each.
    """

    rows: list[dict[str, str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def add(self, part: str, done: str, result: str) -> None:
        """Add a row."""
        self.rows.append({'part': part, 'done': done, 'result': result})


def limited(results: Results, tick: Tick) -> None:
    """Start the nodes under each limit."""
    for name in limits.LIMITS:
        begin = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            try:
                outcome = limits.outcome(name, Path(folder))
            except AssertionError as error:
                outcome = 'failed'
                results.failures.append(str(error))
        results.add('limits', name, outcome)
        tick(name, time.monotonic() - begin)


def bombed(results: Results, tick: Tick) -> None:
    """Send each bomb."""
    with _nodes('composed', results, 'bombs') as nodes:
        nodes.wait_until_well()
        nodes.show(False)
        for name in (*bombs.BOMBS, *bombs.MESSAGES):
            begin = time.monotonic()
            row = bombs.measure(nodes, name)
            results.failures += filter(None, [bombs.fault(row)])
            results.add(
                'bombs',
                name,
                f'{row["answer"]}; {max(0.0, row["memory_mb"]):.0f} MB, {row["cpu_s"]:.2f} s of '
                f'processor time, next answer after {row["next_s"]:.2f} s',
            )
            tick(name, time.monotonic() - begin)


def flooded(results: Results, tick: Tick, seconds: float) -> None:
    """Flood the nodes with faults; ``_nodes`` looks at the log."""
    for transport in ('raw', 'compressed'):
        options = ['--image-transport', transport]
        with _nodes('composed', results, f'flood, {transport}', options) as nodes:
            nodes.wait_until_active()
            begin = time.monotonic()
            sent = floods.flood(nodes, seconds / 2)
            took = time.monotonic() - begin
            lines = len(nodes.log().splitlines())
            results.add(
                'log', f'{sent:,} faults in {took:.0f} s, camera {transport}', f'{lines} lines'
            )
            tick(f'flood, {transport}', took)


def shaken(results: Results, tick: Tick, seconds: float, chance: random.Random) -> None:
    """Let events happen to the nodes, apart and composed, each for half of the time."""
    for layout in ('apart', 'composed'):
        done: Counter[str] = Counter()
        slowest: dict[str, float] = {}
        with _nodes(layout, results, f'chaos, {layout}') as nodes:
            nodes.wait_until_well()
            end = time.monotonic() + seconds / 2
            while time.monotonic() < end:
                begin = time.monotonic()
                event = chance.choice(events.EVENTS)
                name = event.__name__.replace('_', ' ')
                took = _happen(nodes, event, chance, results)
                done[name] += 1
                slowest[name] = max(slowest.get(name, 0.0), took)
                tick(f'{layout}: {name}', time.monotonic() - begin)
        for name in sorted(done):
            results.add(
                f'chaos, {layout}',
                f'{name}, {done[name]} times',
                f'well again after at most {slowest[name]:.1f} s',
            )


def soaked(results: Results, tick: Tick, seconds: float, chance: random.Random) -> None:
    """Let the nodes work, and look at what they take."""
    with _nodes('composed', results, 'soak') as nodes:
        nodes.wait_until_well()
        soak = soaking.soak(nodes, seconds, chance, lambda took: tick('soak', took))
    results.failures += [f'soak: {fault}' for fault in soak.faults()]
    first, last = soak.samples[len(soak.samples) // 4].taken, soak.samples[-1].taken
    growth = f'{soak.growth_mb_an_hour:+.1f} MB/h over the last {60 * soak.hours:.0f} min'
    results.add(
        'soak',
        f'{seconds / 60:.0f} min, {soak.calls:,} calls, {soak.failed} failed',
        f'memory {first.memory_mb:.0f} MB after a quarter, {last.memory_mb:.0f} MB at the end: '
        f'{growth}; threads {first.threads} and {last.threads}, open files {first.files} and '
        f'{last.files}',
    )


def _happen(
    nodes: Nodes,
    event: Callable[[Nodes, random.Random], str],
    chance: random.Random,
    results: Results,
) -> float:
    """Let an event happen; return the seconds until the nodes are well again."""
    try:
        event(nodes, chance)
    except (AssertionError, *NoAnswer) as error:
        results.failures.append(f'{event.__name__}: {error}')
    begin = time.monotonic()
    events.undo(nodes)
    try:
        nodes.wait_until_well()
    except Recovery as error:
        results.failures.append(f'{event.__name__}: {error}')
    return time.monotonic() - begin


@contextmanager
def _nodes(
    layout: str, results: Results, part: str, options: list[str] | None = None
) -> Iterator[Nodes]:
    """Start nodes; at the end look at their exit codes and at what they wrote."""
    with tempfile.TemporaryDirectory() as folder:
        # Nodes that were killed count for a while in the namespace that they had.
        namespace = f'/{"".join(filter(str.isalnum, part))}'
        nodes = Nodes(layout, namespace, Path(folder), options=options or [])
        try:
            yield nodes
        except (AssertionError, *NoAnswer) as error:
            results.failures.append(f'{part}: {error}')
        finally:
            codes = nodes.close()
        if any(codes):
            results.failures.append(f'{part}: exit codes {codes}')
        found = [*nodes.ended, *nodes.log_faults()]
        results.failures += [f'{part}: {each}' for each in found]
