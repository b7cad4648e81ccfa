# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect classify``: what is to be seen in picture files."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

from face_affect_ros.cli import FAILED
from face_affect_ros.cli import UsageError
from face_affect_ros.cli import annotated
from face_affect_ros.cli import options
from face_affect_ros.cli import pictures
from face_affect_ros.quoting import printable
from face_affect_ros.quoting import quoted
from face_affect_ros.quoting import shortened
from face_affect_ros.tasks import MULTICLASS
from face_affect_ros.tasks import TASKS
from face_affect_ros.tasks import YEARS
from face_affect_ros.tasks import Task

if TYPE_CHECKING:
    import numpy as np

    from face_affect_ros.faces import Face
    from face_affect_ros.model import Model
    from face_affect_ros.stream.types import DescribedFaces
    from face_affect_ros.stream.video_file import VideoFrame

SUMMARY = 'faces, emotion, gender, age in pictures and videos: files, folders, or one on stdin'

_EPILOG = """\
examples:
  face-affect classify party.jpg
  face-affect classify photos --annotate annotated      pictures with the faces drawn in
  face-affect classify photos --json > faces.jsonl      one object a line and picture
  face-affect classify crops --cut-faces                pictures that are a face already
  face-affect classify clip.mp4 --annotate out          a video, as a stream: with tracks, smoothed
  face-affect classify clip.mp4 --every 1 --json        one object a second of video
  curl -s https://example.org/a.jpg | face-affect classify -
  face-affect classify <(curl -s https://example.org/a.jpg) <(curl -s https://example.org/b.jpg)

Of videos (what OpenCV reads) every frame is looked at once, whatever the speed of the machine,
with the file's own times; --annotate writes an MP4. They are named by themselves, not found in
folders.

JPEG, PNG, WebP, BMP and TIFF are read, from files and pipes, and turned upright by their EXIF
orientation. A picture that cannot be read, or whose annotated picture cannot be written, is named
on stderr, the rest are done, and the exit code is 1. In folders hidden files and links to folders
are passed over; what folders hold beside pictures is counted by its ending at the end.
"""

_MANY = 5
"""From this many pictures on a terminal sees how far we are."""

MOST_KINDS = 8
"""Endings of files that were not read that are told, the most frequent first."""


class _PictureError(Exception):
    """A picture that cannot be read or analyzed; the text names it."""


def add_arguments(parser: argparse.ArgumentParser):
    """Add the options of this subcommand."""
    parser.epilog = _EPILOG
    parser.add_argument(
        'pictures',
        nargs='+',
        metavar='PICTURE',
        help='a picture or video, a folder of pictures (with all folders in it), or - for one '
        'picture on stdin',
    )
    parser.add_argument(
        '--json',
        action='store_true',
        help='one JSON object a line and picture, with all scores; null: not given',
    )
    parser.add_argument(
        '--annotate',
        type=Path,
        metavar='DIR',
        help='write the pictures and videos with their faces drawn in to this folder',
    )
    parser.add_argument(
        '--every',
        type=options.number(float, 0, 86400),
        default=0.0,
        metavar='SECONDS',
        help='of a video look at one frame in so many seconds; 0: at every frame (default: '
        '%(default)s)',
    )
    parser.add_argument(
        '--cut-faces',
        action='store_true',
        help='the pictures are cut faces already: describe each as one face, detect none',
    )
    options.add_model_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Classify every picture; return 1 if one of them failed."""
    target = arguments.annotate
    passed_over: Counter[str] = Counter()
    sources = pictures.find(
        arguments.pictures, os.path.realpath(target) if target else None, passed_over
    )
    if [source.path for source in sources].count(pictures.STDIN) > 1:
        raise UsageError('- (stdin) can be given once only')
    targets = annotated.targets(sources, target) if target else {}
    from face_affect_ros.pipeline import load_model

    failed = False
    with load_model(arguments.model, options.settings(arguments)) as model:
        each, show = _progress(sources)
        for source in each:
            error = _one(source, model, arguments, targets.get(source), show)
            if error:
                failed = True
                show(f'face-affect classify: {error}', file=sys.stderr)
    if passed_over:
        show(f'face-affect classify: {_counted(passed_over)}', file=sys.stderr)
    return FAILED if failed else 0


def _counted(passed_over: Counter[str]) -> str:
    """Return what the folders held that was not read."""
    from face_affect_ros.stream.video_file import ENDINGS

    kinds = passed_over.most_common(MOST_KINDS)
    words = [f'{count} {printable(ending) or "without an ending"}' for ending, count in kinds]
    if len(passed_over) > MOST_KINDS:
        words.append(f'{sum(passed_over.values()) - sum(count for _, count in kinds)} others')
    videos = '; name a video by itself' if set(passed_over) & set(ENDINGS) else ''
    return f'no pictures, not read: {", ".join(words)}{videos}'


def _one(
    source: pictures.Source,
    model: Model,
    arguments: argparse.Namespace,
    target: Path | None,
    show: Callable[..., None],
) -> str | None:
    """Classify one source, show and draw what was found; return the error if there was one."""
    if source.is_video and not source.error:
        return _video(source, model, arguments, target, show)
    size, faces, error = None, [], source.error
    if error is None:
        try:
            image = _read(source, partial(_warn, show))
            faces = _analyze(source, model, image, arguments.cut_faces)
            size = image.shape[1], image.shape[0]
            if target:
                annotated.write(target, image, faces)
        except (_PictureError, annotated.WriteError) as failure:
            error = str(failure)
    if arguments.json:
        from face_affect_ros.cli import schema

        show(schema.line(schema.picture(source.path, model.name, size, faces, error)))
    elif size:
        for text in describe(source.path, faces):
            show(text)
    return error


def _video(
    source: pictures.Source,
    model: Model,
    arguments: argparse.Namespace,
    target: Path | None,
    show: Callable[..., None],
) -> str | None:
    """Classify the frames of a video, show and draw what was found; return the error, if any."""
    from face_affect_ros.cli import schema
    from face_affect_ros.cli import videos

    def tell(frame: VideoFrame, found: DescribedFaces) -> None:
        if arguments.json:
            value = schema.video_frame(
                source.path, model.name, found.size, found.faces, frame.number, frame.time_s
            )
            show(schema.line(value))
            return
        for text in describe(source.path, found.faces, f' {frame.time_s:.2f} s'):
            show(text)

    if arguments.cut_faces:
        error: str | None = f'{quoted(source.path)} is a video: --cut-faces is for pictures'
    else:
        error = videos.classify(
            source.path,
            model,
            model.settings,
            tell,
            every_s=arguments.every,
            target=target,
            progress=_frame_progress,
        )
    if error and arguments.json:
        show(schema.line(schema.picture(source.path, model.name, error=error)))
    return error


def _read(source: pictures.Source, warn: Callable[[Warning], None]) -> np.ndarray:
    """Return a picture as (H, W, 3) uint8 BGR."""
    from face_affect_ros import images
    from face_affect_ros.images import files

    try:
        if source.path != pictures.STDIN:
            return images.load(source.path, warn)
        data = files.read_object(sys.stdin.buffer, images.MAX_FILE_BYTES)
        return images.decode(data, 'picture on stdin', warn)
    except images.ImageError as error:
        raise _PictureError(str(error)) from error


def _warn(show: Callable[..., None], warning: Warning):
    """Name on stderr what is wrong with a picture that can be used."""
    show(f'face-affect classify: warning: {warning}', file=sys.stderr)


def _analyze(source: pictures.Source, model: Model, image: np.ndarray, is_cut: bool) -> list[Face]:
    """Return the faces of a picture; of a cut face the one whose box is the picture."""
    import cv2

    from face_affect_ros.detection.given_boxes import MAX_SIDE
    from face_affect_ros.faces import Box

    height, width = image.shape[:2]
    name = f'picture {quoted(source.path)}, {width}x{height} pixels,'
    if is_cut and max(width, height) > MAX_SIDE:
        raise _PictureError(f'{name} is no cut face: those have at most {MAX_SIDE:,} a side')
    try:
        return model.analyze(image, [Box(0.0, 0.0, width, height)] if is_cut else None)
    except (MemoryError, cv2.error) as error:
        raise _PictureError(
            f'{name} cannot be analyzed ({shortened(str(error) or "out of memory")}): scale it '
            'down'
        ) from error


def describe(path: str, faces: Sequence[Face], time: str = '') -> list[str]:
    """Return what people read about a picture: one line a face, or one that says there is none.

    :param time: of a video's frame, put behind the path.
    """
    name = printable(path) + time
    if not faces:
        return [f'{name}: no face']
    places = [
        f'{name}: face {number} of {len(faces)}'
        + (f', track {face.track_id}' if face.track_id else '')
        for number, face in enumerate(faces, 1)
    ]
    longest = max(map(len, places))
    return [f'{place:<{longest}}  {_words(face)}' for place, face in zip(places, faces)]


def _words(face: Face) -> str:
    """Return one face in words; what was not computed is left out."""
    x, y, width, height = (round(value) for value in face.box)
    told = [_words_of(task, face.result(name), face) for name, task in TASKS.items()]
    return '   '.join([*filter(None, told), f'at {x},{y} size {width}x{height}'])


def _words_of(task: Task, result: Any, face: Face) -> str:
    """Return what is told for a task in words, of one width for all labels."""
    from face_affect_ros.drawing import highlights

    if result is None:
        return ''
    if task.kind == MULTICLASS:
        room = max(len(task.shown(label)) for label in (*task.labels, task.below_threshold))
        return f'{task.shown(result.label):<{room}} {result.confidence:4.0%}'
    if task.kind == YEARS:
        return f'{result.years:3.0f} +-{result.deviation:2.0f} years'
    return ', '.join(highlights.of(result, face.attribute_thresholds))


def _frame_progress(frames: Iterator[VideoFrame], count: int | None) -> Iterator[VideoFrame]:
    """Yield the frames of a video; on a terminal a bar shows how far they are."""
    if not sys.stderr.isatty():
        yield from frames
        return
    from tqdm import tqdm

    yield from tqdm(frames, unit='frame', total=count, leave=False)


def _progress(sources: Sequence[pictures.Source]):
    """Return the sources and a ``print``; on a terminal many of them have a progress bar."""
    if len(sources) < _MANY or not sys.stderr.isatty():
        return sources, partial(print, flush=True)
    from tqdm import tqdm

    return tqdm(sources, unit='picture', leave=False), tqdm.write
