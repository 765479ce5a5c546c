"""What an answer could use to reach the program around it, in all its spellings, is named for a person to read."""

from pathlib import Path

from seeing_gradients.classroom.sandbox.screening import suspicious_parts

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


def test_what_reaches_nothing_is_not_suspicious():
    for snippet in HARMLESS.strip("\n").split(BETWEEN):
        assert suspicious_parts(f"{snippet}\n{ANSWER}") == (), snippet
