"""Every part composes with its legal partners and trains two rounds; the illegal is refused before that."""

import math

import pytest
import torch
from helpers.runs import IMAGE_MODELS, SMALL, moved, play, prepared, weights

from gan_zoo.errors import UserError
from gan_zoo.game.context import Context
from gan_zoo.game.terms import total
from gan_zoo.losses.base import LOSSES
from gan_zoo.regularizers.base import REGULARIZERS
from gan_zoo.stabilizers.base import STABILIZERS

LOSS_NAMES = tuple(LOSSES)


def trains(module, loader):
    """Two rounds: every term is finite and both players move."""
    before = weights(module)
    values = play(module, loader, 2)
    assert all(math.isfinite(value) for value in values.values()), values
    after = weights(module)
    assert moved(before, after, "generator")
    assert moved(before, after, "discriminator")
    assert all(torch.isfinite(value).all() for value in after.values() if value.is_floating_point())
    return values


@pytest.mark.parametrize("loss", LOSS_NAMES)
@pytest.mark.parametrize("model", SMALL)
def test_every_model_with_every_loss(model, loss):
    module, loader, _ = prepared(model, f"loss={loss}", *(["loss.steps=2"] if loss == "unrolled" else []))
    trains(module, loader)


@pytest.mark.parametrize("objective", [name for name in LOSS_NAMES if name != "unrolled"])
@pytest.mark.parametrize("model", ["mlp", "dcgan", "pggan"])
def test_unrolled_around_every_loss(model, objective):
    module, loader, _ = prepared(model, "loss=unrolled", f"loss.objective={objective}", "loss.steps=1")
    trains(module, loader)


@pytest.mark.parametrize("regularizer", tuple(REGULARIZERS))
@pytest.mark.parametrize("model", SMALL)
def test_every_model_with_every_regularizer(model, regularizer):
    needs_head = regularizer == "auxiliary_classification" and model not in ("acgan", "pggan")
    labels = ["model.labels=batch"] if regularizer == "auxiliary_classification" and model == "pggan" else []
    if needs_head:
        with pytest.raises(UserError, match="auxiliary_classification needs"):
            prepared(model, f"regularizer=[{regularizer}]")
        return
    module, loader, _ = prepared(model, f"regularizer=[{regularizer}]", *labels)
    values = trains(module, loader)
    assert any(name.endswith(f"/{regularizer}") for name in values)


# Stabilizers that a network has no place for, or that would undo what the model brings.
REFUSED = {
    ("pggan", "spectral_norm"): "equalized_lr and spectral_norm",
    ("mlp", "diff_augment"): "images",
}


@pytest.mark.parametrize("stabilizer", tuple(STABILIZERS))
@pytest.mark.parametrize("model", SMALL)
def test_every_model_with_every_stabilizer(model, stabilizer):
    asked = [f"stabilizer=[{stabilizer}]"]
    if (model, stabilizer) in REFUSED:
        with pytest.raises(UserError, match=REFUSED[model, stabilizer]):
            prepared(model, *asked)
        return
    module, loader, _ = prepared(model, *asked)
    assert stabilizer in module.game.stabilizers
    trains(module, loader)


def layout(x):
    """Return the strides that matter: those of axes longer than one."""
    return [stride for stride, length in zip(x.stride(), x.shape, strict=True) if length > 1]


@pytest.mark.parametrize("model", IMAGE_MODELS)
def test_bf16_and_channels_last_with_every_model(model):
    module, loader, _ = prepared(
        model, "loss=wgangp", "trainer.precision=bf16-mixed", "trainer.channels_last=true"
    )
    before = weights(module)
    with torch.autocast("cpu", torch.bfloat16):
        values = play(module, loader, 2)
    assert all(math.isfinite(value) for value in values.values())
    assert moved(before, weights(module), "generator")
    for player in module.game.players.values():
        for parameter, state in player.optimizer.state.items():
            assert parameter.dtype == torch.float32
            assert layout(state["exp_avg"]) == layout(parameter)
            if parameter.grad is not None:
                assert layout(parameter.grad) == layout(parameter)


def test_penalty_is_computed_in_float32_under_bf16():
    """The gradient penalty under autocast equals the one without it."""
    values = []
    for precision in ("32-true", "bf16-mixed"):
        module, loader, _ = prepared("dcgan", "loss=wgangp", f"trainer.precision={precision}")
        batch = next(iter(loader))
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16-mixed"):
            fake = torch.zeros_like(batch["samples"])
            game = module.game
            player = game.players["discriminator"]
            game.turns.give("discriminator")
            context = Context(game._setting(player, 0), game.dealer.pieces("discriminator", 0, batch)[0])
            context._values["fake"], context._depends["fake"] = fake, frozenset()
            term = next(term for term in player.terms if term.penalty)
            values.append(total(context, [(term, 1.0)])[1]["gradient_penalty"].item())
    assert values[0] == pytest.approx(values[1], rel=1e-5)


def test_parts_add_to_those_of_model_and_loss_and_tilde_removes():
    module, _, _ = prepared("dcgan", "loss=wgangp", "regularizer=[drift]", "stabilizer=[instance_noise]")
    assert {"gradient_penalty", "drift"} <= {t.name for t in module.game.players["discriminator"].terms}
    assert set(module.game.stabilizers) == {"ema", "instance_noise"}
    module, _, _ = prepared("dcgan", "remove.stabilizer=[ema]")
    assert not module.game.stabilizers
    with pytest.raises(UserError, match="removes nothing"):
        prepared("dcgan", "remove.stabilizer=[packing]")


@pytest.mark.parametrize(
    ("loss", "normalization"),
    [("js", "batch"), ("lsgan", "batch"), ("hinge", "batch"), ("wgan", "batch"), ("wgangp", "group"),
     ("dragan", "group"), ("relativistic", "group"), ("unrolled", "batch")],
)  # fmt: skip
def test_auto_normalization_of_dcgan_follows_the_loss(loss, normalization):
    module, _, _ = prepared("dcgan", f"loss={loss}")
    assert module.config["model"]["discriminator"]["normalization"] == normalization
    assert module.config["model"]["generator"]["normalization"] == "batch"


def test_auto_normalization_is_none_under_spectral_norm_and_brings_it_to_resnet_once():
    module, _, _ = prepared("dcgan", "stabilizer=[spectral_norm]")
    assert module.config["model"]["discriminator"]["normalization"] == "none"
    for loss in ("js", "lsgan", "hinge"):
        module, _, _ = prepared("resnet", f"loss={loss}")
        assert "spectral_norm" in module.game.stabilizers
    module, _, _ = prepared("resnet", "loss=unrolled", "loss.objective=hinge", "loss.steps=1")
    assert "spectral_norm" in module.game.stabilizers
    for loss in ("wgan", "wgangp", "dragan", "relativistic"):
        module, _, _ = prepared("resnet", f"loss={loss}")
        assert "spectral_norm" not in module.game.stabilizers


GROWTH = "model.growth={start_resolution: 4, train_kimg: 1, fade_kimg: 1}"
BATCH_NORM = "model.discriminator.normalization=batch"


def test_spectral_norm_of_resnet_can_be_left_out():
    module, _, _ = prepared("resnet", "remove.stabilizer=[spectral_norm]")
    assert "spectral_norm" not in module.game.stabilizers
    assert module.config["model"]["discriminator"]["normalization"] == "none"


ILLEGAL = {
    "batch norm under a penalty": (["dcgan", "loss=wgangp", BATCH_NORM], "batch norm"),
    "hinge on a sigmoid": (["dcgan", "loss=hinge", "model.discriminator.output=sigmoid"], "expects a score"),
    "two scalings": (["dcgan", "stabilizer=[equalized_lr,spectral_norm]"], "equalized_lr and spectral_norm"),
    "clipping under spectral norm": (["dcgan", "stabilizer=[weight_clipping,spectral_norm]"], "no effect"),
    "unbounded critic": (["dcgan", "loss=wgan", "remove.stabilizer=[weight_clipping]"], "unbounded"),
    "unbounded critic ahead": (
        ["dcgan", "loss=unrolled", "loss.objective=wgan", "remove.stabilizer=[weight_clipping]"],
        "unbounded",
    ),
    "image network on points": (["dcgan", "data=ring"], "mlp"),
    "conditional model without labels": (["cgan", "data=ring"], "labels"),
    "growth without a growing network": (["dcgan", GROWTH], "does not grow"),
    "batch that groups do not divide": (["pggan", "model.growth.batch_size={4: 6}"], "stddev needs batches"),
    "several devices": (["dcgan", "trainer.devices=3"], "multiple of 3"),
    "pieces that do not divide the batch": (["dcgan", "optimizer.accumulation=3"], "does not divide"),
}


@pytest.mark.parametrize("case", ILLEGAL)
def test_illegal_combinations_are_refused_with_what_to_type(case):
    (model, *overrides), message = ILLEGAL[case]
    with pytest.raises(UserError, match=message):
        prepared(model, *overrides)


def test_dangerous_combinations_are_warned_about():
    _, _, warnings = prepared("dcgan", "loss=wgangp", "stabilizer=[minibatch_stddev]")
    assert any("cross-sample" in warning for warning in warnings)
    _, _, warnings = prepared("dcgan", "loss=unrolled", "loss.steps=2", "stabilizer=[spectral_norm]")
    assert any("spectral norm's vectors" in warning for warning in warnings)


def test_the_same_seed_gives_the_same_weights_twice():
    results = []
    for _ in range(2):
        module, loader, _ = prepared("acgan", "seed=3")
        play(module, loader, 3)
        results.append(weights(module))
    assert all(torch.equal(results[0][key], results[1][key]) for key in results[0])
    module, loader, _ = prepared("acgan", "seed=4")
    assert not all(torch.equal(results[0][key], value) for key, value in weights(module).items())
