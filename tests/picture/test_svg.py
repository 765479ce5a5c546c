"""svg: pictures that GitHub keeps, the same bytes for the same record, nothing lost in them."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
import torch

from helpers import draw, language, record
from seeing_gradients.picture import theme
from seeing_gradients.picture.labels import columns, wrap
from seeing_gradients.picture.painting import edge_curves, notice, paint
from seeing_gradients.picture.scene import scene, texts

ALLOWED = {"svg", "title", "g", "rect", "circle", "path", "text"}
FORBIDDEN = {"id", "class", "style", "href", "onclick", "onload"}


def loss(w, b, x, y_true):
    y_pred = w * x + b
    error = y_pred - y_true
    return error**2


def doubling(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


PICTURES = {
    "loss": lambda: draw(loss, w=4.0, b=2.0, x=torch.tensor(2.0), y_true=7.0),
    "long": lambda: draw(doubling, a=-1.5),
    "vector": lambda: draw(lambda x: torch.dot(x, x).detach() * x.sum(), [1.0, 2.0, 3.0]),
    "nan": lambda: draw(lambda x: torch.sqrt(x), -1.0),
    "large": lambda: draw(lambda x: (x * x).sum(), torch.arange(100.0, requires_grad=True)),
    "outputs": lambda: draw(lambda x: x.max(dim=0).values.sum(), [[1.0, 2.0], [3.0, 0.0]]),
}


@pytest.fixture(params=PICTURES)
def picture(request):
    return PICTURES[request.param]()


def elements(svg):
    return list(ElementTree.fromstring(svg).iter())


def places_of_texts(element, dx=0.0, dy=0.0):
    """Where the texts stand, whatever groups they are in."""
    if moved := element.get("transform"):
        x, y = map(float, re.findall(r"-?[\d.]+", moved))
        dx, dy = dx + x, dy + y
    if element.tag.endswith("}text"):
        yield float(element.get("x")) + dx, float(element.get("y")) + dy
    for child in element:
        yield from places_of_texts(child, dx, dy)


def test_a_picture_is_made_of_plain_elements_and_attributes_only(picture):
    for element in elements(picture.svg):
        assert element.tag.removeprefix("{http://www.w3.org/2000/svg}") in ALLOWED
        assert not FORBIDDEN & {name.lower() for name in element.attrib}


def test_a_picture_states_its_size_and_everything_lies_within(picture):
    root = ElementTree.fromstring(picture.svg)
    width, height = float(root.get("width")), float(root.get("height"))
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    for x, y in places_of_texts(root):
        assert 0 <= x <= width and 0 <= y <= height


def test_a_picture_needs_no_font_of_its_own(picture):
    texts = [element.text or "" for element in elements(picture.svg)]
    assert not re.search(r"[\u2e80-\uffef]", "".join(texts))


@pytest.mark.parametrize("name", PICTURES)
def test_the_same_record_gives_the_same_bytes(name):
    assert PICTURES[name]().svg == PICTURES[name]().svg


def test_every_value_and_gradient_of_pytorch_is_in_the_picture():
    w, b = (torch.tensor(v, requires_grad=True) for v in (4.0, 2.0))
    loss(w, b, torch.tensor(2.0), torch.tensor(7.0)).backward()
    written = [element.text for element in elements(PICTURES["loss"]().svg)]
    assert {f"← {w.grad:.0f}", f"← {b.grad:.0f}", "→ 10", "→ 9", "← 1", "MulBackward0", "y_pred"} <= set(written)


def test_a_long_chain_is_broken_into_rows_that_show_every_node_once():
    r = record(doubling, a=-1.5)
    written = [element.text for element in elements(draw(r, fold=False).svg)]
    assert written.count("MulBackward0") == sum(node.grad_fn == "MulBackward0" for node in r.nodes)
    assert float(ElementTree.fromstring(draw(r).svg).get("width")) <= theme.PICTURE_WIDTH


def test_where_a_row_is_broken_the_same_number_stands_at_both_ends():
    svg = draw(record(doubling, a=-1.5), fold=False).svg
    circles = [(float(e.get("cx")), float(e.get("cy"))) for e in elements(svg) if e.get("r") == "9"]
    assert len(circles) >= 4
    numbers = [e.text for e in elements(svg) if (e.text or "").isdigit() and e.get("font-size") == f"{theme.TICK_SIZE}"]
    assert len(numbers) == len(circles)
    assert all(numbers.count(number) >= 2 for number in numbers)


def test_static_pictures_print_gradients_on_edges_where_paths_meet_only():
    written = [e.text for e in elements(draw(lambda x: (x.sin() + 1) * x, 2.0).svg)]
    r = record(lambda x: (x.sin() + 1) * x, 2.0)
    on_edges = [edge.flow for edge in r.edges if edge.src == 0]
    for flow in on_edges:
        assert f"← {flow.numbers:.4g}" in written
    assert written.count("← 2") == 2  # in the nodes of sin and +, on no edge


def test_a_picture_runs_down_if_told_to_and_shows_the_same_numbers():
    right, down = (draw(doubling, a=-1.5, direction=direction, fold=False).svg for direction in ("right", "down"))
    of_nodes = [sorted(e.text for e in elements(svg) if (e.text or "")[:2] in ("→ ", "← ")) for svg in (right, down)]
    assert of_nodes[0] == of_nodes[1]
    width, height = (float(ElementTree.fromstring(down).get(name)) for name in ("width", "height"))
    assert height > 3 * width and "<circle" in right


def test_an_unknown_direction_is_refused_in_the_lesson_s_language():
    with pytest.raises(ValueError, match='direction must be "auto", "right" or "down"; received \'left\''):
        draw(loss, 4.0, 2.0, 2.0, 7.0, direction="left")
    language.use("zh")
    try:
        with pytest.raises(ValueError, match="direction应当是"):
            draw(loss, 4.0, 2.0, 2.0, 7.0, direction="up")
    finally:
        language.use("en")


def test_a_curve_written_in_steps_is_the_curve_of_the_scene():
    def f(x, w):
        for i in range(30):
            x = (w * x + x.sin() / (i + 1)).tanh() * w
        return x

    edges = scene(record(f, 0.3, 0.9))["edges"]
    for edge, text in zip(edges, edge_curves(edges), strict=True):
        start, curve = re.fullmatch(r"M(\S+ \S+?)([lc].*)", text).groups()
        x, y = map(float, start.split())
        assert [x, y] == edge["pieces"][0][:2]
        for piece, steps in zip(edge["pieces"], re.findall(r"[lc][^lc]+", curve), strict=True):
            numbers = [float(number) for number in steps[1:].split()]
            assert [x, y, *(number + (y if i % 2 else x) for i, number in enumerate(numbers))] == pytest.approx(piece)
            x, y = piece[-2:]


def test_an_edge_between_two_rows_is_drawn_in_both():
    r = record(lambda x: torch.stack([x, *[x.sin().cos().tanh().exp().sin()] * 2]).sin().cos().sum(), 0.5)
    plan = scene(r, width=600)
    curves = edge_curves(plan["edges"])
    broken = [
        (edge, curve)
        for edge, curve in zip(plan["edges"], curves, strict=True)
        if any(one[-2:] != other[:2] for one, other in pairwise(edge["pieces"]))
    ]
    assert broken
    for edge, curve in broken:
        assert curve.count("M") == 2
        for piece in edge["pieces"]:
            assert f"M{piece[0]:g} {piece[1]:g}" in curve or f"{piece[-2]:g} {piece[-1]:g}" in curve
    assert "<path" in paint(plan, texts(r, plan))


def test_the_text_beside_the_picture_is_a_table_in_the_lesson_s_language():
    assert repr(PICTURES["loss"]()).splitlines()[:3] == [
        "loss(w, b, x, y_true) = 9",
        "node          value  gradient",
        "w             4      12",
    ]
    language.use("zh")
    try:
        assert "梯度" in PICTURES["loss"]().text
    finally:
        language.use("en")


def test_the_notebook_receives_picture_and_text():
    bundle = PICTURES["loss"]()._repr_mimebundle_()
    assert set(bundle) == {"image/svg+xml", "text/plain"}


def test_a_picture_can_be_written_to_a_file(tmp_path):
    picture = draw(loss, 4.0, 2.0, 2.0, 7.0, path=tmp_path / "loss.svg")
    assert (tmp_path / "loss.svg").read_text(encoding="utf-8") == picture.svg


def test_draw_refuses_what_it_cannot_record():
    with pytest.raises(TypeError, match="received int"):
        draw(3)
    with pytest.raises(TypeError, match="draw\\(record\\)"):
        draw(record(loss, 4.0, 2.0, 2.0, 7.0), w=4.0)


@pytest.mark.parametrize(
    ("f", "inputs", "legend"),
    [
        (lambda x: x * x, "x", ["→ v", "← ∂y/∂v"]),
        (lambda w, y: w * y, "wy", ["→ v", "← ∂z/∂v"]),
        (lambda v, z: v + z, "vz", ["→ u", "← ∂y/∂u"]),
    ],
)
def test_the_legend_calls_neither_a_value_nor_the_output_by_the_name_of_an_input(f, inputs, legend):
    svg = draw(f, **dict.fromkeys(inputs, 2.0)).svg
    assert [e.text for e in elements(svg) if e.tag.endswith("text")][-2:] == legend


def test_names_are_escaped():
    def f(x):
        return x * 2

    f.__name__ = "<script>&"
    assert "<script>" not in draw(f, 1.0).svg


def test_a_notice_is_an_svg_with_the_whole_sentence():
    sentence = "f raised ZeroDivisionError: division by zero, " * 4
    written = " ".join(e.text for e in elements(notice(sentence)) if e.tag.endswith("text"))
    assert written.split() == sentence.split()


def test_columns_count_a_chinese_character_as_two():
    assert columns([["输入", "a"], ["w", "b"]]) == ["输入  a", "w     b"]
    assert wrap("反向传播会把梯度传回去", 10) == ["反向传播会", "把梯度传回", "去"]
