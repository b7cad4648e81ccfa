# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever a user calls an image, as a C-contiguous (H, W, 3) uint8 array in BGR order.

:func:`load` takes arrays, PIL pictures, paths, pipes, open files and encoded bytes;
:func:`decode` is its part for encoded bytes, quick enough for a compressed camera stream. The
result is defined for every kind:

- JPEG, PNG, WebP, BMP, TIFF, GIF, PBM, PGM and PPM files, JPEG 2000 and AVIF where Pillow reads
  them, HEIC with the extra ``heic`` (``formats.py``);
- the first frame of an animation or of a TIFF with pages, turned upright by its EXIF orientation;
- grey (1, 8 or 16 bits) repeated in the three channels;
- 16-bit samples are value / 256, or where the largest tell that only 8, 10, 12 or 14 bits are
  used, the upper 8 of these (``bit_depth.py``);
- alpha dropped, the colour under it kept, as for a camera's ``rgba8``;
- palette, CMYK and YCbCr as Pillow converts them to RGB;
- samples of PGM and PPM are parts of the largest value that their header names, where that is
  65535 as other 16-bit samples.

Anything else, and anything damaged, cut short or too large, is an :class:`ImageError`; a JPEG that
lacks nothing but its end marker is an :class:`ImageWarning`. One thing cannot be seen: a JPEG that
lost bytes in its middle but kept its end decodes with false pixels.
"""

from face_affect_ros.images.decoding import Header as Header
from face_affect_ros.images.decoding import decode as decode
from face_affect_ros.images.decoding import read_header as read_header
from face_affect_ros.images.errors import BAD_IMAGE as BAD_IMAGE
from face_affect_ros.images.errors import NO_IMAGE as NO_IMAGE
from face_affect_ros.images.errors import TOO_LARGE as TOO_LARGE
from face_affect_ros.images.errors import UNSUPPORTED_ENCODING as UNSUPPORTED_ENCODING
from face_affect_ros.images.errors import ImageError as ImageError
from face_affect_ros.images.errors import ImageWarning as ImageWarning
from face_affect_ros.images.formats import FORMATS as FORMATS
from face_affect_ros.images.formats import endings as endings
from face_affect_ros.images.jpeg import Buffer as Buffer
from face_affect_ros.images.loading import ImageLike as ImageLike
from face_affect_ros.images.loading import load as load
from face_affect_ros.images.pixels import rgb_to_bgr as rgb_to_bgr
from face_affect_ros.images.sizes import MAX_FILE_BYTES as MAX_FILE_BYTES
from face_affect_ros.images.sizes import MAX_PIXELS as MAX_PIXELS
from face_affect_ros.images.sizes import check_size as check_size
from face_affect_ros.images.turning import turned as turned
