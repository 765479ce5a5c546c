"""secant without a browser: its quotients follow the formula in each precision; its errors are those for a sine."""

import json
import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest
import torch

from helpers import language, secant

from .checks import drawn


@pytest.fixture(autouse=True)
def english():
    language.use("en")
    yield
    language.use("en")


def square(x):
    return 3 * x**2 - 4 * x


def row(widget, name):
    return dict(widget.shown["rows"])[name]


@pytest.mark.parametrize("h", [0.1, 0.01, 0.001, 1e-4, 1e-5, 1e-15, 1e-16])
def test_a_one_sided_quotient_is_that_of_python_floats(h):
    widget = secant(square, 1.0, h=h, kind="one-sided")
    f = lambda x: 3 * x**2 - 4 * x
    assert float(row(widget, "quotient")) == (f(1.0 + h) - f(1.0)) / h


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("h", [0.5, 1e-3, 1e-7])
def test_every_operation_is_done_in_the_chosen_precision(kind, h):
    widget = secant(lambda x: x * x, 1.3, h=h, precision=kind.__name__)
    x, step = kind(1.3), kind(h)
    a, b = x + step, x - step
    assert float(row(widget, "quotient")) == pytest.approx(float((a * a - b * b) / (kind(2) * step)), rel=1e-7)


@pytest.mark.parametrize(("precision", "h", "error"), [("float32", 10**-3.25, 6.9e-7), ("float64", 10**-5.25, 3.8e-13)])
def test_at_the_best_of_four_steps_a_decade_the_error_is_what_a_sine_gives(precision, h, error):
    widget = secant(torch.sin, 1.0, h=h, precision=precision)
    quotient = float(row(widget, "quotient"))
    assert abs(quotient - math.cos(1)) < 10 * error
    assert float(row(widget, "error")) == pytest.approx(abs(quotient - math.cos(1)), rel=0.02)
    assert float(row(widget, "autograd")) == pytest.approx(math.cos(1), rel=1e-15)


def test_the_secant_goes_through_its_points_with_the_slope_of_the_quotient():
    widget = secant(torch.sin, 1.0, h=0.5)
    marks, _ = widget.shown["marks"]
    (x1, y1, _), (x2, y2, _) = drawn(marks, "point")
    line = [tuple(map(float, pair)) for pair in re.findall(r"([-\d.]+),([-\d.]+)", *drawn(marks, "secant-line"))]
    (u1, v1), (u2, v2) = line
    assert (y2 - y1) / (x2 - x1) == pytest.approx((v2 - v1) / (u2 - u1), rel=0.01)


def test_the_error_has_the_shape_of_a_v():
    widget = secant(torch.sin, 1.0)
    errors = [
        abs(float(row(w, "quotient")) - math.cos(1)) for w in (secant(torch.sin, 1.0, h=h) for h in (1, 1e-5, 1e-14))
    ]
    assert errors[0] > errors[1] < errors[2]
    heights = [float(y) for y in re.findall(r",([-\d.]+)", *drawn(widget.shown["marks"][1], "error-line"))]
    assert 0 < heights.index(max(heights)) < len(heights) - 1  # y grows downwards


def test_a_step_lost_in_rounding_is_told():
    assert "lost in rounding" in secant(torch.sin, 1.0, h=1e-16, kind="one-sided").shown["note"]
    assert "lost" in secant(torch.sin, 1.0, h=1e-8, precision="float32").shown["note"]


def test_moves_from_the_page_are_kept_inside_and_the_same_move_gives_the_same_view():
    widget = secant(torch.sin, 1.0, h=0.1)
    before = widget.shown
    widget.set_state({"h": 5.0})
    assert widget.h == 1.0
    widget.set_state({"h": -1.0})
    assert widget.h == 1e-16
    widget.h = 0.1
    assert widget.shown == before


def test_where_the_quotient_is_not_finite_it_says_so_and_the_next_good_step_recovers():
    widget = secant(torch.log, 0.5, h=1.0)
    json.dumps({"shown": widget.shown, "spec": widget.spec}, allow_nan=False)
    assert "not finite" in widget.shown["note"] and drawn(widget.shown["marks"][1], "point") == []
    widget.h = 0.01
    assert widget.shown["note"] == "" and drawn(widget.shown["marks"][1], "point")


BAD = {
    "no function": (TypeError, (3.0,), {}, "received float"),
    "x infinite": (ValueError, (torch.sin, math.inf), {}, "x must be a finite number"),
    "h no number": (ValueError, (torch.sin,), {"h": "small"}, "h must be"),
    "unknown precision": (ValueError, (torch.sin,), {"precision": "float16"}, "'float32', 'float64'"),
    "unknown kind": (ValueError, (torch.sin,), {"kind": "left"}, "'central', 'one-sided'"),
    "f without a graph": (ValueError, (lambda x: x.detach(),), {}, "cannot be differentiated at x = 1"),
    "f that returns a float": (ValueError, (lambda x: 1.0,), {}, "cannot be differentiated"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_argument_is_refused_by_name(case):
    error, args, kwargs, said = BAD[case]
    with pytest.raises(error, match=said):
        secant(*args, **kwargs)


@pytest.mark.parametrize("chosen", ["en", "zh"])
def test_the_bundle_carries_a_picture_that_github_keeps(chosen):
    language.use(chosen)
    bundle, _ = secant(torch.sin, 1.0)._repr_mimebundle_()
    root = ElementTree.fromstring(bundle["image/svg+xml"])
    tags = {element.tag.split("}")[1] for element in root.iter()}
    assert tags <= {"svg", "title", "g", "path", "rect", "circle", "text"}
    assert not any({"id", "style", "class"} & set(element.attrib) for element in root.iter())
    assert ("误差" in bundle["text/plain"]) == (chosen == "zh")
