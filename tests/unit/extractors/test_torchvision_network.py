"""Networks of torchvision from a file: the right file, the right layer, nothing downloaded."""

import hashlib

import pytest
import torch
import torchvision

from gan_zoo.errors import UserError
from gan_zoo.extractors import ExtractorData, TorchvisionNetwork

ARCHITECTURE, OUTPUTS, SIZE = "shufflenet_v2_x0_5", 7, 32


@pytest.fixture(scope="module")
def network():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return torchvision.models.get_model(ARCHITECTURE, weights=None, num_classes=OUTPUTS).eval()


@pytest.fixture(scope="module")
def weights(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "mine.pth"
    torch.save(network.state_dict(), path)
    return path


@pytest.fixture(autouse=True)
def no_downloads(monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("tried to download")

    monkeypatch.setattr("torch.hub.download_url_to_file", refuse)
    monkeypatch.setattr("torch.hub.load_state_dict_from_url", refuse)


def make(data, weights, **options):
    options = {"architecture": ARCHITECTURE, "layer": "conv5", "outputs": OUTPUTS, "size": SIZE, **options}
    return TorchvisionNetwork(data, weights=weights, **options)


def test_features_are_the_layers_averaged_maps_after_torchvisions_preprocessing(digits, network, weights):
    extractor = make(digits, weights)
    images = digits.held_out_images[:5]
    color = torch.nn.functional.interpolate(
        images.expand(-1, 3, -1, -1) / 255.0, size=(SIZE, SIZE), mode="bilinear", antialias=True
    )
    ready = torchvision.transforms.functional.normalize(color, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    with torch.no_grad():
        maps = torch.nn.Sequential(*list(network.children())[:-1])(ready)
        logits = network(ready)
    torch.testing.assert_close(extractor.features(images).float(), maps.mean((2, 3)), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(
        extractor.probabilities(images).float(), logits.softmax(1), rtol=1e-4, atol=1e-5
    )


def test_id_and_protocol_name_architecture_layer_and_the_files_hash(digits, weights):
    extractor = make(digits, weights)
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    assert extractor.id == f"torchvision-{ARCHITECTURE}-conv5-1024@{digest[:8]}"
    protocol = extractor.protocol()
    assert protocol["sha256"] == digest
    assert "32x32" in protocol["resize"]
    assert not extractor.canonical


def test_it_stays_in_eval_mode_and_looks_the_same_in_any_batch(digits, weights):
    extractor = make(digits, weights, batch_size=4)
    extractor.network.train()
    images = digits.held_out_images[:9]
    assert torch.equal(extractor.features(images)[3:4], extractor.features(images[3:4]))


def test_color_images_and_inner_layers_will_do(weights):
    images = torch.randint(0, 256, (3, 3, 20, 28), generator=torch.Generator().manual_seed(0)).to(torch.uint8)
    assert make(ExtractorData(images), weights, layer="stage2.0").features(images).shape == (3, 48)
    assert make(ExtractorData(images), weights, layer="fc").features(images).shape == (3, OUTPUTS)


def test_a_hash_in_the_files_name_must_be_right(digits, weights, tmp_path):
    content = weights.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    right, wrong = tmp_path / f"net-{digest[:8]}.pth", tmp_path / "net-00c0ffee.pth"
    right.write_bytes(content)
    wrong.write_bytes(content)
    make(digits, right)
    with pytest.raises(UserError, match=f"SHA-256 starts with {digest[:8]}, not 00c0ffee"):
        make(digits, wrong)


def test_building_leaves_the_global_generator_alone(digits, weights):
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    make(digits, weights)
    assert torch.equal(torch.rand(2), expected)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weights": None}, "downloads none. Type extractor.weights=FILE"),
        ({"weights": "nowhere.pth"}, "nowhere.pth: there is no such file"),
        ({"architecture": "shufflenet_v2_x05"}, "Did you mean 'shufflenet_v2_x0_5'"),
        ({"architecture": None}, "Type for example resnet18"),
        ({"layer": "conv6"}, "has no such layer. At the top it has conv1, maxpool, stage2"),
        ({"layer": None}, "extractor.layer=None"),
        ({"layer": ""}, "has no such layer"),
        ({"outputs": 8}, "does not fit shufflenet_v2_x0_5: size mismatch for fc"),
        ({"architecture": "squeezenet1_1", "layer": "features"}, "does not fit squeezenet1_1: Missing key"),
    ],
)
def test_wrong_options_are_refused(digits, weights, options, message):
    with pytest.raises(UserError, match=message):
        make(digits, options.pop("weights", weights), **options)


def test_files_that_hold_more_than_weights_are_refused(digits, tmp_path):
    file = tmp_path / "model.pth"
    torch.save(torch.nn.Linear(2, 2), file)  # a pickled module
    with pytest.raises(UserError, match="could run foreign code"):
        make(digits, file)
    torch.save([torch.zeros(2)], file)
    with pytest.raises(UserError, match="holds no weights by name"):
        make(digits, file)
    file.write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(UserError, match="damaged, or something else"):
        make(digits, file)


def test_images_that_are_neither_grey_nor_color_are_refused(weights):
    with pytest.raises(UserError, match="Images of 2 channels are neither grey nor color"):
        make(ExtractorData(torch.zeros(2, 2, 8, 8, dtype=torch.uint8)), weights)
