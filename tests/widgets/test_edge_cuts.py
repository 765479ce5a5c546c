"""Cutting edges of an explorer from Python and from what a page may send."""

import json
import math

import pytest
import torch

from helpers import explore

from .checks import answered, checked


def f(w, x):
    h = w * x
    return torch.sin(h) * h


def at(widget, name):
    return next(edge["edge_key"] for edge in widget.scene["edges"] if edge.get("cut_name") == name)


def test_a_cut_is_a_rerun_with_detach_there_and_the_check_tells_the_difference():
    widget = explore(f, w=0.5, x=1.5)
    whole = widget.record.grads["w"].item()
    widget.cuts = [at(widget, "h → sin")]
    assert widget.record.grads["w"].item() == pytest.approx(torch.sin(torch.tensor(0.75)).item() * 1.5)
    widget.text()
    assert [sign for _, sign in checked(widget)] == ["≠", "≠"]
    widget.cuts = []
    assert widget.record.grads["w"].item() == whole


def test_edges_between_the_same_nodes_have_names_of_their_own():
    edges = explore(lambda x: x * x + x, x=3.0).scene["edges"]
    assert [edge["cut_name"] for edge in edges] == ["x → × (1)", "x → × (2)", "× → +", "x → +"]


def test_cuts_stay_while_sliders_move_and_positions_are_run_ahead_with_them():
    widget = explore(f, w=(-2.0, 2.0), x=1.5)
    widget.cuts = [at(widget, "h → sin")]
    ahead = widget._run_ahead([1.0, 1.5])[0]
    widget.set(w=1.0)
    assert ahead["gradients"] == widget.state["gradients"] and any(
        edge["kind"] == "cut" for edge in widget.scene["edges"]
    )


def test_when_every_path_is_cut_the_reason_is_given_and_a_cut_can_be_undone():
    widget = explore(f, w=0.5, x=1.5)
    names = ["sin → ×", "h → ×"]
    widget.cuts = [at(widget, name) for name in names]
    assert "does not require grad" in widget.problem.text
    assert {edge["cut_name"] for edge in widget.scene["edges"] if edge.get("edge_key") in widget.cuts} == set(names)
    widget.cuts = widget.cuts[:1]
    assert widget.problem is None


def test_an_edge_that_stands_for_several_arguments_can_be_cut_and_restored():
    attention = torch.nn.MultiheadAttention(2, 1)
    widget = explore(lambda x: attention(x, x, x)[0].sum() + x.sum(), x=torch.ones(3, 1, 2, requires_grad=True))
    (several,) = [edge["edge_key"] for edge in widget.scene["edges"] if isinstance(edge.get("edge_key", [0])[-1], list)]
    widget.cuts = json.loads(json.dumps([several]))
    assert several[-1] == [0, 1, 2] and torch.equal(widget.record.grads["x"], torch.ones(3, 1, 2))
    assert [edge["edge_key"] for edge in widget.scene["edges"] if edge["kind"] == "cut" and "edge_key" in edge] == [
        several
    ]
    widget.cuts = []
    assert not torch.equal(widget.record.grads["x"], torch.ones(3, 1, 2))


@pytest.mark.parametrize(
    "sent",
    [["no"], [[1]], [[1, 2, 3]], [["0", "mul", 0]], [None], [[0, "mul", True]], [[0, "mul", []]], [[0, "mul", ["a"]]]],
)
def test_nonsense_from_a_page_cuts_nothing(sent):
    widget = explore(f, w=0.5, x=1.5)
    widget.cuts = sent
    assert widget.cuts == [] and widget.problem is None


def test_a_cut_in_a_branch_that_is_not_taken_waits_there():
    def branch(w):
        return w * w if w > 0 else torch.exp(w)

    widget = explore(branch, w=(-1.0, 1.0)).set(w=0.5)
    widget.cuts = [next(edge["edge_key"] for edge in widget.scene["edges"] if edge.get("edge_key"))]
    assert widget.record.grads["w"] == 0.5
    widget.set(w=-0.5)
    assert widget.record.grads["w"].item() == pytest.approx(torch.exp(torch.tensor(-0.5)).item())
    widget.set(w=0.5)
    assert widget.record.grads["w"] == 0.5


def test_a_plot_is_sampled_with_the_edges_cut():
    widget = explore(f, w=(-2.0, 2.0), x=1.5).set(w=0.5).plot("w", derivative=True, steps=1, lr=0.1)
    answered(widget)
    whole = widget.plot_data["derivative"]["d"]
    widget.cuts = [at(widget, "h → sin")]
    answered(widget)
    h = torch.tensor(0.75)  # of what is left of sin(h) · h: h taken as a constant in sin(h)
    assert widget.state["point"]["slopes"] == [pytest.approx(torch.sin(h).item() * 1.5)]
    for w in (-1.0, 0.25):
        value, slope = widget._plot._samples._evaluate(w)
        assert value == pytest.approx(math.sin(1.5 * w) * 1.5 * w, rel=1e-5)  # f itself is what it was
        assert slope == pytest.approx(math.sin(1.5 * w) * 1.5, rel=1e-5)
    stepped = 0.5 - 0.1 * math.sin(0.75) * 1.5
    assert widget.plot_data["descent"]["points"][1][0] == pytest.approx(stepped, rel=1e-6)
    assert widget.plot_data["derivative"]["d"] != whole
    widget.cuts = []
    answered(widget)
    _, slope = widget._plot._samples._evaluate(-1.0)
    assert slope == pytest.approx((math.cos(-1.5) * -1.5 + math.sin(-1.5)) * 1.5, rel=1e-5)


@pytest.mark.parametrize(("count", "found"), [(1000, 1000), (1600, 0)])
def test_a_graph_of_a_thousand_operations_can_be_cut_and_a_larger_one_is_only_shown(count, found):
    def chain(w):
        for _ in range(count):
            w = w * 1.0
        return w

    widget = explore(chain, w=0.5, fold=False)
    places = [edge["edge_key"] for edge in widget.scene["edges"] if "edge_key" in edge]
    assert len(places) == found
    if found:
        widget.cuts = [places[0]]
        assert "does not require grad" in widget.problem.text
