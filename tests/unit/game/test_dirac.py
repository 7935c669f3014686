"""The Dirac-GAN (Mescheder et al. 2018, arXiv:1801.04406): which games of two parameters converge or cycle.

SGD at rate 0.1 from theta = psi = 1, so the start is at radius 1.41; predictions are in closed form or
measured once by an independent loop.
"""

import math

import pytest
import torch
from helpers.games import DiracDiscriminator, DiracGenerator, make_game

from gan_zoo.game.turns import CriticSchedule, Programme

SIMULTANEOUS = Programme(CriticSchedule(1), simultaneous=True)
ALTERNATING = Programme(CriticSchedule(1))
MINIMAX = {"objective": "js", "options": {"variant": "minimax"}, "inner": "sgd"}


def run(loss, arguments=None, regularizers=None, programme=SIMULTANEOUS, steps=1500):
    """Play on data that are all zero; return theta and psi after training."""
    game = make_game(
        DiracGenerator(), DiracDiscriminator(), loss, arguments, regularizers, programme=programme
    )
    batch = {"samples": torch.zeros(16, 1), "labels": None}
    for _ in range(steps):
        game.play(batch)
    return game.networks["generator"].theta.item(), game.networks["discriminator"].psi.item()


def test_minimax_diverges():
    assert math.hypot(*run("js", {"variant": "minimax"})) == pytest.approx(2.98, rel=0.02)


def test_unrolling_converges():
    assert math.hypot(*run("unrolled", {**MINIMAX, "steps": 1})) == pytest.approx(0.204, rel=0.05)
    assert math.hypot(*run("unrolled", {**MINIMAX, "steps": 5})) < 1e-6


def test_r1_converges():
    assert math.hypot(*run("js", None, {"r1": {"weight": 0.6}})) < 1e-12


def test_non_saturating_decays_slowly():
    assert math.hypot(*run("js")) == pytest.approx(0.455, rel=0.05)


def test_wasserstein_spirals_out_and_cycles():
    assert math.hypot(*run("wgan", steps=500)) == pytest.approx(17.0, rel=0.05)
    theta, psi = run("wgan", programme=ALTERNATING)
    assert math.hypot(theta, psi) == pytest.approx(1.38, abs=0.15)


def test_wgangp_stops_at_its_spurious_point():
    """With a penalty weight of 1 the barrier at psi = 0 balances theta = 2 * weight."""
    theta, psi = run("wgan", None, {"gradient_penalty": {"weight": 1.0, "target": 1.0}}, ALTERNATING)
    assert theta == pytest.approx(2.0, abs=0.05)
    assert abs(psi) < 0.2


def test_hinge_cycles():
    radii = [math.hypot(*run("hinge", programme=ALTERNATING, steps=steps)) for steps in (1400, 1500)]
    assert all(0.8 < radius < 2.0 for radius in radii)
