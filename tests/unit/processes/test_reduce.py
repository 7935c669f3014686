"""Outside of a shared batch nothing is exchanged; inside, what comes back is the sum of all processes'."""

import pytest
import torch
import torch.distributed as distributed

from gan_zoo import processes
from gan_zoo.processes import reduce


@pytest.fixture
def two_alike(monkeypatch):
    """Two processes that hold the same: a sum doubles."""
    monkeypatch.setattr(distributed, "all_reduce", lambda tensor: tensor.mul_(2.0))
    monkeypatch.setattr(distributed, "get_rank", lambda: 0)
    with processes.together(2):
        yield


def test_one_process_exchanges_nothing():
    x = torch.randn(3, requires_grad=True)
    assert processes.world() == 1
    assert processes.mean(x) is x
    assert torch.equal(processes.stacked(x), x[None])
    assert processes.moments(x, x)[0] is x


def test_the_number_of_processes_holds_inside_only():
    with processes.together(4):
        assert processes.world() == 4
        with processes.together(1):
            assert processes.world() == 1
    assert processes.world() == 1


@pytest.mark.usefixtures("two_alike")
def test_means_of_alike_processes_and_their_gradients_are_their_own():
    x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    mean = processes.mean(x)
    assert torch.equal(mean, x)
    (gradient,) = torch.autograd.grad(mean.square().sum(), x, create_graph=True)
    assert torch.equal(gradient, 2.0 * x)
    (second,) = torch.autograd.grad(gradient.square().sum(), x)
    assert torch.equal(second, 8.0 * x)


def test_moments_are_those_of_all_rows(monkeypatch):
    x = torch.randn(16, 3, dtype=torch.float64) + 1e3
    halves = [torch.stack([half.mean(0), half.var(0, correction=0)]) for half in x.chunk(2)]
    monkeypatch.setattr(processes.reduce._State, "world", 2)
    monkeypatch.setattr(reduce, "stacked", lambda tensor: torch.stack(halves))
    mean, variance = processes.moments(*halves[0])
    torch.testing.assert_close(mean, x.mean(0), rtol=0.0, atol=1e-12)
    torch.testing.assert_close(variance, x.var(0, correction=0), rtol=0.0, atol=1e-9)


def test_waiting_is_known_and_counted_and_so_is_a_failure(monkeypatch):
    monkeypatch.setattr(reduce._State, "broken", False)
    before = reduce.met()
    with processes.waits():
        assert reduce.is_waiting()
    assert not reduce.is_waiting()
    assert reduce.met() == before + 1
    assert not reduce.is_broken()
    with pytest.raises(RuntimeError, match="closed"), processes.waits():
        raise RuntimeError("Connection closed by peer")
    assert reduce.is_broken()
