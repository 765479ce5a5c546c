"""Exercises 08.4, 08.5: the backward pass over an ordered graph, and the adjoint of broadcasting."""

from random import Random
from typing import Any

import torch
from torch import Tensor

from ...harness.runs import as_tensor, gradients_of_nodes
from ...random_inputs import number, turn
from ...spec import Exercise, Misconception, Text, source_of

_Edges = list[list[tuple[int, float]]]  # for each node the list of its (parent, local derivative)


def _overwriting(edges: _Edges) -> list[float]:
    grads = [0.0] * len(edges)
    grads[-1] = 1.0
    for node in reversed(range(len(edges))):
        for parent, slope in edges[node]:
            grads[parent] = slope * grads[node]
    return grads


def _without_chain(edges: _Edges) -> list[float]:
    grads = [0.0] * len(edges)
    grads[-1] = 1.0
    for node in reversed(range(len(edges))):
        for parent, slope in edges[node]:
            grads[parent] += slope
    return grads


def _forwards(edges: _Edges) -> list[float]:
    grads = [0.0] * len(edges)
    grads[-1] = 1.0
    for node in range(len(edges)):
        for parent, slope in edges[node]:
            grads[parent] += slope * grads[node]
    return grads


def _from_ones(edges: _Edges) -> list[float]:
    grads = [1.0] * len(edges)
    for node in reversed(range(len(edges))):
        for parent, slope in edges[node]:
            grads[parent] += slope * grads[node]
    return grads


def _inputs_08_4(rng: Random, sign: int) -> tuple[_Edges]:
    """One of three graphs in which several nodes are used more than once.

    They differ in the number of nodes and of leaves. In the last one a node has a child that comes after another child's
    turn if the nodes are taken as they are met.
    """
    slope = lambda: number(rng, sign) + (0.125 if sign >= 0 else -0.125)  # never 1
    return ([[(parent, slope()) for parent in parents] for parents in _PARENTS[sign]],)


_PARENTS = {
    1: ((), (), (0, 1), (2, 0), (3, 3, 2)),
    -1: ((), (0,), (1, 0), (2, 2, 1)),
    0: ((), (), (0, 1), (2, 0), (3, 2), (2, 4, 4)),
}  # of each node, by the sign of the slopes


def gradients(edges):
    grads = [0.0] * len(edges)
    grads[-1] = 1.0
    for node in reversed(range(len(edges))):
        for parent, slope in edges[node]:
            grads[parent] += slope * grads[node]
    return grads


_EXERCISE_08_4 = Exercise(
    id="08.4",
    kind="function",
    difficulty=2,
    minutes=8,
    statement=Text(
        en="`gradients(edges)`: `edges[i]` lists, for node `i`, pairs `(parent, slope)` of the number of a parent and "
        "the local slope towards it. Parents come first, the last node is the output. Return the list of the "
        "gradients of the output with respect to every node.",
        zh="在`gradients(edges)`中，`edges[i]`列出节点`i`的各个`(parent, slope)`，即父节点的编号和节点`i`对该父节"
        "点的局部导数。父节点总在前面，最后一个节点是输出。请返回一个列表，其中是输出对每个节点的梯度。",
    ),
    wanted=Text(en="a list of numbers", zh="由数组成的列表"),
    reference=gradients,
    run=gradients_of_nodes,
    inputs=_inputs_08_4,
    hints=(
        Text(en="Begin with the output: its gradient towards itself is 1.", zh="从输出开始，它对自己的梯度是1。"),
        Text(
            en="Walk from the last node to the first. A node passes on its own gradient, times the slope, to each "
            "parent.",
            zh="从最后一个节点到第一个节点，依次把每个节点的梯度乘以局部导数，传给它的每个父节点。",
        ),
        Text(
            en="Several paths may end in one parent: add what arrives to what is there already.",
            zh="同一个父节点可能收到好几个梯度，应当把它们累加起来。",
        ),
    ),
    solution=source_of(gradients),
    misconceptions=(
        Misconception(
            "overwritten",
            Text(
                en="Where two paths meet only the last one counts: = in place of +=.",
                zh="在两条路径汇合的节点，只有最后一个梯度保留下来，因为写成了=，而不是+=。",
            ),
            gives=lambda edges: as_tensor(_overwriting(edges)),
        ),
        Misconception(
            "chain_forgotten",
            Text(
                en="Each parent gets the bare slope. The chain rule multiplies it by what arrived at the node itself.",
                zh="传给父节点的只是局部导数。由链式法则，还要乘上到达该节点的梯度。",
            ),
            gives=lambda edges: as_tensor(_without_chain(edges)),
        ),
        Misconception(
            "no_seed",
            Text(
                en="All zeros: the output's gradient was not set to 1, from which everything starts.",
                zh="全是零，因为没有把输出的梯度设为1，而反向传播从它开始。",
            ),
            gives=lambda edges: torch.zeros(len(edges)),
        ),
        Misconception(
            "ones",
            Text(
                en="Every node began with 1. That is right for the output alone; the others begin with 0, to which is added "
                "what arrives.",
                zh="每个节点的初值都是1。只有输出的初值应当是1，其余节点从0开始，再加上传来的梯度。",
            ),
            gives=lambda edges: as_tensor(_from_ones(edges)),
        ),
        Misconception(
            "forwards",
            Text(
                en="Only the parents of the output received something. Either the nodes run from the inputs to the output, so "
                "each passes something on before anything has arrived, or the walk ends after the output.",
                zh="只有输出的父节点收到了梯度。要么是从输入到输出处理各个节点，每个节点在收到梯度之前就往回传了；要么是处理完输出就停了。",
            ),
            gives=lambda edges: as_tensor(_forwards(edges)),
        ),
    ),
)


def _inputs_08_5(rng: Random, sign: int) -> tuple[Any, ...]:
    """A matrix (m, n), and a shape that broadcasting would expand to it; each kind of shape has its turn."""
    m, n = rng.sample((2, 3, 4, 5), 2)
    shape = turn(rng, ((n,), (1, n), (m, 1), ()))
    return torch.tensor([[number(rng, sign) + 0.125 for _ in range(n)] for _ in range(m)]), shape


def _mean(g: Tensor, shape: tuple[int, ...]) -> Tensor:
    count = g.numel() / max(1, torch.Size(shape).numel())
    return unbroadcast(g, shape) / count


def unbroadcast(g, shape):
    while g.ndim > len(shape):
        g = g.sum(0)
    for axis, size in enumerate(shape):
        if size == 1:
            g = g.sum(axis, keepdim=True)
    return g


_EXERCISE_08_5 = Exercise(
    id="08.5",
    kind="function",
    difficulty=3,
    minutes=9,
    statement=Text(
        en="A tensor of `shape` was broadcast to the shape of `g`, `(m, n)`. `unbroadcast(g, shape)` turns the "
        "gradient `g` that arrives there into the gradient of that tensor, of `shape`: `(n,)`, `(1, n)`, `(m, 1)` or "
        "`()`.",
        zh="形状为`shape`的张量广播成了形状`(m, n)`。`unbroadcast(g, shape)`把广播结果的梯度`g`变成该张量自己的梯"
        "度，形状为`shape`，可能是`(n,)`、`(1, n)`、`(m, 1)`或`()`。",
    ),
    reference=unbroadcast,
    inputs=_inputs_08_5,
    hints=(
        Text(
            en="Broadcasting uses one number several times. What happens to the gradients of several uses?",
            zh="广播就是把一个数用了好几次。各次使用的梯度应当怎样合并？",
        ),
        Text(
            en="First the axes that shape does not have at all, on the left; then those where it has 1.",
            zh="先处理shape没有的轴，它们在左边，再处理shape中长度为1的轴。",
        ),
        Text(
            en="sum(0) removes an axis; sum(axis, keepdim=True) keeps it with length 1.",
            zh="sum(0)去掉一个轴，sum(axis, keepdim=True)保留它，长度为1。",
        ),
    ),
    solution=source_of(unbroadcast),
    misconceptions=(
        Misconception(
            "mean",
            Text(
                en="The mean in place of the sum: each use brings its whole gradient back.",
                zh="这里取了平均。应当求和，因为每次使用都会传回完整的梯度。",
            ),
            gives=_mean,
        ),
        Misconception(
            "unchanged",
            Text(
                en="g comes back as it is: it has the shape after broadcasting, not that of the tensor.",
                zh="返回的g仍是广播之后的形状，不是原来的张量的形状。",
            ),
            gives=lambda g, shape: g,
        ),
        Misconception(
            "everything",
            Text(
                en="Everything was added up into one number. Only the axes along which the tensor was repeated may be "
                "summed.",
                zh="所有元素都加成了一个数。应当只沿着被广播的那些轴求和。",
            ),
            recognises=lambda received, g, shape: (
                bool(shape) and isinstance(received, torch.Tensor) and received.numel() == 1
            ),
        ),
        Misconception(
            "first_only",
            Text(
                en="One row, column or element of g was taken. All of them came from the same number, so all are "
                "added.",
                zh="这里只取了g的一行、一列或一个元素。它们来自同一个数的各次使用，应当全部相加。",
            ),
            gives=lambda g, shape: g[: shape[-2] if len(shape) > 1 else 1, : shape[-1] if shape else 1].reshape(shape),
        ),
    ),
)

EXERCISES = (_EXERCISE_08_4, _EXERCISE_08_5)
