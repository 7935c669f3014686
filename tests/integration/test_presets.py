"""Every preset composes, builds, and has the sizes and settings of its source, which stand beside them."""

from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir

from gan_zoo.assemble.build import build_game
from gan_zoo.assemble.resolve import resolve
from gan_zoo.cli.catalog import configuration_folder
from gan_zoo.config import RunConfig
from gan_zoo.types import DataSpec

CIFAR = DataSpec("cifar10", (3, 32, 32), 10)
PLANE = DataSpec("plane", (2,))
PRESETS = sorted(path.stem for path in (Path(configuration_folder()) / "experiment").glob("*.yaml"))

# preset: data, millions of parameters (generator, discriminator), settings. Sources: the papers and their
# released code; PGGAN's 1.297 M and PacGAN's .485 M and .405 M are published counts, to
# which our discriminators add the fromRGB layers of the coarser levels, and maxout's biases.
TABLE = {
    "pggan_cifar10": (CIFAR, (1.297, 1.299), {
        "optimizer.lr": 1e-3, "optimizer.betas": [0.0, 0.99], "batch_size": 16,
        "kimg": 20000.0,        "loss.target": 750.0,
        "model.growth.train_kimg": 400.0, "model.growth.fade_kimg": 400.0, "model.latent_dim": 128,
        "model.growth.batch_size": {4: 16, 16: 16, 32: 16},
        "regularizer.drift.weight": 0.001, "turns.simultaneous": True, "turns.reuse_latents": True,
    }),
    "pggan_celebahq": (DataSpec("folder", (3, 1024, 1024)), (23.08, 23.08), {
        "optimizer.lr": 1e-3, "optimizer.warmup_kimg": 40.0, "kimg": 19000.0,
        "model.growth.train_kimg": 800.0,
        "model.growth.batch_size": {4: 16, 16: 16, 32: 16, 256: 14, 512: 6, 1024: 3},
        "data.flip": True, "model.latent_dim": 512,
    }),
    "acgan_cifar10": (CIFAR, (2.994, 1.664), {
        "optimizer.lr": 2e-4, "optimizer.betas": [0.5, 0.999], "batch_size": 100, "kimg": 5000.0,
        "model.latent_dim": 100, "model.labels": "uniform", "model.discriminator.dropout": 0.5,
        "regularizer.auxiliary_classification.weight": 1.0,
    }),
    "msgan_cifar10": (CIFAR, (3.530, 2.658), {
        "optimizer.lr": 2e-4, "optimizer.betas": [0.5, 0.999], "optimizer.weight_decay": 1e-4,
        "batch_size": 32, "kimg": 10000.0, "model.latent_dim": 100, "regularizer.mode_seeking.weight": 1.0,
        "regularizer.mode_seeking.eps": 1e-5,
    }),
    "sngan_cifar10": (CIFAR, (4.276, 1.054), {
        "optimizer.lr": 2e-4, "optimizer.betas": [0.0, 0.9], "optimizer.schedule": "linear", "batch_size": 64,
        "kimg": 16000.0, "turns.critic_steps": 5, "model.generator_batch": 2, "model.latent_dim": 128,
        "model.discriminator.normalization": "none", "stabilizer.spectral_norm.name": "spectral_norm",
    }),
    "wgangp_cifar10": (CIFAR, (1.204, 1.054), {
        "optimizer.lr": 2e-4, "optimizer.betas": [0.0, 0.9], "optimizer.schedule": "linear", "batch_size": 64,
        "kimg": 32000.0, "turns.critic_steps": 5, "regularizer.gradient_penalty.weight": 10.0,
        "model.discriminator.normalization": "none",
    }),
    "unrolled_ring": (PLANE, (0.050, 0.017), {
        "optimizer.generator.lr": 1e-3, "optimizer.discriminator.lr": 1e-4, "optimizer.betas": [0.5, 0.999],
        "batch_size": 512, "kimg": 12800.0, "loss.steps": 5, "loss.options": {"variant": "minimax"},
        "turns.simultaneous": True, "model.latent_dim": 256, "model.generator.activation": "tanh",
    }),
    "pacgan_ring": (PLANE, (0.485, 0.407), {
        "optimizer.lr": 1e-4, "optimizer.betas": [0.8, 0.999], "batch_size": 100, "kimg": 80000.0,
        "stabilizer.packing.packs": 2, "turns.simultaneous": True, "model.latent_dim": 2,
    }),
    "pacgan_grid": (PLANE, (0.485, 0.407), {
        "optimizer.lr": 1e-4, "optimizer.betas": [0.8, 0.999], "batch_size": 100, "kimg": 80000.0,
        "stabilizer.packing.packs": 2, "data.scale": 1.0,
    }),
    "pacgan_stacked_mnist": (DataSpec("stacked_mnist", (3, 32, 32)), (1.069, 0.666), {
        "optimizer.lr": 2e-4, "optimizer.betas": [0.5, 0.999], "batch_size": 64, "kimg": 12800.0,
        "turns.generator_steps": 2, "turns.reuse_latents": True, "stabilizer.packing.packs": 2,
        "data.samples": 128000, "model.latent_prior": "uniform", "model.latent_dim": 100,
    }),
}  # fmt: skip


def composed(preset):
    """Compose a preset as the command line does; the data are not read."""
    with initialize_config_dir(str(configuration_folder()), version_base="1.3"):
        asked = [f"experiment={preset}", "run_dir=unused", "trainer=cpu"]
        return RunConfig.from_hydra(compose("train", asked), asked, run_dir="unused").to_plain()


def value_at(tree, key):
    """Return a nested value by its dotted key."""
    for step in key.split("."):
        tree = tree[step]
    return tree


def test_every_preset_stands_in_the_table():
    assert set(TABLE) == set(PRESETS)


@pytest.mark.parametrize("preset", PRESETS)
def test_preset_has_the_sizes_and_settings_of_its_source(preset):
    spec, millions, settings = TABLE[preset]
    resolved = resolve(composed(preset), spec)
    game = build_game(resolved.config, spec)
    for role, expected in zip(("generator", "discriminator"), millions, strict=True):
        counted = sum(parameter.numel() for parameter in game.networks[role].parameters()) / 1e6
        assert counted == pytest.approx(expected, abs=6e-4 * max(1.0, expected)), role
    found = {key: value_at(resolved.config, key) for key in settings}
    assert found == settings
    assert "ema" not in game.stabilizers or preset.startswith("pggan")


def test_pggan_discriminators_full_size_path_has_the_published_size():
    """1.297 M: the generator with all toRGB layers, D without the layers that only growing uses."""
    spec, _, _ = TABLE["pggan_cifar10"]
    discriminator = build_game(resolve(composed("pggan_cifar10"), spec).config, spec).networks[
        "discriminator"
    ]
    path = sum(
        parameter.numel()
        for name, parameter in discriminator.named_parameters()
        if not name.startswith("from_rgb") or name.startswith("from_rgb.3")
    )
    assert path / 1e6 == pytest.approx(1.297, abs=5e-4)
