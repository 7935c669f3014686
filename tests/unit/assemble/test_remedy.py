import pytest
import torch
from helpers.runs import prepared

from gan_zoo.assemble.remedy import first_that_fits, overridden
from gan_zoo.diagnosis import Remedy
from gan_zoo.diagnosis import remedies as known
from gan_zoo.errors import UserError

PLAIN = {"regularizer": {"r1": {"name": "r1", "weight": 5.0}}, "stabilizer": {}, "optimizer": {"lr": 1.0}}


def test_parts_and_numbers_are_put_into_the_configuration():
    changed = overridden(PLAIN, "stabilizer=[instance_noise] stabilizer.instance_noise.std=0.1")
    assert changed["stabilizer"] == {"instance_noise": {"name": "instance_noise", "std": 0.1}}
    assert PLAIN["stabilizer"] == {}
    changed = overridden(PLAIN, "optimizer.generator.lr=5e-05")
    assert changed["optimizer"] == {"lr": 1.0, "generator": {"lr": 5e-5}}


@pytest.mark.parametrize("override", ["regularizer=[r1]", "loss=relativistic", "optimizer.lr=fast"])
def test_what_is_there_already_or_is_no_number_is_refused(override):
    with pytest.raises(UserError):
        overridden(PLAIN, override)


def test_the_first_one_that_fits_is_taken():
    module, _, _ = prepared("dcgan", "loss=js")  # batch norm in D: penalties on its slope are refused
    asked = (
        known.R1,  # refused before training
        known.PACKING,  # other networks
        Remedy("optimizer.generator.lr=1e-4", ""),  # tried before
        Remedy("optimizer.discriminator.lr=3e-4", ""),
        known.INSTANCE_NOISE,
    )
    remedy, changed, loader = first_that_fits(module, asked, ["optimizer.generator.lr=1e-4"])
    assert remedy is asked[3]
    assert changed.config["optimizer"]["discriminator"]["lr"] == 3e-4
    assert changed.game.players["discriminator"].optimizer_config["lr"] == 3e-4
    assert changed.dataset is module.dataset
    assert len(loader) == 25


@pytest.mark.parametrize("model", ["mlp", "dcgan"])
@pytest.mark.parametrize(
    "remedy",
    [known.INSTANCE_NOISE, known.MODE_SEEKING, known.CLIP, known.DIFF_AUGMENT, known.R1],
    ids=lambda remedy: remedy.override,
)
def test_a_run_goes_on_with_the_state_it_had(model, remedy):
    module, loader, _ = prepared(model, "loss=js")
    batches = iter(loader)
    for _ in range(4):
        module.game.play(next(batches))
    fitting = first_that_fits(module, [remedy], [])
    refused = {("mlp", known.DIFF_AUGMENT), ("dcgan", known.R1)}  # vectors; batch norm in D
    assert (fitting is None) == ((model, remedy) in refused)
    if fitting is None:
        return
    _, changed, following = fitting
    changed.configure_optimizers()
    state = module.game.state_dict()
    stabilizers = {name: state["stabilizers"].get(name, {}) for name in changed.game.stabilizers}
    changed.game.load_state_dict({**state, "stabilizers": stabilizers})
    pairs = zip(module.game.networks.values(), changed.game.networks.values(), strict=True)
    for old, new in pairs:
        assert all(torch.equal(value, new.state_dict()[key]) for key, value in old.state_dict().items())
    following.images = changed.game.images
    changed.game.play(next(iter(following)))
    assert changed.game.images == 40


def test_nothing_fits():
    module, _, _ = prepared("mlp")
    assert first_that_fits(module, (known.PACKING, known.RELATIVISTIC), []) is None
