"""Write exact versions of everything that is installed into pyproject.toml: `python scripts/pin.py`.

The versions stand under `[tool.uv] constraint-dependencies`, one line each, without hashes or host names,
so that `uv run` installs the same ones everywhere and no lock file needs to be committed.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"
PINS = re.compile(r"^constraint-dependencies = \[(?:\]|\n.*?\n\])$", re.MULTILINE | re.DOTALL)


def with_pins(text: str, pins: list[str]) -> str:
    """Return the text of pyproject.toml with `pins` in place of the old ones."""
    lines = "".join(f'    "{pin}",\n' for pin in pins)
    array = f"constraint-dependencies = [\n{lines}]" if pins else "constraint-dependencies = []"
    changed, count = PINS.subn(lambda _: array, text)
    if count != 1:
        sys.exit(f"pyproject.toml holds {count} arrays `constraint-dependencies = [...]`; expected one.")
    return changed


def resolve(text: str) -> list[str]:
    """Return `name==version ; marker` for every package that any platform, extra or group needs."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "pyproject.toml"
        project.write_text(with_pins(text, []), encoding="utf-8")
        command = [
            "uv", "pip", "compile", "--universal", "--all-extras", "--group", f"{project}:dev",
            "--group", f"{project}:docs", "--upgrade",
            "--python-version", "3.11", "--no-header", "--no-annotate", "--quiet", str(project),
        ]  # fmt: skip
        output = subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [line.strip() for line in output.splitlines() if re.match(r"^[A-Za-z0-9._-]+==", line)]


def main() -> None:
    """Resolve and rewrite pyproject.toml."""
    text = PROJECT.read_text(encoding="utf-8")
    pins = resolve(text)
    PROJECT.write_text(with_pins(text, pins), encoding="utf-8")
    print(f"{len(pins)} pins written to {PROJECT.name}.")


if __name__ == "__main__":
    main()
