# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures and graphs that several tests use; what needs ROS is imported at the first use."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from waiting import Clock

try:
    from hypothesis import settings
except ImportError:  # an environment for other frameworks
    pass
else:
    # The same examples at every run; .ci/nightly looks for new ones.
    settings.register_profile('fixed', derandomize=True, deadline=None)
    settings.register_profile('explore', max_examples=2000, print_blob=True, deadline=None)
    settings.load_profile('fixed')


def _own_domain() -> int:
    """Return a ROS domain, 1..50, that no other worker of this run has (pytest-xdist)."""
    worker = os.environ.get('PYTEST_XDIST_WORKER', '')
    run = os.getppid() + int(worker.removeprefix('gw')) if worker else os.getpid()
    return 1 + run % 50


os.environ['ROS_DOMAIN_ID'] = str(_own_domain())


@pytest.fixture(scope='module', autouse=True)
def own_graph():
    """Let each test file begin in a graph that knows nothing of the files before."""
    yield
    if 'robot' in sys.modules:
        sys.modules['robot'].leave()


@pytest.fixture
def clock() -> Clock:
    """Return a clock at 100 s."""
    return Clock()


@pytest.fixture
def run_with_module(tmp_path):
    """Return a function that takes a module's name and source, and gives one that runs code.

    The code runs in a fresh process after ``import NAME``; what it prints is returned.
    """

    def with_module(name: str, source: str):
        (tmp_path / f'{name}.py').write_text(source)

        def run(code: str) -> str:
            return subprocess.run(
                [sys.executable, '-c', f'import {name}\n{code}'],
                cwd=tmp_path,
                check=True,
                timeout=60,
                capture_output=True,
                text=True,
                env={**os.environ, 'PYTHONPATH': str(tmp_path)},
            ).stdout

        return run

    return with_module


@pytest.fixture(scope='session')
def shared_media() -> Path:
    """Return the folder of pictures beside the checkout; skip where there is none."""
    folder = Path(__file__).resolve().parents[2] / 'shared/media'
    if not folder.is_dir():
        pytest.skip(f'no {folder}')
    return folder


@pytest.fixture(scope='session')
def astronaut():
    """Return scikit-image's photograph of an astronaut, (512, 512, 3) uint8 BGR, read-only."""
    data = pytest.importorskip('skimage.data')
    image = data.astronaut()[..., ::-1].copy()
    image.flags.writeable = False
    return image


@pytest.fixture(scope='session')
def astronaut_file(astronaut, tmp_path_factory) -> Path:
    """Return the photograph as a PNG file; nothing else lies in its folder."""
    cv2 = pytest.importorskip('cv2')
    path = tmp_path_factory.mktemp('pictures') / 'astronaut.png'
    path.write_bytes(cv2.imencode('.png', astronaut)[1].tobytes())
    return path


@pytest.fixture
def start(request):
    """Return a function that starts the composed graph with parameters (see robot.py)."""
    from robot import Graph

    graphs = []

    def make(**parameters):
        name = re.sub('[^A-Za-z0-9]+', '_', request.node.name).strip('_')
        graphs.append(Graph(f'/{name}', **parameters))
        return graphs[-1]

    yield make
    for graph in graphs:
        graph.close()
