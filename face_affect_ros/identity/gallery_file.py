# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A gallery as bytes: JSON behind a first line, with a digest or encrypted.

The first line says which. Plain: the SHA-256 of first line and JSON, then the JSON; damage is
noticed, but whoever can write the file can write another digest too. Encrypted: 16 bytes of salt,
12 of nonce, then the JSON in AES-256-GCM with the first line and the salt authenticated besides
and the key made by scrypt (RFC 7914); who has not got the key can neither read nor alter it.
Nothing is executed by reading.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from face_affect_ros.identity import names
from face_affect_ros.identity.errors import DamagedGalleryError
from face_affect_ros.identity.errors import GalleryKeyError

PLAIN = b'face-affect gallery 1 plain\n'
ENCRYPTED = b'face-affect gallery 1 AES-256-GCM\n'

LEAST_KEY_BYTES = 8

_DIGEST, _SALT, _NONCE = 32, 16, 12
_SCRYPT_COST = 2**15
"""With blocks of 8: 32 MiB and about a tenth of a second for each guess of a key."""

_LENGTH_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Content:
    """What a gallery's file holds.

    :param network_sha256: of the network's file that made the embeddings.
    :param people: (N, D) float32 embeddings of length 1, N at least 1, by name.
    """

    network_sha256: str
    people: Mapping[str, np.ndarray]


def encoded(content: Content, key: bytes | None) -> bytes:
    """Return the bytes of a file.

    :param key: any bytes, at least 8; None: plain.
    :raises GalleryKeyError: the key is too short, or ``cryptography`` is missing.
    """
    text = json.dumps(
        {
            'network_sha256': content.network_sha256,
            'people': {
                name: base64.b64encode(np.asarray(points, '<f4').tobytes()).decode()
                for name, points in sorted(content.people.items())
            },
            'columns': _columns(content),
        }
    ).encode()
    if key is None:
        return PLAIN + hashlib.sha256(PLAIN + text).digest() + text
    salt, nonce = _own_salt(), os.urandom(_NONCE)
    sealed = _cipher(key, salt).encrypt(nonce, text, ENCRYPTED + salt)
    return ENCRYPTED + salt + nonce + sealed


def decoded(data: bytes, key: bytes | None) -> Content:
    """Return what the bytes of a file hold.

    :raises DamagedGalleryError: they are truncated, altered or no gallery.
    :raises GalleryKeyError: a key is needed, or given for what is not encrypted.
    """
    if data.startswith(PLAIN):
        if key is not None:
            raise GalleryKeyError(
                'it is not encrypted though a key is given: somebody may have put it there; '
                'leave the key out to use it as it is'
            )
        return _checked(_digested(data))
    if data.startswith(ENCRYPTED):
        if key is None:
            raise GalleryKeyError('it is encrypted: give its key')
        return _checked(_opened(data, key))
    raise DamagedGalleryError('it does not begin as a gallery')


def check_key(key: bytes | None) -> None:
    """Refuse a key that is too short, or any where nothing can encrypt.

    :raises GalleryKeyError: then.
    """
    if key is None:
        return
    if len(key) < LEAST_KEY_BYTES:
        raise GalleryKeyError(
            f'a key of {len(key)} bytes is too short: {LEAST_KEY_BYTES} at least'
        )
    try:
        import cryptography  # noqa: F401
    except ImportError as error:
        raise GalleryKeyError(
            'a key needs cryptography: pip install "face_affect_ros[identity]"'
        ) from error


def _columns(content: Content) -> int:
    return next((points.shape[1] for points in content.people.values()), 0)


def _digested(data: bytes) -> bytes:
    """Return the JSON of a plain file."""
    begin = len(PLAIN) + _DIGEST
    digest, text = data[len(PLAIN) : begin], data[begin:]
    if hashlib.sha256(PLAIN + text).digest() != digest:
        raise DamagedGalleryError('it is truncated or altered')
    return text


def _opened(data: bytes, key: bytes) -> bytes:
    """Return the JSON of an encrypted file."""
    check_key(key)
    from cryptography.exceptions import InvalidTag

    rest = data[len(ENCRYPTED) :]
    salt, nonce, sealed = rest[:_SALT], rest[_SALT : _SALT + _NONCE], rest[_SALT + _NONCE :]
    if len(nonce) < _NONCE or not sealed:
        raise DamagedGalleryError('it is truncated')
    try:
        return _cipher(key, salt).decrypt(nonce, sealed, ENCRYPTED + salt)
    except InvalidTag as error:
        raise DamagedGalleryError(
            'the key is another one, or it is truncated or altered'
        ) from error


def _cipher(key: bytes, salt: bytes):
    """Return AES-256-GCM with the key that scrypt makes of the given one."""
    check_key(key)
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(_derived(key, salt))


@functools.cache
def _own_salt() -> bytes:
    """Return the salt of all that this process encrypts; the nonce is another one each time."""
    return os.urandom(_SALT)


@functools.lru_cache(maxsize=4)
def _derived(key: bytes, salt: bytes) -> bytes:
    """Return 32 bytes; kept, as a gallery that is changed is written and read with them again."""
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt=salt, length=32, n=_SCRYPT_COST, r=8, p=1).derive(key)


def _checked(text: bytes) -> Content:
    """Return what the JSON says, which may be of anybody: a digest is no signature."""
    try:
        found = json.loads(text)
        people = {
            names.checked(name): _points(told, found['columns'])
            for name, told in found['people'].items()
        }
        network = found['network_sha256']
        if not isinstance(network, str) or len(people) != len(found['people']):
            raise ValueError
    except (
        AttributeError,
        KeyError,
        TypeError,
        ValueError,
        OverflowError,
        RecursionError,
    ) as error:
        raise DamagedGalleryError('what it holds is no gallery') from error
    return Content(network, people)


def _points(told: str, columns: int) -> np.ndarray:
    """Return the (N, columns) float32 embeddings of one person."""
    points = np.frombuffer(base64.b64decode(told, validate=True), '<f4').reshape(-1, columns)
    lengths = np.linalg.norm(points.astype(np.float64), axis=1)
    if not len(points) or not (np.abs(lengths - 1) <= _LENGTH_TOLERANCE).all():
        raise ValueError('embeddings have length 1')
    return points.astype(np.float32)
