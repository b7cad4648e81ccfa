# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The launch file: thin, complete, and naming what exists."""

import importlib.util
import json
import os
import re
import sysconfig
from pathlib import Path

import pytest
import yaml

from face_affect_ros.registry import catalogue
from face_affect_ros.ros.parameters import TABLE
from face_affect_ros.tasks import TASKS


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
        assert list(cameras) == ['auto', 'tiago', 'tiago_pro', 'ari', 'xtion', 'webcam']
        assert cameras.pop('auto')['image_topic'] == 'auto'
        assert (
            cameras['tiago_pro']['image_topic']
            != (cameras['tiago_pro']['image_topic_alternative'])
        )
        for camera in cameras.values():
            assert camera['image_topic'].startswith('/')
            assert camera.get('image_topic_alternative', '/').startswith('/')
            assert camera['description']

    def test_parameter_file_holds_the_defaults_of_real_parameters(self):
        """Under the key that every node reads; what it sets is what is described."""
        content = yaml.safe_load((share() / 'config/tiago.yaml').read_text())
        assert list(content) == ['/**']
        table = {parameter.name: parameter for parameter in TABLE}
        given = flat(content['/**']['ros__parameters'])
        assert {f'{task}.enable' for task in TASKS} <= set(given)
        for name, value in given.items():
            assert table[name].checked(value) == table[name].default

    def test_rviz_shows_the_annotated_picture(self):
        """On the topic of the default namespace."""
        content = yaml.safe_load((share() / 'config/face_affect.rviz').read_text())
        (display,) = content['Visualization Manager']['Displays']
        assert display['Topic']['Value'] == '/face_affect/annotated'

    def test_foxglove_shows_topics_that_exist(self):
        """The layout is of panels that it defines, and of the nodes' own topics."""
        layout = json.loads((share() / 'config/face_affect_foxglove.json').read_text())
        text = json.dumps(layout['layout'])
        panels = layout['configById']
        assert panels and all(f'"{name}"' in text for name in panels)
        named = set(re.findall(r'"/face_affect/([a-z_/]+)', json.dumps(panels)))
        assert named <= {'annotated/compressed', 'attributes'}


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


def started(launch_file, context=None, **arguments):
    """Return the nodes that are started with given arguments."""
    from launch.actions import DeclareLaunchArgument

    from launch import LaunchContext

    context = context or LaunchContext()
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

    declared = {
        entity.name: entity
        for entity in launch_file.generate_launch_description().entities
        if isinstance(entity, DeclareLaunchArgument)
    }
    for argument in declared.values():
        # launch adds the choices behind the sentence
        assert '.' in argument.description, argument.name
    assert declared['model'].choices == list(catalogue.model_names())


def test_arguments_of_parameters_are_as_the_parameters(launch_file):
    """Default, description and choices are declared once."""
    from launch.actions import DeclareLaunchArgument

    table = {parameter.name: parameter for parameter in TABLE}
    of_preset = ('image_topic', 'camera_info_topic')
    shared = [
        entity
        for entity in launch_file.generate_launch_description().entities
        if isinstance(entity, DeclareLaunchArgument)
        and entity.name in table
        and entity.name not in of_preset
    ]
    assert len(shared) == 11
    (node,) = started(launch_file)
    for argument in shared:
        parameter = table[argument.name]
        assert argument.description.startswith(parameter.description)
        assert tuple(argument.choices or ()) == parameter.choices
        assert parameters(node)[argument.name] == parameter.default


def test_composed_is_one_process_without_a_name(launch_file):
    """A name would rename all three nodes in it."""
    (node,) = started(launch_file)
    assert node._Node__node_executable == 'face-affect'
    assert node._Node__node_name is None
    assert parameters(node)['image_topic'] == 'auto'
    assert parameters(node)['autostart'] is True


def test_apart_is_a_process_a_node(launch_file):
    """The same parameters for each."""
    nodes = started(launch_file, composed='false', autostart='false')
    assert [node._Node__node_executable for node in nodes] == ['camera', 'detection', 'attributes']
    assert {parameters(node)['autostart'] for node in nodes} == {False}


@pytest.mark.parametrize(
    ('arguments', 'topic'),
    [
        ({'camera': 'tiago'}, '/head_front_camera/rgb/image_raw'),
        ({'camera': 'webcam'}, '/image_raw'),
        ({'camera': 'tiago_pro'}, '/head_front_camera/color/image_raw'),
        ({'camera': 'ari', 'image_topic': '/mine'}, '/mine'),
    ],
)
def test_camera_names_the_topic_unless_it_is_given(launch_file, arguments, topic):
    """The preset gives way to image_topic."""
    (node,) = started(launch_file, **arguments)
    assert parameters(node)['image_topic'] == topic


@pytest.mark.parametrize(
    ('arguments', 'topic'),
    [
        ({'camera': 'tiago'}, '/head_front_camera/rgb/camera_info'),
        ({'camera': 'tiago', 'camera_info_topic': '/mine'}, '/mine'),
        ({'camera': 'tiago', 'image_topic': '/other'}, ''),
        ({'image_topic': '/other', 'camera_info_topic': '/mine'}, '/mine'),
        ({}, None),
    ],
)
def test_the_calibration_is_that_of_the_camera(launch_file, arguments, topic):
    """The preset names it for its own topic only."""
    (node,) = started(launch_file, **arguments)
    assert parameters(node).get('camera_info_topic') == topic


def test_faces_from(launch_file):
    """Own faces, or those of another detector, below a namespace of their own."""
    (node,) = started(launch_file, faces_from='hri', humans_namespace='/robot2/humans')
    assert parameters(node)['faces_from'] == 'hri'
    assert parameters(node)['humans_namespace'] == '/robot2/humans'


@pytest.mark.parametrize(
    ('texts', 'value'),
    [
        (('True', 'true', 'TRUE', '1', 'yes', 'on', ' true '), True),
        (('False', 'false', 'FALSE', '0', 'no', 'off'), False),
    ],
)
@pytest.mark.parametrize('name', ['use_sim_time', 'autostart', 'annotate'])
def test_true_and_false_as_launch_files_write_them(launch_file, name, texts, value):
    """PAL's and nav2's have a capital."""
    for text in texts:
        (node,) = started(launch_file, **{name: text})
        assert parameters(node)[name] is value


def test_composed_and_respawn_as_launch_files_write_them(launch_file):
    """A process of its own is started anew by default."""
    for text in ('False', '0', 'no'):
        nodes = started(launch_file, composed=text)
        assert len(nodes) == 3
        assert all(node._ExecuteLocal__respawn for node in nodes)
    assert not started(launch_file)[0]._ExecuteLocal__respawn
    assert started(launch_file, respawn='True')[0]._ExecuteLocal__respawn
    assert not started(launch_file, composed='False', respawn='False')[0]._ExecuteLocal__respawn


@pytest.mark.parametrize('name', ['use_sim_time', 'autostart', 'annotate', 'composed', 'respawn'])
@pytest.mark.parametrize('text', ['maybe', '2', 'None'])
def test_what_is_neither_true_nor_false_is_refused_by_name(launch_file, name, text):
    """With what it must be."""
    with pytest.raises(RuntimeError, match=f"{name} is '{text}': must be true or false"):
        started(launch_file, **{name: text})


@pytest.mark.parametrize(
    ('given', 'expected'), [('', 'face_affect'), ('/', '/'), ('robot/faces', 'robot/faces')]
)
def test_empty_namespace_is_the_default(launch_file, given, expected):
    """A file that includes this one may have an argument of that name, which is handed on."""
    from launch.utilities import perform_substitutions

    from launch import LaunchContext

    (node,) = started(launch_file, namespace=given)
    namespace = node._Node__node_namespace
    assert (
        namespace
        if isinstance(namespace, str)
        else perform_substitutions(LaunchContext(), namespace)
    ) == expected


def test_simulated_time_is_left_to_who_includes_it(launch_file):
    """What SetParameter sets would be overridden; what SetUseSimTime sets is taken over."""
    from launch_ros.actions import SetUseSimTime

    from launch import LaunchContext

    (node,) = started(launch_file)
    assert 'use_sim_time' not in parameters(node)
    context = LaunchContext()
    SetUseSimTime(True).execute(context)
    (node,) = started(launch_file, context)
    assert parameters(node)['use_sim_time'] is True
    (node,) = started(launch_file, context, use_sim_time='False')
    assert parameters(node)['use_sim_time'] is False
    context.locals.ros_adapter.shutdown()


@pytest.mark.parametrize('content', [None, '', '- 1', 'a: [', '\x00'])
def test_params_file_that_is_none_is_refused_by_name(launch_file, tmp_path, content):
    """Not there, empty, no mapping, no YAML: the nodes would run on defaults."""
    path = tmp_path / 'my.yaml'
    if content is not None:
        path.write_text(content)
    with pytest.raises(RuntimeError, match='params_file') as raised:
        started(launch_file, params_file=str(path))
    assert str(path) in str(raised.value) and '\n' not in str(raised.value)


@pytest.mark.parametrize('text', ['5', '1.5', '[a, b]', '{', 'null', 'a: b', 'true'])
def test_texts_stay_texts(launch_file, text):
    """Launch reads parameters as YAML."""
    (node,) = started(launch_file, weights_dir=text, image_topic=text)
    assert parameters(node)['weights_dir'] == parameters(node)['image_topic'] == text
