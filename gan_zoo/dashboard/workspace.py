"""Builds a view with `wandb-workspaces`; needs no network until it is saved."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

from gan_zoo.dashboard.contents import (
    KIMG,
    Bars,
    Comparer,
    Curves,
    Panel,
    Parallel,
    Pictures,
    Plane,
    Rows,
    Section,
    View,
)
from gan_zoo.errors import UserError

NAME = "gan_zoo"  # before a view's own, in W&B's list of views


def workspace(view: View, entity: str, project: str, group: str | None = None) -> Any:
    """Return a view as a workspace of W&B.

    Args:
        view: what it shows.
        entity: user or team.
        project: whose runs it shows.
        group: shows only the runs of this sweep or experiment.

    Raises:
        UserError: if the package that builds workspaces is missing.
    """
    ws = libraries()[0]
    from wandb_workspaces import expr

    filters = expr.And(expr.Metric("group") == group) if group else ""
    return ws.Workspace(
        name=": ".join(filter(None, (f"{NAME} {view.name}", group))),
        entity=entity,
        project=project,
        sections=[_section(section, view) for section in view.sections],
        settings=ws.WorkspaceSettings(x_axis=KIMG, max_runs=view.most_runs, group_by_prefix="first"),
        runset_settings=ws.RunsetSettings(
            filters=filters,
            groupby=[expr.Config(view.group_by)] if view.group_by else [],
            pinned_columns=["run:displayName", *map(_column, view.table)],
        ),
        auto_generate_panels=view.completes,
    )


def specification(view: View, entity: str, project: str, group: str | None = None) -> dict[str, Any]:
    """Return what would be sent to W&B, plain; ids of panels are random, so they are left out."""
    spec = workspace(view, entity, project, group)._to_model().spec
    return _without_ids(spec.model_dump(by_alias=True, exclude_none=True, mode="json"))  # type: ignore[no-any-return]


def libraries() -> tuple[Any, Any]:
    """Return the modules that know workspaces and panels.

    Raises:
        UserError: if they are not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # its use of pydantic
            import wandb_workspaces.reports.v2 as reports
            import wandb_workspaces.workspaces as workspaces
    except ImportError as error:
        raise UserError(
            "Dashboards need the package wandb-workspaces. Type: pip install gan-zoo[dashboard]"
        ) from error
    return workspaces, reports


def _section(section: Section, view: View) -> Any:
    ws, _ = libraries()
    return ws.Section(
        name=section.name,
        panels=[_panel(panel, view) for panel in section.panels],
        is_open=section.is_open,
        layout_settings=ws.SectionLayoutSettings(columns=section.columns, rows=2),
        panel_settings=ws.SectionPanelSettings(x_axis=KIMG),
    )


def _panel(panel: Panel, view: View) -> Any:
    builders: dict[type, Callable[[Any, View], Any]] = {
        Curves: _curves, Pictures: _pictures, Bars: _bars, Plane: _plane, Parallel: _parallel,
        Rows: lambda panel, view: libraries()[1].WeavePanelSummaryTable(table_name=panel.key),
        Comparer: lambda panel, view: libraries()[1].RunComparer(diff_only=True),
    }  # fmt: skip
    return builders[type(panel)](panel, view)


def _curves(panel: Curves, view: View) -> Any:
    wr = libraries()[1]
    patterns = [key for key in panel.keys if key.endswith("*")]
    pattern = "|".join(f"^{re.escape(key[:-1])}" for key in patterns)
    return wr.LinePlot(
        title=panel.title,
        x=KIMG,
        y=[key for key in panel.keys if key not in patterns],
        metric_regex=pattern or None,
        log_y=panel.log or None,
        range_y=(panel.low, panel.high),
        title_x="kimg",
        max_runs_to_show=view.most_runs,
        **_grouped(view, "minmax"),
    )


def _pictures(panel: Pictures, view: View) -> Any:
    axes = {"mode": "grid", "grid_x_axis": "step", "grid_y_axis": "run"} if panel.by_run else {}
    return libraries()[1].MediaBrowser(title=panel.title, media_keys=list(panel.keys), **axes)


def _bars(panel: Bars, view: View) -> Any:
    wr = libraries()[1]
    return wr.BarPlot(title=panel.title, metrics=[panel.key], **_grouped(view, "stderr"))


def _grouped(view: View, spread: str) -> dict[str, Any]:
    """Return how a panel puts the runs of a method together."""
    if view.group_by is None:
        return {}
    config = libraries()[1].Config(view.group_by)
    return {"groupby": config, "groupby_aggfunc": "mean", "groupby_rangefunc": spread}


def _plane(panel: Plane, view: View) -> Any:
    wr = libraries()[1]
    across, up = wr.SummaryMetric(panel.across), wr.SummaryMetric(panel.up)
    return wr.ScatterPlot(title=panel.title, x=across, y=up)


def _parallel(panel: Parallel, view: View) -> Any:
    wr = libraries()[1]
    columns = [wr.ParallelCoordinatesPlotColumn(wr.Config(key), display_name=key) for key in panel.settings]
    columns += [
        wr.ParallelCoordinatesPlotColumn(wr.SummaryMetric(key), display_name=key) for key in panel.results
    ]
    return wr.ParallelCoordinatesPlot(title=panel.title, columns=columns)


def _column(name: str) -> str:
    """Return a column as the table of runs has it: a value of the configuration lies one level deeper."""
    kind, _, key = name.partition(":")
    first, *rest = key.split(".")
    return f"config:{'.'.join([first, 'value', *rest])}" if kind == "config" else name


def _without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_ids(inner) for key, inner in value.items() if key not in ("id", "__id__")}
    return [_without_ids(inner) for inner in value] if isinstance(value, list) else value
