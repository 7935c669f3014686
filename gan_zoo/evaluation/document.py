"""`evaluation.json`: everything that was found; its keys are a stable interface (docs/evaluate.md)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_zoo.checkpoint import write_bytes
from gan_zoo.evaluation.evaluate import Evaluation
from gan_zoo.evaluation.protocol import library_versions
from gan_zoo.evaluation.sets import Sets
from gan_zoo.evaluation.views import Context

FORMAT = 1


@dataclass(frozen=True)
class Subject:
    """What was evaluated.

    Attributes:
        kind: `run` or `files`.
        path: of the checkpoint, or of the generated images.
        real: of the real images, or the registry name of the data set.
        kimg: thousands of real images that the run had seen, None for files.
        fingerprint: SHA-256 of the training data.
        class_names: of the data, or empty.
        command: what was typed.
    """

    kind: str
    path: str
    real: str
    kimg: float | None
    fingerprint: str
    class_names: tuple[str, ...] = ()
    command: str = ""


def document(
    evaluation: Evaluation, sets: Sets, context: Context, subject: Subject, files: Mapping[str, str]
) -> dict[str, Any]:
    """Return the whole evaluation as plain data."""
    extractor = context.extractor
    return {
        "format": FORMAT,
        "subject": {key: getattr(subject, key) for key in ("kind", "path", "kimg")},
        "data": {
            "name": subject.real,
            "shape": list(sets.reference.values.shape[1:]),
            "classes": context.classes,
            "class_names": list(subject.class_names),
            "fingerprint": subject.fingerprint,
        },
        "sets": {
            "reference": len(sets.reference),
            **{name: len(samples) for name, samples in sets.samples().items()},
            "compared": sets.compared,
            "real_split": sets.real_split,
        },
        "seed": context.seed,
        "extractor": None if extractor is None else extractor.protocol(),
        "numbers": {record.name: record.plain() for record in evaluation.records},
        "warnings": list(evaluation.warnings),
        "failures": {name: {"error": message} for name, message in evaluation.failures.items()},
        "by_class": evaluation.by_class,
        "seconds": evaluation.seconds,
        "versions": library_versions(),
        "command": subject.command,
        "files": dict(files),
    }


def write_document(path: Path, contents: Mapping[str, Any]) -> None:
    """Write it at once: who opens the file finds the old evaluation or the new one, never a part.

    Raises:
        OSError: if the disk refuses.
    """
    text = json.dumps(contents, indent=2, allow_nan=False, ensure_ascii=False)
    write_bytes(path, f"{text}\n".encode())
