# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Draw how runs learned: the training loss by step and each validation figure by epoch.

    python -m training.fitting.curves emotion_vdcn gender_age_resnet --to docs/images

Writes `curves_NAME.png` for each run, from its `log/metrics.csv`.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

from face_affect_ros.tasks import YEARS

from ..recipe import load_recipe
from ..tasks import LEARNED

COLUMNS = 3
"""Panels side by side."""

NOT_FIGURES = ('epoch', 'step', 'loss', 'score')

Points = list[tuple[float, float]]


def curves_of(log: Path) -> dict[str, Points]:
    """Return (step, value) points by name of a run's log; what it never wrote is missing.

    :raises FileNotFoundError: there is no such log.
    """
    curves: dict[str, Points] = {}
    with log.open(newline='') as lines:
        for line in csv.DictReader(lines):
            for name, value in line.items():
                if value and name not in ('epoch', 'step'):
                    curves.setdefault(name, []).append((float(line['step']), float(value)))
    return curves


def draw(name: str, curves: dict[str, Points], target: Path):
    """Draw a run's curves, a panel a figure, as a picture."""
    import matplotlib

    matplotlib.use('Agg')
    from matplotlib import pyplot

    figures = ['loss', *sorted(set(curves) - set(NOT_FIGURES))]
    figures = [figure for figure in figures if figure in curves]
    rows = -(-len(figures) // COLUMNS)
    picture, panels = pyplot.subplots(
        rows, COLUMNS, figsize=(3.2 * COLUMNS, 2.4 * rows), squeeze=False, layout='constrained'
    )
    for panel in panels.flat[len(figures) :]:
        panel.set_axis_off()
    for panel, figure in zip(panels.flat, figures):
        steps, values = zip(*curves[figure])
        panel.plot([step / 1000 for step in steps], values, color='#1f6f8b', linewidth=1.5)
        panel.set_title(_title(figure), fontsize=9)
        panel.set_xlabel('thousand steps', fontsize=8)
        panel.tick_params(labelsize=8)
        panel.grid(alpha=0.3)
        for side in ('top', 'right'):
            panel.spines[side].set_visible(False)
    picture.suptitle(name, fontsize=10)
    picture.savefig(target, dpi=110)
    pyplot.close(picture)


def _title(figure: str) -> str:
    """Return a figure's name for people: ``age_utkface_val`` is years of error."""
    if figure == 'loss':
        return 'training loss'
    task, _, pictures = figure.partition('_')
    unit = 'error in years' if LEARNED[task].kind == YEARS else 'share right'
    return f'{task}, {pictures}: {unit}'


def main():
    """Draw from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('recipes', nargs='+', metavar='recipe')
    parser.add_argument('--to', type=Path, default=Path(), help='folder to write to')
    arguments = parser.parse_args()
    for name in arguments.recipes:
        target = arguments.to / f'curves_{name}.png'
        draw(name, curves_of(load_recipe(name).run / 'log' / 'metrics.csv'), target)
        print(target)


if __name__ == '__main__':
    main()
