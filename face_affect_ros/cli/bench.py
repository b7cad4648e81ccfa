# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect bench``: how long each stage takes, beside its network alone."""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING
from typing import Any

from face_affect_ros.cli import CommandError
from face_affect_ros.cli import options
from face_affect_ros.cli import tables
from face_affect_ros.cli import version

if TYPE_CHECKING:
    import numpy as np

    from face_affect_ros.cli.recording import Assembly
    from face_affect_ros.cli.recording import RecordedEngine

SUMMARY = 'how long each stage takes on this machine, beside the networks alone'

_EPILOG = """\
examples:
  face-affect bench
  face-affect bench --image group.jpg --min-face-size 20 --threads 2
  face-affect bench --model 1 --beside 2
  face-affect bench --json > bench.json

Medians and 95th percentiles of --repeat passes, in milliseconds. A stage begins where the network
before it ended: it includes choosing and cutting what its network looks at. "network" is ONNX
Runtime alone on the very batches of the stage, timed in turn with the passes; "ratio" is stage /
network, 1.0 being the least that there can be; "share" is of the total. Everything is computed for
every face, as on a single picture: a stream refreshes gender, age and attributes by need. Without
--image, scikit-image's astronaut at 640x480.
"""

_WARM_UP = 3
_TITLES = {
    'mtcnn_pnet': 'pyramid, P-Net',
    'mtcnn_rnet': 'R-Net',
    'mtcnn_onet': 'O-Net',
    'dlib': "dlib's filters",
}
_HEADINGS = ('stage', 'median', 'p95', 'network', 'ratio', 'share')

Times = dict[str, float]


def add_arguments(parser: argparse.ArgumentParser):
    """Add the options of this subcommand."""
    parser.epilog = _EPILOG
    parser.add_argument(
        '--image', nargs='+', default=[], metavar='FILE', help='pictures to measure on'
    )
    parser.add_argument(
        '--repeat',
        type=options.number(int, 1, 100000),
        default=50,
        metavar='N',
        help='passes a picture (default: %(default)s)',
    )
    parser.add_argument(
        '--beside',
        nargs='+',
        type=options.model_name,
        default=[],
        metavar='NAME',
        help='models measured on the same pictures in the same run',
    )
    parser.add_argument('--json', action='store_true', help='one JSON object')
    options.add_model_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    import cv2

    from face_affect_ros.cli import recording
    from face_affect_ros.pipeline import settings_of

    frames = _frames(arguments.image)
    names = dict.fromkeys([arguments.model, *arguments.beside])
    settings = options.settings(arguments)
    assemblies = [recording.assemble(name, settings_of(name, settings)) for name in names]
    usual = cv2.getNumThreads()
    cv2.setNumThreads(arguments.threads)
    try:
        results = [
            _result(name, frame, assembly, arguments.repeat)
            for name, frame in frames
            for assembly in assemblies
        ]
    finally:
        cv2.setNumThreads(usual)
    report = {**_circumstances(arguments), 'results': results}
    if arguments.json:
        from face_affect_ros.cli import schema

        print(schema.line(report))
    else:
        print(_as_text(report))
    return 0


def _frames(files: Iterable[str]) -> list[tuple[str, np.ndarray]]:
    """Return the pictures to measure on, by name."""
    from face_affect_ros import images

    try:
        return [(name, images.load(name)) for name in files] or [('astronaut', _astronaut())]
    except images.ImageError as error:
        raise CommandError(str(error)) from error


def _astronaut() -> np.ndarray:
    """Return scikit-image's photograph of an astronaut as (480, 640, 3) uint8 BGR."""
    try:
        from skimage import data
    except ImportError as error:
        raise CommandError(
            'no picture to measure on: give --image FILE, or install scikit-image '
            'for its photograph of an astronaut'
        ) from error
    import cv2

    picture = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR)
    return cv2.resize(picture, (640, 640), interpolation=cv2.INTER_LINEAR)[:480].copy()


def _circumstances(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what the figures depend on."""
    import cv2
    import numpy as np
    import onnxruntime

    from face_affect_ros.cli import schema

    return {
        'schema': schema.VERSION,
        'model': arguments.model,
        'threads': arguments.threads,
        'min_face_size': arguments.min_face_size,
        'repeat': arguments.repeat,
        'processor': _processor(),
        'cores': os.cpu_count(),
        'versions': {
            'face_affect_ros': version(),
            'python': platform.python_version(),
            'onnxruntime': onnxruntime.__version__,
            'numpy': np.__version__,
            'opencv': cv2.__version__,
        },
    }


def _processor() -> str:
    """Return the processor's name as far as the system tells it."""
    try:
        with open('/proc/cpuinfo', encoding='utf-8', errors='replace') as file:
            names = [line.split(':', 1)[1].strip() for line in file if 'model name' in line]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def _result(name: str, frame: np.ndarray, assembly: Assembly, repeat: int) -> dict[str, Any]:
    """Measure one picture."""
    stages: list[Times] = []
    networks: list[Times] = []
    _, faces = timed_pass(frame, assembly, keep_inputs=True)
    for number in range(_WARM_UP + repeat):
        times, faces = timed_pass(frame, assembly)
        alone = _alone(assembly)
        if number >= _WARM_UP:
            stages.append(times)
            networks.append(alone)
    return {
        'path': name,
        'model': assembly.model.name,
        'width': frame.shape[1],
        'height': frame.shape[0],
        'faces': faces,
        'stages': [_summary(stage, stages, networks) for stage in stages[0]],
    }


def timed_pass(
    frame: np.ndarray, assembly: Assembly, keep_inputs: bool = False
) -> tuple[Times, int]:
    """Run the pipeline once; return seconds a stage and the number of faces."""
    from face_affect_ros.model import context_crops

    for engine in assembly.engines.values():
        engine.forget(keep_inputs)
    start = time.perf_counter()
    detections = assembly.model.detector.detect(frame)
    detected = time.perf_counter()
    seen = context_crops(frame, detections)
    viewed = time.perf_counter()
    assembly.model.describe(seen, detections)
    end = time.perf_counter()
    finding = _searching(start, detected, assembly)
    finding[list(finding)[-1]] += detected - start - sum(finding.values())
    telling = _split(viewed, assembly.description)
    return {
        **finding,
        'detection': detected - start,
        'views': viewed - detected,
        **telling,
        'decision': end - viewed - sum(telling.values()),
        'total': end - start,
    }, len(detections)


def _searching(start: float, detected: float, assembly: Assembly) -> Times:
    """Return the seconds of each stage of a detection.

    A library finds faces between what networks propose and what the last one aligns.
    """
    if not assembly.search:
        return _split(start, assembly.detection)
    *proposing, (last, aligning) = assembly.detection.items()
    proposed = _split(start, dict(proposing))
    begin = start + sum(proposed.values())
    found = aligning.calls[0].start if aligning.calls else detected
    return {**proposed, assembly.search: found - begin, **_split(found, {last: aligning})}


def _split(start: float, engines: dict[str, RecordedEngine]) -> Times:
    """Return the seconds from one network's last end to the next one's, a network each."""
    times = {}
    for name, engine in engines.items():
        end = engine.calls[-1].end if engine.calls else start
        times[name] = end - start
        start = end
    return times


def _alone(assembly: Assembly) -> Times:
    """Run the networks alone on what they got in the pass; return seconds a stage that ran."""
    times = {
        name: engine.time_alone() for name, engine in assembly.engines.items() if engine.calls
    }
    finding = 0 if assembly.search else sum(times.get(name, 0) for name in assembly.detection)
    return {**times, 'detection': finding, 'total': sum(times.values())}


def _summary(stage: str, stages: list[Times], networks: list[Times]) -> dict[str, Any]:
    """Return a stage's figures in milliseconds; null where it has no network or did not run."""
    import numpy as np

    own = [times[stage] * 1e3 for times in stages]
    alone = [times[stage] * 1e3 for times in networks if times.get(stage)]
    median = float(np.median(own))
    total = float(np.median([times['total'] * 1e3 for times in stages]))
    network = float(np.median(alone)) if alone else None
    return {
        'stage': stage,
        'median_ms': round(median, 4),
        'p95_ms': round(float(np.percentile(own, 95)), 4),
        'network_ms': round(network, 4) if network else None,
        'ratio': round(median / network, 3) if network else None,
        'share': round(median / total, 4),
    }


def _as_text(report: dict[str, Any]) -> str:
    """Return a report for people."""
    versions = ', '.join(f'{name} {number}' for name, number in report['versions'].items())
    parts = [
        f'{report["threads"]} thread(s) a network and for OpenCV, min_face_size '
        f'{report["min_face_size"]:g}, {report["repeat"]} passes, milliseconds',
        f'{report["processor"]}, {report["cores"]} cores; {versions}',
    ]
    for result in report['results']:
        rows = [tuple(_cells(stage)) for stage in result['stages']]
        parts += [
            '',
            f'model {result["model"]}: {result["path"]} '
            f'{result["width"]}x{result["height"]}, {result["faces"]} face(s)',
            tables.text([_HEADINGS, *rows], range(1, len(_HEADINGS))),
        ]
    if len({result['model'] for result in report['results']}) > 1:
        parts += ['', 'side by side, median milliseconds', _side_by_side(report['results'])]
    return '\n'.join(parts)


def _side_by_side(results: list[dict[str, Any]]) -> str:
    """Return a line a picture and stage, a column a model."""
    models = list(dict.fromkeys(result['model'] for result in results))
    medians = {
        (result['path'], stage['stage'], result['model']): stage['median_ms']
        for result in results
        for stage in result['stages']
    }
    stages = _merged([stage['stage'] for stage in result['stages']] for result in results)
    rows = [
        (
            path,
            _TITLES.get(stage, stage),
            *(
                f'{medians[path, stage, model]:.3f}' if (path, stage, model) in medians else '-'
                for model in models
            ),
        )
        for path in dict.fromkeys(result['path'] for result in results)
        for stage in stages
    ]
    return tables.text(
        [('picture', 'stage', *(f'model {model}' for model in models)), *rows],
        range(2, 2 + len(models)),
    )


def _merged(orders: Iterable[list[str]]) -> list[str]:
    """Return all names once, each behind the one that it follows in its list."""
    merged: list[str] = []
    for order in orders:
        place = 0
        for name in order:
            if name not in merged:
                merged.insert(place, name)
            place = merged.index(name) + 1
    return merged


def _cells(stage: dict[str, Any]) -> list[str]:
    """Return a stage's cells in the order of the headings."""
    numbers = (stage['median_ms'], stage['p95_ms'], stage['network_ms'])
    cells = ['-' if value is None else f'{value:.3f}' for value in numbers]
    ratio = '-' if stage['ratio'] is None else f'{stage["ratio"]:.2f}'
    return [_TITLES.get(stage['stage'], stage['stage']), *cells, ratio, f'{stage["share"]:.1%}']
