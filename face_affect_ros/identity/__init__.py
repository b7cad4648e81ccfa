# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Who is this again? Embeddings, verification, galleries, clustering; nothing of it unless asked.

>>> from face_affect_ros.identity import Gallery, load_embedder
>>> with load_embedder() as embedder:
...     points = embedder.embed('group.jpg')  # (N, 128) float32, one row a face
...     embedder.verify('monday.jpg', 'friday.jpg').probability
...     gallery = Gallery(embedder)
...     gallery.enrol('Ada', 'ada.jpg', 'ada_again.jpg')
...     gallery.recognise('group.jpg')[0].name  # 'unknown' where it is nobody enrolled
...     gallery.save('family.gallery', key=b'...')  # 0600, encrypted

No model, node or command computes an embedding by itself. ``docs/responsible-use.md`` says what
the law asks of those who do.
"""

from face_affect_ros.identity.clustering import cluster
from face_affect_ros.identity.embedder import Embedder
from face_affect_ros.identity.embedder import FaceCountError
from face_affect_ros.identity.embedder import load_embedder
from face_affect_ros.identity.errors import ChangedGalleryError
from face_affect_ros.identity.errors import DamagedGalleryError
from face_affect_ros.identity.errors import GalleryError
from face_affect_ros.identity.errors import GalleryKeyError
from face_affect_ros.identity.errors import OtherNetworkError
from face_affect_ros.identity.errors import PersonNameError
from face_affect_ros.identity.errors import UnknownPersonError
from face_affect_ros.identity.errors import UnusableFaceError
from face_affect_ros.identity.gallery import Gallery
from face_affect_ros.identity.recognition import Recognition
from face_affect_ros.identity.verification import Verification
from face_affect_ros.identity.verification import VerificationRule
from face_affect_ros.identity.verification import distances

__all__ = [
    'ChangedGalleryError',
    'DamagedGalleryError',
    'Embedder',
    'FaceCountError',
    'Gallery',
    'GalleryError',
    'GalleryKeyError',
    'OtherNetworkError',
    'PersonNameError',
    'Recognition',
    'UnknownPersonError',
    'UnusableFaceError',
    'Verification',
    'VerificationRule',
    'cluster',
    'distances',
    'load_embedder',
]
