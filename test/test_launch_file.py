# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The launch file: thin, complete, and naming what exists."""

import importlib.util
import os
import sysconfig
from pathlib import Path

import pytest
import yaml

from face_affect_ros.faces import PARTS
from face_affect_ros.ros.parameters import TABLE


def share():
    """Return the installed share folder."""
    prefixes = [*os.environ.get('AMENT_PREFIX_PATH', '').split(':'), sysconfig.get_path('data')]
    folders = [Path(prefix, 'share/face_affect_ros') for prefix in prefixes]
    found = [folder for folder in folders if (folder / 'launch').is_dir()]
    if not found:
        pytest.skip('core only: no launch files')
    return found[0]


def flat(parameters, prefix=''):
    """Return nested parameters by their full names, as ROS reads them."""
    names = {}
    for name, value in parameters.items():
        full = prefix + name
        names.update(flat(value, f'{full}.') if isinstance(value, dict) else {full: value})
    return names


class TestConfiguration:
    """What the launch file reads; needs no launch."""

    def test_presets_are_absolute_topics(self):
        """As DESIGN names them, each with a description."""
        cameras = yaml.safe_load((share() / 'config/cameras.yaml').read_text())
        assert list(cameras) == ['tiago', 'tiago_pro', 'ari', 'xtion', 'webcam']
        for camera in cameras.values():
            assert camera['image_topic'].startswith('/')
            assert camera['description']

    def test_parameter_file_holds_the_defaults_of_real_parameters(self):
        """Under the key that every node reads; what it sets is what is described."""
        content = yaml.safe_load((share() / 'config/tiago.yaml').read_text())
        assert list(content) == ['/**']
        table = {parameter.name: parameter for parameter in TABLE}
        given = flat(content['/**']['ros__parameters'])
        assert {f'{part}.enable' for part in PARTS} <= set(given)
        for name, value in given.items():
            assert table[name].checked(value) == table[name].default

    def test_rviz_shows_the_annotated_picture(self):
        """On the topic of the default namespace."""
        content = yaml.safe_load((share() / 'config/face_affect.rviz').read_text())
        display, = content['Visualization Manager']['Displays']
        assert display['Topic']['Value'] == '/face_affect/annotated'


@pytest.fixture(scope='module')
def launch_file():
    """Return the launch file as a module."""
    pytest.importorskip('launch', reason='no launch here (it is not on PyPI)')
    pytest.importorskip('launch_ros', reason='no launch_ros here (it is not on PyPI)')
    path = share() / 'launch/tiago.launch.py'
    spec = importlib.util.spec_from_file_location('tiago_launch', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def started(launch_file, **arguments):
    """Return the nodes that are started with given arguments."""
    from launch.actions import DeclareLaunchArgument

    from launch import LaunchContext
    context = LaunchContext()
    context.launch_configurations.update(arguments)
    description = launch_file.generate_launch_description()
    nodes = []
    for entity in description.entities:
        if isinstance(entity, DeclareLaunchArgument):
            entity.execute(context)
        else:
            nodes += entity.execute(context)
    return nodes


def parameters(node):
    """Return a node's parameters, the later ones over the earlier; those of files left out."""
    from launch_ros.utilities import evaluate_parameters

    from launch import LaunchContext
    given = [each for each in node._Node__parameters if isinstance(each, dict)]
    merged = {}
    for values in evaluate_parameters(LaunchContext(), given):
        merged.update(values)
    return merged


def test_every_argument_is_described(launch_file):
    """And has its choices where there are any."""
    from launch.actions import DeclareLaunchArgument
    declared = {entity.name: entity for entity in
                launch_file.generate_launch_description().entities
                if isinstance(entity, DeclareLaunchArgument)}
    for argument in declared.values():
        # launch adds the choices behind the sentence
        assert '.' in argument.description, argument.name
    assert declared['model'].choices == ['1']
    assert set(launch_file.PARAMETERS) <= set(declared)
    names = {parameter.name for parameter in TABLE} | {'use_sim_time'}
    assert set(launch_file.PARAMETERS) <= names


def test_composed_is_one_process_without_a_name(launch_file):
    """A name would rename all three nodes in it."""
    node, = started(launch_file)
    assert node._Node__node_executable == 'face-affect'
    assert node._Node__node_name is None
    assert parameters(node)['image_topic'] == '/head_front_camera/rgb/image_raw'
    assert parameters(node)['autostart'] is True


def test_apart_is_a_process_a_node(launch_file):
    """The same parameters for each."""
    nodes = started(launch_file, composed='false', autostart='false')
    assert [node._Node__node_executable for node in nodes] == [
        'camera', 'detection', 'attributes']
    assert {parameters(node)['autostart'] for node in nodes} == {False}


@pytest.mark.parametrize(('arguments', 'topic'), [
    ({'camera': 'webcam'}, '/image_raw'),
    ({'camera': 'tiago_pro'}, '/head_front_camera/head_front_camera/color/image_raw'),
    ({'camera': 'ari', 'image_topic': '/mine'}, '/mine'),
])
def test_camera_names_the_topic_unless_it_is_given(launch_file, arguments, topic):
    """The preset gives way to image_topic."""
    node, = started(launch_file, **arguments)
    assert parameters(node)['image_topic'] == topic
