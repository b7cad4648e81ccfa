# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Fixtures that several files share; what needs ROS is imported at the first use."""

import re

import pytest


@pytest.fixture
def start(request):
    """Return a function that starts the composed graph with parameters (see robot.py)."""
    from robot import Graph
    graphs = []

    def make(**parameters):
        name = re.sub('[^A-Za-z0-9]+', '_', request.node.name).strip('_')
        graphs.append(Graph(f'/{name}', **parameters))
        return graphs[-1]

    yield make
    for graph in graphs:
        graph.close()
