"""Results made up for tests of what is written about them."""

import pytest
from helpers.benchmarks import make_results

from gan_zoo.benchmark.compare import Results


@pytest.fixture
def results() -> Results:
    return make_results()
