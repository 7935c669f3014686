"""`init_from`: the same model takes the weights over, another one is refused in words."""

import re

import pytest
import torch
from helpers.runs import play, prepared, weights

from gan_zoo import checkpoint
from gan_zoo.assemble.initialize import initialize_from, mismatch
from gan_zoo.callbacks.checkpoints import contents
from gan_zoo.errors import UserError


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run of dcgan with its checkpoint: (run directory, its weights)."""
    run_dir = tmp_path_factory.mktemp("run")
    module, loader, _ = prepared("dcgan", "data.size=16", "seed=1", run_dir=run_dir)
    play(module, loader, 1)
    checkpoint.save(run_dir / "checkpoints" / "last.ckpt", contents(module))
    return run_dir, weights(module)


def equal(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)


def test_weights_and_buffers_are_taken_over_and_the_run_starts_at_zero(trained):
    run_dir, expected = trained
    module, _, _ = prepared("dcgan", "data.size=16", "seed=2", f"init_from='{run_dir}'")
    assert equal(weights(module), expected)
    assert module.game.images == 0
    assert set(module.game.steps.values()) == {0}
    assert all(not player.optimizer.state for player in module.game.players.values())


def test_without_it_another_seed_has_other_weights(trained):
    module, _, _ = prepared("dcgan", "data.size=16", "seed=2")
    assert not equal(weights(module), trained[1])


@pytest.mark.parametrize(
    ("model", "overrides", "words"),
    [
        ("dcgan", ["model.generator.width=8"], "its generator .*has shape .*, this run needs"),
        ("dcgan", ["model.discriminator.width=8"], "its discriminator .*has shape .*, this run needs"),
        ("dcgan", ["model.latent_dim=32"], "its generator .*has shape .*64.*needs .*32"),
        ("dcgan", ["data.size=32"], "has shape|is missing|is not part of this model"),
        ("dcgan", ["model.discriminator.normalization=none"], "its discriminator .*bias' is missing"),
        ("dcgan", ["stabilizer=[minibatch_discrimination]"], "its discriminator .*(is missing|has shape)"),
        ("cgan", [], "model dcgan"),
        ("mlp", ["data=digits"], r"model dcgan, data \(1, 16, 16\)"),
    ],
)
def test_a_mismatch_is_refused_in_words_and_changes_nothing(trained, model, overrides, words):
    run_dir, _ = trained
    module, _, _ = prepared(model, "data.size=16", *overrides)
    before = weights(module)
    with pytest.raises(UserError, match=re.compile(words, re.DOTALL)) as refused:
        initialize_from(str(run_dir), module.game)
    assert "Train with the same model, sizes and classes." in str(refused.value)
    assert equal(weights(module), before)


def test_a_mismatch_names_the_first_weight_that_differs():
    network = torch.nn.Linear(2, 3)
    state = network.state_dict()
    assert mismatch(network, state) is None
    assert mismatch(network, {"weight": state["weight"]}) == "'bias' is missing"
    assert mismatch(network, {**state, "scale": state["bias"]}) == "'scale' is not part of this model"
    wider = {**state, "weight": torch.zeros(3, 5)}
    assert mismatch(network, wider) == "'weight' has shape [3, 5], this run needs [3, 2]"


def test_a_directory_without_checkpoint_is_refused(tmp_path):
    module, _, _ = prepared("mlp")
    with pytest.raises(UserError, match="holds no checkpoints/last"):
        initialize_from(str(tmp_path), module.game)
