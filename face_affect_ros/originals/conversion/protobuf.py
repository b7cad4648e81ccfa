# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Protocol buffers' wire format, read by small tables instead of generated code.

A table gives a field's number its name and kind; other fields are skipped. Source:
https://protobuf.dev/programming-guides/encoding
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any
from typing import NamedTuple

from face_affect_ros.originals.conversion.arrays import ConversionError

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
"""Wire types; groups (3, 4) are not read."""


class Field(NamedTuple):
    """What a number stands for.

    :param kind: ``int``, ``text``, ``bytes``, a NumPy type of numbers as ``<f4``, or a table.
    """

    name: str
    kind: str | Mapping[int, Any]


Table = Mapping[int, Field]

Message = dict[str, list[Any]]
"""Values by name, in their order; numbers of a NumPy type are arrays to be joined."""


def read(data: bytes | memoryview, table: Table) -> Message:
    """Return a message's fields.

    :raises ConversionError: the bytes end too early or are no message.
    """
    message: Message = {field.name: [] for field in table.values()}
    for number, wire, value in _fields(memoryview(data)):
        if number in table:
            name, kind = table[number]
            message[name].extend(_values(name, kind, wire, value))
    return message


def _values(name: str, kind: Any, wire: int, value: Any) -> list[Any]:
    """Return what one occurrence of a field holds."""
    if kind == 'int':
        return [_signed(value)] if wire == VARINT else [
            _signed(number) for number in _packed(_bytes(name, wire, value))]
    raw = value if wire in (FIXED32, FIXED64) else _bytes(name, wire, value)
    if kind == 'bytes':
        return [bytes(raw)]
    if kind == 'text':
        return [_text(name, raw)]
    if isinstance(kind, str):
        return [_numbers(name, kind, raw)]
    return [read(raw, kind)]


def _fields(data: memoryview) -> Iterator[tuple[int, int, Any]]:
    """Yield number, wire type and value: an integer, or bytes."""
    place = 0
    while place < len(data):
        key, place = _varint(data, place)
        number, wire = key >> 3, key & 7
        if number == 0:
            raise ConversionError('no protocol buffer: a field has the number 0')
        if wire == VARINT:
            value, place = _varint(data, place)
            yield number, wire, value
            continue
        if wire == LENGTH:
            length, place = _varint(data, place)
        elif wire in (FIXED32, FIXED64):
            length = 4 if wire == FIXED32 else 8
        else:
            raise ConversionError(f'no protocol buffer: field {number} has wire type {wire}')
        if place + length > len(data):
            raise ConversionError(
                f'cut short: field {number} wants {length} bytes, {len(data) - place} are left')
        yield number, wire, data[place:place + length]
        place += length


def _varint(data: memoryview, place: int) -> tuple[int, int]:
    """Return a number of variable length and the place behind it."""
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(data):
            raise ConversionError('cut short within a number')
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise ConversionError('no protocol buffer: a number has more than ten bytes')


def _packed(data: memoryview) -> Iterator[int]:
    """Yield packed numbers of variable length."""
    place = 0
    while place < len(data):
        value, place = _varint(data, place)
        yield value


def _signed(value: int) -> int:
    """Return a number of 64 bits with its sign."""
    return value - (1 << 64) if value >> 63 else value


def _bytes(name: str, wire: int, value: Any) -> memoryview:
    """Return the bytes of a field that must have a length."""
    if wire != LENGTH:
        raise ConversionError(f'no protocol buffer of this kind: {name} has wire type {wire}')
    return value


def _text(name: str, raw: memoryview) -> str:
    """Return a text."""
    try:
        return bytes(raw).decode()
    except UnicodeDecodeError as error:
        raise ConversionError(f'{name} is no text: {error}') from error


def _numbers(name: str, kind: str, raw: memoryview) -> Any:
    """Return an array of numbers of fixed size."""
    import numpy as np
    if len(raw) % np.dtype(kind).itemsize:
        raise ConversionError(f'{name} has {len(raw)} bytes, which are no whole numbers {kind}')
    return np.frombuffer(raw, kind)
