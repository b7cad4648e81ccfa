# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Several cameras in one process: a namespace each, one set of networks."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest

pytest.importorskip('robot', reason='no ROS here')

from robot import Robot
from robot import join
from robot import wait_until
from robot import wall

from face_affect_ros import cli
from face_affect_ros.parameter import ParameterError
from face_affect_ros.pipeline import SharedEngines
from face_affect_ros.pipeline import load_model
from face_affect_ros.ros import main
from face_affect_ros.ros import named_cameras
from face_affect_ros.ros.named_cameras import NamedCamera
from face_affect_ros.settings import ModelSettings

pytestmark = pytest.mark.ros


@pytest.mark.parametrize(
    'texts, expected',
    [
        ([], ()),
        (['front=/a/image_raw'], (NamedCamera('front', '/a/image_raw'),)),
        (
            ['/head/image_raw', 'b=rel'],
            (NamedCamera('head', '/head/image_raw'), NamedCamera('b', 'rel')),
        ),
    ],
)
def test_cameras_are_named(texts, expected):
    assert named_cameras.parse(texts) == expected


@pytest.mark.parametrize(
    'texts',
    [['a=/x', 'a=/y'], ['=/x'], ['1a=/x'], ['a b=/x'], ['a='], [''], ['a=auto'], ['a/b=/x']],
)
def test_what_is_no_camera_is_named(texts):
    with pytest.raises(ParameterError, match='cameras has '):
        named_cameras.parse(texts)


@pytest.mark.parametrize(
    'arguments',
    [
        ['camera', '--cameras', 'a=/x'],
        ['--image-topic', '/x', '--cameras', 'a=/y'],
        ['--cameras', '1=/x'],
    ],
)
def test_the_command_refuses_what_does_not_go_together(arguments, capsys):
    assert cli.main(['run', *arguments]) == 2
    assert 'cameras' in capsys.readouterr().err


def test_the_namespace_is_that_of_the_process():
    assert named_cameras.namespace_of([], 'face_affect') == 'face_affect'
    assert (
        named_cameras.namespace_of(['-r', '__ns:=/robot/faces'], 'face_affect') == '/robot/faces'
    )
    for namespace in ('face_affect', '/face_affect', '/'):
        words = NamedCamera('a', '/x').arguments(namespace)
        expected = '__ns:=/a' if namespace == '/' else '__ns:=/face_affect/a'
        assert expected in words


def test_each_camera_has_answers_of_its_own():
    """Two cameras, one with a face and one without, in one process."""
    join()
    cameras = [NamedCamera(name, f'/test_several/{name}/cam') for name in ('one', 'two')]
    nodes = main.compose_cameras(cameras, '/test_several')
    assert main.autostart(nodes)
    executor = main.executor_of(nodes)
    thread = threading.Thread(target=main.serve, args=(executor,), daemon=True)
    thread.start()
    robots = [Robot(f'/test_several/{camera.name}') for camera in cameras]
    try:
        told = [robot.attributes() for robot in robots]

        def shown():
            robots[0].show()
            robots[1].show(wall(512, 384))
            return all(told)

        wait_until(shown)
        assert [len(each[-1].faces) for each in told] == [1, 0]
    finally:
        for robot in robots:
            robot.close()
        for node in nodes:
            node.release()
        executor.shutdown(timeout_sec=2)
        thread.join(5)
        for node in nodes:
            node.destroy_node()


def test_networks_are_loaded_once_and_let_go():
    """The same engine for who asks the same; nobody's engine is not kept."""
    engines = SharedEngines()
    name = 'mtcnn_onet'
    one, same = engines(name, ModelSettings()), engines(name, ModelSettings())
    assert one is same
    assert engines(name, ModelSettings(threads=2)) is not one
    kept = weakref.ref(one)
    model = load_model(1, engine=engines)
    assert model.detector.networks[2] is one
    del one, same, model
    gc.collect()
    assert kept() is None
