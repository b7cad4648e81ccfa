# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A camera for the demo: publishes a moved photograph, a video or a real camera as a driver does.

Frames begin when somebody subscribes. SIGINT or SIGTERM ends it; the last line on stdout is then a
JSON object with the number of frames sent.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from face_affect_ros.ros import process

if TYPE_CHECKING:
    import numpy as np

TOPIC = '/face_affect_demo/image'

SHUTDOWN_S = 2.0
"""Longest time that the middleware gets to end."""


def add_arguments(parser: argparse.ArgumentParser):
    """Add the options that say where frames come from."""
    source = parser.add_mutually_exclusive_group()
    source.add_argument('--image', type=Path, metavar='FILE', help='a photograph, moved about')
    source.add_argument('--video', type=Path, metavar='FILE', help='a video, over and over')
    source.add_argument('--camera', type=int, metavar='N', help='the camera of this number')


def main() -> int:
    """Publish until stopped; return 1 where there are no frames."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser)
    arguments = parser.parse_args()
    stop = process.stop_on_signals()
    process.configure_process()
    import demo_frames

    try:
        _publish(*demo_frames.open_frames(arguments), stop)
        return 0
    except demo_frames.CameraError as error:
        print(f'demo camera: {error}', file=sys.stderr)
        return 1


def _publish(frames: Iterator[np.ndarray], rate: float, stop: threading.Event):
    """Publish frames at their rate while somebody subscribes; then print how many."""
    import rclpy
    from rclpy.qos import qos_profile_sensor_data
    from rclpy.signals import SignalHandlerOptions
    from sensor_msgs.msg import Image
    from std_msgs.msg import Header

    from face_affect_ros.image_messages import convert

    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    node = rclpy.create_node('face_affect_demo_camera')
    publisher = node.create_publisher(Image, TOPIC, qos_profile_sensor_data)
    sent, due = 0, time.monotonic()
    while not stop.is_set():
        due = max(due + 1 / rate, time.monotonic())
        if publisher.get_subscription_count():
            header = Header(stamp=node.get_clock().now().to_msg(), frame_id='camera')
            publisher.publish(convert.to_image_message(next(frames), header))
            sent += 1
        stop.wait(max(0, due - time.monotonic()))
    print(json.dumps({'sent': sent}), flush=True)
    process.end_within(SHUTDOWN_S, 0)
    node.destroy_node()
    rclpy.try_shutdown()


if __name__ == '__main__':
    sys.exit(main())
