"""Exercises 14.1, 14.2, 14.3, 14.4: the operations of an engine of tensors, each with its VJPs.

Matrix product, addition with broadcasting, ReLU, cross-entropy.
"""

from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from ...harness.rules import uses_cross_entropy
from ...harness.runs import result_and_vjps
from ...random_inputs import matrix, number, turn
from ...spec import Exercise, Misconception, Rule, Text, source_of
from ..shared import LARGE, TINY, WITHOUT_AUTOGRAD, finite_difference

_TWO_VJPS = Text(
    en="a tuple of the result and two functions, one for each operand",
    zh="由结果和两个函数组成的元组，每个操作数一个函数",
)
_ONE_VJP = Text(en="a tuple of the result and one function", zh="由结果和一个函数组成的元组")


def _with_vjps(operation: Callable[..., Any]) -> Callable[..., Any]:
    return partial(result_and_vjps, operation)


# Learners read these sources, so they keep their own spacing.
# fmt: off
def matmul(A, B):
    def to_A(G):
        return G @ B.T
    def to_B(G):
        return A.T @ G
    return A @ B, to_A, to_B
# fmt: on


def _inputs_14_1(rng: Random, sign: int) -> tuple[Tensor, Tensor, Tensor]:
    """A (n, d), B (d, k) and G (n, k), all sizes different. Some A or B has a very large element."""
    n, d, k = rng.sample((2, 3, 4, 5), 3)
    A, B, G = matrix(rng, sign, n, d), matrix(rng, 0, d, k), matrix(rng, 0, n, k)
    if not sign and (large := turn(rng, (None, A, B), "large")) is not None:
        large[0, 0] *= LARGE
    return A, B, G


def _has_large(*tensors: Tensor) -> bool:
    return any(bool(tensor.abs().max() > LARGE / 8) for tensor in tensors)


_SHAPES = "shapes cannot be multiplied"

_EXERCISE_14_1 = Exercise(
    id="14.1",
    kind="function",
    difficulty=2,
    minutes=6,
    statement=Text(
        en="`matmul(A, B)` receives `A` `(n, d)` and `B` `(d, k)` and returns three things: the product, and two "
        "functions. Each receives `G` `(n, k)`, the gradient of the product; `to_A` returns that of `A`, `to_B` that "
        "of `B`.",
        zh="`matmul(A, B)`接收形状为`(n, d)`的`A`和形状为`(d, k)`的`B`，返回乘积和两个函数。两个函数都接收乘积的梯度`G`（`(n, k)`），"
        "`to_A`返回`A`的梯度，`to_B`返回`B`的梯度。",
    ),
    names=("A @ B", "to_A(G)", "to_B(G)"),
    wanted=_TWO_VJPS,
    reference=matmul,
    run=result_and_vjps,
    inputs=_inputs_14_1,
    input_names=("A", "B", "G"),
    hints=(
        Text(
            en="A gradient has the shape of its tensor: to_A must return (n, d), to_B (d, k).",
            zh="梯度与它的张量形状相同：to_A应返回(n, d)，to_B应返回(d, k)。",
        ),
        Text(
            en="You have G (n, k), A (n, d) and B (d, k). Which product, with one of them transposed, has the shape?",
            zh="手头有G (n, k)、A (n, d)和B (d, k)。把其中一个转置，哪个乘积有这样的形状？",
        ),
        Text(
            en="For A the sum runs over the k columns of B, for B over the n rows of A. G stands on the side from which "
            "it comes.",
            zh="对A来说，求和遍及B的k列；对B来说，求和遍及A的n行。G放在哪一侧，由形状决定。",
        ),
    ),
    solution=source_of(matmul),
    misconceptions=(
        Misconception(
            "exchanged",
            Text(
                en="The two functions are exchanged: to_A returns the gradient of B, and the other way round.",
                zh="两个函数互换了，to_A返回的是B的梯度，to_B返回的是A的梯度。",
            ),
            gives=lambda A, B, G: (A @ B, A.T @ G, G @ B.T),
        ),
        Misconception(
            "transposed",
            Text(
                en="Both gradients are right but for a transpose: each must have the shape of its own tensor.",
                zh="两个梯度都只差一个转置，而每个梯度都应与自己的张量形状相同。",
            ),
            gives=lambda A, B, G: (A @ B, B @ G.T, G.T @ A),
        ),
        Misconception(
            "without_g",
            Text(
                en="G does not occur: these are the gradients for a G of ones, the loss being the sum of the product.",
                zh="没有用到G。这是G全为1时的梯度，也就是损失恰好等于乘积各元素之和时的梯度。",
            ),
            gives=lambda A, B, G: (A @ B, torch.ones_like(G) @ B.T, A.T @ torch.ones_like(G)),
        ),
        Misconception(
            "mean",
            Text(
                en="The gradient of B is divided by the number of rows. The 1/n of a mean comes from the loss, once, "
                "and is in G already.",
                zh="B的梯度多除以了行数。平均的1/n来自损失，只出现一次，而且已经包含在G里了。",
            ),
            gives=lambda A, B, G: (A @ B, G @ B.T, A.T @ G / len(A)),
        ),
        Misconception(
            "shapes",
            Text(
                en="These matrices do not fit together. On the way back the other operand stands transposed.",
                zh="这些矩阵的形状不能相乘。往回传时，另一个操作数要转置。",
            ),
            error=_SHAPES,
        ),
        finite_difference(_with_vjps(matmul), lambda A, B, G: _has_large(A, B)),
    ),
    rules=(WITHOUT_AUTOGRAD,),
)


# fmt: off
def add(a, b):
    def to(shape):
        def vjp(G):
            while G.ndim > len(shape):
                G = G.sum(0)
            for axis, size in enumerate(shape):
                if size == 1:
                    G = G.sum(axis, keepdim=True)
            return G
        return vjp
    return a + b, to(a.shape), to(b.shape)
# fmt: on


_PAIRS = (("nk", "k"), ("nk", "1k"), ("nk", "n1"), ("n1", "1k"), ("k", "nk"), ("nk", ""), ("nk", "nk"), ("n1", "k"))


def _inputs_14_2(rng: Random, sign: int) -> tuple[Tensor, Tensor, Tensor]:
    """a and b, whose shapes broadcasting fits to each other, and G of the shape of the sum.

    Of eight calls in a row with one rng, each has another pair of shapes. Some a or b is very large.
    """
    sizes = dict(zip("nk", rng.sample((2, 3, 4, 5), 2), strict=True)) | {"1": 1}
    shapes = [tuple(sizes[letter] for letter in letters) for letters in turn(rng, _PAIRS)]
    a, b = (_tensor(rng, sign, shape) for shape in shapes)
    if not sign and (large := turn(rng, (None, a, b), "large")) is not None:
        large *= LARGE
    return a, b, _tensor(rng, 1, (a + b).shape)


def _tensor(rng: Random, sign: int, shape: tuple[int, ...]) -> Tensor:
    count = torch.Size(shape).numel()
    return torch.tensor([number(rng, sign) for _ in range(count)]).reshape(shape)


def _to_shape(G: Tensor, shape: tuple[int, ...], reduce: Callable[..., Tensor]) -> Tensor:
    """G, reduced to a shape by e.g. torch.mean over the axes along which broadcasting repeated it."""
    missing = G.ndim - len(shape)
    axes = [axis for axis in range(G.ndim) if axis < missing or shape[axis - missing] == 1 != G.shape[axis]]
    return reduce(G, axes, keepdim=True).reshape(shape) if axes else G


def _first(G: Tensor, axes: list[int], keepdim: bool) -> Tensor:
    for axis in axes:
        G = G.narrow(axis, 0, 1)
    return G


def _leading_only(G: Tensor, shape: tuple[int, ...]) -> Tensor:
    return G.sum(list(range(G.ndim - len(shape)))) if G.ndim > len(shape) else G


def _all_axes_if_none(G: Tensor, shape: tuple[int, ...]) -> Tensor:
    """What `G.sum(axes)` gives, with which axes = () means all of them."""
    missing = G.ndim - len(shape)
    axes = tuple(axis for axis in range(G.ndim) if axis < missing or shape[axis - missing] == 1 != G.shape[axis])
    return G.sum(axes, keepdim=True).reshape(shape) if axes else G.sum()


_EXERCISE_14_2 = Exercise(
    id="14.2",
    kind="function",
    difficulty=3,
    minutes=10,
    statement=Text(
        en="`add(a, b)` returns the sum and two functions. `a` and `b` have any two shapes that broadcasting fits to "
        "each other, such as `(n, k)` and `(k,)`, or `(n, 1)` and `(1, k)`. Each function receives `G`, the gradient "
        "of the sum and of its shape, and returns the gradient of its own operand, of **that** operand's shape.",
        zh="`add(a, b)`返回和，以及两个函数。`a`与`b`的形状可以是广播所允许的任意一对，例如`(n, k)`与`(k,)`，或`(n, 1)`与`(1, k)`。"
        "每个函数接收和的梯度`G`（形状与和相同），返回自己那个操作数的梯度，形状与**该操作数**相同。",
    ),
    names=("a + b", "to_a(G)", "to_b(G)"),
    wanted=_TWO_VJPS,
    reference=add,
    run=result_and_vjps,
    inputs=_inputs_14_2,
    input_names=("a", "b", "G"),
    hints=(
        Text(
            en="What forward copies, backward adds up. Along which axes was an operand copied?",
            zh="前向传播复制了什么，反向传播就把它加起来。操作数是沿哪些轴复制的？",
        ),
        Text(
            en="Two kinds of axes: those that the operand does not have, which stand on the left, and those where its "
            "size is 1. The same helper serves a and b.",
            zh="有两种轴：操作数根本没有的轴（在左边），以及它的大小为1的轴。a与b可以共用同一个辅助函数。",
        ),
        Text(
            en="While G has more axes than the shape, sum over axis 0. Then, for each axis of size 1, sum over it with "
            "keepdim=True.",
            zh="只要G的轴比shape多，就沿第0轴求和。然后对每个大小为1的轴，用keepdim=True沿它求和。",
        ),
    ),
    solution=source_of(add),
    misconceptions=(
        Misconception(
            "unchanged",
            Text(
                en="G comes back as it is. That is right only for an operand which has the shape of the sum.",
                zh="G原样返回了。只有操作数与和的形状相同时，这才是对的。",
            ),
            gives=lambda a, b, G: (a + b, G, G),
        ),
        Misconception(
            "mean",
            Text(
                en="The mean was taken instead of the sum: every copy brings back its whole gradient.",
                zh="这里取了平均，而应当求和，因为每一份副本传回的都是完整的梯度。",
            ),
            gives=lambda a, b, G: (a + b, _to_shape(G, a.shape, torch.mean), _to_shape(G, b.shape, torch.mean)),
        ),
        Misconception(
            "first_copy",
            Text(
                en="Only the gradient of the first copy was taken. All copies come from the same number, and add up.",
                zh="只取了第一份副本的梯度。所有副本都来自同一个数，应当相加。",
            ),
            gives=lambda a, b, G: (a + b, _to_shape(G, a.shape, _first), _to_shape(G, b.shape, _first)),
        ),
        Misconception(
            "leading_axes_only",
            Text(
                en="The axes on the left are summed, those of size 1 are not: (n, 1) and (1, k) are copied as well.",
                zh="左边多出的轴求和了，大小为1的轴却没有，而(n, 1)和(1, k)也是经过复制的。",
            ),
            gives=lambda a, b, G: (a + b, _leading_only(G, a.shape), _leading_only(G, b.shape)),
        ),
        Misconception(
            "no_axis_is_every_axis",
            Text(
                en="Where nothing was copied, all of G was summed: in PyTorch G.sum(()) runs over every axis.",
                zh="没有复制的地方，G却全加成了一个数，因为在PyTorch里，G.sum(())会对所有的轴求和。",
            ),
            gives=lambda a, b, G: (a + b, _all_axes_if_none(G, a.shape), _all_axes_if_none(G, b.shape)),
        ),
        Misconception(
            "only_b",
            Text(
                en="The gradient of b is right, but a may be the one that was copied.",
                zh="b的梯度是对的，但经过复制的也可能是a。",
            ),
            gives=lambda a, b, G: (a + b, G, _to_shape(G, b.shape, torch.sum)),
        ),
        finite_difference(_with_vjps(add), lambda a, b, G: _has_large(a, b)),
    ),
    rules=(WITHOUT_AUTOGRAD,),
)


# fmt: off
def relu(a):
    def to_a(G):
        return G * (a > 0)
    return a.clamp(min=0), to_a
# fmt: on


def _inputs_14_3(rng: Random, sign: int) -> tuple[Tensor, Tensor]:
    """a (n, k), with a 0 in it, and above 1 somewhere if it is positive, and G of the same shape, with both signs.

    If sign is 0 there is a tiny number in it, too.
    """
    n, k = rng.sample((2, 3, 4, 5), 2)
    a, G = matrix(rng, sign, n, k), matrix(rng, 0, n, k)
    a[0, 0] = 0.0
    if sign >= 0:
        a[1, 0], G[1, 0] = 2.5, -1.5
    if not sign:
        a[0, 1] = TINY
    return a, G


_EXERCISE_14_3 = Exercise(
    id="14.3",
    kind="function",
    difficulty=1,
    minutes=4,
    statement=Text(
        en="`relu(a)` returns $\\max(a, 0)$, element by element, and a function that receives `G` and returns the "
        "gradient of `a`. Where an element of `a` is 0, do as PyTorch does.",
        zh="`relu(a)`返回按元素的$\\max(a, 0)$和一个函数。这个函数接收`G`，返回`a`的梯度。`a`的元素为0时，与PyTorch的做法一致。",
    ),
    names=("relu(a)", "to_a(G)"),
    wanted=_ONE_VJP,
    reference=relu,
    run=result_and_vjps,
    inputs=_inputs_14_3,
    input_names=("a", "G"),
    hints=(
        Text(
            en="Each element of a enters one element of the result only. What is its derivative there?",
            zh="a的每个元素只影响结果中的一个元素。它在那里的导数是多少？",
        ),
        Text(
            en="It is 1 where a is positive, else 0: an indicator. a > 0 is a tensor of truth values, and may be "
            "multiplied.",
            zh="a为正处是1，其余是0，这是一个示性函数。a > 0是由真假值组成的张量，可以直接相乘。",
        ),
        Text(
            en="Multiply G by that indicator. What counts is the sign of a, not that of G.",
            zh="用这个示性函数乘以G。起作用的是a的符号，而不是G的符号。",
        ),
    ),
    solution=source_of(relu),
    misconceptions=(
        Misconception(
            "open",
            Text(
                en="G goes through everywhere. Where a is negative the result does not depend on a.",
                zh="G在各处都通过了。a为负处，结果与a无关。",
            ),
            gives=lambda a, G: (a.relu(), G),
        ),
        Misconception(
            "relu_of_g",
            Text(
                en="Negative gradients became 0. The indicator looks at a, and lets negative gradients through, too.",
                zh="负的梯度变成了0。示性函数看的是a，负的梯度也可以通过。",
            ),
            gives=lambda a, G: (a.relu(), G.relu()),
        ),
        Misconception(
            "times_value",
            Text(
                en="G was multiplied by the result, not by the derivative, which is 1 or 0.",
                zh="这里用结果乘了G，而应当乘导数，导数只是1或0。",
            ),
            gives=lambda a, G: (a.relu(), G * a.relu()),
        ),
        Misconception(
            "open_at_zero",
            Text(
                en="Where a is exactly 0, G got through. PyTorch takes the derivative 0 there.",
                zh="a恰好为0的地方，G通过了。PyTorch在那里取导数0。",
            ),
            gives=lambda a, G: (a.relu(), G * (a >= 0)),
        ),
        Misconception(
            "half_at_zero",
            Text(
                en="Where a is 0, or nearly so, half of G got through: a central difference reaches to both sides of "
                "the corner (lesson 01). This exercise asks for the formula.",
                zh="a为0或几乎为0时，这里让G通过了一半。中心差分取到了拐点的两侧，所以得到一半（第01课）。这里要用公式。",
            ),
            gives=lambda a, G: (a.relu(), G * ((a > 2 * TINY) + 0.5 * ((a >= 0) & (a <= 2 * TINY)))),
        ),
        Misconception(
            "closed_where_tiny",
            Text(
                en="Where a is positive but tiny G was stopped. ReLU's slope is 1 there as well; neither a threshold "
                "above 0 nor a difference, whose step is larger than a, can tell.",
                zh="a为极小的正数时，这里没有让G通过。而ReLU在那里的导数也是1。无论是用大于0的阈值，还是用步长大于a的差分，都看不出这一点。",
            ),
            gives=lambda a, G: (a.relu(), G * (a > 2 * TINY)),
        ),
        Misconception(
            "indicator_alone",
            Text(
                en="This is the derivative itself. The exercise asks for G times it: a VJP multiplies by what arrives.",
                zh="这只是导数本身。题目要的是G与它的乘积，因为VJP要带上传来的梯度。",
            ),
            gives=lambda a, G: (a.relu(), (a > 0).float()),
        ),
    ),
    rules=(WITHOUT_AUTOGRAD,),
)


# fmt: off
def cross_entropy(Z, y):
    rows = torch.arange(len(y))
    Z = Z - Z.max(dim=1, keepdim=True).values
    loss = (Z.exp().sum(dim=1).log() - Z[rows, y]).mean()
    def to_Z(G):
        p = Z.exp() / Z.exp().sum(dim=1, keepdim=True)
        p[rows, y] -= 1
        return G * p / len(y)
    return loss, to_Z
# fmt: on


def _inputs_14_4(rng: Random, sign: int) -> tuple[Tensor, Tensor, Tensor]:
    """Z (n, k), y (n,) and G (), which is not 1.

    With a sign one row of Z is far from 0 as a whole, and of another the right class is far below another one; without,
    the last class does not occur, and some Z makes the right class so unlikely that the loss is very large.
    """
    n, k = rng.sample((2, 3, 4, 5), 2) if sign else (rng.choice((2, 3)), rng.choice((4, 5)))
    used = k if sign else k - 1
    Z, y = matrix(rng, 0, n, k), [rng.randrange(used) for _ in range(n)]
    y[0], y[1] = 0, used - 1
    if sign:
        shifted, spread = rng.sample(range(n), 2)
        Z[shifted] += 300.0 * sign
        Z[spread, y[spread] if sign < 0 else y[spread] - 1] += 300.0 * sign
    elif turn(rng, (False, False, True)):
        Z[0, 0] = -LARGE
    return Z, torch.tensor(y), torch.tensor(rng.choice((0.5, 2.0, -1.5)))


def _p_minus_y(Z: Tensor, y: Tensor, dim: int = 1) -> Tensor:
    return Z.softmax(dim) - F.one_hot(y, Z.shape[1])


def _is_log_of_zero(received: Any, Z: Tensor, y: Tensor, G: Tensor) -> bool:
    """Whether the loss alone is infinite."""
    return (
        isinstance(received, tuple)
        and all(isinstance(part, Tensor) for part in received)
        and bool(received[0].isinf().all() and received[1].isfinite().all())
    )


def _is_broken(received: Any, Z: Tensor, y: Tensor, G: Tensor) -> bool:
    return isinstance(received, tuple) and any(
        isinstance(part, Tensor) and not part.isfinite().all() for part in received
    )


_EXERCISE_14_4 = Exercise(
    id="14.4",
    kind="function",
    difficulty=3,
    minutes=10,
    statement=Text(
        en="`cross_entropy(Z, y)` receives logits `Z` `(n, k)` and classes `y` `(n,)`. It returns the mean loss, of "
        "shape `()`, and one function: `to_Z(G)` receives the gradient of the loss, a scalar, and returns that of `Z`. "
        "Logits as large as 300, or as small as −300, must not give nan or infinity. Do not use `F.cross_entropy`.",
        zh="`cross_entropy(Z, y)`接收形状为`(n, k)`的未规范化的预测`Z`和形状为`(n,)`的类别`y`，返回平均损失（形状为`()`）和一个函数。"
        "`to_Z(G)`接收损失的梯度（标量），返回`Z`的梯度。预测值大到300或小到−300时，也不能得到nan或无穷大。不要用`F.cross_entropy`。",
    ),
    names=(Text(en="the loss", zh="损失"), "to_Z(G)"),
    wanted=_ONE_VJP,
    reference=cross_entropy,
    run=result_and_vjps,
    inputs=_inputs_14_4,
    input_names=("Z", "y", "G"),
    hints=(
        Text(
            en="The loss of a row is log Σ exp(z) − z of the right class. Which number may be subtracted from all z of a "
            "row without a change of the loss?",
            zh="一行的损失是log Σ exp(z)减去正确类别的z。从这一行的所有z里减去哪个数，损失不变？",
        ),
        Text(
            en="Subtract the largest of the row: then no exponential is above 1, and one of them is exactly 1. The "
            "gradient is p − y, divided by n.",
            zh="减去这一行的最大值，各个指数函数值就都不超过1，而且其中一个恰好是1。梯度是p − y，再除以n。",
        ),
        Text(
            en="torch.arange(n) with y picks one element of each row: Z[torch.arange(n), y]. Multiply the gradient by G.",
            zh="用torch.arange(n)与y可以从每一行取一个元素：Z[torch.arange(n), y]。最后把梯度乘上G。",
        ),
    ),
    solution=source_of(cross_entropy),
    misconceptions=(
        Misconception(
            "log_of_zero",
            Text(
                en="The loss is infinite: a probability was rounded to 0, and then its logarithm was taken. Work with the logarithm of the sum instead.",
                zh="损失成了无穷大，因为概率先舍入成了0，然后才取对数。应当直接用和的对数来计算。",
            ),
            recognises=_is_log_of_zero,
        ),
        Misconception(
            "overflow",
            Text(
                en="A nan or an infinity: with logits far from 0 an exponential overflows, or all of a row become 0. "
                "Subtract the largest logit of each row first.",
                zh="出现了nan或无穷大，因为预测值离0很远时，指数函数会上溢，或者整行都变成0。请先减去每一行的最大值。",
            ),
            recognises=_is_broken,
        ),
        Misconception(
            "shifted_once",
            Text(
                en="The largest logit was subtracted in one term of the loss and not in the other.",
                zh="损失的两项里，只有一项减去了最大值，另一项没有减。",
            ),
            gives=lambda Z, y, G: ((F.cross_entropy(Z, y) - Z.amax(1).mean()), G * _p_minus_y(Z, y) / len(y)),
        ),
        Misconception(
            "values_and_indices",
            Text(
                en="Z.max(dim=1) returns two things, the values and where they stand.",
                zh="Z.max(dim=1)返回两样结果，即最大值和它们的位置。",
            ),
            error="return_types.max",
        ),
        Misconception(
            "g_forgotten",
            Text(
                en="The gradient does not depend on G. It is 1 only where the loss is the end of the graph.",
                zh="梯度与G无关。只有损失就是计算图的终点时，G才等于1。",
            ),
            gives=lambda Z, y, G: (F.cross_entropy(Z, y), _p_minus_y(Z, y) / len(y)),
        ),
        Misconception(
            "sum_for_mean",
            Text(
                en="The loss is the mean, but its gradient that of the sum: divide by n as well.",
                zh="损失取了平均，梯度却是求和时的梯度，也要除以n。",
            ),
            gives=lambda Z, y, G: (F.cross_entropy(Z, y), G * _p_minus_y(Z, y)),
        ),
        Misconception(
            "sum",
            Text(
                en="Loss and gradient are those of the sum over the examples. The exercise asks for the mean.",
                zh="损失和梯度都是对样本求和的结果，题目要的是平均。",
            ),
            gives=lambda Z, y, G: (F.cross_entropy(Z, y, reduction="sum"), G * _p_minus_y(Z, y)),
        ),
        Misconception(
            "sign",
            Text(
                en="The sign of the gradient is wrong: y − p is the direction in which a step goes.",
                zh="梯度的符号反了，y − p是更新的方向。",
            ),
            gives=lambda Z, y, G: (F.cross_entropy(Z, y), -G * _p_minus_y(Z, y) / len(y)),
        ),
        Misconception(
            "target_forgotten",
            Text(
                en="These are the probabilities. Subtract 1 at the right class of each row.",
                zh="这是概率本身，还要在每一行的正确类别处减去1。",
            ),
            gives=lambda Z, y, G: (F.cross_entropy(Z, y), G * Z.softmax(1) / len(y)),
        ),
        Misconception(
            "columns",
            Text(
                en="softmax ran down the columns, so that the examples compete with each other. The classes of one example should.",
                zh="softmax沿列计算了，使各个样本的概率之和为1。应当使同一个样本的各个类别的概率之和为1。",
            ),
            gives=lambda Z, y, G: (F.cross_entropy(Z, y), G * _p_minus_y(Z, y, 0) / len(y)),
        ),
        finite_difference(_with_vjps(cross_entropy), lambda Z, y, G: _has_large(Z)),
    ),
    rules=(
        WITHOUT_AUTOGRAD,
        Rule(
            "ready_made",
            Text(
                en="The values are right, but PyTorch's own cross-entropy found the loss. Here it is yours to write.",
                zh="值是对的，但损失是用PyTorch现成的交叉熵求出的。这里要自己写出来。",
            ),
            uses_cross_entropy,
        ),
    ),
)

EXERCISES = (_EXERCISE_14_1, _EXERCISE_14_2, _EXERCISE_14_3, _EXERCISE_14_4)
