# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Embeddings grouped by person, without knowing who or how many they are."""

from __future__ import annotations

import numpy as np

ALONE = -1
"""Group of a face that belongs to nobody else's."""


def cluster(embeddings: np.ndarray, threshold: float, least: int = 2) -> np.ndarray:
    """Group faces by person: scikit-learn's agglomerative clustering with average linkage.

    :param embeddings: (N, 128) of length 1.
    :param threshold: mean distance at which groups are no longer joined, as
        ``Embedder.rule.threshold``.
    :param least: faces of a group, at least.
    :returns: (N,) int64 groups from 0, the largest first, those of equal size in the order of
        their first faces; -1: alone.
    :raises ValueError: embeddings of another shape.
    :raises ImportError: scikit-learn is missing; the text names the extra.
    """
    points = np.asarray(embeddings, np.float64)
    if points.ndim != 2 or not np.isfinite(points).all():
        raise ValueError(f'embeddings have shape {points.shape}, expected finite (N, 128)')
    if len(points) < 2:
        return np.full(len(points), 0 if least <= 1 else ALONE, np.int64)
    try:
        from sklearn.cluster import AgglomerativeClustering
    except ImportError as error:
        raise ImportError(
            'clustering needs scikit-learn: pip install "face_affect_ros[identity]"'
        ) from error
    found = AgglomerativeClustering(
        n_clusters=None, distance_threshold=threshold, linkage='average'
    ).fit_predict(points)
    return _by_size(found, least)


def _by_size(labels: np.ndarray, least: int) -> np.ndarray:
    """Number groups anew by their sizes; too small ones are alone."""
    groups, first, counts = np.unique(labels, return_index=True, return_counts=True)
    kept = [
        (-count, place, group)
        for group, place, count in zip(groups, first, counts)
        if count >= least
    ]
    found = np.full(len(labels), ALONE, np.int64)
    for number, (_, _, group) in enumerate(sorted(kept)):
        found[labels == group] = number
    return found
