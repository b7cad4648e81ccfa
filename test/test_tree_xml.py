# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The tree for BehaviorTree.CPP fits the service: ports, types and time-outs."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
TREE = CHECKOUT / 'config/classify_image_tree.xml'
SERVICE = CHECKOUT / 'srv/ClassifyImage.srv'

OF_THE_CLIENT = {'service_name', 'server_timeout'}
"""Ports of every BtServiceNode, which are no fields of the service."""

CPP = {
    'builtin_interfaces/Duration': 'double',
    'bool': 'bool',
    'uint8': 'uint8_t',
    'string': 'std::string',
    'FaceAttributesArray': 'face_affect_ros::msg::FaceAttributesArray',
}


@pytest.fixture(scope='module')
def root():
    """Return the tree's root; it is well-formed."""
    return ElementTree.parse(TREE).getroot()


@pytest.fixture(scope='module')
def fields():
    """Return the types of fields by name, of the request and of the response."""
    parts = re.split(r'^---$', SERVICE.read_text(), flags=re.MULTILINE)
    return [
        {name: kind for kind, name in re.findall(r'^([\w/]+) (\w+)$', part, re.MULTILINE)}
        for part in parts
    ]


def ports(root, kind):
    """Return the types of the model's ports by name."""
    model = root.find("TreeNodesModel/Action[@ID='ClassifyImage']")
    return {port.get('name'): port.get('type') for port in model.findall(kind)}


def test_input_ports_are_fields_of_the_request(root, fields):
    """With the C++ types of their fields."""
    inputs = ports(root, 'input_port')
    assert OF_THE_CLIENT < set(inputs)
    told = {name: kind for name, kind in inputs.items() if name not in OF_THE_CLIENT}
    assert told == {name: CPP[fields[0][name]] for name in told}


def test_output_ports_are_the_response(root, fields):
    """All of it."""
    assert ports(root, 'output_port') == {name: CPP[kind] for name, kind in fields[1].items()}


def test_the_tree_uses_ports_that_there_are(root):
    """And is the one that is executed."""
    assert root.get('BTCPP_format') == '4'
    tree = root.find(f"BehaviorTree[@ID='{root.get('main_tree_to_execute')}']")
    known = {*ports(root, 'input_port'), *ports(root, 'output_port'), 'name'}
    calls = list(tree.iter('ClassifyImage'))
    assert calls
    for call in calls:
        assert set(call.attrib) == known


def test_the_client_waits_longer_than_the_service_takes(root):
    """Else it never learns why there is no answer; in the model's defaults too."""
    model = root.find("TreeNodesModel/Action[@ID='ClassifyImage']")
    defaults = {port.get('name'): port.get('default') for port in model.findall('input_port')}
    calls = [call.attrib for call in root.iter('ClassifyImage')]
    for given in (defaults, *calls):
        assert 0 < float(given['timeout']) <= 60
        assert float(given['server_timeout']) >= 1000 * float(given['timeout']) + 100
        assert 0 < float(given['max_age'])
        assert given['service_name'] == '/face_affect/classify_image'
