# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is whole in a storage file that was cut off or damaged.

MCAP is read record by record without its index; of SQLite the rows that the pages left still tell.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Collection
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any

from face_affect_ros.evaluation.bags.stored import StoredMessage
from face_affect_ros.evaluation.bags.stored import Topic
from face_affect_ros.evaluation.bags.stored import decompressed
from face_affect_ros.quoting import quoted


class DamagedMcap:
    """An MCAP file without its end.

    :param path: the file.
    :param name: its name in the bag.
    :raises ValueError: it has no topic.
    """

    storage = 'mcap'

    def __init__(self, path: Path, name: str) -> None:
        """Look for the topics."""
        self.problems: list[str] = []
        self._path, self._name = path, name
        self._channels: dict[int, tuple[str, str]] = {}
        topics: dict[str, Topic] = {}
        for _ in self._records(report=False):
            pass
        for topic, kind in self._channels.values():
            topics[topic] = Topic(topic, kind, None)
        if not topics:
            raise ValueError('no topic')
        self.topics = list(topics.values())

    def messages(self, topics: Collection[str]) -> Iterator[StoredMessage]:
        """Iterate over whole messages; those of a chunk are sorted by their time."""
        for chunk in self._records(report=True):
            found = [
                StoredMessage(
                    *self._channels[each.channel_id], each.log_time, decompressed(each.data)
                )
                for each in chunk
                if each.channel_id in self._channels
                and self._channels[each.channel_id][0] in topics
            ]
            yield from sorted(found, key=attrgetter('recorded_ns'))

    def close(self) -> None:
        """Hold nothing open."""

    def _records(self, report: bool) -> Iterator[list[Any]]:
        """Iterate over the messages of each chunk, or each message alone; note the channels."""
        from mcap.exceptions import McapError
        from mcap.records import Channel
        from mcap.records import Chunk
        from mcap.records import Message
        from mcap.records import Schema
        from mcap.stream_reader import StreamReader
        from mcap.stream_reader import breakup_chunk

        schemas: dict[int, str] = {}
        bad_chunks = 0

        def take(records: list[Any]) -> list[Any]:
            for record in records:
                if isinstance(record, Schema):
                    schemas[record.id] = record.name
                elif isinstance(record, Channel):
                    self._channels[record.id] = record.topic, schemas.get(record.schema_id, '')
            return [record for record in records if isinstance(record, Message)]

        with self._path.open('rb') as file:
            records = iter(StreamReader(file, emit_chunks=True).records)
            while True:
                try:
                    record = next(records, None)
                except (McapError, ValueError, EOFError, OSError):
                    break
                if record is None:
                    break
                if not isinstance(record, Chunk):
                    found = take([record])
                else:
                    try:
                        found = take(breakup_chunk(record, validate_crc=True))
                    except Exception:  # of zstd, LZ4 or the records within
                        bad_chunks += 1
                        continue
                if found:
                    yield found
        if bad_chunks and report:
            self.problems.append(f'{quoted(self._name)}: {bad_chunks} chunks are damaged')


class DamagedSqlite:
    """An SQLite file of which pages are missing.

    :param path: the file.
    :param name: its name in the bag.
    :raises sqlite3.Error: not even its topics can be read.
    """

    storage = 'sqlite3'

    def __init__(self, path: Path, name: str) -> None:
        """Read the topics."""
        self.problems: list[str] = []
        self._name = name
        self._database = sqlite3.connect(f'file:{path}?mode=ro&immutable=1', uri=True)
        self._database.execute('PRAGMA writable_schema=ON')  # else a file too short is refused
        self._topics = {
            number: (topic, kind)
            for number, topic, kind in self._database.execute('SELECT id, name, type FROM topics')
        }
        if not self._topics:
            raise sqlite3.DatabaseError('no topic')
        self.topics = [Topic(topic, kind, None) for topic, kind in self._topics.values()]

    def messages(self, topics: Collection[str]) -> Iterator[StoredMessage]:
        """Iterate over the rows that are whole."""
        numbers = {number for number, (topic, _) in self._topics.items() if topic in topics}
        lost = 0
        for recorded_ns, row, number in sorted(self._rows()):
            if number not in numbers:
                continue
            try:
                ((data,),) = self._database.execute(
                    'SELECT data FROM messages WHERE id = ?', (row,)
                )
                yield StoredMessage(*self._topics[number], recorded_ns, decompressed(data))
            except Exception:  # of SQLite or zstd
                lost += 1
        if lost:
            self.problems.append(f'{quoted(self._name)}: {lost} messages are damaged')

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def _rows(self) -> list[tuple[int, int, int]]:
        """Return time, row and topic of every message, as far as they can be read."""
        rows: list[tuple[int, int, int]] = []
        with contextlib.suppress(sqlite3.Error):  # where the first page is that is missing
            for row in self._database.execute(
                'SELECT timestamp, id, topic_id FROM messages NOT INDEXED ORDER BY id'
            ):
                rows.append(row)
        return rows
