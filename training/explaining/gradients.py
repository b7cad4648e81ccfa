# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Maps of what a network looks at by its gradients: Grad-CAM and guided back-propagation.

Of what is decided between labels the gradient is that of the score before the softmax, or before
the sigmoid, of an age that of the expected years. The largest value of a map is 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence

import cv2
import numpy as np
import torch

from face_affect_ros.engines.protocol import Engine
from face_affect_ros.evaluation.explanation import Decision
from face_affect_ros.evaluation.explanation import MethodLoader

from .onnx_graph import OnnxGraph
from .onnx_graph import Values

MIN_SIDE = 6
"""Feature maps that Grad-CAM looks at have at least so many places on a side. The last ones of
these networks have 2 to 4, too few for a face."""


class GradCam:
    """Grad-CAM (Selvaraju et al. 2017, section 3): feature maps, weighted by their mean gradient.

    Of the last feature maps of at least ``MIN_SIDE`` on each way to the decision.

    :param data: the network's ONNX file.
    :raises GraphError: it has an operator that is not known.
    """

    def __init__(self, _engine: Engine, data: bytes):
        """Read the network."""
        self._graph = OnnxGraph(data)

    def influences(self, crop: np.ndarray, decisions: Sequence[Decision]) -> list[np.ndarray]:
        """Return the (S, S) float32 map of each decision, 0 to 1."""
        image = _image(crop)
        with torch.no_grad():
            values = self._graph.run(image)
        return [self._of(decision, image, values) for decision in decisions]

    def _of(self, decision: Decision, image: torch.Tensor, values: Values) -> np.ndarray:
        scores = _scores(self._graph, decision)
        names = sorted(self._graph.maps_before(scores, values, MIN_SIDE))
        values = self._graph.run(image, leaves=names)
        maps = [values[name] for name in names]
        gradients = torch.autograd.grad(_value(values[scores], decision), maps)
        size = image.shape[1]
        found = sum(_enlarged(_weighted(*each), size) for each in zip(maps, gradients))
        return _scaled(np.maximum(found, 0))


class GuidedBackpropagation:
    """Guided back-propagation (Springenberg et al. 2014, section 3.4).

    The gradient of the decision by each pixel, in which rectifiers let only positive gradients
    pass; of a pixel's colours the largest one, without its sign.

    :param data: the network's ONNX file.
    :raises GraphError: it has an operator that is not known.
    """

    def __init__(self, _engine: Engine, data: bytes):
        """Read the network."""
        self._graph = OnnxGraph(data)

    def influences(self, crop: np.ndarray, decisions: Sequence[Decision]) -> list[np.ndarray]:
        """Return the (S, S) float32 map of each decision, 0 to 1."""
        return [_scaled(np.abs(self.gradient(crop, each)).max(2)) for each in decisions]

    def gradient(self, crop: np.ndarray, decision: Decision) -> np.ndarray:
        """Return the (S, S, C) float32 guided gradient by the pixels of a crop."""
        image = _image(crop).requires_grad_()
        values = self._graph.run(image, is_guided=True)
        value = _value(values[_scores(self._graph, decision)], decision)
        (found,) = torch.autograd.grad(value, image)
        return found.numpy().reshape(*crop.shape[:2], -1)


METHODS = {'grad-cam': GradCam, 'guided-backpropagation': GuidedBackpropagation}
"""Methods by name."""


def methods(threads: int) -> Mapping[str, MethodLoader]:
    """Return all methods by name; PyTorch computes with so many threads from now on."""
    torch.set_num_threads(threads)
    return METHODS


def _image(crop: np.ndarray) -> torch.Tensor:
    """Return a crop as a float32 batch of one."""
    return torch.from_numpy(crop[None].astype(np.float32))


def _scores(graph: OnnxGraph, decision: Decision) -> str:
    """Return the tensor of which a decision's gradient is taken."""
    output = graph.outputs[decision.output]
    return output if decision.is_years else graph.scores_of(output)


def _value(scores: torch.Tensor, decision: Decision) -> torch.Tensor:
    """Return a decision's value; of a network that sees the mirror image too, of both."""
    rows = scores.reshape(-1, len(decision.weights))
    return (rows @ torch.from_numpy(decision.weights)).mean()


def _weighted(maps: torch.Tensor, gradients: torch.Tensor) -> np.ndarray:
    """Return the (H, W) sum of a crop's feature maps, weighted by their mean gradients.

    A second row is of the mirror image.
    """
    rows = (maps * gradients.mean((2, 3), keepdim=True)).sum(1).detach().numpy()
    return rows[0] + sum(row[:, ::-1] for row in rows[1:])


def _enlarged(values: np.ndarray, size: int) -> np.ndarray:
    """Return a value a pixel of the crop."""
    whole = np.ascontiguousarray(values, np.float32)
    return cv2.resize(whole, (size, size), interpolation=cv2.INTER_LINEAR)


def _scaled(values: np.ndarray) -> np.ndarray:
    """Return a map whose largest value is 1, or all of 0."""
    highest = float(values.max())
    return (values / highest if highest > 0 else values).astype(np.float32)
