# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where heads are, as TF frames ``face_<id>`` and ``gaze_<id>`` in the camera's frame (REP-155).

Needs a calibrated camera (``camera_info_topic``) and tf2_msgs; without them there are none.
"""

from __future__ import annotations

import importlib
import importlib.util
import math
from typing import Any

import numpy as np
from geometry_msgs.msg import Quaternion
from geometry_msgs.msg import Transform
from geometry_msgs.msg import TransformStamped
from geometry_msgs.msg import Vector3
from rclpy.node import Node
from rclpy.qos import QoSProfile
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Header

from face_affect_ros.detection.head_pose import Camera
from face_affect_ros.detection.head_pose import head_pose
from face_affect_ros.faces import Face
from face_affect_ros.images import turning
from face_affect_ros.ros import qos

TF_DEPTH = 100
"""As tf2's own broadcaster has it."""

GAZE = Quaternion(x=-0.5, y=0.5, z=-0.5, w=0.5)
"""From the frame of a face (x ahead, z up) to its gaze (z ahead, x right, y down)."""


class FaceFrames:
    """Broadcasts the frames of faces.

    The camera's description is subscribed to until it has come once: it does not change.

    :param node: broadcasts.
    :param topic: of the camera's ``CameraInfo``; empty: there is none.
    :param rotate: degrees by which pictures were turned clockwise; frames of faces are told in
        that of the camera as it is mounted.
    """

    def __init__(self, node: Node, topic: str, rotate: int = 0) -> None:
        self._node = node
        self._rotate = rotate
        self._topic = topic if importlib.util.find_spec('tf2_msgs') else ''
        self._info: CameraInfo | None = None
        self._subscription: Any = None
        self._publisher: Any = None
        self._type: Any = None

    def start(self) -> None:
        """Look for the camera's description."""
        if not self._topic:
            return
        self._type = importlib.import_module('tf2_msgs.msg').TFMessage
        self._publisher = self._node.create_publisher(
            self._type, '/tf', QoSProfile(depth=TF_DEPTH), **qos.without_events()
        )
        self._subscription = self._node.create_subscription(
            CameraInfo, self._topic, self._take, qos.newest('best_effort')
        )

    def watch(self) -> None:
        """Let go of the subscription once the description came."""
        if self._info is not None:
            self._unsubscribe()

    def stop(self) -> None:
        """Broadcast nothing more."""
        self._unsubscribe()
        self._info = None
        publisher, self._publisher = self._publisher, None
        if publisher is not None:
            self._node.destroy_publisher(publisher)

    def publish(self, header: Header, name: str, face: Face, size: tuple[int, int]) -> None:
        """Broadcast where the head of a face is.

        :param header: of the picture; its frame is the parent.
        :param name: of the face.
        :param size: width and height of the (turned) picture in pixels.
        """
        info, publisher = self._info, self._publisher
        if info is None or publisher is None or not face.landmarks:
            return
        camera = Camera.of_info(
            info.k,
            info.d,
            info.distortion_model,
            (info.width, info.height),
            turning.size_before(size, self._rotate),
        )
        points = turning.points_before(np.array(face.landmarks), self._rotate, size)
        pose = camera and head_pose(points, camera)
        if not pose:
            return
        (x, y, z), turn = pose
        place = Transform(
            translation=Vector3(x=float(x), y=float(y), z=float(z)),
            rotation=Quaternion(**dict(zip('xyzw', turn))),
        )
        child = f'face_{name}'
        publisher.publish(
            self._type(
                transforms=[
                    TransformStamped(header=header, child_frame_id=child, transform=place),
                    TransformStamped(
                        header=Header(stamp=header.stamp, frame_id=child),
                        child_frame_id=f'gaze_{name}',
                        transform=Transform(rotation=GAZE),
                    ),
                ]
            )
        )

    def _take(self, info: CameraInfo) -> None:
        if math.isfinite(info.k[0]) and info.k[0] > 0:
            self._info = info

    def _unsubscribe(self) -> None:
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            self._node.destroy_subscription(subscription)
