# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Damaged pictures are told once, and what others write to standard error stays there."""

import os
import subprocess
import sys
import threading

import cv2
import numpy as np
import pytest

pytest.importorskip('rclpy', reason='no ROS here')

from face_affect_ros import images
from face_affect_ros.ros import decoder_messages

PICTURE = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)


@pytest.fixture
def damaged():
    """Return a JPEG that lost bytes in its middle."""
    data = bytearray(cv2.imencode('.jpg', PICTURE)[1].tobytes())
    del data[len(data) // 2 : len(data) // 2 + 100]
    return bytes(data)


def test_what_decoders_write_is_told_in_place(damaged, capfd):
    told = []
    with decoder_messages.told_to(told.append):
        assert images.decode(damaged).shape == PICTURE.shape
    with decoder_messages.told_to(told.append):
        images.decode(cv2.imencode('.jpg', PICTURE)[1].tobytes())
    assert len(told) == 1 and 'Corrupt JPEG' in told[0]
    assert capfd.readouterr().err == ''


def test_what_others_write_is_passed_on(damaged, capfd):
    with decoder_messages.told_to(lambda _: None):
        os.write(2, b'[WARN] [1.0] [camera]: something else\n')
        images.decode(damaged)
        os.write(2, b'half a line')
    os.write(2, b', and its end\n')
    assert capfd.readouterr().err == (
        '[WARN] [1.0] [camera]: something else\nhalf a line, and its end\n'
    )


def test_several_threads(damaged, capfd):
    told = []

    def work(number):
        for _ in range(50):
            with decoder_messages.told_to(told.append):
                images.decode(damaged)
            os.write(2, b'%d\n' % number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = capfd.readouterr().err.split()
    assert sorted(lines) == sorted(str(number) for number in range(4) for _ in range(50))
    assert told and all('Corrupt JPEG' in text for text in told)


def test_errors_come_through(capfd):
    with pytest.raises(images.ImageError), decoder_messages.told_to(lambda _: None):
        images.decode(b'nothing')
    os.write(2, b'there again\n')
    assert capfd.readouterr().err == 'there again\n'


NO_FILES = 'resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))'


@pytest.mark.parametrize('lack', ['os.close(2)', NO_FILES])
def test_without_standard_error_or_files(lack):
    """Pictures are decoded all the same."""
    code = f"""
import os, resource
from face_affect_ros.ros import decoder_messages
{lack}
with decoder_messages.told_to(print):
    print('decoded')
"""
    done = subprocess.run([sys.executable, '-c', code], stdout=subprocess.PIPE, text=True)
    assert (done.returncode, done.stdout) == (0, 'decoded\n')
