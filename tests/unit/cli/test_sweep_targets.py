"""Our launchers are built; nothing below `hydra.launcher` is, and no other launcher by its path."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
EXPLOITS = {
    "launcher": "hydra:\n  launcher:\n    _target_: pathlib.Path\n",
    "nested": "hydra:\n  launcher:\n    n_jobs:\n      _target_: pathlib.Path.touch\n      self: {made}\n",
    "outside": "hydra:\n  launcher:\n    _target_: hydra_plugins.gan_zoo.Other\n",
}


@pytest.mark.parametrize("name", EXPLOITS)
def test_a_sweep_builds_nothing_but_our_launchers(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "theirs" / "experiment"
    folder.mkdir(parents=True)
    made = tmp_path / "made"
    (folder / "evil.yaml").write_text(
        f"# @package _global_\n{EXPLOITS[name].format(made=made)}", encoding="utf-8"
    )
    words = ["--config-dir", str(folder.parent), "experiment=evil", "hydra/launcher=joblib", "-m", "seed=0,1"]
    done = subprocess.run(
        [sys.executable, str(ROOT / "train.py"), *words],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert not made.exists()
    assert not (tmp_path / "outputs").exists()
