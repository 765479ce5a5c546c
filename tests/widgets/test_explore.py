"""explore without a browser: arguments, positions, numbers, failures and what travels to the page."""

import gc
import io
import json
import math
import random
import re
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import explore, language
from seeing_gradients.picture.labels import number
from seeing_gradients.widgets.bundles import load_script, load_style
from seeing_gradients.widgets.explore import gradient_check
from seeing_gradients.widgets.explore.controls import control, read_controls

from .checks import checked


def loss(w, b, x, y_true):
    y_pred = w * x + b
    error = y_pred - y_true
    return error**2


def example(**changed):
    return explore(loss, **{"w": (-5.0, 5.0), "b": 2.0, "x": torch.tensor(2.0), "y_true": 7.0, **changed})


@pytest.fixture
def chinese():
    language.use("zh")
    yield
    language.use("en")


# ---- arguments ----


@pytest.mark.parametrize(
    ("abbreviation", "kind", "low", "high", "step", "start"),
    [
        ((-5.0, 5.0), "number", -5, 5, 0.1, (0,)),
        ((-5, 5), "number", -5, 5, 0.1, (0,)),
        ((0.0, 1.0, 0.25), "number", 0, 1, 0.25, (0.5,)),
        (2.0, "number", -3, 7, 0.1, (2,)),
        (0.02, "number", -0.03, 0.07, 0.001, (0.02,)),
        (0, "number", -5, 5, 0.1, (0,)),
        ([1.0, -2.0], "vector", -7, 7, 0.1, (1, -2)),
        (range(1, 6), "integer", 1, 5, 1, (3,)),
        (True, "switch", 0, 1, 1, (1,)),
    ],
)
def test_an_abbreviation_becomes_a_control(abbreviation, kind, low, high, step, start):
    c = control("w", abbreviation)
    assert (c.kind, c.start) == (kind, start)
    assert (c.low, c.high, c.step) == pytest.approx((low, high, step))


def test_a_slider_starts_at_the_default_of_the_parameter_if_it_is_in_range():
    def f(w=4.0, b=99.0):
        return w * b

    assert explore(f, w=(-5.0, 5.0), b=(-5.0, 5.0)).position == {"w": 4.0, "b": 0.0}


def test_a_matrix_has_one_slider_per_number():
    c = control("W", [[1.0, 2.0], [3.0, 4.0]])
    assert c.labels == ("W[0, 0]", "W[0, 1]", "W[1, 0]", "W[1, 1]")
    assert c.value([5.0, 6.0, 7.0, 8.0]) == [[5.0, 6.0], [7.0, 8.0]]


@pytest.mark.parametrize(
    ("kwargs", "error", "words"),
    [
        ({"w": (5.0, -5.0)}, ValueError, "low end"),
        ({"w": (0.0, 1.0, 0.0)}, ValueError, "step"),
        ({"w": (0.0, math.inf)}, ValueError, "finite"),
        ({"w": math.nan}, ValueError, "finite"),
        ({"w": (1.0,)}, ValueError, "low, high"),
        ({"w": []}, ValueError, "1 to 64"),
        ({"w": [0.0] * 65}, ValueError, "received 65"),
        ({"w": [1.0, "b"]}, TypeError, "w must be"),
        ({"w": range(0)}, ValueError, "low end"),
        ({}, TypeError, "needs the argument w"),
        ({"w": 1.0, "z": 2.0}, TypeError, "no argument z; it takes: w"),
    ],
)
def test_a_bad_argument_is_named_with_what_is_allowed(kwargs, error, words):
    with pytest.raises(error, match=words):
        explore(lambda w: w, **kwargs)


def test_f_must_be_callable():
    with pytest.raises(TypeError, match="f must be a function"):
        explore(3.0, w=1.0)


def test_arguments_may_come_by_position():
    assert [c.name for c in read_controls(loss, (1.0, 2.0), {"y_true": 3.0, "x": 4.0})] == ["w", "b", "x", "y_true"]
    assert explore(torch.sin, (0.0, 1.0)).state["output"] == number(math.sin(0.5))


def test_arguments_behind_a_star_have_sliders():
    e = explore(lambda x, *rest, k: x * rest[0] * rest[1] * k, 1.0, 2.0, 3.0, k=4.0)
    assert list(e.position) == ["x", "arg1", "arg2", "k"] and e.state["gradients"] == ["24", "12", "8", "6"]
    assert [sign for _, sign in checked(e.set(arg2=5.0))] == ["="] * 4


def test_integers_and_switches_reach_f_as_such():
    e = explore(lambda x, n, flag: x**n if flag else x, x=2.0, n=range(1, 6), flag=True)
    assert e.set(n=3).record.output.item() == 8
    assert e.set(flag=False).record.output.item() == 2


# ---- positions and numbers ----


@settings(deadline=None, max_examples=25)
@given(st.floats(-5, 5), st.floats(-3, 7), st.floats(-8, 17))
def test_every_position_shows_what_plain_autograd_gives(w, b, y_true):
    e = example().set(w=w, b=b, y_true=y_true)
    leaves = [torch.tensor(v, requires_grad=True) for v in (w, b, y_true)]
    output = loss(leaves[0], leaves[1], torch.tensor(2.0), leaves[2])
    output.backward()
    assert e.state["output"] == number(output.item())
    assert [row for row in e.state["gradients"] if row != "-"] == [number(leaf.grad.item()) for leaf in leaves]


def test_the_check_agrees_with_the_gradient_and_says_so():
    rows = checked(example().set(w=4.0))
    assert [tuple(row) for row in rows] == [("12", "="), ("6", "="), ("", ""), ("-6", "=")]


def test_the_check_differs_where_detach_hides_a_path():
    e = explore(lambda x: (x * x).detach() * x, x=2.0)
    assert e.state["gradients"] == ["4"] and list(checked(e)[0]) == ["12", "≠"]


def test_what_is_left_of_a_float32_in_saturation_is_no_disagreement_and_no_gradient_at_all_is_one():
    e = explore(lambda w, b: torch.tanh(w * 2 + b) - w, w=-5.0, b=2.0)  # 1 - tanh² is 4 units in the last place
    assert [sign for _, sign in checked(e)] == ["=", "="]
    lost = explore(lambda w, b: torch.tanh(w.detach() * 2 + b) - b, w=-5.0, b=2.0)
    assert lost.state["gradients"][0] == "None" and list(checked(lost)[0])[1] == "≠"


def test_the_check_of_small_numbers_is_as_strict_as_that_of_large_ones():
    e = explore(lambda x: 1e-9 * ((x * x).detach() + x), x=2.0)
    assert checked(e)[0][1] == "≠"


def test_an_infinite_gradient_does_not_agree_with_a_finite_slope():
    e = explore(
        lambda x, y: torch.exp(x) * y, x=(0.0, 1000.0), y=5.5
    )  # at 500 exp is inf in float32, though not in float64
    assert e.state["gradients"] == ["inf", "inf"] and [sign for _, sign in checked(e)] == ["≠", "≠"]


def test_a_position_is_told_with_as_many_digits_as_tell_it_from_the_next_step():
    assert "n=12345678" in repr(explore(lambda n, x: x * n, n=range(100_000_000), x=1.0).set(n=12345678))
    assert "x=1000000.51" in repr(explore(lambda x: x * 2, x=(1_000_000.0, 1_000_001.0)).set(x=1_000_000.51))


def test_the_check_survives_float32_constants_inside_f():
    table = torch.tensor([1.0, 2.0, 3.0])
    e = explore(lambda w: (w * table).sum() ** 2 * 1e-3, w=3.0)
    assert checked(e)[0][1] == "="


def test_vectors_with_a_gradient_are_weighted():
    e = explore(lambda x: x * x, x=[1.0, 2.0], gradient=[1.0, 0.5])
    assert e.state["gradients"] == ["2", "2"] and [sign for _, sign in checked(e)] == ["=", "="]


def test_a_position_may_be_set_in_part_and_is_kept_in_range():
    e = example()
    e.position = {"b": 3.0}
    assert e.position == {"w": 0.0, "b": 3.0, "y_true": 7.0}
    assert e.set(w=99.0).position["w"] == 5.0


def test_reset_returns_to_where_the_widget_was_first_shown():
    e = example().set(w=4.0)
    e._repr_mimebundle_()
    assert e.set(w=1.0).home == [4.0, 2.0, 7.0]


def test_reset_of_one_that_was_never_set_returns_to_where_its_sliders_began():
    e = example()
    e._repr_mimebundle_()
    assert e.home == e.sliders and e.set(w=1.0).home == [0.0, 2.0, 7.0]


@pytest.mark.parametrize(
    ("values", "words"),
    [({"q": 1.0}, "no argument q"), ({"w": [1.0, 2.0]}, "w must be set"), ({"w": math.nan}, "finite")],
)
def test_a_bad_position_is_refused_and_changes_nothing(values, words):
    e = example()
    with pytest.raises(ValueError, match=words):
        e.set(**values)
    assert e.position["w"] == 0.0


def test_the_graph_travels_only_when_it_changes_its_form():
    def doubling(a):
        b = a * 2
        while b.norm() < 10:
            b = b * 2
        return b

    e = explore(doubling, a=(0.5, 8.0))
    sent = []
    e.observe(lambda change: sent.append(len(change["new"]["nodes"])), names="scene")
    for a in (4.0, 4.5, 1.0, 1.1, 4.0):
        e.set(a=a)
    assert len(sent) == 2 and sent[0] > sent[1] == len(e.record.nodes)


def test_what_travels_is_json_without_nan():
    e = explore(lambda x: torch.sqrt(x) / 0, x=(-1.0, 1.0))
    for value in (-1.0, 1.0):
        e.set(x=value)
        json.dumps([e.scene, e.state, e.check, e.controls, e.labels], allow_nan=False)


def test_random_functions_draw_the_same_numbers_each_time_and_the_generator_is_restored():
    torch.manual_seed(3)
    before = torch.get_rng_state()
    for f in (lambda x: x * torch.rand(()), lambda x: x * np.random.rand(), lambda x: x * random.random()):
        np.random.rand(), random.random()  # another cell's, which leave f's alone
        e = explore(f, x=(0.0, 2.0))
        first = e.set(x=2.0).state["output"]
        e.set(x=1.0)
        generators = np.random.get_state()[1].tolist(), random.getstate()
        assert e.set(x=2.0).state["output"] == first
        assert torch.equal(torch.get_rng_state(), before)
        assert (np.random.get_state()[1].tolist(), random.getstate()) == generators
        assert checked(e)[0][1] == "="


# ---- what can go wrong ----


def broken(x):
    if x > 1:
        return x / "two"
    if x > 0:
        raise KeyError("missing")
    return x * 3


def test_an_error_of_f_is_shown_with_its_line_and_the_next_good_position_recovers():
    e = explore(broken, x=(-2.0, 2.0)).set(x=-1.0)
    good = e.state["values"]
    e.set(x=0.5)
    assert "KeyError: 'missing'" in e.problem.text and e.problem.code == 'raise KeyError("missing")'
    assert (e.state["fresh"], e.state["values"]) == (False, good)
    e.set(x=-2.0)
    assert (e.state["fresh"], e.state["output"], e.problem) == (True, "-6", None)


def calls_backward(x):
    y = x * x
    y.backward()
    return y


@pytest.mark.parametrize(
    ("f", "kwargs", "words"),
    [
        (lambda x: 3.0, {"x": 1.0}, "must return a tensor"),
        (lambda x: None, {"x": 1.0}, "returned None"),
        (lambda x: x * x, {"x": [1.0, 2.0]}, r"shape \(2,\)"),
        (lambda x: x * x, {"x": torch.tensor(1.0)}, "requires grad"),
        (lambda x: x * x, {"x": torch.tensor(2)}, "integers"),
        (lambda x: x.detach() * 2, {"x": 1.0}, "is cut"),
        (lambda x: x * x, {"x": 1.0, "gradient": [1.0, 2.0]}, "gradient"),
        (calls_backward, {"x": 1.0}, "backward itself"),
    ],
)
def test_what_cannot_be_recorded_is_said_in_the_widget(f, kwargs, words):
    e = explore(f, **kwargs)
    assert e.problem.severity == "error"
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(e.problem.text)


def endless(x):
    if x > 0:
        while True:
            pass
    return x * 1


def test_an_endless_function_is_stopped_and_the_next_position_works(monkeypatch):
    monkeypatch.setattr(gradient_check, "_MAX_SECONDS", 0.2)
    e = explore(endless, x=(-1.0, 1.0), max_seconds=0.2).set(x=1.0)
    assert "0.2 seconds" in e.problem.text
    assert e.set(x=-1.0).state["output"] == "-1"


def endless_operations(x):
    while True:
        x = x * 1


def test_too_many_operations_are_stopped():
    problem = explore(endless_operations, x=1.0, max_ops=50).problem
    assert "50 operations" in problem.text and problem.code == "x = x * 1"


def test_an_error_of_a_scripted_model_is_shown():
    scripted = torch.jit.script(torch.nn.Linear(3, 1))
    assert "RuntimeError" in explore(scripted, [1.0, 2.0]).problem.text


def test_nan_is_a_warning_that_names_the_operation():
    e = explore(lambda x: torch.sqrt(x), x=(-1.0, 1.0)).set(x=-1.0)
    assert e.state["fresh"] and (e.problem.severity, e.state["output"]) == ("warning", "nan")
    assert "sqrt gives nan" in e.problem.text


def masked_attention(q, k, v):
    scores = q @ k.T
    hidden = torch.ones(3, 3, dtype=torch.bool).triu(1)
    return (scores.masked_fill(hidden, -math.inf).softmax(-1) @ v).sum()


def added_mask(q, k, v):
    mask = torch.full((3, 3), -math.inf).triu(1)
    return ((q @ k.T + mask).softmax(-1) @ v).sum()


def written_mask(q, k, v):
    scores = q @ k.T
    scores[torch.ones(3, 3, dtype=torch.bool).triu(1)] = -math.inf
    return (scores.softmax(-1) @ v).sum()


@pytest.mark.parametrize("f", [masked_attention, added_mask, written_mask])
def test_the_infinities_of_a_mask_are_no_fault_until_they_reach_the_output(f):
    q, k, v = (torch.randn(3, 2, generator=torch.Generator().manual_seed(i)).requires_grad_() for i in range(3))
    assert explore(f, q, k, v).problem is None
    hides_all = explore(lambda x: (x + torch.full((2,), -math.inf)).softmax(0).sum(), x=[1.0, 2.0])
    assert "softmax gives nan" in hides_all.problem.text
    reaches = explore(lambda x: x.masked_fill(torch.tensor([True, False]), math.inf).sum(), x=[1.0, 2.0])
    assert "masked_fill gives inf" in reaches.problem.text


def test_an_infinity_that_an_operation_computes_is_a_warning_even_if_it_goes_no_further():
    e = explore(lambda x: torch.where(x > 0, x, 1 / x).sum() + 1 / (1 + 1 / x), x=0.0)
    assert "gives inf" in e.problem.text


def test_a_gradient_of_a_parameter_that_is_nan_is_a_warning():
    weight = torch.tensor(0.0, requires_grad=True)
    e = explore(lambda x: x * (weight * 0).sqrt(), x=2.0)
    assert "gradient of weight is nan" in e.problem.text


def test_an_infinite_gradient_is_a_warning():
    e = explore(lambda x: torch.sqrt(x), x=(0.0, 1.0)).set(x=0.0)
    assert "gradient of x is inf" in e.problem.text


def test_a_cut_path_is_drawn_though_there_is_no_gradient():
    e = explore(lambda x: (x * x).detach() * 2, x=1.0)
    assert [edge["kind"] for edge in e.scene["edges"]].count("cut") == 1 and e.state["fresh"]


def test_an_interrupt_is_shown_and_the_widget_lives():
    def interrupted(x):
        if x > 1.5:
            raise KeyboardInterrupt
        return x * 1

    e = explore(interrupted, x=(0.0, 2.0)).set(x=0.5)
    e.set(x=2.0)
    assert e.problem.text == "interrupted"
    assert e.set(x=1.0).state["output"] == "1"


def test_what_f_prints_is_kept_out_of_the_notebook_and_its_last_lines_are_shown(capsys):
    def talks(x):
        for i in range(30):
            print("line", i)
        return x * 1

    e = explore(talks, x=1.0)
    assert e.state["printed"].splitlines()[-1] == "line 29" and len(e.state["printed"].splitlines()) == 5
    assert capsys.readouterr().out == ""


def test_messages_come_in_the_language_of_the_lesson(chinese):
    e = explore(broken, x=(-2.0, 2.0)).set(x=0.5)
    assert "抛出" in e.problem.text and e.labels["gradient"] == "梯度" and e.labels["language"] == "zh-CN"


# ---- what the notebook shows ----


def test_the_notebook_receives_the_live_view_the_picture_and_the_table():
    data, _ = example().set(w=4.0)._repr_mimebundle_()
    assert set(data) == {"application/vnd.jupyter.widget-view+json", "image/svg+xml", "text/plain"}
    assert "→ 9" in data["image/svg+xml"]
    assert data["text/plain"].splitlines() == [
        "loss(w=4, b=2, x, y_true=7) = 9",
        "input   value  gradient  check",
        "w       4      12        = 12",
        "b       2      6         = 6",
        "x       2      -",
        "y_true  7      -6        = -6",
    ]


def test_an_explorer_of_a_broken_f_still_has_a_picture():
    data, _ = explore(broken, x=(1.0, 3.0))._repr_mimebundle_()
    assert "TypeError" in data["image/svg+xml"] and "TypeError" in data["text/plain"]


def test_a_huge_graph_does_not_swell_the_notebook_file():
    def long(x):
        for _ in range(500):
            x = torch.sin(x)
        return x

    data, _ = explore(long, x=1.0, fold=False)._repr_mimebundle_()
    assert "501" in data["image/svg+xml"] and len(data["image/svg+xml"]) < 2_000


def test_the_page_s_code_is_small_plain_and_complete():
    code = load_script("explore")
    assert len(code.encode()) < 165_000 and len(re.findall(r"export default|as default", code)) == 1
    assert "http" not in code.replace("http://www.w3.org/2000/svg", "") and "import " not in code
    assert 'role", "status' in code and "lmSuppressShortcuts" in code


@pytest.mark.parametrize("name", ["explore", "descend", "predict", "secant", "watch"])
def test_every_rule_of_the_style_is_scoped_under_the_root_class(name):
    css = re.sub(r"/\*.*?\*/", "", load_style(name), flags=re.DOTALL)
    rules = [rule.strip() for rule in re.findall(r"([^{}]+)\{", css) if not rule.strip().startswith("@")]
    selectors = [part for rule in rules for part in re.split(r",(?![^(]*\))", rule)]
    assert len(rules) > 20 and [s for s in selectors if not re.search(rf"\.sg-({name}|widget|host)", s)] == []


def test_catching_what_f_prints_never_waits_for_the_stream_of_the_notebook(monkeypatch):
    class Stream(io.StringIO):
        flushed = 0

        def flush(self):
            Stream.flushed += 1

    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, Stream())
    shown = explore(lambda w: print("here", flush=True) or w * w, w=(0.0, 4.0))
    gc.collect()
    assert Stream.flushed == 0 and "here" in shown.state["printed"]


def positive(x):
    if x < 0:
        raise ValueError("negative")
    return x * x + 1


def test_where_f_fails_the_last_numbers_tell_of_which_call_they_are():
    widget = explore(positive, x=(-2.0, 2.0, 1.0)).set(x=1.0)
    assert "last_good_call" not in widget.state
    for x in (-1.0, -2.0):
        widget.set(x=x)
        assert (widget.state["call"], widget.state["last_good_call"]) == (f"positive(x={x:g})", "positive(x=1)")
    widget.set(x=2.0)
    assert "last_good_call" not in widget.state and widget.state["output"] == "5"


def test_the_picture_of_a_position_at_which_f_fails_is_the_reason_and_no_older_graph():
    widget = explore(positive, x=(-2.0, 2.0, 1.0)).set(x=1.0)
    assert "→ 2" in widget.picture()
    widget.set(x=-1.0)
    assert "→ 2" not in widget.picture() and "negative" in widget.picture()


@pytest.mark.parametrize("f", [lambda w: (w * 2).item(), lambda w: (w * 2, w)])
def test_what_is_no_tensor_is_not_told_to_be_the_last_value_of_the_graph(f):
    widget = explore(f, w=3.0)
    assert widget.state["output"] == "?" and widget.text().startswith("f(w=3) = ?")


def test_a_tensor_without_numbers_has_a_gradient_that_is_unknown_not_none():
    widget = explore(lambda t: t.sum(), t=torch.ones(2, device="meta", requires_grad=True))
    assert widget.text().splitlines()[0] == "f(t) = ?"
    assert widget.text().splitlines()[2].split()[:3] == ["t", "(2,)", "(2,)"]
    assert widget.state["step_captions"][-1] == ["t.grad = (2,)"]


def renamed(f, *names):
    """f with its arguments renamed."""
    f.__code__ = f.__code__.replace(co_varnames=names)
    return f


def named_alike(w, backwards, retain_graph=0.5):
    h = w * backwards
    return h * retain_graph


def test_inputs_named_as_options_of_record_keep_their_names_lines_and_gradients():
    widget = explore(named_alike, w=2.0, backwards=3.0, retain_graph=(0.0, 2.0))
    recorded = widget.record
    assert (recorded.name, list(recorded.inputs)) == ("named_alike", ["w", "backwards", "retain_graph"])
    assert [grad.item() for grad in recorded.grads.values()] == [1.5, 1.0, 6.0]
    first = named_alike.__code__.co_firstlineno
    assert [node.line for node in recorded.nodes if node.kind == "op"] == [first + 1, first + 2]
    widget.set(backwards=1.0).plot("backwards")
    assert widget.position["backwards"] == 1.0 and widget.record.grads["w"] == 0.5
    widget.cuts = [widget.scene["edges"][0]["edge_key"]]
    assert widget.record.grads["w"] is None
    assert [sign for _, sign in checked(widget)] == ["≠", "=", "="]


@pytest.mark.parametrize("name", ["f", "strict", "self", "backwards", "retain_graph"])
def test_an_input_may_have_any_name_that_explore_does_not_take(name):
    widget = explore(renamed(lambda a, w: a * a * w, name, "w"), **{name: 3.0, "w": 1.0})
    assert widget.record.grads[name] == 6.0
    widget.set(**{name: 1.0})
    assert widget.record.grads["w"] == 1.0


@pytest.mark.parametrize("name", list(explore.__kwdefaults__))
def test_an_input_named_as_an_option_of_explore_is_refused_by_name_and_taken_by_position(name):
    product = renamed(lambda w, a: w * a, "w", name)
    with pytest.raises(
        TypeError, match=rf"argument {name} has the name of an option of explore.*lambda x: f\({name}=x\)"
    ):
        explore(product, w=1.0, **{name: 2.0})
    assert explore(product, 1.0, 2.0).record.grads["w"] == 2.0


def test_an_option_may_stand_beside_an_argument_of_its_name_only_where_one_of_them_is_left_alone():
    def f(w, saved=False):
        return w * (3 if saved else 2)

    assert explore(f, w=1.0).record.grads["w"] == 2.0
    with pytest.raises(TypeError, match="saved"):
        explore(f, w=1.0, saved=True)


@pytest.mark.parametrize(
    "f", [lambda *, strict: strict * 2, lambda **all: all["strict"] * 2, lambda w=1.0, strict=2.0: strict * w]
)
def test_a_name_of_record_that_cannot_go_by_position_is_refused_with_a_way_out(f):
    with pytest.raises(TypeError, match="strict has the name of an option of record"):
        explore(f, strict=2.0)


def test_a_clash_of_names_is_told_in_chinese(chinese):
    with pytest.raises(TypeError, match="f的参数saved与explore的选项同名"):
        explore(lambda w, saved: w * saved, w=1.0, saved=2.0)
