"""The configuration of turns, and of the machine that plays them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gan_zoo.config import checks
from gan_zoo.errors import UserError, did_you_mean

ACCELERATORS = ("auto", "cpu", "gpu", "mps")
PRECISIONS = ("32-true", "bf16-mixed")
CRITIC_SCHEDULE = ("otherwise", "critic_steps", "first_steps", "every")


@dataclass(frozen=True)
class TurnsConfig:
    """Who moves when.

    Attributes:
        critic_steps: steps of D before each turn of G: a number, `auto`, or a schedule over G's steps such as
            `{first_steps: 25, every: 500, critic_steps: 100, otherwise: 5}` (WGAN, arXiv:1701.07875).
        generator_steps: steps of G in its turn.
        simultaneous: whether both players move from the same point instead of one after the other.
        reuse_latents: whether G's turn uses the latents of D's last step.
    """

    critic_steps: int | str | dict[str, int] = "auto"
    generator_steps: int = 1
    simultaneous: bool = False
    reuse_latents: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.critic_steps, dict):
            _check_critic_schedule(self.critic_steps)
        else:
            checks.whole("turns.critic_steps", self.critic_steps, 1, 5, auto=True)
        checks.whole("turns.generator_steps", self.generator_steps, 1, 1)
        checks.flag("turns.simultaneous", self.simultaneous)
        checks.flag("turns.reuse_latents", self.reuse_latents)


def _check_critic_schedule(schedule: dict[str, Any]) -> None:
    key = "turns.critic_steps"
    for name in schedule:
        if name not in CRITIC_SCHEDULE:
            raise UserError(f"Unknown key '{key}.{name}'. {did_you_mean(str(name), CRITIC_SCHEDULE)}")
    if "otherwise" not in schedule:
        raise UserError(f"{key} lacks 'otherwise', the usual number of steps. Type for example {key}=5")
    for name, value in schedule.items():
        checks.whole(f"{key}.{name}", value, 1 if name in ("otherwise", "critic_steps") else 0, 5)


@dataclass(frozen=True)
class TrainerConfig:
    """The machine.

    Attributes:
        accelerator: `auto` takes a GPU where there is one.
        devices: how many processes per machine, with a device each; `auto` is what torchrun or SLURM started,
            else the number of GPUs.
        num_nodes: machines; `auto` is what torchrun or SLURM started.
        threads: of torch on the CPU, or None for torch's own choice.
        precision: `32-true`, or `bf16-mixed` with penalties kept in float32.
        channels_last: memory layout of images; `auto` is true on a GPU.
    """

    accelerator: str = "auto"
    devices: int | str = 1
    threads: int | None = None
    precision: str = "32-true"
    channels_last: bool | str = "auto"
    num_nodes: int | str = 1

    def __post_init__(self) -> None:
        checks.choice("trainer.accelerator", self.accelerator, ACCELERATORS)
        checks.whole("trainer.devices", self.devices, 1, 1, auto=True)
        checks.whole("trainer.num_nodes", self.num_nodes, 1, 2, auto=True)
        checks.whole("trainer.threads", self.threads, 1, 2, none=True)
        checks.choice("trainer.precision", self.precision, PRECISIONS)
        if not isinstance(self.channels_last, bool) and self.channels_last != "auto":
            raise checks.refuse("trainer.channels_last", self.channels_last, "true, false or auto", "true")
