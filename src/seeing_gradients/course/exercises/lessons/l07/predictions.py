"""Predictions 07.p1 to 07.p5; the answers come from running PyTorch."""

import torch
from torch import Tensor

from ...spec import Prediction, Text
from ..shared import gradient


def _num_nodes(y: Tensor) -> int:
    """The number of nodes of the graph that leads to y."""
    seen, todo = set(), [y.grad_fn]
    while todo:
        node = todo.pop()
        if node is not None and node not in seen:
            seen.add(node)
            todo += [previous for previous, _ in node.next_functions]
    return len(seen)


def _nodes_of_the_second_derivative() -> float:
    x = torch.tensor(1.0, requires_grad=True)
    y = torch.sin(x) * torch.exp(x)
    for _ in range(2):
        (y,) = torch.autograd.grad(y, x, create_graph=True)
    return _num_nodes(y)


def _gradient_of_a_sum_after_two_passes() -> int:
    """The index of the right choice."""
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x.sum()
    y.backward()
    try:
        y.backward()
    except RuntimeError:
        return 0
    return 1 + [[1.0, 1.0], [2.0, 2.0]].index(gradient(x).tolist())


def _gradient_after_two_passes() -> float:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    return gradient(x)[1].item()


def _gradient_of_the_loop() -> float:
    a = torch.tensor([[600.0, 0.0], [0.0, 0.001]], requires_grad=True)
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    b.sum().backward()
    return gradient(a)[1, 1].item()


def _slope_of_the_product() -> float:
    x = torch.tensor(1.0, requires_grad=True)
    (torch.log(x**2) * torch.sin(x) + 1 / x).backward()
    return round(gradient(x).item(), 4)


PREDICTIONS = (
    Prediction(
        id="07.p1",
        kind="number",
        question=Text(
            en="The graph of sin(x)·eˣ has 4 nodes, the graph of its derivative 9. How many nodes has that of its "
            "second derivative?",
            zh="sin(x)·eˣ的计算图有4个节点，它的导数有9个。二阶导数的计算图有几个节点？",
        ),
        actual=_nodes_of_the_second_derivative,
        tolerance=3,
        why=Text(
            en="The derivative is a sum of two products, and each product is again differentiated into two.",
            zh="导数是两个乘积之和，而每个乘积求导后又得到两个乘积。",
        ),
    ),
    Prediction(
        id="07.p2",
        kind="choice",
        question=Text(en="What do these lines leave in `x.grad`?", zh="运行这几行之后，`x.grad`里是什么？"),
        code="x = torch.tensor([1.0, 2.0], requires_grad=True)\ny = x.sum()\ny.backward()\ny.backward()",
        options=(
            Text(en="nothing new: the second backward raises", zh="没有变化，第二次backward报错"),
            Text(en="[1., 1.]", zh="[1., 1.]"),
            Text(en="[2., 2.]", zh="[2., 2.]"),
        ),
        actual=_gradient_of_a_sum_after_two_passes,
        why=Text(
            en="A sum saves no tensor, so nothing was freed that the second pass would miss; .grad adds up.",
            zh="求和不保存任何张量，所以第二次反向传播仍能进行，梯度在.grad里累加。",
        ),
    ),
    Prediction(
        id="07.p3",
        kind="number",
        question=Text(
            en="And here, what is the second element of `x.grad`?", zh="运行这几行之后，`x.grad`的第二个元素是多少？"
        ),
        code="x = torch.tensor([1.0, 2.0], requires_grad=True)\n"
        "y = (x * x).sum()\ny.backward(retain_graph=True)\ny.backward()",
        actual=_gradient_after_two_passes,
        why=Text(
            en="Each pass brings 2x = 4 there, and .grad holds their sum.",
            zh="每一次传来的都是2x = 4，而.grad里是两次之和。",
        ),
    ),
    Prediction(
        id="07.p4",
        kind="number",
        question=Text(
            en="b starts as a + a and is doubled until its norm reaches 1000. After `b.sum().backward()`, what is "
            "`a.grad[1, 1]`, the slope of the tiny element?",
            zh="b从a + a开始，不断加倍，直到范数达到1000。运行`b.sum().backward()`之后，`a.grad[1, 1]`（即对那个很"
            "小的元素的导数）是多少？",
        ),
        code="a = torch.tensor([[600.0, 0.0], [0.0, 0.001]], requires_grad=True)",
        actual=_gradient_of_the_loop,
        why=Text(
            en="The norm is that of the whole matrix, and 2 · 600 is large enough already: one k for all elements, that of "
            "the doubling before the loop.",
            zh="这里的范数是整个矩阵的范数，2 · 600已经够大，循环一次也不执行。所有元素的k都是2，来自循环之前的那"
            "次加倍。",
        ),
    ),
    Prediction(
        id="07.p5",
        kind="slider",
        question=Text(
            en="The slope of f(x) = log(x²)·sin(x) + 1/x at 1?",
            zh="f(x) = log(x²)·sin(x) + 1/x在1处的导数是多少？",
        ),
        low=-2.0,
        high=2.0,
        step=0.05,
        tolerance=0.1,
        actual=_slope_of_the_product,
        why=Text(
            en="log 1 = 0 takes the second half of the product rule away; 2 sin(1)/1 remains, less 1/1².",
            zh="log 1 = 0，所以乘法法则的第二项为0，剩下2 sin(1)/1，再减去1/1²。",
        ),
    ),
)
