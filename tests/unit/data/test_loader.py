"""The loader: scaling, order, packs, and a position from which everything follows."""

import pytest
import torch
from torch.profiler import ProfilerActivity, profile

from gan_zoo.data.base import Samples
from gan_zoo.data.loader import Loader
from gan_zoo.errors import UserError
from gan_zoo.types import DataSpec

COUNT = 23
IMAGES = DataSpec("images", (1, 2, 3), 4)
VECTORS = DataSpec("vectors", (2,), scale=4.0)


def numbered(count=COUNT):
    """Image i has brightness 10 i everywhere but in its last column, which is black."""
    values = torch.arange(count, dtype=torch.uint8)[:, None, None, None].expand(-1, 1, 2, 3).clone() * 10
    values[..., -1] = 0
    return Samples(values, torch.arange(count) % 4)


def make(samples=None, spec=IMAGES, size=5, total_images=200, seed=3, **arguments):
    size = size if callable(size) else (lambda images, size=size: size)
    samples = numbered() if samples is None else samples
    return Loader(samples, spec, size, total_images=total_images, seed=seed, **arguments)


def indices(batch):
    """Read which images a batch of `numbered` has, however they are mirrored."""
    return ((batch["samples"].amax((1, 2, 3)) + 1.0) * 127.5 / 10).round().long().tolist()


def order(loader):
    return [index for batch in loader for index in indices(batch)]


def equal(first, second):
    assert len(first) == len(second) > 0
    for one, other in zip(first, second, strict=True):
        for key in ("samples", "labels"):
            torch.testing.assert_close(one[key], other[key], rtol=0, atol=0)


def test_images_are_scaled_to_plus_minus_one():
    values = torch.arange(256, dtype=torch.uint8).reshape(1, 1, 16, 16)
    batch = make(Samples(values), DataSpec("levels", (1, 16, 16)), size=1).batch(0)
    torch.testing.assert_close(batch["samples"].flatten(), torch.arange(256) / 127.5 - 1.0)
    assert batch["samples"].dtype == torch.float32
    assert (batch["samples"].min(), batch["samples"].max()) == (-1.0, 1.0)
    assert batch["labels"] is None


def test_vectors_are_divided_by_the_scale():
    values = torch.randn(9, 2, generator=torch.Generator().manual_seed(0))
    batch = make(Samples(values), VECTORS, size=9).batch(0)
    torch.testing.assert_close(batch["samples"].sort(0).values, (values / 4.0).sort(0).values)


def test_labels_belong_to_their_images():
    for batch in make():
        assert batch["labels"].tolist() == [index % 4 for index in indices(batch)]


def test_every_epoch_shows_every_image_once_in_a_new_order():
    shown = order(make(total_images=COUNT * 5))
    epochs = [shown[start : start + COUNT] for start in range(0, COUNT * 5, COUNT)]
    assert all(sorted(epoch) == list(range(COUNT)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 5


def test_the_order_follows_the_seed_alone():
    torch.manual_seed(0)
    first = order(make())
    torch.manual_seed(1)
    assert order(make()) == first
    assert order(make(seed=4)) != first


def test_the_order_does_not_depend_on_the_batch_size():
    assert order(make(size=8))[:200] == order(make(size=5))


@pytest.mark.parametrize("packs", [1, 3])
@pytest.mark.parametrize("at", [0, 1, 7, 19])
def test_resuming_continues_the_uninterrupted_run(packs, at):
    arguments = {"packs": packs, "flip": True, "share_labels": packs > 1, "total_images": 400}
    whole = list(make(**arguments))
    first = make(**arguments)
    stream = iter(first)
    for _ in range(at + 1):
        next(stream)  # asking for batch `at` says that those before it are done
    second = make(seed=3, **arguments)
    second.load_state_dict(first.state_dict())
    equal(list(second), whole[at:])


def test_a_yielded_batch_counts_when_the_next_is_asked_for():
    loader = make()
    stream = iter(loader)
    next(stream)
    assert loader.state_dict() == {"images": 0}
    next(stream)
    assert loader.state_dict() == {"images": 5}


def test_the_game_may_count_a_batch_earlier():
    loader = make()
    whole = list(make())
    stream = iter(loader)
    next(stream)
    loader.images = 5
    assert loader.state_dict() == {"images": 5}
    equal([next(stream)], [whole[1]])


def test_a_batch_that_the_game_does_not_count_is_still_over():
    loader = make(total_images=15)
    seen = []
    for batch in loader:
        seen.append(batch)
        loader.images = 0
    equal(seen, list(make(total_images=15)))


def test_any_image_count_can_be_the_start():
    shown = order(make(size=1, total_images=100))
    for start in (0, 1, 22, 23, 24, 61):
        assert indices(make(size=10).batch(start)) == shown[start : start + 10]


def test_batches_may_exceed_the_data_set():
    shown = order(make(size=1, total_images=3 * COUNT))
    assert indices(make(size=3 * COUNT).batch(0)) == shown


def test_batch_sizes_may_depend_on_the_image_count():
    loader = make(size=lambda images: 8 if images < 40 else 3, total_images=60)
    sizes = [len(batch["samples"]) for batch in loader]
    assert sizes == [8] * 5 + [3] * 7  # 40, then 61, the first count that is not below 60
    assert len(loader) == len(sizes)
    assert loader.images == 61


@pytest.mark.parametrize(
    "arguments", [{}, {"packs": 2}, {"world": 3}, {"packs": 2, "world": 3}, {"total_images": 1}]
)
def test_the_length_is_exact(arguments):
    loader = make(**arguments)
    assert len(loader) == len(list(loader))


def test_a_finished_loader_yields_nothing_more():
    loader = make()
    list(loader)
    assert list(loader) == []


def test_members_of_a_pack_have_orders_of_their_own():
    shown = torch.tensor(order(make(packs=3, total_images=3 * COUNT, size=1))).view(-1, 3)
    assert all(sorted(member) == list(range(COUNT)) for member in shown.T.tolist())
    assert len({tuple(member) for member in shown.T.tolist()}) == 3


def test_members_of_packs_are_independent():
    shown = torch.tensor(order(make(numbered(4), packs=2, total_images=2 * 4000, size=1))).view(-1, 2)
    counts = torch.bincount(shown[:, 0] * 4 + shown[:, 1], minlength=16)
    assert ((counts - 250).abs() < 6 * 250**0.5).all()


def test_packs_can_share_a_label():
    loader = make(packs=3, share_labels=True, total_images=3 * 20 * COUNT)
    shown = torch.tensor(order(loader)).view(-1, 3)
    labels = shown % 4
    assert (labels == labels[:, :1]).all()
    assert sorted(shown[:COUNT, 0].tolist()) == list(range(COUNT))
    for member in (1, 2):
        assert (shown[:, member] != shown[:, 0]).float().mean() > 0.6
        assert set(shown[:, member].tolist()) == set(range(COUNT))


def test_shared_labels_draw_uniformly_within_the_class():
    samples = Samples(numbered(6).values, torch.tensor([0, 1, 1, 1, 0, 2]))
    shown = torch.tensor(order(make(samples, packs=2, share_labels=True, total_images=2 * 6000))).view(-1, 2)
    counts = torch.bincount(shown[:, 0] * 6 + shown[:, 1], minlength=36).view(6, 6)
    expected = torch.tensor([[500, 0, 0, 0, 500, 0], [0, 333, 333, 333, 0, 0], [0, 0, 0, 0, 0, 1000]])
    assert ((counts - expected[[0, 1, 1, 1, 0, 2]]).abs() < 6 * 500**0.5).all()
    assert (counts[expected[[0, 1, 1, 1, 0, 2]] == 0] == 0).all()


@pytest.mark.parametrize("packs", [1, 2])
def test_processes_share_one_global_batch(packs):
    whole = make(size=6, packs=packs, flip=True).batch(24 * packs)
    parts = [make(size=2, packs=packs, flip=True, rank=rank, world=3).batch(24 * packs) for rank in range(3)]
    for key in ("samples", "labels"):
        split = [part[key].view(2, packs, -1) for part in parts]
        together = torch.stack(split, dim=1).reshape(
            6 * packs, -1
        )  # pack i of rank r is global pack i * world + r
        torch.testing.assert_close(together, whole[key].view(6 * packs, -1))


def test_images_count_over_all_processes():
    loader = make(size=2, packs=2, world=3)
    stream = iter(loader)
    next(stream), next(stream)
    assert loader.images == 12


def test_half_of_the_images_are_mirrored_anew_each_epoch():
    samples = Samples(numbered(20).values + 1)
    loader = make(samples, size=20, total_images=20 * 200, flip=True)
    flips = []
    for batch in loader:
        position = torch.argsort(batch["samples"].amax((1, 2, 3)))
        mirrored = batch["samples"][position, 0, 0, 0] < batch["samples"][position, 0, 0, 2]
        flips.append(mirrored)
    flips = torch.stack(flips).float()[:, 1:]  # image 0 is uniform
    assert abs(flips.mean() - 0.5) < 0.03
    assert flips.mean(0).min() > 0.3
    assert flips.mean(0).max() < 0.7


def test_mirroring_does_not_stick_to_a_place_in_the_epoch():
    batches = make(numbered(20), size=20, total_images=20 * 100, flip=True)
    mirrored = torch.stack([batch["samples"][:, 0, 0, 0] < batch["samples"][:, 0, 0, 2] for batch in batches])
    assert mirrored.float().mean(0).min() > 0.2
    assert mirrored.float().mean(0).max() < 0.8


def test_without_flip_nothing_is_mirrored():
    assert all((batch["samples"][..., -1] == -1.0).all() for batch in make())


def test_mapped_samples_give_the_same_batches(tmp_path):
    samples = numbered()
    (tmp_path / "x").write_bytes(samples.values.numpy().tobytes())
    size = samples.values.numel()
    values = torch.from_file(str(tmp_path / "x"), size=size, dtype=torch.uint8).view_as(samples.values)
    equal(list(make(Samples(values, samples.labels, mapped=True), flip=True)), list(make(flip=True)))


def test_no_number_travels_to_the_host():
    loader = make(packs=2, flip=True, share_labels=True, total_images=10_000)
    stream = iter(loader)
    next(stream)
    with profile(activities=[ProfilerActivity.CPU]) as record:
        for _ in range(4):
            next(stream)
    names = {event.name for event in record.events()}
    assert not names & {"aten::_local_scalar_dense", "aten::item", "aten::nonzero"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"samples": Samples(torch.empty(0, 1, 2, 3, dtype=torch.uint8))}, "no training images"),
        ({"packs": 0}, "at least 1 member"),
        ({"samples": Samples(torch.zeros(3, 2)), "spec": VECTORS, "flip": True}, r"data\.flip=false"),
        ({"samples": Samples(numbered().values), "share_labels": True}, "cannot share a label"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(UserError, match=message):
        make(**arguments)


def test_bad_batch_sizes_and_positions_are_refused():
    with pytest.raises(UserError, match="at least 1"):
        len(make(size=0))
    with pytest.raises(UserError, match="whole packs of 2"):
        make(packs=2).batch(5)
