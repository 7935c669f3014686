"""Print the table of the zoo, read from the registries: `python scripts/zoo.py`.

`python scripts/zoo.py --write` puts it between the markers in README.md; a test fails where it is stale.
"""

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml  # type: ignore[import-untyped]

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # for an uninstalled checkout

from gan_zoo.assemble.parts import REGISTRIES
from gan_zoo.cli.catalog import configuration_folder

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN, END = "<!-- zoo: written by `python scripts/zoo.py --write` -->", "<!-- end of the zoo -->"
AUTHORS = r"(?:[A-Z]\w+ et al\.|[A-Z]\w+(?:(?:, | and )[A-Z]\w+)*) \d{4}"
ON_ARXIV = re.compile(rf"({AUTHORS})(?:, | \()arXiv:(\d{{4}}\.\d{{4,5}})")
ELSEWHERE = re.compile(rf"\(({AUTHORS})[,)]")


def paper(*texts: str) -> str:
    """Return the first citation in the first text that has one, linked where it is on arXiv."""
    for text in texts:
        if found := ON_ARXIV.search(text):
            return f"[{found[1]}](https://arxiv.org/abs/{found[2]})"
        if found := ELSEWHERE.search(text):
            return found[1]
    return ""


def comment(kind: str, name: str, lines: int) -> str:
    """Return the first comment lines of a configuration file as one text, empty without such a file."""
    path = configuration_folder() / kind / f"{name}.yaml"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    found = [line[2:] for line in text.splitlines() if line.startswith("# ") and "@package" not in line]
    return " ".join(found[:lines])


def first_line(documented: object) -> str:
    """Return the first line of a docstring."""
    return (inspect.getdoc(documented) or "").partition("\n")[0]


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Yield kind, name, one sentence and paper of every part."""
    for path in sorted((configuration_folder() / "model").glob("*.yaml")):
        model = yaml.safe_load(path.read_text(encoding="utf-8"))["model"]
        brings = [f"`{name}`" for kind in ("regularizer", "stabilizer") for name in model[kind]]
        networks = " against ".join(f"`{model[role]['name']}`" for role in ("generator", "discriminator"))
        labels = "" if model["labels"] == "none" else ", conditional"
        sentence = f"{networks}{labels}{', growing' if model['growth'] else ''}; brings {', '.join(brings)}."
        yield "model", path.stem, sentence, paper(comment("model", path.stem, 1))
    registries = dict(REGISTRIES)
    generators, discriminators = registries.pop("generator"), registries.pop("discriminator")
    for name in sorted({*generators, *discriminators}):
        pair = [registry[name] for registry in (generators, discriminators) if name in registry]
        sentences = "<br>".join(first_line(part) for part in pair)
        yield "networks", name, sentences, paper(first_line(inspect.getmodule(pair[0])))
    for kind, registry in registries.items():
        for name in registry:
            part = registry[name]
            cited = paper(comment(kind, name, 3), first_line(inspect.getmodule(part)))
            yield kind, name, first_line(part), cited


def table() -> str:
    """Return the table in Markdown."""
    lines = ["| kind | name | what it is | paper |", "|---|---|---|---|"]
    lines += [f"| {kind} | `{name}` | {sentence} | {cited} |" for kind, name, sentence, cited in rows()]
    return "\n".join(lines)


def main(arguments: list[str]) -> None:
    """Print the table, or write it into README.md."""
    if arguments not in ([], ["--write"]):
        sys.exit("usage: python scripts/zoo.py [--write]")
    if not arguments:
        print(table())
        return
    before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    README.write_text(f"{before}{BEGIN}\n{table()}\n{END}{after}", encoding="utf-8")
    print(f"The table of the zoo was written to {README.name}.")


if __name__ == "__main__":
    main(sys.argv[1:])
