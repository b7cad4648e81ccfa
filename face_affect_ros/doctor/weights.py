# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Are the networks' files there, and as they were published?"""

from __future__ import annotations

from collections.abc import Iterator

from face_affect_ros.doctor.finding import Finding
from face_affect_ros.doctor.finding import ok
from face_affect_ros.doctor.finding import problem
from face_affect_ros.registry import catalogue


def check_weights(weights_dir: str = '') -> Iterator[Finding]:
    """Return which files are missing or altered.

    :param weights_dir: folder whose files take precedence over the embedded ones.
    """
    try:
        networks = catalogue.networks(weights_dir)
    except catalogue.WeightsError as error:
        yield _fault(error)
        return
    faults = 0
    for name in networks:
        try:
            catalogue.read_weights(name, weights_dir)
        except catalogue.WeightsError as error:
            faults += 1
            yield _fault(error)
    if not faults:
        where = f', with those in {weights_dir}' if weights_dir else ''
        yield ok('weights', f'{len(networks)} weight files are whole{where}')


def _fault(error: catalogue.WeightsError) -> Finding:
    text, _, remedy = str(error).rpartition('; ')
    return problem('weights-altered', text or remedy, remedy if text else 'correct weights_dir')
