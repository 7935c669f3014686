"""Gradient penalty in closed form on simple critics, per sample, in packs, and differentiable."""

import pytest
import torch

from gan_zoo.regularizers.gradient_penalty import GradientPenalty, gradient_norm
from gan_zoo.types import CriticOutput

PLACES = ["interpolates", "noisy_reals", "reals"]


@pytest.mark.parametrize("at", PLACES)
@pytest.mark.parametrize("target", [1.0, 2.5])
@pytest.mark.parametrize("packs", [1, 2, 3])
def test_closed_form_on_a_linear_critic(quantities, linear, normal, at, target, packs):
    weight = normal(packs * 5)
    turn = quantities(linear(weight), packs=packs, real=normal(12, 5), fake=normal(12, 5))
    term = GradientPenalty(target=target, at=at)(turn, "discriminator")
    expected = (weight.norm() - target) ** 2 / target**2
    torch.testing.assert_close(term, expected.expand(12 // packs))


@pytest.mark.parametrize("at", PLACES)
def test_images_are_flattened_per_sample(quantities, linear, normal, at):
    weight = normal(3 * 4 * 4)
    turn = quantities(linear(weight), real=normal(6, 3, 4, 4), fake=normal(6, 3, 4, 4))
    term = GradientPenalty(at=at)(turn, "discriminator")
    torch.testing.assert_close(term, ((weight.norm() - 1.0) ** 2).expand(6))


def test_one_sided_is_free_below_the_target(quantities, linear, normal):
    for factor, expected in ((0.5, 0.0), (3.0, 4.0)):
        weight = torch.full((4,), 0.5 * factor, dtype=torch.float64)  # norm = factor
        turn = quantities(linear(weight), real=normal(3, 4), fake=normal(3, 4))
        term = GradientPenalty(one_sided=True)(turn, "discriminator")
        torch.testing.assert_close(term, torch.full((3,), expected, dtype=torch.float64))


@pytest.mark.parametrize("packs", [1, 2])
def test_interpolates_lie_between_partners_with_one_share_per_pack(quantities, quadratic, normal, packs):
    real, fake, labels = normal(6, 5), normal(6, 5), torch.arange(6)
    turn = quantities(quadratic, packs=packs, real=real, fake=fake, labels=labels)
    term = GradientPenalty()(turn, "discriminator")
    shares = turn.uniform((6 // packs,), "gradient_penalty/share").double()
    for pack, share in enumerate(shares):
        rows = slice(pack * packs, (pack + 1) * packs)
        point = (1.0 - share) * real[rows] + share * fake[rows]
        torch.testing.assert_close(term[pack], (point.norm() - 1.0) ** 2)
    assert torch.equal(turn.judged_labels, labels)


def test_two_fakes_per_real_repeat_the_reals(quantities, quadratic, normal):
    real, fake, labels = normal(3, 5), normal(6, 5), torch.arange(3)
    term = GradientPenalty()(quantities(quadratic, real=real, fake=fake, labels=labels), "discriminator")
    turn = quantities(quadratic, real=torch.cat([real, real]), fake=fake, labels=labels.repeat(2))
    torch.testing.assert_close(term, GradientPenalty()(turn, "discriminator"))
    assert torch.equal(turn.judged_labels, torch.tensor([0, 1, 2, 0, 1, 2]))


def test_noisy_reals_follow_the_formula(quantities, quadratic, normal):
    real = 3.0 * normal(6, 5) + 1.0
    turn = quantities(quadratic, real=real)
    term = GradientPenalty(at="noisy_reals")(turn, "discriminator")
    mean = real.sum() / real.numel()
    deviation = ((real - mean).square().sum() / real.numel()).sqrt()
    delta = 0.5 * deviation * turn.uniform((6, 5), "gradient_penalty/noise").double()
    alpha = turn.uniform((6,), "gradient_penalty/share").double()
    expected = [((real[i] + alpha[i] * delta[i]).norm() - 1.0) ** 2 for i in range(6)]
    torch.testing.assert_close(term, torch.stack(expected))


def test_a_sample_only_changes_its_own_row(quantities, normal):
    hidden, real, fake = normal(5, 7), normal(6, 5), normal(6, 5)
    moved_real, moved_fake = real.clone(), fake.clone()
    moved_real[2] += 1.0
    moved_fake[4] -= 1.0

    def term(at, real, fake):
        turn = quantities(lambda x: CriticOutput((x @ hidden).tanh().sum(1)), real=real, fake=fake)
        return GradientPenalty(at=at)(turn, "discriminator")

    changed = term("interpolates", moved_real, moved_fake) != term("interpolates", real, fake)
    assert changed.tolist() == [False, False, True, False, True, False]
    changed = term("reals", moved_real, fake) != term("reals", real, fake)
    assert changed.tolist() == [False, False, True, False, False, False]


@pytest.mark.parametrize("at", PLACES)
def test_second_and_third_derivatives_against_finite_differences(quantities, normal, at):
    real, fake, last = normal(4, 3), normal(4, 3), normal(5)

    def term(hidden):
        turn = quantities(lambda x: CriticOutput((x @ hidden).tanh() @ last), real=real, fake=fake)
        return GradientPenalty(at=at)(turn, "discriminator")

    hidden = normal(3, 5).requires_grad_()
    assert torch.autograd.gradcheck(term, hidden)
    assert torch.autograd.gradgradcheck(term, hidden)


def test_look_ahead_reaches_the_generator_through_the_interpolates(quantities, quadratic, normal):
    real, latents = normal(4, 3), normal(4, 3)

    def term(theta):
        return GradientPenalty()(quantities(quadratic, real=real, fake=latents * theta), "discriminator")

    theta = torch.tensor([1.5], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(term, theta)
    assert torch.autograd.grad(term(theta).sum(), theta)[0].abs() > 0.01


@pytest.mark.parametrize("at", PLACES)
def test_the_gradient_reaches_the_critic_and_not_the_samples(quantities, linear, normal, at):
    weight, real, fake = normal(5).requires_grad_(), normal(4, 5), normal(4, 5)
    term = GradientPenalty(at=at)(quantities(linear(weight), real=real, fake=fake), "discriminator")
    term.mean().backward()
    norm = weight.detach().norm()
    torch.testing.assert_close(weight.grad, 2.0 * (norm - 1.0) * weight.detach() / norm)
    assert real.grad is None
    assert fake.grad is None


def test_a_flat_critic_gives_no_nan_at_any_order(quantities, linear, normal):
    weight = torch.zeros(5, dtype=torch.float64, requires_grad=True)
    term = GradientPenalty()(
        quantities(linear(weight), real=normal(4, 5), fake=normal(4, 5)), "discriminator"
    )
    torch.testing.assert_close(term, torch.ones(4, dtype=torch.float64))
    (first,) = torch.autograd.grad(term.mean(), weight, create_graph=True)
    (second,) = torch.autograd.grad((first + weight).sum(), weight)
    assert torch.isfinite(first).all()
    assert torch.isfinite(second).all()


def test_norm_has_no_bias(normal):
    rows = normal(6, 5) * torch.logspace(-9, 3, 6, dtype=torch.float64)[:, None]
    torch.testing.assert_close(gradient_norm(rows), rows.norm(dim=1), rtol=1e-14, atol=0.0)
    assert gradient_norm(torch.zeros(2, 3)).tolist() == [0.0, 0.0]


def test_says_what_must_require_grad():
    assert GradientPenalty(at="reals").differentiates == {"real"}
    assert GradientPenalty().differentiates == frozenset()
    assert GradientPenalty(at="noisy_reals").differentiates == frozenset()


@pytest.mark.parametrize(
    "options",
    [
        {"target": 0.0},
        {"target": "one"},
        {"at": "fakes"},
        {"one_sided": "no"},
        {"weight": "x"},
        {"interval": 0},
    ],
)
def test_bad_values_are_refused(options):
    with pytest.raises(ValueError, match=r"\w"):
        GradientPenalty(**options)
