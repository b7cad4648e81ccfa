# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Without the extra ``evaluate`` its commands say what to install; what training uses works."""

from __future__ import annotations

import subprocess
import sys

from face_affect_ros.cli import main
from face_affect_ros.evaluation import extra

BLOCKED = """
import sys
for name in ('sklearn', 'matplotlib', 'pyarrow', 'rosbags'):
    sys.modules[name] = None
"""


def test_what_is_missing_is_named(monkeypatch, capsys, tmp_path):
    """With the command that installs it, before anything is read."""
    known = extra.find_spec
    monkeypatch.setattr(
        extra, 'find_spec', lambda name: None if name in ('sklearn', 'pyarrow') else known(name)
    )
    assert main(['evaluate', 'data', str(tmp_path / 'nothing.csv')]) == 1
    errors = capsys.readouterr().err
    assert 'scikit-learn and pyarrow' in errors and 'face_affect_ros[evaluate]' in errors


def test_what_needs_nothing_of_it():
    """Help, degradations, metrics and intervals are there without the extra's packages."""
    code = BLOCKED + (
        'from face_affect_ros.evaluation import degradations, explanation, intervals, metrics\n'
        'from face_affect_ros.cli import main\n'
        "sys.exit(main(['evaluate', 'data', '--help']))"
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert done.returncode == 0 and '--degrade' in done.stdout, done.stderr
