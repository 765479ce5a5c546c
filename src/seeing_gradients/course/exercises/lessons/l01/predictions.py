"""Predictions 01.p1 to 01.p4; the answers come from running PyTorch or Python."""

import torch
from torch import Tensor

from ...spec import Prediction, Text
from ..shared import gradient


def _slope_of_the_hyperbola() -> float:
    x = torch.tensor(1.0, requires_grad=True)
    (x**3 - 1 / x).backward()
    return gradient(x).item()


def _descent_with_rate_one() -> int:
    """The index of the right choice: the path of two steps on x² from 1.5 with learning rate 1."""
    x, path = torch.tensor(1.5, requires_grad=True), []
    for _ in range(2):
        (slope,) = torch.autograd.grad(x**2, x)
        x = (x - 1.0 * slope).detach().requires_grad_()
        path.append(x.item())
    return {(0.0, 0.0): 0, (-1.5, 1.5): 1}.get(tuple(path), 2)


def _smallest_step() -> int:
    h = 1e-16
    quotient = ((3 * (1 + h) ** 2 - 4 * (1 + h)) - (3 - 4)) / h
    return [2.0, 2.2204, 0.0].index(round(quotient, 4))


def _evaluations() -> float:
    calls = 0

    def f(x: Tensor) -> Tensor:
        nonlocal calls
        calls += 1
        return (x * x).sum()

    x, n, h = torch.ones(1000, dtype=torch.float64), 1000, 1e-5
    for i in range(n):
        step = torch.zeros(n, dtype=torch.float64)
        step[i] = h
        _ = (f(x + step) - f(x - step)) / (2 * h)
    return calls


PREDICTIONS = (
    Prediction(
        id="01.p1",
        kind="choice",
        question=Text(
            en="Gradient descent on x² from x = 1.5 with the learning rate 1. What happens?",
            zh="对x²从x = 1.5出发做梯度下降，学习率为1。结果会怎样？",
        ),
        options=(
            Text(en="x reaches 0 in one step", zh="x一步到达0"),
            Text(en="x jumps between 1.5 and −1.5 forever", zh="x永远在1.5和−1.5之间来回跳"),
            Text(en="x moves further and further away", zh="x越走越远"),
        ),
        actual=_descent_with_rate_one,
        why=Text(
            en="The slope at 1.5 is 3, so the step is −3: across the minimum to the other side, where the slope is −3.",
            zh="1.5处的导数是3，所以这一步是−3，x越过最小值点到了−1.5，而那里的导数是−3。",
        ),
    ),
    Prediction(
        id="01.p2",
        kind="choice",
        question=Text(
            en="The slope of 3x² − 4x at 1 is 2. What does Python give for (u(1 + h) − u(1)) / h with h = 1e-16?",
            zh="3x² − 4x在1处的导数是2。取h = 1e-16时，Python算出的(u(1 + h) − u(1)) / h是多少？",
        ),
        options=tuple(Text(en=text, zh=text) for text in ("2.0000", "2.2204", "0.0")),
        actual=_smallest_step,
        why=Text(
            en="The next number after 1 is 1 + 2.2e-16. 1e-16 is less than half of that gap, so 1 + h is 1 and the "
            "difference is 0.",
            zh="1之后的下一个数是1 + 2.2e-16。1e-16不到这个间隔的一半，所以1 + h就是1，差商为0。",
        ),
    ),
    Prediction(
        id="01.p3",
        kind="number",
        question=Text(en="What is the slope of x³ − 1/x at x = 1?", zh="x³ − 1/x在x = 1处的导数是多少？"),
        actual=_slope_of_the_hyperbola,
        why=Text(
            en="Term by term: 3x² + 1/x². The minus sign and the negative power cancel each other.",
            zh="逐项求导得3x² + 1/x²，负号与负指数的负号相抵。",
        ),
    ),
    Prediction(
        id="01.p4",
        kind="slider",
        question=Text(
            en="A function of 1000 parameters. How many evaluations does its gradient need by central differences?",
            zh="某个函数有1000个参数。用中心差分求它的梯度，需要计算多少次函数？",
        ),
        low=0.0,
        high=5000.0,
        step=100.0,
        tolerance=1.0,
        actual=_evaluations,
        why=Text(
            en="Every parameter has to be moved on its own, once up and once down.",
            zh="每个参数都要单独增大一次、减小一次，各计算一次函数。",
        ),
    ),
)
