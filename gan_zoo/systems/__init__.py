"""Systems: the named quantities of one kind of game, and who plays; no losses here."""

from gan_zoo.systems.adversarial import Adversarial

__all__ = ["Adversarial"]
