# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The vocabulary: boxes, detections, faces, distributions, and the label lists of ``tasks.py``.

Coordinates are pixels of the source image, x right, y down, the centre of the top-left pixel at
(0.5, 0.5); boxes are half-open. A value that was not computed is ``None`` here, NaN or 255 in a
message and ``null`` in JSON, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING
from typing import Any
from typing import NoReturn

from face_affect_ros import renaming
from face_affect_ros.tasks import AGE_CUTS
from face_affect_ros.tasks import AGE_RANGES
from face_affect_ros.tasks import ATTRIBUTES
from face_affect_ros.tasks import EMOTIONS
from face_affect_ros.tasks import GENDERS
from face_affect_ros.tasks import NEUTRAL
from face_affect_ros.tasks import TASKS
from face_affect_ros.tasks import UNKNOWN

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    'AGE_CUTS',
    'AGE_RANGES',
    'ATTRIBUTES',
    'EMOTIONS',
    'GENDERS',
    'LANDMARKS',
    'NEUTRAL',
    'TASKS',
    'UNKNOWN',
    'Age',
    'Box',
    'Detections',
    'Distribution',
    'Face',
    'Scores',
]


def __getattr__(name: str) -> Any:
    """Return what had another name."""
    if name == 'PARTS':
        renaming.warn('faces.PARTS', 'tuple(faces.TASKS)')
        return tuple(TASKS)
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')


LANDMARKS = ('right_eye', 'left_eye', 'nose', 'right_mouth', 'left_mouth')
"""Landmark names; right and left are the subject's own."""


@dataclass(frozen=True)
class Box:
    """An axis-aligned box in pixels of the source image; it may reach beyond the image."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """First x beyond the box, in pixels."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """First y beyond the box, in pixels."""
        return self.y + self.height

    @property
    def center(self) -> tuple[float, float]:
        """Centre (x, y) in pixels."""
        return self.x + self.width / 2, self.y + self.height / 2

    def scaled(self, factor: float) -> Box:
        """Return the box of the same centre with both sides times ``factor`` (> 0)."""
        width, height = self.width * factor, self.height * factor
        x, y = self.center
        return Box(x - width / 2, y - height / 2, width, height)

    def __iter__(self):
        """Iterate over x, y, width, height."""
        return iter((self.x, self.y, self.width, self.height))


class Scores(dict):
    """Probabilities by label; a ``dict`` that cannot be changed, but copied and pickled."""

    def _refuse(self, *_arguments, **_values) -> NoReturn:
        """Refuse any change."""
        raise TypeError('scores cannot be changed; dict(scores) makes a copy that can')

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self):
        """Rebuild from a plain dict."""
        return Scores, (dict(self),)


@dataclass(frozen=True)
class Distribution:
    """A decided label with the probabilities behind it.

    ``label`` is one of the labels of ``scores`` or ``UNKNOWN``; ``confidence`` is the probability
    of the best label in 0..1; ``scores`` maps every label to its probability and sums to 1.
    """

    label: str
    confidence: float
    scores: Mapping[str, float]

    def __post_init__(self):
        object.__setattr__(self, 'scores', Scores(self.scores))


@dataclass(frozen=True)
class Age:
    """Expected age and its standard deviation in years, the likeliest range and all ranges."""

    years: float
    deviation: float
    range: str
    scores: Mapping[str, float]

    def __post_init__(self):
        object.__setattr__(self, 'scores', Scores(self.scores))


Result = Distribution | Age | Mapping[str, float]
"""What is found out for a task: by its kind ``MULTICLASS``, ``YEARS`` or ``MULTILABEL``."""

OWN_FIELDS = ('emotion', 'gender', 'age', 'attributes')
"""Tasks whose results are fields of a face by their names."""


@dataclass(frozen=True)
class Face:
    """One face and what was found out about it; ``None`` where a task was not computed.

    ``landmarks`` are five (x, y) pairs in the order of ``LANDMARKS`` or empty; ``confidence`` and
    ``quality`` lie in 0..1; ``track_id`` is 0 outside a stream; ``trait_age`` is how many seconds
    ago the oldest given trait (``Task.is_trait``) was computed. ``other_tasks`` are the results of
    tasks without a field of their own, by name. In a stream ``emotion`` is smoothed over the
    track, and ``emotion_scores_frame`` are the probabilities by the frame alone.
    ``attribute_thresholds`` are the probabilities from which attributes are told in words;
    ``None``: where they are likely. ``embedding`` is (128,) float32 of length 1, by which
    ``identity`` compares people; only ``identity.Embedder`` gives it, no model does.
    """

    box: Box
    confidence: float
    landmarks: tuple[tuple[float, float], ...] = ()
    quality: float | None = None
    emotion: Distribution | None = None
    gender: Distribution | None = None
    age: Age | None = None
    attributes: Mapping[str, float] | None = None
    track_id: int = 0
    trait_age: float | None = None
    other_tasks: Mapping[str, Result] = field(default_factory=dict, hash=False)
    emotion_scores_frame: Mapping[str, float] | None = None
    attribute_thresholds: Mapping[str, float] | None = field(default=None, hash=False)
    embedding: np.ndarray | None = field(default=None, compare=False, repr=False)

    def __post_init__(self):
        for name in ('attributes', 'emotion_scores_frame'):
            scores = getattr(self, name)
            if scores is not None:
                object.__setattr__(self, name, Scores(scores))

    def result(self, task: str) -> Result | None:
        """Return what was found out for a task, by its name; None: nothing."""
        return getattr(self, task) if task in OWN_FIELDS else self.other_tasks.get(task)


@dataclass(frozen=True)
class Detections:
    """The faces that a detector found in one image, as arrays of one length N.

    Everything is float32, so that a detection that went through a message is the same as one
    that was handed over in the process.

    :param boxes: (N, 4) float32, x, y, width, height in pixels.
    :param scores: (N,) float32, confidence in 0..1.
    :param landmarks: (N, 5, 2) float32 in pixels, rows of NaN where there are none.
    :param track_ids: (N,) uint32, 0 = not tracked.
    :param detector: name of the detector, as in the registry (``'mtcnn'``).
    :param left_out: how many smaller faces were found besides, where ``max_faces`` set a limit.
    """

    boxes: np.ndarray
    scores: np.ndarray
    landmarks: np.ndarray
    track_ids: np.ndarray = None  # type: ignore[assignment]
    detector: str = ''
    left_out: int = 0

    def __post_init__(self):
        """Bring the arrays to their shapes and dtypes; raise ``ValueError`` where they differ."""
        import numpy as np

        count = len(self.scores)
        shapes = {'boxes': (count, 4), 'scores': (count,), 'landmarks': (count, 5, 2)}
        for name, shape in shapes.items():
            array = np.asarray(getattr(self, name), np.float32)
            if array.size == 0 and count == 0:
                array = array.reshape(shape)
            if array.shape != shape:
                raise ValueError(f'{name} has shape {array.shape}, expected {shape}')
            object.__setattr__(self, name, array)
        ids = self.track_ids
        ids = np.zeros(count, np.uint32) if ids is None else np.asarray(ids, np.uint32)
        if ids.shape != (count,):
            raise ValueError(f'track_ids has shape {ids.shape}, expected {(count,)}')
        object.__setattr__(self, 'track_ids', ids)

    def __len__(self) -> int:
        return len(self.scores)

    def take(self, rows: Sequence[int] | np.ndarray) -> Detections:
        """Return the faces of the given rows (indices or a mask), in that order."""
        return Detections(
            self.boxes[rows],
            self.scores[rows],
            self.landmarks[rows],
            self.track_ids[rows],
            self.detector,
            self.left_out,
        )

    @classmethod
    def empty(cls, detector: str = '') -> Detections:
        """Return detections without a face."""
        return cls([], [], [], None, detector)  # type: ignore[arg-type]
