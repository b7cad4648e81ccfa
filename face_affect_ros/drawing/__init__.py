# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The annotated picture: one look for the command line, the topic and the documentation.

Every face gets a frame in the colour of its emotion, dots on its landmarks and, where there is
room, a plate: emotion and its probability, gender, age and track, the attributes that say most,
and a bar in which each emotion takes its share. Plates stay inside the picture and off faces and
each other; in a crowd they shrink and then go, largest faces last, and the frame's colour still
tells the emotion.
"""

from face_affect_ros.drawing.palette import COLORS
from face_affect_ros.drawing.palette import NOT_GIVEN
from face_affect_ros.drawing.palette import color_of
from face_affect_ros.drawing.picture import annotate
from face_affect_ros.drawing.picture import enlarged

__all__ = ['COLORS', 'NOT_GIVEN', 'annotate', 'color_of', 'enlarged']
