# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Original networks for tests: the real ones beside the checkout, and random weights in the files'
own formats for those whose real ones cannot be had."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).resolve().parents[2] / 'shared/models'
MOON = 'lightened_moon/lightened_moon_fuse-symbol.json'

needs_originals = pytest.mark.skipif(not FOLDER.is_dir(), reason=f'no original networks: {FOLDER}')
needs_mxnet = pytest.mark.skipif(
    not os.environ.get('FACE_AFFECT_MXNET_PYTHON'),
    reason='no MXNet: FACE_AFFECT_MXNET_PYTHON names no Python that has it')


def moon_symbol() -> bytes:
    """Return the lightened MOON's graph."""
    return (FOLDER / MOON).read_bytes()


def moon_shapes() -> dict[str, tuple[int, ...]]:
    """Return the shapes of its arrays, worked out from the graph's own sizes."""
    graph = json.loads(moon_symbol())
    nodes = graph['nodes']
    shapes, channels, side = {}, {0: 1}, {0: 128}
    for index, node in enumerate(nodes):
        size = node.get('param') or {}
        sources = [source for source, _ in node['inputs']]
        if node['op'] == 'null' or node['op'] == 'MoonOutput':
            continue
        before = sources[0]
        channels[index], side[index] = channels[before], side[before]
        if node['op'] == 'Convolution':
            count, kernel = int(size['num_filter']), int(size['kernel'].strip('()').split(',')[0])
            pad = int(size['pad'].strip('()').split(',')[0])
            shapes[f'{node["name"]}_weight'] = (count, channels[before], kernel, kernel)
            shapes[f'{node["name"]}_bias'] = (count,)
            channels[index], side[index] = count, side[before] + 2 * pad - kernel + 1
        elif node['op'] == 'Pooling':
            side[index] = side[before] // 2
        elif node['op'] == 'Concat':
            channels[index] = sum(channels[source] for source in sources)
        elif node['op'] == 'SliceChannel':
            channels[index] = channels[before] // 2
        elif node['op'] == 'FullyConnected':
            count = int(size['num_hidden'])
            shapes[f'{node["name"]}_weight'] = (count, channels[before] * side[before] ** 2)
            shapes[f'{node["name"]}_bias'] = (count,)
            channels[index], side[index] = count, 1
    return shapes


def moon_arrays(seed: int = 0) -> dict[str, np.ndarray]:
    """Return random arrays of the lightened MOON that keep its outputs about -2..2."""
    random = np.random.default_rng(seed)
    return {name: _random(random, shape) for name, shape in moon_shapes().items()}


def _random(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return normal float32 values, narrower the more of them meet in one output."""
    spread = np.prod(shape[1:]) ** -0.5 if len(shape) > 1 else 0.1
    return random.normal(0, spread, shape).astype(np.float32)


def mxnet_params(arrays: dict[str, np.ndarray]) -> bytes:
    """Return a ``.params`` file as MXNet 1.x writes it.

    Source: github.com/apache/mxnet (v1.9.1), src/ndarray/ndarray.cc, NDArray::Save.
    """
    parts = [struct.pack('<QQQ', 0x112, 0, len(arrays))]
    for array in arrays.values():
        parts.append(struct.pack('<Iii', 0xF993FAC9, 0, array.ndim))
        parts.append(struct.pack(f'<{array.ndim}q', *array.shape))
        parts.append(struct.pack('<iii', 1, 0, 0) + array.astype('<f4').tobytes())
    parts.append(struct.pack('<Q', len(arrays)))
    for name in arrays:
        key = f'arg:{name}'.encode()
        parts.append(struct.pack('<Q', len(key)) + key)
    return b''.join(parts)


def caffemodel(blobs: dict[str, list[np.ndarray]]) -> bytes:
    """Return a ``.caffemodel`` with the arrays of each layer: weights and bias.

    Source: github.com/BVLC/caffe, src/caffe/proto/caffe.proto: NetParameter, LayerParameter,
    BlobProto.
    """
    return b''.join(_field(100, _field(1, name.encode()) + b''.join(
        _field(7, _field(7, _field(1, b''.join(map(_varint, array.shape))))
               + _field(5, array.astype('<f4').tobytes())) for array in arrays))
        for name, arrays in blobs.items())


def _field(number: int, content: bytes) -> bytes:
    """Return one field of a Protocol Buffers message, of the kind with a length."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    """Return a number in Protocol Buffers' groups of seven bits."""
    groups = []
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])


def levi_hassner_blobs(classes: int, seed: int = 0) -> dict[str, list[np.ndarray]]:
    """Return random arrays of AgeNet (8 classes) or GenderNet (2)."""
    random = np.random.default_rng(seed)
    shapes = {'conv1': (96, 3, 7, 7), 'conv2': (256, 96, 5, 5), 'conv3': (384, 256, 3, 3),
              'fc6': (512, 384 * 7 * 7), 'fc7': (512, 512), 'fc8': (classes, 512)}
    blobs = {name: [_random(random, shape), _random(random, shape[:1])]
             for name, shape in shapes.items()}
    blobs['conv1'][0] /= 60  # pixels spread about that far
    return blobs
