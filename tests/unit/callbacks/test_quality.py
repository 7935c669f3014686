import pytest
import torch

from gan_zoo.callbacks.quality import Quality
from gan_zoo.data.base import Dataset, Samples
from gan_zoo.errors import UserError
from tests.unit.callbacks.test_metrics import Recorder


def enlarged(module, count: int = 300):
    """Give a small run enough data for floors."""
    source = torch.Generator().manual_seed(4)
    spec, shape = module.game.spec, module.game.spec.shape
    parts = []
    for _ in range(2):
        values = torch.randint(0, 256, (count, *shape), generator=source, dtype=torch.uint8)
        values = values if spec.is_image else torch.randn(count, *shape, generator=source)
        parts.append(Samples(values, torch.arange(count) % spec.classes if spec.classes else None))
    module.dataset = Dataset(
        spec, *parts, "f" * 64, modes=module.dataset.modes, mode_std=module.dataset.mode_std
    )
    return module


def rows(trainer) -> list[tuple[int, dict]]:
    return trainer.loggers[0].rows


def test_ten_looks_the_last_moment_and_the_floor_once(make, trainer, run):
    trainer.loggers = [Recorder()]
    module = enlarged(make())
    run(trainer, module, Quality(n=100), batches=21)
    assert [step for step, _ in rows(trainer)] == [*range(100, 1001, 100), 1050]
    first, second = rows(trainer)[0][1], rows(trainer)[1][1]
    values = {key for key in second if key != "progress/kimg"}
    floors = {key.replace("_floor/", "/") for key in first if "_floor/" in key}
    assert floors == values
    assert {key.split("/")[0] for key in values} == {"quality", "collapse"}
    assert {"collapse/ndb", "collapse/ndb_jsd"} <= values
    assert any(key.startswith("quality/fd/projection-") for key in values)
    assert any(key.startswith("collapse/coverage/projection-") for key in values)


def test_a_run_is_not_disturbed(make, trainer, run):
    """Weights, buffers, modes and global random numbers are bit-identical with and without."""
    ends = []
    for callbacks in ([Quality(every_kimg=0.05, n=60)], []):
        module = enlarged(make())
        torch.manual_seed(5)
        run(trainer, module, *callbacks, batches=6)
        ends.append((module.players.state_dict(), torch.random.get_rng_state(), module.players.training))
    assert all(torch.equal(ends[0][0][key], ends[1][0][key]) for key in ends[1][0])
    assert torch.equal(ends[0][1], ends[1][1])
    assert ends[0][2] == ends[1][2]


def test_modes_of_a_mixture_in_data_units(make, trainer, run):
    trainer.loggers = [Recorder()]
    module = enlarged(make(shape=(2,)))
    values = module.dataset.train.values[:100]
    module.dataset = Dataset(
        module.game.spec, Samples(values), Samples(values + 0.01), "f" * 64, modes=values[:4], mode_std=0.5
    )
    run(trainer, module, Quality(n=100), batches=2)
    assert {"quality/modes", "quality/high_quality", "collapse/reverse_kl"} <= set(rows(trainer)[0][1])


def test_latents_are_fixed_and_labels_are_given(make, trainer):
    module = enlarged(make(classes=3))
    callback = Quality(n=90)
    callback.on_train_start(trainer, module)
    callback.look(trainer, module)
    first = callback.latest
    torch.manual_seed(99)
    callback.look(trainer, module)
    assert callback.latest == first
    assert torch.equal(module.players["generator"].seen[0], callback._labels[:90])


def test_growth_is_followed(make, trainer):
    module = enlarged(make())
    module.game.stride = 2
    callback = Quality(n=50)
    callback.on_train_start(trainer, module)
    callback.look(trainer, module)
    assert callback.latest


def test_a_diverged_generator_is_told_once_and_the_run_goes_on(make, trainer, run, capsys):
    trainer.loggers = [Recorder()]
    module = enlarged(make())
    module.players["generator"].linear.weight.data.fill_(float("nan"))
    run(trainer, module, Quality(every_kimg=0.05, n=50), batches=4)
    assert rows(trainer) == []
    assert capsys.readouterr().err.count("not finite") == 1


def test_a_metric_that_fails_is_told_once_and_the_others_go_on(make, trainer, run, capsys, monkeypatch):
    from gan_zoo.evaluation.measures import Ndb

    def fail(self, sample):
        raise RuntimeError("no luck")

    monkeypatch.setattr(Ndb, "measure", fail)
    trainer.loggers = [Recorder()]
    run(trainer, enlarged(make()), Quality(every_kimg=0.05, n=50), batches=4)
    assert len(rows(trainer)) == 4
    assert capsys.readouterr().err.count("no luck") == 1


def test_few_real_samples_limit_the_number(make, trainer):
    module = make()
    callback = Quality()
    callback.on_train_start(trainer, module)
    assert callback._n == 40


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": 3}, "n=3"),
        ({"bins": True}, "bins=True"),
        ({"every_kimg": 0}, "every_kimg"),
        ({"metrics": ["frechet"]}, "Did you mean"),
        ({"extractor": "pixel"}, "Did you mean 'pixels'"),
    ],
)
def test_mistakes(options, message):
    with pytest.raises(UserError, match=message):
        Quality(**options)
