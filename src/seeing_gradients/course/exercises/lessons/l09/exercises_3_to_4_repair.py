"""Exercises 09.3, 09.4: a saved tensor that is overwritten, a square root whose gradient is nan."""

from random import Random
from typing import Any

import torch
from torch import Tensor

from ...harness.rules import uses_hook
from ...harness.runs import value_and_gradient
from ...random_inputs import turn, vector
from ...spec import Exercise, Misconception, Rule, Text, source_of
from ..shared import A_TENSOR


def _starter_09_3(x: Tensor) -> Tensor:
    e = x.exp()
    e /= e.sum()
    return torch.dot(e, e)


def concentration(x):
    e = x.exp()
    s = e / e.sum()
    return torch.dot(s, s)


def _has_right_value_only(received: Any, x: Tensor) -> bool:
    """Whether the value is right and the gradient is None or finite. It is called only for wrong results."""
    value, gradient = received if type(received) is tuple and len(received) == 2 else (None, None)
    right = value is not None and torch.allclose(value, concentration(x), rtol=1e-4)
    return right and (gradient is None or bool(gradient.isfinite().all()))


_EXERCISE_09_3 = Exercise(
    id="09.3",
    kind="function",
    difficulty=2,
    minutes=7,
    statement=Text(
        en=r"`concentration(x)` turns scores into shares, $s = e^x / \sum e^x$, and returns $s^\top s$. Forward it "
        r"is right; backward it raises. Fix it, so that the value stays the same and the gradient is right.",
        zh=r"`concentration(x)`把得分变成占比$s = e^x / \sum e^x$，返回$s^\top s$。前向传播是对的，反向传播却报错。"
        r"请改正它，使值不变，梯度正确。",
    ),
    names=("s·s", "∂/∂x"),
    reference=concentration,
    run=value_and_gradient,
    wanted=A_TENSOR,
    starter=_starter_09_3,
    inputs=lambda rng, sign: (vector(rng, sign),),
    hints=(
        Text(
            en="The message names a node. What does that node save, and which line changes it afterwards?",
            zh="报错里指出了一个节点。这个节点保存的是什么？后来哪一行修改了它？",
        ),
        Text(
            en="explore(concentration, x=[0.0, 1.0], saved=True) shows a version that jumps from 0 to 1.",
            zh="explore(concentration, x=[0.0, 1.0], saved=True)会显示某个张量的版本从0变为1。",
        ),
        Text(
            en="Write the shares into a new tensor instead of into the old one.",
            zh="把占比存入新的张量，而不是写回原来的张量。",
        ),
    ),
    solution=source_of(concentration),
    misconceptions=(
        Misconception(
            "still_in_place",
            Text(
                en="A value that backward needs is still written over after it was saved.",
                zh="反向传播要用的值，仍然在保存之后被修改了。",
            ),
            error="modified by an inplace operation",
        ),
        Misconception(
            "guard_bypassed",
            Text(
                en="The value is right and the gradient is wrong: .data or detach() took a step out of the graph. The "
                "error message went away, the error did not.",
                zh="值是对的，梯度却错了，因为.data或detach()使某一步不再记录到计算图上。报错没有了，错误还在。",
            ),
            recognises=_has_right_value_only,
        ),
        Misconception(
            "not_divided",
            Text(
                en="The exponentials are no longer divided by their sum, so these are no shares.",
                zh="各个指数函数值没有除以它们的和，得到的不是占比。",
            ),
            gives=lambda x: (torch.dot(x.exp(), x.exp()), 2 * (2 * x).exp()),
        ),
        Misconception(
            "sum_of_shares",
            Text(
                en="Shares add up to 1, whatever x is; the exercise asks for the sum of their squares.",
                zh="不管x是什么，占比之和都是1。题目要的是占比的平方和。",
            ),
            recognises=lambda received, x: (
                type(received) is tuple and abs(received[0].item() - 1) < 1e-5 and len(x) > 1
            ),
        ),
    ),
)


def _starter_09_4(x: Tensor) -> Tensor:
    return torch.where(x > 0, torch.sqrt(x), 0.0)


def _inputs_09_4(rng: Random, sign: int) -> tuple[Any, ...]:
    """A vector with positive and negative elements, a zero and a small positive one, in any order."""
    x = torch.cat([vector(rng, 0), torch.tensor([0.0, turn(rng, (2.0**-8, 2.0**-12, 2.0**-16))])])
    return (x[torch.tensor(rng.sample(range(len(x)), len(x)))],)


def _has_nan(received: Any, x: Tensor) -> bool:
    return type(received) is tuple and isinstance(received[1], torch.Tensor) and bool(received[1].isnan().any())


def root(x):
    safe = torch.where(x > 0, x, 1.0)
    return torch.where(x > 0, torch.sqrt(safe), 0.0)


_EXERCISE_09_4 = Exercise(
    id="09.4",
    kind="function",
    difficulty=3,
    minutes=8,
    statement=Text(
        en=r"`root(x)` is $\sqrt{x}$ where $x > 0$ and 0 elsewhere. Its value is right; its gradient is `nan` or "
        r"`inf` where it should be 0. Fix it, but do not change gradients afterwards.",
        zh=r"`root(x)`在$x > 0$处是$\sqrt{x}$，其余处是0。值没有错，但本该为0的梯度却是`nan`或`inf`。请改正它，但不"
        r"要在事后改动梯度。",
    ),
    names=("root(x)", "∂/∂x"),
    reference=root,
    run=value_and_gradient,
    wanted=A_TENSOR,
    starter=_starter_09_4,
    inputs=_inputs_09_4,
    hints=(
        Text(
            en="Both branches of torch.where are computed and differentiated, at every element. What is the slope of "
            "the root at −1 and at 0?",
            zh="torch.where的两个分支在每个元素上都会计算，也都会求导。平方根在−1处和0处的导数是什么？",
        ),
        Text(
            en="0 times nan is nan: choosing after the root is too late. The root must never meet a number that is "
            "not positive.",
            zh="0乘以nan还是nan，所以在开方之后再选取是不够的，应当使开方只作用于正数。",
        ),
        Text(
            en="Choose twice: before the root, put a harmless number such as 1 in the places that do not count; after "
            "it, put 0 there.",
            zh="要选取两次，开方之前，把不需要的元素换成定义域内的数，例如1，开方之后，再把它们换成0。",
        ),
    ),
    solution=source_of(root),
    misconceptions=(
        Misconception(
            "nan_remains",
            Text(
                en="There is still a nan: somewhere the root is still taken of a number that is not "
                "positive, and 0 times nan or infinity is nan.",
                zh="仍有nan，因为某处仍在对非正的数开方，而0乘以nan或无穷大还是nan。",
            ),
            recognises=_has_nan,
        ),
        Misconception(
            "infinite_at_zero",
            Text(
                en="No nan any more, but an infinite slope: at x = 0 the root is still taken.",
                zh="没有nan了，导数却是无穷大，因为在x = 0处仍然开了方。",
            ),
            recognises=lambda received, x: type(received) is tuple and bool(received[1].isinf().any()),
        ),
        Misconception(
            "chosen_once",
            Text(
                en="The numbers under the root were replaced, and their roots are still there: where x is not positive the result "
                "should be 0.",
                zh="根号下的数换掉了，它们的平方根却留在结果里。x不是正数时，结果应当是0。",
            ),
            recognises=lambda received, x: (
                type(received) is tuple
                and bool((received[0][x <= 0] == received[0][x <= 0][0]).all())
                and bool((received[0][x <= 0] > 0.5).all())
                and torch.allclose(received[0][x > 0], x[x > 0].sqrt())
            ),
        ),
        Misconception(
            "shifted",
            Text(
                en="A small number under the root makes the slope finite, and the value at 0 and below wrong.",
                zh="在根号下加一个小数，导数是有限了，但0处及以下的值就错了。",
            ),
            recognises=lambda received, x: (
                type(received) is tuple
                and bool((received[0][x <= 0] > 0).all())
                and torch.allclose(received[0][x > 0.1], x[x > 0.1].sqrt(), atol=0.3)
            ),
        ),
        Misconception(
            "threshold",
            Text(
                en="A small positive x was taken for 0. The condition of the task is x > 0, without a margin.",
                zh="把很小的正数x当成了0。题目的条件是x > 0，没有余量。",
            ),
            recognises=lambda received, x: (
                type(received) is tuple
                and bool((received[0] == 0)[(x > 0) & (x < 0.01)].all())
                and torch.allclose(received[0][x > 0.1], x[x > 0.1].sqrt())
            ),
        ),
        Misconception(
            "cut",
            Text(
                en="No path leads from the result back to x: the root was taken off the graph, or the result does not use x "
                "at all.",
                zh="从结果没有路径回到x，因为开方不在计算图上，或者结果根本没有用到x。",
            ),
            error="does not require grad",
        ),
        Misconception(
            "one_slope_for_all",
            Text(
                en="The gradient where x > 0 is not that of a root.",
                zh="在x > 0处，梯度不是平方根的导数。",
            ),
            recognises=lambda received, x: (
                type(received) is tuple
                and torch.allclose(received[0], root(x))
                and bool((received[1] == (x > 0)).all())
            ),
        ),
    ),
    rules=(
        Rule(
            "hook",
            Text(
                en="A hook repairs the gradient on its way. The nan is still made, and anomaly detection would still "
                "stop there.",
                zh="这里用钩子在途中改动梯度。nan仍会产生，异常检测也仍会停在那里。",
            ),
            uses_hook,
        ),
    ),
)


EXERCISES = (_EXERCISE_09_3, _EXERCISE_09_4)
