"""Search for good settings with Optuna: `python scripts/search.py loss=js,hinge`; see `--help`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # for an uninstalled checkout

from gan_zoo.cli.search import main
from gan_zoo.errors import UserError

if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:], command="python scripts/search.py"))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
