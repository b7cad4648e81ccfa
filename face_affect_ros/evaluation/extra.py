# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whether the packages of the extra ``evaluate`` are installed."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

PACKAGES = {'sklearn': 'scikit-learn', 'matplotlib': 'matplotlib', 'pyarrow': 'pyarrow'}
"""Packages by module that every evaluation needs."""


class MissingExtraError(ImportError):
    """Packages of the extra are missing; the text names them and the command."""


def check_installed(modules: Sequence[str] = tuple(PACKAGES)) -> None:
    """Raise ``MissingExtraError`` where a module of the extra is missing.

    :param modules: names of modules; of those in ``PACKAGES`` the package's name is told.
    """
    missing = [PACKAGES.get(name, name) for name in modules if find_spec(name) is None]
    if missing:
        raise MissingExtraError(
            f'evaluation needs {" and ".join(missing)}: pip install "face_affect_ros[evaluate]"'
        )
