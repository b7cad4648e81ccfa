# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a report says of the networks that were evaluated: those that ran, with their hashes."""

from __future__ import annotations

import hashlib

from face_affect_ros.evaluation import provenance
from face_affect_ros.registry import catalogue
from face_affect_ros.settings import ModelSettings


def test_embedded_networks():
    """Of the detector and of the tasks that are on."""
    found = provenance.weights_of(['1'], ModelSettings(tasks=('emotion',)))['1']
    describing = [name for name in found if not name.startswith('mtcnn')]
    assert describing == ['emotion_mini_xception']
    assert found['emotion_mini_xception'] == catalogue.network('emotion_mini_xception').sha256


def test_original_networks(tmp_path):
    """Of the file that is loaded; nothing where it is missing."""
    (tmp_path / 'emotion_mini_xception_102.onnx').write_bytes(b'network')
    settings = ModelSettings(weights='original', weights_dir=str(tmp_path), tasks=('emotion',))
    found = provenance.weights_of(['1'], settings)['1']
    assert found['emotion_mini_xception_102'] == hashlib.sha256(b'network').hexdigest()
    assert found['opencv_ssd'] == ''
    assert not any(name.startswith(('age', 'gender', 'attributes')) for name in found)
