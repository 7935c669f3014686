"""Runs that are known to fail, and healthy ones, for `prove_alarm.py`: most under a minute each on one core.

The thresholds of `gan_zoo.diagnosis` were fixed on `calibration`, which holds an earlier report as well: it
had shown that slow healthy runs need more time. `first_report` changed nothing. `second_report` changed two
rules: a generator without a gradient is a finding however close it is, and moves that cancel in the averaged
generator are none. After `report` was run a review narrowed the second of them once more: nor are they where
the averaged generator comes closer. That changed no row of `report`.
"""

from __future__ import annotations

from dataclasses import dataclass

SMALL = ("model.generator.hidden=[64,64]", "model.discriminator.hidden=[64,64]")
TOY = ("model=mlp", *SMALL, "batch_size=128", "kimg=256")
NARROW = ("model.generator.width=12", "model.discriminator.width=12")
IMAGES = ("data=digits", "data.size=16", "batch_size=32", "kimg=40")
DIGITS = ("model=dcgan", *NARROW, *IMAGES)


@dataclass(frozen=True)
class Case:
    """One configuration.

    Attributes:
        name: of the case.
        fails: whether it is known to go wrong, and so an alarm is wanted.
        why: what is wrong with it, or what keeps it well.
        overrides: what is typed after `python train.py`.
        few_images: whether the training images are so few that D knows them by heart, whatever samples look
            like: a bad end, too.
    """

    name: str
    fails: bool
    why: str
    overrides: tuple[str, ...]
    few_images: bool = False


def rates(generator: float, discriminator: float) -> tuple[str, str]:
    """Return both players' learning rates as overrides."""
    return f"optimizer.generator.lr={generator}", f"optimizer.discriminator.lr={discriminator}"


CALIBRATION = (
    Case("ring-minimax", True, "G ten times faster than D",
         (*TOY, "data=ring", "loss=js", "loss.variant=minimax", *rates(1e-3, 1e-4))),
    Case("ring-fast-generator", True, "G ten times faster than D",
         (*TOY, "data=ring", "loss=js", *rates(1e-2, 1e-3))),
    Case("ring-fast-discriminator", True, "D thirty times faster than G",
         (*TOY, "data=ring", "loss=js", *rates(1e-3, 3e-2))),
    Case("ring-hinge-dies", True, "D's rate kills its units",
         (*TOY, "data=ring", "loss=hinge", *rates(1e-3, 1e-1))),
    Case("ring-unbounded-critic", True, "Wasserstein critic without a bound",
         (*TOY, "data=ring", "loss=wgan", "loss.clip_limit=100", "optimizer=adam", "turns.critic_steps=1")),
    Case("grid-simultaneous", True, "simultaneous minimax, G twenty times faster",
         (*TOY, "data=grid", "loss=js", "loss.variant=minimax", "turns.simultaneous=true",
          *rates(2e-3, 1e-4))),
    Case("digits-72-images", True, "72 training images",
         (*DIGITS, "loss=js", "data.held_out=0.96"), few_images=True),
    Case("digits-tiny-discriminator", True, "D of width 2 and a tenth of the rate",
         (*DIGITS, "loss=js", "model.generator.width=24", "model.discriminator.width=2", *rates(1e-3, 1e-4))),
    Case("digits-sgd", True, "SGD at rate 1", (*DIGITS, "loss=js", "optimizer=sgd", "optimizer.lr=1.0")),
    Case("ring-relativistic", False, "R1 and R2",
         (*TOY, "data=ring", "loss=relativistic", "loss.gamma=0.1", "optimizer.betas=[0.0,0.99]")),
    Case("ring-wgangp", False, "gradient penalty",
         (*TOY, "data=ring", "loss=wgangp", "loss.weight=0.1", "turns.critic_steps=3")),
    Case("grid-relativistic", False, "R1 and R2",
         (*TOY, "data=grid", "loss=relativistic", "loss.gamma=0.1", "optimizer.betas=[0.0,0.99]")),
    Case("ring-packed", False, "R1, R2 and packing",
         (*TOY, "data=ring", "loss=relativistic", "loss.gamma=0.2", "stabilizer=[packing]")),
    Case("digits-js", False, "batch norm", (*DIGITS, "loss=js")),
    Case("digits-relativistic", False, "R1 and R2", (*DIGITS, "loss=relativistic")),
    Case("digits-wgangp", False, "gradient penalty", (*DIGITS, "loss=wgangp", "turns.critic_steps=2")),
    Case("digits-spectral", False, "spectral norm", (*DIGITS, "loss=hinge", "stabilizer=[spectral_norm]")),
    Case("digits-cgan", False, "labels", ("model=cgan", *NARROW, *IMAGES, "loss=js")),
    Case("ring12-minimax", True, "twelve modes, simultaneous minimax, G twenty times faster",
         (*TOY, "data=ring", "data.modes=12", "loss=js", "loss.variant=minimax", "turns.simultaneous=true",
          *rates(2e-3, 1e-4))),
    Case("grid-hinge-fast-generator", True, "G ten times faster than D",
         (*TOY, "data=grid", "loss=hinge", *rates(1e-2, 1e-3))),
    Case("ring-lsgan-fast-discriminator", True, "D a hundred times faster than G",
         (*TOY, "data=ring", "loss=lsgan", *rates(5e-4, 5e-2))),
    Case("grid-unbounded-critic", True, "Wasserstein critic without a bound, RMSprop",
         (*TOY, "data=grid", "loss=wgan", "loss.clip_limit=1000", "optimizer=rmsprop", "optimizer.lr=3e-3",
          "turns.critic_steps=1")),
    Case("ring-sgd-momentum", True, "SGD at rate 1 with momentum",
         (*TOY, "data=ring", "loss=js", "optimizer=sgd", "optimizer.lr=1.0", "optimizer.momentum=0.9")),
    Case("digits-63-images", True, "63 training images, least squares",
         (*DIGITS, "loss=lsgan", "data.held_out=0.965"), few_images=True),
    Case("digits-weak-discriminator", True, "D of width 2 and a twentieth of the rate, least squares",
         (*DIGITS, "loss=lsgan", "model.discriminator.width=2", *rates(2e-3, 1e-4))),
    Case("digits-mlp-minimax", True, "minimax, G twenty times faster, no convolutions",
         ("model=mlp", *SMALL, *IMAGES, "loss=js", "loss.variant=minimax", *rates(4e-3, 2e-4))),
    Case("ring6-wgangp", False, "six modes, gradient penalty, five critic steps",
         (*TOY, "data=ring", "data.modes=6", "loss=wgangp", "loss.weight=0.1")),
    Case("grid-wgangp", False, "gradient penalty, slower",
         (*TOY, "data=grid", "loss=wgangp", "loss.weight=0.2", "turns.critic_steps=2", "optimizer.lr=5e-4")),
    Case("grid-relativistic-stddev", False, "R1, R2 and minibatch stddev",
         (*TOY, "data=grid", "loss=relativistic", "loss.gamma=0.2", "stabilizer=[minibatch_stddev]")),
    Case("digits-dragan", False, "gradient penalty around the data", (*DIGITS, "loss=dragan")),
    Case("digits-packed-hinge", False, "packing and spectral norm",
         (*DIGITS, "loss=hinge", "stabilizer=[spectral_norm,packing]")),
    Case("digits-cgan-lsgan", False, "labels, least squares",
         ("model=cgan", *NARROW, *IMAGES, "loss=lsgan", "kimg=30")),
    Case("digits-augmented", False, "augmentation",
         (*DIGITS, "loss=js", "stabilizer=[diff_augment]", "optimizer.lr=5e-4")),
)  # fmt: skip

FIRST_REPORT = (
    Case("ring16-hinge-fast-generator", True, "sixteen modes, G twenty times faster than D",
         (*TOY, "data=ring", "data.modes=16", "loss=hinge", *rates(1e-2, 5e-4))),
    Case("grid-lsgan-dies", True, "D's rate kills its units",
         (*TOY, "data=grid", "loss=lsgan", *rates(1e-3, 1e-1))),
    Case("ring5-loose-clipping", True, "five modes, Wasserstein critic clipped far too late",
         (*TOY, "data=ring", "data.modes=5", "loss=wgan", "loss.clip_limit=30", "optimizer=rmsprop",
          "optimizer.lr=3e-3", "turns.critic_steps=1")),
    Case("grid-sgd", True, "SGD at rate 3 with momentum, hinge",
         (*TOY, "data=grid", "loss=hinge", "optimizer=sgd", "optimizer.lr=3.0", "optimizer.momentum=0.5")),
    Case("ring-dragan-minimax-pace", True, "DRAGAN without its penalty, G thirty times faster",
         (*TOY, "data=ring", "loss=dragan", "loss.weight=0.0", *rates(6e-3, 2e-4))),
    Case("digits-54-images", True, "54 training images, hinge without spectral norm",
         (*DIGITS, "loss=hinge", "data.held_out=0.97"), few_images=True),
    Case("digits-hinge-fast-generator", True, "D of width 2, G fifty times faster",
         (*DIGITS, "loss=hinge", "model.discriminator.width=2", *rates(5e-3, 1e-4))),
    Case("digits-mlp-fast-discriminator", True, "no convolutions, D a hundred times faster than G",
         ("model=mlp", *SMALL, *IMAGES, "loss=js", *rates(2e-4, 2e-2))),
    Case("ring5-relativistic", False, "five modes, R1 and R2",
         (*TOY, "data=ring", "data.modes=5", "loss=relativistic", "loss.gamma=0.15",
          "optimizer.betas=[0.0,0.99]")),
    Case("grid-relativistic-wide", False, "R1 and R2, other widths and batch",
         ("model=mlp", "model.generator.hidden=[96,96]", "model.discriminator.hidden=[96,96]", "data=grid",
          "batch_size=256", "kimg=512", "loss=relativistic", "loss.gamma=0.1", "optimizer.betas=[0.0,0.9]")),
    Case("ring-wgangp-slow", False, "gradient penalty, two critic steps, half the rate",
         (*TOY, "data=ring", "loss=wgangp", "loss.weight=0.1", "turns.critic_steps=2", "optimizer.lr=5e-4")),
    Case("grid-wgangp-five", False, "gradient penalty, five critic steps",
         (*TOY, "kimg=640", "data=grid", "loss=wgangp", "loss.weight=0.1", "turns.critic_steps=5")),
    Case("digits-r1", False, "js with R1", (*DIGITS, "loss=js", "regularizer=[r1]")),
    Case("digits-relativistic-stddev", False, "R1, R2 and minibatch stddev",
         (*DIGITS, "loss=relativistic", "stabilizer=[minibatch_stddev]")),
    Case("digits-cgan-hinge", False, "labels, hinge", ("model=cgan", *NARROW, *IMAGES, "loss=hinge")),
    Case("digits-wgangp-packed", False, "gradient penalty and packing",
         (*DIGITS, "kimg=80", "loss=wgangp", "turns.critic_steps=2", "stabilizer=[packing]")),
)  # fmt: skip

SECOND_REPORT = (
    Case("ring-momentum-simultaneous", True, "Adam with momentum .9, simultaneous steps, both players fast",
         (*TOY, "data=ring", "loss=js", "optimizer.lr=8e-3", "optimizer.betas=[0.9,0.999]",
          "turns.simultaneous=true")),
    Case("grid-slow-discriminator", True, "D a hundred times slower than G",
         (*TOY, "data=grid", "loss=js", *rates(1e-3, 1e-5))),
    Case("ring-clipped-too-wide", True, "Wasserstein critic clipped at 10, five critic steps, Adam at 1e-2",
         (*TOY, "data=ring", "loss=wgan", "loss.clip_limit=10", "optimizer=adam", "optimizer.lr=1e-2",
          "turns.critic_steps=5")),
    Case("gaussians-1200d-js", True, "ten modes in 1200 dimensions, small networks without a penalty",
         (*TOY, "data=gaussians_1200d", "loss=js", "optimizer.lr=2e-3")),
    Case("digits-fast-adam", True, "both players at 2e-2", (*DIGITS, "loss=js", "optimizer.lr=2e-2")),
    Case("digits-acgan-heavy-labels", True, "G sees little but the label's loss",
         ("model=acgan", *IMAGES, "model.generator.width=16", "model.discriminator.width=8", "loss=js",
          "model.regularizer.auxiliary_classification.weight=100")),
    Case("digits-resnet-hinge-hot", True, "residual, hinge without spectral norm, rate 1e-2",
         ("model=resnet", "data=digits", "batch_size=32", "kimg=40", "model.generator.width=8",
          "model.discriminator.width=8", "loss=hinge", "stabilizer=[ema]", "optimizer.lr=1e-2")),
    Case("digits-36-images", True, "36 training images, relativistic without its penalties",
         (*DIGITS, "loss=relativistic", "loss.gamma=0.0", "data.held_out=0.98"), few_images=True),
    Case("ring-default", False, "the defaults of model=mlp with R1 and R2",
         ("model=mlp", "data=ring", "kimg=256", "loss=relativistic")),
    Case("grid-lsgan-r1", False, "least squares with R1",
         (*TOY, "kimg=512", "data=grid", "loss=lsgan", "regularizer=[r1]", "regularizer.r1.weight=0.1")),
    Case("ring-instance-noise", False, "R1 and noise",
         (*TOY, "data=ring", "loss=js", "regularizer=[r1]", "regularizer.r1.weight=0.1",
          "stabilizer=[instance_noise]")),
    Case("gaussians-1200d-relativistic", False, "R1 and R2, ten modes in 1200 dimensions",
         (*TOY, "data=gaussians_1200d", "loss=relativistic", "loss.gamma=5.0")),
    Case("digits-resnet-spectral", False, "residual, hinge, spectral norm",
         ("model=resnet", "data=digits", "batch_size=32", "kimg=40", "model.generator.width=16",
          "model.discriminator.width=16", "loss=hinge")),
    Case("digits-acgan", False, "the defaults of model=acgan, narrower",
         ("model=acgan", *IMAGES, "model.generator.width=16", "model.discriminator.width=8", "loss=js")),
    Case("digits-pggan", False, "grows while it trains",
         ("model=pggan", "data=digits", "data.size=16", "batch_size=64", "kimg=100", "loss=wgangp",
          "optimizer.lr=2e-3", "model.growth.train_kimg=10", "model.growth.fade_kimg=10")),
    Case("digits-cgan-relativistic", False, "labels, R1 and R2",
         ("model=cgan", *NARROW, *IMAGES, "loss=relativistic")),
)  # fmt: skip

REPORT = (
    Case("grid-hinge-simultaneous", True, "simultaneous steps, momentum .9, G eight times faster",
         (*TOY, "data=grid", "loss=hinge", "turns.simultaneous=true", "optimizer.betas=[0.9,0.999]",
          *rates(8e-3, 1e-3))),
    Case("ring10-lsgan-slow-discriminator", True, "ten modes, D two hundred times slower than G",
         (*TOY, "data=ring", "data.modes=10", "loss=lsgan", *rates(2e-3, 1e-5))),
    Case("grid-js-rmsprop-hot", True, "RMSprop at 2e-2",
         (*TOY, "data=grid", "loss=js", "optimizer=rmsprop", "optimizer.lr=2e-2")),
    Case("gaussians-1200d-hinge", True, "ten modes in 1200 dimensions without a penalty, hinge",
         (*TOY, "data=gaussians_1200d", "loss=hinge", "optimizer.lr=1e-3")),
    Case("digits-sgd-momentum", True, "SGD at .5 with momentum .9",
         (*DIGITS, "loss=hinge", "optimizer=sgd", "optimizer.lr=0.5", "optimizer.momentum=0.9")),
    Case("digits-cgan-hinge-dies", True, "labels, D at 1e-1 without spectral norm",
         ("model=cgan", *NARROW, *IMAGES, "loss=hinge", "stabilizer=[ema]", *rates(1e-3, 1e-1))),
    Case("digits-wgan-unclipped", True, "Wasserstein critic clipped at 100",
         (*DIGITS, "loss=wgan", "loss.clip_limit=100", "turns.critic_steps=1")),
    Case("digits-45-images", True, "45 training images, js",
         (*DIGITS, "loss=js", "data.held_out=0.975"), few_images=True),
    Case("ring-default-wgangp", False, "the defaults of model=mlp with a gradient penalty",
         ("model=mlp", "data=ring", "kimg=512", "loss=wgangp", "loss.weight=0.1", "turns.critic_steps=2")),
    Case("ring-packing-4", False, "R1, R2 and packs of four",
         (*TOY, "data=ring", "loss=relativistic", "loss.gamma=0.2", "stabilizer=[packing]",
          "stabilizer.packing.packs=4")),
    Case("grid-relativistic-linear", False, "R1 and R2, rates that fall",
         (*TOY, "data=grid", "loss=relativistic", "loss.gamma=0.1", "optimizer.schedule=linear")),
    Case("digits-default", False, "the defaults of model=dcgan", ("model=dcgan", *IMAGES)),
    Case("digits-acgan-hinge", False, "labels by an auxiliary classifier, hinge",
         ("model=acgan", *IMAGES, "model.generator.width=16", "model.discriminator.width=8", "loss=hinge")),
    Case("digits-pggan-relativistic", False, "grows while it trains, R1 and R2",
         ("model=pggan", "data=digits", "data.size=16", "batch_size=64", "kimg=80", "loss=relativistic",
          "optimizer.lr=2e-3", "model.growth.train_kimg=8", "model.growth.fade_kimg=8")),
    Case("digits-lsgan-spectral", False, "least squares, spectral norm",
         (*DIGITS, "loss=lsgan", "stabilizer=[spectral_norm]")),
    Case("digits-cgan-augmented", False, "labels, augmentation, R1",
         ("model=cgan", *NARROW, *IMAGES, "loss=js", "regularizer=[r1]", "stabilizer=[diff_augment]")),
)  # fmt: skip
SETS = {
    "calibration": CALIBRATION,
    "first_report": FIRST_REPORT,
    "second_report": SECOND_REPORT,
    "report": REPORT,
}
