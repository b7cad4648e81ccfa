# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What can be set on a stream, as data; importing this loads nothing."""

from __future__ import annotations

from dataclasses import dataclass

from face_affect_ros.parameter import declare

LONGEST_TIMEOUT_S = 60
"""Seconds, of ``track_timeout``."""


@dataclass(frozen=True)
class TrackingSettings:
    """How the faces of a stream are found and kept apart.

    :param search_rate: searches of whole frames a second, Hz; 0: all frames.
    :param track_timeout: seconds that a face may be missed and keep its track id.
    """

    search_rate: float = declare(
        10.0,
        'Searches of whole frames, Hz; in between known faces are followed; 0: all frames.',
        ('detection',),
        limits=(0, 1000),
    )
    track_timeout: float = declare(
        1.0,
        'Time that a face may be missed and keep its track id, seconds.',
        ('detection',),
        limits=(0, LONGEST_TIMEOUT_S),
    )


@dataclass(frozen=True)
class EmotionSettings:
    """How steady emotions are.

    :param emotion_smoothing_s: seconds after which a frame's answer counts half; 0: each frame's
        own answer is told.
    """

    emotion_smoothing_s: float = declare(
        0.3,
        "Half-life of the mean over a track's emotions, seconds; 0: each frame's own.",
        ('attributes',),
        limits=(0, 10),
    )


@dataclass(frozen=True)
class TraitSettings:
    """How often traits are refreshed.

    :param trait_rate: refreshes a second, Hz; 0: with every frame, whatever it takes.
    :param trait_budget_ms: milliseconds a frame that refreshes may take in the mean; 0: any.
    """

    trait_rate: float = declare(
        1.0,
        'Refreshes of gender, age and attributes of a face, Hz; 0: with every frame.',
        ('attributes',),
        limits=(0, 1000),
    )
    trait_budget_ms: float = declare(
        6.0,
        'Time that refreshes take a frame in the mean, milliseconds; 0: as long as they take.',
        ('attributes',),
        limits=(0, 10000),
    )
