"""`wandb/run.json` in a run's folder: which run of Weights & Biases it is, so that it can be gone on with."""

from __future__ import annotations

import json
import secrets
import shlex
from dataclasses import asdict, dataclass
from pathlib import Path

from gan_zoo.checkpoint import write_bytes

FILE = Path("wandb") / "run.json"


@dataclass(frozen=True)
class Identity:
    """What a run is for Weights & Biases.

    Attributes:
        id: unique within the project.
        project: it belongs to.
        entity: user or team, None for the one that is logged in.
        name: that people see.
        group: of runs that belong together, or None.
        mode: in which it was started last, `online`, `offline` or `disabled`.
        url: its page, or None offline.
    """

    id: str
    project: str
    entity: str | None = None
    name: str | None = None
    group: str | None = None
    mode: str = "offline"
    url: str | None = None

    @property
    def path(self) -> str:
        """Entity, project and id, as W&B's interface takes them."""
        return "/".join(filter(None, (self.entity, self.project, self.id)))


def read_identity(run_dir: Path) -> Identity | None:
    """Return which run a folder holds, None where W&B has not seen it or the note is torn."""
    try:
        return Identity(**json.loads((run_dir / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_identity(run_dir: Path, identity: Identity) -> None:
    """Note which run a folder holds.

    Raises:
        OSError: if the disk refuses.
    """
    (run_dir / FILE).parent.mkdir(parents=True, exist_ok=True)
    write_bytes(run_dir / FILE, f"{json.dumps(asdict(identity), indent=2)}\n".encode())


def new_id() -> str:
    """Return an id that no other run has."""
    return secrets.token_hex(4)


def sync_command(run_dir: Path) -> str:
    """Return what uploads everything that lies in a run's folder."""
    return f"wandb sync {shlex.quote(str(run_dir / 'wandb'))}/offline-run-*"
