"""Modules from outside."""

import sys
from pathlib import Path

import pytest

from gan_zoo.config.plugins import find_plugin, import_plugins
from gan_zoo.errors import UserError


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    package = tmp_path / "an_outside_package"
    package.mkdir()
    (package / "__init__.py").write_text("IMPORTED = True\n")
    (package / "parts.py").write_text("")
    (tmp_path / "an_outside_module.py").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path


def test_packages_and_modules_are_found_in_the_working_directory_without_an_import(outside: Path) -> None:
    assert find_plugin("an_outside_package") == outside / "an_outside_package"
    assert find_plugin("an_outside_package.parts") == outside / "an_outside_package" / "parts.py"
    assert find_plugin("an_outside_module") == outside / "an_outside_module.py"
    assert "an_outside_package" not in sys.modules


def test_importing_twice_does_no_harm(outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import_plugins(["an_outside_package"])
    import_plugins(["an_outside_package"])
    assert sys.modules["an_outside_package"].IMPORTED
    monkeypatch.delitem(sys.modules, "an_outside_package")


@pytest.mark.parametrize("name", ["no_such_package_at_all", "not-a-name", "an_outside_package.nothing", ""])
def test_what_is_not_there_is_refused(outside: Path, name: str) -> None:
    with pytest.raises(UserError, match="plugins"):
        find_plugin(name)
