"""The configuration of a run as frozen, range-checked dataclasses; nothing here imports torch.

`auto` stands for what the model prefers, else the loss, else the default; resolved before anything is built.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gan_zoo.config import checks
from gan_zoo.config.plain import from_plain, to_plain
from gan_zoo.config.replaced import without_replaced
from gan_zoo.config.schema_model import ModelConfig
from gan_zoo.config.schema_trainer import TrainerConfig, TurnsConfig

if TYPE_CHECKING:
    from omegaconf import DictConfig

GUARDS = ("off", "warn", "stop", "rollback")


@dataclass(frozen=True)
class RemoveConfig:
    """Parts to leave out although a model, loss or experiment brings them; typed as `stabilizer=[~ema]`."""

    regularizer: tuple[str, ...] = ()
    stabilizer: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _set(self, regularizer=checks.names("remove.regularizer", self.regularizer, "r1"))
        _set(self, stabilizer=checks.names("remove.stabilizer", self.stabilizer, "ema"))


@dataclass(frozen=True)
class RunConfig:
    """All that decides what a run computes.

    Attributes:
        model: networks and what belongs to them.
        loss: `name` and parameters of the adversarial loss.
        regularizer: parts asked for by name, in addition to those of the model and the loss.
        stabilizer: likewise.
        remove: parts to leave out.
        data: `name` and parameters of the data set.
        optimizer: `name` and parameters.
        turns: who moves when.
        trainer: device, precision, threads.
        run_dir: where the run writes.
        seed: of every random draw, from 0 to 2^32 - 1.
        kimg: length of the run in thousands of real images, or `auto`.
        batch_size: samples (packs, with packing) of one step of D over all processes, or `auto`.
        guard: what is done about what the alarm finds: `off` (it is silent), `warn`, `stop` the run, or
            `rollback` to the last healthy checkpoint and go on with a remedy.
        init_from: run directory or checkpoint whose weights the networks start from, or None.
        plugins: importable modules that register further parts.
    """

    model: ModelConfig
    loss: dict[str, Any]
    data: dict[str, Any]
    optimizer: dict[str, Any]
    run_dir: str
    regularizer: dict[str, dict[str, Any]] = field(default_factory=dict)
    stabilizer: dict[str, dict[str, Any]] = field(default_factory=dict)
    remove: RemoveConfig = field(default_factory=RemoveConfig)
    turns: TurnsConfig = field(default_factory=TurnsConfig)
    trainer: TrainerConfig = field(default_factory=TrainerConfig)
    seed: int = 0
    kimg: float | str = "auto"
    batch_size: int | str = "auto"
    guard: str = "warn"
    init_from: str | None = None
    plugins: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _set(
            self,
            model=from_plain(ModelConfig, self.model, "model"),
            loss=checks.component("loss", self.loss, "js"),
            data=checks.component("data", self.data, "digits"),
            optimizer=checks.component("optimizer", self.optimizer, "adam"),
            regularizer=checks.components("regularizer", self.regularizer, "[r1]"),
            stabilizer=checks.components("stabilizer", self.stabilizer, "[ema]"),
            remove=from_plain(RemoveConfig, self.remove, "remove"),
            turns=from_plain(TurnsConfig, self.turns, "turns"),
            trainer=from_plain(TrainerConfig, self.trainer, "trainer"),
            run_dir=checks.text("run_dir", self.run_dir, "outputs/mine"),
            seed=checks.whole("seed", self.seed, 0, 1, most=2**32 - 1),
            kimg=checks.number("kimg", self.kimg, 0.0, 20, auto=True),
            batch_size=checks.whole("batch_size", self.batch_size, 1, 64, auto=True),
            # YAML reads a bare `off` as false.
            guard=checks.choice("guard", "off" if self.guard is False else self.guard, GUARDS),
            init_from=checks.text("init_from", self.init_from, "outputs/mine", none=True),
            plugins=checks.names("plugins", self.plugins, "my_package"),
        )

    def to_plain(self) -> dict[str, Any]:
        """Return the configuration as dictionaries, lists and plain values."""
        return to_plain(self)

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> RunConfig:
        """Read what `to_plain` returned.

        Raises:
            UserError: for an unknown key or a value out of range.
        """
        return from_plain(cls, plain)

    @classmethod
    def from_hydra(cls, composed: DictConfig, words: Sequence[str], **overrides: Any) -> RunConfig:
        """Read a composed configuration; what belongs to Lightning's `Trainer` or to Hydra is left out.

        Args:
            words: what was typed; a typed list of parts puts aside a recipe's settings of others.
            overrides: values that replace those of the configuration.

        Raises:
            UserError: for an unknown key, a missing value, a value of a wrong type or out of range.
        """
        from gan_zoo.config.dictconfig import OUTSIDE, as_plain

        known = {key: value for key, value in as_plain(composed).items() if key not in OUTSIDE}
        return cls.from_plain({**without_replaced(known, words), **overrides})


def _set(config: Any, **values: Any) -> None:
    for name, value in values.items():
        object.__setattr__(config, name, value)
