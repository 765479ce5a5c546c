"""Bad input to record: every error has its own class, says what to do, and the next good input works."""

import math
import re
import time

import pytest
import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from helpers import language
from seeing_gradients.recorder import (
    ArgumentError,
    CallsBackwardError,
    GradientShapeError,
    NoGradError,
    OutputError,
    RecordError,
    RecordingLimitError,
    VectorOutputError,
    record,
)


def forever(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b


def spin(a):
    while True:
        pass


BAD = {
    "a Python number": (lambda x: math.sin(x.detach()), OutputError, "torch's own operations"),
    "None": (lambda x: None, OutputError, "return"),
    "a tuple": (lambda x: (x, x), OutputError, "tuple"),
    "a vector": (lambda x: torch.stack([x, x]), VectorOutputError, r"gradient=v"),
    "a detached output": (lambda x: x.detach() * 2, NoGradError, "cut"),
    "its own backward": (lambda x: (x * x).backward(), CallsBackwardError, "backward"),
    "backward of torch.autograd": (lambda x: _backward(x * x), CallsBackwardError, "backward"),
}


def _backward(y):
    torch.autograd.backward(y)
    return y


@pytest.mark.parametrize("case", BAD)
def test_a_bad_function_gets_a_named_error_that_tells_the_remedy(case):
    f, error, words = BAD[case]
    with pytest.raises(error, match=words):
        record(f, 2.0)
    assert record(lambda x: x * x, 2.0).grads["x"] == 4.0


def test_the_message_comes_in_the_language_of_the_lesson():
    language.use("zh")
    try:
        with pytest.raises(OutputError, match="张量"):
            record(lambda x: 1.0, 2.0)
    finally:
        language.use("en")


def test_integers_are_named():
    with pytest.raises(NoGradError, match="x holds integers"):
        record(lambda x: x * 2, torch.tensor(2))


def test_nothing_that_requires_grad_is_an_error_that_still_shows_the_forward_pass():
    with pytest.raises(NoGradError) as caught:
        record(lambda x: x * 2, torch.tensor(2.0))
    assert caught.value.record.nodes[-1].value == 4.0 and not caught.value.record.complete


def test_a_gradient_of_the_wrong_shape_tells_both_shapes():
    with pytest.raises(GradientShapeError, match=r"\(3,\), received \(2,\)"):
        record(lambda x: x * 2, [1.0, 2.0, 3.0], gradient=[1.0, 2.0])


@pytest.mark.parametrize("gradient", ["ones", object(), [[1.0], [1.0, 2.0]]])
def test_a_gradient_that_is_no_tensor_is_refused(gradient):
    with pytest.raises(GradientShapeError):
        record(lambda x: x * 2, [1.0, 2.0], gradient=gradient)


def test_a_wrong_argument_name_lists_the_right_ones():
    with pytest.raises(ArgumentError, match="no argument named z; it takes: w, b"):
        record(lambda w, b: w * b, w=1.0, z=2.0)


@pytest.mark.parametrize("f", [3.0, "f", torch.tensor(1.0)])
def test_what_cannot_be_called_is_refused(f):
    with pytest.raises(ArgumentError, match="must be a function"):
        record(f, 1.0)


def test_rows_of_unequal_length_are_refused():
    with pytest.raises(ArgumentError, match="same length"):
        record(lambda x: x, [[1.0], [2.0, 3.0]])


def test_an_error_of_f_passes_through_unchanged():
    with pytest.raises(ZeroDivisionError) as caught:
        record(lambda x: x * (1 / 0), 2.0)
    assert not isinstance(caught.value, RecordError)


def test_an_error_of_the_engine_passes_through_unchanged():
    def f(x):
        y = x.exp()
        y.add_(1)
        return y

    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        record(f, 1.0)


def test_a_loop_of_operations_that_never_ends_is_stopped_with_what_was_recorded():
    with pytest.raises(RecordingLimitError, match="2000 operations") as caught:
        record(forever, 0.0)
    assert len(caught.value.record.nodes) > 100 and not caught.value.record.complete
    assert record(forever, 1.0).grads["a"] == 1024.0


@pytest.mark.parametrize("f", [spin, lambda a: time.sleep(60)])
def test_python_code_that_never_ends_is_stopped(f):
    with pytest.raises(RecordingLimitError, match=r"0\.2 seconds"):
        record(f, 0.0, max_seconds=0.2)
    assert record(forever, 1.0).grads["a"] == 1024.0


def naps(a):
    b = a * 2
    time.sleep(60)
    return b


@pytest.mark.parametrize(("f", "lines"), [(naps, "2"), (spin, "[12]"), (forever, "[23]")])
def test_a_limit_names_the_line_at_which_f_was_stopped(f, lines):
    with pytest.raises(RecordingLimitError) as caught:
        record(f, 0.0, max_seconds=0.2 if f is not forever else None)
    assert re.fullmatch(lines, str(caught.value.fields["line"] - f.__code__.co_firstlineno))
    assert f"line {caught.value.fields['line']}" in str(caught.value)


def test_a_loop_that_swallows_every_error_is_stopped_all_the_same():
    def f(a):
        while True:
            try:
                a = a * 1.0
            except:  # noqa: E722, S112, that is the point
                continue

    with pytest.raises(RecordingLimitError):
        record(f, 0.0, max_ops=10**9, max_seconds=0.2)
    assert record(forever, 1.0).grads["a"] == 1024.0


def test_a_mode_that_was_not_left_in_time_is_left_afterwards():
    class Functions(TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            return func(*args, **(kwargs or {}))

    class Dispatches(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            return func(*args, **(kwargs or {}))

    entered = [Functions(), Dispatches(), torch.no_grad()]

    def f(a):
        for mode in entered:
            mode.__enter__()
        while True:
            pass

    stacks = torch._C._len_torch_function_stack(), torch._C._len_torch_dispatch_stack()
    with pytest.raises(RecordingLimitError):
        record(f, 0.0, max_seconds=0.2)
    assert (torch._C._len_torch_function_stack(), torch._C._len_torch_dispatch_stack()) == stacks
    assert torch.is_grad_enabled()


def test_a_backward_that_never_ends_is_stopped():
    class Endless(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            while True:
                pass

    with pytest.raises(RecordingLimitError):
        record(Endless.apply, torch.tensor(1.0, requires_grad=True), max_seconds=0.2)
    assert record(forever, 1.0).grads["a"] == 1024.0


def product(w, b=1.0, *, c=1.0):
    return w * b * c


CALLS = {
    "nothing": ((), {}),
    "too many": ((1.0, 2.0, 3.0), {}),
    "one of them twice": ((1.0,), {"w": 2.0}),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("spoken", ["en", "zh"])
def test_a_call_that_does_not_fit_f_is_told_with_its_parameters(call, spoken):
    args, kwargs = CALLS[call]
    with language.using(spoken), pytest.raises(ArgumentError) as refused:
        record(product, *args, **kwargs)
    with language.using(spoken):
        text = str(refused.value)
    assert "w, b, c" in text
    assert ("cannot be called" in text) == (spoken == "en")


def test_a_type_error_inside_f_stays_its_own():
    with pytest.raises(TypeError, match="missing 1 required") as raised:
        record(lambda w: product() * w, 1.0)
    assert not isinstance(raised.value, ArgumentError)


OPTIONS = [
    ("cut", 3),
    ("cut", "a"),
    ("cut", [1]),
    ("cut", [(0, "mul")]),
    ("cut", [None]),
    ("engine", 3),
    ("engine", forever),
    ("retain_graph", "a"),
]


@pytest.mark.parametrize(("name", "value"), OPTIONS)
def test_an_option_of_another_kind_is_refused_by_name(name, value):
    with pytest.raises(ArgumentError, match=rf"{name} must be .*received"):
        record(product, 1.0, **{name: value})


def test_a_list_of_numbers_and_lists_is_no_tensor():
    with pytest.raises(ArgumentError, match="cannot become a tensor"):
        record(lambda x: x.sum(), [1.0, [2.0]])
