"""R2 in closed form: ||grad||^2 / 2 at fakes, per sample and per pack."""

import pytest
import torch

from gan_zoo.regularizers.r2 import R2
from gan_zoo.types import CriticOutput


@pytest.mark.parametrize("packs", [1, 2, 3])
def test_closed_form_on_a_linear_critic(quantities, linear, normal, packs):
    weight = normal(packs * 5)
    turn = quantities(linear(weight), packs=packs, fake=normal(12, 5))
    term = R2()(turn, "discriminator")
    torch.testing.assert_close(term, (weight.square().sum() / 2).expand(12 // packs))


def test_is_taken_at_fakes_and_per_sample(quantities, quadratic, normal):
    fake = normal(6, 3, 2, 2)
    term = R2()(quantities(quadratic, fake=fake, real=normal(6, 3, 2, 2)), "discriminator")
    torch.testing.assert_close(term, fake.flatten(1).square().sum(1) / 2)
    shuffle = torch.tensor([3, 1, 4, 0, 2, 5])
    torch.testing.assert_close(
        R2()(quantities(quadratic, fake=fake[shuffle]), "discriminator"), term[shuffle]
    )


def test_double_backward_against_finite_differences(quantities, normal):
    fake, last = normal(4, 3), normal(5)

    def term(hidden):
        turn = quantities(lambda x: CriticOutput((x @ hidden).tanh() @ last), fake=fake)
        return R2()(turn, "discriminator")

    hidden = normal(3, 5).requires_grad_()
    assert torch.autograd.gradcheck(term, hidden)
    assert torch.autograd.gradgradcheck(term, hidden)


def test_weight_is_the_papers_gamma():
    assert R2(weight=0.6).weight(0.0) == 0.6
    assert R2(interval=16).interval == 16
    assert R2().differentiates == {"fake"}
