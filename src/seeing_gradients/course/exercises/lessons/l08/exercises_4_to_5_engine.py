"""Exercises 08.4, 08.5: the backward pass over an ordered graph, and the adjoint of broadcasting."""

from random import Random
from typing import Any

import torch
from torch import Tensor

from ...harness.runs import as_tensor, gradients_of_nodes
from ...random_inputs import number
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


def _inputs_08_4(rng: Random, sign: int) -> tuple[_Edges]:
    """A graph of two leaves and three operations, in which several nodes are used more than once."""
    slope = lambda: number(rng, sign) + (0.125 if sign >= 0 else -0.125)  # never 1
    return (
        [
            [],
            [],
            [(0, slope()), (1, slope())],
            [(2, slope()), (0, slope())],
            [(3, slope()), (3, slope()), (2, slope())],
        ],
    )


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
        zh="`gradients(edges)`：`edges[i]`列出节点`i`的`(parent, slope)`对，即父节点的编号和通向它的局部斜率。父节点总在前面，"
        "最后一个节点是输出。返回一个列表：输出对每个节点的梯度。",
    ),
    wanted=Text(en="a list of numbers", zh="由数组成的列表"),
    reference=gradients,
    run=gradients_of_nodes,
    inputs=_inputs_08_4,
    hints=(
        Text(en="Begin with the output: its gradient towards itself is 1.", zh="从输出开始：它对自己的梯度是1。"),
        Text(
            en="Walk from the last node to the first. A node passes on its own gradient, times the slope, to each "
            "parent.",
            zh="从最后一个节点走到第一个。每个节点把自己的梯度乘以斜率，传给每个父节点。",
        ),
        Text(
            en="Several paths may end in one parent: add what arrives to what is there already.",
            zh="可能有好几条路汇到同一个父节点：把到达的加到已有的上面。",
        ),
    ),
    solution=source_of(gradients),
    misconceptions=(
        Misconception(
            "overwritten",
            Text(
                en="Where two paths meet only the last one counts: = in place of +=.",
                zh="两条路汇合的地方，只有最后一条算数：写成了=，而不是+=。",
            ),
            gives=lambda edges: as_tensor(_overwriting(edges)),
        ),
        Misconception(
            "chain_forgotten",
            Text(
                en="Each parent gets the bare slope. The chain rule multiplies it by what arrived at the node itself.",
                zh="每个父节点只得到斜率本身。链式法则还要乘上到达该节点的梯度。",
            ),
            gives=lambda edges: as_tensor(_without_chain(edges)),
        ),
        Misconception(
            "no_seed",
            Text(
                en="All zeros: nobody put the 1 in at the output, from which everything starts.",
                zh="全是零：没有人在输出处放上那个1，而一切都从它开始。",
            ),
            gives=lambda edges: torch.zeros(len(edges)),
        ),
        Misconception(
            "forwards",
            Text(
                en="The nodes run from the inputs to the output, so each passes something on before anything has "
                "arrived.",
                zh="节点从输入走到了输出，于是每个节点在收到梯度之前就往回传了。",
            ),
            gives=lambda edges: as_tensor(_forwards(edges)),
        ),
    ),
)


def _inputs_08_5(rng: Random, sign: int) -> tuple[Any, ...]:
    """A matrix (m, n), and a shape that broadcasting would expand to it.

    Of four calls in a row with one rng, each has another of the four kinds of shape.
    """
    m, n = rng.sample((2, 3, 4, 5), 2)
    turn = vars(rng)["turn"] = vars(rng).get("turn", rng.randrange(4)) + 1
    shape = [(n,), (1, n), (m, 1), ()][turn % 4]
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
        zh="一个形状为`shape`的张量被广播成了`g`的形状`(m, n)`。`unbroadcast(g, shape)`把到达那里的梯度`g`变成该张量自己的梯度，"
        "形状为`shape`：可能是`(n,)`、`(1, n)`、`(m, 1)`或`()`。",
    ),
    reference=unbroadcast,
    inputs=_inputs_08_5,
    hints=(
        Text(
            en="Broadcasting uses one number several times. What happens to the gradients of several uses?",
            zh="广播就是把一个数用了好几次。几次使用的梯度该怎么办？",
        ),
        Text(
            en="First the axes that shape does not have at all, on the left; then those where it has 1.",
            zh="先处理shape根本没有的轴，它们在左边；再处理shape中为1的轴。",
        ),
        Text(
            en="sum(0) removes an axis; sum(axis, keepdim=True) keeps it with length 1.",
            zh="sum(0)去掉一个轴；sum(axis, keepdim=True)保留它，长度为1。",
        ),
    ),
    solution=source_of(unbroadcast),
    misconceptions=(
        Misconception(
            "mean",
            Text(
                en="The mean in place of the sum: each use brings its whole gradient back.",
                zh="用了平均，而不是求和：每次使用都会带回它完整的梯度。",
            ),
            gives=_mean,
        ),
        Misconception(
            "unchanged",
            Text(
                en="g comes back as it is: it has the shape after broadcasting, not that of the tensor.",
                zh="g原样返回了：它是广播之后的形状，不是那个张量的形状。",
            ),
            gives=lambda g, shape: g,
        ),
        Misconception(
            "everything",
            Text(
                en="Everything was added up into one number. Only the axes along which the tensor was repeated may be "
                "summed.",
                zh="全都加成了一个数。只能沿着张量被重复的那些轴求和。",
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
                zh="只取了g的一行、一列或一个元素。它们都来自同一个数，所以要全部相加。",
            ),
            gives=lambda g, shape: g[: shape[-2] if len(shape) > 1 else 1, : shape[-1] if shape else 1].reshape(shape),
        ),
    ),
)

EXERCISES = (_EXERCISE_08_4, _EXERCISE_08_5)
