"""What metrics accept, and what they say of the rest."""

import numpy as np
import pytest
import torch

from gan_zoo.errors import UserError
from gan_zoo.metrics.arrays import TO_UINT8, as_float64, as_images, check_enough, check_same_width
from gan_zoo.pictures import to_uint8


@pytest.mark.parametrize(
    "dtype", [np.float16, np.float32, np.float64, np.longdouble, np.int8, np.uint8, np.int64, bool]
)
def test_any_real_type_becomes_float64(dtype):
    values = np.array([[0, 1], [1, 1]]).astype(dtype)
    result = as_float64(values, "real")
    assert result.dtype == torch.float64
    assert result.tolist() == [[0.0, 1.0], [1.0, 1.0]]


def test_arrays_that_torch_cannot_view_are_copied():
    values = np.arange(6.0).reshape(3, 2)
    assert as_float64(values[::-1], "real").tolist() == values[::-1].tolist()
    assert as_float64(values.T, "real").tolist() == values.T.tolist()
    assert as_float64(values.astype(">f4"), "real").tolist() == values.tolist()
    values.flags.writeable = False
    assert as_float64(values, "real").tolist() == values.tolist()


def test_tensors_lose_their_graph_and_their_half_precision():
    values = torch.ones(2, 3, dtype=torch.bfloat16, requires_grad=True)
    result = as_float64(values * 0.5, "real")
    assert not result.requires_grad
    assert result.dtype == torch.float64


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (torch.zeros(3), r"real: expected shape \[N, D\], got \[3\]. Flatten"),
        (torch.zeros(0, 3), r"no values, its shape is \[0, 3\]"),
        (torch.zeros(3, 0), "no values"),
        (torch.tensor([[1.0, float("nan")], [float("inf"), 0.0]]), "2 of 4 values are not finite"),
        (torch.zeros(2, 2, dtype=torch.complex64), "real numbers"),
        (np.array([["a"]]), "an array of <U1"),
        ([[1.0]], "got list"),
        (None, "got NoneType"),
    ],
)
def test_what_is_no_matrix_of_numbers_is_refused(values, message):
    with pytest.raises(UserError, match=message):
        as_float64(values, "real")


def test_dimensions_may_be_free():
    assert as_float64(torch.zeros(2, 1, 4, 4), "real", None).shape == (2, 1, 4, 4)
    assert as_float64(torch.zeros(2), "real", 1).shape == (2,)


def test_images_are_bytes():
    images = torch.arange(2 * 3 * 4 * 4).reshape(2, 3, 4, 4).to(torch.uint8)
    assert as_images(images.numpy(), "fake").equal(images)
    with pytest.raises(UserError, match=r"uint8 in 0..255 .* got torch.float32. Convert .* \* 127.5"):
        as_images(images.float(), "fake")
    with pytest.raises(UserError, match=r"expected shape \[N, C, H, W\], got \[3, 4, 4\]"):
        as_images(images[0], "fake")


def test_the_conversion_that_the_message_names_is_that_of_saved_samples():
    images = torch.linspace(-1.2, 1.2, 999)
    assert TO_UINT8 == "((images + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)"
    assert ((images + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).equal(to_uint8(images))


def test_sets_of_different_form_are_refused():
    check_same_width(torch.zeros(2, 3), torch.zeros(5, 3))
    with pytest.raises(UserError, match=r"\[3\] against \[4\]. Take both from the same extractor"):
        check_same_width(torch.zeros(2, 3), torch.zeros(2, 4))
    with pytest.raises(UserError, match=r"Grey against color: real images are \[1, 8, 8\]"):
        check_same_width(torch.zeros(2, 1, 8, 8), torch.zeros(2, 3, 8, 8))


def test_too_few_samples_are_refused():
    check_enough(torch.zeros(2, 3), "real", 2, "a covariance")
    with pytest.raises(UserError, match="real: 1 samples are too few, a covariance needs at least 2"):
        check_enough(torch.zeros(1, 3), "real", 2, "a covariance")


@pytest.mark.parametrize("name", ["frechet_distance", "wasserstein_distance", "realism", "kernel_distance"])
def test_finite_values_whose_squares_are_not_are_refused(name):
    from gan_zoo.metrics import functional

    values = torch.randn(40, 8, generator=torch.Generator().manual_seed(0)).double()
    options = {"subsets": None} if name == "kernel_distance" else {}
    with pytest.raises(UserError, match=r"320 of 320 values are beyond 1e\+50, .* divide all samples"):
        getattr(functional, name)(values * 1e200, values * 1e200, **options)
    getattr(functional, name)(values * 1e38, values * 1e38, **options)


def test_bins_take_tensors_and_arrays_only():
    from gan_zoo.metrics.functional import fit_bins

    bins = fit_bins(torch.arange(10.0)[:, None], 2)
    for given, word in (([[1.0]], "list"), (None, "NoneType")):
        with pytest.raises(UserError, match=f"train: expected numbers .* got {word}"):
            fit_bins(given, 2)
        with pytest.raises(UserError, match=f"samples: expected numbers .* got {word}"):
            bins.assign(given)
