"""The digits that lesson 14 reads are those of the source that their module names."""

import torch

from helpers import load_digits


def test_the_digits_are_those_of_the_data_set():
    images, labels = load_digits()
    assert (images.shape, images.dtype, labels.shape, labels.dtype) == ((1797, 64), torch.float32, (1797,), torch.int64)
    assert labels.bincount().tolist() == [
        178,
        182,
        177,
        183,
        181,
        182,
        181,
        179,
        174,
        180,
    ]  # as scikit-learn's manual has
    assert (images.min(), images.max()) == (0, 1) and torch.equal(images * 16, (images * 16).round())
    first = [0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0]  # the two upper rows of the zero that its pages show
    assert labels[0] == 0 and (images[0, :16] * 16).tolist() == first


def test_each_call_returns_images_of_its_own():
    load_digits()[0].zero_()
    assert load_digits()[0].any()
