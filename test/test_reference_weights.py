# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The embedded P-, R- and O-Net compute what the original weights say.

The reference is written from the paper's figure 2 for the originals as they are: transposed RGB
pictures, scaled to -1..1, channels last.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from real_crops import crops
from samples import ASTRONAUT_BOX
from samples import astronaut

from face_affect_ros.engines.onnx import OnnxEngine
from face_affect_ros.registry import catalogue

ORIGINALS = Path(__file__).resolve().parents[2] / 'shared/models/mtcnn'

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not ORIGINALS.is_dir(), reason=f'no original weights: {ORIGINALS}'),
]


class Original:
    """The layers of one original network on (N, W, H, C) float64 arrays."""

    def __init__(self, file: str):
        """Load the weights by layer."""
        self.layers = np.load(ORIGINALS / file, allow_pickle=True, encoding='latin1').item()

    def convolved(self, x: np.ndarray, layer: str) -> np.ndarray:
        """Convolve without padding."""
        kernel = self.layers[layer]['weights']
        windows = sliding_window_view(x, kernel.shape[:2], axis=(1, 2))
        return (
            np.einsum('nxycij,ijco->nxyo', windows, kernel, optimize=True)
            + self.layers[layer]['biases']
        )

    def rectified(self, x: np.ndarray, layer: str) -> np.ndarray:
        """Keep what is above 0 and a learned share, a channel each, of what is below."""
        return np.where(x > 0, x, x * self.layers[layer]['alpha'])

    def dense(self, x: np.ndarray, layer: str) -> np.ndarray:
        """Multiply with a matrix; maps are flattened as they lie."""
        return x.reshape(len(x), -1) @ self.layers[layer]['weights'] + self.layers[layer]['biases']


def pooled(x: np.ndarray, size: int) -> np.ndarray:
    """Take maxima at stride 2; an incomplete last window counts."""
    missing = [-(-(length - size) // 2) * 2 + size - length for length in x.shape[1:3]]
    padded = np.pad(x, ((0, 0), (0, missing[0]), (0, missing[1]), (0, 0)), constant_values=-np.inf)
    return sliding_window_view(padded, (size, size), axis=(1, 2))[:, ::2, ::2].max(axis=(4, 5))


def face_probability(x: np.ndarray) -> np.ndarray:
    """Return the second class's share of a softmax over the last axis."""
    return 1 / (1 + np.exp(x[..., 0] - x[..., 1]))


def as_the_originals_want(bgr: np.ndarray) -> np.ndarray:
    """Return (N, W, H, 3) RGB of about -1..1 from (N, H, W, 3) BGR."""
    return (bgr[..., ::-1].transpose(0, 2, 1, 3).astype(np.float64) - 127.5) * 0.0078125


def p_net(bgr: np.ndarray) -> list[np.ndarray]:
    """Compute P-Net: probability (N, H, W) and offsets (N, 4, H, W)."""
    net, x = Original('det1.npy'), as_the_originals_want(bgr)
    x = pooled(net.rectified(net.convolved(x, 'conv1'), 'PReLU1'), 2)
    x = net.rectified(net.convolved(x, 'conv2'), 'PReLU2')
    x = net.rectified(net.convolved(x, 'conv3'), 'PReLU3')
    probability = face_probability(net.convolved(x, 'conv4-1'))
    return [probability.transpose(0, 2, 1), net.convolved(x, 'conv4-2').transpose(0, 3, 2, 1)]


def r_net(bgr: np.ndarray) -> list[np.ndarray]:
    """Compute R-Net: probability (N,) and offsets (N, 4)."""
    net, x = Original('det2.npy'), as_the_originals_want(bgr)
    x = pooled(net.rectified(net.convolved(x, 'conv1'), 'prelu1'), 3)
    x = pooled(net.rectified(net.convolved(x, 'conv2'), 'prelu2'), 3)
    x = net.rectified(net.convolved(x, 'conv3'), 'prelu3')
    x = net.rectified(net.dense(x, 'conv4'), 'prelu4')
    return [face_probability(net.dense(x, 'conv5-1')), net.dense(x, 'conv5-2')]


def o_net(bgr: np.ndarray) -> list[np.ndarray]:
    """Compute O-Net: probability (N,), offsets (N, 4) and landmarks (N, 10)."""
    net, x = Original('det3.npy'), as_the_originals_want(bgr)
    x = pooled(net.rectified(net.convolved(x, 'conv1'), 'prelu1'), 3)
    x = pooled(net.rectified(net.convolved(x, 'conv2'), 'prelu2'), 3)
    x = pooled(net.rectified(net.convolved(x, 'conv3'), 'prelu3'), 2)
    x = net.rectified(net.convolved(x, 'conv4'), 'prelu4')
    x = net.rectified(net.dense(x, 'conv5'), 'prelu5')
    return [
        face_probability(net.dense(x, 'conv6-1')),
        net.dense(x, 'conv6-2'),
        net.dense(x, 'conv6-3'),
    ]


REFERENCES = {'mtcnn_pnet': p_net, 'mtcnn_rnet': r_net, 'mtcnn_onet': o_net}


def embedded(name: str, bgr: np.ndarray) -> tuple[np.ndarray, ...]:
    """Run the embedded network on pictures; R- and O-Net cut them out of one wide picture.

    P-Net takes pictures transposed and gives maps transposed, as the originals do.
    """
    engine = OnnxEngine(catalogue.read_weights(name))
    centred = bgr.astype(np.float32) - 127.5
    if name == 'mtcnn_pnet':
        return tuple(maps.swapaxes(-1, -2) for maps in engine.run(centred.transpose(0, 3, 2, 1)))
    count, size = bgr.shape[:2]
    wide = centred.transpose(3, 1, 0, 2).reshape(1, 3, size, count * size)
    left = np.arange(count, dtype=np.float32)[:, None] * size
    return engine.run(wide, np.concatenate([left, 0 * left, left + size, 0 * left + size], axis=1))


def face_patches(size: int) -> np.ndarray:
    """Return the astronaut's face and two near misses, (3, size, size, 3) uint8."""
    x, y, _, height = (int(value) for value in ASTRONAUT_BOX)
    cuts = [
        astronaut()[y + dy : y + dy + height, x - 12 + dx : x + 100 + dx]
        for dx, dy in ((0, 0), (40, 10), (-60, 50))
    ]
    return np.stack([cv2.resize(cut, (size, size), interpolation=cv2.INTER_AREA) for cut in cuts])


def noise(*shape: int) -> np.ndarray:
    """Return random pictures, (N, H, W, 3) uint8."""
    return np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8)


@pytest.mark.parametrize(
    ('name', 'pictures'),
    [
        ('mtcnn_pnet', noise(1, 12, 12)),
        ('mtcnn_pnet', noise(1, 13, 12)),
        ('mtcnn_pnet', noise(1, 12, 15)),
        ('mtcnn_pnet', noise(2, 37, 52)),
        ('mtcnn_pnet', noise(1, 64, 33)),
        ('mtcnn_pnet', astronaut()[None, ::8, ::8]),
        ('mtcnn_rnet', noise(4, 24, 24)),
        ('mtcnn_rnet', face_patches(24)),
        ('mtcnn_onet', noise(4, 48, 48)),
        ('mtcnn_onet', face_patches(48)),
    ],
    ids=lambda value: value if isinstance(value, str) else 'x'.join(map(str, value.shape)),
)
def test_same_outputs_as_the_originals(name, pictures):
    """Probabilities, offsets and landmarks, from BGR pictures of 0..255, odd sizes too."""
    expected = REFERENCES[name](pictures)
    found = embedded(name, pictures)
    assert len(found) == len(expected)
    for one, other in zip(found, expected):
        assert one.dtype == np.float32
        np.testing.assert_allclose(one, other, atol=2e-4)


@pytest.mark.parametrize(
    ('name', 'file', 'size'),
    [('mtcnn_pnet', 'det1', 12), ('mtcnn_rnet', 'det2', 24), ('mtcnn_onet', 'det3', 48)],
)
def test_the_caffe_files_hold_the_same_weights(name, file, size):
    """Converted to ONNX, on a hundred faces: as the .npy files, and as the embedded networks.

    These keep their dense weights in half precision.
    """
    pytest.importorskip('onnx')
    from face_affect_ros.originals.conversion import caffe

    model = caffe.convert(
        *((ORIGINALS / f'{file}.{suffix}').read_bytes() for suffix in ('prototxt', 'caffemodel'))
    )
    pictures = crops(size)
    # Caffe's outputs in the order of their names, the probability last.
    *others, both = OnnxEngine(model.SerializeToString()).run(
        as_the_originals_want(pictures).transpose(0, 3, 1, 2).astype(np.float32)
    )
    caffes = [both[:, 1], *others]
    if name == 'mtcnn_pnet':
        caffes = [maps.swapaxes(-1, -2) for maps in caffes]
    tight, loose = REFERENCES[name](pictures), embedded(name, pictures)
    assert len(caffes) == len(tight) == len(loose)
    for one, same, stored in zip(caffes, tight, loose):
        np.testing.assert_allclose(one, same, atol=1e-5 * np.abs(same).max())
        np.testing.assert_allclose(one, stored, atol=1e-3)


@pytest.mark.parametrize(('name', 'size'), [('mtcnn_rnet', 24), ('mtcnn_onet', 48)])
def test_colours_matter(name, size):
    """The comparison would show pictures in RGB order, mirrored or transposed."""
    expected, *_ = REFERENCES[name](noise(4, size, size))
    for wrong in (
        noise(4, size, size)[..., ::-1],
        noise(4, size, size)[:, :, ::-1],
        noise(4, size, size).transpose(0, 2, 1, 3),
    ):
        assert np.abs(embedded(name, wrong)[0] - expected).max() > 1e-3


@pytest.mark.parametrize(('name', 'size'), [('mtcnn_rnet', 24), ('mtcnn_onet', 48)])
def test_beside_the_picture_all_is_grey(name, size):
    """Which the originals were trained with: half of 0..255."""
    picture = noise(1, 60, 60)[0].astype(np.float32).transpose(2, 0, 1)[None] - 127.5
    far = np.array([[-90, 5, -90 + size, 5 + size], [5, 70, 5 + size, 70 + size]], np.float32)
    expected = REFERENCES[name](np.full((2, size, size, 3), 127.5))
    for one, other in zip(OnnxEngine(catalogue.read_weights(name)).run(picture, far), expected):
        np.testing.assert_allclose(one, other, atol=2e-4)


def test_a_face_is_told_from_its_surroundings():
    """The references themselves are networks that see faces."""
    probability, _, landmarks = o_net(face_patches(48))
    assert probability[0] > 0.9 > 0.1 > probability[2]
    assert ((landmarks[0] > 0) & (landmarks[0] < 1)).all()
