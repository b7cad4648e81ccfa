# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A task of one's own is one entry: parameters, options, results and documents are made of it."""

import json
import os

import pytest

TASK = """
import numpy as np

from face_affect_ros.tasks import TASKS
from face_affect_ros.tasks import Task

TASKS['glasses'] = Task('glasses', 'glasses', ('no', 'yes'), below_threshold='unknown')


class Network:
    def scores(self, contexts, squares):
        return {'glasses': np.array([[0.25, 0.75]] * len(squares), np.float32)}


def described():
    from face_affect_ros.decision.gender_fusion import GenderRules
    from face_affect_ros.model import Model
    from face_affect_ros.pipeline import load_detector
    from face_affect_ros.settings import ModelSettings

    settings = ModelSettings(tasks=('emotion', 'glasses'))
    model = Model('own', load_detector(), {'glasses': Network()}, GenderRules(()), settings)
    face, = model.analyze(np.zeros((80, 120, 3), np.uint8), boxes=[(10, 10, 60, 60)])
    return face
"""


@pytest.fixture
def run(run_with_module):
    """Return a function that runs code in a fresh process after this file's module."""
    return run_with_module('glasses', TASK)


def test_in_python(run):
    """Decided by its kind, and told with the face."""
    shown = run("""
face = glasses.described()
found = face.result('glasses')
print(found.label, found.confidence, dict(found.scores), face.result('emotion'), face.trait_age)
""")
    assert shown == "yes 0.75 {'no': 0.25, 'yes': 0.75} None 0.0\n"


def test_in_json_and_in_the_picture(run):
    """Beside the others, not given where no network tells it."""
    shown = run("""
from face_affect_ros import drawing
from face_affect_ros.cli import schema
from face_affect_ros.faces import Box, Face
print(schema.line(schema.face_object(glasses.described())))
print(schema.line(schema.face_object(Face(Box(0, 0, 1, 1), 1.0))))
import numpy as np
blank, told = Face(Box(100, 100, 99, 99), 1.0), glasses.described().other_tasks
picture = np.zeros((480, 640, 3), np.uint8)
pictures = [
    drawing.annotate(picture, [face])
    for face in (blank, Face(Box(100, 100, 99, 99), 1.0, other_tasks=told))
]
print((pictures[0] != pictures[1]).any())
""").splitlines()
    told, blank = map(json.loads, shown[:2])
    assert told['glasses'] == {
        'label': 'yes',
        'confidence': 0.75,
        'scores': {'no': 0.25, 'yes': 0.75},
    }
    assert blank['glasses'] is None
    assert list(told)[-5:] == ['emotion', 'gender', 'age', 'attributes', 'glasses']
    assert shown[2] == 'True'


def test_on_the_command_line(run):
    """It can be switched off, and a run without its network says so by null."""
    shown = run("""
import numpy as np
from PIL import Image
from face_affect_ros import cli
Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save('black.png')
cli.main(['classify', '--json', '--no-glasses-enable', 'black.png'])
try:
    cli.main(['classify', '--help'])
except SystemExit:
    pass
""")
    assert json.loads(shown.partition('\n')[0])['faces'] == []
    assert '--glasses-enable' in shown and 'Tell glasses' in shown


def test_as_parameter_and_in_the_documentation(run):
    """Of the node that describes faces."""
    pytest.importorskip('face_affect_ros.msg')
    shown = run(f"""
import sys
sys.path.insert(0, {os.path.dirname(__file__)!r})
import parameters_page
print(parameters_page.page())
""")
    (row,) = [row for row in shown.splitlines() if row.startswith('| `glasses.enable`')]
    assert '`true`' in row and 'Tell glasses' in row


def test_as_the_task_of_a_network(run):
    """An entry of networks.yaml may name it."""
    assert (
        run("""
from face_affect_ros.registry.entries import read_entries
entry = ('own: {file: own.onnx, sha256: "' + 64 * '0' + '", task: glasses, licence: none,'
         ' source: here, crop: {size: 64, channels: 1, factor: 1.0}}')
print(read_entries(entry.encode())['own']['task'])
""")
        == 'glasses\n'
    )


def test_of_a_stream(run):
    """As a trait it is refreshed by need; all of its answers are combined."""
    shown = run("""
from face_affect_ros.tasks import trait_names
from face_affect_ros.tracking.trait_fusion import Fusion
fusion = Fusion('glasses')
for _ in range(3):
    fusion.add(glasses.np.array([0.25, 0.75]), 1.0, 0.0)
print(trait_names(glasses.TASKS), fusion.result().round(3))
""")
    assert shown == "('gender', 'age', 'attributes', 'glasses') [0.25 0.75]\n"


def test_evaluated(run):
    """By its kind: a column of its name has the labels; words that are none are named."""
    for module in ('sklearn', 'matplotlib', 'pyarrow'):
        pytest.importorskip(module)
    shown = run("""
import json
from pathlib import Path
from PIL import Image
from face_affect_ros.decision.gender_fusion import GenderRules
from face_affect_ros.evaluation.data_evaluation import DataJob, evaluate
from face_affect_ros.evaluation.predictor import PredictionJob
from face_affect_ros.evaluation.report import write_report
from face_affect_ros.model import Model
from face_affect_ros.pipeline import load_detector

def load(name, settings):
    return Model(name, load_detector(), {'glasses': glasses.Network()}, GenderRules(()), settings)

Image.fromarray(glasses.np.zeros((60, 60, 3), glasses.np.uint8)).save('a.png')
Path('f.csv').write_text('path,glasses,light\\na.png,Yes,x\\na.png,no,y\\na.png,maybe,y\\na.png,yes,y\\n')
job = PredictionJob(('own', 'other'), is_crops=True, landmarks=False)
found = evaluate(DataJob(Path('f.csv'), job, samples=20), Path('out'), load=load)
write_report(found.report, Path('out'))
report = json.loads(Path('out/report.json').read_text())
told = report['models']['own']['glasses']
print(round(told['accuracy']['value'], 3), told['recall_no']['value'], told['accuracy']['n'])
print(report['subgroups']['light']['light y']['own']['glasses']['accuracy']['value'])
print([(each['task'], each['metric']) for each in report['comparisons']])
print(*found.issues)
text = Path('out/report.md').read_text()
print('## Glasses' in text, Path('out/report.html').read_text().count('confusion matrix'))
""").splitlines()
    assert shown == [
        '0.667 0.0 3',
        '0.5',
        "[('glasses', 'accuracy')]",
        "1 x unknown label: glasses 'maybe' (known: no, yes)",
        'True 4',
    ]


@pytest.mark.ros
def test_a_task_without_message_fields_is_refused_by_name(run):
    """Before anything is published without it; the text says what to do."""
    pytest.importorskip('face_affect_ros.msg')
    shown = run("""
from face_affect_ros.ros import messages
messages.check_fields(['emotion', 'gender', 'age', 'attributes'])
try:
    messages.check_fields(['emotion', 'glasses'])
except ValueError as error:
    print(error)
print(messages.face_to_message(glasses.described()).emotion)
""")
    text, emotion = shown.splitlines()
    assert text.startswith('task glasses has no fields in FaceAttributes.msg: set glasses.enable')
    assert emotion == '255'


@pytest.mark.ros
def test_fields_of_messages_are_those_that_the_task_names(run):
    """Here age under another name."""
    pytest.importorskip('face_affect_ros.msg')
    shown = run("""
from face_affect_ros.faces import AGE_RANGES, Age, Box, Face
from face_affect_ros.ros import messages
from face_affect_ros.tasks import YEARS
del glasses.TASKS['age']
glasses.TASKS['years'] = glasses.Task('years', 'age', AGE_RANGES, YEARS, message_field='age')
messages.check_fields(['years'])
age = Age(30.0, 2.0, '25-32', dict.fromkeys(AGE_RANGES, 0.125))
message = messages.face_to_message(Face(Box(0, 0, 1, 1), 1.0, other_tasks={'years': age}))
print(message.age, message.age_range, message.age_deviation, len(message.age_scores))
""")
    assert shown == '30.0 4 2.0 8\n'


@pytest.mark.ros
def test_the_node_refuses_it_by_name(run):
    """It stays unconfigured where its model tells what messages cannot carry."""
    pytest.importorskip('face_affect_ros.msg')
    shown = run("""
import rclpy
from face_affect_ros.ros import process
process.configure_process()
from face_affect_ros import pipeline
from face_affect_ros.decision.gender_fusion import GenderRules
from face_affect_ros.model import Model
from face_affect_ros.ros.nodes.attributes import AttributesNode

def load_model(name, settings, *more):
    networks = {'glasses': glasses.Network()}
    return Model('own', pipeline.load_detector(), networks, GenderRules(()), settings)

pipeline.load_model = load_model
rclpy.init()
node = AttributesNode()
print(node.trigger_configure(), node.state)
node.set_parameters([rclpy.parameter.Parameter('glasses.enable', value=False)])
print(node.trigger_configure(), node.state)
node.release()
node.destroy_node()
rclpy.shutdown()
""")
    first, second = shown.splitlines()[-2:]
    assert 'unconfigured' in first and second.endswith(' inactive')
