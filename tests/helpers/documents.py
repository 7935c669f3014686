"""Commands, code blocks and links of the documents."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
COMMAND = re.compile(r"(?:python|uv run) (?:train|scripts/\w+)\.py\b|gan-zoo \w")
FILE = re.compile(r"# ([\w/.-]+\.(?:py|yaml))$")


@dataclass(frozen=True)
class Block:
    """A fenced piece of text; its first or second line may name the file that it is or is taken from."""

    document: str
    language: str
    text: str

    @property
    def taken_from(self) -> str | None:
        first = self.text.partition("\n")[0]
        return first.removeprefix("# from ") if first.startswith("# from ") else None

    @property
    def file(self) -> str | None:
        found = [FILE.match(line) for line in self.text.splitlines()[:2]]
        return next((match[1] for match in found if match), None)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(language: str) -> list[Block]:
    """Return all fenced blocks in a language."""
    found = [(name(path), FENCE.findall(path.read_text(encoding="utf-8"))) for path in DOCUMENTS]
    return [
        Block(document, kind, text) for document, each in found for kind, text in each if kind == language
    ]


def commands() -> list[str]:
    """Return every command that a reader may type, once, without its comment."""
    lines = [line for block in blocks("bash") for line in re.split(r"\n|&&", block.text)]
    for path in DOCUMENTS:
        lines += INLINE.findall(FENCE.sub("", path.read_text(encoding="utf-8")))
    parsed = [shlex.join(shlex.split(line, comments=True)) for line in lines if COMMAND.match(line.strip())]
    return [command for command in dict.fromkeys(parsed) if "..." not in command]


def links(path: Path) -> list[str]:
    """Return the targets of all links and pictures that lead to files."""
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    found = re.findall(r"\]\(([^)\s]+)\)", text)
    return [target for target in found if "://" not in target]


def anchors(path: Path) -> set[str]:
    """Return the anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
