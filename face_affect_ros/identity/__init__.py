# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Who is this again? Embeddings of faces, verification and clustering; nothing of it unless asked.

>>> from face_affect_ros.identity import load_embedder
>>> with load_embedder() as embedder:
...     points = embedder.embed('group.jpg')  # (N, 128) float32, one row a face
...     embedder.verify('monday.jpg', 'friday.jpg').probability

No model, node or command computes an embedding by itself. ``docs/responsible-use.md`` says what
the law asks of those who do.
"""

from face_affect_ros.identity.clustering import cluster
from face_affect_ros.identity.embedder import Embedder
from face_affect_ros.identity.embedder import FaceCountError
from face_affect_ros.identity.embedder import load_embedder
from face_affect_ros.identity.verification import Verification
from face_affect_ros.identity.verification import VerificationRule
from face_affect_ros.identity.verification import distances

__all__ = [
    'Embedder',
    'FaceCountError',
    'Verification',
    'VerificationRule',
    'cluster',
    'distances',
    'load_embedder',
]
