"""ACGAN's class terms, for both players, against log-probabilities."""

import pytest
import torch

from gan_zoo.errors import UserError
from gan_zoo.regularizers.auxiliary_classification import AuxiliaryClassification
from gan_zoo.types import CriticOutput


def cross_entropy(logits, labels):
    return torch.stack(
        [-(row.exp() / row.exp().sum()).log()[label] for row, label in zip(logits, labels, strict=True)]
    )


@pytest.fixture
def turn(quantities, normal):
    logits = {"real": normal(4, 3), "fake": normal(4, 3)}
    outputs = {
        f"{name}_output": CriticOutput(normal(4), heads={"classes": value}) for name, value in logits.items()
    }
    labels = {"labels": torch.tensor([0, 2, 1, 1]), "fake_labels": torch.tensor([2, 0, 0, 1])}
    return quantities(None, **outputs, **labels), logits, labels


def test_discriminator_classifies_reals_and_fakes(turn):
    quantities, logits, labels = turn
    term = AuxiliaryClassification()(quantities, "discriminator")
    expected = cross_entropy(logits["real"], labels["labels"]) + cross_entropy(
        logits["fake"], labels["fake_labels"]
    )
    torch.testing.assert_close(term, expected)


def test_discriminator_may_leave_fakes_out(turn):
    quantities, logits, labels = turn
    del quantities.values["fake_output"]  # must not be asked for
    term = AuxiliaryClassification(on_fakes_in_discriminator=False)(quantities, "discriminator")
    torch.testing.assert_close(term, cross_entropy(logits["real"], labels["labels"]))


def test_generator_classifies_its_fakes_alone(turn):
    quantities, logits, labels = turn
    del quantities.values["real_output"]
    term = AuxiliaryClassification()(quantities, "generator")
    torch.testing.assert_close(term, cross_entropy(logits["fake"], labels["fake_labels"]))


def test_a_pack_has_one_label(quantities, normal):
    logits = normal(3, 4)
    labels = torch.tensor([1, 1, 3, 3, 0, 0])
    turn = quantities(
        None, packs=2, fake_output=CriticOutput(normal(3), heads={"classes": logits}), fake_labels=labels
    )
    term = AuxiliaryClassification()(turn, "generator")
    torch.testing.assert_close(term, cross_entropy(logits, [1, 3, 0]))


def test_two_fakes_per_real(quantities, normal):
    on_real, on_fake = normal(2, 3), normal(4, 3)
    labels, fake_labels = torch.tensor([0, 2]), torch.tensor([1, 2, 1, 2])
    turn = quantities(
        None,
        labels=labels,
        fake_labels=fake_labels,
        real_output=CriticOutput(normal(2), heads={"classes": on_real}),
        fake_output=CriticOutput(normal(4), heads={"classes": on_fake}),
    )
    term = AuxiliaryClassification()(turn, "discriminator")
    expected = cross_entropy(on_real, labels).mean() + cross_entropy(on_fake, fake_labels).mean()
    torch.testing.assert_close(term.mean(), expected)


def test_missing_head_and_missing_labels_are_explained(quantities, normal):
    labels = torch.tensor([0, 1])
    plain = CriticOutput(normal(2), heads={"angle": normal(2, 2)})
    with pytest.raises(UserError, match="heads found: angle"):
        AuxiliaryClassification()(quantities(None, fake_output=plain, fake_labels=labels), "generator")
    able = CriticOutput(normal(2), heads={"classes": normal(2, 3)})
    with pytest.raises(UserError, match="labeled data"):
        AuxiliaryClassification()(quantities(None, fake_output=able), "generator")
