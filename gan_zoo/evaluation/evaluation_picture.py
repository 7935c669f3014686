"""The picture of an evaluation, from whichever metric found bins or modes."""

from __future__ import annotations

from pathlib import Path

from gan_zoo import pictures
from gan_zoo.checkpoint import write_bytes
from gan_zoo.evaluation.bins_picture import of_bins, of_modes
from gan_zoo.evaluation.evaluate import Evaluation
from gan_zoo.evaluation.table import digits

MODES = ("modes_captured", "modes_captured_1200d")


def picture_of(evaluation: Evaluation, title: str, path: Path) -> Path | None:
    """Write the picture: modes where they are known, else the bins of NDB; return its path, None without any.

    Raises:
        OSError: if the disk refuses.
    """
    values = {record.name: record for record in evaluation.records}
    modes = next((evaluation.details[name] for name in MODES if name in evaluation.details), None)
    if modes is not None:
        good, even = (digits(values[name].value) for name in ("high_quality", "reverse_kl"))
        text = f"{title}: {digits(values['modes'].value)} of {len(modes)} modes"
        picture = of_modes(modes, f"{text}, high quality {good}, reverse KL {even}")
    elif "ndb" in evaluation.details:
        share, divergence = values["ndb"], values["ndb_jsd"]
        text = f"{title}: NDB {digits(share.value)} (real data {digits(share.floor)})"
        picture = of_bins(evaluation.details["ndb"], f"{text}, JSD {digits(divergence.value)}")
    else:
        return None
    write_bytes(path, pictures.png(picture))
    return path
