"""Predictions 14.p1 to 14.p4; the answers come from running PyTorch."""

import contextlib
import math
from collections.abc import Iterator
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from seeing_gradients.course.digits import load_digits

from ...spec import Prediction, Text
from ..shared import gradient

_BATCH = 64


def _elements_of_the_jacobian() -> int:
    """The index of the right choice: 64 · 32 elements of A @ B, each with respect to 64 · 64 elements of A."""
    A, B = torch.zeros(1, 64), torch.zeros(64, 32)
    jacobian: Any = torch.autograd.functional.jacobian(
        lambda A: A @ B, A
    )  # of one row; the other rows have as many elements, times 64 · 64
    return (8192, 262_144, 8_388_608).index(jacobian.numel() * _BATCH * _BATCH)


def _digits() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Images and labels for training, 1,297, and for the test, 500."""
    images, labels = load_digits()
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    train, test = order[:1297], order[1297:]
    return images[train], labels[train], images[test], labels[test]


def _network() -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))


def _first_loss() -> int:
    """The index of the right choice."""
    X, y, *_ = _digits()
    loss = F.cross_entropy(_network()(X), y).item()
    return min(range(4), key=lambda i: abs((0.1, 1.0, math.log(10), 10.0)[i] - loss))


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Matrices as small as these take many times longer if several threads share them on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@cache
@_one_thread()
def _trained(zeroes: bool) -> tuple[nn.Module, int]:
    """A network after 20 epochs with learning rate 0.5, and how many of the 500 digits of the test it reads correctly."""
    X, y, X_test, y_test = _digits()
    model = _network()
    for _ in range(20):
        for start in range(0, len(X), _BATCH):
            if zeroes:
                model.zero_grad()
            F.cross_entropy(model(X[start : start + _BATCH]), y[start : start + _BATCH]).backward()
            with torch.no_grad():  # an optimizer would import PyTorch's compiler first, which takes seconds
                for p in model.parameters():
                    p -= 0.5 * gradient(p)
    return model, int((model(X_test).argmax(1) == y_test).sum())


def _right_without_zeroing() -> int:
    right = _trained(zeroes=False)[1]
    return 0 if right < 250 else 1 if right < 450 else 2


@_one_thread()
def _change_that_mends() -> int:
    """The index of the right choice: how far the misread images must move, as a share of their norm, on average."""
    model, _ = _trained(zeroes=True)
    *_, X, y = _digits()
    misread = (model(X).argmax(1) != y).nonzero().flatten().tolist()
    shares = [_share(model, X[i : i + 1], y[i : i + 1]) for i in misread]
    mean = sum(shares) / len(shares)
    return 0 if mean < 0.15 else 1 if mean < 0.4 else 2


def _share(model: nn.Module, image: Tensor, label: Tensor) -> float:
    moved = image.clone()
    for _ in range(200):
        moved = moved.detach().requires_grad_()
        logits = model(moved)
        if logits.argmax(1) == label:
            break
        F.cross_entropy(logits, label).backward()
        moved = moved - 0.05 * gradient(moved) / gradient(moved).norm()
    return ((moved - image).norm() / image.norm()).item()


PREDICTIONS = (
    Prediction(
        id="14.p1",
        kind="choice",
        question=Text(
            en="A is (64, 64), B is (64, 32). How many elements does the Jacobian of A @ B with respect to A have?",
            zh="A的形状是(64, 64)，B是(64, 32)。A @ B对A的雅可比矩阵有多少个元素？",
        ),
        options=tuple(Text(en=text, zh=text) for text in ("8,192", "262,144", "8,388,608")),
        actual=_elements_of_the_jacobian,
        why=Text(
            en="Each of the 64 · 32 elements of the product, with respect to each of the 64 · 64 elements of A.",
            zh="乘积有64 · 32个元素，每一个都要对A的64 · 64个元素求导。",
        ),
    ),
    Prediction(
        id="14.p2",
        kind="choice",
        question=Text(
            en="Ten classes, random weights, nothing trained. About how large is the cross-entropy?",
            zh="共有十个类别，权重是随机的，还没有训练。交叉熵大约是多少？",
        ),
        options=tuple(Text(en=text, zh=text) for text in ("0.1", "1", "2.3", "10")),
        actual=_first_loss,
        why=Text(
            en="Each class has a probability near 1/10, and −log(1/10) = 2.303. A first loss far from it is a warning.",
            zh="每个类别的概率都在1/10左右，而−log(1/10) = 2.303。如果最初的损失与它相差很远，就要警惕。",
        ),
    ),
    Prediction(
        id="14.p3",
        kind="choice",
        question=Text(
            en="The same training, 20 epochs with learning rate 0.5, but the gradients are never set to zero. How many "
            "of 500 new digits does the network read correctly?",
            zh="同样训练20个迭代周期，学习率0.5，但梯度从不清零。对500个新的数字，网络能认对多少个？",
        ),
        options=(
            Text(en="fewer than half", zh="不到一半"),
            Text(en="more than half, but fewer than 450", zh="超过一半，但不到450个"),
            Text(en="450 or more, as with zeroing", zh="450个以上，与清零时一样"),
        ),
        actual=_right_without_zeroing,
        why=Text(
            en="Every step adds all earlier gradients, so the network rushes past each minimum with growing speed.",
            zh="每一步都加上了以前所有的梯度，更新越来越猛，一次次冲过最小值。",
        ),
    ),
    Prediction(
        id="14.p4",
        kind="choice",
        question=Text(
            en="A misread image moves against its own gradient until it is read correctly. How far is that on average, compared "
            "with the norm of the image?",
            zh="让认错的图像沿它自己的梯度的反方向移动，直到认对为止。移动的距离平均是图像范数的多少？",
        ),
        options=(
            Text(en="a few hundredths", zh="百分之几"),
            Text(en="about a quarter", zh="大约四分之一"),
            Text(en="more than half", zh="一半以上"),
        ),
        actual=_change_that_mends,
        why=Text(
            en="Against the gradient the loss falls fastest, as all 64 pixels change together, so a short way is enough.",
            zh="64个像素一起沿梯度的反方向变化，损失下降得最快，所以走很短的距离就够了。",
        ),
    ),
)
