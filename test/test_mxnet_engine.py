# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""MXNet in a process of its own: what it computes, and when that process ends."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path

import numpy as np
import original_formats
import pytest
from originals import FOLDER
from originals import PICKLE
from originals import SEED
from originals import moon_symbol
from originals import needs_mxnet
from originals import needs_originals
from originals import noise_of
from originals import one_line
from waiting import wait_until

from face_affect_ros.engines.onnx import OnnxEngine
from face_affect_ros.engines.protocol import FrameworkError
from face_affect_ros.originals.engines import mxnet
from face_affect_ros.originals.engines.mxnet import MxnetEngine
from face_affect_ros.originals.engines.mxnet import WorkerError
from face_affect_ros.stream.stage import Stage
from face_affect_ros.stream.types import FrameTiming

pytestmark = pytest.mark.shared


MOON_SHAPE = (1, 1, 128, 128)


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


def is_gone(pid: int) -> bool:
    """Wait until a process is gone; return whether that came soon."""
    return wait_until(lambda: not is_running(pid))


@dataclass(frozen=True)
class Item:
    """What a stage passes on: pictures, then answers."""

    values: np.ndarray
    timing: FrameTiming


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
