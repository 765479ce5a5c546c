"""Exercises 04.1, 04.2: one row of a Jacobian by one backward pass, and the whole of it by one pass per row."""

from random import Random

import torch
from torch import Tensor

from ...harness.rules import backward_more_than_once, not_one_backward_a_row
from ...random_inputs import vector
from ...spec import Exercise, Misconception, Rule, Text, source_of
from ..shared import NO_BACKWARD, NOT_FROM_BACKWARD


def jacobian(A: Tensor, x: Tensor) -> Tensor:
    """The Jacobian (m, n) of y = A @ (x * x) by its formula; A is (m, n), x is (n,)."""
    return 2 * A * x


def matrix_and_point(rng: Random, sign: int) -> tuple[Tensor, Tensor]:
    """A of shape (3, 2) or (4, 3), and x. The rows of the Jacobian differ, and no column has a sum near 0."""
    m, n = rng.choice(((3, 2), (4, 3)))
    x = vector(rng, sign, n)
    while True:
        A = torch.stack([vector(rng, 0, n) for _ in range(m)])
        J = jacobian(A, x)
        if len({tuple(row) for row in J.tolist()}) == m and J.sum(0).abs().min() > 0.2:
            return A, x


def _inputs_04_1(rng: Random, sign: int) -> tuple[Tensor, Tensor, int]:
    A, x = matrix_and_point(rng, sign)
    return A, x, rng.randint(1, A.shape[1] - 1)


A_TUPLE = Misconception(
    "a_tuple",
    Text(
        en="torch.autograd.grad returns a tuple, with one gradient for each input it was asked about. Take the first one "
        "out of it.",
        zh="torch.autograd.grad返回一个元组，其中每个输入对应一个梯度。请取出第一个。",
    ),
    recognises=lambda received, *inputs: type(received) is tuple and len(received) == 1,
)

_MISMATCH = Misconception(
    "shape_of_the_input",
    Text(
        en="v holds weights of the outputs, so it has the shape of y. Yours has another shape, perhaps that of x.",
        zh="v是各个输出的权重，所以形状应与y相同。这里的形状不同，可能用了x的形状。",
    ),
    error="Mismatch in shape",
)


def one_row(A, x, i):
    x = x.clone().requires_grad_()
    y = A @ (x * x)
    y[i].backward()
    return x.grad


_EXERCISE_04_1 = Exercise(
    id="04.1",
    kind="function",
    difficulty=1,
    minutes=5,
    statement=Text(
        en="`one_row(A, x, i)` computes $y = A\\,(x \\odot x)$, in code `A @ (x * x)`, and returns row $i$ of its "
        "Jacobian $\\partial y / \\partial x$, shape `(n,)`. `A` is `(m, n)`, `x` is `(n,)` and does not require grad "
        "yet. One backward pass only.",
        zh=r"`one_row(A, x, i)`计算$y = A\,(x \odot x)$，代码是`A @ (x * x)`，并返回雅可比矩阵"
        r"$\partial y / \partial x$的第$i$行，形状为`(n,)`。`A`的形状是`(m, n)`，`x`的形状是`(n,)`，还没有设置"
        r"`requires_grad`。只能做一次反向传播。",
    ),
    reference=one_row,
    inputs=_inputs_04_1,
    hints=(
        Text(
            en="Row i says how the single output y[i] depends on all inputs. Which scalar can you start backward from?",
            zh="第i行是输出y[i]对所有输入的梯度。这里哪个量是标量？",
        ),
        Text(
            en="Do not change the x you receive: make a leaf of your own, x.clone().requires_grad_().",
            zh="不要改动传入的x，请用x.clone().requires_grad_()创建自己的叶子张量。",
        ),
        Text(
            en="Either start backward at y[i], or at y with a v that is 1 in place i and 0 elsewhere. Then read the "
            "leaf's .grad.",
            zh="可以从y[i]开始反向传播，也可以从y开始，并给出第i个元素为1、其余为0的v。然后读取叶子张量的.grad。",
        ),
    ),
    solution=source_of(one_row),
    misconceptions=(
        Misconception(
            "column",
            Text(
                en="This is a column: how all outputs depend on one input. A row belongs to one output.",
                zh="这是一列，即所有输出对同一个输入的导数。而一行属于一个输出。",
            ),
            gives=lambda A, x, i: jacobian(A, x)[:, i],
        ),
        Misconception(
            "sum_of_rows",
            Text(
                en="All rows added up: that is what sum() or a v of ones gives. Row i can no longer be told from the others.",
                zh="这里把所有的行加在一起了。sum()或全1的v得到的就是各行之和。",
            ),
            gives=lambda A, x, i: jacobian(A, x).sum(0),
        ),
        Misconception(
            "row_of_A",
            Text(
                en="This is row i of A, the derivative with respect to x * x. The chain rule goes on to x.",
                zh="这是A的第i行，即对x * x的导数。还要用链式法则求到x。",
            ),
            gives=lambda A, x, i: A[i].clone(),
        ),
        Misconception(
            "weighed_by_the_output",
            Text(
                en="The row is there, but multiplied by y[i]: the v you sent back carries the value of the output.",
                zh="这一行多乘了y[i]，因为v里用了输出的值。",
            ),
            gives=lambda A, x, i: jacobian(A, x)[i] * (A @ (x * x))[i],
        ),
        _MISMATCH,
        A_TUPLE,
    ),
    rules=(
        NO_BACKWARD,
        NOT_FROM_BACKWARD,
        Rule(
            "several_backwards",
            Text(
                en="The values are right, but backward ran more than once. One row needs one pass.",
                zh="值是对的，但反向传播做了不止一次。求一行只需要一次。",
            ),
            backward_more_than_once,
        ),
    ),
)


def full_jacobian(A, x):
    x = x.clone().requires_grad_()
    y = A @ (x * x)
    rows = [torch.autograd.grad(y[i], x, retain_graph=True)[0] for i in range(len(y))]
    return torch.stack(rows)


_EXERCISE_04_2 = Exercise(
    id="04.2",
    kind="function",
    difficulty=2,
    minutes=8,
    statement=Text(
        en="`full_jacobian(A, x)`: the whole Jacobian of the same $y = A\\,(x \\odot x)$, shape `(m, n)`, with one "
        "ordinary backward pass for each of its $m$ rows.",
        zh=r"`full_jacobian(A, x)`返回同一个$y = A\,(x \odot x)$的整个雅可比矩阵，形状为`(m, n)`。每一行做一次普通"
        r"的反向传播，共$m$次。",
    ),
    reference=full_jacobian,
    inputs=matrix_and_point,
    hints=(
        Text(
            en="Write a loop over the rows, with torch.stack at the end.",
            zh="对各行做循环，最后用torch.stack。",
        ),
        Text(
            en="Two facts matter here: .grad accumulates, and backward can run through a graph only once unless the graph "
            "is retained.",
            zh="这里要注意两点，.grad会累加，计算图如果不保留，只能做一次反向传播。",
        ),
        Text(
            en="torch.autograd.grad(y[i], x, retain_graph=True) returns a tuple with a fresh tensor, and leaves .grad "
            "alone.",
            zh="torch.autograd.grad(y[i], x, retain_graph=True)返回一个元组，其中是新的张量，不改动.grad。",
        ),
    ),
    solution=source_of(full_jacobian),
    misconceptions=(
        Misconception(
            "transposed",
            Text(
                en="This is the transpose: inputs down, outputs across. In J a row belongs to an output.",
                zh="这是J的转置，行对应输入，列对应输出。在J里，一行属于一个输出。",
            ),
            gives=lambda A, x: jacobian(A, x).T.contiguous(),
        ),
        Misconception(
            "accumulated",
            Text(
                en="Each row also contains the rows above it: .grad was not cleared between the passes.",
                zh="每一行都加上了前面各行，因为两次反向传播之间没有清空.grad。",
            ),
            gives=lambda A, x: jacobian(A, x).cumsum(0),
        ),
        Misconception(
            "same_tensor",
            Text(
                en="All rows are equal, the sum of them all: the list holds the same tensor x.grad m times, and every "
                "pass added to it. Store a copy.",
                zh="各行都相同，都是所有行之和。x.grad始终是同一个张量，列表里存了它m次，而它每次都在累加。应当存"
                "一份副本。",
            ),
            gives=lambda A, x: jacobian(A, x).sum(0).expand(len(A), -1).clone(),
        ),
        Misconception(
            "zeroed_in_place",
            Text(
                en="All rows equal the last one: zero_() clears the tensor that you had already put in the list.",
                zh="各行都等于最后一行，因为zero_()把已经放进列表的张量清零了。",
            ),
            gives=lambda A, x: jacobian(A, x)[-1].expand(len(A), -1).clone(),
        ),
        Misconception(
            "all_cleared",
            Text(
                en="All rows are 0: zero_() clears the very tensor that you have put in the list.",
                zh="各行都是0，因为zero_()清零的正是放进列表的那个张量。",
            ),
            gives=lambda A, x: torch.zeros_like(A),
        ),
        Misconception(
            "end_to_end",
            Text(
                en="The rows were joined end to end. torch.stack, unlike torch.cat, gives each of them a row of its own.",
                zh="各行首尾相接，成了一个向量。torch.stack与torch.cat不同，会让它们各占一行。",
            ),
            gives=lambda A, x: jacobian(A, x).flatten(),
        ),
        Misconception(
            "one_vector",
            Text(
                en="One vector, the sum of the rows. What is summed before backward cannot be taken apart afterwards.",
                zh="只得到一个向量，即各行之和。反向传播之前求了和，各行就无法分开了。",
            ),
            gives=lambda A, x: jacobian(A, x).sum(0),
        ),
        Misconception(
            "rows_in_a_list",
            Text(
                en="The rows are still in a list, or in tuples. Join them into one tensor (m, n).",
                zh="各行还在列表或元组里，没有合成一个形状为(m, n)的张量。",
            ),
            recognises=lambda received, *inputs: type(received) in (list, tuple),
        ),
        Misconception(
            "freed",
            Text(
                en="The first pass freed what the graph had saved. Ask PyTorch to retain it.",
                zh="第一次反向传播释放了计算图保存的张量。如果还要用，应当写retain_graph=True。",
            ),
            error="second time",
        ),
    ),
    rules=(
        NO_BACKWARD,
        NOT_FROM_BACKWARD,
        Rule(
            "not_one_a_row",
            Text(
                en="The values are right, but not with one ordinary backward per row: a ready-made function did them "
                "all at once, or there were more passes than rows.",
                zh="值是对的，但不是每行做一次普通的反向传播。可能是用现成的函数一次算出了所有的行，也可能是次数比"
                "行数还多。",
            ),
            not_one_backward_a_row,
        ),
    ),
)

EXERCISES = (_EXERCISE_04_1, _EXERCISE_04_2)
