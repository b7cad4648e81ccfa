# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What an entry of ``networks.yaml`` may say: one table of fields, each with its rule."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from typing import NamedTuple

import yaml

from face_affect_ros.quoting import printable
from face_affect_ros.quoting import quoted
from face_affect_ros.tasks import TASKS

DETECTION = 'detection'
"""Task of the networks that find faces."""

IDENTITY = 'identity'
"""Task of the networks that embed faces: their outputs are no task's."""

MAX_FILE_BYTES = 100_000
"""Largest file of entries: some 150 networks."""

SHOWN = 60
"""Most characters of a value in an error, of which the whole must not be long."""

MAX_VALUES = 10_000
MAX_DEPTH = 10
MAX_TEXT = 1000
MAX_NUMBER = 1e12


class EntryError(ValueError):
    """A file of entries that cannot be used; the text says where and why."""


class Rule(NamedTuple):
    """What a field's value must be.

    :param words: what stands behind "must be".
    :param holds: says whether a value is that.
    """

    words: str
    holds: Callable[[Any], bool]


def _shown(value: Any) -> str:
    return quoted(value, SHOWN)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) and len(value) <= MAX_TEXT


def _is_file_name(value: Any) -> bool:
    return _is_text(value) and Path(value).name == value != '..' and printable(value) == value


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < MAX_NUMBER
    )  # which no NaN is


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _are_outputs(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and len(value) == len(set(map(str, value)))
        and all(name in tuple(TASKS) for name in value)
    )


def _are_figures(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and len(value) <= 100
        and all(_is_text(name) and _is_number(figure) for name, figure in value.items())
    )


def _are_thresholds(value: Any) -> bool:
    labels = {label for task in TASKS.values() if task.is_independent for label in task.labels}
    return (
        isinstance(value, dict)
        and bool(value)
        and all(name in labels for name in value)
        and all(_is_number(threshold) and 0 < threshold < 1 for threshold in value.values())
    )


def _is_verification(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and {*value} == {'threshold', 'slope', 'even'}
        and all(_is_number(number) and number > 0 for number in value.values())
    )


CROP: Mapping[str, Rule] = {
    'size': Rule(
        'a whole number of pixels, 8..1024', lambda value: _is_whole(value) and 8 <= value <= 1024
    ),
    'channels': Rule('1 (grey) or 3 (BGR)', lambda value: _is_whole(value) and value in (1, 3)),
    'factor': Rule('a number, 0.1..10', lambda value: _is_number(value) and 0.1 <= value <= 10),
    'kind': Rule(
        'aligned, box or square',
        lambda value: isinstance(value, str) and value in ('aligned', 'box', 'square'),
    ),
}
"""Fields of a crop. ``kind`` may be left out."""

FIELDS: Mapping[str, Rule] = {
    'file': Rule('the name of a file in this folder', _is_file_name),
    'sha256': Rule(
        '64 hexadecimal digits, in quotes',
        lambda value: (
            isinstance(value, str) and re.fullmatch('[0-9a-fA-F]{64}', value) is not None
        ),
    ),
    'task': Rule(
        f'one of {", ".join((DETECTION, IDENTITY, *TASKS))}',
        lambda value: isinstance(value, str) and value in (DETECTION, IDENTITY, *TASKS),
    ),
    'licence': Rule('text', _is_text),
    'source': Rule('text', _is_text),
    'crop': Rule(f'a mapping of {", ".join(CROP)}', lambda value: isinstance(value, dict)),
    'outputs': Rule(f'a list of some of {", ".join(TASKS)}, each once', _are_outputs),
    'tta': Rule(
        'a list of changes to the crop, at most 16',
        lambda value: (
            isinstance(value, list)
            and len(value) <= 16
            and all(isinstance(each, dict) for each in value)
        ),
    ),
    'figures': Rule('a mapping of names to numbers', _are_figures),
    'thresholds': Rule('a mapping of attributes to numbers between 0 and 1', _are_thresholds),
    'thresholds_from': Rule('text', _is_text),
    'verification': Rule(
        'a mapping of threshold, slope and even to numbers above 0', _is_verification
    ),
}
"""Fields of an entry."""

REQUIRED = ('file', 'sha256', 'task', 'licence', 'source')


def read_entries(data: bytes) -> dict[str, dict[str, Any]]:
    """Return the entries of a file by the names of their networks.

    :raises EntryError: it is no file of entries, or one of them breaks a rule.
    """
    entries = _parsed(data)
    if entries is None:
        return {}
    _check_mapping('the file', entries)
    for name, entry in entries.items():
        if not isinstance(name, str):
            raise EntryError(f'{_shown(name)} is no name of a network')
        _check_entry(name if re.fullmatch(r'\w{1,40}', name) else _shown(name), entry)
    return entries


def _check_entry(name: str, entry: Any) -> None:
    """Raise ``EntryError`` at the first field that breaks a rule."""
    _check_fields(name, entry, FIELDS, REQUIRED)
    task = entry['task']
    if ('verification' in entry) != (task == IDENTITY):
        raise EntryError(
            f'{name}.verification belongs to networks for {IDENTITY}, and to all of them'
        )
    if task != DETECTION:
        _check_fields(f'{name}.crop', entry.get('crop'), CROP, ('size', 'channels', 'factor'))
    describes = task not in (DETECTION, IDENTITY)
    if describes:
        for place, changes in enumerate(entry.get('tta', ())):
            _check_fields(f'{name}.tta[{place}]', changes, CROP, ())
        if entry['task'] not in entry.get('outputs', [entry['task']]):
            raise EntryError(
                f'{name}.outputs is {_shown(entry["outputs"])}, must have the task, '
                f'{entry["task"]}'
            )
    for field in ('outputs', 'tta') if task == IDENTITY else ('crop', 'outputs', 'tta'):
        if field in entry and not describes:
            raise EntryError(f'{name} has {field}, which a network for {task} has not')


def _check_fields(
    where: str, value: Any, rules: Mapping[str, Rule], required: tuple[str, ...]
) -> None:
    """Raise ``EntryError`` unless a mapping has fields that there are, and all required ones."""
    _check_mapping(where, value)
    for field in value:
        if field not in rules:
            raise EntryError(f'{where} has {_shown(field)}, must have only {", ".join(rules)}')
    for field in required:
        if field not in value:
            raise EntryError(f'{where} lacks {field}, which must be {rules[field].words}')
    for field, given in value.items():
        if not rules[field].holds(given):
            raise EntryError(f'{where}.{field} is {_shown(given)}, must be {rules[field].words}')


def _check_mapping(where: str, value: Any) -> None:
    if not isinstance(value, dict):
        raise EntryError(f'{where} is {_shown(value)}, must be a mapping ("name: value" lines)')


def _parsed(data: bytes) -> Any:
    """Return the YAML in a file."""
    try:
        text = data.decode('utf-8-sig')
        _check_depth(text)
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
        if root is None:
            return None
        _check_node(root)
        return loader.construct_document(root)
    except UnicodeDecodeError as error:
        raise EntryError(f'it is not UTF-8 text (byte {error.start})') from error
    except RecursionError as error:
        raise EntryError('its values are nested too deep') from error
    except EntryError:
        raise
    except (yaml.YAMLError, ValueError, TypeError, OverflowError) as error:
        reason = printable(' '.join(str(error).split()))[:100]
        raise EntryError(f'it is no YAML: {reason}') from error


def _check_depth(text: str) -> None:
    """Refuse deep nesting before it takes time to build it."""
    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise EntryError('its values are nested too deep')


def _check_node(root: yaml.Node) -> None:
    """Refuse keys that stand twice, and more values than a list of networks has.

    An anchor counts as often as it is used: ten lines may stand for a billion values.
    """
    waiting, count = [(root, 0)], 0
    while waiting:
        node, depth = waiting.pop()
        count += 1
        if count > MAX_VALUES:
            raise EntryError(f'it has more than {MAX_VALUES:,} values')
        if depth > MAX_DEPTH:
            raise EntryError('its values are nested too deep')
        children = node.value if isinstance(node, yaml.SequenceNode) else []
        if isinstance(node, yaml.MappingNode):
            _check_keys(node)
            children = [child for pair in node.value for child in pair]
        waiting += [(child, depth + 1) for child in children]


def _check_keys(node: yaml.MappingNode) -> None:
    seen = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise EntryError(f'line {key.start_mark.line + 1} has a key that is no text')
        if key.value in seen:
            raise EntryError(
                f'line {key.start_mark.line + 1} has {_shown(key.value)} a second time'
            )
        seen.add(key.value)
