"""Exercises 00.1, 00.2: two warm-ups that show what a check says."""

import torch

from ...random_inputs import vector
from ...spec import Exercise, Misconception, Text, source_of
from ...variants import varied


def _exercise_00_1(a: int, b: int, c: int) -> Exercise:
    total, plain = a * a + b * b + c * c, a + b + c
    return Exercise(
        id="00.1",
        kind="value",
        difficulty=1,
        minutes=1,
        statement=Text(
            en=f"Replace the `...` with a number: the sum of the squares of {a}, {b} and {c}. Run both cells. Try a "
            "wrong answer too, to see what a check says.",
            zh=f"请把`...`换成{a}、{b}、{c}的平方和，然后运行下面两个单元格。也可以先故意答错，看看检查会给出什么提"
            "示。",
        ),
        reference=total,
        hints=(
            Text(en="Square each number first, then add.", zh="先把每个数平方，再相加。"),
            Text(en=f"The squares are {a * a}, {b * b} and {c * c}.", zh=f"它们的平方是{a * a}、{b * b}、{c * c}。"),
            Text(
                en="Python can do it: write the sum of the three squares.",
                zh="可以让Python来算，只要写出三个平方之和。",
            ),
        ),
        solution=f"total = {a}**2 + {b}**2 + {c}**2",
        misconceptions=(
            Misconception(
                "square_of_the_sum",
                Text(
                    en=f"{plain**2} is the square of the sum, ({a} + {b} + {c})². Here each number is squared "
                    "first, and then the squares are added.",
                    zh=f"{plain**2}是和的平方，即({a} + {b} + {c})²。这里要先把每个数平方，再相加。",
                ),
                gives=plain**2,
            ),
            Misconception(
                "doubled",
                Text(
                    en=f"Doubling is not squaring: {c} squared is {c} × {c}, while 2 × {c} is its double.",
                    zh=f"加倍不等于平方：{c}的平方是{c} × {c}，而2 × {c}只是{c}的两倍。",
                ),
                gives=2 * plain,
            ),
            Misconception(
                "plain_sum",
                Text(
                    en="This is the sum of the numbers themselves, not of their squares.",
                    zh="这是数本身之和，不是平方和。",
                ),
                gives=plain,
            ),
        ),
    )


_EXERCISE_00_1 = varied(
    _exercise_00_1, (1, 2, 3), (1, 2, 3), (2, 3, 4, 5), (3, 4, 5, 6, 7), fits=lambda a, b, c: a < b < c
)


def slope(x):
    return 2 * x


_EXERCISE_00_2 = Exercise(
    id="00.2",
    kind="function",
    difficulty=1,
    minutes=2,
    statement=Text(
        en="The slope of the curve $y = x^2$ at a point $x$ is $2x$. Write `slope(x)`, which takes a tensor of any "
        "length and returns the slope at each of its elements. The check feeds it fresh random numbers.",
        zh="曲线$y = x^2$在点$x$处的斜率是$2x$。请写出函数`slope(x)`，它接受任意长度的张量，返回曲线在每个元素处的"
        "斜率。检查会用新的随机数来试。",
    ),
    reference=slope,
    inputs=lambda rng, sign: (vector(rng, sign),),
    hints=(
        Text(
            en="A tensor times a number multiplies every element. No loop is needed.",
            zh="张量乘以一个数，就是把每个元素都乘以这个数，不需要循环。",
        ),
        Text(
            en="Try slope(torch.tensor([3.0])): the result should be 6.",
            zh="试试slope(torch.tensor([3.0]))，应当得到6。",
        ),
        Text(en="Return twice the tensor.", zh="返回这个张量的两倍。"),
    ),
    solution=source_of(slope),
    misconceptions=(
        Misconception(
            "the_square_itself",
            Text(
                en="This is x² itself, how high the curve is. The slope says how steep it is there.",
                zh="这是x²本身，即曲线的高度，而斜率表示曲线在该点的陡峭程度。",
            ),
            gives=lambda x: x * x,
        ),
        Misconception(
            "forgotten_factor",
            Text(
                en="The factor 2 is missing: x occurs twice in x · x, and each occurrence contributes to the slope.",
                zh="少了因子2。x · x中的x出现了两次，每一次都对结果有贡献。",
            ),
            gives=lambda x: x,
        ),
        Misconception(
            "constant",
            Text(
                en="2 everywhere is the slope of the straight line 2x. The slope of x² changes from point to point.",
                zh="斜率处处为2的是直线2x，而曲线x²的斜率逐点变化。",
            ),
            gives=lambda x: torch.full_like(x, 2.0),
        ),
        Misconception(
            "one_for_all",
            Text(
                en="The slopes were all added up into one number. Each element needs its own.",
                zh="这里把曲线各点的斜率加成了一个数，而每个元素应当有自己的斜率。",
            ),
            gives=lambda x: (2 * x).sum(),
        ),
    ),
)


EXERCISES = (_EXERCISE_00_1, _EXERCISE_00_2)
