"""Export a trained generator: `python scripts/export.py run=DIR format=onnx out=FILE`; see `--help`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # for an uninstalled checkout

from gan_zoo.assemble.exporting import main
from gan_zoo.cli.commands import run_program

if __name__ == "__main__":
    sys.exit(run_program(lambda: main(sys.argv[1:], command="python scripts/export.py")))
