# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Good inputs of each target, small ones, which the search begins with."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
from PIL import Image

PICTURE = np.random.default_rng(0).integers(0, 256, (12, 16, 3), np.uint8)


def files() -> dict[str, bytes]:
    """Return a file of each kind that is read, by a name."""
    picture = Image.fromarray(PICTURE)
    exif = Image.Exif()
    exif[0x0112] = 6
    kinds = {
        'jpeg': ('JPEG', picture, {'exif': exif}),
        'progressive': ('JPEG', picture, {'progressive': True}),
        'cmyk': ('JPEG', picture.convert('CMYK'), {}),
        'png': ('PNG', picture, {'exif': exif}),
        'palette': ('PNG', picture.convert('P'), {'transparency': 3}),
        'deep': ('PNG', Image.fromarray(PICTURE[..., 0].astype(np.uint16) * 16), {}),
        'apng': ('PNG', picture, {'save_all': True, 'append_images': [picture.rotate(90)]}),
        'webp': ('WEBP', picture, {'exif': exif}),
        'lossless': ('WEBP', picture.convert('RGBA'), {'lossless': True}),
        'moving': ('WEBP', picture, {'save_all': True, 'append_images': [picture.rotate(90)]}),
        'bmp': ('BMP', picture, {}),
        'tiff': ('TIFF', picture, {'exif': exif}),
        'packed': ('TIFF', picture, {'compression': 'tiff_lzw'}),
        'bilevel': ('TIFF', picture.convert('1'), {'compression': 'group4'}),
        'gif': ('GIF', picture.quantize(16), {'save_all': True, 'append_images': [picture]}),
        'jpeg2000': ('JPEG2000', picture, {}),
        'avif': ('AVIF', picture, {'exif': exif}),
        'ppm': ('PPM', picture, {}),
        'pgm': ('PPM', Image.fromarray(PICTURE[..., 0].astype(np.uint16) * 16), {}),
    }
    return {name: _encoded(*kind) for name, kind in kinds.items()}


def of_target(name: str) -> Iterator[tuple[str, bytes]]:
    """Yield the seeds of a target, each with a name."""
    if name == 'decode':
        yield from files().items()
    elif name == 'compressed_to_bgr':
        for kind, data in files().items():
            yield kind, b'bgr8; jpeg compressed bgr8\n' + data
        yield 'bayer', b'bayer_rggb8; png compressed \n' + files()['png']
        yield 'depth', b'16UC1; compressedDepth png\n' + bytes(12) + files()['deep']
    else:
        for kind, message in _messages(name):
            yield kind, _serialised(message)


def _messages(name: str) -> Iterator[tuple[str, object]]:
    from sensor_msgs.msg import CompressedImage
    from std_msgs.msg import Header

    from face_affect_ros.image_messages import convert

    header = Header(frame_id='head_camera')
    picture = convert.to_image_message(PICTURE, header)
    if name == 'read_image':
        yield 'bgr8', picture
        for encoding in ('mono8', 'mono16', 'bayer_rggb8', 'yuv422_yuy2', 'nv12', 'rgba16'):
            picture.encoding, picture.step = encoding, 128
            picture.data = bytes(2304)
            yield encoding, picture
    elif name == 'read_compressed':
        yield 'png', CompressedImage(header=header, format='png', data=files()['png'])
    elif name == 'frames':
        from face_affect_ros.msg import CameraFrame

        yield 'frame', CameraFrame(image=picture)
    else:
        yield from _face_crops(header)


def _face_crops(header: object) -> Iterator[tuple[str, object]]:
    from face_affect_ros.crops import ContextCrop
    from face_affect_ros.faces import Detections
    from face_affect_ros.ros import messages
    from face_affect_ros.stream.types import DetectedFaces
    from face_affect_ros.stream.types import FrameTiming

    points = np.array([(5, 5), (9, 5), (7, 7), (5, 9), (9, 9)], float)
    for kind, landmarks in (('landmarks', points), ('box', points * np.nan)):
        detections = Detections([(3, 2, 8, 10)], [0.9], [landmarks], [7], 'mtcnn')
        context = ContextCrop(PICTURE[:12, :12], 2.0, 0.0, 0.5)
        found = DetectedFaces(header, 0, (16, 12), detections, (context,), FrameTiming.begin(1))
        yield kind, messages.detected_to_message(found, with_crops=True)


def _serialised(message: object) -> bytes:
    from rclpy.serialization import serialize_message

    return serialize_message(message)


def _encoded(kind: str, picture: Image.Image, options: dict) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()
