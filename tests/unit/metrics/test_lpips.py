"""LPIPS with a random trunk against torchmetrics; nothing runs without a trunk or under a false name."""

import pytest
import torch
from torchmetrics.functional.image.lpips import _LPIPS

from gan_zoo.errors import UserError
from gan_zoo.metrics import Lpips
from gan_zoo.metrics.functional import lpips_diversity
from gan_zoo.metrics.learned_similarity import LearnedSimilarity, alexnet_features


@pytest.fixture(scope="module")
def trunk(tmp_path_factory):
    """Return a file in torchvision's form with random weights."""
    path = tmp_path_factory.mktemp("weights") / "trunk.pth"
    with torch.random.fork_rng():
        torch.manual_seed(0)
        layers = alexnet_features()
    torch.save({f"features.{name}": value for name, value in layers.state_dict().items()}, path)
    return path


def images(count, channels=3, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(256, (count, channels, 40, 36), generator=generator).byte()


def test_against_torchmetrics(trunk):
    reference = _LPIPS(net="alex", pnet_rand=True)
    values = torch.load(trunk, weights_only=True).values()
    parameters = list(reference.net.parameters())
    assert len(parameters) == len(values)
    for parameter, value in zip(parameters, values, strict=True):
        parameter.copy_(value)
    first, second = images(3), images(3, seed=1)
    with torch.no_grad():
        expected = reference(first / 127.5 - 1.0, second / 127.5 - 1.0).flatten()
    found = LearnedSimilarity(trunk, canonical=False)(first, second)
    torch.testing.assert_close(found, expected.double(), rtol=1e-4, atol=1e-7)
    assert found.min() > 0.0


def test_diversity_falls_under_collapse_and_within_classes(trunk):
    real = images(12, 1)
    found = [
        lpips_diversity(real[torch.arange(12) % unique], trunk, 60, canonical=False) for unique in (12, 3, 1)
    ]
    assert found == sorted(found, reverse=True)
    assert found[-1] == 0.0
    labels = torch.arange(12) % 3
    assert lpips_diversity(real[labels], trunk, 5, labels, canonical=False) == 0.0


def test_draws_nothing_from_the_global_generator(trunk):
    before = torch.get_rng_state()
    lpips_diversity(images(4), trunk, 2, canonical=False)
    assert torch.equal(torch.get_rng_state(), before)


def test_refuses_to_run_without_the_canonical_weights(trunk, tmp_path):
    with pytest.raises(UserError, match="never downloaded silently"):
        lpips_diversity(images(4), None, 2)
    with pytest.raises(UserError, match="never downloaded silently"):
        Lpips()
    with pytest.raises(UserError, match="there is no file"):
        lpips_diversity(images(4), tmp_path / "missing.pth", 2)
    with pytest.raises(UserError, match="expected alexnet-owt-7be5be79"):
        lpips_diversity(images(4), trunk, 2)


def test_refuses_other_files_and_small_images(trunk, tmp_path):
    text, other = tmp_path / "text.pth", tmp_path / "other.pth"
    text.write_text("no weights")
    torch.save({"features.0.weight": torch.zeros(3)}, other)
    with pytest.raises(UserError, match="no file of torch weights"):
        lpips_diversity(images(4), text, 2, canonical=False)
    with pytest.raises(UserError, match="does not hold torchvision's AlexNet"):
        lpips_diversity(images(4), other, 2, canonical=False)
    with pytest.raises(UserError, match="at least 32x32"):
        lpips_diversity(images(4)[:, :, :30], trunk, 2, canonical=False)
    with pytest.raises(UserError, match="grey or color"):
        lpips_diversity(images(4, channels=2), trunk, 2, canonical=False)
