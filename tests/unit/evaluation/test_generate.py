import pytest
import torch
from torch import nn

from gan_zoo.errors import UserError
from gan_zoo.evaluation import generate as module
from gan_zoo.evaluation.generate import PATHS, STEPS, generate, real_paths, walk
from gan_zoo.evaluation.sets import SampleSet
from gan_zoo.networks.base import Generator
from gan_zoo.recipe import Recipe
from gan_zoo.types import DataSpec


class Echo(Generator):
    """Shows its first latent, plus ten times the label."""

    def __init__(self, shape, classes=0, prior="normal"):
        super().__init__(Recipe("generator"), shape, 3, classes)
        self.latent_prior = prior
        self.weight = nn.Parameter(torch.ones(()))

    def forward(self, latents, labels=None, **condition):
        value = latents[:, 0] * self.weight
        value = value if labels is None else value + 10.0 * labels
        full = value.reshape(-1, *[1] * len(self.shape)).expand(-1, *self.shape)
        return full[..., ::2, ::2] if condition.get("half") else full


POINTS = DataSpec("ring", (2,), 0, (), 5.0)
IMAGES = DataSpec("tiny", (1, 4, 4))


def test_the_same_arguments_give_the_same_samples_whatever_the_batch(monkeypatch):
    first = generate(Echo((2,)), POINTS, 7, 3)
    monkeypatch.setattr(module, "BATCH", 2)
    assert torch.equal(generate(Echo((2,)), POINTS, 7, 3).values, first.values)
    assert not torch.equal(generate(Echo((2,)), POINTS, 7, 4).values, first.values)


def test_vectors_are_in_data_units_and_images_are_uint8():
    assert generate(Echo((2,)), POINTS, 500, 0).values.std() == pytest.approx(5.0, rel=0.2)
    images = generate(Echo((1, 4, 4)), IMAGES, 5, 0).values
    assert (images.dtype, tuple(images.shape)) == (torch.uint8, (5, 1, 4, 4))


def test_labels_are_as_frequent_as_the_real_ones():
    spec = DataSpec("tiny", (2,), 4, (), 5.0)
    real = torch.tensor([3, 3, 3, 1])
    found = generate(Echo((2,), 4), spec, 8, 0, real)
    assert found.labels.bincount(minlength=4).tolist() == [0, 2, 0, 6]
    assert torch.equal((found.values[:, 0] / 50.0).round().long().clamp(0, 3), found.labels)
    assert generate(Echo((2,), 4), spec, 8, 0).labels.tolist() == [0, 1, 2, 3, 0, 1, 2, 3]


def test_small_levels_of_growth_are_enlarged_and_it_is_said():
    network = Echo((1, 4, 4))
    found = generate(network, IMAGES, 2, 0, call=lambda z, y: network(z, y, half=True))
    assert tuple(found.values.shape) == (2, 1, 4, 4)
    assert "enlarged from 2 to 4 pixels" in found.origin


def test_a_diverged_generator_is_refused():
    network = Echo((1, 4, 4))
    network.weight.data.fill_(float("nan"))
    with pytest.raises(UserError, match=r"6 of 6 generated samples .* not finite.*earlier checkpoint"):
        generate(network, IMAGES, 6, 0)


def test_a_bar_counts_images_on_a_terminal_where_asked_for(monkeypatch, capsys):
    generate(Echo((2,)), POINTS, 7, 3, paths=True, show_progress=True)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    generate(Echo((2,)), POINTS, 7, 3, paths=True)
    assert capsys.readouterr().err == ""
    generate(Echo((2,)), POINTS, 7, 3, paths=True, show_progress=True)
    shown = capsys.readouterr().err
    assert "Generating" in shown
    assert "/7" in shown


def test_no_global_random_state_is_touched():
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    generate(Echo((2,)), POINTS, 7, 3, paths=True)
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("prior", ["normal", "uniform"])
def test_paths_lead_from_one_latent_to_another(prior):
    found = generate(Echo((2,), prior=prior), POINTS, 3, 0, paths=True)
    assert tuple(found.paths.shape) == (PATHS, STEPS, 2)
    ends = torch.randn(2, 4, 3, generator=torch.Generator().manual_seed(0))
    way = walk(ends[0], ends[1], prior)
    assert torch.allclose(way[:, 0], ends[0], atol=1e-5)
    assert torch.allclose(way[:, -1], ends[1], atol=1e-5)


def test_signs_do_not_change_along_a_path():
    ends = torch.randn(2, 4, 3, generator=torch.Generator().manual_seed(0))
    way = walk(ends[0], ends[1], "signs_2")
    assert torch.equal(way[:, :, :2], ends[0][:, None, :2].expand(-1, STEPS, -1))
    assert torch.allclose(way[:, -1, 2], ends[1][:, 2], atol=1e-5)


@pytest.mark.parametrize("jump", [True, False])
def test_real_paths_fade_or_jump(jump):
    real = SampleSet((torch.arange(2 * PATHS).float() * 4 % 256).to(torch.uint8).reshape(-1, 1, 1, 1))
    paths = real_paths(real, jump).paths
    assert (paths.dtype, tuple(paths.shape)) == (torch.uint8, (PATHS, STEPS, 1, 1, 1))
    steps = paths.flatten(2).float().diff(dim=1).abs()[:, :, 0]
    moving = (steps > 0).sum(dim=1)
    assert (moving == 1).all() if jump else (moving > 10).all()
