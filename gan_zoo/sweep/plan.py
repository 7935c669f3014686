"""The jobs of a sweep: where each runs, what is wrong with it, and whether it has ended before."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig, OmegaConf, open_dict, read_write

from gan_zoo.config.schema import RunConfig
from gan_zoo.config.started import FILE, is_finished, key_of, read_started
from gan_zoo.errors import UserError
from gan_zoo.run_files import RunFiles
from gan_zoo.sweep.job import FINISHED, REFUSED, STOPPED, Job
from gan_zoo.sweep.left import begin_at
from gan_zoo.sweep.names import digest, job_name, method_name
from gan_zoo.sweep.summary import earlier_states


class Planner:
    """Makes jobs from what is typed for each.

    Args:
        config_loader: Hydra's.
        config: the composed configuration of the sweep.
    """

    def __init__(self, config_loader: Any, config: DictConfig) -> None:
        self.config_loader, self.config = config_loader, config
        self.sweep_dir = Path(config.hydra.sweep.dir)
        asked = list(config.hydra.overrides.task)
        parsed = OverridesParser.create(config_loader=config_loader).parse_overrides(asked)
        self._fixed = {key_of(str(each.key_or_group)) for each in parsed if not each.is_sweep_override()}
        self._own_names = any(each.startswith("hydra.sweep.subdir=") for each in config.hydra.overrides.hydra)
        self._ended = earlier_states(self.sweep_dir)
        self._taken: dict[str, tuple[str, ...]] = {}

    def job(self, number: int, words: Sequence[str]) -> Job:
        """Return one job, refused or skipped where that is clear before it starts.

        Args:
            number: in the order of the command.
            words: what is typed for it.
        """
        composed = self.compose(number, words)
        swept = {key_of(each) for each in words} - self._fixed
        name = str(composed.hydra.sweep.subdir) if self._own_names else self._name(words, swept)
        job = Job(number, name, self.sweep_dir / name, method_name(words, swept), 0, tuple(words))
        try:
            config = RunConfig.from_hydra(without_hydra(composed), words, run_dir=str(job.folder))
            job.seed = config.seed
            job.kimg_total = None if isinstance(config.kimg, str) else float(config.kimg)
            self._look_back(job, config)
        except UserError as error:
            job.end(REFUSED, str(error))
        return job

    def compose(self, number: int, words: Sequence[str], name: str | None = None) -> DictConfig:
        """Return the configuration of a job, Hydra's part included.

        Args:
            number: of the job.
            words: what is typed for it.
            name: of its folder inside the sweep's.
        """
        composed = self.config_loader.load_sweep_config(self.config, list(words))
        with open_dict(composed):
            composed.hydra.job.id = composed.hydra.job.num = number
            composed.hydra.sweep.dir = str(self.sweep_dir)
            if name is not None:
                composed.hydra.sweep.subdir = name
        return composed  # type: ignore[no-any-return]

    def _name(self, words: Sequence[str], swept: Collection[str]) -> str:
        """Return a name that no other job of the command has."""
        name, own = job_name(words, swept), tuple(sorted(words))
        if self._taken.setdefault(name, own) != own:
            name = f"{name}-{digest(' '.join(own))}"
        return name

    def _look_back(self, job: Job, config: RunConfig) -> None:
        """Skip a job that has ended, if it was what is asked for now.

        Raises:
            UserError: naming what differs, if it was not.
        """
        files = RunFiles(job.folder)
        begin_at(job, files)
        if not (job.folder / FILE).exists():
            return
        unsummarized = files.summary is None and self._ended.get(job.name) == FINISHED
        stopped = files.state == STOPPED
        if not (is_finished(job.folder, config.kimg) or stopped or unsummarized):
            return
        check_same(read_started(job.folder).asked, config.to_plain(), files.config)
        job.end(STOPPED if stopped else FINISHED)
        job.skipped, job.kimg = True, files.kimg


def without_hydra(composed: DictConfig) -> DictConfig:
    """Return a configuration without Hydra's own part."""
    bare = OmegaConf.masked_copy(composed, [str(key) for key in composed if key != "hydra"])
    with read_write(bare):
        return bare


def check_same(before: Mapping[str, Any], now: Mapping[str, Any], resolved: Mapping[str, Any]) -> None:
    """Refuse a job that has ended with other settings than those of today.

    Args:
        before: the configuration that it was started with.
        now: the one that is asked for.
        resolved: its own, with every `auto` settled.

    Raises:
        UserError: naming what differs, where it changes what the run computes.
    """
    if {**before, "run_dir": ""} == {**now, "run_dir": ""}:
        return
    from gan_zoo.assemble.continuing import changed_config, differences  # torch; needed in rare cases only

    changed_config({"run_dir": now["run_dir"], "kimg": 0.0, **resolved}, differences(before, now))
