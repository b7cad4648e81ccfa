# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The module of PAL OS: its resources, its configuration, and what a user's overrides do."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from test_launch_file import share

from face_affect_ros.parameter import NODES
from face_affect_ros.ros.parameters import of_node

PACKAGE = 'face_affect_ros'


def index(kind):
    """Return what the package registers in the ament index under a kind of resource."""
    folder = share().parents[0] / 'ament_index/resource_index'
    return (folder / kind / PACKAGE).read_text().strip()


def defaults():
    """Return the configuration that comes with the package."""
    return yaml.safe_load((share() / 'config/00-defaults.yml').read_text())


class TestResources:
    """What PAL OS looks up; needs no launch."""

    def test_the_module_names_a_launch_file_that_exists(self):
        """By the resource pal_system_module."""
        module = yaml.safe_load((share() / index('pal_system_module')).read_text())
        (package, launch_file) = module['face_affect']['launch'].split()
        assert package == PACKAGE
        assert (share() / 'launch' / launch_file).is_file()

    def test_the_configuration_is_of_real_nodes_and_parameters(self):
        """By the resource pal_configuration.face_affect_ros; of each value the type is right."""
        assert index(f'pal_configuration.{PACKAGE}') == 'config/00-defaults.yml'
        assert [*defaults()] == [f'/face_affect/{node}' for node in NODES]
        for node in NODES:
            table = {parameter.name: parameter for parameter in of_node(node)}
            given = defaults()[f'/face_affect/{node}']
            assert given.keys() <= {'ros__parameters', 'remappings', 'arguments'}
            for name, value in given['ros__parameters'].items():
                assert table[name].checked(value) == value
                assert value == ('auto' if name == 'image_topic' else table[name].default)


@pytest.fixture
def launch_file():
    """Return the launch file as a module."""
    pytest.importorskip('launch', reason='no launch here (it is not on PyPI)')
    pytest.importorskip('launch_ros', reason='no launch_ros here (it is not on PyPI)')
    path = share() / 'launch/face_affect_module.launch.py'
    spec = importlib.util.spec_from_file_location('face_affect_module', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def started(launch_file, **arguments):
    """Return the one process that is started, and the parameters of each node."""
    from launch.actions import DeclareLaunchArgument
    from launch.actions import OpaqueFunction

    from launch import LaunchContext

    context = LaunchContext()
    context.launch_configurations.update(arguments)
    processes = []
    for entity in launch_file.generate_launch_description().entities:
        if isinstance(entity, OpaqueFunction):
            processes += entity.execute(context)
        elif isinstance(entity, DeclareLaunchArgument):
            entity.execute(context)
    (process,) = processes
    (file,) = process._Node__parameters
    content = yaml.safe_load(Path(file.evaluate(context)).read_text())
    assert content.keys() == {f'/**/{node}' for node in NODES}
    return process, {node: content[f'/**/{node}']['ros__parameters'] for node in NODES}


def ros_arguments(process):
    """Return the words behind --ros-args."""
    return [
        ''.join(part.text for part in each) if isinstance(each, list) else each
        for each in process._Node__ros_arguments
    ]


def test_without_launch_pal_it_is_as_the_package_says(launch_file, monkeypatch):
    """Each node has its own, and arguments go before."""
    monkeypatch.setattr(launch_file, 'get_pal_configuration', None)
    _, given = started(launch_file)
    for node in NODES:
        own = defaults()[f'/face_affect/{node}']['ros__parameters']
        assert given[node] == {**own, 'use_sim_time': False}
    _, given = started(launch_file, model='2', use_sim_time='True', image_topic='/cam')
    assert given['detection']['model'] == given['attributes']['model'] == 2
    assert given['camera']['image_topic'] == '/cam' and 'model' not in given['camera']
    assert {each['use_sim_time'] for each in given.values()} == {True}


def test_the_arguments_of_pal_leave_the_namespace_empty(launch_file, monkeypatch):
    """Then it is ours; the nodes of two robots have one each."""
    monkeypatch.setattr(launch_file, 'get_pal_configuration', None)
    for given, expected in (('', 'face_affect'), ('robot2/faces', 'robot2/faces')):
        process, _ = started(launch_file, namespace=given)
        assert process._Node__node_namespace == expected


OVERRIDES = """
/face_affect/camera:
  ros__parameters:
    max_rate: 5.0
  remappings:
    image: /head_front_camera/rgb/image_raw
/face_affect/attributes:
  ros__parameters:
    gender.enable: false
    trait_rate: 2.0
"""


def test_a_users_overrides(launch_file, monkeypatch, tmp_path):
    """From ~/.pal/config, by PAL's own launch_pal: one value, the others stay."""
    pytest.importorskip('launch_pal', reason='no launch_pal here (it is not on PyPI)')
    (tmp_path / 'config').mkdir()
    (tmp_path / 'config/my_faces.yaml').write_text(OVERRIDES)
    monkeypatch.setenv('PAL_USER_PATH', str(tmp_path))
    process, given = started(launch_file)
    assert given['camera']['max_rate'] == 5.0
    assert given['attributes']['gender.enable'] is False
    assert given['attributes']['age.enable'] is True
    assert given['attributes']['trait_rate'] == 2.0
    assert given['detection'] == {
        **defaults()['/face_affect/detection']['ros__parameters'],
        'use_sim_time': False,
    }
    assert 'camera:image:=/head_front_camera/rgb/image_raw' in ros_arguments(process)
    assert given['camera']['image_topic'] == ''  # which the remapping names
    _, given = started(launch_file, **{'gender.enable': 'true'})
    assert given['attributes']['gender.enable'] is True


LAUNCH = """
import sys
from launch import LaunchDescription, LaunchService
from launch.actions import IncludeLaunchDescription
service = LaunchService(argv=[])
service.include_launch_description(LaunchDescription([
    IncludeLaunchDescription({file!r}, launch_arguments={arguments!r}.items())]))
sys.exit(service.run())
"""


@pytest.mark.slow
@pytest.mark.ros
def test_the_nodes_run_with_what_is_configured(launch_file):
    """Included by another launch file, in a namespace, with an argument."""
    robot_module = pytest.importorskip('robot', reason='no ROS here')
    from rcl_interfaces.srv import GetParameters

    robot_module.join()
    arguments = {'namespace': 'robot2/faces', 'max_faces': '3', 'image_topic': '/robot2/camera'}
    file = str(share() / 'launch/face_affect_module.launch.py')
    process = subprocess.Popen(
        [sys.executable, '-c', LAUNCH.format(file=file, arguments=arguments)],
        start_new_session=True,
        cwd='/',
        env={**os.environ, 'PATH': f'{Path(sys.executable).parent}:{os.environ["PATH"]}'},
    )
    robot = robot_module.Robot('/robot2/faces')
    try:
        client = robot.node.create_client(GetParameters, '/robot2/faces/detection/get_parameters')
        assert client.wait_for_service(60)
        names = ['max_faces', 'search_rate']
        answer = robot.call(
            GetParameters, 'detection/get_parameters', GetParameters.Request(names=names)
        )
        assert answer.values[0].integer_value == 3
        assert answer.values[1].double_value == 10.0
        robot_module.wait_until(lambda: robot.state('camera') == 'active', 60)
    finally:
        robot.close()
        process.terminate()
        process.wait(30)
