"""What an answer could use to reach the program around it, in all its spellings, is named for a person to read."""

import builtins
from pathlib import Path

import pytest

from seeing_gradients.classroom.sandbox.screening import suspicious_parts, without_comments, written_out

BETWEEN = "\n---\n"
ANSWER = "def two_arrows(x):\n    return x * (x + 1)\n"
# Each of them looks like an attack and reaches nothing: a text, an address, a name of the answer's own.
HARMLESS = """
"__cla" + "ss__"
---
x.data_ptr()
---
torch.special.torch
---
torch.cuda
---
torch = None
---
def torch(): pass
---
print(x, file=torch)
---
lambda: (yield)
---
type(x)
---
type(x) in (int, float)
---
"{:.3f} {name!r:>10}".format(x, name=x)
---
"3.5 {0}.".format(x)
---
class Value:
    def __init__(self, data, parents=()):
        self.data, self.grad, self.parents = data, 0.0, parents
    def __add__(self, other):
        return Value(self.data + other.data, (self, other))
---
for _ in range(3): pass
---
for i, (a, _) in enumerate([(1, 2)]): pass
"""


def test_every_way_to_the_program_around_an_answer_is_suspicious():
    snippets = (Path(__file__).parent / "jailbreaks.txt").read_text(encoding="utf-8").strip("\n").split(BETWEEN)
    assert len(snippets) > 200
    for snippet in snippets:
        assert suspicious_parts(f"{snippet}\n{ANSWER}"), snippet


@pytest.mark.parametrize("is_in_a_shell", [False, True])  # there the last result is a builtin, `_`
def test_what_reaches_nothing_is_not_suspicious(is_in_a_shell, monkeypatch):
    if is_in_a_shell:
        monkeypatch.setattr(builtins, "_", 42, raising=False)
    else:
        monkeypatch.delattr(builtins, "_", raising=False)
    for snippet in HARMLESS.strip("\n").split(BETWEEN):
        assert suspicious_parts(f"{snippet}\n{ANSWER}") == (), snippet


def test_a_program_of_constants_is_read_and_any_other_is_run():
    read = {
        ("two = 2", "two"): 2,
        ("g, x_grad = 12, -1.5  # mine", "(g, x_grad)"): (12, -1.5),
        ("a = [1, (2, 3)]\nb = {'x': 'y'}", "(b, a)"): ({"x": "y"}, [1, (2, 3)]),
    }
    read[("a = 2 * 3 - 1\nb = -a / 2\na, b\nc = [a, b ** 2]", "(a, b, c)")] = (5, -2.5, [5, 6.25])
    assert {key: written_out(*key) for key in read} == read
    for source in (
        "two = print(2)",
        "two = 1 / 0",
        "two = 10 ** 13 + 1",
        "two = 2 ** 10 ** 9",
        "two = 'x' * 10 ** 9",
        "two = True + 1",
        "two = one + 1",
        "print(2)\ntwo = 2",
        "two = three = 2",
        "x = 2",
        "two, x = 2",
        "two[0] = 2",
        "two",
        "(",
        "",
    ):
        assert written_out(source, "two") is None
    assert written_out("two = 2", "two + 1") is None
    assert written_out("two = " + "9" * 5000, "two") is None


def test_comments_make_no_other_program_and_lines_keep_their_numbers():
    source = "# mine\ndef f(x):  # to do\n    return '# no comment', x\n# end\n\n"
    assert without_comments(source) == "\ndef f(x):\n    return '# no comment', x"
    assert without_comments("x = 1  # \\") == "x = 1"
    for other in ("def f(:  # no Python", 'x = ("""\n# text\n""")', "#" * 30_000, "x = " + "-" * 3000 + "1  # deep"):
        assert without_comments(other) == other
