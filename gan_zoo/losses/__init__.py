"""Adversarial losses, one per file; importing the package registers them."""

from gan_zoo.losses.base import LOSSES as LOSSES
from gan_zoo.losses.base import AdversarialLoss as AdversarialLoss
from gan_zoo.losses.dragan import Dragan as Dragan
from gan_zoo.losses.hinge import Hinge as Hinge
from gan_zoo.losses.js import JensenShannon as JensenShannon
from gan_zoo.losses.lsgan import LeastSquares as LeastSquares
from gan_zoo.losses.relativistic import Relativistic as Relativistic
from gan_zoo.losses.unrolled import Unrolled as Unrolled
from gan_zoo.losses.wgan import Wasserstein as Wasserstein
from gan_zoo.losses.wgangp import WassersteinGradientPenalty as WassersteinGradientPenalty
