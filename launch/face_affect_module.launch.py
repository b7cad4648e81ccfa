# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Start the nodes as a module of PAL OS.

Parameters, remappings and arguments come from ``config/00-defaults.yml`` and the user's overrides
in ``~/.pal/config``, through launch_pal where it is installed; elsewhere from the former alone.
Each parameter of the nodes is a launch argument too, which goes before both.
"""

import tempfile
from pathlib import Path

import yaml
from launch.actions import DeclareLaunchArgument
from launch.actions import OpaqueFunction
from launch_ros.actions import Node

from face_affect_ros.ros.parameters import TABLE
from face_affect_ros.ros.parameters import of_node
from launch import LaunchDescription

try:
    from launch_pal import get_pal_configuration
except ImportError:  # no PAL OS
    get_pal_configuration = None

PACKAGE = 'face_affect_ros'
NAMESPACE = 'face_affect'
NODES = ('camera', 'detection', 'attributes')
DEFAULTS = Path(__file__).resolve().parents[1] / 'config/00-defaults.yml'

AS_CONFIGURED = 'as_configured'
"""Default of the arguments that are parameters."""


def generate_launch_description():
    """Declare the arguments and start the nodes."""
    description = LaunchDescription()
    configured = {node: _configuration(node, description) for node in NODES}
    for name, default, text in (
        ('namespace', NAMESPACE, f'Namespace of nodes and topics; empty: {NAMESPACE}.'),
        ('use_sim_time', 'false', 'Take the time from /clock.'),
        ('log_level', 'info', 'Least severe messages that are logged.'),
    ):
        description.add_action(
            DeclareLaunchArgument(name, default_value=default, description=text)
        )
    for parameter in TABLE:
        description.add_action(
            DeclareLaunchArgument(
                parameter.name, default_value=AS_CONFIGURED, description=parameter.description
            )
        )
    description.add_action(OpaqueFunction(function=_process, args=[configured]))
    return description


def _configuration(node, description):
    """Return parameters, remappings and arguments of a node."""
    if get_pal_configuration is not None:
        found = get_pal_configuration(pkg=PACKAGE, node=node, ld=description, cmdline_args=False)
        parameters = {name: value for each in found['parameters'] for name, value in each.items()}
        return {
            'parameters': parameters,
            'remappings': dict(found['remappings']),
            'arguments': list(found['arguments']),
        }
    own = yaml.safe_load(DEFAULTS.read_text())[f'/{NAMESPACE}/{node}']
    return {
        'parameters': own['ros__parameters'],
        'remappings': own.get('remappings', {}),
        'arguments': own.get('arguments', []),
    }


def _process(context, configured):
    """Return the process of all nodes."""
    values = context.launch_configurations
    remapped = [
        word
        for node, each in configured.items()
        for name, target in each['remappings'].items()
        if name != target
        for word in ('-r', f'{node}:{name}:={target}')
    ]
    return [
        Node(
            package=PACKAGE,
            executable='face-affect',
            arguments=[
                'run',
                *(word for each in configured.values() for word in each['arguments']),
            ],
            namespace=values['namespace'] or NAMESPACE,
            output='screen',
            parameters=[_params_file(configured, values)],
            ros_arguments=['--log-level', values['log_level'], *remapped],
        )
    ]


def _params_file(configured, values):
    """Write what each node is given to a file, and return its name."""
    simulated = values['use_sim_time'].strip().lower() in ('true', '1', 'yes', 'on')
    content = {}
    for node, each in configured.items():
        given = {
            parameter.name: yaml.safe_load(values[parameter.name])
            for parameter in of_node(node)
            if values[parameter.name] != AS_CONFIGURED
        }
        parameters = {**each['parameters'], **given, 'use_sim_time': simulated}
        image = each['remappings'].get('image', 'image')
        if image != 'image' and 'image_topic' not in given and parameters['image_topic'] == 'auto':
            parameters['image_topic'] = ''
        content[f'/**/{node}'] = {'ros__parameters': parameters}
    with tempfile.NamedTemporaryFile(
        'w', prefix='face_affect_', suffix='.yaml', delete=False
    ) as file:
        yaml.safe_dump(content, file)
    return file.name
