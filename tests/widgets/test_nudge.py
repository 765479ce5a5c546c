"""The nudge of an explorer: every move is PyTorch's at the moved point, and the gaps add up to what the gradient misses."""

import random
import re

import numpy as np
import pytest
import torch
from torch import nn

from helpers import explore, language
from seeing_gradients import record
from seeing_gradients.picture.folding import fold
from seeing_gradients.widgets.explore.moves import moves, output_move, predicted_move


@pytest.fixture(autouse=True)
def english():
    with language.using("en"):
        yield


def squared_error(w, b, x, y_true):
    y_pred = w * x + b
    loss = (y_pred - y_true) ** 2
    return loss


def nudged(widget):
    return widget.state["nudge"]


def by_name(widget, texts):
    """The texts of the nodes that have a name."""
    return {node["name"]: text for node, text in zip(widget.scene["nodes"], texts, strict=True) if node["name"]}


def loss_explorer(step=0.01):
    return explore(squared_error, w=(-5.0, 5.0), b=(-5.0, 5.0), x=2.0, y_true=7.0, nudge=("w", step)).set(w=4.0, b=2.0)


def test_each_node_shows_its_move_and_its_gradient_times_that_move():
    widget = loss_explorer()
    shown = nudged(widget)
    assert by_name(widget, shown["moves"]) == {
        "w": "+0.01",
        "b": "0",
        "x": "0",
        "y_true": "0",
        "y_pred": "+0.02",
        "loss": "+0.1204",
    }
    products = by_name(widget, shown["products"])
    assert products["w"] == "12 × 0.01 = 0.12" and products["y_pred"] == "6 × 0.02 = 0.12" and products["b"] == ""
    assert products["loss"] == "predicted +0.12"
    assert not shown["parts"] and "0.0004" in shown["verdict"] and "+0.1204" in shown["sentence"]


def test_a_product_is_never_rounded_so_far_that_it_contradicts_its_factors():
    widget = loss_explorer()
    for w in (-4.6, -3.6, 3.17):
        widget.set(w=w, b=-4.6, x=-2.6, y_true=-12.2)
        leaf = torch.tensor(w, requires_grad=True)
        squared_error(leaf, -4.6, -2.6, -12.2).backward()
        products = [float(text.rpartition("= ")[2]) for text in nudged(widget)["products"] if "=" in text]
        assert len(products) == 4 and products == pytest.approx([0.01 * leaf.grad.item()] * 4, rel=0.01)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_output_moves_as_pytorch_says_at_the_moved_point(dtype):
    def f(x):
        return (torch.sin(x.to(dtype)) * x.to(dtype)).exp()

    widget = explore(f, x=(-2.0, 2.0), nudge=("x", 0.25)).set(x=0.5)
    start, end = torch.tensor(0.5, requires_grad=True), torch.tensor(0.75)
    f(start).backward()
    real, predicted = f(end).item() - f(start).item(), start.grad.item() * 0.25
    after = widget._nudge._runs[(0.25, 0)][0]
    tolerance = 4 * torch.finfo(dtype).eps
    assert output_move(widget.record, after, None) == pytest.approx(real, rel=tolerance)
    assert np.prod(predicted_move(widget.record, after, "x", np.array([1.0]), 0.25)) == pytest.approx(
        predicted, rel=1e-6
    )
    assert f"{real:+.4g}" in nudged(widget)["sentence"] and f"{predicted:+.4g}" in nudged(widget)["sentence"]


def two_paths(x, w):
    h = torch.relu(x * w - 0.5)
    return (h * x + h.detach() * w).sum() + torch.tanh(w) * x[0]


def attention(q, k):
    weights = torch.softmax(torch.outer(q, k), dim=1)
    return (weights @ k).abs().max() + q.norm()


PROGRAMS = {
    "the loss": (squared_error, {"w": 4.0, "b": 2.0, "x": 2.0, "y_true": 7.0}, "w"),
    "an input used twice": (lambda x: x * x + x, {"x": 3.0}, "x"),
    "a cut path": (two_paths, {"x": torch.tensor([1.0, -2.0, 0.4]), "w": 1.2}, "w"),
    "attention": (attention, {"q": torch.tensor([1.0, -0.5]), "k": torch.tensor([0.3, 2.0])}, "q"),
    "several outputs": (lambda x: sum(part.prod() for part in x.split(2)), {"x": torch.arange(1.0, 5.0)}, "x"),
}


@pytest.mark.parametrize("step", [0.001, 0.3, -2.0])
@pytest.mark.parametrize("case", PROGRAMS)
def test_real_minus_predicted_is_the_sum_of_the_gaps(case, step):
    """For steps of any size, in float64; and the products of a leaf is what its gradient predicts."""
    f, inputs, name = PROGRAMS[case]
    start = {key: torch.as_tensor(value).double().requires_grad_() for key, value in inputs.items()}
    end = {key: value.detach().clone() for key, value in start.items()}
    end[name].view(-1)[0] += step
    before, after = record(f, **start), record(f, **{key: value.requires_grad_() for key, value in end.items()})
    node_moves = moves(before, after)
    real = output_move(before, after, None)
    along = np.eye(start[name].numel())[0]
    predicted = np.prod(predicted_move(before, after, name, along, step))
    assert real == pytest.approx(f(**end).item() - f(**start).item(), abs=1e-12)
    assert node_moves[before.inputs[name]].product == pytest.approx(predicted, abs=1e-12)
    assert real - predicted == pytest.approx(sum(move.gap for move in node_moves), abs=1e-11)


def test_linear_operations_have_no_gap():
    f = lambda x: ((2 * x - 1).sum() / 4 + x @ torch.ones(3, dtype=torch.float64)).reshape(1).squeeze()
    start = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    before = record(f, start.requires_grad_())
    after = record(f, (start + torch.tensor([0.0, 5.0, 0.0])).detach().requires_grad_())
    assert [move.gap for move in moves(before, after)] == pytest.approx([0.0] * len(before.nodes), abs=1e-12)


def test_a_folded_module_has_the_gaps_of_what_is_inside():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)).double()
    f = lambda x: model(x).sum()
    before = record(f, torch.tensor([0.5, -1.0], dtype=torch.float64, requires_grad=True))
    after = record(f, torch.tensor([0.9, -1.0], dtype=torch.float64, requires_grad=True))
    whole, folded = (moves(*map(form, (before, after))) for form in (lambda r: fold(r, "all"), fold))
    assert len(folded) < len(whole)
    assert sum(move.gap for move in folded) == pytest.approx(sum(move.gap for move in whole), abs=1e-14)


def test_a_folded_loop_has_the_gaps_of_its_rounds():
    def steps(x, w):
        h = x
        for _ in range(5):
            h = torch.tanh(w * h) + 0.1 * x
        return h

    before, after = (record(steps, x=torch.tensor(x, dtype=torch.float64), w=1.2) for x in (0.5, 0.8))
    whole, folded = moves(before, after), moves(fold(before), fold(after))
    assert len(folded) < len(whole) / 3
    assert sum(move.gap for move in folded) == pytest.approx(sum(move.gap for move in whole), abs=1e-9)


def test_too_large_a_step_is_seen_and_half_of_it_leaves_a_quarter():
    widget = loss_explorer(1.0)
    shown = nudged(widget)
    assert shown["parts"] and shown["apart"] == [len(widget.scene["nodes"]) - 1]
    assert "4, 25%" in shown["verdict"] and "1, 25%" in shown["reason"] and "straight line" in shown["reason"]
    assert by_name(widget, shown["products"])["loss"] == "≠ predicted +12"


def test_a_bend_is_named_where_it_is():
    widget = explore(lambda x: 3 * torch.relu(x - 1), x=(-5.0, 5.0), nudge=("x", 0.1)).set(x=0.95)
    shown = nudged(widget)
    assert [widget.scene["nodes"][i]["op"] for i in shown["apart"]] == ["relu"]
    assert shown["parts"] and "ReLU" in shown["reason"] and "bend" in shown["reason"]
    assert not nudged(widget.set(x=1.5))["parts"]


def test_a_jump_and_a_choice_are_named():
    widget = explore(lambda x: torch.round(x) * 2 + x, x=(-5.0, 5.0), nudge=("x", 0.1)).set(x=0.45)
    assert "jumps" in nudged(widget)["reason"]
    widget = explore(lambda x: torch.where(x > 1, x * x, x - 4), x=(-5.0, 5.0), nudge=("x", 0.1)).set(x=0.95)
    assert "choice" in nudged(widget)["reason"] and nudged(widget)["parts"]


def test_a_gradient_of_0_is_not_said_to_have_a_direction():
    still = nudged(explore(lambda x: (0 * x).sum(), torch.ones(2, requires_grad=True), nudge="x"))
    assert "is 0 and has no direction" in still["sentence"]
    moving = nudged(explore(lambda x: (2 * x).sum(), torch.ones(2, requires_grad=True), nudge="x"))
    assert "along their gradient" in moving["sentence"]


def test_a_node_that_should_move_and_does_not_says_what_it_predicts():
    def overwritten(a):
        b = a * 2
        b.detach()[0] = 1.0
        return b.sum()

    shown = nudged(explore(overwritten, a=[1.0, 2.0], nudge=("a[0]", 0.1)))
    assert shown["apart"] and all(shown["products"][i] == "≠ g · Δ = 0" for i in shown["apart"])


def test_a_cut_is_named_by_what_moves_behind_it():
    def f(x):
        u = x * x
        return u.detach() * x

    shown = nudged(explore(f, x=(-5.0, 5.0), nudge=("x", 0.01)).set(x=3.0))
    assert shown["parts"] and "no gradient flows back" in shown["reason"]
    whole = explore(squared_error, w=4.0, b=2.0, x=2.0, y_true=7.0, nudge="w")
    assert not nudged(whole)["parts"]
    whole.cuts = [edge["edge_key"] for edge in whole.scene["edges"] if edge.get("cut_name") == "× → y_pred"]
    assert nudged(whole)["parts"]


def test_another_branch_and_another_number_of_rounds_show_the_move_of_the_output_alone():
    def doubled(x):
        y = x
        while y < 10:
            y = 2 * y
        return y

    widget = explore(doubled, x=(0.0, 5.0), nudge=("x", 0.1)).set(x=2.45)
    shown = nudged(widget)
    assert "moves" not in shown and shown["parts"] and "-9.4" in shown["sentence"]
    assert "5 nodes instead of 7" in shown["reason"]
    line = doubled.__code__.co_firstlineno + 3
    assert f"line {line}" in shown["reason"]
    assert "moves" in nudged(widget.set(x=1.3))


def test_an_error_at_the_moved_point_is_shown_in_place():
    def f(x):
        if x > 1:
            raise ValueError("too far")
        return x * x

    widget = explore(f, x=(0.0, 2.0), nudge=("x", 0.1)).set(x=0.95)
    assert widget.problem is None and widget.state["fresh"]
    assert "too far" in nudged(widget)["sentence"] and "moves" not in nudged(widget)
    assert "moves" in nudged(widget.set(x=0.5))


def test_nan_and_infinity_are_no_numbers_to_compare():
    shown = nudged(explore(lambda x: torch.log(x), x=(0.0, 2.0), nudge=("x", -0.1)).set(x=0.05))
    assert shown["moves"] == ["-0.1", "nan"] and "no number" in shown["verdict"]
    shown = nudged(explore(lambda x: 1 / x, x=(-1.0, 1.0), nudge=("x", 0.1)).set(x=0.0))
    assert "inf" in " ".join(shown["moves"]) + shown["verdict"]


def test_f_draws_the_same_random_numbers_at_both_points():
    def noisy(x):
        return (nn.functional.dropout(x, 0.5) * torch.rand(8)).sum() * random.random()

    widget = explore(noisy, x=[1.0] * 8, nudge=("x[2]", 0.5))
    shown = nudged(widget)
    assert "The two agree" in shown["verdict"] or "less than" in shown["verdict"]
    assert nudged(explore(noisy, x=[1.0] * 8, nudge=("x[2]", 0.5))) == shown


def test_buffers_and_the_users_random_state_are_as_before():
    norm = nn.BatchNorm1d(2)
    f = lambda x: (norm(torch.stack([x, 2 * x])) * torch.tensor([[1.0, 2.0], [3.0, 5.0]])).sum()
    buffers = {name: value.clone() for name, value in norm.named_buffers()}
    torch.manual_seed(3)
    state = torch.get_rng_state()
    widget = explore(f, x=[1.0, 2.0], nudge=("x[0]", 0.3))
    assert nudged(widget)["moves"] and torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(value, buffers[name]) for name, value in norm.named_buffers())
    assert all(parameter.grad is None for parameter in norm.parameters())


def test_one_element_of_a_vector_moves_and_v_weights_the_output():
    f = lambda x: x * x * torch.tensor([1.0, 10.0])
    widget = explore(f, x=[1.0, 2.0], gradient={"v": [3.0, 0.5]}, nudge=("x[1]", 0.01))
    shown = nudged(widget)
    assert shown["moves"][0] == "[0, 0.01]"
    real = 0.5 * 10 * (2.01**2 - 2.0**2)
    assert f"{real:+.4g}" in shown["sentence"] and "20 × 0.01 = +0.2" in shown["sentence"]
    assert "+0" in nudged(explore(f, x=[1.0, 2.0], gradient={"v": [3.0, 0.0]}, nudge="x[0]"))["sentence"]


def test_an_engine_of_ones_own_is_nudged_too():
    class Value:
        def __init__(self, data, parents=(), op="leaf"):
            self.data, self.grad, self.parents, self.op = data, 0.0, parents, op

        def __mul__(self, other):
            return Value(self.data * other.data, ((self, other.data), (other, self.data)), "mul")

        def backward(self):
            self.grad = 1.0
            stack = [self]
            while stack:
                value = stack.pop()
                for parent, slope in value.parents:
                    parent.grad += slope * value.grad
                    stack.append(parent)

    widget = explore(lambda a, b: a * b, a=3.0, b=4.0, engine=Value, nudge=("a", 0.5))
    assert nudged(widget)["moves"] == ["+0.5", "0", "+2"] and nudged(widget)["products"][0] == "4 × 0.5 = 2"


def test_too_small_a_step_is_said_to_be_lost_to_rounding():
    assert "float32" in nudged(loss_explorer(1e-9))["reason"]
    f = lambda x: (x + 1000.0) - 1000.0
    shown = nudged(explore(f, x=(0.0, 2.0), nudge=("x", 5e-5)).set(x=1.0))
    assert not shown["parts"] and "Rounding" in shown["reason"]


def test_tensors_inside_of_which_a_record_holds_a_range_move_as_the_others_do():
    xs = torch.linspace(-1.0, 1.0, 200)
    ys = 2 * xs + 0.5

    def mean_error(w, b):
        error = torch.relu(w * xs + b - ys)
        return (error**2).mean()

    widget = explore(mean_error, w=(-5.0, 5.0), b=(-5.0, 5.0), nudge=("w", 0.5)).set(w=2.5, b=0.5)
    moved, apart = by_name(widget, nudged(widget)["moves"]), nudged(widget)["apart"]
    assert moved["error"].startswith("(200,) 0 .. 0.5")
    assert [widget.scene["nodes"][i]["op"] for i in apart] == ["pow"]
    assert widget.record.nodes[-2].values[0].numbers is None  # in the record of the run itself nothing has changed
    widget = explore(lambda w: torch.relu(w * xs - 0.5).sum(), w=0.7, nudge=("w", 0.5))
    assert [widget.scene["nodes"][i]["op"] for i in nudged(widget)["apart"]] == ["relu"]


def test_a_tensor_that_does_not_move_shows_0_and_the_strip_of_another_is_that_of_its_move():
    model = nn.Linear(2, 3).double()
    widget = explore(lambda x: model(x.double()).sum(), x=[1.0, 2.0], opened="all", nudge=("x[0]", 0.5))
    shown = nudged(widget)
    assert by_name(widget, shown["moves"])["model.weight"] == "0"
    strip = next(preview for preview in shown["previews"] if preview and len(preview["bars"]) == 3)
    column = 0.5 * model.weight[:, 0].detach()
    assert strip["bars"] == pytest.approx((column / column.abs().max()).tolist(), abs=0.006)


def test_the_move_of_a_huge_tensor_is_not_shown_but_that_of_the_output_is():
    shown = nudged(explore(lambda x: (x * torch.ones(200, 200)).sum(), x=1.0, nudge=("x", 0.5)))
    assert "?" in shown["moves"] and shown["moves"][-1] == "+20000" and not shown["parts"]


def test_no_gradient_predicts_nothing():
    shown = nudged(explore(lambda x, w: w * 2 + x.detach() * 3, x=1.0, w=2.0, nudge=("x", 0.5)))
    assert shown["parts"] and "no gradient reaches x" in shown["sentence"] and "+1.5" in shown["sentence"]


# ---- switching it on and off ----


def test_the_rounds_of_a_folded_loop_move_one_by_one():
    def steps(x, w):
        h = x
        for _ in range(6):
            h = torch.tanh(w * h)
        return h

    widget = explore(steps, x=(-2.0, 2.0), w=1.2, nudge=("x", 0.25)).set(x=0.5)
    (shown,) = nudged(widget)["rounds"].values()
    before, after, real = torch.tensor(0.5), torch.tensor(0.75), []
    for _ in range(6):
        before, after = torch.tanh(1.2 * before), torch.tanh(1.2 * after)
        real.append(f"{(after - before).item():+.4f}")
    assert [f"{float(text):+.4f}" for text in shown] == real
    assert nudged(widget)["moves"][-1] == shown[-1]
    assert re.search(r"The gap arises in h = line \d+, 6 rounds:", nudged(widget)["reason"])  # not "in h = ƒ"
    svg = widget._repr_mimebundle_()[0]["image/svg+xml"]
    assert all(f"Δ {text}" in svg for text in (shown[0], shown[-1]))


def test_without_a_nudge_f_runs_once_and_the_state_has_none():
    calls = []

    def f(x):
        calls.append(round(x.item(), 6))
        return x * x

    widget = explore(f, x=(-5.0, 5.0), ahead=False)
    assert "nudge" not in widget.state
    calls.clear()
    widget._gradient_check._seconds = 1.0  # slow, so that only the run itself calls f
    widget.set(x=1.0)
    assert calls == [1.0]
    widget.nudge("x", 0.001)
    assert calls == [1.0, 1.001]  # the run at 1 is still valid
    widget.nudge("x", 0.5)
    assert calls[2:] == [1.5, 1.25]  # half the step tells why they part
    widget.opened = ["nothing"]  # drawn again from the same runs
    assert len(calls) == 4
    calls.clear()
    widget.nudge()
    assert "nudge" not in widget.state and calls == []


def test_the_nudge_stays_while_sliders_move_and_positions_are_run_ahead_with_it():
    widget = loss_explorer()
    ahead = widget._run_ahead([3.0, 2.0, 2.0, 7.0])[0]
    widget.set(w=3.0)
    assert ahead["nudge"] == nudged(widget) and "3.01" in nudged(widget)["sentence"]


def test_while_f_fails_the_nudge_can_be_ended():
    def f(x):
        if x < 0:
            raise ValueError("negative")
        return x * x

    widget = explore(f, x=(-2.0, 2.0), nudge="x").set(x=1.0).set(x=-1.0)
    assert not widget.state["fresh"]
    widget.nudge()
    assert "nudge" not in widget.state
    widget.nudge("x")
    assert nudged(widget.set(x=1.0))["moves"]


def test_where_backward_stops_the_page_is_told_that_nothing_can_be_nudged():
    def write(x, into_the_result):
        y = x.exp()
        z = y * 2
        (y if into_the_result else z).detach().add_(1)
        return z.sum()

    widget = explore(write, x=[0.0, 1.0], into_the_result=True)
    before = widget.state
    assert before["fresh"] and not before["complete"]
    widget.nudge("x[0]")
    assert widget.state == before  # the page gets no answer, and may expect none
    assert widget.set(into_the_result=False).state["complete"] and nudged(widget)["moves"]


def test_the_page_may_send_anything():
    widget = loss_explorer()
    for sent in ({}, {"input": 3}, {"input": "nothing", "step": 0.1}, {"input": ["w"], "step": "x"}):
        widget.nudge_choice = sent
        assert widget.nudge_choice == {"input": "", "step": 0.01} and "nudge" not in widget.state or "step" in sent
    widget.nudge_choice = {"input": "b", "step": float("nan")}
    assert widget.nudge_choice == {"input": "b", "step": 0.01} and "b: 2" in nudged(widget)["sentence"]


@pytest.mark.parametrize("code", ["en", "zh"])
@pytest.mark.parametrize(
    ("nudge", "kind"),
    [
        (3, TypeError),
        ((1, 2, 3), TypeError),
        ("v", ValueError),
        ("x", ValueError),
        ("flag", ValueError),
        (("w", 0), ValueError),
        (("w", float("inf")), ValueError),
        (("w", True), ValueError),
        (("w", "much"), ValueError),
    ],
)
def test_a_wrong_nudge_is_refused_in_both_languages(nudge, kind, code):
    with language.using(code), pytest.raises(kind) as refused:
        explore(lambda x, w, flag: w * torch.tensor(x), x=[1.0], w=2.0, flag=True, gradient="v", nudge=nudge)
    assert ("nudge" in str(refused.value)) and (code == "en" or any("\u4e00" <= c for c in str(refused.value)))


def test_the_static_picture_and_the_text_say_the_same():
    widget = loss_explorer(1.0)
    bundle = widget._repr_mimebundle_()[0]
    svg, text, shown = bundle["image/svg+xml"], bundle["text/plain"], nudged(widget)
    for words in ("Δ +2", "6 × 2 = 12", "≠ predicted +12", "Δ +16", shown["verdict"]):
        assert words in svg
    assert shown["sentence"] in text and shown["reason"] in text
    widget.nudge()
    bundle = widget._repr_mimebundle_()[0]
    assert "Δ" not in bundle["image/svg+xml"] and "Δ" not in bundle["text/plain"]


def test_an_interrupt_during_a_nudge_drops_the_nudge_and_the_explorer_goes_on():
    def interrupted_where_nudged(w):
        if w.item() > 2.05:
            raise KeyboardInterrupt
        return w * w

    e = explore(interrupted_where_nudged, w=(-3.0, 3.0)).set(w=2.0)
    e.nudge("w", 0.1)
    assert e.nudge_choice["input"] == "" and e.problem is None and e.state["output"] == "4"
    e.nudge("w", -0.5)
    assert e.nudge_choice["input"] == "w" and e.state["nudge"]["moves"][0] == "-0.5"


def mean_square(X, w):
    return ((X @ w) ** 2).mean()


def tensors():
    X = torch.tensor([[1.0, -2.0], [0.5, 3.0], [2.0, 1.0]], requires_grad=True)
    return X, explore(mean_square, X, w=[0.5, -1.0])


def test_a_whole_tensor_is_nudged_along_its_gradient():
    """The prediction is the gradient's norm times the distance; what really happens is PyTorch's at the moved point."""
    X, widget = tensors()
    widget.nudge("X", 0.01)
    grad = widget.record.grads["X"]
    moved = X.detach() + 0.01 * grad / grad.norm()
    w = torch.tensor([0.5, -1.0])
    real = mean_square(moved, w) - mean_square(X.detach(), w)
    shown = nudged(widget)
    words = [f"{x:.4g}" for x in (real.item(), grad.norm().item(), 0.01 * grad.norm().item())]
    assert all(text in shown["sentence"] for text in words) and "All elements of X" in shown["sentence"]
    delta = (moved - X.detach()).numpy()
    assert shown["previews"][widget.record.inputs["X"]]["bars"] == pytest.approx(
        (delta / abs(delta).max()).ravel(), abs=0.01
    )
    assert torch.equal(X, tensors()[0])  # the user's own tensor stays as it is


def test_one_element_of_a_fixed_tensor_and_a_whole_vector_are_nudged():
    _, widget = tensors()
    widget.nudge("X[1, 0]", 0.25)
    assert "X[1, 0]: 0.5 → 0.75" in nudged(widget)["sentence"]
    assert widget.record.grads["X"][1, 0].item() == pytest.approx(
        float(nudged(widget)["sentence"].split("predicts ")[1].split(" × ")[0]), rel=1e-3
    )
    widget.nudge("w", -0.1)
    assert f"{widget.record.grads['w'].norm():.4g} × -0.1" in nudged(widget)["sentence"]
    assert [control["nudges"] for control in widget.controls] == [
        ["X", "X[0, 0]", "X[0, 1]", "X[1, 0]", "X[1, 1]", "X[2, 0]", "X[2, 1]"],
        ["w[0]", "w[1]", "w"],
    ]


def test_a_tensor_without_a_gradient_moves_each_element_alike():
    widget = explore(lambda X, a: (X > 0).float().sum() * a, torch.tensor([-0.001, 1.0], requires_grad=True), a=2.0)
    widget.nudge("X", 0.1)
    assert "no gradient reaches X" in nudged(widget)["sentence"] and "moves by +2;" in nudged(widget)["sentence"]


def test_a_tensor_that_needs_no_gradient_is_not_offered():
    widget = explore(mean_square, torch.ones(3, 2), w=[0.5, -1.0])
    assert widget.controls[0]["nudges"] == []
    with pytest.raises(ValueError, match=r"w\[0\], w\[1\], w"):
        widget.nudge("X")
