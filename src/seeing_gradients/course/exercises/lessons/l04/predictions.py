"""Predictions 04.p1 to 04.p5; the answers come from running PyTorch."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ...spec import Prediction, Text
from ..shared import gradient


def _leaf(numbers: Sequence[float] = (0.0, 1.0, 2.0, 3.0)) -> Tensor:
    return torch.tensor(numbers, requires_grad=True)


def _backward_of_one_element() -> int:
    """The index of the right choice."""
    x = _leaf()
    try:
        (x * x)[3:].backward()
    except RuntimeError:
        return 2
    return [[0, 0, 0, 6], [0, 2, 4, 6]].index(gradient(x).tolist())


def _last_gradient_of_the_mean() -> float:
    x = _leaf()
    (x * x).mean().backward()
    return gradient(x)[3].item()


def _outputs(x: Tensor) -> Tensor:
    return torch.stack([x[0] * x[1], x[0] ** 2, x[1] + 3 * x[0]])


def _shape_of_v() -> int:
    for index, shape in enumerate([(2,), (3,), (3, 2), (2, 3)]):
        x = _leaf((1.0, 2.0))
        try:
            _outputs(x).backward(torch.ones(shape))
        except RuntimeError:
            continue
        return index
    raise LookupError("no shape fits")


def _weighted_gradient() -> float:
    x = _leaf((1.0, 2.0))
    _outputs(x).backward(torch.tensor([1.0, 10.0, 100.0]))
    return gradient(x)[0].item()


def _doubled_until_large(a: Tensor) -> Tensor:
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


def _gradient_weighted_by_the_output() -> int:
    a = _leaf((1.0, -2.0, 3.0))
    d = _doubled_until_large(a)
    d.backward(d.detach())
    k = d.detach() / a.detach()
    return [torch.equal(gradient(a), t) for t in (k, d.detach(), k * d.detach())].index(True)


PREDICTIONS = (
    Prediction(
        id="04.p1",
        kind="choice",
        question=Text(
            en="`y[3:]` has the shape (1,). What is in `x.grad` after these lines?",
            zh="`y[3:]`的形状是(1,)。运行这几行之后，`x.grad`是什么？",
        ),
        code="x = torch.arange(4.0, requires_grad=True)\ny = x * x\ny[3:].backward()",
        options=(
            Text(en="[0., 0., 0., 6.]", zh="[0., 0., 0., 6.]"),
            Text(en="[0., 2., 4., 6.]", zh="[0., 2., 4., 6.]"),
            Text(en="nothing: an error", zh="报错，没有结果"),
        ),
        actual=_backward_of_one_element,
        why=Text(
            en="A tensor with one element is a scalar to backward, whatever its shape; the other elements of y are not "
            "in that graph.",
            zh="只有一个元素的张量，不论形状如何，对反向传播来说都是标量；y的其余元素没有参与计算这个输出。",
        ),
    ),
    Prediction(
        id="04.p2",
        kind="number",
        question=Text(
            en="`x` is [0, 1, 2, 3]. After `(x * x).mean().backward()`, what is the last element of `x.grad`?",
            zh="`x`是[0, 1, 2, 3]。运行`(x * x).mean().backward()`之后，`x.grad`的最后一个元素是多少？",
        ),
        actual=_last_gradient_of_the_mean,
        why=Text(
            en="The slope of the square is 6 there, and the mean of four numbers gives each the weight ¼.",
            zh="平方在3处的导数是6，而对四个数取均值时，每个数的权重是¼。",
        ),
    ),
    Prediction(
        id="04.p3",
        kind="choice",
        question=Text(
            en="`x` has shape (2,), `y = outputs(x)` has shape (3,). Which shape must `v` have in `y.backward(v)`?",
            zh="`x`的形状是(2,)，`y = outputs(x)`的形状是(3,)。`y.backward(v)`里的`v`应是什么形状？",
        ),
        options=tuple(Text(en=text, zh=text) for text in ("(2,)", "(3,)", "(3, 2)", "(2, 3)")),
        actual=_shape_of_v,
        why=Text(
            en="One weight for each output. What arrives in x.grad then has the shape of the input.",
            zh="v为每个输出给出一个权重，形状与输出相同。x.grad的形状才与输入相同。",
        ),
    ),
    Prediction(
        id="04.p4",
        kind="number",
        question=Text(
            en="The rows of J are (2, 1), (2, 0) and (3, 1). What is the first element of `x.grad` after "
            "`y.backward(v)` with v = (1, 10, 100)?",
            zh="J的三行是(2, 1)、(2, 0)和(3, 1)。取v = (1, 10, 100)，运行`y.backward(v)`之后，`x.grad`的第一个元素是多少？",
        ),
        actual=_weighted_gradient,
        why=Text(
            en="The weighted first column: 1 · 2 + 10 · 2 + 100 · 3.",
            zh="把第一列乘以权重再相加，得到1 · 2 + 10 · 2 + 100 · 3。",
        ),
    ),
    Prediction(
        id="04.p5",
        kind="choice",
        question=Text(
            en="Each output is dᵢ = k · aᵢ. What does `d.backward(d.detach())` leave in `a.grad`?",
            zh="每个输出都是dᵢ = k · aᵢ。`d.backward(d.detach())`运行之后，`a.grad`是什么？",
        ),
        options=(
            Text(en="k in every place", zh="处处都是k"),
            Text(en="d itself", zh="d本身"),
            Text(en="k · d", zh="k · d"),
        ),
        actual=_gradient_weighted_by_the_output,
        why=Text(
            en="J is k times the identity, and v is d: the outputs serve as weights.",
            zh="J是k乘以单位矩阵，而v是d：各个梯度以输出的值为权重。",
        ),
    ),
)
