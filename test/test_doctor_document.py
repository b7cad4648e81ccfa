# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Every finding has its place in docs/troubleshooting.md, and every place its finding."""

import ast
import re
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
DOCUMENT = CHECKOUT / 'docs/troubleshooting.md'
SOURCES = [
    *(CHECKOUT / 'face_affect_ros/doctor').rglob('*.py'),
    CHECKOUT / 'face_affect_ros/cli/doctor.py',
]

MAKERS = {'ok', 'note', 'problem', 'make'}
NO_FINDINGS = {'diagnostics', 'doctor'}
"""Sections that are about something else."""


def anchors() -> set[str]:
    """Return the anchors that the sources name."""
    calls = [
        node
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and (getattr(node.func, 'id', '') or getattr(node.func, 'attr', '')) in MAKERS
    ]
    assert all(isinstance(each.args[0], ast.Constant) for each in calls), 'anchors are literals'
    return {each.args[0].value for each in calls}


def headings() -> list[str]:
    """Return the places of the document, as GitHub names them."""
    titles = re.findall('^##+ (.+)$', DOCUMENT.read_text(), re.MULTILINE)
    return [re.sub('[^a-z0-9 -]', '', title.lower()).replace(' ', '-') for title in titles]


def test_findings_and_places_are_the_same():
    """None without the other."""
    assert len(anchors()) > 30
    assert anchors() == set(headings()) - NO_FINDINGS


def test_places_are_unique_and_below_their_subjects():
    """The word before the first dash is the section."""
    found = headings()
    assert len(set(found)) == len(found)
    section = ''
    for line, place in zip(re.findall('^##+ .+$', DOCUMENT.read_text(), re.MULTILINE), found):
        section = place if line.startswith('## ') else section
        assert place.partition('-')[0] == section
