# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""People who are enrolled by name, in a file that the user names; and who of them a face is."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from face_affect_ros.identity import gallery_file
from face_affect_ros.identity import names
from face_affect_ros.identity import private_file
from face_affect_ros.identity import recognition
from face_affect_ros.identity.embedder import COLUMNS
from face_affect_ros.identity.embedder import Embedder
from face_affect_ros.identity.enrolment import face_to_enrol
from face_affect_ros.identity.errors import ChangedGalleryError
from face_affect_ros.identity.errors import DamagedGalleryError
from face_affect_ros.identity.errors import GalleryError
from face_affect_ros.identity.errors import GalleryKeyError
from face_affect_ros.identity.errors import OtherNetworkError
from face_affect_ros.identity.errors import UnknownPersonError
from face_affect_ros.identity.recognition import Recognition
from face_affect_ros.quoting import quoted

_LENGTH_TOLERANCE = 1e-3
_SAME = 1e-6
"""Distance up to which two embeddings are of one picture."""


class Gallery:
    """People by name, each with the embeddings of some pictures. No picture is kept.

    Nothing is on the disk before ``save``. Threads may recognise while one changes it.

    :param embedder: makes embeddings of pictures; says by which network, and what distances mean.
        None: of a gallery that was loaded, to look who is enrolled and to forget.
    """

    def __init__(self, embedder: Embedder | None) -> None:
        """Begin with nobody."""
        self._loaded_embedder = embedder
        self._network_sha256 = embedder.network_sha256 if embedder else ''
        self._people: Mapping[str, np.ndarray] = {}
        self._saved: Mapping[str, np.ndarray] = {}
        self._digest: bytes | None = None
        self._path: Path | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of those who are enrolled, sorted."""
        return tuple(sorted(self._people))

    def __len__(self) -> int:
        """Return how many people are enrolled."""
        return len(self._people)

    def enrol(self, name: str, *pictures: Any) -> int:
        """Add somebody, or further pictures of somebody who is enrolled.

        :param pictures: each a picture of one person alone (as ``Embedder.embed`` takes them), or
            (128,) or (N, 128) float embeddings of length 1.
        :returns: how many embeddings of this person there are now.
        :raises PersonNameError: the name cannot be one.
        :raises FaceCountError: a picture does not show exactly one face.
        :raises UnusableFaceError: the face is too small or too blurred.
        :raises ImageError: a picture cannot be read.
        :raises ValueError: embeddings of another shape or length, or none.
        """
        name = names.checked(name)
        known = [*self._people.get(name, ())]
        points = [point for given in pictures for point in self._points(given, alone=True)]
        if not points:
            raise ValueError(f'nothing to enrol {quoted(name)} by: give a picture')
        for point in points:
            if all(np.linalg.norm(point - other) > _SAME for other in known):
                known.append(point)
        self._people = {**self._people, name: np.array(known, np.float32)}
        return len(known)

    def forget(self, name: str) -> None:
        """Remove somebody; ``save`` removes what the file and its copy hold, too.

        :raises UnknownPersonError: nobody of this name is enrolled.
        """
        name = names.checked(name)
        if name not in self._people:
            enrolled = ', '.join(map(quoted, self.names[:4])) or 'nobody'
            more = f' and {len(self) - 4} others' if len(self) > 4 else ''
            raise UnknownPersonError(
                f'{quoted(name, 80)} is not enrolled; {enrolled[:160]}{more} is'
            )
        self._people = {each: known for each, known in self._people.items() if each != name}
        self._saved = {each: known for each, known in self._saved.items() if each != name}

    def recognise(
        self,
        faces: Any,
        least_probability: float = recognition.LEAST_PROBABILITY,
        neighbours: int = recognition.NEIGHBOURS,
    ) -> list[Recognition]:
        """Return who each face is, ``unknown`` where it is nobody enrolled (``recognition``).

        :param faces: (N, 128) or (128,) float embeddings, or a picture, all of whose faces are
            meant, largest first.
        :param least_probability: 0..1, below which the answer is ``unknown``.
        :param neighbours: embeddings of each person that count, at least 1.
        """
        if neighbours < 1:
            raise ValueError(f'neighbours is {neighbours}, must be at least 1')
        points = self._points(faces, alone=False)
        return recognition.recognise(
            points, self._people, self._embedder.rule, least_probability, neighbours
        )

    def save(self, path: str | os.PathLike[str], key: bytes | None = None) -> None:
        """Write the gallery to a file that its owner alone can read, whole or not at all.

        What the file held before stays beside it as ``PATH.bak``, without those who were forgotten
        meanwhile and with the same key.

        :param path: a file that this gallery was loaded from or saved to, or none yet.
        :param key: encrypts the file (AES-256-GCM): any bytes, at least 8; None: plain.
        :raises ChangedGalleryError: the file was written by another program meanwhile.
        :raises GalleryKeyError: the key is too short, or ``cryptography`` is missing.
        :raises GalleryError: it cannot be written; what was is still there.
        """
        gallery_file.check_key(key)
        file = Path(os.path.realpath(path))
        with private_file.locked(file):
            self._check_unchanged(file)
            data = self._encoded(self._people, key)
            if file == self._path:
                private_file.write(private_file.copy_of(file), self._encoded(self._saved, key))
            private_file.write(file, data)
        self._saved = self._people
        self._path, self._digest = file, hashlib.sha256(data).digest()

    @classmethod
    def load(
        cls, path: str | os.PathLike[str], embedder: Embedder | None, key: bytes | None = None
    ) -> Gallery:
        """Return the gallery of a file.

        :param embedder: of the same network; None: of whichever, to look who is enrolled and to
            forget.
        :param key: of an encrypted file.
        :raises FileNotFoundError: there is no such file.
        :raises DamagedGalleryError: it is truncated or altered, or the key is another one.
        :raises GalleryKeyError: a key is missing, or given for a file that is not encrypted.
        :raises OtherNetworkError: another network made its embeddings.
        :raises GalleryError: it cannot be read.
        """
        file = Path(os.path.realpath(path))
        data = private_file.read(file)
        try:
            content = gallery_file.decoded(data, key)
        except GalleryKeyError as error:
            raise GalleryKeyError(f'gallery {quoted(path)}: {error}') from error
        except DamagedGalleryError as error:
            raise DamagedGalleryError(
                f'gallery {quoted(path)}: {error}; {_remedy(file, key)}'
            ) from error
        if embedder and content.network_sha256 != embedder.network_sha256:
            raise OtherNetworkError(
                f'gallery {quoted(path)} was made by another network '
                f'({content.network_sha256[:12]}, here {embedder.network_sha256[:12]}): '
                'enrol anew into another file, or use the version that made it'
            )
        found = cls(embedder)
        found._network_sha256 = content.network_sha256
        found._people = found._saved = content.people
        found._path, found._digest = file, hashlib.sha256(data).digest()
        return found

    @property
    def _embedder(self) -> Embedder:
        if self._loaded_embedder is None:
            raise ValueError('this gallery was loaded without an embedder: it can only forget')
        return self._loaded_embedder

    def _points(self, given: Any, alone: bool) -> np.ndarray:
        """Return the (N, 128) float32 embeddings of what was given.

        :param alone: a picture must show one usable face.
        """
        if not (isinstance(given, np.ndarray) and given.dtype.kind == 'f'):
            if alone:
                return np.array([face_to_enrol(self._embedder, given).embedding])
            return self._embedder.embed(given)
        points = np.asarray(given, np.float32)
        points = points[None] if points.ndim == 1 else points
        if points.ndim != 2 or points.shape[1] != COLUMNS:
            raise ValueError(f'embeddings have shape {given.shape}, expected (N, {COLUMNS})')
        lengths = np.linalg.norm(points.astype(np.float64), axis=1)
        if not (np.abs(lengths - 1) <= _LENGTH_TOLERANCE).all():
            raise ValueError('embeddings are not of length 1: give them as embed returns them')
        return points

    def _encoded(self, people: Mapping[str, np.ndarray], key: bytes | None) -> bytes:
        return gallery_file.encoded(gallery_file.Content(self._network_sha256, people), key)

    def _check_unchanged(self, file: Path) -> None:
        """Refuse to write over what this gallery does not know."""
        try:
            data = private_file.read(file)
        except FileNotFoundError:
            copy = private_file.copy_of(file)
            if file == self._path:
                raise ChangedGalleryError(
                    f'{quoted(file)} was removed meanwhile: begin another gallery'
                ) from None
            if copy.exists():
                raise GalleryError(
                    f'{quoted(copy)} is a copy whose gallery is gone: rename it back, or remove it'
                ) from None
            return
        if file != self._path or hashlib.sha256(data).digest() != self._digest:
            raise ChangedGalleryError(
                f'{quoted(file)} was written by another program meanwhile, or is of another '
                'gallery: load it again, then change and save it'
            )


def _remedy(file: Path, key: bytes | None) -> str:
    """Return what to do about a damaged file: its copy, where that is whole."""
    copy = private_file.copy_of(file)
    try:
        people = len(gallery_file.decoded(private_file.read(copy), key).people)
    except (FileNotFoundError, GalleryError):
        return 'there is no whole copy: give the right key, or remove it and enrol anew'
    return f'its copy is whole ({people} enrolled): mv {quoted(copy)} {quoted(file)}'
