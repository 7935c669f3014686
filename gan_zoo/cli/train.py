"""`python train.py` and `gan-zoo train`: compose, check, train; a mistake gets one message, exit code 2."""

import os
import re
import shlex
import sys
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from gan_zoo.cli import folders, resume
from gan_zoo.cli.arguments import translate
from gan_zoo.cli.catalog import configuration_folder
from gan_zoo.cli.messages import MISTAKES, describe
from gan_zoo.cli.search_path import find_outside_parts
from gan_zoo.cli.trusted_targets import trust_only_ours
from gan_zoo.config import RunConfig
from gan_zoo.config.dictconfig import outside_group
from gan_zoo.config.plugins import import_plugins
from gan_zoo.config.started import is_finished, key_of
from gan_zoo.errors import UserError


@dataclass
class Outcome:
    """What went wrong in the runs of this process.

    Attributes:
        program: what was typed before the arguments.
        listening: whether this process reports; a launcher's worker processes raise instead.
        refused: one message per refused run.
        failed: how many runs ended with an unexpected error.
    """

    program: str = "python train.py"
    listening: bool = False
    refused: list[str] = field(default_factory=list)
    failed: int = 0


_outcome = Outcome()


def slug(text: str) -> str:
    """Return `text` as part of a folder name, at most 120 characters.

    Example:
        >>> slug("data.path=a/b,stabilizer=[ema,packing]")
        'data.path=a-b,stabilizer=ema,packing'
    """
    return re.sub(r"[^\w.,=+-]", "", text.replace("/", "-"))[:120]


OmegaConf.register_new_resolver("slug", slug, replace=True)


def main(arguments: list[str] | None = None, program: str = "python train.py") -> None:
    """Run what the command line says.

    Args:
        arguments: without the program's name; those of the process by default.
        program: what was typed before them.
    """
    os.environ.setdefault("HYDRA_FULL_ERROR", "1")  # errors come to us instead of Hydra's printer
    global _outcome
    _outcome = Outcome(program=program, listening=True)
    trust_only_ours()
    try:
        sys.argv[1:] = resume.with_run(translate(sys.argv[1:] if arguments is None else arguments))
        find_outside_parts(sys.argv[1:])
        start = hydra.main(version_base="1.3", config_path=str(configuration_folder()), config_name="train")
        start(run)()
    except MISTAKES as error:
        _outcome.refused.append(describe(error))
    _report(_outcome)


def _report(outcome: Outcome) -> None:
    """Print what was refused, and leave with 2 for refusals, 1 for unexpected errors."""
    for message in outcome.refused:
        print(f"error: {message}", file=sys.stderr)
    if outcome.refused or outcome.failed:
        folders.remove_empty_sweep()
        sys.exit(1 if outcome.failed else 2)


def run(composed: DictConfig) -> Any:
    """Train one composed configuration; in a sweep what goes wrong in one run does not stop the others."""
    folder = Path(HydraConfig.get().runtime.output_dir)
    if folder.is_relative_to(Path.cwd()):
        folder = folder.relative_to(Path.cwd())
    try:
        return _train(composed, folder)
    except UserError as error:
        folders.remove_empty(folder)
        if not _outcome.listening:
            raise
        _outcome.refused.append(f"{_job()}{error}")
    except Exception:
        if not _outcome.listening or not _job():
            raise
        _outcome.failed += 1
        print(f"error: {_job()}", file=sys.stderr)
        traceback.print_exc()
    return float("nan")


def _job() -> str:
    """Return which run of a sweep this is, or nothing outside sweeps."""
    settings = HydraConfig.get()
    return (
        f"run {settings.job.num} ({settings.job.override_dirname}): "
        if settings.mode == RunMode.MULTIRUN
        else ""
    )


def _train(composed: DictConfig, folder: Path) -> Any:
    settings = HydraConfig.get()
    if settings.mode == RunMode.MULTIRUN and any(
        each.startswith("run_dir=") for each in settings.overrides.task
    ):
        raise UserError(
            "In a sweep every run has its own folder. Type hydra.sweep.dir=DIR instead of run_dir=DIR"
        )
    config = RunConfig.from_hydra(composed, run_dir=str(folder))
    resumes = bool(composed.get(resume.KEY))
    if resumes and composed[resume.KEY] == resume.AUTO and is_finished(folder, config.kimg):
        print(f"{folder} has finished; there is nothing to resume.")
        return float("nan")
    if not resumes and os.environ.get("LOCAL_RANK", "0") == "0":  # further processes find the folder in use
        folders.refuse_used(folder)
    callbacks, loggers = outside_group(composed, "callbacks"), outside_group(composed, "logger")
    import_plugins(config.plugins)
    from gan_zoo.assemble.train import train  # torch: only now, when the configuration is known to be good

    command = f"{_outcome.program} {shlex.join(settings.overrides.task)}".strip()
    words = [each for each in settings.overrides.task if key_of(each) != resume.KEY]
    return train(config, callbacks, loggers, command, words, resumes)
