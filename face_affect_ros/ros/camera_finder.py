# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which topic of the graph is the colour camera (``image_topic: auto``)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass

from rclpy.node import Node

from face_affect_ros.ros.image_topics import KINDS
from face_affect_ros.ros.image_topics import kind_of

AUTO = 'auto'
"""Value of ``image_topic`` that means: look for the camera."""

PATIENCE_S = 3.0
"""Seconds for which a camera that was found may be away (its driver restarts), or silent, before
another one is taken."""

HEAD_CAMERAS = (
    '/head_front_camera/rgb/image_raw',
    '/head_front_camera/color/image_raw',
    '/head_front_camera/head_front_camera/color/image_raw',
    '/head_front_camera/image_raw',
    '/xtion/rgb/image_raw',
    '/head_camera/rgb/image_raw',
)
"""Topics of the head camera of TIAGo, TIAGo Pro, ARI and their simulations, newest first."""

NOT_COLOUR = frozenset(
    (
        'depth disparity infra infra1 infra2 ir infrared thermal mono registered confidence label '
        'labels mask segmentation debug overlay annotated heatmap costmap compresseddepth theora '
        'humans'  # REP-155: cropped faces and bodies
    ).split()
)
"""Words in names of pictures that are not what a colour camera sees."""

COLOUR = frozenset('rgb color colour bgr'.split())
HEAD = frozenset('head face front eye'.split())
AS_IT_COMES = ('image_raw', 'image_color', 'image', 'image_rect_color', 'image_rect')
"""Last parts of usual names, the likeliest first."""

OWN_TYPES = 'face_affect_ros/msg/'


@dataclass(frozen=True)
class Candidate:
    """A topic of pictures with a publisher.

    :param topic: full name.
    :param kind: ``raw`` or ``compressed``.
    """

    topic: str
    kind: str

    @property
    def image_name(self) -> str:
        """The name without what the kind puts behind it."""
        return self.topic.removesuffix(KINDS[self.kind].suffix)

    @property
    def words(self) -> frozenset[str]:
        """The words of the name, in lower case."""
        return frozenset(re.split(r'[/_]+', self.topic.lower()))


def ranked(candidates: Iterable[Candidate], kind: str = 'raw') -> list[Candidate]:
    """Return the candidates that may be a colour camera, the likeliest first.

    TIAGo's head camera under any of its names goes first, then a camera in a head, names that say
    colour, usual names, and the preferred kind. Of equals the first name in the alphabet.

    :param kind: preferred: ``raw`` or ``compressed``.
    """
    cameras = [each for each in candidates if not NOT_COLOUR & each.words]

    def unlikeliness(each: Candidate) -> tuple:
        name = each.image_name
        head = next(
            (rank for rank, known in enumerate(HEAD_CAMERAS) if name.endswith(known)),
            len(HEAD_CAMERAS),
        )
        last = name.rsplit('/', 1)[-1]
        usual = AS_IT_COMES.index(last) if last in AS_IT_COMES else len(AS_IT_COMES)
        return (
            head,
            not HEAD & each.words,
            not COLOUR & each.words,
            usual,
            each.kind != kind,
            name,
        )

    return sorted(cameras, key=unlikeliness)


def why(chosen: Candidate, there: Collection[Candidate]) -> str:
    """Return in words, to put behind a sentence, of how many a camera was chosen and why."""
    if any(chosen.image_name.endswith(known) for known in HEAD_CAMERAS):
        reason = "a robot's head camera"
    else:
        given = [
            words
            for words, names in (('in a head', HEAD), ('in colour', COLOUR))
            if names & chosen.words
        ]
        reason = ' and '.join(given) or 'the likeliest'
    return f'; chosen of {len(there)}: {reason}, by its name'


class CameraFinder:
    """Chooses a camera and stays with it while it sends pictures.

    :param clock: steady time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._chosen: Candidate | None = None
        self._there_at = 0.0
        self._silent: set[Candidate] = set()

    def choose(
        self, candidates: Iterable[Candidate], kind: str = 'raw', silent_s: float = 0.0
    ) -> Candidate | None:
        """Return the camera to subscribe to; None: there is none.

        A likelier camera that appears is taken at once. One whose publisher is gone, or that is
        silent for ``PATIENCE_S`` while there are others, gives way to the next.

        :param candidates: topics that have a publisher now.
        :param silent_s: seconds without a picture from the chosen camera.
        """
        there, now = ranked(candidates, kind), self._clock()
        chosen = self._chosen
        if chosen in there:
            self._there_at = now
            if silent_s > PATIENCE_S and len(there) > 1:
                self._silent.add(chosen)
        elif chosen is not None and now - self._there_at <= PATIENCE_S:
            return chosen
        self._silent &= set(there)
        speaking = [each for each in there if each not in self._silent]
        if not speaking:  # all were silent: begin again
            self._silent.clear()
            speaking = there
        self._chosen = speaking[0] if speaking else None
        self._there_at = now if speaking else self._there_at
        return self._chosen


def candidates(node: Node) -> list[Candidate]:
    """Return the topics of pictures of the graph, without those of this package's nodes."""
    own = _own_nodes(node)
    return [
        Candidate(topic, kind_of(name))
        for topic, names in node.get_topic_names_and_types()
        for name in names
        if kind_of(name)
        and any(
            (info.node_namespace, info.node_name) not in own
            for info in node.get_publishers_info_by_topic(topic)
        )
    ]


def _own_nodes(node: Node) -> set[tuple[str, str]]:
    """Return namespace and name of the nodes that publish this package's messages."""
    return {
        (info.node_namespace, info.node_name)
        for topic, names in node.get_topic_names_and_types()
        if any(name.startswith(OWN_TYPES) for name in names)
        for info in node.get_publishers_info_by_topic(topic)
    }


def is_wanted(parameters: Mapping[str, object]) -> bool:
    """Return whether the camera is to be found."""
    return parameters['image_topic'] == AUTO
