# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The command line ``face-affect``: one module a subcommand.

A subcommand's module has ``SUMMARY`` (one line), ``add_arguments(parser)`` and
``run(arguments) -> int``; it imports anything heavy only when it runs. Exit codes: 0 all well,
1 something failed (named on stderr), 2 wrong usage, 130 interrupted by Ctrl-C.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterable
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from face_affect_ros.cli import streams
from face_affect_ros.quoting import LENGTH
from face_affect_ros.quoting import printable
from face_affect_ros.quoting import quoted
from face_affect_ros.quoting import shortened

if TYPE_CHECKING:
    from types import ModuleType

PROGRAM = 'face-affect'

COMMANDS = {
    'run': 'face_affect_ros.cli.run',
    'classify': 'face_affect_ros.cli.classify',
    'bench': 'face_affect_ros.cli.bench',
    'models': 'face_affect_ros.cli.models',
    'train': 'face_affect_ros.cli.train',
    'evaluate': 'face_affect_ros.cli.evaluate',
    'explain': 'face_affect_ros.cli.explain',
    'play': 'face_affect_ros.cli.play',
    'doctor': 'face_affect_ros.cli.doctor',
    'verify': 'face_affect_ros.cli.verify',
    'enrol': 'face_affect_ros.cli.enrol',
    'forget': 'face_affect_ros.cli.forget',
    'recognise': 'face_affect_ros.cli.recognise',
    'cluster': 'face_affect_ros.cli.cluster',
}
"""Modules of the subcommands, in the order of ``--help``."""

FAILED, WRONG_USAGE, INTERRUPTED, BROKEN_PIPE = 1, 2, 130, 141
"""Exit codes beside 0; the last two as shells have them for SIGINT and SIGPIPE."""

_MOST = 800
"""Most characters of an error of wrong usage, which may name all that there is."""

_LONG_WORD = re.compile(rf'\S{{{LENGTH + 1},}}')

_ROS_ARGUMENTS = '--ros-args'
_WITH_ROS = ('run', 'play')
"""Subcommands that take ROS's own arguments."""

_DESCRIPTION = (
    'Faces in pictures and camera streams: where they are, their emotion,'
    ' gender, age and attributes.'
)

_EPILOG = """\
examples:
  face-affect classify party.jpg                what is to be seen in a picture
  face-affect classify photos --annotate out    a whole folder; pictures with the faces drawn in
  face-affect classify photos --json > faces.jsonl
  face-affect run                               all ROS 2 nodes in one process
  face-affect run --image-topic /camera/color/image_raw
  face-affect bench                             how long each stage takes on this machine
  face-affect models verify                     are the networks' files whole?
  face-affect doctor                            what is wrong on this robot, and what to do
  face-affect train emotion_mini_xception --data my_faces
  face-affect verify monday.jpg friday.jpg      the same person?
  face-affect cluster holiday --to sorted       folders by who is in the pictures

Each command has its own --help. Exit codes: 0 all well, 1 something failed, 2 wrong usage.
"""


class CommandError(Exception):
    """Something failed; the text says what, and what to do about it. Exit code 1."""


class UsageError(CommandError):
    """The command was called wrongly, which only showed after parsing. Exit code 2."""


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit code.

    :param argv: arguments without the program's name; ``sys.argv`` if not given.
    """
    streams.open_closed()
    streams.escape_what_is_missing()
    given = list(sys.argv[1:] if argv is None else argv)
    if given[:1] == ['run']:
        from face_affect_ros.ros import process

        process.stop_on_signals()  # what comes next takes a while to import
    try:
        code = _exit_code(given)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return INTERRUPTED
    except MemoryError:
        print(
            f'{PROGRAM}: error: there is not enough memory: free some, or give it more',
            file=sys.stderr,
        )
        return FAILED
    except BrokenPipeError:  # whoever read our output left
        streams.let_go()
        return BROKEN_PIPE
    except OSError as error:
        streams.let_go()
        place = quoted(error.filename) if error.filename else 'what is printed cannot be written'
        print(f'{PROGRAM}: error: {place}: {error.strerror or error}', file=sys.stderr)
        return FAILED


def _exit_code(given: list[str]) -> int:
    """Run, and return the exit code, also where argparse ends: --help, --version, wrong usage."""
    try:
        return _run(given)
    except SystemExit as stop:
        return int(stop.code or 0)


def build_parser(commands: Iterable[str] = COMMANDS) -> argparse.ArgumentParser:
    """Return the parser of the given subcommands; only their modules are imported."""
    parser = _Parser(
        prog=PROGRAM,
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('--version', action=_Version)
    subparsers = parser.add_subparsers(
        title='commands', dest='command', metavar='COMMAND', required=True
    )
    for name in commands:
        module = import_module(COMMANDS[name])
        command = subparsers.add_parser(
            name,
            help=module.SUMMARY,
            description=_as_sentence(module.SUMMARY),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
        command.set_defaults(module=module)
    return parser


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are short, whatever was given."""

    def error(self, message: str):
        """Print usage and what is wrong, and exit."""
        short = _LONG_WORD.sub(lambda word: shortened(word[0]), message)
        super().error(shortened(short, _MOST))


class _Version(argparse.Action):
    """Print the version that is installed; it is looked up only when asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str):
        super().__init__(
            option_strings, argparse.SUPPRESS, nargs=0, help='print the version and exit'
        )

    def __call__(self, parser, namespace, values, option_string=None):
        print(f'{PROGRAM} {version()}')
        parser.exit()


def version() -> str:
    """Return the version of the installed package, ``unknown`` where it is not installed."""
    from importlib import metadata

    try:
        return metadata.version('face_affect_ros')
    except metadata.PackageNotFoundError:
        return _version_of_share()


def _version_of_share() -> str:
    """Return the version that ament's package.xml names: colcon leaves no Python metadata."""
    from pathlib import Path
    from xml.etree import ElementTree

    for prefix in os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep):
        manifest = Path(prefix) / 'share/face_affect_ros/package.xml'
        if prefix and manifest.is_file():
            return ElementTree.parse(manifest).findtext('version') or 'unknown'
    return 'unknown'


def _run(given: list[str]) -> int:
    """Parse and run; raise ``SystemExit`` as argparse does."""
    ours, ros_arguments = _split(given)
    parser = build_parser([ours[0]] if ours and ours[0] in COMMANDS else COMMANDS)
    _complete(parser)
    if not ours:
        parser.print_help(sys.stderr)
        return WRONG_USAGE
    arguments = parser.parse_args(ours)
    module: ModuleType = arguments.module
    if ros_arguments and arguments.command not in _WITH_ROS:
        parser.error(f'{_ROS_ARGUMENTS} goes with {" and ".join(_WITH_ROS)} only')
    arguments.ros_arguments = ros_arguments
    try:
        return module.run(arguments)
    except UsageError as error:
        _complain(arguments.command, error)
        return WRONG_USAGE
    except CommandError as error:
        _complain(arguments.command, error)
        return FAILED
    except Exception as error:
        if not _is_expected(error):
            raise
        _complain(arguments.command, error)
        return FAILED


def _split(given: list[str]) -> tuple[list[str], list[str]]:
    """Return what is ours and what follows ``--ros-args``."""
    if _ROS_ARGUMENTS not in given:
        return given, []
    place = given.index(_ROS_ARGUMENTS)
    return given[:place], given[place + 1 :]


def _complete(parser: argparse.ArgumentParser):
    """Answer a shell that asks for completions, where argcomplete is installed."""
    if '_ARGCOMPLETE' not in os.environ:
        return
    try:
        import argcomplete
    except ImportError:
        return
    argcomplete.autocomplete(parser)


def _is_expected(error: Exception) -> bool:
    """Return whether an error's text alone tells the user all that there is to know."""
    from face_affect_ros.engines.protocol import FrameworkError
    from face_affect_ros.registry.catalogue import UnknownNameError
    from face_affect_ros.registry.catalogue import WeightsError

    return isinstance(error, (FrameworkError, UnknownNameError, WeightsError))


def _complain(command: str, error: Exception):
    """Name a failure on stderr."""
    print(f'{PROGRAM} {command}: error: {printable(str(error))}', file=sys.stderr)


def _as_sentence(summary: str) -> str:
    """Return a summary with a capital and a full stop."""
    return f'{summary[:1].upper()}{summary[1:].rstrip(".")}.'
