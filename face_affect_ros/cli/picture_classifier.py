# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""One picture of the command line: read, described, and drawn where that is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from face_affect_ros.cli import annotated
from face_affect_ros.cli import pictures
from face_affect_ros.cli.picture_reading import PictureError
from face_affect_ros.cli.picture_reading import read
from face_affect_ros.quoting import quoted
from face_affect_ros.quoting import shortened

if TYPE_CHECKING:
    import numpy as np

    from face_affect_ros.faces import Face
    from face_affect_ros.model import Model


@dataclass
class Classified:
    """What came of a picture.

    :param path: as in ``pictures.Source``.
    :param size: width and height in pixels; None: it cannot be used.
    :param faces: that were found.
    :param error: what went wrong; a picture whose annotated one cannot be written has faces too.
    :param warnings: what is wrong with a picture that can be used.
    """

    path: str
    size: tuple[int, int] | None = None
    faces: list[Face] = field(default_factory=list)
    error: str | None = None
    warnings: list[str] = field(default_factory=list)


class PictureClassifier:
    """Describes pictures; threads may share it.

    :param model: finds and describes the faces.
    :param targets: files to which pictures go with their faces drawn in.
    :param is_cut: each picture is one face already.
    :param rotate: degrees by which pictures are turned clockwise first.
    """

    def __init__(
        self,
        model: Model,
        targets: Mapping[pictures.Source, Path],
        is_cut: bool = False,
        rotate: int = 0,
    ) -> None:
        self._model, self._targets = model, targets
        self._is_cut, self._rotate = is_cut, rotate

    def __call__(self, source: pictures.Source) -> Classified:
        """Return what came of a picture; one that cannot be used is a result with an error."""
        found = Classified(source.path, error=source.error)
        if source.error:
            return found
        from face_affect_ros.images import turned

        try:
            image = turned(
                read(source, lambda warning: found.warnings.append(str(warning))), self._rotate
            )
            found.faces = _analyze(source, self._model, image, self._is_cut)
            found.size = image.shape[1], image.shape[0]
            if source in self._targets:
                annotated.write(self._targets[source], image, found.faces)
        except (PictureError, annotated.WriteError) as error:
            found.error = str(error)
        return found


def _analyze(source: pictures.Source, model: Model, image: np.ndarray, is_cut: bool) -> list[Face]:
    """Return the faces of a picture; of a cut face the one whose box is the picture."""
    import cv2

    from face_affect_ros.detection.given_boxes import MAX_SIDE
    from face_affect_ros.faces import Box

    height, width = image.shape[:2]
    name = f'picture {quoted(source.path)}, {width}x{height} pixels,'
    if is_cut and max(width, height) > MAX_SIDE:
        raise PictureError(f'{name} is no cut face: those have at most {MAX_SIDE:,} a side')
    try:
        return model.analyze(image, [Box(0.0, 0.0, width, height)] if is_cut else None)
    except (MemoryError, cv2.error) as error:
        raise PictureError(
            f'{name} cannot be analyzed ({shortened(str(error) or "out of memory")}): scale it '
            'down'
        ) from error
