# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The launch file in a real launch: included by others, interrupted, a process of it killed."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip('launch', reason='no launch here (it is not on PyPI)')
pytest.importorskip('launch_ros', reason='no launch_ros here (it is not on PyPI)')
pytest.importorskip('robot', reason='no ROS here')

import robot as robot_module
from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.srv import GetParameters
from robot import LONG_S
from robot import Robot
from robot import wait_until
from test_launch_file import share

pytestmark = [pytest.mark.ros, pytest.mark.slow]

LAUNCH = """
import sys
from launch import LaunchDescription, LaunchService
from launch.actions import DeclareLaunchArgument, GroupAction, IncludeLaunchDescription
from launch_ros.actions import PushRosNamespace, SetParameter, SetUseSimTime
service = LaunchService(argv=[])
service.include_launch_description(LaunchDescription([
    {before}
    IncludeLaunchDescription({file!r}, launch_arguments={arguments!r}.items())]))
sys.exit(service.run())
"""


@pytest.fixture
def launched(request):
    """Return a function that launches the file after other actions; all is gone at the end."""
    started = []

    def launch(before='', **arguments):
        robot_module.join()
        code = LAUNCH.format(
            before=before, arguments=arguments, file=str(Path(share(), 'launch/tiago.launch.py'))
        )
        started.append(
            subprocess.Popen(
                [sys.executable, '-c', code],
                stderr=subprocess.STDOUT,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
                cwd='/',
                env={**os.environ, 'PATH': f'{Path(sys.executable).parent}:{os.environ["PATH"]}'},
            )
        )
        return started[-1]

    yield launch
    for process in started:
        for number in (signal.SIGINT, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
                os.killpg(process.pid, number)
                process.communicate(timeout=LONG_S)


@pytest.fixture
def at():
    """Return a function that gives a robot in a namespace."""
    robots = []

    def make(namespace):
        robots.append(Robot(namespace))
        return robots[-1]

    yield make
    for robot in robots:
        robot.close()


def wait_active(robot, node='attributes'):
    """Wait until a node says that it is active, from now on."""
    heard, subscription = robot.listen('/diagnostics', DiagnosticArray)
    wait_until(
        lambda: any(
            status.name == f'{robot.namespace}/{node}' and status.values[0].value == 'active'
            for message in list(heard)
            for status in message.status
        ),
        2 * LONG_S,
    )
    robot.node.destroy_subscription(subscription)


@pytest.mark.parametrize(
    ('before', 'arguments', 'simulated'),
    [
        (
            "DeclareLaunchArgument('use_sim_time', default_value='True'), "
            "DeclareLaunchArgument('namespace', default_value=''),",
            {},
            True,
        ),
        ("SetParameter('use_sim_time', True),", {}, True),
        ('SetUseSimTime(True),', {}, True),
        ('', {'use_sim_time': 'False'}, False),
    ],
    ids=['as PAL', 'SetParameter', 'SetUseSimTime', 'no'],
)
def test_included_by_another_file(launched, at, request, before, arguments, simulated):
    """Its arguments and what it sets hold; the nodes stay in their namespace."""
    name = 'in' + ''.join(filter(str.isalnum, request.node.callspec.id))
    launched(f"{before} PushRosNamespace('{name}'),", **arguments)
    robot = at(f'/{name}/face_affect')
    wait_active(robot)
    (value,) = robot.call(
        GetParameters, 'camera/get_parameters', GetParameters.Request(names=['use_sim_time'])
    ).values
    assert value.bool_value is simulated


def test_interrupted_twice(launched, at):
    """As by Ctrl-C in a terminal: the group gets a signal, and launch sends another."""
    process = launched(namespace='interrupted')
    wait_active(at('/interrupted'))
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=LONG_S)
    assert 'finished cleanly' in output
    assert 'has died' not in output


def test_killed_process_is_started_anew(launched, at):
    """By default where each node has its own."""
    process = launched(namespace='killed', composed='False')
    robot = at('/killed')
    wait_active(robot, 'detection')
    first = int(
        next(
            line.split('pid [')[1].split(']')[0]
            for line in process.stdout
            if '[detection-' in line and 'pid [' in line
        )
    )
    os.kill(first, signal.SIGKILL)
    again = next(line for line in process.stdout if '[detection-' in line and 'pid [' in line)
    assert str(first) not in again
    wait_active(robot, 'detection')
