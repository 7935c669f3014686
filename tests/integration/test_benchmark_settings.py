"""Every method composes with every suite, passes preflight, and is compared fairly."""

from functools import cache

import pytest
import torch
from hydra import compose, initialize_config_dir

from gan_zoo.assemble.prepare import build_run
from gan_zoo.assemble.resolve import resolve
from gan_zoo.benchmark.plan import form_of
from gan_zoo.benchmark.suites import METHODS, OURS, SUITES
from gan_zoo.cli.catalog import configuration_folder
from gan_zoo.config import RunConfig
from gan_zoo.config.dictconfig import as_plain
from gan_zoo.data.base import Dataset, Samples
from gan_zoo.types import DataSpec

PAIRS = [(suite, method) for suite in SUITES for method in METHODS]
SPECS = {
    "ring": DataSpec("ring", (2,)),
    "grid": DataSpec("grid", (2,), scale=4.0),
    "gaussians_1200d": DataSpec("gaussians_1200d", (1200,)),
    "digits": DataSpec("digits", (1, 16, 16), 10),
    "stacked_mnist": DataSpec("stacked_mnist", (3, 32, 32)),
}
COMMON_WITH_OURS = ("data", "rates")  # networks, batches and the number of steps are part of a recipe


@cache
def composed(suite: str, method: str) -> tuple[dict, dict]:
    """Return the configuration of a run, and what only the benchmark reads."""
    form = form_of(method, suite, configuration_folder())
    with initialize_config_dir(str(configuration_folder()), version_base="1.3"):
        words = [f"benchmark={suite}", f"method={form}", "run_dir=unused", "trainer=cpu"]
        whole = compose("train", words)
    return RunConfig.from_hydra(whole, words, run_dir="unused").to_plain(), as_plain(whole)["benchmark"]


@cache
def built(suite: str, method: str):
    """Return a run's resolved configuration and its game, checked by preflight; the data are zeros."""
    config, _ = composed(suite, method)
    spec = SPECS[suite]
    values = torch.zeros(256, *spec.shape, dtype=torch.uint8 if spec.is_image else torch.float32)
    labels = torch.zeros(256, dtype=torch.int64) if spec.classes else None
    dataset = Dataset(spec, Samples(values, labels), Samples(values[:8], None), "0" * 64)
    resolved = resolve(config, spec).config
    module, _, _ = build_run(resolved, dataset, "test")
    return resolved, module.game


def shared(suite: str, method: str) -> dict:
    """Return what all methods of a suite must have in common."""
    config, asked = composed(suite, method)
    packs = config["stabilizer"].get("packing", {}).get("packs", 1)
    reals = config["batch_size"] * config["turns"]["critic_steps"] * packs / 1000.0  # kimg of a step of G
    networks = {role: config["model"][role] for role in ("generator", "discriminator")}
    average = config["model"]["stabilizer"]["ema"]["half_life_kimg"]
    return {
        "data": config["data"],
        "networks": networks,
        "latent": (config["model"]["latent_dim"], config["model"]["latent_prior"]),
        "batch": config["batch_size"],
        "steps": round(config["kimg"] / reals, 3),
        "averaging": round(average / reals, 3),
        "rates": len(asked["learning_rates"]),
    }


@pytest.mark.parametrize(("suite", "method"), PAIRS)
def test_every_published_method_trains_as_long_on_the_same_networks_and_data(suite: str, method: str) -> None:
    found, expected = shared(suite, method), shared(suite, "js")
    keys = COMMON_WITH_OURS if method == OURS else tuple(expected)
    assert {key: found[key] for key in keys} == {key: expected[key] for key in keys}
    _, asked = composed(suite, method)
    assert asked["suite"] == suite
    assert found["steps"] == asked["generator_steps"]


@pytest.mark.slow
@pytest.mark.parametrize(("suite", "method"), PAIRS)
def test_every_method_passes_preflight_on_every_suite(suite: str, method: str) -> None:
    config, game = built(suite, method)
    reals_per_step = config["batch_size"] * config["turns"]["critic_steps"] * game.packs
    assert game.total_images == reals_per_step * composed(suite, method)[1]["generator_steps"]
    assert "ema" in game.stabilizers


@pytest.mark.parametrize("method", METHODS)
def test_a_method_can_be_typed_without_a_suite(method: str) -> None:
    with initialize_config_dir(str(configuration_folder()), version_base="1.3"):
        whole = compose("train", [f"method={method}", "run_dir=unused"])
    RunConfig.from_hydra(whole, [], run_dir="unused")


def test_a_single_run_takes_the_second_rate() -> None:
    config, asked = composed("ring", "js")
    assert config["optimizer"]["lr"] == asked["learning_rates"][1]


def test_methods_are_what_they_are_called() -> None:
    assert composed("ring", "minimax")[0]["loss"] == {"name": "js", "variant": "minimax", "real_label": 1.0}
    assert composed("ring", "unrolled_10")[0]["loss"]["steps"] == 10
    assert composed("ring", "packing_3")[0]["stabilizer"]["packing"]["packs"] == 3
    assert composed("ring", "wgan")[0]["optimizer"]["name"] == "rmsprop"
    assert composed("ring", "wgangp")[0]["loss"]["weight"] == 0.1
    assert composed("digits", "wgangp")[0]["loss"]["weight"] == 10.0
    assert set(composed("digits", "hinge_spectral_norm")[0]["stabilizer"]) == {"spectral_norm"}
    assert composed("ring", "best")[0]["model"]["latent_prior"] == "signs_10"
    assert composed("digits", "best")[0]["model"]["latent_prior"] == "normal"
