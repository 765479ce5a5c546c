"""Predictions 11.p1 to 11.p4; the answers come from running PyTorch."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ...spec import Prediction, Text
from ..shared import gradient


def _product_for_the_weights() -> int:
    """The index of the right choice."""
    X, W, G = torch.rand(5, 3), torch.rand(3, 2, requires_grad=True), torch.rand(5, 2)
    (X @ W).backward(G)
    products = (X.T @ G, G.T @ X, G @ gradient(W).T)
    return next(i for i, each in enumerate(products) if each.shape == W.shape and torch.allclose(each, gradient(W)))


def _sum_of_the_gradient() -> int:
    """The index of the right choice."""
    z = torch.tensor([2.0, 1.0, 0.0], requires_grad=True)
    F.cross_entropy(z, torch.tensor(0)).backward()
    return (-1, 0, 1).index(round(gradient(z).sum().item(), 4))


def _gradient_of_the_naive_loss() -> int:
    z = torch.tensor([0.0, 0.0, 200.0], requires_grad=True)
    p = z.exp() / z.exp().sum()
    (-p[0].log()).backward()
    return 2 if gradient(z).isnan().all() else 0


def two_moons(n: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Return points (n, 2) and their classes (n,), as the lesson makes them."""
    g = torch.Generator().manual_seed(seed)
    angle = math.pi * torch.rand(n, generator=g)
    y = torch.arange(n) % 2
    X = torch.stack([torch.cos(angle) + y, (1 - 2 * y) * torch.sin(angle) + 0.5 * y], dim=1)
    return X + 0.1 * torch.randn(n, 2, generator=g), y


def _trend_of_the_gradient() -> int:
    """The index of the right choice: what became of the gradient norm of the first layer in 100 steps."""
    X, y = two_moons(200)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        first = nn.Linear(2, 16)
        model = nn.Sequential(first, nn.ReLU(), nn.Linear(16, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    norms = []
    for _ in range(100):
        optimizer.zero_grad()
        F.cross_entropy(model(X), y).backward()
        norms.append(gradient(first.weight).norm().item())
        optimizer.step()
    change = norms[-1] / norms[0]
    return 2 if change < 0.5 else 0 if change > 2 else 1


PREDICTIONS = (
    Prediction(
        id="11.p1",
        kind="choice",
        question=Text(
            en="X is (5, 3), W is (3, 2), G is (5, 2). Which product is the gradient of W?",
            zh="X的形状是(5, 3)，W是(3, 2)，G是(5, 2)。哪个乘积是W的梯度？",
        ),
        options=(
            Text(en="X.T @ G", zh="X.T @ G"),
            Text(en="G.T @ X", zh="G.T @ X"),
            Text(en="G @ W.T", zh="G @ W.T"),
        ),
        actual=_product_for_the_weights,
        why=Text(
            en="(3, 5) times (5, 2) gives (3, 2), the shape of W; the 5 examples are summed over.",
            zh="(3, 5)乘(5, 2)得到(3, 2)，正是W的形状，求和是对5个样本进行的。",
        ),
    ),
    Prediction(
        id="11.p2",
        kind="choice",
        question=Text(
            en="z = [2, 1, 0], and class 0 is right. What do the three elements of z.grad add up to?",
            zh="z = [2, 1, 0]，正确的类别是0。z.grad的三个元素之和是多少？",
        ),
        code="loss = F.cross_entropy(z, torch.tensor(0))\nloss.backward()\nz.grad.sum()",
        options=tuple(Text(en=text, zh=text) for text in ("-1", "0", "1")),
        actual=_sum_of_the_gradient,
        why=Text(
            en="If the same number is added to all logits, the probabilities stay, and so does the loss: in this "
            "direction the derivative is 0.",
            zh="给所有的预测值加上同一个数，概率不变，损失也不变，所以沿这个方向的导数是0。",
        ),
    ),
    Prediction(
        id="11.p3",
        kind="choice",
        question=Text(
            en="z = [0, 0, 200] in float32, class 0 is right, and the loss is written as the formula reads. What is "
            "z.grad?",
            zh="z = [0, 0, 200]，类型为float32，正确的类别是0，损失直接按公式来写。z.grad是什么？",
        ),
        code="p = z.exp() / z.exp().sum()\n(-p[0].log()).backward()",
        options=(
            Text(en="[-1, 0, 1]", zh="[-1, 0, 1]"),
            Text(en="[0, 0, 0]", zh="[0, 0, 0]"),
            Text(en="nan everywhere", zh="全是nan"),
        ),
        actual=_gradient_of_the_naive_loss,
        why=Text(
            en="The largest exponential is inf in float32, which makes p[0] 0. On the way back infinity meets 0: nan.",
            zh="最大的指数函数值在float32里是inf，于是p[0]成了0。往回传时，无穷大乘以0得到nan。",
        ),
    ),
    Prediction(
        id="11.p4",
        kind="choice",
        question=Text(
            en="The network learns well. What becomes of the gradient norm of its first layer in 100 steps?",
            zh="网络学得很好。训练100步之后，第一层梯度的范数会怎样？",
        ),
        options=(
            Text(en="it grows", zh="变大"),
            Text(en="it stays about the same, and only the loss falls", zh="大致不变，只是损失下降"),
            Text(en="it shrinks", zh="变小"),
        ),
        actual=_trend_of_the_gradient,
        why=Text(
            en="Every gradient of the network comes from p − y, and that goes to 0 as the examples are learnt.",
            zh="网络的每个梯度都由p − y算出，网络学会之后，p − y趋于0。",
        ),
    ),
)
