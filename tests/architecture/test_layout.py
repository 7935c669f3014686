"""Size budgets, file names and what no file may contain."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "gan_zoo"
ENTRY_POINTS = [ROOT / "train.py", *sorted((ROOT / "scripts").glob("*.py"))]
SOURCES = [*sorted(PACKAGE.rglob("*.py")), *ENTRY_POINTS]
MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if path.name != "__init__.py"]
CONFIGURATIONS = sorted((ROOT / "conf").rglob("*.yaml"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_files_and_functions_are_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 250
    for function in functions(path):
        length = function.end_lineno - function.lineno + 1
        assert length <= 50, f"{function.name} has {length} lines"


def test_train_py_is_a_table_of_contents() -> None:
    assert len((ROOT / "train.py").read_text(encoding="utf-8").splitlines()) <= 70


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_every_module_says_what_it_is(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring
    assert docstring.splitlines()[0].endswith((".", ":"))


@pytest.mark.parametrize("path", CONFIGURATIONS, ids=name)
def test_every_configuration_opens_with_a_comment(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    comments = [line for line in lines[:2] if line.startswith("# ") and not line.startswith("# @package")]
    assert comments


def test_tests_mirror_the_package() -> None:
    packages = {path.name for path in PACKAGE.iterdir() if path.is_dir()}
    for folder in (ROOT / "tests" / "unit").iterdir():
        if folder.is_dir() and folder.name != "__pycache__":
            assert folder.name in packages, f"tests/unit/{folder.name} mirrors no package"


def texts() -> list[Path]:
    suffixes = {".py", ".md", ".yaml", ".yml", ".toml", ".sh"}
    folders = [PACKAGE, *(ROOT / folder for folder in ("conf", "docs", "scripts", "tests", ".ci"))]
    inside = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    top = [path for path in sorted(ROOT.iterdir()) if path.is_file()]
    chosen = [path for path in [*inside, *top] if path.suffix in suffixes or path.name in ("run", "Makefile")]
    return [path for path in chosen if "__pycache__" not in path.parts]


# A place on one machine; web addresses and the ~ of every reader are no such place.
MACHINE_PATH = re.compile(r"(?<![\w.:/~-])/(?:home|Users|work|root|mnt|farm|scratch|tmp|opt)/[\w.-]+")


def test_no_file_names_a_place_on_one_machine() -> None:
    found = []
    for path in texts():
        if path != Path(__file__).resolve():
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if MACHINE_PATH.search(line):
                    found.append(f"{name(path)}:{number}: {line.strip()}")
    assert found == []


def test_the_search_for_machine_paths_finds_them() -> None:
    assert MACHINE_PATH.search("root: /home/me/data")
    assert not MACHINE_PATH.search("see https://example.org/work/data and data/work/x")
