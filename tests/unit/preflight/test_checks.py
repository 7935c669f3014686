"""Each check speaks up on its case, says whether that stops the run, and is silent everywhere else."""

from dataclasses import replace

import pytest
import torch
from helpers.runs import SMALL, configuration
from torch import nn

from gan_zoo.assemble import prepare as prepare_module
from gan_zoo.preflight import Subject
from gan_zoo.preflight.base import CHECKS
from gan_zoo.types import CriticOutput

ERROR, WARNING = True, False
ON_DIGITS = ("dcgan", "data.size=16")
RMSPROP = "optimizer=rmsprop"

# model and overrides -> the checks that speak up, and whether each stops the run
CASES: list[tuple[tuple[str, ...], dict[str, bool]]] = [
    (
        (*ON_DIGITS, "loss=wgangp", "model.discriminator.normalization=batch"),
        {"batch_norm_under_penalty": ERROR},
    ),
    (
        (*ON_DIGITS, "regularizer=[r1]", "model.discriminator.normalization=batch"),
        {"batch_norm_under_penalty": ERROR},
    ),
    ((*ON_DIGITS, "loss=wgangp"), {}),
    ((*ON_DIGITS, "loss=js"), {}),
    (
        (*ON_DIGITS, "loss=wgangp", "stabilizer=[minibatch_stddev]"),
        {"batch_statistics_under_penalty": WARNING},
    ),
    (
        ("mlp", "loss=dragan", "stabilizer=[minibatch_discrimination]"),
        {"batch_statistics_under_penalty": WARNING},
    ),
    ((*ON_DIGITS, "stabilizer=[minibatch_stddev]"), {}),
    (("mlp", "loss=wgangp", "stabilizer=[spectral_norm]"), {"two_lipschitz_bounds": WARNING}),
    (("mlp", "loss=wgangp", "stabilizer=[weight_clipping]"), {"two_lipschitz_bounds": WARNING}),
    (("mlp", "loss=hinge", "stabilizer=[spectral_norm]"), {}),
    (("mlp", "loss=wgan", "remove.stabilizer=[weight_clipping]"), {"unbounded_critic": ERROR}),
    (("mlp", "loss=wgangp", "remove.regularizer=[gradient_penalty]"), {"unbounded_critic": ERROR}),
    (("mlp", "loss=wgan", "remove.stabilizer=[weight_clipping]", "regularizer=[r1]"), {}),
    (("mlp", "loss=wgan", "remove.stabilizer=[weight_clipping]", "stabilizer=[spectral_norm]"), {}),
    (("mlp", "loss=unrolled", "loss.steps=10"), {}),
    (("mlp", "loss=unrolled", "loss.steps=11"), {"look_ahead": WARNING}),
    (("mlp", "loss=unrolled", "loss.objective=wgangp", "loss.steps=5"), {}),
    (("mlp", "loss=unrolled", "loss.objective=wgangp", "loss.steps=6"), {"look_ahead": WARNING}),
    (("mlp", "loss=unrolled", "stabilizer=[spectral_norm]"), {"look_ahead": WARNING}),
    (("mlp", "loss=hinge", "model.discriminator.output=sigmoid"), {"score_kind": ERROR}),
    (("mlp", "regularizer=[auxiliary_classification]"), {"labels": ERROR}),
    (("cgan", "data.size=16", "regularizer=[auxiliary_classification]"), {"labels": ERROR}),
    (("acgan",), {}),
    (("mlp", "regularizer=[feature_matching]"), {}),
    (("mlp", "regularizer=[mode_seeking]"), {"mode_seeking_cap": WARNING}),
    (("mlp", "regularizer=[mode_seeking]", "regularizer.mode_seeking.cap=10"), {}),
    (("mlp", "stabilizer=[equalized_lr,spectral_norm]"), {"two_scalings": ERROR}),
    (
        (
            *("mlp", "stabilizer=[equalized_lr,spectral_norm]"),
            *(
                "stabilizer.equalized_lr.players=[generator]",
                "stabilizer.spectral_norm.players=[discriminator]",
            ),
        ),
        {},
    ),
    (
        ("mlp", RMSPROP, "stabilizer=[weight_clipping,spectral_norm]"),
        {"clipping_of_normalized_weights": ERROR},
    ),
    ((*ON_DIGITS, RMSPROP, "loss=wgan"), {"clipped_norm_layers": WARNING}),
    (("mlp", RMSPROP, "loss=wgan"), {}),
    (("mlp", "loss=wgan"), {"momentum_with_clipping": WARNING}),
    (("mlp", "loss=wgan", "optimizer.betas=[0.0,0.9]"), {}),
    (("mlp", "optimizer.accumulation=3"), {"batch_sizes": ERROR}),
    (("mlp", "optimizer.accumulation=4"), {}),
    (("mlp", "stabilizer=[minibatch_stddev]", "batch_size=6"), {"batch_sizes": ERROR}),
    (("mlp", "stabilizer=[minibatch_stddev]", "optimizer.accumulation=2"), {}),
    (
        ("mlp", "stabilizer=[minibatch_stddev]", "batch_size=12", "optimizer.accumulation=2"),
        {"batch_sizes": ERROR},
    ),
    (("mlp", "stabilizer=[minibatch_stddev]", "batch_size=2"), {}),
    (("mlp", "stabilizer=[minibatch_discrimination]", "batch_size=1"), {"batch_sizes": ERROR}),
    (("pggan", "model.growth.batch_size={4: 6}"), {"batch_sizes": ERROR}),
    ((*ON_DIGITS, "batch_size=2000"), {"batch_sizes": WARNING}),
    ((*ON_DIGITS, "stabilizer=[packing]", "batch_size=1000"), {"batch_sizes": WARNING}),
    ((*ON_DIGITS, "batch_size=1000"), {}),
]


@pytest.fixture
def subject_of(monkeypatch):
    """Return what the checks would look at for a model and overrides."""

    def build(model: str, *overrides: str) -> Subject:
        seen: list[Subject] = []
        monkeypatch.setattr(prepare_module, "preflight", lambda subject: seen.append(subject) or [])
        prepare_module.prepare(configuration(f"model={model}", *SMALL[model], *overrides), "test")
        return seen[0]

    return build


def spoken(subject: Subject) -> dict[str, bool]:
    """Return which checks find something, and whether it stops the run."""
    found = {check.__name__: list(check(subject)) for check in CHECKS}
    return {name: findings[0].is_error for name, findings in found.items() if findings}


@pytest.mark.parametrize(("asked", "expected"), CASES, ids=lambda part: " ".join(part)[:80])
def test_a_check_fires_on_its_case_and_only_there(subject_of, asked, expected):
    assert spoken(subject_of(*asked)) == expected


@pytest.mark.parametrize(
    ("overrides", "fires"), [(["loss=js"], False), (["loss=wgangp"], True), (["loss=unrolled"], True)]
)
def test_attention_lacks_the_second_derivative_that_penalties_and_look_ahead_need(
    subject_of, overrides, fires
):
    subject = subject_of("mlp", *overrides)
    subject.discriminator.attention = nn.MultiheadAttention(4, 1)
    assert spoken(subject) == ({"attention_under_penalty": ERROR} if fires else {})


def test_feature_matching_needs_features(subject_of):
    subject = replace(
        subject_of("mlp", "regularizer=[feature_matching]"), output=CriticOutput(torch.zeros(2), {}, {})
    )
    assert spoken(subject) == {"features": ERROR}


def test_every_check_has_a_case():
    covered = {name for _, expected in CASES for name in expected} | {"attention_under_penalty", "features"}
    assert {check.__name__ for check in CHECKS} == covered
