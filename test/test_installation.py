# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The package under test is the installed one, and it is whole."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

import pytest

import face_affect_ros

CHECKOUT = Path(__file__).resolve().parents[1]
NODES = ('attributes', 'camera', 'detection')


def installed_prefixes():
    """Return where the package's share and lib folders may lie."""
    prefixes = os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep)
    return [Path(prefix) for prefix in (sysconfig.get_path('data'), *prefixes) if prefix]


@pytest.fixture
def prefix():
    """Return the prefix that holds the nodes; skip where only the core is installed."""
    pytest.importorskip('face_affect_ros.msg', reason='core only: no messages, no nodes')
    found = [
        prefix
        for prefix in installed_prefixes()
        if (prefix / 'share/face_affect_ros/package.xml').exists()
    ]
    assert found, f'no share/face_affect_ros below {installed_prefixes()}'
    return found[0]


def test_the_installed_package_is_tested():
    """The checkout has no compiled messages; tests of it would prove nothing about an install."""
    assert (
        CHECKOUT not in Path(face_affect_ros.__file__).resolve().parents
        or 'site-packages' in face_affect_ros.__file__
    )


def test_it_brings_dlib_where_there_is_a_wheel():
    """Model 2 works without another command; elsewhere nothing is compiled."""
    requirements = pytest.importorskip('packaging.requirements')
    asked = [
        requirements.Requirement(text)
        for text in importlib.metadata.requires('face_affect_ros')
        if text.startswith('dlib-bin') and 'extra ==' not in text
    ]
    if not asked:
        assert find_spec('dlib'), 'installed beside ROS, where dlib was there already'
        return
    (dlib,) = asked
    linux = {'sys_platform': 'linux', 'platform_machine': 'x86_64', 'python_version': '3.12'}
    assert dlib.marker.evaluate(linux)
    for other in ({'sys_platform': 'win32'}, {'platform_machine': 'ppc64le'}):
        assert not dlib.marker.evaluate({**linux, **other})


@pytest.mark.parametrize(
    'statement',
    [
        'from face_affect_ros.msg import FaceAttributes',
        'import face_affect_ros.srv',
        'from face_affect_ros import msg',
        'from face_affect_ros.ros import messages',
    ],
)
def test_checkout_that_hides_the_installed_package_says_so(statement):
    """With what to do; Python looks into the current folder first."""
    pytest.importorskip('face_affect_ros.msg', reason='core only: no messages')
    answer = subprocess.run(
        [sys.executable, '-c', statement],
        cwd=CHECKOUT,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    last = answer.stderr.splitlines()[-1]
    assert last.startswith('ModuleNotFoundError: ')
    assert str(CHECKOUT) in last and 'another folder' in last
    assert len(last.replace(str(CHECKOUT), '')) <= 300


def test_core_alone_says_how_to_get_messages(tmp_path):
    """A copy without the generated messages, as it is installed where there is no ROS."""
    shutil.copytree(
        CHECKOUT / 'face_affect_ros',
        tmp_path / 'face_affect_ros',
        ignore=lambda _, names: {'weights', '__pycache__'} & {*names},
    )
    answer = subprocess.run(
        [sys.executable, '-c', 'import face_affect_ros.msg'],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    last = answer.stderr.splitlines()[-1]
    assert 'core only' in last and 'FACE_AFFECT_CORE_ONLY' in last and len(last) <= 300


def test_our_init_replaced_the_generated_one():
    """The message generator's package of the same name has an empty ``__init__.py``."""
    assert 'load_model' in face_affect_ros.__all__


def test_every_module_and_data_file_is_installed():
    """Nothing that lies in the source package is missing from the installation."""
    source = CHECKOUT / 'face_affect_ros'
    installed = Path(face_affect_ros.__file__).parent
    expected = {
        path.relative_to(source)
        for path in source.rglob('*')
        if path.is_file() and '__pycache__' not in path.parts
    }
    assert expected
    assert {path for path in expected if not (installed / path).exists()} == set()


def test_the_recipes_are_installed_too():
    """Under a name of their own, without runs and cache, and not depending on the checkout's."""
    training = pytest.importorskip('face_affect_ros_training')
    source, installed = CHECKOUT / 'training', Path(training.__file__).parent
    expected = {
        path.relative_to(source)
        for pattern in ('*.py', 'own/*.py', 'recipes/*.yaml', 'recipes/identity/*.yaml')
        for path in source.glob(pattern)
    }
    assert {path for path in expected if not (installed / path).exists()} == set()
    assert not any((installed / made).exists() for made in ('runs', 'cache'))
    named = re.compile(r'^\s*(from|import) training\b', re.MULTILINE)
    assert [
        path
        for path in expected
        if path.suffix == '.py' and named.search((source / path).read_text())
    ] == []


def test_share_folder_has_configuration_and_launch_files(prefix):
    """What ``ros2 launch`` and the nodes read is where ament looks for it."""
    share = prefix / 'share/face_affect_ros'
    assert (share / 'config/fastdds_profile.xml').is_file()
    for folder in ('config', 'launch'):
        expected = {path.name for path in (CHECKOUT / folder).glob('*') if path.is_file()}
        assert expected <= {path.name for path in (share / folder).glob('*')}
    assert (prefix / 'share/ament_index/resource_index/packages/face_affect_ros').exists()


@pytest.mark.parametrize('name', [*NODES, 'face-affect', 'fake_camera', 'fake_classifier'])
def test_executables_are_where_ros2_run_looks(prefix, name):
    """Each is there and may be executed."""
    assert os.access(prefix / 'lib/face_affect_ros' / name, os.X_OK)


@pytest.mark.parametrize('name', NODES)
def test_node_executable_passes_its_arguments_on(prefix, name):
    """Everything after the name, ``--ros-args`` too, reaches ``face-affect run NAME``."""
    code = (
        'import runpy, sys\n'
        'import face_affect_ros.cli as cli\n'
        'cli.main = lambda argv=None: print(argv) or 7\n'
        'runpy.run_path(sys.argv.pop(1), run_name="__main__")\n'
    )
    path = prefix / 'lib/face_affect_ros' / name
    answer = subprocess.run(
        [sys.executable, '-c', code, str(path), '--ros-args', '-p', 'model:=1'],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    assert answer.returncode == 7
    assert answer.stdout.strip() == str(['run', name, '--ros-args', '-p', 'model:=1'])


def test_console_script():
    """``pip`` installs the command line; its target can be imported."""
    entries = importlib.metadata.entry_points(group='console_scripts', name='face-affect')
    if not entries:
        pytest.skip('installed by colcon: no console script')
    (entry,) = entries
    assert entry.value == 'face_affect_ros.cli:main'
    assert callable(entry.load())
    assert shutil.which('face-affect', path=sysconfig.get_path('scripts'))


def test_a_model_of_our_own_works_without_the_original_networks(tmp_path):
    """In a fresh process that cannot import ``face_affect_ros.originals``."""
    code = (
        'import sys; sys.modules["face_affect_ros.originals"] = None\n'
        'import numpy, face_affect_ros\n'
        'with face_affect_ros.load_model(1) as model:\n'
        '    print(len(model.analyze(numpy.zeros((64, 64, 3), numpy.uint8))))\n'
    )
    answer = subprocess.run(
        [sys.executable, '-c', code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (answer.stdout, answer.returncode) == ('0\n', 0), answer.stderr
