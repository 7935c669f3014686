"""What a checkpoint holds, and what it may hold.

`format`, `config` (resolved, plain), `spec` and `fingerprint` (of the data), `versions`, `images`, `game`
(`Game.state_dict()`), `observers` (what each callback knows, by its name) and `environment` (what else bits
depend on).
"""

from __future__ import annotations

import platform
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gan_zoo.types import DataSpec

FORMAT = 2
KEYS: dict[str, type] = {
    "format": int,
    "config": dict,
    "spec": dict,
    "fingerprint": str,
    "versions": dict,
    "images": int,
    "game": dict,
    "observers": dict,
    "environment": dict,
}
PLAIN = (type(None), bool, int, float, str, Tensor, torch.nn.Parameter)
PROCESSORS = Path("/proc/cpuinfo")  # Linux alone has it


def environment(device: torch.device | None = None) -> dict[str, Any]:
    """Return what the last bits of a run depend on beside versions: threads, instructions, machine, device.

    Args:
        device: on which the run trains, where that is known.
    """
    found = {
        "threads": torch.get_num_threads(),
        "cpu": torch.backends.cpu.get_cpu_capability(),
        "machine": f"{platform.machine()} {_processor()}".strip(),
    }
    if device is None:
        return found
    name = f" ({torch.cuda.get_device_name(device)})" if device.type == "cuda" else ""
    return {**found, "device": f"{device.type}{name}"}


def _processor() -> str:
    """Return the processor's model, or an empty text."""
    try:
        lines = PROCESSORS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def writer(contents: Mapping[str, Any]) -> str:
    """Return the version of gan_zoo that wrote a checkpoint, `?` where it does not say."""
    written_by = contents.get("versions")
    return str(written_by.get("gan_zoo", "?")) if isinstance(written_by, dict) else "?"


def plain_spec(spec: DataSpec) -> dict[str, Any]:
    """Return the data's declaration as plain containers."""
    return asdict(spec)


def read_spec(plain: Mapping[str, Any]) -> DataSpec:
    """Return the declaration that `plain_spec` wrote down."""
    sequences = {name: tuple(plain[name]) for name in ("shape", "class_names")}
    return DataSpec(**{**plain, **sequences})


def not_plain(value: Any, at: str = "") -> Iterator[str]:
    """Yield where `value` holds anything that `weights_only=True` would refuse to load."""
    if type(value) in (dict, OrderedDict):
        for key, item in value.items():
            yield from not_plain(key, f"{at}[key]")
            yield from not_plain(item, f"{at}.{key}" if at else str(key))
    elif type(value) in (list, tuple):
        for index, item in enumerate(value):
            yield from not_plain(item, f"{at}[{index}]")
    elif type(value) not in PLAIN:  # exactly these: a numpy float is a float, but is pickled as numpy's
        yield f"{at} ({type(value).__name__})"
