"""Checkpoints as artifacts of Weights & Biases, with what they were made from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_zoo.callbacks.wandb_identity import read_identity
from gan_zoo.checkpoint import BEST, LAST

if TYPE_CHECKING:
    from gan_zoo.module import GANModule


def use_inputs(run: Any, module: GANModule | None) -> None:
    """Say what an online run is made from: its data set by fingerprint, and the run that its weights are of.

    A data set is a note of a few lines; its content stays where it is.
    """
    import wandb

    if module is None:
        return
    run.use_artifact(dataset_note(module))
    other = module.config.get("init_from")
    known = read_identity(_folder(Path(other))) if other else None
    if known is not None and known.mode == "online":
        try:
            run.use_artifact(f"{known.entity}/{known.project}/{artifact_name(known.id)}:latest")
        except (wandb.errors.Error, ValueError):
            return  # that run has sent no checkpoint


def dataset_note(module: GANModule) -> Any:
    """Return the artifact that stands for a data set."""
    import wandb

    spec, dataset = module.game.spec, module.dataset
    note = {"name": spec.name, "fingerprint": dataset.fingerprint, "samples": len(dataset.train.values)}
    note |= {"shape": list(spec.shape), "classes": spec.classes}
    artifact = wandb.Artifact(f"data-{spec.name}", type="dataset", metadata=note)
    with artifact.new_file("dataset.json", mode="w") as file:
        json.dump(note, file, indent=2)
    return artifact


def log_checkpoints(run: Any, folder: Path, module: GANModule | None, images: int) -> None:
    """Send the last checkpoint and the best ones as one artifact; further processes add versions to it.

    Args:
        images: that the run had seen at its last row.
    """
    import wandb

    found = [path for path in [folder / "checkpoints" / LAST, *_best(folder)] if path.exists()]
    if not found:
        return
    artifact = wandb.Artifact(artifact_name(run.id), type="model", metadata=_metadata(module, images))
    for path in found:
        artifact.add_file(str(path), name=path.name)
    run.log_artifact(artifact, aliases=["latest", f"{images / 1000.0:.3f}kimg"])


def artifact_name(run_id: str) -> str:
    """Return the name of the artifact that holds the checkpoints of a run."""
    return f"checkpoint-{run_id}"


def _best(folder: Path) -> list[Path]:
    return sorted((folder / "checkpoints").glob(BEST))


def _metadata(module: GANModule | None, images: int) -> dict[str, Any]:
    if module is None:
        return {"kimg": images / 1000.0}
    return {
        "kimg": images / 1000.0,
        "data": module.game.spec.name,
        "fingerprint": module.dataset.fingerprint,
        "init_from": module.config.get("init_from"),
        "command": module.command,
    }


def _folder(path: Path) -> Path:
    """Return the folder of a run, which may be named by one of its checkpoints."""
    return path.parent.parent if path.suffix == ".ckpt" else path
