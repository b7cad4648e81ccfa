# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Computes one MXNet network, in an environment that has NumPy and MXNet and nothing else.

``mxnet.py`` beside it starts it by its path, with that environment's Python, and is its owner:

    python -I mxnet_worker.py MEMORY_FD

The owner writes a line of JSON to stdin: ``symbol`` and ``params`` (numbers of bytes, which
follow), ``shape`` (of one input row with a leading 1). The answer, a line of JSON on stdout, has
the ``shape`` of one output row, or an ``error``. From then on each line asked is the number of
rows that lie at the beginning of the memory, float32; the answer says that as many output rows
lie there behind them. The worker ends with its owner.
"""

import json
import mmap
import os
import select
import sys

POLL_S = 1.0


class Refused(Exception):
    """The network's files do not fit together."""


def main():
    """Load what the owner sends, then compute until it is gone."""
    owner = os.getppid()
    memory = mmap.mmap(int(sys.argv[1]), 0)
    answers = os.fdopen(os.dup(1), 'w')
    os.dup2(2, 1)  # whatever the framework prints must not mix with answers
    questions = sys.stdin.buffer
    try:
        network = Network(memory, questions)
    except Exception as error:
        tell(answers, {'error': one_line(error)})
        return
    tell(answers, {'shape': network.output_shape})
    while wait(questions, owner):
        line = questions.readline()
        if not line:
            return
        try:
            network.compute(int(line))
            tell(answers, {})
        except Exception as error:
            tell(answers, {'error': one_line(error)})


def wait(stream, owner):
    """Wait for a line; return False where the owner has gone."""
    while not select.select([stream], [], [], POLL_S)[0]:
        if os.getppid() != owner:
            return False
    return True


def tell(stream, answer):
    """Send an answer."""
    stream.write(json.dumps(answer) + '\n')
    stream.flush()


def one_line(error):
    """Return what an error says; MXNet's begin with a traceback."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__


class Network:
    """A network and the memory that it reads from and writes to."""

    def __init__(self, memory, stream):
        """Read the owner's first line and load; raise ``Refused`` or an error of MXNet."""
        import mxnet
        import numpy

        header = json.loads(stream.readline())
        symbol = mxnet.sym.load_json(stream.read(header['symbol']).decode())
        arrays = mxnet.nd.load_frombuffer(stream.read(header['params']))
        source = symbol.list_arguments()[0]
        shape = tuple(header['shape'])
        check(symbol, arrays, {source: shape})
        self._executor = symbol.simple_bind(mxnet.cpu(), grad_req='null', **{source: shape})
        self._executor.copy_params_from(*by_kind(arrays), allow_extra_params=True)
        self._input = self._executor.arg_dict[source]
        self._input_shape, self.output_shape = shape, self._executor.outputs[0].shape
        self._memory = numpy.frombuffer(memory, numpy.float32)

    def compute(self, rows):
        """Compute rows, one by one."""
        given = self._memory[: rows * self._input.size].reshape(rows, *self._input_shape)
        size = self._executor.outputs[0].size
        for row, pixels in enumerate(given):
            self._input[:] = pixels
            self._executor.forward(is_train=False)
            place = given.size + row * size
            self._memory[place : place + size] = self._executor.outputs[0].asnumpy().ravel()


def by_kind(arrays):
    """Return arrays of arguments and of auxiliary states by their names."""
    kinds = {'arg': {}, 'aux': {}}
    for key, array in arrays.items():
        kind, _, name = key.rpartition(':')
        kinds[kind or 'arg'][name] = array
    return kinds['arg'], kinds['aux']


def check(symbol, arrays, given):
    """Raise ``Refused`` where an array is missing or is not of the shape that the graph wants."""
    if not isinstance(arrays, dict):
        raise Refused('its arrays have no names')
    try:
        arguments, auxiliary = by_kind(arrays)
    except KeyError as error:
        raise Refused(f'an array is of the unknown kind {error}') from error
    shapes, _, auxiliary_shapes = symbol.infer_shape(**given)
    wanted = [
        *zip(symbol.list_arguments(), shapes, [arguments] * len(shapes)),
        *zip(
            symbol.list_auxiliary_states(), auxiliary_shapes, [auxiliary] * len(auxiliary_shapes)
        ),
    ]
    for name, shape, found in wanted:
        if name in given:
            continue
        if name not in found:
            raise Refused(f'array {name} is missing')
        if found[name].shape != shape:
            raise Refused(f'array {name} is {found[name].shape}, the graph wants {shape}')


if __name__ == '__main__':
    main()
