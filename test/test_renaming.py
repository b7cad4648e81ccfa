# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Former names: taken, with the same meaning, and warned of."""

import pytest

from face_affect_ros import faces
from face_affect_ros.pipeline import load_model
from face_affect_ros.settings import ModelSettings
from face_affect_ros.tasks import TASKS


@pytest.mark.parametrize('tasks', [('emotion',), ()])
def test_former_names_of_tasks(tasks):
    """They are taken, and warned of."""
    with pytest.warns(DeprecationWarning, match='argument parts is now tasks'):
        settings = ModelSettings(parts=tasks)
    assert settings == ModelSettings(tasks=tasks)
    with pytest.warns(DeprecationWarning, match=r'ModelSettings.parts is now ModelSettings.tasks'):
        assert settings.parts == tasks
    with load_model(1, settings) as own:
        with pytest.warns(DeprecationWarning, match=r'Model.parts is now Model.tasks'):
            assert own.parts == tasks
        with pytest.warns(DeprecationWarning, match=r'Model.tells is now Model.reported_tasks'):
            assert own.tells == tasks
    with pytest.warns(DeprecationWarning, match='faces.PARTS is now'):
        assert faces.PARTS == tuple(TASKS)
