"""Which code a run was made with."""

from __future__ import annotations

import subprocess
from pathlib import Path

import gan_zoo.version

TIMEOUT_S = 10


def source_root() -> Path:
    """Return the folder that holds the package: the repository, or site-packages."""
    return Path(gan_zoo.version.__file__).resolve().parent.parent


def git_commit() -> str | None:
    """Return the commit of this code, with `-dirty` if tracked files differ; None outside its repository.

    Installed into the environment of another project, the package stands in that project's repository, whose
    commit says nothing about it.
    """
    root = source_root()
    top = _git(root, "rev-parse", "--show-toplevel")
    if top is None or Path(top).resolve() != root:
        return None
    commit = _git(root, "rev-parse", "--verify", "HEAD")
    changes = _git(root, "status", "--porcelain", "--untracked-files=no")
    return f"{commit}-dirty" if commit and changes else commit


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
