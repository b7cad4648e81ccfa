# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The networks of the papers in PyTorch: their sizes, objectives and smaller copies."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).resolve().parents[1]))  # training/ is not installed
EXTRA = 'training needs the extra "train": pip install "face_affect_ros[train]"'
torch = pytest.importorskip('torch', reason=EXTRA)
onnx = pytest.importorskip('onnx', reason=EXTRA)
pytest.importorskip('lightning', reason=EXTRA)
pytest.importorskip('pyarrow', reason=EXTRA)

calibrate = import_module('training.fitting.calibrate')
compress = import_module('training.exporting.compress')
levi_hassner = import_module('training.architectures.levi_hassner')
metrics = import_module('training.fitting.metrics')
moon = import_module('training.architectures.moon')
networks = import_module('training.architectures.build')
resnet = import_module('training.architectures.resnet')
vdcn = import_module('training.architectures.vdcn')


def parameters_of(network) -> int:
    """Return the number of a network's parameters without those of batch norms."""
    norms = {
        id(p)
        for module in network.modules()
        if isinstance(module, torch.nn.BatchNorm2d)
        for p in module.parameters()
    }
    return sum(p.numel() for p in network.parameters() if id(p) not in norms)


def test_the_lightened_cnn_has_the_published_parameters():
    """4,644,424 with a bias a convolution, which the batch norms hold here."""
    network = moon.LightenedMoon(40, 128)
    biases = sum(
        module.out_channels for module in network.modules() if isinstance(module, torch.nn.Conv2d)
    )
    assert parameters_of(network) + biases == 4_644_424


def test_the_faithful_levi_hassner_network_has_the_published_parameters():
    """Layer by layer from the published graph: 11,415,048 with eight outputs."""
    layers = ((3 * 49, 96), (96 * 25, 256), (256 * 9, 384), (384 * 49, 512), (512, 512), (512, 8))
    expected = sum(inputs * outputs + outputs for inputs, outputs in layers)
    assert parameters_of(levi_hassner.LeviHassner(8, 227, faithful=True)) == expected == 11_415_048


@pytest.mark.parametrize(('size', 'faithful'), [(227, True), (117, False), (61, False)])
def test_levi_hassner_maps(size, faithful):
    """The first convolution gives 56 x 56 maps at full size, 28 x 28 at half of it."""
    network = levi_hassner.LeviHassner(2, size, faithful).eval()
    side = 28 if size == 61 else 56
    with torch.no_grad():
        image = torch.zeros(1, 3, size, size)
        assert network.stage1[0](image).shape == (1, 96, side, side)
        assert network(image).shape == (1, 2)


def test_the_lightened_cnn_refuses_other_sides():
    """Its five pools need a multiple of 32."""
    with pytest.raises(ValueError, match='32, not 100'):
        moon.LightenedMoon(40, 100)


def test_max_feature_map_trains_as_the_maximum():
    """Output and gradient are those of the larger half."""
    x = torch.randn(2, 6, 3, 3, requires_grad=True)
    layer, gradient = moon.MaxFeatureMap(), torch.randn(2, 3, 3, 3)
    (found,) = torch.autograd.grad(layer(x), x, gradient)
    (expected,) = torch.autograd.grad(torch.maximum(*x.chunk(2, 1)), x, gradient)
    assert torch.equal(layer(x), layer.eval()(x))
    torch.testing.assert_close(found, expected)


def test_what_is_deployed_computes_what_was_trained():
    """The rewritten lightened CNN gives the same outputs."""
    network = moon.LightenedMoon(5, 64)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):  # as after training, not as it begins
            module.running_mean.uniform_(-1, 1)
            module.running_var.uniform_(0.5, 2)
    image = torch.rand(2, 1, 64, 64) * 255
    with torch.no_grad():
        before = network.eval()(image)
        network.deploy()
        assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in network.modules())
        torch.testing.assert_close(network.eval()(image), before, rtol=1e-4, atol=1e-4)


@given(st.lists(st.sampled_from([-1, 0, 1]), min_size=4, max_size=60))
def test_balanced_weights_balance(column):
    """With the weights both sides of an attribute weigh the same; unknown labels weigh nothing."""
    labels = np.array(column)[:, None]
    weights = moon.label_weights(labels, balanced=True)
    assert weights.max(initial=0) <= 1
    assert (weights[labels < 0] == 0).all()
    if {0, 1} <= set(column):
        assert weights[labels == 1].sum() == pytest.approx(weights[labels == 0].sum(), rel=1e-5)
        assert weights.max() == 1


def test_the_data_s_own_distribution_changes_nothing():
    """Every known label weighs 1."""
    labels = np.array([[1, 0], [0, -1], [0, 0]])
    np.testing.assert_array_equal(
        moon.label_weights(labels, balanced=False), [[1, 1], [1, 0], [1, 1]]
    )


def test_balanced_accuracy():
    """Is the mean of the accuracies of both sides, attribute by attribute; unknown is left out."""
    labels = torch.tensor([[1, 1], [0, 1], [0, 0], [0, -1]])
    answers = torch.tensor([[1, 0], [0, 1], [1, 0], [0, 1]])
    assert metrics.accuracy(answers > 0, labels, balanced=False) == pytest.approx(5 / 7)
    assert metrics.accuracy(answers > 0, labels, balanced=True) == pytest.approx(
        ((1 + 2 / 3) / 2 + (0.5 + 1) / 2) / 2
    )


def test_a_larger_picture_starts_from_a_smaller_one_s_dense_layer():
    """On even maps the interpolated layer says what the small one says."""
    small, large = moon.LightenedMoon(3, 64), moon.LightenedMoon(3, 128)
    assert networks.start_from(large, small.state_dict()) == []
    even = torch.randn(256)
    said = small.fc1(even.repeat_interleave(4)), large.fc1(even.repeat_interleave(16))
    torch.testing.assert_close(*said)


def test_full_rank_is_the_layer_itself_and_low_rank_comes_close():
    """The error falls with the rank down to nothing."""
    layer = torch.nn.Linear(40, 30)
    inputs = torch.randn(50, 40)
    errors = [
        (compress.factorized(layer, rank)(inputs) - layer(inputs)).abs().max().item()
        for rank in (5, 20, 30)
    ]
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 1e-5


@pytest.mark.parametrize(('precision', 'error'), [('float16', 1e-3), ('int8', 1e-2)])
def test_stored_weights(tmp_path, precision, error):
    """The file shrinks by what the precision saves, and gives nearly the same."""
    from face_affect_ros.engines.onnx import OnnxEngine

    network = torch.nn.Sequential(
        torch.nn.Conv2d(3, 64, 3), torch.nn.Flatten(), torch.nn.Linear(64 * 36, 64)
    )
    image = torch.rand(2, 3, 8, 8)
    path = tmp_path / 'network.onnx'
    torch.onnx.export(network, (image,), path, opset_version=17, dynamo=False)
    model, before = onnx.load(path), path.stat().st_size
    compress.store(model, precision)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)
    assert path.stat().st_size < before * (0.55 if precision == 'float16' else 0.3)
    expected = network(image).detach().numpy()
    (found,) = OnnxEngine(path).run(image.numpy())
    np.testing.assert_allclose(found, expected, atol=error)
    assert (found != expected).any()


def test_an_unknown_precision():
    """Is named beside those that there are."""
    with pytest.raises(ValueError, match=r"'int4'.*float16"):
        compress.store(onnx.ModelProto(), 'int4')


@settings(deadline=None, max_examples=10)
@given(slope=st.floats(0.4, 2.5), offset=st.floats(-1, 1))
def test_calibration_finds_the_slope_and_the_offset_of_attributes(slope, offset):
    """Labels drawn from known probabilities give back what made them."""
    random = torch.Generator().manual_seed(0)
    scores = torch.randn(4000, 40, generator=random) * 2
    chances = (scores * slope + offset).sigmoid()
    labels = torch.bernoulli(chances, generator=random).long()
    slopes, offsets = calibrate.fitted('attributes', scores, labels)
    assert np.median(slopes) == pytest.approx(slope, rel=0.1)
    assert np.median(offsets) == pytest.approx(offset, abs=0.1)


def test_balanced_calibration_of_rare_attributes():
    """Balanced accuracy is best where the probability is a half; else nearly all say no."""
    random = torch.Generator().manual_seed(0)
    scores = torch.randn(4000, 40, generator=random)
    labels = torch.bernoulli((2 * scores - 4).sigmoid(), generator=random).long()
    found = {}
    for balanced in (False, True):
        slopes, offsets = map(
            torch.from_numpy, calibrate.fitted('attributes', scores, labels, balanced)
        )
        found[balanced] = metrics.accuracy(scores * slopes + offsets > 0, labels, True)
    assert found[False] < 0.7 and found[True] > 0.78


def test_calibration_finds_a_temperature_of_classes():
    """Scores that are twice too sure are halved; pictures without a label do not count."""
    random = torch.Generator().manual_seed(0)
    truth = torch.randn(6000, 2, generator=random)
    labels = torch.multinomial(truth.softmax(1), 1, generator=random)[:, 0]
    labels[::7] = -1
    slopes, offsets = calibrate.fitted('gender', truth * 2, labels)
    assert slopes == pytest.approx([0.5, 0.5], rel=0.1)
    assert (offsets == 0).all()


@pytest.mark.parametrize(
    ('column', 'millions'),
    [('A', 133), ('A-LRN', 133), ('B', 133), ('C', 134), ('D', 138), ('E', 144)],
)
def test_very_deep_networks_have_the_published_parameters(column, millions):
    """Table 2 of the paper: at 224 pixels in colour with 1,000 classes."""
    with torch.device('meta'):
        network = vdcn.Vdcn(column, 1000, 224)
    assert round(parameters_of(network) / 1e6) == millions


def test_very_deep_parameters_to_the_last_one():
    """Of D, which other implementations state exactly."""
    with torch.device('meta'):
        assert parameters_of(vdcn.Vdcn('D', 1000, 224)) == 138_357_544


@pytest.mark.parametrize('size', [48, 57, 64, 96])
def test_very_deep_networks_take_any_size(size):
    """From 48 pixels up; the pools lose no column of the maps."""
    network = vdcn.Vdcn('A', 7, size, channels=1, width=0.125).eval()
    with torch.no_grad():
        assert network(torch.zeros(2, 1, size, size)).shape == (2, 7)
    image = torch.zeros(1, 1, size, size, requires_grad=True)
    network(image + torch.rand(1, 1, size, size) * 255)[0, 0].backward()
    assert image.grad[0, 0, :, -1].abs().sum() > 0
    assert image.grad[0, 0, -1].abs().sum() > 0


@pytest.mark.parametrize(('column', 'size'), [('F', 48), ('A', 47)])
def test_very_deep_networks_that_there_are_not(column, size):
    """Are refused by name."""
    with pytest.raises(ValueError, match=rf'{column!r}|{size}'):
        vdcn.Vdcn(column, 7, size)


def test_deployed_over_a_larger_picture_is_the_mean_of_its_crops():
    """On a picture of the trained size it is the network itself."""
    network = vdcn.Vdcn('A', 7, 64, channels=1, width=0.125).eval()
    image, larger = torch.rand(2, 1, 64, 64) * 255, torch.rand(2, 1, 96, 96) * 255
    with torch.no_grad():
        expected = network(image)
        maps = network.features((larger - 128) / 64)
        places = maps.unfold(2, 2, 1).unfold(3, 2, 1).permute(0, 2, 3, 1, 4, 5).flatten(3)
        dense = network.head(network.fc7(network.fc6(places).relu()).relu())
        network.deploy()
        torch.testing.assert_close(network(image), expected)
        torch.testing.assert_close(network(larger), dense.mean((1, 2)))


@pytest.mark.parametrize('column', ['A', 'B', 'D', 'E'])
def test_vdcn_without_norms_tells_pictures_apart_before_it_has_learned(column):
    """Its maps neither die away nor grow over up to nineteen layers."""
    torch.manual_seed(0)
    network = vdcn.Vdcn(column, 7, 48, 1, 0.25).eval()
    pictures = torch.randint(256, (16, 1, 48, 48)).float()
    with torch.no_grad():
        spread = network.features((pictures - 128) / 64).std(0).mean()
    assert 0.01 < spread < 100


def test_a_deeper_network_starts_from_a():
    """A's first four convolutions and its dense layers, each where D has its like."""
    trained, deeper = (vdcn.Vdcn(column, 7, 48, 1, 0.125) for column in 'AD')
    vdcn.start_deeper(deeper, trained)
    mine, theirs = (
        [layer for layer in network.features if isinstance(layer, torch.nn.Conv2d)]
        for network in (deeper, trained)
    )
    shared = {
        mine_at: theirs_at
        for mine_at, layer in enumerate(mine)
        for theirs_at, other in enumerate(theirs)
        if layer.weight.shape == other.weight.shape and torch.equal(layer.weight, other.weight)
    }
    assert shared == {0: 0, 2: 1, 4: 2, 5: 3}
    for name in ('fc6', 'fc7', 'head'):
        assert torch.equal(getattr(deeper, name).weight, getattr(trained, name).weight)


def test_a_deeper_network_for_other_classes_has_a_new_last_layer():
    """The others start as they were trained."""
    trained, deeper = vdcn.Vdcn('A', 7, 48, 1, 0.125), vdcn.Vdcn('B', 9, 48, 1, 0.125)
    vdcn.start_deeper(deeper, trained)
    assert deeper.head.weight.shape == (9, trained.head.weight.shape[1])
    assert torch.equal(deeper.fc7.weight, trained.fc7.weight)


def test_resnet_18_has_the_published_parameters():
    """11,689,512 in colour with 1,000 classes, batch norms included."""
    network = resnet.ResNet(18, 1000)
    assert sum(p.numel() for p in network.parameters()) == 11_689_512
