"""What makes a method, and what it is called."""

from collections.abc import Callable
from pathlib import Path

import yaml

from gan_zoo.report.groups import grouped, value_of
from gan_zoo.run_files import RunFiles

Make = Callable[..., RunFiles]


def test_labels_name_only_what_differs(make_run: Make) -> None:
    runs = [make_run("a", "kimg=8", "loss=js"), make_run("b", "kimg=8", "loss=wgan", "model=dcgan")]
    assert [group.label for group in grouped(runs)] == ["loss=js", "model=dcgan loss=wgan"]


def test_one_method_is_called_by_what_was_typed_for_all_of_its_runs(make_run: Make) -> None:
    (group,) = grouped(
        [
            make_run("a", "data=ring", "model=mlp", "loss=js"),
            make_run("b", "loss=js", "model=mlp", "data=ring", seed=1),
        ]
    )
    assert (group.label, len(group.runs)) == ("model=mlp loss=js data=ring", 2)
    assert grouped([make_run("c"), make_run("d", seed=1)])[0].label == "defaults"


def test_what_a_guard_changed_makes_no_other_method(make_run: Make) -> None:
    runs = [make_run(name, "loss=js", seed=seed) for seed, name in enumerate("ab")]
    config = yaml.safe_load((runs[1].path / "config.yaml").read_text(encoding="utf-8"))
    config["regularizer"] = {"r1": {"name": "r1"}}
    (runs[1].path / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    assert len(grouped([RunFiles(run.path) for run in runs])) == 1


def test_runs_that_were_typed_alike_are_told_apart_by_their_configurations(tmp_path: Path) -> None:
    for name, width in (("a", 8), ("b", 16)):
        (tmp_path / name).mkdir()
        content = {"model": {"generator": {"width": width}}, "seed": 0}
        (tmp_path / name / "config.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    groups = grouped([RunFiles(tmp_path / name) for name in "ab"])
    assert [group.label for group in groups] == ["width=8", "width=16"]


def test_a_value_that_was_not_typed_is_that_of_the_configuration(make_run: Make) -> None:
    run = make_run()
    assert value_of(run, "loss", "default") == "js"
    assert value_of(run, "kimg", "default") == "8.0"
    assert value_of(run, "nothing.here", "default") == "default"
