"""A configuration file cannot make Hydra build what it likes."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
EXPLOITS = {
    "callback": "hydra:\n  callbacks:\n    evil:\n      _target_: pathlib.Path.touch\n      self: {made}\n",
    "nested": "hydra:\n  callbacks:\n    evil:\n      _target_: gan_zoo.cli.folders.RememberFolders\n"
    "      more:\n        _target_: torch.load\n        f: {made}\n",
}


@pytest.mark.parametrize("name", EXPLOITS)
def test_targets_of_hydra_are_refused_before_anything_is_built(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "theirs" / "experiment"
    folder.mkdir(parents=True)
    made = tmp_path / "made"
    text = f"# @package _global_\n{EXPLOITS[name].format(made=made)}"
    (folder / "evil.yaml").write_text(text, encoding="utf-8")
    command = [sys.executable, str(ROOT / "train.py"), "--config-dir", str(folder.parent), "experiment=evil"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2, done.stderr
    assert "may not be built from a configuration" in done.stderr
    assert not made.exists()
    assert not (tmp_path / "outputs").exists()
