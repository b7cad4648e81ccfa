# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which topic is taken for the colour camera, by names as robots have them."""

from __future__ import annotations

import pytest

pytest.importorskip('rclpy', reason='no ROS here')

from hypothesis import given
from hypothesis import strategies as st

from face_affect_ros.ros.camera_finder import CameraFinder
from face_affect_ros.ros.camera_finder import Candidate
from face_affect_ros.ros.camera_finder import ranked
from face_affect_ros.ros.camera_finder import why

REALSENSE = [
    '/camera/camera/aligned_depth_to_color/image_raw',
    '/camera/camera/depth/image_rect_raw',
    '/camera/camera/infra1/image_rect_raw',
    '/camera/camera/color/image_raw',
    '/camera/camera/color/image_raw/compressed',
    '/camera/camera/depth/image_rect_raw/compressed',
]
TIAGO = [
    '/wrist_camera/color/image_raw',
    '/head_front_camera/depth_registered/image_raw',
    '/head_front_camera/rgb/image_raw',
    '/head_front_camera/rgb/image_raw/compressed',
    '/head_front_camera/rgb/image_raw/theora',
]


def topics(names):
    return [
        Candidate(name, 'compressed' if name.endswith('/compressed') else 'raw') for name in names
    ]


@pytest.mark.parametrize(
    'names, expected',
    [
        (REALSENSE, '/camera/camera/color/image_raw'),
        (TIAGO, '/head_front_camera/rgb/image_raw'),
        (
            ['/head_front_camera/head_front_camera/color/image_raw', '/wrist/color/image_raw'],
            '/head_front_camera/head_front_camera/color/image_raw',
        ),
        (
            ['/robot1/head_front_camera/rgb/image_raw', '/a/image_raw'],
            '/robot1/head_front_camera/rgb/image_raw',
        ),
        (['/image_raw/compressed'], '/image_raw/compressed'),
        (['/image_raw', '/image_raw/compressed', '/thermal/image_raw'], '/image_raw'),
        (['/oak/left/image_raw', '/oak/rgb/image_raw', '/oak/stereo/depth'], '/oak/rgb/image_raw'),
        (
            ['/zed/zed_node/depth/depth_registered', '/zed/zed_node/rgb/image_rect_color'],
            '/zed/zed_node/rgb/image_rect_color',
        ),
        (['/face_affect/annotated', '/usb_cam/image_raw'], '/usb_cam/image_raw'),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_the_colour_camera_is_taken(names, expected):
    for order in (names, names[::-1]):
        assert ranked(topics(order))[0].topic == expected


def test_depth_and_infrared_are_never_taken():
    assert ranked(topics(REALSENSE[:3])) == []
    assert CameraFinder(lambda: 0.0).choose(topics(REALSENSE[:3])) is None


def test_the_preferred_kind_is_taken_where_there_are_both():
    both = topics(TIAGO[2:4])
    assert [ranked(both, kind)[0].kind for kind in ('raw', 'compressed')] == ['raw', 'compressed']


def test_why_it_was_chosen_is_said():
    there = topics(TIAGO)
    assert why(ranked(there)[0], there) == "; chosen of 5: a robot's head camera, by its name"


@given(st.lists(st.sampled_from(REALSENSE + TIAGO + ['/x', '/image', '/a/rgb']), unique=True))
def test_the_order_of_the_graph_does_not_matter(names):
    assert ranked(topics(names)) == ranked(topics(sorted(names)))


class Clock:
    """Time that a test sets."""

    now = 0.0

    def __call__(self):
        return self.now


def test_a_camera_that_restarts_is_waited_for_and_then_given_up():
    clock = Clock()
    finder = CameraFinder(clock)
    head, web = topics(['/head_front_camera/rgb/image_raw', '/image_raw'])
    assert finder.choose([head, web]) == head
    clock.now = 2.0
    assert finder.choose([web]) == head
    clock.now = 4.0
    assert finder.choose([web]) == web
    assert finder.choose([head, web]) == head


def test_a_silent_camera_gives_way_to_the_next():
    finder = CameraFinder(Clock())
    head, web = topics(['/head_front_camera/rgb/image_raw', '/image_raw'])
    assert finder.choose([head, web], silent_s=1.0) == head
    assert finder.choose([head, web], silent_s=4.0) == web
    assert finder.choose([head, web], silent_s=0.1) == web


def test_where_all_are_silent_the_likeliest_is_tried_again():
    finder = CameraFinder(Clock())
    head, web = topics(['/head_front_camera/rgb/image_raw', '/image_raw'])
    tried = [finder.choose([head, web], silent_s=4.0 * bool(count)) for count in range(4)]
    assert tried == [head, web, head, web]


def test_a_single_silent_camera_is_kept():
    """There is nothing else to take."""
    finder = CameraFinder(Clock())
    (web,) = topics(['/image_raw'])
    assert [finder.choose([web], silent_s=100.0) for _ in range(3)] == [web] * 3
