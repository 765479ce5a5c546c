"""Predictions 12.p1 to 12.p4; the answers come from running PyTorch."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ...spec import Prediction, Text
from ..shared import gradient


def _weights_of(activation: nn.Module, initialise: Callable[[Tensor], Tensor], skip: bool = False) -> list[float]:
    """The gradient norms of 20 layers of 64 units, first to last, on random inputs."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = [nn.Linear(64, 64, bias=False) for _ in range(20)]
        for layer in network:
            initialise(layer.weight)
        x = torch.randn(32, 64)
        for layer in network:
            h: Tensor = activation(layer(x))
            x = x + h if skip else h
        (x * torch.randn(32, 64)).mean().backward()
    return [gradient(layer.weight).norm().item() for layer in network]


def _ratio_of_sigmoids() -> int:
    """The index of the right choice."""
    norms = _weights_of(nn.Sigmoid(), nn.init.xavier_normal_)
    ratio = norms[0] / norms[-1]
    return 0 if ratio > 1e-2 else 1 if ratio > 1e-8 else 2


def _gradient_of_small_weights() -> int:
    norms = _weights_of(nn.ReLU(), lambda weight: nn.init.normal_(weight, std=0.01))
    return 2 if not any(norms) else 1 if not norms[0] else 0


def _ratio_with_skips() -> int:
    norms = _weights_of(nn.Sigmoid(), nn.init.xavier_normal_, skip=True)
    ratio = norms[0] / norms[-1]
    return 0 if ratio < 1e-8 else 1 if ratio < 1e-3 else 2


def _product_in_half() -> int:
    w = torch.tensor(0.5, dtype=torch.float16, requires_grad=True)
    (w * 2.0**-14 * 2.0**-14).backward()
    return 2 if gradient(w).item() == 0 else 0


PREDICTIONS = (
    Prediction(
        id="12.p1",
        kind="choice",
        question=Text(
            en="20 layers with sigmoid. How large is the gradient norm of the first layer, compared with the last?",
            zh="20层，都用sigmoid。第一层梯度的范数与最后一层相比有多大？",
        ),
        options=(
            Text(en="about a twentieth", zh="大约二十分之一"),
            Text(en="about a thousandth", zh="大约千分之一"),
            Text(en="less than a billionth", zh="不到十亿分之一"),
        ),
        actual=_ratio_of_sigmoids,
        why=Text(
            en="Each layer multiplies by the slope of the sigmoid, at most a quarter, and twenty such factors are "
            "multiplied.",
            zh="每一层都要乘上sigmoid的导数，它最大是四分之一，二十个这样的因子相乘。",
        ),
    ),
    Prediction(
        id="12.p2",
        kind="choice",
        question=Text(
            en="20 layers with ReLU, the weights drawn with standard deviation 0.01. Which layers have a gradient of "
            "exactly 0?",
            zh="20层，都用ReLU，权重的标准差是0.01。哪些层的梯度恰好是0？",
        ),
        options=(
            Text(en="none, they are only small", zh="没有，只是都很小"),
            Text(en="the first ones, but not the last", zh="前面的层是0，最后一层不是"),
            Text(en="all of them, even the last", zh="全都是0，连最后一层也是"),
        ),
        actual=_gradient_of_small_weights,
        why=Text(
            en="Forward shrinks as well: the input of the last layer is tiny, and its gradient is that input times G.",
            zh="前向传播也在缩小。最后一层的输入极小，而它的梯度是这个输入乘以G。",
        ),
    ),
    Prediction(
        id="12.p3",
        kind="choice",
        question=Text(
            en="Each sigmoid layer becomes x + sigmoid(Wx). How large is the first layer's gradient now, compared with "
            "the last?",
            zh="每个sigmoid层改成x + sigmoid(Wx)。现在第一层的梯度与最后一层相比有多大？",
        ),
        options=(
            Text(en="as small as before", zh="与原来一样小"),
            Text(en="about a millionth", zh="大约百万分之一"),
            Text(en="of a like size", zh="大小相近"),
        ),
        actual=_ratio_with_skips,
        why=Text(
            en="Along the path x the gradient passes every layer with the factor 1.",
            zh="沿着x这条路，梯度经过每一层时的因子都是1。",
        ),
    ),
    Prediction(
        id="12.p4",
        kind="choice",
        question=Text(
            en="All in float16. What is w.grad?",
            zh="全部用float16。w.grad是多少？",
        ),
        code="w = torch.tensor(0.5, dtype=torch.float16, requires_grad=True)\n(w * 2.0**-14 * 2.0**-14).backward()",
        options=(
            Text(en="2 ** -28", zh="2 ** -28"),
            Text(en="2 ** -24, the smallest positive number", zh="2 ** -24，即最小的正数"),
            Text(en="0", zh="0"),
        ),
        actual=_product_in_half,
        why=Text(
            en="The smallest positive number of float16 is 2 to the power of −24. Less than half of it is rounded to 0.",
            zh="float16的最小正数是2的−24次方，比它的一半还小的数会舍入为0。",
        ),
    ),
)
