"""Pages of the site that are no files in docs/: the start page and the zoo. Used by mkdocs.yml as a hook.

Links of the documents lead to files of the repository. On the site those inside docs/ work as they are;
others lead to the repository where `repo_url` is set, and are plain names where it is not.
"""

from __future__ import annotations

import posixpath
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent))  # for the script beside this one

import zoo

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")
FENCED = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the start page, which is README.md, and the table of the zoo."""
    from mkdocs.structure.files import File

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    start = readme.replace("](docs/", "](").replace("](CHANGELOG.md)", "](../CHANGELOG.md)")
    start = re.sub(r"\]\(((?:gan_zoo|conf|LICENSE)[^)]*)\)", r"](../\1)", start)
    known = "What `loss=`, `model=`, `stabilizer=` and the other groups know, read from the registries."
    pages = {"index.md": start, "zoo.md": f"# The zoo\n\n{known}\n\n{zoo.table()}\n"}
    for name, text in pages.items():
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn links that leave docs/ into links to the repository, or into names."""
    folder = posixpath.dirname(page.file.src_uri)
    known = {file.src_uri for file in files}

    def outside(found: re.Match[str]) -> str:
        text, target = found[1], found[2]
        path = posixpath.normpath(posixpath.join("docs", folder, target.partition("#")[0].replace("\\", "")))
        inside = path.removeprefix("docs/")
        if "://" in target or target.startswith("#") or (path.startswith("docs/") and inside in known):
            return found[0]
        return f"[{text}]({config.repo_url.rstrip('/')}/blob/main/{path})" if config.repo_url else text

    parts = FENCED.split(markdown)
    return "".join(part if part.startswith("```") else LINK.sub(outside, part) for part in parts)
