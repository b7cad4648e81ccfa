# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A bag as it was recorded: its files, topics and messages in order, also of a damaged one.

Every storage file is opened by itself (``storage_files.py``), so that one that is damaged or
missing costs no other. What ``metadata.yaml`` says is only compared with what is there.
"""

from __future__ import annotations

import heapq
import re
import tempfile
from collections import Counter
from collections.abc import Collection
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from dataclasses import field
from operator import attrgetter
from pathlib import Path
from typing import Any

import yaml

from face_affect_ros.evaluation.bags import storage_files
from face_affect_ros.evaluation.bags.stored import StorageFile
from face_affect_ros.evaluation.bags.stored import StoredMessage
from face_affect_ros.evaluation.bags.stored import Topic
from face_affect_ros.quoting import quoted
from face_affect_ros.quoting import shortened

METADATA = 'metadata.yaml'
_NAME = 'rosbag2_bagfile_information'


class BagError(Exception):
    """A bag that cannot be read at all; the text says why and what to do."""


@dataclass(frozen=True)
class _Metadata:
    """What ``metadata.yaml`` says.

    :param files: names of the storage files in order; empty: not known.
    :param counts: messages by topic.
    """

    files: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)


class Bag:
    """A bag that is open; a context manager.

    :param path: a folder, or one storage file (``.mcap``, ``.db3``, either with ``.zstd``).
    :raises BagError: there is no bag, or none of its files can be read.
    """

    def __init__(self, path: Path) -> None:
        """Open all files."""
        self.path = Path(path)
        self.problems: list[str] = []
        self._stack = ExitStack()
        try:
            self._metadata = self._read_metadata()
            self._files = self._open_files()
        except BaseException:
            self._stack.close()
            raise
        self.topics = self._merge_topics()

    def __enter__(self) -> Bag:
        """Return the bag."""
        return self

    def __exit__(self, *_: Any) -> None:
        """Close the files."""
        self.close()

    def close(self) -> None:
        """Close the files and remove what was decompressed."""
        self._stack.close()

    @property
    def storage(self) -> str:
        """The storage of its files: ``mcap`` or ``sqlite3``."""
        return self._files[0].storage

    def messages(self, topics: Collection[str] | None = None) -> Iterator[StoredMessage]:
        """Iterate over messages, each once, in the order of their recording.

        What turns out to be damaged is added to ``problems``.

        :param topics: names; None: all.
        """
        wanted = self.topics.keys() if topics is None else topics
        read: Counter[str] = Counter()
        merged = heapq.merge(
            *(file.messages(wanted) for file in self._files), key=attrgetter('recorded_ns')
        )
        for message in merged:
            read[message.topic] += 1
            yield message
        for file in self._files:
            self._add_problems(file)
        for topic in sorted(wanted):
            expected = self._metadata.counts.get(topic, read[topic])
            if expected != read[topic]:
                self._note(
                    f'{topic}: {METADATA} names {expected} messages, {read[topic]} could be read'
                )

    def _read_metadata(self) -> _Metadata:
        if not self.path.exists():
            raise BagError(f'no bag {quoted(self.path)}: give a folder or a .mcap or .db3 file')
        if not self.path.is_dir():
            return _Metadata((self.path.name,))
        file = self.path / METADATA
        if not file.exists():
            self.problems.append(
                f'there is no {METADATA} (was the recording interrupted?): the files are read as '
                'they are; "ros2 bag reindex" writes it anew'
            )
            return _Metadata()
        try:
            told = yaml.safe_load(file.read_text(errors='replace'))[_NAME]
            return _Metadata(
                tuple(Path(each).name for each in told['relative_file_paths']),
                {
                    each['topic_metadata']['name']: int(each['message_count'])
                    for each in told['topics_with_message_count']
                },
            )
        except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
            self.problems.append(
                f'{METADATA} is damaged ({shortened(str(error).partition(chr(10))[0])}): the '
                'files are read as they are'
            )
            return _Metadata()

    def _open_files(self) -> list[StorageFile]:
        folder = self.path if self.path.is_dir() else self.path.parent
        paths = [folder / name for name in self._metadata.files] or sorted(
            (each for each in folder.iterdir() if storage_files.is_storage(each)),
            key=_natural_order,
        )
        if not paths:
            raise BagError(
                f'{quoted(self.path)} is no bag: there is no {METADATA}, .mcap or .db3 in it'
            )
        scratch = self._stack.enter_context(tempfile.TemporaryDirectory(prefix='face_affect_bag_'))
        files = []
        for path in paths:
            try:
                files.append(storage_files.open_file(path, Path(scratch)))
            except storage_files.StorageError as error:
                self.problems.append(str(error))
                continue
            self._stack.callback(files[-1].close)
            self._add_problems(files[-1])
        if not files:
            raise BagError(f'no file of {quoted(self.path)} can be read: {self.problems[-1]}')
        return files

    def _add_problems(self, file: StorageFile) -> None:
        for problem in file.problems:
            self._note(problem)

    def _note(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)

    def _merge_topics(self) -> dict[str, Topic]:
        topics: dict[str, Topic] = {}
        for file in self._files:
            for topic in file.topics:
                known = topics.get(topic.name)
                topics[topic.name] = topic if known is None else known.merged(topic)
        return dict(sorted(topics.items()))


def _natural_order(path: Path) -> list[tuple[int, str]]:
    """Return a sorting key: ``bag_10`` comes after ``bag_9``."""
    return [(int(part) if part.isdigit() else -1, part) for part in re.split(r'(\d+)', path.name)]
