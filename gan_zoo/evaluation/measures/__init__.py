"""Metrics of an evaluation, one per file; importing the package registers them."""

from gan_zoo.evaluation.measures.authenticity import Authenticity as Authenticity
from gan_zoo.evaluation.measures.base import MEASURES as MEASURES
from gan_zoo.evaluation.measures.base import Measure as Measure
from gan_zoo.evaluation.measures.base import Measurement as Measurement
from gan_zoo.evaluation.measures.birthday_support import BirthdaySupport as BirthdaySupport
from gan_zoo.evaluation.measures.class_shares import ClassShares as ClassShares
from gan_zoo.evaluation.measures.discriminability import Discriminability as Discriminability
from gan_zoo.evaluation.measures.frechet_distance import FrechetDistance as FrechetDistance
from gan_zoo.evaluation.measures.inception_score import InceptionScore as InceptionScore
from gan_zoo.evaluation.measures.kernel_distance import KernelDistance as KernelDistance
from gan_zoo.evaluation.measures.latent_smoothness import LatentSmoothness as LatentSmoothness
from gan_zoo.evaluation.measures.lpips import Lpips as Lpips
from gan_zoo.evaluation.measures.mode_score import ModeScore as ModeScore
from gan_zoo.evaluation.measures.modes_captured import ModesCaptured as ModesCaptured
from gan_zoo.evaluation.measures.modes_captured_1200d import ModesCaptured1200d as ModesCaptured1200d
from gan_zoo.evaluation.measures.ms_ssim import MsSsim as MsSsim
from gan_zoo.evaluation.measures.ms_ssim_by_class import MsSsimByClass as MsSsimByClass
from gan_zoo.evaluation.measures.ndb import Ndb as Ndb
from gan_zoo.evaluation.measures.nearest_neighbor_accuracy import (
    NearestNeighborAccuracy as NearestNeighborAccuracy,
)
from gan_zoo.evaluation.measures.precision_recall_density_coverage import (
    PrecisionRecallDensityCoverage as PrecisionRecallDensityCoverage,
)
from gan_zoo.evaluation.measures.realism import Realism as Realism
from gan_zoo.evaluation.measures.sliced_wasserstein import SlicedWasserstein as SlicedWasserstein
from gan_zoo.evaluation.measures.stacked_modes import StackedModes as StackedModes
from gan_zoo.evaluation.measures.vendi_score import VendiScore as VendiScore
from gan_zoo.evaluation.measures.wasserstein_distance import WassersteinDistance as WassersteinDistance
