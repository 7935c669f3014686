"""`scripts/evaluate.py` and `gan-zoo evaluate`: a table, `evaluation.json` and a picture; torch waits."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gan_zoo.assemble.evaluate_options import HELP, EvaluateOptions, read_options
from gan_zoo.errors import UserError

if TYPE_CHECKING:
    from gan_zoo.assemble.evaluate_sources import Source
    from gan_zoo.evaluation.evaluate import Evaluation
    from gan_zoo.evaluation.sets import Sets
    from gan_zoo.evaluation.views import Context


def main(arguments: Sequence[str], command: str = "gan-zoo evaluate") -> None:
    """Read options, measure, print the table, and say where the rest is.

    Args:
        arguments: what the user typed after the command.
        command: how the user called this.

    Raises:
        UserError: for options that cannot be read, or samples that cannot be compared.
    """
    if any(argument in ("-h", "--help", "help") for argument in arguments):
        print(HELP.format(command=command), end="")  # noqa: T201
        return
    print(evaluate_options(read_options(arguments, command)))  # noqa: T201


def evaluate_options(options: EvaluateOptions) -> str:
    """Evaluate what `options` ask for and write it; return what is to be printed.

    Raises:
        UserError: if samples cannot be read or compared, or nothing can be measured.
    """
    from gan_zoo.assemble.evaluate_sources import open_source
    from gan_zoo.evaluation.choose import check_names, choose
    from gan_zoo.evaluation.evaluate import evaluate
    from gan_zoo.evaluation.extraction import check_extractor
    from gan_zoo.evaluation.table import table

    check_names(options.metrics, options.settings)
    check_extractor(options.extractor)
    _check_device(options.device)
    source = open_source(options)
    started = time.perf_counter()
    sets = make_sets(options, source)
    drawn = time.perf_counter() - started
    context = _context(options, source)
    measures, refused = choose(options.metrics, options.settings, context)
    started = time.perf_counter() - drawn  # without the training of a classifier, which happens once
    evaluation = evaluate(sets, measures, context, show_progress=sys.stderr.isatty())
    evaluation.failures |= refused
    if not evaluation.records:
        reasons = "; ".join(f"{name}: {message}" for name, message in evaluation.failures.items())
        raise UserError(f"Nothing could be measured. {reasons}")
    seconds = time.perf_counter() - started
    files = write(options, source, context, sets, evaluation)
    where = [f"{kind}: {path}" for kind, path in files.items()]
    where += _tell_wandb(source.out.parent, files["Numbers"]) if source.subject.kind == "run" else []
    return "\n".join([_heading(source, sets, context, seconds), "", table(evaluation), "", *where])


def make_sets(options: EvaluateOptions, source: Source) -> Sets:
    """Draw all samples.

    Raises:
        UserError: if real and generated samples cannot be compared.
    """
    from gan_zoo.evaluation.generate import real_paths
    from gan_zoo.evaluation.sets import Sets, check_alike, collapse, divide

    dataset = source.dataset
    split = options.n, options.n_real, options.seed
    reals = divide(dataset.train, dataset.held_out, *split, all_seen=source.all_seen)
    fake = source.make_fake(options.n, reals.reference.labels)
    check_alike(reals.reference, fake, "generated", source.hint, source.color_hint)
    floor = reals.floor
    ceiling = collapse(floor if len(floor) else reals.reference, len(fake))
    if source.paths and len(floor):
        floor, smooth = real_paths(floor, jump=False), real_paths(floor, jump=True)
        ceiling = replace(ceiling, paths=smooth.paths)
    compared = len(fake) if options.n_real is not None else min(len(fake), len(floor) or len(fake))
    return Sets(
        reals.reference,
        fake,
        floor,
        ceiling,
        compared,
        reals.split,
        floor_seen=reals.floor_seen,
        rest=reals.rest,
        warnings=too_few(len(fake), options),
        prepared=source.prepared,
    )


def too_few(count: int, options: EvaluateOptions) -> tuple[str, ...]:
    """Return a warning if there are fewer generated samples than were asked for."""
    if count >= options.n:
        return ()
    return (
        f"{count} generated samples in {options.fake}, but n={options.n} were asked for. Most numbers depend "
        f"on how many there are: generate more, or type n={count} and compare with values of n={count} only.",
    )


def write(
    options: EvaluateOptions, source: Source, context: Context, sets: Sets, evaluation: Evaluation
) -> dict[str, Path]:
    """Write the numbers, and the picture where there is one; return where they are.

    Raises:
        UserError: if the disk refuses.
    """
    from gan_zoo.evaluation.document import document, write_document
    from gan_zoo.evaluation.evaluation_picture import picture_of

    path = options.out or source.out
    subject = replace(source.subject, command=options.command)
    try:
        picture = picture_of(evaluation, source.title, path.with_name(f"{path.stem}_bins.png"))
        files = {"bins": picture.name} if picture else {}
        write_document(path, document(evaluation, sets, context, subject, files))
    except OSError as error:
        raise UserError(f"Cannot write {path}: {error.strerror or error}. Try out=PATH.") from error
    return {"Numbers": path, **({"Picture": picture} if picture else {})}


def _context(options: EvaluateOptions, source: Source) -> Context:
    """Return what metrics may know; trains the classifier if one is needed and not in the cache."""
    from gan_zoo.evaluation.choose import needs_extractor
    from gan_zoo.evaluation.extraction import AUTO, choose_extractor, make_extractor
    from gan_zoo.evaluation.views import Context

    dataset, extractor = source.dataset, None
    warnings: tuple[str, ...] = ()
    if needs_extractor(options.metrics):
        _say(f"{source.title}: preparing the feature extractor")
        parameters = {"device": options.device, **options.extractor_options}
        name = options.extractor
        if name == AUTO:
            name, warnings = choose_extractor(dataset)
        extractor = make_extractor(name, dataset, parameters)
    return Context(
        seed=options.seed,
        extractor=extractor,
        is_image=dataset.spec.is_image,
        classes=dataset.spec.classes,
        conditional=source.conditional,
        paths=source.paths,
        modes=dataset.modes,
        mode_std=dataset.mode_std,
        data=dataset.spec.name,
        warnings=warnings,
    )


def _heading(source: Source, sets: Sets, context: Context, seconds: float) -> str:
    seen = "" if context.extractor is None else f", features of {context.extractor.id}"
    lines = [f"{source.title}: {len(sets.fake)} samples, seed {context.seed}, {seconds:.0f} s{seen}"]
    if sets.compared < len(sets.fake):
        lines.append(f"Compared with real data: {sets.compared} samples, as many as the data allow.")
    return "\n".join([*lines, f"Real data: {sets.real_split}."])


def _tell_wandb(run_dir: Path, numbers: Path) -> list[str]:
    """Write the numbers back to the run of W&B, if it knows it; return what to tell about it."""
    from gan_zoo.callbacks.wandb_evaluation import write_back

    told = write_back(run_dir, json.loads(numbers.read_text(encoding="utf-8")))
    return [] if told is None else [f"W&B: {told}"]


def _say(text: str) -> None:
    """Tell a person at a terminal what takes so long."""
    if sys.stderr.isatty():
        print(text, file=sys.stderr)  # noqa: T201


def _check_device(name: str) -> None:
    import torch

    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError) as error:
        why = str(error).splitlines()[0]
        raise UserError(f"device={name} is not available here ({why}). Type device=cpu.") from error
