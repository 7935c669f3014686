"""The plugin of a training process that shall go wrong: `plugins=[chaos_faults.inside]`.

What shall happen stands in the environment variable GAN_ZOO_CHAOS (`Plan.to_text()`). Without it nothing
happens, so a run goes on undisturbed with the plugins that it was started with.
"""

from __future__ import annotations

import os

from chaos_faults import poison
from chaos_faults.plan import VARIABLE, Plan
from chaos_faults.ticks import Ticker

if VARIABLE in os.environ:
    PLAN = Plan.from_text(os.environ[VARIABLE])
    poison.install(PLAN.poison)
    Ticker(PLAN).install()
