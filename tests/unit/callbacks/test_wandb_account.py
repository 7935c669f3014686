import os
from pathlib import Path

import pytest
from helpers.wandb_stand_in import alone

from gan_zoo.callbacks.wandb_account import chosen_mode, give_a_home, has_key, run_settings
from gan_zoo.errors import UserError


@pytest.fixture(autouse=True)
def nobody(monkeypatch, tmp_path):
    alone(monkeypatch, tmp_path)
    monkeypatch.chdir(tmp_path)


def note(folder: Path, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings").write_text(f"[default]\n{text}\n")


def test_nobody_is_logged_in():
    assert not has_key()
    assert chosen_mode("auto") == "offline"


@pytest.mark.parametrize("name", ["WANDB_API_KEY", "WANDB_IDENTITY_TOKEN_FILE"])
def test_a_login_in_the_environment_is_found(monkeypatch, name):
    monkeypatch.setenv(name, "x" * 40)
    assert chosen_mode("auto") == "online"


@pytest.mark.parametrize("host", ["api.wandb.ai", "api.forge.coreweave.com"])
def test_a_login_in_netrc_is_found_under_both_names_of_the_service(monkeypatch, tmp_path, host):
    (tmp_path / "netrc").write_text(f"machine {host} login user password x\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert chosen_mode("auto") == "online"


def test_a_login_for_another_server_does_not_count(monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine api.wandb.ai login user password x\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("WANDB_BASE_URL", "http://wandb.example.org:8080")
    assert chosen_mode("auto") == "offline"
    (tmp_path / "netrc").write_text("machine wandb.example.org:8080 login user password x\n")
    assert chosen_mode("auto") == "online"


def test_what_wandb_has_noted_counts(monkeypatch, tmp_path):
    monkeypatch.setenv("WANDB_API_KEY", "x" * 40)
    note(tmp_path / "wandb-home", "mode = offline")
    assert chosen_mode("auto") == "offline"
    assert chosen_mode("online") == "online"
    note(tmp_path / "wandb", "mode = online")  # that of the working directory is nearer
    assert chosen_mode("auto") == "online"


def test_a_settings_file_that_is_broken_counts_as_empty(tmp_path):
    (tmp_path / "wandb").mkdir()
    (tmp_path / "wandb" / "settings").write_text("no section\n")
    assert chosen_mode("auto") == "offline"


@pytest.mark.parametrize(
    ("asked", "mode"), [("disabled", "disabled"), ("dryrun", "offline"), ("online", "online")]
)
def test_the_environment_may_say_which(monkeypatch, asked, mode):
    monkeypatch.setenv("WANDB_API_KEY", "x" * 40)
    monkeypatch.setenv("WANDB_MODE", asked)
    assert chosen_mode("auto") == mode


def test_online_from_the_environment_without_a_key_asks_nobody(monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "online")
    assert chosen_mode("auto") == "offline"


def test_an_unknown_mode_is_refused():
    with pytest.raises(UserError, match="Did you mean 'disabled'"):
        chosen_mode("disable")


def test_without_a_home_wandb_lives_beside_the_run(monkeypatch, tmp_path):
    for name in ("WANDB_CONFIG_DIR", "WANDB_CACHE_DIR", "WANDB_DATA_DIR", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, "")  # so that it is put back
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    give_a_home(tmp_path / "run")
    assert "WANDB_CONFIG_DIR" not in os.environ
    monkeypatch.setenv("HOME", str(tmp_path / "missing"))
    give_a_home(tmp_path / "run")
    assert os.environ["WANDB_CONFIG_DIR"] == str(tmp_path / "run" / "wandb" / "config")
    give_a_home(tmp_path / "other")
    assert os.environ["WANDB_CACHE_DIR"] == str(tmp_path / "run" / "wandb" / "cache")


def test_what_will_be_uploaded_lies_beside_the_run(monkeypatch, tmp_path):
    monkeypatch.setenv("WANDB_DATA_DIR", "")  # so that it is put back
    monkeypatch.delenv("WANDB_DATA_DIR")
    for run in ("one", "two"):  # in one process
        give_a_home(tmp_path / run)
        assert os.environ["WANDB_DATA_DIR"] == str(tmp_path / run / "wandb" / "data")
    monkeypatch.setenv("WANDB_DATA_DIR", str(tmp_path / "mine"))
    give_a_home(tmp_path / "one")
    assert os.environ["WANDB_DATA_DIR"] == str(tmp_path / "mine")


def test_a_home_that_only_the_system_knows_is_told_to_wandb(monkeypatch, tmp_path):
    monkeypatch.setenv("WANDB_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(os.path, "expanduser", lambda path: str(tmp_path))
    monkeypatch.delenv("HOME")
    give_a_home(tmp_path / "run")
    assert os.environ["HOME"] == str(tmp_path)


def test_nobody_is_waited_for_for_long():
    settings = run_settings("online", 7.0, 70.0)
    assert (settings.init_timeout, settings.login_timeout) == (7.0, 7.0)
    assert (settings.console, settings.silent) == ("off", False)
    assert run_settings("offline", 7.0, 70.0).silent
