"""What findings.json says of the looks that a run left behind when its guard went back."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_zoo.diagnosis import Finding

FILE = "findings.json"


@dataclass(frozen=True)
class Recorded:
    """Findings that metrics.csv no longer shows, and what the guard did.

    Attributes:
        findings: in order.
        actions: of the guard, as they stand in findings.json.
        path: of that file.
    """

    findings: tuple[Finding, ...] = ()
    actions: tuple[Mapping[str, Any], ...] = ()
    path: Path = Path(FILE)

    def lines(self) -> list[str]:
        """Return what a person reads; nothing where nothing was recorded."""
        if not self.findings and not self.actions:
            return []
        lines = [f"Recorded in {self.path} while the run went on:"]
        lines += [f"  {finding.lines(most=0)[0]}" for finding in self.findings]
        return [*lines, *(f"  {_words(action)}" for action in self.actions)]

    def to_plain(self) -> list[dict[str, Any]]:
        """Return the findings as plain data, each with the actions that it led to."""
        return [
            {
                **finding.to_plain(),
                "left_behind": True,
                "actions": [
                    dict(action)
                    for action in self.actions
                    if (action.get("because"), action.get("evidence")) == (finding.kind, finding.evidence)
                ],
            }
            for finding in self.findings
        ]


def left_behind(run_dir: Path | None, findings: Collection[Finding]) -> Recorded:
    """Return what the run's findings.json has besides `findings`; nothing if it cannot be read."""
    if run_dir is None:
        return Recorded()
    try:
        content = json.loads((run_dir / FILE).read_text(encoding="utf-8"))
        known = [Finding.from_plain(each) for each in content["findings"]]
        actions = [action for action in content["actions"] if isinstance(action, dict)]
    except (OSError, ValueError, TypeError, KeyError):  # of another version, or torn
        return Recorded()
    told = {(finding.kind, finding.at_kimg, finding.evidence) for finding in findings}
    others = [each for each in known if (each.kind, each.at_kimg, each.evidence) not in told]
    return Recorded(tuple(others), tuple(actions), run_dir / FILE)


def _words(action: Mapping[str, Any]) -> str:
    """Return an action in words.

    Example:
        >>> _words({"action": "stop", "because": "collapse", "at_kimg": 9.0})
        'stop at 9.0 kimg, because of collapse'
    """
    name = "no action" if action.get("action") == "none" else action.get("action")
    text = f"{name} at {_kimg(action.get('at_kimg'))}"
    if action.get("to_kimg") is not None:
        text += f" to {_kimg(action['to_kimg'])}"
    text += f", because of {str(action.get('because')).replace('_', ' ')}"
    text += f"; on with {action['remedy']}" if action.get("remedy") else ""
    return text + (f"; {action['why']}" if action.get("why") else "")


def _kimg(value: Any) -> str:
    return f"{value:.1f} kimg" if isinstance(value, (int, float)) else "?"
