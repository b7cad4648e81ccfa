# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The engine reports nothing: no database and no identifier of the machine in the user's cache."""

import os
import subprocess
import sys

import pytest

CODE = """
import os, time
import numpy
import face_affect_ros
with face_affect_ros.load_model(1) as model:
    model.analyze(numpy.full((64, 64, 3), 90, numpy.uint8))
time.sleep(0.5)
print(os.environ['ORT_DISABLE_TELEMETRY'])
"""

SWITCHES = ('CI', 'GITHUB_ACTIONS', 'ORT_DISABLE_TELEMETRY')
"""Variables with which ONNX Runtime would be silent by itself."""


@pytest.mark.parametrize(('given', 'expected'), [({}, '1'), ({'ORT_DISABLE_TELEMETRY': '0'}, '0')])
def test_telemetry_is_off_unless_it_is_wanted(tmp_path, given, expected):
    """In a fresh process with a home of its own; what a user sets stays."""
    environment = {name: value for name, value in os.environ.items() if name not in SWITCHES}
    places = dict.fromkeys(('HOME', 'XDG_CACHE_HOME', 'TMPDIR'), str(tmp_path))
    run = subprocess.run(
        [sys.executable, '-c', CODE],
        env={**environment, **places, **given, 'PYTHONDONTWRITEBYTECODE': '1'},
        check=True,
        timeout=100,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout.strip() == expected
    if expected == '1':
        assert [*tmp_path.rglob('*')] == []
