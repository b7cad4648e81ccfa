# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""MXNet as an engine, in a process and an environment of its own.

MXNet 1.9.1, the last there will be, needs NumPy < 1.24. So it never runs here: a worker
(``mxnet_worker.py``) is started with the Python of an environment that has both, named by the
environment variable ``FACE_AFFECT_MXNET_PYTHON``; pictures and answers lie in memory that both
share. Such an environment is made by

    python3.11 -m venv mxnet_env && mxnet_env/bin/pip install "mxnet==1.9.1" "numpy<1.24"
"""

from __future__ import annotations

import json
import mmap
import os
import select
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Sequence
from importlib.util import find_spec
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from face_affect_ros.engines.protocol import FrameworkError

PYTHON = 'FACE_AFFECT_MXNET_PYTHON'
"""Environment variable: the Python that has MXNet."""

REMEDY = (
    'python3.11 -m venv mxnet_env && mxnet_env/bin/pip install "mxnet==1.9.1" '
    f'"numpy<1.24" && export {PYTHON}=$PWD/mxnet_env/bin/python'
)

WORKER = Path(__file__).with_name('mxnet_worker.py')

PARAMS = (0x112).to_bytes(8, 'little')
"""What every ``.params`` file begins with."""

MEMORY = 16 * 2**20
"""Bytes shared with the worker; those that no batch reaches take no memory."""

START_TIMEOUT_S = 120.0
RUN_TIMEOUT_S = 60.0


class WorkerError(RuntimeError):
    """The worker ended or did not answer while it computed; the next picture has a new one."""


class MxnetEngine:
    """One MXNet network on the CPU: one input, one output, rows computed one by one.

    :param symbol: the graph's JSON.
    :param params: its ``.params`` file.
    :param shape: of a batch of one, (1, C, H, W).
    :param output: name of the layer that is read, what comes behind it is cut off; empty: the
        graph's own end.
    :param threads: threads that compute, at least 1.
    :param python: the Python that has MXNet; empty: as ``FACE_AFFECT_MXNET_PYTHON`` says, else
        this one where it has MXNet.
    :raises FrameworkError: there is no such Python, or MXNet does not run there.
    :raises ValueError: the files are no network, or an array is missing or misshapen.
    """

    def __init__(
        self,
        symbol: bytes,
        params: bytes,
        shape: Sequence[int],
        output: str = '',
        threads: int = 1,
        python: str = '',
    ):
        """Start the worker and load the network."""
        if not params.startswith(PARAMS):
            raise ValueError('the parameters are no MXNet .params file')
        graph = until(symbol, output)
        header = {'symbol': len(graph), 'params': len(params), 'shape': list(shape)}
        sent = json.dumps(header).encode() + b'\n' + graph + params
        self._command = _python(python), sent, threads
        self._shape = tuple(shape)
        self._lock = threading.Lock()
        self._worker = _Worker(*self._command)
        try:
            self._rows_at_once(self._worker.ready())
        except Exception:
            self._worker.end()
            raise

    def run(self, *inputs: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return the output for the one (N, C, H, W) float32 input.

        :raises WorkerError: the worker ended or hangs; a new one is started.
        :raises FrameworkError: the one that was started then did not come up; one more is.
        :raises ValueError: the input has another shape.
        """
        (batch,) = inputs
        if batch.shape[1:] != self._shape[1:]:
            raise ValueError(
                f'input of shape {batch.shape}, expected (N, '
                f'{", ".join(map(str, self._shape[1:]))})'
            )
        with self._lock:
            try:
                output_shape = self._worker.ready()
                most = self._rows_at_once(output_shape)
                parts = [
                    self._worker.compute(batch[start : start + most], output_shape)
                    for start in range(0, len(batch), most)
                ]
            except (WorkerError, FrameworkError):
                self._worker.end()
                self._worker = _Worker(*self._command)
                raise
        return (np.concatenate(parts or [np.empty((0, *output_shape[1:]), np.float32)]),)

    @property
    def pid(self) -> int:
        """Process id of the worker that computes now."""
        return self._worker.pid

    def close(self) -> None:
        """End the worker; also done when the engine is forgotten."""
        self._worker.end()

    def _rows_at_once(self, output_shape: Sequence[int]) -> int:
        """Return how many rows of input and output fit into the memory; raise where none does."""
        rows = MEMORY // (4 * (prod(self._shape) + prod(output_shape)))
        if not rows:
            raise ValueError(f'one input of shape {self._shape} does not fit into {MEMORY} bytes')
        return rows


class _Worker:
    """One process. It ends when it is told to, is forgotten, or its owner is gone."""

    def __init__(self, python: str, sent: bytes, threads: int):
        """Start it and send it the network, without waiting for an answer."""
        descriptor = _memory()
        self._log = tempfile.TemporaryFile()
        self._python = python
        try:
            self._process = subprocess.Popen(
                [python, '-I', str(WORKER), str(descriptor)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                pass_fds=[descriptor],
                env={**os.environ, 'OMP_NUM_THREADS': str(threads)},
                bufsize=0,
            )
            self._memory = np.frombuffer(mmap.mmap(descriptor, MEMORY), np.float32)
        except OSError as error:
            raise FrameworkError(
                f'MXNet has no Python {python} ({error.strerror}): {REMEDY}'
            ) from error
        finally:
            os.close(descriptor)
        self._questions: Any = self._process.stdin
        self._answers: Any = self._process.stdout
        self._output_shape: tuple[int, ...] | None = None
        self._end = weakref.finalize(self, _end, self._process)
        # A thread sends: the worker reads only when MXNet is imported, seconds from now.
        threading.Thread(target=self._send, args=(sent,), daemon=True).start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def ready(self) -> tuple[int, ...]:
        """Wait until the network is loaded and return the shape of a row of its output.

        :raises FrameworkError: MXNet does not run there.
        :raises ValueError: MXNet refuses the network.
        """
        if self._output_shape is None:
            try:
                answer = self._answer(START_TIMEOUT_S)
            except WorkerError as error:
                raise FrameworkError(f'MXNet did not start ({error}): {REMEDY}') from error
            if 'No module named' in answer.get('error', ''):
                raise FrameworkError(f'{self._python} has no MXNet ({answer["error"]}): {REMEDY}')
            if 'error' in answer:
                raise ValueError(f'MXNet cannot load the network: {answer["error"]}')
            self._output_shape = tuple(answer['shape'])
        return self._output_shape

    def compute(self, batch: np.ndarray, output_shape: Sequence[int]) -> np.ndarray:
        """Return the output of as many rows as fit into the memory."""
        self._memory[: batch.size] = batch.ravel()
        self._send(b'%d\n' % len(batch))
        answer = self._answer(RUN_TIMEOUT_S)
        if 'error' in answer:
            raise ValueError(f'MXNet cannot compute the network: {answer["error"]}')
        size = len(batch) * prod(output_shape)
        found = self._memory[batch.size : batch.size + size].copy()
        return found.reshape(len(batch), *output_shape[1:])

    def end(self) -> None:
        """End the process and wait for its end."""
        self._end()

    def _send(self, data: bytes) -> None:
        """Write to it; that it is gone shows when its answer is read."""
        view = memoryview(data)
        try:
            while view:
                view = view[self._questions.write(view) :]
        except (OSError, ValueError):
            pass

    def _answer(self, timeout: float) -> dict[str, Any]:
        """Return its next answer; raise ``WorkerError`` where none comes."""
        line, until_time = b'', time.monotonic() + timeout
        while not line.endswith(b'\n'):
            left = until_time - time.monotonic()
            if left <= 0 or not select.select([self._answers], [], [], left)[0]:
                raise WorkerError(f'the MXNet worker did not answer within {timeout:g} s')
            part = self._answers.read(65536)
            if not part:
                raise WorkerError(self._exit_reason())
            line += part
        return json.loads(line)

    def _exit_reason(self) -> str:
        """Return how it ended, and its last words where it was not killed."""
        code = self._process.wait()
        if code < 0:
            return f'the MXNet worker was ended by signal {-code}'
        self._log.seek(0)
        words = self._log.read().decode(errors='replace').strip().splitlines()
        return f'the MXNet worker ended with code {code}' + (f': {words[-1]}' if words else '')


def until(symbol: bytes, output: str) -> bytes:
    """Return a graph's JSON cut off behind a layer; whole where none is named.

    :raises ValueError: it is no graph, or has no such layer.
    """
    try:
        graph = json.loads(symbol)
        names = [node['name'] for node in graph['nodes']]
        if not output:
            return symbol
        last = names.index(output)
        graph['nodes'] = graph['nodes'][: last + 1]
        graph['arg_nodes'] = [index for index in graph['arg_nodes'] if index <= last]
        graph.pop('node_row_ptr', None)
        graph['heads'] = [[last, 0]]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            'the symbol is no MXNet graph' + (f' with a layer {output}' if output else '')
        ) from error
    return json.dumps(graph).encode()


def _python(given: str) -> str:
    """Return the Python that has MXNet."""
    python = given or os.environ.get(PYTHON) or (sys.executable if find_spec('mxnet') else '')
    if not python:
        raise FrameworkError(
            f'MXNet is not installed, it needs an environment of its own: {REMEDY}'
        )
    return python


def _memory() -> int:
    """Return a descriptor of new memory that has no name and so leaves nothing behind."""
    if hasattr(os, 'memfd_create'):
        descriptor = os.memfd_create('face_affect_mxnet', 0)
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    os.ftruncate(descriptor, MEMORY)
    return descriptor


def _end(process: subprocess.Popen) -> None:
    """Kill a process, which has nothing to lose, and collect it."""
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
