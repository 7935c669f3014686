"""What networks refuse, and what they say to type."""

import pytest

from gan_zoo.errors import UserError
from gan_zoo.networks import DISCRIMINATORS, GENERATORS, checks
from gan_zoo.recipe import Recipe

IMAGE_NETWORKS = ("acgan", "dcgan", "pggan", "resnet")


def recipe(role: str) -> Recipe:
    return Recipe(role, normalization="batch" if role == "generator" else "none")


@pytest.mark.parametrize("name", IMAGE_NETWORKS)
def test_image_networks_refuse_vectors(name: str) -> None:
    for build in (
        lambda: GENERATORS.build(name, recipe("generator"), (2,), 8),
        lambda: DISCRIMINATORS.build(name, recipe("discriminator"), (2,)),
    ):
        with pytest.raises(UserError, match=r"Type model=mlp"):
            build()


@pytest.mark.parametrize("name", IMAGE_NETWORKS)
@pytest.mark.parametrize(("height", "width", "size"), [(28, 28, 32), (32, 48, 64), (100, 100, 128)])
def test_odd_sizes_are_refused_with_the_size_to_type(name: str, height: int, width: int, size: int) -> None:
    if name == "resnet" and (height, width) == (32, 48):
        size = 48
    for build in (
        lambda: GENERATORS.build(name, recipe("generator"), (3, height, width), 8),
        lambda: DISCRIMINATORS.build(name, recipe("discriminator"), (3, height, width)),
    ):
        with pytest.raises(UserError, match=rf"{height}x{width}.*data.size={size}"):
            build()


def test_sizes_outside_the_range_are_refused() -> None:
    with pytest.raises(UserError, match=r"data.size=16"):
        checks.check_power_of_two("dcgan", (1, 8, 8), smallest=16)
    with pytest.raises(UserError, match=r"data.size=1024"):
        checks.check_power_of_two("pggan", (1, 2048, 2048), smallest=4)
    with pytest.raises(UserError, match=r"data.size=128"):
        checks.check_size("resnet", (3, 256, 256), (32, 48, 64, 128))
    assert [checks.check_power_of_two("pggan", (1, s, s), smallest=4) for s in (4, 1024)] == [4, 1024]


def test_conditioning_of_the_other_role_is_refused() -> None:
    with pytest.raises(UserError, match=r"model.generator.conditioning=projection"):
        checks.check_conditioning("generator", "projection", 10)
    with pytest.raises(UserError, match=r"Did you mean 'concat'"):
        checks.check_conditioning("discriminator", "concatt", 10)


def test_conditioning_without_labels_is_refused() -> None:
    with pytest.raises(UserError, match=r"type model.discriminator.conditioning=none"):
        checks.check_conditioning("discriminator", "concat", 0)
    assert checks.check_conditioning("discriminator", "none", 10) == 0
    assert checks.check_conditioning("generator", "concat", 10) == 10


@pytest.mark.parametrize("name", ["mlp", "dcgan", "resnet"])
def test_conditional_batch_norm_needs_batch_norm(name: str) -> None:
    unnormalized = Recipe("generator", normalization="none")
    with pytest.raises(UserError, match=r"model.generator.normalization=batch"):
        GENERATORS.build(name, unnormalized, (1, 32, 32), 8, 10, conditioning="conditional_batch_norm")


@pytest.mark.parametrize("arguments", [{"width": 0}, {"width": 1.5}, {"width": True}, {"max_width": -1}])
def test_widths_must_be_positive_whole_numbers(arguments: dict[str, float]) -> None:
    with pytest.raises(UserError, match=rf"{next(iter(arguments))}=.*at least 1"):
        GENERATORS.build("dcgan", recipe("generator"), (1, 32, 32), 8, **arguments)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("dcgan", {"output": "sigmod"}, "Did you mean 'sigmoid'"),
        ("mlp", {"input_scale": 0.0}, "input_scale=0.0"),
        ("mlp", {"maxout": 0}, "maxout=0"),
        ("mlp", {"hidden": [0]}, "hidden=0"),
        ("acgan", {"dropout": 1.0}, "dropout=1.0"),
        ("acgan", {"activation_noise": -0.1}, "cannot be negative"),
        ("resnet", {"pooling": "max"}, "Type sum or mean"),
        ("pggan", {"fmap_base": 8}, "no channels at 32 px; type at least 16"),
    ],
)
def test_values_out_of_range_are_refused(name: str, arguments: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        DISCRIMINATORS.build(name, recipe("discriminator"), (1, 32, 32), **arguments)
