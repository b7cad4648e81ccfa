# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the parameter ``privacy`` keeps back, and the text that tells people of the cameras.

``strict``: no picture on any topic, ages as ranges, and no track id for longer than a minute.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rclpy.node import Node
from std_msgs.msg import String

from face_affect_ros.parameter import ParameterError
from face_affect_ros.ros import qos
from face_affect_ros.stream.types import DescribedFaces

STRICT = 'strict'

ID_LIFETIME_S = 60.0
"""Seconds after which a face gets another track id."""


def is_strict(parameters: Mapping[str, Any]) -> bool:
    """Return whether what tells much of a person is kept back."""
    return parameters['privacy'] == STRICT


def id_lifetime_s(parameters: Mapping[str, Any]) -> float:
    """Return for how long a face keeps its track id."""
    return ID_LIFETIME_S if is_strict(parameters) else math.inf


def check_in_one_process(parameters: Mapping[str, Any], is_apart: bool) -> None:
    """Check that no picture has to travel between processes where none may.

    :param is_apart: whether the node hears another one by a topic.
    :raises ParameterError: it does, and ``privacy`` is ``strict``.
    """
    if is_apart and is_strict(parameters):
        raise ParameterError(
            "parameter privacy is 'strict': no picture may travel on a topic, so that all nodes "
            'must run in one process (face-affect run, or composed:=true)'
        )


def redacted(described: DescribedFaces, parameters: Mapping[str, Any]) -> DescribedFaces:
    """Return the faces with what may be told of them: with ``strict`` ages as ranges alone."""
    if not is_strict(parameters):
        return described
    faces = tuple(
        replace(face, age=replace(face.age, years=math.nan, deviation=math.nan))
        if face.age is not None
        else face
        for face in described.faces
    )
    return replace(described, faces=faces)


class Disclosure:
    """The text by which people learn what the cameras do, on a topic that keeps it.

    :param node: publishes.
    """

    def __init__(self, node: Node) -> None:
        self._publisher = node.create_publisher(String, 'disclosure', qos.kept())

    def tell(self, text: str) -> None:
        """Publish the text, for who subscribes later too."""
        self._publisher.publish(String(data=text))
