# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The node ``camera``: takes the newest camera picture and hands it on as a frame.

Threading: the image callback only stores the serialised message and wakes; the stage's one worker
thread unpacks, converts and hands on. Transitions, watch timer and parameters share the default
callback group; the image has a group of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from sensor_msgs.msg import CompressedImage

from face_affect_ros import images
from face_affect_ros.image_messages import convert
from face_affect_ros.images.bit_depth import StreamDepth
from face_affect_ros.msg import CameraFrame
from face_affect_ros.quoting import quoted
from face_affect_ros.quoting import shortened
from face_affect_ros.ros import cdr_image
from face_affect_ros.ros import decoder_messages
from face_affect_ros.ros import messages
from face_affect_ros.ros import pause
from face_affect_ros.ros import privacy
from face_affect_ros.ros.diagnostics import Report
from face_affect_ros.ros.diagnostics import values_of
from face_affect_ros.ros.image_input import ImageInput
from face_affect_ros.ros.links import LinkPublisher
from face_affect_ros.ros.stage_node import StageNode
from face_affect_ros.stream.health import of_stage
from face_affect_ros.stream.rate_limiter import RateLimiter
from face_affect_ros.stream.stage import Stage
from face_affect_ros.stream.types import Frame
from face_affect_ros.stream.types import FrameTiming
from face_affect_ros.stream.types import RawFrame

READERS: dict[str, Callable[[bytes], Any]] = {
    'raw': cdr_image.read_image,
    'compressed': lambda message: cdr_image.unpack(message, CompressedImage),
}

OF_STREAM = {'image_topic', 'image_topic_alternative', 'image_transport'}
"""Parameters of which another value means another stream."""


class CameraNode(StageNode):
    """Camera pictures to frames, for the stages in this process and on the topic ``frames``.

    :param cli_args: ROS arguments of this node alone.
    """

    def __init__(self, cli_args: list[str] | None = None) -> None:
        super().__init__('camera', cli_args)
        self.frames: LinkPublisher[Frame] = LinkPublisher(
            'frames',
            CameraFrame,
            messages.frame_to_message,
            lambda: self.received_at,
            lambda: self.stage.fault(),
        )
        self.frames.on_demand = self.refresh_inputs
        self.stage: Stage[RawFrame, Frame] = Stage(
            'camera', self._convert, (self.frames.send,), self.failures.add
        )
        self.input = ImageInput(self, self.log, self.parameters, self._take)
        self._rate_limiter = RateLimiter()
        self.frames_received = 0
        self.received_at: float | None = None
        self._picture = ''
        self._warned = False
        self._depth = StreamDepth()
        pause.follow(self, self.set_enabled)

    def configure(self) -> None:
        """Create the private topic, where pictures may be published."""
        if not privacy.is_strict(self.parameters):
            self.frames.advertise(self)

    def activate(self) -> None:
        """Start counting frames from zero."""
        self.frames_received = 0
        self.received_at = None
        self._picture = ''
        self._rate_limiter = RateLimiter()
        self._warned = False
        self._depth = StreamDepth()
        self.stage.start()

    def deactivate(self) -> None:
        """Unsubscribe and stop."""
        self.input.close()
        self.stage.stop()

    def clean_up(self) -> None:
        """Remove the private topic."""
        self.frames.unadvertise(self)

    def update_inputs(self) -> None:
        """Subscribe to the camera only while somebody wants frames."""
        self.frames.assert_alive()
        if self.enabled and self.frames.wanted():
            self.input.open()
            self.input.watch(self._picture)
        else:
            self.input.close()

    def forget_newest(self) -> None:
        """Drop the frame that waits."""
        self.stage.clear()

    def parameters_changed(self, names: set[str]) -> None:
        """Subscribe anew where another topic or another kind of picture is wanted."""
        if names & OF_STREAM:
            self._warned = False
            self._depth = StreamDepth()
        self.refresh_inputs()

    def report(self) -> Report:
        """Return figures of the input."""
        stats, unheard = self.stage.counters.stats(), self.input.warning()
        health = of_stage(stats, leaves_out=self.parameters['max_rate'] > 0)
        return Report(
            unheard or self.failures.recent() or health.warning,
            {
                **values_of(stats),
                **self.input.report(),
                'failures': self.failures.count,
            },
            self.stage.fault() or (unheard if self.input.is_lost() else '') or health.error,
        )

    def _take(self, kind: str, message: bytes) -> None:
        """Store a camera message; called by the image callback."""
        self.frames_received += 1
        timing = FrameTiming.begin(self.frames_received)
        self.received_at = timing.received_at
        if self._rate_limiter.takes(timing.received_at, self.parameters['max_rate']):
            self.stage.put(RawFrame((kind, message), timing))
        else:
            self.stage.counters.arrived(timing)

    def _convert(self, arrival: RawFrame) -> Frame:
        """Unpack a camera message; the stage's work."""
        transport, data = arrival.message
        message = READERS[transport](data)
        max_pixels = self.parameters['max_pixels']
        if transport == 'raw':
            image = convert.to_bgr(message, max_pixels=max_pixels, depth=self._depth)
        else:
            decode = partial(
                images.decode, warn=self._warn, max_pixels=max_pixels, depth=self._depth
            )
            with decoder_messages.told_to(self._tell_of_damage):
                image = convert.compressed_to_bgr(message, decode)
        encoding = message.format if transport == 'compressed' else message.encoding
        self._picture = f'{image.shape[1]}x{image.shape[0]} {shortened(encoding)}'
        image = self._turned(image)
        return Frame(message.header, messages.stamp_ns_of(message.header), image, arrival.timing)

    def _turned(self, image: np.ndarray) -> np.ndarray:
        """Return a picture as ``rotate`` says, read-only."""
        turned = images.turned(image, int(self.parameters['rotate']))
        turned.flags.writeable = False
        return turned

    def _tell_of_damage(self, text: str) -> None:
        self.log.warning('damage', f'a picture on {self.input.topic} is damaged: {quoted(text)}')

    def _warn(self, warning: Warning) -> None:
        """Log what is wrong with pictures that can be used, once a stream."""
        if not self._warned:
            self._warned = True
            self.get_logger().warning(f'{self.input.topic}: {warning}')
