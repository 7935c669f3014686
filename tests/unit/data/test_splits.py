"""The held-out split as a function of content."""

import numpy as np
import pytest
import torch

from gan_zoo.data.splits import is_held_out, split_by_content


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5])
def test_the_share_is_met(share):
    held_out = sum(is_held_out(str(number).encode(), share) for number in range(20_000))
    assert abs(held_out / 20_000 - share) < 0.01
    if share == 0.0:
        assert held_out == 0


def test_a_larger_share_only_adds():
    small = {number for number in range(1000) if is_held_out(bytes([number % 256, number // 256]), 0.1)}
    large = {number for number in range(1000) if is_held_out(bytes([number % 256, number // 256]), 0.3)}
    assert small < large


def test_equal_content_falls_on_one_side():
    content = np.repeat(np.arange(100, dtype=np.uint8)[:, None], 2, axis=0)
    train, held_out = split_by_content(content, torch.from_numpy(content), torch.arange(200), 0.4)
    assert not set(train.values.flatten().tolist()) & set(held_out.values.flatten().tolist())
    assert len(train) + len(held_out) == 200
    assert sorted(train.labels.tolist() + held_out.labels.tolist()) == list(range(200))


def test_the_decision_never_changes():
    chosen = [number for number in range(60) if is_held_out(str(number).encode(), 0.1)]
    assert chosen == [
        18,
        29,
        47,
        55,
    ]  # other numbers would move images from one side to the other between versions
