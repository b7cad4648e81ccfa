# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Search for inputs that a target fails at, guided by coverage; script/fuzz runs this.

    script/fuzz                            every target, a minute each
    script/fuzz decode --seconds 3600
    script/fuzz decode --input NAME        one kept input once more, with its traceback

What a target fails at is written into test/fuzz/corpus/TARGET: mend the cause and commit the
file, which is tried at every test run from then on.
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
import tempfile
from pathlib import Path

from fuzz import seeds
from fuzz import targets

COVERED = ('face_affect_ros', 'PIL')
"""Packages whose branches guide the search."""

CORPUS = Path(__file__).with_name('corpus')


def main() -> int:
    """Search, or run what is asked for; return 1 where a target fails."""
    parser = argparse.ArgumentParser(
        prog='script/fuzz',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('targets', nargs='*', metavar='TARGET', help=', '.join(targets.TARGETS))
    parser.add_argument(
        '--seconds', type=int, default=60, help='of the search of each target (default: 60)'
    )
    parser.add_argument(
        '--runs', type=int, default=-1, help='inputs tried of each target (default: any number)'
    )
    parser.add_argument('--seed', type=int, default=0, help='of the search (default: another)')
    parser.add_argument(
        '--keep', type=Path, help='folder, absolute, for inputs that reach new lines'
    )
    parser.add_argument(
        '--input', type=Path, help='try this file of corpus/TARGET, or at an absolute path'
    )
    parser.add_argument('--here', action='store_true', help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    unknown = set(arguments.targets) - set(targets.TARGETS)
    if unknown:
        parser.error(f'no target {", ".join(sorted(unknown))}: {", ".join(targets.TARGETS)}')
    names = arguments.targets or list(targets.TARGETS)
    if arguments.input:
        print(targets.run(names[0], (CORPUS / names[0] / arguments.input).read_bytes()) or 'well')
        return 0
    if arguments.here:
        search(names[0], arguments)
    return int(any([_search_apart(name, arguments) for name in names]))


def _search_apart(name: str, arguments: argparse.Namespace) -> bool:
    """Search in a process of its own, which a fault may end; return whether one was found."""
    words = [sys.executable, '-m', 'fuzz', name, '--here', '--seed', str(arguments.seed)]
    words += ['--seconds', str(arguments.seconds), '--runs', str(arguments.runs)]
    words += ['--keep', str(arguments.keep)] if arguments.keep else []
    print(f'{name}: ', end='', flush=True)
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    lines = done.stdout.decode(errors='backslashreplace').splitlines()
    if done.returncode:
        print('failed\n' + '\n'.join(lines[-60:]))
        return True
    print(_in_words(lines))
    return False


def _in_words(lines: list[str]) -> str:
    """Return what libFuzzer's output says of a search without a fault."""
    last = next((line for line in reversed(lines) if ' cov: ' in line), '')
    covered = last.partition(' cov: ')[2].partition(' ')[0]
    tried = next((line.split()[1] for line in lines if line.startswith('Done ')), '?')
    return f'{tried} inputs, {covered} branches reached'


def search(name: str, arguments: argparse.Namespace) -> None:
    """Search in this process, which ends with it."""
    import atheris

    for module in [each for each in sys.modules if each.partition('.')[0] in COVERED]:
        del sys.modules[module]  # to be imported once more, with its branches counted
    with atheris.instrument_imports(include=list(COVERED)):
        for module in (seeds, targets):
            importlib.reload(module)
        for _, data in seeds.of_target(name):  # which import what is imported at its first use
            targets.run(name, data)
    with tempfile.TemporaryDirectory() as begin:
        for kind, data in seeds.of_target(name):
            Path(begin, kind).write_bytes(data)
        kept = CORPUS / name
        kept.mkdir(parents=True, exist_ok=True)
        found = arguments.keep or Path(begin)
        found.mkdir(parents=True, exist_ok=True)
        atheris.Setup(
            [
                'fuzz',
                f'-max_total_time={arguments.seconds}',
                f'-runs={arguments.runs}',
                f'-seed={arguments.seed}',
                f'-timeout={targets.SECONDS}',
                f'-rss_limit_mb={targets.MEGABYTES}',
                '-max_len=8192',
                f'-artifact_prefix={kept}/',
                str(found),
                begin,
                str(kept),
            ],
            lambda data: targets.run(name, data),
        )
        atheris.Fuzz()


if __name__ == '__main__':
    sys.exit(main())
