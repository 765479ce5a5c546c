"""explore passes on what has no slider: dicts, texts, None, arrays and any other object, as record and draw do."""

import dataclasses
import json

import numpy
import pytest
import torch
from torch import nn

from helpers import draw, explore, record
from seeing_gradients.widgets.explore.controls import control
from seeing_gradients.widgets.explore.descriptions import control_data

from .checks import answered, checked


@dataclasses.dataclass
class Options:
    scale: float
    mask: torch.Tensor


class Strange:
    def __repr__(self):
        raise RuntimeError("no words")


PASSED = {
    "a text": "mean",
    "None": None,
    "a dict": {"flag": True, "x": torch.ones(2)},
    "an array": numpy.ones(2),
    "a list of tensors": [torch.ones(2), torch.ones(2)],
    "a list of texts": ["a", "b"],
    "a tuple of tensors": (torch.ones(2), 3),
    "an empty tuple": (),
    "a dataclass": Options(2.0, torch.ones(2)),
    "a set": {1, 2},
    "a function": torch.sin,
    "a class": dict,
    "a module": nn.Linear(2, 1),
    "a dtype": torch.float32,
    "a complex number": 1 + 2j,
    "an object without words": Strange(),
}


@pytest.mark.parametrize("kind", PASSED)
def test_anything_without_a_slider_reaches_f_unchanged(kind):
    argument, received = PASSED[kind], []

    def f(x, other):
        received.append(other)
        return x * x

    widget = explore(f, x=3.0, other=argument)
    assert widget.problem is None and widget.record.grads["x"] == 6.0
    assert received and (isinstance(argument, complex) or all(each is argument for each in received))
    assert widget.position == {"x": 3.0}
    assert checked(widget)[0][1] == "="
    json.dumps([widget.controls, widget.state])
    record(f, 3.0, argument)
    draw(f, 3.0, argument)


def test_what_is_passed_on_is_named_in_a_few_letters():
    def text(value):
        return control_data([control("w", value)])[0]["text"]

    assert text("mean") == "'mean'" and text(None) == "None"
    assert text({"flag": True, "x": 1}) == "{flag, x}"
    assert text(numpy.ones(2)) == "ndarray" and text(torch.sin) == "sin" and text(Strange()) == "Strange"
    assert len(text("a" * 200)) <= 40


def test_a_list_of_numbers_with_a_slip_is_still_refused():
    for slip in ([1.0, "b"], [1.0, None], [1.0, True], [[1.0], ["a"]]):
        with pytest.raises(TypeError, match="w must be"):
            explore(lambda w: w, w=slip)


def test_f_gets_the_same_dict_again_even_if_it_takes_something_out():
    def f(x, batch):
        return (x * batch.pop("scale")).sum() + len(batch)

    widget = explore(f, x=3.0, batch={"scale": 2.0, "name": "a"})
    widget.set(x=4.0)
    assert widget.problem is None and widget.record.grads["x"] == 2.0
    assert checked(widget)[0][1] == "="


def test_tensors_inside_a_dict_are_restored_after_each_run():
    batch = {"x": torch.ones(2)}

    def f(w, batch):
        batch["x"].mul_(2)
        return (w * batch["x"]).sum()

    widget = explore(f, w=3.0, batch=batch)
    widget.set(w=5.0)
    assert widget.record.grads["w"] == 4.0 and batch["x"].tolist() == [1.0, 1.0]


def test_a_plot_runs_beside_fixed_objects():
    widget = explore(lambda x, how: getattr(x, how)(), x=[1.0, 2.0], how="sum", plot="x[0]")
    assert answered(widget) and widget.plot_data["notes"] == []


def test_a_model_with_options_that_are_no_tensors_is_explored():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.lin = nn.Linear(3, 1)

        def forward(self, x, options, mask=None):
            return self.lin(x).sum() if options["flag"] else x.sum()

    assert explore(Net(), torch.ones(3), {"flag": True}, None).problem is None
