"""What is trained: two small runs of a second or two, with everything that a checkpoint must hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

PICTURES = "pictures"
EVERY = 40  # images between two checkpoints
BATCH = 8
COMMON = (
    "trainer=cpu", "trainer.threads=1", f"batch_size={BATCH}", "kimg=0.4", "stabilizer=[ema]",
    f"callbacks.checkpoints.every_kimg={EVERY / 1000}", "callbacks.checkpoints.keep_last=3",
    "callbacks.metrics.every_kimg=0.03", "callbacks.sample_grids.every_kimg=0.1",
    "callbacks.sample_grids.points=20", "callbacks.vitals.every_kimg=0.1", "callbacks.vitals.samples=16",
)  # fmt: skip
SUBJECTS: dict[str, tuple[str, ...]] = {
    "mlp": (
        "model=mlp", "data=ring", "model.generator.hidden=[16,16]", "model.discriminator.hidden=[16,16]",
        "loss=js", "regularizer=[r1]", "regularizer.r1.interval=4", "turns.critic_steps=2", *COMMON,
    ),
    "dcgan": (
        "model=dcgan", "data=folder", f"data.path={PICTURES}", "data.size=16", "data.labels=false",
        "data.flip=true", "model.generator.width=4", "model.discriminator.width=4", "loss=js",
        "regularizer=[r1]", "regularizer.r1.interval=3", "turns.critic_steps=1", "data.cache_dir=cache",
        *COMMON,
    ),
}  # fmt: skip
STEPS = 50  # of the discriminator, in either
GENERATOR_STEPS = {"mlp": 25, "dcgan": 50}


def make_pictures(folder: Path) -> None:
    """Write some pictures, the same each time."""
    folder.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(0).integers(0, 256, (96, 16, 16), dtype=np.uint8)
    for index, image in enumerate(pixels):
        Image.fromarray(image).save(folder / f"{index:02d}.png")
