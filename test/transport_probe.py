# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Both ends of the node `camera`, each in a process with a transport of its own.

    python transport_probe.py camera NAMESPACE      publishes noise at 10 Hz on NAMESPACE/cam
    python transport_probe.py listener NAMESPACE    takes NAMESPACE/frames for a while

The listener prints, as JSON, how many frames the camera published and how many of them came.
"""

import array
import json
import os
import sys
import time

import numpy as np
import rclpy
from rclpy.qos import QoSProfile
from rclpy.qos import QoSReliabilityPolicy
from sensor_msgs.msg import Image

from face_affect_ros.msg import CameraFrame

WIDTH, HEIGHT, RATE = 640, 480, 10
BEST_EFFORT = QoSProfile(depth=1, reliability=QoSReliabilityPolicy.BEST_EFFORT)
RELIABLE = QoSProfile(depth=1, reliability=QoSReliabilityPolicy.RELIABLE)
FRAMES = 30
PATIENCE_S = 25.0


def camera(node, namespace):
    """Publish until killed; the frame's number is its stamp's second."""
    publisher = node.create_publisher(Image, f'{namespace}/cam', BEST_EFFORT)
    noise = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    message = Image(height=HEIGHT, width=WIDTH, encoding='bgr8', step=3 * WIDTH)
    message.data = array.array('B', noise.tobytes())
    while True:
        message.header.stamp.sec += 1
        publisher.publish(message)
        time.sleep(1 / RATE)


def listener(node, namespace):
    """Listen until the camera has published ``FRAMES`` since the first that came."""
    numbers = []
    node.create_subscription(
        CameraFrame,
        f'{namespace}/frames',
        lambda message: numbers.append(message.image.header.stamp.sec),
        RELIABLE,
    )
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and (not numbers or numbers[-1] < numbers[0] + FRAMES):
        rclpy.spin_once(node, timeout_sec=0.1)
    published = numbers[-1] - numbers[0] + 1 if numbers else 0
    print(json.dumps({'published': published, 'came': len(set(numbers))}), flush=True)


if __name__ == '__main__':
    role, namespace = sys.argv[1:]
    rclpy.init()
    {'camera': camera, 'listener': listener}[role](rclpy.create_node(f'probe_{role}'), namespace)
    os._exit(0)
