# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""face-affect doctor where no graph is looked at: installation, weights, engines, processes."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_affect_ros.doctor import finding
from face_affect_ros.doctor import installation
from face_affect_ros.doctor import memory
from face_affect_ros.doctor import processes
from face_affect_ros.doctor import report
from face_affect_ros.doctor import transport
from face_affect_ros.doctor import weights
from face_affect_ros.registry import catalogue


def told(found):
    """Return level and anchor of each finding."""
    return [(each.level, each.anchor) for each in found]


@given(st.text(), st.text())
def test_findings_stand_on_one_short_line(text, remedy):
    """Whatever an error or a topic name brings along."""
    for found in (finding.problem('camera-none', text, remedy), finding.note('ros', text, remedy)):
        assert found.text.isprintable() and len(found.text) <= finding.LONGEST
        assert found.remedy.isprintable() and len(found.remedy) <= finding.LONGEST
        assert len(report.as_text([found]).splitlines()) == 2


def test_a_check_that_breaks_costs_no_other():
    """It is a finding, by the name of its module."""

    def breaks():
        yield finding.ok('memory', 'before')
        raise ZeroDivisionError('a bug')

    found = finding.findings([breaks, lambda: [finding.ok('weights', 'after')]])
    assert told(found) == [
        ('ok', 'memory'),
        ('problem', 'doctor-failed'),
        ('ok', 'weights'),
    ]
    assert 'ZeroDivisionError' in found[1].text
    assert not finding.is_well(found)


def test_nothing_found_is_well():
    """Notes are no problems."""
    assert finding.is_well([])
    assert finding.is_well([finding.note('ros-none', 'no ROS')])
    assert report.as_text([]) == 'all well'


def test_record_is_plain_json():
    """With every key, also where there is nothing to do."""
    record = report.as_record([finding.ok('memory', 'enough', available_mib=3)])
    assert json.loads(json.dumps(record)) == {
        'well': True,
        'findings': [
            {
                'level': 'ok',
                'subject': 'memory',
                'anchor': 'memory',
                'text': 'enough',
                'remedy': '',
                'values': {'available_mib': 3},
            }
        ],
    }


@pytest.mark.parametrize(
    ('value', 'expected'),
    [
        ('', []),
        ('0', []),
        ('101', []),
        ('102', [('note', 'ros-domain')]),
        ('232', [('note', 'ros-domain')]),
        ('233', [('problem', 'ros-domain')]),
        ('-1', [('problem', 'ros-domain')]),
        ('robot', [('problem', 'ros-domain')]),
    ],
)
def test_domain(monkeypatch, value, expected):
    """What is no number is a problem, what Linux lends to others a note."""
    for name in ('ROS_LOCALHOST_ONLY', 'ROS_AUTOMATIC_DISCOVERY_RANGE'):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv('ROS_DOMAIN_ID', value)
    assert told(installation.check_domain()) == expected


@pytest.mark.parametrize(
    ('name', 'value'),
    [('ROS_LOCALHOST_ONLY', '1'), ('ROS_AUTOMATIC_DISCOVERY_RANGE', 'localhost')],
)
def test_discovery_on_this_machine_alone(monkeypatch, name, value):
    """Named with the variable that does it."""
    monkeypatch.delenv('ROS_DOMAIN_ID', raising=False)
    for each in ('ROS_LOCALHOST_ONLY', 'ROS_AUTOMATIC_DISCOVERY_RANGE'):
        monkeypatch.delenv(each, raising=False)
    monkeypatch.setenv(name, value)
    (found,) = installation.check_domain()
    assert found.anchor == 'ros-localhost' and name in found.text


def test_profile_that_is_not_there(monkeypatch):
    """Fast DDS would say nothing."""
    pytest.importorskip('rclpy')
    monkeypatch.setenv('FASTRTPS_DEFAULT_PROFILES_FILE', '/nowhere/profile.xml')
    monkeypatch.delenv('RMW_IMPLEMENTATION', raising=False)
    (found,) = transport.check_transport()
    assert told([found]) == [('problem', 'transport-profile')]
    assert '/nowhere/profile.xml' in found.text


@pytest.mark.ros
def test_middleware_that_is_not_installed():
    """rcl ends the process that meets it: the report must come all the same."""
    pytest.importorskip('rclpy')
    code, output = run_doctor(RMW_IMPLEMENTATION='rmw_nonsense_cpp')
    assert code == 1
    assert '[ros-start]' in output and 'rmw_nonsense_cpp' in output
    assert 'weight files are whole' in output


def test_weights(tmp_path):
    """Whole, altered, and a folder that is none."""
    assert told(weights.check_weights()) == [('ok', 'weights')]
    name, entry = next(iter(catalogue.networks().items()))
    (tmp_path / entry.file).write_bytes(b'altered')
    (found,) = weights.check_weights(str(tmp_path))
    assert told([found]) == [('problem', 'weights-altered')]
    assert name in found.text and found.remedy
    assert told(weights.check_weights(str(tmp_path / 'none'))) == [('problem', 'weights-altered')]


def test_memory(tmp_path):
    """Below what the nodes take it is a problem."""
    meminfo = tmp_path / 'meminfo'
    for available, expected in ((499, 'memory-low'), (500, 'memory')):
        meminfo.write_text(f'MemTotal: 4096000 kB\nMemAvailable: {available * 1024} kB\n')
        assert [each.anchor for each in memory.check_memory(meminfo)] == [expected]
    assert not list(memory.check_memory(tmp_path / 'none'))


@pytest.fixture
def proc(tmp_path):
    """Return a function that adds a process to a folder made like /proc, and the folder."""

    def add(pid, *words, domain=None, state='S', pages=100):
        folder = tmp_path / str(pid)
        folder.mkdir()
        environment = 'HOME=/root\0' + (f'ROS_DOMAIN_ID={domain}\0' if domain else '')
        (folder / 'cmdline').write_text('\0'.join(words) + '\0')
        (folder / 'environ').write_text(environment)
        (folder / 'stat').write_text(f'{pid} (a (b) c) {state} 1 1 1')
        (folder / 'statm').write_text(f'999999 {pages} 1 1 0 1 0')

    add.folder = tmp_path
    return add


RUN = ('/usr/bin/python3', '/opt/bin/face-affect', 'run')


def test_no_process_of_nodes(proc):
    """Others do not count, nor what is no process."""
    proc(1, '/sbin/init')
    proc(2, 'python3', 'face-affect', 'doctor')
    proc(3, 'vim', '/home/me/face_affect_ros/camera.py')
    (proc.folder / '4').mkdir()
    (proc.folder / 'meminfo').write_text('')
    assert told(processes.check_processes(proc.folder)) == [('note', 'processes')]
    assert told(processes.check_processes(proc.folder / 'none')) == [('note', 'processes')]


def test_processes_of_nodes(proc, monkeypatch):
    """Composed, apart, and by Python's -m."""
    monkeypatch.delenv('ROS_DOMAIN_ID', raising=False)
    proc(10, *RUN, '--model', '2')
    proc(11, 'python3', '/ws/install/lib/face_affect_ros/detection', '--ros-args')
    proc(12, 'python3', '-m', 'face_affect_ros.cli', 'run')
    (found,) = processes.check_processes(proc.folder)
    assert found.level == 'ok' and '10, 11, 12' in found.text


@pytest.mark.parametrize(
    ('of_process', 'level', 'anchor'),
    [
        ({'state': 'T'}, 'problem', 'processes-stopped'),
        ({'domain': '7'}, 'problem', 'processes-domain'),
        ({'pages': 10**6}, 'problem', 'processes-memory'),
        ({'domain': '0'}, 'ok', 'processes'),
    ],
)
def test_what_is_wrong_with_a_process(proc, monkeypatch, of_process, level, anchor):
    """By itself, or seen from this shell, whose domain is 0."""
    monkeypatch.delenv('ROS_DOMAIN_ID', raising=False)
    proc(10, *RUN, **of_process)
    first = next(processes.check_processes(proc.folder))
    assert told([first]) == [(level, anchor)]


def test_another_domain_beside_ours(proc, monkeypatch):
    """Is nothing wrong: robots share machines."""
    monkeypatch.setenv('ROS_DOMAIN_ID', '7')
    proc(10, *RUN)
    proc(11, *RUN, domain='7')
    assert told(processes.check_processes(proc.folder)) == [
        ('note', 'processes-domain'),
        ('ok', 'processes'),
    ]


def run_doctor(*arguments, **environment):
    """Run the command; return its exit code and output."""
    done = subprocess.run(
        [sys.executable, '-m', 'face_affect_ros.cli', 'doctor', '--seconds', '1', *arguments],
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        env={**os.environ, 'ROS_DOMAIN_ID': '99', **environment},
        cwd=Path(sys.executable).parent,
    )
    return done.returncode, done.stdout


def test_command_names_an_altered_file(tmp_path):
    """Exit code 1, and the JSON says which."""
    entry = catalogue.network('mtcnn_pnet')
    (tmp_path / entry.file).write_bytes(b'altered')
    code, output = run_doctor('--json', '--weights-dir', str(tmp_path))
    record = json.loads(output)
    assert code == 1 and record['schema'] == 1 and not record['well']
    assert 'weights-altered' in {
        each['anchor'] for each in record['findings'] if each['level'] == 'problem'
    }


def test_command_without_ros(tmp_path):
    """The rest is checked: a Python that finds this package and no rclpy."""
    code = (
        'import sys; sys.modules["rclpy"] = None; '
        'from face_affect_ros.cli import main; raise SystemExit(main(["doctor"]))'
    )
    done = subprocess.run(
        [sys.executable, '-c', code], stdout=subprocess.PIPE, text=True, timeout=60, cwd=tmp_path
    )
    assert 'no ROS 2' in done.stdout and '[ros-none]' in done.stdout
    assert 'weight files are whole' in done.stdout
    assert 'doctor-failed' not in done.stdout


def test_broken_shared_memory_folder_is_told(tmp_path, monkeypatch):
    """Full, whoever filled it."""
    (tmp_path / 'fastdds_1').write_bytes(b'')
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(memory.shutil, 'disk_usage', lambda _: usage._replace(free=10 * 2**20))
    (found,) = memory.check_shared_memory(tmp_path)
    assert told([found]) == [('problem', 'memory-shared')] and '1 files' in found.text
