"""What all stabilizers share: neutral hooks, and statistics appended to what arrives."""

import pytest
import torch
from torch import nn

from gan_zoo.draws import Draws
from gan_zoo.recipe import Recipe
from gan_zoo.stabilizers.base import Progress, Stabilizer, append_statistics, require_whole
from gan_zoo.types import DISCRIMINATOR, DataSpec


def test_the_base_changes_nothing() -> None:
    stabilizer, recipe, x = Stabilizer(), Recipe(DISCRIMINATOR), torch.ones(2)
    stabilizer.check(DataSpec("ring", (2,)))
    stabilizer.start({})
    stabilizer.after_step(DISCRIMINATOR, Progress(1, 1))
    stabilizer.load_state_dict(stabilizer.state_dict())
    assert stabilizer.edit(recipe) is recipe
    assert not stabilizer.changed(nn.Linear(1, 1), DISCRIMINATOR)
    assert stabilizer.view(x, Draws(0), 0.0) is x
    assert not stabilizer.changes_view()
    assert stabilizer.constrain("weight", x) is x
    assert Progress(2500, 500).kimg == 2.5


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_statistics_become_constant_maps_of_the_same_strides(memory_format: torch.memory_format) -> None:
    x = torch.randn(2, 3, 4, 5).contiguous(memory_format=memory_format)
    out = append_statistics(x, torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    assert out.shape == (2, 5, 4, 5)
    assert out.is_contiguous(memory_format=memory_format)
    assert torch.equal(out[:, :3], x)
    assert torch.equal(out[1, 4], torch.full((4, 5), 4.0))


@pytest.mark.parametrize("value", [1, 2.0, True, "3", None])
def test_whole_numbers_are_required(value: object) -> None:
    with pytest.raises(ValueError, match="packs: expected a whole number of at least 2"):
        require_whole("packs", value, 2)
