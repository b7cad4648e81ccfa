# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures that several tests use."""

from pathlib import Path

import pytest


@pytest.fixture(scope='session')
def shared_media() -> Path:
    """Return the folder of pictures beside the checkout; skip where there is none."""
    folder = Path(__file__).resolve().parents[2] / 'shared/media'
    if not folder.is_dir():
        pytest.skip(f'no {folder}')
    return folder


@pytest.fixture(scope='session')
def astronaut():
    """Return scikit-image's photograph of an astronaut, (512, 512, 3) uint8 BGR, read-only."""
    data = pytest.importorskip('skimage.data')
    image = data.astronaut()[..., ::-1].copy()
    image.flags.writeable = False
    return image


@pytest.fixture(scope='session')
def astronaut_file(astronaut, tmp_path_factory) -> Path:
    """Return the photograph as a PNG file; nothing else lies in its folder."""
    cv2 = pytest.importorskip('cv2')
    path = tmp_path_factory.mktemp('pictures') / 'astronaut.png'
    path.write_bytes(cv2.imencode('.png', astronaut)[1].tobytes())
    return path
