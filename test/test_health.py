# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From where on a stage is not well, and that the documentation says the same."""

import re
from pathlib import Path

import pytest

from face_affect_ros.stream import health
from face_affect_ros.stream.counters import Spread
from face_affect_ros.stream.counters import StageStats
from face_affect_ros.stream.types import Counts

DOCUMENT = Path(__file__).resolve().parents[1] / 'docs/troubleshooting.md'


def stats(came=30.0, done=30.0, p95=20.0, busy_s=5.0):
    """Return the figures of a stage."""
    return StageStats(Counts(), came, done, Spread(p95, p95), Spread(), busy_s, 0.0)


@pytest.mark.parametrize(
    ('figures', 'expected'),
    [
        (stats(came=0, done=0, p95=None), 'ok'),  # nobody is there
        (stats(), 'ok'),
        (stats(done=0, p95=9000, busy_s=2.9), 'ok'),  # the first frames
        (stats(p95=500), 'ok'),
        (stats(p95=501), 'warning'),
        (stats(p95=2001), 'error'),
        (stats(done=5), 'ok'),  # slow, but often enough
        (stats(done=4.9), 'warning'),
        (stats(came=2, done=2), 'ok'),  # a slow camera
        (stats(came=2, done=0.9), 'warning'),
        (stats(done=0.9), 'error'),
        (stats(came=5, done=0.9), 'warning'),  # below one, but not nine of ten left out
    ],
)
def test_level(figures, expected):
    """The limits themselves are still well."""
    found = health.of_stage(figures)
    assert ('error' if found.error else 'warning' if found.warning else 'ok') == expected
    assert all(len(text) <= 300 for text in (found.error, found.warning))


def test_frames_left_out_on_purpose():
    """A rate that the user limits is no slowness; late results are."""
    assert health.of_stage(stats(done=0.5), leaves_out=True) == health.Judgement()
    assert health.of_stage(stats(p95=3000), leaves_out=True).error


@pytest.mark.parametrize('name', ['LATENCY_MS', 'LEAST_HZ', 'LEFT_OUT', 'SILENCE_S'])
def test_limits_are_documented(name):
    """The table has each limit by its name."""
    limit = getattr(health, name)
    row = next(line for line in DOCUMENT.read_text().splitlines() if f'`{name}`' in line)
    numbers = [float(each) for each in re.findall(r'\|\s*([\d.]+)\s*(?=\|)', row)]
    assert numbers == [limit.warning, limit.error]
