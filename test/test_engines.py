# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Each framework runs original networks behind the one protocol; what is broken is refused."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import original_formats
import pytest
from originals import FOLDER
from originals import SEED
from originals import moon_symbol
from originals import needs_caffe
from originals import needs_mxnet
from originals import needs_originals
from originals import needs_tensorflow

from face_affect_ros.engines.onnx import OnnxEngine
from face_affect_ros.engines.protocol import FrameworkError
from face_affect_ros.originals.engines import mxnet
from face_affect_ros.originals.engines import stderr_filter
from face_affect_ros.originals.engines.mxnet import MxnetEngine
from face_affect_ros.originals.engines.mxnet import WorkerError
from face_affect_ros.originals.engines.opencv import OpencvEngine
from face_affect_ros.originals.engines.tensorflow import KerasEngine
from face_affect_ros.stream.stage import Stage
from face_affect_ros.stream.types import FrameTiming

pytestmark = pytest.mark.shared

EMOTION = 'mini_xception/fer2013_mini_XCEPTION.102-0.66'
GENDER = 'mini_xception/gender_mini_XCEPTION.21-0.95'
PICKLE = b'\x80\x04\x95\x0c\x00\x00\x00\x00\x00\x00\x00}\x94.'
MOON_SHAPE = (1, 1, 128, 128)
LONG_S = 30.0


def noise_of(*shape: int) -> np.ndarray:
    """Return random float32 values of -1..1."""
    return np.random.default_rng(2).uniform(-1, 1, shape).astype(np.float32)


def one_line(error: pytest.ExceptionInfo) -> str:
    """Return an error's text, which is one line."""
    assert len(str(error.value).splitlines()) == 1
    return str(error.value)


def moon(arrays=None, **settings) -> MxnetEngine:
    """Return the lightened MOON with random weights, in MXNet."""
    arrays = original_formats.moon(moon_symbol(), SEED) if arrays is None else arrays
    return MxnetEngine(
        moon_symbol(), original_formats.params(arrays), MOON_SHAPE, 'fc2', **settings
    )


def is_running(pid: int) -> bool:
    """Return whether a process is there and no zombie."""
    try:
        return Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0] != 'Z'
    except OSError:
        return False


def wait_until(condition) -> bool:
    """Wait for a condition, bounded; return whether it came true."""
    end = time.monotonic() + LONG_S
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


def is_gone(pid: int) -> bool:
    """Wait until a process is gone; return whether that came soon."""
    return wait_until(lambda: not is_running(pid))


@dataclass(frozen=True)
class Item:
    """What a stage passes on: pictures, then answers."""

    values: np.ndarray
    timing: FrameTiming


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


@pytest.fixture(scope='module')
def engine():
    """Return MOON in MXNet, shared by the tests."""
    engine = moon()
    yield engine
    engine.close()


@needs_mxnet
@needs_originals
class TestMxnet:
    """The lightened MOON, random weights, in a worker with MXNet."""

    def test_as_converted(self, engine):
        """The same as our own converter's ONNX, which reads the files without MXNet."""
        convert = pytest.importorskip('face_affect_ros.originals.conversion.mxnet').convert
        data = original_formats.params(original_formats.moon(moon_symbol(), SEED))
        model = convert(moon_symbol(), data, 'fc2', MOON_SHAPE[1:])
        batch = noise_of(3, *MOON_SHAPE[1:])
        (expected,) = OnnxEngine(model.SerializeToString()).run(batch)
        (found,) = engine.run(batch)
        assert found.shape == (3, 40) and found.dtype == np.float32
        np.testing.assert_allclose(found, expected, atol=1e-5 * np.abs(expected).max())

    def test_any_number_of_rows(self, monkeypatch):
        """None, and more than the memory holds at once."""
        monkeypatch.setattr(mxnet, 'MEMORY', 3 * 4 * (128 * 128 + 40))
        engine = moon()
        batch = noise_of(7, *MOON_SHAPE[1:])
        (found,) = engine.run(batch)
        np.testing.assert_array_equal(
            found, np.concatenate([engine.run(batch[row : row + 1])[0] for row in range(7)])
        )
        assert engine.run(batch[:0])[0].shape == (0, 40)

    def test_other_shapes(self, engine):
        """Are refused, and the worker stays as it is."""
        pid = engine.pid
        with pytest.raises(ValueError, match='expected'):
            engine.run(noise_of(1, 3, 128, 128))
        assert engine.pid == pid

    def test_killed_between_two_items(self, engine):
        """One error; the next item has a new worker and the same answer."""
        batch = noise_of(*MOON_SHAPE)
        (expected,) = engine.run(batch)
        os.kill(engine.pid, signal.SIGKILL)
        with pytest.raises(WorkerError, match='signal 9') as caught:
            engine.run(batch)
        one_line(caught)
        np.testing.assert_array_equal(engine.run(batch)[0], expected)

    def test_killed_in_the_middle_of_a_stream(self, engine):
        """The item in hand fails, those after it do not."""
        batch = noise_of(20, *MOON_SHAPE[1:])
        (expected,) = engine.run(batch)
        done, failed = [], []
        stage = Stage(
            'moon',
            lambda item: replace(item, values=engine.run(item.values)[0]),
            (done.append,),
            lambda name, error: failed.append(error),
        )
        stage.start()
        for number in range(4):
            if number == 1:
                threading.Timer(0.3, os.kill, (engine.pid, signal.SIGKILL)).start()
            stage.put(Item(batch, FrameTiming.begin(number)))
            assert wait_until(lambda number=number: len(done) + len(failed) > number)
        stage.stop()
        assert [type(error) for error in failed] == [WorkerError]
        assert len(done) == 3
        for item in done:
            np.testing.assert_array_equal(item.values, expected)

    def test_ends_when_forgotten(self):
        """No process is left of an engine that nobody has any more, or that was closed."""
        forgotten, closed = moon(), moon()
        pids = [forgotten.pid, closed.pid]
        assert all(map(is_running, pids))
        closed.close()
        del forgotten
        gc.collect()
        assert all(map(is_gone, pids))

    def test_ends_with_its_owner(self, tmp_path):
        """Also where the owner is killed, which cannot tell it anything."""
        params = tmp_path / 'random.params'
        params.write_bytes(original_formats.params(original_formats.moon(moon_symbol(), SEED)))
        symbol = FOLDER / 'lightened_moon/lightened_moon_fuse-symbol.json'
        code = (
            'import pathlib, sys, time; '
            'from face_affect_ros.originals.engines.mxnet import MxnetEngine; '
            'symbol, params = (pathlib.Path(path).read_bytes() for path in sys.argv[1:]); '
            f'engine = MxnetEngine(symbol, params, {MOON_SHAPE}, "fc2"); '
            'print(engine.pid, flush=True); time.sleep(100)'
        )
        owner = subprocess.Popen(
            [sys.executable, '-c', code, str(symbol), str(params)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
        )
        pid = int(owner.stdout.readline())
        assert is_running(pid)
        owner.kill()
        owner.wait()
        owner.stdout.close()
        assert is_gone(pid)

    @pytest.mark.parametrize('name', ['conv1_weight', 'pool2_fuse_1_bias', 'fc2_bias'])
    def test_a_missing_array(self, name):
        """Is named; no worker stays behind."""
        arrays = original_formats.moon(moon_symbol(), SEED)
        del arrays[f'arg:{name}']
        with pytest.raises(ValueError, match=f'array {name} is missing') as caught:
            moon(arrays)
        one_line(caught)

    @pytest.mark.parametrize(
        ('name', 'shape'),
        [('fc2_weight', (39, 256)), ('conv1_weight', (96, 1, 3, 3)), ('fc1_bias', (1,))],
    )
    def test_a_misshapen_array(self, name, shape):
        """Is named with both shapes."""
        arrays = original_formats.moon(moon_symbol(), SEED)
        arrays[f'arg:{name}'] = np.zeros(shape, np.float32)
        with pytest.raises(ValueError, match=f'array {name} is') as caught:
            moon(arrays)
        assert str(shape) in one_line(caught)

    def test_truncated_parameters(self):
        """The file's end is missing."""
        data = original_formats.params(original_formats.moon(moon_symbol(), SEED))
        with pytest.raises(ValueError, match='MXNet cannot load') as caught:
            MxnetEngine(moon_symbol(), data[:-100_000], MOON_SHAPE, 'fc2')
        one_line(caught)

    def test_a_python_without_mxnet(self):
        """Is named, with the commands that make one that has it."""
        with pytest.raises(FrameworkError, match='has no MXNet') as caught:
            moon(python=sys.executable)
        assert 'pip install "mxnet==1.9.1" "numpy<1.24"' in one_line(caught)


@needs_originals
class TestMxnetRefuses:
    """What is found out before any worker is started."""

    @pytest.mark.parametrize('data', [PICKLE, b'', b'\x93NUMPY'])
    def test_parameters(self, data):
        """A pickle, nothing, another format."""
        with pytest.raises(ValueError, match=r'no MXNet \.params file'):
            MxnetEngine(moon_symbol(), data, MOON_SHAPE, 'fc2')

    @pytest.mark.parametrize('symbol', [b'', b'{}', b'[]', PICKLE, b'{"nodes": [{"name": "a"}]}'])
    def test_symbols(self, symbol):
        """What is no graph, or has no such layer."""
        with pytest.raises(ValueError, match='no MXNet graph with a layer fc2'):
            MxnetEngine(symbol, original_formats.params({}), MOON_SHAPE, 'fc2')

    def test_no_environment(self, monkeypatch):
        """One line that tells how to make one."""
        monkeypatch.delenv(mxnet.PYTHON, raising=False)
        monkeypatch.setattr(mxnet, 'find_spec', lambda name: None)
        with pytest.raises(FrameworkError) as caught:
            moon()
        assert 'pip install "mxnet==1.9.1" "numpy<1.24"' in one_line(caught)
        assert mxnet.PYTHON in str(caught.value)

    def test_no_such_python(self, monkeypatch):
        """The path is named."""
        monkeypatch.setenv(mxnet.PYTHON, '/no/such/python')
        with pytest.raises(FrameworkError, match='/no/such/python') as caught:
            moon()
        one_line(caught)
