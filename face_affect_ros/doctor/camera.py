# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Does the camera send, often enough, and pictures that can be used?"""

from __future__ import annotations

from collections.abc import Iterator

from face_affect_ros.doctor.finding import Finding
from face_affect_ros.doctor.finding import note
from face_affect_ros.doctor.finding import ok
from face_affect_ros.doctor.finding import problem
from face_affect_ros.doctor.graph_view import CameraView
from face_affect_ros.doctor.graph_view import GraphView

LEAST_HZ = 5.0
"""Below it, faces are hardly followed from frame to frame."""


def check_camera(view: GraphView) -> Iterator[Finding]:
    """Return what is wrong with the camera."""
    camera = view.camera
    if not camera.topic:
        make = problem if view.nodes or view.is_expected else note
        yield make('camera-none', 'no camera', camera.silence)
        return
    if not camera.received:
        yield problem('camera-silent', f'nothing comes on {camera.topic}', camera.silence)
        return
    faults = list(_of_pictures(camera))
    yield from faults
    if not faults:
        yield ok(
            'camera',
            f'{camera.topic}: {camera.picture}, {camera.received_hz:.0f} Hz ({camera.kind}; '
            f'{camera.qos}), published by {", ".join(camera.publishers[:2])}',
            rate_hz=round(camera.received_hz, 1),
        )


def _of_pictures(camera: CameraView) -> Iterator[Finding]:
    if camera.error:
        yield problem(
            'camera-encoding',
            f'pictures of {camera.topic} cannot be used: {camera.error}',
            'set the driver to another encoding (rgb8 or bgr8), or give another image_topic',
        )
    if camera.is_lossy:
        yield problem(
            'camera-lossy',
            f'{camera.received_hz:.0f} of {camera.published_hz:.0f} pictures a second of '
            f'{camera.topic} arrive',
            camera.loss_remedy,
            received_hz=round(camera.received_hz, 1),
            published_hz=round(camera.published_hz, 1),
        )
    elif camera.received_hz < LEAST_HZ:
        yield note(
            'camera-slow',
            f'{camera.topic} sends {camera.received_hz:.1f} pictures a second',
            f'set the driver to {LEAST_HZ:.0f} Hz or more: tracks need it',
            received_hz=round(camera.received_hz, 1),
        )
    if len(camera.publishers) > 1:
        yield problem(
            'camera-several',
            f'{camera.topic} has {len(camera.publishers)} publishers: their pictures mix',
            f'end all but one of {", ".join(camera.publishers[:3])}',
        )
