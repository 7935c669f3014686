"""The run over all checks, and the dry run that shows what D returns."""

import pytest
import torch
from helpers.games import DiracDiscriminator, DiracGenerator, SmallDiscriminator, SmallGenerator, make_game
from helpers.runs import prepared
from torch import nn

from gan_zoo.errors import UserError
from gan_zoo.preflight import Finding, base, dry_run, preflight
from gan_zoo.preflight.base import modules, parametrized
from gan_zoo.stabilizers.base import STABILIZERS
from gan_zoo.stabilizers.spectral_norm import SpectralNorm
from gan_zoo.types import DataSpec


def say(*findings):
    return lambda subject: iter(findings)


def test_all_errors_stop_the_run_together(monkeypatch):
    checks = [
        say(Finding("one")),
        say(Finding("a note", is_error=False)),
        say(Finding("two"), Finding("three")),
    ]
    monkeypatch.setattr(base, "CHECKS", checks)
    with pytest.raises(UserError) as refused:
        preflight(None)
    assert str(refused.value) == "one\ntwo\nthree"


def test_warnings_are_returned(monkeypatch):
    monkeypatch.setattr(base, "CHECKS", [say(), say(Finding("a note", is_error=False))])
    assert preflight(None) == ["a note"]


def test_a_run_that_passes_returns_its_warnings():
    assert prepared("mlp", "loss=js")[2] == []
    (warning,) = prepared("mlp", "loss=unrolled", "loss.steps=11")[2]
    assert "Look-ahead of 11 steps" in warning


@pytest.mark.parametrize("packs", [1, 3])
def test_the_dry_run_shows_two_packs_and_changes_nothing(packs):
    module, _, _ = prepared(
        "acgan", *(["stabilizer=[packing]", f"stabilizer.packing.packs={packs}"] if packs > 1 else [])
    )
    before = {key: value.clone() for key, value in module.state_dict().items()}
    output = dry_run(module.game)
    assert output.score.shape == (2,)
    assert output.heads["classes"].shape == (2, 10)
    assert all(torch.equal(value, before[key]) for key, value in module.state_dict().items())
    assert all(network.training for network in module.game.networks.values())


def test_a_generator_of_another_shape_than_the_data_is_refused():
    game = make_game(DiracGenerator(), DiracDiscriminator(), "js")
    assert dry_run(game).score.shape == (2,)
    game.spec = DataSpec("triples", (3,))
    with pytest.raises(UserError, match=r"samples of shape \(1,\), the data 'triples' have \(3,\)"):
        dry_run(game)


def test_layers_are_found_by_kind():
    network = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.BatchNorm1d(2), nn.Tanh()))
    assert modules(network, nn.BatchNorm1d) == ["1.0"]
    assert parametrized(network, SpectralNorm) == []
    game = make_game(SmallGenerator(), SmallDiscriminator(), "js")
    discriminator = game.networks["discriminator"]
    discriminator.net[2] = STABILIZERS.build("spectral_norm")._normalize(discriminator.net[2], 1.0)
    assert parametrized(discriminator, SpectralNorm) == ["net.2"]
