# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which transport is chosen: whatever the user has set wins, and one line says why."""

import os
import xml.etree.ElementTree as ElementTree

import pytest

from face_affect_ros.ros import middleware
from face_affect_ros.ros import process

NEW, OLD = NAMES = (middleware.PROFILE_VARIABLE, middleware.OLD_PROFILE_VARIABLE)
FAST_DDS = 'rmw_fastrtps_cpp'


@pytest.fixture
def profile(tmp_path, monkeypatch):
    """Return an installed profile; the environment and the working directory name none."""
    path = tmp_path / middleware.PROFILE
    path.parent.mkdir(parents=True)
    path.write_text('<dds/>')
    monkeypatch.setenv('AMENT_PREFIX_PATH', f'/nowhere:{tmp_path}')
    for name in (
        *NAMES,
        *middleware.OTHER_VARIABLES,
        middleware.SKIP_VARIABLE,
        middleware.LOCALHOST_VARIABLE,
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv('ROS_DISTRO', 'kilted')
    monkeypatch.chdir(tmp_path)
    return str(path)


def named():
    """Return the profiles that Fast DDS would be told of."""
    return {name: os.environ[name] for name in NAMES if os.environ.get(name)}


@pytest.mark.parametrize(
    ('distribution', 'name'), [('humble', OLD), ('jazzy', OLD), ('kilted', NEW), ('lyrical', NEW)]
)
def test_profile_is_named_as_the_middleware_reads_it(profile, monkeypatch, distribution, name):
    """Fast DDS 2 reads the old name, version 3 complains of it."""
    monkeypatch.setenv('ROS_DISTRO', distribution)
    process.configure_process()
    assert named() == {name: profile}
    line = middleware.in_use(FAST_DDS)
    assert line.startswith('Fast DDS over UDP with a receive buffer of ')
    assert profile in line and 'as you set none' in line and '\n' not in line


def test_profile_stays_in_child_processes(profile):
    """What a process of ours has set is not taken for the user's."""
    process.configure_process()
    process.configure_process()
    assert named() == {NEW: profile}
    assert 'as you set none' in middleware.in_use(FAST_DDS)


@pytest.mark.parametrize('name', (*NAMES, *middleware.OTHER_VARIABLES))
def test_what_a_variable_sets_wins(profile, monkeypatch, name):
    """Each that Fast DDS reads, also where a parent process had named our profile."""
    process.configure_process()
    monkeypatch.setenv(name, 'something')
    process.configure_process()
    assert named() == ({name: 'something'} if name in NAMES else {})
    assert f'as you set it ({name}=something' in middleware.in_use(FAST_DDS)
    assert name in middleware.remedy(FAST_DDS)


@pytest.mark.parametrize(
    ('distribution', 'file'),
    [
        ('humble', 'DEFAULT_FASTRTPS_PROFILES.xml'),
        ('jazzy', 'DEFAULT_FASTRTPS_PROFILES.xml'),
        ('kilted', 'DEFAULT_FASTDDS_PROFILES.xml'),
    ],
)
def test_profile_in_the_working_directory_wins(profile, monkeypatch, tmp_path, distribution, file):
    """Unless Fast DDS is told not to look for it."""
    monkeypatch.setenv('ROS_DISTRO', distribution)
    (tmp_path / file).write_text('<dds/>')
    process.configure_process()
    assert not named()
    assert file in middleware.in_use(FAST_DDS)
    monkeypatch.setenv(middleware.SKIP_VARIABLE, '1')
    process.configure_process()
    assert list(named().values()) == [profile]


def test_variable_that_this_version_does_not_read_sets_nothing(profile, monkeypatch):
    """Fast DDS 2 knows the old name only."""
    monkeypatch.setenv('ROS_DISTRO', 'humble')
    monkeypatch.setenv(NEW, '/my/own.xml')
    process.configure_process()
    assert named() == {NEW: '/my/own.xml', OLD: profile}


def test_empty_variable_sets_nothing(profile, monkeypatch):
    """As containers leave them behind."""
    for name in (*NAMES, *middleware.OTHER_VARIABLES):
        monkeypatch.setenv(name, '')
    process.configure_process()
    assert named() == {NEW: profile}


def test_profile_that_does_not_exist_is_named(profile, monkeypatch):
    """Fast DDS would go on with its default transports."""
    monkeypatch.setenv(NEW, '/no/such.xml')
    process.configure_process()
    assert '/no/such.xml, which is no file' in middleware.in_use(FAST_DDS)


@pytest.mark.parametrize(('distribution', 'used'), [('humble', False), ('jazzy', True)])
def test_humble_keeps_to_this_machine(profile, monkeypatch, distribution, used):
    """Its ROS_LOCALHOST_ONLY is a list of interfaces, which our transport would not have."""
    monkeypatch.setenv('ROS_DISTRO', distribution)
    monkeypatch.setenv('ROS_LOCALHOST_ONLY', '1')
    process.configure_process()
    assert bool(named()) == used


def test_other_middleware_is_left_alone(profile):
    """It reads none of this, and the line says so."""
    process.configure_process()
    assert middleware.in_use('rmw_cyclonedds_cpp').startswith("rmw_cyclonedds_cpp's own transport")
    assert 'rmw_cyclonedds_cpp' in middleware.remedy('rmw_cyclonedds_cpp')


def test_profile_that_is_not_installed_is_not_named(profile, monkeypatch):
    """A robot without it works all the same."""
    monkeypatch.setattr(middleware, 'PROFILE', 'share/nothing.xml')
    process.configure_process()
    assert not named()
    assert 'not installed' in middleware.in_use(FAST_DDS)


@pytest.mark.parametrize(('given', 'told'), [(212992, True), (16 * 2**20, False)])
def test_small_receive_buffer_is_told_with_what_to_do(profile, monkeypatch, given, told):
    """The command that raises the limit stands in the line."""
    monkeypatch.setattr(middleware, 'receive_buffer', lambda: given)
    process.configure_process()
    for line in (middleware.in_use(FAST_DDS), middleware.remedy(FAST_DDS)):
        assert ('sudo sysctl -w net.core.rmem_max=16777216' in line) == told
        assert len(line) <= 300 + len(profile)


@pytest.mark.parametrize(
    ('file', 'kinds'),
    [('fastdds_profile.xml', ['UDPv4']), ('fastdds_shared_memory.xml', ['SHM', 'UDPv4'])],
)
def test_profiles_say_what_they_are_for(file, kinds):
    """One transport that uses no shared memory, and one with it for camera and nodes together."""
    path = middleware.installed(f'share/face_affect_ros/config/{file}')
    if path is None:
        pytest.skip('core only: no profiles')
    root = ElementTree.parse(path).getroot()
    found = {element.tag.rpartition('}')[2]: element.text for element in root.iter()}
    types = [element.text for element in root.iter() if element.tag.endswith('}type')]
    assert types == kinds
    assert found['useBuiltinTransports'] == 'false'
    if kinds == ['UDPv4']:
        assert int(found['receiveBufferSize']) == middleware.RECEIVE_BUFFER
