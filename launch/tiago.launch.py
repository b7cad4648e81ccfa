# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Start the nodes on a robot: ``ros2 launch face_affect_ros tiago.launch.py model:=1``.

Thin by intent: it declares arguments and starts the executables that ``face-affect run`` is made
of. It emits no lifecycle transitions, which the nodes carry out themselves (``autostart``), and
gives no process a ``name``, which would rename all nodes composed in it.
"""

from pathlib import Path

import yaml
from launch.actions import DeclareLaunchArgument
from launch.actions import OpaqueFunction
from launch_ros.actions import Node

from face_affect_ros.registry import catalogue
from launch import LaunchDescription

CONFIG = Path(__file__).resolve().parents[1] / 'config'
CAMERAS = yaml.safe_load((CONFIG / 'cameras.yaml').read_text())
BOOLEANS = ['true', 'false']

# Name, default, description, choices.
ARGUMENTS = (
    ('model', '1', 'Model that finds and describes faces.',
     list(catalogue.model_names())),
    ('camera', 'tiago', 'Camera preset, which names the topic: ' + '; '.join(
        f'{name}: {camera["description"]}' for name, camera in CAMERAS.items()) + '.',
     list(CAMERAS)),
    ('image_topic', '', 'Topic of the pictures, in place of what the preset names.', None),
    ('image_transport', 'raw', 'Kind of picture; compressed: topic + "/compressed".',
     ['raw', 'compressed']),
    ('composed', 'true', 'All nodes in one process (frames by reference), or one process each.',
     BOOLEANS),
    ('detector', 'auto', "What finds faces; auto: the model's own detector.",
     ['auto', *catalogue.detectors()]),
    ('weights', 'embedded', 'Networks of this package, or the original ones of the papers.',
     list(catalogue.WEIGHTS)),
    ('engine', 'onnx', 'What runs original networks: ONNX Runtime, converted, or native, their '
     'own frameworks.', list(catalogue.ENGINES)),
    ('weights_dir', '', 'Folder whose weight files take precedence over the embedded ones, or of '
     'the originals.', None),
    ('annotate', 'true', 'Offer the picture with the faces drawn in, on the topic "annotated".',
     BOOLEANS),
    ('namespace', 'face_affect', 'Namespace of nodes and topics.', None),
    ('use_sim_time', 'false', 'Take the time from /clock.', BOOLEANS),
    ('params_file', str(CONFIG / 'tiago.yaml'), 'Further parameters of the nodes.', None),
    ('log_level', 'info', 'Least severe messages that are logged.',
     ['debug', 'info', 'warn', 'error', 'fatal']),
    ('autostart', 'true', 'Configure and activate at once; false: wait for a lifecycle manager.',
     BOOLEANS),
)

# Arguments that are parameters of the nodes by the same name.
PARAMETERS = ('model', 'image_transport', 'detector', 'weights', 'engine', 'weights_dir',
              'annotate', 'use_sim_time', 'autostart')

# composed -> executables of the package with their arguments.
PROCESSES = {
    'true': (('face-affect', ['run']),),
    'false': (('camera', []), ('detection', []), ('attributes', [])),
}


def generate_launch_description():
    """Declare the arguments and start the nodes."""
    return LaunchDescription([*map(_declared, ARGUMENTS), OpaqueFunction(function=_processes)])


def _declared(argument):
    """Return one argument."""
    name, default, description, choices = argument
    return DeclareLaunchArgument(
        name, default_value=default, description=description, choices=choices)


def _processes(context):
    """Return the processes; the preset gives way to the file, the file to the arguments."""
    values = context.launch_configurations
    preset = {'image_topic': CAMERAS[values['camera']]['image_topic']}
    given = {name: _typed(values[name]) for name in PARAMETERS}
    if values['image_topic']:
        given['image_topic'] = values['image_topic']
    return [
        Node(
            package='face_affect_ros', executable=executable, arguments=arguments,
            namespace=values['namespace'], output='screen',
            parameters=[preset, values['params_file'], given],
            ros_arguments=['--log-level', values['log_level']])
        for executable, arguments in PROCESSES[values['composed']]]


def _typed(text):
    """Return an argument's text as a parameter: true and false as such."""
    return text == 'true' if text in BOOLEANS else text
