# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Options that several subcommands share; named as the nodes' parameters, with dashes."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import TYPE_CHECKING
from typing import Any

from face_affect_ros.quoting import quoted

if TYPE_CHECKING:
    from face_affect_ros.parameter import Parameter
    from face_affect_ros.settings import ModelSettings


def number(kind: type, least: float, most: float) -> Callable[[str], float]:
    """Return a type for argparse: an int or float in ``least``..``most``."""

    def convert(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not least <= value <= most:
            what = 'a whole number' if kind is int else 'a number'
            raise argparse.ArgumentTypeError(
                f'{quoted(text)} is not {what} in {least:g}..{most:g}'
            )
        return value

    return convert


def model_name(text: str) -> str:
    """Return the name of a model that exists: a type for argparse."""
    from face_affect_ros.registry import catalogue

    if text not in catalogue.model_names():
        raise argparse.ArgumentTypeError(
            f'no model {quoted(text)}; there are: {", ".join(catalogue.model_names())}'
        )
    return text


def flag(parameter: str) -> str:
    """Return a parameter's name as an option: ``max_faces`` is ``--max-faces``."""
    return f'--{parameter.replace("_", "-").replace(".", "-")}'


def add_option(group: Any, parameter: Parameter, default: Any) -> None:
    """Add a parameter as an option of its name, which also is its ``dest``.

    :param group: a parser or a group of one.
    :param default: the value where it is not given.
    """
    text = f'{parameter.description} (default: {json.dumps(parameter.default)})'
    option: dict[str, Any] = dict(
        dest=parameter.name, default=default, help=text.replace('%', '%%')
    )
    if parameter.kind is bool:
        group.add_argument(flag(parameter.name), action=argparse.BooleanOptionalAction, **option)
        return
    group.add_argument(
        flag(parameter.name),
        type=_type_of(parameter),
        nargs=len(parameter.default) if parameter.kind is tuple else None,
        metavar='{' + ','.join(parameter.choices) + '}'
        if parameter.choices
        else parameter.name.rpartition('_')[2].upper(),
        **option,
    )


def words(parameter: Parameter, value: Any) -> list[str]:
    """Return a parameter's option with a value, as ``add_option`` reads it."""
    name = flag(parameter.name)
    if parameter.kind is bool:
        return [name if value else f'--no-{name[2:]}']
    if parameter.kind is tuple:
        return [name, *map(str, value)]
    return [f'{name}={value}']


def _type_of(parameter: Parameter) -> Callable[[str], Any]:
    """Return a type for argparse that takes one value of a parameter."""
    kind = float if parameter.kind is tuple else parameter.kind

    def convert(text: str) -> Any:
        try:
            value = kind(text)
            parameter.check_one(value)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error
        return value

    return convert


def add_rotate(parser: Any) -> None:
    """Add the degrees by which pictures are turned before faces are looked for."""
    parser.add_argument(
        '--rotate',
        type=int,
        choices=(0, 90, 180, 270),  # images.turning.ANGLES, which NumPy comes with
        default=0,
        help='degrees by which pictures are turned clockwise before faces are looked for, as of a '
        'camera that is mounted otherwise; boxes and landmarks are in the turned picture '
        '(default: %(default)s)',
    )


def add_weights_dir(parser: argparse.ArgumentParser) -> None:
    """Add the folder of a user's weights to a command that loads no model."""
    parser.add_argument(
        '--weights-dir',
        default='',
        metavar='DIR',
        help='folder whose weight files take precedence over the embedded ones',
    )


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that ``settings`` reads: the parameters of models."""
    from face_affect_ros.settings import MODEL_PARAMETERS

    group = parser.add_argument_group('model')
    for parameter in MODEL_PARAMETERS:
        add_option(group, parameter, parameter.default)


def settings(arguments: argparse.Namespace) -> ModelSettings:
    """Return the settings of a model, or of several, from the options.

    :raises UsageError: options that do not go together, or that no detector used here has.
    """
    from face_affect_ros import pipeline
    from face_affect_ros.cli import UsageError
    from face_affect_ros.settings import model_settings

    models = arguments.model if isinstance(arguments.model, list) else [arguments.model]
    try:
        found = model_settings(vars(arguments))
        pipeline.check_used([*models, *getattr(arguments, 'beside', ())], found)
        return found
    except ValueError as error:
        raise UsageError(str(error)) from error
