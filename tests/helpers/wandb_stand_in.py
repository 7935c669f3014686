"""Stands in for wandb where a test asks what it is told, and nothing shall be written."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest


class Run:
    """Records what it is told."""

    id, name, project, entity, starting_step = "abcd", "a run", "gan_zoo", "somebody", 0
    url = "https://example.org/abcd"

    def __init__(self, **settings: Any) -> None:
        self.settings, self.axes, self.rows = settings, {}, []
        self.used, self.logged, self.ended, self.preempting = [], [], [], False
        self.known: dict[str, Any] = {}
        self.summary = SimpleNamespace(update=self.known.update)
        self.config = SimpleNamespace(update=lambda values, **_: self.settings["config"].update(values))

    def define_metric(self, name: str, step_metric: str | None = None, step_sync: bool | None = None) -> None:
        self.axes[name] = step_metric

    def log(self, values: dict[str, Any], step: int | None = None) -> None:
        self.rows.append((step, values))

    def use_artifact(self, artifact: Any) -> None:
        self.used.append(artifact)

    def log_artifact(self, artifact: Any, aliases: list[str]) -> None:
        self.logged.append((artifact, aliases))

    def mark_preempting(self) -> None:
        self.preempting = True

    def finish(self, exit_code: int) -> None:
        self.ended.append(exit_code)


def alone(monkeypatch: pytest.MonkeyPatch, home: Any) -> None:
    """Let nobody be logged in."""
    for name in ("API_KEY", "MODE", "BASE_URL", "IDENTITY_TOKEN_FILE"):
        monkeypatch.delenv(f"WANDB_{name}", raising=False)
    for name in ("GAN_ZOO_SWEEP", "GAN_ZOO_METHOD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(home / "no-netrc"))
    for name in ("CONFIG", "CACHE", "DATA"):
        monkeypatch.setenv(f"WANDB_{name}_DIR", str(home / "wandb-home"))
