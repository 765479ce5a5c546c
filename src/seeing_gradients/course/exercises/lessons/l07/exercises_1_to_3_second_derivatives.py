"""Exercises 07.1, 07.2, 07.3: second derivatives on paper and by autograd, and a Hessian times a vector."""

from random import Random

import torch
from torch import Tensor

from ...harness.rules import builds_the_matrix
from ...random_inputs import vector
from ...spec import Exercise, Misconception, Rule, Text, source_of
from ...variants import varied
from ..shared import BY_AUTOGRAD, NOT_FROM_AUTOGRAD


def _exercise_07_1(c: int, x: int) -> Exercise:
    first, second = 3 * x * x + 2 * c * x, 6 * x + 2 * c
    return Exercise(
        id="07.1",
        kind="value",
        difficulty=1,
        minutes=4,
        statement=Text(
            en=f"$y = x^3 + {c}x^2$ at $x = {x}$. On paper: the first and the second derivative.",
            zh=f"设$y = x^3 + {c}x^2$，$x = {x}$。请在纸上求出一阶导数和二阶导数。",
        ),
        names=("dy/dx", "d²y/dx²"),
        reference=(first, second),
        hints=(
            Text(en=f"Differentiate term by term, twice, before you put in {x}.", zh=f"先逐项求导两次，再代入{x}。"),
            Text(en=f"Once: 3x² + {2 * c}x. Now once more.", zh=f"求一次导得3x² + {2 * c}x。再求一次。"),
            Text(en=f"Twice: 6x + {2 * c}. Put in x = {x} in both.", zh=f"求两次导得6x + {2 * c}。两式都代入x = {x}。"),
        ),
        solution=f"first = 3 * {x}**2 + {2 * c} * {x}    # {first}\nsecond = 6 * {x} + {2 * c}          # {second}",
        misconceptions=(
            Misconception(
                "accumulated",
                Text(
                    en="The second number is the sum of both derivatives: that is what .grad holds after two backward "
                    "passes.",
                    zh="第二个数是两个导数之和，这正是做两次反向传播之后.grad的值。",
                ),
                gives=(first, first + second),
            ),
            Misconception(
                "first_twice",
                Text(
                    en="The first derivative stands in both places. The second asks how fast that slope itself "
                    "changes.",
                    zh="两处都是一阶导数。二阶导数是一阶导数的导数。",
                ),
                gives=(first, first),
            ),
            Misconception(
                "value_and_slope",
                Text(
                    en="These are the value of y and its first derivative: one differentiation too few.",
                    zh="这是y的值和它的一阶导数，少求了一次导。",
                ),
                gives=(x**3 + c * x * x, first),
            ),
            Misconception(
                "constant_lost",
                Text(
                    en=f"In the second derivative the term from {c}x² is missing: {2 * c}x still has a slope.",
                    zh=f"二阶导数里少了来自{c}x²的那一项，因为{2 * c}x的导数不是0。",
                ),
                gives=(first, 6 * x),
            ),
        ),
    )


_EXERCISE_07_1 = varied(_exercise_07_1, (3, 2), range(2, 8), range(2, 6))


def _first_derivative(x: Tensor) -> Tensor:
    return torch.exp(x) * (torch.sin(x) + torch.cos(x))


def second_derivative(x):
    x = x.clone().requires_grad_()
    y = torch.sin(x) * torch.exp(x)
    first = torch.autograd.grad(y.sum(), x, create_graph=True)[0]
    return torch.autograd.grad(first.sum(), x)[0]


_EXERCISE_07_2 = Exercise(
    id="07.2",
    kind="function",
    difficulty=2,
    minutes=8,
    statement=Text(
        en="`second_derivative(x)` receives a tensor `(n,)` that does not require grad and returns the second "
        "derivative of $\\sin(x)\\,e^x$ at each of its elements, shape `(n,)`. Let autograd do the work.",
        zh=r"`second_derivative(x)`接收一个不需要梯度、形状为`(n,)`的张量，返回$\sin(x)\,e^x$在它每个元素处的二阶导"
        r"数，形状为`(n,)`。求导请交给自动微分。",
    ),
    reference=second_derivative,
    inputs=lambda rng, sign: (vector(rng, sign) / 2,),
    hints=(
        Text(
            en="Two calls of torch.autograd.grad, one on the result of the other. Make x a leaf that requires grad "
            "first.",
            zh="调用两次torch.autograd.grad，第二次作用在第一次的结果上。先把x变成需要梯度的叶子。",
        ),
        Text(
            en="The first call must be recorded itself. Which argument asks for that?",
            zh="第一次求导本身也要被记录下来。哪个参数能做到？",
        ),
        Text(
            en="create_graph=True in the first call; y and the first derivative are vectors, so each is summed before.",
            zh="第一次调用写上create_graph=True。y和一阶导数都是向量，所以各自先求和。",
        ),
    ),
    solution=source_of(second_derivative),
    misconceptions=(
        Misconception(
            "first",
            Text(
                en="This is the first derivative. It has to be differentiated once more.",
                zh="这是一阶导数，还要再求一次导。",
            ),
            gives=_first_derivative,
        ),
        Misconception(
            "accumulated",
            Text(
                en="First and second derivative added up: x.grad still held the first one when the second arrived.",
                zh="一阶导数与二阶导数加在了一起，因为二阶导数传来时，x.grad里还有一阶导数。",
            ),
            gives=lambda x: _first_derivative(x) + 2 * torch.exp(x) * torch.cos(x),
        ),
        Misconception(
            "squared",
            Text(
                en="This is the square of the first derivative. d²y/dx² is the slope of the slope, not its square.",
                zh="这是一阶导数的平方。而d²y/dx²是导数的导数，不是导数的平方。",
            ),
            gives=lambda x: _first_derivative(x) ** 2,
        ),
        Misconception(
            "product_of_second_derivatives",
            Text(
                en="Each factor was differentiated twice by itself. The product rule gives two terms each time.",
                zh="这里对两个因子各自求了两次导。而每次求导，乘法法则都给出两项。",
            ),
            gives=lambda x: -torch.sin(x) * torch.exp(x),
        ),
        Misconception(
            "backward_twice",
            Text(
                en="The same graph was gone through twice. That would give the first derivative once more, not the second: it is "
                "the first derivative that has to be differentiated.",
                zh="这里对同一张计算图做了两次反向传播，这样得到的仍是一阶导数，不是二阶导数。要求导的是一阶导数。",
            ),
            error="Trying to backward through the graph a second time",
        ),
        Misconception(
            "not_recorded",
            Text(
                en="The first derivative has no graph behind it, so there is nothing to differentiate a second time.",
                zh="一阶导数没有计算图，不能再次求导。",
            ),
            error="does not require grad",
            after=1,
        ),
        Misconception(
            "no_leaf",
            Text(
                en="The first derivative finds no graph: x, as it was passed in, does not require grad. Make a "
                "leaf of it before you compute with it.",
                zh="求第一次导时就没有可以返回的路径，因为传入的x不需要梯度。请先由它创建一个需要梯度的叶子张量，再用来计算。",
            ),
            error="does not require grad",
            after=0,
        ),
    ),
    rules=(BY_AUTOGRAD, NOT_FROM_AUTOGRAD),
)


def _hessian(x: Tensor) -> Tensor:
    return 4 * (x * x).sum() * torch.eye(len(x)) + 8 * torch.outer(x, x)


def _inputs_07_3(rng: Random, sign: int) -> tuple[Tensor, Tensor]:
    x = vector(rng, sign, rng.randint(3, 5))
    return x, vector(rng, 0, len(x)) + 4.0  # no element is 1, so that leaving u out changes the result


def hessian_times(x, u):
    x = x.clone().requires_grad_()
    y = (x * x).sum() ** 2
    g = torch.autograd.grad(y, x, create_graph=True)[0]
    return torch.autograd.grad(g, x, u)[0]


_EXERCISE_07_3 = Exercise(
    id="07.3",
    kind="function",
    difficulty=3,
    minutes=10,
    statement=Text(
        en="`hessian_times(x, u)` returns $H u$, shape `(n,)`, where $H$ is the Hessian of $f(x) = (x^\\top x)^2$ at "
        "`x` and `u` a direction, both `(n,)`; without building $H$.",
        zh=r"`hessian_times(x, u)`返回$H u$，形状为`(n,)`，其中$H$是$f(x) = (x^\top x)^2$在`x`处的黑塞矩阵，`u`是一"
        r"个方向，两者的形状都是`(n,)`。不要构造$H$。",
    ),
    reference=hessian_times,
    inputs=_inputs_07_3,
    hints=(
        Text(
            en="The gradient g(x) is a vector-valued function, and H is its Jacobian. H is symmetric, so H u is uᵀH: "
            "a VJP.",
            zh="梯度g(x)是向量值函数，H是它的雅可比矩阵。H是对称的，所以H u就是uᵀH，即一次VJP。",
        ),
        Text(
            en="First grad: of f, recorded. Second grad: of that gradient, with weights. Which weights?",
            zh="第一次求f的梯度，并且记录下来。第二次求这个梯度的VJP，其中的权重是什么？",
        ),
        Text(
            en="torch.autograd.grad(g, x, u): the third argument is v of the VJP.",
            zh="请用torch.autograd.grad(g, x, u)，第三个参数就是VJP中的v。",
        ),
    ),
    solution=source_of(hessian_times),
    misconceptions=(
        Misconception(
            "row_sums",
            Text(
                en="These are the rows of H added up, without u: summing the gradient weights them all by 1.",
                zh="这里把H的各行直接相加，没有用到u。对梯度直接求和，相当于权重全是1。",
            ),
            gives=lambda x, u: _hessian(x).sum(0),
        ),
        Misconception(
            "diagonal",
            Text(
                en="Only the diagonal of H was used. Elements beside it are not zero here: x₀ changes the slope along "
                "x₁.",
                zh="这里只用了H的对角线。而H在对角线以外并不为零，x₀也会影响对x₁的偏导数。",
            ),
            gives=lambda x, u: _hessian(x).diagonal() * u,
        ),
        Misconception(
            "gradient_times_u",
            Text(
                en="This is the gradient times u, element by element. H says how the gradient changes along u.",
                zh="这是梯度按元素乘以u。而H u表示梯度沿u的变化。",
            ),
            gives=lambda x, u: 4 * (x * x).sum() * x * u,
        ),
        Misconception(
            "accumulated",
            Text(
                en="The gradient and H u added up: x.grad still held the gradient when H u arrived.",
                zh="梯度与H u加在了一起，因为H u传来时，x.grad里还有梯度。",
            ),
            gives=lambda x, u: 4 * (x * x).sum() * x + _hessian(x) @ u,
        ),
        Misconception(
            "directional",
            Text(
                en="This is one number, g · u: how fast f itself changes along u. H u says how fast each element of the gradient "
                "changes.",
                zh="这是一个数g · u，即f本身沿u的变化率。H u表示的是梯度的每个元素沿u的变化率。",
            ),
            gives=lambda x, u: 4 * (x * x).sum() * (x @ u),
        ),
        Misconception(
            "row_sums_times_u",
            Text(
                en="These are the row sums of H, times u afterwards. The weights must go into the second backward "
                "pass.",
                zh="先求出H各行之和，之后才乘以u。权重应当用在第二次反向传播里，而不是之后再乘。",
            ),
            gives=lambda x, u: _hessian(x).sum(0) * u,
        ),
        Misconception(
            "not_recorded",
            Text(
                en="The gradient has no graph behind it, so it cannot be differentiated.",
                zh="梯度没有计算图，无法再对它求导。",
            ),
            error="does not require grad",
            after=1,
        ),
        Misconception(
            "no_leaf",
            Text(
                en="The first derivative finds no graph: x, as it was passed in, does not require grad. Make a "
                "leaf of it before you compute with it.",
                zh="求第一次导时就没有可以返回的路径，因为传入的x不需要梯度。请先由它创建一个需要梯度的叶子张量，再用来计算。",
            ),
            error="does not require grad",
            after=0,
        ),
    ),
    rules=(
        Rule(
            "matrix",
            Text(
                en="The product is right, but the matrix H was built on the way. Two derivatives, one after the "
                "other, need nothing larger than vectors.",
                zh="乘积是对的，但中间构造了整个矩阵H。先后求两次导，用到的都只是向量。",
            ),
            builds_the_matrix,
        ),
    ),
)

EXERCISES = (_EXERCISE_07_1, _EXERCISE_07_2, _EXERCISE_07_3)
