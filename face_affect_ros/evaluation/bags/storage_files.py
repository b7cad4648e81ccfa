# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""One storage file of a bag: rosbags reads it where it is whole, ``salvage.py`` what is left."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Collection
from collections.abc import Iterator
from pathlib import Path

from face_affect_ros.evaluation.bags import salvage
from face_affect_ros.evaluation.bags.stored import StorageFile
from face_affect_ros.evaluation.bags.stored import StoredMessage
from face_affect_ros.evaluation.bags.stored import Topic
from face_affect_ros.evaluation.bags.stored import decompressed
from face_affect_ros.quoting import quoted
from face_affect_ros.quoting import shortened

_ZSTD_ENDINGS = ('.zstd', '.zst')
_LOG_ENDINGS = ('-wal', '-journal')
_BLOCK = 1 << 20


class StorageError(Exception):
    """A storage file that cannot be read at all; the text names it."""


def is_storage(path: Path) -> bool:
    """Return whether a file's name is that of a storage file."""
    return _kind(path) in _SALVAGES


def open_file(path: Path, scratch: Path) -> StorageFile:
    """Open a storage file, whole or damaged.

    :param scratch: folder for what has to be decompressed first.
    :raises StorageError: nothing of it can be read.
    """
    if not path.is_file():
        raise StorageError(f'{quoted(path.name)} is missing')
    if not is_storage(path):
        raise StorageError(f'{quoted(path.name)} is no storage file: known are .mcap and .db3')
    problems: list[str] = []
    plain = path
    if path.suffix in _ZSTD_ENDINGS:
        plain = scratch / path.stem
        problem = _decompress_file(path, plain)
        if problem:
            problems.append(f'{quoted(path.name)} {problem}')
    logs = [log for log in map(path.with_name, _log_names(path)) if _has_content(log)]
    if logs:
        plain = _with_logs(path, logs, scratch)
        problems.append(f'{quoted(path.name)} was not closed: what its log holds is read too')
    plain = _without_odd_name(plain, scratch)
    try:
        return _IndexedFile(plain, path.name, problems)
    except Exception as error:  # rosbags, SQLite and whatever damaged bytes raise
        return _open_damaged(plain, path.name, error, problems)


class _IndexedFile:
    """A file that rosbags opens, with an index or by scanning.

    :param path: the file, decompressed.
    :param name: its name in the bag.
    """

    def __init__(self, path: Path, name: str, problems: list[str]) -> None:
        from rosbags.rosbag2 import Reader

        self._path, self._name = path, name
        self.storage = _SALVAGES[path.suffix].storage
        self.problems = problems
        self._reader = Reader(path)
        self._reader.open()
        if path.suffix == '.mcap' and _has_no_summary(path):
            problems.append(f'{quoted(name)} has no index: it was read from end to end')
        self.topics = [
            Topic(
                each.topic,
                each.msgtype,
                each.msgcount,
                tuple(getattr(each.ext, 'offered_qos_profiles', ())),
            )
            for each in self._reader.connections
        ]

    def messages(self, topics: Collection[str]) -> Iterator[StoredMessage]:
        connections = [each for each in self._reader.connections if each.topic in topics]
        last = 0, 0  # the newest time, and how many messages came with it
        try:
            for connection, recorded_ns, data in (
                self._reader.messages(connections) if connections else ()
            ):
                yield StoredMessage(
                    connection.topic, connection.msgtype, recorded_ns, decompressed(data)
                )
                last = recorded_ns, last[1] + 1 if recorded_ns == last[0] else 1
        except Exception as error:
            yield from self._rest(topics, last, error)

    def _rest(
        self, topics: Collection[str], last: tuple[int, int], error: Exception
    ) -> Iterator[StoredMessage]:
        """Iterate over what can be read behind damage."""
        damaged = _open_damaged(self._path, self._name, error, self.problems)
        told = 0
        for message in damaged.messages(topics):
            told += message.recorded_ns == last[0]
            if message.recorded_ns > last[0] or (
                message.recorded_ns == last[0] and told > last[1]
            ):
                yield message
        damaged.close()

    def close(self) -> None:
        self._reader.close()


_SALVAGES: dict[str, type[salvage.DamagedMcap] | type[salvage.DamagedSqlite]] = {
    '.mcap': salvage.DamagedMcap,
    '.db3': salvage.DamagedSqlite,
}
"""What reads a damaged file, by the ending of storage files."""


def _kind(path: Path) -> str:
    return Path(path.stem).suffix if path.suffix in _ZSTD_ENDINGS else path.suffix


def has_odd_name(path: Path) -> bool:
    """Return whether a path has characters that rosbags, which makes a URI of it, trips over."""
    return not set('?#%').isdisjoint(str(path))


def _without_odd_name(path: Path, scratch: Path) -> Path:
    """Return the path of a file, or of a link to it where rosbags could not open it."""
    if not has_odd_name(path):
        return path
    link = scratch / f'file_{len(list(scratch.iterdir()))}{path.suffix}'
    link.symlink_to(path.resolve())
    return link


def _log_names(path: Path) -> list[str]:
    """Return the names of SQLite's logs, which are left where a recorder was killed."""
    return [f'{path.name}{ending}' for ending in _LOG_ENDINGS]


def _has_content(file: Path) -> bool:
    return file.is_file() and file.stat().st_size > 0


def _with_logs(path: Path, logs: list[Path], scratch: Path) -> Path:
    """Return a copy of a database that has taken in its logs; the bag stays as it is."""
    for file in (path, *logs):
        shutil.copyfile(file, scratch / file.name)
    copy = scratch / path.name
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(copy)) as database:
        database.execute('PRAGMA wal_checkpoint(TRUNCATE)')
        database.execute('PRAGMA journal_mode=DELETE')
    return copy


def _open_damaged(path: Path, name: str, error: Exception, problems: list[str]) -> StorageFile:
    """Open a file that rosbags refuses, with the reason among its problems.

    :raises StorageError: nothing of it can be read.
    """
    reason = shortened(str(error).replace(str(path), name) or type(error).__name__)
    try:
        damaged = _SALVAGES[path.suffix](path, name)
    except Exception as worse:
        raise StorageError(f'{quoted(name)} cannot be read: {reason}') from worse
    problems.append(f'{quoted(name)} is damaged or was cut off ({reason}): what is whole is read')
    damaged.problems = problems
    return damaged


def _has_no_summary(path: Path) -> bool:
    """Return whether an MCAP file's footer names no summary section."""
    with path.open('rb') as file:
        file.seek(-28, os.SEEK_END)
        return file.read(8) == bytes(8)


def _decompress_file(path: Path, target: Path) -> str:
    """Decompress a file as far as it goes; return what is wrong with it, or an empty text."""
    import zstandard

    with path.open('rb') as source, target.open('wb') as sink:
        stream = zstandard.ZstdDecompressor().decompressobj()
        ended = False
        while block := source.read(_BLOCK):
            while block:
                if ended:
                    stream, ended = zstandard.ZstdDecompressor().decompressobj(), False
                try:
                    sink.write(stream.decompress(block))
                except zstandard.ZstdError as error:
                    return f'cannot be decompressed to its end: {shortened(str(error))}'
                ended, block = stream.eof, stream.unused_data if stream.eof else b''
    return '' if ended else 'was cut off within its compression'
