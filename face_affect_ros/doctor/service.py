# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Does ``classify_image`` answer, and how fast?"""

from __future__ import annotations

from collections.abc import Iterator

from face_affect_ros.doctor.finding import Finding
from face_affect_ros.doctor.finding import ok
from face_affect_ros.doctor.finding import problem
from face_affect_ros.doctor.graph_view import GraphView

MOST_MS = 1000.0
"""What clients are told to wait at least (docs/topics.md)."""


def check_service(view: GraphView) -> Iterator[Finding]:
    """Return what a request without a picture got."""
    if 'attributes' not in view.nodes:
        return
    service = view.service
    if service is None:
        yield problem(
            'service-missing',
            f'{view.namespace}/attributes offers no classify_image',
            'start it again; is it of another version?',
        )
    elif service.answer_ms is None:
        yield problem(
            'service-silent',
            f'{service.name} gave no answer in {service.waited_s:.0f} s',
            'is its process stopped, stuck or killed? Start it again',
        )
    elif service.error:
        yield problem(
            'service-refused',
            f'{service.name} answers {service.error}: {service.message}',
            'do as it says; the codes are explained in srv/ClassifyImage.srv',
            answer_ms=round(service.answer_ms, 1),
        )
    elif service.answer_ms > MOST_MS:
        yield problem(
            'service-slow',
            f'{service.name} took {service.answer_ms:.0f} ms',
            'free the processor, or give clients a longer time-out',
            answer_ms=round(service.answer_ms, 1),
        )
    else:
        yield ok(
            'service',
            f'{service.name} answered in {service.answer_ms:.0f} ms, {service.faces} faces',
            answer_ms=round(service.answer_ms, 1),
        )
