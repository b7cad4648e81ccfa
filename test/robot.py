# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A robot for tests: real middleware, a camera that shows real pictures, somebody who listens.

Each test gets a namespace of its own and each test file joins the ROS graph anew (conftest.py).
Every wait is bounded.
"""

import threading
import time
from functools import cache

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='no ROS here')
pytest.importorskip('face_affect_ros.msg', reason='core only: no messages')
pytest.importorskip('skimage', reason='no scikit-image, whose photograph is shown to the camera')

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from lifecycle_msgs.srv import ChangeState
from lifecycle_msgs.srv import GetState
from rcl_interfaces.msg import Log
from rcl_interfaces.srv import SetParameters
from rclpy.executors import ExternalShutdownException
from rclpy.executors import SingleThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile
from rclpy.qos import QoSReliabilityPolicy
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import Image
from std_msgs.msg import Header
from waiting import LONG_S as LONG_S
from waiting import wait_until as wait_until

from face_affect_ros.image_messages import convert
from face_affect_ros.msg import FaceAttributesArray
from face_affect_ros.ros import main
from face_affect_ros.ros import process
from face_affect_ros.srv import ClassifyImage

process.configure_process()


@cache
def join():
    """Join the graph until ``leave``; again: do nothing."""
    rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
    return rclpy.create_node('keeper')


def leave():
    """Leave the graph, and with it what its memory holds of publishers that are gone."""
    if rclpy.ok():
        join().destroy_node()
        rclpy.shutdown()
    join.cache_clear()


@cache
def astronaut(width=512, height=384):
    """Return a photograph with one face, (H, W, 3) uint8 BGR."""
    from skimage import data

    return np.ascontiguousarray(data.astronaut()[:height, :width, ::-1])


@cache
def wall(width=320, height=240):
    """Return a picture without a face."""
    return np.full((height, width, 3), 90, np.uint8)


class Robot:
    """A node that plays camera and listener.

    :param namespace: of the nodes under test.
    """

    def __init__(self, namespace, reliability='best_effort'):
        """Create the node and spin it."""
        self.namespace = namespace
        self.node = rclpy.create_node('robot', namespace=namespace)
        self.topic = f'{namespace}/cam'
        self.camera = self.publisher(Image, self.topic, reliability)
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self.node)
        self._thread = threading.Thread(target=self._spin, daemon=True)
        self._thread.start()
        self._stamp = 10**9
        # A publisher that is gone before the graph has heard of it stays in the graph for ever.
        wait_until(lambda: self.node.count_publishers(self.topic))

    def _spin(self):
        """Spin until the executor is shut down, past events of what was destroyed."""
        while True:
            try:
                return self._executor.spin()
            except rclpy_implementation.InvalidHandle:
                continue
            except ExternalShutdownException:
                return

    def publisher(self, message_type, topic, reliability='best_effort'):
        """Create a publisher as cameras have it."""
        policy = QoSReliabilityPolicy[reliability.upper()]
        return self.node.create_publisher(
            message_type, topic, QoSProfile(depth=1, reliability=policy)
        )

    def header(self, stamp_ns=None):
        """Return the next header, a thirtieth of a second later; or one of a given time."""
        self._stamp = self._stamp + 33_333_333 if stamp_ns is None else stamp_ns
        header = Header(frame_id='head_camera')
        header.stamp.sec, header.stamp.nanosec = divmod(self._stamp, 10**9)
        return header

    def show(self, picture=None, stamp_ns=None):
        """Publish a picture (the astronaut); return its header."""
        header = self.header(stamp_ns)
        picture = astronaut() if picture is None else picture
        self.camera.publish(convert.to_image_message(picture, header))
        return header

    def show_until(self, condition, picture=None, period=0.05):
        """Publish a picture again and again until a condition comes true; return what it gave."""

        def shown():
            self.show(picture)
            time.sleep(period)
            return condition()

        return wait_until(shown)

    def listen(self, topic, message_type):
        """Subscribe; return the list to which messages are added, and the subscription."""
        heard = []
        subscription = self.node.create_subscription(message_type, topic, heard.append, 100)
        return heard, subscription

    def attributes(self):
        """Subscribe to the main output; return the list."""
        return self.listen('attributes', FaceAttributesArray)[0]

    def log(self):
        """Listen to what the nodes log; return a function that gives all texts so far."""
        heard, _ = self.listen('/rosout', Log)
        wait_until(lambda: self.node.count_publishers('/rosout') > 1)
        return lambda: '\n'.join(message.msg for message in heard if message.name != 'robot')

    def diagnostics(self):
        """Listen to diagnostics; return a function that gives a node's newest status."""
        heard, _ = self.listen('/diagnostics', DiagnosticArray)

        def status(node):
            name = f'{self.namespace}/{node}'
            return next(
                (
                    each
                    for message in reversed(heard)
                    for each in message.status
                    if each.name == name
                ),
                None,
            )

        return status

    def call(self, service_type, name, request, timeout=LONG_S):
        """Call a service of the nodes under test."""
        client = self.node.create_client(service_type, f'{self.namespace}/{name}')
        assert client.wait_for_service(LONG_S), f'no service {name}'
        done = threading.Event()
        future = client.call_async(request)
        future.add_done_callback(lambda _: done.set())
        assert done.wait(timeout), f'{name} gave no answer within {timeout} s'
        self.node.destroy_client(client)
        return future.result()

    def classify(self, **fields):
        """Call classify_image; return its answer."""
        return self.call(ClassifyImage, 'classify_image', ClassifyImage.Request(**fields))

    def ask(self, requests, depth=100):
        """Call classify_image with many requests at once, through one client; return futures."""
        client = self.node.create_client(
            ClassifyImage, f'{self.namespace}/classify_image', qos_profile=QoSProfile(depth=depth)
        )
        assert client.wait_for_service(LONG_S), 'no service classify_image'
        return [client.call_async(request) for request in requests]

    def change(self, node, label):
        """Ask a node for a transition; return whether it went well."""
        request = ChangeState.Request()
        request.transition.label = label
        return self.call(ChangeState, f'{node}/change_state', request).success

    def state(self, node):
        """Return a node's lifecycle state."""
        return self.call(GetState, f'{node}/get_state', GetState.Request()).current_state.label

    def set(self, node, **values):
        """Set parameters; return the results."""
        request = SetParameters.Request(
            parameters=[
                Parameter(name, value=value).to_parameter_msg() for name, value in values.items()
            ]
        )
        return self.call(SetParameters, f'{node}/set_parameters', request).results

    def close(self):
        """Stop."""
        self._executor.shutdown(timeout_sec=2)
        self._thread.join(5)
        self.node.destroy_node()


class Graph:
    """The three nodes composed in the test's process, and a robot.

    :param parameters: of the nodes.
    """

    def __init__(self, namespace, reliability='best_effort', **parameters):
        """Start all."""
        join()
        words = ['--ros-args', '-r', f'__ns:={namespace}']
        for name, value in {'image_topic': f'{namespace}/cam', **parameters}.items():
            words += ['-p', f'{name}:={str(value).lower() if value in (True, False) else value}']
        self.nodes = main.compose(words)
        self.camera, self.detection, self.attributes = self.nodes
        self.started = main.autostart(self.nodes)
        self._executor = main.executor_of(self.nodes)
        self._thread = threading.Thread(target=main.serve, args=(self._executor,), daemon=True)
        self._thread.start()
        self.robot = Robot(namespace, reliability)

    def slow_down(self, seconds):
        """Make detection take longer."""
        follower = self.detection.work.follower
        follower.detector = Slow(follower.detector, seconds)

    def close(self):
        """Stop all; the executor must have survived the test."""
        survived = self._thread.is_alive()
        self.robot.close()
        for node in self.nodes:
            node.release()
        self._executor.shutdown(timeout_sec=2)
        self._thread.join(5)
        for node in self.nodes:
            node.destroy_node()
        assert survived, 'an exception ended the executor'


class Slow:
    """A detector that takes its time.

    :param detector: does the work.
    :param seconds: longer than that.
    """

    def __init__(self, detector, seconds):
        """Keep both."""
        self._detector = detector
        self._seconds = seconds
        self.name = detector.name
        self.settings = detector.settings

    def detect(self, image, reduction=1):
        """Wait, then detect."""
        return self.detect_with_regions(image)[0]

    def detect_with_regions(self, image):
        """Wait, then search."""
        time.sleep(self._seconds)
        return self._detector.detect_with_regions(image)

    def refine_landmarks(self, image, squares):
        """Wait, then follow."""
        time.sleep(self._seconds)
        return self._detector.refine_landmarks(image, squares)
