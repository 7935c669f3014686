"""Weights & Biases without a prompt, without a hang, and without a point twice or never.

W&B wants steps that only grow, and loses the rows of the last seconds when a process is killed. So the step
of a row is its image count (more where a run went back), and a run that goes on first sends what is missing
of `metrics.csv`, then skips what W&B has.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytorch_lightning.loggers import WandbLogger

from gan_zoo.callbacks.wandb_about import configuration, names, tags
from gan_zoo.callbacks.wandb_account import chosen_mode, give_a_home, run_settings
from gan_zoo.callbacks.wandb_artifacts import log_checkpoints, use_inputs
from gan_zoo.callbacks.wandb_file import files, last_step, summary
from gan_zoo.callbacks.wandb_identity import Identity, new_id, read_identity, sync_command, write_identity
from gan_zoo.errors import UserError

if TYPE_CHECKING:
    from gan_zoo.module import GANModule

KIMG = "progress/kimg"
SWEEP = "WANDB_SWEEP_ID"  # of a sweep of W&B, whose agent started this process
STEP = "step"  # the image count in rows of metrics.csv


class WandbRun(WandbLogger):
    """One run of Weights & Biases, in the folder of the run; it starts when training does.

    Args:
        save_dir: the run's folder, in which `wandb/` appears.
        module: the run; its configuration, code and data are sent along.
        project: in which project.
        entity: of which user or team; null for the one that is logged in.
        name: of the run; null for its sweep's words, else the name of its folder.
        group: of runs that belong together; null for its sweep, else its experiment.
        tags: beside model, loss, regularizers, stabilizers and data.
        job_type: within the group.
        mode: `online`, `offline` (upload later with `wandb sync`), `disabled`, or `auto`: what WANDB_MODE
            says, else online where there is a key and the server answers, else offline.
        timeout_s: seconds to wait for the server at the start.
        upload_timeout_s: seconds to wait for it at the end.
        checkpoints: whether checkpoints are sent as an artifact at the end.

    Attributes:
        rows: of metrics.csv before this process, for a run that goes on.
        closed: whether it has ended.

    Raises:
        UserError: for an unknown mode, a missing package, or `online` without a login.
    """

    def __init__(
        self, save_dir: str, module: GANModule | None = None, project: str = "gan_zoo",
        entity: str | None = None, name: str | None = None, group: str | None = None,
        tags: Sequence[str] = (), job_type: str = "train", mode: str = "auto", timeout_s: float = 20.0,
        upload_timeout_s: float = 300.0, checkpoints: bool = False,
    ) -> None:  # fmt: skip
        try:
            super().__init__(save_dir=save_dir, project=project)
        except ImportError as error:
            raise UserError("logger=wandb needs the package wandb. Type: pip install wandb") from error
        self.folder, self.module, self.checkpoints = Path(save_dir), module, checkpoints
        self.asked, self.mode = mode, chosen_mode(mode)
        self.given = {"entity": entity, "name": name, "group": group}
        self.tags, self.job_type = list(tags), job_type
        self.timeouts = (timeout_s, upload_timeout_s)
        self.rows: list[dict[str, str]] = []
        self.closed = False
        self._sent = -1  # the last step that W&B has from earlier processes
        self._images, self._lost = -1, 0  # of the last row, and those that were played and given up

    @property
    def experiment(self) -> Any:
        """The run of W&B; the first time that it is asked for it starts."""
        if self._experiment is None:
            self._experiment = self._start()
            self._catch_up()
        return self._experiment

    def log_metrics(self, metrics: Mapping[str, Any], step: int | None = None) -> None:
        """Send numbers, pictures and tables, unless the same run sent them before it was interrupted.

        Args:
            step: real images seen so far. What comes for the same count becomes one row.
        """
        run = self.experiment
        if step is None:
            run.log(dict(metrics))
        elif (place := self._place(step)) > self._sent:
            run.log({**metrics, KIMG: step / 1000.0}, step=place)

    def introduce(self, module: GANModule) -> None:
        """Take another configuration, where the run goes on with a remedy."""
        if self.module is not None and self.module is not module:
            self.experiment.config.update(configuration(module), allow_val_change=True)
        self.module = module

    def close(self, exit_code: int = 0, preempted: bool = False) -> None:
        """End the run with the state that it has, and say where it can be seen.

        Args:
            exit_code: of the process; 0 if all went well.
            preempted: whether the run was saved to go on later.
        """
        run, late = self._experiment, False
        if run is None or self.closed or self.mode == "disabled":
            return
        self.closed = True
        try:
            if self.checkpoints:
                log_checkpoints(run, self.folder, self.module, self._images)
            if preempted and SWEEP not in os.environ:  # it would take up again what it has ended early
                run.mark_preempting()
            run.finish(exit_code=exit_code)
        except TimeoutError:
            late = True
        except Exception as error:  # noqa: BLE001  (the run itself has ended, well or not)
            print(f"warning: Weights & Biases could not finish: {error}")  # noqa: T201
        if self.mode == "online" and not late:
            print(f"W&B:     {run.url}")  # noqa: T201
            return
        command = sync_command(self.folder)
        command = command.replace("offline-run-*", "run-*") if self.mode == "online" else command
        print(f"W&B:     to upload it type {command}")  # noqa: T201

    # How it starts ---------------------------------------------------------------------------------------

    def _start(self) -> Any:
        """Start the run, offline where the server cannot be reached.

        Raises:
            UserError: if that is impossible, too.
        """
        give_a_home(self.folder)
        known = read_identity(self.folder)
        identity = known or Identity(new_id(), str(self.name), **self._names())
        before = self._online_records()
        try:
            run = self._init(identity)
        except Exception as error:  # whatever the library raises where the server cannot be reached
            if self.mode != "online" or self.asked == "online":
                raise UserError(
                    f"Weights & Biases cannot start: {error}. Type logger.wandb.mode=auto, or logger=csv"
                ) from error
            print(f"Weights & Biases cannot be reached; recording in {self.folder / 'wandb'}.")  # noqa: T201
            self.mode, identity = "offline", self._again(identity, known is None)
            for empty in self._online_records() - before:  # `wandb sync` would find it, too
                shutil.rmtree(empty, ignore_errors=True)
            run = self._init(identity)
        online = self.mode == "online"
        if online:  # where an agent of a sweep of W&B runs us, it says which run this is
            identity = replace(identity, id=run.id, project=run.project, entity=run.entity)
        write_identity(self.folder, replace(identity, mode=self.mode, url=run.url if online else None))
        # Another pattern beside "*" would win at random, so there is but this one.
        run.define_metric(KIMG)
        run.define_metric("*", step_metric=KIMG, step_sync=True)
        self._sent = int(run.starting_step) - 1 if online else last_step(self.folder, identity.id)
        if not online and (earlier := files(self.folder, identity.id)):
            run.summary.update(summary(earlier))  # which a later record replaces
        if online and self.checkpoints:
            use_inputs(run, self.module)
        return run

    def _init(self, identity: Identity) -> Any:
        import wandb

        config = configuration(self.module) if self.module is not None else {}
        return wandb.init(
            mode=self.mode,  # type: ignore[arg-type]
            dir=self.folder,
            id=identity.id,
            resume="allow",
            reinit="create_new",  # a run of somebody else in this process stays as it is
            project=identity.project,
            entity=identity.entity,
            name=identity.name,
            group=identity.group,
            job_type=self.job_type,
            tags=tags(config, self.tags),
            config=config,
            settings=run_settings(self.mode, *self.timeouts),
        )

    def _online_records(self) -> set[Path]:
        return set((self.folder / "wandb").glob("run-*"))

    def _again(self, identity: Identity, is_new: bool) -> Identity:
        """Return how to start once more: wandb's process holds the id of a run that it could not start."""
        import wandb

        if is_new:
            return replace(identity, id=new_id())
        wandb.teardown(exit_code=0)  # an id that is known must stay, so that process is ended
        return identity

    def _names(self) -> dict[str, Any]:
        found = names(self.module, self.folder)
        return {**found, **{key: value for key, value in self.given.items() if value is not None}}

    # How it goes on --------------------------------------------------------------------------------------

    def _place(self, images: int) -> int:
        """Return the step of a row; where the run went back to an earlier checkpoint, steps go on growing."""
        if images < self._images:
            self._lost += self._images - images + 1
        self._images = images
        return images + self._lost

    def _catch_up(self) -> None:
        """Send the rows of the table that a killed process has not got to W&B, with their pictures."""
        import wandb

        from gan_zoo.callbacks.wandb_media import saved_pictures

        run: Any = self._experiment
        rows, self.rows = self.rows, []
        for row in rows:
            images = int(row[STEP])
            place = self._place(images)
            if place > self._sent:
                values: dict[str, Any] = {key: float(value) for key, value in row.items() if key != STEP}
                for key, picture in saved_pictures(self.folder, images, self.module).items():
                    values[key] = [wandb.Image(picture, caption=f"{images / 1000:.1f} kimg")]
                run.log(values, step=place)
