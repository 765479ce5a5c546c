"""Exercises 06.1, 06.2, 06.3: the slope k of the lesson's function on paper, where k jumps, and a version safe at 0."""

import math
from random import Random
from typing import Any

from torch import Tensor

from ...harness.runs import value_and_slope
from ...random_inputs import number, turn
from ...spec import Exercise, Misconception, Text, source_of
from ...variants import varied
from ..shared import A_TENSOR


def f(a: Tensor) -> Tensor:
    """The lesson's function: a doubled until its norm is at least 1000, then times 100 if its sum is not positive."""
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


def _exercise_06_1(a: int) -> Exercise:
    n = next(n for n in range(10) if 2 * a * 2**n >= 1000)
    k = 2 ** (n + 1)
    return Exercise(
        id="06.1",
        kind="value",
        difficulty=1,
        minutes=5,
        statement=Text(
            en=f"On paper: how many iterations $n$ does the loop of `f` make at $a = {a}$? What is the slope $k$ there, "
            f"and what at $a = -{a}$?",
            zh=f"请在纸上计算，在$a = {a}$处，`f`的循环迭代几次（$n$）？那里的导数$k$是多少？在$a = -{a}$处呢？",
        ),
        names=("n", f"k({a})", f"k(-{a})"),
        reference=(n, k, 100 * k),
        hints=(
            Text(en=f"Before the loop b = {2 * a} already.", zh=f"进入循环之前，b已经是{2 * a}了。"),
            Text(
                en=f"Write the values of b down, {2 * a}, {4 * a}, {8 * a}, and stop at the first that is not below "
                "1000.",
                zh=f"写出b的各个值，即{2 * a}、{4 * a}、{8 * a}……，直到第一个不小于1000的值。",
            ),
            Text(
                en="k is the product of all factors that a went through, the one before the loop included. A negative "
                "a meets one more.",
                zh="k是a所经过的全部因子之积，循环前的那一个也算在内。a为负时还要多一个。",
            ),
        ),
        solution=f"n, k_plus, k_minus = {n}, 2**{n + 1}, 100 * 2**{n + 1}",
        misconceptions=(
            Misconception(
                "first_doubling_lost",
                Text(
                    en="The doubling before the loop is missing from k: it is no iteration of the loop, but it is a "
                    "factor.",
                    zh="k里少了循环前的那次加倍。它不算一次迭代，却是一个因子。",
                ),
                gives=(n, k // 2, 50 * k),
            ),
            Misconception(
                "one_round_too_many",
                Text(
                    en="One iteration too many: the doubling before the loop is not one of them.",
                    zh="多数了一次迭代，循环前的那次加倍不算在内。",
                ),
                gives=(n + 1, k, 100 * k),
            ),
            Misconception(
                "branch_forgotten",
                Text(
                    en=f"At −{a} the sum is negative, so the other branch runs, and it multiplies as well.",
                    zh=f"在−{a}处元素之和为负，执行的是另一个分支，它还要乘上一个因子。",
                ),
                gives=(n, k, k),
            ),
            Misconception(
                "sign_of_the_value",
                Text(
                    en=f"f(−{a}) is negative, but the slope is f divided by a, and both are negative.",
                    zh=f"f(−{a})是负的，但导数是f除以a，两者都是负的，所以导数是正的。",
                ),
                gives=(n, k, -100 * k),
            ),
            Misconception(
                "values",
                Text(
                    en="These are the values of f. The slope is what a was multiplied by.",
                    zh="这是f的值。导数是a所乘的倍数。",
                ),
                gives=(n, a * k, -100 * a * k),
            ),
        ),
    )


# k depends on a only through the number of iterations of the loop, 3 to 8. The list has about equally many a for each of
# these numbers, so that few students share a k.
_EXERCISE_06_1 = varied(_exercise_06_1, (3,), (2, 4, 5, 6, 9, 10, 12, 18, 20, 25, 35, 40, 50, 70, 80, 90))


def _inputs_06_2(rng: Random, sign: int) -> tuple[float]:
    """A number well away from the jumps; for sign 0 a jump itself, so that the answer is the jump after it.

    Jumps below those that the lesson prints occur, too.
    """
    n = rng.randint(1, 16)
    return (500 / 2**n if sign == 0 else 500 / 2**n * rng.uniform(1.1, 1.9),)


def next_jump(a):
    x = 500.0
    while x / 2 > a:
        x = x / 2
    return x


_EXERCISE_06_2 = Exercise(
    id="06.2",
    kind="function",
    difficulty=2,
    minutes=8,
    statement=Text(
        en="`next_jump(a)` receives a Python number with $0 < a < 500$ and returns the smallest number **greater "
        "than** `a` at which $k$ jumps.",
        zh="`next_jump(a)`接收一个Python数，$0 < a < 500$，返回**大于**`a`的最小跳变点，即$k$发生跳变的点。",
    ),
    reference=next_jump,
    inputs=_inputs_06_2,
    hints=(
        Text(
            en="The lesson lists the jumps: halve the largest again and again.",
            zh="正文列出了所有的跳变点，从最大的一个开始，不断减半。",
        ),
        Text(
            en="Start at the largest jump. When may you go on to the next smaller one, and when must you stop?",
            zh="从最大的跳变点出发。什么时候可以走到下一个更小的？什么时候必须停下？",
        ),
        Text(
            en="Start with x = 500, and halve x as long as its half is still greater than a.",
            zh="从x = 500开始，只要x的一半仍大于a，就把x减半。",
        ),
    ),
    solution=source_of(next_jump),
    misconceptions=(
        Misconception(
            "powers_of_two",
            Text(
                en="These are powers of two. k is one, but the place where it jumps depends on the 1000 in the "
                "condition.",
                zh="这是2的幂。k虽然是2的幂，但它的跳变点取决于条件里的1000。",
            ),
            gives=lambda a: next(2.0**i for i in range(-12, 12) if 2.0**i > a),
        ),
        Misconception(
            "where_a_is_a_jump",
            Text(
                en="Right, except where a itself is a jump. The exercise asks for the next one, greater than a.",
                zh="只有当a本身就是跳变点时不对。这时应当返回大于a的下一个跳变点。",
            ),
            recognises=lambda received, a: received == a,
        ),
        Misconception(
            "jump_below",
            Text(
                en="This jump is not greater than a: it is where the present piece begins.",
                zh="这个跳变点并不大于a，它是当前这一段的起点。",
            ),
            gives=lambda a: next_jump(a) / 2,
        ),
        Misconception(
            "too_far",
            Text(
                en="This is a jump and greater than a, but not the smallest: another one lies between.",
                zh="这确实是大于a的跳变点，但不是最小的，在a与它之间还有跳变点。",
            ),
            recognises=lambda received, a: next_jump(a) < received <= 500 and math.log2(500 / received).is_integer(),
        ),
    ),
)


def _starter_06_3(a: Tensor) -> Tensor:
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    if b.sum() > 0:
        c = b
    else:
        c = 100 * b
    return c


def _inputs_06_3(rng: Random, sign: int) -> tuple[float]:
    """0 for sign 0; else a number of ordinary size, one beyond 1000, and one that a test such as `abs(a) < 1e-6` takes for 0."""
    return (0.0 if sign == 0 else number(rng, sign, parts=32) * turn(rng, (1, 2.0**15, 2.0**-40), sign),)


def _slope_at_zero(received: Any) -> float | None:
    """The slope in an answer's (value, slope) if the value is 0, else None."""
    is_pair = type(received) is tuple and len(received) == 2
    return received[1].item() if is_pair and received[0].item() == 0 else None


def safe_f(a):
    if a.norm() == 0:
        return 0 * a
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


_EXERCISE_06_3 = Exercise(
    id="06.3",
    kind="function",
    difficulty=2,
    minutes=8,
    statement=Text(
        en="Make `f` safe at 0. `safe_f(a)` receives a scalar tensor. At 0 it returns 0 **on the graph**, with slope "
        "0; everywhere else value and slope are those of `f`.",
        zh="让`f`在0处也安全。`safe_f(a)`接收一个标量张量。在0处，它返回0，结果**仍在计算图上**，导数为0。在其他地"
        "方，值和导数都与`f`相同。",
    ),
    names=("f(a)", "df/da"),
    reference=safe_f,
    starter=_starter_06_3,
    run=value_and_slope,
    wanted=A_TENSOR,
    inputs=_inputs_06_3,
    hints=(
        Text(
            en="Which question has to be asked before the loop begins?",
            zh="循环开始之前，应当先判断什么？",
        ),
        Text(
            en="A new tensor made from the number 0 is not on the graph: nothing leads from it back to a.",
            zh="由数0新建的张量不在计算图上，没有路径从它回到a。",
        ),
        Text(
            en="If a is 0, return early; multiply a by the slope that is wanted.",
            zh="如果a是0，就提前返回a与所要的导数之积。",
        ),
    ),
    solution=source_of(safe_f),
    misconceptions=(
        Misconception(
            "off_the_graph",
            Text(
                en="What you return at 0 is a new number without a graph behind it, so backward has nowhere to go.",
                zh="在0处返回的是一个新的数，它不在计算图上，无法做反向传播。",
            ),
            error="does not require grad",
        ),
        Misconception(
            "not_used",
            Text(
                en="What you return at 0 requires grad but does not come from a: no path leads back to the input.",
                zh="在0处返回的张量虽然需要梯度，却不是由a算出的，没有路径回到输入。",
            ),
            error="not have been used in the graph",
        ),
        Misconception(
            "else_branch",
            Text(
                en="The loop is skipped at 0, but then the else branch multiplies: the slope at 0 should not come "
                "from there.",
                zh="在0处跳过了循环，却接着执行了else分支，又乘了一次，所以0处的导数不对。",
            ),
            recognises=lambda received, a: a == 0 and _slope_at_zero(received) == 200,
        ),
        Misconception(
            "a_itself",
            Text(
                en="At 0 you return a itself: value 0, but slope 1.",
                zh="在0处返回了a本身，值是0，导数却是1。",
            ),
            recognises=lambda received, a: a == 0 and _slope_at_zero(received) == 1,
        ),
        Misconception(
            "rounds_counted",
            Text(
                en="The loop ends now, but at 0 every iteration has still doubled the slope: it is huge.",
                zh="循环会结束了，但在0处，每次迭代仍使导数加倍，导数变得极大。",
            ),
            recognises=lambda received, a: a == 0 and (_slope_at_zero(received) or 0) > 200,
        ),
    ),
)

EXERCISES = (_EXERCISE_06_1, _EXERCISE_06_2, _EXERCISE_06_3)
