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
from launch_ros.parameter_descriptions import ParameterValue

from face_affect_ros.ros.parameters import TABLE
from launch import LaunchDescription

CONFIG = Path(__file__).resolve().parents[1] / 'config'
CAMERAS = yaml.safe_load((CONFIG / 'cameras.yaml').read_text())

# Texts of true and false in any case, as launch files write them (PAL's have True and False).
BOOLEANS = {
    'true': True,
    '1': True,
    'yes': True,
    'on': True,
    'false': False,
    '0': False,
    'no': False,
    'off': False,
}

# Where a file that includes this one has an argument of the same name that is empty.
PARAMS_FILE = str(CONFIG / 'tiago.yaml')
NAMESPACE = 'face_affect'

# Arguments that are parameters of the nodes, with their defaults, descriptions and choices.
PARAMETERS = {
    parameter.name: parameter
    for parameter in TABLE
    if parameter.name
    in (
        'model',
        'image_transport',
        'detector',
        'weights',
        'engine',
        'device',
        'rotate',
        'weights_dir',
        'annotate',
        'privacy',
        'faces_from',
        'humans_namespace',
        'autostart',
    )
}

# The others: name, default, description, choices.
OTHERS = (
    (
        'camera',
        'auto',
        'Camera preset, which names the topic: '
        + '; '.join(f'{name}: {camera["description"]}' for name, camera in CAMERAS.items())
        + '.',
        list(CAMERAS),
    ),
    ('image_topic', '', 'Topic of the pictures, in place of what the preset names.', None),
    (
        'camera_info_topic',
        '',
        'Calibration of the camera, in place of what the preset names: for TF frames of faces.',
        None,
    ),
    (
        'cameras',
        '',
        'Several cameras in one process, as [front=/front/image_raw, back=/back/image_raw], each '
        'with nodes in the namespace of its name; empty: one.',
        None,
    ),
    (
        'composed',
        'true',
        'All nodes in one process (frames by reference), or one process each.',
        None,
    ),
    (
        'respawn',
        'auto',
        'Start a process that ends anew after two seconds; auto: where each node has its own.',
        None,
    ),
    ('namespace', NAMESPACE, f'Namespace of nodes and topics; empty: {NAMESPACE}.', None),
    (
        'use_sim_time',
        '',
        'Take the time from /clock; empty: as a file that includes this one '
        'says (SetUseSimTime, SetParameter), else no.',
        None,
    ),
    ('params_file', PARAMS_FILE, 'Further parameters of the nodes; empty: the default.', None),
    (
        'log_level',
        'info',
        'Least severe messages that are logged.',
        ['debug', 'info', 'warn', 'error', 'fatal'],
    ),
)

RESPAWN_DELAY_S = 2.0

# composed -> executables of the package with their arguments.
PROCESSES = {
    True: (('face-affect', ['run']),),
    False: (('camera', []), ('detection', []), ('attributes', [])),
}


def generate_launch_description():
    """Declare the arguments and start the nodes."""
    arguments = [*map(_of_parameter, PARAMETERS.values()), *OTHERS]
    return LaunchDescription(
        [
            *(
                DeclareLaunchArgument(
                    name, default_value=default, description=description, choices=choices
                )
                for name, default, description, choices in arguments
            ),
            OpaqueFunction(function=_processes),
        ]
    )


def _of_parameter(parameter):
    """Return the argument of a parameter: name, default, description, choices."""
    default = parameter.default
    return (
        parameter.name,
        str(default).lower() if parameter.kind is bool else default,
        parameter.description,
        list(parameter.choices) or None,
    )


def _processes(context):
    """Return the processes; the preset gives way to the file, the file to the arguments."""
    values = context.launch_configurations
    preset = {
        name: value for name, value in CAMERAS[values['camera']].items() if name != 'description'
    }
    composed = _flag(values, 'composed')
    given = {
        name: _flag(values, name) if parameter.kind is bool else _text(values[name])
        for name, parameter in PARAMETERS.items()
    }
    if values['image_topic']:
        given.update(image_topic=_text(values['image_topic']), image_topic_alternative='')
    if values['image_topic'] or values['camera_info_topic']:
        given['camera_info_topic'] = _text(values['camera_info_topic'])
    if _simulated_time(context) is not None:
        given['use_sim_time'] = _simulated_time(context)
    return [
        Node(
            package='face_affect_ros',
            executable=executable,
            arguments=[*arguments, *_cameras(values, composed)],
            namespace=values['namespace'] or NAMESPACE,
            output='screen',
            respawn=not composed if values['respawn'] == 'auto' else _flag(values, 'respawn'),
            respawn_delay=RESPAWN_DELAY_S,
            parameters=[preset, _params_file(values), given],
            ros_arguments=['--log-level', values['log_level']],
        )
        for executable, arguments in PROCESSES[composed]
    ]


def _cameras(values, composed):
    """Return the option of several cameras; launch hands lists on as they are written."""
    cameras = values['cameras'].strip().strip('[]').replace(',', ' ').split()
    if not cameras:
        return []
    if not composed or values['image_topic']:
        raise RuntimeError(
            'argument cameras goes with composed:=true and without image_topic: it names a topic '
            'for each'
        )
    return ['--cameras', *cameras]


def _text(value):
    """Return a parameter that is a text though it may look like a number or a list."""
    return ParameterValue(value, value_type=str)


def _flag(values, name):
    """Return an argument that is true or false."""
    text = values[name].strip().lower()
    if text not in BOOLEANS:
        raise RuntimeError(f'argument {name} is {values[name]!r}: must be true or false')
    return BOOLEANS[text]


def _params_file(values):
    """Return the file of parameters; launch would only warn of one that is not there."""
    path = Path(values['params_file'] or PARAMS_FILE)
    try:
        content = yaml.safe_load(path.read_text())
    except (OSError, ValueError, yaml.YAMLError) as error:
        reason = ' '.join(str(error).split())
        raise RuntimeError(
            f'argument params_file is {str(path)!r}: must be a YAML file of ROS '
            f'parameters ({reason})'
        ) from None
    if not isinstance(content, dict):
        raise RuntimeError(
            f'argument params_file is {str(path)!r}: must hold parameters by node '
            'name, as in "/**: {ros__parameters: {max_rate: 10.0}}"'
        )
    return str(path)


def _simulated_time(context):
    """Return use_sim_time, or None where it is left to what this file is included in."""
    if context.launch_configurations['use_sim_time']:
        return _flag(context.launch_configurations, 'use_sim_time')
    # SetUseSimTime sets it on the node of launch itself, which there may not be yet.
    adapter = getattr(context.locals, 'ros_adapter', None)
    return True if adapter and adapter.ros_node.get_parameter('use_sim_time').value else None
