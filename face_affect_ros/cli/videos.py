# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Video files classified: every frame once, through the stages of a stream."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from face_affect_ros.stream.video_file import VideoError
from face_affect_ros.stream.video_file import VideoFile
from face_affect_ros.stream.video_file import VideoFrame

if TYPE_CHECKING:
    from face_affect_ros.drawing.video import AnnotatedVideo
    from face_affect_ros.model import Model
    from face_affect_ros.settings import ModelSettings
    from face_affect_ros.stream.types import DescribedFaces

Progress = Callable[[Iterator[VideoFrame], 'int | None'], Iterator[VideoFrame]]
"""Wraps the frames, of which there are so many (None: not known), to show how far they are."""

Tell = Callable[[VideoFrame, 'DescribedFaces'], None]
"""Takes what is found in a frame."""


def classify(
    path: str,
    model: Model,
    settings: ModelSettings,
    tell: Tell,
    *,
    every_s: float = 0.0,
    target: Path | None = None,
    rotate: int = 0,
    progress: Progress = lambda frames, _: frames,
) -> str | None:
    """Tell what is found in the frames of a video.

    :param every_s: seconds between the frames that are looked at, at least; 0: all are.
    :param target: MP4 file to which the frames go with their faces drawn in.
    :param rotate: degrees by which the frames are turned clockwise first.
    :returns: what went wrong; what was found before has been told.
    """
    from face_affect_ros.drawing.video import VideoWriteError
    from face_affect_ros.images.errors import ImageError
    from face_affect_ros.stream.replay import ReplaySettings
    from face_affect_ros.stream.replay import ReplayStages
    from face_affect_ros.tracking.settings import TrackingSettings

    tracking = TrackingSettings(track_timeout=_timeout(every_s))
    stages = ReplayStages(model, ReplaySettings(settings, tracking))
    try:
        with VideoFile(path, rotate) as video, contextlib.ExitStack() as stack:
            drawn = _annotated(video, every_s, target, stack)
            number = -1
            for frame in progress(video.frames(every_s), None if every_s else video.count or None):
                described = stages.describe(stages.detect(frame.of_stream()))
                tell(frame, described)
                if drawn is not None:
                    drawn.add(frame.image, described.faces)
                number = frame.number
            return _cut_short(path, number, video.count, every_s * video.rate)
    except (VideoError, ImageError, VideoWriteError) as error:
        return str(error)


def _timeout(every_s: float) -> float:
    """Return how long a face may be missed: by default, but two of the frames looked at."""
    from face_affect_ros.tracking.settings import LONGEST_TIMEOUT_S
    from face_affect_ros.tracking.settings import TrackingSettings

    return min(max(TrackingSettings.track_timeout, 2 * every_s), LONGEST_TIMEOUT_S)


def _annotated(
    video: VideoFile, every_s: float, target: Path | None, stack: contextlib.ExitStack
) -> AnnotatedVideo | None:
    from face_affect_ros.drawing.video import AnnotatedVideo
    from face_affect_ros.drawing.video import VideoWriteError

    if target is None:
        return None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise VideoWriteError(f'{target.parent} cannot be made: {error.strerror}') from error
    rate = min(video.rate, 1 / every_s) if every_s else video.rate
    return stack.enter_context(AnnotatedVideo(target, rate))


def _cut_short(path: str, last: int, count: int, step: float) -> str | None:
    """Return what is missing at the end of a video, if much is.

    :param last: number of the last frame.
    :param count: frames that the file claims to have; 0: it does not say.
    :param step: frames between those looked at.
    """
    from face_affect_ros.quoting import quoted

    if last < 0:
        return f'video {quoted(path)} has no frame that can be read'
    if last + 1 + step < 0.9 * count:
        return f'video {quoted(path)} is damaged: of {count} frames {last + 1} can be read'
    return None
