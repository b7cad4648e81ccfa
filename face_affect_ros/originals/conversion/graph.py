# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""An ONNX graph under construction; operator set 17, IR 8, as old runtimes on robots read."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto
from onnx import helper
from onnx import numpy_helper

from face_affect_ros.originals.conversion.arrays import ConversionError

OPERATOR_SET, IR_VERSION = 17, 8

Shapes = Mapping[str, Sequence[int | str]]
"""Shapes by name; a text is a length that may vary."""


class Graph:
    """Nodes and constants; a node with one output has its output's name."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, operator: str, *inputs: str, name: str, **attributes: Any) -> str:
        """Add a node with one output of its name; return that name."""
        self.nodes.append(helper.make_node(operator, inputs, [name], name, **attributes))
        return name

    def add_many(
        self, operator: str, *inputs: str, names: Sequence[str], name: str = '', **attributes: Any
    ) -> None:
        """Add a node with several outputs, called as the first of them unless a name is given."""
        self.nodes.append(
            helper.make_node(operator, inputs, names, name or names[0], **attributes)
        )

    def constant(self, name: str, array: np.ndarray) -> str:
        """Add an initializer; return its name."""
        self.constants.append(numpy_helper.from_array(np.asarray(array, order='C'), name))
        return name

    def rename(self, old: str, new: str) -> None:
        """Give a node with one output, wherever that is taken, another name."""
        for node in self.nodes:
            node.name = new if node.name == old else node.name
            for names in (node.input, node.output):
                names[:] = [new if name == old else name for name in names]

    def model(self, name: str, inputs: Shapes, outputs: Shapes) -> onnx.ModelProto:
        """Return the checked model; inputs and outputs are float32.

        :raises ConversionError: the nodes make no network, as where two have one name.
        """
        graph = helper.make_graph(
            self.nodes, name, _values(inputs), _values(outputs), self.constants
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid('', OPERATOR_SET)],
            ir_version=IR_VERSION,
            producer_name='face_affect_ros',
        )
        try:
            onnx.checker.check_model(model, full_check=True)
        except onnx.checker.ValidationError as error:
            raise ConversionError(f'no network: {error}') from error
        return model


def write(model: onnx.ModelProto, path: Path) -> None:
    """Write a model whole or not at all; its folder is made where there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f'.{path.name}.')
    try:
        with os.fdopen(handle, 'wb') as stream:
            stream.write(model.SerializeToString())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _values(shapes: Shapes) -> list[onnx.ValueInfoProto]:
    """Declare float32 inputs or outputs."""
    return [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in shapes.items()
    ]
