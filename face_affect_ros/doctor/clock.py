# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Do camera, nodes and this machine agree about the time?"""

from __future__ import annotations

from collections.abc import Iterator

from face_affect_ros.doctor.finding import Finding
from face_affect_ros.doctor.finding import note
from face_affect_ros.doctor.finding import ok
from face_affect_ros.doctor.finding import problem
from face_affect_ros.doctor.graph_view import GraphView

MOST_AHEAD_S = 0.1
MOST_BEHIND_S = 1.0
"""How far stamps may be off the clock: a picture takes a while, but comes from no future."""


def check_sim_time(view: GraphView) -> Iterator[Finding]:
    """Return whether use_sim_time fits the graph."""
    given = {
        name: bool(node.parameters['use_sim_time'])
        for name, node in view.nodes.items()
        if 'use_sim_time' in node.parameters
    }
    simulated = [name for name, value in given.items() if value]
    if simulated and len(simulated) < len(given):
        yield problem(
            'clock-mixed',
            f'use_sim_time is true for {", ".join(simulated)} alone',
            'give all nodes the same (use_sim_time:=true to tiago.launch.py)',
        )
    if simulated and not view.clocks:
        yield problem(
            'clock-missing',
            'use_sim_time is true, but nobody publishes /clock',
            'start the simulation, play the bag with --clock, or set use_sim_time to false',
        )
    if given and not simulated and view.clocks:
        yield note(
            'clock-unused',
            '/clock is published, but use_sim_time is false',
            'set use_sim_time to true in a simulation',
        )


def check_stamps(view: GraphView) -> Iterator[Finding]:
    """Return whether the camera's stamps are of this time."""
    camera = view.camera
    if not camera.received:
        return
    if camera.delay_s is None:
        yield note(
            'clock-unstamped',
            f'pictures of {camera.topic} have no stamp: the time of reception is taken',
            'have the driver fill header.stamp, where results are looked up in TF',
        )
    elif not -MOST_AHEAD_S <= camera.delay_s <= MOST_BEHIND_S:
        way = 'behind' if camera.delay_s > 0 else 'ahead of'
        yield problem(
            'clock-skew',
            f'stamps of {camera.topic} are {abs(camera.delay_s):.1f} s {way} the clock here',
            'synchronise the machines (chrony), or set use_sim_time for a bag or a simulation',
            delay_s=round(camera.delay_s, 3),
        )
    else:
        yield ok(
            'clock',
            f'pictures come {camera.delay_s * 1e3:.0f} ms after their stamps',
            delay_s=round(camera.delay_s, 3),
        )
