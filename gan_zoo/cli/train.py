"""`python train.py` and `gan-zoo train`: compose, check, train; a mistake gets one message, exit code 2."""

import os
import re
import shlex
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from gan_zoo.cli import folders, resume
from gan_zoo.cli.arguments import flags_apart, translate
from gan_zoo.cli.catalog import configuration_folder
from gan_zoo.cli.messages import MISTAKES, describe
from gan_zoo.cli.search_path import find_outside_parts
from gan_zoo.cli.trusted_targets import trust_only_ours
from gan_zoo.config import RunConfig
from gan_zoo.config.dictconfig import outside_group
from gan_zoo.config.plugins import import_plugins
from gan_zoo.config.started import FILE, is_finished, key_of
from gan_zoo.errors import UserError
from gan_zoo.sweep.names import sweep_name
from gan_zoo.sweep.session import Session, begin


@dataclass
class Outcome:
    """What was refused in this process.

    Attributes:
        program: what was typed before the arguments.
        refused: one message per mistake.
    """

    program: str = "python train.py"
    refused: list[str] = field(default_factory=list)


_outcome = Outcome()


def slug(text: str) -> str:
    """Return `text` as part of a folder name, at most 120 characters.

    Example:
        >>> slug("data.path=a/b,stabilizer=[ema,packing]")
        'data.path=a-b,stabilizer=ema,packing'
    """
    return re.sub(r"[^\w.,=+-]", "", text.replace("/", "-"))[:120]


OmegaConf.register_new_resolver("slug", slug, replace=True)
OmegaConf.register_new_resolver("sweep_name", sweep_name, replace=True)

JOB = "from gan_zoo.cli.sweep_job import main; main({program!r})"  # of a sweep, in a process of its own


def main(arguments: list[str] | None = None, program: str = "python train.py") -> None:
    """Run what the command line says.

    Args:
        arguments: without the program's name; those of the process by default.
        program: what was typed before them.
    """
    os.environ.setdefault("HYDRA_FULL_ERROR", "1")  # errors come to us instead of Hydra's printer
    global _outcome
    _outcome = Outcome(program=program)
    trust_only_ours()
    sweep = None
    try:
        sys.argv[1:] = resume.with_run(translate(sys.argv[1:] if arguments is None else arguments))
        find_outside_parts(sys.argv[1:])
        sweep = _sweep(sys.argv[1:], program)
        start = hydra.main(version_base="1.3", config_path=str(configuration_folder()), config_name="train")
        start(run)()
    except MISTAKES as error:
        _outcome.refused.append(describe(error))
    for message in _outcome.refused:
        print(f"error: {message}", file=sys.stderr)
    code = 2 if _outcome.refused else sweep.exit_code if sweep else 0
    if code:
        folders.remove_empty_sweep()
        sys.exit(code)


def _sweep(arguments: list[str], program: str) -> Session | None:
    """Return what becomes of a sweep, if this is one, after making our launchers known."""
    if not any(each in resume.SWEEPS for each in arguments):
        return None
    from gan_zoo.sweep.plugins import register

    register()
    flags = tuple(each for each in flags_apart(arguments)[0] if each not in resume.SWEEPS)
    return begin(program, flags, JOB.format(program=program))


def run(composed: DictConfig) -> Any:
    """Train one composed configuration; a refused run leaves no folder."""
    folder = Path(HydraConfig.get().runtime.output_dir)
    if folder.is_relative_to(Path.cwd()):
        folder = folder.relative_to(Path.cwd())
    try:
        return _train(composed, folder)
    except UserError as error:
        folders.remove_empty(folder)
        if HydraConfig.get().mode == RunMode.MULTIRUN:
            raise  # to the launcher, which goes on with the others
        _outcome.refused.append(str(error))
    return float("nan")


def _train(composed: DictConfig, folder: Path) -> Any:
    settings = HydraConfig.get()
    typed = settings.overrides.task
    config = RunConfig.from_hydra(composed, typed, run_dir=str(folder))
    in_sweep = settings.mode == RunMode.MULTIRUN  # it goes on with what it has begun
    resumes = bool(composed.get(resume.KEY)) or (in_sweep and (folder / FILE).exists())
    if resumes and composed[resume.KEY] == resume.AUTO and is_finished(folder, config.kimg):
        print(f"{folder} has finished; there is nothing to resume.")
        return float("nan")
    if not resumes and os.environ.get("LOCAL_RANK", "0") == "0":  # further processes find the folder in use
        folders.refuse_used(folder)
    callbacks, loggers = outside_group(composed, "callbacks"), outside_group(composed, "logger")
    import_plugins(config.plugins)
    from gan_zoo.assemble.train import train  # torch: only now, when the configuration is known to be good

    command = f"{_outcome.program} {shlex.join(typed)}".strip()
    words = [each for each in typed if key_of(each) != resume.KEY]
    return train(config, callbacks, loggers, command, words, resumes)
