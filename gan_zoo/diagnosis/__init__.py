"""From the vital signs of a run to findings: what goes wrong, since when, what to try. Plain Python."""

from gan_zoo.diagnosis.findings import KINDS, Finding, Remedy
from gan_zoo.diagnosis.history import History
from gan_zoo.diagnosis.rules import Diagnosis, diagnose
from gan_zoo.diagnosis.thresholds import Thresholds

__all__ = ["KINDS", "Diagnosis", "Finding", "History", "Remedy", "Thresholds", "diagnose"]
