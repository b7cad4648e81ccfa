# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""However often something fails, the log stays readable, and nobody can write a line of it."""

import re

import pytest

pytest.importorskip('rclpy', reason='no ROS here')

from face_affect_ros.images import ImageError
from face_affect_ros.ros.diagnostics import Failures
from face_affect_ros.ros.throttled_log import LENGTH
from face_affect_ros.ros.throttled_log import ThrottledLog

MINUTE_S = 60.0


class Lines:
    """A logger that keeps what it is given."""

    def __init__(self):
        """Begin without."""
        self.warnings, self.errors = [], []
        self.warning, self.error = self.warnings.append, self.errors.append


@pytest.fixture
def lines():
    """Return a logger."""
    return Lines()


@pytest.fixture
def log(lines, clock):
    """Return the log under test."""
    return ThrottledLog(lines, clock)


def test_six_lines_a_minute_of_a_kind_that_count_the_rest(log, lines, clock):
    """At 30 Hz for a minute, each text another; what is left out at the end is told as well."""
    for number in range(1800):
        log.warning('size', f'frame {number} has {number} bytes')
        log.flush()
        clock.now += MINUTE_S / 1800
    assert 5 <= len(lines.warnings) <= 6
    assert 'frame 0 has 0 bytes' in lines.warnings[0]
    clock.now += MINUTE_S
    log.flush()
    left_out = [
        int(number)
        for line in lines.warnings
        for number in re.findall(r'\((\d+) more like it left out\)', line)
    ]
    assert sum(left_out) + len(lines.warnings) == 1800
    log.flush()
    assert len(lines.warnings) <= 7


def test_kinds_are_throttled_each_by_itself(log, lines):
    """Something new is told at once, whatever else goes on."""
    for _ in range(10):
        log.warning('size', 'a wrong size')
        log.error('encoding', 'a wrong encoding')
    assert lines.warnings == ['a wrong size']
    assert lines.errors == ['a wrong encoding']


@pytest.mark.parametrize(
    'text',
    ['a\n[ERROR] [0.0]: forged', 'a\r\x1b[2Kforged', 'a\u2028forged', 'a\x85forged', 'a\x00'],
)
def test_texts_stay_on_their_line(log, lines, text):
    """Also in what a traceback quotes."""
    log.warning('kind', text)
    try:
        raise KeyError('inner') from ValueError(text)
    except KeyError as error:
        log.error('kind of error', text, error)
    (line,) = lines.warnings
    assert line.isprintable() and line[0] == 'a'
    (error,) = lines.errors
    assert 'Traceback' in error and 'KeyError' in error and 'ValueError' in error
    assert all(each.isprintable() for each in error.split('\n'))
    assert not any(each.startswith(('[ERROR]', 'forged')) for each in error.split('\n'))


def test_texts_have_an_end(log, lines):
    """An encoding of 60 kB makes no line of 60 kB."""
    log.warning('kind', 'x' * 60_000)
    log.error('kind of error', 'x' * 60_000, ValueError('y' * 60_000))
    assert len(lines.warnings[0]) <= LENGTH
    assert len(lines.errors[0]) <= 2 * LENGTH + 100


def test_failures_of_one_line_of_code_are_one_kind(log, lines):
    """Whatever stands in their texts; the traceback comes once, the count holds all."""
    failures = Failures(log)
    for number in range(100):
        for error_type in (ValueError, ImageError):
            try:
                raise (
                    ImageError('BAD_IMAGE', f'{number} bytes')
                    if error_type is ImageError
                    else (ValueError(number))
                )
            except ValueError as error:
                failures.add('camera', error)
    assert failures.count == 200
    assert len(lines.warnings) == len(lines.errors) == 1
    assert 'Traceback' in lines.errors[0] and 'Traceback' not in lines.warnings[0]
    assert '99' in failures.recent()


def test_failures_of_other_lines_are_other_kinds(log, lines):
    """Another fault is told though one of its type was a moment ago."""
    failures = Failures(log)
    for lookup in (lambda: {}['a'], lambda: {}['b']):
        try:
            lookup()
        except KeyError as error:
            failures.add('camera', error)
    try:
        raise KeyError('c')
    except KeyError as error:
        failures.add('camera', error)
    assert len(lines.errors) >= 2
