# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How steady a stream's answers are, on videos.

    .venv/bin/python benchmark/steadiness.py clips/*.mp4 --model 1 2 --smoothing 0 0.3

Every frame goes through the stages of a stream, by its own time. `tracks` are the faces with an id
of their own that are seen for a second or longer; `changes_per_s` is how often the emotion that is
told of them changes, over all the time that they are seen, `worst` that of the least steady one;
`age_deviation` the standard deviation of a track's age in years, mean over tracks.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
from collections.abc import Iterator
from pathlib import Path

import cv2
from following import frames_of
from markdown_table import markdown_table
from tqdm import tqdm

from face_affect_ros.faces import Face
from face_affect_ros.model import Model
from face_affect_ros.pipeline import load_model
from face_affect_ros.stream.stages import AttributesStage
from face_affect_ros.stream.stages import DetectionStage
from face_affect_ros.stream.types import Frame
from face_affect_ros.stream.types import FrameTiming
from face_affect_ros.tracking.tracker import Tracker

LEAST_S = 1.0


def tracks_of(model: Model, clip: Path, half_life_s: float) -> list[list[tuple[float, Face]]]:
    """Return each track's times and faces."""
    detection = DetectionStage(model.detector, Tracker(deterministic=True))
    attributes = AttributesStage(model)
    attributes.traits.budget_ms = 0.0
    attributes.smoother.half_life_s = half_life_s
    tracks: dict[int, list[tuple[float, Face]]] = {}
    for time, picture in tqdm(frames_of(clip, 10_000), clip.name, leave=False, unit='frames'):
        frame = Frame(None, int((1 + time) * 1e9), picture, FrameTiming(0, time))
        for face in attributes(detection(frame)).faces:
            tracks.setdefault(face.track_id, []).append((time, face))
    return list(tracks.values())


def row_of(tracks: list[list[tuple[float, Face]]]) -> dict[str, float]:
    """Return the figures of a clip."""
    seen = [track for track in tracks if track[-1][0] - track[0][0] >= LEAST_S]
    changes, seconds, ages = [], [], []
    for track in seen:
        labels = [face.emotion.label for _, face in track if face.emotion]
        changes.append(sum(one != other for one, other in itertools.pairwise(labels)))
        seconds.append(track[-1][0] - track[0][0])
        ages.append(statistics.pstdev([face.age.years for _, face in track if face.age]))
    return {
        'all_tracks': len(tracks),
        'tracks': len(seen),
        'changes_per_s': sum(changes) / max(1e-9, sum(seconds)),
        'worst': max((count / time for count, time in zip(changes, seconds)), default=0.0),
        'age_deviation': statistics.mean(ages or [0.0]),
    }


def rows(arguments: argparse.Namespace) -> Iterator[dict[str, object]]:
    """Yield a row for each model, clip and half-life."""
    for name in arguments.model:
        with load_model(name) as model:
            for clip in arguments.clips:
                for half_life_s in arguments.smoothing:
                    figures = row_of(tracks_of(model, clip, half_life_s))
                    yield {
                        'model': name,
                        'clip': clip.stem,
                        'smoothing_s': str(half_life_s),
                        **figures,
                    }


def main() -> None:
    """Measure from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('clips', type=Path, nargs='+')
    parser.add_argument('--model', nargs='+', default=['1'])
    parser.add_argument('--smoothing', type=float, nargs='+', default=[0.0, 0.3])
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    print(markdown_table(list(rows(arguments)), digits=2))


if __name__ == '__main__':
    main()
