"""Metrics over batches, one per file; importing the package registers them."""

from gan_zoo.metrics.authenticity import Authenticity as Authenticity
from gan_zoo.metrics.base import METRICS as METRICS
from gan_zoo.metrics.base import Metric as Metric
from gan_zoo.metrics.birthday_support import BirthdaySupport as BirthdaySupport
from gan_zoo.metrics.discriminability import Discriminability as Discriminability
from gan_zoo.metrics.frechet_distance import FrechetDistance as FrechetDistance
from gan_zoo.metrics.inception_score import InceptionScore as InceptionScore
from gan_zoo.metrics.jensen_shannon_divergence import JensenShannonDivergence as JensenShannonDivergence
from gan_zoo.metrics.kernel_distance import KernelDistance as KernelDistance
from gan_zoo.metrics.latent_smoothness import LatentSmoothness as LatentSmoothness
from gan_zoo.metrics.lpips import Lpips as Lpips
from gan_zoo.metrics.mode_score import ModeScore as ModeScore
from gan_zoo.metrics.modes_captured import ModesCaptured as ModesCaptured
from gan_zoo.metrics.modes_captured_1200d import ModesCaptured1200d as ModesCaptured1200d
from gan_zoo.metrics.ms_ssim import MsSsim as MsSsim
from gan_zoo.metrics.ndb import Ndb as Ndb
from gan_zoo.metrics.nearest_neighbor_accuracy import NearestNeighborAccuracy as NearestNeighborAccuracy
from gan_zoo.metrics.precision_recall_density_coverage import (
    PrecisionRecallDensityCoverage as PrecisionRecallDensityCoverage,
)
from gan_zoo.metrics.realism import Realism as Realism
from gan_zoo.metrics.sliced_wasserstein import SlicedWasserstein as SlicedWasserstein
from gan_zoo.metrics.stacked_modes import StackedModes as StackedModes
from gan_zoo.metrics.vendi_score import VendiScore as VendiScore
from gan_zoo.metrics.wasserstein_distance import WassersteinDistance as WassersteinDistance
