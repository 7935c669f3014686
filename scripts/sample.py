"""Draw samples from a trained generator: `python scripts/sample.py run=DIR n=64 seed=1`; see `--help`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # for an uninstalled checkout

from gan_zoo.assemble.sampling import main
from gan_zoo.cli.commands import run_program

if __name__ == "__main__":
    sys.exit(run_program(lambda: main(sys.argv[1:], command="python scripts/sample.py")))
