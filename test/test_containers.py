# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the images promise, as far as their files say it; script/clean_debian takes their steps."""

import os
import re
from pathlib import Path

import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[1]
FILES = sorted((CHECKOUT / 'docker').glob('Dockerfile*'))


@pytest.mark.parametrize('path', FILES, ids=lambda path: path.name)
def test_an_image_runs_as_nobody_special_and_asks_the_doctor(path):
    """The last user is no root; scripts that it names are there and may be executed."""
    text = path.read_text()
    assert re.findall(r'^USER (\S+)$', text, re.MULTILINE)[-1] == '1000'
    (health,) = re.findall(r'^HEALTHCHECK .*\\\n +CMD (\[.*\])$', text, re.MULTILINE)
    assert yaml.safe_load(health)[-3:] == ['doctor', '--namespace', '/face_affect']
    scripts = set(re.findall(r'docker/(\w+)', text)) - {'Dockerfile'}
    assert scripts and all(os.access(CHECKOUT / 'docker' / name, os.X_OK) for name in scripts)


def test_compose_joins_the_robot():
    """Its network and its shared memory; nothing can be written but to memory."""
    service = yaml.safe_load((CHECKOUT / 'compose.yaml').read_text())['services']['face_affect']
    assert service['network_mode'] == service['ipc'] == 'host'
    assert service['read_only'] is True and service['tmpfs'] == ['/tmp']
    assert service['user'].endswith('1000}')
    default = re.fullmatch(r'(.*)\$\{\w+:-(.*)\}', service['build']['dockerfile'])
    assert (CHECKOUT / f'{default[1]}{default[2]}').is_file()
