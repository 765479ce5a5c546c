"""What f returns may hold several tensors: the loss is taken by itself, others by path or function."""

import collections
import dataclasses
import types
from typing import Any, NamedTuple

import pytest
import torch

from helpers import language
from seeing_gradients.recorder import ArgumentError, OutputError, record


class Pair(NamedTuple):
    loss: Any
    logits: Any


@dataclasses.dataclass
class Data:
    loss: Any
    logits: Any


@dataclasses.dataclass(frozen=True, slots=True)
class Slots:
    loss: Any
    logits: Any


class ModelOutput(collections.OrderedDict):
    """As Hugging Face builds it: an OrderedDict whose keys are attributes, too."""

    def __init__(self, **kwargs):
        super().__init__(kwargs)
        self.__dict__.update(kwargs)


FORMS = {
    "dict": dict,
    "named tuple": Pair,
    "dataclass": Data,
    "dataclass with slots": Slots,
    "ModelOutput": ModelOutput,
    "object": types.SimpleNamespace,
}


def both(form):
    """A function that returns x^2 as loss and 3x as logits."""
    return lambda x: form(loss=(x * x).sum(), logits=3 * x)


@pytest.mark.parametrize("form", FORMS)
def test_a_scalar_loss_is_taken_by_itself(form):
    r = record(both(FORMS[form]), [1.0, 2.0])
    assert r.output_path == "loss" and r.output == 5.0
    assert r.grads["x"].tolist() == [2.0, 4.0]


@pytest.mark.parametrize("form", FORMS)
def test_a_path_takes_any_other_tensor(form):
    r = record(both(FORMS[form]), [1.0, 2.0], output="logits", gradient=[1.0, 10.0])
    assert r.output_path == "logits" and r.output.tolist() == [3.0, 6.0]
    assert r.grads["x"].tolist() == [3.0, 30.0]


@pytest.mark.parametrize("form", FORMS)
def test_a_function_makes_the_output_and_its_operations_are_recorded(form):
    combined = lambda result: (result["logits"] if isinstance(result, dict) else result.logits).prod()
    r = record(both(FORMS[form]), [1.0, 2.0], output=combined)
    assert r.output_path is None and r.output == 18.0
    assert r.grads["x"].tolist() == [18.0, 9.0]
    assert r.nodes[-1].op == "prod"


def nested(x):
    past = [(x * 2, x * 3), (x * 4, x * 5)]
    return {"encoder": Data(loss=None, logits=x + 1), "past": past, "two words": x * 6, "hidden": {1: x * 7}}


PATHS = {"encoder.logits": 1.0, "past[0][1]": 3.0, "past[1][0]": 4.0, "two words": 6.0, "hidden[1]": 7.0}


def test_the_error_names_every_tensor_with_its_path_and_shape():
    with pytest.raises(OutputError) as caught:
        record(nested, [1.0, 2.0])
    for path in PATHS:
        assert f"{path} (2,)" in str(caught.value)
    assert 'output="encoder.logits"' in str(caught.value) and "dict" in str(caught.value)
    assert not caught.value.record.complete


@pytest.mark.parametrize("path", PATHS)
def test_every_path_that_the_error_names_leads_to_its_tensor(path):
    r = record(nested, [1.0, 2.0], output=path, gradient=[1.0, 1.0])
    assert r.grads["x"].tolist() == [PATHS[path]] * 2


@pytest.mark.parametrize("path", ["past.0.1", "['past'][0][1]", "past[0].1"])
def test_a_path_may_be_written_with_dots_or_brackets(path):
    assert record(nested, [1.0], output=path, gradient=1.0 * torch.ones(1)).grads["x"] == 3.0


@pytest.mark.parametrize("result", [lambda x: (x * 2, x * 3), lambda x: [x * 2, x * 3]])
def test_the_elements_of_a_tuple_or_list_have_their_number_as_path(result):
    with pytest.raises(OutputError, match=r'0 \(2,\), 1 \(2,\).*output="0"'):
        record(result, [1.0, 2.0])
    assert record(result, 1.0, output="1").grads["x"] == 3.0


def test_the_only_tensor_that_requires_grad_is_taken_by_itself():
    def f(x):
        return {"scores": x.sum(), "labels": torch.tensor([1, 2]), "text": "abc", "none": None, "mean": x.mean().item()}

    assert record(f, [1.0, 2.0]).output_path == "scores"
    assert record(lambda x: x.max(0), [1.0, 2.0]).grads["x"].tolist() == [0.0, 1.0]
    assert record(lambda x: [[[x * x]]], 3.0).output_path == "0[0][0]"


def test_a_loss_without_a_history_does_not_stand_in_the_way():
    r = record(lambda x: {"loss": torch.tensor(0.0), "y": x * x}, 3.0)
    assert r.output_path == "y" and r.grads["x"] == 6.0


def test_a_loss_with_several_elements_is_not_taken_by_itself():
    with pytest.raises(OutputError, match="loss"):
        record(lambda x: {"loss": x * 2, "y": x}, [1.0, 2.0])


def test_a_wrong_path_lists_the_right_ones():
    with pytest.raises(OutputError, match=r'output="score".*loss \(\), logits \(2,\)'):
        record(both(dict), [1.0, 2.0], output="score")
    with pytest.raises(OutputError, match="Leave output out"):
        record(lambda x: x * x, 2.0, output="0")
    with pytest.raises(OutputError, match="dict"):
        record(both(dict), [1.0], output="logits.0")


def test_an_output_without_any_tensor_is_refused_as_before():
    with pytest.raises(OutputError, match="torch's own operations"):
        record(lambda x: {"loss": x.item()}, 2.0)
    with pytest.raises(OutputError, match="return statement"):
        record(lambda x: {"y": x}, 2.0, output=lambda result: None)


def test_an_output_that_contains_itself_or_is_endless_is_searched_to_an_end():
    def circle(x):
        result = {"y": x * x}
        result["self"] = result
        return result

    assert record(circle, 3.0).output_path == "y"
    with pytest.raises(OutputError, match="number"):
        record(lambda x: {"many": [0] * 100_000, "y": x.item()}, 3.0)


def test_only_data_is_searched_but_no_module_or_class():
    holder = types.SimpleNamespace(model=torch.nn.Linear(2, 1), kind=dict, module=torch)
    with pytest.raises(OutputError, match="SimpleNamespace"):
        record(lambda x: holder, 1.0)


def test_an_option_that_is_neither_path_nor_function_is_refused():
    with pytest.raises(ArgumentError, match="by position"):
        record(lambda x, output: x, x=1.0, output=torch.tensor(1.0))


def test_an_error_of_the_function_passes_through_unchanged():
    with pytest.raises(KeyError):
        record(both(dict), [1.0], output=lambda result: result["score"])


def test_the_sentence_comes_in_the_language_of_the_lesson():
    language.use("zh")
    try:
        with pytest.raises(OutputError, match="张量.*logits"):
            record(nested, [1.0])
    finally:
        language.use("en")


def test_a_model_that_returns_a_dict_has_the_gradients_of_pytorch():
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.lin = torch.nn.Linear(3, 2)

        def forward(self, x):
            h = self.lin(x)
            return {"loss": h.square().sum(), "logits": h, "state": (h.detach(),)}

    torch.manual_seed(0)
    net, x = Net(), torch.ones(4, 3)
    r = record(net, x)
    net(x)["loss"].backward()
    assert torch.equal(r.parameters["lin.weight"], net.lin.weight.grad)
    assert torch.equal(r.parameters["lin.bias"], net.lin.bias.grad)
