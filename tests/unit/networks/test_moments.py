"""What a discriminator sees of a sample's moments: the formula, and that level and silence are told apart."""

import pytest
import torch

from gan_zoo.errors import UserError
from gan_zoo.networks.mlp import MlpDiscriminator
from gan_zoo.networks.moments import MomentFeatures
from gan_zoo.recipe import Recipe


def test_deviations_squares_mean_and_waves() -> None:
    torch.manual_seed(0)
    layer = MomentFeatures(3, 4.0)
    x = torch.randn(5, 7) + 2.0
    rows = []
    for sample in x:
        mean = sum(sample) / 7
        p = mean / 4.0
        angles = [p * 0.2, p * (0.2 * 50.0) ** 0.5, p * 50.0]
        rows.append(
            torch.stack(
                [*(v - mean for v in sample), *((v - mean) ** 2 for v in sample), 5 * p, 5 * p**2]
                + [torch.sin(a) for a in angles]
                + [torch.cos(a) for a in angles]
            )
        )
    assert torch.allclose(layer(x), torch.stack(rows), atol=1e-5)


@pytest.mark.parametrize(("waves", "width"), [(0, 16), (1, 18), (64, 144)])
def test_the_width_is_what_the_network_expects(waves: int, width: int) -> None:
    network = MlpDiscriminator(Recipe("discriminator"), (7,), hidden=[4], fourier_features=waves, moments=2.0)
    assert network.layers[0][0].in_features == width
    assert network.view(torch.randn(3, 7)).shape == (3, width)
    assert network(torch.randn(3, 7)).score.shape == (3,)


def test_a_level_moves_only_what_depends_on_the_mean() -> None:
    layer, x = MomentFeatures(2, 1.0), torch.randn(4, 6)
    assert torch.allclose(layer(x)[:, :12], layer(x + 3.0)[:, :12], atol=1e-5)


def test_a_negative_scale_is_refused() -> None:
    with pytest.raises(UserError, match=r"model\.discriminator\.moments=-1"):
        MlpDiscriminator(Recipe("discriminator"), (7,), moments=-1.0)
