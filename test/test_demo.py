# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The demo: its camera, its figures, and the whole of it over real DDS."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

SCRIPTS = Path(__file__).resolve().parents[1] / 'script'

sys.path.insert(0, str(SCRIPTS))
try:
    import demo
    import demo_frames
    import demo_report
finally:
    sys.path.remove(str(SCRIPTS))


def sample(number, **changed):
    """Return the n-th of results that come thirty times a second."""
    values = {
        'arrived': 10**9 + number * 10**9 // 30,
        'transit_ms': 14.0,
        'latency_ms': 10.0,
        'detection_ms': 6.0,
        'attributes_ms': 3.0,
        'received': number + 1,
        'processed': number + 1,
        'dropped': 0,
        'faces': 1,
        'face': 'happy 80%, female 90%',
        'emotion': 'happy',
    }
    return demo_report.Sample(**{**values, **changed})


@pytest.fixture
def environment():
    """Return an environment with a ROS domain of its own; skip without ROS."""
    pytest.importorskip('rclpy', reason='core only: no ROS')
    pytest.importorskip('face_affect_ros.msg', reason='core only: no messages')
    pytest.importorskip('skimage')
    return {**os.environ, 'ROS_DOMAIN_ID': str(random.SystemRandom().randint(51, 100))}


def start(environment, *arguments):
    """Start the demo in a process of its own, with signals blocked until it looks at them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT, signal.SIGTERM])
    try:
        return subprocess.Popen(
            [sys.executable, str(SCRIPTS / 'demo.py'), *arguments],
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def test_the_moved_photograph_always_shows_the_face(astronaut):
    """The face is found at every moment, and no frame is like the one before."""
    from face_affect_ros.pipeline import load_model

    frames = demo_frames.moved(astronaut, (225, 140), (1.4, 1.9))
    before, places = None, []
    with load_model(1) as model:
        for number in range(300):
            frame = next(frames)
            assert frame.shape == (480, 640, 3) and frame.dtype == np.uint8
            assert before is None or (frame != before).any()
            before = frame
            if number % 15 == 0:
                largest = model.detect(frame)[0]
                assert largest.box.height > 90
                places.append(largest.box.center)
    assert np.ptp(places, axis=0).min() > 20


@pytest.mark.parametrize('size', [(300, 100), (100, 300), (1600, 1200), (1, 1)])
def test_any_photograph_fills_a_frame(size, tmp_path):
    """Whatever its shape, with grey beside it; its middle is in the middle."""
    import cv2

    path = tmp_path / 'picture.png'
    cv2.imwrite(str(path), np.full((size[1], size[0], 3), 200, np.uint8))
    arguments = demo.parse(['--image', str(path)])
    frames, rate = demo_frames.open_frames(arguments)
    frame = next(frames)
    assert rate == 30 and frame.shape == (480, 640, 3)
    assert abs(int(frame[240, 320].mean()) - 190) < 25


@pytest.mark.parametrize(('option', 'name'), [('--image', 'no.png'), ('--video', 'no.mp4')])
def test_a_source_that_is_not_there_is_named(option, name):
    """The error names the file."""
    with pytest.raises(demo_frames.CameraError, match=re.escape(name)):
        demo_frames.open_frames(demo.parse([option, name]))


@pytest.mark.shared
def test_a_video_goes_on_from_its_beginning(shared_media):
    """More frames than the clip has, at its own rate."""
    clip = shared_media / 'clips/two_people_head_pose.mp4'
    frames, rate = demo_frames.open_frames(demo.parse(['--video', str(clip)]))
    assert 5 < rate < 31
    import cv2

    count = int(cv2.VideoCapture(str(clip)).get(cv2.CAP_PROP_FRAME_COUNT))
    first = next(frames)
    for _ in range(count):
        frame = next(frames)
    assert frame.shape == first.shape


@pytest.mark.parametrize(
    'arguments',
    [
        ['--seconds', '0'],
        ['--seconds', 'nan'],
        ['--out', 'a.txt'],
        ['--image', 'a', '--video', 'b'],
        ['--camera', 'x'],
    ],
)
def test_wrong_usage(arguments, capsys):
    """Exit code 2, with a word on what is wrong."""
    with pytest.raises(SystemExit) as stop:
        demo.parse(arguments)
    assert stop.value.code == 2 and 'error:' in capsys.readouterr().err


def test_summary_adds_up():
    """Counters, rates, shares and percentiles of known samples."""
    samples = [
        sample(
            number,
            latency_ms=10.0 + (number % 10 == 9) * 40,
            emotion='sad' if number >= 75 else 'happy',
        )
        for number in range(100)
    ]
    samples[-1] = sample(99, received=104, processed=100, dropped=4, emotion='sad')
    text = '\n'.join(demo_report.summary(samples, 110))
    assert 'sent 110, received 104, processed 100, dropped 4 (3.8%)' in text
    assert '31.2 fps in, 30.0 fps out' in text
    assert '1.00 a frame; the largest: happy 75%, sad 25%' in text
    assert 'median 10.0 ms, p95 50.0 ms' in text and 'median 14.0 ms' in text
    assert 'detection 6.0 ms, attributes 3.0 ms, everything else 4.6 ms (means)' in text


def test_a_summary_of_one_frame_without_a_face():
    """Nothing to divide by is no harm."""
    one = [sample(0, faces=0, face='', emotion='')]
    assert 'none' in '\n'.join(demo_report.summary(one, 1))
    assert '0 faces' in demo_report.live_line(1, one)


@pytest.mark.ros
@pytest.mark.slow
@pytest.mark.parametrize('model', ['1', '2', '3'])
def test_the_real_graph(model, environment, tmp_path):
    """Results arrive, the figures are consistent, the picture is written, all processes end."""
    import cv2

    out = tmp_path / 'new/demo.jpg'
    process = start(environment, '--seconds', '3', '--out', str(out), '--model', model)
    output, errors = process.communicate(timeout=100)
    assert process.returncode == 0, errors
    counts = re.search(r'sent (\d+), received (\d+), processed (\d+), dropped (\d+)', output)
    sent, received, processed, dropped = (int(count) for count in counts.groups())
    assert sent >= received >= processed > 10 and 0 <= received - processed - dropped <= 3
    assert len(re.findall(r'^ +\d+ s   in', output, re.MULTILINE)) == 3
    assert float(re.search(r'faces +([\d.]+) a frame', output)[1]) > 0.8
    assert re.search(r'latency +median [\d.]+ ms, p95 [\d.]+ ms', output)
    assert re.search(r'detection [\d.]+ ms, attributes [\d.]+ ms', output)
    picture = cv2.imread(str(out))
    assert picture.shape == (480, 640, 3) and picture.std() > 20


@pytest.mark.ros
def test_a_camera_that_gives_nothing_ends_the_demo(environment, tmp_path):
    """Exit code 1; what is wrong is named; no picture."""
    out = tmp_path / 'demo.jpg'
    process = start(environment, '--image', str(tmp_path / 'no.png'), '--out', str(out))
    _, errors = process.communicate(timeout=100)
    assert process.returncode == 1 and 'no.png' in errors and not out.exists()


def interrupted(process, number=signal.SIGINT):
    """Send a signal; check that all ends soon, without a traceback."""
    begin = time.monotonic()
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + number and 'Traceback' not in errors, errors
    assert time.monotonic() - begin < 15


@pytest.mark.ros
@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_interrupted(environment, tmp_path, number):
    """Ctrl-C ends all three processes."""
    process = start(environment, '--seconds', '60', '--out', str(tmp_path / 'demo.jpg'))
    assert 'starting' in process.stdout.readline()
    assert 'first result' in process.stdout.readline()
    interrupted(process, number)


@pytest.mark.ros
@pytest.mark.parametrize('seconds', [0.0, 0.01, 0.03, 0.1, 0.3, 0.6, 1.0, 1.5])
def test_interrupted_while_it_starts(environment, tmp_path, seconds):
    """At any moment; the two others may be starting, too."""
    process = start(environment, '--out', str(tmp_path / 'demo.jpg'))
    time.sleep(seconds)
    interrupted(process)
