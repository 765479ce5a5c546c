"""The steps of explore: each node once, in the engine's order, and no rule that disagrees with autograd."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import language
from seeing_gradients.recorder import record, snapshot
from seeing_gradients.widgets.explore.step_captions import backward_rule, forward_rule, step_captions, step_order
from tests.programs import programs, run

numbers = st.lists(st.floats(-1.5, 1.5, width=32), min_size=3, max_size=3)


def loss(w, b, x, y_true):
    y_pred = w * x + b
    error = y_pred - y_true
    return error**2


def story(f, **inputs):
    """Dict from (phase, name or operation of the node) to its sentences."""
    recorded = record(f, **inputs)
    steps = zip(step_order(recorded), step_captions(recorded), strict=True)
    return {
        (phase, recorded.nodes[i].name or recorded.nodes[i].op): said for (phase, i), said in steps if phase != "inputs"
    }


def test_the_steps_are_the_operations_as_they_ran_and_then_the_engine_s_own_order():
    recorded = record(loss, w=4.0, b=2.0, x=2.0, y_true=7.0)
    steps = step_order(recorded)
    assert steps[0] == ["inputs", -1]
    assert [i for phase, i in steps if phase == "backward"] == recorded.backward_order
    assert [recorded.nodes[i].op for phase, i in steps if phase == "forward"] == ["mul", "add", "sub", "pow"]


def test_the_loss_of_a_line_is_told_with_its_numbers():
    said = story(loss, w=4.0, b=2.0, x=2.0, y_true=7.0)
    assert said["forward", "y_pred"] == ["y_pred = 8 + 2 = 10"]
    assert said["backward", "pow"][1:] == ["to error: 1 × 2 × error^(2 − 1) = 1 × 2 × 3^(2 − 1) = 6"]
    assert said["backward", "mul"] == [
        "MulBackward0: 6 arrives",
        "to w: 6 × x = 6 × 2 = 12",
        "to x: 6 × w = 6 × 4 = 24",
    ]
    assert said["backward", "w"] == ["w.grad = 12"]


def test_where_paths_join_the_sum_is_shown():
    said = story(lambda x: x * x + 3 * x, x=3.0)
    assert said["backward", "x"] == ["x.grad = 3 + 3 + 3 = 9"]


def test_a_negative_operand_is_in_brackets():
    assert story(lambda x, y: x * y, x=-2.0, y=-3.0)["forward", "mul"] == ["(-2) × (-3) = 6"]


def test_a_sum_over_what_was_broadcast_is_marked():
    said = story(lambda x, b: (x + b).sum(), x=[1.0, 2.0, 3.0], b=1.0)
    assert said["backward", "add"][-1] == "to b: Σ [1, 1, 1] × 1 = 3 (local slope 1)"


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: torch.add(x, y, alpha=2.0),
        lambda x, y: torch.sub(x, y, alpha=3.0),
        lambda x, y: torch.div(x, y, rounding_mode="floor") + x * 0.0,
    ],
)
def test_an_operation_with_a_setting_is_not_told_as_if_it_had_none(f):
    said = story(f, x=5.0, y=1.5)
    (forward,) = [text for (phase, op), text in said.items() if phase == "forward" and op in ("add", "sub", "div")][:1]
    assert not any(sign in forward[0] for sign in ("5 + 1.5", "5 − 1.5", "5 ÷ 1.5"))


def test_a_rule_is_told_only_where_it_gives_what_was_sent():
    two, three, six, seven = (snapshot(torch.tensor(x)) for x in (2.0, 3.0, 6.0, 7.0))
    one = snapshot(torch.tensor(1.0))
    assert backward_rule("mul", 0, {"g": one, "a": two, "b": three, "r": six}, three) == ("{g} × {b}", False)
    assert backward_rule("mul", 0, {"g": one, "a": two, "b": three, "r": six}, seven) is None
    assert forward_rule("mul", {"a": two, "b": three, "r": six}) == "{a} × {b}"
    assert forward_rule("mul", {"a": two, "b": three, "r": seven}) is None


@pytest.mark.parametrize("op", ["sin", "cos", "exp", "log", "tanh", "sigmoid", "relu", "sqrt", "square", "abs", "neg"])
@pytest.mark.parametrize("x", [0.7, [0.7, 1.3]])
def test_the_rule_of_every_common_function_is_known(op, x):
    said = story(lambda x: getattr(torch, op)(x).sum() * 1.5, x=x)
    name = "pow" if ("backward", "pow") in said else op
    (sent,) = said["backward", name][1:]
    assert sent.count("=") >= 1 or op == "neg" or (op == "relu" and "[" in sent), sent


@settings(max_examples=60, deadline=None)
@given(programs(), numbers, numbers)
def test_any_program_is_told_a_step_for_every_node_and_a_sentence_for_every_flow(program, x, y):
    recorded = record(lambda a, b: run(program, a, b), x, y, max_ops=10_000, max_seconds=None)
    steps, said = step_order(recorded), step_captions(recorded)
    assert len(steps) == len(said)
    assert sorted(i for phase, i in steps if phase == "forward") == [
        n.id for n in recorded.nodes if n.kind in ("op", "detached")
    ]
    for (phase, i), sentences in zip(steps, said, strict=True):
        flows = [e for e in recorded.edges if e.dst == i and e.flow is not None]
        assert len(sentences) == 1 + (len(flows) if phase == "backward" else 0)


def test_the_steps_speak_chinese():
    language.use("zh")
    try:
        assert step_captions(record(lambda x: x * x, x=3.0))[0] == ["输入为x = 3"]
    finally:
        language.use("en")


def test_of_several_outputs_each_is_told_with_its_own_name_value_and_sum():
    def f(x):
        a, b = x.unbind()
        return a * b + a

    said = story(f, x=[1.0, 2.0])
    assert said["forward", "mul"] == ["1 × 2 = 2"]
    assert said["backward", "mul"][1:] == ["to a: 1 × b = 1 × 2 = 2", "to b: 1 × a = 1 × 1 = 1"]
    assert said["backward", "a, b"] == ["UnbindBackward0: 2 + 1 = 3; 1 arrives", "to x: [3, 1]"]


def test_what_a_hook_made_of_a_sum_is_told_as_such():
    def f(x):
        y = 2 * x
        y.register_hook(lambda grad: 10 * grad)
        return y * y

    said = story(f, x=3.0)
    assert said["backward", "y"] == ["MulBackward0: 6 + 6 = 12 (a hook made it 120) arrives", "to x: 120 × 2 = 240"]
    assert said["backward", "x"] == ["x.grad = 240"]


def test_a_value_that_python_never_saw_is_a_question_mark():
    scripted = torch.jit.script(torch.nn.Sequential(torch.nn.Sigmoid(), torch.nn.Tanh()))
    assert step_captions(record(scripted, 1.0))[1] == ["sigmoid(1) = ?"]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.complex64])
def test_rounding_is_not_taken_for_a_hook(dtype):
    x = torch.linspace(0.1, 0.9, 5).to(dtype).requires_grad_()
    many = step_captions(
        record(lambda x: sum((x * k) for k in (1 / 3, 1 / 7, 11.1, 1e3)), x, gradient=torch.ones(5, dtype=dtype))
    )
    assert "hook" not in str(many)


def test_large_terms_that_cancel_are_no_hook_but_a_tiny_gradient_that_a_hook_doubles_is():
    said = story(lambda x: 1000 * x**3 - 3000 * x + 0.1 * x, x=1.0)
    assert "hook" not in " ".join(said["backward", "x"]) and said["backward", "x"][0].startswith("x.grad = ")

    def doubled(x):
        y = x * 1e-9
        y.register_hook(lambda grad: grad * 2)
        return y * 1e-9 + y * 2e-9

    assert "hook" in story(doubled, x=1.0)["backward", "y"][0]


def test_what_is_spread_over_more_elements_is_no_equation():
    said = story(lambda x: (x.sum(0) ** 2).sum(), x=[[1.0, 2.0], [3.0, 1.0]])
    (spread,) = [
        text for key, texts in said.items() if key[0] == "backward" for text in texts if "[[" in text and "to x" in text
    ]
    assert spread == "to x: [8, 6] → [[8, 6], [8, 6]]"


def test_a_mean_over_a_dimension_divides_by_its_length():
    said = story(lambda x: (x.mean(0) ** 2).sum(), x=[[1.0, 2.0], [3.0, 4.0]])
    assert said["backward", "mean"][-1] == "to x: [4, 6] ÷ 2 → [[2, 3], [2, 3]]"


@pytest.mark.parametrize(
    "f", [lambda x: (torch.add(x[0], x[1], alpha=5.0) * 1e-9).sum(), lambda x: (x.mean(0) * 1e-8).sum()]
)
def test_a_rule_is_not_told_of_tiny_numbers_that_it_does_not_give(f):
    said = " ".join(text for texts in story(f, x=[[1.0, 2.0], [3.0, 4.0]]).values() for text in texts)
    assert "1e-9, 1e-9] = [5e-9" not in said and "÷ 4" not in said


def test_a_node_that_fails_is_named_by_its_operation_where_it_has_no_backward_node():
    from seeing_gradients.picture.folding import fold

    model = torch.nn.Sequential(torch.nn.Sigmoid(), torch.nn.Sequential(torch.nn.ReLU(inplace=True), torch.nn.Tanh()))
    with pytest.raises(RuntimeError) as failed:
        record(lambda x: model(x) * 2, 1.0)
    assert not any("None" in text for texts in step_captions(fold(failed.value.record)) for text in texts)


def test_on_the_meta_device_nothing_is_told_as_zero():
    said = story(lambda t: t.sum(), t=torch.ones(2, device="meta", requires_grad=True))
    assert said["backward", "t"] == ["t.grad = (2,)"] and "?" in said["backward", "sum"][0]
    assert step_captions(record(lambda t: t.sum(), torch.ones(2, device="meta", requires_grad=True)))[0] == [
        "the inputs: t = (2,)"
    ]


@pytest.mark.parametrize(
    ("f", "said"),
    [
        (lambda x: 2**x, "2^(-3) = 0.125"),
        (lambda x: torch.where(x > 0, 1.0, x * 5), "where(False, 1, -15) = -15"),
        (lambda x: torch.where(x > 0, x, x * 5), "where(False, -3, -15) = -15"),
        (lambda x: torch.xlogy(2.0, -x), "xlogy(2, 3) = 2.197"),
        (lambda x: (x * 1).masked_fill(torch.tensor(True), torch.tensor(7.0)), "masked_fill(-3, True, 7) = 7"),
        (
            lambda x: torch.zeros(2).scatter(0, torch.tensor([1]), x.reshape(1)).sum(),
            "scatter([0, 0], [1], [-3]) = [0, -3]",
        ),
    ],
)
def test_operands_stand_in_the_order_of_the_call(f, said):
    assert [said] in step_captions(record(f, x=-3.0))


def test_the_rule_of_a_number_to_the_power_of_x_is_told():
    assert story(lambda x: 2**x, x=3.0)["backward", "pow"][-1] == "to x: 1 × 8 × ln 2 = 5.545"


def test_sums_and_differences_name_the_slope_that_they_multiply_by():
    said = story(lambda a, b: 3.0 * (a - b) + (a + b), a=2.0, b=1.0)
    assert said["backward", "sub"][1:] == ["to a: 3 × 1 = 3 (local slope 1)", "to b: 3 × (−1) = -3 (local slope −1)"]
    assert said["backward", "add"][1:] == ["to a: 1 × 1 = 1 (local slope 1)", "to b: 1 × 1 = 1 (local slope 1)"]
    assert story(lambda a: -a * 2.0, a=3.0)["backward", "neg"][1:] == ["to a: 2 × (−1) = -2 (local slope −1)"]


def test_in_chinese_it_is_the_local_derivative():
    with language.using("zh"):
        sentences = story(lambda a, b: a - b, a=2.0, b=1.0)["backward", "sub"]
    assert sentences[2] == "传给b的是1 × (−1) = -1（局部导数为−1）"
