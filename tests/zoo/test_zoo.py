"""Recording a model that somebody else wrote: what comes out is what autograd computes, and the model is as it was."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from seeing_gradients.picture.static import draw
from seeing_gradients.recorder import Record, record

from .models import MODELS, TRAINING_ONLY, Example

CASES = [(name, mode) for name in MODELS for mode in ("eval", "train") if mode == "train" or name not in TRAINING_ONLY]
_PATIENCE = 600.0  # seconds for a picture: the tests may run beside other work


@dataclass
class State:
    """What a call may change: the random states of torch, NumPy and Python, and the buffers of the model."""

    random_states: list[Any]
    buffers: dict[str, Tensor]


@dataclass
class Runs:
    """The same call twice: as it is, and recorded.

    Attributes:
        example: Example.
        grads: dict from name to the gradient of each parameter and input that has one, without a recording.
        plain, recorded: State after each run; both began alike.
        record: Record of the second run.
        marks: dict from name to what stood in the .grad of each parameter before the second run.
    """

    example: Example
    grads: dict[str, Tensor]
    plain: State
    recorded: State
    record: Record
    marks: dict[str, Tensor]


@pytest.fixture(scope="module", params=CASES, ids="-".join)
def runs(request: pytest.FixtureRequest) -> Iterator[Runs]:
    name, mode = request.param
    _seed()
    example = MODELS[name]()
    model = example.model.train(mode == "train")
    before = {name: buffer.clone() for name, buffer in model.named_buffers()}
    _seed()
    output = example.chosen(model(*example.args, **example.kwargs))
    gradient = None if output.numel() == 1 else torch.randn(output.shape, generator=torch.Generator().manual_seed(2))
    output.backward(gradient)
    named = dict(model.named_parameters())
    leaves = {**named, **{key: t for key, t in example.kwargs.items() if isinstance(t, Tensor) and t.requires_grad}}
    grads = {name: leaf.grad for name, leaf in leaves.items() if leaf.grad is not None}
    plain = _state(model)
    for name, buffer in model.named_buffers():
        if name in before:  # some are made by the first call
            buffer.copy_(before[name])
    marks = {name: torch.full_like(parameter, 0.5) for name, parameter in named.items()}
    for name, parameter in named.items():
        parameter.grad = marks[name]
    _seed()
    recorded = record(
        model, *example.args, gradient=gradient, output=example.output, max_seconds=None, **example.kwargs
    )
    yield Runs(example, grads, plain, _state(model), recorded, marks)


def _seed() -> None:
    torch.manual_seed(1)
    np.random.seed(1)  # some models draw from NumPy's
    random.seed(1)


def _state(model: nn.Module) -> State:
    _, numbers, position, *rest = np.random.get_state()
    states = [torch.get_rng_state().tolist(), numbers.tolist(), position, rest, random.getstate()]
    return State(states, {name: buffer.clone() for name, buffer in model.named_buffers()})


def test_gradients_are_those_of_autograd_bit_for_bit(runs: Runs) -> None:
    found = {**runs.record.parameters, **{name: grad for name, grad in runs.record.grads.items() if grad is not None}}
    if runs.example.makes_leaf:
        found.pop("?", None)
    assert found.keys() == runs.grads.keys()
    different = [name for name, grad in runs.grads.items() if not _is_same(found[name], grad)]
    assert not different


def _is_same(one: Tensor | None, other: Tensor) -> bool:
    """Whether two gradients have the same bits; a nan is like another."""
    return one is not None and one.shape == other.shape and torch.equal(one.nan_to_num(), other.nan_to_num())


def test_the_random_state_and_the_buffers_are_as_after_a_plain_call(runs: Runs) -> None:
    assert runs.recorded.random_states == runs.plain.random_states
    assert all(torch.equal(buffer, runs.plain.buffers[name]) for name, buffer in runs.recorded.buffers.items())


def test_every_grad_is_what_it_was(runs: Runs) -> None:
    for name, parameter in runs.example.model.named_parameters():
        assert parameter.grad is runs.marks[name]
        assert bool((parameter.grad == 0.5).all())


def test_parameters_are_called_as_the_model_calls_them(runs: Runs) -> None:
    names = dict(runs.example.model.named_parameters())
    leaves = {node.name for node in runs.record.nodes if node.grad_fn == "AccumulateGrad"} - runs.record.inputs.keys()
    if runs.example.makes_leaf:
        leaves.discard(None)
    assert leaves <= names.keys()
    assert leaves <= runs.record.parameters.keys()  # a reentrant checkpoint hides its parameters from the graph


def test_every_operation_has_its_value(runs: Runs) -> None:
    unseen = [(node.op, node.line) for node in runs.record.nodes if None in node.values]
    assert not unseen


def test_a_picture_needs_no_more_than_the_model_and_its_inputs(runs: Runs) -> None:
    model, options = runs.example.model, {} if runs.example.output is None else {"output": runs.example.output}
    buffers, pictures = {name: buffer.clone() for name, buffer in model.named_buffers()}, []
    for inner in ({}, {"inner": True}):  # what is recorded inside closed modules changes no picture
        _seed()
        pictures.append(
            draw(model, *runs.example.args, max_seconds=_PATIENCE, **options, **inner, **runs.example.kwargs)
        )
        for name, buffer in model.named_buffers():
            buffer.copy_(buffers[name])
    assert pictures[0].svg.startswith("<svg")
    assert type(model).__name__ in pictures[0].svg
    assert pictures[0].svg == pictures[1].svg
    assert pictures[0].text == pictures[1].text
