"""A decorated f: lines and names are those of the function whose source is shown, not those of its decorator."""

import runpy

import pytest
import torch

from seeing_gradients.recorder import RecordingLimitError, record

ELSEWHERE = """
import functools

def doubled(f):
    @functools.wraps(f)
    def wrapper(w):
        before = w * 1
        out = f(before)
        return out * 2
    return wrapper
"""


@pytest.fixture
def doubled(tmp_path):
    """A decorator from another file, which computes something itself, too."""
    file = tmp_path / "elsewhere.py"
    file.write_text("\n" * 500 + ELSEWHERE)
    return runpy.run_path(str(file))["doubled"]


def plain(w):
    h = w.sin()
    return h * h


def test_the_lines_and_names_are_those_of_the_function_that_is_shown(doubled):
    taken = record(doubled(plain), 0.5)
    first = plain.__code__.co_firstlineno
    lines = {n.grad_fn: n.line for n in taken.nodes if n.op == "sin" or n.name == "h"}
    assert lines == {"SinBackward0": first + 1} and taken.source[0] == first
    assert [n.name for n in taken.nodes if n.op == "sin"] == ["h"]
    assert first + 2 in {n.line for n in taken.nodes if n.op == "mul"}


def test_what_a_decorator_from_another_file_computes_has_no_line_there(doubled):
    taken = record(doubled(plain), 0.5)
    first, shown = taken.source[0], len(taken.source[1].splitlines())
    assert {n.line for n in taken.nodes if n.kind == "op"} == {None, first + 1, first + 2}
    assert all(n.line is None or first <= n.line < first + shown for n in taken.nodes)


def test_a_decorator_above_a_method_or_two_of_them_make_no_difference(doubled):
    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = torch.nn.Linear(1, 1)

        @torch.autocast("cpu", enabled=False)
        def forward(self, x):
            y = self.inner(x)
            return y.sum()

    written = Model.forward.__wrapped__.__code__.co_firstlineno
    lines = [n.line for n in record(Model(), torch.ones(1, 1)).nodes if n.op in ("addmm", "sum")]
    assert lines == [written + 2, written + 3]
    taken = record(doubled(doubled(plain)), 0.5)
    assert [n.line for n in taken.nodes if n.op == "sin"] == [plain.__code__.co_firstlineno + 1]


def test_the_line_at_which_it_was_stopped_is_its_own_too(doubled):
    def endless(w):
        while True:
            w = w * 1.5

    with pytest.raises(RecordingLimitError) as caught:
        record(doubled(endless), 0.5, max_ops=20)
    assert caught.value.fields["line"] == endless.__code__.co_firstlineno + 2
