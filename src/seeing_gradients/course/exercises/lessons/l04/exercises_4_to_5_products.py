"""Exercises 04.4, 04.5: a JVP by two VJPs; what is wrong with the v of five programs."""

from random import Random

import torch
from torch import Tensor

from ...harness.rules import more_than_two_passes
from ...random_inputs import vector
from ...spec import Exercise, Misconception, Rule, Text, source_of
from ..shared import NO_BACKWARD, NOT_FROM_BACKWARD
from .exercises_1_to_2_rows import A_TUPLE, jacobian, matrix_and_point


def _inputs_04_4(rng: Random, sign: int) -> tuple[Tensor, Tensor, Tensor]:
    A, x = matrix_and_point(rng, sign)
    return A, x, vector(rng, 0, len(x)) + 4.0  # no element is 1, so that leaving u out changes the result


def jvp_by_vjps(A, x, u):
    x = x.clone().requires_grad_()
    y = A @ (x * x)
    v = torch.zeros_like(y, requires_grad=True)
    g = torch.autograd.grad(y, x, v, create_graph=True)[0]
    return torch.autograd.grad(g, v, u)[0]


_EXERCISE_04_4 = Exercise(
    id="04.4",
    kind="function",
    difficulty=3,
    minutes=12,
    statement=Text(
        en="`jvp_by_vjps(A, x, u)` returns $J u$, shape `(m,)`, for $y = A\\,(x \\odot x)$ and a direction `u` of "
        "shape `(n,)`. It calls `torch.autograd.grad` twice, without building $J$ and without forward mode. The idea: "
        "$g(v) = J^\\top v$ is linear in $v$. What is its own Jacobian?",
        zh=r"`jvp_by_vjps(A, x, u)`返回$J u$，形状为`(m,)`，其中$y = A\,(x \odot x)$，方向`u`的形状是`(n,)`。请调用"
        r"两次`torch.autograd.grad`，不构造$J$，也不用前向模式。思路是$g(v) = J^\top v$对$v$是线性的，那么它的雅"
        r"可比矩阵是什么？",
    ),
    reference=jvp_by_vjps,
    inputs=_inputs_04_4,
    hints=(
        Text(
            en="g(v) = Jᵀv has the Jacobian Jᵀ. A VJP of g with u is uᵀJᵀ, the numbers of J u.",
            zh="g(v) = Jᵀv的雅可比矩阵是Jᵀ。以u对g做VJP得到uᵀJᵀ，它的元素就是J u的元素。",
        ),
        Text(
            en="Its value does not matter, but v must be a leaf: torch.zeros_like(y, requires_grad=True). The first "
            "grad call has to be recorded, too.",
            zh="v可以取任意值，但它必须是叶子张量，例如torch.zeros_like(y, requires_grad=True)。第一次求导本身也要"
            "记录下来。",
        ),
        Text(
            en="First grad: of y with respect to x, weighted by v, with create_graph=True. Second grad: of its result with "
            "respect to v, weighted by u.",
            zh="第一次求y对x的梯度，权重为v，并写上create_graph=True。第二次求所得结果对v的梯度，权重为u。",
        ),
    ),
    solution=source_of(jvp_by_vjps),
    misconceptions=(
        Misconception(
            "sum_of_columns",
            Text(
                en="These are the columns of J added up, without u: the second grad gave g weights of 1.",
                zh="这里把J的各列直接相加，没有用到u，因为第二次grad给g的权重全是1。",
            ),
            gives=lambda A, x, u: jacobian(A, x).sum(1),
        ),
        Misconception(
            "one_vjp",
            Text(
                en="This has the shape of x: a VJP with v of ones. J u has the shape of y.",
                zh="它的形状与x相同，是v全为1的VJP。而J u的形状与y相同。",
            ),
            gives=lambda A, x, u: jacobian(A, x).sum(0),
        ),
        Misconception(
            "back_to_x",
            Text(
                en="This has the shape of x, and J u has the shape of y. Of which tensor should the second grad take the "
                "derivative?",
                zh="它的形状与x相同，而J u的形状与y相同。第二次grad应当对哪个张量求导？",
            ),
            recognises=lambda received, A, x, u: isinstance(received, Tensor) and received.shape == x.shape,
        ),
        Misconception(
            "second_without_weights",
            Text(
                en="The second grad starts from g, which has several elements: it needs weights, too, in the shape of g.",
                zh="第二次grad从g出发，而g有好几个元素，所以也要给出权重，形状与g相同。",
            ),
            error="grad can be implicitly created only for scalar outputs",
            after=1,
        ),
        Misconception(
            "not_added_up",
            Text(
                en="This is a matrix, each column of J times an element of u. The columns are still to be added up.",
                zh="这里得到一个矩阵，J的每一列乘上了u的一个元素，还没有相加。",
            ),
            gives=lambda A, x, u: jacobian(A, x) * u,
        ),
        Misconception(
            "f_of_u",
            Text(
                en="This is y at u. J u is linear in u: twice the direction, twice the change.",
                zh="这是y在u处的值。而J u对u是线性的，方向加倍时，结果也加倍。",
            ),
            gives=lambda A, x, u: A @ (u * u),
        ),
        Misconception(
            "u_as_v",
            Text(
                en="u has the shape of the input, and the first grad wants weights in the shape of the output.",
                zh="u的形状与输入相同，而第一次grad的权重，形状应与输出相同。",
            ),
            error="Mismatch in shape",
        ),
        Misconception(
            "no_leaf",
            Text(
                en="The first derivative finds no graph: x, as it was passed in, does not require grad. Make a leaf of it "
                "before you compute with it.",
                zh="求第一次导时就没有可以返回的路径，因为传入的x不需要梯度。请先由它创建一个需要梯度的叶子张量，再用来计算。",
            ),
            error="does not require grad",
            after=0,
        ),
        Misconception(
            "v_without_flag",
            Text(
                en="The second grad is asked for the gradient of v, and v does not require grad: it must be a leaf that does, "
                "before it is used in the first.",
                zh="第二次grad要对v求梯度，而v不需要梯度。在第一次grad用到它之前，它就应当是需要梯度的叶子。",
            ),
            error="One of the differentiated Tensors does not require grad",
            after=1,
        ),
        Misconception(
            "not_recorded",
            Text(
                en="The first grad was not recorded, so there is no graph for the second one.",
                zh="第一次grad没有记录计算图，所以无法再求第二次导。",
            ),
            error="element 0 of tensors does not require grad",
            after=1,
        ),
        A_TUPLE,
    ),
    rules=(
        NO_BACKWARD,
        NOT_FROM_BACKWARD,
        Rule(
            "whole_jacobian",
            Text(
                en="The values are right, but there were more than two backward passes, as when J is computed row by "
                "row.",
                zh="值是对的，但从y反向传播了好几次，每行一次，等于算出了整个J。",
            ),
            more_than_two_passes,
        ),
    ),
)

_EXERCISE_04_5 = Exercise(
    id="04.5",
    kind="choice",
    difficulty=2,
    minutes=6,
    statement=Text(
        en="Five programs should give the gradient of the sum of $y = x \\odot x$, `[0, 2, 4, 6]`. Match what is "
        'wrong: `"start"`, backward does not know what to begin with; `"shape"`, $v$ does not have the shape of $y$; '
        '`"values"`, $v$ holds the outputs themselves; `"mean"`, every weight is $1/n$; `"twice"`, two gradients were '
        "added up.",
        zh=r'五个程序本应得到$y = x \odot x$各元素之和的梯度`[0, 2, 4, 6]`。请指出各自的错误。`"start"`表示反向传播'
        r'没有起始的梯度，`"shape"`表示$v$的形状与$y$不同，`"values"`表示$v$中是输出本身，`"mean"`表示每个权重都'
        r'是$1/n$，`"twice"`表示两个梯度加在了一起。',
    ),
    reference={"a": "values", "b": "start", "c": "mean", "d": "shape", "e": "twice"},
    options=("start", "shape", "values", "mean", "twice"),
    hints=(
        Text(
            en="Two raise an error: one message names shapes, the other speaks of scalar outputs.",
            zh="有两个程序报错，看看哪一条提到形状，哪一条提到标量输出。",
        ),
        Text(
            en="For the other three, divide the result by [0, 2, 4, 6], element by element. Is the quotient the "
            "same everywhere?",
            zh="对另外三个程序，把结果按元素除以[0, 2, 4, 6]，看看各处的商是否相同。",
        ),
        Text(
            en="The quotients are the v that was really used: a quarter everywhere, two everywhere, or 1, 4, 9, which "
            "are the outputs.",
            zh="这些商就是实际用到的v，或者处处是四分之一，或者处处是二，或者是1、4、9，即各个输出。",
        ),
    ),
    solution='causes = {"a": "values", "b": "start", "c": "mean", "d": "shape", "e": "twice"}',
    misconceptions=(
        Misconception(
            "start",
            Text(
                en="This one knew what to begin with: there was a v, or a scalar, which begins with 1.",
                zh="这个程序有起始的梯度，它给出了v，或者输出是标量，从1开始。",
            ),
            gives="start",
        ),
        Misconception(
            "shape",
            Text(
                en="PyTorch compares the shape of v with that of y, and raises an error if they differ. Here they "
                "do not.",
                zh="v与y的形状不同时，PyTorch会报错。这里没有形状不同的v。",
            ),
            gives="shape",
        ),
        Misconception(
            "values",
            Text(
                en="No output went into v here: the result divided by [0, 2, 4, 6] is the same everywhere, or there is "
                "no result.",
                zh="这里没有把输出放进v，因为与[0, 2, 4, 6]的商处处相同，或者没有结果。",
            ),
            gives="values",
        ),
        Misconception(
            "mean",
            Text(
                en="Nothing was divided by the number of elements here.",
                zh="这里没有除以元素的个数。",
            ),
            gives="mean",
        ),
        Misconception(
            "twice",
            Text(
                en="At most one backward pass reached .grad here, and it was None before.",
                zh="这里最多只有一次反向传播到达.grad，在此之前它是None。",
            ),
            gives="twice",
        ),
    ),
)

EXERCISES = (_EXERCISE_04_4, _EXERCISE_04_5)
