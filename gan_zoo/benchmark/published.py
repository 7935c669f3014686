"""Figures of papers, to stand beside ours; other networks, longer training, their own protocol.

Read in the papers or their repositories: VEEGAN, tables 1 and 2 (Srivastava et al. 2017, arXiv:1705.07761;
mean of 5 runs), PacGAN, tables 1 and 2 (Lin et al. 2018, arXiv:1712.04086; mean of 10 runs +- standard
error), EnGAN (Kumar et al. 2019, arXiv:1901.08508).
"""

from __future__ import annotations

from dataclasses import dataclass

VEEGAN = "VEEGAN paper, 2,500 samples, 5 runs"
PACGAN = "PacGAN paper, 2,500 samples, 400,000 steps, 10 runs, standard error"
VEEGAN_STACKED = "VEEGAN paper, 26,000 samples"
PACGAN_STACKED = "PacGAN paper, 26,000 samples, 10 runs, standard error"
ENGAN = "EnGAN paper"


@dataclass(frozen=True)
class Published:
    """One row of a paper's table.

    Attributes:
        method: as the paper calls it.
        protocol: whose, and how.
        modes: as printed.
        high_quality: per cent, as printed.
        kl: reverse KL, or KL to uniform, as printed.
    """

    method: str
    protocol: str
    modes: str
    high_quality: str = "-"
    kl: str = "-"


PUBLISHED: dict[str, tuple[Published, ...]] = {
    "ring": (
        Published("GAN", VEEGAN, "1", "99.3"),
        Published("ALI", VEEGAN, "2.8", "0.13"),
        Published("Unrolled, 5 steps", VEEGAN, "7.6", "35.6"),
        Published("VEEGAN", VEEGAN, "8", "52.9"),
        Published("GAN", PACGAN, "6.3 ± 0.5", "98.2 ± 0.2", "0.45 ± 0.09"),
        Published("ALI", PACGAN, "6.6 ± 0.3", "97.6 ± 0.4", "0.36 ± 0.04"),
        Published("PacGAN2", PACGAN, "7.9 ± 0.1", "95.6 ± 2.0", "0.07 ± 0.03"),
        Published("PacGAN3", PACGAN, "7.8 ± 0.1", "97.7 ± 0.3", "0.10 ± 0.02"),
        Published("PacGAN4", PACGAN, "7.8 ± 0.1", "95.9 ± 1.4", "0.07 ± 0.02"),
    ),
    "grid": (
        Published("GAN", VEEGAN, "3.3", "0.5"),
        Published("ALI", VEEGAN, "15.8", "1.6"),
        Published("Unrolled, 5 steps", VEEGAN, "23.6", "16"),
        Published("VEEGAN", VEEGAN, "24.6", "40"),
        Published("GAN", PACGAN, "17.3 ± 0.8", "94.8 ± 0.7", "0.70 ± 0.07"),
        Published("ALI", PACGAN, "24.1 ± 0.4", "95.7 ± 0.6", "0.14 ± 0.03"),
        Published("PacGAN2", PACGAN, "23.8 ± 0.7", "91.3 ± 0.8", "0.13 ± 0.04"),
        Published("PacGAN3", PACGAN, "24.6 ± 0.4", "94.2 ± 0.4", "0.06 ± 0.02"),
        Published("PacGAN4", PACGAN, "24.8 ± 0.2", "93.6 ± 0.6", "0.04 ± 0.01"),
    ),
    "gaussians_1200d": (
        Published("GAN", VEEGAN, "1.6", "2.0"),
        Published("ALI", VEEGAN, "3", "5.4"),
        Published("Unrolled, 5 steps", VEEGAN, "0", "0.0"),
        Published("VEEGAN", VEEGAN, "5.5", "28.29"),
    ),
    "digits": (),
    "stacked_mnist": (
        Published("DCGAN", VEEGAN_STACKED, "99", kl="3.4"),
        Published("ALI", VEEGAN_STACKED, "16", kl="5.4"),
        Published("Unrolled, 5 steps", VEEGAN_STACKED, "48.7", kl="4.32"),
        Published("VEEGAN", VEEGAN_STACKED, "150", kl="2.95"),
        Published("DCGAN", PACGAN_STACKED, "78.9 ± 6.46", kl="4.50 ± 0.127"),
        Published("PacDCGAN2", PACGAN_STACKED, "1000.0 ± 0", kl="0.06 ± 0.003"),
        Published("PacDCGAN3", PACGAN_STACKED, "1000.0 ± 0", kl="0.06 ± 0.003"),
        Published("PacDCGAN4", PACGAN_STACKED, "1000.0 ± 0", kl="0.07 ± 0.005"),
        Published("WGAN-GP", ENGAN, "959.0", kl="0.7276"),
        Published("EnGAN", ENGAN, "1000", kl="0.0313"),
    ),
}
