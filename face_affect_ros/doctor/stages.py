# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What each stage takes for a frame, beside how often frames come."""

from __future__ import annotations

from collections.abc import Iterator

from face_affect_ros.doctor.finding import Finding
from face_affect_ros.doctor.finding import note
from face_affect_ros.doctor.finding import ok
from face_affect_ros.doctor.graph_view import GraphView

TIME = 'time p50 (ms)'
TIME_P95 = 'time p95 (ms)'
LATENCY_P95 = 'latency p95 (ms)'


def check_stages(view: GraphView) -> Iterator[Finding]:
    """Return each stage's time against the frames that come."""
    for name, node in view.nodes.items():
        took, most = node.number(TIME), node.number(TIME_P95)
        rate = node.number('input rate (Hz)')
        if took is None or most is None or not rate:
            continue
        values = {'time_p50_ms': took, 'time_p95_ms': most, 'input_hz': rate}
        latency = node.number(LATENCY_P95)
        text = f'{name} takes {took:.1f} ms a frame (95 %: {most:.1f})'
        if took > 1e3 / rate:
            yield note(
                'stages-slow',
                f'{text}, one comes each {1e3 / rate:.0f} ms: some are left out',
                'raise min_face_size, lower trait_rate, or set max_rate of the camera',
                **values,
            )
        else:
            more = '' if latency is None else f', done {latency:.0f} ms after reception (95 %)'
            yield ok('stages', f'{text}, {rate:.0f} Hz{more}', **values)
