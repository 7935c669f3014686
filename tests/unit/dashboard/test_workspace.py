import json

import pytest

pytest.importorskip("wandb_workspaces")

from gan_zoo.dashboard.views import RUNS, SWEEP, VIEWS
from gan_zoo.dashboard.workspace import specification, workspace


def section(spec, name):
    (found,) = [each for each in spec["section"]["panelBankConfig"]["sections"] if each["name"] == name]
    return found


@pytest.mark.parametrize("view", VIEWS.values(), ids=lambda view: view.name)
def test_a_view_is_read_back_by_the_library(view):
    import wandb_workspaces.workspaces as ws

    built = workspace(view, "me", "gan_zoo")
    again = ws.Workspace._from_model(built._to_model())
    assert [each.name for each in again.sections] == [each.name for each in view.sections]
    assert [len(each.panels) for each in again.sections] == [len(each.panels) for each in view.sections]
    assert again.settings.x_axis == "progress/kimg"


@pytest.mark.parametrize("view", VIEWS.values(), ids=lambda view: view.name)
def test_a_view_is_the_same_each_time(view):
    assert specification(view, "me", "gan_zoo") == specification(view, "me", "gan_zoo")
    json.dumps(specification(view, "me", "gan_zoo"))


def test_every_curve_stands_over_kimg():
    spec = specification(RUNS, "me", "gan_zoo")
    curves = [
        panel
        for each in spec["section"]["panelBankConfig"]["sections"]
        for panel in each["panels"]
        if panel["viewType"] == "Run History Line Plot"
    ]
    assert len(curves) > 10
    assert {panel["config"]["xAxis"] for panel in curves} == {"progress/kimg"}


def test_all_terms_of_a_player_are_one_panel():
    first, second = section(specification(RUNS, "me", "gan_zoo"), "generator and discriminator")["panels"]
    assert first["config"]["metricRegex"] == "^generator/"
    assert second["config"]["useMetricRegex"]


def test_a_sweep_is_grouped_by_method():
    spec = specification(SWEEP, "me", "gan_zoo", group="my_sweep")
    (runs,) = spec["section"]["runSets"]
    assert [key["name"] for key in runs["grouping"]] == ["method.value"]
    assert [each["value"] for each in runs["filters"]["filters"]] == ["my_sweep"]
    bars = section(spec, "methods")["panels"][0]
    assert (bars["viewType"], bars["config"]["groupBy"]) == ("Bar Chart", "method.value")
    parallel = section(spec, "methods")["panels"][-1]
    assert parallel["config"]["columns"][0]["accessor"] == "config:model.value.name"
    assert section(spec, "comparison")["panels"][0]["viewType"] == "Run Comparer"
