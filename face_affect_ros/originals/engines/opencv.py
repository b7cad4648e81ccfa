# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""OpenCV's dnn module as an engine for Caffe networks and frozen TensorFlow graphs."""

from __future__ import annotations

import threading

import cv2
import numpy as np

from face_affect_ros.engines.protocol import FrameworkError
from face_affect_ros.engines.protocol import first_line
from face_affect_ros.originals import file_signatures

READERS = {'caffe': 'readNetFromCaffe', 'tensorflow': 'readNetFromTensorflow'}

ORDER = {'caffe': ('graph', 'weights'), 'tensorflow': ('weights', 'graph')}
"""In which order a reader takes its two files."""

WEIGHTED = ('Convolution', 'Deconvolution', 'InnerProduct', 'PReLU')
"""Kinds of layers that are nothing without weights. OpenCV 4.5.4 takes a hundred bytes 255 for the
weights of no layer, 4.14 a web page; both then fail at the first face."""

REMEDY = 'pip install "opencv-python-headless<5"'


class OpencvEngine:
    """One network on the CPU. OpenCV's threads are the process's, set by ``cv2.setNumThreads``.

    :param framework: ``caffe`` or ``tensorflow``.
    :param graph: the text of the graph: ``.prototxt`` or ``.pbtxt``.
    :param weights: the binary file: ``.caffemodel`` or ``.pb``.
    :raises FrameworkError: this OpenCV cannot read the framework's files.
    :raises ValueError: the files are no network that OpenCV can load.
    """

    def __init__(self, framework: str, graph: bytes, weights: bytes):
        read = getattr(cv2.dnn, READERS[framework], None)
        if read is None:
            raise FrameworkError(
                f'OpenCV {cv2.__version__} has no reader of {framework} files, which OpenCV 5 '
                f'dropped: {REMEDY}'
            )
        kind = file_signatures.kind(weights)
        if kind:  # OpenCV takes much for a network without layers
            raise ValueError(f'OpenCV cannot load the {framework} network: its weights are {kind}')
        files = {'graph': graph, 'weights': weights}
        try:
            self._network = read(
                *(np.frombuffer(files[name], np.uint8) for name in ORDER[framework])
            )
            self._outputs = self._network.getUnconnectedOutLayersNames()
            bare = _bare_layer(self._network)
        except cv2.error as error:
            raise ValueError(
                f'OpenCV cannot load the {framework} network: {_reason(error)}'
            ) from error
        if self._network.empty():
            raise ValueError(f'OpenCV cannot load the {framework} network: it is empty')
        if bare:
            raise ValueError(
                f'OpenCV cannot load the {framework} network: its weights have none '
                f'for the layer {bare}'
            )
        self._lock = threading.Lock()

    def run(self, *inputs: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return the outputs for the one (N, C, H, W) float32 input.

        :raises ValueError: the network cannot compute it.
        """
        (batch,) = inputs
        with self._lock:
            try:
                self._network.setInput(np.ascontiguousarray(batch, np.float32))
                return tuple(np.array(output) for output in self._network.forward(self._outputs))
            except cv2.error as error:
                raise ValueError(f'OpenCV cannot compute the network: {_reason(error)}') from error


def _bare_layer(network: cv2.dnn.Net) -> str | None:
    """Return the first layer without the weights that it needs.

    :raises cv2.error: a layer cannot be made of the weights that it has.
    """
    for name in network.getLayerNames():
        layer = network.getLayer(network.getLayerId(name))
        if layer.type in WEIGHTED and not layer.blobs:
            return name
    return None


def _reason(error: Exception) -> str:
    """Return what OpenCV says in one line, without the place in its sources."""
    return first_line(error).rpartition('error: ')[2]
