"""layout: boxes never overlap, links run left to right past the boxes, numbers read alike everywhere."""

import json
import math
from itertools import combinations, pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import record
from seeing_gradients.picture import theme
from seeing_gradients.picture.bundles import bundle
from seeing_gradients.picture.coordinates import spread
from seeing_gradients.picture.folding import fold
from seeing_gradients.picture.labels import compact, full, listing, number, symbol
from seeing_gradients.picture.layout import Link, arrange
from seeing_gradients.picture.scene import fitting_scene, round_all, scene, texts, topology
from seeing_gradients.picture.wrapped_rows import arrange_wrapped
from seeing_gradients.recorder import snapshot


@st.composite
def graphs(draw):
    """Boxes of any size, links from earlier to later ones, some with labels."""
    sizes = st.tuples(st.integers(20, 200), st.integers(20, 90))
    boxes = draw(st.lists(sizes, min_size=1, max_size=24))
    links = []
    for dst in range(1, len(boxes)):
        for src in draw(st.lists(st.integers(0, dst - 1), max_size=4)):
            links.append(Link(src, dst, draw(st.sampled_from([None, (66, 17), (136, 17)]))))
    return boxes, links


def rectangles(plan, boxes):
    return [(x, y, x + w, y + h) for (x, y), (w, h) in zip(plan.corners, boxes, strict=True)]


def label_boxes(plan, links):
    for centre, link in zip(plan.labels, links, strict=True):
        if centre:
            (x, y), (w, h) = centre, link.label
            yield (x - w / 2, y - h / 2, x + w / 2, y + h / 2)


def overlap(a, b):
    return min(a[2], b[2]) - max(a[0], b[0]) > 1e-6 and min(a[3], b[3]) - max(a[1], b[1]) > 1e-6


def paths(plan):
    """The points of each link: a list of pieces, each a list of (x, y)."""
    points = ((x, y) for x, y in plan.points.tolist())
    return [[[next(points) for _ in range(length)] for length in pieces] for pieces in plan.lengths]


def points_of(piece):
    """Some points along a line or a cubic curve."""
    for t in (i / 12 for i in range(13)):
        if len(piece) == 2:
            yield tuple((1 - t) * a + t * b for a, b in zip(*piece, strict=True))
        else:
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            yield tuple(sum(w * p[k] for w, p in zip(weights, piece, strict=True)) for k in (0, 1))


@given(graphs())
def test_no_two_boxes_overlap(graph):
    boxes, links = graph
    placed = rectangles(arrange(boxes, links), boxes)
    assert not any(overlap(a, b) for a, b in combinations(placed, 2))


@given(graphs())
def test_no_label_touches_a_box_or_another_label(graph):
    boxes, links = graph
    plan = arrange(boxes, links)
    labels = list(label_boxes(plan, links))
    assert not any(overlap(a, b) for a, b in combinations(labels, 2))
    assert not any(overlap(a, b) for a in labels for b in rectangles(plan, boxes))


@given(graphs())
def test_every_link_runs_left_to_right_and_through_no_box(graph):
    boxes, links = graph
    plan = arrange(boxes, links)
    placed = rectangles(plan, boxes)
    for link, pieces in zip(links, paths(plan), strict=True):
        points = [point for piece in pieces for point in points_of(piece)]
        assert all(x1 >= x0 - 1e-6 for (x0, _), (x1, _) in pairwise(points))
        x, y = points[-1]
        left, top, _, bottom = placed[link.dst]
        assert x == pytest.approx(left) and top <= y <= bottom
        for left, top, right, bottom in placed:
            assert not any(left + 1e-6 < x < right - 1e-6 and top < y < bottom for x, y in points)


@given(graphs())
def test_each_piece_of_a_link_begins_where_the_one_before_it_ends(graph):
    assert all(one[-1] == other[0] for pieces in paths(arrange(*graph)) for one, other in pairwise(pieces))


@given(graphs())
def test_each_link_starts_at_its_source_or_on_the_trunk_of_that_source(graph):
    boxes, links = graph
    plan = arrange(boxes, links)
    placed = rectangles(plan, boxes)
    drawn = {}
    for link, pieces in zip(links, paths(plan), strict=True):
        start = pieces[0][0]
        assert start[0] == pytest.approx(placed[link.src][2]) or start in drawn[link.src]
        drawn.setdefault(link.src, set()).update(point for piece in pieces for point in piece)


@given(graphs())
def test_everything_lies_within_the_given_size(graph):
    boxes, links = graph
    plan = arrange(boxes, links)
    for x0, y0, x1, y1 in [*rectangles(plan, boxes), *label_boxes(plan, links)]:
        assert -1e-6 <= x0 and x1 <= plan.width + 1e-6 and -1e-6 <= y0 and y1 <= plan.height + 1e-6


@given(graphs())
def test_the_same_graph_gives_the_same_picture(graph):
    one, other = (vars(arrange(*graph)) for _ in range(2))
    assert one.pop("points").tolist() == other.pop("points").tolist() and one == other


WIDTH = 600


def wrapped(graph):
    boxes, links = graph
    return arrange_wrapped(boxes, links, (), None, WIDTH, 20)


@given(graphs())
def test_in_rows_no_two_boxes_and_no_label_and_box_overlap(graph):
    boxes, links = graph
    plan = wrapped(graph)
    placed = rectangles(plan, boxes)
    labels = list(label_boxes(plan, links))
    assert not any(overlap(a, b) for a, b in combinations([*placed, *labels], 2))
    for x0, y0, x1, y1 in [*placed, *labels]:
        assert -1e-6 <= x0 and x1 <= plan.width + 1e-6 and -1e-6 <= y0 and y1 <= plan.height + 1e-6


@given(graphs())
def test_a_row_is_wider_than_asked_only_if_a_column_and_its_links_are(graph):
    widest = max(w for w, _ in graph[0])
    most = widest + 2 * (18 + 136 + 32 + 40 + 36)  # a connector, a label and the space for steep and double links
    assert wrapped(graph).width <= max(WIDTH, most)


@given(graphs())
def test_a_broken_link_ends_and_goes_on_at_connectors_with_one_number(graph):
    boxes, links = graph
    plan = wrapped(graph)
    rows = plan.row_of or [0] * len(boxes)
    numbers = {}
    for connector in plan.connectors:
        numbers.setdefault(connector.number, set()).add((connector.src, connector.is_exit))
    for ends in numbers.values():
        assert len({src for src, _ in ends}) == 1 and {is_exit for _, is_exit in ends} == {True, False}
    centres = [(connector.x, connector.y) for connector in plan.connectors]
    for link, pieces in zip(links, paths(plan), strict=True):
        breaks = [(one[-1], other[0]) for one, other in pairwise(pieces) if one[-1] != other[0]]
        assert len(breaks) <= (rows[link.src] != rows[link.dst])
        for (x0, y0), (x1, y1) in breaks:  # at the left and right side of circles with a radius of 9 px
            assert any(abs(x0 + 9 - x) < 0.1 and abs(y0 - y) < 4 for x, y in centres)
            assert any(abs(x1 - 9 - x) < 0.1 and abs(y1 - y) < 4 for x, y in centres)


@given(graphs())
def test_a_link_in_rows_ends_at_its_box(graph):
    boxes, links = graph
    plan = wrapped(graph)
    placed = rectangles(plan, boxes)
    for link, pieces in zip(links, paths(plan), strict=True):
        x, y = pieces[-1][-1]
        left, top, _, bottom = placed[link.dst]
        assert x == pytest.approx(left) and top <= y <= bottom


@given(graphs())
def test_a_layout_that_runs_down_is_the_same_one_with_x_and_y_exchanged(graph):
    plan = arrange(*graph)
    down = plan.transposed()
    assert down.corners == [(y, x) for x, y in plan.corners] and (down.width, down.height) == (plan.height, plan.width)
    assert down.points.tolist() == plan.points[:, ::-1].tolist()
    assert down.transposed().labels == plan.labels


def test_a_leaf_stands_in_the_row_of_its_first_use():
    chain = [Link(i, i + 1) for i in range(7)]
    boxes = [(122.0, 46.0)] * 8 + [(40.0, 26.0)] * 7
    links = [*chain, *[Link(8 + i, 1 + i) for i in range(7)]]
    plan = arrange_wrapped(boxes, links, range(8, 15), None, WIDTH, 20)
    assert max(plan.row_of) >= 1
    assert [plan.row_of[8 + i] for i in range(7)] == plan.row_of[1:8]
    assert len(plan.connectors) == 2 * max(plan.row_of)


def test_links_that_are_cut_have_a_connector_of_their_own():
    links = [*[Link(i, i + 1) for i in range(5)], Link(0, 5, None, True), Link(0, 4)]
    plan = arrange_wrapped([(122.0, 46.0)] * 6, links, (), None, 330, 20)
    assert len({connector.number for connector in plan.connectors if connector.src == 0}) == 2


def test_a_long_chain_needs_no_recursion_and_stays_level():
    plan = arrange([(100, 50)] * 3_000, [Link(i, i + 1) for i in range(2_999)])
    assert {y for _, y in plan.corners} == {0.0}


def test_a_parameter_used_at_every_step_does_not_swell_the_picture():
    links = [Link(i, i + 1) for i in range(1, 1_999)] + [Link(0, i) for i in range(1, 2_000)]
    plan = arrange([(100, 50)] * 2_000, links)
    assert sum(len(pieces) for pieces in paths(plan)) < 10 * len(links)


@pytest.mark.parametrize("steps", [30, 1_500])
def test_a_recurrent_net_stays_level_however_long(steps):
    def f(x, w, b):
        for _ in range(steps):
            x = (w * x + b).tanh()
        return x

    r = record(f, 0.3, 0.9, 0.1, max_ops=10 * steps, max_seconds=None)
    plan = scene(r)
    heights = [node["y"] for node in plan["nodes"] if node["op"] == "tanh"]
    assert plan["height"] < 400 and max(heights) - min(heights) < 100


def test_links_in_one_lane_share_it_instead_of_running_side_by_side():
    chain = [Link(i, i + 1) for i in range(1, 3_999)]
    plan = arrange([(100, 50)] * 4_000, [*chain, *[Link(0, i) for i in range(3, 4_000)]])
    lengths = [max(x for p in pieces for x, _ in p) - min(x for p in pieces for x, _ in p) for pieces in paths(plan)]
    assert sum(lengths) < 10 * plan.width


def test_two_links_between_the_same_boxes_show_beside_their_labels():
    boxes, link = [(122, 46), (122, 46)], Link(0, 1, (66, 17))
    (left, right), (begin, end) = arrange(boxes, [link]).gaps[0], arrange(boxes, [link, link]).gaps[0]
    assert end - begin >= right - left + 30


def test_many_long_links_go_through_lanes_below_the_graph():
    chain = [Link(i, i + 1, (66, 17)) for i in range(100, 399)]
    long_links = [Link(i, 399, (66, 17)) for i in range(100)]
    boxes = [(100, 50)] * 400
    plan = arrange(boxes, chain + long_links)
    lowest = max(y + 50 for _, y in plan.corners)
    assert sum(any(y > lowest for piece in pieces for _, y in piece) for pieces in paths(plan)) > 50


def test_a_cycle_is_refused():
    with pytest.raises(ValueError, match="cycle"):
        arrange([(10, 10)] * 2, [Link(0, 1), Link(1, 0)])


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=12))
def test_spread_keeps_distances_and_moves_nothing_that_fits(wanted):
    offsets = [10.0 * i for i in range(len(wanted))]
    placed = spread(wanted, offsets)
    assert all(b - a >= 10 - 1e-6 for a, b in pairwise(placed))
    assert sum(placed) == pytest.approx(sum(wanted), abs=1e-6)
    assert spread(placed, offsets) == pytest.approx(placed, abs=1e-6)


# ---- the scene of a record ----


def loss(w, b, x, y_true):
    y_pred = w * x + b
    error = y_pred - y_true
    return error**2


def recorded(w=4.0):
    return record(loss, w=w, b=2.0, x=torch.tensor(2.0), y_true=7.0)


def test_a_scene_is_plain_data_without_nan():
    plan = scene(recorded(float("inf")))
    assert json.loads(json.dumps(plan, allow_nan=False)) == plan


def test_a_value_never_moves_a_node():
    assert scene(recorded(4.0)) == scene(recorded(-123456.789))


def test_the_topology_is_the_same_for_other_numbers_and_differs_for_another_path():
    def doubled(a):
        return a * 2 if a > 0 else a * 2 * 100

    assert topology(recorded(4.0)) == topology(recorded(5.0))
    assert topology(record(doubled, a=1.0)) != topology(record(doubled, a=-1.0))


def test_texts_carry_the_numbers_of_pytorch():
    r = recorded()
    words = texts(r, scene(r))
    assert words["values"] == ["4", "2", "2", "7", "8", "10", "3", "2", "9"]
    assert [g for g in words["grads"] if g] == ["12", "6", "-6", "6", "6", "6", "1"]
    assert sorted(f for f in words["flows"] if f) == sorted(["12", "6", "6", "6", "-6", "6"])


def test_the_last_node_is_marked_as_the_output_and_leaves_stand_beside_their_use():
    plan = scene(recorded())
    assert [node["root"] for node in plan["nodes"]] == [False] * 8 + [True]
    b, mul = plan["nodes"][1], plan["nodes"][4]
    assert abs(b["x"] - mul["x"]) < mul["w"]


def test_a_transposed_weight_stands_beside_the_product_that_uses_it():
    def f(x, w):
        for _ in range(8):
            x = x.tanh()
        return x @ w.t()

    plan = scene(record(f, [[1.0, 2.0]], [[3.0, 4.0]], gradient=[[1.0]]))
    leaf, transpose, product = (
        next(n["x"] for n in plan["nodes"] if sign in (n["op"], n["name"])) for sign in ("w", "t", "mm")
    )
    assert 1_300 < leaf < transpose < product < leaf + 800


def test_a_label_is_printed_where_paths_meet_only():
    r = record(lambda x: (x.sin() + 1) * x, 2.0)
    printed = [(edge["src"], edge["slot"] is not None) for edge in scene(r)["edges"] if edge["kind"] == "flow"]
    assert printed == [(0, True), (1, False), (3, False), (0, True)]


def test_the_edges_of_a_node_with_several_outputs_have_labels_since_the_node_shows_all_gradients_together():
    def weighted(x):
        first, second = x.unbind()
        return first + 3 * second

    r = record(weighted, [1.0, 2.0])
    unbind = next(node.id for node in r.nodes if node.op == "unbind")
    edges = [edge for edge in scene(r)["edges"] if edge["src"] == unbind and edge["kind"] == "flow"]
    assert [edge["slot"] is not None for edge in edges] == [True, True]


def test_a_label_of_a_large_tensor_says_its_range_and_not_again_its_shape():
    r = record(lambda x: (x.sin() * x).sum(), torch.arange(100.0, requires_grad=True))
    plan = scene(r)
    written = texts(r, plan)["flows"]
    flows = [flow for flow, edge in zip(written, plan["edges"], strict=True) if edge["slot"]]
    assert len(flows) == 2 and all(" .. " in flow and "(100,)" not in flow for flow in flows)


@pytest.mark.parametrize("width", [240, 300, 360])
def test_where_a_page_is_narrower_than_any_row_the_narrower_direction_is_chosen(width):
    def deep(x, w):
        h = x
        for _ in range(20):
            h = torch.sigmoid(w * h)
        return h

    folded = bundle(fold(record(deep, x=1.0, w=1.0)))
    rows, down = scene(folded, "right", width)["width"], scene(folded, "down")["width"]
    assert down < rows and width < rows
    assert fitting_scene(folded, "auto", width, 360)["width"] == down


def test_auto_runs_to_the_right_where_that_fits_else_down_or_in_rows():
    def chain(x):
        for _ in range(7):
            x = x.sin()
        return x

    short, long = record(lambda x: x.sin().cos(), 1.0), record(chain, 1.0)
    assert fitting_scene(short, "auto", 600)["direction"] == "right"
    rows = fitting_scene(long, "auto", 600, height=360)
    assert rows["direction"] == "right" and rows["connectors"] and rows["width"] <= 600
    down = fitting_scene(long, "auto", 600, height=None)
    assert down["direction"] == "down" and not down["connectors"] and down["height"] > down["width"]
    assert fitting_scene(short, "down", 600)["direction"] == "down"


@pytest.mark.parametrize("width", [890, 590])
def test_a_scene_for_a_page_is_as_wide_as_the_page_at_most(width):
    def ridge(w, lam):
        residuals = (torch.ones(4, 2) @ w - torch.ones(4)) ** 2
        return residuals.mean() + lam * torch.dot(w, w)

    plan = fitting_scene(record(ridge, [1.0, 2.0], 0.5), "auto", width, 360)
    assert plan["width"] <= width
    assert all(0 <= n["x"] and n["x"] + n["w"] <= width for n in plan["nodes"])


def test_edges_that_run_down_begin_below_their_node_and_end_above_the_next():
    r = record(lambda x: x * x + x, 3.0)
    plan = scene(r, "down")
    for edge in plan["edges"]:
        src, dst = plan["nodes"][edge["src"]], plan["nodes"][edge["dst"]]
        assert src["y"] + src["h"] <= edge["pieces"][0][1] < edge["pieces"][-1][-1] <= dst["y"]
        assert edge["tip"] == edge["pieces"][-1][-2:] and edge["back"][0] == edge["pieces"][0][0]
    circle = next(shape for shape in plan["nodes"][0]["shapes"] if shape[:2] == ["sum", "circle"])
    assert circle[2] == plan["nodes"][0]["w"] / 2 and circle[3] > plan["nodes"][0]["h"]


def test_no_text_of_a_node_is_smaller_than_11_px():
    r = record(lambda x, w: torch.softmax(x @ w.t(), 0).log1p().mean(), [1.0, 2.0], [[1.0, 2.0], [3.0, 4.0]])
    sizes = {
        mark[3] for node in scene(r)["nodes"] for mark in [*node["marks"], ["", *node["value"][:2], node["value"][2]]]
    }
    assert min(sizes) >= 11


def test_a_sum_of_gradients_is_marked_where_paths_join():
    plan = scene(record(lambda x: x * x + x, 3.0))
    assert [bool(node["sum"]) for node in plan["nodes"]] == [True, False, False]


def test_a_node_s_shapes_are_its_outline_the_disc_of_an_operation_and_the_sign_of_a_sum():
    leaf, product, _ = scene(record(lambda x: x * x + x, 3.0))["nodes"]
    assert leaf["shapes"] == [
        ["outline", "rect", 0, 0, leaf["w"], leaf["h"], theme.LEAF_RADIUS],
        ["sum", "circle", leaf["w"], leaf["h"] / 2, 7],
        ["sum", "path", f"M{leaf['w'] - 3.5} {leaf['h'] / 2:g}h7M{leaf['w']} {leaf['h'] / 2 - 3.5}v7"],
    ]
    assert [shape[:2] for shape in product["shapes"]] == [["outline", "rect"], ["badge", "circle"]]


@pytest.mark.parametrize("cut", [[0], [1], [0, 1]])
def test_of_two_edges_between_the_same_nodes_the_mark_of_one_lies_beside_what_the_other_carries(cut):
    square = lambda x: (x * x) * x
    at = [edge.edge_key for edge in record(square, 3.0, cut=[]).edges]
    edges = scene(record(square, 3.0, cut=[at[i] for i in cut]))["edges"][:2]
    spans = [_span(edge["mark"] or _corners(*edge["slot"])) for edge in edges]
    (_, end), (start, _) = sorted(spans)
    assert start >= end


def _span(points):
    return min(points[1::2]), max(points[1::2])


def _corners(x, y, w, h):
    return x - w / 2, y - h / 2, x + w / 2, y + h / 2


def test_a_cut_edge_carries_a_mark_and_no_label():
    r = record(lambda x: (x * x).detach() * x, 3.0)
    plan = scene(r)
    cut = [edge for edge in plan["edges"] if edge["kind"] == "cut"]
    assert [bool(edge["mark"]) for edge in cut] == [True] and cut[0]["slot"] is None


@pytest.mark.parametrize("op", ["mul", "add_", "__getitem__", "linalg_vector_norm", "scaled_dot_product_attention"])
def test_a_symbol_is_short(op):
    assert 1 <= len(symbol(op)) <= 7


# ---- numbers ----


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (9.0, "9"), (-0.0, "0"), (12.282211303710938, "12.28"), (0.1, "0.1"), (0.14112000805994, "0.1411"), (2, "2"),
        (1999.67, "1999.7"), (153600.0, "153600"), (-102400.0, "-102400"), (12345.678, "12346"), (1e7, "1e7"),
        (1.5e-5, "1.5e-5"), (-1.23456e-7, "-1.235e-7"), (math.nan, "nan"), (math.inf, "inf"), (-math.inf, "-inf"),
        (True, "True"), (10**12, "1e12"), (1 + 2j, "1+2i"), (0.99999, "1"), (5e-324, "4.941e-324"),
    ],
)  # fmt: skip
def test_a_number_is_written_with_four_digits(x, text):
    assert number(x) == text


@given(st.floats(-1e308, 1e308))
def test_a_written_number_is_near_the_number(x):
    assert float(number(x)) == pytest.approx(x, rel=1e-3, abs=1e-320)


def test_one_and_true_are_written_differently_whichever_came_first():
    assert (number(1.0), number(True), number(1)) == ("1", "True", "1")


def test_a_small_tensor_is_written_whole_and_a_large_one_as_shape_and_range():
    assert compact(snapshot(torch.tensor([[1.0, 2.0], [3.0, 4.0]])), 20) == "[[1, 2], [3, 4]]"
    assert compact(snapshot(torch.arange(100.0)), 20) == "(100,) 0 .. 99"
    assert compact(None, 9) == "None"


def test_a_tensor_gets_as_many_digits_as_there_is_room_for():
    thirds = snapshot(torch.tensor([1 / 3, 2 / 3]))
    assert [compact(thirds, room) for room in (20, 14, 12, 5)] == [
        "[0.3333, 0.6667]",
        "[0.333, 0.667]",
        "[0.33, 0.67]",
        "(2,)",
    ]


def test_full_text_tells_what_the_short_one_leaves_out():
    assert full(snapshot(torch.tensor(math.pi, dtype=torch.float64))) == "3.14159265358979"
    assert listing([[1.0], [2.5]]) == "[[1], [2.5]]"


@settings(deadline=None, max_examples=30)
@given(st.floats(width=32), st.integers(1, 4))
def test_a_slot_is_never_left_empty(w, n):
    r = record(lambda w: (w * torch.ones(n)).sum(), w)
    words = texts(r, scene(r))
    assert all(words["values"])


@given(st.lists(st.one_of(st.floats(-1e6, 1e6), st.integers(-4000, 4000).map(lambda n: n / 40)), min_size=1))
def test_many_numbers_are_rounded_at_once_as_one_by_one(numbers):
    assert round_all(np.array(numbers)) == [round(x, 1) for x in numbers]


def test_positions_that_fit_come_back_as_they_are():
    wanted = [0.1, 20.7, 45.3]
    assert spread(wanted, [0.0, 10.0, 20.0], [0.05, 1.0, 4.0]) == wanted


def test_a_value_that_python_never_saw_is_a_question_mark_not_none():
    class Squared(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x**2

        @staticmethod
        def backward(ctx, grad):
            return grad

    squared = Squared.apply(torch.ones(2, requires_grad=True))  # before f, which never receives it
    r = record(lambda y: y.sum(), squared * 1)
    words = texts(r, scene(r))
    assert any(not any(node.values) for node in r.nodes) and "None" not in words["values"]


def test_a_residual_net_stays_level_however_many_layers():
    def net(layers):
        def f(x, w):
            for _ in range(layers):
                x = x + (x * w).tanh().sin().cos()
            return x

        return scene(record(f, 0.3, 0.9))["height"]

    assert net(120) < net(12) + 60
