# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Nothing that users build on disappears or changes unnoticed."""

from __future__ import annotations

import difflib
import json

import api_surface
import pytest

WHAT_TO_DO = """
The public surface differs from docs/api_surface.json:

{difference}

A line that went ("-") breaks users: bring it back, or keep the old name working for one version
and say so in CHANGELOG.md. A line that came ("+") is a promise: name it in README.md or docs/.
If all of it is meant, run:  python test/api_surface.py --write
"""


COLLECTED_BY = {'python': 'python_names', 'json': 'json_keys', 'csv': 'csv_columns'}


@pytest.mark.parametrize(
    'part', ['python', 'interfaces', 'topics', 'parameters', 'command_line', 'json', 'csv']
)
def test_the_public_surface(part):
    """What the code offers is what docs/api_surface.json promises."""
    promised = json.loads(api_surface.FILE.read_text())[part]
    offered = json.loads(json.dumps(getattr(api_surface, COLLECTED_BY.get(part, part))()))
    if offered != promised:
        difference = difflib.unified_diff(
            *(json.dumps(one, indent=1).splitlines() for one in (promised, offered)),
            'promised',
            'offered',
            n=2,
            lineterm='',
        )
        pytest.fail(WHAT_TO_DO.format(difference='\n'.join(difference)), pytrace=False)


def test_the_file_is_as_written_by_the_command():
    """So that a difference in git is a difference of the surface."""
    text = api_surface.FILE.read_text()
    assert text == api_surface.as_text(json.loads(text))
    assert list(json.loads(text)) == [
        'python',
        'interfaces',
        'topics',
        'parameters',
        'command_line',
        'json',
        'csv',
    ]


@pytest.mark.parametrize(
    ('part', 'expected'),
    [
        ('python', 'face_affect_ros.load_model'),
        ('interfaces', 'msg/FaceAttributesArray'),
        ('topics', 'attributes'),
        ('topics', 'classify_image'),
        ('topics', 'image'),
        ('parameters', 'min_face_size'),
        ('command_line', 'classify'),
        ('json', 'faces[].emotion.scores.LABEL'),
        ('csv', 'emotion_happy'),
    ],
)
def test_the_surface_has_what_everybody_uses(part, expected):
    """The collecting itself works."""
    assert expected in api_surface.surface()[part]
