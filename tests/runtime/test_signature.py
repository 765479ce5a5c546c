"""One parser reads every kind of signature."""

import functools

import pytest
import torch

from seeing_gradients.runtime import Signature, parameters_of, signature_of


def plain(x, y=1.0, *rest, scale=2.0, **named):
    return x


class Model(torch.nn.Module):
    def forward(self, x, mask=None):
        return x


@pytest.mark.parametrize(
    ("f", "signature"),
    [
        (plain, Signature(("x", "y", "scale"), 2, True)),
        (functools.partial(plain, scale=1.0), Signature(("x", "y", "scale"), 2, True)),
        (Model(), Signature(("x", "mask"), 2, False)),
        (Model().forward, Signature(("x", "mask"), 2, False)),
        (torch.sin, Signature((), 0, True)),
    ],
    ids=["function", "partial", "model", "method", "built-in"],
)
def test_a_signature_names_what_a_callable_takes(f, signature):
    assert signature_of(f) == signature


def test_arguments_without_a_name_of_their_own_are_numbered():
    assert signature_of(plain).positional_names(4) == ["x", "y", "arg2", "arg3"]
    assert signature_of(torch.sin).positional_names(1) == ["arg0"] and parameters_of(torch.sin) is None
