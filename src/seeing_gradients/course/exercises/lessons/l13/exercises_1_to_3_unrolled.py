"""Exercises 13.1, 13.2, 13.3: gradients of a shared weight on paper and by hand, the Jacobian of one step."""

from random import Random

import torch
from torch import Tensor

from ...random_inputs import matrix, number, turn, vector
from ...spec import Exercise, Misconception, Text, source_of
from ..shared import A_TENSOR, LARGE, TINY, WITHOUT_AUTOGRAD, finite_difference

_EXERCISE_13_1 = Exercise(
    id="13.1",
    kind="value",
    difficulty=1,
    minutes=6,
    statement=Text(
        en="On paper: $h_t = w h_{t-1} + x$ with $w = 2$, $x = 1$, $h_0 = 0$, and four steps. What is `w.grad` after "
        "`h.backward()`: whole; with the state detached after the second step; with the state detached after every "
        "step; whole, after two calls `h.backward(retain_graph=True)`?",
        zh="请在纸上计算。设$h_t = w h_{t-1} + x$，其中$w = 2$，$x = 1$，$h_0 = 0$，共四步。在下列四种情形下，"
        "`h.backward()`之后的`w.grad`各是多少？一是不截断，二是第二步之后分离状态，三是每一步之后都分离状态，四"
        "是不截断，但调用两次`h.backward(retain_graph=True)`。",
    ),
    names=("whole", "cut_after_2", "cut_always", "twice"),
    reference=(17.0, 13.0, 7.0, 34.0),
    hints=(
        Text(
            en="Write down the four states first. Then one term for each step: the state before it, times a power of w.",
            zh="先写出四个状态。然后每一步写一项，即这一步之前的状态，乘上w的某次幂。",
        ),
        Text(
            en="The power counts the steps that come after: 0 for the last step, 3 for the first. A cut takes away the "
            "terms before it and leaves every state as it is.",
            zh="幂的次数等于后面还有几步：最后一步是0次，第一步是3次。截断去掉它之前的各项，而状态的值都不变。",
        ),
        Text(
            en="The states before the four steps are 0, 1, 3, 7, and the powers of 2 beside them 8, 4, 2, 1. For the last "
            "question remember lesson 02: what does a second backward do to .grad?",
            zh="四步之前的状态依次是0、1、3、7，对应的2的幂是8、4、2、1。最后一问请回忆第02课：第二次反向传播对.grad做了什么？",
        ),
    ),
    solution="whole, cut_after_2, cut_always, twice = 17, 13, 7, 34",
    misconceptions=(
        Misconception(
            "last_step_only",
            Text(
                en="Only the last step was counted. w is used in all four, and what it did in the earlier ones is still "
                "in the state.",
                zh="这里只算了最后一步。四步都用到w，它在前面各步的作用仍保留在状态里。",
            ),
            gives=(7.0, 7.0, 7.0, 14.0),
        ),
        Misconception(
            "without_powers",
            Text(
                en="The states were added up, but each of them is multiplied by w once for every step that follows.",
                zh="这里把各个状态直接相加了，而后面每有一步，就要再乘一次w。",
            ),
            gives=(11.0, 10.0, 7.0, 22.0),
        ),
        Misconception(
            "overwritten",
            Text(
                en="The first three are right. But a second backward pass does not replace .grad (lesson 02).",
                zh="前三个是对的。但第二次反向传播并不会替换.grad的内容（第02课）。",
            ),
            gives=(17.0, 13.0, 7.0, 17.0),
        ),
        Misconception(
            "wrong_side_of_the_cut",
            Text(
                en="These are the terms from before the cut. Backward starts at the end and gets no further than the "
                "cut.",
                zh="这是截断之前的各项。反向传播从末尾出发，走到截断处就停了。",
            ),
            gives=(17.0, 4.0, 10.0, 34.0),
        ),
        Misconception(
            "state_begins_anew",
            Text(
                en="The state was set to 0 at the cut. detach leaves the value as it is, and cuts only the way back.",
                zh="这里在截断处把状态变成了0。而detach不改变值，只切断返回的路径。",
            ),
            gives=(17.0, 1.0, 0.0, 34.0),
        ),
    ),
)


def grad_through_time(w, xs):
    h, grad = 0.0, 0.0
    for x in xs:
        h, grad = w * h + x, h + w * grad
    return grad


def _inputs_13_2(rng: Random, sign: int) -> tuple[float, Tensor]:
    """w unlike 1 and -1, and xs (n,) with n from 3 to 6. Some last input is so large that a difference of states is lost.

    The terms of the derivative do not cancel: where it is 0, a difference of states is right, or wrong by any factor.
    """
    is_large = not sign and turn(rng, (False, False, True))
    while True:
        w, xs = number(rng, sign, most=2), vector(rng, sign, rng.randint(3, 6))
        terms = [w ** (len(xs) - 1 - t) * h for t, h in enumerate(_states(w, xs)[:-1])]
        if abs(w) != 1 and abs(sum(terms)) > 0.2 * sum(map(abs, terms)):
            break
    if is_large:
        xs[-1] *= LARGE
    return w, xs


def _states(w: float, xs: Tensor) -> list[Tensor]:
    """h_0 to h_n."""
    states = [torch.zeros(())]
    for x in xs:
        states.append(w * states[-1] + x)
    return states


def _sum_of_terms(w: float, states: list[Tensor], powers: list[int]) -> Tensor:
    return torch.stack([w**power * h for power, h in zip(powers, states, strict=True)]).sum()


_EXERCISE_13_2 = Exercise(
    id="13.2",
    kind="function",
    difficulty=2,
    minutes=8,
    statement=Text(
        en="Now every step has an input of its own: $h_t = w h_{t-1} + x_t$ with $h_0 = 0$. `grad_through_time(w, xs)` "
        "receives the number `w` and the inputs `xs` `(n,)`, and returns the derivative of $h_n$ with respect to `w`, a "
        "scalar, by hand.",
        zh="现在每一步有自己的输入：$h_t = w h_{t-1} + x_t$，$h_0 = 0$。`grad_through_time(w, xs)`接收数`w`和各步的输入`xs`（`(n,)`），"
        "手工求出$h_n$对`w`的导数（一个标量）并返回。",
    ),
    reference=grad_through_time,
    inputs=_inputs_13_2,
    hints=(
        Text(
            en="Section 2 has the formula twice: as a sum over all steps, and as a rule from one step to the next.",
            zh="第2节的公式有两种写法：一种是对各步求和，另一种是从一步到下一步的递推。",
        ),
        Text(
            en="For the sum collect the states first. For the rule keep two numbers while you walk: h and its derivative.",
            zh="用求和的写法，要先存下各个状态。用递推的写法，要一边走一边记住两个数，即h和它的导数。",
        ),
        Text(
            en="The new derivative is the old h plus w times the old derivative. Mind that both need the old values.",
            zh="新的导数等于旧的h加上w乘旧的导数。注意这两个都要用旧的值。",
        ),
    ),
    solution=source_of(grad_through_time),
    misconceptions=(
        Misconception(
            "last_step_only",
            Text(
                en="This is the state before the last step, the direct term alone. That state depends on w as well.",
                zh="这是最后一步之前的状态，只是直接的那一项。这个状态也依赖于w。",
            ),
            gives=lambda w, xs: _states(w, xs)[-2],
        ),
        Misconception(
            "without_powers",
            Text(
                en="The terms are the states themselves here. Each one still has to come through the later steps, with "
                "a factor w for each.",
                zh="这里的各项就是状态本身。而每一项还要经过后面的各步，每步乘上一个w。",
            ),
            gives=lambda w, xs: torch.stack(_states(w, xs)[:-1]).sum(),
        ),
        Misconception(
            "powers_reversed",
            Text(
                en="The powers stand the other way round: the last step has the power 0, since no step follows it.",
                zh="幂的次序反了。最后一步之后没有别的步，所以它的幂是0次。",
            ),
            gives=lambda w, xs: _sum_of_terms(w, _states(w, xs)[:-1], list(range(len(xs)))),
        ),
        Misconception(
            "new_state",
            Text(
                en="The state after the step was taken. What w multiplies is the state before it.",
                zh="这里用了这一步之后的状态。而w所乘的，是这一步之前的状态。",
            ),
            gives=lambda w, xs: _sum_of_terms(w, _states(w, xs)[1:], list(range(len(xs)))[::-1]),
        ),
        finite_difference(grad_through_time, lambda w, xs: bool(xs[-1].abs() > LARGE / 8)),
        Misconception(
            "one_power_too_many",
            Text(
                en="Every term has one w too many: between step t and the end lie n − t steps.",
                zh="每一项都多乘了一个w，从第t步到最后只有n − t步。",
            ),
            gives=lambda w, xs: w * grad_through_time(w, xs),
        ),
    ),
    rules=(WITHOUT_AUTOGRAD,),
)


def step_jacobian(W, h, x):
    z = W @ h + x
    return (z > 0)[:, None] * W


def _inputs_13_3(rng: Random, sign: int) -> tuple[Tensor, Tensor, Tensor]:
    """W (n, n), h (n,) and x (n,): of z = W h + x one element is 0, at least one positive and at least one negative.

    Neither h nor W h has the signs of z, and W h is not positive throughout, as a forgotten x would then go for a
    forgotten indicator. Some x has a very large element, and some z one that is positive, however small.
    """
    n, kind = rng.choice((3, 4)), "ordinary" if sign else turn(rng, ("ordinary", "large", "barely positive"))
    while True:
        W, h, z = matrix(rng, sign, n, n), vector(rng, 0, n), vector(rng, 0, n)
        edge, other = rng.sample(range(n), 2)
        z[edge] = 0.0
        if kind == "barely positive":
            z[other], W[other], W[other, 0], W[other, 1] = TINY, 0.0, h[1], -h[0]  # this row of W h is exactly 0
        product = W @ h
        signs = [(each > 0).tolist() for each in (z, h, product)]
        if (z > 0).any() and (z < 0).any() and signs[0] not in signs[1:] and not all(signs[2]):
            x = z - product
            if kind == "large":
                x[z.argmax()] = LARGE
            return W, h, x


def _differences_at_the_corner(W: Tensor, h: Tensor, x: Tensor) -> tuple[Tensor, ...]:
    """The Jacobians of differences where W h + x is 0 or nearly so: central, forward, backward, and of ReLU alone by 1e-5."""
    z = (W @ h + x)[:, None]
    rows = (W / 2, W.clamp(min=0), W.clamp(max=0), (z > 0) * W * (TINY / 1e-5))
    return tuple((z > TINY) * W + (z.abs() <= TINY) * row for row in rows)


_EXERCISE_13_3 = Exercise(
    id="13.3",
    kind="function",
    difficulty=2,
    minutes=7,
    statement=Text(
        en="A step of a recurrent network with ReLU: $h' = \\mathrm{ReLU}(W h + x)$. `step_jacobian(W, h, x)` returns its "
        "Jacobian $\\partial h'_i / \\partial h_j$, shape `(n, n)`, by hand. At 0 do as PyTorch does.",
        zh=r"考虑用ReLU的循环神经网络的一步，即$h' = \mathrm{ReLU}(W h + x)$。`step_jacobian(W, h, x)`手工求出它的"
        r"雅可比矩阵$\partial h'_i / \partial h_j$并返回，形状为`(n, n)`。在0处与PyTorch的做法一致。",
    ),
    reference=step_jacobian,
    inputs=_inputs_13_3,
    wanted=A_TENSOR,
    hints=(
        Text(
            en="Without ReLU the Jacobian of W h + x with respect to h is a matrix that you are given.",
            zh="如果没有ReLU，W h + x对h的雅可比矩阵就是已知的一个矩阵。",
        ),
        Text(
            en="ReLU multiplies row i by 1 or 0. What decides is the sign of element i of W h + x (lesson 11).",
            zh="ReLU把第i行乘以1或0，由W h + x的第i个元素的符号决定（第11课）。",
        ),
        Text(
            en="An indicator (z > 0) of shape (n,) must become a column, (n, 1), to multiply the rows.",
            zh="示性函数(z > 0)的形状是(n,)，要变成一列，即(n, 1)，才能乘到各行上。",
        ),
    ),
    solution=source_of(step_jacobian),
    misconceptions=(
        Misconception(
            "columns_masked",
            Text(
                en="The indicator runs along the columns here. A unit that is closed loses its row: it passes nothing "
                "on from any h.",
                zh="这里的示性函数乘到了各列上。而一个单元不激活，失去的是它那一行，任何h都不再影响它。",
            ),
            gives=lambda W, h, x: W * (W @ h + x > 0),
        ),
        Misconception(
            "transposed",
            Text(
                en="This is the transpose, by which backward multiplies a gradient. Row i of the Jacobian belongs to output i.",
                zh="这是转置，反向传播就是用它去乘梯度的。而雅可比矩阵的第i行对应第i个输出。",
            ),
            gives=lambda W, h, x: ((W @ h + x > 0)[:, None] * W).T,
        ),
        Misconception(
            "without_indicator",
            Text(
                en="W alone is the Jacobian without ReLU: units that are closed still pass something here.",
                zh="单独的W是没有ReLU时的雅可比矩阵，不激活的单元在这里也有导数。",
            ),
            gives=lambda W, h, x: W,
        ),
        Misconception(
            "sign_of_h",
            Text(
                en="The indicator asks for the sign of h. What enters ReLU is W h + x.",
                zh="这里的示性函数看的是h的符号。而进入ReLU的是W h + x。",
            ),
            gives=lambda W, h, x: (h > 0)[:, None] * W,
        ),
        Misconception(
            "open_at_zero",
            Text(
                en="Where W h + x is exactly 0 the row was kept. PyTorch takes the slope 0 there.",
                zh="W h + x恰好为0时，这里保留了那一行。而PyTorch在那里取的导数是0。",
            ),
            gives=lambda W, h, x: (W @ h + x >= 0)[:, None] * W,
        ),
        Misconception(
            "times_the_value",
            Text(
                en="The rows were multiplied by the new state. ReLU's slope is 1 or 0.",
                zh="这里各行乘上了新的状态。而ReLU的导数只是1或0。",
            ),
            gives=lambda W, h, x: (W @ h + x).relu()[:, None] * W,
        ),
        finite_difference(step_jacobian, lambda W, h, x: bool(x.max() > LARGE / 8), _differences_at_the_corner),
    ),
    rules=(WITHOUT_AUTOGRAD,),
)

EXERCISES = (_EXERCISE_13_1, _EXERCISE_13_2, _EXERCISE_13_3)
