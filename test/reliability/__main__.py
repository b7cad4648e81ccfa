# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Do to the nodes what goes wrong on robots, for as long as told; script/chaos runs this.

    script/chaos                               ten minutes of all
    script/chaos --minutes 60 --seed 7 --page  and write the table into docs/reliability.md
    script/chaos --minutes 90 --parts soak     one part

Parts: limits (starts with less memory, files or shared memory), bombs (pictures that would take
too much), flood (faults without end; the log stays short), chaos (killed, frozen, restarted,
walked through their lifecycle, by a seeded generator) and soak (ordinary work; nothing grows).
Exit code 1 where a gate fails.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path

from tqdm import tqdm

PAGE = Path(__file__).resolve().parents[2] / 'docs/reliability.md'
SHARES = {'flood': 0.08, 'chaos': 0.36, 'soak': 0.56}
"""Of the time that limits and bombs leave."""

LEAST_S = 30.0
"""Seconds for each of these at least."""


def main() -> int:
    """Run all parts."""
    parser = argparse.ArgumentParser(
        prog='script/chaos',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('--minutes', type=float, default=10.0, help='of all (default: 10)')
    parser.add_argument('--seed', type=int, default=int(time.time()), help='default: another')
    parser.add_argument('--page', action='store_true', help='write docs/reliability.md')
    parser.add_argument(
        '--parts',
        nargs='+',
        default=['limits', 'bombs', *SHARES],
        metavar='PART',
        choices=['limits', 'bombs', *SHARES],
        help='default: limits bombs flood chaos soak',
    )
    arguments = parser.parse_args()
    results = _run(arguments)
    table = _table(results.rows)
    print(f'\n{table}\n')
    for failure in results.failures:
        print(f'failed: {failure}')
    print(f'seed {arguments.seed}: {len(results.failures)} gates failed')
    if arguments.page:
        from reliability import results_page

        minutes, seed = arguments.minutes, arguments.seed
        results_page.write(PAGE, table, results.failures, minutes, seed)
    return int(bool(results.failures))


def _run(arguments: argparse.Namespace):
    """Run the parts that are wanted; show progress on stderr."""
    from reliability import parts

    results, chance = parts.Results(), random.Random(arguments.seed)
    end = time.monotonic() + 60 * arguments.minutes
    bar = tqdm(total=round(60 * arguments.minutes), unit='s', file=sys.stderr)

    def tick(done: str, took: float) -> None:
        bar.set_description(done)
        bar.update(round(took))

    wanted = arguments.parts
    if 'limits' in wanted:
        parts.limited(results, tick)
    if 'bombs' in wanted:
        parts.bombed(results, tick)
    shares = sum(SHARES[each] for each in wanted if each in SHARES) or 1.0
    left = max(0.0, end - time.monotonic()) / shares
    seconds = {part: max(LEAST_S, share * left) for part, share in SHARES.items()}
    if 'flood' in wanted:
        parts.flooded(results, tick, seconds['flood'])
    if 'chaos' in wanted:
        parts.shaken(results, tick, seconds['chaos'], chance)
    if 'soak' in wanted:
        parts.soaked(results, tick, seconds['soak'], chance)
    bar.close()
    return results


def _table(rows: list[dict[str, str]]) -> str:
    """Return the rows as a table in Markdown."""
    lines = ['| part | what | result |', '|---|---|---|']
    lines += [f'| {row["part"]} | {row["done"]} | {row["result"]} |' for row in rows]
    return '\n'.join(lines)


if __name__ == '__main__':
    sys.exit(main())
