"""Names: reserved words for canonical weights only."""

from types import SimpleNamespace

import pytest

from gan_zoo.errors import UserError
from gan_zoo.extractors.labels import ID_PATTERN, extractor_id, metric_name

OWN = SimpleNamespace(id="cls-mnist-penult-128@3fa1c09b", canonical=False)
CANONICAL = SimpleNamespace(id="inception-2015_12_05-pool3-2048@6726825d", canonical=True)


@pytest.mark.parametrize("metric", ["fd", "kd", "cs", "precision", "levels/16"])
def test_other_weights_put_the_extractor_into_the_name(metric):
    assert metric_name(metric, OWN) == f"{metric}/cls-mnist-penult-128@3fa1c09b"


@pytest.mark.parametrize(("metric", "name"), [("fd", "FID"), ("kd", "KID"), ("cs", "IS")])
def test_canonical_weights_make_the_reserved_words(metric, name):
    assert metric_name(metric, CANONICAL) == name
    assert metric_name(name, CANONICAL) == name


def test_what_has_no_reserved_word_keeps_the_extractor_even_with_canonical_weights():
    assert metric_name("precision", CANONICAL) == f"precision/{CANONICAL.id}"


@pytest.mark.parametrize(("word", "advice"), [("FID", "fd/"), ("fid", "fd/"), ("Kid", "kd/"), ("IS", "cs/")])
def test_reserved_words_are_refused_for_other_weights(word, advice):
    with pytest.raises(UserError, match=f"call it '{advice}{OWN.id}'"):
        metric_name(word, OWN)


@pytest.mark.parametrize("word", ["LPIPS", "CMMD"])
def test_words_of_other_networks_are_refused_for_every_extractor(word):
    for extractor in (OWN, CANONICAL):
        with pytest.raises(UserError, match="is not that network"):
            metric_name(word, extractor)


@pytest.mark.parametrize("source", ["mnist", "s3", "Fashion MNIST/2", "../x", "", "-"])
def test_ids_have_one_form_whatever_they_are_made_from(source):
    assert ID_PATTERN.fullmatch(extractor_id("cls", source, "3x8x8", 192, "ab" * 32))
