# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The example package: its tree greets, and its files name what it needs."""

import importlib.util
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

pytest.importorskip('py_trees', reason='the extra py_trees is not installed')
pytest.importorskip('robot', reason='no ROS here')

from robot import Robot
from robot import join
from robot import wait_until
from std_msgs.msg import String

from face_affect_ros.testing.fake_classifier import FakeClassifier

pytestmark = pytest.mark.ros

EXAMPLE = Path(__file__).resolve().parents[1] / 'examples/greeter'
NODE = EXAMPLE / 'greeter/greeter.py'


@pytest.fixture
def greeter():
    """Return the example's module."""
    spec = importlib.util.spec_from_file_location('greeter', NODE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def robot():
    """Return a robot in the namespace that the example asks."""
    join()
    made = Robot('/face_affect')
    yield made
    made.close()


def test_greeting(greeter, robot):
    """Once for each who comes, and once more for a smile that lasts."""
    fake = FakeClassifier(robot.node)
    said, _ = robot.listen('say', String)
    tree = greeter.create_tree(robot.node)
    tree.setup(node=robot.node)
    timer = robot.node.create_timer(0.05, tree.tick)
    words = lambda: [message.data for message in said]  # noqa: E731
    wait_until(lambda: robot.node.count_subscribers('/face_affect/say'))
    fake.show({'track_id': 1, 'emotion': 'neutral'})
    wait_until(lambda: words() == ['Hello!'])
    fake.show({'track_id': 1, 'emotion': 'happy'})
    wait_until(lambda: words() == ['Hello!', 'Nice smile!'])
    fake.show({'track_id': 1, 'emotion': 'sad'}, {'track_id': 2, 'emotion': 'sad'})
    wait_until(lambda: words() == ['Hello!', 'Nice smile!', 'Hello!'])
    robot.node.destroy_timer(timer)
    tree.shutdown()


def test_size():
    """Fifty lines that somebody copies, and a head."""
    code = [line for line in NODE.read_text().splitlines() if line and not line.startswith('#')]
    assert len(code) <= 50


def test_what_is_imported_is_declared():
    """In package.xml, by the names of ROS packages."""
    imported = set(re.findall(r'^(?:from|import) (\w+)', NODE.read_text(), re.MULTILINE))
    package = ElementTree.parse(EXAMPLE / 'package.xml')
    declared = {depend.text for depend in package.findall('exec_depend')}
    assert declared == imported
    name = package.findtext('name')
    assert (EXAMPLE / 'resource' / name).is_file()
    assert f'{name} = {name}.greeter:main' in (EXAMPLE / 'setup.py').read_text()
