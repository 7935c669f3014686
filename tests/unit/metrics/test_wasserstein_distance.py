"""Exact transport in closed form, against all pairings, and against linear programming for unequal sets."""

import importlib.util
import itertools

import numpy as np
import pytest
import torch
from scipy.optimize import linprog

from gan_zoo.errors import UserError
from gan_zoo.metrics.functional import wasserstein_distance
from gan_zoo.metrics.functional.wasserstein_distance import importlib as used_importlib

HAS_POT = importlib.util.find_spec("ot") is not None


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def by_linear_program(real, fake):
    costs = (real[:, None] - fake).norm(dim=2).numpy()
    rows, columns = costs.shape
    sums = np.zeros((rows + columns, rows * columns))
    for row in range(rows):
        sums[row, row * columns : (row + 1) * columns] = 1.0
    for column in range(columns):
        sums[rows + column, column::columns] = 1.0
    masses = np.concatenate([np.full(rows, 1 / rows), np.full(columns, 1 / columns)])
    return linprog(costs.reshape(-1), A_eq=sums, b_eq=masses).fun


def test_equals_the_best_of_all_pairings():
    real, fake = normal(6, 3), normal(6, 3, seed=1)
    costs = (real[:, None] - fake).norm(dim=2)
    best = min(
        sum(costs[row, column].item() for row, column in enumerate(pairing)) / 6
        for pairing in itertools.permutations(range(6))
    )
    assert wasserstein_distance(real, fake) == pytest.approx(best, rel=1e-9)


def test_on_a_line_it_is_the_distance_of_sorted_values():
    real, fake = normal(200, 1), normal(200, 1, seed=1) * 2.0 + 1.0
    expected = (real.sort(0).values - fake.sort(0).values).abs().mean()
    assert wasserstein_distance(real, fake) == pytest.approx(float(expected), rel=1e-12)


def test_a_shift_costs_its_length_and_a_set_is_at_no_distance_from_itself():
    real = normal(50, 20)
    shift = torch.ones(20) * 0.1
    assert wasserstein_distance(real, real.flip(0) + shift) == pytest.approx(0.1 * 20**0.5, rel=1e-7)
    assert wasserstein_distance(real, real.flip(0)) == 0.0


def test_collapse_costs_more_the_less_is_left():
    real = normal(60, 3)
    costs = [wasserstein_distance(real, real[:kept].repeat(60 // kept, 1)) for kept in (60, 20, 5, 1)]
    assert costs == sorted(costs)


@pytest.mark.skipif(not HAS_POT, reason="POT is an extra")
@pytest.mark.parametrize("sizes", [(7, 4), (5, 9), (1, 6)])
def test_unequal_numbers_equal_a_linear_program(sizes):
    real, fake = normal(sizes[0], 3), normal(sizes[1], 3, seed=1)
    assert wasserstein_distance(real, fake) == pytest.approx(by_linear_program(real, fake), rel=1e-7)


def test_unequal_numbers_without_pot_are_refused(monkeypatch):
    monkeypatch.setattr(used_importlib.util, "find_spec", lambda name: None)
    with pytest.raises(
        UserError, match=r'7 real and 4 fake .*pip install "gan-zoo\[metrics\]".*first 4 of both'
    ):
        wasserstein_distance(normal(7, 3), normal(4, 3))


def test_other_widths_are_refused():
    with pytest.raises(UserError, match="differ in form"):
        wasserstein_distance(normal(4, 3), normal(4, 2))
