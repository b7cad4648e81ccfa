# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Messages of google.protobuf declared by tables of the fields that are read.

Fields that a table does not name are skipped, as protocol buffers prescribe.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING
from typing import NamedTuple

from face_affect_ros.originals.conversion.arrays import ConversionError

if TYPE_CHECKING:
    from google.protobuf.message import Message


class Field(NamedTuple):
    """One field of a message.

    :param number: its number.
    :param kind: ``int64``, ``float``, ``double``, ``bytes``, or the name of another message.
    :param repeated: whether it may occur more than once.
    """

    number: int
    kind: str
    repeated: bool = False


class Schema:
    """Messages that name each other.

    :param package: a name of its own.
    :param messages: fields by name, by the message's name.
    """

    def __init__(self, package: str, messages: Mapping[str, Mapping[str, Field]]):
        """Keep the tables; the classes are made when they are used."""
        self._package, self._messages = package, messages

    def read(self, name: str, data: bytes) -> Message:
        """Return a message.

        :raises ConversionError: the bytes end too early or are not a message of this kind.
        """
        from google.protobuf.message import DecodeError

        try:
            return _classes(self)[name].FromString(data)
        except DecodeError as error:
            raise ConversionError(
                f'damaged or cut short: not a protocol buffer ({error})'
            ) from error

    def file(self):
        """Return the tables as google.protobuf declares them."""
        from google.protobuf.descriptor_pb2 import FieldDescriptorProto
        from google.protobuf.descriptor_pb2 import FileDescriptorProto

        file = FileDescriptorProto(
            name=f'{self._package}.proto', package=self._package, syntax='proto2'
        )
        for name, fields in self._messages.items():
            message = file.message_type.add(name=name)
            for field_name, field in fields.items():
                of_message = field.kind in self._messages
                message.field.add(
                    name=field_name,
                    number=field.number,
                    label=(
                        FieldDescriptorProto.LABEL_REPEATED
                        if field.repeated
                        else FieldDescriptorProto.LABEL_OPTIONAL
                    ),
                    type=(
                        FieldDescriptorProto.TYPE_MESSAGE
                        if of_message
                        else FieldDescriptorProto.Type.Value(f'TYPE_{field.kind.upper()}')
                    ),
                    type_name=f'.{self._package}.{field.kind}' if of_message else None,
                )
        return file


@cache
def _classes(schema: Schema) -> Mapping[str, type[Message]]:
    """Return the message classes of a schema by name."""
    from google.protobuf import message_factory
    from google.protobuf.descriptor_pool import DescriptorPool

    pool = DescriptorPool()
    file = schema.file()
    pool.Add(file)
    return {
        message.name: message_factory.GetMessageClass(
            pool.FindMessageTypeByName(f'{file.package}.{message.name}')
        )
        for message in file.message_type
    }


def text(name: str, value: bytes) -> str:
    """Return a field's text.

    :raises ConversionError: it is not UTF-8.
    """
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise ConversionError(f'{name} is not text: {error}') from error
