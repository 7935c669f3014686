"""What an evaluation compares: a run with the data set that it was trained on, or two sets of files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.lib.npyio import NpzFile
from torch import Tensor

from gan_zoo import checkpoint
from gan_zoo.assemble import parts  # noqa: F401  (fills the registries)
from gan_zoo.assemble.evaluate_options import EvaluateOptions
from gan_zoo.assemble.load import find_checkpoint, load_trained
from gan_zoo.data.base import Dataset, Samples, fingerprint
from gan_zoo.data.load import load_dataset
from gan_zoo.data.npy_file import open_array_file
from gan_zoo.errors import UserError
from gan_zoo.evaluation.document import Subject
from gan_zoo.evaluation.generate import generate
from gan_zoo.evaluation.sets import SampleSet
from gan_zoo.types import DataSpec

SOURCES = {".zip": "zip", ".npy": "npy", ".npz": "npz"}
MOST_BYTES = 8e9  # of an array in Fortran order, which cannot be read by rows
COLORS = "Type channels=1 to make both grey, or channels=3 to make both color."
HELD_OUT = 0.5  # of real files: one half is the reference, the other the floor


@dataclass(frozen=True)
class Source:
    """Real data, and where generated samples come from.

    Attributes:
        dataset: the real data.
        make_fake: number of samples and real labels to generated samples.
        paths: whether generated samples come with paths between latents.
        conditional: whether they carry labels.
        subject: what is evaluated, for the record.
        title: the same for people.
        out: where the evaluation goes unless told otherwise.
        hint: what to type where real and generated samples differ in size.
        color_hint: what to type where they differ in channels.
        all_seen: whether the generator may have been trained on all real samples, held-out ones, too.
        prepared: how images were resized or recolored before they became samples, in words.
    """

    dataset: Dataset
    make_fake: Callable[[int, Tensor | None], SampleSet]
    paths: bool
    conditional: bool
    subject: Subject
    title: str
    out: Path
    hint: str = ""
    color_hint: str = ""
    all_seen: bool = False
    prepared: str = "as the run's data set has them"


def open_source(options: EvaluateOptions) -> Source:
    """Open what the options name.

    Raises:
        UserError: if anything is missing, unreadable, or not what the run was trained on.
    """
    return _of_run(options) if options.run is not None else _of_files(options)


# A run ---------------------------------------------------------------------------------------------------


def _of_run(options: EvaluateOptions) -> Source:
    assert options.run is not None
    file = find_checkpoint(options.run)
    contents = checkpoint.load(file)
    trained = load_trained(file, options.device)
    config = {**contents["config"]["data"], **options.data}
    dataset = load_dataset(config)
    _check_same_data(dataset, contents, file, config)

    def make_fake(n: int, labels: Tensor | None) -> SampleSet:
        seed = options.seed
        return generate(trained.generator, trained.spec, n, seed, labels, paths=True, show_progress=True)

    kimg = contents["images"] / 1000.0
    stem = "evaluation" if file.stem == "last" else f"evaluation-{file.stem}"
    return Source(
        dataset,
        make_fake,
        paths=True,
        conditional=trained.generator.classes > 0,
        subject=Subject(
            "run", str(file), dataset.spec.name, kimg, dataset.fingerprint, dataset.spec.class_names
        ),
        title=f"{trained.run_dir} at {kimg:.1f} kimg",
        out=trained.run_dir / f"{stem}.json",
    )


def _check_same_data(dataset: Dataset, contents: dict[str, Any], file: Path, config: dict[str, Any]) -> None:
    """Refuse other data than those of the training: the floor would be that of another data set."""
    if dataset.fingerprint == contents["fingerprint"]:
        return
    place = next((f"data.{key}={config[key]}" for key in ("path", "root") if config.get(key)), "")
    where = f" at {place}" if place else ""
    raise UserError(
        f"The data set '{dataset.spec.name}'{where} is not the one that {file} was trained on: its "
        f"fingerprint is {dataset.fingerprint[:12]}, the run's {contents['fingerprint'][:12]}. Files were "
        f"added, removed or changed. Give the old ones with data.root=DIR or data.path=PATH."
    )


# Files ---------------------------------------------------------------------------------------------------


def _of_files(options: EvaluateOptions) -> Source:
    assert options.fake is not None
    assert options.real is not None
    real, names = _read("real", options.real, options)
    fake, fake_names = _read("fake", options.fake, options)
    labels = _labels(fake, fake_names, names, options)
    order = torch.randperm(len(fake), generator=torch.Generator().manual_seed(options.seed))
    shape = tuple(real.values.shape[1:])
    spec = DataSpec(options.real.name, shape, len(names), names)

    def make_fake(n: int, _: Tensor | None) -> SampleSet:
        rows = order[:n]
        origin = f"{len(rows)} of {len(fake)} samples in {options.fake}"
        return SampleSet(fake.values[rows], None if labels is None else labels[rows], None, origin)

    train, held_out = _halves(real, options.seed)
    return Source(
        Dataset(spec, train, held_out, fingerprint(train)),
        make_fake,
        paths=False,
        conditional=labels is not None,
        subject=Subject("files", str(options.fake), str(options.real), None, fingerprint(real), names),
        title=f"{options.fake} against {options.real}",
        out=Path("outputs") / "evaluations" / f"{options.fake.resolve().name}.json",
        hint=f"Type size=32 to resize both. {COLORS}",
        color_hint=COLORS,
        all_seen=True,  # nobody knows which of them, so a copy of any is a copy
        prepared=preparation(options) if spec.is_image else "as they are in the files",
    )


def preparation(options: EvaluateOptions) -> str:
    """Return what `size=` and `channels=` do to images in files (`gan_zoo.data.pictures`), in words."""
    steps = []
    if options.channels is not None:
        steps.append(f"made {'grey' if options.channels == 1 else 'color'}")
    if options.size is not None:
        side = f"{options.size}x{options.size}"
        steps.append(
            f"unless they were {side}, cut to the largest centered square and resized to {side} (bicubic, "
            "antialiased)"
        )
    return "; ".join(steps) or "as they are in the files"


def _labels(
    fake: Samples, fake_names: tuple[str, ...], names: tuple[str, ...], options: EvaluateOptions
) -> Tensor | None:
    """Return the generated samples' labels as numbers of the real classes; None where either has no classes.

    Raises:
        UserError: for classes that the real samples do not have.
    """
    if fake.labels is None or not fake_names or not names:
        return None
    foreign = tuple(name for name in fake_names if name not in names)
    if foreign:
        raise UserError(
            f"fake={options.fake} has classes that real={options.real} has not: {_listed(foreign)}. Real "
            f"ones are {_listed(names)}. Name the sub-folders alike, or put all images into one folder."
        )
    return torch.tensor([names.index(name) for name in fake_names])[fake.labels]


def _read(side: str, path: Path, options: EvaluateOptions) -> tuple[Samples, tuple[str, ...]]:
    """Read samples and class names from a folder or a file."""
    if not path.exists():
        raise UserError(f"{side}={path} does not exist (seen from {Path.cwd()}).")
    kind = "folder" if path.is_dir() else SOURCES.get(path.suffix.lower())
    if kind is None:
        raise UserError(f"{side}={path}: give a folder of images, or a {', '.join(SOURCES)} file.")
    if kind == "npy" and (vectors := _vectors(side, path)) is not None:
        return Samples(vectors), ()
    config = {"name": kind, "path": str(path), "held_out": 0.0, "size": options.size}
    try:
        dataset = load_dataset({**config, "channels": options.channels})
    except UserError as error:
        raise UserError(f"{side}={path}: {_own_words(str(error))}") from error
    return dataset.train, dataset.spec.class_names


def _own_words(message: str) -> str:
    """Return a message about `data.size=...` in the words of this command, whose option is `size=...`."""
    for key in ("size", "channels"):
        message = message.replace(f"data.{key}=", f"{key}=")
    return message


def _vectors(side: str, path: Path) -> Tensor | None:
    """Return an array `[N, D]` as float32, or None if the file holds something else.

    Raises:
        UserError: for values that are not finite.
    """
    try:
        array = open_array_file(path, MOST_BYTES)
    except UserError:
        return None  # the reader of images says what is wrong
    if isinstance(array, NpzFile) or len(array.shape) != 2 or array.dtype.kind not in "fiu":
        return None
    values = torch.from_numpy(np.array(array[:], dtype=np.float32))
    broken = int((~values.isfinite().all(dim=1)).sum())
    if broken:
        raise UserError(f"{side}={path}: {broken} of {len(values)} samples hold values that are not finite.")
    return values


def _halves(real: Samples, seed: int) -> tuple[Samples, Samples]:
    """Divide real samples in two: what serves as training data, and what is held out."""
    order = torch.randperm(len(real), generator=torch.Generator().manual_seed(seed))
    cut = len(order) - int(len(order) * HELD_OUT)
    halves = [order[:cut], order[cut:]]
    train, held_out = (
        Samples(real.values[rows], None if real.labels is None else real.labels[rows]) for rows in halves
    )
    return train, held_out


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
