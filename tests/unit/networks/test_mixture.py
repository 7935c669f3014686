"""A mixture with learned components: the formula, whose vector it is, and how fast vectors learn."""

import itertools

import pytest
import torch
from torch import nn

from gan_zoo.draws import Draws
from gan_zoo.errors import UserError
from gan_zoo.networks.base import draw_latents
from gan_zoo.networks.mixture import MixtureLayer
from gan_zoo.networks.mlp import MlpGenerator
from gan_zoo.recipe import Recipe
from gan_zoo.stabilizers.pixel_norm import PixelNormStabilizer


def make(**changed):
    torch.manual_seed(0)
    recipe = changed.pop("recipe", Recipe("generator", activation="relu"))
    return MlpGenerator(recipe, (2,), **{"latent_dim": 5, "hidden": [7, 6], "mixture_signs": 3, **changed})


def test_each_combination_of_signs_is_a_component_of_its_own():
    layer = MixtureLayer(nn.Linear(4, 2), 3, 4, 2, 1.0)
    signs = torch.tensor(list(itertools.product([1.0, -1.0], repeat=3)))
    latents = torch.cat([signs, torch.randn(8, 1)], 1)
    assert sorted(layer.components(latents).tolist()) == list(range(8))
    assert layer.components(torch.tensor([[1.0, -1.0, -1.0, -5.0]])).tolist() == [6]  # bits 1 and 2
    assert torch.equal(layer.components(latents), layer.components(latents * 3.0))


def test_the_formula_against_a_matrix_of_ones_and_zeros():
    layer = MixtureLayer(nn.Linear(5, 3), 2, 5, 3, 8.0).double()
    nn.init.normal_(layer.table)
    x = torch.randn(20, 5, dtype=torch.float64)
    one_hot = torch.eye(4, dtype=torch.float64)[layer.components(x)]
    expected = x @ layer.layer.weight.T + layer.layer.bias + 8.0 * one_hot @ layer.table
    torch.testing.assert_close(layer(x), expected)
    assert torch.autograd.gradcheck(
        lambda table: torch.func.functional_call(layer, {"table": table}, x), layer.table
    )


def test_a_fresh_generator_is_the_plain_one():
    latents = torch.randn(30, 5)
    plain, mixed = make(mixture_signs=0), make()
    assert torch.equal(plain(latents), mixed(latents))
    assert set(mixed.state_dict()) - {"layers.0.0.table"} == {
        key.replace("layers.0.0.", "layers.0.0.layer.") for key in plain.state_dict()
    }


def test_one_vector_moves_the_samples_of_one_component_only():
    generator, latents = make(), torch.randn(400, 5)
    before, table = generator(latents), generator.layers[0][0]
    with torch.no_grad():
        table.table[5] += torch.randn(7)
    moved = (generator(latents) != before).any(1)
    assert torch.equal(moved, table.components(latents) == 5)
    assert 20 < moved.sum() < 80  # an eighth of 400, within four standard deviations


@pytest.mark.parametrize("rate", [1.0, 8.0])
def test_vectors_learn_rate_times_as_fast_and_only_those_that_were_drawn(rate):
    layer = MixtureLayer(nn.Linear(3, 4), 3, 3, 4, rate)
    optimizer = torch.optim.Adam(layer.parameters(), lr=0.01)
    x = torch.tensor([[1.0, 1.0, 1.0], [-1.0, 1.0, -1.0]])
    layer(x).sum().backward()
    optimizer.step()
    moved = -rate * layer.table.detach()
    torch.testing.assert_close(
        moved[layer.components(x)], torch.full((2, 4), rate * 0.01), rtol=1e-4, atol=0.0
    )
    absent = torch.ones(8, dtype=torch.bool)
    absent[layer.components(x)] = False
    assert not moved[absent].any()


def test_normalized_latents_keep_their_components():
    recipe = PixelNormStabilizer().edit(Recipe("generator", activation="relu"))
    generator, seen = make(recipe=recipe), []
    generator.layers[0][0].register_forward_hook(
        lambda module, given, _: seen.append(module.components(*given))
    )
    latents = draw_latents(Draws(0), 64, 5, "test", prior="signs_3")
    generator(latents)
    assert torch.equal(seen[0], generator.layers[0][0].components(latents))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"mixture_signs": 6}, r"mixture_signs=6: at most 5, .*latent_dim=5"),
        ({"mixture_signs": 17, "latent_dim": 40}, "at most 16"),
        ({"mixture_signs": -1}, "mixture_signs=-1"),
        ({"mixture_signs": 2.0}, "mixture_signs=2.0"),
        ({"mixture_rate": 0.0}, "mixture_rate=0.0"),
        ({"hidden": []}, "needs a hidden layer"),
    ],
)
def test_bad_numbers_are_refused(changed, message):
    with pytest.raises(UserError, match=message):
        make(**changed)
