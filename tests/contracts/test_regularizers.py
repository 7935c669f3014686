"""Laws of every registered regularizer."""

import inspect
from pathlib import Path

import pytest
import torch
import yaml

from gan_zoo.errors import UserError
from gan_zoo.regularizers import REGULARIZERS
from gan_zoo.types import CriticOutput

CONF = Path(__file__).parents[2] / "conf" / "regularizer"
ROOT = Path(__file__).parents[2] / "gan_zoo" / "regularizers"
NAMES = list(REGULARIZERS)
CASES = [(name, player) for name in NAMES for player in REGULARIZERS[name].players]
OWN = {"generator": "theta", "discriminator": "hidden"}  # a parameter of each player


class Turn:
    """A tiny game in `dtype`: two linear maps as G, a hidden layer, a score and a class head as D."""

    kimg = 0.0
    packs = 1

    def __init__(self, pairs, dtype=torch.float64):
        source = torch.Generator().manual_seed(3)
        shapes = {"theta": (3, 5), "hidden": (5, 6), "score": (6,), "classes": (6, 4)}
        self.parameters = {
            name: torch.randn(shape, generator=source).to(dtype).requires_grad_()
            for name, shape in shapes.items()
        }
        fakes = 8 if pairs else 4
        latents = torch.randn(fakes, 3, generator=source).to(dtype)
        self.values = {
            "real": torch.randn(4, 5, generator=source).to(dtype),
            "latents": latents,
            "fake": (latents @ self.parameters["theta"]).tanh(),
            "labels": torch.tensor([0, 1, 2, 3]),
            "fake_labels": torch.tensor([3, 1, 0, 2]).repeat(fakes // 4),
        }

    def judge(self, samples):
        features = (samples @ self.parameters["hidden"]).tanh()
        heads = {"classes": features @ self.parameters["classes"]}
        return CriticOutput(features @ self.parameters["score"], {"hidden": features}, heads)

    def __getitem__(self, name):
        if name in self.values:
            return self.values[name]
        which, kind = name.split("_")
        output = self.judge(self.values[which])
        return output if kind == "output" else output.score

    def differentiable(self, name):
        samples = self.values[name]
        samples = samples if samples.requires_grad else samples.detach().requires_grad_()
        return samples, self.judge(samples).score

    def differentiable_score(self, samples, labels):
        assert len(labels) == len(samples)
        return self.judge(samples).score

    def uniform(self, shape, purpose):
        return torch.rand(shape, generator=torch.Generator().manual_seed(len(purpose)))


@pytest.mark.parametrize(("name", "player"), CASES)
def test_gives_one_finite_number_per_sample_or_one_where_coupled(name, player):
    term = REGULARIZERS.build(name)
    for pairs in {term.latent_pairs, True}:
        value = term(Turn(pairs), player)
        assert value.shape in ([()] if term.coupled else [(4,), (8,)])
        assert torch.isfinite(value).all()


@pytest.mark.parametrize(("name", "player"), CASES)
def test_moves_the_player_whose_term_it_is(name, player):
    term = REGULARIZERS.build(name)
    turn = Turn(term.latent_pairs)
    term(turn, player).mean().backward()
    assert turn.parameters[OWN[player]].grad.abs().sum() > 0
    assert all(torch.isfinite(p.grad).all() for p in turn.parameters.values() if p.grad is not None)


@pytest.mark.parametrize(("name", "player"), CASES)
def test_is_differentiable_twice_for_look_ahead(name, player):
    term = REGULARIZERS.build(name)
    turn = Turn(term.latent_pairs)
    own = turn.parameters[OWN[player]]
    (first,) = torch.autograd.grad(term(turn, player).mean(), own, create_graph=True)
    (second,) = torch.autograd.grad(first.square().sum(), own)
    assert torch.isfinite(second).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_penalty_of_the_input_gradient_declares_it(name):
    """What calls for a gradient with respect to samples is `input_gradient`, and nothing else is."""
    term = REGULARIZERS.build(name)
    asked = []
    turn = Turn(term.latent_pairs)
    turn.differentiable = lambda which: asked.append(which) or Turn.differentiable(turn, which)
    turn.differentiable_score = lambda *given: asked.append("any") or Turn.differentiable_score(turn, *given)
    term(turn, term.players[0])
    assert bool(asked) == term.input_gradient
    assert set(asked) - {"any"} == set(term.differentiates)


@pytest.mark.parametrize("name", NAMES)
def test_weight_may_be_a_schedule_and_interval_is_checked(name):
    schedule = {"kind": "linear", "start": 0.0, "end": 2.0, "start_kimg": 0.0, "end_kimg": 4.0}
    assert REGULARIZERS.build(name, weight=schedule).weight(1.0) == 0.5
    for interval in (0, 1.5, True, "all"):
        with pytest.raises(UserError, match="interval"):
            REGULARIZERS.build(name, interval=interval)
    with pytest.raises(UserError, match="number"):
        REGULARIZERS.build(name, weight="heavy")
    with pytest.raises(UserError, match="no parameter"):
        REGULARIZERS.build(name, no_such_parameter=1)


@pytest.mark.parametrize("name", NAMES)
def test_yaml_lists_exactly_the_arguments_and_their_defaults(name):
    config = yaml.safe_load((CONF / f"{name}.yaml").read_text())
    assert set(config) == {name}
    options = config[name]
    assert options.pop("name") == name
    parameters = REGULARIZERS.parameters(name)
    assert options == {key: parameter.default for key, parameter in parameters.items()}
    REGULARIZERS.build(name, **options)


@pytest.mark.parametrize("name", NAMES)
def test_documents_itself(name):
    part = REGULARIZERS[name]
    assert Path(inspect.getfile(part)).stem == name
    assert inspect.getdoc(part).splitlines()[0].endswith(".")
    assert "arXiv:" in inspect.getmodule(part).__doc__


def test_files_yamls_and_registry_agree():
    files = {path.stem for path in ROOT.glob("*.py")} - {"__init__", "base"}
    assert files == set(NAMES) == {path.stem for path in CONF.glob("*.yaml")}
