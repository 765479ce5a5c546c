"""Predictions 03.p1 to 03.p5; the answers come from running PyTorch."""

import warnings
from collections.abc import Callable

import torch
from torch import Tensor

from ...spec import Prediction, Text
from ..shared import gradient


def _gradient(f: Callable[[Tensor], Tensor], numbers: list[float]) -> Tensor:
    x = torch.tensor(numbers, requires_grad=True)
    f(x).backward()
    return gradient(x)


def _gradient_of_twice_the_dot() -> int:
    """The index of the right choice."""
    return [[2, 4, 6], [4, 8, 12], [2, 8, 18]].index(_gradient(lambda x: 2 * torch.dot(x, x), [1.0, 2.0, 3.0]).tolist())


def _row_wise_product() -> int:
    X = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    forms = (torch.dot, torch.matmul, lambda a, b: (a * b).sum(), torch.linalg.vecdot)
    return [_has_one_number_a_row(form, X) for form in forms].index(True)


def _has_one_number_a_row(form: Callable[[Tensor, Tensor], Tensor], X: Tensor) -> bool:
    try:
        return form(X, X).shape == (2,)
    except RuntimeError:
        return False


def _transposed() -> int:
    x = torch.tensor([1.0, 2.0, 3.0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        t = x.T
    if t is x:
        return 0
    return 1 if t.shape == x.shape and t.data_ptr() == x.data_ptr() else 2


def _length_of_gradient() -> float:
    return round(_gradient(torch.linalg.vector_norm, [30.0, 40.0]).norm().item(), 6)


def _gradient_of_root_at_zero() -> int:
    g = _gradient(lambda x: torch.sqrt((x * x).sum()), [0.0, 0.0])
    return 2 if g.isnan().all() else [[0, 0], [1, 1]].index(g.tolist())


PREDICTIONS = (
    Prediction(
        id="03.p1",
        kind="choice",
        question=Text(en="Which gradient arrives in `x.grad`?", zh="`x.grad`是哪一个？"),
        code="x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)\ny = 2 * torch.dot(x, x)\ny.backward()",
        options=tuple(Text(en=text, zh=text) for text in ("[2., 4., 6.]", "[4., 8., 12.]", "[2., 8., 18.]", "28.")),
        actual=_gradient_of_twice_the_dot,
        why=Text(
            en="y = 2(x₁² + x₂² + x₃²). Each square has slope 2xⱼ, the factor in front doubles it: 4x.",
            zh="y = 2(x₁² + x₂² + x₃²)。每个平方的导数是2xⱼ，前面的系数再乘以2，得到4x。",
        ),
    ),
    Prediction(
        id="03.p2",
        kind="choice",
        question=Text(
            en="`X` has shape (2, 3). Which expression gives one dot product per row, two numbers in all?",
            zh="`X`的形状是(2, 3)。哪种写法为每一行给出一个点积，一共两个数？",
        ),
        options=tuple(
            Text(en=text, zh=text)
            for text in ("torch.dot(X, X)", "X @ X", "(X * X).sum()", "torch.linalg.vecdot(X, X)")
        ),
        actual=_row_wise_product,
        why=Text(
            en="dot refuses a matrix, @ needs equal inner sizes, sum() adds everything; vecdot goes row by row.",
            zh="dot不接受矩阵，@要求内侧维度相等，sum()把所有元素都加起来，只有vecdot是逐行计算的。",
        ),
    ),
    Prediction(
        id="03.p3",
        kind="choice",
        question=Text(
            en="`x` has shape (3,). What is `x.T`?",
            zh="`x`的形状是(3,)。`x.T`是什么？",
        ),
        options=(
            Text(en="x itself, the same object", zh="就是x本身，同一个对象"),
            Text(en="another tensor, the same shape and memory", zh="另一个张量，形状相同，共享内存"),
            Text(en="a row of shape (1, 3)", zh="一个行向量，形状为(1, 3)"),
            Text(en="an error", zh="一条报错"),
        ),
        actual=_transposed,
        why=Text(
            en="With one dimension there is nothing to swap. PyTorch still makes a new tensor object on the same numbers, "
            "and warns.",
            zh="一维张量只有一个维度，没有可以交换的维度。但仍会生成一个新的张量对象，与x共享内存，PyTorch还会给出"
            "警告。",
        ),
    ),
    Prediction(
        id="03.p4",
        kind="slider",
        question=Text(
            en="At x = (30, 40) the norm is 50. How long is its gradient?",
            zh="在x = (30, 40)处，范数是50。它的梯度有多长？",
        ),
        low=0.0,
        high=100.0,
        step=0.5,
        tolerance=0.5,
        actual=_length_of_gradient,
        why=Text(
            en="The gradient of the norm is x / ‖x‖, here (0.6, 0.8): a step of length 1 outwards makes x longer by 1.",
            zh="范数的梯度是x / ‖x‖，这里是(0.6, 0.8)，沿这个方向走长度为1的一步，x的范数就增大1。",
        ),
    ),
    Prediction(
        id="03.p5",
        kind="choice",
        question=Text(en="What is `x.grad` after these lines?", zh="运行这几行之后，`x.grad`是什么？"),
        code="x = torch.zeros(2, requires_grad=True)\ny = torch.sqrt((x * x).sum())\ny.backward()",
        options=tuple(Text(en=text, zh=text) for text in ("[0., 0.]", "[1., 1.]", "[nan, nan]"))
        + (Text(en="an error", zh="一条报错"),),
        actual=_gradient_of_root_at_zero,
        why=Text(
            en="At 0 the derivative of the root is infinite and that of the squares is 0, and infinity times 0 is nan.",
            zh="平方根在0处的导数是无穷大，平方的导数是0，而无穷大乘以0得nan。",
        ),
    ),
)
