"""Laws that every registered stabilizer keeps; registering one subscribes it."""

from __future__ import annotations

import copy
import inspect
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from torch import Tensor, nn

import gan_zoo.stabilizers  # noqa: F401
from gan_zoo.draws import Draws
from gan_zoo.errors import UserError
from gan_zoo.recipe import Recipe
from gan_zoo.stabilizers.base import STABILIZERS, Progress, Stabilizer
from gan_zoo.types import DISCRIMINATOR, GENERATOR, PlayerName

CONFIGS = Path(__file__).parents[2] / "conf" / "stabilizer"
NAMES = list(STABILIZERS)


class TinyNetwork(nn.Module):
    """Asks its recipe for every kind of layer that a network may ask for."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.latent = recipe.latent_layers()
        self.first = recipe.hidden(recipe.conv(2, 4, 3), 4)
        self.statistics, channels = recipe.statistics_layers(4, 8)
        self.last = recipe.conv(channels, 2, 3, gain=1.0)

    def forward(self, x: Tensor) -> Tensor:
        """Map `[B, 2, 8, 8]` to the same shape."""
        return self.last(self.statistics(self.first(self.latent(x))))


def build(name: str) -> Stabilizer:
    return STABILIZERS.build(name, **{k: v for k, v in config_of(name).items() if k != "name"})


def config_of(name: str) -> dict[str, Any]:
    return yaml.safe_load((CONFIGS / f"{name}.yaml").read_text())[name]


def networks_of(stabilizer: Stabilizer) -> dict[PlayerName, nn.Module]:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return {role: TinyNetwork(stabilizer.edit(Recipe(role))) for role in (GENERATOR, DISCRIMINATOR)}


def images(count: int = 8, **options: Any) -> Tensor:
    source = torch.Generator().manual_seed(1)
    return torch.randn(count, 2, 8, 8, generator=source, dtype=torch.float64, **options)


@pytest.mark.parametrize("name", NAMES)
def test_the_yaml_file_has_the_name_and_every_argument_at_its_default(name: str) -> None:
    text = (CONFIGS / f"{name}.yaml").read_text()
    assert text.startswith("# ")
    assert "arXiv:" in text.splitlines()[0]
    config = yaml.safe_load(text)
    assert list(config) == [name]
    assert config[name].pop("name") == name
    defaults = {key: parameter.default for key, parameter in STABILIZERS.parameters(name).items()}
    as_lists = {key: list(value) if isinstance(value, tuple) else value for key, value in defaults.items()}
    assert config[name] == as_lists


def test_no_yaml_file_is_without_a_stabilizer() -> None:
    assert {path.stem for path in CONFIGS.glob("*.yaml")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_documented(name: str) -> None:
    part = STABILIZERS[name]
    assert part.__module__.rsplit(".", 1)[1] == name
    first, *rest = inspect.getdoc(part).splitlines()
    assert first.endswith(".")
    assert len(first) <= 110
    assert not rest or rest[0] == ""
    assert "arXiv:" in inspect.getdoc(inspect.getmodule(part))


@pytest.mark.parametrize("name", NAMES)
def test_unknown_parameters_are_refused(name: str) -> None:
    with pytest.raises(UserError, match="no parameter 'strenght'"):
        STABILIZERS.build(name, strenght=1.0)


@pytest.mark.parametrize("name", NAMES)
def test_changed_says_whether_the_recipe_was_edited(name: str) -> None:
    stabilizer = build(name)
    plain = {role: TinyNetwork(Recipe(role)) for role in (GENERATOR, DISCRIMINATOR)}
    assert not any(stabilizer.changed(network, role) for role, network in plain.items())
    edited = networks_of(stabilizer)
    edits = type(stabilizer).edit is not Stabilizer.edit
    assert any(stabilizer.changed(network, role) for role, network in edited.items()) == edits


@pytest.mark.parametrize("name", NAMES)
def test_edited_networks_train_in_every_parameter(name: str) -> None:
    for network in networks_of(build(name)).values():
        network(images().float()).square().sum().backward()
        for path, parameter in network.named_parameters():
            assert parameter.grad is not None, path
            assert parameter.grad.isfinite().all(), path
            assert parameter.grad.abs().sum() > 0.0, path


@pytest.mark.parametrize("name", NAMES)
def test_edited_networks_keep_type_and_strides_under_bf16(name: str) -> None:
    x = images().float().contiguous(memory_format=torch.channels_last)
    for network in networks_of(build(name)).values():
        network = network.to(memory_format=torch.channels_last)
        exact = network.eval()(x)
        with torch.autocast("cpu", torch.bfloat16):
            hidden = network.statistics(network.first(network.latent(x)))
            rounded = network(x)
        assert hidden.is_contiguous(memory_format=torch.channels_last)
        assert hidden.dtype == torch.bfloat16
        torch.testing.assert_close(rounded.float(), exact, rtol=0.1, atol=0.1)


@pytest.mark.parametrize("name", NAMES)
def test_edited_networks_can_be_copied_and_loaded(name: str) -> None:
    for network in networks_of(build(name)).values():
        network(images().float())
        twin = copy.deepcopy(network)
        twin.load_state_dict(network.state_dict())
        torch.testing.assert_close(twin.eval()(images().float()), network.eval()(images().float()))


@pytest.mark.parametrize("name", NAMES)
def test_the_view_is_differentiable_and_packs_rows(name: str) -> None:
    stabilizer, draws = build(name), Draws(0)
    packs = stabilizer.packs
    samples = images(8, requires_grad=True)
    with draws.at("turn", 0):
        seen = stabilizer.view(samples, draws, 0.0)
    assert seen.shape == (8 // packs, 2 * packs, 8, 8)
    assert seen.dtype == samples.dtype
    (gradient,) = torch.autograd.grad(seen.square().sum(), samples, create_graph=True)
    assert gradient.isfinite().all()
    assert gradient.abs().sum() > 0.0
    assert torch.autograd.grad(gradient.square().sum(), samples)[0].isfinite().all()
    assert stabilizer.changes_view() == (seen.shape != samples.shape or not torch.equal(seen, samples))


@pytest.mark.parametrize("name", NAMES)
def test_the_view_is_a_function_of_the_position_alone(name: str) -> None:
    stabilizer, seen = build(name), {}
    positions = {"a": (0, "real"), "again": (0, "real"), "later": (1, "real"), "other": (0, "fake")}
    for key, position in positions.items():
        draws = Draws(3)
        draws.uniform((4,), "elsewhere", device="cpu")
        torch.rand(3)
        with draws.at(*position):
            seen[key] = stabilizer.view(images(), draws, 0.0)
    assert torch.equal(seen["a"], seen["again"])
    if stabilizer.changes_view() and stabilizer.packs == 1:
        assert not torch.equal(seen["a"], seen["later"])
        assert not torch.equal(seen["a"], seen["other"])


@pytest.mark.parametrize("name", NAMES)
def test_processes_together_see_what_one_would(name: str) -> None:
    stabilizer = build(name)
    if stabilizer.packs > 1:
        pytest.skip("packs are whole on each process")
    whole = stabilizer.view(images(), Draws(0), 0.0)
    for rank in range(2):
        part = stabilizer.view(images()[rank::2], Draws(0, rank, 2), 0.0)
        torch.testing.assert_close(part, whole[rank::2])


@pytest.mark.parametrize("name", NAMES)
def test_it_survives_a_checkpoint(name: str, tmp_path: Path) -> None:
    def step(stabilizer: Stabilizer, networks: dict[PlayerName, nn.Module], seen: int) -> None:
        for network in networks.values():
            for parameter in network.parameters():
                parameter.data.mul_(1.01)
        for player in (DISCRIMINATOR, GENERATOR):
            stabilizer.after_step(player, Progress(seen, seen))

    first, second = build(name), build(name)
    networks = networks_of(first)
    first.start(networks)
    step(first, networks, 100)
    torch.save(first.state_dict(), tmp_path / "state.pt")
    twins = copy.deepcopy(networks)
    second.start(twins)
    second.load_state_dict(torch.load(tmp_path / "state.pt", weights_only=True))
    step(first, networks, 230)
    step(second, twins, 230)
    torch.testing.assert_close(first.state_dict(), second.state_dict(), rtol=0, atol=0)
    for role in networks:
        torch.testing.assert_close(networks[role].state_dict(), twins[role].state_dict(), rtol=0, atol=0)


@pytest.mark.parametrize("name", NAMES)
def test_after_a_step_constrain_changes_nothing_more(name: str) -> None:
    stabilizer = build(name)
    networks = networks_of(stabilizer)
    stabilizer.start(networks)
    with torch.no_grad():
        for parameter in networks[DISCRIMINATOR].parameters():
            parameter.mul_(100.0)
    before = {
        key: parameter.detach().clone() for key, parameter in networks[DISCRIMINATOR].named_parameters()
    }
    expected = {key: stabilizer.constrain(key, weight) for key, weight in before.items()}
    stabilizer.after_step(DISCRIMINATOR, Progress(1, 1))
    for key, parameter in networks[DISCRIMINATOR].named_parameters():
        torch.testing.assert_close(parameter.detach(), expected[key])
