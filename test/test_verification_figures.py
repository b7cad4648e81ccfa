# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Verification figures: known by hand, as scikit-learn has them, and from the command."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from face_affect_ros import cli
from face_affect_ros import crops
from face_affect_ros.evaluation.identity import calibration
from face_affect_ros.evaluation.identity import figures
from face_affect_ros.evaluation.identity import pairs
from face_affect_ros.evaluation.identity import skin_tone

metrics = pytest.importorskip('sklearn.metrics')


def made(seed: int, people: int = 12, pictures: int = 5, spread: float = 0.8):
    """Return points of people and whom each is of."""
    random = np.random.default_rng(seed)
    shown = np.repeat(np.arange(people), pictures)
    points = random.normal(size=(people, 16))[shown] + spread * random.normal(
        size=(len(shown), 16)
    )
    return points / np.linalg.norm(points, axis=1, keepdims=True), shown


def test_pairs_by_hand():
    """Three pictures, two people: one genuine pair, two impostors."""
    found = pairs.all_pairs(np.array([[0.0], [1.0], [3.0]]), np.array(['a', 'a', 'b']))
    assert found.distances.tolist() == [1, 2, 3] and found.same.tolist() == [True, False, False]
    assert pairs.true_accepts(found, 0.4) == 1 and pairs.equal_error_rate(found) == 0
    assert pairs.balanced_accuracy(found, 2.5) == pytest.approx(0.75)
    assert 1 <= pairs.best_threshold(found) < 2


def test_a_nearer_impostor_costs_the_genuine_pair():
    """True accepts are counted below the nearest impostor that must not be accepted."""
    found = pairs.all_pairs(np.array([[0.0], [1.0], [0.1]]), np.array([0, 0, 1]))
    assert pairs.true_accepts(found, 0.4) == 0
    assert pairs.true_accepts(found, 0.6) == 0
    assert pairs.true_accepts(found, 1.0) == 0 or found.impostor.distance_at(1.0) > 0.8


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.floats(0.1, 2), st.sampled_from([0.01, 0.05, 0.2]))
def test_true_accepts_are_those_of_the_roc_curve(seed, spread, share):
    """scikit-learn's curve, at the last point that accepts no more impostors."""
    points, shown = made(seed, spread=spread)
    found = pairs.all_pairs(points, shown)
    false, true, _ = metrics.roc_curve(found.same, -found.distances, drop_intermediate=False)
    assert pairs.true_accepts(found, share) == pytest.approx(true[false <= share].max(), abs=0.02)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.permutations(range(60)))
def test_the_order_of_the_pictures_does_not_matter(seed, order):
    """Neither do the names of the people."""
    points, shown = made(seed)
    found = figures.of_pairs(pairs.all_pairs(points, shown))
    again = figures.of_pairs(pairs.all_pairs(points[order], [f'p{7 * n}' for n in shown[order]]))
    assert again == pytest.approx(found, abs=1e-3)


def test_people_are_drawn_with_all_their_pictures():
    """A person drawn twice counts twice in genuine pairs, a pair of two by both."""
    points, shown = made(1, people=3, pictures=2)
    found = pairs.all_pairs(points, shown)
    drawn = found.drawn(np.array([2.0, 1.0, 0.0]))
    kept = drawn.weights > 0
    assert drawn.weights[kept & found.same].sum() == 3
    assert drawn.weights[kept & ~found.same].sum() == 4 * 2


def test_intervals_hold_the_value():
    """They are wider where there are fewer people."""
    many, few = (
        figures.with_intervals(pairs.all_pairs(*made(3, people=n)), 60)['true_accepts_at_1_in_100']
        for n in (60, 8)
    )
    assert many.low <= many.value <= many.high
    assert many.high - many.low < few.high - few.low


def test_probabilities_hold_on_other_people():
    """Fitted to some, they are calibrated on others; half at the distance that the rule says."""
    first, second = (pairs.all_pairs(*made(seed, people=40)) for seed in (1, 2))
    rule = calibration.fit_rule(first, 0.01)
    assert calibration.calibration_error(second, rule) < 0.08
    assert rule.slope > 0 and 0 < rule.threshold < 2
    held = figures.calibration_on_other(second, first)
    assert held['false_accepts'] == pytest.approx(0.001, abs=0.004)


def test_groups_share_a_threshold():
    """The group whose people lie closer together has more false accepts."""
    points, shown = made(5, people=20)
    near, far = points.copy(), points + 0
    near[:, 0] += 3
    near /= np.linalg.norm(near, axis=1, keepdims=True)
    names = np.array(['near'] * 100 + ['far'] * 100 + [''], dtype=object)
    everybody = np.concatenate([near, far, far[:1]])
    people = np.concatenate([shown, shown + 20, [99]])
    found = figures.of_groups(everybody, people, names, 0.9)
    assert found['near']['false_accepts'] > found['far']['false_accepts'] + 0.1
    assert {group: values['pictures'] for group, values in found.items()} == {
        'near': 100,
        'far': 100,
    }


@pytest.mark.parametrize(
    'bgr, band', [((190, 205, 235), 'light'), ((40, 60, 100), 'dark'), ((90, 90, 90), '')]
)
def test_skin_tone_by_the_cheeks(bgr, band):
    """A colourless picture has none."""
    face = np.full((100, 100, 3), bgr, np.uint8)
    angle = skin_tone.typology_angle(crops.whole(face), crops.FaceSquare(50, 50, 90))
    assert skin_tone.bands(np.array([angle])).tolist() == [band]


def test_the_command(tmp_path, capsys):
    """Two people in several pictures: figures, groups and a report; a broken picture is named."""
    data = pytest.importorskip('skimage.data')
    her = np.ascontiguousarray(data.astronaut()[0:220, 120:340, ::-1])
    lines = ['path,person,gender']
    for number in range(4):
        cv2.imwrite(str(tmp_path / f'a{number}.png'), (her * (1 - number / 8)).astype(np.uint8))
        noise = np.random.default_rng(1).integers(0, 256, (60, 60, 3), np.uint8) // (number + 1)
        cv2.imwrite(str(tmp_path / f'b{number}.png'), noise)
        lines += [f'a{number}.png,anna,female', f'b{number}.png,nobody,male']
    (tmp_path / 'broken.png').write_bytes(b'no picture')
    table = tmp_path / 'people.csv'
    table.write_text('\n'.join([*lines, 'broken.png,anna,female']))
    out = tmp_path / 'out'
    given = ['evaluate', 'identity', str(table), '--crops', '--samples', '5', '--to', str(out)]
    assert cli.main(given) == 1
    told = capsys.readouterr()
    assert 'broken.png' in told.err and '8 pictures of 2 people' in told.out
    assert 'by gender' in told.out
    report = json.loads((out / 'report.json').read_text())
    value = report['models']['identity_embedding']['people']['true_accepts_at_1_in_100']
    assert value['value'] == 1


def test_a_set_without_people_is_refused(tmp_path, capsys):
    """Instead of figures of nothing."""
    (tmp_path / 'faces.csv').write_text('path,gender\na.png,female\n')
    assert cli.main(['evaluate', 'identity', str(tmp_path / 'faces.csv')]) == 1
    assert 'person' in capsys.readouterr().err
