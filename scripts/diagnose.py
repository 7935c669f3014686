"""Say what went wrong in a run: `python scripts/diagnose.py run=DIR` or `csv=FILE`; see `--help`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # for an uninstalled checkout

from gan_zoo.assemble.diagnosing import main
from gan_zoo.errors import UserError

if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:], command="python scripts/diagnose.py"))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
