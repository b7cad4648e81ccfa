# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""TF frames of faces (REP-155): where a calibrated camera sees a head."""

import numpy as np
import pytest

pytest.importorskip('robot', reason='no ROS here')

import message_packages
from robot import wait_until
from sensor_msgs.msg import CameraInfo

pytestmark = [pytest.mark.ros, pytest.mark.timeout(700)]


@pytest.fixture(scope='module')
def tf2():
    """Return the messages of tf2; those of ROS4HRI are there too."""
    message_packages.provide('hri_msgs')
    message_packages.provide('tf2_msgs')
    return pytest.importorskip('tf2_msgs.msg')


def turned(quaternion, vector):
    """Return a vector turned by a quaternion message."""
    q = np.array([quaternion.x, quaternion.y, quaternion.z])
    cross = np.cross(q, vector)
    return vector + 2 * (quaternion.w * cross + np.cross(q, cross))


def test_a_face_has_a_frame_where_the_camera_is_calibrated(start, tf2, request):
    """In the camera's frame: ahead of it, looking back, and a gaze along the face."""
    namespace = f'/{request.node.name}'
    options = {
        'humans_namespace': f'{namespace}/people',
        'camera_info_topic': f'{namespace}/camera_info',
    }
    robot = start(**options).robot
    heard, _ = robot.listen('/tf', tf2.TFMessage)
    camera = robot.publisher(CameraInfo, options['camera_info_topic'])
    attributes = robot.attributes()
    info = CameraInfo(width=512, height=384, distortion_model='plumb_bob')
    info.k = [420.0, 0.0, 256.0, 0.0, 420.0, 192.0, 0.0, 0.0, 1.0]
    robot.show_until(lambda: attributes and attributes[-1].faces)
    assert not heard  # no calibration has come

    def come():
        info.header = robot.header()
        camera.publish(info)
        return heard

    robot.show_until(come)
    face, gaze = heard[-1].transforms
    number = attributes[-1].faces[0].track_id
    assert face.header.frame_id == 'head_camera'
    assert face.child_frame_id == gaze.header.frame_id == f'face_f{number}'
    assert gaze.child_frame_id == f'gaze_f{number}'
    place = face.transform.translation
    assert 0.3 < place.z < 1.2  # eyes 42 pixels apart, 63 mm in the mean
    assert place.x == pytest.approx((226 - 256) / 420 * place.z, abs=0.04)
    ahead = turned(face.transform.rotation, np.array([1.0, 0, 0]))
    up = turned(face.transform.rotation, np.array([0.0, 0, 1]))
    assert ahead[2] < -0.8 and up[1] < -0.8
    assert turned(gaze.transform.rotation, np.array([0.0, 0, 1])) == pytest.approx([1, 0, 0])
    assert turned(gaze.transform.rotation, np.array([0.0, 1, 0])) == pytest.approx([0, 0, -1])
    # The calibration does not change: it is no longer listened to.
    wait_until(lambda: robot.node.count_subscribers(options['camera_info_topic']) == 0)


def test_without_a_calibration_there_is_no_broadcaster(start, tf2, request):
    """No topic is asked for, and none offered."""
    robot = start(humans_namespace=f'/{request.node.name}/people').robot
    attributes = robot.attributes()
    robot.show_until(lambda: attributes)
    namespace = robot.namespace
    assert not any(
        info.node_namespace == namespace for info in robot.node.get_publishers_info_by_topic('/tf')
    )
