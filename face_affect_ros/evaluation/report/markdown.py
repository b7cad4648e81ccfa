# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``report.md``: text and tables; plots are in ``report.html``."""

from __future__ import annotations

from collections.abc import Iterator

from face_affect_ros.evaluation.report.content import Report
from face_affect_ros.evaluation.report.content import Section
from face_affect_ros.evaluation.report.content import Table
from face_affect_ros.evaluation.report.provenance_table import provenance_section


def text(report: Report) -> str:
    """Return the file's text."""
    parts = [f'# {report.title}']
    for section in (*report.sections, provenance_section(report.provenance)):
        parts += section_parts(section)
    return '\n\n'.join(parts) + '\n'


def section_parts(section: Section, level: int = 2) -> list[str]:
    """Return a section's paragraphs and tables as Markdown blocks.

    :param level: of the heading.
    """
    return [
        f'{"#" * level} {section.title}',
        *section.text,
        *(part for each in section.tables for part in _blocks(each)),
    ]


def table(content: Table) -> str:
    """Return a table as Markdown, without its title."""
    lines = [content.headings, ['---'] * len(content.headings), *content.rows]
    return '\n'.join(f'| {" | ".join(map(_cell, line))} |' for line in lines)


def _blocks(content: Table) -> Iterator[str]:
    if content.title:
        yield f'**{content.title}**'
    yield table(content)


def _cell(text: str) -> str:
    """Return a cell that does not end where its text has a bar."""
    return ' '.join(str(text).split()).replace('|', '\\|')
