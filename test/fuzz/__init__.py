# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Inputs that nobody would send on purpose: found by coverage, kept, and tried at each test run.

``targets.py`` says what is tried, ``seeds.py`` what the search begins with, ``corpus/`` holds
what was found. ``script/fuzz`` searches for more.
"""
