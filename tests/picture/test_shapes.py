"""shapes: the drawing primitives that Python paints as static SVG and the page as elements."""

import re
from importlib import import_module
from pathlib import Path

import pytest

import seeing_gradients
from seeing_gradients import record
from seeing_gradients.picture import painting, shapes
from seeing_gradients.picture.charts import Axis, Frame, axes
from seeing_gradients.picture.scene import scene, texts
from seeing_gradients.picture.shapes import paint, paint_shape, tidy
from seeing_gradients.widgets.bundles import load_style

WIDGETS = Path(seeing_gradients.__file__).parent / "widgets"
INK = {"fill": "red", "stroke_width": 2}


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        (["a", "path", "M0,0h5"], '<path d="M0,0h5" fill="red" stroke-width="2"/>'),
        (["a", "circle", 0, 12.25, 6.5], '<circle cx="0" cy="12.25" r="6.5" fill="red" stroke-width="2"/>'),
        (["a", "rect", 0, 0, 40, 20, 0], '<rect width="40" height="20" fill="red" stroke-width="2"/>'),
        (["a", "rect", 1, 2, 40, 20, 3], '<rect x="1" y="2" width="40" height="20" rx="3" fill="red" stroke-width="2"/>'),
        (["a", "text", 0, 8, "end", "x < 1"], '<text x="0" y="8" fill="red" stroke-width="2" text-anchor="end">x &lt; 1</text>'),
    ],
)  # fmt: skip
def test_a_shape_is_painted_with_the_attributes_of_its_class(shape, text):
    assert paint_shape(shape, INK) == text == paint([shape], {"a": INK})


def test_a_class_without_a_look_is_refused():
    with pytest.raises(KeyError):
        paint([["a", "path", "M0,0"]], {"b": INK})


def test_a_number_is_as_short_as_its_tenths_allow():
    assert [str(tidy(x)) for x in (12.0, 12.04, 12.06, -0.0, 166.5)] == ["12", "12", "12.1", "0", "166.5"]


def test_the_page_paints_the_same_kinds_of_shapes():
    page = (WIDGETS / "page/shapes.js").read_text(encoding="utf-8")
    assert set(re.findall(r'case "(\w+)"', page)) == set(shapes._GEOMETRY)


@pytest.mark.parametrize("name", ["descend", "secant"])
def test_every_class_that_is_painted_has_its_look_in_the_page_too(name):
    styles = import_module(f"seeing_gradients.widgets.{name}.picture")._STYLES
    assert len(styles) > 8 and all(f".sg-{each} " in load_style(name) for each in styles)


def test_axes_are_a_frame_with_a_number_beside_each_tick():
    frame = Frame((Axis("w", 0.0, 10.0), Axis("b", -1.0, 1.0)), 200, 100)
    outline, *rest = axes(frame, spacing=(100, 50), distance=(18, 9))
    assert outline == ["frame", "rect", 0, 0, 200, 100, 0]
    ticks, numbers = rest[::2], rest[1::2]
    assert ticks[:3] == [["tick", "path", f"M{x},100v5"] for x in (0.0, 100.0, 200.0)]
    assert numbers[:3] == [
        ["number", "text", x, 118, "middle", text] for x, text in ((0, "0"), (100, "5"), (200, "10"))
    ]
    assert ticks[3:] == [["tick", "path", f"M0,{y}h-5"] for y in (100.0, 50.0, 0.0)]
    assert numbers[3:] == [["number", "text", -9, y, "end", text] for y, text in ((104, "-1"), (54, "0"), (4, "1"))]


@pytest.mark.parametrize("log", [False, True])
def test_the_scale_that_is_sent_places_values_as_the_axis_does(log):
    axis = Axis("w", 0.5, 200.0, log=log)
    offset, rate = axis.scale
    for x in (0.5, 3.0, 200.0):
        assert offset + rate * float(axis.scaled(x)) == pytest.approx(float(axis.share(x)), abs=1e-12)


@pytest.mark.parametrize("w", [2.0, 2.123456e-9])
def test_the_ground_of_a_label_is_as_wide_as_the_scene_tells_the_page(w):
    r = record(lambda w: w.sin() * w, w=w)
    plan = scene(r)
    words, (offset, rate) = texts(r, plan), plan["label"]["scale"]
    labelled = [(edge["slot"], flow) for edge, flow in zip(plan["edges"], words["flows"], strict=True) if edge["slot"]]
    widths = [min(slot[2], offset + rate * len(f"← {flow}")) for slot, flow in labelled]
    drawn = re.findall(r'<rect x="[-\d.]+" y="-8.5" width="([\d.]+)" height="17"', painting.paint(plan, words))
    assert sorted(map(float, drawn)) == sorted(widths) and len(widths) > 1
