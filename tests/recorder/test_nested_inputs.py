"""Tensors inside the arguments of f are inputs: their gradients stand in `grads` under their paths."""

import dataclasses
from typing import Any, NamedTuple

import pytest
import torch
from torch import nn

from helpers import draw, record


def leaf(*numbers):
    return torch.tensor(numbers, requires_grad=True)


@dataclasses.dataclass
class Batch:
    x: Any
    y: Any = None


class Pair(NamedTuple):
    x: Any
    y: Any


FORMS = {
    "dict": (lambda x: {"x": x, "n": 3}, lambda b: b["x"], "b['x']"),
    "list": (lambda x: [None, x], lambda b: b[1], "b[1]"),
    "tuple": (lambda x: ("a", x), lambda b: b[1], "b[1]"),
    "named tuple": (lambda x: Pair(x, 1), lambda b: b.x, "b.x"),
    "dataclass": (Batch, lambda b: b.x, "b.x"),
    "nested": (lambda x: {"pair": [Batch(x)]}, lambda b: b["pair"][0].x, "b['pair'][0].x"),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_leaf_inside_an_argument_has_its_gradient_under_its_path(form):
    pack, unpack, path = FORMS[form]
    x = leaf(1.0, 2.0)
    r = record(lambda b: (unpack(b) ** 2).sum(), pack(x))
    assert list(r.grads) == [path] and r.grads[path].tolist() == [2.0, 4.0]
    assert r.parameters[path] is r.grads[path] and x.grad is None
    node = r.nodes[r.inputs[path]]
    assert node.kind == "leaf" and node.name == path and node.value.tolist() == [1.0, 2.0]
    assert path in draw(r).text


@pytest.mark.parametrize("form", FORMS)
def test_a_tensor_with_a_history_inside_an_argument_has_its_gradient_too(form):
    pack, unpack, path = FORMS[form]
    x = leaf(1.0, 2.0)
    assert record(lambda b: (unpack(b) ** 2).sum(), pack(x * 3)).grads[path].tolist() == [6.0, 12.0]


def test_arguments_come_first_and_unused_leaves_have_no_gradient():
    r = record(lambda w, batch: w * batch["x"], 2.0, {"x": leaf(3.0)[0], "y": leaf(1.0), "ids": torch.tensor([1])})
    assert list(r.grads) == ["w", "batch['x']", "batch['y']"]
    assert r.grads["w"] == 3.0 and r.grads["batch['x']"] == 2.0 and r.grads["batch['y']"] is None
    assert "batch['ids']" not in r.inputs and "batch['y']" not in r.inputs


def test_two_backward_passes_accumulate_there_too():
    r = record(lambda p: (p[0] * p[1]).sum(), [leaf(2.0), leaf(3.0)], backwards=2)
    assert r.accumulated["p[0]"] == 6.0 and r.grads["p[0]"] == 3.0


def test_the_integers_of_a_batch_are_inputs_of_the_picture():
    embedding = nn.Embedding(5, 2)
    r = record(lambda batch: embedding(batch["ids"]).sum(), {"ids": torch.tensor([1, 2])})
    assert list(r.inputs) == ["batch['ids']"] and not r.nodes[r.inputs["batch['ids']"]].module
    assert r.grads == {} and list(r.parameters) == ["embedding.weight"]


def test_parameters_of_a_model_stay_parameters_even_in_a_list():
    model = nn.Linear(2, 1)
    r = record(lambda params, x: model(x).sum() + sum(p.sum() for p in params), list(model.parameters()), torch.ones(2))
    assert {"model.weight", "model.bias"} == set(r.parameters)
    assert torch.equal(r.grads["params[0]"], r.parameters["model.weight"])
    assert list(r.inputs) == ["x"]


def test_local_variables_still_give_their_names_to_what_they_take_out():
    def net(params, x):
        w, b = params
        return w * x + b

    r = record(net, [torch.tensor(2.0, requires_grad=True), torch.tensor(1.0, requires_grad=True)], 3.0)
    assert {n.name for n in r.nodes if n.kind == "leaf"} == {"w", "b", "x"}
    assert r.grads["params[0]"] == 3.0 and r.nodes[r.inputs["params[0]"]].name == "w"


def test_an_object_that_is_no_container_is_not_searched():
    class Trainer:
        def __init__(self):
            self.w = leaf(2.0)

    r = record(lambda t, x: (t.w * x).sum(), Trainer(), 3.0)
    assert list(r.grads) == ["x"] and len(r.parameters) == 1


def test_a_container_that_contains_itself_is_searched_to_an_end():
    batch = {"x": leaf(2.0)}
    batch["self"] = batch
    assert list(record(lambda b: (b["x"] ** 2).sum(), batch).grads) == ["b['x']"]
