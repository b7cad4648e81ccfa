# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Real trees, ticked against the running graph and against the fake classifier."""

import itertools
import threading

import pytest

pytest.importorskip('py_trees', reason='the extra py_trees is not installed')
pytest.importorskip('robot', reason='no ROS here')

import cv2
import py_trees
import rclpy
from py_trees.common import Access
from py_trees.common import Status
from rclpy.executors import ExternalShutdownException
from rclpy.executors import SingleThreadedExecutor
from robot import LONG_S
from robot import astronaut
from robot import join
from robot import wait_until
from robot import wall
from sensor_msgs.msg import CompressedImage
from std_msgs.msg import Header

from face_affect_ros import behaviours
from face_affect_ros.image_messages import convert
from face_affect_ros.testing import scenes
from face_affect_ros.testing.fake_camera import FakeCamera
from face_affect_ros.testing.fake_classifier import FakeClassifier

pytestmark = pytest.mark.ros

COUNTER = itertools.count()


class Rig:
    """A node with a fake classifier, a blackboard, and an executor that somebody spins."""

    def __init__(self):
        join()
        self.namespace = f'/tree_{next(COUNTER)}'
        self.node = rclpy.create_node('tree', namespace=self.namespace)
        self.classifier = FakeClassifier(self.node)
        self.executor = SingleThreadedExecutor()
        self.executor.add_node(self.node)
        self.blackboard = py_trees.blackboard.Client(name='test')
        for key in (behaviours.FACES_KEY, behaviours.ERROR_KEY):
            self.blackboard.register_key(key, Access.READ)
        self.blackboard.register_key('/picture', Access.WRITE)
        self.trees = []

    def tree(self, root):
        """Return a tree of a root, set up."""
        tree = py_trees.trees.BehaviourTree(root)
        tree.setup(node=self.node)
        self.trees.append(tree)
        return tree

    def ask(self, **settings):
        """Return a behaviour that asks the fake classifier, in a tree, with much time."""
        given = {'timeout_s': LONG_S / 2, 'deadline_s': LONG_S, **settings}
        behaviour = behaviours.ClassifyImage(service='classify_image', **given)
        return behaviour, self.tree(behaviour)

    def spin(self):
        """Spin once, on this thread."""
        self.executor.spin_once(timeout_sec=0.01)

    def tick_until(self, tree, condition):
        """Tick and spin in turn until a condition comes true; return what it gave."""

        def ticked():
            tree.tick()
            self.spin()
            return condition()

        return wait_until(ticked)

    def outcome(self, behaviour, tree):
        """Tick until the behaviour is done; return its status."""
        return self.tick_until(
            tree,
            lambda: behaviour.status if behaviour.status != Status.RUNNING else None,
        )

    def close(self):
        """Stop."""
        for tree in self.trees:
            tree.shutdown()
        self.executor.shutdown(timeout_sec=2)
        self.node.destroy_node()


@pytest.fixture
def rig():
    """Return a rig on an empty blackboard."""
    py_trees.blackboard.Blackboard.clear()
    made = Rig()
    yield made
    made.close()
    py_trees.blackboard.Blackboard.clear()


def test_faces_go_to_the_blackboard(rig):
    """The first tick does not wait: nobody spins before it has returned."""
    rig.classifier.show({'emotion': 'happy', 'track_id': 5})
    behaviour, tree = rig.ask()
    assert not rig.blackboard.exists(behaviours.FACES_KEY)
    tree.tick()
    assert behaviour.status == Status.RUNNING
    assert rig.outcome(behaviour, tree) == Status.SUCCESS
    seen = rig.blackboard.get(behaviours.FACES_KEY)
    assert [face.track_id for face in seen.faces] == [5]
    assert (seen.image_size, seen.header.frame_id) == ((640, 480), 'camera')
    assert rig.blackboard.get(behaviours.ERROR_KEY) == ''


@pytest.mark.parametrize('error', scenes.ERRORS)
def test_success_is_honoured(rig, error):
    """An answer that is none is a failure, in the service's words; older faces stay."""
    behaviour, tree = rig.ask()
    assert rig.outcome(behaviour, tree) == Status.SUCCESS
    before = rig.blackboard.get(behaviours.FACES_KEY)
    rig.classifier.show(error=error, message='in words')
    tree.tick()
    assert rig.outcome(behaviour, tree) == Status.FAILURE
    assert behaviour.feedback_message == f'{error}: in words'
    assert rig.blackboard.get(behaviours.ERROR_KEY) == behaviour.feedback_message
    assert rig.blackboard.get(behaviours.FACES_KEY) is before


def test_no_answer_by_the_deadline(rig):
    """A failure in words; the answer to the next request counts again."""
    now = [0.0]
    behaviour, tree = rig.ask(timeout_s=0.8, deadline_s=1.0, clock=lambda: now[0])
    rig.classifier.show(delay_s=0.05)
    rig.tick_until(tree, lambda: rig.node.count_clients(rig.namespace + '/classify_image'))
    rig.tick_until(tree, lambda: 'answer' in behaviour.feedback_message)
    now[0] = 1.1
    tree.tick()
    assert behaviour.status == Status.FAILURE
    assert 'did not answer within 1 s' in behaviour.feedback_message
    for _ in range(20):
        rig.spin()
    assert not rig.blackboard.exists(behaviours.FACES_KEY)
    rig.classifier.show({}, {})
    assert rig.outcome(behaviour, tree) in (Status.SUCCESS, Status.FAILURE)
    tree.tick()
    assert rig.outcome(behaviour, tree) == Status.SUCCESS


def test_no_service(rig):
    """Waited for until the deadline; then its full name is told, and what may be wrong."""
    now = [0.0]
    behaviour = behaviours.ClassifyImage(service='elsewhere', clock=lambda: now[0])
    tree = rig.tree(behaviour)
    tree.tick()
    assert behaviour.status == Status.RUNNING
    now[0] = 1.1
    tree.tick()
    assert behaviour.status == Status.FAILURE
    assert f'no service {rig.namespace}/elsewhere within 1 s' in behaviour.feedback_message
    assert len(behaviour.feedback_message) <= 300


def test_interrupted_request(rig):
    """It is cancelled: its answer changes nothing; then the behaviour works as before."""
    behaviour, tree = rig.ask()
    rig.classifier.show({}, delay_s=0.05)
    rig.tick_until(tree, lambda: 'answer' in behaviour.feedback_message)
    behaviour.stop(Status.INVALID)  # as a composite does with what it leaves
    assert behaviour.status == Status.INVALID
    for _ in range(20):
        rig.spin()
    assert not rig.blackboard.exists(behaviours.FACES_KEY)
    assert rig.outcome(behaviour, tree) == Status.SUCCESS


def test_sent_pictures(rig):
    """Raw or compressed, from the blackboard; what is no picture is a failure in words."""
    behaviour, tree = rig.ask(image_key='/picture')
    rig.classifier.show({'emotion': 'happy'})
    assert rig.outcome(behaviour, tree) == Status.FAILURE
    assert 'no picture on the blackboard under /picture' in behaviour.feedback_message
    raw = convert.to_image_message(
        wall(), Header(frame_id='sent', stamp=rig.node.get_clock().now().to_msg())
    )
    encoded = CompressedImage(
        header=raw.header, format='jpeg', data=cv2.imencode('.jpg', wall())[1].tobytes()
    )
    for picture, size in ((raw, (320, 240)), (encoded, (640, 480))):
        rig.blackboard.set('/picture', picture)
        tree.tick()
        assert rig.outcome(behaviour, tree) == Status.SUCCESS
        seen = rig.blackboard.get(behaviours.FACES_KEY)
        assert (seen.header, seen.image_size) == (raw.header, size)
        assert [face.track_id for face in seen.faces] == [0]
    rig.blackboard.set('/picture', wall())
    tree.tick()
    assert rig.outcome(behaviour, tree) == Status.FAILURE
    assert '/picture holds ndarray' in behaviour.feedback_message


@pytest.mark.parametrize(
    'times',
    [{'timeout_s': 0}, {'timeout_s': 61, 'deadline_s': 62}, {'deadline_s': 0.8}, {'max_age_s': 0}],
)
def test_times_out_of_range(times):
    """Told at once, by name."""
    with pytest.raises(ValueError, match=next(iter(times))):
        behaviours.ClassifyImage(**times)


def test_tree_without_a_node():
    """Told what to call."""
    tree = py_trees.trees.BehaviourTree(behaviours.ClassifyImage())
    with pytest.raises(KeyError, match=r'tree\.setup\(node=node\)'):
        tree.setup()
    with pytest.raises(RuntimeError, match=r'tree\.setup\(node=node\)'):
        tree.tick()


@pytest.mark.parametrize('hertz', [10, 50])
def test_ticked_by_a_timer_of_the_same_executor(rig, hertz):
    """Every request is answered though ticks and answers share one thread."""
    rig.classifier.show({'emotion': 'happy'})
    behaviour, tree = rig.ask()
    told = []
    timer = rig.node.create_timer(1 / hertz, lambda: (tree.tick(), told.append(behaviour.status)))
    wait_until(lambda: rig.spin() or told.count(Status.SUCCESS) >= 5)
    rig.node.destroy_timer(timer)
    assert set(told) <= {Status.RUNNING, Status.SUCCESS}


def test_ticked_beside_a_thread_that_spins(rig):
    """As fast as it can be ticked."""

    def serve():
        try:
            rig.executor.spin()
        except ExternalShutdownException:
            pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    rig.classifier.show({'emotion': 'happy'})
    behaviour, tree = rig.ask()
    told = []

    def ticked():
        tree.tick()
        told.append(behaviour.status)
        return told.count(Status.SUCCESS) >= 50

    wait_until(ticked)
    assert set(told) <= {Status.RUNNING, Status.SUCCESS}


class Conditions:
    """A tree that asks all the time, with conditions beside it, and what they have told."""

    def __init__(self, rig, service, picture_s=3.0):
        ask = behaviours.ClassifyImage(
            service=service, timeout_s=LONG_S / 2, deadline_s=LONG_S, max_age_s=picture_s
        )
        others = {'max_age_s': picture_s}
        self.somebody = behaviours.SomebodyIsThere(**others)
        self.smile = behaviours.LargestFaceShows(**others)
        self.new = behaviours.NewPersonCame(**others)
        parts = [
            py_trees.decorators.FailureIsRunning(part.name, part)
            for part in (ask, self.somebody, self.smile, self.new)
        ]
        policy = py_trees.common.ParallelPolicy.SuccessOnAll(synchronise=False)
        self._rig = rig
        self.tree = rig.tree(py_trees.composites.Parallel('all', policy, parts))
        self.newcomers = 0
        self.tree.add_post_tick_handler(self._count)

    def _count(self, _):
        self.newcomers += self.new.status == Status.SUCCESS

    def until(self, somebody, smile):
        """Tick until the conditions tell this."""
        self._rig.tick_until(
            self.tree,
            lambda: (
                (self.somebody.status, self.smile.status)
                == tuple(Status.SUCCESS if held else Status.FAILURE for held in (somebody, smile))
            ),
        )


def test_somebody_comes_smiles_and_leaves_a_fake(rig):
    """As the scene says, without a camera or a network."""
    told = Conditions(rig, 'classify_image')
    told.until(somebody=False, smile=False)
    rig.classifier.show({'track_id': 1, 'emotion': 'neutral'})
    told.until(somebody=True, smile=False)
    assert told.newcomers == 1
    rig.classifier.show({'track_id': 1, 'emotion': 'happy'})
    told.until(somebody=True, smile=True)
    rig.classifier.show()
    told.until(somebody=False, smile=False)
    rig.classifier.show({'track_id': 2, 'emotion': 'neutral'})
    told.until(somebody=True, smile=False)
    assert told.newcomers == 2


def test_somebody_comes_smiles_and_leaves(start, rig):
    """The running graph, over DDS; the astronaut smiles, and is somebody new the second time."""
    graph = start(track_timeout=2.0)
    camera = FakeCamera(rig.node, graph.robot.topic, rate=20)
    told = Conditions(rig, f'{graph.robot.namespace}/classify_image')
    camera.show(wall(512, 384))
    told.until(somebody=False, smile=False)
    camera.show(astronaut())
    told.until(somebody=True, smile=False)
    told.until(somebody=True, smile=True)
    assert told.newcomers == 1
    camera.show(wall(512, 384))
    told.until(somebody=False, smile=False)
    gone = camera.sent
    wait_until(lambda: rig.spin() or camera.sent > gone + 60)
    camera.show(astronaut())
    told.until(somebody=True, smile=False)
    assert told.newcomers == 2


def test_earnest_and_smiling_people(start, rig, shared_media):
    """Of pictures beside the checkout: one of somebody who does not smile, one of a smile."""
    graph = start()
    camera = FakeCamera(rig.node, graph.robot.topic, rate=20)
    told = Conditions(rig, f'{graph.robot.namespace}/classify_image')
    camera.show(cv2.imread(str(shared_media / 'pictures/dark_room.jpg')))
    told.until(somebody=True, smile=False)
    shown = camera.sent
    rig.tick_until(told.tree, lambda: camera.sent > shown + 30)
    told.until(somebody=True, smile=False)
    camera.show(cv2.imread(str(shared_media / 'pictures/glasses.jpg')))
    told.until(somebody=True, smile=True)
