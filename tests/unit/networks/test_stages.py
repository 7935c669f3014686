"""Conditional batch norm and hidden stages."""

import pytest
import torch
from torch import nn

from gan_zoo.networks.stages import ConditionalBatchNorm, Stage, hidden_stage, needs_bias, scatter_norms
from gan_zoo.recipe import Recipe


@pytest.mark.parametrize(("shape", "dims"), [((8, 3, 4, 4), 2), ((8, 3), 0)])
def test_conditional_batch_norm_starts_as_plain_batch_norm(shape: tuple[int, ...], dims: int) -> None:
    plain = (nn.BatchNorm2d if dims == 2 else nn.BatchNorm1d)(3)
    x = torch.randn(shape)
    vectors = torch.eye(2).repeat(4, 1)
    assert torch.allclose(ConditionalBatchNorm(3, 2, dims)(x, vectors), plain(x), atol=1e-6)


def test_conditional_batch_norm_scales_and_shifts_by_class() -> None:
    norm = ConditionalBatchNorm(3, classes=2)
    nn.init.normal_(norm.scale)
    nn.init.normal_(norm.shift)
    x, labels = torch.randn(8, 3, 4, 4), torch.tensor([0, 1] * 4)
    normalized = nn.BatchNorm2d(3, affine=False)(x)
    expected = torch.stack(
        [
            normalized[i] * norm.scale[label, :, None, None] + norm.shift[label, :, None, None]
            for i, label in enumerate(labels)
        ]
    )
    assert torch.allclose(norm(x, torch.eye(2)[labels]), expected, atol=1e-5)


def test_stage_hands_classes_only_to_layers_that_take_them() -> None:
    recipe = Recipe("generator", normalization="batch")
    inner = hidden_stage(recipe, nn.Conv2d(3, 3, 1), 3, classes=2)
    assert [type(layer).__name__ for layer in inner] == ["Conv2d", "ConditionalBatchNorm", "LeakyReLU"]
    assert Stage(inner, nn.Tanh())(torch.randn(4, 3, 2, 2), torch.eye(2).repeat(2, 1)).shape == (4, 3, 2, 2)


def test_stage_keeps_the_recipes_epilogues() -> None:
    recipe = Recipe("generator", normalization="batch").with_added(epilogue=nn.Softsign)
    for classes in (0, 2):
        assert isinstance(hidden_stage(recipe, nn.Identity(), 3, classes)[-1], nn.Softsign)


def test_bias_is_dropped_only_where_the_norm_cancels_it() -> None:
    def biased(normalization: str) -> bool:
        return needs_bias(Recipe("generator", normalization=normalization))

    assert [biased(name) for name in ("none", "batch", "group", "instance")] == [True, False, True, False]


def test_norm_scales_are_scattered_with_normal_weights_only() -> None:
    for initialization, std in (("normal_0.02", 0.02), ("he", 0.0)):
        norm = nn.BatchNorm2d(10_000)
        scatter_norms(norm, Recipe("generator", initialization=initialization))
        assert norm.weight.mean().item() == pytest.approx(1.0, abs=1e-3)
        assert norm.weight.std().item() == pytest.approx(std, abs=1e-3)
