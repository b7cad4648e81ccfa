# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The documentation of the parameters is that of the code."""

import parameters_page


def test_the_page_is_up_to_date():
    """What users read is what the nodes declare."""
    assert parameters_page.FILE.read_text(encoding='utf-8') == parameters_page.page(), (
        'docs/parameters.md is out of date: python test/parameters_page.py --write'
    )
