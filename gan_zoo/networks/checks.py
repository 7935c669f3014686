"""What networks refuse, in words that say what to type instead."""

from __future__ import annotations

from collections.abc import Sequence

from gan_zoo.errors import UserError, did_you_mean
from gan_zoo.recipe import Recipe

GENERATOR_CONDITIONINGS = ("none", "concat", "conditional_batch_norm")
DISCRIMINATOR_CONDITIONINGS = ("none", "concat", "projection")
LARGEST_SIZE = 1024


def check_image(name: str, shape: tuple[int, ...]) -> tuple[int, int, int]:
    """Return `(C, H, W)`.

    Raises:
        UserError: if samples are vectors.
    """
    if len(shape) != 3:
        raise UserError(
            f"{name} works on images, but one sample of the data has shape {tuple(shape)}. "
            "Type model=mlp, or choose a data set of images such as data=digits."
        )
    return shape[0], shape[1], shape[2]


def check_power_of_two(name: str, shape: tuple[int, ...], smallest: int) -> int:
    """Return the size of square images whose size is a power of two.

    Raises:
        UserError: for vectors and for any other size.
    """
    _, height, width = check_image(name, shape)
    if height == width and smallest <= height <= LARGEST_SIZE and height & (height - 1) == 0:
        return height
    size = smallest
    while size < min(max(height, width), LARGEST_SIZE):
        size *= 2
    raise UserError(
        f"{name} needs square images whose size is a power of two from {smallest} to {LARGEST_SIZE}, "
        f"but they are {height}x{width} (height x width). Type data.size={size}, or model=mlp for any size."
    )


def check_size(name: str, shape: tuple[int, ...], allowed: Sequence[int]) -> int:
    """Return the size of square images with one of the allowed sizes.

    Raises:
        UserError: for vectors and for any other size.
    """
    _, height, width = check_image(name, shape)
    if height == width and height in allowed:
        return height
    size = min(allowed, key=lambda candidate: (candidate < max(height, width), candidate))
    size = size if size >= max(height, width) else max(allowed)
    listed = ", ".join(map(str, allowed))
    raise UserError(
        f"{name} needs square images of size {listed}, but they are {height}x{width} (height x width). "
        f"Type data.size={size}, or model=dcgan for other powers of two."
    )


def check_conditioning(role: str, given: str, classes: int) -> int:
    """Return the number of classes that the network uses: 0 where `given` is `none`.

    Raises:
        UserError: for a form of conditioning that this role does not have, or data without labels.
    """
    allowed = GENERATOR_CONDITIONINGS if role == "generator" else DISCRIMINATOR_CONDITIONINGS
    option = f"model.{role}.conditioning"
    if given not in allowed:
        raise UserError(f"{option}={given} is not possible in a {role}. {did_you_mean(given, allowed)}")
    if given != "none" and classes == 0:
        raise UserError(
            f"{option}={given} needs labels, and there are none (0 classes). Choose labeled data and "
            f"model.labels=batch, or type {option}=none."
        )
    return classes if given != "none" else 0


def check_conditional_norm(recipe: Recipe, conditioning: str) -> bool:
    """Say whether the generator's batch norms depend on the class.

    Raises:
        UserError: if they should, and the recipe has another normalization.
    """
    if conditioning != "conditional_batch_norm":
        return False
    if recipe.normalization != "batch":
        raise UserError(
            f"conditioning=conditional_batch_norm needs batch norm, but the {recipe.role} has normalization="
            f"{recipe.normalization}. Type model.generator.normalization=batch, or "
            "model.generator.conditioning=concat."
        )
    return True


def check_positive(**numbers: int) -> None:
    """Refuse numbers below 1.

    Raises:
        UserError: naming the first such argument.
    """
    for name, number in numbers.items():
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise UserError(f"{name}={number!r}: a whole number, at least 1, is needed.")


def check_count(**numbers: int) -> None:
    """Refuse counts that are negative or not whole.

    Raises:
        UserError: naming the first such argument.
    """
    for name, number in numbers.items():
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            raise UserError(f"{name}={number!r}: give 0 for none, or a whole number such as 64.")


def check_above_zero(role: str, **numbers: float) -> None:
    """Refuse scales that are not positive.

    Raises:
        UserError: naming the first such argument.
    """
    for name, number in numbers.items():
        if not number > 0.0:
            raise UserError(f"model.{role}.{name}={number}: it must be positive, such as 1.0.")


def check_not_negative(role: str, **numbers: float) -> None:
    """Refuse numbers below 0.

    Raises:
        UserError: naming the first such argument.
    """
    for name, number in numbers.items():
        if not number >= 0.0:
            raise UserError(f"model.{role}.{name}={number}: give 0 for none, or a positive number.")


def check_output(output: str) -> None:
    """Refuse unknown outputs of a discriminator.

    Raises:
        UserError: if `output` is neither `linear` nor `sigmoid`.
    """
    if output not in ("linear", "sigmoid"):
        known = did_you_mean(output, ("linear", "sigmoid"))
        raise UserError(f"model.discriminator.output={output} is unknown. {known}")
