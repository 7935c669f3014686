"""Several processes that compute one batch together: what they add up, and batch norm over all of them."""

from gan_zoo.processes.reduce import mean as mean
from gan_zoo.processes.reduce import moments as moments
from gan_zoo.processes.reduce import stacked as stacked
from gan_zoo.processes.reduce import together as together
from gan_zoo.processes.reduce import waits as waits
from gan_zoo.processes.reduce import world as world
