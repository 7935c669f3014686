"""From values to one HTML file: the template engine, and what it inlines."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import ChainableUndefined, Environment, FileSystemLoader
from markupsafe import Markup

from gan_zoo.report import words
from gan_zoo.version import VERSION

TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, values: Mapping[str, Any]) -> str:
    """Return a page; every value is escaped, for names and settings are whatever a user typed."""
    engine = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=ChainableUndefined,  # a run of another version may not say everything
        trim_blocks=True,
        lstrip_blocks=True,
    )
    engine.globals |= {"asset": asset, "version": VERSION, "arrows": words.ARROWS, "meaning": words.MEANING}
    engine.filters |= {"number": words.number, "duration": words.duration, "whole": words.whole}
    return engine.get_template(template).render(**values)


def asset(name: str) -> Markup:
    """Return a file of ours as it is, to stand inside a page."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))  # ours, not a user's


def write_page(path: Path, text: str) -> None:
    """Write a page at once: who opens it meanwhile sees the old one or the new one.

    Raises:
        OSError: if the disk refuses; the old page then stays.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        aside.write_text(text, encoding="utf-8")
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
