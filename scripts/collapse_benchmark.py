"""Compare methods against mode collapse: `python scripts/collapse_benchmark.py suite=toy`; see `--help`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # for an uninstalled checkout

from gan_zoo.benchmark.main import main
from gan_zoo.cli.catalog import configuration_folder
from gan_zoo.cli.train import main as train
from gan_zoo.errors import UserError

if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:], "python scripts/collapse_benchmark.py", train, configuration_folder()))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("Stopped. The same command goes on from here.", file=sys.stderr)
        sys.exit(130)
