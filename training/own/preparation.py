# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From what a user names to two sets that can be trained on, or all that is wrong with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.images import ImageError
from face_affect_ros.tasks import TASKS
from face_affect_ros.tasks import YEARS

from ..data import packed
from . import faults
from .face_lookup import FaceLocator
from .faults import DataIssue
from .report import Report
from .report import counts
from .rows import TRAIN
from .rows import VALIDATION
from .rows import Sample
from .rows import SampleList
from .rows import label_arrays
from .split import parts_of

SETS = {TRAIN: 'own_train', VALIDATION: 'own_val'}
"""Names of the sets of each part."""

NO_FACE, TWICE = 'without a face', 'there twice'
SEEN_IN_VALIDATION = 'of the training part that are in the validation part too'


@dataclass(frozen=True)
class PrepareOptions:
    """How pictures are prepared.

    :param tasks: whose labels are kept.
    :param needed: tasks that every class must have a picture of.
    :param channels: 1 for grey, 3 for BGR.
    :param seed: of the parts.
    :param is_cut: pictures are cut faces.
    :param skip_bad: leave out what cannot be read.
    :param allow_empty: a class may be without pictures.
    :param every_attribute: labels of all attributes are needed.
    """

    tasks: tuple[str, ...]
    needed: tuple[str, ...]
    channels: int
    seed: int = 1
    is_cut: bool = False
    skip_bad: bool = False
    allow_empty: bool = False
    every_attribute: bool = False


@dataclass
class Seen:
    """Pictures with a face, one entry a picture in each list."""

    rows: list[Sample] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    frames: list[np.ndarray] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)


def prepare(
    listing: SampleList, terms: PrepareOptions, folder: Path | None
) -> tuple[Report, list[DataIssue]]:
    """Look at all pictures and, where nothing is wrong, pack them.

    :param folder: to pack the sets ``SETS`` into; what is there of the same pictures on the same
        terms is taken as it is. None: only look.
    """
    key = key_of(listing, terms)
    known = _stored(folder, key) if folder and not listing.faults else None
    if known:
        return known, []
    if folder is None:
        report, found, _chosen = _looked_at(listing, terms, None)
        return report, found
    folder.mkdir(parents=True, exist_ok=True)
    _state_file(folder).unlink(missing_ok=True)
    with packed.Writer(folder / 'own.pixels') as writer:
        report, found, chosen = _looked_at(listing, terms, writer)
        pictures = writer.finish()
    if found:
        pictures.file.unlink()
        return report, found
    for part, name in SETS.items():
        _save(folder, name, pictures, chosen.of(part), terms)
    _state_file(folder).write_text(json.dumps({'key': key, 'report': asdict(report)}))
    return report, []


def key_of(listing: SampleList, terms: PrepareOptions) -> str:
    """Return what stays the same as long as the same sets come out."""
    return hashlib.sha256(f'{listing.digest()} {terms}'.encode()).hexdigest()


def stored_key(folder: Path) -> str | None:
    """Return the key of the sets that are packed in a folder."""
    return _state(folder).get('key')


def _stored(folder: Path, key: str) -> Report | None:
    """Return the report of the same pictures, prepared before."""
    state = _state(folder)
    return Report(**state['report']) if state.get('key') == key else None


def _state(folder: Path) -> dict[str, Any]:
    """Return what is known of a folder's sets; nothing where they are not whole."""
    try:
        return json.loads(_state_file(folder).read_text())
    except (OSError, ValueError):
        return {}


def _state_file(folder: Path) -> Path:
    """Return the file that is there once everything is packed."""
    return folder / 'state.json'


@dataclass(frozen=True)
class Chosen:
    """The pictures that are used.

    :param seen: all with a face.
    :param indices: of the used ones among them.
    :param parts: of the used ones.
    """

    seen: Seen
    indices: Sequence[int]
    parts: Sequence[str]

    def of(self, part: str) -> Chosen:
        """Return the pictures of one part."""
        kept = [index for index, own in zip(self.indices, self.parts) if own == part]
        return Chosen(self.seen, kept, [part] * len(kept))

    @property
    def rows(self) -> list[Sample]:
        """Their rows."""
        return [self.seen.rows[index] for index in self.indices]


def _save(folder: Path, name: str, pictures: packed.Packed, chosen: Chosen, terms: PrepareOptions):
    """Write a set."""
    indices = np.array(chosen.indices, np.int64)
    labels = label_arrays(chosen.rows, terms.tasks)
    persons = [row.person for row in chosen.rows]
    if any(persons):
        _names, labels['identity'] = np.unique(persons, return_inverse=True)
    packed.save(
        folder,
        name,
        pictures[indices],
        np.array(chosen.seen.frames)[indices],
        np.array(chosen.seen.scores, np.float32)[indices],
        labels,
    )


def _looked_at(
    listing: SampleList, terms: PrepareOptions, writer: packed.Writer | None
) -> tuple[Report, list[DataIssue], Chosen]:
    """Look at all pictures; return what they are, what is wrong and which are used."""
    nowhere = sum(fault.kind == faults.NO_FILE for fault in listing.faults)
    report = Report(found=len(listing.rows) + nowhere, notes=list(listing.notes))
    seen, bad = _see(listing, terms, writer, report)
    found = [*listing.faults, *bad]
    if terms.skip_bad:
        for kind in faults.SKIPPED:
            report.left_out[kind] = sum(fault.kind == kind for fault in found)
        found = [fault for fault in found if fault.kind not in faults.SKIPPED]
    chosen = _choose(seen, terms, report, found)
    labels = label_arrays(chosen.rows, terms.tasks)
    report.used = {part: chosen.parts.count(part) for part in SETS}
    report.classes = counts(labels, chosen.parts)
    found += _gaps(report, terms)
    return report, found, chosen


def _see(
    listing: SampleList, terms: PrepareOptions, writer: packed.Writer | None, report: Report
) -> tuple[Seen, list[DataIssue]]:
    """Look at each picture; pack the views of those with a face."""
    seen, bad, several = Seen(), [], 0
    report.left_out[NO_FACE] = 0
    locator = FaceLocator(terms.is_cut)
    for row in _shown(listing.rows):
        try:
            sight = locator.locate(row)
        except ImageError as error:
            bad.append(DataIssue(faults.UNREADABLE, str(error), row.place))
            continue
        if sight.face is None:
            report.left_out[NO_FACE] += 1
            continue
        several += sight.faces > 1
        if writer:
            view = sight.face.view
            writer.add((view.grey if terms.channels == 1 else view).pixels)
        seen.rows.append(row)
        seen.digests.append(sight.digest)
        seen.frames.append(sight.face.frame)
        seen.scores.append(sight.face.score)
    if several:
        report.notes.append(f'{several} show several faces: the largest is taken')
    return seen, bad


def _shown(rows: Sequence[Sample]) -> Iterator[Sample]:
    """Return the rows behind a progress bar, where that can be seen."""
    return iter(tqdm(rows, desc='looking at pictures', unit='picture', disable=None))


def _choose(seen: Seen, terms: PrepareOptions, report: Report, found: list[DataIssue]) -> Chosen:
    """Return each picture once, in its part; note the same picture with different labels."""
    places: dict[str, list[int]] = {}
    for index, digest in enumerate(seen.digests):
        places.setdefault(digest, []).append(index)
    report.left_out[TWICE] = report.left_out[SEEN_IN_VALIDATION] = 0
    kept = []
    for indices in places.values():
        rows = [seen.rows[index] for index in indices]
        if any(row.labels != rows[0].labels for row in rows):
            found.append(
                DataIssue(faults.CONTRADICTION, '', ' and '.join(row.place for row in rows))
            )
        judged = [index for index in indices if seen.rows[index].part == VALIDATION]
        kept.append((judged or indices)[0])
        twice = len(indices) - 1
        crossing = len(indices) - len(judged) if judged else 0
        report.left_out[SEEN_IN_VALIDATION] += crossing
        report.left_out[TWICE] += twice - crossing
    kept.sort()
    parts = parts_of(
        [seen.rows[index] for index in kept],
        [seen.digests[index] for index in kept],
        terms.needed,
        terms.seed,
    )
    return Chosen(seen, kept, parts)


def _gaps(report: Report, terms: PrepareOptions) -> list[DataIssue]:
    """Return what there is no picture of."""
    if not any(report.used.values()):
        return [DataIssue(faults.NO_PICTURE, f'of {report.found} none can be used')]
    found = [
        DataIssue(faults.NO_PICTURE, f'none for {part}' + (f' has {task}' if used else ''))
        for part, used in report.used.items()
        for task in terms.needed
        if not sum(parts[part] for parts in report.classes.get(task, {}).values())
    ]
    if report.used[TRAIN] == 1:
        found.append(DataIssue(faults.NO_PICTURE, f'one alone for {TRAIN}'))
    untold = [name for name in ATTRIBUTES if name not in report.classes.get('attributes', {})]
    if untold and terms.every_attribute:
        found += [DataIssue(faults.MISSING_COLUMN, name) for name in untold]
    elif untold and 'attributes' in terms.needed:
        report.notes.append(f'no labels of {", ".join(untold)}: these may get worse')
    missing = [
        f'{task} {name}'
        for task in terms.needed
        for name, parts in report.classes.get(task, {}).items()
        if TASKS[task].kind != YEARS and not parts[TRAIN]
    ]
    if missing and terms.allow_empty:
        report.notes.append(f'not a picture to train on: {", ".join(missing)}')
    elif missing:
        found += [
            DataIssue(faults.EMPTY_CLASS, f'{name}: no picture to train on') for name in missing
        ]
    return found
