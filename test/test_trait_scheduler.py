# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""When traits are computed, in which order, within which time, and for how long they are kept."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.tasks import TASKS
from face_affect_ros.tasks import trait_names
from face_affect_ros.tracking.trait_scheduler import KEEP_S
from face_affect_ros.tracking.trait_scheduler import MAX_DEBT_FRAMES
from face_affect_ros.tracking.trait_scheduler import TraitScheduler

TRAITS = trait_names(TASKS)
FRAME_S = 1 / 30
COSTS_MS = {'gender': 0.5, 'age': 12.0, 'attributes': 18.0}
LENGTHS = {'gender': 2, 'age': 101, 'attributes': len(ATTRIBUTES)}


class Networks:
    """Networks that take a known time by a clock of their own and note for whom they ran.

    Each answers with probabilities drawn from a fixed sequence.
    """

    def __init__(self):
        """Begin at time 0."""
        self.now = 0.0
        self.ran = []
        self._random = np.random.default_rng(0)

    def clock(self):
        """Return the time in seconds."""
        return self.now

    def compute(self, tasks, rows):
        """Run one of them, which takes as long as the longest of its tasks."""
        self.now += max(COSTS_MS[task] for task in tasks) * len(rows) * 1e-3
        self.ran += [(task, row) for task in tasks for row in rows]
        return [
            {task: {task: self._random.dirichlet(np.ones(LENGTHS[task]))} for task in tasks}
            for _ in rows
        ]


class Stream:
    """A keeper that is fed with frames, 30 a second.

    :param options: of the keeper.
    """

    def __init__(self, **options):
        """Begin at time 100."""
        self.networks = Networks()
        self.keeper = TraitScheduler(TRAITS, clock=self.networks.clock, **options)
        self.time = 100.0

    def frame(self, *ids, step=FRAME_S, is_late=False):
        """Show faces; return what is known, what ran as (task, id), and the milliseconds."""
        self.time += step
        self.networks.ran = []
        begin = self.networks.now
        compute = self.networks.compute
        known = self.keeper.update(ids, [1.0] * len(ids), self.time, compute, is_late=is_late)
        ran = [(task, ids[row]) for task, row in self.networks.ran]
        return known, ran, (self.networks.now - begin) * 1e3


def all_of(number):
    """Return the jobs of one face."""
    return [(task, number) for task in TRAITS]


def test_a_new_face_is_complete_at_once():
    """Whatever it takes, and with nothing left to compute in the next frames."""
    stream = Stream(budget_ms=1)
    (traits,), ran, _ = stream.frame(7)
    assert ran == all_of(7)
    assert set(traits.scores) == set(TRAITS) and traits.age == 0
    for _ in range(20):
        (traits,), ran, spent = stream.frame(7)
        assert not ran and spent == 0
    assert traits.age == pytest.approx(20 * FRAME_S)


@pytest.mark.parametrize('rate', [0.5, 1.0, 4.0])
def test_refreshed_at_the_rate(rate):
    """Each network as often as asked for, over ten seconds."""
    stream = Stream(rate=rate, budget_ms=0)
    ran = [job for _ in range(300) for job in stream.frame(1)[1]]
    for task in TRAITS:
        assert ran.count((task, 1)) == pytest.approx(10 * rate, abs=0.12 * 10 * rate + 1)


def test_a_crowd_gets_one_network_a_frame():
    """The largest face first, until it is complete."""
    stream = Stream()
    ran = [stream.frame(*range(1, 33))[1] for _ in range(2 * len(TRAITS))]
    assert ran == [[each] for number in (1, 2) for each in all_of(number)]


def test_a_crowd_waits_where_the_frame_has_taken_long():
    """Fewer faces do not: neither new ones nor their refreshes."""
    stream = Stream()
    assert not stream.frame(*range(1, 33), is_late=True)[1]
    assert stream.frame(*range(1, 33))[1]
    assert stream.frame(*range(1, 11), is_late=True)[1]


def test_rate_0_is_every_frame_and_knows_no_budget():
    """Three faces, nine networks, in each of the frames."""
    stream = Stream(rate=0, budget_ms=1)
    for _ in range(5):
        known, ran, _ = stream.frame(1, 2, 3)
        assert sorted(ran) == sorted([*all_of(1), *all_of(2), *all_of(3)])
        assert [traits.age for traits in known] == [0, 0, 0]


def test_ten_faces_at_once_are_spread_over_frames():
    """The largest is complete first, then one more in each frame; the rest are not given."""
    stream = Stream()
    ids = range(1, 11)
    for frame in range(10):
        known, ran, spent = stream.frame(*ids)
        complete = [set(traits.scores) == set(TRAITS) for traits in known]
        assert complete == [number <= frame for number in range(10)]
        assert {number for _, number in ran} >= {frame + 1}
        assert spent <= sum(COSTS_MS.values()) + 1e-6
        assert [traits.age is None for traits in known] == [not traits.scores for traits in known]


@pytest.mark.parametrize('budget_ms', [1, 6, 20, 40])
def test_the_budget_is_kept(budget_ms):
    """In the mean of frames, and in each of them but for one network that takes longer."""
    stream = Stream(budget_ms=budget_ms)
    ids = range(1, 11)
    for _ in range(60):
        stream.frame(*ids)
    frames = [stream.frame(*ids)[1:] for _ in range(600)]
    assert max(spent for _, spent in frames) <= max(budget_ms, max(COSTS_MS.values())) + 1e-6
    needed = 10 * sum(COSTS_MS.values()) / 30
    mean = np.mean([spent for _, spent in frames])
    assert mean == pytest.approx(min(budget_ms, needed), rel=0.12)


def test_a_large_budget_is_used_up():
    """Faces that wait are done together where there is time for them."""
    stream = Stream(budget_ms=1000)
    stream.frame(1)
    _, ran, _ = stream.frame(*range(1, 11))
    assert len(ran) == 9 * len(TRAITS)


def test_something_is_done_however_small_the_budget():
    """A budget below any network's time slows refreshes down and stops none."""
    stream = Stream(budget_ms=0.01)
    ids = range(1, 4)
    ran = [job for _ in range(9 * (MAX_DEBT_FRAMES + 1) * 3) for job in stream.frame(*ids)[1]]
    for job in [job for number in ids for job in all_of(number)]:
        assert ran.count(job) >= 3


def test_the_longest_waiting_are_first():
    """Once all are overdue, every job comes before any is repeated, oldest first."""
    stream = Stream(budget_ms=0.01, rate=1000)
    for ids in ((1,), (1, 2), (1, 2, 3)):
        stream.frame(*ids)
    order = [job for _ in range(30 * MAX_DEBT_FRAMES) for job in stream.frame(1, 2, 3)[1]]
    assert len(order) >= 18
    for begin in (0, 9):
        assert order[begin : begin + 9] == [*all_of(1), *all_of(2), *all_of(3)]


def test_a_crowd_that_passes_does_not_stop_refreshes_for_long():
    """What is owed for new faces is paid back or forgotten within the bound."""
    stream = Stream()
    for number in range(2, 300):
        stream.frame(1, number)
    stream.time += 10
    ran = [job for _ in range(2 * MAX_DEBT_FRAMES) for job in stream.frame(1)[1]]
    assert set(all_of(1)) <= set(ran)


def test_new_faces_are_before_those_that_are_due():
    """A greeting cannot wait, a refresh can."""
    stream = Stream(budget_ms=0.01)
    stream.frame(1)
    stream.time += 10
    assert stream.frame(1, 2)[1] == all_of(2)


def test_a_part_that_is_off_does_not_run():
    """The keeper asks for those that it was given only."""
    networks = Networks()
    keeper = TraitScheduler(['age'])
    (known,) = keeper.update([1], [1.0], 0.0, networks.compute)
    assert networks.ran == [('age', 0)] and set(known.scores) == {'age'}
    (none,) = TraitScheduler([]).update([1], [1.0], 0.0, networks.compute)
    assert (none.scores, none.age) == ({}, None)


def test_tasks_of_one_network_are_refreshed_together():
    """They are one job with one cost, and as old as each other."""
    stream = Stream(budget_ms=20)
    stream.keeper.runs = [('gender',), ('age', 'attributes')]
    jobs = {('age', 1), ('attributes', 1)}
    ran = [{job for job in stream.frame(1)[1] if job in jobs} for _ in range(300)]
    assert all(each in (jobs, set()) for each in ran)
    assert ran.count(jobs) == pytest.approx(10, abs=1)


def test_what_came_with_the_frame_is_combined_and_not_computed_again():
    """Of another face, whose turn it was not, the last answers stay known."""
    stream = Stream(rate=0)
    stream.keeper.runs = [('gender',)]
    answers = [{'age': {'age': np.eye(101)[age] * 0.99 + 1e-4}} for age in (20, 40, 60)]

    def update(*given):
        stream.time += FRAME_S
        return stream.keeper.update(
            [1, 2], [1.0, 1.0], stream.time, stream.networks.compute, given
        )

    first = update(answers[0], answers[2])
    assert {tuple(traits.scores) for traits in first} == {('age', 'gender')}
    for _ in range(3):
        second = update(answers[1], {})
    assert second[0].age == 0 and second[1].age == pytest.approx(3 * FRAME_S)
    ages = [int(traits.scores['age']['age'].argmax()) for traits in second]
    assert ages == [40, 60]
    assert {task for task, _ in stream.networks.ran} == {'gender'}


def test_faces_that_are_not_tracked():
    """All is computed for each of them, every time, and nothing kept or mixed up."""
    stream = Stream(budget_ms=0.01)
    for _ in range(3):
        known, ran, _ = stream.frame(0, 0)
        assert sorted(ran) == sorted(all_of(0) * 2)
        assert not np.allclose(known[0].scores['age']['age'], known[1].scores['age']['age'])
    assert len(stream.keeper) == 0


def test_answers_are_combined_over_a_track():
    """Each refresh moves the answer less; another face has its own."""
    stream = Stream(rate=0)
    before, steps = None, []
    for _ in range(60):
        (known, _), _, _ = stream.frame(1, 2)
        now = known.scores['gender']['gender'][1]
        steps += [] if before is None else [abs(now - before)]
        before = now
    assert np.mean(steps[-20:]) < 0.5 * np.mean(steps[:20])
    (one, two), _, _ = stream.frame(1, 2)
    assert one.scores['gender']['gender'][1] != two.scores['gender']['gender'][1]


def test_faces_may_come_in_any_order():
    """Who is who is told by the track id, not by the place in the frame."""
    stream = Stream()
    for _ in range(3):
        before, _, _ = stream.frame(1, 2)
    after, ran, _ = stream.frame(2, 1)
    assert not ran
    for one, other in zip(after, reversed(before)):
        np.testing.assert_array_equal(one.scores['age']['age'], other.scores['age']['age'])


def test_a_face_that_is_missed_for_a_while_is_remembered():
    """For as long as a track may live without being seen."""
    stream = Stream(rate=0.001)
    stream.frame(1)
    stream.frame(step=KEEP_S / 2)
    (traits,), ran, _ = stream.frame(1, step=KEEP_S / 2 - 1)
    assert not ran and traits.age == pytest.approx(KEEP_S - 1)


def test_tracks_that_are_gone_are_forgotten():
    """Memory does not grow with everybody who ever passed."""
    stream = Stream(budget_ms=0)
    for number in range(1, 200):
        stream.frame(number, step=1.0)
    assert len(stream.keeper) <= KEEP_S + 1
    assert stream.frame(1)[1] == all_of(1)


def test_cleared_is_as_new():
    """What an activation begins with, and a bag that starts again, also where ids are the same."""
    stream = Stream()
    stream.frame(1, 2)
    stream.keeper.clear()
    (traits,), ran, _ = stream.frame(1)
    assert ran == all_of(1) and traits.age == 0
    assert len(stream.keeper) == 1


def test_the_rate_may_change_while_running():
    """From the next frame on."""
    stream = Stream(rate=0.01, budget_ms=0)
    stream.frame(1)
    assert stream.frame(1, step=2)[1] == []
    stream.keeper.rate = 1.0
    assert stream.frame(1)[1]


def test_a_network_that_fails_costs_its_frame():
    """What was known is still known, and what is due is done with the next."""
    stream = Stream(rate=0)
    stream.frame(1)
    working, stream.networks.compute = stream.networks.compute, lambda *_: 1 / 0
    with pytest.raises(ZeroDivisionError):
        stream.frame(1)
    stream.networks.compute = working
    assert stream.frame(1)[1] == all_of(1)


@pytest.mark.parametrize('options', [{'rate': 0}, {'rate': 1, 'budget_ms': 0}])
def test_without_a_bound_the_same_frames_give_the_same(options):
    """However long the networks take: nothing depends on a clock but the frames' own."""
    results = []
    for factor in (1, 100):
        stream = Stream(**options)
        compute = stream.networks.compute

        def slowly(tasks, rows, factor=factor, compute=compute, stream=stream):
            stream.networks.now += factor
            return compute(tasks, rows)

        stream.networks.compute = slowly
        results.append([stream.frame(*ids)[0] for ids in ((1,), (1, 2), (2,), (2, 1, 3)) * 20])
    for frame, other in zip(*results):
        for one, same in zip(frame, other):
            assert one.age == same.age
            for task in TRAITS:
                np.testing.assert_array_equal(one.scores[task][task], same.scores[task][task])


@given(
    st.lists(st.tuples(st.lists(st.integers(0, 6), unique=True), st.floats(0, 2)), max_size=30),
    st.floats(0, 40),
    st.sampled_from([0, 0.5, 1, 10]),
)
def test_any_stream(frames, budget_ms, rate):
    """Nobody who is given an age of traits lacks them, and nobody waits with nothing done."""
    stream = Stream(rate=rate, budget_ms=budget_ms)
    for ids, step in frames:
        known, ran, _ = stream.frame(*ids, step=step)
        assert len(known) == len(ids)
        for number, traits in zip(ids, known):
            assert (traits.age is None) == (not traits.scores)
            assert traits.age is None or traits.age >= 0
            assert number or set(traits.scores) == set(TRAITS)
        assert ran or all(traits.scores for traits in known)
        assert len(set(ran)) == len(ran)


def test_ages_of_traits_are_those_of_the_oldest_part():
    """With a budget for less than one network a frame, tasks are refreshed in turn."""
    stream = Stream()
    given_at, partly = {}, 0
    for _ in range(120):
        (traits,), ran, _ = stream.frame(1)
        given_at.update({task: stream.time for task, _ in ran})
        assert traits.age == pytest.approx(stream.time - min(given_at.values()))
        partly += 0 < len(ran) < len(TRAITS)
    assert partly > 3
