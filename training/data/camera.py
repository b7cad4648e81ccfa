# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What cameras, light and things in the way do to the picture of a face.

Each degradation takes and returns a (S, S) or (S, S, 3) uint8 picture, BGR, and a
``numpy.random.Generator``, so that it can be repeated.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from face_affect_ros.evaluation.degradations import blurred
from face_affect_ros.evaluation.degradations import compressed
from face_affect_ros.evaluation.degradations import low_resolved
from face_affect_ros.evaluation.degradations import to_levels
from face_affect_ros.evaluation.degradations import to_light

MID_GREY = 0.2140
"""Linear light of grey level 127, where a noise is as strong as it is called."""

SLOPE = 259.0
"""Grey levels by linear light at ``MID_GREY``."""

MAX_NOISE = 25.0
"""Standard deviation of the strongest noise, in grey levels."""

MIN_SIDE = 20
"""Pixels of the smallest face that is shrunk to."""

OCCLUDED_AT_MOST = 0.6
"""Part of a picture's height that an occluder from below hides at most."""


def seen_by_camera(picture: np.ndarray, strength: float, random) -> np.ndarray:
    """Return a picture as a camera might have taken it.

    :param strength: probability of noise; of the others each in proportion (``SHARES``).
    """
    for share, degradation in SHARES:
        if random.random() < strength * share:
            picture = degradation(picture, random)
    return picture


def sensor_noise(picture: np.ndarray, random) -> np.ndarray:
    """Add noise of up to ``MAX_NOISE`` grey levels: a sensor's or, half the time, even noise.

    Half the time it is one for all colours, or coarse as that of a picture that was enlarged or
    smoothed.
    """
    deviation = random.uniform(2, MAX_NOISE)
    noise = _grain(picture.shape, random)
    if random.random() < 0.5:
        return np.clip(picture + deviation * noise + 0.5, 0, 255).astype(np.uint8)
    return to_levels(_exposed(to_light(picture), deviation / SLOPE, noise, random))


def dark(picture: np.ndarray, random) -> np.ndarray:
    """Take away up to nine tenths of the light, add a sensor's noise, and lighten some of it."""
    exposure = 2 ** random.uniform(-3.3, -0.5)
    deviation = random.uniform(1, 8) / SLOPE * exposure**0.5
    noise = _grain(picture.shape, random)
    light = _exposed(to_light(picture) * exposure, deviation, noise, random)
    return to_levels(light * exposure ** -random.uniform(0, 1))


def colour_cast(picture: np.ndarray, random) -> np.ndarray:
    """Multiply the light of each colour by 0.6 to 1.6."""
    if picture.ndim == 2:
        return picture
    gains = np.clip(np.exp(random.normal(0, 0.2, 3)), 0.6, 1.6).astype(np.float32)
    return to_levels(to_light(picture) * gains)


def motion_blur(picture: np.ndarray, random) -> np.ndarray:
    """Smear along a line of 3 pixels up to an eighth of the side."""
    length = int(random.integers(3, max(4, picture.shape[0] // 8 + 1))) | 1
    kernel = np.zeros((length, length), np.float32)
    angle, middle = random.uniform(0, math.pi), length // 2
    reach = middle * math.cos(angle), middle * math.sin(angle)
    start, end = (
        (round(middle + side * reach[0]), round(middle + side * reach[1])) for side in (-1, 1)
    )
    cv2.line(kernel, start, end, 1.0)
    return cv2.filter2D(picture, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE)


def out_of_focus(picture: np.ndarray, random) -> np.ndarray:
    """Blur by a Gaussian of up to a thirtieth of the side."""
    return blurred(picture, random.uniform(0.4, max(0.5, picture.shape[0] / 30)))


def low_resolution(picture: np.ndarray, random) -> np.ndarray:
    """Shrink to ``MIN_SIDE`` pixels up to the picture's own side, small ones oftener, and back."""
    side = picture.shape[0]
    small = max(1, round(MIN_SIDE * (side / MIN_SIDE) ** random.random()))
    back = (cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_NEAREST)[
        random.choice(3, p=(0.6, 0.3, 0.1))
    ]
    return low_resolved(picture, small, back)


def jpeg(picture: np.ndarray, random) -> np.ndarray:
    """Compress as JPEG of quality 15 to 95, colours at half the resolution."""
    return compressed(picture, int(random.integers(15, 96)))


def without_colour(picture: np.ndarray, random) -> np.ndarray:
    """Take the colours away; a third of the time as infrared light shows a face, pale."""
    if picture.ndim == 2:
        return picture
    weights = (0.114, 0.587, 0.299)
    if random.random() < 1 / 3:
        weights = random.dirichlet((1, 1, 4))
    grey = cv2.transform(picture, np.array(weights, np.float32)[None])
    if weights[0] != 0.114:
        grey = cv2.LUT(grey, _gamma_table(2 ** random.uniform(-1.2, 0)))
    return cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)


def gamma(picture: np.ndarray, random) -> np.ndarray:
    """Apply a gamma of 0.5 to 2."""
    return cv2.LUT(picture, _gamma_table(2 ** random.uniform(-1, 1)))


def occluded(picture: np.ndarray, random) -> np.ndarray:
    """Put something in front of a face: an occluder of ``OCCLUDERS``."""
    cover = random.choice(len(OCCLUDERS), p=OCCLUDER_SHARES)
    return OCCLUDERS[cover](picture.copy(), random)


def lower_part(picture: np.ndarray, random) -> np.ndarray:
    """Hide the picture from some height downwards, in place."""
    top = round(picture.shape[0] * random.uniform(1 - OCCLUDED_AT_MOST, 0.75))
    picture[top:] = _stuff(picture[top:].shape, random)
    return picture


def mask(picture: np.ndarray, random) -> np.ndarray:
    """Put a surgical mask's shape over nose and mouth, in place."""
    top = random.uniform(0.5, 0.62)
    points = np.array(
        [
            (0.12, top),
            (0.5, top - random.uniform(0, 0.08)),
            (0.88, top),
            (0.85, 0.85),
            (0.65, 1.0),
            (0.35, 1.0),
            (0.15, 0.85),
        ]
    )
    points = points + random.normal(0, 0.02, points.shape)
    return _filled(picture, points, random)


def sunglasses(picture: np.ndarray, random) -> np.ndarray:
    """Put dark glasses on, in place."""
    side = picture.shape[0]
    height, apart = random.uniform(0.35, 0.45), random.uniform(0.15, 0.2)
    size = round(side * random.uniform(0.11, 0.15)), round(side * random.uniform(0.07, 0.12))
    colour = _colour(random.uniform(0, 50, 3))
    for x in (0.5 - apart, 0.5 + apart):
        cv2.ellipse(picture, (round(side * x), round(side * height)), size, 0, 0, 360, colour, -1)
    cv2.line(
        picture,
        (round(side * (0.5 - apart)), round(side * height)),
        (round(side * (0.5 + apart)), round(side * height)),
        colour,
        2,
    )
    return picture


def hand(picture: np.ndarray, random) -> np.ndarray:
    """Put a few fingers, of the face's own colour, or a bar over a part of it, in place."""
    side = picture.shape[0]
    skin = picture[side // 2, side // 2].astype(float) * random.uniform(0.6, 1.2)
    start, angle = random.uniform(0.2, 1.0, 2) * side, random.uniform(0, math.pi)
    for finger in range(int(random.integers(1, 5))):
        shade = _colour(np.clip(skin * random.uniform(0.85, 1.1), 0, 255))
        across = finger * 0.1 * side * np.array((-math.sin(angle), math.cos(angle)))
        center = start + across
        cv2.ellipse(
            picture,
            tuple(int(value) for value in center),
            (round(side * random.uniform(0.2, 0.35)), max(2, round(side * 0.055))),
            math.degrees(angle),
            0,
            360,
            shade,
            -1,
        )
    return picture


def microphone(picture: np.ndarray, random) -> np.ndarray:
    """Hold a microphone to the mouth, in place."""
    side = picture.shape[0]
    x, y = round(side * random.uniform(0.3, 0.7)), round(side * random.uniform(0.75, 0.95))
    colour = _colour(random.uniform(0, 70, 3))
    cv2.line(
        picture,
        (x, y),
        (x + round(side * random.uniform(-0.3, 0.3)), side),
        colour,
        max(2, side // 12),
    )
    cv2.circle(picture, (x, y), round(side * random.uniform(0.07, 0.13)), colour, -1)
    return picture


def frame_edge(picture: np.ndarray, random) -> np.ndarray:
    """Let the frame end within the face; beyond it its border is repeated, in place."""
    side, kept = picture.shape[0], random.uniform(0.55, 0.9)
    turns = int(random.integers(4))
    turned = np.rot90(picture, turns)
    edge = round(side * kept)
    turned[edge:] = turned[edge - 1 : edge]
    return picture


def _exposed(light, deviation, noise, random):
    """Add a noise, of unit deviation, that grows with the light (photons) and one that does not.

    :param deviation: of both together at ``MID_GREY``, in linear light.
    """
    photons = random.random()
    variance = photons * light / MID_GREY + (1 - photons)
    return light + deviation * np.sqrt(variance) * noise


def _grain(shape, random):
    """Return noise of unit deviation: fine or coarse, of each colour or of all."""
    height, width = shape[:2]
    channels = shape[2:] if random.random() < 0.5 else (1,) * len(shape[2:])
    coarse = random.uniform(1, 2.5) if random.random() < 0.5 else 1.0
    size = max(1, round(height / coarse)), max(1, round(width / coarse))
    noise = random.standard_normal((*size, *channels), np.float32)
    if size != (height, width):
        noise = cv2.resize(noise, (width, height), interpolation=cv2.INTER_LINEAR)
        noise = noise.reshape(height, width, *channels) / max(float(noise.std()), 1e-6)
    return noise


def _stuff(shape, random):
    """Return what hides a face: a colour, darker downwards, or noise."""
    kind = random.random()
    colour = random.uniform(0, 255, 3) if kind < 0.5 else np.repeat(random.uniform(0, 255), 3)
    if kind > 0.8:
        colour = np.repeat((0.0, 127.0, 255.0)[random.integers(3)], 3)
    plane = np.linspace(1, random.uniform(0.5, 1) if kind < 0.8 else 1, shape[0])[:, None, None]
    noise = random.uniform(0, 12) * random.standard_normal((*shape[:2], 1), np.float32)
    filled = np.clip(plane * colour + (noise if kind < 0.8 else 0), 0, 255).astype(np.uint8)
    filled = np.broadcast_to(filled, (*shape[:2], 3))
    return filled if len(shape) == 3 else filled[..., 0]


def _filled(picture, points, random):
    """Fill a polygon, its points in picture sides, with what hides a face."""
    side = picture.shape[0]
    inside = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(inside, [(points * side).round().astype(np.int32)], 1)
    inside = inside.astype(bool)
    picture[inside] = _stuff(picture.shape, random)[inside]
    return picture


def _colour(values):
    """Return a colour as OpenCV wants it."""
    return tuple(float(value) for value in np.broadcast_to(values, 3))


def _gamma_table(exponent):
    """Return the grey levels after a gamma."""
    return (np.linspace(0, 1, 256) ** exponent * 255).round().astype(np.uint8)


OCCLUDERS = (lower_part, mask, sunglasses, hand, microphone, frame_edge)
OCCLUDER_SHARES = (0.35, 0.2, 0.1, 0.15, 0.05, 0.15)

SHARES = (
    (0.3, colour_cast),
    (0.3, without_colour),
    (0.25, gamma),
    (0.25, dark),
    (0.25, motion_blur),
    (0.25, out_of_focus),
    (0.4, low_resolution),
    (1.0, sensor_noise),
    (0.5, jpeg),
)
"""Degradations in the order of a camera's, and how often each comes for each noise."""
