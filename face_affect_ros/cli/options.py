# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Options that several subcommands share; named as the nodes' parameters, with dashes."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from face_affect_ros.faces import PARTS

if TYPE_CHECKING:
    from face_affect_ros.settings import ModelSettings


def number(kind: type, least: float, most: float) -> Callable[[str], float]:
    """Return a type for argparse: an int or float in ``least``..``most``."""
    def convert(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not least <= value <= most:
            what = 'a whole number' if kind is int else 'a number'
            raise argparse.ArgumentTypeError(f'{text!r} is not {what} in {least:g}..{most:g}')
        return value
    return convert


def model_name(text: str) -> str:
    """Return the name of a model that exists: a type for argparse."""
    from face_affect_ros.registry import catalogue
    if text not in catalogue.model_names():
        raise argparse.ArgumentTypeError(
            f'no model {text!r}; there are: {", ".join(catalogue.model_names())}')
    return text


def flag(parameter: str) -> str:
    """Return a parameter's name as an option: ``max_faces`` is ``--max-faces``."""
    return f'--{parameter.replace("_", "-").replace(".", "-")}'


def add_model_options(parser: argparse.ArgumentParser):
    """Add the options that ``settings`` reads."""
    from face_affect_ros.registry import catalogue
    group = parser.add_argument_group('model')
    group.add_argument(
        '--model', type=model_name, default='1', metavar='NAME',
        help='model that finds and describes faces (default: %(default)s)')
    group.add_argument(
        '--min-face-size', type=number(float, 12, 4096), default=40.0, metavar='PIXELS',
        help='side of the smallest face looked for; smaller takes longer (default: 40)')
    group.add_argument(
        '--max-faces', type=number(int, 0, 10000), default=0, metavar='N',
        help='only the largest N faces are kept; 0: all (default: %(default)s)')
    group.add_argument(
        '--upsample', type=number(int, 0, 3), default=0, metavar='N',
        help='doublings of the picture at most, by dlib: it sees faces from 80, 40, 20, 10 pixels '
             'on (default: %(default)s)')
    group.add_argument(
        '--min-confidence', type=number(float, -1, 5), default=0.0, metavar='SCORE',
        help="least score of a face that dlib finds, in dlib's own measure (default: %(default)s)")
    group.add_argument(
        '--gender-threshold', type=number(float, 0, 1), default=0.5, metavar='P',
        help='gender probability below which the answer is "unknown" (default: %(default)s)')
    group.add_argument(
        '--emotion-threshold', type=number(float, -1, 1), default=-1.0, metavar='P',
        help="emotion probability below which the answer is neutral; -1: the model's own "
             '(default: %(default)s)')
    group.add_argument(
        '--tta', default=False, action=argparse.BooleanOptionalAction,
        help='test-time augmentation: networks that gain by it look at a face several times, '
             'which takes as many times as long (default: no)')
    for part in PARTS:
        group.add_argument(
            flag(f'{part}.enable'), dest=f'{part}.enable', default=True,
            action=argparse.BooleanOptionalAction,
            help=f'tell {part}; if not, its network is not even loaded (default: yes)')
    group.add_argument(
        '--threads', type=number(int, 1, 64), default=1, metavar='N',
        help='threads that compute one network (default: %(default)s)')
    group.add_argument(
        '--weights-dir', default='', metavar='DIR',
        help='folder whose weight files take precedence over the embedded ones, or of the '
             'originals (default: where "models fetch" puts them)')
    group.add_argument(
        '--weights', choices=catalogue.WEIGHTS, default='embedded',
        help='networks of this package, or the original ones of the papers (default: embedded)')
    group.add_argument(
        '--engine', choices=catalogue.ENGINES, default='onnx',
        help='what runs original networks: ONNX Runtime, converted, or their own frameworks '
             '(default: onnx)')
    group.add_argument(
        '--detector', choices=('auto', *catalogue.detectors()), default='auto',
        help="what finds faces; auto: the model's own detector (default: auto)")


def settings(arguments: argparse.Namespace) -> ModelSettings:
    """Return a model's settings from the options.

    :raises UsageError: options that do not go together.
    """
    from face_affect_ros.cli import UsageError
    try:
        return _settings(arguments)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _settings(arguments: argparse.Namespace) -> ModelSettings:
    """Return a model's settings from the options."""
    from face_affect_ros.detection.dlib_hog import DlibSettings
    from face_affect_ros.detection.mtcnn import MtcnnSettings
    from face_affect_ros.settings import ModelSettings
    common = dict(min_face_size=arguments.min_face_size, max_faces=arguments.max_faces)
    return ModelSettings(
        threads=arguments.threads, gender_threshold=arguments.gender_threshold,
        emotion_threshold=arguments.emotion_threshold,
        weights_dir=arguments.weights_dir, weights=arguments.weights, engine=arguments.engine,
        detector=arguments.detector, tta=arguments.tta,
        parts=tuple(part for part in PARTS if getattr(arguments, f'{part}.enable')),
        mtcnn=MtcnnSettings(**common),
        dlib=DlibSettings(
            upsample=arguments.upsample, min_confidence=arguments.min_confidence, **common))
