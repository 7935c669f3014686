"""Laws of every registered metric."""

import inspect
import random
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers.metric_cases import CASES, COUNT, assert_same, built, drawn, fed, numbers
from helpers.processes import run_processes

from gan_zoo.errors import UserError
from gan_zoo.metrics import METRICS, Metric

ROOT = Path(__file__).parents[2] / "gan_zoo" / "metrics"
NAMES = list(METRICS)
THESE = pytest.mark.parametrize("name", NAMES)


def test_every_metric_is_held_to_the_laws():
    assert sorted(CASES) == sorted(NAMES)


@THESE
def test_the_name_is_that_of_its_file_and_class(name):
    assert Path(inspect.getfile(METRICS[name])) == ROOT / f"{name}.py"
    assert METRICS[name].__name__.lower() == name.replace("_", "")
    assert (ROOT / "functional" / f"{name}.py").exists()


@THESE
def test_its_function_says_source_direction_and_ideal(name):
    __import__(f"gan_zoo.metrics.functional.{name}")
    text = inspect.getsource(sys.modules[f"gan_zoo.metrics.functional.{name}"])
    assert re.search(r"arXiv:\d{4}\.\d{4,5}|[A-Z]\w+ (19|20)\d\d,", text), "which paper it is from"
    assert re.search(r"(higher|lower) is better|is ideal", text, re.IGNORECASE), "its direction"
    assert re.search(r"\b(ideal|reach)\b", text, re.IGNORECASE), (
        "what is best, if only what real samples reach"
    )
    assert "Raises:" in text


@THESE
def test_the_cut_into_batches_does_not_matter(name):
    samples = drawn(name)
    whole = numbers(fed(name, samples).compute())
    for sizes in ((1,) * COUNT, (50, COUNT - 50), (5, COUNT - 6, 1)):
        assert_same(numbers(fed(name, samples, sizes).compute()), whole)


@pytest.mark.parametrize("name", [name for name in NAMES if not CASES[name].by_position])
def test_the_order_of_samples_does_not_matter(name):
    samples = drawn(name)
    order = torch.randperm(COUNT, generator=torch.Generator().manual_seed(3))
    result = numbers(fed(name, samples).compute())
    shuffled = numbers(fed(name, {side: values[order] for side, values in samples.items()}).compute())
    if isinstance(result, list):  # one number for each sample
        result, shuffled = sorted(result), sorted(shuffled)
    assert_same(shuffled, result)


@THESE
def test_two_halves_merge_to_the_whole(name):
    samples = drawn(name)
    whole = numbers(fed(name, samples).compute())
    first, second = (
        fed(name, {side: values[part] for side, values in samples.items()})
        for part in (slice(0, 37), slice(37, COUNT))
    )
    before = numbers(second.compute())
    first.merge(second)
    assert_same(numbers(first.compute()), whole)
    assert_same(numbers(second.compute()), before)  # the other one is not changed
    empty = built(name)
    empty.merge(first)
    first.merge(built(name))
    for metric in (empty, first):
        assert_same(numbers(metric.compute()), whole)


@THESE
def test_the_state_survives_a_file(name, tmp_path):
    samples = drawn(name)
    whole = fed(name, samples)
    half = fed(name, {side: values[:40] for side, values in samples.items()})
    torch.save(half.state(), tmp_path / "state.pt")
    restored = built(name)
    restored.load_state(torch.load(tmp_path / "state.pt", weights_only=True))
    restored.update(**{side: values[40:] for side, values in samples.items()})
    assert_same(numbers(restored.compute()), numbers(whole.compute()))
    empty = fed(name, samples)
    empty.load_state(built(name).state())
    with pytest.raises(UserError, match="There are no"):
        empty.compute()


@THESE
def test_a_result_may_be_asked_for_while_samples_come_in(name):
    samples = drawn(name)
    metric = fed(name, {side: values[:60] for side, values in samples.items()})
    assert_same(numbers(metric.compute()), numbers(metric.compute()))
    metric.update(**{side: values[60:] for side, values in samples.items()})
    assert_same(numbers(metric.compute()), numbers(fed(name, samples).compute()))


@THESE
def test_what_it_has_seen_may_be_overwritten(name):
    samples = {side: values.clone() for side, values in drawn(name).items()}
    whole = numbers(fed(name, samples).compute())
    metric = fed(name, samples)
    for values in samples.values():
        values.zero_()
    assert_same(numbers(metric.compute()), whole)


@THESE
def test_nothing_is_known_before_the_first_batch_and_after_a_reset(name):
    metric = fed(name, drawn(name))
    metric.reset()
    for empty in (built(name), metric):
        with pytest.raises(UserError, match="There are no"):
            empty.compute()


@THESE
def test_no_global_generator_is_touched(name):
    samples = drawn(name)
    metric = built(name)
    torch.manual_seed(5)
    states = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy()  # noqa: NPY002
    metric.update(**samples)
    first = numbers(metric.compute())
    assert torch.equal(torch.get_rng_state(), states[0])
    assert random.getstate() == states[1]
    assert (np.random.get_state()[1] == states[2]).all()  # noqa: NPY002
    torch.manual_seed(6)
    assert_same(numbers(fed(name, samples).compute()), first)


@pytest.mark.parametrize("name", [name for name in NAMES if CASES[name].ideal is not None])
def test_a_set_against_itself_is_ideal(name):
    samples = drawn(name)
    samples["fake"] = samples["real"].flip(0)
    result = fed(name, samples).compute()
    better = CASES[name].better or float
    assert better(result) == pytest.approx(CASES[name].ideal, abs=1e-9)


@pytest.mark.parametrize("name", [name for name in NAMES if CASES[name].better is not None])
def test_collapse_onto_a_few_samples_is_worse(name):
    samples, better = drawn(name), CASES[name].better
    healthy = better(fed(name, samples).compute())
    samples["fake"] = samples["fake"][torch.arange(COUNT) // CASES[name].turns % 3]
    assert better(fed(name, samples).compute()) < healthy


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
@THESE
def test_values_that_are_not_finite_are_refused(name, bad):
    samples = drawn(name)
    floating = [side for side, values in samples.items() if values.is_floating_point()]
    for side in floating:
        broken = samples[side].clone()
        broken[3] = bad
        with pytest.raises(UserError, match="not finite"):
            built(name).update(**{**samples, side: broken})
    if not floating and "labels" in samples:  # images: bytes are finite, floating-point images are refused
        with pytest.raises(UserError, match="uint8"):
            built(name).update(**{**samples, "fake": samples["fake"].float()})


@pytest.mark.parametrize("name", [name for name in NAMES if {"real", "fake"} <= set(METRICS[name].sides)])
def test_sets_of_different_form_are_refused(name):
    samples = drawn(name)
    samples["fake"] = samples["fake"][:, :1]
    if name in ("inception_score", "mode_score"):  # still probabilities, of other classes
        samples["fake"] = torch.ones_like(samples["fake"])
    with pytest.raises(UserError):
        fed(name, samples).compute()


@THESE
def test_batches_of_different_form_are_refused(name):
    samples = drawn(name)
    if samples["fake"].ndim < 2:
        pytest.skip("class numbers have no form")
    metric = fed(name, samples)
    narrow = samples["fake"][..., :-5] if samples["fake"].ndim == 4 else samples["fake"][..., :-1]
    if name in ("inception_score", "mode_score"):
        narrow = narrow / narrow.sum(1, keepdim=True)
    if name in ("discriminability", "latent_smoothness"):
        pytest.skip("it keeps counts and sums, to which samples of any form may add")
    with pytest.raises(UserError):
        metric.update(**{**samples, "fake": narrow})


@pytest.mark.parametrize("name", [name for name in NAMES if CASES[name].least > 1])
def test_too_few_samples_are_refused(name):
    least = CASES[name].least
    samples = drawn(name)
    with pytest.raises(UserError, match=r"too few|at least|needs|more"):
        fed(name, {side: values[: least - 1] for side, values in samples.items()}).compute()
    if "labels" not in samples:  # per class the least number is needed in each
        fed(name, {side: values[:least] for side, values in samples.items()}).compute()


@THESE
def test_other_metrics_do_not_merge_and_one_process_needs_no_sync(name):
    class Other(Metric):
        def compute(self) -> float:
            return 0.0

    metric = fed(name, drawn(name))
    with pytest.raises(TypeError, match="cannot merge a Other"):
        metric.merge(Other())
    before = numbers(metric.compute())
    metric.sync()
    metric.sync()
    assert_same(numbers(metric.compute()), before)


def _synced(rank: int, world: int) -> dict:
    """Each process sees every other row, one of them nothing of the last metric's fakes."""
    results = {}
    for name in NAMES:
        samples = drawn(name)
        metric = fed(name, {side: values[rank::world] for side, values in samples.items()})
        metric.sync()
        results[name] = numbers(metric.compute())
    refused = []
    for action in (metric.sync, lambda: metric.update(fake=torch.zeros(2, 2)), lambda: metric.merge(metric)):
        try:
            action()
        except RuntimeError as error:
            refused.append(str(error))
    metric.reset()
    if rank == 0:
        metric.update(**drawn(NAMES[-1]))
    metric.sync()
    return {"results": results, "refused": refused, "from one": numbers(metric.compute())}


@pytest.mark.slow
def test_processes_together_know_what_one_would(tmp_path):
    expected = {name: numbers(fed(name, drawn(name)).compute()) for name in NAMES}
    for answer in run_processes(_synced, 2, tmp_path):
        for name in NAMES:
            assert_same(answer["results"][name], expected[name])
        assert_same(answer["from one"], expected[NAMES[-1]])
        assert len(answer["refused"]) == 3
        assert all("call reset() first" in message for message in answer["refused"])
