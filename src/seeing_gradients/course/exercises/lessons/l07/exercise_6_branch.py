"""Exercise 07.6: a function with control flow that the learner invents, compared with central differences."""

import math
from random import Random
from typing import Any

import torch
from torch import Tensor

from ...harness.runs import NUM_TESTED, SCALES, STEP, are_same, gradients_and_paths, steps
from ...spec import Condition, Exercise, Misconception, Text, source_of


def _inputs_07_6(rng: Random, sign: int) -> tuple[Tensor]:
    """A vector (3,) whose elements have absolute values from 1 to 4, and whose sum has one above 1.

    The numbers are not round, so that none lies exactly on a threshold of the answer, as in `x[0] > 1`. The check
    multiplies the vector by 20 and by 0.05, which puts it on both sides of most thresholds.
    """
    while True:
        x = torch.tensor([(sign or rng.choice((1, -1))) * rng.uniform(1, 4) for _ in range(3)])
        if x.sum().abs() > 1:
            return (x,)


def _is_nan(received: Any, x: Tensor) -> bool:
    """Whether `_agreement_and_paths` met a nan in what `gradients_and_paths` returned."""
    return math.isnan(_agreement_and_paths(received, x)[0])


_TOLERANCE = 1e-4  # relative, of a gradient


def _agreement_and_paths(record: Any, x: Tensor) -> Any:
    """(1.0 if the gradients agree with central differences on all multiples of x, 1.0 if the graphs differ between inputs).

    -1.0 for both if two results at the same x differ; nan for the first if a value is, or the gradient of a finite one.

    Args:
        record: what `gradients_and_paths` returns.
        x: the input.
    """
    if not isinstance(record, tuple):
        return record
    pair, tested, others = record
    if not are_same(*pair):
        return -1.0, -1.0
    agreements = [
        _agrees(y, grad, (ahead - behind) / (2 * steps(x.double() * scale)))
        for scale, (y, grad, ahead, behind, *_) in zip(SCALES, tested, strict=False)
        if abs(y) < math.inf  # a number too large for float64 says nothing about the slope
    ]
    is_nan = any(math.isnan(y) or abs(y) < math.inf and grad.isnan().any() for y, grad, *_ in tested)
    structures = {structure for *_, structure, _ in tested} | set(others)
    paths = {path for *_, path in tested}
    # A number that differs on every input was computed from the input, and says nothing about the path.
    several = len(structures) > 1 or 1 < len(paths) < NUM_TESTED
    agree = any(agreements) and all(agreements) and len(tested) == NUM_TESTED
    return math.nan if is_nan else float(agree), float(several)


def _agrees(y: float, grad: Tensor, central: Tensor) -> bool:
    """Whether a gradient agrees with the central difference, within the round-off error of values as large as y."""
    round_off = 100 * torch.finfo(torch.float64).eps * abs(y) / STEP
    return torch.allclose(grad, central, rtol=_TOLERANCE, atol=_TOLERANCE + round_off)


def mine(x):
    return (x**2).sum() if x.sum() > 0 else (x**3).sum()


_EXERCISE_07_6 = Exercise(
    id="07.6",
    kind="function",
    difficulty=3,
    minutes=10,
    statement=Text(
        en="Design a function of your own: `mine(x)` receives a tensor `(n,)` and returns a scalar tensor, on a path "
        "that depends on the values in `x` (an `if`, a loop). The check runs it at `x`, `-x`, `20 * x`, `-20 * x` and "
        "`x / 20` for random `x`, and there every gradient must agree with central differences in float64. At least two "
        "different graphs must occur, if not there, then when the elements of `x` change their order or their signs.",
        zh="请设计一个自己的函数`mine(x)`，它接收形状为`(n,)`的张量，返回一个标量张量，并且用`if`或循环，使执行的"
        "路径取决于`x`的数值。检查会对随机的`x`在`x`、`-x`、`20 * x`、`-20 * x`和`x / 20`处运行它，每个梯度都应当与"
        "float64的中心差分一致。至少要出现两种不同的计算图，如果在这些输入处没有出现，改变各元素的顺序或符号之后也可以。",
    ),
    names=(
        Condition(en="every gradient agrees with central differences", zh="每个梯度都与中心差分一致"),
        Condition(en="at least two different graphs occur", zh="至少出现两种不同的计算图"),
    ),
    wanted=Text(en="a scalar tensor", zh="标量张量"),
    reference=mine,
    run=gradients_and_paths,
    read=_agreement_and_paths,
    inputs=_inputs_07_6,
    hints=(
        Text(
            en="Begin with the example of the book: one formula where x.sum() > 0, another one otherwise.",
            zh="可以从书中的例子开始，x.sum() > 0时用一个公式，否则用另一个。",
        ),
        Text(
            en="The condition may use numbers taken out of x; the result must be computed from x itself, with "
            "operations of PyTorch.",
            zh="条件里可以用从x中取出的数，结果则必须用PyTorch的运算由x本身算出。",
        ),
        Text(
            en="Draw it at two places: draw(mine, x=...) must show two different graphs, both beginning at x.",
            zh="用draw(mine, x=...)在两个输入处画出计算图。两张图应当不同，而且都从x开始。",
        ),
    ),
    solution=source_of(mine),
    misconceptions=(
        Misconception(
            "one_path",
            Text(
                en="The gradients are right, but every test input takes the same path. Let something about the values "
                "of x decide.",
                zh="梯度是对的，但所有测试输入执行的都是同一条路径。执行哪条路径应当由x的数值决定。",
            ),
            gives=lambda x: (1.0, 0.0),
        ),
        Misconception(
            "path_cut",
            Text(
                en="There are two paths, but on one of them a part of x was detached or rounded, so autograd misses "
                "its share.",
                zh="确实有两条路径，但在其中一条上，x的一部分被分离或取整了，梯度就少了那一部分。",
            ),
            gives=lambda x: (0.0, 1.0),
        ),
        Misconception(
            "chance",
            Text(
                en="At the same x the result is not always the same: chance decides on the path. The values of x should.",
                zh="同一个x得到的结果并不总是相同，路径是随机选取的，而它应当由x的数值决定。",
            ),
            gives=lambda x: (-1.0, -1.0),
        ),
        Misconception(
            "nan",
            Text(
                en="A value or a gradient is nan at one of the test inputs, as a root or a logarithm of a negative number is. "
                "Let the path depend on every element that such an operation gets.",
                zh="在某个测试输入上，值或梯度是nan，例如对负数开方或取对数就会这样。选择路径时，要检查参与这种运算的每个元素。",
            ),
            recognises=_is_nan,
        ),
        Misconception(
            "no_way_back",
            Text(
                en="On one of the paths the result does not depend on x, or its graph was cut: backward has nowhere "
                "to go.",
                zh="在其中一条路径上，结果与x无关，或者计算图被切断了，无法做反向传播。",
            ),
            error="does not require grad",
        ),
        Misconception(
            "vector",
            Text(
                en="mine must return one number. Add a sum, or choose one element.",
                zh="mine应当返回一个数。请对结果求和，或者取出一个元素。",
            ),
            error="grad can be implicitly created",
        ),
    ),
)

EXERCISES = (_EXERCISE_07_6,)
