"""What may be typed, and what is refused with a hint."""

from pathlib import Path

import pytest

from gan_zoo.benchmark.document import BEGIN, END
from gan_zoo.benchmark.options import help_text, read_options
from gan_zoo.benchmark.suites import METHODS, TOY
from gan_zoo.errors import UserError


def test_everything_has_a_default_but_the_suite() -> None:
    options = read_options(["suite=toy"])
    assert options.suites == TOY
    assert options.methods == METHODS
    assert (options.seeds, options.jobs, options.budget, options.threads) == ((0, 1, 2), 2, 1.0, 1)


def test_every_option_is_read(tmp_path: Path) -> None:
    document = tmp_path / "a.md"
    document.write_text(f"{BEGIN}\n{END}")
    typed = ["suite=grid", "methods=[js, best]", "seeds=7", "jobs=1", "budget=0.5", "out=here", "trainer=gpu"]
    options = read_options([*typed, "threads=2", f"docs={document}"])
    assert (options.suites, options.methods, options.seeds) == (("grid",), ("js", "best"), (7,))
    assert (options.jobs, options.budget, options.out) == (1, 0.5, Path("here"))
    assert (options.trainer, options.threads, options.docs) == ("gpu", 2, document)
    assert "suite=grid 'methods=[js, best]'" in options.typed


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ([], ("Which suite?", "suite=toy")),
        (["suite=rign"], ("Did you mean 'ring'",)),
        (["suit=ring"], ("Unknown option 'suit'", "Did you mean 'suite'")),
        (["ring"], ("not of the form key=value",)),
        (["suite=ring", "suite=grid"], ("given twice",)),
        (["suite=ring", "methods=[js,wgnagp]"], ("no method 'wgnagp'", "Did you mean 'wgangp'")),
        (["suite=ring", "methods=[]"], ("at least one",)),
        (["suite=ring", "methods=[js,js]"], ("each method once",)),
        (["suite=ring", "seeds=[0,x]"], ("seeds=x", "whole number")),
        (["suite=ring", "seeds=[0,0]"], ("each seed once",)),
        (["suite=ring", "seeds=[0,100]"], ("seed 100", "cannot be reported")),
        (["suite=ring", "jobs=0"], ("jobs=0", "at least 1")),
        (["suite=ring", "jobs=1.5"], ("whole number",)),
        (["suite=ring", "budget=0"], ("budget=0",)),
        (["suite=ring", "budget=nan"], ("budget=nan",)),
        (["suite=ring", "budget=inf"], ("budget=inf",)),
        (["suite=ring", "out="], ("out= is empty",)),
        (["suite=ring", "trainer=cup"], ("Did you mean 'cpu'",)),
        (["suite=ring", "docs=nowhere.md"], ("nowhere.md", "No such file")),
    ],
)
def test_mistakes_are_refused(typed: list[str], words: tuple[str, ...]) -> None:
    with pytest.raises(UserError) as refused:
        read_options(typed)
    for word in words:
        assert word in str(refused.value)


def test_a_document_without_markers_is_refused(tmp_path: Path) -> None:
    document = tmp_path / "a.md"
    document.write_text("nothing")
    with pytest.raises(UserError, match="lacks the markers"):
        read_options(["suite=ring", f"docs={document}"])


def test_the_help_names_every_method_and_option() -> None:
    text = help_text("here")
    assert "usage: here suite=" in text
    for word in (*METHODS, "seeds=", "jobs=", "budget=", "out=", "trainer=", "threads=", "docs="):
        assert word in text
