# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Protocol buffers as text: Caffe's prototxt, TensorFlow's pbtxt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from face_affect_ros.originals.conversion.arrays import ConversionError

_TOKEN = re.compile(r'\s+|#[^\n]*|(?P<word>"[^"\\\n]*"|[{}:]|[^\s{}:#"]+)')

Message = dict[str, list[Any]]
"""Values by name in their order: a text, without its quotes, or a message."""


def read(data: bytes) -> Message:
    """Return a message.

    :raises ConversionError: the text is none, or ends too early.
    """
    try:
        words = _words(data.decode())
    except UnicodeDecodeError as error:
        raise ConversionError(f'no text: {error}') from error
    message, closed = _message(words)
    if closed:
        raise ConversionError('a "}" too many')
    return message


def number(message: Message, name: str, default: int | None = None) -> int:
    """Return a whole number that is there at most once."""
    text = one(message, name, None if default is None else str(default))
    try:
        return int(text)
    except (TypeError, ValueError) as error:
        raise ConversionError(f'{name} is no whole number: {text!r}') from error


def decimal(message: Message, name: str, default: float | None = None) -> float:
    """Return a number that is there at most once."""
    text = one(message, name, None if default is None else str(default))
    try:
        return float(text)
    except (TypeError, ValueError) as error:
        raise ConversionError(f'{name} is no number: {text!r}') from error


def one(message: Message, name: str, default: Any = None) -> Any:
    """Return a value that is there once, or at most once where there is a default."""
    values = message.get(name) or ([] if default is None else [default])
    if len(values) != 1:
        raise ConversionError(f'expected one {name}, found {len(values)}')
    return values[0]


def _words(text: str) -> Iterator[str]:
    """Yield names, values and braces."""
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise ConversionError(f'cannot read {text[place : place + 20]!r}')
        place = found.end()
        if found['word']:
            yield found['word']


def _message(words: Iterator[str]) -> tuple[Message, bool]:
    """Return a message and whether a brace closed it."""
    message: Message = {}
    for name in words:
        if name == '}':
            return message, True
        if name in '{:':
            raise ConversionError(f'expected a name, found {name!r}')
        message.setdefault(name, []).append(_value(words, name))
    return message, False


def _value(words: Iterator[str], name: str) -> Any:
    """Return what follows a name."""
    word = next(words, '')
    if word == ':':
        word = next(words, '')
    elif word != '{':
        raise ConversionError(f'expected ":" or "{{" behind {name}, found {word!r}')
    if word == '{':
        message, closed = _message(words)
        if not closed:
            raise ConversionError(f'cut short: {name} is not closed')
        return message
    if word in ('', '}', ':'):
        raise ConversionError(f'cut short: {name} has no value')
    return word.strip('"')
