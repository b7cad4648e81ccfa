# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Why no camera frame comes, as far as the graph tells: looked up from the camera node on."""

from __future__ import annotations

from rclpy.node import Node

from face_affect_ros.ros import image_topics

MOST_NAMED = 2
"""Topics named at most."""

LONGEST_NAME = 40
"""Characters of a topic's name, at most."""


def why_no_frame(node: Node) -> str:
    """Return what is missing between the camera and a node, and what to do.

    :param node: any node in the namespace of the camera node.
    """
    frames = node.resolve_topic_name('frames')
    cameras = node.get_publishers_info_by_topic(frames)
    if not cameras:
        return f'no node offers {frames}: start, configure and activate the camera node'
    topics = sorted(
        {
            topic
            for camera in cameras
            for topic in _image_topics_of(node, camera.node_name, camera.node_namespace)
        }
    )
    if not topics:
        there = list(image_topics.published(node))
        return (
            f'{cameras[0].node_name} has not subscribed to an image topic: are it and '
            f'detection active? Image topics with a publisher: {_names(there) or "none"}'
        )
    if any(node.count_publishers(topic) for topic in topics):
        state = 'has a publisher, but nothing arrived yet: is it on, does its QoS fit?'
    else:
        state = 'has no publisher: is the camera running, on this ROS_DOMAIN_ID?'
    others = [topic for topic in image_topics.published(node) if topic not in topics]
    return f'image_topic {_names(topics)} {state} Other image topics: {_names(others) or "none"}'


def _image_topics_of(node: Node, name: str, namespace: str) -> list[str]:
    """Return the image topics that a node subscribes to."""
    try:
        found = node.get_subscriber_names_and_types_by_node(name, namespace)
    except Exception:  # it has left meanwhile: rclpy's errors for that differ
        return []
    return [topic for topic, types in found if any(map(image_topics.kind_of, types))]


def _names(topics: list[str]) -> str:
    """Return the first few names of topics, long ones cut, and how many there are besides."""
    named = ', '.join(
        topic if len(topic) <= LONGEST_NAME else topic[:LONGEST_NAME] + '...'
        for topic in topics[:MOST_NAMED]
    )
    more = len(topics) - MOST_NAMED
    return f'{named} and {more} more' if more > 0 else named
