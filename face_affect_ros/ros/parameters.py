# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Every parameter of every node, and how a node declares and reads them.

Those of models stand in ``settings.py``, those of streams in ``tracking/settings.py``, the nodes'
own here; importing this needs no ROS.

All are dynamically typed, so that ``min_face_size:=40`` is as good as ``40.0`` and ``model:=1``
as good as ``"1"``; type and range are checked here.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from face_affect_ros.parameter import NODES
from face_affect_ros.parameter import Parameter
from face_affect_ros.parameter import ParameterError
from face_affect_ros.parameter import Value
from face_affect_ros.parameter import declared
from face_affect_ros.quoting import quoted
from face_affect_ros.ros.throttled_log import one_line
from face_affect_ros.ros.topic_names import input_rule
from face_affect_ros.settings import MODEL_PARAMETERS
from face_affect_ros.tracking.settings import EmotionSettings
from face_affect_ros.tracking.settings import TrackingSettings
from face_affect_ros.tracking.settings import TraitSettings

MAX_FACES = 32
"""Faces that a frame's time is enough for. A picture from a file may have any number."""

DISCLOSURE = (
    'A camera of this robot looks for faces and estimates emotion, gender, age and visible '
    'attributes of people. Pictures are not kept.'
)

TABLE = (
    Parameter(
        'autostart',
        True,
        'Configure and activate when the process starts; false: wait for a lifecycle manager.',
        NODES,
        fixed=True,
    ),
    Parameter(
        'image_topic',
        '',
        "Topic of the camera's pictures; auto: the colour camera of the graph, a head camera "
        'first; empty: "image" in the namespace, as remapped.',
        ('camera',),
        is_topic=True,
    ),
    Parameter(
        'image_topic_alternative',
        '',
        'Topic that is taken where image_topic has no publisher and this one has; empty: none.',
        ('camera',),
        is_topic=True,
    ),
    Parameter(
        'image_transport',
        'raw',
        'Kind of picture: raw, or compressed on the topic with "/compressed" behind its name.',
        ('camera',),
        choices=('raw', 'compressed'),
    ),
    Parameter(
        'image_reliability',
        'auto',
        'Reliability asked of the camera; auto: reliable if every publisher offers it.',
        ('camera',),
        choices=('auto', 'reliable', 'best_effort'),
    ),
    Parameter(
        'max_rate',
        0.0,
        'Greatest number of frames taken a second, Hz; 0: as they come.',
        ('camera',),
        limits=(0, 1000),
    ),
    Parameter(
        'rotate',
        '0',
        'Degrees by which pictures of the camera are turned clockwise before faces are looked '
        'for, where it is mounted otherwise: 90 where heads point to the left. Boxes, landmarks '
        'and sizes are those of the turned picture; sent pictures are not turned.',
        ('camera', 'attributes'),
        choices=('0', '90', '180', '270'),
        fixed=True,
    ),
    Parameter(
        'max_pixels',
        4096 * 2160,
        'Pixels (width x height) of the largest picture taken, from a camera or by the service.',
        ('camera', 'attributes'),
        limits=(1, 64_000_000),
    ),  # images.MAX_PIXELS
    *(
        replace(parameter, default=MAX_FACES) if parameter.name == 'max_faces' else parameter
        for parameter in MODEL_PARAMETERS
    ),
    *declared(TrackingSettings),
    Parameter(
        'deterministic_ids',
        False,
        'For replay: count track ids from 1 and let each frame wait for its search, however long; '
        'false: ids from a random number at each activation.',
        ('detection',),
        fixed=True,
    ),
    *declared(EmotionSettings),
    *declared(TraitSettings),
    Parameter(
        'annotate',
        True,
        'Offer the picture with the faces drawn in, on the topic "annotated".',
        ('attributes',),
        fixed=True,
    ),
    Parameter(
        'privacy',
        'standard',
        'What is told of people; strict: no picture on any topic, ages as ranges, no track id for '
        'longer than a minute (docs/responsible-use.md).',
        NODES,
        choices=('standard', 'strict'),
        fixed=True,
    ),
    Parameter(
        'disclosure',
        DISCLOSURE,
        'Text for the people whom the cameras see, on the topic "disclosure", which keeps it.',
        ('attributes',),
    ),
    Parameter(
        'faces_from',
        'own',
        'Whose faces are described: own, those of detection, which are published under '
        '/humans/faces too (REP-155) where hri_msgs is installed; hri, those that another '
        'detector publishes there, to which only softbiometrics and expression are added.',
        ('attributes',),
        choices=('own', 'hri'),
        fixed=True,
    ),
    Parameter(
        'humans_namespace',
        '/humans',
        'Namespace of the topics of REP-155; another one where two robots share a domain.',
        ('attributes',),
        fixed=True,
        is_topic=True,
    ),
    Parameter(
        'camera_info_topic',
        '',
        'Calibration of the camera, for the TF frames face_<id> and gaze_<id> (REP-155); empty: '
        'there are none.',
        ('attributes',),
        fixed=True,
        is_topic=True,
    ),
)
"""All parameters. Private ones of ROS itself (use_sim_time, qos_overrides) come on top."""


def of_node(node: str) -> tuple[Parameter, ...]:
    """Return the parameters of one node, by its default name."""
    return tuple(parameter for parameter in TABLE if node in parameter.nodes)


class NodeParameters(Mapping[str, Value]):
    """A node's parameters: declared, checked and read in their types.

    :param node: the rclpy node.
    :param table: what to declare.
    :param is_configured: whether fixed parameters must stay as they are.
    :param on_change: called with the names that changed, after all values are in place.
    """

    def __init__(
        self,
        node: Any,
        table: Iterable[Parameter],
        is_configured: Callable[[], bool],
        on_change: Callable[[set[str]], None],
    ) -> None:
        """Declare the parameters; values that break a rule are found by ``check``."""
        self._node = node
        self._table = {parameter.name: parameter for parameter in table}
        self._is_configured = is_configured
        self._on_change = on_change
        self._values = {
            parameter.name: _declare(node, parameter) for parameter in self._table.values()
        }
        node.add_on_set_parameters_callback(self._set)

    def check(self) -> None:
        """Raise ``ParameterError`` at the first value that breaks a rule."""
        self._values = {name: self._checked(name, value) for name, value in self._values.items()}

    def __getitem__(self, name: str) -> Value:
        """Return a parameter's value."""
        return self._values[name]

    def __iter__(self) -> Any:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def _set(self, changes: Iterable[Any]) -> Any:
        """Take changes over, all or none, as ROS asks on-set callbacks."""
        from rcl_interfaces.msg import SetParametersResult

        try:
            ours = {
                change.name: self._accepted(change.name, change.value)
                for change in changes
                if change.name in self._table
            }
        except ParameterError as error:
            return SetParametersResult(successful=False, reason=str(error))
        before = {
            name: self._values[name] for name, value in ours.items() if value != self._values[name]
        }
        self._values.update(ours)
        try:
            if before:
                self._on_change(set(before))
        except Exception as error:  # such as a topic that is of another type in this process
            self._values.update(before)
            self._on_change(set(before))
            return SetParametersResult(
                successful=False, reason=one_line(f'{", ".join(before)} cannot be set: {error}')
            )
        return SetParametersResult(successful=True)

    def _checked(self, name: str, value: Any) -> Value:
        """Return a value in its parameter's type."""
        parameter = self._table[name]
        typed = parameter.checked(value)
        rule = input_rule(self._node, typed) if parameter.is_topic and typed else ''
        if rule:
            raise parameter.refusal(value, rule)
        return typed

    def _accepted(self, name: str, value: Any) -> Value:
        parameter = self._table[name]
        typed = self._checked(name, value)
        if parameter.fixed and self._is_configured() and typed != self._values[name]:
            raise parameter.refusal(
                value,
                'can change only while the node is unconfigured (lifecycle: deactivate, '
                f'clean up, set, configure, activate); it stays {quoted(self._values[name])}',
            )
        return typed


def _declare(node: Any, parameter: Parameter) -> Any:
    """Declare one parameter and return its value as ROS gives it."""
    from rcl_interfaces.msg import FloatingPointRange
    from rcl_interfaces.msg import IntegerRange
    from rcl_interfaces.msg import ParameterDescriptor

    descriptor = ParameterDescriptor(description=parameter.description)
    if parameter.limits and parameter.kind is int:
        low, high = parameter.limits
        descriptor.integer_range = [IntegerRange(from_value=int(low), to_value=int(high), step=1)]
    elif parameter.limits:
        low, high = (float(limit) for limit in parameter.limits)
        descriptor.floating_point_range = [FloatingPointRange(from_value=low, to_value=high)]
    rules = []
    if parameter.choices:
        rules.append(f'one of {", ".join(parameter.choices)}')
    if parameter.fixed:
        rules.append('changes only while unconfigured')
    descriptor.additional_constraints = '; '.join(rules)
    # A whole number is a good float, a number a good name; the table checks types.
    descriptor.dynamic_typing = True
    default = parameter.default
    return node.declare_parameter(
        parameter.name, list(default) if isinstance(default, tuple) else default, descriptor
    ).value
