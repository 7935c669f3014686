"""A generator as a program that runs without gan_zoo: `torch.export` and ONNX."""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from gan_zoo.errors import UserError
from gan_zoo.networks.base import Generator

INPUTS = ("latents", "labels")
OUTPUT = "samples"
HEADER = "gan_zoo"
BATCH = 3  # of the example; neither 0 nor 1, which torch would take for constants


def torch_export(generator: Generator, about: Mapping[str, Any]) -> bytes:
    """Return the content of a `.pt2` file; it holds `about` as JSON in the extra file `gan_zoo`.

    Args:
        generator: in eval mode.
        about: what is known of it, plain.
    """
    inputs, dynamic = example(generator)
    with _quiet(), torch.no_grad():
        program = torch.export.export(generator, inputs, dynamic_shapes=dynamic, strict=False)
        file = io.BytesIO()
        torch.export.save(program, file, extra_files={HEADER: json.dumps(about)})
    return file.getvalue()


def onnx(generator: Generator, about: Mapping[str, Any]) -> bytes:
    """Return the content of an `.onnx` file; it holds `about` as JSON in its metadata.

    Args:
        generator: in eval mode.
        about: what is known of it, plain.

    Raises:
        UserError: if a package is missing.
    """
    try:
        import onnx  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise UserError(
            f"format=onnx needs the package {error.name}. Type: pip install 'gan-zoo[export]'"
        ) from error
    inputs, dynamic = example(generator)
    with _quiet(), torch.no_grad():
        program = torch.onnx.export(
            generator, inputs, dynamo=True, dynamic_shapes=dynamic, input_names=list(INPUTS[: len(inputs)]),
            output_names=[OUTPUT], verbose=False,
        )  # fmt: skip
    if program is None:
        raise RuntimeError("torch.onnx.export returned nothing.")
    program.model.metadata_props[HEADER] = json.dumps(about)
    return program.model_proto.SerializeToString()


def example(generator: Generator) -> tuple[tuple[Tensor, ...], list[dict[int, Any]]]:
    """Return latents `[3, Z]`, with labels `[3]` if there are classes, to trace with, and what varies."""
    latents = torch.zeros(BATCH, generator.latent_dim)
    labels = (torch.zeros(BATCH, dtype=torch.int64),) if generator.classes else ()
    batch = torch.export.Dim("batch", min=1)
    return (latents, *labels), [{0: batch}] * (1 + len(labels))


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence what torch's tracer has to say of its own workings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
