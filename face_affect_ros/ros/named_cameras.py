# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Several cameras in one process: a name and a topic each (``cameras``)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass

from face_affect_ros.parameter import ParameterError
from face_affect_ros.quoting import quoted

NAME = re.compile('[A-Za-z][A-Za-z0-9_]*')

NAMESPACE_RULE = '__ns:='


@dataclass(frozen=True)
class NamedCamera:
    """A camera with nodes of its own.

    :param name: last part of their namespace.
    :param topic: of its pictures.
    """

    name: str
    topic: str

    def arguments(self, namespace: str) -> list[str]:
        """Return the ROS arguments of its nodes alone.

        :param namespace: that all cameras share.
        """
        full = f'/{namespace.strip("/")}/{self.name}'.replace('//', '/')
        return [
            '--ros-args',
            *('-r', f'{NAMESPACE_RULE}{full}'),
            *('-p', f'image_topic:={self.topic}'),
        ]


def parse(texts: Iterable[str]) -> tuple[NamedCamera, ...]:
    """Return the cameras of texts ``NAME=TOPIC``; of a bare topic its first part is the name.

    :raises ParameterError: a text has no name or no topic that ROS takes, or a name comes twice.
    """
    cameras = tuple(_camera(text) for text in texts)
    names = [camera.name for camera in cameras]
    for name in names:
        if names.count(name) > 1:
            raise ParameterError(
                f'cameras has {quoted(name)} twice: name each, as front=/front/image_raw '
                'back=/back/image_raw'
            )
    return cameras


def namespace_of(ros_arguments: Sequence[str], default: str) -> str:
    """Return the namespace that ROS arguments give to all nodes of a process."""
    rules = [word for word in ros_arguments if word.startswith(NAMESPACE_RULE)]
    return rules[0].removeprefix(NAMESPACE_RULE) if rules else default


def _camera(text: str) -> NamedCamera:
    name, equals, topic = text.strip().partition('=')
    if not equals:
        name, topic = text.strip().strip('/').partition('/')[0], text.strip()
    if not NAME.fullmatch(name) or not topic.strip() or topic.strip() == 'auto':
        raise ParameterError(
            f'cameras has {quoted(text)}: must be NAME=TOPIC, the name of letters, digits and _, '
            'the topic one that there is (auto finds one camera alone)'
        )
    return NamedCamera(name, topic.strip())
