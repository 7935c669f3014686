"""The game: one loop in which every GAN of the zoo trains. Plain torch; Lightning only drives it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from gan_zoo import processes
from gan_zoo.draws import Draws, connect_draws
from gan_zoo.game.buffers import HeldBuffers
from gan_zoo.game.context import Context, Setting
from gan_zoo.game.deal import Batch, Dealer, Rules, images_in
from gan_zoo.game.growth import Growth
from gan_zoo.game.optimizers import reset_moments
from gan_zoo.game.player import Player, Turns
from gan_zoo.game.skips import Skips
from gan_zoo.game.state import state_of, take_over
from gan_zoo.game.turns import Programme
from gan_zoo.game.window import Window
from gan_zoo.networks.base import Generator
from gan_zoo.stabilizers.base import Progress, Stabilizer
from gan_zoo.systems.base import System
from gan_zoo.types import DISCRIMINATOR, GENERATOR, DataSpec, PlayerName, Stage


@dataclass
class Game:
    """Players, whose turn it is, and how far the run has come.

    One call of `play` consumes one batch of reals: D's committed step, and G's steps when the round is
    complete.

    Attributes:
        spec: what the data look like.
        system: names the quantities that terms pull.
        players: by name.
        stabilizers: by name.
        programme: who moves when.
        rules: the remaining numbers.
        draws: the run's random numbers.
        growth: schedule of progressive growing, or None.
        sync: called with a player before it is judged; averages `parameter.grad` and the player's terms over
            processes, in place, so that all processes judge alike (`gan_zoo.game.sync.average`).
        images: reals consumed by D's committed steps, over all processes.
        critic_step: D's steps in the current round.
        phase: (level, fading) of the last turn; optimizer moments are forgotten when it changes.
        window: logged values since the last look.
    """

    spec: DataSpec
    system: System
    players: dict[PlayerName, Player]
    stabilizers: dict[str, Stabilizer]
    programme: Programme
    rules: Rules
    draws: Draws
    growth: Growth | None = None
    sync: Callable[[Player], None] | None = None
    images: int = 0
    critic_step: int = 0
    phase: tuple[int, bool] | None = None
    window: Window = field(default_factory=Window)

    def __post_init__(self) -> None:
        self.networks = {name: player.network for name, player in self.players.items()}
        views = [s for s in self.stabilizers.values() if s.changes_view()]
        self.views: Sequence[Stabilizer] = tuple(sorted(views, key=lambda s: s.order))
        self.packs = max([1, *(s.packs for s in self.stabilizers.values())])
        self.turns = Turns(self.players)
        self.skips, self._buffers = Skips(tuple(self.players)), HeldBuffers(())
        generator: Generator = self.networks[GENERATOR]  # type: ignore[assignment]
        self.dealer = Dealer(self.rules, self.programme, self.draws, generator, self.spec.classes, self.packs)
        self.stage, self.kimg = self.stage_at(self.images), self.images / 1000.0
        for name, network in self.networks.items():
            connect_draws(network, self.draws, name)

    def start(self) -> list[torch.optim.Optimizer]:
        """Build the optimizers and let stabilizers look at the networks, which are on their device now."""
        optimizers = [player.build_optimizer() for player in self.players.values()]
        for stabilizer in self.stabilizers.values():
            stabilizer.start(self.networks)
        self._buffers = HeldBuffers([*self.networks.values(), self.averaged_generator()])  # each buffer once
        return optimizers

    # Progress --------------------------------------------------------------------------------------------

    def stage_at(self, images: int) -> Stage | None:
        """Return the stage of growth after `images` images."""
        return None if self.growth is None else self.growth.stage(images)

    def batch_size_at(self, images: int) -> int:
        """Return D's batch size, in packs, after `images` images."""
        size = self.rules.batch_size
        return size if self.growth is None else self.growth.batch_at(images, size)

    @property
    def total_images(self) -> int:
        """Reals after which the run ends."""
        return self.rules.total_images

    @property
    def steps(self) -> dict[str, int]:
        """Committed steps by player."""
        return {name: player.steps for name, player in self.players.items()}

    @property
    def progress(self) -> Progress:
        """Where the run stands."""
        stage_images = self.images if self.growth is None else self.growth.stage_images(self.images)
        return Progress(self.images, stage_images)

    def condition(self) -> dict[str, Any]:
        """Return the keywords that growing networks take now."""
        return {} if self.stage is None else {"level": self.stage.level, "fade": self.stage.fade}

    def averaged_generator(self) -> Generator:
        """Return the averaged generator, or the live one where nothing averages."""
        for stabilizer in self.stabilizers.values():
            average = getattr(stabilizer, "generator", None)
            if average is not None:
                return average
        return self.networks[GENERATOR]  # type: ignore[return-value]

    # The loop --------------------------------------------------------------------------------------------

    def play(self, batch: Batch) -> None:
        """Take D's step on a fresh batch of reals, and G's when the round is complete.

        Args:
            batch: `samples` `[m*B, ...]` and `labels` `[m*B]` or None.
        """
        self._enter_stage()
        self.critic_step += 1
        generator = self.players[GENERATOR]
        round_ends = self.critic_step >= self.programme.critic_steps(generator.steps)
        steps = self.programme.generator_steps
        if round_ends and self.programme.simultaneous:
            self._turn((DISCRIMINATOR, GENERATOR), batch)
            steps -= 1
        else:
            self._turn((DISCRIMINATOR,), batch)
        if round_ends:
            for _ in range(steps):
                self._turn((GENERATOR,), batch)
            self.critic_step = 0

    def _enter_stage(self) -> None:
        """Fix kimg, stage and learning rates for this call; forget moments where a fade starts or ends."""
        self.stage = self.stage_at(self.images)
        self.kimg = self.images / 1000.0
        for player in self.players.values():
            player.set_learning_rate(self.kimg)
        if self.growth is None:
            return
        phase = self.growth.phase(self.images)
        if self.phase is not None and phase != self.phase:
            for player in self.players.values():
                reset_moments(player.optimizer)
        self.phase = phase

    def _turn(self, names: Sequence[PlayerName], batch: Batch) -> None:
        """Let players move: all gradients at the same parameters, then all steps; none if one is not finite.

        Counts go on in either case: data and draws are functions of them, and the host does not wait to know.
        """
        self._buffers.hold()
        with processes.together(self.draws.world):
            for name in names:
                self._gradients(self.players[name], batch)
        skipped = self._judge(names)
        for name in names:
            self.players[name].commit(skipped)
            if name == DISCRIMINATOR:
                self.images += images_in(batch) * self.draws.world
            progress = replace(self.progress, skipped=skipped)
            for stabilizer in self.stabilizers.values():
                stabilizer.after_step(name, progress)
        self._buffers.put_back(skipped)

    def _judge(self, names: Sequence[PlayerName]) -> torch.Tensor:
        """Return 1 if a number of these players' turn is not finite, else 0, `[]`; on the device."""
        verdicts = []
        for name in names:
            if self.sync is not None:
                self.sync(self.players[name])
            verdicts.append(self.skips.judge(self.players[name], self.images))
        return verdicts[0] if len(verdicts) == 1 else torch.stack(verdicts).amax()

    def _gradients(self, player: Player, batch: Batch) -> None:
        """Leave the gradient of the player's loss in its parameters, and only there."""
        self.turns.give(player.name)
        player.forget_gradients()
        pieces = self.dealer.pieces(player.name, player.steps, batch)
        for index, leaves in enumerate(pieces):
            context = Context(self._setting(player, index), leaves)
            loss, parts = player.strategy.loss(player, context)
            share = loss / len(pieces) if len(pieces) > 1 else loss
            share.backward(inputs=player.parameters)  # nothing else gets a gradient, not even samples
            for name, value in parts.items():
                player.note(name, value.detach())
                self.window.add(f"{player.name}/{name}", value)

    def _setting(self, player: Player, piece: int) -> Setting:
        return Setting(
            system=self.system,
            networks=self.networks,
            views=tuple(self.views),
            draws=self.draws,
            player=player.name,
            position=(player.name, player.steps, piece),
            kimg=self.kimg,
            differentiates=player.strategy.differentiates(player),
            packs=self.packs,
            stage=self.stage,
            levels=self.growth.levels if self.growth is not None else (),
            mixed_precision=self.rules.mixed_precision,
        )

    # What a checkpoint keeps -----------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """Return everything that the rest of the run depends on: tensors, numbers and plain containers."""
        return state_of(self)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` returned; call after `start`."""
        take_over(self, state)
