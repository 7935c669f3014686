"""Further processes get the words of the first one, and end with it."""

import subprocess
import sys

import pytest
from pytorch_lightning.plugins.environments import LightningEnvironment

from gan_zoo.assemble import launching
from gan_zoo.assemble.launching import Launcher, further_arguments

RUN = "outputs/it's mine"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (["seed=1"], ["seed=1", "run_dir='outputs/it\\'s mine'"]),
        (["run_dir=a", "resume=auto"], ["resume=auto", "run_dir='outputs/it\\'s mine'"]),
        (["seed=1", "resume=outputs/a", "run_dir=outputs/a"], ["seed=1", "resume=outputs/a"]),
    ],
)
def test_they_get_the_same_words_and_folder(typed, expected):
    assert further_arguments(typed, RUN) == expected


@pytest.fixture
def launcher(monkeypatch):
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    monkeypatch.setattr(launching, "POLL_S", 0.05)
    return Launcher(LightningEnvironment(), 2, 1)


def program(monkeypatch, text):
    monkeypatch.setattr(launching, "PROGRAM", text)
    monkeypatch.setattr(sys, "argv", ["train.py", "seed=1"])


def test_they_know_who_they_are(launcher, monkeypatch, tmp_path):
    launcher.run_dir = "mine"
    written = tmp_path / "written"
    program(
        monkeypatch,
        f"import os, sys; open({str(written)!r}, 'w').write("
        "' '.join([os.environ['LOCAL_RANK'], os.environ['WORLD_SIZE'], *sys.argv[1:]]))",
    )
    assert launcher.launch(lambda: 7) == 7
    assert written.read_text() == "1 2 seed=1 run_dir='mine'"


def test_those_that_stay_are_ended_with_the_first(launcher, monkeypatch):
    program(monkeypatch, "import time; time.sleep(600)")
    monkeypatch.setattr(launching, "END_S", 0.1)
    launcher.launch(lambda: None)
    assert [process.poll() for process in launcher.procs] == [-9]


def test_an_exception_leaves_it_to_the_strategy_to_end_them(launcher, monkeypatch):
    program(monkeypatch, "import time; time.sleep(600)")

    def fail():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        launcher.launch(fail)
    assert launcher.lost() == ""
    launcher.end(0.1)
    assert launcher.lost() == "Process 1 was killed by SIGKILL."


def test_one_that_fails_ends_the_run_with_a_message(launcher, monkeypatch):
    program(monkeypatch, "import sys; sys.exit(3)")
    told = []
    monkeypatch.setattr(launching, "end_now", lambda why, run_dir, each: told.append(why) or each.end())

    def wait():
        while not told:
            subprocess.run(["sleep", "0.05"], check=True)

    launcher.launch(wait)
    assert told == ["Process 1 failed (exit code 3)."]
