# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Nothing that somebody sends or sets ends the nodes: it is refused by name, or costs itself."""

import pytest

pytest.importorskip('robot', reason='no ROS here')

from lifecycle_msgs.srv import ChangeState
from rcl_interfaces.msg import Parameter
from rcl_interfaces.msg import ParameterValue
from rcl_interfaces.srv import SetParameters
from rcl_interfaces.srv import SetParametersAtomically
from robot import wait_until
from std_msgs.msg import String

from face_affect_ros.ros import main

pytestmark = pytest.mark.ros

NO_TOPICS = (
    '/cam/image-raw',
    '//',
    '/',
    'two words',
    '/cam/',
    '5',
    '/a/5b',
    'a//b',
    '{what}/a',
    '{node',
    'a~',
    '/für',
    'a\nb',
    'x' * 247,
    '/' + 'x' * 240,
    'http://a/b',
    'faces',
    '/rosout',
)


def test_names_that_cannot_be_a_topic_are_refused(start):
    """While subscribed, each by name; then the camera's pictures still arrive."""
    robot = start().robot
    attributes = robot.attributes()
    robot.show_until(lambda: attributes)
    for name in NO_TOPICS:
        (result,) = robot.set('camera', image_topic=name)
        assert not result.successful, name
        assert 'parameter image_topic is ' in result.reason and 'must' in result.reason
        assert len(result.reason) <= 300 and result.reason.isprintable()
    attributes.clear()
    robot.show_until(lambda: attributes)


@pytest.mark.parametrize('name', NO_TOPICS)
def test_names_that_cannot_be_a_topic_are_refused_at_start(start, name):
    """Though nobody subscribes yet."""
    quoted = name.replace('\n', '\\n')
    graph = start(image_topic=f'"{quoted}"')
    assert not graph.started
    assert not graph.camera.configured
    wait_until(lambda: graph.robot.state('camera') == 'unconfigured')


def test_topic_that_this_process_has_with_another_type_is_refused(start):
    """The middleware allows one type a topic; the old topic is taken up again."""
    graph = start()
    robot = graph.robot
    other = graph.detection.create_publisher(String, '/texts', 1)
    attributes = robot.attributes()
    robot.show_until(lambda: attributes)
    (result,) = robot.set('camera', image_topic='/texts')
    assert not result.successful
    assert 'image_topic' in result.reason and '/texts' in result.reason
    attributes.clear()
    robot.show_until(lambda: attributes)
    graph.detection.destroy_publisher(other)


def test_parameters_of_no_type_are_refused_each_by_itself(start):
    """rclpy raises; what else is in the request is set."""
    robot = start().robot
    status = robot.diagnostics()
    bad = Parameter(name='max_rate', value=ParameterValue(type=200))
    good = Parameter(name='max_rate', value=ParameterValue(type=3, double_value=7.0))
    one, other = robot.call(
        SetParameters, 'camera/set_parameters', SetParameters.Request(parameters=[bad, good])
    ).results
    assert not one.successful and 'max_rate' in one.reason and '200' in one.reason
    assert other.successful
    result = robot.call(
        SetParametersAtomically,
        'camera/set_parameters_atomically',
        SetParametersAtomically.Request(parameters=[good, bad]),
    ).result
    assert not result.successful and '200' in result.reason
    wait_until(
        lambda: (
            status('camera')
            and {value.key: value.value for value in status('camera').values}['failures'] == '2'
        )
    )


@pytest.mark.parametrize('transition', [0, 3, 200])
def test_transitions_that_there_are_not_are_refused(start, transition):
    """By number, also of those that do not start here."""
    robot = start().robot
    request = ChangeState.Request()
    request.transition.id = transition
    assert not robot.call(ChangeState, 'camera/change_state', request).success
    assert robot.state('camera') == 'active'


def test_refused_transitions_are_told_in_our_words(start):
    """Once, whoever asks how often for what; rcl would log each, with any text of theirs."""
    robot = start().robot
    log = robot.log()
    request = ChangeState.Request()
    request.transition.label = 'fly\n[ERROR] [1.0] [somebody]: forged'
    for _ in range(5):
        assert not robot.call(ChangeState, 'camera/change_state', request).success
    wait_until(lambda: 'is refused: possible are now deactivate' in log())
    assert 'No transition matching' not in log() and '\n[ERROR]' not in log()
    assert log().count('is refused: possible') == 1


def test_callback_that_raises_is_counted_and_logged_once(start, monkeypatch):
    """With its traceback; the node goes on."""
    graph = start()
    robot = graph.robot
    log, status = robot.log(), robot.diagnostics()

    def fail(*_):
        raise ArithmeticError('a callback of ours')

    timers = [graph.camera.create_timer(0.01, fail) for _ in range(2)]
    wait_until(
        lambda: (
            status('camera')
            and int({value.key: value.value for value in status('camera').values}['failures']) > 20
        )
    )
    assert status('camera').level == b'\x01'
    assert 'a callback of ours' in status('camera').message
    for timer in timers:
        graph.camera.destroy_timer(timer)
    assert log().count('Traceback') == 1 and log().count('a callback of ours') <= 4
    attributes = robot.attributes()
    robot.show_until(lambda: attributes)


def test_names_of_nodes_and_remaps_that_are_none_end_the_start(start):
    """With the reason; a caller that starts nodes gets an error of ``START_ERRORS``."""
    with pytest.raises(main.START_ERRORS):
        main.compose(['--ros-args', '-r', '__ns:=/bad-namespace'])


@pytest.mark.parametrize(
    ('policy', 'value'),
    [('depth', -1), ('reliability', 'sometimes'), ('history', 5), ('depth', 'deep')],
)
def test_quality_of_service_that_there_is_not_is_refused_by_name(start, request, policy, value):
    """The parameter is named, without a traceback."""
    graph = start(autostart=False)
    namespace, log = graph.robot.namespace, graph.robot.log()
    second = start(
        autostart=False, **{f'qos_overrides.{namespace}/faces.publisher.{policy}': value}
    )
    second.detection.trigger_configure()
    assert not second.detection.configured
    wait_until(lambda: f'qos_overrides.{namespace}/faces.publisher' in log())
    assert 'Traceback' not in log()
