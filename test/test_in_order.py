# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect classify --workers``: several pictures at a time, results in their order."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from restricted import CALL

from face_affect_ros import cli
from face_affect_ros import interruption
from face_affect_ros.cli.in_order import OrderedWorkers


@given(
    items=st.lists(st.integers(), max_size=30), workers=st.integers(1, 5), seed=st.integers(0, 99)
)
def test_results_come_in_the_order_of_the_items(items, workers, seed):
    """Whichever thread is first."""
    order = random.Random(seed)
    spins = [order.randrange(2000) for _ in items]

    def work(place):
        return items[place], sum(range(spins[place]))

    with OrderedWorkers(workers) as pool:
        assert [item for item, _ in pool.results(work, range(len(items)))] == items


def test_several_at_a_time():
    """Each waits for the other: one at a time would never end."""
    both = threading.Barrier(2, timeout=60)
    with OrderedWorkers(2) as pool:
        assert sorted(pool.results(lambda _: both.wait(), range(2))) == [0, 1]


def test_a_failure_comes_in_its_place():
    def work(item):
        if item == 2:
            raise ValueError('two')
        return item

    with OrderedWorkers(2) as pool:
        results = pool.results(work, range(5))
        assert [next(results), next(results)] == [0, 1]
        with pytest.raises(ValueError, match='two'):
            next(results)


def test_at_its_end_nothing_more_begins():
    """What was begun stops at its next step."""
    begun, stopped = [], []

    def work(item):
        begun.append(item)
        try:
            while item:
                interruption.check()
        except interruption.Interrupted:
            stopped.append(item)
            raise

    with OrderedWorkers(2) as pool:
        next(pool.results(work, range(1000)))
    assert len(begun) < 10 and len(stopped) >= 1


@pytest.fixture
def folder(tmp_path, astronaut):
    """Return a folder of pictures of which some have faces and one cannot be read."""
    small = cv2.resize(astronaut, (256, 256), interpolation=cv2.INTER_AREA)
    for number in range(8):
        picture = np.full((120, 160, 3), 90, np.uint8) if number % 3 else np.roll(small, number, 1)
        cv2.imwrite(str(tmp_path / f'{number}.png'), picture)
    (tmp_path / '3.png').write_bytes(b'no picture')
    (tmp_path / '9.txt').write_text('words')
    return tmp_path


def classified(folder, capsys, workers, *more):
    """Return exit code, objects, errors and the table of one run."""
    table = folder.parent / f'{workers}.csv'
    arguments = ['--json', '--workers', str(workers), '--csv', str(table), *more]
    code = cli.main(['classify', *arguments, str(folder)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err, table.read_text()


def test_the_same_as_of_one(folder, capsys):
    """Output, errors, table and annotated pictures; one that fails costs no other."""
    one = classified(folder, capsys, 1, '--annotate', str(folder.parent / 'one'))
    three = classified(folder, capsys, 3, '--annotate', str(folder.parent / 'three'))
    assert one == three and one[0] == 1
    found = [json.loads(line) for line in one[1].splitlines()]
    assert [os.path.basename(each['path']) for each in found] == [f'{n}.png' for n in range(8)]
    assert [bool(each['error']) for each in found].count(True) == 1 and found[3]['error']
    assert [len(each['faces']) for each in found] == [1, 0, 0, 0, 0, 0, 1, 0]
    assert '1 .txt' in one[2]
    drawn = [
        {path.name: path.read_bytes() for path in (folder.parent / name).iterdir()}
        for name in ('one', 'three')
    ]
    assert drawn[0] == drawn[1] and len(drawn[0]) == 7


def test_progress_counts_results(folder, monkeypatch, capsys):
    """On a terminal; lines of stdout stay whole."""
    monkeypatch.setattr(sys.stderr, 'isatty', lambda: True, raising=False)
    code, out, err, _ = classified(folder, capsys, 2)
    assert code == 1 and [json.loads(line) for line in out.splitlines()]
    assert '8/8' in err


def test_ctrl_c_ends_cleanly(folder):
    """With exit code 130 and no traceback; the rows that were written are whole."""
    table = folder.parent / 'faces.csv'
    names = [str(folder / '0.png')] * 2000
    child = subprocess.Popen(
        [sys.executable, '-c', CALL, 'classify', '--workers', '2', '--csv', str(table), *names],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert 'face 1 of 1' in child.stdout.readline()
    child.send_signal(signal.SIGINT)
    _, error = child.communicate(timeout=60)
    assert child.returncode == cli.INTERRUPTED and 'Traceback' not in error
    lines = Path(table).read_text().splitlines()
    assert len({line.count(',') for line in lines}) == 1 and 2 <= len(lines) < 2000


@pytest.mark.parametrize('count', ['0', '65', 'two'])
def test_a_number_of_workers_that_there_is_not(count, capsys):
    assert cli.main(['classify', '--workers', count, 'a.png']) == 2
    assert '--workers' in capsys.readouterr().err
