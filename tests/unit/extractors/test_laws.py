"""Laws of every extractor that needs no file: one form of output, nothing random, nothing trained."""

import importlib
from dataclasses import replace

import numpy as np
import pytest
import torch

from gan_zoo.errors import UserError
from gan_zoo.extractors import EXTRACTORS
from gan_zoo.extractors.labels import ID_PATTERN

NAMES = ["classifier", "pixels", "projection", "random_convolutions", "stacked_classifier"]
SHORT = {"classifier": {"epochs": 1}, "stacked_classifier": {"epochs": 1}}


@pytest.fixture(params=NAMES)
def made(request, build, digits, stacks):
    """An extractor and images that it has not seen."""
    data = stacks if request.param == "stacked_classifier" else digits
    extractor = build(request.param, data, batch_size=16, **SHORT.get(request.param, {}))
    return extractor, data.held_out_images[:40]


def test_registry_key_is_file_stem_and_name():
    assert set(EXTRACTORS) == {*NAMES, "inception", "torchvision_network"}
    for name in EXTRACTORS:
        assert EXTRACTORS[name].name == name
        importlib.import_module(f"gan_zoo.extractors.{name}")


def test_features_are_finite_float64_rows_on_the_cpu_without_gradient(made):
    extractor, images = made
    features = extractor.features(images)
    assert features.shape == (40, extractor.dimensions)
    assert features.dtype == torch.float64
    assert not features.requires_grad
    assert torch.isfinite(features).all()
    assert features.std(dim=0).max() > 0


def test_the_id_ends_with_width_and_hash_and_stands_in_the_protocol(made):
    extractor, _ = made
    assert ID_PATTERN.fullmatch(extractor.id)
    assert extractor.id.split("@")[0].endswith(f"-{extractor.dimensions}")
    assert extractor.protocol()["id"] == extractor.id
    assert not extractor.canonical


def test_only_what_was_trained_on_the_data_knows_its_classes():
    """The classes of a network trained elsewhere must not be compared with the labels."""
    knowing = {name for name in EXTRACTORS if getattr(EXTRACTORS[name], "knows_data_classes", False)}
    assert knowing == {"classifier", "stacked_classifier"}


def test_the_protocol_is_plain_and_says_how_images_were_treated(made):
    protocol = made[0].protocol()
    assert {"id", "name", "canonical", "resize", "value_range", "dimensions", "sha256"} <= set(protocol)

    def plain(value):
        if isinstance(value, dict):
            return all(plain(item) for item in (*value, *value.values()))
        if isinstance(value, list):
            return all(map(plain, value))
        return type(value) in (str, int, float, bool, type(None))

    assert plain(protocol)


def test_twice_gives_the_same_bits(made):
    extractor, images = made
    torch.testing.assert_close(extractor.features(images), extractor.features(images), rtol=0, atol=0)


def test_a_row_does_not_depend_on_its_neighbors_or_on_their_number(made):
    extractor, images = made
    whole = extractor.features(images)
    assert torch.equal(extractor.features(images[7:8]), whole[7:8])
    assert torch.equal(extractor.features(images.flip(0)), whole.flip(0))
    split = torch.cat([extractor.features(part) for part in images.split(11)])
    assert torch.equal(split, whole)


def test_the_batch_size_matters_only_in_the_last_bits(made):
    extractor, images = made
    before = extractor.features(images)
    extractor.batch_size = 5
    torch.testing.assert_close(extractor.features(images), before, rtol=1e-5, atol=1e-5)


def test_no_images_give_no_rows(made):
    extractor, images = made
    assert extractor.features(images[:0]).shape == (0, extractor.dimensions)
    if extractor.has_probabilities:
        assert extractor.probabilities(images[:0]).shape == (0, extractor.classes)


def test_arrays_are_taken_like_tensors(made):
    extractor, images = made
    backwards = images.numpy()[::-1]  # torch cannot view negative strides
    assert torch.equal(extractor.features(backwards), extractor.features(images.flip(0)))


def test_probabilities_are_shares_of_known_classes_or_refused(made):
    extractor, images = made
    if not extractor.has_probabilities:
        with pytest.raises(UserError, match="extractor=classifier"):
            extractor.probabilities(images)
        return
    shares = extractor.probabilities(images)
    assert shares.shape == (40, extractor.classes)
    assert shares.dtype == torch.float64
    torch.testing.assert_close(shares.sum(1), torch.ones(40, dtype=torch.float64))
    found = extractor.extract(images)
    assert torch.equal(found.probabilities, shares)
    assert torch.equal(found.features, extractor.features(images))


def test_a_bar_counts_images_on_a_terminal_where_asked_for(build, digits, monkeypatch, capsys):
    extractor, images = build("pixels", digits), digits.held_out_images[:40]
    expected = extractor.extract(images, show_progress=True).features
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert torch.equal(extractor.features(images), expected)
    extractor.extract(images)
    assert capsys.readouterr().err == ""
    assert torch.equal(extractor.extract(images, show_progress=True).features, expected)
    shown = capsys.readouterr().err
    assert "Extracting features" in shown
    assert "/40" in shown


def test_train_mode_autocast_and_inference_mode_around_change_nothing(made):
    extractor, images = made
    before = extractor.features(images)
    assert extractor.train() is extractor
    networks = [value for value in vars(extractor).values() if isinstance(value, torch.nn.Module)]
    networks += getattr(extractor, "networks", [])
    for network in networks:
        network.train()
        assert not any(module.training for module in network.modules())
        assert not any(parameter.requires_grad for parameter in network.parameters())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(extractor.features(images), before)
    with torch.inference_mode():
        assert torch.equal(extractor.features(images), before)


@pytest.mark.parametrize("name", NAMES)
def test_building_and_looking_leave_the_global_generators_alone(name, build, digits, stacks):
    data = stacks if name == "stacked_classifier" else digits
    torch.manual_seed(5)
    np.random.seed(5)  # noqa: NPY002
    expected = torch.rand(3), np.random.rand(3)  # noqa: NPY002
    torch.manual_seed(5)
    np.random.seed(5)  # noqa: NPY002
    build(name, data, **SHORT.get(name, {})).features(data.held_out_images[:4])
    assert torch.equal(torch.rand(3), expected[0])
    assert (np.random.rand(3) == expected[1]).all()  # noqa: NPY002


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda images: images.float() / 127.5 - 1, r"uint8 in 0\.\.255, got torch.float32"),
        (lambda images: images[..., 1:], "Bring all images to one size"),
        (lambda images: images[0], "was built for images"),
        (lambda images: images.flatten(1), "was built for images"),
        (lambda images: ["a", "b"], "numbers in a torch tensor"),
    ],
)
def test_other_images_are_refused_with_one_message(made, spoil, message):
    extractor, images = made
    with pytest.raises(UserError, match=message):
        extractor.features(spoil(images))


def test_grey_against_color_is_said_so(build, digits):
    with pytest.raises(UserError, match=r"Grey against color: .* \(grey\), and got .* \(color\)"):
        build("pixels", digits).features(digits.held_out_images.expand(-1, 3, -1, -1))


@pytest.mark.parametrize("name", ["classifier", "random_convolutions", "inception", "torchvision_network"])
def test_networks_of_images_refuse_vectors_and_name_what_takes_them(build, ring, name):
    with pytest.raises(UserError, match=r"extractor=pixels .* or extractor=projection"):
        build(name, ring)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "extractor.batch_size=0"),
        ({"device": "nowhere"}, "extractor.device=nowhere cannot be used"),
        ({"dimension": 3}, "has no parameter 'dimension'. Did you mean 'dimensions'"),
    ],
)
def test_bad_options_are_named(build, digits, options, message):
    with pytest.raises(UserError, match=message):
        build("projection" if "dimension" in options else "random_convolutions", digits, **options)


def test_an_unknown_name_gets_a_hint(build, digits):
    with pytest.raises(UserError, match="Did you mean 'pixels'"):
        build("pixel", digits)


def test_without_a_fingerprint_the_training_images_are_hashed(build, digits):
    nameless = build("random_convolutions", replace(digits, fingerprint=""))
    other = build(
        "random_convolutions", replace(digits, fingerprint="", train_images=255 - digits.train_images)
    )
    assert nameless.id != other.id
