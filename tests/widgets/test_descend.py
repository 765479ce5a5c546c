"""descend without a browser: its steps are PyTorch's, its pictures use plain attributes, bad input gets a message."""

import json
import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import descend, language
from seeing_gradients.picture.charts import Frame
from seeing_gradients.widgets.descend.loss_sampling import contours

from .checks import drawn

W, B = (-1.0, 6.0), (-4.0, 6.0)


@pytest.fixture(autouse=True)
def english():
    language.use("en")
    yield
    language.use("en")


def loss(w, b, x=2.0, y_true=7.0):
    return (w * x + b - y_true) ** 2


def by_hand(f, start, lr, steps):
    """The path of the training loop in lesson 02."""
    a, b = (torch.tensor(value, requires_grad=True) for value in start)
    path = [(a.item(), b.item())]
    for _ in range(steps):
        a.grad = b.grad = None
        f(a, b).backward()
        with torch.no_grad():
            a -= lr * a.grad
            b -= lr * b.grad
        path.append((a.item(), b.item()))
    return path


def path_of(widget):
    return [tuple(step.position.values()) for step in widget.path.steps]


def test_the_first_numbers_are_those_of_the_lesson():
    widget = descend(loss, w=W, b=B, lr=0.02)
    assert widget.start == [4, 2] and widget.steps == 0
    assert widget.shown["rows"] == [
        {"name": "w", "value": "4", "grad": "12"},
        {"name": "b", "value": "2", "grad": "6"},
    ]
    assert widget.shown["loss"] == "9"
    assert widget.shown["formulas"] == ["w ← 4 − 0.02 · 12 = 3.76", "b ← 2 − 0.02 · 6 = 1.88"]


@settings(max_examples=25, deadline=None)
@given(st.floats(-1, 6, width=32), st.floats(-4, 6, width=32), st.floats(0.001, 0.1), st.integers(0, 12))
def test_its_steps_are_those_of_the_loop_and_of_torch_optim(w, b, lr, steps):
    widget = descend(loss, w=W, b=B, lr=lr, start=(w, b), steps=steps)
    assert path_of(widget) == by_hand(loss, (w, b), lr, steps)
    parameters = [torch.tensor(value, requires_grad=True) for value in (w, b)]
    optimizer = torch.optim.SGD(parameters, lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(*parameters).backward()
        optimizer.step()
    assert path_of(widget)[-1] == pytest.approx([p.item() for p in parameters], rel=1e-4, abs=1e-5)


def test_one_step_more_and_one_step_less_come_back_to_the_same_place():
    widget = descend(loss, w=W, b=B, lr=0.02)
    widget.steps = 3
    there = widget.shown
    widget.steps = 4
    assert widget.shown != there
    widget.steps = 3
    assert widget.shown == there and len(widget.path.steps) == 4


def test_only_new_steps_are_computed():
    calls = []

    def counted(w, b):
        calls.append(1)
        return w * w + b * b

    widget = descend(counted, w=W, b=B, steps=10)
    before = len(calls)
    widget.steps = 12
    assert len(calls) - before == 2


@pytest.mark.parametrize("change", [{"lr": 0.05}, {"start": [1.0, -2.0]}])
def test_a_new_start_or_learning_rate_takes_every_step_again(change):
    widget = descend(loss, w=W, b=B, lr=0.02, steps=5)
    for name, value in change.items():
        setattr(widget, name, value)
    assert path_of(widget) == by_hand(loss, widget.start, widget.lr, 5)


def test_a_number_becomes_a_slider_that_changes_the_contours():
    widget = descend(loss, w=W, b=B, x=2.0)
    before = widget.field
    assert [(s["name"], s["low"], s["value"], s["high"]) for s in widget.spec["sliders"]] == [("x", -3, 2, 7)]
    widget.values = {"x": -1.0}
    assert widget.field != before
    assert widget.shown["rows"][0]["grad"] == f"{2 * (-4 + 2 - 7) * -1}"


def test_other_inputs_reach_f_unchanged_and_its_own_tensors_are_left_alone():
    data, layer = torch.tensor([1.0, 2.0]), torch.nn.Linear(1, 1)

    def f(w, b, data, flag):
        assert flag == "yes"
        return ((w * data + b) ** 2).sum() + 0 * layer.weight.sum()

    descend(f, w=W, b=B, data=data, flag="yes", steps=2)
    assert data.tolist() == [1, 2] and layer.weight.grad is None


def test_a_list_of_numbers_reaches_f_as_a_tensor():
    widget = descend(lambda w, b, x: ((w * x + b) ** 2).sum(), w=W, b=B, x=[1, 2.0], start=(1.0, 0.0))
    assert widget.shown["loss"] == "5" and drawn(widget.field, "contour")


def test_moves_from_the_page_are_kept_inside_their_ranges():
    widget = descend(loss, w=W, b=B, lr=0.02, x=2.0)
    widget.set_state({"start": [99, -99], "lr": -5, "steps": -3, "values": {"x": 1e9, "unknown": 1}})
    assert widget.start == [6, -4] and widget.steps == 0
    assert widget.lr == pytest.approx(0.02 / 25) and widget.values == {"x": 7}
    widget.steps = 10**9
    assert widget.steps == 500


def test_a_descent_that_diverges_says_so_and_undo_and_a_smaller_rate_recover():
    widget = descend(loss, w=W, b=B, lr=0.3)
    widget.steps = 500
    reached = len(widget.path.steps) - 1
    assert widget.shown["trouble"] and re.search(rf"Diverged: after {reached} steps .*0\.3", widget.shown["note"])
    path = next(mark for mark in widget.shown["marks"] if mark[0] == "path")[-1]
    points = [tuple(map(float, pair)) for pair in re.findall("[ML]([^,]+),([^ML]+)", path)]
    frame = widget.spec
    assert points and all(-1 <= x <= frame["width"] + 1 and -1 <= y <= frame["height"] + 1 for x, y in points)
    widget.steps = reached - 1
    assert not widget.shown["trouble"]
    widget.lr = 0.02
    assert path_of(widget) == by_hand(loss, (4.0, 2.0), 0.02, reached - 1)


def test_a_learning_rate_dragged_through_divergence_gives_every_step_back():
    widget = descend(loss, w=W, b=B, lr=0.02, steps=200)
    before = widget.shown
    widget.lr = 0.4
    assert widget.shown["trouble"] and widget.shown["reached"] < 200
    json.dumps(widget.get_state()["shown"], allow_nan=False)
    widget.lr = 0.02
    assert widget.shown == before


def sometimes_broken(w, b):
    if w < 0:
        raise ZeroDivisionError("w is negative")
    return w**2 + b**2


def test_an_error_of_f_is_shown_with_its_line_and_the_next_good_place_recovers():
    widget = descend(sometimes_broken, w=W, b=B, start=(-0.5, 0.0))
    line = sometimes_broken.__code__.co_firstlineno + 2
    assert widget.shown["trouble"] and f"ZeroDivisionError: w is negative (line {line})" in widget.shown["note"]
    widget.start = [1.0, 1.0]
    assert not widget.shown["trouble"] and widget.shown["loss"] == "2"
    assert drawn(widget.field, "band")


def test_an_error_on_the_way_stays_visible_until_something_moves():
    widget = descend(lambda w, b: sometimes_broken(w, b) + 20 * w, w=W, b=B, lr=0.1, start=(1.0, 1.0))
    widget.steps = 10
    assert (widget.shown["reached"], widget.shown["trouble"]) == (0, True)
    widget.lr = 0.004
    widget.steps = 1
    assert (widget.shown["reached"], widget.shown["trouble"]) == (1, False)


def endless(w, b):
    while w > 2:
        pass
    return w * w + b * b


def test_a_loop_that_never_ends_is_stopped_and_the_widget_lives_on():
    widget = descend(endless, w=W, b=B, start=(4.0, 0.0))
    assert widget.shown["trouble"] and "loop" in widget.shown["note"]
    widget.start = [1.0, 0.0]
    assert widget.shown["loss"] == "1" and not widget.shown["trouble"]


@pytest.mark.parametrize(
    "f, said",
    [
        (lambda w, b: 3.0, "f must return a tensor"),
        (lambda w, b: None, "f returned None"),
        (lambda w, b: torch.stack([w, b]), "several numbers"),
        (lambda w, b: (w + b).detach(), "requires? grad"),
        (lambda w, b: (w * b).backward(), "returned None|backward"),
    ],
)
def test_a_result_that_is_no_loss_is_explained(f, said):
    widget = descend(f, w=W, b=B)
    assert re.search(said, widget.shown["note"]) and widget.shown["trouble"] and widget.steps == 0
    assert "note" in widget.shown and widget._repr_mimebundle_()[0]["image/svg+xml"]


def test_an_input_without_gradient_stays_and_is_named():
    widget = descend(lambda w, b: w**2 + b.detach() ** 2, w=W, b=B, start=(2.0, 3.0), steps=2)
    assert widget.shown["rows"][1] == {"name": "b", "value": "3", "grad": "None"}
    assert "b" in widget.shown["note"] and path_of(widget)[-1][1] == 3


def test_nan_and_infinity_never_reach_the_page():
    for f in (lambda w, b: torch.log(w - 10) + b, lambda w, b: b / (w - w), lambda w, b: w * math.inf + b):
        widget = descend(f, w=W, b=B, steps=2)
        json.dumps({name: getattr(widget, name) for name in ("spec", "field", "shown", "start")}, allow_nan=False)
        assert widget.shown["trouble"] and "not finite" in widget.shown["note"]


def test_at_the_minimum_it_says_that_a_step_changes_nothing():
    widget = descend(lambda w, b: w**2 + b**2, w=(-1, 1), b=(-1, 1), start=(0, 0))
    assert "gradient is 0" in widget.shown["note"] and drawn(widget.shown["marks"], "arrow") == []


def test_messages_come_in_the_language_of_the_lesson():
    language.use("zh")
    widget = descend(loss, w=W, b=B, lr=0.3, steps=500)
    assert "发散" in widget.shown["note"] and widget.spec["labels"]["undo"] == "撤销"


BAD = {
    "no ranges": (TypeError, {}, "missing a required argument: 'w'"),
    "one range": (ValueError, {"w": W, "b": 2.0}, "exactly two.*received 1: w"),
    "three ranges": (ValueError, {"w": W, "b": B, "x": (0, 1)}, "received 3"),
    "a range upside down": (ValueError, {"w": (6, -1), "b": B}, r"w must be a range.*\(6, -1\)"),
    "a range of three": (TypeError, {"w": (0, 1, 2), "b": B}, "w must be a range"),
    "a range of words": (TypeError, {"w": ("0", "1"), "b": B}, "w must be a range"),
    "an endless range": (ValueError, {"w": (0, math.inf), "b": B}, "finite"),
    "an unknown name": (TypeError, {"w": W, "b": B, "q": 1.0}, "unexpected keyword argument 'q'"),
    "lr zero": (ValueError, {"w": W, "b": B, "lr": 0}, "lr.*received 0"),
    "lr no number": (ValueError, {"w": W, "b": B, "lr": "fast"}, "lr.*'fast'"),
    "a ragged list": (ValueError, {"w": W, "b": B, "x": [[1], [1, 2]]}, "list x cannot become a tensor"),
    "start outside": (ValueError, {"w": W, "b": B, "start": (9, 0)}, "w = 9 lies outside.*-1 to 6"),
    "start no pair": (ValueError, {"w": W, "b": B, "start": 4.0}, "two numbers"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_argument_is_refused_by_name(case):
    error, arguments, said = BAD[case]
    with pytest.raises(error, match=said):
        descend(loss, **arguments)


def test_something_that_is_no_function_is_refused():
    with pytest.raises(TypeError, match="received Tensor"):
        descend(loss(torch.tensor(1.0), 1.0), w=W, b=B)


def square(x):
    return x**2


def test_of_one_input_its_steps_are_those_of_the_loop():
    widget = descend(square, x=(-2.0, 2.0), lr=0.1, start=1.5, steps=6)
    x, path = torch.tensor(1.5, requires_grad=True), [(1.5,)]
    for _ in range(6):
        x.grad = None
        square(x).backward()
        with torch.no_grad():
            x -= 0.1 * x.grad
        path.append((x.item(),))
    assert path_of(widget) == path and widget.start == [1.5] and widget.spec["title"] == "square(x)"
    assert widget.shown["rows"] == [{"name": "x", "value": f"{x:.4g}", "grad": f"{2 * x:.4g}"}]


def test_of_one_input_the_iterates_lie_on_the_curve_and_the_arrow_on_the_tangent():
    widget = descend(square, x=(-2.0, 2.0), lr=0.1, start=(1.5,), steps=3)
    _, up = widget.spec["axes"]
    to_value = lambda x, y: (x / 100 - 2, up["high"] - y / 320 * (up["high"] - up["low"]))
    dots = [to_value(*pair) for pair in numbers_in(*drawn(widget.shown["marks"], "dots"))]
    assert len(dots) == 4 and all(y == pytest.approx(x**2, abs=0.03) for x, y in dots)
    line = [to_value(*pair) for pair in numbers_in(*drawn(widget.field, "curve"))]
    assert all(y == pytest.approx(x**2, abs=0.03) for x, y in line)
    (x1, y1), (x2, y2), *_ = [to_value(*pair) for pair in numbers_in(*drawn(widget.shown["marks"], "arrow"))]
    assert (y2 - y1) / (x2 - x1) == pytest.approx(2 * dots[-1][0], rel=0.1)


@pytest.mark.parametrize(("lr", "after"), [(0.5, 0.0), (1.0, 1.5), (1.1, 1.5 * 1.2**10)])
def test_of_one_input_the_learning_rate_reaches_good_oscillating_and_diverging(lr, after):
    widget = descend(square, x=(-2.0, 2.0), lr=0.1, start=1.5, steps=10)
    widget.lr = lr
    assert path_of(widget)[-1][0] == pytest.approx(after, rel=1e-5)
    widget.steps = 500
    assert widget.shown["trouble"] == (lr > 1)
    json.dumps({name: getattr(widget, name) for name in ("spec", "field", "shown", "start")}, allow_nan=False)
    ElementTree.fromstring(widget._repr_mimebundle_()[0]["image/svg+xml"])


def test_of_one_input_a_start_where_f_fails_is_told_and_the_next_good_one_recovers():
    def root(x):
        return torch.sqrt(x)

    widget = descend(root, x=(-1.0, 4.0), start=-0.5)
    assert widget.shown["trouble"] and "not finite" in widget.shown["note"]
    json.dumps(widget.get_state()["shown"], allow_nan=False)
    widget.start = [1.0]
    assert not widget.shown["trouble"] and widget.shown["rows"][0]["grad"] == "0.5"


def numbers_in(d):
    return [tuple(map(float, pair.split(","))) for pair in re.findall(r"[-\d.e+]+,[-\d.e+]+", d)]


@pytest.mark.parametrize("f", [lambda a, b: a**2 + 2 * b**2, lambda a, b: a**2 + (2 if a > -9 else 0) * b**2])
def test_on_a_contour_line_the_loss_is_the_same_everywhere(f):
    """f is evaluated in both ways: with vmap and, if it branches, point by point."""
    axes = descend(f, a=(-2, 2), b=(-2, 2))._arguments.axes
    frame = Frame.of(axes)
    for line in contours(f, frame, {}).lines:
        x, y = np.array(numbers_in(line)).T
        a, b = x / frame.width * 4 - 2, 2 - y / frame.height * 4
        values = a**2 + 2 * b**2
        assert values.std() < 0.02 * values.mean() + 0.01


def test_where_f_fails_the_contours_have_a_gap():
    widget = descend(sometimes_broken, w=W, b=B)
    whole = descend(loss, w=W, b=B)
    left = min(x for x, _ in numbers_in(*drawn(widget.field, "finite")))
    assert left == pytest.approx(widget.spec["width"] / 7, abs=widget.spec["width"] / 40)
    assert min(x for x, _ in numbers_in(*drawn(whole.field, "finite"))) == 0


def test_a_flat_loss_and_a_frame_of_odd_shape_are_drawn():
    assert drawn(descend(lambda w, b: 0 * w * b + 1, w=W, b=B).field, "contour") == []
    assert descend(lambda w, b: w + b, w=(0, 1), b=(0, 1e6)).spec["width"] == 400


def test_a_unit_is_as_long_across_as_up():
    spec = descend(loss, w=W, b=B).spec
    assert spec["width"] / 7 == pytest.approx(spec["height"] / 10)


def test_the_gradient_stands_at_a_right_angle_to_the_contour():
    widget = descend(lambda a, b: a**2 + 3 * b**2, a=(-2, 2), b=(-2, 2), start=(1.0, 1.0))
    (x1, y1), (x2, y2), *_ = numbers_in(*drawn(widget.shown["marks"], "arrow"))
    assert (y1 - y2) / (x2 - x1) == pytest.approx(3, rel=0.05)  # the gradient is (2, 6)


def test_ticks_are_round_numbers_inside_the_range():
    axis = descend(loss, w=(-1.3, 6.1), b=B)._arguments.axes[0]
    assert [text for _, text in axis.ticks(5)] == ["0", "2", "4", "6"]


def test_the_bundle_carries_a_picture_that_github_keeps():
    widget = descend(loss, w=W, b=B, steps=5)
    bundle, _ = widget._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"].startswith("loss(w, b): After 5 steps: w = 3.193")
    root = ElementTree.fromstring(bundle["image/svg+xml"])
    assert {"width", "height", "viewBox"} <= set(root.attrib)
    tags = {element.tag.split("}")[1] for element in root.iter()}
    assert tags <= {"svg", "title", "g", "path", "rect", "circle", "text"}
    assert not any({"id", "style", "class", "onload"} & set(element.attrib) for element in root.iter())


def test_the_picture_of_the_same_descent_is_the_same_text():
    pictures = [descend(loss, w=W, b=B, steps=5)._repr_mimebundle_()[0]["image/svg+xml"] for _ in range(2)]
    assert pictures[0] == pictures[1]


def test_a_name_with_markup_in_it_does_not_break_the_picture():
    def f(w, b):
        return w * b

    f.__name__ = "<b>&"
    ElementTree.fromstring(descend(f, w=W, b=B)._repr_mimebundle_()[0]["image/svg+xml"])


@pytest.mark.parametrize("at_once", [True, False])
def test_contours_end_at_a_jump(at_once):
    """f is evaluated with vmap and, if it calls `.item()`, point by point."""

    def f(w, b):
        return (w - 1) ** 2 + b * b + 30 * ((w > 0) if at_once else (w.item() > 0))

    frame = Frame.of(descend(loss, w=(-2.0, 2.0), b=(-2.0, 2.0))._frame.axes)
    drawn = contours(f, frame, {})
    assert len(drawn.lines) > 5
    for line in drawn.lines:
        for piece in line.split("M")[1:]:
            across = [float(point.split(",")[0]) / frame.width for point in piece.rstrip("Z").split("L")]
            assert max(across) <= 0.5 or min(across) >= 0.5


def test_a_number_on_a_contour_line_is_left_out_where_the_start_or_the_position_stands():
    widget = descend(loss, w=W, b=B, lr=0.02)
    numbers = [mark for mark in widget.shown["marks"] if mark[0] == "level"]
    assert numbers and not drawn(widget.field, "level")
    _, _, x, y, _, text = numbers[0]
    frame = widget._frame
    across, up = frame.axes
    widget.start = [
        across.low + x / frame.width * (across.high - across.low),
        up.high - (y - 4) / frame.height * (up.high - up.low),
    ]
    left = [mark for mark in widget.shown["marks"] if mark[0] == "level"]
    assert text not in [mark[-1] for mark in left] and numbers[1] in left
