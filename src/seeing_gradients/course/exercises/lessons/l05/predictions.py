"""Predictions 05.p1 to 05.p4; the answers come from running PyTorch."""

import torch

from ...spec import Prediction, Text
from ..shared import gradient


def _value_after_a_write_to_the_detached() -> int:
    """The index of the right choice."""
    b = torch.tensor([1.0, 2.0, 3.0], requires_grad=True) * 2
    c = b.detach()
    c[0] = 100.0
    return [[2.0, 4.0, 6.0], [100.0, 4.0, 6.0]].index(b.tolist())


def _gradient_with_a_detached_factor() -> float:
    x = torch.tensor(3.0, requires_grad=True)
    u = (x * x).detach()
    (u * x).backward()
    return gradient(x).item()


def _gradient_of_a_detached_output() -> int:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    try:
        (x * 2).detach().sum().backward()
    except RuntimeError:
        return 2 if x.grad is None else 3
    return [[0.0, 0.0], [2.0, 2.0]].index(gradient(x).tolist())


def _gradient_after_a_write_through_data() -> int:
    x = torch.tensor([0.0, 1.0], requires_grad=True)
    y = x.exp()
    y.data.zero_()
    try:
        y.sum().backward()
    except RuntimeError:
        return 0
    return 1 if torch.allclose(gradient(x), x.detach().exp()) else 2


PREDICTIONS = (
    Prediction(
        id="05.p1",
        kind="choice",
        question=Text(en="What is in `b` after these lines?", zh="运行这几行之后，`b`里是什么？"),
        code="a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)\nb = a * 2\nc = b.detach()\nc[0] = 100",
        options=(
            Text(en="[2., 4., 6.]: c is separate", zh="[2., 4., 6.]：c是独立的"),
            Text(en="[100., 4., 6.]: b and c share their memory", zh="[100., 4., 6.]：b与c共享内存"),
        ),
        actual=_value_after_a_write_to_the_detached,
        why=Text(
            en="detach unfastens the tensor from the graph, not from its memory.",
            zh="detach把张量从计算图上分离，但仍与它共享内存。",
        ),
    ),
    Prediction(
        id="05.p2",
        kind="number",
        question=Text(en="What is `x.grad` after these lines?", zh="运行这几行之后，`x.grad`是多少？"),
        code="x = torch.tensor(3.0, requires_grad=True)\nu = (x * x).detach()\nz = u * x\nz.backward()",
        actual=_gradient_with_a_detached_factor,
        why=Text(
            en="u counts as a constant; the slope of u · x is u, the square of x.",
            zh="u被当作常数；u · x的导数就是u，即x的平方。",
        ),
    ),
    Prediction(
        id="05.p3",
        kind="choice",
        question=Text(en="And what is left in `x.grad` after these lines?", zh="运行这几行之后，`x.grad`是什么？"),
        code="x = torch.tensor([1.0, 2.0], requires_grad=True)\ny = (x * 2).detach()\ny.sum().backward()",
        options=(
            Text(en="x.grad is [0., 0.]", zh="x.grad是[0., 0.]"),
            Text(en="x.grad is [2., 2.]", zh="x.grad是[2., 2.]"),
            Text(en="an error, and x.grad is None", zh="报错，x.grad是None"),
        ),
        actual=_gradient_of_a_detached_output,
        why=Text(
            en="Nothing leads back at all, so backward refuses to start. None is not 0.",
            zh="没有任何路径可以返回，所以backward报错。None不是0。",
        ),
    ),
    Prediction(
        id="05.p4",
        kind="choice",
        question=Text(
            en="exp saved its result for backward, and this program overwrites it. What happens?",
            zh="exp为反向传播保存了它的结果，而这个程序修改了它。会怎样？",
        ),
        code="x = torch.tensor([0.0, 1.0], requires_grad=True)\ny = x.exp()\ny.data.zero_()\ny.sum().backward()",
        options=(
            Text(en="an error", zh="报错"),
            Text(en="the right gradient", zh="正确的梯度"),
            Text(en="a wrong gradient, without a word", zh="错误的梯度，而且不报错"),
        ),
        actual=_gradient_after_a_write_through_data,
        why=Text(
            en="A write through .data does not change the version counter, so PyTorch cannot notice it.",
            zh="经过.data的修改不会计入版本计数器，所以PyTorch无法发现。",
        ),
    ),
)
