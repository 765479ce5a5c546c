"""Previews of tensors: bars for their elements, and shapes on edges."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from helpers import explore
from seeing_gradients.recorder import record
from seeing_gradients.widgets.explore.tensor_previews import shapes, tensor_previews


@settings(max_examples=60, deadline=None)
@given(arrays.arrays("float32", arrays.array_shapes(max_dims=3, max_side=4), elements=st.floats(-100, 100, width=32)))
def test_bars_are_the_elements_as_parts_of_the_largest(array):
    x = torch.tensor(array, requires_grad=True)
    value = tensor_previews(record(lambda x: (x * 2).sum(), x))
    if x.numel() == 1:
        assert value == []
        return
    strip = value[0][0]
    numbers = array.astype("float64")
    largest = abs(numbers).max() or 1.0
    assert strip["bars"] == pytest.approx((numbers / largest).flatten().tolist(), abs=0.0051)
    assert strip["rows"] * array.shape[-1] == array.size


def test_nan_and_infinity_have_a_bar_of_their_own():
    recorded = record(lambda x: torch.log(x).sum(), torch.tensor([1.0, 0.0, -1.0, math.e], requires_grad=True))
    bars = next(row for row, node in zip(tensor_previews(recorded), recorded.nodes, strict=True) if node.op == "log")[
        0
    ]["bars"]
    assert bars == [0.0, None, None, 1.0]


def test_a_large_tensor_is_a_thumbnail_and_says_so():
    recorded = record(lambda x: (x * x).sum(), torch.arange(10_000.0).reshape(100, 100).requires_grad_())
    strip = tensor_previews(recorded)[0][0]
    assert strip["part"] and strip["rows"] == 8 and len(strip["bars"]) == 64 and strip["texts"][-1] == "9999"


def test_scalars_cost_nothing():
    widget = explore(lambda w: w * w, w=2.0)
    assert widget.state["tensor_previews"] == [] and widget.state["shapes"] == []


def test_what_is_broadcast_tells_both_shapes():
    def f(u, v):
        return ((u[:, None] * v) + 1.0).sum()

    recorded = record(f, [1.0, 2.0], [3.0, 4.0, 5.0])
    found = {tuple(row) for row in shapes(recorded)}
    assert {("(2, 1)", "(2, 3)"), ("(3,)", "(2, 3)"), ("()", "(2, 3)"), ("(2,)", ""), ("(2, 3)", "")} == found
    for edge, (own, _) in zip(recorded.edges, shapes(recorded), strict=True):
        assert edge.flow is None or own == str(tuple(edge.flow.shape))
