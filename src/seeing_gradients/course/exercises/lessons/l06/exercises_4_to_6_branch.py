"""Exercises 06.4, 06.5, 06.6.

A function with a branch, slopes for a vector, a test that allows for rounding and zeros.
"""

from random import Random
from typing import cast

import torch
from torch import Tensor

from ...harness.rules import chooses_on_the_graph, computes_both
from ...harness.runs import value_and_slope
from ...random_inputs import number, turn, vector
from ...spec import Exercise, Misconception, Rule, Text, source_of
from ..shared import A_TENSOR, BY_AUTOGRAD, NOT_FROM_AUTOGRAD
from .exercises_1_to_3_loop import f


def by_sign(x):
    if x > 0:
        return x * x
    return -3 * x


_EXERCISE_06_4 = Exercise(
    id="06.4",
    kind="function",
    difficulty=2,
    minutes=7,
    statement=Text(
        en="`by_sign(x)` receives a scalar tensor and returns $x^2$ for $x > 0$ and $-3x$ otherwise. It **must "
        "branch**: in the recorded graph only the formula of the branch taken may stand. No `torch.where`, no mask.",
        zh="`by_sign(x)`接收一个标量张量，$x > 0$时返回$x^2$，否则返回$-3x$。它**必须分支**，记录下来的计算图"
        "里只能有所走的那个分支的公式。不能用`torch.where`，也不能用掩码。",
    ),
    names=("f(x)", "df/dx"),
    reference=by_sign,
    run=value_and_slope,
    wanted=A_TENSOR,
    inputs=lambda rng, sign: (
        number(rng, sign, parts=32) * turn(rng, (1 / 64, 1, 16), sign) if sign else 0.0,
    ),  # at 0 the slopes differ
    hints=(
        Text(
            en="Which Python statement runs one of two lines, and leaves the other alone?",
            zh="哪个Python语句会从两行里选一行运行，而不运行另一行？",
        ),
        Text(
            en="A tensor with one element may stand in a condition: x > 0 is read as True or False.",
            zh="只有一个元素的张量可以直接写在条件里，x > 0会被当作True或False。",
        ),
        Text(
            en="An if with one return, and an else with the other.",
            zh="在if和else中各写一个return。",
        ),
    ),
    solution=source_of(by_sign),
    misconceptions=(
        Misconception(
            "zero_on_the_wrong_side",
            Text(
                en="Right, except at 0 itself: the square is for x > 0. At 0 the other formula holds, with another slope.",
                zh="只有在0处不对：平方只用于x > 0，0处用的是另一个公式，那里的导数不同。",
            ),
            gives=lambda x: (x * x, 2 * x) if x >= 0 else (-3 * x, -3.0),
        ),
        Misconception(
            "one_formula",
            Text(
                en="This is the square everywhere; for x ≤ 0 it never reaches the other formula.",
                zh="处处都是平方，x ≤ 0时没有执行另一个公式。",
            ),
            gives=lambda x: (x * x, 2 * x),
        ),
        Misconception(
            "swapped",
            Text(
                en="The two branches are exchanged: look at the direction of your comparison.",
                zh="两个分支反了。看看比较的方向。",
            ),
            gives=lambda x: (-3 * x, -3.0) if x > 0 else (x * x, 2 * x),
        ),
        Misconception(
            "sign_of_the_line",
            Text(
                en="For x ≤ 0 the sign is wrong: there −3x is not negative.",
                zh="x ≤ 0时符号反了，此时−3x不是负数。",
            ),
            gives=lambda x: (x * x, 2 * x) if x > 0 else (3 * x, 3.0),
        ),
        Misconception(
            "number_taken_out",
            Text(
                en="The formula was computed without x itself: with a plain number taken out of it, or with a tensor that was "
                "detached. Ask the question with item() if you like, but compute with x.",
                zh="公式不是用x本身来算的，而是用了从中取出的数，或者分离了的张量。item()可以用在条件里，但计算时要用x。",
            ),
            error="does not require grad",
        ),
    ),
    rules=(
        Rule(
            "where",
            Text(
                en="The values are right, but both formulas are computed and torch.where picks one of the results. "
                "That is where nan can come in.",
                zh="值是对的，但两个公式都算了，再由torch.where从结果中选取，这样可能产生nan。",
            ),
            chooses_on_the_graph,
        ),
        Rule(
            "mask",
            Text(
                en="The values are right, but more operations stand in the graph than one formula needs: both "
                "branches were computed and added up.",
                zh="值是对的，但计算图里的运算比一个公式所需的多，因为两个分支都算了再相加。",
            ),
            computes_both,
            is_about_all_runs=True,
        ),
    ),
)


def _inputs_06_5(rng: Random, sign: int) -> tuple[Tensor]:
    """A vector whose sum is not 0, and without a 0, at which f(a) / a would be nan."""
    while True:
        a = vector(rng, sign, 3)
        if a.sum() != 0:
            return (a,)


def slopes(a):
    def f(a):
        b = a * 2
        while b.norm() < 1000:
            b = b * 2
        return b if b.sum() > 0 else 100 * b

    a = a.clone().requires_grad_()
    f(a).sum().backward()
    return a.grad


_EXERCISE_06_5 = Exercise(
    id="06.5",
    kind="function",
    difficulty=2,
    minutes=6,
    statement=Text(
        en="`slopes(a)` receives a vector `(n,)` that requires no gradient, calls `f` of the lesson, and returns "
        "$\\partial \\left(\\sum_i d_i\\right)/\\partial a$, shape `(n,)`, by autograd. `a` stays as it was.",
        zh="`slopes(a)`接收形状为`(n,)`、不需要梯度的向量，调用正文里的`f`，用自动微分求出"
        "$\\partial \\left(\\sum_i d_i\\right)/\\partial a$并返回，形状为`(n,)`。`a`要保持原样。",
    ),
    reference=slopes,
    inputs=_inputs_06_5,
    hints=(
        Text(
            en="Make a leaf of your own from a: a.clone().requires_grad_().",
            zh="由a创建自己的叶子张量，即a.clone().requires_grad_()。",
        ),
        Text(
            en="backward starts from one number. Which number made from d has the gradient that is asked for?",
            zh="反向传播从一个数出发。由d得到的哪个数，它的梯度正是题目所求？",
        ),
        Text(
            en="Call backward on the sum of d, and read .grad of your leaf.",
            zh="对d的和调用backward，再读取叶子张量的.grad。",
        ),
    ),
    solution=source_of(slopes),
    misconceptions=(
        Misconception(
            "no_sum",
            Text(
                en="d is a vector: backward does not know how to weight its elements.",
                zh="d是向量，反向传播需要知道它的各个元素的权重。",
            ),
            error="grad can be implicitly created only for scalar outputs",
        ),
        Misconception(
            "backward_of_d",
            Text(
                en="This is k·d: d.backward(d) weights every element of the output by its own value. All weights "
                "should be 1.",
                zh="这是k·d，因为d.backward(d)以输出的值为权重。权重应当全是1。",
            ),
            gives=lambda a: slopes(a) * f(a),
        ),
        Misconception(
            "value",
            Text(
                en="This is d itself, the value. What was a multiplied by?",
                zh="这是d本身，即函数值。a被乘上了多少倍？",
            ),
            gives=lambda a: f(a),
        ),
        Misconception(
            "mean",
            Text(
                en="n times too small: this is the gradient of the mean.",
                zh="结果是应有值的1/n，这是均值的梯度。",
            ),
            gives=lambda a: slopes(a) / len(a),
        ),
        Misconception(
            "one_by_one",
            Text(
                en="Each element went through f by itself. The lesson hands f the whole vector, and norm and sum decide for all "
                "elements together.",
                zh="这里让每个元素单独经过f。正文里传给f的是整个向量，由norm和sum为所有元素一起作出判断。",
            ),
            gives=lambda a: torch.cat([cast("Tensor", slopes(each)) for each in a.split(1)]),
        ),
        Misconception(
            "jacobian",
            Text(
                en="This is the whole Jacobian (n, n). The exercise asks for the sum of its rows.",
                zh="这是整个雅可比矩阵，形状为(n, n)。所求的是它的各行之和。",
            ),
            gives=lambda a: torch.diag(slopes(a)),
        ),
    ),
    rules=(BY_AUTOGRAD, NOT_FROM_AUTOGRAD),
)


def _inputs_06_6(rng: Random, sign: int) -> tuple[Tensor, Tensor, Tensor]:
    """grad, d and a, shuffled: for sign 1 grad is right within rounding; for -1 too, with a 0 in a; for 0 it is wrong.

    It is wrong in two places whose errors cancel each other in a sum, in one place, or where the numbers are small. And
    for one sign 1 in three it is wrong everywhere by the same factor, so that its elements agree with each other.
    """
    small = 2.0**-20
    a = -torch.tensor([rng.uniform(0.5, 1), rng.uniform(1, 2), rng.uniform(2, 3), rng.uniform(0.5, 1) * small])
    if sign < 0:
        a[0] = 0.0
    grad, d = cast("Tensor", slopes(a)), f(a)
    up = torch.where(a != 0, grad * 2, grad)
    grad = torch.nextafter(torch.nextafter(grad, up), up)  # so that grad * a is not d to the last bit
    order = rng.sample(range(4), 4)
    if sign > 0 and turn(rng, (True, False, False), "everywhere"):
        grad *= 2
    if sign == 0:
        case = turn(rng, ("two", "one", "small"))
        factor = rng.choice((0.99, 1.01) if case == "one" else (0.5, 0.99, 1.01, 2.0))
        wrong = {"two": 1, "one": rng.randrange(3), "small": 3}[case]
        grad[wrong] *= factor
        if case == "two":
            grad[0] -= (grad * a - d).sum() / a[0]  # the second error, by which the sums agree again
        else:  # at other places for "one" and "small", so that no single element tells right from wrong
            order.remove(wrong)
            order.insert(rng.choice((0, 3) if case == "one" else (1, 2)), wrong)
    return grad[order], d[order], a[order]


def agrees(grad, d, a):
    return torch.allclose(grad * a, d)


_EXERCISE_06_6 = Exercise(
    id="06.6",
    kind="function",
    difficulty=2,
    minutes=6,
    statement=Text(
        en="`agrees(grad, d, a)` receives three vectors and returns one truth value: whether `grad` is the slope $k$ "
        "with $d = k a$, up to rounding, for **every** element. An element of `a` may be 0.",
        zh="`agrees(grad, d, a)`接收三个向量，返回一个真假值，表示在舍入误差范围内，`grad`的**每个**元素是否都是满"
        "足$d = k a$的导数$k$。`a`的元素可能是0。",
    ),
    reference=agrees,
    inputs=_inputs_06_6,
    hints=(
        Text(
            en="Two floating-point numbers computed in different ways are seldom equal to the last digit.",
            zh="用不同方法算出的两个浮点数，很少会连最后一位都相等。",
        ),
        Text(
            en="What is 0 / 0, and is it close to anything? Write d = k a without a division.",
            zh="0 / 0是什么？它与任何数接近吗？请用不含除法的形式表示d = k a。",
        ),
        Text(
            en="Compare grad * a with d, with the function of torch that allows for rounding.",
            zh="请用torch里允许舍入误差的比较函数，比较grad * a与d。",
        ),
    ),
    solution=source_of(agrees),
    misconceptions=(
        Misconception(
            "division_by_zero",
            Text(
                en="Where a is 0 the quotient d / a is nan, and nan is close to nothing: a right gradient is called "
                "wrong.",
                zh="在a为0处，商d / a是nan，而nan与任何数都不接近，正确的梯度也会被判为错误。",
            ),
            gives=lambda grad, d, a: torch.allclose(grad, d / a),
        ),
        Misconception(
            "exact_equality",
            Text(
                en="A right gradient is refused: grad * a and d differ in their last bits only, since a product is rounded. Allow "
                "for that, in proportion to the size of the numbers.",
                zh="正确的梯度也被判为错误。乘积会舍入，所以grad * a与d在最后几位上不同。应当容许与数的大小成比例的误差。",
            ),
            gives=lambda grad, d, a: bool((grad == d / a).all()),
        ),
        Misconception(
            "element_by_element",
            Text(
                en="This is one truth value for each element. The exercise asks for one for all of them.",
                zh="每个元素都有一个真假值，而题目要的是总共一个。",
            ),
            gives=lambda grad, d, a: torch.isclose(grad * a, d),
        ),
        Misconception(
            "always_true",
            Text(
                en="This says True although an element of grad is wrong. Two errors may cancel each other in a sum, one element "
                "says nothing about the others, and where the numbers are small, so is the error.",
                zh="grad里有错误的元素，这里却仍得到True。两个误差可能在求和时抵消，一个元素不能代表其他元素，而数很小的地方，误差也很小。",
            ),
            recognises=lambda received, grad, d, a: (
                (received.item() if hasattr(received, "item") else received) is True
            ),
        ),
    ),
)

EXERCISES = (_EXERCISE_06_4, _EXERCISE_06_5, _EXERCISE_06_6)
