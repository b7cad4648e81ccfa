# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A node that publishes a picture or a clip as a camera driver does.

Run it by ``ros2 run face_affect_ros fake_camera`` or ``python -m
face_affect_ros.testing.fake_camera``, or add a ``FakeCamera`` to a node of a test.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Iterable
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

from face_affect_ros.testing import fake_node

if TYPE_CHECKING:
    import numpy as np

TOPIC = '/camera/color/image_raw'
RATE = 30.0

_EPILOG = """examples:
  ros2 run face_affect_ros fake_camera party.jpg
  ros2 run face_affect_ros fake_camera clip.mp4 --topic /head_front_camera/rgb/image_raw --once
  face-affect run --image-topic /camera/color/image_raw
"""


class FakeCameraError(ValueError):
    """A file that cannot be shown; the text says why."""


class FakeCamera:
    """Publishes what it is shown, as ``bgr8``, at a rate; at first nothing.

    :param node: an rclpy node, spun by its owner.
    :param topic: absolute, or relative to the node's namespace.
    :param rate: frames a second, Hz.
    :param reliability: ``reliable`` or ``best_effort``, as camera drivers differ.
    :param compressed: publish ``CompressedImage`` (JPEG), on the topic ``TOPIC/compressed``.
    :param frame_id: of the headers; stamps are the node's time.
    """

    def __init__(
        self,
        node: Any,
        topic: str = TOPIC,
        rate: float = RATE,
        reliability: str = 'best_effort',
        compressed: bool = False,
        frame_id: str = 'camera',
    ) -> None:
        from rclpy.qos import QoSProfile
        from sensor_msgs.msg import CompressedImage
        from sensor_msgs.msg import Image

        from face_affect_ros.ros import qos

        self._node = node
        self._compressed = compressed
        self._frame_id = frame_id
        self._frames: Iterator[np.ndarray] = iter(())
        self.sent = 0
        """Frames published so far."""
        self._publisher = node.create_publisher(
            CompressedImage if compressed else Image,
            f'{topic}/compressed' if compressed else topic,
            QoSProfile(depth=5, reliability=qos.RELIABILITIES[reliability]),
        )
        self._timer = node.create_timer(1 / rate, self._publish)

    def show(self, picture: np.ndarray) -> None:
        """Show a picture from now on.

        :param picture: (H, W, 3) uint8 BGR.
        """
        self.play(itertools.repeat(picture))

    def play(self, frames: Iterable[np.ndarray]) -> None:
        """Show one frame after the other from now on; after the last one it is silent.

        :param frames: each (H, W, 3) uint8 BGR.
        """
        self._frames = iter(frames)

    def stop(self) -> None:
        """Publish nothing from now on."""
        self._frames = iter(())

    def _publish(self) -> None:
        from std_msgs.msg import Header

        frame = next(self._frames, None)
        if frame is not None:
            stamp = self._node.get_clock().now().to_msg()
            header = Header(stamp=stamp, frame_id=self._frame_id)
            self._publisher.publish(self._message(frame, header))
            self.sent += 1

    def _message(self, frame: np.ndarray, header: Any) -> Any:
        if not self._compressed:
            from face_affect_ros.image_messages import convert

            return convert.to_image_message(frame, header)
        import cv2
        from sensor_msgs.msg import CompressedImage

        data = cv2.imencode('.jpg', frame)[1].tobytes()
        return CompressedImage(header=header, format='bgr8; jpeg compressed bgr8', data=data)


def frames_of(path: str | Path, repeat: bool = True) -> tuple[Iterator[np.ndarray], float]:
    """Return the frames of a picture or a clip, and the clip's rate in Hz.

    :param path: of a picture that ``images.load`` reads, or of a clip that OpenCV reads.
    :param repeat: whether a clip begins again, and a picture is shown more than once.
    :raises FakeCameraError: the file is neither.
    """
    from face_affect_ros import images

    if not Path(path).is_file():
        raise FakeCameraError(f'{path} is no file: give a picture or a clip')
    try:
        picture = images.load(path)
        return (itertools.repeat(picture) if repeat else iter((picture,))), RATE
    except images.ImageError as error:
        clip = _open_clip(path)
        if clip is None:
            raise FakeCameraError(f'{error}; nor is it a clip that OpenCV can decode') from error
    import cv2

    rate = clip.get(cv2.CAP_PROP_FPS)
    return _frames_of_clip(path, repeat), rate if 1 <= rate <= 240 else RATE


def _open_clip(path: str | Path) -> Any:
    """Return the opened clip; None where it has no frame that can be decoded."""
    import cv2

    clip = cv2.VideoCapture(str(path))
    return clip if clip.isOpened() and clip.read()[0] else None


def _frames_of_clip(path: str | Path, repeat: bool) -> Iterator[np.ndarray]:
    import cv2

    while True:
        clip = cv2.VideoCapture(str(path))
        good, frame = clip.read()
        while good:
            yield frame
            good, frame = clip.read()
        if not repeat:
            return


def main(argv: list[str] | None = None) -> int:
    """Publish until SIGINT or SIGTERM; return 1 where the file cannot be shown."""
    parser = argparse.ArgumentParser(
        prog='fake_camera',
        description=(__doc__ or '').partition('\n')[0],
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('file', type=Path, metavar='FILE', help='a picture or a clip')
    parser.add_argument('--topic', default=TOPIC, help='of the pictures (default: %(default)s)')
    parser.add_argument(
        '--rate', type=_rate, metavar='HZ', help="frames a second (default: the clip's, or 30)"
    )
    parser.add_argument(
        '--once', action='store_true', help='then be silent, in place of over and over'
    )
    parser.add_argument(
        '--compressed', action='store_true', help='JPEG, on the topic TOPIC/compressed'
    )
    parser.add_argument(
        '--reliable', action='store_true', help='reliable, in place of best effort'
    )
    parser.add_argument(
        '--frame-id', default='camera', help='of the headers (default: %(default)s)'
    )
    ours, ros_arguments = fake_node.split(argv)
    arguments = parser.parse_args(ours)
    try:
        frames, rate = frames_of(arguments.file, not arguments.once)
    except FakeCameraError as error:
        print(f'fake_camera: error: {error}', file=sys.stderr)
        return 1

    def begin(node: Any) -> FakeCamera:
        camera = FakeCamera(
            node,
            arguments.topic,
            arguments.rate or rate,
            'reliable' if arguments.reliable else 'best_effort',
            arguments.compressed,
            arguments.frame_id,
        )
        camera.play(frames)
        return camera

    return fake_node.spin('fake_camera', '', ros_arguments, begin)


def _rate(text: str) -> float:
    """Return a rate of the command line."""
    rate = float(text)
    if not 0 < rate <= 1000:
        raise argparse.ArgumentTypeError(f'{text} Hz: give more than 0 and at most 1000')
    return rate


if __name__ == '__main__':
    sys.exit(main())
