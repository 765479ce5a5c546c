"""Exercises 10.1, 10.2, 10.3, 10.4.

Passes for a Jacobian, a custom backward, the cost of checkpoints, a Hessian times v.
"""

from random import Random
from typing import Any

import torch

from ...harness.rules import builds_the_matrix
from ...random_inputs import turn, vector
from ...spec import Exercise, Misconception, Rule, Text, source_of
from ...variants import varied


def _exercise_10_1(inputs: int, outputs: int) -> Exercise:
    entries = inputs * outputs
    return Exercise(
        id="10.1",
        kind="value",
        difficulty=1,
        minutes=3,
        statement=Text(
            en=f"A function has {inputs} inputs and {outputs} outputs. How many backward passes build its Jacobian "
            "row by row, and how many forward-mode passes column by column?",
            zh=f"某个函数有{inputs}个输入和{outputs}个输出。逐行求出雅可比矩阵，要多少次反向传播？逐列求，要多少次"
            "前向模式的计算？",
        ),
        names=("reverse", "forward"),
        reference=(outputs, inputs),
        hints=(
            Text(en="What is the shape of the Jacobian?", zh="雅可比矩阵的形状是什么？"),
            Text(
                en="One row belongs to one output, one column to one input.", zh="一行对应一个输出，一列对应一个输入。"
            ),
            Text(
                en="A backward pass starts from one output; a forward-mode pass starts from one input.",
                zh="一次反向传播从一个输出出发，一次前向模式的计算从一个输入出发。",
            ),
        ),
        solution=f"reverse = {outputs}    # J has {outputs} rows, one for each output: a backward pass from it gives the whole row | "
        f"J有{outputs}行，每个输出一行，从它出发的一次反向传播得到完整的一行\n"
        f"forward = {inputs}    # and {inputs} columns, one for each input: a forward-mode pass gives the whole column | "
        f"J有{inputs}列，每个输入一列，一次前向模式的计算得到完整的一列",
        misconceptions=(
            Misconception(
                "swapped",
                Text(
                    en="The other way round: backward starts at an output, and reaches all inputs at once.",
                    zh="两者反了。反向传播从一个输出出发，一次到达所有输入。",
                ),
                gives=(inputs, outputs),
            ),
            Misconception(
                "every_entry",
                Text(
                    en="That is the number of entries. A pass gives a whole row, or a whole column.",
                    zh="这是元素的个数。一次就能得到完整的一行或一列。",
                ),
                gives=(entries, entries),
            ),
            Misconception(
                "one_pass",
                Text(
                    en="One backward is enough for a scalar output. With several outputs it gives only a combination "
                    "of the rows.",
                    zh="输出是标量时，一次反向传播就够了。输出有好几个时，一次只能得到各行的某个组合。",
                ),
                gives=(1, inputs),
            ),
        ),
    )


_EXERCISE_10_1 = varied(_exercise_10_1, (200, 5), (50, 100, 200, 300, 400, 500), range(3, 9))


def my_backward(x, g):
    return g * (1 + x) * x.exp()


_EXERCISE_10_2 = Exercise(
    id="10.2",
    kind="function",
    difficulty=2,
    minutes=6,
    statement=Text(
        en="An operation computes $y = x\\, e^x$ element by element. Write what its backward returns: "
        "`my_backward(x, g)` receives the saved `x` and the arriving gradient `g`.",
        zh=r"某个运算按元素计算$y = x\, e^x$。请用函数`my_backward(x, g)`写出它的反向传播，其中`x`是保存的输入，`g`"
        r"是传来的梯度。",
    ),
    reference=my_backward,
    inputs=lambda rng, sign: (vector(rng, sign, 3), vector(rng, 0, 3)),
    hints=(
        Text(en="First the derivative of x·eˣ, on paper.", zh="先在纸上求x·eˣ的导数。"),
        Text(
            en="x stands in both factors, so the product rule gives two terms.",
            zh="两个因子里都有x，所以乘法法则给出两项。",
        ),
        Text(
            en="Add eˣ and x·eˣ, then multiply by what arrived.",
            zh="把eˣ与x·eˣ相加，再乘上传来的梯度。",
        ),
    ),
    solution=source_of(my_backward),
    misconceptions=(
        Misconception(
            "without_g",
            Text(
                en="The arriving g is not used: this is the slope of the operation alone, and the rest of the chain "
                "is lost.",
                zh="没有用到传来的g。这只是该运算自身的导数，还要由链式法则乘上g。",
            ),
            gives=lambda x, g: (1 + x) * x.exp(),
        ),
        Misconception(
            "one_term",
            Text(
                en="One term of the product rule is missing: the exponential depends on x as well.",
                zh="乘法法则少了一项，因为指数函数也与x有关。",
            ),
            gives=lambda x, g: g * x.exp(),
        ),
        Misconception(
            "value",
            Text(
                en="g times the value y, not times its slope. Only eˣ alone is its own derivative.",
                zh="g乘的是函数值y，而不是导数。只有单独的eˣ才等于自己的导数。",
            ),
            gives=lambda x, g: g * x * x.exp(),
        ),
        Misconception(
            "added",
            Text(
                en="g is added. Along a path the factors of the chain rule are multiplied.",
                zh="这里加上了g。在链式法则里，同一条路径上的各个因子是相乘的。",
            ),
            gives=lambda x, g: g + (1 + x) * x.exp(),
        ),
    ),
)


def _exercise_10_3(blocks: int, segments: int) -> Exercise:
    inside = blocks // segments
    return Exercise(
        id="10.3",
        kind="value",
        difficulty=2,
        minutes=5,
        statement=Text(
            en=f"A chain has {blocks} equal blocks, and each keeps 1 MB for backward. It is split into {segments} "
            "segments with checkpoints; a segment's input is 1 MB, too. How many block evaluations does one forward "
            "and backward take? How many MB are held after forward, and how many more while one segment is run again?",
            zh=f"某条链有{blocks}个相同的块，每块要为反向传播保存1MB。用检查点把它分成{segments}段，每段的输入也是"
            "1MB。前向传播和反向传播各做一次时，块一共要计算多少次？前向传播之后保存多少MB？重新计算一段时，又"
            "增加多少MB？",
        ),
        names=("evaluations", "held", "inside"),
        reference=(2 * blocks, segments, inside),
        hints=(
            Text(
                en="A checkpoint keeps what enters its segment, and nothing of what happens inside.",
                zh="检查点只保存该段的输入，不保存段内的张量。",
            ),
            Text(
                en="Backward needs the insides: each segment is run forward once more when its turn comes.",
                zh="反向传播需要段内的张量，到了哪一段，就对那一段再做一次前向传播。",
            ),
            Text(
                en="Only one segment at a time is open. How many blocks does it have?",
                zh="每次只重新计算一段。一段里有几个块？",
            ),
        ),
        solution=f"evaluations, held, inside = 2 * {blocks}, {segments}, {blocks} // {segments}",
        misconceptions=(
            Misconception(
                "nothing_recomputed",
                Text(
                    en="This counts the forward pass only. What was not kept has to be computed again.",
                    zh="这里只数了前向传播。没有保存的张量需要重新计算。",
                ),
                gives=(blocks, segments, inside),
            ),
            Misconception(
                "all_held",
                Text(
                    en="Held after forward are all the blocks here, as without checkpoints.",
                    zh="这里前向之后保存了所有的块，与不用检查点一样。",
                ),
                gives=(2 * blocks, blocks, inside),
            ),
            Misconception(
                "all_at_once",
                Text(
                    en="Segments are run again one after the other, and each is freed before the next.",
                    zh="各段是一段接一段地重新计算的，前一段释放之后才轮到下一段。",
                ),
                gives=(2 * blocks, segments, blocks),
            ),
            Misconception(
                "once_a_segment",
                Text(
                    en="A segment is run again once, not once for every segment behind it.",
                    zh="每一段只重新计算一次，而不是后面有几段就算几次。",
                ),
                gives=(segments * blocks, segments, inside),
            ),
        ),
    )


_EXERCISE_10_3 = varied(
    _exercise_10_3,
    (16, 4),
    (12, 16, 18, 20, 24, 30, 32, 36, 40),
    (3, 4, 5, 6, 8),
    fits=lambda blocks, segments: blocks % segments == 0,
)


def _inputs_10_4(rng: Random, sign: int) -> tuple[Any, ...]:
    """x and v, both (3,) or both (4,), whose sums are not 0. v has a sign of its own, and so has the result."""
    n = rng.choice((3, 4))
    x, v = vector(rng, sign, n), vector(rng, turn(rng, (1, -1)), n)
    return tuple(t if t.sum() != 0 else t + 0.25 for t in (x, v))


def hvp(x, v):
    x = x.clone().requires_grad_()
    (g,) = torch.autograd.grad(x.sum() ** 3, x, create_graph=True)
    return torch.autograd.grad(g @ v, x)[0]


_EXERCISE_10_4 = Exercise(
    id="10.4",
    kind="function",
    difficulty=3,
    minutes=8,
    statement=Text(
        en="$f(x) = \\left(\\sum_i x_i\\right)^3$. Write `hvp(x, v)`: the product of the Hessian of $f$ at `x` with "
        "`v`, shape `(n,)`. Differentiate twice; do not build the matrix.",
        zh=r"设$f(x) = \left(\sum_i x_i\right)^3$。请写出`hvp(x, v)`，它返回$f$在`x`处的黑塞矩阵与`v`的乘积，形状为"
        r"`(n,)`。请求两次导，不要构造整个矩阵。",
    ),
    reference=hvp,
    inputs=_inputs_10_4,
    hints=(
        Text(
            en="The gradient is a vector. Which number made from it and v has H v as its gradient?",
            zh="梯度是一个向量。由它和v能算出哪个数，使这个数的梯度恰好是H v？",
        ),
        Text(
            en="The first gradient must stay on the graph, or there is nothing to differentiate a second time.",
            zh="第一次得到的梯度必须在计算图上，否则无法再求导。",
        ),
        Text(
            en="Ask for create_graph=True the first time, take the dot product with v, and differentiate that.",
            zh="第一次求导时写上create_graph=True，与v做点积，再对它求导。",
        ),
    ),
    solution=source_of(hvp),
    misconceptions=(
        Misconception(
            "no_graph",
            Text(
                en="The first gradient has no graph behind it, so it cannot be differentiated again.",
                zh="第一次得到的梯度没有计算图，所以不能再求导。",
            ),
            error="does not require grad",
            after=1,
        ),
        Misconception(
            "no_leaf",
            Text(
                en="The first derivative finds no graph: x, as it was passed in, does not require grad. Make a "
                "leaf of it before you compute with it.",
                zh="第一次求导就找不到返回的路径，因为传进来的x不需要梯度。请先由它得到一个需要梯度的叶子，再用来计算。",
            ),
            error="does not require grad",
            after=0,
        ),
        Misconception(
            "gradient",
            Text(
                en="This is the first derivative; one more differentiation is missing.",
                zh="这是一阶导数，还少求一次导。",
            ),
            gives=lambda x, v: (3 * x.sum() ** 2).expand(len(x)),
        ),
        Misconception(
            "accumulated",
            Text(
                en="x.grad still held the first derivative when the second backward added to it (lesson 02).",
                zh="第二次反向传播累加时，x.grad里还留着一阶导数（第02课）。",
            ),
            gives=lambda x, v: 3 * x.sum() ** 2 + hvp(x, v),
        ),
        Misconception(
            "row_sums",
            Text(
                en="These are the row sums of the Hessian: v was not used, as if it were all ones.",
                zh="这是黑塞矩阵各行之和，没有用到v，相当于v全是1。",
            ),
            gives=lambda x, v: hvp(x, torch.ones_like(v)),
        ),
        Misconception(
            "element_by_element",
            Text(
                en="The row sums, each times its own vᵢ. In a matrix-vector product every row meets the whole of v.",
                zh="这是各行之和分别乘以自己的vᵢ。矩阵乘向量时，每一行都要与整个v相乘。",
            ),
            gives=lambda x, v: hvp(x, torch.ones_like(v)) * v,
        ),
    ),
    rules=(
        Rule(
            "matrix",
            Text(
                en="The product is right, but a matrix of n times n numbers was built on the way. Two backward passes "
                "are enough, and never need more than vectors.",
                zh="乘积是对的，但中间构造了n × n的矩阵。其实两次反向传播就够了，用到的只是向量。",
            ),
            builds_the_matrix,
        ),
    ),
)

EXERCISES = (_EXERCISE_10_1, _EXERCISE_10_2, _EXERCISE_10_3, _EXERCISE_10_4)
