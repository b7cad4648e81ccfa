# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Other frameworks' network files, read without these frameworks and written as ONNX.

A module a file format; each has ``convert``, which takes the files' bytes and returns an ONNX
model, and raises ``ConversionError``. Needs the extra ``convert`` (onnx, h5py).
"""
