"""The configuration of a run: dataclasses that check themselves, and the one place where DictConfig ends."""

from gan_zoo.config.schema import RemoveConfig, RunConfig
from gan_zoo.config.schema_model import GrowthConfig, ModelConfig
from gan_zoo.config.schema_trainer import TrainerConfig, TurnsConfig

__all__ = ["GrowthConfig", "ModelConfig", "RemoveConfig", "RunConfig", "TrainerConfig", "TurnsConfig"]
