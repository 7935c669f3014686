"""Our launchers, known to Hydra; it builds nothing but plugins of its own name space, and neither do we."""

from __future__ import annotations

from hydra.core.config_store import ConfigStore
from hydra.core.plugins import Plugins

from gan_zoo.sweep.launcher import SweepLauncher
from gan_zoo.sweep.local import LocalLauncher
from gan_zoo.sweep.on_joblib import JoblibLauncher
from gan_zoo.sweep.on_ray import RayLauncher
from gan_zoo.sweep.on_submitit import SubmititLocalLauncher, SubmititSlurmLauncher

NAME_SPACE = "hydra_plugins.gan_zoo"
LAUNCHERS: tuple[type[SweepLauncher], ...] = (
    LocalLauncher,
    JoblibLauncher,
    RayLauncher,
    SubmititLocalLauncher,
    SubmititSlurmLauncher,
)


def register() -> None:
    """Make the launchers of `conf/hydra/launcher` known by the names that stand there.

    Hydra's own plugins for joblib and submitit have configurations of the same names; Hydra would take
    them for the schemas of ours where they are installed.
    """
    known = Plugins.instance().class_name_to_class  # which imports what is installed
    known.update({f"{NAME_SPACE}.{kind.__name__}": kind for kind in LAUNCHERS})
    stored = ConfigStore.instance().repo.get("hydra", {}).get("launcher", {})
    for kind in LAUNCHERS:
        stored.pop(f"{kind.name}.yaml", None)
