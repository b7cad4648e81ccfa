# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Former names of what users may have in their code, each with a DeprecationWarning."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any
from typing import TypeVar

Class = TypeVar('Class', bound=type)


def warn(former: str, name: str, depth: int = 2) -> None:
    """Warn of a former name.

    :param depth: callers between this function and the user's code.
    """
    warnings.warn(f'{former} is now {name}', DeprecationWarning, stacklevel=depth + 1)


def former_property(former: str, name: str) -> Any:
    """Return a property that is another one's former name."""

    def get(self: Any) -> Any:
        owner = next(each for each in type(self).__mro__ if former in vars(each)).__name__
        warn(f'{owner}.{former}', f'{owner}.{name}')
        return getattr(self, name)

    get.__doc__ = f'The former name of ``{name}``.'
    return property(get)


def former_argument(former: str, name: str) -> Callable[[Callable], Callable]:
    """Return a decorator for a function that takes a keyword argument by its former name too."""

    def decorate(function: Callable) -> Callable:
        @functools.wraps(function)
        def call(*arguments: Any, **values: Any) -> Any:
            if former in values:
                warn(f'the argument {former}', name)
                values[name] = values.pop(former)
            return function(*arguments, **values)

        return call

    return decorate


def former_field(former: str, name: str) -> Callable[[Class], Class]:
    """Return a decorator for a dataclass that has a field by its former name too."""

    def decorate(settings: Class) -> Class:
        settings.__init__ = former_argument(former, name)(settings.__init__)  # type: ignore[misc]
        setattr(settings, former, former_property(former, name))
        return settings

    return decorate
