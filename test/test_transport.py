# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Raw images over real transports: a camera without a profile, and what a user has set."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

pytest.importorskip('robot', reason='no ROS here')

from face_affect_ros.ros import middleware

pytestmark = [pytest.mark.ros, pytest.mark.slow]

PROBE = Path(__file__).with_name('transport_probe.py')
LISTENED_S = 90


class Chain:
    """A camera, the node `camera` and a listener, a process each.

    :param settings: environment variables of all three.
    """

    def __init__(self, namespace, folder, settings):
        """Start the camera and the node in a working directory."""
        env = {name: value for name, value in os.environ.items() if not name.startswith('FAST')}
        self._options = {'env': {**env, **settings}, 'cwd': folder, 'text': True}
        self._namespace = namespace
        self._log = []
        self.processes = [
            self._start([sys.executable, str(PROBE), 'camera', namespace]),
            self._start(
                [
                    sys.executable,
                    '-m',
                    'face_affect_ros.cli',
                    'run',
                    'camera',
                    '--image-topic',
                    f'{namespace}/cam',
                    '--ros-args',
                    '-r',
                    f'__ns:={namespace}',
                ],
                stderr=subprocess.PIPE,
            ),
        ]
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def node(self):
        """The process of the node."""
        return self.processes[1]

    def log(self):
        """Return what the node has logged so far."""
        return ''.join(self._log)

    def listen(self):
        """Return how many frames were published and how many came."""
        listener = self._start(
            [sys.executable, str(PROBE), 'listener', self._namespace], stdout=subprocess.PIPE
        )
        return json.loads(listener.communicate(timeout=LISTENED_S)[0])

    def close(self):
        """Kill what still runs."""
        for process in self.processes:
            process.kill()
            process.wait()

    def _start(self, command, **options):
        return subprocess.Popen(command, **self._options, **options)

    def _read(self):
        self._log.extend(iter(self.node.stderr.readline, ''))


@pytest.fixture
def chain(request, tmp_path):
    """Return a function that starts the chain with environment variables."""
    started = []

    def start(**settings):
        name = ''.join(filter(str.isalnum, request.node.name))
        started.append(Chain(f'/{name}', tmp_path, settings))
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.mark.skipif(
    middleware.receive_buffer() < middleware.ENOUGH_BUFFER,
    reason='net.core.rmem_max is below 4 MB here',
)
@pytest.mark.parametrize(
    'settings', [{}, {'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST'}], ids=['default', 'localhost']
)
def test_camera_without_a_profile(chain, settings):
    """Best-effort frames larger than its half megabyte of shared memory come whole."""
    running = chain(**settings)
    counts = running.listen()
    assert counts['published'] > 20
    assert counts['came'] >= 0.8 * counts['published']
    assert 'transport: Fast DDS over UDP with a receive buffer of' in running.log()


def test_nothing_is_left_in_shared_memory(chain):
    """A process that uses none leaves none behind, however it ends."""
    running = chain()
    assert running.listen()['came']
    maps = Path(f'/proc/{running.node.pid}/maps').read_text()
    assert '/dev/shm/fast' not in maps


@pytest.mark.parametrize('transports', ['LARGE_DATA', 'SHM', 'UDPv4'])
def test_transports_that_a_user_has_set(chain, transports):
    """They are used, so frames come; and the start says so.

    Fast DDS over TCP does not always reach a new process: one of three listeners is enough.
    """
    running = chain(FASTDDS_BUILTIN_TRANSPORTS=transports)
    assert any(running.listen()['came'] for _ in range(3))
    assert f'FASTDDS_BUILTIN_TRANSPORTS={transports}' in running.log()


def test_profile_in_the_working_directory(chain, tmp_path):
    """Fast DDS finds it there; this package's does not come on top."""
    shared = middleware.installed('share/face_affect_ros/config/fastdds_shared_memory.xml')
    (tmp_path / 'DEFAULT_FASTDDS_PROFILES.xml').write_text(shared.read_text())
    running = chain()
    counts = running.listen()
    assert counts['came'] >= 0.8 * counts['published'] > 16
    assert 'DEFAULT_FASTDDS_PROFILES.xml in the working directory' in running.log()
