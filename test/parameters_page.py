# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The page of all parameters, made of the nodes' table.

python test/parameters_page.py            show it
python test/parameters_page.py --write    write docs/parameters.md, which a test holds
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from face_affect_ros.parameter import NODES
from face_affect_ros.parameter import Parameter
from face_affect_ros.ros.parameters import of_node

FILE = Path(__file__).resolve().parents[1] / 'docs/parameters.md'

HEAD = """\
# Parameters

Written by `python test/parameters_page.py --write` from the declarations in `settings.py`,
`detection/settings.py`, `tracking/settings.py` and `ros/parameters.py`.

Set them in a parameter file (`params_file:=`, an example is `config/tiago.yaml`), with
`ros2 param set`, or as options of `face-affect run`, with dashes for underscores. "While
configured" says whether a parameter can be set then; others need `deactivate` and `cleanup` first.
`use_sim_time` and the QoS overrides of ROS itself come on top.
"""

TYPES = {bool: 'bool', int: 'int', float: 'float', str: 'string', tuple: 'float[]'}


def page() -> str:
    """Return the page as Markdown."""
    return '\n'.join([HEAD, *(_table(node) for node in NODES)])


def _table(node: str) -> str:
    rows = [f'| {" | ".join(_cells(parameter))} |' for parameter in of_node(node)]
    return '\n'.join(
        [
            f'## `{node}`',
            '',
            '| name | type | default | values | while configured | |',
            '|---|---|---|---|---|---|',
            *rows,
            '',
        ]
    )


def _cells(parameter: Parameter) -> list[str]:
    values = ', '.join(f'`{choice}`' for choice in parameter.choices)
    if parameter.limits is not None:
        low, high = parameter.limits
        values = f'{low:g} to {high:g}'
    return [
        f'`{parameter.name}`',
        TYPES[parameter.kind],
        f'`{json.dumps(parameter.default)}`',
        values,
        'no' if parameter.fixed else 'yes',
        parameter.description.replace('|', '\\|'),
    ]


def main() -> None:
    """Show or write the page."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--write', action='store_true', help=f'write {FILE.name}')
    if parser.parse_args().write:
        FILE.write_text(page(), encoding='utf-8')
    else:
        sys.stdout.write(page())


if __name__ == '__main__':
    main()
