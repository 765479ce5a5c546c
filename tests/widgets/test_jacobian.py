"""v on sliders and the Jacobian that it weighs, against torch.autograd.functional.jacobian."""

import math
import time

import pytest
import torch

from helpers import explore, language
from seeing_gradients.picture.labels import number
from seeing_gradients.widgets.explore import control
from seeing_gradients.widgets.explore.controls import v_range

from .checks import checked


def f(x):
    return torch.stack([x[0] * x[1], x[0] ** 2, x[1] + 3 * x[0]])


def told(numbers):
    return [[number(x) for x in row] for row in numbers]


def test_the_rows_are_those_of_pytorch_and_their_weighted_sum_is_what_backward_gave():
    e = explore(f, x=[1.0, 2.0], gradient={"v": [1.0, 10.0, 100.0]})
    for x in ([1.0, 2.0], [-3.0, 0.5]):
        e.set(x=x)
        truth = torch.autograd.functional.jacobian(f, torch.tensor(x))
        shown = e.state["jacobian"]
        assert shown["cells"] == told(truth.tolist()) and shown["same"] is True
        assert shown["sum"] == shown["grads"] == told([(torch.tensor([1.0, 10.0, 100.0]) @ truth).tolist()])[0]
        assert e.state["gradients"][:2] == shown["grads"]
    assert shown["rows"] == ["f[0]", "f[1]", "f[2]"] and shown["columns"] == ["x[0]", "x[1]"]


def test_v_has_a_slider_for_each_output_and_starts_at_ones():
    e = explore(f, x=[1.0, 2.0], gradient="v")
    assert e.position == {"x": [1.0, 2.0], "v": [1.0, 1.0, 1.0]}
    assert e.state["gradients"] == ["7", "2", "-", "-", "-"] and e.state["call"] == "f(x=[1, 2])"
    assert [sign for _, sign in checked(e)] == ["=", "=", "", "", ""]
    e.set(v=[0.0, 1.0, 0.0])
    assert e.state["gradients"][:2] == ["2", "0"] and e.state["jacobian"]["lights"] == [0.0, 1.0, 0.0]


def test_moving_v_runs_f_once_and_computes_no_row_again():
    calls = []

    def counted(x):
        calls.append(1)
        return x * x

    e = explore(counted, x=[1.0, 2.0], gradient="v", ahead=False)
    e._do_check = lambda: None
    before = len(calls)
    e.set(v=[3.0, 1.0])
    assert len(calls) == before + 1 and e.state["jacobian"]["sum"] == ["6", "4"]
    e.set(x=[2.0, 2.0])
    assert len(calls) == before + 1 + 3  # the run itself and two rows


def test_a_matrix_out_and_two_inputs_in_are_one_row_an_element_and_one_column_an_element():
    def outer(a, b):
        return a[:, None] * b

    e = explore(outer, a=[1.0, 2.0], b=[3.0, 4.0], gradient="v")
    truth = torch.autograd.functional.jacobian(outer, (torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])))
    assert e.state["jacobian"]["cells"] == told(torch.cat([part.reshape(4, 2) for part in truth], dim=1).tolist())
    assert e.state["jacobian"]["rows"] == ["outer[0, 0]", "outer[0, 1]", "outer[1, 0]", "outer[1, 1]"]
    assert e.position["v"] == [[1.0, 1.0], [1.0, 1.0]]


def test_of_several_inputs_one_is_chosen_without_another_run():
    calls = []

    def outer(a, b):
        calls.append(1)
        return a * b.sum()

    e = explore(outer, a=[1.0, 2.0], b=[3.0, 4.0, 5.0], gradient="v", ahead=False)
    of_a, of_b = torch.autograd.functional.jacobian(outer, (torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0, 5.0])))
    both = e.state["jacobian"]
    assert both["inputs"] == ["a", "b"] and both["input"] == "" and both["starts"] == [2]
    assert both["cells"] == told(torch.cat([of_a, of_b], dim=1).tolist())
    before = len(calls)
    for name, truth in (("a", of_a), ("b", of_b), ("", torch.cat([of_a, of_b], dim=1))):
        e.jacobian_input = name
        shown = e.state["jacobian"]
        assert shown["input"] == name and shown["cells"] == told(truth.tolist()) and shown["same"]
        assert shown["grads"] == told([truth.sum(0).tolist()])[0]
    assert len(calls) == before
    e.jacobian_input = "b"
    e.set(a=[-1.0, 2.0])
    assert e.state["jacobian"]["columns"] == ["b[0]", "b[1]", "b[2]"] and "a[0]" not in e.text().split("\n\n")[1]
    with pytest.raises(ValueError, match="a, b"):
        e.jacobian_input = "c"


def test_an_input_is_shown_by_itself_where_all_together_are_too_many():
    e = explore(lambda a, b: a.sum() * b[:2], a=[1.0] * 9, b=[2.0] * 9, gradient="v")
    assert "2 × 18" in e.state["jacobian"]["note"] and e.state["jacobian"]["inputs"] == ["a", "b"]
    e.jacobian_input = "a"
    assert e.state["jacobian"]["cells"] == [["2"] * 9] * 2


def test_a_single_input_leaves_nothing_to_choose():
    assert explore(f, x=[1.0, 2.0], gradient="v").state["jacobian"]["inputs"] == []


def test_a_row_without_a_way_back_is_zero_and_so_is_the_column_of_an_input_that_is_not_used():
    e = explore(lambda x, u: torch.stack([x * x, x.detach() * 2]), x=3.0, u=1.0, gradient="v")
    assert e.state["jacobian"]["cells"] == [["6", "0"], ["0", "0"]] and e.state["jacobian"]["same"]


def test_a_scalar_output_has_one_row():
    e = explore(lambda x: (x * x).sum(), x=[1.0, 2.0], gradient="v")
    assert e.state["jacobian"]["rows"] == ["f"] and e.state["jacobian"]["cells"] == [["2", "4"]]


def test_a_cut_changes_j_and_the_gradient_alike():
    def g(x):
        h = x * 2
        return torch.stack([h * x, h + x])

    e = explore(g, x=3.0, gradient="v")
    assert e.state["jacobian"]["cells"] == [["12"], ["3"]]
    e.cuts = [next(edge["edge_key"] for edge in e.scene["edges"] if edge.get("cut_name") == "h → ×")]
    assert (
        e.state["jacobian"]["cells"] == [["6"], ["3"]]
        and e.state["gradients"][0] == "9"
        and e.state["jacobian"]["same"]
    )


def test_a_large_jacobian_is_not_built_and_a_sentence_says_so():
    e = explore(lambda x: x.repeat(9), x=[1.0, 2.0], gradient="v")
    assert "18 × 2" in e.state["jacobian"]["note"] and "18 × 2" in e.text() and e.state["gradients"][0] == "9"


def test_an_output_that_changes_its_length_is_told_and_the_widget_lives():
    e = explore(lambda x: x[x > 0], x=[1.0, 2.0], gradient="v")
    e.set(x=[-1.0, 2.0])
    assert "(1,)" in e.problem.text
    e.set(x=[3.0, 2.0])
    assert e.problem is None and e.state["jacobian"]["cells"] == [["1", "0"], ["0", "1"]]


def test_not_a_number_in_j_is_shown_as_such():
    e = explore(lambda x: torch.stack([x.sqrt(), x]), x=(-1.0, 1.0, 0.5), gradient="v").set(x=-0.5)
    # 0 times nan is nan, in a backward with v = [0, 1], too
    assert e.state["jacobian"]["cells"] == [["nan"], ["nan"]] and e.state["jacobian"]["parts"][0] == [None]
    assert all(math.isnan(float(x)) for x in (*e.state["jacobian"]["sum"], *e.state["jacobian"]["grads"]))
    assert e.state["jacobian"]["same"] is True


def test_where_all_rows_together_take_too_long_a_sentence_says_so(monkeypatch):
    from seeing_gradients.widgets.explore import jacobian

    def slow(x):
        time.sleep(0.03)
        return x * 2

    monkeypatch.setattr(jacobian, "_MOST_SECONDS", 0.1)
    e = explore(slow, x=[1.0] * 16, gradient="v")
    assert "could not be computed" in e.state["jacobian"]["note"] and e.state["gradients"][0] == "2"


def test_the_static_picture_and_the_text_show_j():
    e = explore(f, x=[1.0, 2.0], gradient={"v": [1.0, 10.0, 100.0]})
    bundle, _ = e._repr_mimebundle_()
    assert "vᵀJ" in bundle["image/svg+xml"] and ">322</text>" in bundle["image/svg+xml"]
    assert "v^T J  322   101" in bundle["text/plain"]


@pytest.mark.parametrize("chosen", ["en", "zh"])
def test_a_vector_without_v_is_told_of_the_sliders(chosen):
    language.use(chosen)
    assert 'gradient="v"' in explore(f, x=[1.0, 2.0]).problem.text


def test_plots_follow_v_and_are_of_f_s_inputs_only():
    e = explore(f, x=[1.0, 2.0], gradient="v", plot="x[0]")
    assert e.state["point"]["slopes"] == [7.0]
    assert e.plot_data["name"] == "(v·f)"  # not f, which is a vector
    e.set(v=[0.0, 1.0, 0.0])
    assert e.state["point"]["slopes"] == [2.0] and e.state["point"]["y"] == 1.0
    with pytest.raises(ValueError, match=r"v\[0\]"):
        e.plot("v[0]")


@pytest.mark.parametrize(
    ("gradient", "error", "words"),
    [
        ("x", ValueError, "argument of f already"),
        ({}, TypeError, "gradient takes"),
        ({"v": "ones"}, TypeError, "gradient takes"),
        ({"v": [1.0], "u": [1.0]}, TypeError, "gradient takes"),
        ({"v": []}, ValueError, "v"),
    ],
)
def test_what_names_no_sliders_is_refused(gradient, error, words):
    with pytest.raises(error, match=words):
        explore(f, x=[1.0, 2.0], gradient=gradient)


def test_where_f_fails_at_the_start_the_remedy_is_named_and_works():
    def fails(x):
        if x[0] > 0:
            raise KeyError("nothing")
        return x * x

    with pytest.raises(ValueError, match=r"nothing.*gradient=\{"):
        explore(fails, x=[1.0, 2.0], gradient="v")
    e = explore(fails, x=[1.0, 2.0], gradient={"v": [1.0, 1.0]})
    assert "nothing" in e.problem.text
    assert e.set(x=[-1.0, 2.0]).state["jacobian"]["cells"] == [["-2", "0"], ["0", "4"]]


@pytest.mark.parametrize("start", [[1.0, 10.0, 100.0], [0.25, 10.0], [0.0, 0.0], [[3.0], [4.0]], [-0.5, 7.0]])
def test_weights_of_unlike_size_begin_where_their_sliders_can_stand(start):
    c = control("v", start)
    places = [(x - c.low) / c.step for x in c.start]
    assert places == [pytest.approx(round(place), abs=1e-6) for place in places]


@pytest.mark.parametrize(
    ("start", "low", "high", "step"),
    [
        ([1.0, 1.0], -5.0, 5.0, 0.1),
        ([1.0, 10.0], -10.0, 10.0, 0.2),
        ([1.0, 10.0, 100.0], -100.0, 100.0, 1.0),
        ([0.25, -0.5], -5.0, 5.0, 0.01),
        (3.0, -5.0, 5.0, 0.1),
        ([0.0, 0.0], -5.0, 5.0, 0.1),
    ],
)
def test_the_sliders_of_v_reach_its_numbers_and_stand_at_0_and_1_exactly(start, low, high, step):
    numbers = start if isinstance(start, list) else [start]
    widget = explore(lambda x: x.repeat(len(numbers)) if isinstance(start, list) else x, x=2.0, gradient={"v": start})
    v = widget.controls[-1]
    assert (v["low"], v["high"], v["step"]) == (low, high, step)
    steps = [(x - low) / step for x in [*numbers, 0.0, 1.0]]
    assert all(abs(count - round(count)) < 1e-9 for count in steps)


def test_tiny_weights_have_sliders_of_their_own_size():
    low, high, step = v_range([1e-4, 2e-4])
    assert low == -high and 2e-4 < high < 1e-2 and step <= 1e-4
