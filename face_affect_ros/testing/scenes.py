# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a fake classifier answers: steps in time, read from YAML.

    image_size: [640, 480]      # width and height, pixels
    model: '1'
    rate: 10.0                  # messages a second on `attributes`, Hz
    repeat: false               # false: the last step stays
    steps:
      - for_s: 2.0              # seconds; without it the step stays
        faces: []
      - for_s: 3.0
        faces:
          - track_id: 1
            box: [260, 140, 110, 140]       # x, y, width, height, pixels
            confidence: 0.99
            quality: 0.8
            emotion: happy                  # a label, or {happy: 0.7, neutral: 0.3}
            gender: female
            age: 34                         # years
            attributes: {Smiling: 0.9}      # probabilities; the others are 0
      - error: STALE_IMAGE      # a constant of ClassifyImage; nothing comes on the topic meanwhile
        message: the camera stopped
      - delay_s: 1.5            # the service answers so much later, whatever the request allows
      - answers: false          # the service never answers

What a face does not name is not given.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from face_affect_ros.faces import AGE_CUTS
from face_affect_ros.faces import AGE_RANGES
from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.faces import EMOTIONS
from face_affect_ros.faces import GENDERS
from face_affect_ros.faces import UNKNOWN
from face_affect_ros.faces import Age
from face_affect_ros.faces import Box
from face_affect_ros.faces import Distribution
from face_affect_ros.faces import Face
from face_affect_ros.quoting import quoted
from face_affect_ros.quoting import shortened

GREETING = Path(__file__).with_name('greeting.yaml')
"""A scene that is shipped: nobody, somebody comes, smiles, leaves; over and over."""

ERRORS = (
    'NO_IMAGE',
    'STALE_IMAGE',
    'BAD_IMAGE',
    'UNSUPPORTED_ENCODING',
    'TOO_LARGE',
    'TIMEOUT',
    'NOT_ACTIVE',
    'INTERNAL',
)
"""Error codes of ``ClassifyImage`` by name."""

SURE = 0.9
"""Probability of a label that is given without one."""

AGE_DEVIATION = 5.0
"""Standard deviation of an age, in years."""


class SceneError(ValueError):
    """A scene that cannot be played; the text says what is wrong, where, and what to write."""


@dataclass(frozen=True)
class Step:
    """What is answered for some time.

    :param faces: largest first.
    :param for_s: seconds; infinite: it stays.
    :param error: name of an error code of ``ClassifyImage``; empty: a success.
    :param message: of the error.
    :param delay_s: seconds from a request to its answer.
    :param answers: whether the service answers at all.
    """

    faces: tuple[Face, ...] = ()
    for_s: float = math.inf
    error: str = ''
    message: str = ''
    delay_s: float = 0.0
    answers: bool = True


@dataclass(frozen=True)
class Scene:
    """Steps one after the other.

    :param image_size: width and height of the pretended camera in pixels.
    :param model: name of the pretended model.
    :param rate: messages a second on the topic, Hz.
    :param repeat: whether it begins again after the last step.
    """

    steps: tuple[Step, ...] = (Step(),)
    image_size: tuple[int, int] = (640, 480)
    model: str = '1'
    rate: float = 10.0
    repeat: bool = False

    def step_at(self, seconds: float) -> Step:
        """Return the step at a time, in seconds from the beginning, 0 and up."""
        ends = [
            sum(step.for_s for step in self.steps[: place + 1]) for place in range(len(self.steps))
        ]
        if self.repeat and math.isfinite(ends[-1]):
            seconds %= ends[-1]
        return self.steps[min(bisect.bisect_right(ends, seconds), len(self.steps) - 1)]


def load_scene(path: str | Path) -> Scene:
    """Return the scene of a YAML file.

    :raises SceneError: the file cannot be read, or is no scene.
    """
    import yaml

    try:
        return read_scene(yaml.safe_load(Path(path).read_text(encoding='utf-8')))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SceneError(f'{quoted(path)}: {shortened(str(error))}') from error
    except SceneError as error:
        raise SceneError(f'{quoted(path)}: {error}') from None


def read_scene(content: Any) -> Scene:
    """Return the scene of what YAML gives.

    :raises SceneError: a key is unknown, or a value is out of range.
    """
    fields = _fields('scene', content, ('image_size', 'model', 'rate', 'repeat', 'steps'))
    steps = _list('steps', fields.get('steps', [{}]))
    if not steps:
        raise SceneError('steps is empty: give at least one, as "steps: [{faces: []}]"')
    width, height = _numbers('image_size', fields.get('image_size', (640, 480)), 2, least=1)
    return Scene(
        tuple(_step(f'steps[{place}]', step) for place, step in enumerate(steps)),
        (int(width), int(height)),
        str(fields.get('model', '1')),
        _number('rate', fields.get('rate', 10.0), least=0.01, most=1000),
        _flag('repeat', fields.get('repeat', False)),
    )


def read_face(content: Any, where: str = 'face') -> Face:
    """Return the face of a mapping as in YAML.

    :param where: what errors call it.
    :raises SceneError: a key is unknown, or a value is out of range.
    """
    keys = ('track_id', 'box', 'confidence', 'quality', 'emotion', 'gender', 'age', 'attributes')
    fields = _fields(where, content, keys)
    emotion = _distribution(f'{where}.emotion', fields.get('emotion'), EMOTIONS)
    gender = _distribution(f'{where}.gender', fields.get('gender'), GENDERS)
    age = _age(f'{where}.age', fields.get('age'))
    attributes = _attributes(f'{where}.attributes', fields.get('attributes'))
    track_id = _number(f'{where}.track_id', fields.get('track_id', 1), most=2**32 - 1)
    quality = fields.get('quality')
    given = any(trait is not None for trait in (gender, age, attributes))
    return Face(
        Box(*_numbers(f'{where}.box', fields.get('box', (260, 140, 110, 140)), 4)),
        _number(f'{where}.confidence', fields.get('confidence', 1.0), most=1),
        quality=None if quality is None else _number(f'{where}.quality', quality, most=1),
        emotion=emotion,
        gender=gender,
        age=age,
        attributes=attributes,
        track_id=int(track_id),
        trait_age=0.0 if given else None,
        emotion_scores_frame=emotion.scores if emotion is not None and track_id else None,
    )


def largest_first(faces: Iterable[Face]) -> tuple[Face, ...]:
    """Return faces in the order of messages."""
    return tuple(sorted(faces, key=lambda face: -face.box.width * face.box.height))


def _step(where: str, content: Any) -> Step:
    keys = ('faces', 'for_s', 'error', 'message', 'delay_s', 'answers')
    fields = _fields(where, content, keys)
    error = fields.get('error', '')
    if error and error not in ERRORS:
        raise SceneError(f'{where}.error is {quoted(error)}: give one of {", ".join(ERRORS)}')
    faces = _list(f'{where}.faces', fields.get('faces', []))
    if error and faces:
        raise SceneError(f'{where} has faces and an error: give one of them')
    return Step(
        largest_first(
            read_face(face, f'{where}.faces[{place}]') for place, face in enumerate(faces)
        ),
        _number(f'{where}.for_s', fields.get('for_s', math.inf), least=1e-3, most=math.inf),
        str(error),
        str(fields.get('message', f'as the scene says: {error}' if error else '')),
        _number(f'{where}.delay_s', fields.get('delay_s', 0.0), most=3600),
        _flag(f'{where}.answers', fields.get('answers', True)),
    )


def _distribution(where: str, value: Any, labels: Sequence[str]) -> Distribution | None:
    """Return the distribution of a label, of probabilities by label, or None."""
    if value is None:
        return None
    if isinstance(value, Mapping):
        scores = {label: 0.0 for label in labels}
        for label, score in value.items():
            if label not in labels:
                raise _unknown(where, label, labels)
            scores[label] = _number(f'{where}.{label}', score, most=1)
        if not math.isclose(sum(scores.values()), 1, abs_tol=1e-3):
            raise SceneError(
                f'{where}: probabilities sum to {sum(scores.values()):.3f}, they must to 1'
            )
        best = max(scores, key=lambda label: scores[label])
        return Distribution(best, scores[best], scores)
    if value == UNKNOWN:
        return Distribution(UNKNOWN, 1 / len(labels), {label: 1 / len(labels) for label in labels})
    if value not in labels:
        raise _unknown(where, value, (*labels, UNKNOWN))
    rest = (1 - SURE) / (len(labels) - 1)
    scores = {label: SURE if label == value else rest for label in labels}
    return Distribution(value, SURE, scores)


def _age(where: str, value: Any) -> Age | None:
    if value is None:
        return None
    years = _number(where, value, most=130)
    place = bisect.bisect_right(AGE_CUTS, years)
    scores = {label: float(index == place) for index, label in enumerate(AGE_RANGES)}
    return Age(years, AGE_DEVIATION, AGE_RANGES[place], scores)


def _attributes(where: str, value: Any) -> dict[str, float] | None:
    if value is None:
        return None
    scores = dict.fromkeys(ATTRIBUTES, 0.0)
    for name, score in _fields(where, value, ATTRIBUTES).items():
        scores[name] = _number(f'{where}.{name}', score, most=1)
    return scores


def _fields(where: str, value: Any, known: Sequence[str]) -> Mapping[str, Any]:
    """Return a mapping whose keys are all known."""
    if not isinstance(value, Mapping):
        raise SceneError(f'{where} is {quoted(value)}: give a mapping')
    for key in value:
        if key not in known:
            raise _unknown(where, key, known)
    return value


def _unknown(where: str, value: Any, known: Sequence[str]) -> SceneError:
    names = f'one of {", ".join(known)}' if len(known) <= 12 else 'a label of faces.ATTRIBUTES'
    return SceneError(f'{where} has {quoted(value)}: give {names}')


def _list(where: str, value: Any) -> Sequence[Any]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise SceneError(f'{where} is {quoted(value)}: give a list')
    return value


def _numbers(where: str, value: Any, count: int, least: float = -math.inf) -> list[float]:
    values = _list(where, value)
    if len(values) != count:
        raise SceneError(f'{where} has {len(values)} numbers: give {count}')
    return [_number(f'{where}[{place}]', each, least, 1e6) for place, each in enumerate(values)]


def _number(where: str, value: Any, least: float = 0.0, most: float = math.inf) -> float:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not least <= value <= most:
        raise SceneError(f'{where} is {quoted(value)}: give a number from {least:g} to {most:g}')
    return float(value)


def _flag(where: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise SceneError(f'{where} is {quoted(value)}: give true or false')
    return value
