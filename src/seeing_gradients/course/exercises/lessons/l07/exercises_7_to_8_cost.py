"""Exercises 07.7, 07.8: the cost of a Hessian; the slopes of a function with several paths, by hand, going forward."""

import math
from random import Random

from ...spec import Exercise, Misconception, Text, source_of
from ...variants import varied


def _exercise_07_7(n: int) -> Exercise:
    return Exercise(
        id="07.7",
        kind="value",
        difficulty=2,
        minutes=5,
        statement=Text(
            en=f"A loss has {n} inputs, and its gradient $g$ was computed by one backward pass with "
            "`create_graph=True`. How many **further** backward passes do you need for the whole Hessian $H$, and how "
            "many for one product $H u$? How many numbers does $H$ hold?",
            zh=f"某个损失有{n}个输入，它的梯度$g$已经用一次写有`create_graph=True`的反向传播算出。求整个黑塞矩阵$H$**还要**多少次反向传播？"
            "求一个积$H u$还要多少次？$H$里有多少个数？",
        ),
        names=("passes_H", "passes_Hu", "numbers"),
        reference=(n, 1, n * n),
        hints=(
            Text(
                en="g is a vector with one element for each input. One backward pass starts from one number.",
                zh="g是一个向量，每个输入对应一个元素。一次反向传播从一个数出发。",
            ),
            Text(
                en="Row i of H is the gradient of gᵢ: one pass, one row. And H u is a row, too: that of g · u.",
                zh="H的第i行是gᵢ的梯度，由一次反向传播得到。H u是g · u的梯度，也由一次反向传播得到。",
            ),
            Text(
                en="As many passes as there are rows; one pass for a single combination of the rows; rows times "
                "columns.",
                zh="整个H有几行就要几次，各行的一个组合只要一次，元素的个数是行数乘以列数。",
            ),
        ),
        solution=f"passes_H, passes_Hu, numbers = {n}, 1, {n} * {n}",
        misconceptions=(
            Misconception(
                "one_pass_for_all",
                Text(
                    en="One pass gives one vector. grad(g.sum(), x) is the sum of all rows, not all rows.",
                    zh="一次反向传播只得到一个向量。grad(g.sum(), x)是各行之和，不是所有的行。",
                ),
                gives=(1, 1, n * n),
            ),
            Misconception(
                "a_pass_for_each_number",
                Text(
                    en="One pass gives a whole row, not one number of it.",
                    zh="一次反向传播得到完整的一行，而不只是其中一个数。",
                ),
                gives=(n * n, 1, n * n),
            ),
            Misconception(
                "product_by_way_of_the_matrix",
                Text(
                    en="H u needs no H: the weights u go into the pass, and it adds the rows up on its way.",
                    zh="求H u不需要构造H。以u为权重做一次反向传播，得到的就是各行的加权和。",
                ),
                gives=(n, n, n * n),
            ),
            Misconception(
                "first_pass_counted",
                Text(
                    en="The pass that gave g is counted as well. The exercise asks for the further ones.",
                    zh="这里把求g的那一次也算进去了。题目问的是还要多少次。",
                ),
                gives=(n + 1, 2, n * n),
            ),
            Misconception(
                "first_pass_counted_for_the_product",
                Text(
                    en="For the product the pass that gave g is counted as well. It has been made already.",
                    zh="求积时，把得到g的那一次也数进去了，而它已经做过了。",
                ),
                gives=(n, 2, n * n),
            ),
            Misconception(
                "length_for_size",
                Text(
                    en=f"H is a matrix: it has a row for each of the {n} inputs, and a column, too.",
                    zh=f"H是矩阵，{n}个输入，每个占一行，也占一列。",
                ),
                gives=(n, 1, n),
            ),
        ),
    )


_EXERCISE_07_7 = varied(_exercise_07_7, (50,), (20, 30, 40, 60, 80, 100, 200, 300, 400, 500))


def _inputs_07_8(rng: Random, sign: int) -> tuple[float]:
    """A number with four decimals, away from 0, 1 and −1; so many that no table of right results passes as an answer."""
    size = rng.choice((rng.uniform(0.25, 0.9), rng.uniform(1.1, 3.5)))
    return ((sign or rng.choice((1, -1))) * round(size, 4),)


def _without_inner_slope(x: float) -> tuple[float, ...]:
    product = math.sin(x) / x**2 + math.log(x**2) * math.cos(x)
    return 2 * x, 1 / x**2, math.cos(x), product, product - 1 / x**2


# Learners read this source, so it keeps its own spacing.
# fmt: off
def forward(x):
    import math
    square = 2 * x
    log = square / x**2
    sine = math.cos(x)
    product = log * math.sin(x) + math.log(x**2) * sine
    return square, log, sine, product, product - 1 / x**2
# fmt: on


_EXERCISE_07_8 = Exercise(
    id="07.8",
    kind="function",
    difficulty=2,
    minutes=8,
    statement=Text(
        en="$f(x) = \\log(x^2)\\,\\sin x + 1/x$ once more, **from $x$ to $f$**. `forward(x)` receives a Python number "
        "and returns the slopes **with respect to $x$** of $x^2$, $\\log(x^2)$, $\\sin x$, of their product "
        "$\\log(x^2)\\,\\sin x$, and of $f$, each from those before it: five numbers.",
        zh=r"对$f(x) = \log(x^2)\,\sin x + 1/x$，这次**从$x$求到$f$**。`forward(x)`接收一个Python数，返回五个数，即"
        r"$x^2$、$\log(x^2)$、$\sin x$、两者的积$\log(x^2)\,\sin x$以及$f$各自**对$x$的**导数，每一个都由前面的"
        r"结果算出。",
    ),
    names=("d(x²)/dx", "d(log x²)/dx", "d(sin x)/dx", "d(log x² · sin x)/dx", "df/dx"),
    reference=forward,
    inputs=_inputs_07_8,
    hints=(
        Text(
            en="Forward, each node asks: how fast do I change when x does? x² answers 2x.",
            zh="在前向模式里，要求出每个节点对x的导数。x²对x的导数是2x。",
        ),
        Text(
            en="The logarithm of u changes 1/u times as fast as u. Here u is x², and you know how fast that changes.",
            zh="ln u对x的导数等于u对x的导数除以u。这里u是x²，它对x的导数已经求出。",
        ),
        Text(
            en="For the product: slope of the first times the second, plus the first times slope of the second. 1/x "
            "adds −1/x² at the end.",
            zh="积的导数等于第一个因子的导数乘以第二个因子，加上第一个因子乘以第二个因子的导数。最后加上1/x的导数−"
            "1/x²。",
        ),
    ),
    solution=source_of(forward),
    misconceptions=(
        Misconception(
            "backward",
            Text(
                en="These are the slopes of f with respect to each node: what backward carries. The exercise asks for the "
                "slope of each node with respect to x.",
                zh="这是f对各个节点的导数，即反向模式所求的。题目要的是各个节点对x的导数。",
            ),
            gives=lambda x: (math.sin(x) / x**2, math.sin(x), math.log(x**2), 1.0, 1.0),
        ),
        Misconception(
            "values",
            Text(
                en="These are the values at the nodes. Carry the slope along with each of them.",
                zh="这是各节点的值。题目要的是各节点对x的导数。",
            ),
            gives=lambda x: (
                x**2,
                math.log(x**2),
                math.sin(x),
                math.log(x**2) * math.sin(x),
                math.log(x**2) * math.sin(x) + 1 / x,
            ),
        ),
        Misconception(
            "inner_slope_lost",
            Text(
                en="1/x² is the slope of the logarithm with respect to x². With respect to x, it is multiplied by the slope of x².",
                zh="1/x²是log(x²)对x²的导数。要得到对x的导数，还要乘上x²的导数。",
            ),
            gives=_without_inner_slope,
        ),
        Misconception(
            "product_of_the_slopes",
            Text(
                en="The slope of a product is not the product of the slopes: each factor changes while the other one "
                "stays fixed.",
                zh="积的导数不是导数的积。应当用乘法法则。",
            ),
            gives=lambda x: (2 * x, 2 / x, math.cos(x), 2 / x * math.cos(x), 2 / x * math.cos(x) - 1 / x**2),
        ),
        Misconception(
            "sign_of_the_reciprocal",
            Text(
                en="All is right up to the product. But 1/x falls as x grows: look at its sign.",
                zh="到积为止都对。但x增大时1/x减小，请检查它的导数的符号。",
            ),
            gives=lambda x: (*forward(x)[:4], forward(x)[3] + 1 / x**2),
        ),
    ),
)

EXERCISES = (_EXERCISE_07_7, _EXERCISE_07_8)
