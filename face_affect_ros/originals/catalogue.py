# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The catalogue of original networks: which files each consists of, and whether they are whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

import yaml

from face_affect_ros.originals import file_signatures
from face_affect_ros.originals.paths import originals_folder
from face_affect_ros.quoting import quoted
from face_affect_ros.registry.catalogue import CropSpec
from face_affect_ros.registry.catalogue import ModelSpec
from face_affect_ros.registry.catalogue import UnknownNameError
from face_affect_ros.registry.catalogue import WeightsError
from face_affect_ros.registry.catalogue import model_spec
from face_affect_ros.registry.catalogue import weights_folder

if TYPE_CHECKING:
    import numpy as np

HOME = Path(__file__).parent

Buffer = bytes  # a field of OriginalFile hides the name

ADDRESS = 'https://raw.githubusercontent.com/{repository}/{commit}/{path}'


@dataclass(frozen=True)
class OriginalFile:
    """One file of an original network. At least one hash is given.

    :param path: its place in ``weights_dir``, parts parted by ``/``.
    :param sha256: of its bytes, hexadecimal; empty: not known.
    :param sha1: of its bytes, hexadecimal; empty: not known.
    :param git_blob: its id in a git repository, hexadecimal; empty: not known.
    :param bytes: its size; ``None``: not known.
    :param source: ``owner/repository@commit:path`` on GitHub; empty: elsewhere.
    :param urls: further addresses.
    """

    path: str
    sha256: str = ''
    sha1: str = ''
    git_blob: str = ''
    bytes: int | None = None
    source: str = ''
    urls: tuple[str, ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where the file is published, the first choice first."""
        if not self.source:
            return self.urls
        repository, _, rest = self.source.partition('@')
        commit, _, path = rest.partition(':')
        return (ADDRESS.format(repository=repository, commit=commit, path=path), *self.urls)

    def explained_fault(self, data: Buffer) -> str | None:
        """Return ``fault``, with what the bytes are instead where that can be told."""
        fault = self.fault(data)
        kind = file_signatures.kind(data) if fault else None
        return f'is {kind} ({fault})' if kind else fault

    def fault(self, data: Buffer) -> str | None:
        """Return what shows that these bytes are not the file; ``None``: they are."""
        if self.bytes is not None and len(data) != self.bytes:
            return f'has {len(data):,} bytes, expected {self.bytes:,}'
        for kind, function in _HASHES.items():
            expected = getattr(self, kind)
            found = function(data) if expected else ''
            if found != expected:
                return f'has {kind} {found[:12]}..., expected {expected[:12]}...'
        return None


@dataclass(frozen=True)
class InputSpec:
    """What an original network is fed: (pixel - mean) * scale as float32.

    :param layout: ``NHWC`` or ``NCHW``.
    :param mean: one value a channel, 0..255, in BGR's order where there are three.
    :param scale: factor behind the subtraction.
    :param size: side in pixels, where no crop says it.
    """

    layout: str
    mean: tuple[float, ...]
    scale: float
    size: int = 0

    def shape(self, count: int = 1) -> tuple[int, int, int, int]:
        """Return the shape of a batch of ``count``."""
        channels = len(self.mean)
        if self.layout == 'NCHW':
            return count, channels, self.size, self.size
        return count, self.size, self.size, channels

    def batch(self, pixels: np.ndarray) -> np.ndarray:
        """Return the float32 batch of N pictures.

        :param pixels: (N, H, W, 3) BGR or (N, H, W) grey, uint8 or float32 of 0..255.
        """
        import numpy as np

        shaped = pixels.reshape(*pixels.shape[:3], len(self.mean)).astype(np.float32)
        shaped = (shaped - np.array(self.mean, np.float32)) * np.float32(self.scale)
        return shaped.transpose(0, 3, 1, 2) if self.layout == 'NCHW' else shaped


@dataclass(frozen=True)
class Original:
    """One original network.

    :param name: unique name.
    :param framework: ``keras``, ``mxnet``, ``caffe``, ``tensorflow`` (a frozen graph), ``numpy``.
    :param task: ``detection``, ``emotion``, ``gender``, ``age`` or ``attributes``.
    :param files: all that it needs, each with a suffix of its own.
    :param licence: what it may be used for.
    :param input: what it is fed.
    :param crop: the part of a picture that it wants to see, where it describes faces.
    :param labels: what its output's columns are, in its own order.
    :param output: name of the layer that is read; empty: the file's last.
    :param signed: whether its output is -1..1 for no..yes instead of probabilities.
    """

    name: str
    framework: str
    task: str
    files: tuple[OriginalFile, ...]
    licence: str
    input: InputSpec
    crop: CropSpec | None = None
    labels: tuple[str, ...] = ()
    output: str = ''
    signed: bool = False

    @property
    def converted(self) -> str:
        """Place in ``weights_dir`` of its ONNX form, as ``face-affect models convert`` puts it."""
        return f'{self.name}.onnx'


@cache
def originals() -> Mapping[str, Original]:
    """Return all original networks by name."""
    entries: dict[str, dict[str, Any]] = yaml.safe_load(
        (HOME / 'originals.yaml').read_text(encoding='utf-8')
    )
    return {name: _original(name, entry) for name, entry in entries.items()}


def original(name: str) -> Original:
    """Return an original network; raise ``UnknownNameError`` with the known names."""
    if name not in originals():
        raise UnknownNameError(
            f'no original network {quoted(name)}; there are {", ".join(originals())}'
        )
    return originals()[name]


def model(name: str | int) -> ModelSpec:
    """Return a model made of the networks of its paper.

    :raises UnknownNameError: there is no such model, or it is made of no original networks.
    """
    entries = yaml.safe_load((HOME / 'papers.yaml').read_text(encoding='utf-8'))
    if str(name) not in entries:
        raise UnknownNameError(
            f'model {quoted(str(name))} is not made of original networks; '
            f'there are {", ".join(entries)}'
        )
    return model_spec(str(name), entries[str(name)])


def read_files(entry: Original, weights_dir: str | Path) -> dict[str, bytes]:
    """Return all files of an original network by their suffix, each checked against its hashes.

    :param weights_dir: folder of the originals; empty: where they are fetched to.
    :raises WeightsError: a file is missing or altered; the message names all that are missing,
        or the one that is altered, and the remedy.
    """
    check_present([entry], weights_dir)
    folder = Path(weights_dir or originals_folder())
    return {Path(file.path).suffix: _read(entry, file, folder) for file in entry.files}


def check_present(entries: Iterable[Original], weights_dir: str | Path) -> None:
    """Look whether all files of original networks are there, before any is read.

    :param weights_dir: folder of the originals; empty: where they are fetched to.
    :raises WeightsError: files are missing; the message names all of them and the remedy.
    """
    folder = weights_folder(weights_dir) if weights_dir else originals_folder()
    missing = {
        entry.name: [file.path for file in entry.files if not is_file(folder / file.path)]
        for entry in entries
    }
    lacking = {name: paths for name, paths in missing.items() if paths}
    if lacking:
        what = '; '.join(
            f'original network {name} lacks {" and ".join(paths)}'
            for name, paths in lacking.items()
        )
        raise WeightsError(
            f'{what} in {folder}; get what is missing with: '
            f'face-affect models fetch {" ".join(lacking)}'
        )


def is_file(path: Path) -> bool:
    """Return whether a path is that of a file; raise ``WeightsError`` where nobody may look."""
    try:
        return path.is_file()
    except OSError as error:
        raise WeightsError(
            f'{path} may not be looked at ({error.strerror}): open its folder '
            '(chmod u+rx), or give another'
        ) from error


def _read(entry: Original, file: OriginalFile, folder: Path) -> bytes:
    """Return one file, checked; raise ``WeightsError`` where it cannot be read or is altered."""
    path = folder / file.path
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(
            f'original network {entry.name}: cannot read {path} ({error.strerror})'
        ) from error
    fault = file.explained_fault(data)
    if fault:
        raise WeightsError(
            f'original network {entry.name} is altered: {path} {fault}; get it anew with: '
            f'face-affect models fetch {entry.name}'
        )
    return data


def _git_blob(data: bytes) -> str:
    """Return the id that git gives to a file of these bytes."""
    return hashlib.sha1(b'blob %d\0' % len(data) + data).hexdigest()


_HASHES = {
    'sha256': lambda data: hashlib.sha256(data).hexdigest(),
    'sha1': lambda data: hashlib.sha1(data).hexdigest(),
    'git_blob': _git_blob,
}


def _original(name: str, entry: dict[str, Any]) -> Original:
    """Build an entry from its YAML."""
    crop = CropSpec(**entry['crop']) if 'crop' in entry else None
    size = {'size': crop.size} if crop else {}
    return Original(
        **{
            **entry,
            'name': name,
            'crop': crop,
            'labels': tuple(entry.get('labels', ())),
            'input': InputSpec(
                **{**entry['input'], **size, 'mean': tuple(entry['input']['mean'])}
            ),
            'files': tuple(
                OriginalFile(**{**file, 'urls': tuple(file.get('urls', ()))})
                for file in entry['files']
            ),
        }
    )
