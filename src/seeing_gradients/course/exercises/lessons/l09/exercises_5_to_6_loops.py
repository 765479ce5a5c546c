"""Exercises 09.5, 09.6: a loop whose parameter does not stay a leaf, a list of losses that keeps every graph alive."""

from random import Random
from typing import Any

import torch
from torch import Tensor

from ...harness.rules import keeps_a_graph, retains_grad
from ...harness.runs import losses_of_batches
from ...random_inputs import vector
from ...spec import Exercise, Misconception, Rule, Text, source_of
from ..shared import A_TENSOR


def _starter_09_5(w: Any, xs: Tensor, ys: Tensor, lr: float, steps: int) -> Tensor:
    w = w.clone().requires_grad_()
    for _ in range(steps):
        loss = ((w * xs - ys) ** 2).mean()
        loss.backward()
        w = w - lr * w.grad
    return w.detach()


def _accumulating(w: Any, xs: Tensor, ys: Tensor, lr: float, steps: int) -> Tensor:
    w = w.clone().requires_grad_()
    for _ in range(steps):
        loss = ((w * xs - ys) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
    return w.detach()


def _inputs_09_5(rng: Random, sign: int) -> tuple[Any, ...]:
    return (
        vector(rng, sign, 3),
        vector(rng, 0, 3),
        vector(rng, sign, 3) + 3,
        rng.choice((0.0625, 0.125)),
        rng.randint(3, 5),
    )


def train(w, xs, ys, lr, steps):
    w = w.clone().requires_grad_()
    for _ in range(steps):
        loss = ((w * xs - ys) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        w.grad = None
    return w.detach()


_EXERCISE_09_5 = Exercise(
    id="09.5",
    kind="function",
    difficulty=2,
    minutes=8,
    statement=Text(
        en="`train` should take `steps` steps of gradient descent and return the last `w`. It stops in its second "
        "iteration. Two things are wrong; one of them shows only when the other has been fixed.",
        zh="`train`应当做`steps`步梯度下降，返回最后的`w`。它在第二次迭代时就报错了。其中有两处错误，改正一处"
        "之后，另一处才会显现出来。",
    ),
    reference=train,
    starter=_starter_09_5,
    inputs=_inputs_09_5,
    hints=(
        Text(
            en="Print w.is_leaf at the end of each iteration.",
            zh="在每次迭代的最后打印w.is_leaf。",
        ),
        Text(
            en="w = w - ... makes a new tensor by an operation. The old leaf has to be changed instead, and autograd "
            "must not record that.",
            zh="w = w - ...是用运算产生新的张量。应当修改原来的叶子，而且不记录这一步。",
        ),
        Text(
            en="In place, inside torch.no_grad(). Once the loop runs, look at w.grad in the second iteration: of "
            "which iterations are the gradients in it?",
            zh="放进torch.no_grad()里就地修改。循环能运行之后，再看第二次迭代的w.grad，其中累加了哪几次迭代的梯度？",
        ),
    ),
    solution=source_of(train),
    misconceptions=(
        Misconception(
            "no_leaf_any_more",
            Text(
                en="In the second iteration w.grad is None: w is the result of a subtraction, and only leaves get a "
                "gradient.",
                zh="第二次迭代时w.grad是None，因为w成了减法的结果，而只有叶子才会得到梯度。",
            ),
            error="'float' and 'NoneType'",
            after=2,
        ),
        Misconception(
            "emptied_too_early",
            Text(
                en="w.grad is None in the first iteration already: it was cleared after backward had filled it, and before the "
                "update used it.",
                zh="在第一次迭代里w.grad就是None，因为backward刚刚写入的梯度，还没有用于更新就被清空了。",
            ),
            error="'float' and 'NoneType'",
            after=1,
        ),
        Misconception(
            "rebound_without_recording",
            Text(
                en="In the second iteration backward finds no graph. Inside no_grad, w = w - ... makes a new tensor that "
                "does not require grad, and calls it w. w -= ... changes the leaf itself.",
                zh="第二次迭代时已没有可以返回的路径。在no_grad里，w = w - ...会生成一个不需要梯度的新张量，并把它叫作w，而w -= ...才会修改叶子本身。",
            ),
            error="does not require grad",
            after=1,
        ),
        Misconception(
            "leaf_in_place",
            Text(
                en="The leaf is to be changed in place, but not while operations are recorded: autograd refuses that. Do it where "
                "nothing is recorded.",
                zh="就地修改叶子的做法是对的，但此时正在记录运算，不允许修改叶子。请在不记录的区域里修改。",
            ),
            error="a leaf Variable that requires grad",
        ),
        Misconception(
            "accumulated",
            Text(
                en="The loop runs, and its steps grow: each iteration adds its gradient to those before.",
                zh="循环能运行了，但更新量越来越大，因为每次迭代的梯度都累加在之前的梯度上。",
            ),
            gives=_accumulating,
        ),
        Misconception(
            "uphill",
            Text(
                en="w climbs: descent subtracts the gradient.",
                zh="损失在增大。梯度下降应当减去梯度。",
            ),
            gives=lambda w, xs, ys, lr, steps: train(w, xs, ys, -lr, steps),
        ),
        Misconception(
            "stands_still",
            Text(
                en="w comes back as it came: the update reaches a copy, or the gradient was emptied before it was "
                "used.",
                zh="w没有变化。可能是更新了副本，也可能是梯度在使用之前就被清空了。",
            ),
            gives=lambda w, xs, ys, lr, steps: w,
        ),
        Misconception(
            "returns_too_early",
            Text(
                en="This is w after a single step: the return stands inside the loop.",
                zh="这是只更新一步之后的w，因为return写在了循环里面。",
            ),
            gives=lambda w, xs, ys, lr, steps: train(w, xs, ys, lr, 1),
        ),
        Misconception(
            "loss_computed_once",
            Text(
                en="Every step goes along the gradient at the first w: the loss was computed once, before the loop. Each step "
                "needs a forward pass of its own.",
                zh="每一步用的都是最初的w处的梯度，因为损失只在循环之前算了一次。每一步都要重新做前向传播。",
            ),
            gives=lambda w, xs, ys, lr, steps: train(w, xs, ys, steps * lr, 1),
        ),
    ),
    rules=(
        Rule(
            "retain_grad",
            Text(
                en="The numbers are right, but w is still the end of a chain of all steps: retain_grad() fetches its gradient, "
                "and every backward goes back to the first step. Let w stay a leaf.",
                zh="数值是对的，但w仍是所有更新步连成的链的末端。retain_grad()虽然取到了它的梯度，每次反向传播却都要一直走回第一步。"
                "应让w始终是叶子。",
            ),
            retains_grad,
        ),
    ),
)


def _starter_09_6(w: Tensor, batches: Tensor) -> Tensor:
    history = []
    for x in batches:
        history.append((w * x).exp().mean())
    return torch.stack(history)


def history(w, batches):
    with torch.no_grad():
        return torch.stack([(w * x).exp().mean() for x in batches])


_EXERCISE_09_6 = Exercise(
    id="09.6",
    kind="function",
    difficulty=2,
    minutes=6,
    statement=Text(
        en="`history(w, batches)` evaluates a model on every row of `batches` and returns the losses as one tensor"
        ", for a plot. Backward is never called, and yet each loss keeps its graph in memory. Fix it: same "
        "numbers, no graph, `w` as it was.",
        zh="`history(w, batches)`在`batches`的每一行上评估模型，把各个损失作为一个张量返回，用来画图。这里不会调用"
        "`backward`，每个损失却都引用着自己的计算图。请改正它，使数值不变，不带计算图，`w`保持原样。",
    ),
    reference=history,
    run=losses_of_batches,
    wanted=A_TENSOR,
    starter=_starter_09_6,
    inputs=lambda rng, sign: (
        vector(rng, sign, 3) / 2,
        torch.stack([vector(rng, 0, 3) for _ in range(rng.randint(3, 5))]),
    ),
    hints=(
        Text(
            en="What does history[0].grad_fn say? As long as the list lives, so does that.",
            zh="history[0].grad_fn是什么？只要列表还在，它就不会释放。",
        ),
        Text(
            en="Keep the number, not the tensor on the graph; or record nothing in the first place.",
            zh="可以只保留数，而不保留计算图上的张量，也可以一开始就不记录。",
        ),
        Text(
            en="Three ways will do: with torch.no_grad(), .item(), .detach().",
            zh="with torch.no_grad()、.item()和.detach()这三种办法都可以。",
        ),
    ),
    solution=source_of(history),
    misconceptions=(
        Misconception(
            "sums",
            Text(
                en="These are sums over a row; the loss is a mean.",
                zh="这是每一行的和，而损失是均值。",
            ),
            gives=lambda w, batches: (w * batches).exp().sum(1),
        ),
        Misconception(
            "running_total",
            Text(
                en="These are running totals. Compute each loss by itself.",
                zh="这是逐步累加的总和。每个损失应当分别计算。",
            ),
            gives=lambda w, batches: (w * batches).exp().mean(1).cumsum(0),
        ),
        Misconception(
            "last_only",
            Text(
                en="One number only, that of the last row. Is the append or the return in the wrong place?",
                zh="只有一个数，是最后一行的损失。append或return是不是放错了地方？",
            ),
            gives=lambda w, batches: (w * batches[-1]).exp().mean(),
        ),
    ),
    rules=(
        Rule(
            "graph_kept",
            Text(
                en="The numbers are right, but the result still has a grad_fn, so every graph stays in memory.",
                zh="数值是对的，但结果仍有grad_fn，所以每张计算图都没有释放。",
            ),
            keeps_a_graph,
        ),
    ),
)


EXERCISES = (_EXERCISE_09_5, _EXERCISE_09_6)
