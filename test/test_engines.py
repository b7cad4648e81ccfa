# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Each framework runs original networks behind the one protocol; what is broken is refused."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import cv2
import numpy as np
import original_formats
import pytest
from originals import FOLDER
from originals import PICKLE
from originals import SEED
from originals import needs_caffe
from originals import needs_originals
from originals import needs_tensorflow
from originals import noise_of
from originals import one_line

from face_affect_ros.engines.onnx import OnnxEngine
from face_affect_ros.engines.protocol import FrameworkError
from face_affect_ros.originals.engines import stderr_filter
from face_affect_ros.originals.engines.opencv import OpencvEngine
from face_affect_ros.originals.engines.tensorflow import KerasEngine

pytestmark = pytest.mark.shared

EMOTION = 'mini_xception/fer2013_mini_XCEPTION.102-0.66'
GENDER = 'mini_xception/gender_mini_XCEPTION.21-0.95'


@needs_tensorflow
@needs_originals
class TestKeras:
    """mini-XCEPTION in TensorFlow."""

    @pytest.mark.parametrize('name', [EMOTION, GENDER])
    def test_as_converted(self, name):
        """Path or bytes, the same as another converter's ONNX."""
        batch = noise_of(5, 64, 64, 1)
        (expected,) = OnnxEngine(FOLDER / f'{name}.onnx').run(batch)
        path = FOLDER / f'{name}.hdf5'
        for form in (path, str(path), path.read_bytes()):
            (found,) = KerasEngine(form).run(batch)
            assert found.dtype == np.float32
            np.testing.assert_allclose(found, expected, atol=1e-5)
        np.testing.assert_allclose(KerasEngine(path).run(batch[2:3])[0], expected[2:3], atol=1e-5)

    def test_at_most_one_line_of_chatter(self):
        """In a fresh process, loading and running."""
        code = (
            'import numpy; '
            'from face_affect_ros.originals.engines.tensorflow import KerasEngine; '
            f'engine = KerasEngine({str(FOLDER / EMOTION)!r} + ".hdf5"); '
            'print(engine.run(numpy.zeros((1, 64, 64, 1), numpy.float32))[0].shape)'
        )
        done = subprocess.run(
            [sys.executable, '-P', '-c', code]
            if sys.version_info >= (3, 11)
            else [sys.executable, '-c', code],
            capture_output=True,
            text=True,
            timeout=100,
            check=True,
        )
        assert done.stdout.strip() == '(1, 7)'
        assert len(done.stderr.splitlines()) <= 1

    @pytest.mark.parametrize('share', [0.1, 0.5, 0.999])
    def test_truncated(self, share, tmp_path):
        """Named, with what is wrong."""
        whole = (FOLDER / f'{EMOTION}.hdf5').read_bytes()
        path = tmp_path / 'network.hdf5'
        path.write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(ValueError, match='truncated') as caught:
            KerasEngine(path)
        assert str(path) in one_line(caught)


@pytest.mark.parametrize('data', [PICKLE, b'', b'\x93NUMPY', b'PK\x03\x04'])
def test_what_is_no_hdf5(data, tmp_path):
    """A pickle, an archive, nothing: refused before Keras sees it."""
    path = tmp_path / 'network.hdf5'
    path.write_bytes(data)
    for form in (path, data):
        with pytest.raises(ValueError, match='no HDF5 file') as caught:
            KerasEngine(form)
        one_line(caught)


def test_no_tensorflow(monkeypatch):
    """One line that tells how to get it."""
    monkeypatch.setitem(sys.modules, 'tensorflow', None)
    with pytest.raises(FrameworkError) as caught:
        KerasEngine(b'\x89HDF\r\n\x1a\n')
    assert 'pip install "face_affect_ros[tensorflow]"' in one_line(caught)


def test_the_filter_of_chatter_loses_nothing_else(capfd):
    """Lines of any length and number, without an end, around chatter, from several threads."""

    def write(text: bytes):
        os.write(2, text)

    lines = [b'%d %s\n' % (number, b'x' * (number % 700)) for number in range(400)]
    with stderr_filter.without():
        writers = [
            threading.Thread(target=lambda: [write(line) for line in lines]) for _ in range(2)
        ]
        for writer in writers:
            writer.start()
        write(b'WARNING: All log messages before absl::InitializeLog() is called are written\n')
        write(b'I0000 00:00:1795539711.299583   16094 port.cc:153] oneDNN is on.\n')
        for writer in writers:
            writer.join()
        write(b'E0000 00:00:1.5 1 a.cc:1] an error\nthe end')
    write(b', and after it')
    found = capfd.readouterr().err.encode()
    assert found.endswith(b'E0000 00:00:1.5 1 a.cc:1] an error\nthe end, and after it')
    assert sorted(found.splitlines()[:-2]) == sorted(line[:-1] for line in lines * 2)


@needs_originals
class TestOpencv:
    """Caffe networks and a TensorFlow graph in OpenCV."""

    @needs_caffe
    @pytest.mark.parametrize(('name', 'classes'), [('age', 8), ('gender', 2)])
    def test_levi_hassner(self, name, classes):
        """Random weights in their graphs: a distribution that follows the picture, any batch."""
        graph = (FOLDER / f'levi_hassner/{name}_deploy.prototxt').read_bytes()
        weights = original_formats.caffemodel(original_formats.levi_hassner(classes, SEED))
        engine = OpencvEngine('caffe', graph, weights)
        batch = 60 * noise_of(3, 3, 227, 227)
        (found,) = engine.run(batch)
        assert found.shape == (3, classes) and found.dtype == np.float32
        np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
        assert np.ptp(found, axis=0).max() > 1e-3
        np.testing.assert_allclose(engine.run(batch[1:2])[0], found[1:2], atol=1e-5)

    @needs_caffe
    @pytest.mark.parametrize(
        'weights',
        [PICKLE, b'', b'<html>', b'\xff' * 100, bytes(100), b'layer {}', b'\x0a\x03net'],
        ids=['pickle', 'empty', 'page', 'ones', 'zeros', 'text', 'no layers'],
    )
    def test_what_is_no_caffemodel(self, weights):
        """Refused in one line, also what this or that OpenCV takes for weights of no layer."""
        graph = (FOLDER / 'levi_hassner/age_deploy.prototxt').read_bytes()
        with pytest.raises(ValueError, match='OpenCV cannot load') as caught:
            OpencvEngine('caffe', graph, weights)
        one_line(caught)

    @needs_caffe
    def test_a_caffemodel_without_a_layer(self):
        """The layer is named."""
        arrays = original_formats.levi_hassner(8, SEED)
        arrays.pop('fc7')
        graph = (FOLDER / 'levi_hassner/age_deploy.prototxt').read_bytes()
        with pytest.raises(ValueError, match=r'OpenCV cannot load .* layer fc7') as caught:
            OpencvEngine('caffe', graph, original_formats.caffemodel(arrays))
        one_line(caught)

    def test_without_a_caffe_reader(self, monkeypatch):
        """As OpenCV 5 is: the error names the version that has one."""
        monkeypatch.delattr(cv2.dnn, 'readNetFromCaffe', raising=False)
        with pytest.raises(FrameworkError) as caught:
            OpencvEngine('caffe', b'', b'')
        assert 'pip install "opencv-python-headless<5"' in one_line(caught)
        assert cv2.__version__ in str(caught.value)

    def test_threads_share_one(self):
        """At the same time, each gets its own answer."""
        files = [
            (FOLDER / f'opencv_ssd/opencv_face_detector{end}').read_bytes()
            for end in ('.pbtxt', '_uint8.pb')
        ]
        engine = OpencvEngine('tensorflow', *files)
        batches = [60 * noise_of(1, 3, 300, 300) + shift for shift in (0, 40)]
        expected = [engine.run(batch)[0] for batch in batches]
        found = {}
        threads = [
            threading.Thread(
                target=lambda index=index: found.update(
                    {index: [engine.run(batches[index])[0] for _ in range(5)]}
                )
            )
            for index in (0, 1)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for index in (0, 1):
            for answer in found[index]:
                np.testing.assert_array_equal(answer, expected[index])
