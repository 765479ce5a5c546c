"""Exercises 01.1, 01.2, 01.3: the central difference, its best step, and its cost."""

import math
from random import Random
from typing import Any

from ...random_inputs import again, number
from ...spec import Exercise, Misconception, Text, source_of
from ...variants import varied


def _cube(x: float) -> float:
    return x * x * x


def _is_near_the_slope(received: Any, x: float, h: float) -> bool:
    """Whether a number is the derivative at x itself, within the error of a central difference with a small step."""
    return isinstance(received, float) and abs(received - 3 * x * x) < 0.02 * h * h


def _inputs_01_1(rng: Random, sign: int) -> tuple[float, float]:
    """A place and a step: 480 pairs, too many for a table, whose truncation error is never lost in the tolerance."""
    return again(rng, sign, lambda: number(rng, sign, 6)), rng.randint(1, 10) / 4


def central(x, h):
    return ((x + h) ** 3 - (x - h) ** 3) / (2 * h)


_EXERCISE_01_1 = Exercise(
    id="01.1",
    kind="function",
    difficulty=1,
    minutes=5,
    statement=Text(
        en="`central(x, h)` receives two Python numbers and returns the central difference of $f(x) = x^3$ with the "
        "step `h`. The steps that the check gives are large, so that it sees which quotient you formed.",
        zh="`central(x, h)`接收两个Python数，返回$f(x) = x^3$以`h`为步长的中心差分。检查时用较大的步长，这样才能看"
        "出你写的是哪一种差商。",
    ),
    reference=central,
    inputs=_inputs_01_1,
    hints=(
        Text(
            en="Two points, one on either side of x, both at the distance h.",
            zh="需要两个点，在x的两侧各一个，到x的距离都是h。",
        ),
        Text(
            en="Rise over run: how far apart are the two points?",
            zh="差商等于函数值之差除以自变量之差。这两个点相距多远？",
        ),
        Text(
            en="Subtract the value on the left from the value on the right, and divide by the whole width, which needs "
            "brackets.",
            zh="用右边的函数值减去左边的函数值，再除以两点的距离。分母别忘了加括号。",
        ),
    ),
    solution=source_of(central),
    misconceptions=(
        Misconception(
            "divided_by_h",
            Text(
                en="Twice what it should be: the left point and the right one are further apart than h.",
                zh="结果是应有值的两倍，因为从左边的点到右边的点，距离不是h。",
            ),
            gives=lambda x, h: 2 * central(x, h),
        ),
        Misconception(
            "one_sided",
            Text(
                en="This is the one-sided difference: one of its two points is x itself.",
                zh="这是单侧差分，它的两个点中有一个就是x本身。",
            ),
            gives=lambda x, h: (_cube(x + h) - _cube(x)) / h,
        ),
        Misconception(
            "one_sided_over_the_double_step",
            Text(
                en="The numerator is one-sided, the denominator that of the central difference: rise and run belong "
                "to different pairs of points.",
                zh="分子是单侧差分的，分母却是中心差分的，两者用的不是同一对点。",
            ),
            gives=lambda x, h: (_cube(x + h) - _cube(x)) / (2 * h),
        ),
        Misconception(
            "no_brackets",
            Text(
                en="Python works from left to right: `/ 2 * h` divides by 2 and then multiplies by h.",
                zh="Python从左到右计算，`/ 2 * h`会先除以2，再乘以h。",
            ),
            gives=lambda x, h: central(x, h) * h * h,
        ),
        Misconception(
            "brackets_of_the_difference",
            Text(
                en="Only the second value was divided: `a - b / c` divides before it subtracts. The whole difference belongs "
                "in brackets.",
                zh="只有第二个值被除了：`a - b / c`先除后减。整个差都要放进括号里。",
            ),
            gives=lambda x, h: _cube(x + h) - _cube(x - h) / (2 * h),
        ),
        Misconception(
            "power_of_the_step",
            Text(
                en="Only the step was cubed: `x + h**3` raises h to the power before it adds. Each point needs brackets.",
                zh="这里只对步长求了立方，因为`x + h**3`先算乘方，再做加法。每个点都要先放进括号里。",
            ),
            recognises=lambda received, x, h: received == 0 or math.isclose(received, h * h, rel_tol=1e-6),
        ),
        Misconception(
            "turned_round",
            Text(
                en="The sign is reversed: this is the left value minus the right one, over a positive width.",
                zh="符号反了。这里用左边的值减去了右边的值，而分母是正的。",
            ),
            gives=lambda x, h: -central(x, h),
        ),
        Misconception(
            "another_step",
            Text(
                en="This is nearly the derivative itself, not the quotient with the given step. Did you use a "
                "small step of your own, or the formula for the derivative?",
                zh="这几乎就是导数本身，而不是用所给步长得到的差商。你是不是用了自己选的小步长，或者直接用了导数公式？",
            ),
            recognises=_is_near_the_slope,
        ),
    ),
)

_EXERCISE_01_2 = Exercise(
    id="01.2",
    kind="choice",
    difficulty=2,
    minutes=6,
    statement=Text(
        en="You want the derivative near x = 1 of a function whose values are about as large as 1. Pick the step: `a` central "
        "difference in float64, `b` central in float32, `c` one-sided in float64, `d` one-sided in float32.",
        zh="要在x = 1附近对一个大小适中的函数求导。请为下列差商选择步长：`a`（float64的中心差分）、`b`（float32的"
        "中心差分）、`c`（float64的单侧差分）和`d`（float32的单侧差分）。",
    ),
    reference={"a": "6e-6", "b": "5e-3", "c": "1e-8", "d": "3e-4"},
    options=("0.5", "5e-3", "3e-4", "6e-6", "1e-8", "1e-16"),
    hints=(
        Text(
            en="Two errors meet: truncation grows with h, round-off with 1/h. Where both are equal, the sum is "
            "smallest.",
            zh="截断误差随h增大，舍入误差随1/h增大。两者相等时，总和最小。",
        ),
        Text(
            en="Central: h² = ε / h. One-sided: h = ε / h. Solve both for h.",
            zh="对中心差分，令h² = ε / h，对单侧差分，令h = ε / h，分别解出h。",
        ),
        Text(
            en="ε is about 1e-7 in float32 and 2e-16 in float64. You need a cube root for the central difference and "
            "a square root for the other.",
            zh="float32的ε约为1e-7，float64的ε约为2e-16。中心差分要开立方根，单侧差分要开平方根。",
        ),
    ),
    solution='steps = {"a": "6e-6", "b": "5e-3", "c": "1e-8", "d": "3e-4"}',
    misconceptions=(
        Misconception(
            "as_small_as_possible",
            Text(
                en="A step of 1e-16 is lost when it is added to 1, in either precision: both points become one.",
                zh="把1e-16加到1上，无论哪种精度都会被舍入掉，两个点就成了同一个点。",
            ),
            gives="1e-16",
        ),
        Misconception(
            "far_too_large",
            Text(
                en="With a step of 0.5 the secant no longer follows the curve near the point: the error is all truncation.",
                zh="步长为0.5时，割线已经远离曲线在该点附近的走向，误差全部是截断误差。",
            ),
            gives="0.5",
        ),
        Misconception(
            "central_of_float64",
            Text(
                en="6e-6 balances the two errors of one of the four combinations, but not of this one. Which root, of "
                "which ε?",
                zh="在另一种组合里，6e-6能使两种误差相等，但不是这一种。应当开几次方？用哪个ε？",
            ),
            gives="6e-6",
        ),
        Misconception(
            "central_of_float32",
            Text(
                en="5e-3 is large. It suits a quotient whose truncation falls with h² in a coarse precision, and only "
                "that.",
                zh="5e-3相当大。只有精度低，而且截断误差与h²成正比时，它才合适。",
            ),
            gives="5e-3",
        ),
        Misconception(
            "root_of_float64",
            Text(
                en="1e-8 is the square root of the ε of float64. Ask whether this quotient and this precision call "
                "for it.",
                zh="1e-8是float64的ε的平方根。想一想，这种差商和这种精度应当用它吗？",
            ),
            gives="1e-8",
        ),
        Misconception(
            "root_of_float32",
            Text(
                en="3e-4 is the square root of the ε of float32. Ask whether this quotient and this precision call "
                "for it.",
                zh="3e-4是float32的ε的平方根。想一想，这种差商和这种精度应当用它吗？",
            ),
            gives="3e-4",
        ),
    ),
)


def _exercise_01_3(a: int, b: int) -> Exercise:
    n, weights = a * b + b + b + 1, a * b + b
    return Exercise(
        id="01.3",
        kind="value",
        difficulty=2,
        minutes=5,
        statement=Text(
            en=f"A small network: `Linear({a}, {b})`, a ReLU, `Linear({b}, 1)`, both layers with a bias. For one "
            "gradient of its loss with respect to all parameters: how many evaluations of the loss do central "
            "differences need, how many do one-sided ones, and how many backward passes does reverse mode need?",
            zh=f"某个小网络由`Linear({a}, {b})`、ReLU和`Linear({b}, 1)`组成，两层都有偏置。要求一次损失对全部参数的"
            "梯度，中心差分需要计算多少次损失？单侧差分需要多少次？反向模式需要多少次反向传播？",
        ),
        names=(
            Text(en="central", zh="中心差分"),
            Text(en="one-sided", zh="单侧差分"),
            Text(en="backward", zh="反向传播"),
        ),
        reference=(2 * n, n + 1, 1),
        hints=(
            Text(
                en="First count the parameters n: weights and biases of both layers.",
                zh="先数参数个数n：两层的权重和偏置都要算上。",
            ),
            Text(
                en=f"Linear({a}, {b}) has {a} · {b} weights and a bias for each of its {b} outputs. The ReLU has no "
                "parameters.",
                zh=f"Linear({a}, {b})有{a} · {b}个权重，{b}个输出各有一个偏置。ReLU没有参数。",
            ),
            Text(
                en="Central: two evaluations per parameter. One-sided: f(x) itself serves all parameters, so it is "
                "needed once.",
                zh="中心差分对每个参数计算两次。单侧差分的f(x)由所有参数共用，只需计算一次。",
            ),
        ),
        solution=f"central, one_sided, backward = 2 * ({a} * {b} + {b} + {b} + 1), {a} * {b} + {b} + {b} + 1 + 1, 1",
        misconceptions=(
            Misconception(
                "biases_forgotten",
                Text(
                    en="The biases were not counted. They are parameters, too, and get a gradient.",
                    zh="没有数偏置。偏置也是参数，也有梯度。",
                ),
                gives=(2 * weights, weights + 1, 1),
            ),
            Misconception(
                "one_evaluation_each",
                Text(
                    en="One evaluation per parameter is not enough for a central difference: it has two points, and "
                    "neither is shared.",
                    zh="对中心差分来说，每个参数只计算一次是不够的，它的两个点都不能与其他参数共用。",
                ),
                gives=(n, n + 1, 1),
            ),
            Misconception(
                "nothing_shared",
                Text(
                    en="The one-sided count is too high: f(x) is the same for every parameter.",
                    zh="单侧差分的次数多了。f(x)对每个参数都是同一个值，只需计算一次。",
                ),
                gives=(2 * n, 2 * n, 1),
            ),
            Misconception(
                "base_forgotten",
                Text(
                    en="The one-sided count lacks one evaluation: what are all the others compared with?",
                    zh="单侧差分少了一次。其余各次要与哪个函数值相减？",
                ),
                gives=(2 * n, n, 1),
            ),
            Misconception(
                "backward_each",
                Text(
                    en="One backward pass gives the derivatives for all parameters at once, not for one of them.",
                    zh="一次反向传播会同时得到对所有参数的导数，而不是只对其中一个。",
                ),
                gives=(2 * n, n + 1, n),
            ),
        ),
    )


_EXERCISE_01_3 = varied(
    _exercise_01_3, (20, 30), (4, 5, 8, 10, 20, 40), (5, 6, 10, 20, 30, 50), fits=lambda a, b: a != b
)

EXERCISES = (_EXERCISE_01_1, _EXERCISE_01_2, _EXERCISE_01_3)
