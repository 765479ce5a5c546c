"""Exercise 04.3: the vector v of a vector-Jacobian product, found on paper for a loss."""

from ...spec import Exercise, Misconception, Text
from ...variants import varied


def _exercise_04_3(p: int, q: int, s: int) -> Exercise:
    v, half = 5 - s, (5 - s) ** 2 / 2
    return Exercise(
        id="04.3",
        kind="value",
        difficulty=2,
        minutes=7,
        statement=Text(
            en="Take the outputs of the lesson, $y = (x_0 x_1,\\; x_0^2,\\; x_1 + 3x_0)$ at $x = (1, 2)$, and the "
            f"loss $L = {p} y_0 - {q} y_1 + \\tfrac12 (y_2 - {s})^2$. Find on paper the three elements of the $v$ "
            "for which `y.backward(v)` gives the same as `L.backward()`, and the two elements of that gradient.",
            zh=r"取正文里的输出$y = (x_0 x_1,\; x_0^2,\; x_1 + 3x_0)$，其中$x = (1, 2)$，并定义损失"
            rf"$L = {p} y_0 - {q} y_1 + \tfrac12 (y_2 - {s})^2$。请在纸上求出$v$的三个元素，使`y.backward(v)`与"
            r"`L.backward()`结果相同，再求出这个梯度的两个元素。",
        ),
        names=("v₀", "v₁", "v₂", "∂L/∂x₀", "∂L/∂x₁"),
        reference=(p, -q, v, 2 * p - 2 * q + 3 * v, p + v),
        hints=(
            Text(
                en="The chain rule: dL/dx is dL/dy times J. Which of the two is v?",
                zh="链式法则：dL/dx等于dL/dy乘以J。这两个因子中，哪个是v？",
            ),
            Text(
                en="Two elements of v are factors in L. For the third, differentiate the square at the value "
                "that y₂ has.",
                zh="v的两个元素就是L里的系数。求第三个元素时要对平方求导，再代入y₂的值。",
            ),
            Text(
                en="At x = (1, 2) the rows of J are (2, 1), (2, 0), (3, 1), and y₂ = 5. Weight the rows and add them up.",
                zh="在x = (1, 2)处，J的各行是(2, 1)、(2, 0)、(3, 1)，y₂ = 5。把各行乘以权重再相加。",
            ),
        ),
        solution=f"v0, v1, v2 = {p}, -{q}, 5 - {s}\ndx0, dx1 = {p} * 2 - {q} * 2 + {v} * 3, {p} * 1 - {q} * 0 + {v} * "
        "1",
        misconceptions=(
            Misconception(
                "square_not_differentiated",
                Text(
                    en="The ½ in front of the square was taken as its weight. A weight is a slope, and the square's "
                    "slope depends on y₂.",
                    zh="把平方前面的½当成了权重。权重是导数，而平方的导数与y₂有关。",
                ),
                gives=(p, -q, 0.5, 2 * p - 2 * q + 1.5, p + 0.5),
            ),
            Misconception(
                "half_left",
                Text(
                    en="The last weight is half of what it should be: the ½ stayed, and the 2 of the square was lost.",
                    zh="最后一个权重只有应有的一半，因为留下了½，却漏了平方的导数里的2。",
                ),
                gives=(p, -q, v / 2, 2 * p - 2 * q + 1.5 * v, p + v / 2),
            ),
            Misconception(
                "inner_part_forgotten",
                Text(
                    en="The last weight is y₂ itself: the slope of the square was taken without the number that is "
                    "subtracted inside.",
                    zh="最后一个权重是y₂本身，因为求平方的导数时，漏了括号里减去的数。",
                ),
                gives=(p, -q, 5, 2 * p - 2 * q + 15, p + 5),
            ),
            Misconception(
                "sign_lost",
                Text(
                    en="One term of L is subtracted, so the weight of its output is negative.",
                    zh="L里有一项是减去的，所以那个输出的权重是负的。",
                ),
                gives=(p, q, v, 2 * p + 2 * q + 3 * v, p + v),
            ),
            Misconception(
                "ones",
                Text(
                    en="A v of ones belongs to the plain sum of the outputs. This loss gives them different weights.",
                    zh="全1的v对应的是输出直接求和。而这个损失给各个输出的权重并不相同。",
                ),
                gives=(1, 1, 1, 7, 2),
            ),
            Misconception(
                "terms_of_the_loss",
                Text(
                    en="These are the values of the terms of L. v says how much L changes when an output changes.",
                    zh="这些是L的各项的值。而v的元素是L对各个输出的导数。",
                ),
                gives=(2 * p, -q, half, 4 * p - 2 * q + 3 * half, 2 * p + half),
            ),
        ),
    )


_EXERCISE_04_3 = varied(
    _exercise_04_3,
    (3, 2, 1),
    range(2, 7),
    range(2, 6),
    range(1, 5),
    fits=lambda p, q, s: p != q and 2 * p - 2 * q + 3 * (5 - s) != 0,  # terms do not cancel
)

EXERCISES = (_EXERCISE_04_3,)
