"""Exercises 05.3, 05.4, 05.5.

A loop that keeps its graphs, a detached copy in its own memory, a step without `.data`.
"""

from random import Random
from typing import Any

import torch
from torch import Tensor

from ...comparison import compare, plain
from ...harness.rules import leaves_no_trace
from ...harness.runs import copy_and_sharing, losses_and_graphs, step_and_identity
from ...random_inputs import again, number, turn, vector
from ...spec import Condition, Exercise, Misconception, Rule, Text, source_of
from ..shared import A_TENSOR


def _starter_05_3(w: Any, xs: Any, lr: Any) -> list[Tensor]:
    w = torch.tensor(w, requires_grad=True)
    losses = []
    for x in xs:
        loss = (w * x - 1) ** 2
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        w.grad = None
        losses.append(loss)
    return losses


def _inputs_05_3(rng: Random, sign: int) -> tuple[Any, ...]:
    return again(rng, sign, lambda: number(rng, sign)), [number(rng, sign) / 4 for _ in range(4)], 0.125


def _has_right_losses(received: Any, *inputs: Any) -> bool:
    """Whether the losses in what `losses_and_graphs` returned are right, whatever holds them."""
    return (
        type(received) is tuple
        and compare(plain(received[0]), plain(torch.tensor(train_and_log(*inputs)))).kind == "none"
    )


def train_and_log(w, xs, lr):
    w = torch.tensor(w, requires_grad=True)
    losses = []
    for x in xs:
        loss = (w * x - 1) ** 2
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        w.grad = None
        losses.append(loss.item())
    return losses


_EXERCISE_05_3 = Exercise(
    id="05.3",
    kind="function",
    difficulty=2,
    minutes=6,
    statement=Text(
        en="`train_and_log` returns the losses of all steps. Its memory grows with every step, since each loss "
        "holds on to its whole graph. Fix it, so that it returns the same losses as plain numbers.",
        zh="`train_and_log`返回每一步的损失。它占用的内存逐步增长，因为每个损失都引用着自己的整张计算图。请改正它"
        "，使它返回同样的损失，但只是数。",
    ),
    names=(
        Text(en="the losses", zh="各步的损失"),
        Condition(en="no loss holds a graph", zh="没有损失引用计算图"),
        Condition(en="every loss is a plain number", zh="每个损失都只是数"),
    ),
    wanted=Text(en="a list of losses", zh="由损失组成的列表"),
    reference=train_and_log,
    starter=_starter_05_3,
    run=losses_and_graphs,
    inputs=_inputs_05_3,
    hints=(
        Text(en="Print losses[0].grad_fn. What hangs behind it?", zh="打印losses[0].grad_fn，看看它引用了什么。"),
        Text(
            en="Only one line has to change: the one that appends.",
            zh="只需要改append那一行。",
        ),
        Text(
            en=".item() takes the number out of a tensor of one element.",
            zh=".item()可以从只有一个元素的张量里取出数。",
        ),
    ),
    solution=source_of(train_and_log),
    misconceptions=(
        Misconception(
            "still_held",
            Text(
                en="The losses are right and still hold their graphs: each has a grad_fn. A clone holds it, too.",
                zh="损失是对的，但每个损失都有grad_fn，仍然引用着计算图。clone的结果也是这样。",
            ),
            recognises=lambda received, *inputs: _has_right_losses(received, *inputs) and received[1] > 0,
        ),
        Misconception(
            "detached_tensors",
            Text(
                en="No graph is held any more, but these are still tensors. The exercise asks for plain numbers, "
                "which JSON and a log file accept, too.",
                zh="计算图不再被引用，但这些仍是张量。题目要的是普通的数，这样的数也能直接写进JSON和日志文件。",
            ),
            recognises=lambda received, *inputs: (
                _has_right_losses(received, *inputs) and received[1] == 0 < received[2]
            ),
        ),
        Misconception(
            "detached_too_early",
            Text(
                en="w was cut off before backward, so it never moves and the losses are those of the first w.",
                zh="w在反向传播之前就被分离了，一直没有更新，所有的损失都是用最初的w算出的。",
            ),
            gives=lambda w, xs, lr: (torch.tensor([(w * x - 1) ** 2 for x in xs]), 0.0, 0.0),
        ),
        Misconception(
            "after_the_step",
            Text(
                en="These are the losses after each step. The task logs them as they were before it.",
                zh="这是每一步之后的损失。题目要记录的是每一步之前的。",
            ),
            gives=lambda w, xs, lr: (torch.tensor(_losses_after_steps(w, xs, lr)), 0.0, 0.0),
        ),
    ),
)


def _losses_after_steps(w: float, xs: list[float], lr: float) -> list[float]:
    losses = []
    for x in xs:
        w -= lr * 2 * x * (w * x - 1)
        losses.append((w * x - 1) ** 2)
    return losses


def frozen_copy(y):
    return y.detach().clone()


_EXERCISE_05_4 = Exercise(
    id="05.4",
    kind="function",
    difficulty=1,
    minutes=4,
    statement=Text(
        en="`frozen_copy(y)` receives a tensor somewhere on a graph and returns a tensor with the same numbers that "
        "shares **neither its memory nor its graph**.",
        zh="`frozen_copy(y)`接收计算图上的某个张量，返回一个数值相同的张量，它**既不与`y`共享内存，也不在计算图上**。",
    ),
    names=(
        Text(en="the copy", zh="副本"),
        Condition(en="no memory is shared", zh="不共享内存"),
        Condition(en="the copy is not on the graph", zh="副本不在计算图上"),
        Condition(en="the copy does not require grad", zh="副本不需要梯度"),
    ),
    reference=frozen_copy,
    run=copy_and_sharing,
    wanted=A_TENSOR,
    inputs=lambda rng, sign: (vector(rng, sign),),
    hints=(
        Text(
            en="Two things have to be left behind. Which method leaves the graph, which one the memory?",
            zh="要断开两种联系。哪个方法离开计算图，哪个方法换一块内存？",
        ),
        Text(
            en="One line of the table of section 6 has both.",
            zh="第6节的表里，有一行同时满足两个要求。",
        ),
        Text(
            en="detach first, then clone.",
            zh="先detach，再clone。",
        ),
    ),
    solution=source_of(frozen_copy),
    misconceptions=(
        Misconception(
            "shares_memory",
            Text(
                en="It left the graph but shares the memory: an edit of the copy changes the original.",
                zh="它离开了计算图，却仍共享内存，修改副本就会修改原来的张量。",
            ),
            gives=lambda x: (x, 1.0, 0.0, 0.0),
        ),
        Misconception(
            "on_the_graph",
            Text(
                en="It has its own memory, but clone is a recorded operation: gradients still flow through it.",
                zh="它有自己的内存，但clone是被记录的运算，梯度仍会经过它。",
            ),
            gives=lambda x: (x, 0.0, 1.0, 0.0),
        ),
        Misconception(
            "new_leaf",
            Text(
                en="It shares neither memory nor graph, but it is a new leaf that requires grad: whatever is computed from it "
                "is recorded again. A frozen copy asks for no gradient.",
                zh="它既不共享内存，也不在原来的计算图上，却是一个需要梯度的新叶子，由它算出的一切又会被记录。冻结的副本不应要求计算梯度。",
            ),
            gives=lambda x: (x, 0.0, 0.0, 1.0),
        ),
        Misconception(
            "itself",
            Text(
                en="This is the same tensor, or a view of it: its memory and its graph are shared.",
                zh="这就是同一个张量，或者它的视图，内存和计算图都是共享的。",
            ),
            gives=lambda x: (x, 1.0, 1.0, 0.0),
        ),
    ),
)


def update(w, lr):
    with torch.no_grad():
        w -= lr * w.grad
    return w


_EXERCISE_05_5 = Exercise(
    id="05.5",
    kind="function",
    difficulty=2,
    minutes=6,
    statement=Text(
        en="`update(w, lr)`: `w` is a leaf whose `.grad` is filled. Subtract `lr * w.grad` from it **in place** and "
        "return `w`: the same tensor, still a leaf that requires grad, its `.grad` untouched. **Not with `.data`.**",
        zh="`update(w, lr)`接收一个`.grad`已有值的叶子`w`。请从`w`中**就地**减去`lr * w.grad`，再返回`w`。返回的应"
        "当是同一个张量，而且仍是需要梯度的叶子，`.grad`保持不变。**不能用`.data`**。",
    ),
    names=(
        "w",
        Condition(en="the same tensor is returned", zh="返回的是同一个张量"),
        Condition(en="it is still a leaf that requires grad", zh="它仍是需要梯度的叶子"),
    ),
    reference=update,
    run=step_and_identity,
    wanted=A_TENSOR,
    inputs=lambda rng, sign: (again(rng, sign, lambda: vector(rng, sign)), turn(rng, (0.125, 0.25), sign)),
    hints=(
        Text(
            en="w -= ... on a leaf that requires grad raises. Under which condition may it be written to?",
            zh="对需要梯度的叶子，w -= ...会报错。在什么条件下可以这样写？",
        ),
        Text(
            en="with torch.no_grad(): nothing in that block is recorded.",
            zh="在with torch.no_grad():的代码块里，运算都不会被记录。",
        ),
        Text(
            en="Inside the block, -= or sub_; behind it, return w.",
            zh="在代码块内用-=或sub_，在代码块外return w。",
        ),
    ),
    solution=source_of(update),
    misconceptions=(
        Misconception(
            "new_tensor",
            Text(
                en="A new tensor came back, computed from w: no leaf, so its .grad will stay None.",
                zh="返回的是由w算出的新张量，它不是叶子，.grad会一直是None。",
            ),
            gives=lambda w, lr: (w - lr * w.cos(), 0.0, 0.0),
        ),
        Misconception(
            "another_leaf",
            Text(
                en="The numbers are right, but this is another leaf: an optimizer would go on with the old one.",
                zh="数值是对的，但这是另一个叶子，而优化器更新的仍是原来的那个。",
            ),
            gives=lambda w, lr: (w - lr * w.cos(), 0.0, 1.0),
        ),
        Misconception(
            "uphill",
            Text(en="w went uphill: subtract the gradient.", zh="损失在增大，应当减去梯度。"),
            gives=lambda w, lr: (w + lr * w.cos(), 1.0, 1.0),
        ),
        Misconception(
            "unmoved",
            Text(en="w is unchanged.", zh="w没有变化。"),
            gives=lambda w, lr: (w, 1.0, 1.0),
        ),
        Misconception(
            "leaf_in_place",
            Text(
                en="A leaf that requires grad may not be written in place while operations are recorded.",
                zh="在记录运算时，不能就地修改需要梯度的叶子。",
            ),
            error="a leaf Variable that requires grad",
        ),
    ),
    rules=(
        Rule(
            "data",
            Text(
                en="The result is right, but the write left no trace in the version counter of w: it went through "
                ".data or a detached copy's memory. There autograd could not warn you of a spoiled gradient.",
                zh="结果是对的，但这次修改经过了.data，没有计入w的版本计数器。这样一来，保存的值被修改时autograd就"
                "无法发现。",
            ),
            leaves_no_trace,
        ),
    ),
)


EXERCISES = (_EXERCISE_05_3, _EXERCISE_05_4, _EXERCISE_05_5)
