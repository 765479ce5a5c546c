"""No answer has all points that breaks a rule where nobody looks, or returns what only looks like a right result."""

import pytest

from seeing_gradients.classroom.course import Task
from seeing_gradients.classroom.sandbox import AnswerLimits
from seeing_gradients.course.exercises import exercise

BY_AUTOGRAD = """
def to(i, A, B, G):
    A, B = A.detach().requires_grad_(), B.detach().requires_grad_()
    with torch.enable_grad():
        return torch.autograd.grad(A @ B, [A, B], G)[i]
"""
# (what it does, exercise, source, the state and the reason or misconception of the grade)
DODGES = [
    (
        "VJPs that are no functions",
        "14.1",
        f"""from functools import partial
{BY_AUTOGRAD}
def matmul(A, B):
    return A @ B, partial(to, 0, A, B), partial(to, 1, A, B)
""",
        "by_autograd",
    ),
    (
        "VJPs that are objects",
        "14.1",
        f"""{BY_AUTOGRAD}
class To:
    def __init__(self, *given): self.given = given
    def __call__(self, G): return to(*self.given, G)
def matmul(A, B):
    return A @ B, To(0, A, B), To(1, A, B)
""",
        "by_autograd",
    ),
    (
        "VJPs in a tuple of its own",
        "14.1",
        f"""{BY_AUTOGRAD}
class Parts(tuple): pass
def matmul(A, B):
    return Parts((A @ B, lambda G: to(0, A, B, G), lambda G: to(1, A, B, G)))
""",
        "type",
    ),
    (
        "a node of the graph is called, and no backward pass runs",
        "03.3",
        """
def norm_grad(x):
    with torch.enable_grad():
        y = x.detach().requires_grad_().norm()
    return y.grad_fn(torch.tensor(1.0))
""",
        "autograd_after_all",
    ),
    (
        "forward mode, where the formula is asked for",
        "03.3",
        """
def norm_grad(x):
    return torch.stack([torch.func.jvp(lambda x: x.norm(), (x,), (e,))[1] for e in torch.eye(len(x))])
""",
        "autograd_after_all",
    ),
    (
        "hooks of nodes, where no gradient may be changed afterwards",
        "09.4",
        """
def root(x):
    s = torch.sqrt(x)
    if s.grad_fn is not None:
        s.grad_fn.register_hook(lambda after, before: tuple(g.nan_to_num(0.0, 0.0, 0.0) for g in after))
    return torch.where(x > 0, s, 0.0)
""",
        "hook",
    ),
    (
        "the same before the node",
        "09.4",
        """
def root(x):
    z = x * 1.0
    if z.grad_fn is not None:
        z.grad_fn.register_prehook(lambda before: tuple(g.nan_to_num(0.0, 0.0, 0.0) for g in before))
    return torch.where(x > 0, torch.sqrt(z), 0.0)
""",
        "hook",
    ),
    (
        "more shapes than are noted, then the forbidden one",
        "03.2",
        """
def batch_norms(X):
    for n in range(1001): torch.empty(n)
    return (X @ X.T).diagonal().sqrt()
""",
        "rule",
    ),
    (
        "the forbidden shape with one more dimension",
        "03.2",
        "def batch_norms(X):\n    return (X[None] @ X.T[None])[0].diagonal().sqrt()",
        "gram_matrix",
    ),
    (
        "more nodes than are noted, then the forbidden one",
        "02.5",
        """
def two_arrows(x):
    y = x ** 2 + x
    for _ in range(5002): y = -y
    return y
""",
        "power",
    ),
    (
        "tensors that deny their graph, in a list of its own",
        "05.3",
        """
class Loss(torch.Tensor):
    grad_fn = None
class Losses(list): pass
def train_and_log(w, xs, lr):
    w, losses = torch.tensor(w, requires_grad=True), Losses()
    for x in xs:
        loss = (w * x - 1) ** 2
        loss.backward()
        with torch.no_grad(): w -= lr * w.grad
        w.grad = None
        losses.append(loss.as_subclass(Loss))
    return losses
""",
        "type",
    ),
    (
        "a text that says other letters when it is read",
        "13.4",
        """
class Order(str):
    def upper(self): return "CEAFGDB"
def loop_order():
    return Order("ABCDEFG")
""",
        "no_way_back",
    ),
]


@pytest.fixture(scope="module")
def judge(judge_with):
    return judge_with("en", AnswerLimits(seconds=60.0, processor=30.0))  # for the 5002 nodes, on a busy machine


@pytest.mark.parametrize(("name", "id", "source", "found"), DODGES, ids=[name for name, *_ in DODGES])
def test_a_rule_cannot_be_broken_unseen(judge, name, id, source, found):
    solution = exercise(id).solution
    expression = solution.partition("def ")[2].partition("(")[0]
    task = Task("answer", id, 1.0, "import torch", "", expression)
    graded = judge.grade(task, source, "a seed")
    assert graded.state == "wrong" and graded.credit <= 0.5
    assert found in (graded.reason, graded.misconception)
