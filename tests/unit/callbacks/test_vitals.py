import csv
import math
from types import SimpleNamespace

import pytest
import torch
from helpers.runs import prepared, weights

from gan_zoo.callbacks import CsvLogger, Metrics, Vitals
from gan_zoo.callbacks.vital_probe import Probe
from gan_zoo.data.base import Samples
from gan_zoo.diagnosis import History
from gan_zoo.diagnosis.signs import SOUND
from gan_zoo.errors import UserError

COMPOSITIONS = {
    "vectors": ["mlp", "data=ring"],
    "packed vectors": ["mlp", "data=ring", "stabilizer=[packing]", "stabilizer.packing.packs=3"],
    "a critic": ["mlp", "data=grid", "loss=wgangp"],
    "images": ["dcgan", "stabilizer=[spectral_norm,instance_noise,diff_augment]"],
    "images of a class": ["acgan"],
    "packs of a class": ["cgan", "stabilizer=[packing]"],
    "growth": ["pggan", "loss=wgangp"],
}  # fmt: skip


def trainer(*loggers):
    return SimpleNamespace(is_global_zero=True, loggers=list(loggers), callbacks=[])


def begin(vitals, module):
    """Begin as in a new run."""
    vitals.prepare(trainer(), module)
    vitals.start(trainer(), module)


def looked(composition, *overrides, steps=2, **options):
    """Return the vital signs of a small run after some batches."""
    module, loader, _ = prepared(*composition, *overrides)
    vitals = Vitals(**options)
    begin(vitals, module)
    batches = iter(loader)
    for _ in range(steps):
        module.game.play(next(batches))
    vitals.look(trainer(), module)
    return vitals.latest, module, vitals


@pytest.mark.parametrize("name", COMPOSITIONS)
def test_a_look_changes_nothing(name):
    """Weights, buffers, gradients, modes and every source of random numbers, whatever the networks are."""
    module, loader, _ = prepared(*COMPOSITIONS[name])
    module.train()
    batches = iter(loader)
    vitals = Vitals(samples=16)
    begin(vitals, module)
    for _ in range(3):
        module.game.play(next(batches))
    networks = [*module.game.networks.values(), module.game.averaged_generator()]
    parts = [part for network in networks for part in network.modules()]
    gradients = [p.grad for p in module.parameters()]
    before = weights(module), module.game.averaged_generator().state_dict(), torch.get_rng_state()
    averaged = {key: value.clone() for key, value in before[1].items()}
    modes, grad_flags = [part.training for part in parts], [p.requires_grad for p in module.parameters()]
    copies = [None if gradient is None else gradient.clone() for gradient in gradients]
    vitals.look(trainer(), module)
    assert all(torch.equal(before[0][key], value) for key, value in weights(module).items())
    now = module.game.averaged_generator().state_dict()
    assert all(torch.equal(averaged[key], value) for key, value in now.items())
    assert torch.equal(before[2], torch.get_rng_state())
    assert modes == [part.training for part in parts]
    assert grad_flags == [p.requires_grad for p in module.parameters()]
    assert all(p.grad is g for p, g in zip(module.parameters(), gradients, strict=True))
    kept = [(c, g) for c, g in zip(copies, gradients, strict=True) if g is not None]
    assert all(torch.equal(copy, gradient) for copy, gradient in kept)
    assert module.game.draws.position == ()


@pytest.mark.parametrize("name", COMPOSITIONS)
def test_a_run_with_looks_ends_where_one_without_ends(name):
    ends = []
    for looks in (False, True):
        module, loader, _ = prepared(*COMPOSITIONS[name])
        vitals = Vitals(samples=16)
        if looks:
            begin(vitals, module)
        for number, batch in enumerate(loader):
            module.game.play(batch)
            if looks:
                vitals.look(trainer(), module)
            if number == 5:
                break
        ends.append((weights(module), torch.get_rng_state()))
    (plain, state), (watched, watched_state) = ends
    assert all(torch.equal(plain[key], watched[key]) for key in plain)
    assert torch.equal(state, watched_state)


EVERYWHERE = {
    "vitals/run_share", "vitals/not_finite", "vitals/logit_gap", "vitals/separation", "vitals/overfitting",
    "vitals/accuracy_fake", "vitals/accuracy_train", "vitals/accuracy_held_out",
    *(f"vitals/{player}_{what}" for player in ("generator", "discriminator")
      for what in ("weight_norm", "gradient_norm", "update_ratio", "lr", "steps")),
    "collapse/diversity", "collapse/diversity_live", "collapse/feature_diversity", "collapse/mode_seeking",
    "collapse/pair_diversity", "collapse/energy_distance", "collapse/energy_distance_live",
    "collapse/coverage", "collapse/coverage_of_reals", "collapse/jensen_shannon_divergence",
    "collapse/jensen_shannon_divergence_of_reals", "progress/kimg",
}  # fmt: skip


@pytest.mark.parametrize("name", COMPOSITIONS)
def test_everything_is_measured_and_finite(name):
    values, module, _ = looked(COMPOSITIONS[name], samples=24, steps=6)
    assert set(values) >= EVERYWHERE >= SOUND
    assert all(math.isfinite(value) for value in values.values())
    assert values["vitals/not_finite"] == 0.0
    for share in ("separation", "overfitting", "accuracy_fake", "accuracy_train", "accuracy_held_out"):
        assert 0.0 <= values[f"vitals/{share}"] <= 1.0
    assert 0.0 <= values["collapse/coverage"] <= 1.0
    assert ("collapse/modes" in values) == (module.dataset.modes is not None)
    assert values["progress/kimg"] == module.game.images / 1000.0


def test_norms_and_updates_are_those_of_the_players():
    values, module, _ = looked(["mlp", "data=ring"], "optimizer=sgd", "optimizer.lr=0.1", steps=1, samples=16)
    for name, player in module.game.players.items():
        size = torch.cat([p.detach().flatten() for p in player.parameters]).norm()
        slope = torch.cat([p.grad.flatten() for p in player.parameters]).norm()
        assert values[f"vitals/{name}_weight_norm"] == pytest.approx(float(size), rel=1e-5)
        assert values[f"vitals/{name}_gradient_norm"] == pytest.approx(float(slope), rel=1e-5)
        # one step of SGD moves the weights by the rate times the gradient
        assert values[f"vitals/{name}_update_ratio"] == pytest.approx(float(0.1 * slope / size), rel=1e-3)
        assert values[f"vitals/{name}_lr"] == 0.1


def planted(monkeypatch, made, samples=200):
    """Return the vital signs of a ring whose generators make what `made` returns for latents."""
    module, _, _ = prepared("mlp", "data=ring", "data.samples=4000", "data.held_out_samples=2000")
    for generator in (module.game.networks["generator"], module.game.averaged_generator()):
        monkeypatch.setattr(generator, "forward", lambda latents, labels=None: made(latents, module))
    vitals = Vitals(samples=samples)
    begin(vitals, module)
    return vitals.latest


def perfect(latents, module):
    count = len(latents)
    return module.dataset.held_out.values[-count:] / module.game.spec.scale


def test_perfect_samples_score_as_the_reals(monkeypatch):
    values = planted(monkeypatch, perfect)
    assert values["collapse/diversity"] == pytest.approx(1.0, abs=0.05)
    assert values["collapse/pair_diversity"] == pytest.approx(1.0, abs=0.15)
    assert values["collapse/energy_distance"] == pytest.approx(0.0, abs=0.05)
    assert values["collapse/feature_diversity"] == pytest.approx(1.0, abs=0.1)
    assert values["collapse/high_quality"] == pytest.approx(0.99, abs=0.03)
    assert (values["collapse/modes"], values["collapse/modes_of_data"]) == (8.0, 8.0)
    assert values["collapse/coverage"] == values["collapse/coverage_of_reals"] == 1.0
    assert values["collapse/jensen_shannon_divergence"] < 0.02
    assert values["collapse/jensen_shannon_divergence_of_reals"] < 0.02
    assert values["vitals/separation"] == pytest.approx(0.5, abs=0.12)
    assert values["vitals/overfitting"] == pytest.approx(0.5, abs=0.12)


def test_one_mode(monkeypatch):
    values = planted(monkeypatch, lambda latents, module: torch.tensor([[1.0, 0.0]]).repeat(len(latents), 1))
    assert values["collapse/diversity"] == pytest.approx(0.0, abs=2e-3)
    assert values["collapse/energy_distance"] == pytest.approx(1.0, abs=0.05)
    assert values["collapse/mode_seeking"] == 0.0
    assert (values["collapse/modes"], values["collapse/coverage"]) == (1.0, 0.125)
    assert values["collapse/high_quality"] == 1.0


def test_half_of_the_modes(monkeypatch):
    def half(latents, module):
        which = torch.arange(len(latents)) % 4
        return module.dataset.modes[which] + 0.01 * torch.randn(len(latents), 2, generator=torch.Generator())

    values = planted(monkeypatch, half)
    assert (values["collapse/modes"], values["collapse/coverage"]) == (4.0, 0.5)
    by_hand = 0.5 * (math.log(4 / 3) + 0.5 * math.log(2 / 3) + 0.5 * math.log(2))  # 1/4 or 0 against 1/8
    assert values["collapse/jensen_shannon_divergence"] == pytest.approx(by_hand, abs=1e-5)
    assert 0.5 < values["collapse/diversity"] < 1.0


def test_copies_of_training_images_are_near_to_them(monkeypatch):
    module, _, _ = prepared("dcgan", "data.size=16", "model.generator.width=4")
    data = module.dataset.train.values[:64].float() / 127.5 - 1.0
    plain = Vitals(samples=64)
    begin(plain, module)
    for generator in (module.game.networks["generator"], module.game.averaged_generator()):
        monkeypatch.setattr(generator, "forward", lambda latents, labels=None: data[: len(latents)])
    copied = Vitals(samples=64)
    begin(copied, module)
    assert copied.latest["collapse/copy_distance"] < 0.05
    assert plain.latest["collapse/copy_distance"] > 1.0


def test_numbers_that_are_not_finite_are_counted(monkeypatch):
    module, loader, _ = prepared("mlp", "data=ring")
    vitals = Vitals(samples=16)
    begin(vitals, module)
    with torch.no_grad():
        next(iter(module.game.networks["generator"].parameters())).fill_(math.nan)
    module.game.play(next(iter(loader)))
    vitals.look(trainer(), module)
    assert vitals.latest["vitals/not_finite"] >= 3.0


def test_the_score_that_divides_reals_from_fakes():
    for loss, centered in (("js", True), ("hinge", True), ("wgangp", False), ("relativistic", False)):
        _, _, vitals = looked(["mlp", "data=ring"], f"loss={loss}", steps=0, samples=16)
        assert vitals._centered == centered
    _, _, vitals = looked(["mlp", "data=ring"], "loss=unrolled", "loss.objective=js", steps=0, samples=16)
    assert vitals._centered


def test_energies_are_low_for_reals():
    logits, _, _ = looked(["mlp", "data=ring"], steps=0, samples=64)
    module, _, _ = prepared("mlp", "data=ring")
    module.game.networks["discriminator"].score_kind = "energy"
    vitals = Vitals(samples=64)
    begin(vitals, module)
    assert vitals.latest["vitals/logit_gap"] == pytest.approx(-logits["vitals/logit_gap"])
    assert vitals.latest["vitals/separation"] == pytest.approx(1.0 - logits["vitals/separation"])


def test_too_few_held_out_samples_are_no_reference():
    module, _, _ = prepared("dcgan", "data.size=16")
    few = Samples(module.dataset.held_out.values[:5], module.dataset.held_out.labels[:5])
    object.__setattr__(module.dataset, "held_out", few)
    vitals = Vitals(samples=16)
    begin(vitals, module)
    assert not {"vitals/overfitting", "vitals/accuracy_held_out"} & set(vitals.latest)
    assert "vitals/separation" in vitals.latest


def test_members_of_a_pack_share_their_class():
    module, _, _ = prepared("cgan", "stabilizer=[packing]", "stabilizer.packing.packs=2")
    probe = Probe(module, 48)
    for labels in (probe.train.labels, probe.held_out.labels, probe._labels):
        assert torch.equal(labels[::2], labels[1::2])
    half = len(probe._labels) // 2
    assert torch.equal(probe._labels[:half], probe._labels[half:])


def test_growth_is_followed():
    module, loader, _ = prepared("pggan", "loss=wgangp")
    vitals = Vitals(samples=16)
    begin(vitals, module)
    shapes, levels = [], set()
    for batch in loader:
        module.game.play(batch)
        vitals.look(trainer(), module)
        shapes.append(vitals._fakes.shape[1])
        levels.add(module.game.stage.level)
        assert all(math.isfinite(value) for value in vitals.latest.values())
    assert levels == {0, 1, 2, 3}
    assert sorted(set(shapes)) == [16, 64, 256]  # 4, 8 and 16 px a side, and 32 averaged down to 16


@pytest.mark.parametrize(
    ("kimg", "batch", "images", "count"),
    [
        (1000, 256, 20_000, 128),
        (64, 32, 1_600, 64),
        (64, 8, 1_280, 64),
        (20, 32, 1_000, 64),
        (0.2, 8, 128, 64),
    ],
)
def test_fifty_looks_in_a_long_run_and_fewer_in_a_short_one(kimg, batch, images, count):
    module, _, _ = prepared("mlp", "data=ring", f"kimg={kimg}", f"batch_size={batch}")
    vitals = Vitals()
    begin(vitals, module)
    assert (vitals._due.images, vitals._probe.count) == (images, count)


def test_rows_are_read_back_from_a_table_whose_columns_come_late(tmp_path):
    module, loader, _ = prepared("mlp", "data=ring")
    logger = CsvLogger(str(tmp_path))
    run, metrics, vitals = trainer(logger), Metrics(every_kimg=0.008), Vitals(every_kimg=0.016, samples=16)
    run.callbacks = [metrics, vitals]
    kept = []
    for callback in run.callbacks:
        callback.on_train_start(run, module)
    kept.append(dict(vitals.latest))
    for number, batch in enumerate(loader):
        module.game.play(batch)
        for callback in run.callbacks:
            callback.on_train_batch_end(run, module, None, batch, number)
        if vitals.looks > len(kept):
            kept.append(dict(vitals.latest))
    assert len(kept) > 5
    history = History.from_csv(tmp_path / "metrics.csv")
    rows = [{name: value for name, value in row.items() if name != "step"} for row in history.rows]
    assert rows == kept  # exactly: a table keeps every digit
    with (tmp_path / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > len(kept)
    assert any(row["generator/adversarial"] and not row["vitals/separation"] for row in rows)


@pytest.mark.parametrize(
    "options", [{"samples": 4}, {"samples": "many"}, {"samples": True}, {"every_kimg": 0}]
)
def test_options_out_of_range(options):
    with pytest.raises(UserError):
        Vitals(**options)
