# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Everything that users may build on, collected from the code.

python test/api_surface.py            show it
python test/api_surface.py --write    write docs/api_surface.json, which a test holds
"""

from __future__ import annotations

import argparse
import ast
import inspect
import json
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[1]
FILE = CHECKOUT / 'docs/api_surface.json'

MODULES = {
    'face_affect_ros': None,
    'face_affect_ros.behaviours': None,
    'face_affect_ros.detection.dlib_hog': ('DlibSettings',),
    'face_affect_ros.detection.mtcnn': ('MtcnnSettings',),
    'face_affect_ros.engines.protocol': ('FrameworkError',),
    'face_affect_ros.faces': (
        'AGE_CUTS',
        'AGE_RANGES',
        'ATTRIBUTES',
        'EMOTIONS',
        'GENDERS',
        'LANDMARKS',
        'TASKS',
        'UNKNOWN',
    ),
    'face_affect_ros.identity': None,
    'face_affect_ros.images': ('MAX_PIXELS', 'load'),
    'face_affect_ros.pipeline': ('load_detector',),
    'face_affect_ros.registry.catalogue': ('UnknownNameError', 'WeightsError', 'model_names'),
    'face_affect_ros.settings': ('ModelSettings',),
    'face_affect_ros.testing.fake_camera': ('FakeCamera', 'FakeCameraError', 'frames_of'),
    'face_affect_ros.testing.fake_classifier': ('FakeClassifier',),
    'face_affect_ros.testing.scenes': ('Scene', 'SceneError', 'Step', 'load_scene', 'read_face'),
}
"""Modules with their public names; None: those of its ``__all__``."""

OTHER_MESSAGES = {
    'Bool',
    'CompressedImage',
    'DiagnosticArray',
    'Image',
    'SetBool',
    'String',
}


def surface() -> dict[str, Any]:
    """Return all of it, by kind."""
    return {
        'python': python_names(),
        'interfaces': interfaces(),
        'topics': topics(),
        'parameters': parameters(),
        'command_line': command_line(),
        'json': json_keys(),
        'csv': csv_columns(),
    }


def python_names() -> dict[str, Any]:
    """Return public names with their signatures, fields and members."""
    found = {}
    for module_name, names in MODULES.items():
        module = import_module(module_name)
        for name in module.__all__ if names is None else names:
            found[f'{module_name}.{name}'] = _described(getattr(module, name))
    return dict(sorted(found.items()))


def _described(thing: Any) -> Any:
    """Return a constant's value, a function's signature, or a class's members."""
    if inspect.isclass(thing):
        bases = ', '.join(base.__name__ for base in thing.__bases__)
        return {f'class({bases})': signature(thing), **_members(thing)}
    if callable(thing):
        return signature(thing)
    return list(thing) if isinstance(thing, (tuple, dict)) else thing


def _members(kind: type) -> dict[str, str]:
    """Return the public methods and properties that a class defines itself."""
    members = {}
    for name, value in sorted(vars(kind).items()):
        if name.startswith('_') and name not in ('__enter__', '__iter__', '__len__'):
            continue
        if isinstance(value, property):
            members[name] = f'property -> {_annotation(value.fget.__annotations__.get("return"))}'
        elif isinstance(value, (classmethod, staticmethod)):
            members[name] = signature(value.__func__)
        elif inspect.isfunction(value):
            members[name] = signature(value)
    return members


def signature(function: Any) -> str:
    """Return parameters, types and defaults, and the result's type, the same on all Pythons."""
    if inspect.isclass(function) and '__init__' not in vars(function):
        return '(*args)'  # an exception, which takes what all exceptions take
    found = inspect.signature(function)
    parts = []
    for parameter in found.parameters.values():
        if parameter.name == 'self':
            continue
        stars = {parameter.VAR_POSITIONAL: '*', parameter.VAR_KEYWORD: '**'}
        text = stars.get(parameter.kind, '') + parameter.name
        if parameter.annotation is not parameter.empty:
            text += f': {_annotation(parameter.annotation)}'
        if parameter.default is not parameter.empty:
            default = parameter.default
            text += f' = {default.__name__ if inspect.isroutine(default) else repr(default)}'
        parts.append(text)
    returned = found.return_annotation
    arrow = '' if returned is found.empty else f' -> {_annotation(returned)}'
    return f'({", ".join(parts)}){arrow}'


def _annotation(annotation: Any) -> str:
    """Return a type as it is written in the source."""
    return (
        annotation
        if isinstance(annotation, str)
        else getattr(annotation, '__name__', repr(annotation))
    )


def interfaces() -> dict[str, list[str]]:
    """Return fields and constants of all messages and services, in their order."""
    files = sorted([*(CHECKOUT / 'msg').glob('*.msg'), *(CHECKOUT / 'srv').glob('*.srv')])
    return {
        f'{path.parent.name}/{path.stem}': [
            line for text in path.read_text().splitlines() if (line := text.split('#')[0].strip())
        ]
        for path in files
    }


def topics() -> dict[str, str]:
    """Return topics and services with their types, as the nodes' sources name them."""
    kinds = OTHER_MESSAGES | {
        path.stem for folder in ('msg', 'srv') for path in (CHECKOUT / folder).iterdir()
    }
    found = {}
    for path in sorted((CHECKOUT / 'face_affect_ros/ros').rglob('*.py')):
        source = path.read_text()
        found.update(
            {
                name: 'Image or CompressedImage'
                for name in re.findall(r"\['image_topic'\] or '(\w+)'", source)
            }
        )
        for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
            for pair in zip(call.args, call.args[1:]):
                names = [part.value for part in pair if isinstance(part, ast.Constant)]
                types = [part.id for part in pair if isinstance(part, ast.Name)]
                is_suffix = bool(names) and names[0] == '/compressed'  # of a kind of picture
                if names and names[0] and not is_suffix and types and types[0] in kinds:
                    found[names[0]] = types[0]
    return dict(sorted(found.items()))


def parameters() -> dict[str, Any]:
    """Return the nodes' parameters: type, default, range, nodes."""
    from face_affect_ros.ros.parameters import TABLE

    return {
        parameter.name: {
            'type': parameter.kind.__name__,
            'default': parameter.default,
            'limits': parameter.limits,
            'choices': parameter.choices,
            'nodes': parameter.nodes,
            'fixed': parameter.fixed,
        }
        for parameter in TABLE
    }


def command_line() -> dict[str, Any]:
    """Return the options of every subcommand."""
    from face_affect_ros import cli

    return _options(cli.build_parser())


def _options(parser: argparse.ArgumentParser) -> dict[str, Any]:
    """Return a parser's options and positional arguments, and those of its subcommands."""
    found: dict[str, Any] = {'arguments': []}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in sorted(action.choices.items()):
                found[name] = _options(command)
        elif not isinstance(action, argparse._HelpAction):
            found['arguments'].append(' '.join(action.option_strings) or action.dest)
    found['arguments'].sort()
    return found


def json_keys() -> list[str]:
    """Return the keys of ``face-affect classify --json``, labels of scores left out."""
    from face_affect_ros.cli import schema
    from face_affect_ros.faces import Age
    from face_affect_ros.faces import Box
    from face_affect_ros.faces import Distribution
    from face_affect_ros.faces import Face

    told = Distribution('a', 1.0, {'LABEL': 1.0})
    face = Face(
        Box(0, 0, 1, 1),
        1.0,
        ((0.0, 0.0),),
        1.0,
        told,
        told,
        Age(1.0, 1.0, 'a', {'LABEL': 1.0}),
        {'LABEL': 1.0},
        1,
    )
    return [
        f'schema {schema.VERSION}',
        *sorted(_keys(schema.picture('a', '1', (1, 1), [face]), '')),
    ]


def csv_columns() -> list[str]:
    """Return the columns of ``face-affect classify --csv``, in their order."""
    from face_affect_ros.cli import schema

    return [column.name for column in schema.columns()]


def _keys(value: Any, path: str) -> list[str]:
    """Return the paths of all leaves."""
    if isinstance(value, dict):
        return [key for name, part in value.items() for key in _keys(part, f'{path}.{name}')]
    if isinstance(value, list) and value and isinstance(value[0], (dict, list)):
        return _keys(value[0], f'{path}[]')
    return [path.lstrip('.') + ('[]' if isinstance(value, list) else '')]


def as_text(found: dict[str, Any]) -> str:
    """Return the surface as the file has it."""
    return json.dumps(found, indent=1, ensure_ascii=False) + '\n'


def main():
    """Show or write the surface."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--write', action='store_true', help=f'write {FILE.name}')
    if parser.parse_args().write:
        FILE.parent.mkdir(exist_ok=True)
        FILE.write_text(as_text(surface()))
    else:
        sys.stdout.write(as_text(surface()))


if __name__ == '__main__':
    main()
