"""The evaluation: every metric on generated samples, on real ones (floor) and on collapsed ones (ceiling)."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tqdm import tqdm

from gan_zoo.errors import UserError
from gan_zoo.evaluation.measures import Measure, Measurement
from gan_zoo.evaluation.protocol import protocol_of
from gan_zoo.evaluation.record import Record, finite
from gan_zoo.evaluation.sets import CEILING, FAKE, FLOOR, Sets
from gan_zoo.evaluation.training import Training
from gan_zoo.evaluation.views import Context, Seen, View
from gan_zoo.extractors.base import metric_name

REFERENCE = "reference"
WORDS = {REFERENCE: "real", FAKE: "generated", FLOOR: "other real", CEILING: "collapsed"}


@dataclass
class Evaluation:
    """What was found.

    Attributes:
        records: all numbers, in order.
        failures: why a metric could not be measured, by its name.
        by_class: per number and sample set one value per class, None where there is none.
        details: what pictures need, by metric, of the generated samples.
        seconds: by metric.
        warnings: what a reader must know of values that are given nevertheless.
    """

    records: list[Record] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    by_class: dict[str, dict[str, list[float | None]]] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def evaluate(
    sets: Sets, measures: Mapping[str, Measure], context: Context, show_progress: bool = False
) -> Evaluation:
    """Measure everything; a metric that fails is reported and does not stop the others.

    Features are extracted once per sample set, when the first metric asks for them.

    Args:
        sets: what is measured.
        measures: the metrics by name.
        context: what they may know besides samples.
        show_progress: whether to draw a bar with the name of the current metric, and one of the images that
            the extractor looks at.
    """
    evaluation = Evaluation(warnings=[*context.warnings, *sets.warnings])
    looked_at = {REFERENCE: sets.reference, **sets.samples()}
    seen = {name: Seen(samples, context.extractor, show_progress) for name, samples in looked_at.items()}
    bar = tqdm(total=len(measures), disable=not show_progress, leave=False, dynamic_ncols=True, unit="metric")
    with bar:
        for name, measure in measures.items():
            bar.set_description_str(name)
            started = time.perf_counter()
            try:
                _measure(name, measure, sets, seen, context, evaluation)
            except Exception as error:  # noqa: BLE001  (what one metric cannot do must not cost the others)
                evaluation.failures[name] = _message(error)
            evaluation.seconds[name] = round(time.perf_counter() - started, 3)
            bar.update()
    evaluation.warnings += _uneven(evaluation.records)
    return evaluation


def _measure(
    name: str, measure: Measure, sets: Sets, seen: Mapping[str, Seen], context: Context, found: Evaluation
) -> None:
    """Measure one metric on all sets, and add what comes out."""
    views, reference = _views(measure, sets, seen)
    measure.learn(_training(sets, seen))
    measure.fit(reference, context)
    _check_enough(measure, views[FAKE], FAKE)
    if measure.compares:
        _check_enough(measure, reference, REFERENCE)
    results = {FAKE: measure.measure(views[FAKE])}
    troubles = {}
    for kind, ask in ((FLOOR, measure.measure_floor), (CEILING, measure.measure_ceiling)):
        try:
            _check_enough(measure, views[kind], kind)
            results[kind] = ask(views[kind])
        except Exception as error:  # noqa: BLE001  (the value is still worth having)
            troubles[kind] = _message(error)
    counts = {f"n_{kind}": len(view) for kind, view in views.items()}
    protocol = protocol_of(measure, context, sets, {"n_real": len(reference), **counts}, troubles)
    for number in results[FAKE].numbers:
        found.records.append(_record(name, number, measure, results, context, protocol))
    for number in results[FAKE].by_class:
        found.by_class[number] = {
            kind: [finite(value) for value in result.by_class.get(number, [])]
            for kind, result in results.items()
        }
    if results[FAKE].detail is not None:
        found.details[name] = results[FAKE].detail
    found.warnings += measure.warnings(views[FAKE], results[FAKE])


def _uneven(records: Sequence[Record]) -> list[str]:
    """Tell of values that their floors say nothing about, as those are of another number of samples."""
    found: dict[tuple[int, int], dict[str, None]] = {}
    for record in records:
        if record.floor is not None and not record.protocol["comparable_to_floor"]:
            counts = record.protocol["n_fake"], record.protocol["n_floor"]
            found.setdefault(counts, {})[record.metric] = None
    return [
        f"{', '.join(names)}: values are of {fake} generated samples, floors of {floor} real ones. As they "
        "change with that number, no value has a place between floor and ceiling. For equal numbers, type "
        f"n={min(fake, floor)}."
        for (fake, floor), names in found.items()
    ]


def _training(sets: Sets, seen: Mapping[str, Seen]) -> Training:
    """Return what the generator may remember."""
    reference, floor = (View(seen[kind], len(seen[kind].samples)) for kind in (REFERENCE, FLOOR))
    return Training(reference, floor, sets.floor_seen, sets.rest)


def _check_enough(measure: Measure, view: View, kind: str) -> None:
    """Refuse what an estimator can make nothing of.

    Raises:
        UserError: for too few samples.
    """
    least, why = measure.least()
    if len(view) < least:
        raise UserError(
            f"it needs at least {least} {WORDS[kind]} samples, there are {len(view)}: {why}. "
            f"Give more, or leave it out."
        )


def _views(measure: Measure, sets: Sets, seen: Mapping[str, Seen]) -> tuple[dict[str, View], View]:
    """Return what a metric gets to see of each set, and of the reference."""
    limit = sets.compared if measure.compares else None
    everything = {kind: View(each, len(each.samples)) for kind, each in seen.items()}
    reference = everything.pop(REFERENCE)
    counts = [len(view) for kind, view in everything.items() if len(view)]
    if measure.paired:
        limit = min(*counts, len(reference), sets.compared)
        limit = limit if measure.most is None else min(limit, measure.most)
        return {kind: view.first(limit) for kind, view in everything.items()}, reference.first(limit)
    views = {kind: view.first(limit).first(measure.most) for kind, view in everything.items()}
    return views, reference


def _record(
    name: str, number: str, measure: Measure, results: Mapping[str, Measurement], context: Context,
    protocol: dict[str, Any],
) -> Record:  # fmt: skip
    quantity = measure.quantity(number)
    values = {kind: finite(result.numbers.get(number)) for kind, result in results.items()}
    return Record(
        name=record_name(number, measure, context),
        metric=name,
        value=values[FAKE],
        floor=values.get(FLOOR),
        ceiling=values.get(CEILING),
        direction=quantity.direction,
        ideal=quantity.ideal,
        std=finite(results[FAKE].std.get(number)),
        protocol=protocol,
    )


def record_name(number: str, measure: Measure, context: Context) -> str:
    """Return the name of a number: with its extractor if it depends on one, by the labelling rule."""
    if not measure.sees_features() or context.extractor is None:
        return number
    return metric_name(number, context.extractor)


def _message(error: Exception) -> str:
    """Return what went wrong: our own messages as they are, others with their kind."""
    text = str(error)
    return text if type(error).__name__ == "UserError" else f"{type(error).__name__}: {text}"
