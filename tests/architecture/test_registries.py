"""Registry key = file stem = YAML stem, and YAML keys = constructor parameters."""

import importlib
import inspect
from pathlib import Path

import pytest
import yaml

from gan_zoo.data.base import DATASETS
from gan_zoo.losses.base import LOSSES
from gan_zoo.networks.base import DISCRIMINATORS, GENERATORS
from gan_zoo.registry import Registry
from gan_zoo.regularizers.base import REGULARIZERS
from gan_zoo.stabilizers.base import STABILIZERS

ROOT = Path(__file__).resolve().parents[2]
GROUPS: dict[str, Registry] = {
    "loss": LOSSES,
    "regularizer": REGULARIZERS,
    "stabilizer": STABILIZERS,
    "data": DATASETS,
}
PACKAGES = {"loss": "losses", "regularizer": "regularizers", "stabilizer": "stabilizers", "data": "data"}
for package in PACKAGES.values():
    importlib.import_module(f"gan_zoo.{package}")

PARTS = [(group, name) for group, registry in GROUPS.items() for name in registry]


def configuration(group: str, name: str) -> dict:
    """Return what a component's file says: the part itself, in lists below its own name."""
    content = yaml.safe_load((ROOT / "conf" / group / f"{name}.yaml").read_text(encoding="utf-8"))
    return content[name] if group in ("regularizer", "stabilizer") else content


@pytest.mark.parametrize("group", GROUPS)
def test_every_part_has_its_configuration_and_every_configuration_its_part(group: str) -> None:
    assert {path.stem for path in (ROOT / "conf" / group).glob("*.yaml")} == set(GROUPS[group])


@pytest.mark.parametrize(("group", "name"), PARTS)
def test_the_file_the_class_and_the_configuration_share_one_name(group: str, name: str) -> None:
    part = GROUPS[group][name]
    if group != "data":  # the Gaussians share a file, and so do the sets of torchvision
        assert Path(inspect.getfile(part)).stem == name
    assert configuration(group, name)["name"] == name


@pytest.mark.parametrize(("group", "name"), PARTS)
def test_a_configuration_lists_the_parameters_of_its_part(group: str, name: str) -> None:
    """What is not listed cannot be typed without `+`."""
    parameters = set(GROUPS[group].parameters(name))
    assert parameters <= set(configuration(group, name)), "list them in its configuration"


@pytest.mark.parametrize("registry", [*GROUPS.values(), GENERATORS, DISCRIMINATORS], ids=lambda r: r.kind)
def test_the_first_line_of_every_part_is_one_sentence(registry: Registry) -> None:
    for name in registry:
        docstring = inspect.getdoc(registry[name]) or ""
        assert docstring.splitlines()[0].endswith("."), name


def test_every_model_is_called_like_its_file() -> None:
    for path in (ROOT / "conf" / "model").glob("*.yaml"):
        assert yaml.safe_load(path.read_text(encoding="utf-8"))["model"]["name"] == path.stem
