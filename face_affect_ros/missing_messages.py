# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Why there are no messages: their modules here give way to the generated ones where ROS is."""

from __future__ import annotations

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]


def error(name: str) -> ModuleNotFoundError:
    """Return the error of a module of messages that was not generated.

    :param name: its full name.
    """
    if (CHECKOUT / 'CMakeLists.txt').is_file():
        reason = (
            f'Python found the checkout {CHECKOUT} before the installed package: start it '
            'in another folder, and "pytest" in place of "python -m pytest"; where the '
            'package is not installed yet: pip install . or colcon build'
        )
    else:
        reason = (
            'the package was installed without messages (core only): install it again where '
            'a ROS 2 is sourced, or on Linux x86_64 without FACE_AFFECT_CORE_ONLY'
        )
    # Not with name=name, which "from face_affect_ros import msg" takes for no error.
    return ModuleNotFoundError(f'No module named {name!r}: {reason}')
