"""What can be tried: overrides of this framework, each with what it does."""

from __future__ import annotations

from gan_zoo.diagnosis.findings import Remedy

R1 = Remedy(
    "regularizer=[r1] regularizer.r1.weight=1",
    "D's slope at reals stays small, so the game turns inwards (arXiv:1801.04406); D needs no batch norm.",
)
INSTANCE_NOISE = Remedy(
    "stabilizer=[instance_noise] stabilizer.instance_noise.std=0.1",
    "Noise on all that D sees lets reals and fakes overlap (arXiv:1701.04862).",
)
DIFF_AUGMENT = Remedy(
    "stabilizer=[diff_augment]",
    "D sees every image changed anew, so few images last longer (arXiv:2006.10738); images only.",
)
MODE_SEEKING = Remedy(
    "regularizer=[mode_seeking] regularizer.mode_seeking.cap=10",
    "Different latents must give different samples (arXiv:1903.05628).",
)
CLIP = Remedy("optimizer.clip_norm=1.0", "No step follows a gradient longer than this.")
PACKING = Remedy(
    "stabilizer=[packing]",
    "D judges pairs, so that lack of variety shows (arXiv:1712.04086).",
    in_place=False,
)
STDDEV = Remedy(
    "stabilizer=[minibatch_stddev]",
    "D sees the spread of its batch, so that lack of variety shows (arXiv:1710.10196).",
    in_place=False,
)
SPECTRAL = Remedy(
    "stabilizer=[spectral_norm]",
    "D's slope is bounded, so its scores cannot run away (arXiv:1802.05957).",
    in_place=False,
)
RELATIVISTIC = Remedy(
    "loss=relativistic",
    "Each real is played against a fake, with R1 and R2: no mode can be given up (arXiv:2501.05441).",
    in_place=False,
)
GRADIENT_PENALTY = Remedy(
    "loss=wgangp", "D's slope is pulled to 1, so G always has a direction (arXiv:1704.00028).", in_place=False
)
MORE_CRITIC_STEPS = Remedy("turns.critic_steps=2", "D learns what G does before G moves on.", in_place=False)
EMA = Remedy("stabilizer=[ema]", "The average of G's weights rests where G itself circles.", in_place=False)
DECAY = Remedy(
    "optimizer.schedule=linear",
    "Steps shrink to 0 towards the end, so the players come to rest.",
    in_place=False,
)
