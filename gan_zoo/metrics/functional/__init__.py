"""Metrics as pure functions: tensors or arrays in, numbers out, float64 inside; one per file."""

from gan_zoo.metrics.bins import Bins as Bins
from gan_zoo.metrics.bins import fit_bins as fit_bins
from gan_zoo.metrics.functional.authenticity import authenticity as authenticity
from gan_zoo.metrics.functional.birthday_support import BirthdaySupport as BirthdaySupport
from gan_zoo.metrics.functional.birthday_support import Collisions as Collisions
from gan_zoo.metrics.functional.birthday_support import birthday_support as birthday_support
from gan_zoo.metrics.functional.discriminability import discriminability as discriminability
from gan_zoo.metrics.functional.feature_statistics import FeatureStatistics as FeatureStatistics
from gan_zoo.metrics.functional.feature_statistics import feature_statistics as feature_statistics
from gan_zoo.metrics.functional.frechet_distance import frechet_distance as frechet_distance
from gan_zoo.metrics.functional.inception_score import InceptionScore as InceptionScore
from gan_zoo.metrics.functional.inception_score import inception_score as inception_score
from gan_zoo.metrics.functional.jensen_shannon_divergence import (
    jensen_shannon_divergence as jensen_shannon_divergence,
)
from gan_zoo.metrics.functional.kernel_distance import KernelDistance as KernelDistance
from gan_zoo.metrics.functional.kernel_distance import kernel_distance as kernel_distance
from gan_zoo.metrics.functional.latent_smoothness import LatentSmoothness as LatentSmoothness
from gan_zoo.metrics.functional.latent_smoothness import latent_smoothness as latent_smoothness
from gan_zoo.metrics.functional.lpips import lpips_diversity as lpips_diversity
from gan_zoo.metrics.functional.mode_score import mode_score as mode_score
from gan_zoo.metrics.functional.modes_captured import ModesCaptured as ModesCaptured
from gan_zoo.metrics.functional.modes_captured import modes_captured as modes_captured
from gan_zoo.metrics.functional.modes_captured_1200d import ModesCaptured1200d as ModesCaptured1200d
from gan_zoo.metrics.functional.modes_captured_1200d import modes_captured_1200d as modes_captured_1200d
from gan_zoo.metrics.functional.ms_ssim import ms_ssim as ms_ssim
from gan_zoo.metrics.functional.ms_ssim import ms_ssim_by_class as ms_ssim_by_class
from gan_zoo.metrics.functional.ms_ssim import ms_ssim_diversity as ms_ssim_diversity
from gan_zoo.metrics.functional.ms_ssim import share_of_collapsed_classes as share_of_collapsed_classes
from gan_zoo.metrics.functional.ndb import NDB as NDB
from gan_zoo.metrics.functional.ndb import ndb as ndb
from gan_zoo.metrics.functional.nearest_neighbor_accuracy import (
    NearestNeighborAccuracy as NearestNeighborAccuracy,
)
from gan_zoo.metrics.functional.nearest_neighbor_accuracy import (
    nearest_neighbor_accuracy as nearest_neighbor_accuracy,
)
from gan_zoo.metrics.functional.precision_recall_density_coverage import PRDC as PRDC
from gan_zoo.metrics.functional.precision_recall_density_coverage import (
    precision_recall_density_coverage as precision_recall_density_coverage,
)
from gan_zoo.metrics.functional.realism import realism as realism
from gan_zoo.metrics.functional.sliced_wasserstein import SlicedWasserstein as SlicedWasserstein
from gan_zoo.metrics.functional.sliced_wasserstein import sliced_wasserstein as sliced_wasserstein
from gan_zoo.metrics.functional.sliced_wasserstein import sliced_wasserstein_floor as sliced_wasserstein_floor
from gan_zoo.metrics.functional.stacked_modes import StackedModes as StackedModes
from gan_zoo.metrics.functional.stacked_modes import stacked_modes as stacked_modes
from gan_zoo.metrics.functional.vendi_score import vendi_score as vendi_score
from gan_zoo.metrics.functional.vendi_score import vendi_score_from_kernel as vendi_score_from_kernel
from gan_zoo.metrics.functional.wasserstein_distance import wasserstein_distance as wasserstein_distance
