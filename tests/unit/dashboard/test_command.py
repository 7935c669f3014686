import json

import pytest
from helpers.wandb_stand_in import alone

from gan_zoo.dashboard.command import main, read_options
from gan_zoo.errors import UserError


def test_views_are_printed_without_a_network(monkeypatch, tmp_path, capsys):
    pytest.importorskip("wandb_workspaces")
    alone(monkeypatch, tmp_path)
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("there is no network"))
    main(["print=true", "group=my_sweep"])
    printed = json.loads(capsys.readouterr().out)
    assert set(printed) == {"runs", "sweep"}
    main(["print=true", "view=sweep"])
    assert set(json.loads(capsys.readouterr().out)) == {"sweep"}


def test_nobody_is_asked_for_a_key(monkeypatch, tmp_path):
    pytest.importorskip("wandb_workspaces")
    alone(monkeypatch, tmp_path)
    with pytest.raises(UserError, match=r"wandb login.*print=true"):
        main([])


def test_without_the_package_it_says_what_to_type(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "wandb_workspaces.reports.v2", None)
    with pytest.raises(UserError, match=r"pip install gan-zoo\[dashboard\]"):
        main(["print=true"])


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("view=sweeps", "Did you mean 'sweep'"),
        ("projekt=x", "Did you mean 'project'"),
        ("sweep", "key=value"),
        ("print=1", "true or false"),
    ],
)
def test_mistakes_are_explained(argument, words):
    with pytest.raises(UserError, match=words):
        read_options([argument])


def test_help_needs_nothing(capsys):
    main(["--help"], command="python scripts/wandb_dashboard.py")
    assert "usage: python scripts/wandb_dashboard.py" in capsys.readouterr().out
