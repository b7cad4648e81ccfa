# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What was seen of a running graph, as plain data: ``graph`` fills it, the checks judge it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any

OK_LEVEL = 0
"""Of diagnostic_msgs/DiagnosticStatus; 1 is WARN, 2 ERROR."""

LEVEL_NAMES = ('OK', 'WARN', 'ERROR', 'STALE')


@dataclass(frozen=True)
class NodeView:
    """One of the three nodes.

    :param name: full name.
    :param count: nodes of that name in the graph.
    :param state: lifecycle state; None: the node did not answer.
    :param parameters: some of its parameters, where it answered.
    :param level: of its newest diagnostics; None: there were none.
    :param message: of these.
    :param values: of these.
    """

    name: str
    count: int = 1
    state: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    level: int | None = None
    message: str = ''
    values: Mapping[str, str] = field(default_factory=dict)

    def number(self, name: str) -> float | None:
        """Return a figure of the diagnostics, where it is one."""
        try:
            return float(self.values[name])
        except (KeyError, ValueError):
            return None


@dataclass(frozen=True)
class CameraView:
    """A camera, as a subscription of the doctor's own got its pictures.

    :param topic: full name; empty: none was found.
    :param kind: ``raw`` or ``compressed``.
    :param publishers: nodes that publish it.
    :param qos: what was asked for.
    :param received: pictures that came.
    :param received_hz: a second.
    :param published_hz: pictures that were sent a second, as far as that can be known.
    :param is_lossy: whether so many are lost that somebody should do something.
    :param loss_remedy: what to do about it.
    :param picture: size and encoding of the last one.
    :param error: why that cannot be used, or an empty text.
    :param silence: why nothing came, and what to do.
    :param delay_s: from stamp to reception, median, by the clock that the nodes use; None: no
        picture had a stamp.
    """

    topic: str = ''
    kind: str = ''
    publishers: tuple[str, ...] = ()
    qos: str = ''
    received: int = 0
    received_hz: float = 0.0
    published_hz: float = 0.0
    is_lossy: bool = False
    loss_remedy: str = ''
    picture: str = ''
    error: str = ''
    silence: str = ''
    delay_s: float | None = None


@dataclass(frozen=True)
class ServiceView:
    """A request to ``classify_image`` without a picture.

    :param name: full name.
    :param answer_ms: until its answer; None: none came in ``waited_s``.
    :param error: code of the answer by name; empty: it was a success.
    :param message: of the answer.
    :param faces: in the answer.
    """

    name: str
    waited_s: float
    answer_ms: float | None = None
    error: str = ''
    message: str = ''
    faces: int = 0


@dataclass(frozen=True)
class GraphView:
    """The nodes of a namespace, and what they need.

    :param domain: ROS_DOMAIN_ID.
    :param is_expected: whether the user says that nodes run here.
    :param nodes: by their default names; those that are missing are left out.
    :param service: None: it is not offered.
    :param clocks: publishers of ``/clock``.
    """

    namespace: str
    domain: int
    is_expected: bool
    nodes: Mapping[str, NodeView]
    camera: CameraView = CameraView()
    service: ServiceView | None = None
    clocks: int = 0
