# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What can be set on a model."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from typing import Any

from face_affect_ros.detection.dlib_hog import DlibSettings
from face_affect_ros.detection.mtcnn import MtcnnSettings
from face_affect_ros.faces import PARTS
from face_affect_ros.registry import catalogue

SEARCHES = {'mtcnn': 'mtcnn', 'opencv_ssd': 'mtcnn', 'dlib': 'dlib'}
"""Which field of ``ModelSettings`` says how a detector searches."""

CHOICES = {
    'engine': catalogue.ENGINES,
    'weights': catalogue.WEIGHTS,
    'detector': ('auto', *SEARCHES),
}
"""What settings that are names can be."""


@dataclass(frozen=True)
class ModelSettings:
    """What can be set on a model.

    :param threads: intra-op threads a network, at least 1.
    :param gender_threshold: gender probability below which the answer is ``unknown``, 0..1.
    :param emotion_threshold: emotion probability below which the answer is ``neutral``, 0..1;
        -1: the model's own.
    :param weights_dir: folder whose files take precedence over the embedded weights; with
        original weights the folder of the originals, empty: where they are fetched to.
    :param mtcnn: how MTCNN searches, and the SSD.
    :param dlib: how dlib searches.
    :param parts: what is told of a face, of ``faces.PARTS``; other networks are not even loaded.
    :param engine: ``onnx``, or ``native``: original networks run in their own frameworks.
    :param weights: ``embedded``, or ``original``: the networks of the papers.
    :param detector: name of a detector in place of the model's own, ``auto``.
    :param tta: test-time augmentation: networks that gain by it look at a face several times
        (``registry.catalogue.Network``).
    :raises ValueError: a value is out of its range.
    """

    threads: int = 1
    gender_threshold: float = 0.5
    weights_dir: str = ''
    mtcnn: MtcnnSettings = field(default_factory=MtcnnSettings)
    parts: tuple[str, ...] = PARTS
    engine: str = 'onnx'
    weights: str = 'embedded'
    detector: str = 'auto'
    dlib: DlibSettings = field(default_factory=DlibSettings)
    emotion_threshold: float = -1.0
    tta: bool = False

    def __post_init__(self):
        """Check the ranges."""
        if not self.threads >= 1:
            raise ValueError(f'threads is {self.threads}, must be at least 1')
        if not 0 <= self.gender_threshold <= 1:
            raise ValueError(f'gender_threshold is {self.gender_threshold}, must be in 0..1')
        if not -1 <= self.emotion_threshold <= 1:
            raise ValueError(f'emotion_threshold is {self.emotion_threshold}, must be in -1..1')
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise ValueError(f'{name} is {getattr(self, name)!r}, must be one of '
                                 f'{", ".join(choices)}')
        if self.engine == 'native' and self.weights != 'original':
            raise ValueError('engine native runs original networks: set weights to original too')
        for part in self.parts:
            if part not in PARTS:
                raise ValueError(f'parts has {part!r}, must be of {", ".join(PARTS)}')

    def search(self, detector: str) -> Any:
        """Return how a detector searches, by its name."""
        return getattr(self, SEARCHES[detector])
