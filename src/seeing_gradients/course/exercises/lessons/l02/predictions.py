"""Predictions 02.p1 to 02.p5; the answers come from running PyTorch."""

import torch
from torch import Tensor

from ...spec import Prediction, Text
from ..shared import gradient


def _leaves() -> tuple[Tensor, Tensor]:
    return torch.tensor(4.0, requires_grad=True), torch.tensor(2.0, requires_grad=True)


def _loss(w: Tensor, b: Tensor) -> Tensor:
    return (w * 2.0 + b - 7.0) ** 2


def _slope_for_w(passes: int = 1) -> float:
    w, b = _leaves()
    for _ in range(passes):
        _loss(w, b).backward()
    return gradient(w).item()


def _two_paths() -> float:
    x = torch.tensor(3.0, requires_grad=True)
    (x * x + x).backward()
    return gradient(x).item()


def _grad_of_non_leaf() -> int:
    """The index of the right choice."""
    x = torch.arange(4.0, requires_grad=True)
    y = x * x
    y.sum().backward()
    if y.is_leaf or y.retains_grad:
        return [[1, 1, 1, 1], [0, 2, 4, 6]].index(gradient(y).tolist())
    return 2


def _after_one_step() -> float:
    w, b = _leaves()
    _loss(w, b).backward()
    with torch.no_grad():
        w -= 0.02 * gradient(w)
        b -= 0.02 * gradient(b)
        return round(_loss(w, b).item(), 4)


_MODEL = "x, y_true = 2.0, 7.0\nw = torch.tensor(4.0, requires_grad=True)\nb = torch.tensor(2.0, requires_grad=True)\n"

PREDICTIONS = (
    Prediction(
        id="02.p1",
        kind="number",
        question=Text(en="The loss is 9. What is dL/dw?", zh="损失是9。dL/dw是多少？"),
        code=f"{_MODEL}loss = (w * x + b - y_true) ** 2",
        actual=_slope_for_w,
        why=Text(
            en="The error is 3, the derivative of its square is 2 · 3 = 6, and on the way to w that is multiplied by x = 2.",
            zh="误差是3，平方的导数是2 · 3 = 6，传给w时再乘以x = 2。",
        ),
    ),
    Prediction(
        id="02.p2",
        kind="number",
        question=Text(en="What does `x.grad` hold after these lines?", zh="运行这几行之后，`x.grad`是多少？"),
        code="x = torch.tensor(3.0, requires_grad=True)\ny = x * x + x\ny.backward()",
        actual=_two_paths,
        why=Text(
            en="Every path from y back to x contributes: 3 + 3 through the product, 1 directly.",
            zh="从y回到x的每条路径各传来一个梯度，经过乘积的是3 + 3，经过加法的是1。",
        ),
    ),
    Prediction(
        id="02.p3",
        kind="choice",
        question=Text(en="What is `y.grad` after these lines?", zh="运行这几行之后，`y.grad`是什么？"),
        code="x = torch.arange(4.0, requires_grad=True)\ny = x * x\ny.sum().backward()",
        options=(
            Text(en="tensor([1., 1., 1., 1.])", zh="tensor([1., 1., 1., 1.])"),
            Text(en="tensor([0., 2., 4., 6.])", zh="tensor([0., 2., 4., 6.])"),
            Text(en="None, with a warning", zh="None，并有一条警告"),
            Text(en="an error", zh="一条报错"),
        ),
        actual=_grad_of_non_leaf,
        why=Text(
            en="Ones did arrive at y, but y is not a leaf: its gradient is passed on towards x and dropped.",
            zh="到达y的梯度确实全是1，但y不是叶子张量，它的梯度在继续传给x之后就释放了。",
        ),
    ),
    Prediction(
        id="02.p4",
        kind="number",
        question=Text(
            en="Forward and backward run twice, nothing is reset in between. What is `w.grad`?",
            zh="前向传播和反向传播各运行两次，中间没有清零。`w.grad`是多少？",
        ),
        code=f"{_MODEL}for _ in range(2):\n    loss = (w * x + b - y_true) ** 2\n    loss.backward()",
        actual=lambda: _slope_for_w(2),
        why=Text(
            en="backward adds to .grad. Both passes give 12, since w has not moved.",
            zh="backward把梯度累加到.grad。w没有变，所以两次传来的都是12。",
        ),
    ),
    Prediction(
        id="02.p5",
        kind="slider",
        question=Text(
            en="One step of gradient descent from w = 4, b = 2 with learning rate 0.02. The loss was 9. What will it "
            "be?",
            zh="从w = 4、b = 2出发，以学习率0.02做一步梯度下降。损失原来是9，一步之后会是多少？",
        ),
        low=0.0,
        high=18.0,
        step=0.25,
        tolerance=0.3,
        actual=_after_one_step,
        why=Text(
            en="w moves by −0.24 and b by −0.12; the prediction falls from 10 to 9.4, and 2.4² = 5.76.",
            zh="w变化−0.24，b变化−0.12，预测值从10降到9.4，误差是2.4，而2.4² = 5.76。",
        ),
    ),
)
