"""Predictions 13.p1 to 13.p4; the answers come from running PyTorch."""

import torch
from torch import Tensor, nn

from ...spec import Prediction, Text
from ..shared import gradient


def _gradient_of_the_shared_weight(w: float, steps: int, cut: int) -> float:
    """The gradient of w in h = w * h + 1 after some steps from 0, if h is detached every `cut` steps."""
    leaf, h = torch.tensor(w, requires_grad=True), torch.zeros(())
    for t in range(steps):
        h = leaf * (h.detach() if t % cut == 0 else h) + 1.0
    h.backward()
    return gradient(leaf).item()


def _share_after_a_cut() -> int:
    """The index of the right choice: how much of the gradient over ten steps a cut after the fifth leaves."""
    share = _gradient_of_the_shared_weight(0.9, 10, 5) / _gradient_of_the_shared_weight(0.9, 10, 10)
    return 0 if share < 0.4 else 1 if share < 0.6 else 2


def _chunk_that_raises() -> int:
    """The index of the right choice: 2 if no chunk raises an error, else the number of the first that does, from 0."""
    w, h = torch.tensor(0.9, requires_grad=True), torch.zeros(())
    for number in range(2):
        for _ in range(4):
            h = torch.tanh(w * h + 0.2)
        try:
            ((h - 0.5) ** 2).backward()
        except RuntimeError:
            return number
    return 2


def _gradient_thirty_steps_back() -> int:
    """The index of the right choice, for a fresh nn.RNNCell of 64 units that reads 40 random vectors."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        cell, h = nn.RNNCell(32, 64), torch.zeros(64)
        states: list[Tensor] = []
        for x in torch.eye(32)[torch.randint(32, (40,))]:
            h = cell(x, h)
            h.retain_grad()
            states.append(h)
        (h * torch.randn(64)).sum().backward()
    ratio = (gradient(states[9]).norm() / gradient(states[39]).norm()).item()
    return 0 if ratio > 0.1 else 1 if ratio > 1e-4 else 2


PREDICTIONS = (
    Prediction(
        id="13.p1",
        kind="number",
        question=Text(
            en="w = 2, x = 1, and three rounds, beginning with h = 0. What is w.grad?",
            zh="w = 2，x = 1，从h = 0开始迭代三次。w.grad是多少？",
        ),
        code="h = 0.0\nfor _ in range(3):\n    h = w * h + x\nh.backward()",
        actual=lambda: _gradient_of_the_shared_weight(2.0, 3, 3),
        why=Text(
            en="w is used in each round, and the gradients of all its uses are added: 3 from the last round, 2 from the "
            "second, and 0 from the first, where h was 0.",
            zh="每次迭代都用到w，各次的梯度要相加，最后一次是3，第二次是2，第一次的h是0，所以是0。",
        ),
    ),
    Prediction(
        id="13.p2",
        kind="choice",
        question=Text(
            en="Ten steps with w = 0.9 and x = 1; the state is detached after the fifth. How much of the gradient of w is "
            "left?",
            zh="共十步，w = 0.9，x = 1，第五步之后把状态分离。w的梯度还留下多少？",
        ),
        options=(
            Text(en="less than a third", zh="不到三分之一"),
            Text(en="half of it", zh="一半"),
            Text(en="more than three quarters", zh="超过四分之三"),
        ),
        actual=_share_after_a_cut,
        why=Text(
            en="The early steps contribute little: their states are still small, and each later step multiplies by 0.9.",
            zh="靠前的各步贡献很小，因为那时状态还小，而后面每一步又要乘上0.9。",
        ),
    ),
    Prediction(
        id="13.p3",
        kind="choice",
        question=Text(
            en="The loop above, without any detach. What happens?",
            zh="运行上面没有detach的循环，会怎样？",
        ),
        options=(
            Text(en="an error in the first chunk", zh="第一段就报错"),
            Text(en="an error in the second chunk", zh="到第二段报错"),
            Text(en="no error; gradients go back to the beginning", zh="不报错，梯度一直传回开头"),
        ),
        actual=_chunk_that_raises,
        why=Text(
            en="The second loss reaches, through the state, into the first chunk, whose saved tensors have been freed.",
            zh="第二段的损失经过状态通到第一段，而那里保存的张量已经释放了。",
        ),
    ),
    Prediction(
        id="13.p4",
        kind="choice",
        question=Text(
            en="A fresh nn.RNNCell with 64 units reads 40 characters. Compared with the last state, how large is the "
            "gradient norm of the state 30 steps earlier?",
            zh="一个尚未训练的nn.RNNCell有64个单元，读入40个字符。与最后一个状态相比，30步之前的状态的梯度范数有多大？",
        ),
        options=(
            Text(en="about half as large", zh="大约一半"),
            Text(en="about a hundredth", zh="大约百分之一"),
            Text(en="less than a millionth", zh="不到百万分之一"),
        ),
        actual=_gradient_thirty_steps_back,
        why=Text(
            en="Each step back multiplies by the same matrix, which as PyTorch draws it shrinks vectors to about a half.",
            zh="每往回一步都乘上同一个矩阵。按PyTorch的初始化，它使向量缩小到一半左右。",
        ),
    ),
)
