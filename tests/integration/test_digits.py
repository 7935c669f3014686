"""What it is all for: small budgets, real digits, and no class missing."""

import pytest
import torch
from helpers.digit_classifier import class_shares, digit_classifier
from helpers.runs import configuration

from gan_zoo.assemble.train import prepare

# Small nets and budgets: up to a minute per run on one core.
WIDTH_16 = [f"model.{player}.width=16" for player in ("generator", "discriminator")]
WIDTH_8 = [f"model.{player}.width=8" for player in ("generator", "discriminator")]
GROWTH_10 = ["model.growth.train_kimg=10", "model.growth.fade_kimg=10"]
BUDGETS: dict[str, list[str]] = {
    "dcgan": ["data.size=16", "kimg=32", "batch_size=32", *WIDTH_16],
    "cgan": ["data.size=16", "kimg=16", "batch_size=32", *WIDTH_16],
    "acgan": ["data.size=16", "kimg=18", "batch_size=32"],
    "pggan": ["data.size=8", "kimg=64", "batch_size=64", "optimizer.lr=2e-3", *GROWTH_10],
    "resnet": ["kimg=20", "batch_size=32", "optimizer.lr=2e-3", *WIDTH_8],
}
LOSSES = ("js", "hinge", "wgangp")
OFTEN = {("dcgan", "js"), ("cgan", "hinge"), ("acgan", "wgangp"), ("pggan", "wgangp"), ("resnet", "hinge")}
CELLS = [
    pytest.param(model, loss, seed, marks=[] if often else pytest.mark.exhaustive)
    for model in BUDGETS
    for loss in LOSSES
    for seed in range(3)
    for often in [(model, loss) in OFTEN and seed == 0]  # each network and each loss
]
# Without a penalty PGGAN needs longer. Under spectral norm, which js and hinge bring, resnet needs width.
WITHOUT_PENALTY = {"pggan": ["kimg=100"], "resnet": ["kimg=32", *WIDTH_16]}


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Small tensors are fastest on one thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("size", [16, 32])
def test_the_judge_is_good(size):
    _, accuracy = digit_classifier(size)
    assert accuracy >= 0.98


@pytest.mark.slow
@pytest.mark.parametrize(("model", "loss", "seed"), CELLS)
def test_all_ten_digits_are_made(model, loss, seed):
    """Each class has at least 3 % of 1,000 samples of the averaged generator."""
    critic_steps = ["turns.critic_steps=1"]  # so that G moves as often under every loss
    further = WITHOUT_PENALTY.get(model, []) if loss in ("js", "hinge") else []
    overrides = [f"model={model}", f"loss={loss}", f"seed={seed}", *critic_steps, *BUDGETS[model], *further]
    module, loader, _, _ = prepare(configuration(*overrides), "test")
    module.configure_optimizers()
    for batch in loader:
        module.game.play(batch)
    samples = module.game.averaged_generator().sample(1000, seed=1, **module.game.condition())
    shares = class_shares(samples)
    assert shares.min() >= 0.03, [round(100 * share, 1) for share in shares]
