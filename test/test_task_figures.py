# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Figures of predictions by task, subgroup, pair of models and threshold, on made predictions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip('sklearn')

from sklearn import metrics as reference

from face_affect_ros.evaluation import subgroups
from face_affect_ros.evaluation import thresholds
from face_affect_ros.evaluation.comparison import compare
from face_affect_ros.evaluation.data.data_set import DataSetError
from face_affect_ros.evaluation.data.truth import Truth
from face_affect_ros.evaluation.judged import Judged
from face_affect_ros.evaluation.judged import likely_thresholds
from face_affect_ros.evaluation.metrics import expected_calibration_error
from face_affect_ros.evaluation.predictor import COLUMNS
from face_affect_ros.evaluation.predictor import as_columns
from face_affect_ros.evaluation.predictor import chosen
from face_affect_ros.evaluation.task_figures import figures
from face_affect_ros.faces import AGE_RANGES
from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.faces import EMOTIONS

COUNT = 400


def made(seed: int = 0, skill: float = 3.0, person: np.ndarray | None = None) -> Judged:
    """Return predictions that lean towards the truth by so much."""
    truth_random, random = np.random.default_rng(0), np.random.default_rng(seed)
    emotion = truth_random.integers(0, 7, COUNT)
    age = truth_random.uniform(0, 90, COUNT)
    attributes = truth_random.integers(0, 2, (COUNT, 40))
    lean = random.normal(0, 1, (COUNT, 7)) + skill * np.eye(7)[emotion]
    scores = np.exp(lean) / np.exp(lean).sum(1, keepdims=True)
    years = np.clip(age + random.normal(0, 5, COUNT), 0, 100)
    told = 1 / (1 + np.exp(3 + random.normal(0, 1, (COUNT, 40)) - skill * attributes))
    rows = [
        {
            'row': index,
            'model': 'made',
            'found': True,
            'emotion': EMOTIONS[scores[index].argmax()],
            'emotion_scores': scores[index].tolist(),
            'age': years[index],
            'age_deviation': abs(years[index] - age[index]) + random.normal(0, 1),
            'age_range': AGE_RANGES[min(int(years[index] // 12), 7)],
            'attributes': told[index].tolist(),
        }
        for index in range(COUNT)
    ]
    return Judged(
        as_columns(rows),
        Truth(
            emotion,
            attributes[:, ATTRIBUTES.index('Male')],
            age,
            attributes,
            np.full((COUNT, 4), np.nan),
            person,
        ),
        {'race': [index % 3 for index in range(COUNT)]},
        likely_thresholds(),
    )


def without_faces(judged: Judged, rows) -> Judged:
    """Return the same where no face was found in some rows."""
    columns = {name: list(values) for name, values in judged.columns.items()}
    empty = as_columns([{'row': 0}])
    for name, values in columns.items():
        for row in rows:
            values[row] = empty[name][0]
    kinds = {name: isinstance(values, np.ndarray) for name, values in judged.columns.items()}
    return replace(
        judged,
        columns={
            name: np.array(values) if kinds[name] else values for name, values in columns.items()
        },
    )


def test_columns_of_nothing():
    """What is not told is NaN and null, of the documented types."""
    found = as_columns([{'row': 3, 'model': '1'}])
    assert list(found) == list(COLUMNS)
    assert found['emotion'] == [None] and np.isnan(found['age'][0]) and not found['found'][0]
    assert found['attributes'].shape == (1, 40) and found['attributes'].dtype == np.float32
    assert as_columns([])['box'].shape == (0, 4)


def test_emotion():
    """Each figure is scikit-learn's of the same answers and probabilities."""
    judged = made()
    found = {name: each.value for name, each in figures(judged, 0)['emotion'].items()}
    truth, answers = judged.truth.emotion, judged.answers('emotion')
    scores = judged.scores('emotion').astype(float)
    assert found['accuracy'] == pytest.approx(reference.accuracy_score(truth, answers))
    assert found['accuracy'] == found['accuracy_best_label']
    assert found['macro_f1'] == pytest.approx(reference.f1_score(truth, answers, average='macro'))
    assert found['roc_auc'] == pytest.approx(
        np.mean([reference.roc_auc_score(truth == i, scores[:, i]) for i in range(7)])
    )
    assert found['recall_happy'] == pytest.approx(
        reference.recall_score(truth, answers, labels=[3], average=None)[0]
    )


def test_a_face_that_was_not_found_is_a_wrong_answer():
    """In figures of answers; those of probabilities and ages are of the rest."""
    judged = made()
    right = judged.answers('emotion') == judged.truth.emotion
    lost = np.flatnonzero(right)[:40]
    found = figures(without_faces(judged, lost), 0)
    assert found['detection']['found'].value == pytest.approx(0.9)
    assert found['emotion']['accuracy'].value == pytest.approx(right.mean() - 0.1)
    assert found['emotion']['accuracy'].n == COUNT
    kept = np.delete(np.arange(COUNT), lost)
    assert found['age']['mean_absolute_error'].value == pytest.approx(
        figures(judged.take(kept), 0)['age']['mean_absolute_error'].value
    )
    assert found['age']['mean_absolute_error'].n == COUNT - 40


def test_a_picture_that_does_not_decode_has_no_part():
    """Not in any figure's count."""
    judged = made()
    judged = replace(judged, columns={**judged.columns, 'error': ['x'] * 100 + [None] * 300})
    assert {each.n for task in figures(judged, 0).values() for each in task.values()} == {300}


def test_what_is_not_labelled_or_not_told_has_no_figures():
    """Gender is labelled but not told; nothing is said of it."""
    assert figures(made(), 0).keys() == {'detection', 'emotion', 'age', 'attributes'}


def test_attributes():
    """Means over all of them, and each."""
    judged = made()
    found = figures(judged, 0)['attributes']
    yes = judged.scores('attributes') > 0.5
    balanced = [
        reference.balanced_accuracy_score(judged.truth.attributes[:, i], yes[:, i])
        for i in range(40)
    ]
    assert found['balanced_accuracy'].value == pytest.approx(np.mean(balanced))
    bald = ATTRIBUTES.index('Bald')
    assert found['balanced_accuracy_Bald'].value == pytest.approx(balanced[bald])
    scores = judged.scores('attributes').astype(float)
    assert found['roc_auc_Bald'].value == pytest.approx(
        reference.roc_auc_score(judged.truth.attributes[:, bald], scores[:, bald])
    )
    sure, hits = np.maximum(scores, 1 - scores), yes == (judged.truth.attributes == 1)
    assert found['expected_calibration_error'].value == pytest.approx(
        np.mean([expected_calibration_error(sure[:, i], hits[:, i]) for i in range(40)])
    )


def test_intervals_are_of_people():
    """Where ten pictures are of one person, they are wider."""
    alone = figures(made(), 60)['age']['mean_absolute_error']
    people = figures(made(person=np.sort(made().truth.age // 2).astype(int)), 60)
    assert alone.low < alone.value < alone.high
    grouped = people['age']['mean_absolute_error']
    assert grouped.value == alone.value and (grouped.low, grouped.high) != (alone.low, alone.high)


def test_subgroups():
    """Parts that are named, crossed, and together all pictures."""
    judged = made()
    groups = subgroups.groups('age*race', judged.truth, judged.others)
    assert sum(mask.sum() for mask in groups.values()) == COUNT
    assert '19 to 60 years, race 2' in groups
    assert subgroups.default_groupings(judged.truth, judged.others) == [
        'age',
        'gender',
        'age*gender',
        'race',
    ]
    for wrong, words in (('shoe', 'there are'), ('age*race*gender', 'at most two')):
        with pytest.raises(DataSetError, match=words):
            subgroups.groups(wrong, judged.truth, judged.others)


def test_two_models():
    """The better one is told apart, one and the same is not."""
    found = compare({'good': made(1), 'bad': made(2, skill=1.0), 'same': made(1)})
    by_pair = {(each['first'], each['second'], each['task']): each for each in found}
    better = by_pair['good', 'bad', 'emotion']
    assert better['difference'].low > 0.2 and better['mcnemar_p'] < 1e-6
    same = by_pair['good', 'same', 'emotion']
    assert same['difference'].value == 0 and same['mcnemar_p'] == 1
    assert by_pair['good', 'bad', 'attributes']['mcnemar_p'] is None


@pytest.mark.parametrize(
    ('criterion', 'function'),
    [
        ('balanced', reference.balanced_accuracy_score),
        ('f1', reference.f1_score),
        ('accuracy', reference.accuracy_score),
    ],
)
def test_thresholds(criterion, function):
    """No threshold of a fine grid does better; those of 0.5 do worse."""
    judged = made()
    scores, truth = judged.scores('attributes')[:, :3], judged.truth.attributes[:, :3]
    for column, threshold in enumerate(thresholds.choose(scores, truth, criterion)):
        worth = function(truth[:, column], scores[:, column] > threshold)
        others = [
            function(truth[:, column], scores[:, column] > other)
            for other in np.linspace(thresholds.LEAST, thresholds.MOST, 33)
        ]
        assert worth >= max(others) - 1e-9


def test_thresholds_are_judged_on_other_people():
    """The figure is less than that of thresholds picked on the same pictures, more than at 0.5."""
    judged = made(person=np.arange(COUNT) // 2)
    values, found = thresholds.chosen_figures(judged, 'balanced', 0)
    name = 'balanced_accuracy'
    same = figures(judged.with_thresholds(values), 0)['attributes'][name].value
    half = figures(judged, 0)['attributes'][name].value
    assert half < found[name].value < same


def test_a_label_that_does_not_vary_keeps_its_threshold():
    """At 0.5: there is nothing to choose by."""
    scores = np.random.default_rng(0).random((20, 1))
    assert thresholds.choose(scores, np.ones((20, 1), int), 'f1').tolist() == [0.5]


def test_the_face_of_a_labelled_box():
    """The one that overlaps it most, of none that overlaps; else the largest."""
    boxes = np.array([[0, 0, 50, 50], [60, 60, 20, 20.0]])
    assert chosen(boxes, np.full(4, np.nan)) == [0]
    assert chosen(boxes, np.array([58, 58, 22, 22.0])) == [1]
    assert chosen(boxes, np.array([200, 0, 20, 20.0])) == []
    assert chosen(boxes[:0], np.full(4, np.nan)) == []
