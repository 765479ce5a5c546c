"""explore takes one tensor out of what f returns; the check and the plot follow the same one."""

import torch

from helpers import explore

from .checks import answered, checked


def both(x):
    return {"loss": (x * x).sum(), "logits": 3 * x, "text": "abc"}


def test_the_loss_of_a_dict_is_taken_by_itself_and_checked():
    widget = explore(both, x=[1.0, 2.0])
    assert widget.problem is None and widget.record.output_path == "loss"
    assert [sign for _, sign in checked(widget)] == ["=", "="]


def test_the_output_is_chosen_by_path_or_function():
    assert explore(both, x=[1.0, 2.0], output="logits", gradient="v").record.grads["x"].tolist() == [3.0, 3.0]
    widget = explore(both, x=[1.0, 2.0], output=lambda result: result["loss"] + result["logits"].sum())
    assert widget.record.grads["x"].tolist() == [5.0, 7.0]
    assert [sign for _, sign in checked(widget)] == ["=", "="]


def test_several_tensors_are_named_in_place_of_the_graph():
    widget = explore(lambda x: (x * 2, x * 3), x=1.0)
    assert 'output="0"' in widget.problem.text


def test_a_plot_runs_along_the_chosen_output():
    widget = explore(both, x=2.0, output="logits", plot="x")
    assert answered(widget) and widget.plot_data["notes"] == []
    assert widget.state["point"]["slopes"] == [3.0]


def test_a_cut_edge_leaves_the_chosen_output():
    widget = explore(lambda x: {"y": x * x, "label": torch.tensor(1)}, x=3.0)
    widget.cuts = [widget.record.edges[0].edge_key]
    assert widget.problem is None and widget.record.grads["x"] == 3.0


def test_an_operation_that_fails_is_shown_in_place_and_the_last_graph_stays():
    widget = explore(lambda x, n: (x * torch.ones(2, 3)) @ torch.ones(int(n), 1), x=2.0, n=range(3, 5))
    before = widget.scene
    widget.set(n=4)
    assert "mat1 and mat2" in widget.problem.text and widget.problem.line is not None
    assert widget.scene is before or widget.scene == before
