# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is kept back of people, what they are told, and that nothing is written."""

import math
import os
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip('robot', reason='no ROS here')

import message_packages
from builtin_interfaces.msg import Duration
from robot import Robot
from robot import astronaut
from robot import join
from robot import wait_until
from sensor_msgs.msg import CompressedImage
from sensor_msgs.msg import Image
from std_msgs.msg import String

from face_affect_ros.image_messages import convert
from face_affect_ros.msg import CameraFrame
from face_affect_ros.msg import FaceDetectionArray
from face_affect_ros.parameter import ParameterError
from face_affect_ros.ros import privacy
from face_affect_ros.ros import qos
from face_affect_ros.ros.nodes.attributes import AttributesNode
from face_affect_ros.ros.nodes.detection import DetectionNode
from face_affect_ros.tracking.tracker import Tracker

pytestmark = [pytest.mark.ros, pytest.mark.timeout(700)]

PIXELS = {
    f'{kind.__module__.split(".")[0]}/msg/{kind.__name__}'
    for kind in (Image, CompressedImage, CameraFrame)
}


def test_strict_has_no_pixels_on_any_topic(start, request):
    """Not even offered; what is published of faces has none, and everything else is as ever."""
    message_packages.provide('hri_msgs')
    from hri_msgs.msg import IdsList

    robot = start(privacy='strict', humans_namespace=f'/{request.node.name}/people').robot
    attributes = robot.attributes()
    faces, _ = robot.listen('faces', FaceDetectionArray)
    tracked, _ = robot.listen(f'{robot.namespace}/people/faces/tracked', IdsList)
    robot.show_until(lambda: faces and faces[-1].faces and attributes and attributes[-1].faces)
    robot.show_until(lambda: tracked and tracked[-1].ids)
    robot.show_until(lambda: any('/roi' in topic for topic, _ in _topics_of_nodes(robot)))
    offered = _topics_of_nodes(robot)
    assert not [topic for topic, kinds in offered if PIXELS & {*kinds}]
    assert not [topic for topic, _ in offered if topic.endswith('/face_crops')]
    assert not any(len(face.crop.data) for face in faces[-1].faces)


def _topics_of_nodes(robot):
    """Return the topics that the nodes under test offer, with their types."""
    return [
        (topic, kinds)
        for topic, kinds in robot.node.get_topic_names_and_types()
        if any(
            info.node_namespace == robot.namespace and info.node_name != 'robot'
            for info in robot.node.get_publishers_info_by_topic(topic)
        )
    ]


def test_strict_tells_ages_as_ranges(start):
    """In the stream and in answers of the service."""
    robot = start(privacy='strict').robot
    attributes = robot.attributes()
    robot.show_until(lambda: any(message.faces for message in attributes))
    stream = next(message for message in attributes if message.faces)
    answer = robot.classify(
        image=convert.to_image_message(astronaut(), robot.header()),
        timeout=Duration(sec=10),
    )
    for message in (stream, answer.result):
        (face,) = message.faces
        assert math.isnan(face.age) and math.isnan(face.age_deviation)
        assert face.age_range in range(8)
        assert sum(face.age_scores) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize('node', [DetectionNode, AttributesNode])
def test_strict_refuses_a_process_a_node(node):
    """Frames would have to travel; it says what to do."""
    join()
    alone = node(cli_args=['--ros-args', '-p', 'privacy:=strict', '-r', '__ns:=/alone_and_strict'])
    try:
        with pytest.raises(ParameterError, match='one process'):
            alone.configure()
    finally:
        alone.destroy_node()


def test_strict_ids_live_for_a_minute(astronaut_faces):
    """The face stays, its number does not; nobody else gets it."""
    tracker = Tracker(lifetime_s=privacy.ID_LIFETIME_S)
    times = np.arange(0, 200, 0.5)
    ids = [int(tracker.update(astronaut_faces, time).track_ids[0]) for time in times]
    for number in {*ids}:
        held = times[[each == number for each in ids]]
        assert held[-1] - held[0] < privacy.ID_LIFETIME_S
        assert len(held) == 120 or held[-1] == times[-1]
    assert privacy.id_lifetime_s({'privacy': 'standard'}) == math.inf


@pytest.fixture
def astronaut_faces():
    """Return the detections of a picture with one face."""
    from face_affect_ros.faces import Detections

    return Detections([(180, 62, 88, 112)], [0.99], np.full((1, 5, 2), np.nan))


def test_the_disclosure_waits_for_whoever_comes(start):
    """Late subscribers hear it; a new text replaces it."""
    robot = start(disclosure='A camera guesses your age.').robot
    heard = []
    robot.node.create_subscription(String, 'disclosure', heard.append, qos.kept())
    wait_until(lambda: heard)
    assert heard[-1].data == 'A camera guesses your age.'
    assert robot.set('attributes', disclosure='Nothing is guessed.')[0].successful
    late = []
    robot.node.create_subscription(String, 'disclosure', late.append, qos.kept())
    wait_until(lambda: late and late[-1].data == 'Nothing is guessed.')


AUDIT = """
import os, sys
def told(event, arguments):
    if event == 'open' and isinstance(arguments[0], (str, bytes)):
        mode, flags = arguments[1:]
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND):
            os.write(2, f'WRITES {os.fsdecode(arguments[0])}\\n'.encode())
    elif event in ('os.mkdir', 'os.rename', 'tempfile.mkstemp', 'shutil.copyfile'):
        os.write(2, f'WRITES {event} {arguments[0]}\\n'.encode())
sys.addaudithook(told)
"""

OF_THE_SYSTEM = ('/dev/', '/proc/')


def test_nothing_is_written_while_the_nodes_work(tmp_path):
    """Neither by Python nor by a library; ROS's own logs excepted, which name no result."""
    join()
    home, logs, hook = (tmp_path / name for name in ('home', 'logs', 'hook'))
    for folder in (home, logs, hook):
        folder.mkdir()
    (hook / 'sitecustomize.py').write_text(AUDIT)
    stderr = tmp_path / 'stderr'
    environment = {
        **os.environ,
        'HOME': str(home),
        'TMPDIR': str(home),
        'XDG_CACHE_HOME': str(home / 'cache'),
        'ROS_LOG_DIR': str(logs),
        'PYTHONDONTWRITEBYTECODE': '1',
        'PYTHONPATH': os.pathsep.join([str(hook), os.environ.get('PYTHONPATH', '')]),
    }
    with stderr.open('w') as file:
        process = subprocess.Popen(
            [
                *(sys.executable, '-m', 'face_affect_ros.cli', 'run'),
                *('--image-topic', '/watched/cam', '--ros-args', '-r', '__ns:=/watched'),
            ],
            env=environment,
            cwd=home,
            stdout=file,
            stderr=file,
        )
    robot = Robot('/watched')
    try:
        attributes, opened = robot.attributes(), set()
        pictures, _ = robot.listen('annotated', Image)

        def done():
            opened.update(_written_by(process.pid))
            return any(message.faces for message in attributes) and len(pictures) > 5

        wait_until(lambda: process.poll() is None and robot.show() and done(), 60)
        picture = convert.to_image_message(astronaut(), robot.header())
        assert robot.classify(image=picture, timeout=Duration(sec=10)).success
        opened.update(_written_by(process.pid))
    finally:
        process.terminate()
        process.wait(20)
        robot.close()
    told = stderr.read_text()
    written = {line.split(' ', 1)[1] for line in told.splitlines() if line.startswith('WRITES ')}
    allowed = (*OF_THE_SYSTEM, str(logs), str(stderr))
    assert [path for path in written | opened if not path.startswith(allowed)] == []
    assert [*home.rglob('*')] == []
    text = ''.join(path.read_text() for path in logs.rglob('*') if path.is_file())
    assert 'happy' not in text and 'female' not in text


def _written_by(pid):
    """Return the ordinary files that a process has open for writing."""
    found = set()
    for link in Path(f'/proc/{pid}/fd').iterdir():
        try:
            flags = int((Path(f'/proc/{pid}/fdinfo') / link.name).read_text().split()[3], 8)
            if flags & (os.O_WRONLY | os.O_RDWR) and stat.S_ISREG(link.stat().st_mode):
                found.add(os.readlink(link))
        except (OSError, ValueError):  # closed meanwhile
            continue
    return found
