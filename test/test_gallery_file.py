# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Galleries as files: what comes back, what is refused, what is left behind."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from face_affect_ros.identity import ChangedGalleryError
from face_affect_ros.identity import DamagedGalleryError
from face_affect_ros.identity import Embedder
from face_affect_ros.identity import Gallery
from face_affect_ros.identity import GalleryError
from face_affect_ros.identity import GalleryKeyError
from face_affect_ros.identity import OtherNetworkError
from face_affect_ros.identity import PersonNameError
from face_affect_ros.identity import gallery_file
from face_affect_ros.identity import load_embedder
from face_affect_ros.identity import names
from face_affect_ros.pipeline import load_detector
from face_affect_ros.pipeline import load_engine
from face_affect_ros.registry import catalogue
from face_affect_ros.settings import ModelSettings

KEY = b'correct horse battery staple'
KEYS = pytest.mark.parametrize('key', [None, KEY], ids=['plain', 'encrypted'])


@pytest.fixture(scope='module')
def embedder() -> Embedder:
    with load_embedder() as loaded:
        yield loaded


def points(seed: int, count: int = 2) -> np.ndarray:
    """Return (count, 128) embeddings."""
    found = np.random.default_rng(seed).normal(size=(count, 128))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def filled(embedder, *people: str) -> Gallery:
    """Return a gallery of these people."""
    gallery = Gallery(embedder)
    for seed, name in enumerate(people):
        gallery.enrol(name, points(seed))
    return gallery


def recognised(gallery: Gallery, seed: int) -> str:
    """Return who the first picture of a person is."""
    return gallery.recognise(points(seed)[:1])[0].name


def is_name(text: str) -> bool:
    try:
        return names.checked(text) == text
    except PersonNameError:
        return False


@KEYS
@given(people=st.dictionaries(st.text(max_size=64).filter(is_name), st.integers(1, 4), max_size=4))
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_saved_comes_back(embedder, tmp_path_factory, key, people):
    """All names, all embeddings to the last bit, with and without a key."""
    gallery = Gallery(embedder)
    for seed, (name, count) in enumerate(people.items()):
        gallery.enrol(name, points(seed, count))
    file = tmp_path_factory.mktemp('gallery') / 'g'
    gallery.save(file, key)
    loaded = Gallery.load(file, embedder, key)
    assert loaded.names == gallery.names
    probe = points(99, 3)
    assert loaded.recognise(probe, 0) == gallery.recognise(probe, 0) or not people
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.fixture(scope='module', params=[None, KEY], ids=['plain', 'encrypted'])
def saved(request, embedder, tmp_path_factory):
    """Return a key, a file's bytes, and the file."""
    file = tmp_path_factory.mktemp('saved') / 'people'
    filled(embedder, 'Ada').save(file, request.param)
    return request.param, file.read_bytes(), file


@given(data=st.data())
@settings(max_examples=10)
def test_any_truncation_is_refused(embedder, saved, data):
    """Also one to nothing."""
    key, whole, file = saved
    file.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(DamagedGalleryError):
        Gallery.load(file, embedder, key)


@given(data=st.data(), flip=st.integers(1, 255))
@settings(max_examples=15)
def test_any_altered_byte_is_refused(embedder, saved, data, flip):
    """Wherever it is, and whatever it becomes."""
    key, whole, file = saved
    altered = bytearray(whole)
    altered[data.draw(st.integers(0, len(whole) - 1))] ^= flip
    file.write_bytes(altered)
    with pytest.raises(DamagedGalleryError, match=r'no whole copy'):
        Gallery.load(file, embedder, key)


def test_each_byte_of_a_plain_file_counts(embedder, tmp_path):
    """Altered or missing, from the first to the last."""
    file = tmp_path / 'people'
    filled(embedder, 'Ada').save(file)
    whole = file.read_bytes()
    for place in range(len(whole)):
        for damaged in (whole[:place], whole[:place] + b'~' + whole[place + 1 :]):
            with pytest.raises(DamagedGalleryError):
                gallery_file.decoded(damaged, None)


@given(rubbish=st.binary(max_size=400))
@settings(max_examples=8)
def test_other_bytes_behind_whole_ones_are_refused(embedder, saved, rubbish):
    """Or in place of them."""
    key, whole, file = saved
    for text in (rubbish, whole + b'\0' + rubbish):
        file.write_bytes(text)
        with pytest.raises(DamagedGalleryError):
            Gallery.load(file, embedder, key)


@KEYS
def test_the_copy_before_is_offered(embedder, tmp_path, key):
    """With how many people it holds; renamed as told it is the gallery of before."""
    file = tmp_path / 'people'
    gallery = filled(embedder, 'Ada')
    gallery.save(file, key)
    gallery.enrol('Bo', points(1))
    gallery.save(file, key)
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(DamagedGalleryError, match=r'its copy is whole \(1 enrolled\): mv') as told:
        Gallery.load(file, embedder, key)
    assert len(str(told.value)) <= 400
    (tmp_path / 'people.bak').rename(file)
    assert Gallery.load(file, embedder, key).names == ('Ada',)


@KEYS
def test_forgetting_leaves_nothing_behind(embedder, tmp_path, key):
    """Neither in the file, nor in its copy, nor beside them; also of somebody enrolled anew."""
    file = tmp_path / 'people'
    gallery = filled(embedder, 'Ada', 'Bo')
    gallery.save(file, key)
    gallery.save(file, key)
    gallery.forget('Ada')
    gallery.enrol('Ada', points(9))
    gallery.save(file, key)
    assert sorted(os.listdir(tmp_path)) == ['people', 'people.bak']
    (tmp_path / 'people.bak').rename(tmp_path / 'copy')
    copy = Gallery.load(tmp_path / 'copy', embedder, key)
    assert copy.names == ('Bo',) and recognised(copy, 0) == 'unknown'
    assert recognised(Gallery.load(file, embedder, key), 0) == 'unknown'


def test_a_key_leaves_nothing_readable_behind(embedder, tmp_path):
    """From the first save with a key on, names are in neither file."""
    file = tmp_path / 'people'
    gallery = filled(embedder, 'Ada Lovelace')
    gallery.save(file)
    gallery.save(file, KEY)
    for name in os.listdir(tmp_path):
        data = (tmp_path / name).read_bytes()
        assert b'Lovelace' not in data and b'network' not in data
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_keys(embedder, tmp_path):
    """Missing, wrong, too short, or given for what is plain: each is told."""
    sealed, plain = tmp_path / 'sealed', tmp_path / 'plain'
    filled(embedder, 'Ada').save(sealed, KEY)
    filled(embedder, 'Ada').save(plain)
    with pytest.raises(GalleryKeyError, match='it is encrypted: give its key'):
        Gallery.load(sealed, embedder)
    with pytest.raises(DamagedGalleryError, match='the key is another one'):
        Gallery.load(sealed, embedder, KEY + b'!')
    with pytest.raises(GalleryKeyError, match='not encrypted though a key is given'):
        Gallery.load(plain, embedder, KEY)
    with pytest.raises(GalleryKeyError, match='7 bytes is too short'):
        filled(embedder, 'Ada').save(tmp_path / 'short', b'1234567')
    assert not (tmp_path / 'short').exists()


def test_another_network_is_refused(embedder, tmp_path):
    """By its hash, with what to do."""
    filled(embedder, 'Ada').save(tmp_path / 'people')
    entry = replace(catalogue.network('identity_embedding'), sha256='0' * 64)
    settings = ModelSettings()
    other = Embedder(
        load_detector(1, settings), load_engine('identity_embedding', settings), entry
    )
    with pytest.raises(OtherNetworkError, match='enrol anew') as raised:
        Gallery.load(tmp_path / 'people', other)
    assert embedder.network_sha256[:12] in str(raised.value) and '0' * 12 in str(raised.value)


def test_forgetting_needs_no_network(embedder, tmp_path):
    """Also where the network that made the gallery is gone; nothing else can be done then."""
    file = tmp_path / 'people'
    filled(embedder, 'Ada', 'Bo').save(file)
    gallery = Gallery.load(file, None)
    gallery.forget('Ada')
    gallery.save(file)
    assert Gallery.load(file, embedder).names == ('Bo',)
    with pytest.raises(ValueError, match='without an embedder'):
        gallery.recognise(points(1))


def test_nobody_is_brought_back_by_who_saves_later(embedder, tmp_path):
    """What another program forgot, or removed, is not written again by one that still knows it."""
    file = tmp_path / 'people'
    filled(embedder, 'Ada', 'Bo').save(file)
    first, second = (Gallery.load(file, embedder) for _ in range(2))
    first.forget('Ada')
    first.save(file)
    second.enrol('Cy', points(5))
    with pytest.raises(ChangedGalleryError, match='load it again'):
        second.save(file)
    assert Gallery.load(file, embedder).names == ('Bo',)
    file.unlink()
    with pytest.raises(ChangedGalleryError, match='removed'):
        first.save(file)
    with pytest.raises(GalleryError, match='copy whose gallery is gone'):
        filled(embedder, 'Dora').save(file)
    with pytest.raises(GalleryError):
        filled(embedder, 'Dora').save(tmp_path / 'people.bak')


def test_saved_elsewhere_no_copy_is_made(embedder, tmp_path):
    """A second file has had nothing before."""
    gallery = filled(embedder, 'Ada')
    gallery.save(tmp_path / 'one')
    gallery.save(tmp_path / 'two')
    assert sorted(os.listdir(tmp_path)) == ['one', 'two']


def test_a_link_stays_a_link(embedder, tmp_path):
    """The file behind it is written."""
    (tmp_path / 'link').symlink_to(tmp_path / 'people')
    filled(embedder, 'Ada').save(tmp_path / 'link')
    assert (tmp_path / 'link').is_symlink()
    assert Gallery.load(tmp_path / 'people', embedder).names == ('Ada',)


def test_what_cannot_be_written_leaves_what_was(embedder, tmp_path):
    """Here something is in the way of the part that is written first."""
    file = tmp_path / 'people'
    gallery = filled(embedder, 'Ada')
    gallery.save(file)
    before = file.read_bytes()
    gallery.enrol('Bo', points(1))
    (tmp_path / '.people.part').mkdir()
    with pytest.raises(GalleryError, match='cannot be written'):
        gallery.save(file)
    assert file.read_bytes() == before
    (tmp_path / '.people.part').rmdir()
    gallery.save(file)
    assert Gallery.load(file, embedder).names == ('Ada', 'Bo')


def test_what_is_no_file(embedder, tmp_path):
    """A folder, a pipe without a writer, a missing file or folder: each is told at once."""
    os.mkfifo(tmp_path / 'pipe')
    for name, told in (('', 'folder'), ('pipe', 'no file'), ('x\0y', 'cannot be read')):
        with pytest.raises((GalleryError, ValueError), match=f'{told}|null'):
            Gallery.load(f'{tmp_path}/{name}', embedder)
    with pytest.raises(FileNotFoundError):
        Gallery.load(tmp_path / 'none', embedder)
    with pytest.raises(GalleryError, match='No such file'):
        filled(embedder, 'Ada').save(tmp_path / 'no_folder' / 'people')


def test_cryptography_is_only_needed_with_a_key(tmp_path):
    """The package of the extra is named where it is missing; plain files do without."""
    code = (
        'import sys; sys.modules["cryptography"] = None\n'
        'import numpy as np; from face_affect_ros.identity import *\n'
        'with load_embedder() as embedder:\n'
        '    gallery = Gallery(embedder); gallery.enrol("Ada", np.eye(128)[0])\n'
        '    gallery.save(sys.argv[1]); print(Gallery.load(sys.argv[1], embedder).names)\n'
        '    try: gallery.save(sys.argv[1], b"12345678")\n'
        '    except GalleryKeyError as error: print(error)'
    )
    done = subprocess.run(
        [sys.executable, '-c', code, str(tmp_path / 'people')], capture_output=True, text=True
    )
    assert done.stdout.splitlines()[0] == "('Ada',)", done.stderr
    assert 'face_affect_ros[identity]' in done.stdout
