"""The command line: `gan-zoo train`, `sample` and `zoo`. Nothing imports torch before a run starts."""

from gan_zoo.cli.commands import main

__all__ = ["main"]
