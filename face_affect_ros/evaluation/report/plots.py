# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Plots by matplotlib as SVG that takes the ink of the page around it, light or dark."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import numpy as np

from face_affect_ros.evaluation.intervals import Estimate
from face_affect_ros.evaluation.report.content import Plot

INK = '#010203'
"""Colour of everything that is to have the page's own ink; no plot uses it otherwise."""

PIXELS_AN_INCH = 120
"""Of a page that is wide enough."""

COLOURS = ('#2f7fd1', '#d9822b', '#3a9d5d', '#b65fc0', '#c9504f', '#6f8190')
"""Of series, told apart on white and on black."""

Points = Sequence[float] | np.ndarray

STYLE: Any = {
    'svg.fonttype': 'none',
    'font.family': 'sans-serif',
    'font.size': 10,
    'text.color': INK,
    'axes.edgecolor': INK,
    'axes.labelcolor': INK,
    'axes.titlecolor': INK,
    'axes.spines.top': False,
    'axes.spines.right': False,
    'axes.axisbelow': True,
    'axes.grid': True,
    'grid.color': '#808890',
    'grid.alpha': 0.35,
    'grid.linewidth': 0.6,
    'xtick.color': INK,
    'ytick.color': INK,
    'legend.frameon': False,
    'figure.facecolor': 'none',
    'axes.facecolor': 'none',
    'savefig.facecolor': 'none',
}


def plot(title: str, draw: Callable[[Any], None], width: float = 5.2, height: float = 3.6) -> Plot:
    """Return a plot that a function draws.

    :param draw: draws onto matplotlib axes.
    :param width: in inches; the page scales it.
    """
    return Plot(title, svg(draw, title, width, height))


def svg(
    draw: Callable[[Any], None], salt: str = '', width: float = 5.2, height: float = 3.6
) -> str:
    """Return an ``<svg>`` element, the same for the same drawing.

    :param salt: parts the ids of this drawing from those of others on a page.
    """
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with matplotlib.rc_context({**STYLE, 'svg.hashsalt': salt or 'plot'}):
        figure = Figure(figsize=(width, height), layout='constrained')
        FigureCanvasSVG(figure)
        draw(figure.add_subplot())
        stream = io.StringIO()
        figure.savefig(stream, format='svg', metadata={'Date': None, 'Creator': None})
    text = stream.getvalue()
    text = text[text.index('<svg') :].strip()
    text = re.sub(r'<metadata>.*?</metadata>', '', text, flags=re.DOTALL)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r'\1', text, count=1)
    style = f' style="max-width: {round(width * PIXELS_AN_INCH)}px"'
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', rf'\1{style}', text, count=1)
    # Ids of parts that matplotlib merely numbers stand twice on a page of several plots.
    text = re.sub(r'<g id="[^"]*"', '<g', text)
    return text.replace(INK, 'currentColor')


def confusion(
    title: str, matrix: np.ndarray, truth: Sequence[str], answers: Sequence[str]
) -> Plot:
    """Return a confusion matrix with counts and percentages of the true class."""
    shares = matrix / np.maximum(matrix.sum(1, keepdims=True), 1)

    def draw(axes):
        from matplotlib.colors import LinearSegmentedColormap

        shade = LinearSegmentedColormap.from_list('shade', ['#2f7fd100', '#2f7fd1ff'])
        axes.imshow(shares, cmap=shade, vmin=0, vmax=1, aspect='auto', interpolation='nearest')
        axes.grid(False)
        axes.set_xticks(range(len(answers)), answers, rotation=40, ha='right')
        axes.set_yticks(range(len(truth)), truth)
        axes.set_xlabel('prediction')
        axes.set_ylabel('truth')
        for row, column in np.ndindex(matrix.shape):
            axes.text(
                column,
                row,
                f'{matrix[row, column]:.0f}\n{100 * shares[row, column]:.0f} %',
                ha='center',
                va='center',
                fontsize=8,
            )

    return plot(title, draw, 1.6 + 0.62 * len(answers), 1.2 + 0.46 * len(truth))


def bars(
    title: str, series: Mapping[str, Mapping[str, Estimate]], label: str, factor: float = 1.0
) -> Plot:
    """Return horizontal bars with intervals, a group of bars a name.

    :param series: estimates by series and name.
    :param label: of the axis.
    :param factor: what values are multiplied by, 100 for percent.
    """
    names = list(dict.fromkeys(name for each in series.values() for name in each))
    thickness = 0.8 / max(len(series), 1)

    def draw(axes):
        for index, (key, values) in enumerate(series.items()):
            places = [
                place + (index - (len(series) - 1) / 2) * thickness
                for place, name in enumerate(names)
                if name in values
            ]
            given = [values[name] for name in names if name in values]
            value = factor * np.array([each.value for each in given])
            error = np.nan_to_num(
                [
                    value - factor * np.array([each.low for each in given]),
                    factor * np.array([each.high for each in given]) - value,
                ]
            )
            axes.barh(
                places,
                value,
                thickness * 0.9,
                xerr=np.maximum(error, 0),
                color=COLOURS[index % len(COLOURS)],
                ecolor=INK,
                error_kw={'elinewidth': 1, 'capsize': 2},
                label=key,
            )
        axes.set_yticks(range(len(names)), names)
        axes.invert_yaxis()
        axes.set_xlabel(label)
        axes.grid(False, axis='y')
        if len(series) > 1:
            axes.legend(loc='lower center', bbox_to_anchor=(0.5, 1.0), ncol=3)  # ncols is of 3.6

    return plot(title, draw, 5.2, 1.2 + 0.22 * len(names) * max(1.4, len(series)))


def lines(
    title: str,
    series: Mapping[str, tuple[Points, Points]],
    labels: tuple[str, str],
    diagonal: bool = False,
    marker: str = 'o',
) -> Plot:
    """Return lines through points.

    :param series: x and y values by series.
    :param labels: of the axes x and y.
    :param diagonal: also draw x = y, thin.
    """

    def draw(axes):
        if diagonal:
            axes.plot([0, 1], [0, 1], color='#808890', linewidth=1, linestyle='--')
        for index, (key, (x, y)) in enumerate(series.items()):
            axes.plot(
                x,
                y,
                marker=marker,
                markersize=4,
                linewidth=1.5,
                color=COLOURS[index % len(COLOURS)],
                label=key,
            )
        axes.set_xlabel(labels[0])
        axes.set_ylabel(labels[1])
        if series and (len(series) > 1 or diagonal):
            axes.legend()

    return plot(title, draw)
