"""Checkpoints: tensors, numbers and plain containers in one file that is complete at every instant.

`content` says what a checkpoint holds, `seal` guards every bit of it, `aside` puts it on the disk, `file`
saves and loads, `migrations` reads what older versions wrote, `newest` finds the newest one that is good.
Loading is `weights_only=True` everywhere: opening a checkpoint runs no code.
"""

from gan_zoo.checkpoint.aside import also_as, remove_leftovers, sync_folder, write_aside, write_bytes
from gan_zoo.checkpoint.content import (
    FORMAT,
    KEYS,
    environment,
    not_plain,
    plain_spec,
    read_spec,
    writer,
)
from gan_zoo.checkpoint.file import load, save
from gan_zoo.checkpoint.names import (
    BEST,
    HEALTHY,
    INTERRUPTED,
    LAST,
    NUMBERED,
    best_name,
    healthy_name,
    image_name,
    images_in_name,
)
from gan_zoo.checkpoint.newest import candidates, newest_good

__all__ = [
    "BEST",
    "FORMAT",
    "HEALTHY",
    "INTERRUPTED",
    "KEYS",
    "LAST",
    "NUMBERED",
    "also_as",
    "best_name",
    "candidates",
    "environment",
    "healthy_name",
    "image_name",
    "images_in_name",
    "load",
    "newest_good",
    "not_plain",
    "plain_spec",
    "read_spec",
    "remove_leftovers",
    "save",
    "sync_folder",
    "write_aside",
    "write_bytes",
    "writer",
]
