"""What every data set promises; registering one subscribes it.

A source that needs files gets them from `FILES`; a source without an entry is built from its defaults.
"""

import inspect
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from omegaconf import OmegaConf

from gan_zoo.data import DATASETS, LOADER_KEYS, Loader, Samples, load_dataset
from gan_zoo.errors import UserError
from tests.unit.data import fakes

CONF = Path(__file__).parents[2] / "conf" / "data"
NAMES = [f"{kind}/{index}.png" for kind in ("a", "b") for index in range(20)]
IMAGES = np.stack([fakes.pixels(index) for index in range(40)])
POOL = {"samples": 60, "held_out_samples": 20}


def saved(path, save, **arrays):
    save(path, *arrays.values()) if save is np.save else save(path, **arrays)
    return str(path)


FILES = {
    "celeba": lambda root, patch: {"root": str(fakes.celeba(root, patch)), "download": False, "size": 16},
    "cifar10": lambda root, patch: {"root": str(fakes.cifar10(root, patch)), "download": False},
    "fashion_mnist": lambda root, patch: {"root": str(fakes.idx(root, "FashionMNIST"))},
    "folder": lambda root, patch: {"path": str(fakes.folder(root, NAMES))},
    "gaussians_1200d": lambda root, patch: POOL,
    "grid": lambda root, patch: POOL,
    "lsun": lambda root, patch: {"root": str(fakes.lsun(root, patch)), "size": 8},
    "mnist": lambda root, patch: {"root": str(fakes.idx(root))},
    "npy": lambda root, patch: {"path": saved(root / "x.npy", np.save, images=IMAGES)},
    "npz": lambda root, patch: {"path": saved(root / "x.npz", np.savez, images=IMAGES, y=np.arange(40) % 2)},
    "ring": lambda root, patch: POOL,
    "stacked_mnist": lambda root, patch: {"root": str(fakes.idx(root)), **POOL},
    "zip": lambda root, patch: {
        "path": str(fakes.zipped(root / "x.zip", {n: fakes.encoded(IMAGES[i]) for i, n in enumerate(NAMES)}))
    },
}


@pytest.fixture(params=list(DATASETS))
def config(request, tmp_path, monkeypatch):
    """Return a small configuration of each registered data set."""
    files = FILES.get(request.param, lambda root, patch: {})
    return {"name": request.param, **files(tmp_path, monkeypatch)}


def test_what_is_declared_is_what_is_there(config):
    dataset = load_dataset(config)
    spec = dataset.spec
    assert spec.name == config["name"]
    assert len(dataset.train) > 0
    for samples in (dataset.train, dataset.held_out):
        assert tuple(samples.values.shape[1:]) == spec.shape
        assert samples.values.dtype == (torch.uint8 if spec.is_image else torch.float32)
        assert (samples.labels is not None) == (spec.classes > 0)
        if samples.labels is not None:
            assert samples.labels.dtype == torch.int64
            assert samples.labels.shape == (len(samples),)
            assert ((samples.labels >= 0) & (samples.labels < spec.classes)).all()
    assert len(spec.class_names) == spec.classes
    assert (dataset.modes is None) == (dataset.mode_std is None)


def test_loading_twice_gives_the_same(config):
    first = load_dataset(config)
    torch.manual_seed(12345)
    second = load_dataset(config)
    assert re.fullmatch("[0-9a-f]{64}", first.fingerprint)
    assert first.fingerprint == second.fingerprint
    torch.testing.assert_close(first.held_out.values, second.held_out.values, rtol=0, atol=0)


def test_training_never_sees_what_is_held_out(config):
    dataset = load_dataset(config)
    train = {row.numpy().tobytes() for row in dataset.train.values}
    assert not train & {row.numpy().tobytes() for row in dataset.held_out.values}


def test_the_loader_serves_it(config):
    dataset = load_dataset(config)
    loader = Loader(dataset.train, dataset.spec, lambda images: 4, total_images=16, seed=0, packs=2)
    batches = list(loader)
    assert len(batches) == len(loader) == 2
    for batch in batches:
        assert batch["samples"].shape == (8, *dataset.spec.shape)
        assert batch["samples"].dtype == torch.float32
        assert (batch["labels"] is None) == (dataset.spec.classes == 0)
        if dataset.spec.is_image:
            assert batch["samples"].abs().max() <= 1.0


def test_the_global_generator_is_left_alone(config):
    state = torch.get_rng_state()
    numpy_state = np.random.get_state()[1].copy()  # noqa: NPY002
    load_dataset(config)
    assert torch.equal(torch.get_rng_state(), state)
    assert (np.random.get_state()[1] == numpy_state).all()  # noqa: NPY002


def test_a_misspelled_argument_gets_a_hint(config):
    key = next(key for key in DATASETS.parameters(config["name"]))
    with pytest.raises(UserError, match=f"Did you mean '{key}'"):
        load_dataset(config | {f"{key}s_": 1})


@pytest.mark.parametrize("name", list(DATASETS))
def test_the_yaml_states_every_argument_with_its_default(name, monkeypatch):
    monkeypatch.delenv("GAN_ZOO_DATA", raising=False)
    monkeypatch.delenv("GAN_ZOO_CACHE", raising=False)
    assert (CONF / f"{name}.yaml").read_text().startswith("# ")
    stated = OmegaConf.to_container(OmegaConf.load(CONF / f"{name}.yaml"), resolve=True)
    assert stated.pop("name") == name
    stated = {key: value for key, value in stated.items() if key not in LOADER_KEYS}
    defaults = {key: parameter.default for key, parameter in DATASETS.parameters(name).items()}
    plain = {key: list(value) if isinstance(value, tuple) else value for key, value in defaults.items()}
    assert stated == plain


@pytest.mark.parametrize("name", list(DATASETS))
def test_file_class_and_documentation_carry_the_name(name):
    source = DATASETS[name]
    assert sys.modules[source.__module__].__file__.endswith(f"/{name}.py")
    summary = inspect.getdoc(source).splitlines()[0]
    assert summary.endswith(".")
    assert len(summary) <= 110


def test_images_can_be_flipped_from_the_yaml(config):
    dataset = load_dataset(config)
    stated = OmegaConf.load(CONF / f"{config['name']}.yaml")
    assert ("flip" in stated) == dataset.spec.is_image
    assert isinstance(dataset.train, Samples)


def test_no_yaml_is_left_over():
    assert {path.stem for path in CONF.glob("*.yaml")} == set(DATASETS)
