# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Who of the faces before is who of those now: pairs with the largest sum of scores.

``scipy.optimize.linear_sum_assignment`` gives the same sum; importing it takes 30 MB and a
quarter of a second, for what is here a handful of faces.
"""

from __future__ import annotations

import numpy as np


def best_pairs(scores: np.ndarray) -> list[tuple[int, int]]:
    """Return the pairs, at most one for each row and column, whose scores have the largest sum.

    :param scores: (N, M) float, 0 and up; 0: this pair cannot be.
    :returns: rows with their columns, by row.
    """
    possible = scores > 0
    alone = possible & (possible.sum(axis=1, keepdims=True) == 1) & (possible.sum(axis=0) == 1)
    rows, columns = (np.flatnonzero((possible & ~alone).any(axis=axis)) for axis in (1, 0))
    contested = _best_columns(scores[np.ix_(rows, columns)])
    pairs = [*np.argwhere(alone).tolist(), *zip(rows[contested[0]], columns[contested[1]])]
    return sorted((int(row), int(column)) for row, column in pairs if possible[row, column])


def _best_columns(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and columns of the pairs with the largest sum, as many as there can be."""
    if scores.shape[0] > scores.shape[1]:
        columns, rows = _best_columns(scores.T)
        return rows, columns
    row_of = _assigned_rows(-scores)
    columns = np.flatnonzero(row_of >= 0)
    return row_of[columns], columns


def _assigned_rows(cost: np.ndarray) -> np.ndarray:
    """Return the row of each column, (M,) int, -1 for none, with the least sum of costs.

    The Hungarian method by shortest augmenting paths: D. F. Crouse, On implementing 2D rectangular
    assignment algorithms, IEEE Transactions on Aerospace and Electronic Systems 52(4), 2016.

    :param cost: (N, M) float, N at most M.
    """
    rows, columns = cost.shape
    row_price, column_price = np.zeros(rows), np.zeros(columns)
    row_of, column_of = np.full(columns, -1), np.full(rows, -1)
    for start in range(rows):
        length, previous = np.full(columns, np.inf), np.full(columns, -1)
        is_done = np.zeros(columns, bool)
        row, so_far, end = start, 0.0, -1
        while end < 0:
            through = so_far + cost[row] - row_price[row] - column_price
            is_shorter = ~is_done & (through < length)
            length[is_shorter], previous[is_shorter] = through[is_shorter], row
            column = int(np.where(is_done, np.inf, length).argmin())
            so_far, is_done[column] = length[column], True
            if row_of[column] < 0:
                end = column
            else:
                row = row_of[column]
        passed = is_done & (row_of >= 0)
        row_price[row_of[passed]] += so_far - length[passed]
        row_price[start] += so_far
        column_price[is_done] += length[is_done] - so_far
        column = end
        while column >= 0:
            row = previous[column]
            row_of[column], column_of[row], column = row, column, column_of[row]
    return row_of
