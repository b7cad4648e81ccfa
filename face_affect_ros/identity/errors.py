# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a gallery, its file, and those who are enrolled."""

from __future__ import annotations


class GalleryError(Exception):
    """A gallery that cannot be read, written or used so; the text says what to do."""


class DamagedGalleryError(GalleryError):
    """The file of a gallery is truncated, altered or none."""


class GalleryKeyError(GalleryError):
    """The key of a gallery is missing, unusable or another one."""


class OtherNetworkError(GalleryError):
    """The embeddings of a gallery were made by another network."""


class ChangedGalleryError(GalleryError):
    """Another program wrote the file meanwhile."""


class UnknownPersonError(GalleryError):
    """Nobody of this name is enrolled."""


class PersonNameError(ValueError):
    """A name that nobody can be enrolled by; the text says why."""


class UnusableFaceError(ValueError):
    """A face that is too small or too blurred to tell who it is."""
