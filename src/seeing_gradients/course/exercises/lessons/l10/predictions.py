"""Predictions 10.p1 to 10.p3; the answers come from running PyTorch."""

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from ...spec import Prediction, Text
from ..shared import gradient


def _gradient_of_the_cube() -> float:
    x = torch.tensor(2.0, requires_grad=True)
    (5 * x**3).backward()
    return gradient(x).item()


def _evaluations() -> float:
    calls = []

    def part(x: Tensor) -> Tensor:
        for _ in range(3):
            calls.append(1)
            x = torch.tanh(x)
        return x

    x = torch.ones(4, requires_grad=True)
    y = x
    for _ in range(4):
        y = checkpoint(part, y, use_reentrant=False)
    y.sum().backward()
    return len(calls)


def _mode_with_fewer_passes() -> int:
    """The index of the right choice: the mode with fewer passes for a Jacobian of 2 rows and 50 columns."""
    rows, columns = torch.func.jacrev(lambda x: torch.stack([x.sum(), x.prod()]))(torch.ones(50)).shape
    return 0 if rows < columns else 1


PREDICTIONS = (
    Prediction(
        id="10.p1",
        kind="number",
        question=Text(en="What will `x.grad` be?", zh="`x.grad`会是多少？"),
        code="x = torch.tensor(2.0, requires_grad=True)\ny = 5 * Cube.apply(x)\ny.backward()",
        actual=_gradient_of_the_cube,
        why=Text(
            en="5 arrives at the cube, which multiplies it by its slope 3x², 12 at x = 2.",
            zh="到达立方运算的梯度是5，再乘上它的导数3x²，在x = 2处是12。",
        ),
    ),
    Prediction(
        id="10.p2",
        kind="number",
        question=Text(
            en="12 blocks in 4 checkpointed segments: how many block evaluations do forward and backward take "
            "together?",
            zh="12个块分成4个带检查点的段，前向传播和反向传播一共要计算多少次块？",
        ),
        actual=_evaluations,
        why=Text(
            en="Each block runs once in forward, and once more when backward reaches its segment.",
            zh="每个块在前向传播时运行一次，反向传播到它所在的段时再运行一次。",
        ),
    ),
    Prediction(
        id="10.p3",
        kind="choice",
        question=Text(
            en="J has 2 rows and 50 columns. Which way takes fewer passes?",
            zh="J有2行50列。哪种办法的次数少？",
        ),
        options=(
            Text(en="reverse mode, row by row", zh="反向模式，逐行"),
            Text(en="forward mode, column by column", zh="前向模式，逐列"),
            Text(en="the same number", zh="一样多"),
        ),
        actual=_mode_with_fewer_passes,
        why=Text(
            en="One backward gives a whole row. Two rows, two passes.",
            zh="一次反向传播得到完整的一行，两行需要两次。",
        ),
    ),
)
