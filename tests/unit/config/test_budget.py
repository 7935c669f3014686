"""Budgets in generator steps: reals per step of G are batch times critic steps times packs."""

import pytest
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

import gan_zoo.config.budget  # noqa: F401


def composed(kimg: str, **changes):
    turns = {"critic_steps": 1, "generator_steps": 1, **changes.pop("turns", {})}
    return OmegaConf.create({"kimg": kimg, "batch_size": 64, "turns": turns, "remove": {}, **changes})


@pytest.mark.parametrize(
    ("kimg", "changes", "expected"),
    [
        ("${kimg_of:1000}", {}, 64.0),
        ("${kimg_of:1000}", {"turns": {"critic_steps": 5}}, 320.0),
        ("${kimg_of:1000}", {"stabilizer": {"packing": {"packs": 3}}}, 192.0),
        ("${kimg_of:1000}", {"stabilizer": {"ema": {}}}, 64.0),
        ("${kimg_of:1000}", {"turns": {"generator_steps": 2}}, 32.0),
        ("${kimg_of:1000,0.5}", {}, 32.0),
        ("${kimg_of:0.001}", {}, 0.064),
        (
            "${kimg_of:10}",
            {"stabilizer": {"packing": {"packs": 3}}, "remove": {"stabilizer": ["packing"]}},
            0.64,
        ),
    ],
)
def test_reals_of_a_budget(kimg: str, changes: dict, expected: float) -> None:
    assert composed(kimg, **changes).kimg == pytest.approx(expected)


@pytest.mark.parametrize("changes", [{"batch_size": "auto"}, {"turns": {"critic_steps": "auto"}}])
def test_an_open_number_is_refused(changes: dict) -> None:
    with pytest.raises(OmegaConfBaseException, match="needs a whole number"):
        _ = composed("${kimg_of:10}", **changes).kimg


def test_a_number_follows_from_another() -> None:
    rates = OmegaConf.create({"lr": 1e-3, "of_d": "${times:${lr},2}", "open": "${times:auto,2}"})
    assert rates.of_d == pytest.approx(2e-3)
    with pytest.raises(OmegaConfBaseException, match="cannot be multiplied"):
        _ = rates.open
