"""What the views of a project show, as plain data: sections of panels over logged keys.

Keys are written as the run logs them. A key that ends in `*` stands for all that begin so.
"""

from __future__ import annotations

from dataclasses import dataclass

KIMG = "progress/kimg"


@dataclass(frozen=True)
class Curves:
    """Lines over kimg.

    Attributes:
        title: above the panel.
        keys: what is drawn.
        log: whether the axis of values is logarithmic.
        low: where that axis begins, or None.
        high: where it ends, or None.
    """

    title: str
    keys: tuple[str, ...]
    log: bool = False
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Pictures:
    """Pictures of samples, with a slider.

    Attributes:
        title: above the panel.
        keys: what is shown.
        by_run: whether runs stand side by side.
    """

    title: str
    keys: tuple[str, ...]
    by_run: bool = False


@dataclass(frozen=True)
class Bars:
    """One bar per method: the mean over its runs, with the standard error.

    Attributes:
        title: above the panel.
        key: of the summary.
    """

    title: str
    key: str


@dataclass(frozen=True)
class Plane:
    """One point per run: one number against another.

    Attributes:
        title: above the panel.
        across: key of the summary.
        up: key of the summary.
    """

    title: str
    across: str
    up: str


@dataclass(frozen=True)
class Parallel:
    """Parallel coordinates: one line per run through settings and results.

    Attributes:
        title: above the panel.
        settings: keys of the configuration.
        results: keys of the summary.
    """

    title: str
    settings: tuple[str, ...]
    results: tuple[str, ...]


@dataclass(frozen=True)
class Rows:
    """A table that runs log.

    Attributes:
        key: of the summary.
    """

    key: str


@dataclass(frozen=True)
class Comparer:
    """The configurations of runs side by side, where they differ."""


Panel = Curves | Pictures | Bars | Plane | Parallel | Rows | Comparer


@dataclass(frozen=True)
class Section:
    """Panels that belong together.

    Attributes:
        name: above them.
        panels: from left to right.
        columns: panels in a row.
        is_open: whether it is seen at once.
    """

    name: str
    panels: tuple[Panel, ...]
    columns: int = 3
    is_open: bool = True


@dataclass(frozen=True)
class View:
    """One page.

    Attributes:
        name: by which it is chosen on the command line and in W&B.
        sections: from top to bottom.
        table: columns of the table of runs, each `run:KEY`, `config:KEY` or `summary:KEY`.
        group_by: key of the configuration by which runs are put together, or None.
        completes: whether W&B adds a panel for each key that no section shows.
        most_runs: that a panel shows.
    """

    name: str
    sections: tuple[Section, ...]
    table: tuple[str, ...]
    group_by: str | None = None
    completes: bool = True
    most_runs: int = 10
