"""Names are a function of what was typed, fit for any file system, and tell jobs apart."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_zoo.sweep.names import LONGEST, job_name, method_name, short, sweep_name


@given(st.text(max_size=300))
def test_every_text_becomes_a_folder_name(text: str) -> None:
    name = short(text or "x")
    assert 0 < len(name) <= LONGEST
    assert re.fullmatch(r"[A-Za-z0-9_.,=+@~-]+", name)
    assert name.strip(".")
    assert short(text or "x") == name


@pytest.mark.parametrize("pair", [("a/b", "a-b"), ("x" * 200, "x" * 201), ("data.path=A ü", "data.path=A ä")])
def test_what_was_lost_is_told_apart(pair: tuple[str, str]) -> None:
    assert short(pair[0]) != short(pair[1])


def test_the_same_words_in_any_order_are_the_same_sweep() -> None:
    words = ["model=mlp", "loss=js,hinge", "seed=0,1,2"]
    assert len({sweep_name(order) for order in itertools.permutations(words)}) == 1
    assert sweep_name([*words, "resume=auto"]) == sweep_name(words)
    assert sweep_name([*words, "kimg=2"]) != sweep_name(words)


def test_seeds_are_folders_of_their_method() -> None:
    words = ["model=mlp", "loss=js", "stabilizer=[ema,packing]", "seed=3"]
    assert job_name(words, {"loss", "stabilizer", "seed"}) == "loss=js,stabilizer=ema,packing/seed=3"
    assert job_name(words[:-1], {"loss"}) == "loss=js"
    assert job_name(["seed=3"], {"seed"}) == "default/seed=3"


def test_where_only_seeds_differ_the_method_is_everything_else() -> None:
    assert method_name(["model=mlp", "loss=js", "seed=3"], {"seed"}) == "loss=js,model=mlp"
