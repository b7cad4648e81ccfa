# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The end of a single-shot detector (Liu et al. 2016): prior boxes, decoding, suppression.

As OpenCV computes it (modules/dnn/src/layers: prior_box_layer.cpp, detection_output_layer.cpp).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from face_affect_ros.originals.conversion.arrays import ConversionError
from face_affect_ros.originals.conversion.layers import Layers


@dataclass(frozen=True)
class PriorSpec:
    """The prior boxes of one map.

    :param least: side of the small square, in pixels of the input.
    :param most: the large square's side is the mean (geometric) of both.
    :param ratios: width to height of further boxes, each also the other way round.
    :param step: pixels from one cell to the next.
    :param offset: where in its cell a box has its centre.
    """

    least: float
    most: float
    ratios: tuple[float, ...]
    step: float
    offset: float


@dataclass(frozen=True)
class Suppression:
    """Which boxes are kept.

    :param confidence: a kept box is surer than this.
    :param overlap: and overlaps a surer one at most so much (intersection over union).
    :param considered: only so many of the surest are looked at.
    :param kept: at most so many are given.
    """

    confidence: float
    overlap: float
    considered: int
    kept: int


def priors(spec: PriorSpec, rows: int, columns: int, width: int, height: int) -> np.ndarray:
    """Return a map's prior boxes, (rows * columns * kinds, 4): centre and size, relative."""
    sides = [(spec.least, spec.least), (np.sqrt(spec.least * spec.most),) * 2]
    for ratio in spec.ratios:
        longer, shorter = spec.least * np.sqrt(ratio), spec.least / np.sqrt(ratio)
        sides += [(longer, shorter), (shorter, longer)]
    y, x = np.mgrid[:rows, :columns].reshape(2, -1, 1)
    x, y = (x + spec.offset) * spec.step, (y + spec.offset) * spec.step
    widths, heights = np.broadcast_arrays(*np.array(sides).T[:, None], x)[:2]
    x, y = np.broadcast_to(x, widths.shape), np.broadcast_to(y, widths.shape)
    return np.stack([x / width, y / height, widths / width, heights / height], -1).reshape(-1, 4)


def detections(
    layers: Layers,
    offsets: str,
    scores: str,
    boxes: np.ndarray,
    variances: np.ndarray,
    suppression: Suppression,
    name: str,
) -> str:
    """Add the detector's end; return its output.

    Output: (1, 1, faces, 7): number of the picture, class 1, confidence, left, top, right, bottom
    relative to the picture, the surest first.

    :param offsets: (batch, 4 * boxes).
    :param scores: (batch, 2 * boxes), background and face.
    :param boxes: prior boxes, centre and size.
    :param variances: factors of the offsets, (4,).
    :raises ConversionError: there is another number of offsets or scores.
    """
    count = len(boxes)
    if (layers.shapes[offsets], layers.shapes[scores]) != ((4 * count,), (2 * count,)):
        raise ConversionError(
            f'{count} prior boxes do not go with {layers.shapes[offsets]} '
            f'offsets and {layers.shapes[scores]} scores'
        )
    corners = _decoded(layers, offsets, boxes, variances)
    face = _face_scores(layers, scores)
    looked = layers.constant('considered', np.array([min(suppression.considered, count)]))
    layers.add_many('TopK', face, looked, names=['surest', 'surest.places'], axis=1)
    places = layers.add('Unsqueeze', 'surest.places', _number(layers, 2), name='surest.rows')
    chosen = layers.add('GatherND', corners, places, name='surest.boxes', batch_dims=1)
    one_class = layers.add('Unsqueeze', 'surest', _number(layers, 1), name='surest.class')
    kept = layers.add(
        'NonMaxSuppression',
        chosen,
        one_class,
        layers.constant('kept.most', np.array([suppression.kept])),
        layers.constant('kept.overlap', np.array([suppression.overlap], np.float32)),
        layers.constant('kept.confidence', np.array([suppression.confidence], np.float32)),
        name='kept',
    )
    return _table(layers, kept, chosen, name)


def _decoded(layers: Layers, offsets: str, boxes: np.ndarray, variances: np.ndarray) -> str:
    """Add the boxes that the offsets from the prior boxes mean: left, top, right, bottom."""
    centre, size = np.split(boxes, 2, axis=1)
    shaped = layers.add(
        'Reshape', offsets, layers.constant('offsets.shape', np.array([0, -1, 4])), name='offsets'
    )
    layers.add_many('Split', shaped, names=['shift', 'growth'], axis=2)
    moved = layers.add(
        'Mul', 'shift', _constant(layers, 'shift.by', variances[:2] * size), name='moved'
    )
    middle = layers.add('Add', moved, _constant(layers, 'prior.centre', centre), name='middle')
    scaled = layers.add(
        'Mul', 'growth', _constant(layers, 'growth.by', variances[2:]), name='scaled'
    )
    half = layers.add(
        'Mul',
        layers.add('Exp', scaled, name='grown'),
        _constant(layers, 'prior.half', size / 2),
        name='half',
    )
    return layers.add(
        'Concat',
        layers.add('Sub', middle, half, name='corner.first'),
        layers.add('Add', middle, half, name='corner.last'),
        name='boxes',
        axis=2,
    )


def _face_scores(layers: Layers, scores: str) -> str:
    """Add the second of two scores of each box."""
    shaped = layers.add(
        'Reshape', scores, layers.constant('scores.shape', np.array([0, -1, 2])), name='scores'
    )
    return layers.add(
        'Gather', shaped, layers.constant('face.class', np.array(1)), name='face', axis=2
    )


def _table(layers: Layers, kept: str, boxes: str, name: str) -> str:
    """Add the table of what is kept, (picture, class, box) by number."""
    rows = layers.add(
        'Gather', kept, layers.constant('kept.columns', np.array([0, 2])), name='kept.rows', axis=1
    )
    layers.add_many('Split', rows, names=['picture.number', 'box.number'], axis=1)
    picture = layers.add('Cast', 'picture.number', name='picture', to=1)
    label = layers.add(
        'Add',
        layers.add('Mul', picture, _constant(layers, 'zero', np.zeros(1)), name='no.label'),
        _constant(layers, 'one', np.ones(1)),
        name='label',
    )
    confidence = layers.add(
        'Unsqueeze',
        layers.add('GatherND', 'surest', rows, name='sure'),
        _number(layers, 1),
        name='confidence',
    )
    table = layers.add(
        'Concat',
        picture,
        label,
        confidence,
        layers.add('GatherND', boxes, rows, name='kept.boxes'),
        name='table',
        axis=1,
    )
    return layers.add(
        'Unsqueeze', table, layers.constant('table.axes', np.array([0, 1])), name=name
    )


def _constant(layers: Layers, name: str, array: np.ndarray) -> str:
    """Add a float32 constant."""
    return layers.constant(name, array.astype(np.float32))


def _number(layers: Layers, axis: int) -> str:
    """Return a constant with the number of an axis."""
    name = f'axis{axis}'
    if all(constant.name != name for constant in layers.constants):
        layers.constant(name, np.array([axis]))
    return name
