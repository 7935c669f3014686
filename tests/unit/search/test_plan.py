"""What a search reads from its file and from what is typed."""

from pathlib import Path

import pytest
import yaml

from gan_zoo.cli.search import check, read
from gan_zoo.errors import UserError
from gan_zoo.search.plan import Plan, read_plan

CONF = Path(__file__).resolve().parents[3] / "conf" / "search"
BASE = """
objectives: {a: minimize}
space: {optimizer.lr: 'interval(1,2)', loss: 'choice(js,hinge)'}
overrides: [guard=stop, kimg=3]
"""


def test_what_is_typed_replaces_the_file() -> None:
    plan = read_plan(
        "x", BASE, ["loss=wgan", "kimg=5", "seed=1,2", "search.trials=7", "search.objectives={b: maximize}"]
    )
    assert plan.fixed == ("guard=stop", "loss=wgan", "kimg=5")
    assert list(plan.space) == ["optimizer.lr", "seed"]
    assert plan.config.trials == 7
    assert plan.objectives == {"b": "maximize"}


def test_the_same_words_find_the_same_folder() -> None:
    first = read_plan("x", BASE, ["model=mlp"]).out
    assert first.parent == Path("outputs/searches")
    assert read_plan("x", BASE, ["model=mlp", "search.trials=99", "search.jobs=4"]).out == first
    others = [
        ["model=dcgan"],
        ["model=mlp", "search.seed=1"],
        ["model=mlp", "search.objectives={b: maximize}"],
        ["loss=js,wgan"],
    ]
    assert len({read_plan("x", BASE, words).out for words in others} | {first}) == 5


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["search.trails=3"], "Did you mean 'trials'?"),
        (["search.trials=0"], "search.trials=0"),
        (["search.jobs=many"], "search.jobs"),
        (["search.sampler=grid"], "search.sampler"),
        (["search.objectives={a: minimise}"], "Did you mean 'minimize'?"),
        (["search.objectives=a"], "give columns of metrics.csv"),
        (["search.objectives={a"], "Cannot read"),
        (["search.prune=[colapse]"], "Did you mean 'collapse'?"),
        (["run_dir=x"], "Type search.out=DIR"),
        (["optimizer.lr=1", "loss=js"], "Nothing to search over"),
    ],
)  # fmt: skip
def test_mistakes_are_refused(words: list[str], message: str) -> None:
    with pytest.raises(UserError) as refused:
        read_plan("x", BASE, words)
    assert message in str(refused.value)


@pytest.mark.parametrize("path", sorted(CONF.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_search_that_is_there_composes(path: Path) -> None:
    swept = [] if "space" in yaml.safe_load(path.read_text()) else ["loss=js,hinge"]
    plan = read([f"search={path.stem}", "model=mlp", *swept])
    assert isinstance(plan, Plan)
    check(plan)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["search=raets"], "Did you mean 'rates'?"),
        (["search=rates", "loss=hing"], "Did you mean 'hinge'?"),
        (["loss=js,hing"], "Did you mean 'hinge'?"),
        (["optimizer.lrr=interval(1,2)"], "Did you mean 'optimizer.lr'?"),
        (["--jobs", "2", "loss=js,hinge"], "'--jobs' is no option"),
    ],
)
def test_a_spelling_mistake_comes_up_before_anything_begins(words: list[str], message: str) -> None:
    with pytest.raises(UserError) as refused:
        check(read(words))
    assert message in str(refused.value)
