# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The checks that need no ROS."""

from __future__ import annotations

from functools import partial

from face_affect_ros.doctor.engines import check_dlib
from face_affect_ros.doctor.engines import check_onnx_runtime
from face_affect_ros.doctor.finding import Check
from face_affect_ros.doctor.installation import check_domain
from face_affect_ros.doctor.installation import check_ros
from face_affect_ros.doctor.installation import check_start
from face_affect_ros.doctor.memory import check_memory
from face_affect_ros.doctor.memory import check_shared_memory
from face_affect_ros.doctor.processes import check_processes
from face_affect_ros.doctor.transport import check_transport
from face_affect_ros.doctor.weights import check_weights


def checks(weights_dir: str = '') -> list[Check]:
    """Return the checks in the order of the report.

    :param weights_dir: folder whose weight files take precedence over the embedded ones.
    """
    return [
        check_ros,
        check_domain,
        check_start,
        check_transport,
        partial(check_weights, weights_dir),
        check_onnx_runtime,
        check_dlib,
        check_memory,
        check_shared_memory,
        check_processes,
    ]
