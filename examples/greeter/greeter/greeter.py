# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Says hello to whoever comes and answers a smile; the words go to the topic `say`."""

import py_trees
import rclpy
from py_trees.common import ParallelPolicy
from py_trees.common import Status
from py_trees.composites import Parallel
from py_trees.composites import Sequence
from py_trees.decorators import FailureIsRunning
from py_trees.decorators import Timeout
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from std_msgs.msg import String

from face_affect_ros.behaviours import ClassifyImage
from face_affect_ros.behaviours import LargestFaceShows
from face_affect_ros.behaviours import NewPersonCame


class Say(py_trees.behaviour.Behaviour):
    """Publish a text, once each time it is reached. Put your robot's speech here."""

    def __init__(self, text, publisher):
        super().__init__(f'Say {text}')
        self.text = String(data=text)
        self.publisher = publisher

    def update(self):
        self.publisher.publish(self.text)
        return Status.SUCCESS


def create_tree(node):
    """Return the tree: it asks for faces again and again, and greets beside that."""
    say = node.create_publisher(String, 'say', 10)
    smiles = Timeout('for 10 s', FailureIsRunning('wait', LargestFaceShows('smiles')), 10.0)
    greet = Sequence('greet', memory=True)
    greet.add_children([NewPersonCame(), Say('Hello!', say), smiles, Say('Nice smile!', say)])
    root = Parallel('root', ParallelPolicy.SuccessOnAll(synchronise=False))
    # A child of a Parallel that fails would stop the other one.
    root.add_children([FailureIsRunning('ask', ClassifyImage()), FailureIsRunning('try', greet)])
    return py_trees.trees.BehaviourTree(root)


def main():
    """Tick the tree twenty times a second."""
    rclpy.init()
    node = Node('greeter')
    tree = create_tree(node)
    tree.setup(node=node)
    node.create_timer(0.05, tree.tick)
    try:
        rclpy.spin(node)
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
