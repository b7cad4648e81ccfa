# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The checks of a running graph, over what was seen of it."""

from __future__ import annotations

from functools import partial

from face_affect_ros.doctor.camera import check_camera
from face_affect_ros.doctor.clock import check_sim_time
from face_affect_ros.doctor.clock import check_stamps
from face_affect_ros.doctor.finding import Check
from face_affect_ros.doctor.graph_view import GraphView
from face_affect_ros.doctor.nodes import check_nodes
from face_affect_ros.doctor.service import check_service
from face_affect_ros.doctor.stages import check_stages

CHECKS = (check_nodes, check_camera, check_sim_time, check_stamps, check_service, check_stages)


def checks(view: GraphView) -> list[Check]:
    """Return the checks of a namespace in the order of the report."""
    return [partial(check, view) for check in CHECKS]
