# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Labelled pictures: a Parquet file, a CSV file, or a folder with a folder a class."""
