# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Reports say all that they were given, whole in one file each, and the same bytes again."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

pytest.importorskip('matplotlib')
pytest.importorskip('pyarrow')

from pyarrow import parquet

from face_affect_ros.evaluation.intervals import Estimate
from face_affect_ros.evaluation.report import Report
from face_affect_ros.evaluation.report import Section
from face_affect_ros.evaluation.report import Table
from face_affect_ros.evaluation.report import plots
from face_affect_ros.evaluation.report import write_report

NAN = float('nan')
VOID = {'meta', 'br', 'img', 'path', 'use', 'rect', 'line', 'image'}


def report() -> Report:
    """Return a report with one of everything, and names that want escaping."""
    bars = plots.bars('Bars', {'a': {'x<y': Estimate(0.5, 0.4, 0.6, 3)}}, 'right, %', 100)
    matrix = plots.confusion('Matrix', np.array([[3, 1], [0, 4]]), 'ab', 'ab')
    curve = plots.lines('Curve', {'a': ([0, 1], [0, 1])}, ('x', 'y'), diagonal=True)
    return Report(
        'A & B',
        {'command': 'face-affect', 'weights': {'net': 'f00'}},
        {'1': {'emotion': {'accuracy': Estimate(0.5, 0.25, NAN, 4)}}},
        [
            Section('First', ['Text < more.'], [Table('T', ['a', 'b|c'], [['x|y', '<1']])]),
            Section('Plots', plots=[bars, matrix, curve]),
        ],
        {'row': [0, 1], 'label': ['a', None], 'scores': np.eye(2, dtype=np.float32)},
        extra={'thresholds': {'Smiling': np.float32(0.25)}},
    )


class Elements(HTMLParser):
    """Collects what a page is made of, and that each element is closed."""

    def __init__(self, text: str):
        super().__init__()
        self.open, self.texts, self.references = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        """Note what it refers to."""
        self.references += [
            value for name, value in attributes if name in ('src', 'href', 'xlink:href') and value
        ]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        """Note what it refers to; it is closed already."""
        self.references += [
            value for name, value in attributes if name in ('src', 'href', 'xlink:href') and value
        ]

    def handle_endtag(self, tag):
        """Hold that it was the last one opened."""
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        """Collect the words."""
        self.texts.append(data)


def test_json(tmp_path):
    """Keys as documented; NaN is null."""
    write_report(report(), tmp_path)
    found = json.loads((tmp_path / 'report.json').read_text())
    assert found['models']['1']['emotion']['accuracy'] == {
        'value': 0.5,
        'low': 0.25,
        'high': None,
        'n': 4,
    }
    assert found['schema'] == 1 and found['provenance']['weights'] == {'net': 'f00'}
    assert found['thresholds'] == {'Smiling': 0.25}


def test_the_page_needs_nothing_else(tmp_path):
    """Elements are closed, texts escaped, and what it refers to is inside."""
    write_report(report(), tmp_path)
    text = (tmp_path / 'report.html').read_text()
    page = Elements(text)
    assert not page.open
    words = ' '.join(page.texts)
    assert 'Text < more.' in words and 'x<y' in words and 'A & B' in words and 'f00' in words
    assert all(reference.startswith(('#', 'data:')) for reference in page.references)
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert all(reference[1:] in ids for reference in page.references if reference[0] == '#')
    assert all(name in ids for name in re.findall(r'url\(#([^)]+)\)', text))
    assert text.count('<svg') == 3 and plots.INK not in text and 'currentColor' in text
    assert 'prefers-color-scheme: dark' in text and 'width=device-width' in text


def test_markdown_tables_have_as_many_cells_in_each_line(tmp_path):
    """Also where a cell has a bar."""
    write_report(report(), tmp_path)
    text = (tmp_path / 'report.md').read_text()
    table = [line for line in text.splitlines() if line.startswith('|')][:3]
    assert [len(re.findall(r'(?<!\\)\|', line)) for line in table] == [3, 3, 3]
    assert table[2] == '| x\\|y | <1 |'


def test_predictions(tmp_path):
    """Lists stay lists, what is missing is null."""
    write_report(report(), tmp_path)
    table = parquet.read_table(tmp_path / 'predictions.parquet').to_pydict()
    assert table == {'row': [0, 1], 'label': ['a', None], 'scores': [[1, 0], [0, 1]]}


def test_the_same_bytes_again(tmp_path):
    """Of all four files."""
    first, second = (write_report(report(), tmp_path / name) for name in 'ab')
    assert [file.name for file in first] == [
        'report.json',
        'report.md',
        'report.html',
        'predictions.parquet',
    ]
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]
