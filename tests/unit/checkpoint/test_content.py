import platform

import pytest
import torch

from gan_zoo import checkpoint
from gan_zoo.checkpoint import content
from gan_zoo.types import DataSpec
from gan_zoo.version import versions


def test_every_package_has_a_version():
    assert all(versions().values())


def test_the_environment_says_what_bits_depend_on():
    found = checkpoint.environment()
    assert found["threads"] == torch.get_num_threads()
    assert found["cpu"] == torch.backends.cpu.get_cpu_capability()
    assert found["machine"].startswith(platform.machine())
    assert checkpoint.environment(torch.device("cpu")) == {**found, "device": "cpu"}
    assert not list(checkpoint.not_plain(found))


def test_the_environment_where_no_file_names_the_processor(tmp_path, monkeypatch):
    monkeypatch.setattr(content, "PROCESSORS", tmp_path / "none")
    assert checkpoint.environment()["machine"] == platform.machine()


def test_the_declaration_of_the_data_survives():
    spec = DataSpec("digits", (1, 8, 8), 2, ("a", "b"))
    assert checkpoint.read_spec(checkpoint.plain_spec(spec)) == spec


@pytest.mark.parametrize(
    ("value", "where"),
    [({"a": [{1, 2}]}, "a[0] (set)"), ({(1, b"x"): 0}, "[key][1] (bytes)"), (torch.float32, " (dtype)")],
)
def test_what_is_not_plain_is_named_by_its_place(value, where):
    assert list(checkpoint.not_plain(value)) == [where]
