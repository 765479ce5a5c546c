"""input_size= makes the input of a model, as torchview has it."""

import pytest
import torch
from torch import nn

from helpers import draw, record
from seeing_gradients.recorder import ArgumentError


def test_a_shape_makes_one_input_the_same_each_time_without_drawing_random_numbers():
    model, state = nn.Conv2d(3, 2, 3), torch.get_rng_state()
    one, other = (record(model, input_size=(1, 3, 8, 8), strict=False) for _ in range(2))
    assert torch.equal(one.output, other.output) and one.output.shape == (1, 2, 6, 6)
    assert torch.equal(torch.get_rng_state(), state)
    assert not one.nodes[one.inputs["input"]].requires_grad and one.output.std() > 0


def test_a_list_of_shapes_makes_several_inputs():
    r = record(nn.Bilinear(2, 3, 4), input_size=[(5, 2), (5, 3)], strict=False)
    assert r.output.shape == (5, 4) and list(r.inputs) == ["input1", "input2"]


def test_dtypes_and_those_of_the_parameters_are_followed():
    assert record(nn.Linear(2, 1).double(), input_size=(2,)).output.dtype == torch.float64
    r = record(nn.Embedding(10, 3), input_size=(4,), dtypes=torch.long, strict=False)
    assert r.output.shape == (4, 3)
    mixed = record(lambda x, i: x[i].sum(), input_size=[(3,), (2,)], dtypes=[torch.float64, torch.long])
    assert mixed.grads["x"].dtype == torch.float64 and mixed.grads["i"] is None


def test_without_a_parameter_that_requires_grad_the_input_does():
    assert record(nn.ReLU(), input_size=(3,), gradient=torch.ones(3)).grads["input"].tolist() == [1.0, 1.0, 1.0]
    assert record(lambda x, k: (x * k).sum(), input_size=(2, 3), k=2.0).grads["x"].shape == (2, 3)


def test_a_model_that_writes_to_its_input_is_recorded():
    assert record(nn.Sequential(nn.ReLU(inplace=True), nn.Linear(3, 1)), input_size=(3,)).complete


def test_draw_takes_it_too():
    assert "(2, 5)" in draw(nn.Linear(3, 5), input_size=(2, 3)).svg


@pytest.mark.parametrize("bad", [3, "3", (3, "a"), [(3,), 4], (True,), (-1, 2)])
def test_what_is_no_shape_is_refused(bad):
    with pytest.raises(ArgumentError, match="input_size"):
        record(nn.ReLU(), input_size=bad)


def test_it_does_not_mix_with_inputs_and_dtypes_must_fit():
    with pytest.raises(ArgumentError, match="either"):
        record(nn.ReLU(), torch.ones(3), input_size=(3,))
    with pytest.raises(ArgumentError, match="one for each of the 1 shapes"):
        record(nn.ReLU(), input_size=(3,), dtypes=[torch.long, torch.long])
