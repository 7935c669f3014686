"""Regularizers, one per file; importing the package registers them."""

from gan_zoo.regularizers.auxiliary_classification import AuxiliaryClassification as AuxiliaryClassification
from gan_zoo.regularizers.base import REGULARIZERS as REGULARIZERS
from gan_zoo.regularizers.base import Regularizer as Regularizer
from gan_zoo.regularizers.drift import Drift as Drift
from gan_zoo.regularizers.feature_matching import FeatureMatching as FeatureMatching
from gan_zoo.regularizers.gradient_penalty import GradientPenalty as GradientPenalty
from gan_zoo.regularizers.mode_seeking import ModeSeeking as ModeSeeking
from gan_zoo.regularizers.r1 import R1 as R1
from gan_zoo.regularizers.r2 import R2 as R2
