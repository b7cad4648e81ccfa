# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``report.html`` in a real browser: no error, nothing cut off, at a desk or on a phone."""

from __future__ import annotations

import browser
import cv2
import pytest

pytest.importorskip('sklearn')
pytest.importorskip('matplotlib')
pytest.importorskip('pyarrow')

import samples

from face_affect_ros.cli import main

pytestmark = browser.needs_chromium

WIDTHS = (1280, 390)


@pytest.fixture(scope='module')
def page(tmp_path_factory):
    """Return the report of an evaluation with tables, plots of each kind and pictures."""
    folder = tmp_path_factory.mktemp('evaluated')
    lines = ['path,emotion,gender,age,a_column_of_a_long_name']
    x, y, width, height = (int(value) for value in samples.ASTRONAUT_BOX)
    for index in range(4):
        part = samples.astronaut()[y - 2 * index : y + height, x : x + width + 2 * index]
        cv2.imwrite(str(folder / f'{index}.png'), part // (1 + index % 2))
        emotion, gender = ('happy', 'sad')[index % 2], ('female', 'male')[index // 2]
        lines.append(f'{index}.png,{emotion},{gender},{20 + 15 * index},a value {index % 2}')
    (folder / 'faces.csv').write_text('\n'.join(lines) + '\n')
    command = ['evaluate', 'data', str(folder / 'faces.csv'), '--crops', '--show-faces']
    command += ['--degrade', 'noise=20,60', '--samples', '20', '--no-attributes-enable']
    assert main([*command, '--to', str(folder / 'report')]) == 0
    return folder / 'report/report.html'


@pytest.fixture(scope='module')
def paper(tmp_path_factory):
    """Return the report of the paper's tables."""
    folder = tmp_path_factory.mktemp('paper')
    assert main(['evaluate', 'paper', '--to', str(folder)]) == 0
    return folder / 'report.html'


@pytest.mark.parametrize('scheme', browser.SCHEMES)
@pytest.mark.parametrize('width', WIDTHS)
def test_the_report_of_a_data_set(page, tmp_path, width, scheme):
    """All pictures load, the page does not scroll sideways, no label of a plot is cut."""
    seen = browser.look_at(page, width, scheme, tmp_path)
    assert seen.errors == [] and seen.width == width
    assert seen.scroll_width <= seen.width and seen.cut == []
    assert seen.images >= 4 and seen.broken == 0
    assert seen.plots >= 4 and seen.cut_labels == 0
    assert (brightness(seen.ground) > brightness(seen.ink)) is (scheme == 'light')
    assert abs(brightness(seen.ground) - brightness(seen.ink)) > 150


@pytest.mark.parametrize('width', WIDTHS)
def test_the_report_of_the_paper(paper, tmp_path, width):
    """The same."""
    seen = browser.look_at(paper, width, 'light', tmp_path)
    assert seen.errors == [] and seen.scroll_width <= seen.width == width
    assert seen.cut == [] and seen.broken == seen.cut_labels == 0


def test_what_is_wrong_is_seen(tmp_path):
    """A page with a script that fails, a picture that does not load and a line that is cut."""
    page = tmp_path / 'wrong.html'
    page.write_text(
        '<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>'
        '<script>nobody()</script><img src="data:image/png;base64,AAAA">'
        '<p style="width: 900px">wide</p></body></html>'
    )
    seen = browser.look_at(page, 390, 'light', tmp_path)
    assert any('nobody' in text for text in seen.errors)
    assert (seen.images, seen.broken) == (1, 1)
    assert seen.scroll_width > seen.width and len(seen.cut) == 1


def brightness(colour: str) -> float:
    """Return the mean of a CSS colour's red, green and blue, 0..255."""
    parts = [float(part) for part in colour.partition('(')[2].rstrip(')').split(',')[:3]]
    return sum(parts) / 3
