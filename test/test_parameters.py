# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The table of parameters: complete, consistent, and refusing what it should, in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_affect_ros.parameter import NODES
from face_affect_ros.parameter import ParameterError
from face_affect_ros.ros.parameters import TABLE
from face_affect_ros.ros.parameters import NodeParameters
from face_affect_ros.ros.parameters import of_node
from face_affect_ros.settings import ModelSettings
from face_affect_ros.settings import model_settings
from face_affect_ros.tasks import TASKS

BY_NAME = {parameter.name: parameter for parameter in TABLE}


@pytest.mark.parametrize('parameter', TABLE, ids=lambda parameter: parameter.name)
class TestEveryParameter:
    """What holds for each row."""

    def test_default_is_allowed(self, parameter):
        """Nothing set is nothing wrong."""
        assert parameter.checked(parameter.default) == parameter.default

    def test_is_described(self, parameter):
        """In a sentence."""
        assert parameter.description.endswith('.')
        assert set(parameter.nodes) <= set(NODES)

    def test_numbers_have_a_range(self, parameter):
        """Numbers have one, texts and flags none."""
        is_number = parameter.kind in (int, float, tuple)
        assert (parameter.limits is not None) == is_number

    def test_wrong_type_is_refused_by_name(self, parameter):
        """The text names the parameter and the value."""
        with pytest.raises(ParameterError, match=rf'parameter {parameter.name} is .*must'):
            parameter.checked(None)


def test_names_are_unique():
    """One row a parameter."""
    assert len(BY_NAME) == len(TABLE)


@pytest.mark.parametrize(
    ('name', 'given', 'expected'),
    [
        ('model', 1, '1'),
        ('model', '1', '1'),
        ('min_face_size', 40, 40.0),
        ('thresholds', [1, 0.5, 0], (1.0, 0.5, 0.0)),
        ('weights_dir', 2, '2'),
    ],
)
def test_values_that_mean_the_same_are_taken(name, given, expected):
    """``model:=1`` arrives as an integer, ``min_face_size:=40`` too."""
    value = BY_NAME[name].checked(given)
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('model', '9'),
        ('model', True),
        ('min_face_size', 11),
        ('min_face_size', float('nan')),
        ('min_face_size', '40'),
        ('threads', 1.5),
        ('threads', 0),
        ('thresholds', [0.5, 0.5]),
        ('thresholds', [0.5, 0.5, 1.1]),
        ('image_transport', 'theora'),
        ('autostart', 'yes'),
    ],
)
def test_values_that_mean_nothing_are_refused(name, value):
    """Each with its name."""
    with pytest.raises(ParameterError, match=name):
        BY_NAME[name].checked(value)


@given(st.floats())
def test_any_float_is_in_range_or_refused(value):
    """NaN and infinity are refused like any other value out of range."""
    parameter = BY_NAME['max_rate']
    low, high = parameter.limits
    if low <= value <= high:
        assert parameter.checked(value) == value
    else:
        with pytest.raises(ParameterError):
            parameter.checked(value)


def test_settings_of_the_defaults_are_the_defaults():
    """A node without a parameter set does what ``load_model`` does, but for ``max_faces``."""
    values = {parameter.name: parameter.default for parameter in of_node('attributes')}
    assert values.pop('max_faces') == 32
    assert model_settings(values) == ModelSettings()
    for name in (
        'gender_threshold',
        'emotion_threshold',
        'tta',
        *(f'{task}.enable' for task in TASKS),
    ):
        del values[name]
    assert model_settings(values) == ModelSettings()


@pytest.mark.parametrize('name', ['gender_threshold', 'emotion_threshold'])
def test_thresholds_reach_the_model(name):
    """From either end of their range."""
    values = {parameter.name: parameter.default for parameter in of_node('attributes')}
    for limit in BY_NAME[name].limits:
        settings = model_settings({**values, name: float(limit)})
        assert getattr(settings, name) == limit


def test_settings_that_do_not_go_together_are_refused():
    """By name, so that a node logs them and stays unconfigured."""
    values = {parameter.name: parameter.default for parameter in of_node('attributes')}
    with pytest.raises(ParameterError, match=r'engine native.*weights to original'):
        model_settings({**values, 'engine': 'native'})
    settings = model_settings(
        {**values, 'engine': 'native', 'weights': 'original', 'detector': 'mtcnn'}
    )
    assert (settings.engine, settings.weights, settings.detector) == (
        'native',
        'original',
        'mtcnn',
    )


@pytest.mark.parametrize('task', TASKS)
def test_a_task_that_is_off_is_off_in_the_model(task):
    """The others stay on."""
    values = {parameter.name: parameter.default for parameter in of_node('attributes')}
    values[f'{task}.enable'] = False
    assert model_settings(values).tasks == tuple(other for other in TASKS if other != task)


class Node:
    """What the parameters need of a node."""

    def __init__(self, overrides):
        """Keep the overrides."""
        self.overrides = overrides

    def declare_parameter(self, name, default, descriptor):
        """Return a parameter with the override or the default."""
        assert descriptor.description
        value = self.overrides.get(name, default)
        return type('Parameter', (), {'name': name, 'value': value})

    def add_on_set_parameters_callback(self, callback):
        """Keep the callback."""
        self.set = lambda **changes: callback(
            [
                type('Parameter', (), {'name': name, 'value': value})
                for name, value in changes.items()
            ]
        )


@pytest.fixture
def declared():
    """Return a function that declares a node's parameters: (node, parameters, changes, state)."""
    pytest.importorskip('rcl_interfaces', reason='no ROS here')

    def declare(**overrides):
        node, changes, state = Node(overrides), [], {'configured': False}
        values = NodeParameters(
            node, of_node('detection'), lambda: state['configured'], changes.append
        )
        return node, values, changes, state

    return declare


@pytest.mark.ros
class TestNodeParameters:
    """Declared on a node."""

    def test_overrides_are_read_in_their_types(self, declared):
        """An integer model and size."""
        _, values, _, _ = declared(model=1, min_face_size=60)
        values.check()
        assert values['model'] == '1'
        assert values['min_face_size'] == 60.0
        assert set(values) == {parameter.name for parameter in of_node('detection')}

    def test_wrong_override_is_found_by_check(self, declared):
        """``model:=9`` is named together with what there is."""
        _, values, _, _ = declared(model=9)
        with pytest.raises(ParameterError, match="model is '9': must be one of 1"):
            values.check()

    def test_change_is_told(self, declared):
        """Only what changed, after it is in place."""
        node, values, changes, _ = declared()
        assert node.set(min_face_size=30, threads=1).successful
        assert changes == [{'min_face_size'}]
        assert values['min_face_size'] == 30.0

    def test_wrong_change_changes_nothing(self, declared):
        """All or none, with the reason."""
        node, values, changes, _ = declared()
        result = node.set(max_faces=5, min_face_size=1)
        assert not result.successful
        assert 'min_face_size is 1.0: must be in 12..4096' in result.reason
        assert values['max_faces'] == 32
        assert changes == []

    def test_fixed_parameters_stay_while_configured(self, declared):
        """Model and weights change only while unconfigured, and the reason says so."""
        node, values, _, state = declared()
        values.check()
        assert node.set(weights_dir='/first').successful
        state['configured'] = True
        result = node.set(weights_dir='/second')
        assert not result.successful
        assert 'only while the node is unconfigured' in result.reason
        assert values['weights_dir'] == '/first'
        assert node.set(weights_dir='/first', max_faces=3).successful

    def test_parameters_of_others_are_left_alone(self, declared):
        """use_sim_time and its like are not ours to judge."""
        node, _, _, _ = declared()
        assert node.set(use_sim_time=True).successful
