"""The planted images and what looks at them."""

from collections.abc import Callable

import pytest

from gan_zoo.evaluation.sets import Sets
from gan_zoo.evaluation.views import Context
from tests.unit.evaluation.planted import CLASSES, ShapeExtractor, planted_sets


@pytest.fixture
def extractor() -> ShapeExtractor:
    return ShapeExtractor()


@pytest.fixture
def context(extractor: ShapeExtractor) -> Context:
    return Context(extractor=extractor, classes=CLASSES, conditional=True)


@pytest.fixture
def make_sets() -> Callable[..., Sets]:
    return planted_sets
