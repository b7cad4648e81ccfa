# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Looks at pages in Chromium, at a width and in a colour scheme, without a window."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ('chromium', 'chromium-browser'))), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason='no chromium: apt install chromium')

SCHEMES = {'light': 1, 'dark': 0}
"""Colour schemes by Blink's number."""

# The page stands in a frame, which a browser makes as narrow as a phone, unlike a window.
HARNESS = """<!DOCTYPE html><meta charset="utf-8">
<style>* { margin: 0; border: 0 }</style><body><script>
const page = %(page)s, frame = document.createElement('iframe'), errors = [];
frame.width = %(width)d; frame.height = %(height)d;
window.failed = text => errors.push(text);
frame.srcdoc = page.replace('<head>', '<head><script>onerror = text => parent.failed(text);'
  + 'addEventListener("error", e => parent.failed(e.message || e.target.outerHTML), true)'
  + '<' + '/script>');
frame.onload = () => {
  const inside = frame.contentDocument, root = inside.documentElement;
  const box = element => element.getBoundingClientRect();
  const outside = text => {
    const [part, whole] = [box(text), box(text.closest('svg'))];
    return part.left < whole.left - 1 || part.right > whole.right + 1
      || part.top < whole.top - 1 || part.bottom > whole.bottom + 1;
  };
  const reachable = element => element.closest('.wide') === null;
  const beyond = element => box(element).right > root.clientWidth + 1;
  const told = document.createElement('pre');
  told.id = 'told';
  told.textContent = JSON.stringify({
    errors,
    width: root.clientWidth,
    scroll_width: root.scrollWidth,
    height: root.scrollHeight,
    images: inside.images.length,
    broken: [...inside.images].filter(i => !(i.complete && i.naturalWidth)).length,
    plots: inside.querySelectorAll('svg').length,
    cut_labels: [...inside.querySelectorAll('svg [id^=text_]')].filter(outside).length,
    cut: [...inside.body.querySelectorAll('*')].filter(e => reachable(e) && beyond(e))
      .map(e => e.outerHTML.slice(0, 80)),
    ground: getComputedStyle(inside.body).backgroundColor,
    ink: getComputedStyle(inside.body).color,
  });
  document.body.append(told);
};
document.body.append(frame);
</script>
"""


@dataclass(frozen=True)
class Seen:
    """A page as a browser shows it.

    :param errors: of scripts, and of what did not load.
    :param width: of what is shown, pixels.
    :param scroll_width: of the page; more than ``width``: it scrolls sideways.
    :param height: of the page.
    :param images: how many there are.
    :param broken: of them that did not load.
    :param plots: how many there are.
    :param cut_labels: texts of plots that reach beyond their plot.
    :param cut: beginnings of elements beyond the right edge that nothing scrolls into view.
    :param ground: colour behind the text, as CSS names it.
    :param ink: colour of the text.
    """

    errors: list[str]
    width: int
    scroll_width: int
    height: int
    images: int
    broken: int
    plots: int
    cut_labels: int
    cut: list[str]
    ground: str
    ink: str


def look_at(page: Path, width: int, scheme: str, folder: Path, height: int = 1000) -> Seen:
    """Return what Chromium makes of a page.

    :param folder: for the browser's profile and the picture ``seen.png``.
    """
    harness = folder / 'harness.html'
    text = json.dumps(page.read_text()).replace('</', '<\\/')
    harness.write_text(HARNESS % {'page': text, 'width': width, 'height': height})
    dom = _chromium(harness, folder, width, scheme, height, '--dump-dom')
    (told,) = re.findall('<pre id="told">(.*?)</pre>', dom, re.DOTALL)
    return Seen(**json.loads(unescape(told)))


def screenshot(page: Path, width: int, scheme: str, file: Path, height: int) -> None:
    """Write a picture of the upper part of a page."""
    harness = file.with_suffix('.html')
    text = json.dumps(page.read_text()).replace('</', '<\\/')
    harness.write_text(HARNESS % {'page': text, 'width': width, 'height': height})
    _chromium(harness, file.parent, width, scheme, height, f'--screenshot={file}')


def _chromium(
    page: Path, folder: Path, width: int, scheme: str, height: int, *options: str
) -> str:
    """Run Chromium; return what it prints."""
    assert CHROMIUM
    command = [
        CHROMIUM,
        '--headless=new',
        '--disable-gpu',
        '--disable-dev-shm-usage',
        '--no-first-run',
        '--hide-scrollbars',
        f'--user-data-dir={folder / "profile"}',
        f'--blink-settings=preferredColorScheme={SCHEMES[scheme]}',
        f'--window-size={max(width, 500)},{height}',
        '--virtual-time-budget=10000',
        *(['--no-sandbox'] if os.geteuid() == 0 else []),
        *options,
        page.as_uri(),
    ]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=110).stdout
