# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a release rests on: one version everywhere, and workflows that run our own scripts."""

import importlib.metadata
import os
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((CHECKOUT / '.github/workflows').glob('*.yaml'))


def text(name):
    """Return a file of the checkout."""
    return (CHECKOUT / name).read_text()


def version():
    """Return the version, from the one place where it stands."""
    return ElementTree.fromstring(text('package.xml')).findtext('version')


def test_the_version_stands_in_one_place():
    """The installed package has it, the changelog begins with it, nothing else repeats it."""
    assert re.fullmatch(r'\d+\.\d+\.\d+', version())
    assert importlib.metadata.version('face_affect_ros') == version()
    first = re.search(r'^## (\S+?),? .*$', text('CHANGELOG.md'), re.MULTILINE)
    assert first and first[1] == version()
    for name in ('CITATION.cff', 'setup.cfg', 'setup.py', 'pyproject.toml', 'CMakeLists.txt'):
        assert version() not in text(name)


@pytest.mark.parametrize('path', WORKFLOWS, ids=lambda path: path.name)
def test_workflows_run_scripts_that_are_here(path):
    """Each may be executed; nothing has more rights than to read."""
    workflow = yaml.safe_load(path.read_text())
    assert workflow['permissions'] == {'contents': 'read'}
    runs = [
        step['run'] for job in workflow['jobs'].values() for step in job['steps'] if 'run' in step
    ]
    named = {word for run in runs for word in run.split() if word.startswith(('.ci/', 'script/'))}
    assert named
    assert [name for name in named if not os.access(CHECKOUT / name, os.X_OK)] == []
    for job in workflow['jobs'].values():
        assert job['timeout-minutes'] > 0


def test_every_distribution_and_python_is_run():
    """As the documentation says."""
    jobs = yaml.safe_load(text('.github/workflows/ci.yaml'))['jobs']
    for job in ('ros', 'colcon'):
        assert jobs[job]['strategy']['matrix']['distro'] == ['humble', 'jazzy', 'kilted']
    pythons = jobs['wheels']['strategy']['matrix']['python']
    assert pythons == ['3.10', '3.11', '3.12', '3.13']
    assert any('.ci/run' in step.get('run', '') for step in jobs['wheels']['steps'])


@pytest.mark.parametrize('name', ['bug_report.yml', 'feature_request.yml'])
def test_issue_forms_have_what_github_wants(name):
    """Every field but a text has an id of its own and a label."""
    form = yaml.safe_load(text(f'.github/ISSUE_TEMPLATE/{name}'))
    assert form['name'] and form['description']
    fields = [field for field in form['body'] if field['type'] != 'markdown']
    ids = [field['id'] for field in fields]
    assert len(ids) == len({*ids}) > 0
    assert all(field['attributes']['label'] for field in fields)


def test_files_that_documents_name_are_there():
    """In backquotes, as a path."""
    for document in ('SECURITY.md', 'docs/release.md', '.github/PULL_REQUEST_TEMPLATE.md'):
        named = re.findall(r'`([\w./-]+\.(?:md|xml|json)|(?:\.ci|script)/\w+)`', text(document))
        assert [name for name in named if not (CHECKOUT / name).exists()] in (
            [],
            ['CHANGELOG.rst'],
        )
