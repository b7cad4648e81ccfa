# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A node that answers ``classify_image`` and publishes ``attributes`` as a scene says.

No camera is needed and no network is loaded. Run it by ``ros2 run face_affect_ros
fake_classifier`` or ``python -m face_affect_ros.testing.fake_classifier``, or add a
``FakeClassifier`` to a node of a test.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import sys
import threading
import time
from pathlib import Path
from typing import Any

from face_affect_ros.stream.types import Counts
from face_affect_ros.stream.types import DescribedFaces
from face_affect_ros.stream.types import FrameTiming
from face_affect_ros.testing import fake_node
from face_affect_ros.testing import scenes
from face_affect_ros.testing.scenes import Scene
from face_affect_ros.testing.scenes import Step

NAMESPACE = '/face_affect'

_EPILOG = """examples:
  ros2 run face_affect_ros fake_classifier                     somebody comes, smiles, leaves, ...
  ros2 run face_affect_ros fake_classifier my_scene.yaml
  ros2 service call /face_affect/classify_image face_affect_ros/srv/ClassifyImage "{}"
  ros2 topic echo /face_affect/attributes

A scene:
"""


class FakeClassifier:
    """Serves ``classify_image`` and publishes ``attributes``, relative to the node's namespace.

    The scene begins when somebody asks or subscribes first, so that nobody misses its beginning.
    A sent picture is answered with the faces of the moment, untracked, under its own header.

    :param node: an rclpy node, spun by its owner.
    :param scene: what is answered; by default nobody is ever there.
    :param frame_id: of the pretended camera.
    """

    def __init__(self, node: Any, scene: Scene | None = None, frame_id: str = 'camera') -> None:
        from face_affect_ros.msg import FaceAttributesArray
        from face_affect_ros.ros import qos
        from face_affect_ros.ros.deferred_service import DeferredService
        from face_affect_ros.srv import ClassifyImage

        self._node = node
        self._scene = scene or Scene()
        self._frame_id = frame_id
        self._began_at: float | None = None
        self._shown: Step | None = None
        self._frames = 0
        self.requests = 0
        """Requests taken so far."""
        self._response = ClassifyImage.Response
        self._publisher = node.create_publisher(FaceAttributesArray, 'attributes', qos.output())
        self._timer = node.create_timer(1 / self._scene.rate, self._publish)
        DeferredService(node, ClassifyImage, 'classify_image', self._take)

    def show(self, *faces: Any, **step: Any) -> None:
        """Answer with these faces from now on, whatever the scene says.

        :param faces: ``Face`` objects, or mappings as in a scene (``{'emotion': 'happy'}``).
        :param step: further fields of ``Step``: ``error``, ``message``, ``delay_s``, ``answers``.
        :raises SceneError: a mapping is no face.
        """
        made = (scenes.read_face(face) if isinstance(face, dict) else face for face in faces)
        self._shown = Step(scenes.largest_first(made), **step)

    def step(self) -> Step:
        """Return what is answered now."""
        if self._shown is not None:
            return self._shown
        now = time.monotonic()
        if self._began_at is None:
            self._began_at = now
        return self._scene.step_at(now - self._began_at)

    def _publish(self) -> None:
        """Publish the faces of the moment while somebody listens."""
        from face_affect_ros.ros import messages

        if not self._publisher.get_subscription_count():
            return
        step = self.step()
        if not step.error:
            self._publisher.publish(messages.described_to_message(self._described(step)))

    def _take(self, request: Any, reply: Any) -> None:
        """Answer a request, now or later."""
        step = self.step()
        self.requests += 1
        if not step.answers:
            return
        if step.delay_s:
            later = threading.Timer(step.delay_s, self._answer, (request, reply, step))
            later.daemon = True
            later.start()
        else:
            self._answer(request, reply, step)

    def _answer(self, request: Any, reply: Any, step: Step) -> None:
        from face_affect_ros.ros import messages

        response = self._response()
        if step.error:
            response.error_code = getattr(self._response, step.error)
            response.message = step.message
        else:
            response.success = True
            response.result = messages.described_to_message(self._described(step, request))
        reply(response)

    def _described(self, step: Step, request: Any = None) -> DescribedFaces:
        """Return the faces as of a frame that has just come, or of the request's picture."""
        from std_msgs.msg import Header

        from face_affect_ros.ros import messages

        sent = None if request is None else _picture_of(request)
        if sent is not None:
            faces = tuple(
                dataclasses.replace(face, track_id=0, emotion_scores_frame=None)
                for face in step.faces
            )
            width, height = getattr(sent, 'width', 0), getattr(sent, 'height', 0)
            size = (width, height) if width and height else self._scene.image_size
            header, timing = sent.header, FrameTiming(0, math.nan, 0.0, 0.0)
        else:
            self._frames += 1
            faces, size = step.faces, self._scene.image_size
            header = Header(frame_id=self._frame_id, stamp=self._node.get_clock().now().to_msg())
            counts = Counts(received=self._frames, processed=self._frames)
            timing = FrameTiming(time.time_ns(), time.monotonic(), 0.0, 0.0, counts, 1)
        return DescribedFaces(
            header, messages.stamp_ns_of(header), size, self._scene.model, faces, timing
        )


def main(argv: list[str] | None = None) -> int:
    """Run the node until SIGINT or SIGTERM; return 1 where the scene cannot be read."""
    example = (scenes.__doc__ or '').partition('\n\n')[2]
    parser = argparse.ArgumentParser(
        prog='fake_classifier',
        description=(__doc__ or '').partition('\n')[0],
        epilog=_EPILOG + example,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        'scene',
        nargs='?',
        type=Path,
        default=scenes.GREETING,
        metavar='FILE',
        help='a scene in YAML (default: nobody, somebody comes, smiles, leaves, over and over)',
    )
    ours, ros_arguments = fake_node.split(argv)
    arguments = parser.parse_args(ours)
    try:
        scene = scenes.load_scene(arguments.scene)
    except scenes.SceneError as error:
        print(f'fake_classifier: error: {error}', file=sys.stderr)
        return 1
    return fake_node.spin(
        'fake_classifier', NAMESPACE, ros_arguments, lambda node: FakeClassifier(node, scene)
    )


def _picture_of(request: Any) -> Any:
    """Return the sent picture, or None."""
    return next(
        (picture for picture in (request.image, request.compressed) if len(picture.data)), None
    )


if __name__ == '__main__':
    sys.exit(main())
