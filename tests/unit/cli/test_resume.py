"""Which arguments a run goes on with."""

import json

import pytest

from gan_zoo.cli.resume import with_run
from gan_zoo.config.started import FILE, Started, is_finished
from gan_zoo.errors import UserError


def begun(folder, *overrides, state=None):
    folder.mkdir(parents=True)
    (folder / FILE).write_text(Started(overrides, {"seed": 0}).to_text(), encoding="utf-8")
    if state is not None:
        (folder / "summary.json").write_text(json.dumps({"state": state, "kimg": 10.0}), encoding="utf-8")
    return folder


def test_a_folder_brings_what_its_run_was_started_with(tmp_path):
    run = begun(tmp_path / "a b", "model=mlp", "kimg=10", "run_dir=elsewhere")
    found = with_run([f"resume={run}", "kimg=20", "guard=off"])
    assert found == ["model=mlp", "kimg=20", "guard=off", f"run_dir='{run}'", f"resume='{run}'"]


def test_without_resume_nothing_changes():
    assert with_run(["loss=js", "-m"]) == ["loss=js", "-m"]
    assert with_run(["loss=js", "resume=null"]) == ["loss=js"]


def test_auto_finds_the_newest_unfinished_run_of_the_same_words(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    begun(tmp_path / "outputs" / "1", "loss=js", "run_dir=outputs/1", state="finished")
    begun(tmp_path / "outputs" / "2", "loss=js", state="preempted")
    begun(tmp_path / "outputs" / "3", "loss=hinge")
    assert with_run(["loss=js", "resume=auto"]) == ["loss=js", "resume=auto", "run_dir='outputs/2'"]
    assert with_run(["loss=lsgan", "resume=auto"]) == ["loss=lsgan", "resume=auto"]
    assert with_run(["loss=js", "run_dir=x", "resume=auto"]) == ["loss=js", "run_dir=x", "resume=auto"]


@pytest.mark.parametrize("beside", ["run_dir=other", "-m"])
def test_a_folder_cannot_stand_beside_another(tmp_path, beside):
    run = begun(tmp_path / "run", "model=mlp")
    with pytest.raises(UserError, match="cannot stand beside"):
        with_run([f"resume={run}", beside])


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(UserError, match="is no run directory"):
        with_run([f"resume={tmp_path}"])
    (tmp_path / FILE).write_text("[broken", encoding="utf-8")
    with pytest.raises(UserError, match="cannot be read"):
        with_run([f"resume={tmp_path}"])


def test_a_run_is_finished_when_it_has_as_many_images_as_are_asked_for(tmp_path):
    run = begun(tmp_path / "run", state="finished")
    assert is_finished(run)
    assert is_finished(run, 10.0)
    assert not is_finished(run, 20.0)
    assert not is_finished(begun(tmp_path / "other", state="failed"))
    assert not is_finished(tmp_path)
