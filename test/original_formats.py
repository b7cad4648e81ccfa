# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Network files in the originals' own formats, with seeded random weights."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Mapping
from math import prod

import numpy as np

TYPES = {'float32': 0, 'float64': 1, 'float16': 2, 'uint8': 3, 'int32': 4, 'int8': 5, 'int64': 6}
"""MXNet's type flags."""

MAGIC = {'v1': 0xF993FAC8, 'v2': 0xF993FAC9, 'v3': 0xF993FACA}

Arrays = Mapping[str, np.ndarray]


def params(arrays: Arrays, form: str = 'v2') -> bytes:
    """Return MXNet's .params file; ``form``: v2 as 1.x writes it, v1, or legacy as in 2016."""
    body = b''.join(_ndarray(array, form) for array in arrays.values())
    names = b''.join(_text(name) for name in arrays)
    count = struct.pack('<Q', len(arrays))
    return struct.pack('<QQ', 0x112, 0) + count + body + count + names


def _ndarray(array: np.ndarray, form: str) -> bytes:
    """Return one array."""
    if form == 'legacy':
        head = struct.pack(f'<I{array.ndim}I', array.ndim, *array.shape)
    else:
        storage = b'' if form == 'v1' else struct.pack('<i', 0)
        head = (
            struct.pack('<I', MAGIC[form])
            + storage
            + struct.pack(f'<i{array.ndim}q', array.ndim, *array.shape)
        )
    return head + struct.pack('<iii', 1, 0, TYPES[array.dtype.name]) + array.tobytes()


def _text(name: str) -> bytes:
    """Return a text with its length."""
    return struct.pack('<Q', len(name)) + name.encode()


def caffemodel(layers: Mapping[str, list[np.ndarray]], old: bool = True) -> bytes:
    """Return Caffe's weights by layer; ``old``: as before 2014, with four lengths a blob."""
    parts = []
    for name, arrays in layers.items():
        blobs = b''.join(_field(6 if old else 7, _blob(array, old)) for array in arrays)
        parts.append(_field(2 if old else 100, _field(4 if old else 1, name.encode()) + blobs))
    return b''.join(parts)


def _blob(array: np.ndarray, old: bool) -> bytes:
    """Return one BlobProto."""
    data = _field(5, array.astype('<f4').tobytes())
    if old:
        lengths = (*(1 for _ in range(4 - array.ndim)), *array.shape)
        return (
            b''.join(
                _varint(number << 3) + _varint(length) for number, length in enumerate(lengths, 1)
            )
            + data
        )
    return data + _field(7, _field(1, b''.join(_varint(length) for length in array.shape)))


def _field(number: int, data: bytes) -> bytes:
    """Return a protocol buffer's field of bytes."""
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    """Return a number of variable length."""
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def random_weights(shapes: Mapping[str, tuple[int, ...]], seed: int) -> dict[str, np.ndarray]:
    """Return arrays that keep the size of what goes through them; one axis: biases."""
    rng = np.random.default_rng(seed)
    return {
        name: (
            rng.normal(0, 0.05, shape)
            if len(shape) == 1
            else rng.normal(0, np.sqrt(2 / prod(shape[1:])), shape)
        ).astype(np.float32)
        for name, shape in shapes.items()
    }


LEVI_HASSNER = {
    'conv1': (96, 3, 7, 7),
    'conv2': (256, 96, 5, 5),
    'conv3': (384, 256, 3, 3),
    'fc6': (512, 384 * 7 * 7),
    'fc7': (512, 512),
}
"""Shapes of the weights of Levi and Hassner's networks but for the last layer, fc8."""


def levi_hassner(classes: int, seed: int) -> dict[str, list[np.ndarray]]:
    """Return weights and biases by layer of AgeNet (8 classes) or GenderNet (2)."""
    kernels = random_weights({**LEVI_HASSNER, 'fc8': (classes, 512)}, seed)
    biases = random_weights({name: array.shape[:1] for name, array in kernels.items()}, seed + 1)
    # Pictures come as 0..255: the first layer brings them to about 1.
    kernels['conv1'] /= 64
    return {name: [kernels[name], biases[name]] for name in kernels}


def moon_shapes(symbol: bytes) -> dict[str, tuple[int, ...]]:
    """Return the shapes of MOON's arrays, worked out from its graph by hand."""
    nodes = json.loads(symbol)['nodes']
    filters = {
        node['name']: (int(node['param']['num_filter']), _size(node['param']['kernel']))
        for node in nodes
        if node['op'] == 'Convolution'
    }
    channels = {
        'conv1': 1,
        'conv2_r': 48,
        'conv2': 48,
        'conv3_r': 96,
        'conv3': 96,
        'conv4_r': 192,
        'conv4': 192,
        'conv5_r': 128,
        'conv5': 128,
        'pool4_fuse_1': 128,
        'pool3_fuse_1': 192,
        'pool2_fuse_1': 96,
        'pool2_fuse_2': 192,
    }
    shapes = {}
    for name, (count, size) in filters.items():
        shapes[f'{name}_weight'] = (count, channels[name], size, size)
        shapes[f'{name}_bias'] = (count,)
    return {
        **shapes,
        'fc1_weight': (512, 2 * 128 * 4 * 4),
        'fc1_bias': (512,),
        'fc2_weight': (40, 256),
        'fc2_bias': (40,),
    }


def _size(text: str) -> int:
    """Return the side of a square kernel."""
    return int(text.strip('()').split(',')[0])


def moon(symbol: bytes, seed: int) -> dict[str, np.ndarray]:
    """Return MOON's arrays under the names that its .params file has."""
    return {
        f'arg:{name}': array for name, array in random_weights(moon_shapes(symbol), seed).items()
    }


SIMPLE_CNN = ((16, 7), (32, 5), (64, 3), (128, 3))
"""Filters and kernel sides of the blocks of oarriaga's simple_CNN, whose files are not at hand."""


def simple_cnn(classes: int, seed: int, keep: float = 1.0, listed: bool = True) -> bytes:
    """Return an HDF5 file as Keras 2 wrote a sequential model: a smaller simple_CNN.

    :param keep: share of the layers' weights that is written.
    :param listed: as Keras 2.0.5 wrote it, as a bare list without an input layer, which Keras 3
        cannot read any more.
    """
    import h5py

    layers, arrays, channels = [], {}, 1
    for place, (filters, side) in enumerate(SIMPLE_CNN):
        layers += _block(place, filters, side)
        arrays[f'conv_{place}'] = {'kernel': (side, side, channels, filters), 'bias': (filters,)}
        arrays[f'norm_{place}'] = {
            part: (filters,) for part in ('gamma', 'beta', 'moving_mean', 'moving_variance')
        }
        channels = filters
    shape = {'batch_input_shape': [None, 48, 48, 1]}
    if listed:
        layers[0]['config'].update(shape)
    else:
        layers.insert(0, _layer('InputLayer', 'picture', dtype='float32', **shape))
    layers += [
        _conv('conv_last', classes, 3),
        _layer('GlobalAveragePooling2D', 'mean'),
        _layer('Activation', 'predictions', activation='softmax'),
    ]
    arrays['conv_last'] = {'kernel': (3, 3, channels, classes), 'bias': (classes,)}
    stream = io.BytesIO()
    with h5py.File(stream, 'w') as file:
        file.attrs['keras_version'], file.attrs['backend'] = b'2.0.5', b'tensorflow'
        file.attrs['model_config'] = json.dumps(
            {
                'class_name': 'Sequential',
                'config': layers if listed else {'name': 'sequential_1', 'layers': layers},
            }
        ).encode()
        _write_weights(file, layers, arrays, np.random.default_rng(seed), keep)
    return stream.getvalue()


def _write_weights(file, layers, arrays, rng, keep: float) -> None:
    """Write every layer's group."""
    groups = file.create_group('model_weights')
    names = [layer['config']['name'] for layer in layers]
    groups.attrs['layer_names'] = [name.encode() for name in names]
    groups.attrs['keras_version'], groups.attrs['backend'] = b'2.0.5', b'tensorflow'
    for place, name in enumerate(names):
        group, shapes = groups.create_group(name), arrays.get(name, {})
        paths = [f'{name}/{part}:0' for part in shapes]
        group.attrs['weight_names'] = [path.encode() for path in paths]
        if place < keep * len(names):
            for path, shape in zip(paths, shapes.values()):
                group[path] = _keras_array(rng, path, shape)


def _keras_array(rng, path: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return an array; variances and scales are about 1."""
    about_one = 'variance' in path or 'gamma' in path
    values = (
        rng.uniform(0.7, 1.4, shape)
        if about_one
        else rng.normal(0, np.sqrt(1 / prod(shape[:-1])) if len(shape) > 1 else 0.1, shape)
    )
    return values.astype(np.float32)


def _block(place: int, filters: int, side: int) -> list[dict]:
    """Return one block's layers."""
    return [
        _conv(f'conv_{place}', filters, side),
        _layer(
            'BatchNormalization',
            f'norm_{place}',
            axis=-1,
            epsilon=0.001,
            momentum=0.99,
            scale=True,
            center=True,
        ),
        _layer('Activation', f'relu_{place}', activation='relu'),
        _layer(
            'AveragePooling2D',
            f'pool_{place}',
            pool_size=[2, 2],
            strides=[2, 2],
            padding='same',
            data_format='channels_last',
        ),
        _layer('Dropout', f'drop_{place}', rate=0.5),
    ]


def _conv(name: str, filters: int, side: int) -> dict:
    """Return a convolution."""
    return _layer(
        'Conv2D',
        name,
        filters=filters,
        kernel_size=[side, side],
        strides=[1, 1],
        padding='same',
        data_format='channels_last',
        dilation_rate=[1, 1],
        activation='linear',
        use_bias=True,
    )


def _layer(kind: str, name: str, **config) -> dict:
    """Return a layer's configuration."""
    return {'class_name': kind, 'config': {'name': name, 'trainable': True, **config}}
