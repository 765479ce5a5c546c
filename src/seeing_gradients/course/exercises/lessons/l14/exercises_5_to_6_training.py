"""Exercises 14.5, 14.6: the backward pass through a graph of tensors, and one step of a training loop."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import torch
from torch import Tensor

from ...harness.runs import after_three_steps, gradients_of_graph
from ...random_inputs import vector
from ...spec import Exercise, Misconception, Text, source_of

_Edges = Sequence[Sequence[tuple[int, list[float] | None]]]  # for each node the list of its (parent, factor)


# Learners read these sources, so they keep their own spacing.
# fmt: off
def backward(root):
    order, seen = [], set()
    def visit(value):
        if value not in seen:
            seen.add(value)
            for parent, _ in value.parents:
                visit(parent)
            order.append(value)
    visit(root)
    root.grad = torch.ones_like(root.data)
    for value in reversed(order):
        for parent, vjp in value.parents:
            parent.grad = parent.grad + vjp(value.grad)
# fmt: on


def _inputs_14_5(rng: Random, sign: int) -> tuple[_Edges]:
    """A graph of two leaves and five operations; where two paths meet, sign decides which of them is listed first."""
    f = lambda: (vector(rng, sign, 3) + (0.125 if sign >= 0 else -0.125)).tolist()  # never 1
    pairs: list[list[tuple[int, list[float] | None]]] = [
        [],
        [],
        [(0, f()), (1, f())],
        [(2, None), (0, f())],
        [(2, None), (2, f()), (3, None)],
        [(3, f()), (4, None)],
        [(1, f()), (5, f())],
    ]
    for each in pairs:
        if sign < 0 or (not sign and rng.random() < 0.5):
            each.reverse()
    return (pairs,)


def _spread(edges: _Edges, order: Sequence[int], send: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """The gradients (nodes, 3) if the nodes run in an order, and send(old gradient, what arrives) is the new one."""
    grads = [torch.zeros(3) for _ in edges]
    grads[-1] = torch.ones(3)
    for i in order:
        for parent, factor in edges[i]:
            grads[parent] = send(grads[parent], _through(grads[i], factor))
    return torch.stack(grads)


def _through(grad: Tensor, factor: list[float] | None) -> Tensor:
    return grad * (1.0 if factor is None else torch.tensor(factor))


def _backwards(edges: _Edges) -> list[int]:
    return list(reversed(range(len(edges))))


def _as_met(edges: _Edges, newest_first: bool) -> list[int]:
    """The nodes in the order in which a search from the root meets them, each once."""
    waiting, order = [len(edges) - 1], []
    while waiting:
        i = waiting.pop(-1 if newest_first else 0)
        if i not in order:
            order.append(i)
            waiting += [parent for parent, _ in edges[i]]
    return order


def _before_parents(edges: _Edges) -> list[int]:
    """The nodes in the order in which a recursive search from the root enters them, each once."""
    order: list[int] = []

    def visit(i: int) -> None:
        if i not in order:
            order.append(i)
            for parent, _ in edges[i]:
                visit(parent)

    visit(len(edges) - 1)
    return order


def _for_each_path(edges: _Edges) -> list[int]:
    """The nodes, parents last; each as often as there are paths from the root to it."""
    order: list[int] = []

    def visit(i: int) -> None:
        for parent, _ in edges[i]:
            visit(parent)
        order.append(i)

    visit(len(edges) - 1)
    return order[::-1]


def _at_once(edges: _Edges) -> Tensor:
    """What is left if each node passes on all it has whenever something arrives."""
    grads = [torch.zeros(3) for _ in edges]
    grads[-1] = torch.ones(3)

    def visit(i: int) -> None:
        for parent, factor in edges[i]:
            grads[parent] = grads[parent] + _through(grads[i], factor)
            visit(parent)

    visit(len(edges) - 1)
    return torch.stack(grads)


def _without_vjp(edges: _Edges) -> Tensor:
    return _spread([[(parent, None) for parent, _ in pairs] for pairs in edges], _backwards(edges), torch.add)


def _in_place(edges: _Edges) -> Tensor:
    """What is left if the first gradient to arrive is stored as it is and the others are added to it in place."""
    grads = {len(edges) - 1: torch.ones(3)}
    for i in _backwards(edges):
        for parent, factor in edges[i]:
            arriving = grads[i] if factor is None else _through(grads[i], factor)
            grads[parent] = grads[parent].add_(arriving) if parent in grads else arriving
    return torch.stack([grads[i] for i in range(len(edges))])


_EXERCISE_14_5 = Exercise(
    id="14.5",
    kind="function",
    difficulty=3,
    minutes=10,
    statement=Text(
        en="`backward(root)` receives the last value of a graph, with one element. Each value has `data`, `grad` "
        "(zeros at first) and `parents`, a tuple of pairs `(parent, vjp)`. Fill the `grad` of **every** value with the "
        "gradient of `root`. A parent may occur several times, and a VJP may return the very tensor that it received. (The check shows a "
        "graph as its edges: for each value the number of each parent, and the factor by which its VJP multiplies.)",
        zh="`backward(root)`接收计算图的最后一个值，它只有一个元素。每个值都有`data`、`grad`（起初全为0）和`parents`，"
        "后者是由`(parent, vjp)`对组成的元组。请把`root`的梯度填进**每一个**值的`grad`。同一个父节点可能出现多次，VJP也可能把收到的张量原样返回。"
        "（检查结果用edges表示计算图，依次列出每个值的各个父节点的编号，以及VJP要乘上的系数。）",
    ),
    wanted=Text(en="tensors in `grad`, of the shape of `data`", zh="`grad`中形状与`data`相同的张量"),
    reference=backward,
    run=gradients_of_graph,
    inputs=_inputs_14_5,
    input_names=("edges",),
    hints=(
        Text(
            en="Lesson 08 did both halves with numbers: an order in which parents come first, and a pass through it "
            "from the end.",
            zh="第08课已经用数做过这两部分：排一个父节点在前的顺序，再从末尾开始走一遍。",
        ),
        Text(
            en="visit(value): visit the parents first, then append the value; each value once. Then root.grad is 1.",
            zh="visit(value)先访问父节点，再把value加入列表，每个值只加一次。然后令root.grad为1。",
        ),
        Text(
            en="From the end of the list: parent.grad = parent.grad + vjp(value.grad), for each pair.",
            zh="从列表末尾开始，对每个数对计算parent.grad = parent.grad + vjp(value.grad)。",
        ),
    ),
    solution=source_of(backward),
    misconceptions=(
        Misconception(
            "pair_not_unpacked",
            Text(
                en="parents holds pairs: of each, the first is the parent and the second its VJP.",
                zh="parents里是数对，每一对的前一个是父节点，后一个是它的VJP。",
            ),
            error="'tuple' object has no attribute",
        ),
        Misconception(
            "overwritten",
            Text(
                en="Where several paths meet only the last one is left: = instead of an addition.",
                zh="几条路径汇合的地方只留下了最后一份梯度，应当相加，而不是赋值。",
            ),
            gives=lambda edges: _spread(edges, _backwards(edges), lambda old, new: new),
        ),
        Misconception(
            "nearest_first",
            Text(
                en="The values run in the order of their distance from root. One may be met on a short path, and still "
                "wait for a gradient that comes along a longer one.",
                zh="这里按离root的远近依次处理。一个值可能沿较短的路径先遇到，而另一份梯度要沿较长的路径才能到达。",
            ),
            gives=lambda edges: _spread(edges, _as_met(edges, newest_first=False), torch.add),
        ),
        Misconception(
            "as_met",
            Text(
                en="A value passed its gradient on when it was first met, and not all of its gradient had arrived. The "
                "order must come from the parents: parents first, then run from the end.",
                zh="有的值一遇到就往回传，而它的梯度还没有到齐。要先按父节点在前排好顺序，再从末尾开始传。",
            ),
            gives=lambda edges: _spread(edges, _as_met(edges, newest_first=True), torch.add),
        ),
        Misconception(
            "before_parents",
            Text(
                en="A value entered the list before its parents did, and passed its gradient on before all of it had arrived. First the parents, then the value itself.",
                zh="这里的值先于它的父节点进入列表，于是梯度还没有到齐就往回传了。应当先处理父节点，再把值本身加入列表。",
            ),
            gives=lambda edges: _spread(edges, _before_parents(edges), torch.add),
        ),
        Misconception(
            "not_seen",
            Text(
                en="A value stands in the list once for each path to it, and passes its gradient on as often. Note which values were visited.",
                zh="到一个值有几条路径，它就在列表里出现了几次，梯度也传了几次。要记下哪些值已经访问过。",
            ),
            gives=lambda edges: _spread(edges, _for_each_path(edges), torch.add),
        ),
        Misconception(
            "wrong_end",
            Text(
                en="Only the parents of root received something. Either the list was run through from the leaves, where nothing "
                "has arrived yet, or the walk ends after root. Begin with root, and go on to every value behind it.",
                zh="只有root的父节点收到了梯度。要么是从叶子开始处理的，那时还没有梯度传到；要么是处理完root就停了。应当从root开始，一直处理到它背后的每个值。",
            ),
            gives=lambda edges: _spread(edges, range(len(edges)), torch.add),
        ),
        Misconception(
            "at_once",
            Text(
                en="A value with several children passed on what it had each time something arrived, so that the first "
                "part went back twice. It may run once only, when everything is there.",
                zh="有多个子节点的值，每收到一份就把已有的全部往回传，于是先到的部分传了两遍。每个值只能在全部到齐之后传一次。",
            ),
            gives=_at_once,
        ),
        Misconception(
            "no_seed",
            Text(
                en="All zeros: root needs the gradient 1, from which all others come.",
                zh="结果全是0，而root的梯度应当是1，其余的梯度都由它得来。",
            ),
            gives=lambda edges: torch.zeros(len(edges), 3),
        ),
        Misconception(
            "without_vjp",
            Text(
                en="The gradient was handed on unchanged. Call the vjp of each pair with it.",
                zh="梯度原样传了下去。应当用它去调用每个数对中的vjp。",
            ),
            gives=_without_vjp,
        ),
        Misconception(
            "in_place",
            Text(
                en="Two values share one gradient tensor: a VJP returned what it received, and += then wrote into both. "
                "Add into a new tensor.",
                zh="两个值共用了同一个梯度张量，因为VJP把收到的张量原样返回，随后的+=就同时改了两个值的梯度。相加时应当新建一个张量。",
            ),
            gives=_in_place,
        ),
    ),
)


# fmt: off
def train_step(parameters, compute_loss, lr):
    for p in parameters:
        p.grad = torch.zeros_like(p.data)
    loss = compute_loss()
    loss.backward()
    for p in parameters:
        p.data = p.data - lr * p.grad
    return loss.data
# fmt: on


def _inputs_14_6(rng: Random, sign: int) -> tuple[Tensor, Tensor, Tensor, float]:
    """w, b and target (n,), and a learning rate."""
    n = rng.randint(2, 4)
    return vector(rng, sign, n), vector(rng, 0, n), vector(rng, 0, n), rng.choice((0.25, 0.125))


_Step = Callable[[list[Tensor], list[Tensor], Callable[[], Tensor], float], float]


def _train(w: Tensor, b: Tensor, target: Tensor, lr: float, step: _Step) -> Any:
    """The result of three calls of step(data, grads, gap, lr); gap() is the gradient of the loss."""
    data, grads = [w.clone(), b.clone()], [torch.ones_like(w), torch.ones_like(b)]
    losses = [step(data, grads, lambda: data[0] + data[1] - target, lr) for _ in range(3)]
    return (*data, torch.tensor(losses))


def _half_square(gap: Tensor) -> float:
    return ((gap * gap).sum() / 2).item()


def _step(zero: str = "first", factor: float = 1.0, moved: Sequence[int] = (0, 1)) -> _Step:
    """A step that zeroes "first", "never", "late" (after backward) or "last" (after the update)."""

    def step(data: list[Tensor], grads: list[Tensor], gap: Callable[[], Tensor], lr: float) -> float:
        g = gap()
        for i in (0, 1):
            grads[i] = {"first": g, "late": g * 0}.get(zero, grads[i] + g)
            if i in moved:
                data[i] = data[i] - factor * lr * grads[i]
            grads[i] = grads[i] * (zero != "last")
        return _half_square(g)

    return step


def _loss_afterwards(data: list[Tensor], grads: list[Tensor], gap: Callable[[], Tensor], lr: float) -> float:
    _step()(data, grads, gap, lr)
    return _half_square(gap())


_EXERCISE_14_6 = Exercise(
    id="14.6",
    kind="function",
    difficulty=2,
    minutes=7,
    statement=Text(
        en="`train_step(parameters, compute_loss, lr)` does one step of gradient descent. `parameters` is a list of "
        "values of our engine, whose `grad` may still hold an earlier pass. `compute_loss()` runs the forward pass and "
        "returns the loss, a value with `data` and `backward()`. Change the `data` of every parameter, and return the "
        "loss as it was **before** the step, as a number or a tensor of shape `()`.",
        zh="`train_step(parameters, compute_loss, lr)`做一步梯度下降。`parameters`是由我们的引擎的值组成的列表，它们的`grad`里可能还有上一次的梯度。"
        "`compute_loss()`运行前向传播并返回损失，它也是一个值，有`data`和`backward()`。请更新每个参数的`data`，并返回**更新之前**的损失"
        "（一个数，或形状为`()`的张量）。",
    ),
    names=("w", "b", Text(en="the losses", zh="各步的损失")),
    wanted=Text(en="the loss, a number", zh="损失，一个数"),
    reference=train_step,
    run=after_three_steps,
    inputs=_inputs_14_6,
    input_names=("w", "b", "target", "lr"),
    hints=(
        Text(
            en="Four lines of every training loop, lesson 11: zero the gradients, forward, backward, step.",
            zh="每个训练循环都有的四步（第11课）：梯度清零，前向传播，反向传播，更新。",
        ),
        Text(
            en="backward adds to grad. So zeros belong there before backward, and the update after it.",
            zh="backward是往grad上加的。所以要在backward之前清零，在它之后更新。",
        ),
        Text(
            en="p.grad = torch.zeros_like(p.data) for each p; loss = compute_loss(); loss.backward(); then p.data moves "
            "against p.grad.",
            zh="对每个p令p.grad = torch.zeros_like(p.data)，再写loss = compute_loss()和loss.backward()，然后让p.data沿p.grad的反方向移动。",
        ),
    ),
    solution=source_of(train_step),
    misconceptions=(
        Misconception(
            "never_zeroed",
            Text(
                en="The gradients were never set to zero, so each step uses the sum of all passes so far.",
                zh="梯度一直没有清零，于是每一步用的都是到目前为止所有梯度之和。",
            ),
            gives=lambda w, b, target, lr: _train(w, b, target, lr, _step("never")),
        ),
        Misconception(
            "zeroed_at_the_end",
            Text(
                en="Zeroed after the update only: the first step still uses what an earlier pass had left in grad.",
                zh="只在更新之后清零，于是第一步仍然用到了以前留在grad里的梯度。",
            ),
            gives=lambda w, b, target, lr: _train(w, b, target, lr, _step("last")),
        ),
        Misconception(
            "nothing_moves",
            Text(
                en="Nothing moves. Either the gradients are 0 at the update, since backward was not called or zeros were "
                "set after it, or the new numbers never reached p.data.",
                zh="参数完全没有变。要么更新时梯度是0（没有调用backward，或在它之后才清零），要么新的数没有写进p.data。",
            ),
            gives=lambda w, b, target, lr: _train(w, b, target, lr, _step("late")),
        ),
        Misconception(
            "uphill",
            Text(
                en="The step goes up: subtract lr times the gradient.",
                zh="这一步走向了上坡，应当减去lr与梯度之积。",
            ),
            gives=lambda w, b, target, lr: _train(w, b, target, lr, _step(factor=-1.0)),
        ),
        Misconception(
            "without_lr",
            Text(
                en="The whole gradient was subtracted: the learning rate is missing.",
                zh="减去了整个梯度，少乘了学习率。",
            ),
            gives=lambda w, b, target, lr: _train(w, b, target, lr, _step(factor=1.0 / lr)),
        ),
        Misconception(
            "loss_afterwards",
            Text(
                en="The parameters are right, but the losses are those after each step. Return the one whose gradient "
                "was used.",
                zh="参数是对的，但返回的是每步更新之后的损失。应当返回这一步求梯度时的那个损失。",
            ),
            gives=lambda w, b, target, lr: _train(w, b, target, lr, _loss_afterwards),
        ),
        Misconception(
            "first_only",
            Text(
                en="Only the first parameter moves.",
                zh="只有第一个参数更新了。",
            ),
            gives=lambda w, b, target, lr: _train(w, b, target, lr, _step(moved=(0,))),
        ),
        Misconception(
            "no_such_method",
            Text(
                en="Our values have data, grad, parents and backward(), nothing else: zeros are put into grad by hand.",
                zh="我们的值只有data、grad、parents和backward()，没有别的。梯度要自己清零。",
            ),
            error="'Value' object has no attribute",
        ),
        Misconception(
            "optimizer_of_torch",
            Text(
                en="torch.optim moves tensors of PyTorch only. This step is the optimizer: write it yourself.",
                zh="torch.optim只能更新PyTorch的张量。这一步本身就是优化器，请自己来写。",
            ),
            error="optimizer can only optimize Tensors",
        ),
        Misconception(
            "not_called",
            Text(
                en="compute_loss is a function. The loss is what it returns when it is called.",
                zh="compute_loss是一个函数，调用它才得到损失。",
            ),
            error="'function' object has no attribute",
        ),
        Misconception(
            "grad_is_none",
            Text(
                en="Our backward adds to grad, and nothing can be added to None. PyTorch has a case for None; this engine "
                "wants a tensor of zeros.",
                zh="我们的backward是往grad上加的，而None不能相加。PyTorch对None作了专门处理，这个引擎则需要全为0的张量。",
            ),
            error="NoneType",
        ),
    ),
)

EXERCISES = (_EXERCISE_14_5, _EXERCISE_14_6)
