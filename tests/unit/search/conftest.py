"""A search whose runs take no time: what trains is replaced by a few lines that leave the files of a run."""

from pathlib import Path

import pytest

pytest.importorskip("optuna")

from gan_zoo.search import running
from gan_zoo.search.plan import Plan, read_plan

CONF = """
trials: 6
startup: 3
objectives: {collapse/energy_distance: minimize, collapse/coverage: maximize}
overrides: [guard=stop]
"""
# Rates above .1 collapse, js is refused, seed=666 dies, and seed=5 waits once; the best is .01.
STAND_IN = """
import json, math, os, pathlib, signal, sys, time
given = dict(word.partition("=")[::2] for word in sys.argv[1:])
folder = pathlib.Path(given["run_dir"].strip("'"))
rate = float(given["optimizer.lr"])
folder.mkdir(parents=True, exist_ok=True)
with (folder / "calls.txt").open("a") as calls:
    calls.write(" ".join(sys.argv[1:]) + "\\n")
print("a run")
if given.get("loss") == "js":
    print("error: js is refused here. Type loss=hinge")
    sys.exit(2)
if given.get("seed") == "666":
    os.kill(os.getpid(), signal.SIGKILL)
def summary(state, **more):
    (folder / "summary.json").write_text(json.dumps(dict(state=state, kimg=1.0, findings=[], **more)))
    sys.exit(75 if state == "preempted" else 0)
(folder / "config.yaml").write_text("kimg: 1.0")
signal.signal(signal.SIGTERM, lambda *_: summary("preempted"))
calls = (folder / "calls.txt").read_text().splitlines()
if given.get("seed") == "5" and folder.name == "0000" and len(calls) == 1:
    (folder / "waits").touch()
    time.sleep(100)
if rate > 0.1:
    stop = dict(action="stop", because="collapse", since_kimg=0.4, evidence="all alike")
    summary("stopped", guard=dict(actions=[stop]))
distance = abs(math.log10(rate) + 2)
rows = [(0.5, 9, 0), (0.75, distance + .5, .5), (0.875, distance, .5), (1.0, distance - .5, .5)]
lines = ["step,progress/kimg,collapse/energy_distance,collapse/coverage"]
lines += [f"{round(k * 1000)},{k},{d},{c}" for k, d, c in rows]
(folder / "metrics.csv").write_text("\\n".join(lines) + "\\n")
summary("finished")
"""


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = "from gan_zoo.search.child import watch_parent; watch_parent()\n"
    monkeypatch.setattr(running, "PROGRAM", watch + STAND_IN)


@pytest.fixture
def plan(tmp_path: Path, stand_in: None):
    """Return a search over words."""

    def make(*words: str, out: str = "search") -> Plan:
        space = ("optimizer.lr=tag(log,interval(1e-4,1))",)
        return read_plan("mine", CONF, [*space, f"search.out='{tmp_path / out}'", *words])

    return make
