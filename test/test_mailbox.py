# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The one-slot mailbox: newest only, nothing lost without being counted, nobody waits for ever."""

import threading
import time

from hypothesis import given
from hypothesis import strategies as st

from face_affect_ros.stream.mailbox import Mailbox


def test_empty_mailbox_gives_nothing_at_once():
    """A reader that does not want to wait does not."""
    assert Mailbox().take(timeout=0) is None


def test_newest_item_replaces_the_one_before():
    """The reader gets the newest; the other counts as dropped."""
    mailbox = Mailbox()
    assert mailbox.put('old') is None
    assert mailbox.put('new') == 'old'
    assert mailbox.take(timeout=0) == 'new'
    assert mailbox.dropped == 1


def test_false_items_are_items():
    """Emptiness is not judged by an item's truth."""
    mailbox = Mailbox()
    mailbox.put(0)
    assert mailbox.take(timeout=0) == 0


def test_reader_that_waits_is_woken():
    """An item reaches a waiting reader."""
    mailbox = Mailbox()
    got = []
    reader = threading.Thread(target=lambda: got.append(mailbox.take(timeout=10)))
    reader.start()
    mailbox.put('item')
    reader.join(10)
    assert got == ['item']


def test_closing_wakes_the_reader_and_refuses_items():
    """No thread is left waiting; what comes later goes nowhere."""
    mailbox = Mailbox()
    got = []
    reader = threading.Thread(target=lambda: got.append(mailbox.take()))
    reader.start()
    mailbox.close()
    reader.join(10)
    mailbox.put('late')
    assert got == [None]
    assert mailbox.take(timeout=0) is None


def test_waiting_costs_no_cpu():
    """The reader sleeps on a lock: no polling."""
    mailbox = Mailbox()
    threading.Thread(target=mailbox.take, daemon=True).start()
    before = time.process_time()
    time.sleep(0.3)
    assert time.process_time() - before < 0.1
    mailbox.close()


@given(st.lists(st.sampled_from(['put', 'take', 'clear'])))
def test_every_item_is_taken_waiting_or_dropped(steps):
    """Whatever the order, the sums come out, and items are taken in order."""
    mailbox = Mailbox()
    taken = []
    number = 0
    for step in steps:
        if step == 'put':
            number += 1
            mailbox.put(number)
        elif step == 'take':
            item = mailbox.take(timeout=0)
            if item is not None:
                taken.append(item)
        else:
            mailbox.clear()
    waiting = mailbox.take(timeout=0) is not None
    assert number == len(taken) + mailbox.dropped + waiting
    assert taken == sorted(set(taken))
