"""Laws of every registered generator and discriminator; registering an architecture subscribes it."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from gan_zoo.errors import UserError
from gan_zoo.networks import DISCRIMINATORS, GENERATORS
from gan_zoo.networks.base import Discriminator, Generator
from gan_zoo.recipe import Recipe
from gan_zoo.types import CriticOutput

LATENT, BATCH, CLASSES = 8, 4, 3
SHAPES = [(2,), (1, 32, 32), (3, 64, 64)]
SMALL = {"width": 4, "hidden": [16, 16], "fmap_base": 128, "fmap_max": 8}


def _recipe(registry: Any, name: str, role: Any, **changes: Any) -> Recipe:
    fixed = {"normalization": "none", "activation": "leaky_relu", "initialization": "default"}
    return Recipe(role, **{**fixed, **registry[name].default_recipe, **changes})


def _arguments(registry: Any, name: str, classes: int) -> dict[str, Any]:
    known = registry.parameters(name)
    arguments = {key: value for key, value in SMALL.items() if key in known}
    if "conditioning" in known and classes:
        arguments["conditioning"] = "concat"
    return arguments


def make(
    registry: Any, name: str, shape: tuple[int, ...], classes: int, edit: Any = None, **changes: Any
) -> Any:
    """Build a small network from a fixed seed."""
    generates = registry is GENERATORS
    recipe = _recipe(registry, name, "generator" if generates else "discriminator", **changes)
    recipe = edit(recipe) if edit else recipe
    positional = (shape, LATENT, classes) if generates else (shape, classes)
    torch.manual_seed(0)
    return registry.build(name, recipe, *positional, **_arguments(registry, name, classes))


def _accepts(name: str, shape: tuple[int, ...]) -> bool:
    try:
        make(GENERATORS, name, shape, 0)
    except UserError as error:
        return "model=mlp" not in str(error)  # a network that refuses vectors says what takes them
    return True


ACCEPTED = [(name, shape) for name in GENERATORS for shape in SHAPES if _accepts(name, shape)]
CASES = [(name, shape, classes) for name, shape in ACCEPTED for classes in (0, CLASSES)]
IMAGE_CASES = [case for case in CASES if len(case[1]) == 3]


def inputs(shape: tuple[int, ...], classes: int, seed: int = 1) -> tuple[Tensor, Tensor, Tensor | None]:
    """Return latents, samples in [-1, 1] and labels."""
    source = torch.Generator().manual_seed(seed)
    latents = torch.randn(BATCH, LATENT, generator=source)
    samples = torch.rand(BATCH, *shape, generator=source) * 2.0 - 1.0
    return latents, samples, torch.arange(BATCH) % CLASSES if classes else None


class AppendMean(nn.Module):
    """One more channel or number, as batch statistics add."""

    extra_channels = 1

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, x.mean(1, keepdim=True)], dim=1)


def test_both_players_exist_under_each_name_and_accept_the_same_shapes() -> None:
    assert list(GENERATORS) == list(DISCRIMINATORS)
    assert {name for name, _ in ACCEPTED} == set(GENERATORS)
    for name, shape in ACCEPTED:
        make(DISCRIMINATORS, name, shape, 0)


@pytest.mark.parametrize(("name", "shape", "classes"), CASES)
def test_generator_makes_samples_of_the_datas_shape(name: str, shape: tuple[int, ...], classes: int) -> None:
    generator: Generator = make(GENERATORS, name, shape, classes)
    latents, _, labels = inputs(shape, classes)
    samples = generator(latents, labels)
    assert samples.shape == (BATCH, *shape)
    assert torch.isfinite(samples).all()
    assert generator.classes == classes


@pytest.mark.parametrize(("name", "shape", "classes"), CASES)
def test_discriminator_gives_scores_features_and_heads(
    name: str, shape: tuple[int, ...], classes: int
) -> None:
    discriminator: Discriminator = make(DISCRIMINATORS, name, shape, classes)
    _, samples, labels = inputs(shape, classes)
    output = discriminator(samples, labels)
    assert isinstance(output, CriticOutput)
    assert output.score.shape == (BATCH,)
    assert output.features
    assert all(len(feature) == BATCH for feature in output.features.values())
    assert all(head.shape == (BATCH, classes) for head in output.heads.values())


@pytest.mark.parametrize(("name", "shape", "classes"), CASES)
def test_every_parameter_gets_gradient(name: str, shape: tuple[int, ...], classes: int) -> None:
    generator, discriminator = (
        make(GENERATORS, name, shape, classes),
        make(DISCRIMINATORS, name, shape, classes),
    )
    latents, _, labels = inputs(shape, classes)
    # Growing networks train their old path only while it fades out.
    stages = [{"level": level, "fade": 0.5} for level in range(len(generator.levels))] or [{}]
    for stage in stages:
        output = discriminator(generator(latents, labels, **stage), labels, **stage)
        heads = sum(head.square().sum() for head in output.heads.values())
        (output.score.square().sum() + heads).backward()
    for network in (generator, discriminator):
        dead = [
            key for key, p in network.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0.0
        ]
        assert not dead


@pytest.mark.parametrize(("name", "shape", "classes"), CASES)
def test_samples_are_judged_one_by_one_in_eval(name: str, shape: tuple[int, ...], classes: int) -> None:
    discriminator = make(DISCRIMINATORS, name, shape, classes).eval()
    _, samples, labels = inputs(shape, classes)
    together = discriminator(samples, labels).score
    apart = [
        discriminator(samples[i : i + 1], None if labels is None else labels[i : i + 1]).score
        for i in range(BATCH)
    ]
    assert torch.allclose(together, torch.cat(apart), atol=1e-5)


@pytest.mark.parametrize(("name", "shape", "classes"), CASES)
def test_samples_do_not_mix_in_training_without_batch_norm(
    name: str, shape: tuple[int, ...], classes: int
) -> None:
    for normalization in ("none", "group"):
        discriminator = make(DISCRIMINATORS, name, shape, classes, normalization=normalization)
        for module in discriminator.modules():  # dropout has masks of its own for each sample
            if hasattr(module, "share"):
                module.share = 0.0
        _, samples, labels = inputs(shape, classes)
        samples.requires_grad_()
        (gradient,) = torch.autograd.grad(discriminator(samples, labels).score[0], samples)
        assert gradient[0].abs().sum() > 0.0
        assert gradient[1:].abs().sum() == 0.0


@pytest.mark.parametrize(("name", "shape", "classes"), IMAGE_CASES)
def test_channels_last_changes_no_number(name: str, shape: tuple[int, ...], classes: int) -> None:
    generator, discriminator = (
        make(GENERATORS, name, shape, classes),
        make(DISCRIMINATORS, name, shape, classes),
    )
    latents, samples, labels = inputs(shape, classes)
    discriminator.eval()  # dropout draws from the global generator outside a game
    before = generator(latents, labels), discriminator(samples, labels).score
    generator.to(memory_format=torch.channels_last)
    discriminator.to(memory_format=torch.channels_last)
    after = (
        generator(latents, labels),
        discriminator(samples.to(memory_format=torch.channels_last), labels).score,
    )
    for plain, last in zip(before, after, strict=True):
        assert torch.allclose(plain, last, atol=1e-4)


@pytest.mark.parametrize(("name", "shape", "classes"), CASES)
def test_same_seed_same_network_same_samples(name: str, shape: tuple[int, ...], classes: int) -> None:
    one, two = make(GENERATORS, name, shape, classes).eval(), make(GENERATORS, name, shape, classes).eval()
    assert torch.equal(one.sample(3, seed=5), two.sample(3, seed=5))
    assert not torch.equal(one.sample(3, seed=5), one.sample(3, seed=6))


@pytest.mark.parametrize("name", list(GENERATORS))
def test_conditional_samples_depend_on_the_label(name: str) -> None:
    generator = make(GENERATORS, name, (1, 32, 32), CLASSES).eval()
    latents, _, _ = inputs((1, 32, 32), CLASSES)
    zero, one = (generator(latents, torch.full((BATCH,), label)) for label in (0, 1))
    assert not torch.equal(zero, one)
    with pytest.raises(UserError, match="hand it labels"):
        generator(latents)


@pytest.mark.parametrize(("name", "shape", "classes"), CASES)
def test_stabilizers_layers_reach_the_networks(name: str, shape: tuple[int, ...], classes: int) -> None:
    """Weight transforms see every weight matrix; epilogues, latent layers and statistics run."""
    seen: list[int] = []

    def record(layer: nn.Module, gain: float) -> nn.Module:
        seen.append(id(layer))
        return layer

    def edit(recipe: Recipe) -> Recipe:
        recipe = recipe.with_added(weight=record, epilogue=nn.Softsign, latent=nn.Softsign)
        return recipe.with_added(statistics=lambda channels, size: AppendMean())

    latents, samples, labels = inputs(shape, classes)
    networks = [make(registry, name, shape, classes, edit) for registry in (GENERATORS, DISCRIMINATORS)]
    assert torch.isfinite(networks[0](latents, labels)).all()
    assert torch.isfinite(networks[1](samples, labels).score).all()
    for network in networks:
        kinds = {type(module) for module in network.modules()}
        assert nn.Softsign in kinds
        layers = [m for m in network.modules() if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear))]
        assert all(id(layer) in seen for layer in layers)
    assert any(isinstance(module, AppendMean) for module in networks[1].modules())


@pytest.mark.parametrize(("name", "shape", "classes"), CASES)
def test_discriminators_differentiate_twice(name: str, shape: tuple[int, ...], classes: int) -> None:
    discriminator = make(DISCRIMINATORS, name, shape, classes, normalization="none")
    _, samples, labels = inputs(shape, classes)
    samples.requires_grad_()
    (gradient,) = torch.autograd.grad(discriminator(samples, labels).score.sum(), samples, create_graph=True)
    gradient.square().sum().backward()
    graded = [p for p in discriminator.parameters() if p.grad is not None and p.grad.abs().sum() > 0.0]
    assert graded


@pytest.mark.parametrize("name", list(DISCRIMINATORS))
def test_packed_samples_are_judged(name: str) -> None:
    discriminator = make(DISCRIMINATORS, name, (3 * 2, 32, 32), CLASSES)
    assert discriminator(torch.randn(BATCH, 6, 32, 32), torch.arange(BATCH) % CLASSES).score.shape == (BATCH,)
