# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A live stream in the Rerun viewer and as its recording; needs the extra ``rerun``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from face_affect_ros.drawing.palette import color_of
from face_affect_ros.faces import Face
from face_affect_ros.tasks import EMOTIONS

JPEG_QUALITY = 85

DISPLAYS = ('DISPLAY', 'WAYLAND_DISPLAY')
"""Variables of which one is set where a window can be shown."""


class RerunError(Exception):
    """The stream cannot be shown or recorded; the text says what to do."""


class RerunStream:
    """Shows pictures with their faces, and draws emotions and ages over time.

    :param path: file to record to, ``*.rrd``; empty: nothing is written.
    :raises RerunError: Rerun is not installed, the file cannot be written, or there is neither a
        file nor a display.
    """

    def __init__(self, path: str = '') -> None:
        try:
            import rerun
        except ImportError as error:
            raise RerunError(
                f'--rerun needs Rerun ({error}): pip install "face_affect_ros[rerun]"'
            ) from error
        self._rerun = rerun
        shows = any(os.environ.get(name) for name in DISPLAYS)
        if not path and not shows:
            raise RerunError(
                'there is no display for the Rerun viewer: give a file, as --rerun stream.rrd'
            )
        if path and not Path(path).absolute().parent.is_dir():
            raise RerunError(f'{path} cannot be written: there is no such folder')
        self._recording = rerun.RecordingStream('face_affect_ros')
        sinks: list[Any] = [rerun.FileSink(path)] if path else []
        if shows:
            rerun.spawn(connect=False)
            sinks.append(rerun.GrpcSink())
        self._recording.set_sinks(*sinks)

    def log(self, image: np.ndarray, faces: Sequence[Face], stamp_ns: int) -> None:
        """Log a frame.

        :param image: (H, W, 3) uint8 BGR.
        :param faces: of the frame, described.
        :param stamp_ns: time of the frame in nanoseconds; 0: it has none.
        """
        rerun, recording = self._rerun, self._recording
        if stamp_ns:
            recording.set_time('stamp', timestamp=stamp_ns * 1e-9)
        picture = rerun.Image(np.ascontiguousarray(image[..., ::-1]))
        recording.log('camera', picture.compress(jpeg_quality=JPEG_QUALITY))
        recording.log(
            'camera/faces',
            rerun.Boxes2D(
                array=np.array([[*face.box] for face in faces], np.float32).reshape(-1, 4),
                array_format=rerun.Box2DFormat.XYWH,
                labels=[_label(face) for face in faces],
                colors=[color_of(face)[::-1] for face in faces],
            ),
        )
        for face in faces:
            place = f'faces/{face.track_id}'
            if face.emotion is not None:
                for label in EMOTIONS:
                    probability = face.emotion.scores[label]
                    recording.log(f'{place}/emotion/{label}', rerun.Scalars(probability))
            if face.age is not None:
                recording.log(f'{place}/age', rerun.Scalars(face.age.years))

    def close(self) -> None:
        """Write what is not written yet."""
        self._recording.flush()
        self._recording.disconnect()


def _label(face: Face) -> str:
    """Return what is told of a face, in a line."""
    words = [
        each.label if hasattr(each, 'label') else f'{each.years:.0f}'
        for each in (face.emotion, face.gender, face.age)
        if each is not None
    ]
    return ' '.join([*words, f'#{face.track_id}'])
