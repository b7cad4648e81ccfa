# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Kept inputs and some new ones, found by coverage, do no target any harm (see ``fuzz/``)."""

import importlib.util
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from fuzz import seeds
from fuzz import targets

HERE = Path(__file__).parent
RUNS = 300
"""New inputs of each target; script/fuzz tries more."""


def needs_ros(name):
    """Skip where a target needs messages that are not there."""
    if name in targets.WITH_ROS:
        pytest.importorskip('rclpy', reason='no ROS here')
        pytest.importorskip('face_affect_ros.msg', reason='core only: no messages')


@pytest.mark.parametrize('name', targets.TARGETS)
def test_seeds_are_well(name):
    """The search begins with what is taken."""
    needs_ros(name)
    told = {kind: targets.run(name, data) for kind, data in seeds.of_target(name)}
    assert told
    assert {kind for kind, code in told.items() if code} <= {'depth'}


@pytest.mark.parametrize('name', targets.TARGETS)
def test_kept_inputs(name):
    """What once failed, and a part of what reaches new lines, in little memory."""
    needs_ros(name)
    kept = sorted((HERE / 'fuzz/corpus' / name).iterdir())
    assert kept
    before = resource.getrusage(resource.RUSAGE_SELF)
    for path in kept:
        targets.run(name, path.read_bytes())
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert after.ru_utime - before.ru_utime < targets.SECONDS
    assert after.ru_maxrss - before.ru_maxrss < 200_000


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec('atheris') is None, reason='no atheris')
@pytest.mark.parametrize('name', targets.TARGETS)
def test_new_inputs(name):
    """The same at each run; a failure leaves its input in ``corpus`` and prints it."""
    needs_ros(name)
    done = subprocess.run(
        [
            sys.executable,
            '-m',
            'fuzz',
            name,
            '--runs',
            str(RUNS),
            '--seconds',
            '90',
            '--seed',
            '1',
        ],
        cwd=HERE,
        timeout=115,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert 'inputs, ' in done.stdout
