"""Arguments of watch: each bad one gets an error in both languages; how choices are read; what is sent to the page."""

import re
from functools import partial
from pathlib import Path
from typing import is_typeddict

import pytest
import torch
from torch import nn
from torch.utils.data import TensorDataset
from typeguard import CollectionCheckStrategy, TypeCheckError, check_type

from helpers import language, watch
from seeing_gradients.widgets.watch import TrainingRun, protocol
from seeing_gradients.widgets.watch.choices import read_choices

from .test_protocol import interface
from .training_programs import mlp, moons

X, Y = moons()
LOSS = nn.CrossEntropyLoss()
SGD = partial(torch.optim.SGD, lr=0.1)


def call(**changes):
    """watch with good arguments, but for the changes."""
    model = mlp()
    arguments = {
        "model": model,
        "loss": LOSS,
        "data": (X, Y),
        "optimizer": SGD(model.parameters()),
        "steps": 3,
    } | changes
    return watch(arguments.pop("model"), **arguments)


# name -> (changes, the class of the error, what the English sentence says)
BAD = {
    "no model": ({"model": 3}, TypeError, "nn.Module, or a function that makes one; received int"),
    "no parameters": ({"model": nn.ReLU()}, ValueError, "ReLU has no parameters"),
    "nothing to train with": ({"loss": None, "data": None}, TypeError, "loss, data is missing"),
    "a loss that is a class": ({"loss": nn.MSELoss}, TypeError, "instance such as nn.MSELoss(); received MSELoss"),
    "a loss that is a tensor": ({"loss": X.sum()}, TypeError, "received Tensor"),
    "a loss of several elements": (
        {"loss": nn.CrossEntropyLoss(reduction="none")}, ValueError, "shape (120,). Write .mean() or .sum()",
    ),
    "a loss without a graph": ({"loss": lambda o, t: LOSS(o, t).detach()}, TypeError, "does not require grad"),
    "a loss that is a float": ({"loss": lambda o, t: LOSS(o, t).item()}, TypeError, "it returned float"),
    "data of one tensor": ({"data": X}, TypeError, "received Tensor"),
    "data of unequal length": ({"data": (X, Y[:50])}, ValueError, "X has 120, y has 50"),
    "no data": ({"data": []}, ValueError, "holds no batch"),
    "batches that are no pairs": ({"data": [(X, Y, Y)]}, TypeError, "pair (input, target); received tuple, 3"),
    "a dict of data": ({"data": {"x": X}}, TypeError, "received dict"),
    "an optimizer that is a number": ({"optimizer": 0.1}, TypeError, "received float"),
    "an optimizer of another model": ({"optimizer": SGD(mlp().parameters())}, ValueError, "none of the model's"),
    "a function that makes no optimizer": ({"optimizer": lambda parameters: 3}, TypeError, "it returned int"),
    "steps of 0": ({"steps": 0}, ValueError, "steps must be a whole number from 1"),
    "steps of a half": ({"steps": 0.5}, TypeError, "received 0.5"),
    "every of 0": ({"every": 0}, ValueError, "every must be"),
    "choices for a finished model": ({"lr": 0.1}, TypeError, "lr: a choice needs a function"),
    "an optimizer for one model": ({"model": mlp}, TypeError, "partial(torch.optim.SGD, lr=0.1)"),
    "data that is read only once": ({"model": mlp, "optimizer": SGD, "data": iter([(X, Y)])}, TypeError, "only once"),
    "an unknown choice": ({"model": mlp, "optimizer": SGD, "dept": (1, 3)}, TypeError, "dept. They have: depth"),
    "an empty menu": ({"model": mlp, "optimizer": SGD, "activation": []}, ValueError, "activation: the list"),
    "an empty range": ({"model": mlp, "optimizer": SGD, "depth": (4, 4)}, ValueError, "depth: the low end"),
    "a choice that is text": ({"model": mlp, "optimizer": SGD, "activation": "relu"}, TypeError, "received 'relu'"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_argument_gets_an_error_in_both_languages(name):
    changes, kind, words = BAD[name]
    with pytest.raises(kind, match=re.escape(words)):
        call(**changes)
    language.use("zh")
    with pytest.raises(kind, match="[\u4e00-\u9fff]") as raised:
        call(**changes)
    assert "{" not in str(raised.value)


def test_step_says_where_it_belongs():
    run = watch(mlp())
    with pytest.raises(RuntimeError, match="inside the block"):
        run.step(1.0)
    with pytest.raises(RuntimeError, match="trained by watch itself"):
        call().step(1.0)
    with pytest.raises(RuntimeError, match="trained by watch itself"), call():
        pass
    with run:
        for bad, kind in ((X, ValueError), ("1", TypeError), (None, TypeError), (True, TypeError)):
            with pytest.raises(kind, match="takes the loss of this step"):
                run.step(bad)
    with pytest.raises(ValueError, match="No step has been measured"):
        run.explore()


def test_set_names_the_choices():
    run = call(model=mlp, optimizer=SGD, activation=["relu", "tanh"], depth=(1, 4))
    with pytest.raises(ValueError, match="no choice width; there are: activation, depth"):
        run.set(width=3)
    with pytest.raises(ValueError, match="activation must be one of"):
        run.set(activation="gelu")
    assert run.set(depth=99).choices["depth"] == 4


@pytest.mark.parametrize(
    "data",
    [
        lambda: (X, Y),
        lambda: [(X, Y), (X[:9], Y[:9])],
        lambda: torch.utils.data.DataLoader(TensorDataset(X, Y), batch_size=50),
        lambda: iter([(X, Y)] * 9),
        lambda: lambda: (X, Y),
        lambda: endless,
        lambda: two_batches,
    ],
)
def test_every_kind_of_data_is_taken(data):
    assert call(data=data(), steps=5).steps_done == 5


def endless():
    while True:
        yield X, Y


def two_batches():
    yield X, Y
    yield X[:20], Y[:20]


def test_data_that_ends_ends_the_run():
    run = call(data=iter([(X, Y)] * 4), steps=9)
    assert run.steps_done == 4 and "after 4 of 9 steps" in run.shown["panels"][0]["notes"][0]


def choices(**arguments):
    return {choice.name: choice for choice in read_choices(mlp, torch.optim.SGD, arguments)}


def test_choices_go_to_whoever_has_the_argument():
    read = choices(depth=(1, 20), lr=(0.001, 1.0), momentum=(0.0, 0.9), nesterov=False)
    assert [read[name].receiver for name in read] == ["model", "optimizer", "optimizer", "optimizer"]
    assert [read[name].kind for name in read] == ["integer", "number", "number", "switch"]


def test_a_control_begins_at_the_default():
    read = choices(depth=(1, 20), activation=["tanh", "relu"], width=range(8, 65), lr=0.5)
    assert [read[name].value(read[name].start) for name in read] == [2, "relu", 16, 0.5]
    assert (read["lr"].log, read["lr"].low, read["lr"].high) == (True, 0.02, 12.5)


def test_only_wide_ranges_are_logarithmic():
    read = choices(lr=(0.001, 1.0), momentum=(0.1, 0.9))
    assert read["lr"].log and not read["momentum"].log


def test_what_the_page_sends_is_cleaned():
    run = call(model=mlp, optimizer=SGD, activation=["relu", "tanh"], depth=(1, 4))
    run.choices = {"activation": 7, "depth": "deep", "unknown": 1}
    assert run.choices == {"activation": 1, "depth": 2} and isinstance(run, TrainingRun)


PROTOCOL = {name: kind for name, kind in vars(protocol).items() if is_typeddict(kind)}


@pytest.mark.parametrize("name", PROTOCOL)
def test_the_page_declares_what_python_sends(name):
    page = (Path(protocol.__file__).parent / "data.d.ts").read_text(encoding="utf-8")
    kind = PROTOCOL[name]
    assert interface(name, page) == {key: key in kind.__optional_keys__ for key in kind.__annotations__}


def test_what_is_sent_has_the_declared_types():
    run = call(model=mlp, optimizer=SGD, activation=["relu", "tanh"], lr=0.1)
    run.baseline = True
    run.set(lr=1.0)
    every = CollectionCheckStrategy.ALL_ITEMS
    check_type(run.spec, protocol.WatchSpec, collection_check_strategy=every)
    check_type(run.shown, protocol.WatchShown, collection_check_strategy=every)
    with pytest.raises(TypeCheckError):
        check_type({**run.shown, "panels": [{}]}, protocol.WatchShown, collection_check_strategy=every)


def test_x_and_y_that_are_no_tensors_are_refused_by_name():
    x, y = torch.randn(4, 2), torch.zeros(4, dtype=torch.long)
    for data in ((x.numpy(), y.numpy()), (x, y.tolist()), [x.numpy(), y]):
        with pytest.raises(TypeError, match="X and y must both be tensors"):
            watch(nn.Linear(2, 2), nn.CrossEntropyLoss(), data, torch.optim.SGD, steps=2)


def test_a_scripted_model_is_refused_since_it_takes_no_hooks():
    with pytest.raises(TypeError, match=r"torch\.jit"):
        watch(nn.Sequential(torch.jit.script(nn.Linear(2, 2))))


def test_data_end_where_their_function_raises_stop_iteration():
    batches = iter([(torch.randn(4, 2), torch.zeros(4, dtype=torch.long))] * 2)
    run = watch(nn.Linear(2, 2), nn.CrossEntropyLoss(), lambda: next(batches), torch.optim.SGD, steps=5)
    assert run.steps_done == 2 and "2 of 5" in str(run.shown)


def test_options_of_a_menu_may_be_tensors():
    options = [torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])]

    def make(scale=None):
        return nn.Linear(2, 2)

    data = torch.randn(4, 2), torch.zeros(4, dtype=torch.long)
    run = watch(make, nn.CrossEntropyLoss(), data, torch.optim.SGD, steps=1, scale=options)
    assert run.set(scale=options[1]).choices == {"scale": 1}
    with pytest.raises(ValueError, match="scale"):
        run.set(scale=torch.tensor([1.0, 2.0]))
    with pytest.raises(TypeError, match="scale"):
        watch(make, nn.CrossEntropyLoss(), data, torch.optim.SGD, steps=1, scale=(0, 10**400))
