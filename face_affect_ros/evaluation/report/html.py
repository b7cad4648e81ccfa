# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``report.html``: one file with everything in it, light and dark, readable on a phone."""

from __future__ import annotations

from base64 import b64encode
from html import escape

from face_affect_ros.evaluation.report.content import Picture
from face_affect_ros.evaluation.report.content import Plot
from face_affect_ros.evaluation.report.content import Report
from face_affect_ros.evaluation.report.content import Section
from face_affect_ros.evaluation.report.content import Table
from face_affect_ros.evaluation.report.provenance_table import provenance_section

STYLE = """
:root { color-scheme: light dark; --ground: #ffffff; --ink: #1b1f24; --faint: #5c6570;
  --line: #d5dae0; --stripe: #f5f7f9; --accent: #0b62b5; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171b; --ink: #e4e8ec; --faint: #9aa5b1;
  --line: #363d46; --stripe: #1b2026; --accent: #6cb2f5; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 70rem; background: var(--ground);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; }
h2 { font-size: 1.25rem; margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
a { color: var(--accent); }
nav ul { padding: 0; list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums;
  overflow-wrap: normal; }
th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; }
.text th, .text td { text-align: left; overflow-wrap: anywhere; }
tbody tr:nth-child(even) { background: var(--stripe); }
th { color: var(--faint); font-weight: 600; }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr));
  gap: .75rem; }
.pictures figcaption { font-weight: 400; font-size: .85rem; margin: .25rem 0; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr));
  gap: 1rem 2rem; }
figure { margin: 0; }
figcaption { font-weight: 600; margin: 1rem 0 .25rem; }
svg { display: block; width: 100%; min-width: 21rem; height: auto; }
img { max-width: 100%; image-rendering: auto; }
"""


def text(report: Report) -> str:
    """Return the page, which needs no other file and no network."""
    sections = (*report.sections, provenance_section(report.provenance))
    links = ''.join(
        f'<li><a href="#part{index}">{escape(section.title)}</a></li>'
        for index, section in enumerate(sections)
    )
    body = '\n'.join(_section(section, index) for index, section in enumerate(sections))
    title = escape(report.title)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n'
        f'<nav aria-label="Contents"><ul>{links}</ul></nav>\n<main>\n{body}\n</main>\n'
        '</body>\n</html>\n'
    )


def _section(section: Section, index: int) -> str:
    paragraphs = ''.join(f'<p>{escape(paragraph)}</p>\n' for paragraph in section.text)
    tables = ''.join(map(_table, section.tables))
    plots = ''.join(map(_plot, section.plots))
    pictures = ''.join(map(_picture, section.pictures))
    return (
        f'<section>\n<h2 id="part{index}">{escape(section.title)}</h2>\n{paragraphs}{tables}'
        + (f'<div class="plots">\n{plots}</div>\n' if plots else '')
        + (f'<div class="pictures">\n{pictures}</div>\n' if pictures else '')
        + '</section>'
    )


def _table(table: Table) -> str:
    head = ''.join(f'<th scope="col">{escape(str(cell))}</th>' for cell in table.headings)
    rows = ''.join(
        '<tr>' + ''.join(f'<td>{escape(str(cell))}</td>' for cell in row) + '</tr>\n'
        for row in table.rows
    )
    title = f'<h3>{escape(table.title)}</h3>\n' if table.title else ''
    # Numbers stand right; a table of two columns is a list of words.
    kind = ' class="text"' if len(table.headings) == 2 else ''
    return (
        f'{title}<div class="wide" tabindex="0"><table{kind}><thead><tr>{head}</tr></thead>\n'
        f'<tbody>{rows}</tbody></table></div>\n'
    )


def _plot(plot: Plot) -> str:
    return (
        f'<figure role="img" aria-label="{escape(plot.title, quote=True)}">'
        f'<figcaption>{escape(plot.title)}</figcaption>\n'
        f'<div class="wide" tabindex="0">{plot.svg}</div>\n</figure>\n'
    )


def _picture(picture: Picture) -> str:
    source = f'data:image/jpeg;base64,{b64encode(picture.jpeg).decode()}'
    return (
        f'<figure><img src="{source}" alt="{escape(picture.caption, quote=True)}">'
        f'<figcaption>{escape(picture.caption)}</figcaption></figure>\n'
    )
