"""Exercises 11.4, 11.5, 11.6.

An input that exposes a wrong backward, the wrong line of five backward passes, the backward of a share of a row.
"""

from random import Random
from typing import Any

import torch
from torch import Tensor

from ...harness.runs import of_another_kind
from ...random_inputs import matrix, turn
from ...spec import Condition, Exercise, Misconception, Text, source_of
from ..shared import TINY, WITHOUT_AUTOGRAD, finite_difference

# A row of A and of G times this leaves no digits of float64 for another row; its square is still finite in float32.
_LARGE = 2.0**48
_W_AND_G = Text(en="a tuple of two tensors, W and G", zh="由W和G两个张量组成的元组")


def exposing_input():
    from torch import tensor

    W = tensor([[1.0, 2.0], [3.0, 4.0]])
    G = tensor([[1.0, 0.0]])
    return W, G


def _shapes_and_difference(pair: Any) -> Any:
    """Compare G @ W with G @ W.T for a pair (W, G).

    Returns:
        (1.0 if W is (2, 2) and G is (n, 2), 1.0 if the products differ); the second is -1.0 if they are not finite, both
        are -1.0 if W and G are not floating-point tensors. Anything but two tensors in the form of `of_another_kind`.
    """
    if not isinstance(pair, tuple | list) or len(pair) != 2 or not all(isinstance(each, Tensor) for each in pair):
        return of_another_kind(pair)
    W, G = (each.detach() for each in pair)
    if not (W.is_floating_point() and G.is_floating_point()):
        return -1.0, -1.0
    if W.shape != (2, 2) or G.ndim != 2 or G.shape[1] != 2 or not len(G):
        return 0.0, 0.0
    right, wrong = G.double() @ W.double().T, G.double() @ W.double()
    if not (right.isfinite().all() and wrong.isfinite().all()):
        return 1.0, -1.0
    return 1.0, float(not torch.allclose(right, wrong, rtol=1e-3))


_EXERCISE_11_4 = Exercise(
    id="11.4",
    kind="function",
    difficulty=2,
    minutes=6,
    statement=Text(
        en="A colleague's backward of $Y = XW$ returns `G @ W` for the gradient of `X`. For a square `W` this raises "
        "nothing, and her test with `W = torch.tensor([[2.0, 1.0], [1.0, 3.0]])` passes. Write `exposing_input()`: "
        "it returns a `W` `(2, 2)` and a `G` `(n, 2)` on which the wrong formula and the right one differ.",
        zh="同事为$Y = XW$写的反向传播，把`G @ W`当作`X`的梯度返回。`W`是方阵时不会报错，同事用"
        "`W = torch.tensor([[2.0, 1.0], [1.0, 3.0]])`测试，也通过了。请写出`exposing_input()`，返回形状为"
        "`(2, 2)`的`W`和`(n, 2)`的`G`，使错误的公式与正确的公式结果不同。",
    ),
    names=(
        Condition(en="W (2, 2) and G (n, 2) are floating-point tensors", zh="W和G是形状为(2, 2)和(n, 2)的浮点数张量"),
        Condition(en="the two formulas differ", zh="两个公式的结果不同"),
    ),
    reference=exposing_input,
    read=_shapes_and_difference,
    wanted=_W_AND_G,
    inputs=lambda rng, sign: (),
    hints=(
        Text(en="Which product is right, and what is missing in hers?", zh="正确的乘积是什么？同事的公式少了什么？"),
        Text(
            en="Look at her W: what happens to it when it is transposed?",
            zh="看看同事用的W，把它转置会得到什么？",
        ),
        Text(
            en="Take a W whose two elements off the diagonal differ, and a G that reaches them.",
            zh="取一个W，使对角线以外的两个元素不相等，再取一个能用到它们的G。",
        ),
    ),
    solution=source_of(exposing_input),
    misconceptions=(
        Misconception(
            "symmetric",
            Text(
                en="Both formulas still agree: this W equals its own transpose, as hers did, or your G is 0.",
                zh="两个公式的结果仍然相同。可能是W等于自己的转置，也可能是G为0。",
            ),
            gives=lambda: (1.0, 0.0),
        ),
        Misconception(
            "not_finite",
            Text(
                en="With nan or infinity the products cannot be compared. Ordinary numbers are enough.",
                zh="出现nan或无穷大时，两个乘积无法比较。普通的数就够了。",
            ),
            gives=lambda: (1.0, -1.0),
        ),
        Misconception(
            "not_square",
            Text(
                en="With these shapes her formula raises an error at once, and the mistake shows by itself. Asked for "
                "is a square W, (2, 2), and a G with two columns.",
                zh="形状为这样时，错误的公式会直接报错。题目要的是(2, 2)的方阵W和有两列的G。",
            ),
            gives=lambda: (0.0, 0.0),
        ),
        Misconception(
            "integers",
            Text(
                en="Gradients are floating-point numbers: write 1.0 instead of 1.",
                zh="梯度是浮点数，请把1写成1.0。",
            ),
            gives=lambda: (-1.0, -1.0),
        ),
    ),
)

_EXERCISE_11_5 = Exercise(
    id="11.5",
    kind="choice",
    difficulty=2,
    minutes=6,
    statement=Text(
        en="Five times one line of `backward` was written wrong, and the gradients were compared with PyTorch's. Which "
        "line is it each time: `dZ`, `dW2`, `dA`, `dH` or `dW1`? (a) All four gradients are 200 times too large. (b) "
        "Only the gradient of `W2` is wrong. (c) `W2` and `b2` are right; `W1` and `b1` are wrong, and no unit has a "
        "gradient of 0, not even one that is off for every example. (d) `RuntimeError: mat1 and mat2 shapes cannot be "
        "multiplied (200x2 and 16x2)`. (e) Only the gradient of `W1` is wrong: it has the shape `(16, 2)`.",
        zh="`backward`里的某一行写错了，把得到的梯度与PyTorch的相比，有以下五种情形。每次错的是哪一行：`dZ`、`dW2`"
        "、`dA`、`dH`还是`dW1`？（a）四个梯度都是应有值的200倍。（b）只有`W2`的梯度不对。（c）`W2`和`b2`对，`W1`和"
        "`b1`不对，而且没有一个单元的梯度是0，连对所有样本都不激活的单元也不是。（d）报错为"
        "`RuntimeError: mat1 and mat2 shapes cannot be multiplied (200x2 and 16x2)`（mat1与mat2的形状不能相乘）"
        "。（e）只有`W1`的梯度不对，它的形状是`(16, 2)`。",
    ),
    reference={"a": "dZ", "b": "dW2", "c": "dH", "d": "dA", "e": "dW1"},
    options=("dZ", "dW2", "dA", "dH", "dW1"),
    hints=(
        Text(
            en="A mistake spoils everything that is computed from it, and nothing else. Draw which line uses which.",
            zh="一处错误会影响由它算出的所有结果，而不影响其他结果。请画出哪一行用到了哪一行的结果。",
        ),
        Text(
            en="If everything is wrong by the same factor, look at the line from which everything comes. If one "
            "gradient alone is wrong, nothing is computed from it.",
            zh="如果所有梯度都差同一个倍数，就看它们都由哪一行算出。如果只有一个梯度不对，就说明没有其他梯度由它算出。",
        ),
        Text(
            en="In (d) read the two shapes: 200x2 is dZ, 16x2 is W2. In (c) something that sets gradients to 0 is "
            "missing.",
            zh="看（d）里的两个形状：200x2是dZ，16x2是W2。（c）里少了把梯度变为0的那一步。",
        ),
    ),
    solution='lines = {"a": "dZ", "b": "dW2", "c": "dH", "d": "dA", "e": "dW1"}',
    misconceptions=(
        Misconception(
            "dZ",
            Text(
                en="Everything is computed from dZ: if that were wrong, all four gradients would be.",
                zh="所有梯度都由dZ算出，如果它错了，四个梯度就都错了。",
            ),
            gives="dZ",
        ),
        Misconception(
            "dW2",
            Text(
                en="Nothing is computed from dW2, so a mistake in it shows in no other gradient.",
                zh="没有其他梯度由dW2算出，所以它的错误不会影响其他梯度。",
            ),
            gives="dW2",
        ),
        Misconception(
            "dA",
            Text(
                en="dA is where W2 stands transposed. Here the weights are passed back correctly, or are not used at "
                "all by what is wrong.",
                zh="dA这一行用到W2的转置。而这里出错的地方与W2无关，或者W2那一步是对的。",
            ),
            gives="dA",
        ),
        Misconception(
            "dH",
            Text(
                en="dH is the line of the mask. A mistake there never reaches W2, and leaves every shape as it is.",
                zh="dH是用到掩码的那一行。它的错误影响不到W2，也不会改变任何形状。",
            ),
            gives="dH",
        ),
        Misconception(
            "dW1",
            Text(
                en="dW1 is the end of the way back: its mistake shows in the gradient of W1 alone.",
                zh="dW1在反向传播的最后一步，它的错误只影响W1的梯度。",
            ),
            gives="dW1",
        ),
    ),
)


def share_backward(A, G):
    S = A.sum(dim=1, keepdim=True)
    Y = A / S
    return (G - (G * Y).sum(dim=1, keepdim=True)) / S


def _inputs_11_6(rng: Random, sign: int) -> tuple[Tensor, Tensor]:
    """A (n, n), whose rows have sums far from 0, and G of the same shape.

    If sign is 0, one element of A is tiny, or a whole row, so that neither a step of its own size nor a fixed one is right;
    or a row is large, and so is its G: the sum of G * Y then has no digits left for what the other rows change in it.
    """
    n = rng.choice((3, 4))
    while True:
        A, G = matrix(rng, sign, n, n), matrix(rng, 0, n, n)
        if A.sum(dim=1).abs().min() >= 0.75 <= A[0, 1:].sum().abs():
            break
    if not sign:
        for tensor, factor in turn(rng, (((A[0, 0], TINY),), ((A[0], TINY),), ((A[0], _LARGE), (G[0], _LARGE)))):
            tensor *= factor
    return A, G


def _is_lossy_11_6(A: Tensor, G: Tensor) -> bool:
    return bool(A.abs().min() < 8 * TINY or G.abs().max() > _LARGE / 8)


_EXERCISE_11_6 = Exercise(
    id="11.6",
    kind="function",
    difficulty=3,
    minutes=9,
    statement=Text(
        en="$Y_{ij} = A_{ij} / S_i$ with $S_i = \\sum_j A_{ij}$, in code `A / A.sum(dim=1, keepdim=True)`: each row "
        "is divided by its sum. `share_backward(A, G)` returns the gradient of `A` `(n, n)` by hand, where `G` is "
        "that of `Y`. `A` is used twice, and `S` is stretched by broadcasting.",
        zh="$Y_{ij} = A_{ij} / S_i$，其中$S_i = \\sum_j A_{ij}$，写成代码是`A / A.sum(dim=1, keepdim=True)`，即每一行除以自己的和。"
        "`G`是`Y`的梯度，`share_backward(A, G)`手工求出`(n, n)`的`A`的梯度并返回。注意`A`用了两次，而`S`经过了广播。",
    ),
    reference=share_backward,
    inputs=_inputs_11_6,
    hints=(
        Text(
            en="Two paths lead from Y back to A: straight through the numerator, and through S. Their gradients are "
            "added.",
            zh="从Y回到A有两条路径，一条直接经过分子，另一条经过S。两条路径上的梯度要相加。",
        ),
        Text(
            en="The numerator gives G / S. For S: the quotient's derivative is -A / S², and broadcasting's adjoint "
            "adds up the row.",
            zh="经过分子的是G / S。至于S，商对它的导数是-A / S²，而广播的伴随是把这一行加起来。",
        ),
        Text(
            en="dS is minus the sum of G * A / S² over the row. The sum in forward hands it to every element of its "
            "row.",
            zh="dS等于G * A / S²在这一行上之和的相反数。前向的求和再把它原样分给这一行的每个元素。",
        ),
    ),
    solution=source_of(share_backward),
    misconceptions=(
        Misconception(
            "sum_held_fixed",
            Text(
                en="The sum was treated as a constant. It consists of the same elements of A, so a second path leads "
                "back through it.",
                zh="这里把和当成了常数。和是由A的元素算出的，所以还有一条路径经过它回到A。",
            ),
            gives=lambda A, G: G / A.sum(1, keepdim=True),
        ),
        Misconception(
            "only_through_the_sum",
            Text(
                en="Only the path through the sum is there; the one straight through the numerator is missing.",
                zh="这里只有经过和的路径，少了直接经过分子的路径。",
            ),
            gives=lambda A, G: -((G * A).sum(1, keepdim=True) / A.sum(1, keepdim=True) ** 2).expand(*A.shape),
        ),
        Misconception(
            "sign_of_the_sum",
            Text(
                en="The two paths were added with the same sign. A larger sum makes every quotient smaller.",
                zh="两条路径用了相同的符号。和增大时，每个商都减小。",
            ),
            gives=lambda A, G: (G + (G * A / A.sum(1, keepdim=True)).sum(1, keepdim=True)) / A.sum(1, keepdim=True),
        ),
        Misconception(
            "not_added_up",
            Text(
                en="The gradient of S was not added up over its row. S is stretched to a whole row, so it collects "
                "from all of them.",
                zh="没有把S的梯度在这一行上求和。S被广播到整行，所以要对整行传回的梯度求和。",
            ),
            gives=lambda A, G: (G - G * A / A.sum(1, keepdim=True)) / A.sum(1, keepdim=True),
        ),
        Misconception(
            "no_keepdim",
            Text(
                en="Without keepdim=True the sums have the shape (n,) and stand as a row: column j is divided by the sum of row j.",
                zh="没有keepdim=True，和的形状是(n,)，广播时成了一行，于是第j列除以了第j行的和。",
            ),
            gives=lambda A, G: G / A.sum(1) - (G * A).sum(1) / A.sum(1) ** 2,
        ),
        Misconception(
            "columns",
            Text(
                en="The sums run down the columns. dim=1 adds along a row; keepdim=True keeps it a column, so that "
                "each row is divided by its own sum.",
                zh="这里是沿列求和。dim=1是沿行求和，keepdim=True使结果仍是一列，从而每一行除以自己的和。",
            ),
            gives=lambda A, G: (G - (G * A / A.sum(0, keepdim=True)).sum(0, keepdim=True)) / A.sum(0, keepdim=True),
        ),
        finite_difference(share_backward, _is_lossy_11_6),
    ),
    rules=(WITHOUT_AUTOGRAD,),
)

EXERCISES = (_EXERCISE_11_4, _EXERCISE_11_5, _EXERCISE_11_6)
