"""Plots of explore without a browser: samples of f, slopes from autograd, jumps, time limits."""

import json
import math
import re
import time
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import explore, language
from seeing_gradients.picture.charts import Axis, Frame, gradient_arrow
from seeing_gradients.picture.contours import field
from seeing_gradients.picture.labels import number
from seeing_gradients.widgets.explore import gradient_check, plot_view
from seeing_gradients.widgets.explore.plot_sampling import Curve, Grid, roundest

from .checks import answered, drawn

WIDTH = 560  # px of a curve
ALLOWED = {"svg", "title", "g", "path", "rect", "circle", "text", "tspan"}


@pytest.fixture(autouse=True)
def english():
    language.use("en")
    yield
    language.use("en")


def loss(w, b, x=2.0, y_true=7.0):
    return (w * x + b - y_true) ** 2


def sampled(f, low=-5.0, high=5.0, channels=1, log=False):
    """A Curve of f, sampled completely."""
    curve = Curve(lambda x: (f(x),) if channels == 1 else f(x), Axis("x", low, high, log=log), channels)
    assert curve.work(lambda: False)
    return curve


def field_of(explorer, log=False):
    """The contours that an explorer has sent, with their levels."""
    plot, samples = explorer.plot_data, explorer._plot._samples
    axes = tuple(Axis(axis["name"], axis["low"], axis["high"], log=axis["log"]) for axis in plot["axes"])
    sent = field(samples.values, Frame(axes, plot["width"], plot["height"]), log, samples.blank)
    assert sent.shapes() == plot["field"]
    return sent


def drawn_points(channel, axis):
    """The points of a curve as values, one array for each piece."""
    up, width, height = (
        Axis(**{k: channel["axis"][k] for k in ("name", "low", "high", "log")}),
        WIDTH,
        channel["height"],
    )
    across = Axis(**{k: axis[k] for k in ("name", "low", "high", "log")})
    for piece in channel["d"].split("M")[1:]:
        yield np.array(
            [
                (across.value_at(float(x) / width), up.value_at(1 - float(y) / height))
                for x, y in (p.split(",") for p in piece.split("L"))
            ]
        )


# ---- samples ----


@pytest.mark.parametrize(
    "f", [math.sin, lambda x: x**3 - x, lambda x: math.exp(-(x**2)), abs, lambda x: math.tanh(40 * x)]
)
def test_between_its_samples_a_curve_is_off_by_less_than_a_pixel(f):
    curve = sampled(f)
    (piece,) = curve.pieces(0)
    xs, ys = np.array(piece).T
    low, high = curve.span(0)
    middles = (xs[1:] + xs[:-1]) / 2
    off = np.abs([f(x) for x in middles] - (ys[1:] + ys[:-1]) / 2)
    assert off.max() < (high - low) / 240
    assert all(y == f(x) for x, y in piece)


def test_more_points_where_it_bends():
    xs = np.array(sampled(lambda x: math.tanh(20 * x)).xs)
    assert np.sum(np.abs(xs) < 0.5) > 3 * np.sum(xs > 2)


@settings(deadline=None, max_examples=60)
@given(st.floats(-4.9, 4.9), st.floats(0.1, 9.0), st.booleans())
def test_a_jump_is_found_where_it_is_and_drawn_with_a_break(at, size, rising):
    curve = sampled(lambda x: x if x < at else x + (size if rising else -size))
    before, after = curve.pieces(0)
    assert before[-1][0] == pytest.approx(at, abs=2e-5) and after[0][0] == pytest.approx(at, abs=2e-5)
    assert abs(after[0][1] - before[-1][1]) == pytest.approx(size, abs=1e-3)
    assert all(abs(y2 - y1) < 1 for piece in (before, after) for (_, y1), (_, y2) in pairwise(piece))


@pytest.mark.parametrize(
    ("f", "dots"),
    [
        (lambda x: 0.0 if x < 1 else 1.0, [(1, 0, False), (1, 1, True)]),
        (lambda x: 0.0 if x <= 1.1 else 1.0, [(1.1, 0, True), (1.1, 1, False)]),
        (lambda x: math.copysign(1, x) if x else 0.0, [(0, -1, False), (0, 0, True), (0, 1, False)]),
    ],
)
def test_the_end_that_f_takes_is_closed_and_the_other_open(f, dots):
    assert [tuple(dot) for dot in sampled(f).dots(0)] == dots


def test_a_steep_slope_is_no_jump():
    curve = sampled(lambda x: math.tanh(3000 * (x - 0.7)))
    assert len(curve.pieces(0)) == 1 and curve.dots(0) == []


def test_a_jump_whose_ends_lie_beyond_every_sample_has_them_all_the_same():
    doubled = lambda x: x * 2.0 ** math.ceil(math.log2(1000 / x))  # from 1000 to 2000, as in d2l; jumps at 1000 / 2**k
    dots = sampled(doubled, low=0.1, high=4.0).dots(0)
    assert [x for x, _, _ in dots] == pytest.approx([x for k in range(13, 7, -1) for x in 2 * [1000 / 2**k]], abs=1e-5)


def test_a_pole_is_a_break_without_ends_and_does_not_flatten_the_rest():
    curve = sampled(lambda x: 1 / (x - 0.3))
    assert len(curve.pieces(0)) == 2 and curve.dots(0) == []
    low, high = curve.span(0)
    assert -20 < low < -1 and 1 < high < 20


def test_a_pole_of_the_derivative_is_one_too():
    curve = sampled(lambda x: (math.log(abs(x)), 1 / x) if x else (math.nan, math.nan), channels=2)
    assert len(curve.pieces(0)) == 2 and curve.dots(1) == []
    assert all(piece[0][0] * piece[-1][0] > 0 for piece in curve.pieces(1))
    low, high = curve.span(1)
    assert -20 < low < -1 and 1 < high < 20
    shifted = sampled(lambda x: (math.log(abs(x - 0.3)), 1 / (x - 0.3)), channels=2)
    assert all((piece[0][0] - 0.3) * (piece[-1][0] - 0.3) > 0 for piece in shifted.pieces(1))
    assert shifted.dots(1) == []


def test_a_narrow_bump_is_shown_whole():
    assert sampled(lambda x: math.exp(-1000 * (x - 1) ** 2)).span(0)[1] == pytest.approx(1, abs=0.02)


def test_where_f_is_nan_there_is_a_gap_that_ends_where_f_begins():
    curve = sampled(lambda x: math.sqrt(x - 1.234) if x >= 1.234 else math.nan)
    ((first, *_),) = curve.pieces(0)
    assert first[0] == pytest.approx(1.234, abs=2e-5)
    assert sampled(lambda x: math.nan).pieces(0) == [] and sampled(lambda x: math.nan).span(0) is None


def test_before_it_is_sampled_to_its_end_no_steep_line_stands_for_a_jump():
    budget = iter(range(70))
    curve = Curve(lambda x: (0.0 if x < 1 else 1.0,), Axis("x", -5, 5))
    assert not curve.work(lambda: next(budget, None) is None)
    assert [{y for _, y in piece} for piece in curve.pieces(0)] == [{0.0}, {1.0}]


@given(st.floats(-1e6, 1e6), st.floats(0.0, 10.0))
def test_the_roundest_number_is_in_the_interval(a, width):
    assert a <= roundest(a, a + width) <= a + width
    assert (roundest(0.9999999, 1.0000001), roundest(-0.1, 0.2)) == (1.0, 0.0)


# ---- the widget ----


def test_the_curve_is_f_along_one_input_while_the_others_stand():
    e = explore(loss, w=(-5.0, 5.0), b=2.0, plot="w").set(w=4.0, b=3.0)
    answered(e)
    (points,) = drawn_points(e.plot_data["value"], e.plot_data["axes"][0])
    x, y = points.T
    assert np.abs(y - (2 * x + 3 - 7) ** 2).max() < 1.0  # the curve is 196 high: less than two pixels
    assert e.plot_data["position"] == [4.0, 3.0] and (x.min(), x.max()) == (-5, 5)


def test_the_slope_of_the_tangent_is_autograd_s():
    e = explore(lambda w, b: torch.sin(w) * b, w=(-5.0, 5.0), b=2.0, plot="w").set(w=1.2)
    leaf = torch.tensor(1.2, requires_grad=True)
    (torch.sin(leaf) * 2.0).backward()
    assert e.state["point"]["slopes"] == [leaf.grad.item()]
    y0, y1 = e.state["point"]["tangent"]  # at both ends of the axis
    assert (y1 - y0) / 10 == pytest.approx(leaf.grad.item(), rel=1e-6)
    assert y0 + leaf.grad.item() * (1.2 + 5) == pytest.approx(e.state["point"]["y"], rel=1e-6)


def test_where_an_axis_is_logarithmic_the_tangent_has_a_value_at_each_of_many_places():
    e = explore(lambda w: w * w, w=(1.0, 100.0)).plot("w", log="w").set(w=10.0)
    values = e.state["point"]["tangent"]
    assert values[::30] == pytest.approx([100 + 20 * (w - 10) for w in (1.0, 10.0, 100.0)])
    assert len(values) == 61


def test_moving_the_plotted_input_runs_f_for_no_new_samples():
    class Calls:
        count = 0

    def f(w, b):
        Calls.count += 1
        return w * w * b

    e = explore(f, w=(-5.0, 5.0), b=2.0, plot="w", ahead=False)
    answered(e)
    e.set(w=3.0)
    before = Calls.count
    answered(e)
    assert Calls.count == before and e.state["point"]["slopes"] == [12.0]
    e.set(b=3.0)
    answered(e)
    assert Calls.count > before + 60


def test_without_a_plot_nothing_is_sampled_and_nothing_more_travels():
    e = explore(loss, w=(-5.0, 5.0), b=2.0)
    assert "point" not in e.state and e.plot_data == {} and e.plot_choice["inputs"] == []


def test_a_plot_is_chosen_and_given_up_from_the_page():
    e = explore(loss, w=(-5.0, 5.0), b=2.0)
    e.set_state({"plot_choice": {"inputs": ["b"], "log": [-1, 0, 7], "derivative": 1, "steps": 10**9, "lr": -1}})
    assert e.plot_choice == {"inputs": ["b"], "log": [-1], "derivative": True, "steps": 200, "lr": 0.1}
    assert e.plot_data["kind"] == "curve" and e.plot_data["axes"][0]["name"] == "b" and e.state["point"]
    e.set_state({"plot_choice": {"inputs": ["nonsense", 3]}})
    assert e.plot_choice["inputs"] == [] and e.plot_data["done"]


def test_the_derivative_is_autograd_s_at_every_sample_with_its_own_jump():
    e = explore(lambda x: torch.relu(x) * 3, x=(-5.0, 5.0)).set(x=2.0).plot("x", derivative=True)
    answered(e)
    values = [set(np.round(p[:, 1], 2)) for p in drawn_points(e.plot_data["derivative"], e.plot_data["axes"][0])]
    assert values == [{0.0}, {3.0}]
    zero = WIDTH / 2
    assert [(end[0], end[2]) for end in e.plot_data["derivative"]["ends"]] == [
        (zero, True),
        (zero, False),
    ]  # PyTorch: 0 at 0
    assert len(list(drawn_points(e.plot_data["value"], e.plot_data["axes"][0]))) == 1


def test_where_no_gradient_arrives_that_is_said():
    e = explore(lambda x: (x * x).detach() + 0 * x.detach(), x=2.0).plot("x", derivative=True)
    answered(e)
    assert "No gradient arrives at x" in " ".join(e.plot_data["notes"])


@pytest.mark.parametrize("inputs", [["x"], ["x", "y"]])
def test_the_value_is_known_where_backward_cannot_run_and_its_slopes_are_not(inputs):
    e = explore(lambda x, y: (x * y).detach(), x=2.0, y=3.0).plot(*inputs)
    assert e.state["point"] == {"y": 6.0, "slopes": [None] * len(inputs), "texts": ["6", *"?" * len(inputs)]}


def test_a_plot_that_is_chosen_after_a_cut_marks_the_present_run():
    e = explore(lambda x: x * x, x=(0.0, 5.0)).set(x=2.0)
    e.cuts = [edge["edge_key"] for edge in e.scene["edges"]]
    assert e.set(x=3.0).plot("x").state["point"]["y"] == 9.0


def test_the_gradient_over_two_inputs_is_an_arrow_uphill_from_the_point():
    e = explore(lambda a, b: 3 * a + 0 * b, a=(0.0, 10.0), b=(0.0, 10.0)).set(a=5.0, b=5.0).plot("a", "b")
    (start, tip), head = e.state["point"]["arrow"]
    assert start == [180.0, 180.0] and tip[0] > start[0] and tip[1] == start[1] and head[1] == tip
    assert e.set(a=10.0).state["point"]["arrow"][0][1][0] == pytest.approx(360 + 14)  # a head, even if there is no room
    assert explore(lambda a, b: 0 * a * b, a=(0.0, 10.0), b=(0.0, 10.0)).plot("a", "b").state["point"]["arrow"] == []


def test_elements_of_a_vector_are_plotted_by_their_label():
    e = explore(lambda x: (x**3).sum(), x=[1.0, 2.0], plot="x[1]")
    assert e.state["point"]["slopes"] == [12.0]
    e.plot("x[0]", "x[1]")
    answered(e)
    assert e.state["point"]["slopes"] == [3.0, 12.0] and drawn(e.plot_data["field"], "contour")


def test_a_vector_output_is_weighted_by_the_gradient_or_refused_in_a_sentence():
    e = explore(lambda x: x * x, x=[1.0, 2.0], gradient=[1.0, 0.5], plot="x[1]")
    answered(e)
    (points,) = drawn_points(e.plot_data["value"], e.plot_data["axes"][0])
    assert np.abs(points[:, 1] - 1 - 0.5 * points[:, 0] ** 2).max() < 0.2 and e.state["point"]["slopes"] == [2.0]
    refused = explore(lambda x: x * x, x=[1.0, 2.0], plot="x[1]")
    answered(refused)
    assert "shape (2,)" in refused.plot_data["notes"][0] and "gradient=v" in refused.plot_data["notes"][0]


def test_the_menu_of_the_plot_is_offered_only_where_f_has_one_value():
    assert explore(lambda x: x * x, x=[1.0, 2.0]).extras["plot"] == "none"
    assert explore(lambda x: x * x, x=[1.0, 2.0], gradient=[1.0, 0.5]).extras["plot"] == "more"
    assert explore(lambda x: (x * x).sum(), x=[1.0, 2.0]).extras["plot"] == "more"


@pytest.mark.parametrize("f", [lambda x: 3.0, lambda x: x * (1 + 2j)])
def test_what_is_no_real_number_is_refused_in_a_sentence(f):
    e = explore(f, x=1.0, plot="x")
    answered(e)
    assert e.plot_data["done"] and "one real number" in e.plot_data["notes"][0]


# ---- logarithmic axes ----


def test_a_logarithmic_axis_is_a_straight_line_for_a_power():
    e = explore(lambda x: x**3, x=(0.01, 100.0)).plot("x", log=("x", "output"))
    answered(e)
    plotted = e.plot_data
    numbers = np.array([tuple(map(float, p.split(","))) for p in plotted["value"]["d"][1:].split("L")])
    assert len(numbers) == 2 and [text for _, text in plotted["axes"][0]["ticks"]] == ["0.01", "0.1", "1", "10", "100"]
    assert plotted["value"]["axis"]["log"] and plotted["notes"] == []


def test_what_is_not_positive_is_left_out_of_a_logarithmic_axis_and_that_is_said():
    e = explore(lambda x: x, x=(-1.0, 5.0)).plot("x", log="output")
    answered(e)
    (points,) = drawn_points(e.plot_data["value"], e.plot_data["axes"][0])
    assert points[:, 0].min() == pytest.approx(0, abs=0.01)
    assert "not positive" in e.plot_data["notes"][0]


def test_logarithmic_contours_have_levels_a_factor_apart():
    e = explore(lambda a, b: a**2 * b, a=(0.1, 100.0), b=(0.1, 100.0)).plot("a", "b", log=("a", "b", "output"))
    answered(e)
    levels = field_of(e, log=True).levels
    assert len(levels) > 4 and np.allclose(np.log10(levels), np.round(np.log10(levels)))


@settings(deadline=None)
@given(st.floats(-12, 11), st.floats(0.05, 12), st.integers(2, 12), st.booleans())
def test_ticks_are_few_in_order_and_lie_where_their_numbers_say(low, span, room, log):
    axis = Axis("x", 10.0**low, 10.0 ** (low + span), log=log)
    ticks = axis.ticks(room)
    shares = [share for share, _ in ticks]
    assert 2 <= len(ticks) <= 3 * room + 2 and shares == sorted(shares)
    assert all(-1e-6 <= share <= 1 + 1e-6 for share in shares)
    for share, text in ticks:
        if float(text) > 0:
            assert float(axis.share(float(text))) == pytest.approx(share, abs=2e-3)


def test_ticks_of_a_narrow_range_of_large_numbers_differ():
    texts = [text for _, text in Axis("x", 1_000_000.0, 1_000_001.0).ticks(5)]
    assert len(set(texts)) == len(texts) > 3 and "1000000.2" in texts


# ---- contours and descent ----


def numbers_in(d):
    return np.array([tuple(map(float, pair.split(","))) for pair in re.findall(r"[-\d.e+]+,[-\d.e+]+", d)])


def twice(x):
    return 2 * torch.dot(x, x)


def test_a_vector_of_two_elements_stands_in_its_plane_as_an_arrow_with_its_norm():
    e = explore(twice, x=[0.0, 0.0], plot=("x[0]", "x[1]")).set(x=[3.0, -4.0])
    assert e.plot_data["vector"] == "x" and e.state["point"]["norm"] == "5"
    assert e.state["point"]["slopes"] == [12.0, -16.0]
    svg = e._repr_mimebundle_()[0]["image/svg+xml"]
    assert "‖x‖ = 5" in svg and 'd="M180,180L288,324"' in svg  # from the origin to the tip; one unit is 36 pixels


@pytest.mark.parametrize("x", [[1.0, 2.0, 2.0], [[1.0, 2.0], [3.0, 4.0]]])
def test_a_part_of_a_vector_is_no_arrow_and_has_no_norm(x):
    names = [f"x[{i}]" if len(x) == 3 else f"x[0, {i}]" for i in range(2)]
    e = explore(lambda x: (x * x).sum(), x=x, plot=tuple(names))
    assert e.plot_data["vector"] is None and "norm" not in e.state["point"]


def test_on_a_contour_f_has_its_level():
    e = explore(lambda a, b: a**2 + 2 * b**2, a=(-2.0, 2.0), b=(-2.0, 2.0), plot=("a", "b"))
    answered(e)
    levels, width, height = field_of(e).levels, e.plot_data["width"], e.plot_data["height"]
    assert len(levels) > 6
    for level, line in zip(levels, drawn(e.plot_data["field"], "contour"), strict=True):
        x, y = numbers_in(line).T
        a, b = x / width * 4 - 2, 2 - y / height * 4
        assert np.abs(a**2 + 2 * b**2 - level).max() < 0.05


@pytest.mark.parametrize(
    ("f", "jumps"),
    [
        (lambda x, y: x * x + y * y + 20.0 * (x + y > 0.73), lambda x, y: x + y - 0.73),  # a step
        (lambda x, y: y / (x - 0.33), lambda x, y: x - 0.33),  # a pole
        (lambda x, y: (x * x + y * y) ** 0.5 + abs(x), None),  # bent, but no jump
        (lambda x, y: math.tanh(20 * x) + y * y, None),  # steep, but no jump
    ],
)
def test_contours_leave_the_cells_blank_in_which_f_jumps(f, jumps):
    grid = Grid(f, [Axis("x", -2.0, 2.0), Axis("y", -2.0, 2.0)])
    assert grid.work(lambda: False) and grid.values.shape == (41, 41) and grid.blank.shape == (40, 40)
    places = np.linspace(-2.0, 2.0, 41)
    crossed = np.zeros((40, 40), dtype=bool)
    for row, column in np.ndindex(40, 40) if jumps else ():
        corners = [jumps(x, y) > 0 for x in places[column : column + 2] for y in places[row : row + 2]]
        crossed[row, column] = 0 < sum(corners) < 4
    if jumps is None:
        assert not grid.blank.any()
    else:
        assert (grid.blank & ~crossed).sum() == 0
        assert grid.blank.sum() > 0.9 * crossed.sum()  # near y = 0 the function does not jump


def test_no_contour_line_crosses_a_jump():
    explorer = explore(lambda a, b: (a - 1) ** 2 + b * b + 30 * (a > 0), a=(-2.0, 2.0), b=(-2.0, 2.0)).plot("a", "b")
    answered(explorer)
    lines, width = drawn(explorer.plot_data["field"], "contour"), explorer.plot_data["width"]
    for line in lines:
        for piece in line.split("M")[1:]:
            across = [float(p.split(",")[0]) / width for p in piece.rstrip("Z").split("L")]
            assert max(across) <= 0.5 or min(across) >= 0.5
    assert len(lines) > 5


def test_the_descent_is_that_of_a_plain_loop():
    e = explore(loss, w=(-5.0, 5.0), b=2.0).set(w=4.0).plot("w", "b", steps=12, lr=0.02)
    answered(e)
    w, b = torch.tensor(4.0, requires_grad=True), torch.tensor(2.0, requires_grad=True)
    expected = []
    for _ in range(13):
        y = loss(w, b)
        expected.append([w.item(), b.item(), y.item()])
        w.grad = b.grad = None
        y.backward()
        with torch.no_grad():
            w -= 0.02 * w.grad
            b -= 0.02 * b.grad
    assert e.plot_data["descent"]["points"] == expected
    e.set(w=-1.0)
    answered(e)
    assert e.plot_data["descent"]["points"][0][:2] == [-1.0, 2.0] and e.plot_data["descent"]["start"][0] == -1.0


def test_a_descent_that_diverges_stops_and_says_so():
    e = explore(loss, w=(-5.0, 5.0), b=2.0).plot("w", "b", steps=200, lr=1.0)
    answered(e)
    assert len(e.plot_data["descent"]["points"]) < 50
    assert re.search(r"diverged after \d+ steps .*: try a smaller learning rate than 1\b", e.plot_data["notes"][-1])
    json.dumps(e.plot_data, allow_nan=False)


def steep(x, y):
    return x**2 + 10 * y**2


@pytest.mark.parametrize(
    ("used", "steps", "words"),
    [
        ("en", 10, "5 steps of the descent cannot"),
        ("en", 1, "1 step of the descent cannot"),
        ("zh", 10, "梯度下降有5步无法画出"),
    ],
)
def test_steps_without_a_place_on_a_logarithmic_axis_are_counted(used, steps, words):
    language.use(used)
    e = explore(steep, x=(0.01, 100.0), y=(0.01, 100.0)).plot("x", "y", log=("x", "y"), steps=steps, lr=0.1)
    answered(e)
    assert [y > 0 for _, y, _ in e.plot_data["descent"]["points"]] == [k % 2 == 0 for k in range(steps + 1)]
    assert e.plot_data["notes"][-1].startswith(words)


def test_on_linear_axes_every_step_has_a_place():
    e = explore(steep, x=(0.01, 100.0), y=(0.01, 100.0)).plot("x", "y", steps=10, lr=0.1)
    answered(e)
    assert e.plot_data["notes"] == []


def test_steps_whose_value_has_no_place_on_a_logarithmic_axis_are_counted():
    e = explore(lambda x: x - 1.0, x=(0.5, 9.0)).set(x=1.5).plot("x", log="output", steps=3, lr=0.3)
    answered(e)
    assert sum(y <= 0 for _, y in e.plot_data["descent"]["points"]) == 2
    assert e.plot_data["notes"][-1].startswith("2 steps of the descent cannot")


def test_no_line_joins_steps_over_one_that_has_no_place():
    e = explore(steep, x=(0.01, 100.0), y=(0.01, 100.0)).plot("x", "y", log=("x", "y"), steps=10, lr=0.1)
    svg = e._repr_mimebundle_()[0]["image/svg+xml"]
    assert svg.count('r="3" fill="#1c2128"') == 5 and 'stroke="#1c2128" stroke-width="1.5"' not in svg
    assert 'stroke="#1c2128" stroke-width="1.5"' in e.plot("x", "y", steps=10)._repr_mimebundle_()[0]["image/svg+xml"]


@given(
    st.tuples(st.floats(0, 360), st.floats(0, 200)),
    st.tuples(st.floats(-100, 100), st.floats(-100, 100)).filter(lambda g: math.hypot(*g) > 1e-3),
)
def test_a_gradient_s_arrow_ends_at_the_frame_but_for_its_head(point, gradient):
    drawn = gradient_arrow(np.array(point), np.array(gradient), np.array([36.0, -20.0]), (360, 200))
    ((x, y), (a, b)), head = drawn
    assert list(head[1]) == [a, b]
    is_inside = -0.5 <= a <= 360.5 and -0.5 <= b <= 200.5
    assert is_inside or math.hypot(a - x, b - y) < 14.5


# ---- time limits, and an f that has side effects or fails ----


def test_a_slow_f_is_sampled_a_little_at_a_time_and_then_left_alone(monkeypatch):
    monkeypatch.setattr(plot_view, "_MOST_SECONDS", 0.6)

    def slow(x):
        time.sleep(0.02)
        return x * x

    e = explore(slow, x=(-5.0, 5.0), plot="x", ahead=False)
    assert not e.plot_data["done"]
    assert answered(e) > 2
    assert (
        "slow" in e.plot_data["notes"][0] and len(list(drawn_points(e.plot_data["value"], e.plot_data["axes"][0]))) == 1
    )
    assert e.set(x=3.0).state["output"] == "9"


def test_where_f_never_ends_there_is_a_gap_and_the_widget_lives(monkeypatch):
    monkeypatch.setattr(gradient_check, "_MAX_SECONDS", 0.2)

    def endless(x):
        while x > 0:
            pass
        return x * 1

    e = explore(endless, x=(-1.0, 1.0)).set(x=-0.5).plot("x")
    answered(e)
    assert "took too long" in " ".join(e.plot_data["notes"])
    points = np.concatenate(list(drawn_points(e.plot_data["value"], e.plot_data["axes"][0])))
    assert points[:, 0].max() < 0.02 and np.allclose(points[:, 0], points[:, 1], atol=0.02)
    assert e.set(x=-1.0).state["output"] == "-1"


def test_where_f_raises_there_is_a_gap_and_that_is_said(capsys):
    def broken(x):
        print("sampled")
        if x > 1:
            raise ValueError("no")
        return x * 1

    e = explore(broken, x=(-2.0, 2.0), plot="x")
    answered(e)
    (points,) = drawn_points(e.plot_data["value"], e.plot_data["axes"][0])
    assert points[:, 0].max() == pytest.approx(1, abs=0.01) and "raises an error" in e.plot_data["notes"][0]
    assert capsys.readouterr().out == ""


def test_an_f_that_alters_what_is_outside_itself_is_not_sampled():
    seen = []

    def remembers(x):
        seen.append(x)
        return x * 1

    e = explore(remembers, x=(-1.0, 1.0), plot="x")
    before = len(seen)
    answered(e)
    assert len(seen) == before and "outside itself" in e.plot_data["notes"][0]


def test_an_f_that_collects_gradients_in_a_model_is_not_sampled():
    layer = torch.nn.Linear(1, 1)

    def trains(x):
        layer(x).sum().backward()
        return (x * x).sum()

    e = explore(trains, x=[1.0], plot="x[0]")
    answered(e)
    assert "backward itself" in e.plot_data["notes"][0] and layer.weight.grad is None


def test_every_sample_draws_the_same_random_numbers_and_the_generator_is_restored():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    e = explore(lambda x: x + torch.rand(()), x=(0.0, 1.0), plot="x")
    answered(e)
    xs, ys = np.array(e._plot._samples.pieces(0)[0]).T
    assert np.ptp(ys - xs) < 1e-6 and torch.equal(torch.get_rng_state(), before)


def test_a_tensor_that_f_writes_to_is_put_back_before_every_sample():
    total = torch.zeros(())

    def adds(x, t):
        t += 1
        return x * t

    e = explore(adds, x=(0.0, 1.0), t=total, plot="x").set(x=1.0)
    answered(e)
    xs, ys = np.array(e._plot._samples.pieces(0)[0]).T
    assert np.array_equal(xs, ys) and total == 0


def test_a_model_in_training_is_sampled_without_a_trace():
    model = torch.nn.Sequential(torch.nn.Linear(1, 3), torch.nn.BatchNorm1d(3))
    batch = torch.arange(6.0).reshape(6, 1)
    e = explore(lambda s: (model(batch * s) ** 2).sum(), s=(0.5, 2.0), plot="s")
    answered(e)
    assert e.plot_data["value"]["d"] and model[1].num_batches_tracked == 0


def test_the_gradients_of_a_model_are_left_alone():
    layer = torch.nn.Linear(1, 1)
    e = explore(lambda x: layer(x).sum(), x=[1.0], plot="x[0]").plot("x[0]", derivative=True, steps=3)
    answered(e)
    assert layer.weight.grad is None and e.plot_data["value"]["d"]


def test_an_interrupt_ends_the_sampling_and_the_widget_lives():
    stop = []

    def f(x):
        if stop:
            raise KeyboardInterrupt
        return x * 1

    e = explore(f, x=(0.0, 2.0))
    stop.append(1)
    e.plot("x")
    assert e.plot_data["done"] and e.plot_data["notes"] == ["interrupted"]
    stop.clear()
    assert e.set(x=2.0).state["output"] == "2"


# ---- arguments ----

BAD = [
    ("q", {}, "no input q", "没有输入q"),
    ("t", {}, "no slider", "没有取实数值的滑块"),
    ("n", {}, "no slider", "没有取实数值的滑块"),
    ("v", {}, r"v\[0\], v\[1\]", r"v\[0\], v\[1\]"),
    (("w", "v[0]", "v[1]"), {}, "one or two", "一个或两个"),
    (("w", "w"), {}, "one or two", "一个或两个"),
    ((), {}, "one or two", "一个或两个"),
    (3, {}, "one or two", "一个或两个"),
    (([1],), {}, "one or two", "一个或两个"),
    ("w", {"log": "w"}, "above 0", "大于0"),
    ("w", {"log": "b"}, "logarithmic for w, output", "w, output"),
    ("w", {"steps": 1000}, "0 to 200", "0到200"),
    ("w", {"lr": -1.0}, "positive", "正数"),
]


@pytest.mark.parametrize(("names", "more", "english", "chinese"), BAD)
def test_what_cannot_be_plotted_is_named_in_both_languages(names, more, english, chinese):
    def f(w, v, n, t):
        return w * v.sum() * n * t

    given = {"w": (-5.0, 5.0), "v": [1.0, 2.0], "n": range(1, 5), "t": torch.tensor(2.0)}

    def plotted():
        if more:
            return explore(f, **given).plot(names, **more)
        return explore(f, **given, plot=names)

    for used, words in (("en", english), ("zh", chinese)):
        language.use(used)
        with pytest.raises(ValueError, match=words):
            plotted()


# ---- the static picture ----


@pytest.mark.parametrize("names", [("w",), ("w", "b")])
def test_the_static_picture_holds_graph_and_plot_in_plain_attributes(names):
    def picture():
        e = explore(loss, w=(-5.0, 5.0), b=2.0).set(w=4.0).plot(*names, steps=3, lr=0.02)
        return e._repr_mimebundle_()[0]["image/svg+xml"]

    svg = picture()
    root = ElementTree.fromstring(svg)
    assert {element.tag.split("}")[1] for element in root.iter()} <= ALLOWED
    assert not any({"id", "style", "class"} & set(element.attrib) for element in root.iter())
    assert (
        "PowBackward0" in svg and "∂loss/∂w = 12" in svg and "http" not in svg.replace("http://www.w3.org/2000/svg", "")
    )
    assert svg == picture()
    assert float(root.attrib["height"]) > 400


@pytest.mark.parametrize("names", [("x",), ("x", "y")])
def test_an_f_that_fails_at_the_start_has_a_picture_with_what_can_be_drawn(names):
    def broken(x, y):
        if x > 0.5:
            raise ValueError("no")
        return x * y

    e = explore(broken, x=(-1.0, 3.0), y=1.0, plot=names)
    svg = e._repr_mimebundle_()[0]["image/svg+xml"]
    assert "ValueError" in svg and "there is a gap" in svg
    ElementTree.fromstring(svg)
    refused = explore(lambda x, y: torch.stack([x, y]), x=1.0, y=2.0, plot=names)
    assert "shape (2,)" in refused._repr_mimebundle_()[0]["image/svg+xml"]


def placed_texts(e):
    """Of each text of a static picture: its words, and how far down it is within its own group, its group and it."""
    root = ElementTree.fromstring(e._repr_mimebundle_()[0]["image/svg+xml"])
    found = {}
    for group in root.iter("{http://www.w3.org/2000/svg}g"):
        down = re.search(r" ([\d.]+)\)", group.attrib.get("transform", ""))
        for text in group.findall("{http://www.w3.org/2000/svg}text"):
            found["".join(text.itertext())] = float(text.attrib["y"]), float(down[1]) if down else 0.0
    return found


def test_the_static_picture_has_the_name_of_a_curve_above_its_frame():
    e = explore(lambda w, x: (torch.tanh(w * x)) ** 2, w=(-5.0, 5.0), x=1.5).plot("w", derivative=True)
    found = placed_texts(e)
    assert found["f"][0] == found["∂f/∂w"][0] == -7
    assert found["f"][1] - 7 - 12 > 25 + 4  # below the caption
    assert found["∂f/∂w"][1] - found["f"][1] == 240 + 28


LONG = {"learning_rate_of_the_outer_loop": (0.1, 3.0), "another_rather_long_parameter_name_with_a_tail": (-3.0, 7.0)}


def a_function_whose_name_is_longer_than_any_line_of_a_picture_has_room_for(
    learning_rate_of_the_outer_loop, another_rather_long_parameter_name_with_a_tail
):
    return (learning_rate_of_the_outer_loop * another_rather_long_parameter_name_with_a_tail) ** 2


@pytest.mark.parametrize("names", [list(LONG)[:1], list(LONG)])
def test_long_names_are_shortened_in_the_static_picture_and_no_number_is_lost(names):
    e = explore(a_function_whose_name_is_longer_than_any_line_of_a_picture_has_room_for, **LONG).plot(*names)
    found = [each for each in placed_texts(e) if "_" in each]
    svg = e._repr_mimebundle_()[0]["image/svg+xml"]
    caption = [line for line in re.findall(r'font-weight="600"><tspan.*?</text>', svg)]
    lines = [re.sub("<.*?>", "", line.partition(">")[2]) for line in caption]
    assert found and max(map(len, found)) <= 80 and max(map(len, lines)) <= 75 // len(names) ** 0.5
    assert all(f" = {number(each)}" in "".join(lines) for each in [e.state["point"]["y"], *e.state["point"]["slopes"]])


def test_a_picture_without_a_plot_is_as_it_was():
    e = explore(loss, w=(-5.0, 5.0), b=2.0)
    assert e._repr_mimebundle_()[0]["image/svg+xml"] == e.picture()


def test_what_travels_is_json_without_nan_even_where_f_fails():
    def broken(x):
        if x > 1:
            raise ValueError("no")
        return torch.log(x)

    e = explore(broken, x=(-2.0, 2.0), plot="x").plot("x", derivative=True, steps=5)
    for x in (-1.0, 0.0, 0.5, 1.5):
        answered(e.set(x=x))
        json.dumps([e.plot_data, e.state, e.plot_choice], allow_nan=False)
        ElementTree.fromstring(e._repr_mimebundle_()[0]["image/svg+xml"])


@pytest.mark.parametrize(("gradient", "name"), [(None, "squares"), ("v", "(v·squares)"), ([1.0, 2.0], "(v·squares)")])
def test_the_switch_of_the_logarithmic_axis_names_what_is_plotted(gradient, name):
    def squares(x):
        return x * x if gradient is not None else (x * x).sum()

    widget = explore(squares, x=[1.0, 2.0], **({} if gradient is None else {"gradient": gradient}))
    assert widget.labels["plot"]["value"] == name
    widget.plot("x[0]")
    assert widget.plot_data["name"] == name


def contour_numbers(f):
    frame, points = Frame.of((Axis("a", -5.0, 5.0), Axis("b", -5.0, 5.0)), 360), np.linspace(-5, 5, 61)
    drawn_field = field(f(*np.meshgrid(points, points)), frame)
    return drawn_field.levels, [float(text) for *_, text in drawn_field.labels]


@pytest.mark.parametrize("scale", [2e-6, 1.0, 3e4])
@pytest.mark.parametrize("f", [lambda a, b: a * a + b * b, lambda a, b: -(a * a) - 3 * b * b])
def test_the_levels_of_a_bowl_have_one_digit_and_those_with_a_number_are_1_2_and_5(f, scale):
    levels, numbers = contour_numbers(lambda a, b: scale * f(a, b))
    assert 7 <= len(levels) <= 11 and {f"{abs(level):e}"[:8] for level in levels} <= {f"{d}.000000" for d in "12357"}
    assert len(numbers) >= 3 and {f"{abs(x):e}"[0] for x in numbers} <= set("125")


@pytest.mark.parametrize(
    "f", [np.hypot, lambda a, b: a + b, lambda a, b: a * b, lambda a, b: a * a + b * b - 20, lambda a, b: 1000 + a]
)
def test_the_levels_of_a_cone_a_plane_and_a_saddle_are_evenly_spaced_round_numbers(f):
    levels, numbers = contour_numbers(f)
    (step,) = set(np.round(np.diff(levels), 9))
    assert step in (0.5, 1, 2, 5, 10) and all(level % step == 0 for level in levels)
    assert 6 <= len(levels) <= 14 and numbers and all(number % (2 * step) == 0 for number in numbers)


def test_a_pole_does_not_use_up_the_levels_of_what_lies_around_it():
    levels, _ = contour_numbers(lambda a, b: np.where(np.hypot(a, b) < 0.2, 1e12, a + b))
    assert 6 <= len(levels) <= 14 and max(levels) < 20
