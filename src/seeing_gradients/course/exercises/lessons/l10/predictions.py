"""Predictions 10.p1 to 10.p3; the answers come from running PyTorch."""

from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.checkpoint import checkpoint

from ...spec import Prediction, Text
from ..shared import gradient


def _gradient_of_the_cube() -> float:
    x = torch.tensor(2.0, requires_grad=True)
    (5 * x**3).backward()
    return gradient(x).item()


def _segments_with_least_memory() -> int:
    """The index of the right choice: 1, 4 or 12 segments, by the bytes that saved_tensors_hooks sees."""

    def part(x: Tensor, count: int) -> Tensor:
        for _ in range(count):
            x = torch.tanh(1.1 * x)
        return x

    def chain(x: Tensor, segments: int) -> Tensor:
        for _ in range(segments):
            x = cast(Tensor, checkpoint(part, x, 12 // segments, use_reentrant=False))
        return x

    def saved(f: Callable[[Tensor, int], Tensor], count: int) -> int:
        sizes: list[int] = []
        with torch.autograd.graph.saved_tensors_hooks(lambda t: sizes.append(t.nbytes) or t, lambda t: t):
            f(torch.ones(4, requires_grad=True), count)
        return sum(sizes)

    memory = [saved(chain, segments) + saved(part, 12 // segments) for segments in (1, 4, 12)]
    return memory.index(min(memory))


def _operations_by_columns() -> int:
    """The index of the right choice: how many operations 50 forward-mode passes take, of 22, 50 and 1,000."""
    weights = torch.linspace(-1, 1, 100).reshape(2, 50)
    with _Counter() as operations:
        for u in torch.eye(50).unbind():
            torch.func.jvp(lambda x: torch.tanh(weights @ x), (torch.ones(50),), (u,))
    distances = [abs(operations.count - choice) for choice in (22, 50, 1000)]
    return distances.index(min(distances))


class _Counter(TorchDispatchMode):
    count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += 1
        return func(*args, **(kwargs or {}))


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
        kind="choice",
        question=Text(
            en="Each block saves 4000 bytes, and so does the input of each segment. With how many segments is the sum "
            "of what is held and what the longest segment adds the smallest?",
            zh="每个块保存4000字节，每段的输入也是4000字节。一直保存的字节数，加上重新计算最长的一段时所用的字节数，分成几段时总和最小？",
        ),
        options=(
            Text(en="1 segment", zh="1段"),
            Text(en="4 segments", zh="4段"),
            Text(en="12 segments", zh="12段"),
        ),
        actual=_segments_with_least_memory,
        why=Text(
            en="One segment saves its whole inside again, twelve hold twelve inputs. In between both are small.",
            zh="只有1段时，重新计算要保存全部12个块，分成12段时，要保存12个输入。介于两者之间，两项都不大。",
        ),
    ),
    Prediction(
        id="10.p3",
        kind="choice",
        question=Text(
            en="J has 2 rows and 50 columns. Row by row, with two backward passes, it takes 22 operations. About how many "
            "does it take column by column?",
            zh="J有2行50列。逐行求要两次反向传播，共22个运算。逐列求大约要多少个运算？",
        ),
        options=(
            Text(en="22, as many", zh="22个，一样多"),
            Text(en="50, one a column", zh="50个，每列一个"),
            Text(en="1000", zh="1000个"),
        ),
        actual=_operations_by_columns,
        why=Text(
            en="Fifty columns are fifty passes, and each of them runs all of f once more.",
            zh="50列就要50次计算，每一次都要把整个f再算一遍。",
        ),
    ),
)
