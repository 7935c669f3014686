"""Stabilizers, one per file; importing the package registers them."""

from gan_zoo.stabilizers.base import STABILIZERS as STABILIZERS
from gan_zoo.stabilizers.base import Progress as Progress
from gan_zoo.stabilizers.base import Stabilizer as Stabilizer
from gan_zoo.stabilizers.diff_augment import DiffAugment as DiffAugment
from gan_zoo.stabilizers.ema import ExponentialMovingAverage as ExponentialMovingAverage
from gan_zoo.stabilizers.equalized_lr import EqualizedLearningRate as EqualizedLearningRate
from gan_zoo.stabilizers.instance_noise import InstanceNoise as InstanceNoise
from gan_zoo.stabilizers.minibatch_discrimination import (
    MinibatchDiscriminationStabilizer as MinibatchDiscriminationStabilizer,
)
from gan_zoo.stabilizers.minibatch_stddev import MinibatchStddevStabilizer as MinibatchStddevStabilizer
from gan_zoo.stabilizers.packing import Packing as Packing
from gan_zoo.stabilizers.pixel_norm import PixelNormStabilizer as PixelNormStabilizer
from gan_zoo.stabilizers.spectral_norm import SpectralNormStabilizer as SpectralNormStabilizer
from gan_zoo.stabilizers.weight_clipping import WeightClipping as WeightClipping
