import re
from dataclasses import fields
from pathlib import Path

import pytest

from gan_zoo.dashboard.contents import Comparer, Parallel, Pictures, Section
from gan_zoo.dashboard.views import RUNS, SWEEP, VIEWS

ROOT = Path(__file__).resolve().parents[3]


def keys(section: Section) -> set[str]:
    found = set()
    for panel in section.panels:
        for field in fields(panel):
            value = getattr(panel, field.name)
            if field.name != "title":
                found |= (
                    {value} if isinstance(value, str) else set(value) if isinstance(value, tuple) else set()
                )
    return found


def test_every_section_of_the_issue_is_there():
    names = {key.partition("/")[0] for section in RUNS.sections for key in keys(section)}
    assert {"generator", "discriminator", "vitals", "collapse", "quality", "speed", "samples"} <= names


def test_the_sweep_has_parallel_coordinates_a_table_and_the_comparer():
    panels = [panel for section in SWEEP.sections for panel in section.panels]
    assert any(isinstance(panel, Parallel) for panel in panels)
    assert any(isinstance(panel, Comparer) for panel in panels)
    assert any(isinstance(panel, Pictures) and panel.by_run for panel in panels)
    assert SWEEP.group_by == "method"
    assert "config:method" in SWEEP.table


@pytest.mark.parametrize("view", VIEWS.values(), ids=lambda view: view.name)
def test_columns_say_what_they_are_of(view):
    assert all(re.match(r"(run|config|summary):\S", column) for column in view.table)


def test_keys_are_those_that_a_run_logs():
    shown = {key for section in RUNS.sections for key in keys(section) if not key.endswith("*")}
    later = ("samples/stage_", "collapse_floor/", "collapse/ndb", "progress/")  # not of every run
    written = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "gan_zoo" / "callbacks").glob("*.py")
    )
    for key in shown:
        name = re.sub(r"^vitals/(generator|discriminator)_", "_", key)  # written as f"vitals/{name}_lr"
        name = name.removesuffix("_live") if key.startswith("collapse/") else name
        short = name.removeprefix("collapse/")
        assert key.startswith(later) or name in written or f"/{short}{{suffix}}" in written, key
