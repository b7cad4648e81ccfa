# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Download one file: resumed where it was cut, checked, put in its place only when whole."""

from __future__ import annotations

import http.client
import os
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from face_affect_ros.originals import file_signatures
from face_affect_ros.originals import local_copies
from face_affect_ros.originals.catalogue import OriginalFile

TIMEOUT = 30.0
"""Seconds without a byte."""

ATTEMPTS = 5
"""How often in a row an address may give nothing new."""

MAX_BYTES = local_copies.MAX_BYTES
_BLOCK = 1 << 16

Progress = Callable[[int, 'int | None'], None]
"""Called with the bytes that are there and the size, where it is known."""


class DownloadError(Exception):
    """A file could not be had; the text says what happened at each address."""


class _Refusal(Exception):
    """An address does not give the file; asking again is of no use."""


@dataclass
class _Transfer:
    """One file on its way from one address."""

    file: OriginalFile
    address: str
    part: Path
    progress: Progress
    pause: float

    def run(self) -> None:
        """Fill the part file with the whole file; raise ``_Refusal``."""
        fruitless = 0
        while fruitless < ATTEMPTS:
            before = self._there()
            try:
                if self._receive(before):
                    return
                reason = 'the connection was cut'
            except (OSError, http.client.HTTPException) as error:
                reason = _reason(error)
            fruitless = 0 if self._there() > before else fruitless + 1
            time.sleep(self.pause * 2**fruitless if fruitless else 0)
        raise _Refusal(f'{reason}, {ATTEMPTS} times')

    def _receive(self, start: int) -> bool:
        """Ask for what is missing and append it; return whether the file is complete."""
        request = urllib.request.Request(
            self.address,
            headers={
                'User-Agent': 'face_affect_ros',
                **({'Range': f'bytes={start}-'} if start else {}),
            },
        )
        try:
            answer = urllib.request.urlopen(request, timeout=TIMEOUT)
        except urllib.error.HTTPError as error:
            error.close()
            return self._answered(error.code, start)
        with answer:
            if answer.status != http.client.PARTIAL_CONTENT:
                start = 0
            total = _total(answer, start)
            self._check_size(total)
            with self.part.open('r+b' if start else 'wb') as stream:
                stream.seek(start)
                return self._copy(answer, stream, start, total)

    def _copy(self, answer, stream, there: int, total: int | None) -> bool:
        """Copy what comes; return whether it is as much as was announced."""
        self.progress(there, total)
        while block := answer.read(_BLOCK):
            if there == 0:
                _refuse_other_kinds(block, self.file)
            self._write(stream, block)
            there += len(block)
            if there > MAX_BYTES:
                raise _Refusal(f'it is larger than {MAX_BYTES:,} bytes')
            self.progress(there, total)
        return total is None or there == total

    def _write(self, stream, block: bytes) -> None:
        """Append bytes; what the disk refuses is no fault of the connection."""
        try:
            stream.write(block)
        except OSError as error:
            raise DownloadError(f'cannot write {self.part}: {error.strerror}') from error

    def _answered(self, code: int, start: int) -> bool:
        """Judge an error: what was there may be all that there is, or of another file."""
        if code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE and start:
            if self.file.fault(self.part.read_bytes()) is None:
                return True
            self.part.unlink()
            return False
        if code in (http.client.TOO_MANY_REQUESTS, http.client.REQUEST_TIMEOUT) or code >= 500:
            raise http.client.HTTPException(f'HTTP status {code}')
        raise _Refusal(f'HTTP status {code}')

    def _check_size(self, total: int | None) -> None:
        """Refuse a file of another size before it is fetched."""
        if total is None or self.file.bytes in (None, total) or total < _BLOCK:
            return
        raise _Refusal(f'it has {total:,} bytes, expected {self.file.bytes:,}')

    def _there(self) -> int:
        """Return how many bytes are there."""
        return self.part.stat().st_size if self.part.is_file() else 0


def download(file: OriginalFile, target: Path, progress: Progress, pause: float = 0.5) -> str:
    """Download a file to ``target`` and return the address that gave it.

    Bytes gather in ``target`` + ``.part``, from where a later call goes on.

    :param pause: seconds to wait after a fruitless attempt, doubled each time.
    :raises DownloadError: no address gives the file, or it cannot be written.
    :raises OSError: the target's folder cannot be made.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f'{target.name}.part')
    refusals = []
    for address in file.addresses:
        try:
            _fetch(_Transfer(file, address, part, progress, pause))
        except _Refusal as refusal:
            refusals.append(f'{address}: {refusal}')
            _drop_empty(part)
            continue
        os.replace(part, target)
        return address
    raise DownloadError('; '.join(refusals) or 'it is published nowhere')


def _fetch(transfer: _Transfer) -> None:
    """Fetch and check; a part that turns out to be of another file is thrown away once."""
    resumed = transfer.part.is_file()
    transfer.run()
    told = transfer.file.explained_fault(transfer.part.read_bytes())
    if told and resumed:
        transfer.part.unlink()
        transfer.run()
        told = transfer.file.explained_fault(transfer.part.read_bytes())
    if told:
        transfer.part.unlink()
        raise _Refusal(f'it {told}')


def _drop_empty(part: Path) -> None:
    """Remove a part file that holds nothing."""
    if part.is_file() and part.stat().st_size == 0:
        part.unlink()


def _refuse_other_kinds(start: bytes, file: OriginalFile) -> None:
    """Refuse a web page or a pointer by its first bytes; small files are looked at whole."""
    kind = file_signatures.kind(start)
    if kind and file.fault(start) is not None and Path(file.path).suffix != '.npy':
        raise _Refusal(f'it is {kind}')


def _total(answer: http.client.HTTPResponse, start: int) -> int | None:
    """Return the whole file's size; None where the server does not say."""
    ranged = re.fullmatch(r'bytes (\d+)-\d+/(\d+)', answer.headers.get('Content-Range', ''))
    if start and (ranged is None or int(ranged[1]) != start):
        raise _Refusal('it answers with another part than was asked for')
    if ranged:
        return int(ranged[2])
    length = answer.headers.get('Content-Length', '')
    return int(length) if length.isdigit() else None


def _reason(error: Exception) -> str:
    """Return what went wrong, in a few words."""
    cause = getattr(error, 'reason', None) or error
    return getattr(cause, 'strerror', None) or str(cause) or type(cause).__name__
