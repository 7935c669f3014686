"""What several processes cannot share is refused before they start, saying what to type."""

import pytest
from helpers.runs import prepared

from gan_zoo.errors import UserError

REFUSED = {
    "a batch that they do not divide": (
        ["mlp", "data=ring", "trainer.devices=3"],
        "multiple of 3.*batch_size=9",
    ),
    "pieces": (
        ["mlp", "data=ring", "trainer.devices=4", "optimizer.accumulation=4"],
        "accumulation=4.*batch_size=16",
    ),
    "groups": (
        ["mlp", "data=ring", "trainer.devices=4", "stabilizer=[minibatch_stddev]"],
        "groups of 4.*batch_size=16.*group_size=0",
    ),
    "a level of growth": (
        ["pggan", "loss=wgangp", "trainer.devices=4"],
        "batch_size=8 is that of all.*each level",
    ),
    "going back": (["mlp", "data=ring", "trainer.devices=2", "guard=rollback"], "guard=stop"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused(case):
    (model, *overrides), message = REFUSED[case]
    with pytest.raises(UserError, match=message):
        prepared(model, *overrides)


def test_what_can_be_shared_is():
    module, loader, _ = prepared("mlp", "data=ring", "trainer.devices=4")
    assert module.game.draws.world == loader.world == 4
    assert len(loader.batch(0)["samples"]) == 2
    assert module.game.sync is not None


def test_one_process_needs_nothing():
    module, loader, _ = prepared("mlp", "data=ring")
    assert module.game.sync is None
    assert loader.world == 1
