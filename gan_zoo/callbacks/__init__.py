"""Observers: they look at a run and never change it; weights are bit-identical without them."""

from gan_zoo.callbacks.alarm import Alarm
from gan_zoo.callbacks.checkpoints import Checkpoints
from gan_zoo.callbacks.csv_logger import CsvLogger
from gan_zoo.callbacks.metrics import Metrics
from gan_zoo.callbacks.non_finite import NonFinite
from gan_zoo.callbacks.progress import Progress
from gan_zoo.callbacks.quality import Quality
from gan_zoo.callbacks.sample_grids import SampleGrids
from gan_zoo.callbacks.summary import Summary
from gan_zoo.callbacks.vitals import Vitals

__all__ = [
    "Alarm",
    "Checkpoints",
    "CsvLogger",
    "Metrics",
    "NonFinite",
    "Progress",
    "Quality",
    "SampleGrids",
    "Summary",
    "Vitals",
]
