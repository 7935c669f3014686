"""The canonical Inception: only its own weights, checked before they are read, make a FID."""

import hashlib
import io
import sys
import types

import pytest
import torch

from gan_zoo.errors import UserError
from gan_zoo.extractors import ExtractorData, Inception, metric_name
from gan_zoo.extractors import inception as module

MODULE = "torch_fidelity.feature_extractor_inceptionv3"


class FakeInception(torch.nn.Module):
    """Has torch-fidelity's interface, and a linear layer for a network."""

    def __init__(self, name, features_list, feature_extractor_weights_path=None):
        super().__init__()
        self.pool, self.fc = torch.nn.Linear(3, 2048), torch.nn.Linear(2048, 1008)
        assert features_list == ["2048", "logits_unbiased"]
        self.load_state_dict(torch.load(feature_extractor_weights_path, weights_only=True))

    def forward(self, images):
        assert images.dtype == torch.uint8
        assert images.shape[1] == 3
        features = self.pool(images.float().mean((2, 3)) / 255)
        return features, features @ self.fc.weight.T


@pytest.fixture
def torch_fidelity(monkeypatch):
    fake = types.ModuleType(MODULE)
    fake.FeatureExtractorInceptionV3 = FakeInception
    monkeypatch.setitem(sys.modules, "torch_fidelity", types.ModuleType("torch_fidelity"))
    monkeypatch.setitem(sys.modules, MODULE, fake)


@pytest.fixture
def weights(tmp_path, monkeypatch):
    """A file that passes for the canonical one."""
    buffer = io.BytesIO()
    with torch.random.fork_rng(devices=[]):
        state = torch.nn.ModuleDict({"pool": torch.nn.Linear(3, 2048), "fc": torch.nn.Linear(2048, 1008)})
    torch.save(state.state_dict(), buffer)
    path = tmp_path / "weights.pth"
    path.write_bytes(buffer.getvalue())
    monkeypatch.setattr(module, "DIGEST", hashlib.sha256(buffer.getvalue()).hexdigest()[:8])
    return path


def test_with_canonical_weights_numbers_have_their_reserved_names(digits, torch_fidelity, weights):
    extractor = Inception(digits, weights=weights)
    assert extractor.canonical
    assert [metric_name(name, extractor) for name in ("fd", "kd", "cs")] == ["FID", "KID", "IS"]
    assert extractor.id == f"inception-2015_12_05-pool3-2048@{module.DIGEST}"
    assert extractor.protocol()["sha256"].startswith(module.DIGEST)
    assert "TensorFlow" in extractor.protocol()["resize"]


def test_grey_is_repeated_and_scores_have_no_bias(digits, torch_fidelity, weights):
    extractor = Inception(digits, weights=weights, batch_size=4)
    images = digits.held_out_images[:6]
    assert extractor.features(images).shape == (6, 2048)
    network = extractor.network.network
    features = network.pool((images.float().mean((2, 3)) / 255).expand(-1, 3))
    expected = (features @ network.fc.weight.T).softmax(1)
    torch.testing.assert_close(extractor.probabilities(images).float(), expected, rtol=1e-4, atol=1e-6)


def test_other_weights_are_refused_before_anything_is_read(digits, torch_fidelity, weights, monkeypatch):
    monkeypatch.undo()  # the true digest again
    monkeypatch.setattr(torch, "load", lambda *call, **options: pytest.fail("was read"))
    with pytest.raises(UserError, match="is not the canonical Inception: its SHA-256 starts with") as caught:
        Inception(digits, weights=weights)
    assert "6726825d" in str(caught.value)
    assert "extractor=torchvision_network" in str(caught.value)


@pytest.mark.parametrize("given", [None, "nowhere.pth"])
def test_without_the_file_the_message_says_which_and_where_from(digits, given):
    with pytest.raises(
        UserError, match=r"Get weights-inception-2015-12-05-6726825d\.pth from https://github"
    ):
        Inception(digits, weights=given)


def test_without_torch_fidelity_the_message_says_what_to_install(digits, weights, monkeypatch):
    monkeypatch.setitem(sys.modules, MODULE, None)
    with pytest.raises(UserError, match=r"pip install 'gan-zoo\[metrics\]'"):
        Inception(digits, weights=weights)


def test_a_file_with_the_right_hash_and_code_inside_is_refused(digits, torch_fidelity, tmp_path, monkeypatch):
    path = tmp_path / "weights.pth"
    torch.save({"pool": torch.nn.Linear(1, 1)}, path)
    monkeypatch.setattr(module, "DIGEST", hashlib.sha256(path.read_bytes()).hexdigest()[:8])
    with pytest.raises(UserError, match="could run foreign code"):
        Inception(digits, weights=path)


def test_weights_that_do_not_fit_are_refused(digits, torch_fidelity, tmp_path, monkeypatch):
    path = tmp_path / "weights.pth"
    torch.save({"pool": torch.zeros(3)}, path)
    monkeypatch.setattr(module, "DIGEST", hashlib.sha256(path.read_bytes()).hexdigest()[:8])
    with pytest.raises(UserError, match="does not fit torch-fidelity's Inception"):
        Inception(digits, weights=path)


def test_images_that_are_neither_grey_nor_color_are_refused():
    with pytest.raises(UserError, match="neither grey nor color"):
        Inception(ExtractorData(torch.zeros(2, 4, 8, 8, dtype=torch.uint8)))


@pytest.mark.slow
def test_it_is_torch_fidelitys_network_bit_by_bit(digits, tmp_path, monkeypatch):
    real = pytest.importorskip(MODULE)

    class Untrained(real.FeatureExtractorInceptionV3):
        def load_state_dict(self, *call, **options):
            pass

    nothing = io.BytesIO()
    torch.save({}, nothing)
    nothing.seek(0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = Untrained("x", ["2048", "logits_unbiased"], feature_extractor_weights_path=nothing)
    path = tmp_path / "weights.pth"
    torch.save(network.state_dict(), path)
    monkeypatch.setattr(module, "DIGEST", hashlib.sha256(path.read_bytes()).hexdigest()[:8])
    images = digits.held_out_images[:3]
    extractor = Inception(digits, weights=path, batch_size=3)
    features, logits = network(images.expand(-1, 3, -1, -1).contiguous())
    assert torch.equal(extractor.features(images), features.double())
    assert torch.equal(extractor.probabilities(images), logits.double().softmax(1))
