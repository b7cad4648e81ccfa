# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect classify``: what is to be seen in picture files."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

from face_affect_ros.cli import FAILED
from face_affect_ros.cli import UsageError
from face_affect_ros.cli import annotated
from face_affect_ros.cli import options
from face_affect_ros.cli import pictures
from face_affect_ros.cli.csv_file import CsvFile
from face_affect_ros.cli.in_order import OrderedWorkers
from face_affect_ros.cli.outputs import Outputs
from face_affect_ros.cli.picture_classifier import Classified
from face_affect_ros.cli.picture_classifier import PictureClassifier
from face_affect_ros.quoting import printable
from face_affect_ros.quoting import quoted

if TYPE_CHECKING:
    from face_affect_ros.model import Model
    from face_affect_ros.stream.video_file import VideoFrame

SUMMARY = 'faces, emotion, gender, age in pictures and videos: files, folders, or one on stdin'

_EPILOG = """\
examples:
  face-affect classify party.jpg
  face-affect classify photos --annotate annotated      pictures with the faces drawn in
  face-affect classify photos --json > faces.jsonl      one object a line and picture
  face-affect classify photos --csv faces.csv --workers 4
  face-affect classify sideways.mp4 --rotate 90         a camera that is mounted otherwise
  face-affect classify crops --cut-faces                pictures that are a face already
  face-affect classify clip.mp4 --annotate out          a video, as a stream: with tracks, smoothed
  face-affect classify clip.mp4 --every 1 --json        one object a second of video
  curl -s https://example.org/a.jpg | face-affect classify -
  face-affect classify <(curl -s https://example.org/a.jpg) <(curl -s https://example.org/b.jpg)

Of videos (what OpenCV reads) every frame is looked at once, whatever the speed of the machine,
with the file's own times; --annotate writes an MP4 (MPEG-4 Part 2, which browsers do not open:
docs/classify.md). They are named by themselves, not found in folders.

The table of --csv has a row a face, and one for each picture or frame without a face and each
that failed (column error); scores are emotion_happy and so on. A cell that a spreadsheet would
run as a formula (=SUM.jpg) gets ' in front, a path ./; a track id and times are of videos.

--workers looks at several pictures at a time, each with --threads; videos are looked at one after
the other.

JPEG, PNG, WebP, BMP, TIFF, GIF (its first frame), PGM, PPM, JPEG 2000, AVIF and, with the extra
heic, HEIC are read, from files and pipes, and turned upright by their EXIF orientation. A picture
that cannot be read, or whose annotated picture cannot be written, is named on stderr, the rest
are done, and the exit code is 1. In folders hidden files and links to folders are passed over;
what folders hold beside pictures is counted by its ending at the end.
"""

_MANY = 5
"""From this many pictures on a terminal sees how far we are."""

MOST_WORKERS = 64

MOST_KINDS = 8
"""Endings of files that were not read that are told, the most frequent first."""


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
        '--csv',
        type=Path,
        metavar='FILE',
        help='write a table to this file, a row a face, for spreadsheets and pandas',
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
    options.add_rotate(parser)
    parser.add_argument(
        '--workers',
        type=options.number(int, 1, MOST_WORKERS),
        default=1,
        metavar='N',
        help='pictures that are looked at at a time; results come in their order (default: '
        '%(default)s)',
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

    settings = options.settings(arguments)
    with contextlib.ExitStack() as stack:
        model = stack.enter_context(load_model(arguments.model, settings))
        table = stack.enter_context(CsvFile(arguments.csv)) if arguments.csv else None
        workers = stack.enter_context(OrderedWorkers(arguments.workers))
        advance, show = stack.enter_context(_progress(len(sources)))
        outputs = Outputs(model.name, arguments.json, table, show)
        classifier = PictureClassifier(model, targets, arguments.cut_faces, arguments.rotate)
        results = workers.results(partial(_unless_video, classifier), sources)
        for source, found in zip(sources, results):
            if found is None:
                found = _video(source, model, arguments, targets.get(source), outputs)
            if found is not None:
                outputs.picture(found)
            advance()
        if passed_over:
            outputs.complain(_counted(passed_over))
    return FAILED if outputs.failed else 0


def _counted(passed_over: Counter[str]) -> str:
    """Return what the folders held that was not read."""
    from face_affect_ros.images.formats import remedies
    from face_affect_ros.stream.video_file import ENDINGS

    kinds = passed_over.most_common(MOST_KINDS)
    words = [f'{count} {printable(ending) or "without an ending"}' for ending, count in kinds]
    if len(passed_over) > MOST_KINDS:
        words.append(f'{sum(passed_over.values()) - sum(count for _, count in kinds)} others')
    hints = ['name a video by itself'] if set(passed_over) & set(ENDINGS) else []
    hints += [
        f'to read {ending} {remedy}'
        for ending, remedy in remedies().items()
        if passed_over[ending]
    ]
    return '; '.join([f'no pictures, not read: {", ".join(words)}', *hints])


def _unless_video(
    classify: Callable[[pictures.Source], Classified], source: pictures.Source
) -> Classified | None:
    """Return what came of a picture; None for a video, which is looked at when its turn comes."""
    return None if source.is_video and not source.error else classify(source)


def _video(
    source: pictures.Source,
    model: Model,
    arguments: argparse.Namespace,
    target: Path | None,
    outputs: Outputs,
) -> Classified | None:
    """Classify the frames of a video and show what was found; return what went wrong, if any."""
    from face_affect_ros.cli import videos

    if arguments.cut_faces:
        error: str | None = f'{quoted(source.path)} is a video: --cut-faces is for pictures'
    else:
        error = videos.classify(
            source.path,
            model,
            model.settings,
            partial(outputs.frame, source.path),
            every_s=arguments.every,
            target=target,
            rotate=arguments.rotate,
            progress=_frame_progress,
        )
    return Classified(source.path, error=error) if error else None


def _frame_progress(frames: Iterator[VideoFrame], count: int | None) -> Iterator[VideoFrame]:
    """Yield the frames of a video; on a terminal a bar shows how far they are."""
    if not sys.stderr.isatty():
        yield from frames
        return
    from tqdm import tqdm

    yield from tqdm(frames, unit='frame', total=count, leave=False)


@contextlib.contextmanager
def _progress(count: int) -> Iterator[tuple[Callable[[], Any], Callable[..., None]]]:
    """Give a function to call after each picture, and a ``print``.

    On a terminal many pictures have a progress bar.
    """
    if count < _MANY or not sys.stderr.isatty():
        yield lambda: None, partial(print, flush=True)
        return
    from tqdm import tqdm

    with tqdm(total=count, unit='picture', leave=False) as bar:
        yield bar.update, tqdm.write
