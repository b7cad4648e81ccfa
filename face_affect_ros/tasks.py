# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The tasks, what is told of a face: an entry each, with their label lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

EMOTIONS = ('angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral')
"""Emotion labels in FER2013's order; message constants and score arrays follow it."""

NEUTRAL = 'neutral'
"""The emotion of a face that says too little for another, where there is a threshold."""

GENDERS = ('female', 'male')
"""Gender labels in the order of the score arrays."""

UNKNOWN = 'unknown'
"""Label of a gender or an emotion that the decision left open; its scores are kept."""

AGE_RANGES = ('0-2', '4-6', '8-12', '15-20', '25-32', '38-43', '48-53', '60-100')
"""Levi and Hassner's eight age ranges in years."""

AGE_CUTS = (3.0, 7.0, 13.5, 22.5, 35.0, 45.5, 56.5)
"""Ages in years that part neighbouring ranges."""

ATTRIBUTES = (
    '5_o_Clock_Shadow',
    'Arched_Eyebrows',
    'Attractive',
    'Bags_Under_Eyes',
    'Bald',
    'Bangs',
    'Big_Lips',
    'Big_Nose',
    'Black_Hair',
    'Blond_Hair',
    'Blurry',
    'Brown_Hair',
    'Bushy_Eyebrows',
    'Chubby',
    'Double_Chin',
    'Eyeglasses',
    'Goatee',
    'Gray_Hair',
    'Heavy_Makeup',
    'High_Cheekbones',
    'Male',
    'Mouth_Slightly_Open',
    'Mustache',
    'Narrow_Eyes',
    'No_Beard',
    'Oval_Face',
    'Pale_Skin',
    'Pointy_Nose',
    'Receding_Hairline',
    'Rosy_Cheeks',
    'Sideburns',
    'Smiling',
    'Straight_Hair',
    'Wavy_Hair',
    'Wearing_Earrings',
    'Wearing_Hat',
    'Wearing_Lipstick',
    'Wearing_Necklace',
    'Wearing_Necktie',
    'Young',
)
"""The 40 attributes under CelebA's own names and in its order."""

AGE_BINS = 101
"""Bins of an age network's output: 0 to 100 years."""


ATTRIBUTES_OF_THE_MOMENT = (
    'Blurry',
    'High_Cheekbones',
    'Mouth_Slightly_Open',
    'Narrow_Eyes',
    'Smiling',
)
"""Attributes of an expression or a picture, not of a person."""

MULTICLASS = 'multiclass'
"""One of the labels: probabilities that sum to 1."""

MULTILABEL = 'multilabel'
"""Any of the labels: each probability stands by itself."""

YEARS = 'years'
"""An age: probabilities of 0 to 100 years that sum to 1; the labels are ranges of years."""


@dataclass(frozen=True)
class Task:
    """One thing that is told of a face.

    What follows from its kind is in one table each: the decision (``decision/labels.py``), its
    fields in messages (``stream/message_builder.py``), its JSON (``cli/schema.py``), its words
    (``drawing/labels.py``), and in training its loss (``fitting/losses.py``) and its metric
    (``fitting/metrics.py``).

    :param name: as parameters, messages and JSON name it.
    :param words: in a sentence, for descriptions.
    :param labels: in the order of score arrays.
    :param kind: ``MULTICLASS``, ``MULTILABEL`` or ``YEARS``.
    :param is_trait: whether it stays as it is from frame to frame, so that it is refreshed by need
        and combined over a track.
    :param passing: labels of a trait that change from moment to moment all the same.
    :param below_threshold: the label where the best one's probability is below the setting
        ``NAME_threshold``; empty: there is no threshold.
    :param male_column: the column that says "male"; None: it says nothing of gender.
    :param is_shown_by_label: whether its labels say by themselves what they are about ("happy");
        of others ("yes") the name is shown too.
    :param message_field: what its fields in ``FaceAttributes`` begin with; empty: it has none, and
        the node ``attributes`` refuses it.
    """

    name: str
    words: str
    labels: tuple[str, ...]
    kind: str = MULTICLASS
    is_trait: bool = True
    passing: tuple[str, ...] = ()
    below_threshold: str = ''
    male_column: int | None = None
    is_shown_by_label: bool = False
    message_field: str = ''

    @property
    def columns(self) -> int:
        """Probabilities that a network gives for a face."""
        return AGE_BINS if self.kind == YEARS else len(self.labels)

    def shown(self, label: str) -> str:
        """Return a label as people read it."""
        return label if self.is_shown_by_label else f'{self.name} {label}'

    @property
    def is_independent(self) -> bool:
        """Whether each probability stands by itself; else they sum to 1."""
        return self.kind == MULTILABEL


TASKS = {
    task.name: task
    for task in (
        Task(
            'emotion',
            'emotions',
            EMOTIONS,
            is_trait=False,
            below_threshold=NEUTRAL,
            is_shown_by_label=True,
            message_field='emotion',
        ),
        Task(
            'gender',
            'gender',
            GENDERS,
            below_threshold=UNKNOWN,
            male_column=GENDERS.index('male'),
            is_shown_by_label=True,
            message_field='gender',
        ),
        Task('age', 'age', AGE_RANGES, YEARS, message_field='age'),
        Task(
            'attributes',
            'the 40 attributes',
            ATTRIBUTES,
            MULTILABEL,
            passing=ATTRIBUTES_OF_THE_MOMENT,
            male_column=ATTRIBUTES.index('Male'),
            message_field='attribute',
        ),
    )
}
"""All tasks by name, in the order of results. Each has a network, or several have one, and can be
switched off."""


def trait_names(tasks: Iterable[str]) -> tuple[str, ...]:
    """Return those of some tasks that are refreshed by need, in their order."""
    return tuple(name for name in tasks if TASKS[name].is_trait)
