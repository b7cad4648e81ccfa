# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The tasks, what is told of a face: an entry each, with their label lists."""

from __future__ import annotations

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


@dataclass(frozen=True)
class Task:
    """One thing that is told of a face.

    :param name: as parameters, messages and JSON name it.
    :param words: in a sentence, for descriptions.
    :param labels: in the order of score arrays.
    :param columns: probabilities that a network gives for a face.
    :param is_trait: whether it stays as it is from frame to frame, so that it is refreshed by need
        and combined over a track.
    :param is_independent: whether each probability stands by itself; else they sum to 1.
    :param male_column: the column that says "male"; None: it says nothing of gender.
    """

    name: str
    words: str
    labels: tuple[str, ...]
    columns: int
    is_trait: bool = True
    is_independent: bool = False
    male_column: int | None = None


TASKS = {
    task.name: task
    for task in (
        Task('emotion', 'emotions', EMOTIONS, len(EMOTIONS), is_trait=False),
        Task('gender', 'gender', GENDERS, len(GENDERS), male_column=GENDERS.index('male')),
        Task('age', 'age', AGE_RANGES, AGE_BINS),
        Task(
            'attributes',
            'the 40 attributes',
            ATTRIBUTES,
            len(ATTRIBUTES),
            is_independent=True,
            male_column=ATTRIBUTES.index('Male'),
        ),
    )
}
"""All tasks by name. Each has a network, or several have one, and can be switched off."""

PARTS = tuple(TASKS)
"""The tasks' names."""

TRAITS = tuple(name for name, task in TASKS.items() if task.is_trait)
"""Names of those that are refreshed by need."""
