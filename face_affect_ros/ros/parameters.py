# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Every parameter of every node, once: name, default, range, meaning.

The nodes declare from this table, ``face-affect run`` makes its options of it, and tests hold the
documentation against it. Importing it needs no ROS.

All are dynamically typed, so that ``min_face_size:=40`` is as good as ``40.0`` and ``model:=1``
as good as ``"1"``; type and range are checked here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any

from face_affect_ros.faces import PARTS
from face_affect_ros.quoting import quoted
from face_affect_ros.registry import catalogue
from face_affect_ros.ros.throttled_log import one_line
from face_affect_ros.ros.topic_names import input_rule

if TYPE_CHECKING:
    from face_affect_ros.settings import ModelSettings

NODES = ('camera', 'detection', 'attributes')

Value = Any  # bool, int, float, str or a tuple of float, as the parameter's default is


class ParameterError(ValueError):
    """A value that a parameter cannot have; the text names both."""


@dataclass(frozen=True)
class Parameter:
    """One parameter.

    :param name: as in ROS; ``face-affect run`` has it with dashes.
    :param default: also says what type it has; a tuple of floats has a fixed length.
    :param description: what it does, with unit.
    :param nodes: the nodes that have it.
    :param limits: least and greatest value of numbers.
    :param choices: all values of a text.
    :param fixed: whether it can change only while the node is unconfigured.
    :param is_topic: whether it names a topic to subscribe to, or is empty.
    """

    name: str
    default: Value
    description: str
    nodes: tuple[str, ...]
    limits: tuple[float, float] | None = None
    choices: tuple[str, ...] = ()
    fixed: bool = False
    is_topic: bool = False

    @property
    def kind(self) -> type:
        """The type of the values: bool, int, float, str or tuple (of floats)."""
        return type(self.default)

    def checked(self, value: Any) -> Value:
        """Return a value from ROS in this parameter's type.

        :raises ParameterError: wrong type, out of range or none of the choices.
        """
        typed = _CASTS[self.kind](self, value)
        for one in typed if isinstance(typed, tuple) else (typed,):
            self.check_one(one)
        return typed

    def check_one(self, value: Any) -> None:
        """Check range or choices of a value, of several each by itself.

        :raises ParameterError: out of range or none of the choices.
        """
        if self.limits and not self.limits[0] <= value <= self.limits[1]:
            low, high = self.limits
            raise self.refusal(value, f'must be in {low:g}..{high:g}')
        if self.choices and value not in self.choices:
            raise self.refusal(value, f'must be one of {", ".join(self.choices)}')

    def refusal(self, value: Any, rule: str) -> ParameterError:
        """Return the error of a value that breaks a rule."""
        return ParameterError(f'parameter {self.name} is {quoted(value)}: {rule}')


def _as_bool(parameter: Parameter, value: Any) -> bool:
    if not isinstance(value, bool):
        raise parameter.refusal(value, 'must be true or false')
    return value


def _as_int(parameter: Parameter, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise parameter.refusal(value, 'must be a whole number')
    return value


def _as_float(parameter: Parameter, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise parameter.refusal(value, 'must be a finite number')
    return float(value)


def _as_str(parameter: Parameter, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise parameter.refusal(value, 'must be a text')
    return str(value)


def _as_floats(parameter: Parameter, value: Any) -> tuple[float, ...]:
    length = len(parameter.default)
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise parameter.refusal(value, f'must be {length} numbers')
    values = tuple(_as_float(parameter, number) for number in value)
    if len(values) != length:
        raise parameter.refusal(list(values), f'must be {length} numbers')
    return values


_CASTS: Mapping[type, Callable[[Parameter, Any], Value]] = {
    bool: _as_bool, int: _as_int, float: _as_float, str: _as_str, tuple: _as_floats}

_PARTS = dict(zip(PARTS, ('emotions', 'gender', 'age', 'the 40 attributes')))
"""Parts that can be switched off, in words."""

_NETWORKS = ('detection', 'attributes')

TABLE = (
    Parameter(
        'autostart', True,
        'Configure and activate when the process starts; false: wait for a lifecycle manager.',
        NODES, fixed=True),
    Parameter(
        'image_topic', '',
        'Topic of the camera\'s pictures; empty: "image" in the namespace, as remapped.',
        ('camera',), is_topic=True),
    Parameter(
        'image_transport', 'raw',
        'Kind of picture: raw, or compressed on the topic with "/compressed" behind its name.',
        ('camera',), choices=('raw', 'compressed')),
    Parameter(
        'image_reliability', 'auto',
        'Reliability asked of the camera; auto: reliable if every publisher offers it.',
        ('camera',), choices=('auto', 'reliable', 'best_effort')),
    Parameter(
        'max_rate', 0.0, 'Greatest number of frames taken a second, Hz; 0: as they come.',
        ('camera',), limits=(0, 1000)),
    Parameter(
        'model', '1', 'Model that finds and describes faces.', _NETWORKS,
        choices=catalogue.model_names(), fixed=True),
    Parameter(
        'detector', 'auto', "What finds faces; auto: the model's own detector.", _NETWORKS,
        choices=('auto', *catalogue.detectors()), fixed=True),
    Parameter(
        'weights', 'embedded', 'Networks of this package, or the original ones of the papers.',
        _NETWORKS, choices=catalogue.WEIGHTS, fixed=True),
    Parameter(
        'engine', 'onnx',
        'What runs original networks: ONNX Runtime, converted, or native, their own frameworks.',
        _NETWORKS, choices=catalogue.ENGINES, fixed=True),
    Parameter(
        'weights_dir', '',
        'Folder whose weight files take precedence over the embedded ones, or of the originals.',
        _NETWORKS, fixed=True),
    Parameter(
        'threads', 1, 'Threads that compute one network, and threads of OpenCV in the process.',
        _NETWORKS, limits=(1, 64), fixed=True),
    Parameter(
        'min_face_size', 40.0, 'Side of the smallest face looked for, pixels.', _NETWORKS,
        limits=(12, 4096)),
    Parameter(
        'scale_factor', 0.709, 'Ratio of neighbouring levels of the image pyramid.', _NETWORKS,
        limits=(0.1, 0.95)),
    Parameter(
        'thresholds', (0.6, 0.7, 0.8), 'Least face probability after P-, R- and O-Net.', _NETWORKS,
        limits=(0, 1)),
    Parameter(
        'upsample', 0,
        'Doublings of the picture at most, by dlib: it sees faces from 80, 40, 20, 10 pixels on.',
        _NETWORKS, limits=(0, 3)),
    Parameter(
        'min_confidence', 0.0, "Least score of a face that dlib finds, in dlib's own measure.",
        _NETWORKS, limits=(-1, 5)),
    Parameter(
        'max_faces', 0, 'Only the largest this many faces are kept; 0: all.', _NETWORKS,
        limits=(0, 10000)),
    Parameter(
        'search_rate', 10.0,
        'Searches of whole frames, Hz; in between known faces are followed; 0: all frames.',
        ('detection',), limits=(0, 1000)),
    Parameter(
        'track_timeout', 1.0, 'Time that a face may be missed and keep its track id, seconds.',
        ('detection',), limits=(0, 60)),
    Parameter(
        'deterministic_ids', False,
        'Count track ids from 1, for replay; false: from a random number at each activation.',
        ('detection',), fixed=True),
    Parameter(
        'gender_threshold', 0.5, 'Gender probability below which the answer is undecided.',
        ('attributes',), limits=(0, 1)),
    Parameter(
        'emotion_threshold', -1.0,
        "Emotion probability below which the answer is neutral; -1: the model's own.",
        ('attributes',), limits=(-1, 1)),
    Parameter(
        'tta', False,
        'Test-time augmentation: networks that gain by it look at a face several times.',
        ('attributes',), fixed=True),
    *(Parameter(
        f'{part}.enable', True,
        f'Tell {what}; false: its network is not loaded, and what it tells is "not given".',
        ('attributes',), fixed=True)
      for part, what in _PARTS.items()),
    Parameter(
        'trait_rate', 1.0,
        'Refreshes of gender, age and attributes of a face, Hz; 0: with every frame.',
        ('attributes',), limits=(0, 1000)),
    Parameter(
        'trait_budget_ms', 6.0,
        'Time that refreshes take a frame in the mean, milliseconds; 0: as long as they take.',
        ('attributes',), limits=(0, 10000)),
    Parameter(
        'annotate', True, 'Offer the picture with the faces drawn in, on the topic "annotated".',
        ('attributes',), fixed=True),
)
"""All parameters. Private ones of ROS itself (use_sim_time, qos_overrides) come on top."""


def of_node(node: str) -> tuple[Parameter, ...]:
    """Return the parameters of one node, by its default name."""
    return tuple(parameter for parameter in TABLE if node in parameter.nodes)


def model_settings(values: Mapping[str, Value]) -> ModelSettings:
    """Return a model's settings of parameter values; what a node does not have is the default.

    :raises ParameterError: values that do not go together.
    """
    from face_affect_ros.settings import ModelSettings
    try:
        return ModelSettings(**_settings(values))
    except ValueError as error:
        raise ParameterError(str(error)) from error


def _settings(values: Mapping[str, Value]) -> dict[str, Any]:
    """Return the fields of a model's settings."""
    from face_affect_ros.detection.dlib_hog import DlibSettings
    from face_affect_ros.detection.mtcnn import MtcnnSettings
    from face_affect_ros.settings import ModelSettings
    common = dict(min_face_size=values['min_face_size'], max_faces=values['max_faces'])
    return dict(
        threads=values['threads'], weights_dir=values['weights_dir'], engine=values['engine'],
        weights=values['weights'], detector=values['detector'],
        gender_threshold=values.get('gender_threshold', ModelSettings.gender_threshold),
        emotion_threshold=values.get('emotion_threshold', ModelSettings.emotion_threshold),
        tta=values.get('tta', ModelSettings.tta),
        parts=tuple(part for part in PARTS if values.get(f'{part}.enable', True)),
        mtcnn=MtcnnSettings(
            scale_factor=values['scale_factor'], thresholds=values['thresholds'], **common),
        dlib=DlibSettings(
            upsample=values['upsample'], min_confidence=values['min_confidence'], **common))


class NodeParameters(Mapping[str, Value]):
    """A node's parameters: declared, checked and read in their types.

    :param node: the rclpy node.
    :param table: what to declare.
    :param is_configured: whether fixed parameters must stay as they are.
    :param on_change: called with the names that changed, after all values are in place.
    """

    def __init__(self, node: Any, table: Iterable[Parameter], is_configured: Callable[[], bool],
                 on_change: Callable[[set[str]], None]) -> None:
        """Declare the parameters; values that break a rule are found by ``check``."""
        self._node = node
        self._table = {parameter.name: parameter for parameter in table}
        self._is_configured = is_configured
        self._on_change = on_change
        self._values = {
            parameter.name: _declare(node, parameter) for parameter in self._table.values()}
        node.add_on_set_parameters_callback(self._set)

    def check(self) -> None:
        """Raise ``ParameterError`` at the first value that breaks a rule."""
        self._values = {
            name: self._checked(name, value) for name, value in self._values.items()}

    def __getitem__(self, name: str) -> Value:
        """Return a parameter's value."""
        return self._values[name]

    def __iter__(self) -> Any:
        """Iterate over the names."""
        return iter(self._values)

    def __len__(self) -> int:
        """Return the number of parameters."""
        return len(self._values)

    def _set(self, changes: Iterable[Any]) -> Any:
        """Take changes over, all or none, as ROS asks on-set callbacks."""
        from rcl_interfaces.msg import SetParametersResult
        try:
            ours = {change.name: self._accepted(change.name, change.value) for change in changes
                    if change.name in self._table}
        except ParameterError as error:
            return SetParametersResult(successful=False, reason=str(error))
        before = {name: self._values[name] for name, value in ours.items()
                  if value != self._values[name]}
        self._values.update(ours)
        try:
            if before:
                self._on_change(set(before))
        except Exception as error:  # such as a topic that is of another type in this process
            self._values.update(before)
            self._on_change(set(before))
            return SetParametersResult(
                successful=False, reason=one_line(f'{", ".join(before)} cannot be set: {error}'))
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
                value, 'can change only while the node is unconfigured (lifecycle: deactivate, '
                f'clean up, set, configure, activate); it stays {quoted(self._values[name])}')
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
        parameter.name, list(default) if isinstance(default, tuple) else default, descriptor).value
