"""Mode seeking against the code's formula, written as loops over pairs."""

import pytest
import torch

from gan_zoo.regularizers.mode_seeking import ModeSeeking


def distance(a, b):
    return (
        sum(abs(x - y) for x, y in zip(a.flatten().tolist(), b.flatten().tolist(), strict=True)) / a.numel()
    )


@pytest.fixture
def pairs(normal):
    return normal(8, 3, 2, 2), normal(8, 6)


def test_one_ratio_of_batch_means(quantities, pairs):
    fake, latents = pairs
    term = ModeSeeking()(quantities(None, fake=fake, latents=latents), "generator")
    ratio = distance(fake[4:], fake[:4]) / distance(latents[4:], latents[:4])
    assert term.shape == ()
    assert term.item() == pytest.approx(1.0 / (ratio + 1e-5), rel=1e-12)


def test_per_pair(quantities, pairs):
    fake, latents = pairs
    term = ModeSeeking(per_pair=True)(quantities(None, fake=fake, latents=latents), "generator")
    expected = [
        distance(latents[i], latents[i + 4]) / (distance(fake[i], fake[i + 4]) + 1e-5) for i in range(4)
    ]
    assert term.tolist() == pytest.approx(expected, rel=1e-12)
    assert term.mean().item() != pytest.approx(
        ModeSeeking()(quantities(None, fake=fake, latents=latents), "g").item()
    )


def test_full_collapse_is_one_over_eps(quantities, pairs):
    fake, latents = pairs
    collapsed = fake[:4].repeat(2, 1, 1, 1)
    term = ModeSeeking()(quantities(None, fake=collapsed, latents=latents), "generator")
    assert term.item() == pytest.approx(1e5, rel=1e-9)
    term = ModeSeeking(per_pair=True)(quantities(None, fake=collapsed, latents=latents), "generator")
    assert term.tolist() == pytest.approx([1e5 * distance(latents[i], latents[i + 4]) for i in range(4)])


def test_doubling_all_distances_between_samples_halves_the_term(quantities, pairs):
    fake, latents = pairs
    near, far = (
        ModeSeeking(eps=1e-12)(quantities(None, fake=fake * scale, latents=latents), "generator")
        for scale in (1.0, 2.0)
    )
    torch.testing.assert_close(far, near / 2)


@pytest.mark.parametrize("per_pair", [False, True])
def test_gradient_reaches_both_halves(quantities, pairs, per_pair):
    fake, latents = pairs

    def term(fake):
        return ModeSeeking(per_pair=per_pair)(quantities(None, fake=fake, latents=latents), "generator")

    fake = fake.clone().requires_grad_()
    assert torch.autograd.gradcheck(term, fake)
    (gradient,) = torch.autograd.grad(term(fake).sum(), fake)
    torch.testing.assert_close(gradient[:4], -gradient[4:])
    assert (gradient != 0).all()


def test_cap_bounds_the_value_and_keeps_a_direction(quantities, pairs):
    fake, latents = pairs
    close = (fake[:4].repeat(2, 1, 1, 1) + 1e-4 * fake).requires_grad_()
    turn = quantities(None, fake=close, latents=latents)
    free, capped = ModeSeeking()(turn, "generator"), ModeSeeking(cap=10.0)(turn, "generator")
    assert free.item() > 1000.0
    assert capped.item() == pytest.approx(10.0)
    (by_free,), (by_capped,) = torch.autograd.grad(free, close), torch.autograd.grad(capped, close)
    torch.testing.assert_close(by_capped, by_free * (10.0 / free.item()))
    assert ModeSeeking(cap=1e9)(turn, "generator").item() == free.item()


def test_half_precision_is_computed_in_float32(quantities, pairs):
    fake, latents = (tensor.bfloat16() for tensor in pairs)
    assert ModeSeeking()(quantities(None, fake=fake, latents=latents), "generator").dtype == torch.float32


def test_batch_statistics_are_declared():
    assert ModeSeeking().coupled
    assert not ModeSeeking(per_pair=True).coupled
    assert ModeSeeking.latent_pairs
    assert ModeSeeking.players == ("generator",)


@pytest.mark.parametrize("options", [{"eps": 0.0}, {"cap": -1.0}, {"per_pair": "yes"}])
def test_bad_values_are_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        ModeSeeking(**options)
