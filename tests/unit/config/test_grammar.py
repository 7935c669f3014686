import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given
from hypothesis import strategies as st

from gan_zoo.config.grammar import quoted

TEXTS = st.text(st.sampled_from("ab/\\'\" ,=[]{}$~()"), max_size=12)


def parsed(text):
    (override,) = OverridesParser.create().parse_overrides([f"key={quoted(text)}"])
    return override.value()


@pytest.mark.parametrize("text", [r"C:\runs\mine", "it's", r"ends\ ".strip(), r"a\'b", "", "a b", "${x}"])
def test_hydra_reads_what_was_meant(text):
    assert parsed(text) == text


@given(TEXTS)
def test_hydra_reads_any_text(text):
    assert parsed(text) == text
