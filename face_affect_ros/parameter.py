# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Parameters: each declared once, with its default, range and meaning.

A dataclass of settings declares them as its fields (``declare``). The nodes' ROS parameters, the
options of the commands and the documentation are made of the same declarations.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import fields
from numbers import Integral
from numbers import Real
from os import PathLike
from os import fspath
from typing import Any

from face_affect_ros.quoting import quoted

NODES = ('camera', 'detection', 'attributes')

NETWORK_NODES = ('detection', 'attributes')
"""The nodes that have networks."""

Value = Any  # bool, int, float, str or a tuple of float, as the parameter's default is


class ParameterError(ValueError):
    """A value that a parameter cannot have; the text names both."""


@dataclass(frozen=True)
class Parameter:
    """One parameter.

    :param name: as in ROS; ``face-affect run`` has it with dashes.
    :param default: also says what type it has; a tuple of floats has a fixed length.
    :param description: what it does, with unit.
    :param nodes: the nodes that have it.
    :param limits: least and greatest value of numbers.
    :param choices: all values of a text.
    :param fixed: whether it can change only while the node is unconfigured.
    :param is_topic: whether it names a topic to subscribe to, or is empty.
    """

    name: str
    default: Value
    description: str
    nodes: tuple[str, ...]
    limits: tuple[float, float] | None = None
    choices: tuple[str, ...] = ()
    fixed: bool = False
    is_topic: bool = False

    @property
    def kind(self) -> type:
        """The type of the values: bool, int, float, str or tuple (of floats)."""
        return type(self.default)

    def checked(self, value: Any) -> Value:
        """Return a value from ROS in this parameter's type.

        :raises ParameterError: wrong type, out of range or none of the choices.
        """
        typed = _CASTS[self.kind](self, value)
        for one in typed if isinstance(typed, tuple) else (typed,):
            rule = self._broken_rule(one)
            if rule:
                raise self.refusal(typed, rule)
        return typed

    def check_one(self, value: Any) -> None:
        """Check range or choices of a value, of several each by itself.

        :raises ParameterError: out of range or none of the choices.
        """
        rule = self._broken_rule(value)
        if rule:
            raise self.refusal(value, rule)

    def _broken_rule(self, value: Any) -> str:
        """Return what a value should have been; empty: nothing else."""
        if self.limits and not self.limits[0] <= value <= self.limits[1]:
            low, high = self.limits
            return f'must be in {low:g}..{high:g}'
        if self.choices and value not in self.choices:
            return f'must be one of {", ".join(self.choices)}'
        return ''

    def refusal(self, value: Any, rule: str) -> ParameterError:
        """Return the error of a value that breaks a rule."""
        return ParameterError(f'parameter {self.name} is {quoted(value)}: {rule}')


def _as_bool(parameter: Parameter, value: Any) -> bool:
    if not isinstance(value, bool):
        raise parameter.refusal(value, 'must be true or false')
    return value


def _as_int(parameter: Parameter, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise parameter.refusal(value, 'must be a whole number')
    return int(value)


def _as_float(parameter: Parameter, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise parameter.refusal(value, 'must be a finite number')
    return float(value)


def _as_str(parameter: Parameter, value: Any) -> str:
    if isinstance(value, PathLike):
        value = fspath(value)
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise parameter.refusal(value, 'must be a text')
    return str(value)


def _as_floats(parameter: Parameter, value: Any) -> tuple[float, ...]:
    rule = f'must be {len(parameter.default)} finite numbers'
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise parameter.refusal(value, rule)
    value = tuple(value)
    try:
        values = tuple(_as_float(parameter, number) for number in value)
    except ParameterError as error:
        raise parameter.refusal(value, rule) from error
    if len(values) != len(parameter.default):
        raise parameter.refusal(value, rule)
    return values


_CASTS: Mapping[type, Callable[[Parameter, Any], Value]] = {
    bool: _as_bool,
    int: _as_int,
    float: _as_float,
    str: _as_str,
    tuple: _as_floats,
}


def declare(
    default: Value, description: str, nodes: tuple[str, ...] = NETWORK_NODES, **rules: Any
) -> Any:
    """Return a field of a dataclass that is a parameter of the field's name.

    :param rules: ``limits``, ``choices`` and ``fixed`` of the ``Parameter``.
    """
    return field(
        default=default,
        metadata={'parameter': lambda name: Parameter(name, default, description, nodes, **rules)},
    )


def declared(settings: Any) -> tuple[Parameter, ...]:
    """Return the parameters that a dataclass, or an instance of it, declares."""
    return tuple(
        entry.metadata['parameter'](entry.name)
        for entry in fields(settings)
        if 'parameter' in entry.metadata
    )


def given(settings: type, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values that a dataclass declares, by its fields and in their types.

    :param values: by name; what is missing is left to the dataclass.
    :raises ParameterError: a value has the wrong type or is out of its range.
    """
    return {
        parameter.name: parameter.checked(values[parameter.name])
        for parameter in declared(settings)
        if parameter.name in values
    }


def check(settings: Any) -> None:
    """Check what a dataclass declares.

    :raises ParameterError: a value has the wrong type or is out of its range.
    """
    for parameter in declared(settings):
        parameter.checked(getattr(settings, parameter.name))
