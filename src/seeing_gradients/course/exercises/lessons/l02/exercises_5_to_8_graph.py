"""Exercises 02.5, 02.6, 02.7, 02.8.

Edges that leave a leaf, accumulation in `.grad`, gradients of non-leaves, making a leaf.
"""

from typing import Any

import torch

from ...harness.rules import (
    backward_more_than_once,
    has_a_third_arrow,
    has_grad_fn,
    has_more_operations,
    has_no_flag,
    has_power,
    leaves_grad_empty,
    never_asks_for_a_gradient,
)
from ...harness.runs import from_non_leaf, value_and_slope
from ...random_inputs import number, vector
from ...spec import Exercise, Misconception, Rule, Text, source_of
from ...variants import varied
from ..shared import A_TENSOR


def two_arrows(x):
    return x * (x + 1)


_EXERCISE_02_5 = Exercise(
    id="02.5",
    kind="function",
    difficulty=3,
    minutes=6,
    statement=Text(
        en="In the graph of `x * x + x` three arrows leave `x`, and three gradients are added up there. Write the same "
        "function, with the same value and the same slope, using one multiplication and one addition, so that only two "
        "arrows leave `x`. No power.",
        zh="在`x * x + x`的计算图里，有三个箭头从`x`出发，三个梯度在`x`处相加。请写出同一个函数，值和导数都相同，"
        "只用一次乘法、一次加法，并且只有两个箭头从`x`出发。不能用乘方。",
    ),
    names=("f(x)", "df/dx"),
    reference=two_arrows,
    run=value_and_slope,
    wanted=A_TENSOR,
    inputs=lambda rng, sign: (number(rng, sign),),
    hints=(
        Text(
            en="An arrow leaves x wherever x is written in the formula. So x may be written only twice.",
            zh="公式里每写一次x，就有一个箭头从x出发，所以x只能写两次。",
        ),
        Text(en="Which factor do both terms of x·x + x share?", zh="x·x + x的两项有什么公因式？"),
        Text(
            en="Factor out the x that both terms share, and write the product of x and what remains.",
            zh="把公因式x提出来，写成x与剩下部分的乘积。",
        ),
    ),
    solution=source_of(two_arrows),
    misconceptions=(
        Misconception(
            "path_cut",
            Text(
                en="The value is right and the slope is too small: one of the paths from x was cut, so its gradient "
                "is missing. Both arrows must carry a gradient back.",
                zh="值是对的，导数却偏小，因为从x出发的某条路径被切断了。梯度应当能沿两个箭头传回x。",
            ),
            recognises=lambda received, x: _is_value_only(received, x * x + x),
        ),
        Misconception(
            "square_only",
            Text(en="This is x² alone; the single x is missing.", zh="这只是x²，少了一次项x。"),
            gives=lambda x: (x * x, 2 * x),
        ),
        Misconception(
            "plus_one",
            Text(
                en="This is x² + 1, whose second term no longer depends on x.",
                zh="这是x² + 1，第二项已经与x无关了。",
            ),
            gives=lambda x: (x * x + 1, 2 * x),
        ),
    ),
    rules=(
        Rule(
            "power",
            Text(
                en="There is a power in the graph (PowBackward0). It hides the second use of x inside one "
                "operation; here every use must be an arrow.",
                zh="计算图里有乘方（PowBackward0）。它把x的第二次使用藏进了一个运算里，而这里要求每次使用都是一个"
                "箭头。",
            ),
            has_power,
        ),
        Rule(
            "three_arrows",
            Text(
                en="More than two arrows leave x: count how often x is written in your formula.",
                zh="从x出发的箭头多于两个。数一数公式里写了几次x。",
            ),
            has_a_third_arrow,
        ),
        Rule(
            "operations",
            Text(
                en="The graph must hold exactly one multiplication and one addition (MulBackward0, AddBackward0) and "
                "no other operation.",
                zh="计算图里应当恰好有一次乘法和一次加法（MulBackward0、AddBackward0），没有别的运算。",
            ),
            has_more_operations,
        ),
    ),
)


def _is_value_only(received: Any, value: float) -> bool:
    return type(received) is tuple and abs(received[0].item() - value) < 1e-4 * max(1.0, abs(value))


def _exercise_02_6(x: int, c: int) -> Exercise:
    slope = 3 * x * x
    return Exercise(
        id="02.6",
        kind="value",
        difficulty=2,
        minutes=4,
        statement=Text(
            en=f"`x` is {x} and requires grad. `(x ** 3).backward()`, then `g = x.grad`, then `({c} * x).backward()`. "
            "Nothing is reset. Which numbers do `g` and `x.grad` hold now?",
            zh=f"`x`等于{x}且需要梯度。先运行`(x ** 3).backward()`，再运行`g = x.grad`，最后运行"
            f"`({c} * x).backward()`，中间没有清零。这时`g`和`x.grad`各是多少？",
        ),
        names=("g", "x.grad"),
        reference=(slope + c, slope + c),
        hints=(
            Text(
                en=f"The slope of x³ is 3x², the slope of {c}x is {c}. What does backward do with what is already in "
                ".grad?",
                zh=f"x³的导数是3x²，{c}x的导数是{c}。对.grad里已有的数，backward会怎样做？",
            ),
            Text(
                en="Does g = x.grad make a copy, or a second name for the same tensor? Try: g is x.grad.",
                zh="g = x.grad是复制了张量，还是给同一个张量起了第二个名字？可以试试g is x.grad。",
            ),
            Text(
                en=f"{slope} after the first pass, and the second adds {c} in place. Both names refer to that "
                "tensor, so both show the sum.",
                zh=f"第一次之后是{slope}，第二次就地加上{c}。两个名字指的是同一个张量，值都是二者之和。",
            ),
        ),
        solution=f"g, x_grad = {slope + c}, {slope + c}   # {slope} + {c}, and g is another name for x.grad, not a copy | "
        f"{slope} + {c}，g只是x.grad的另一个名字，不是副本",
        misconceptions=(
            Misconception(
                "g_is_a_copy",
                Text(
                    en="g = x.grad copies nothing: g is a second name for the same tensor, and backward adds to it in "
                    "place. A copy would need .clone().",
                    zh="g = x.grad并没有复制张量，g只是它的第二个名字，而backward是就地累加的。要复制，应当用"
                    ".clone()。",
                ),
                gives=(slope, slope + c),
            ),
            Misconception(
                "overwritten",
                Text(
                    en="The second backward does not overwrite .grad, it adds to it.",
                    zh="第二次backward不会覆盖.grad，而是把梯度累加上去。",
                ),
                gives=(slope, c),
            ),
            Misconception(
                "overwritten_alias",
                Text(
                    en=f"You saw that g and x.grad are the same tensor. But backward adds to it, and {slope} was in "
                    "it already.",
                    zh=f"g和x.grad确实是同一个张量。但backward会把梯度累加上去，而其中已经有{slope}了。",
                ),
                gives=(c, c),
            ),
            Misconception(
                "second_ignored",
                Text(
                    en=f"The second backward has its own graph, that of {c} * x, and it reaches the same x.",
                    zh=f"第二次backward走的是它自己的计算图，即{c} * x的图，同样会到达x。",
                ),
                gives=(slope, slope),
            ),
            Misconception(
                "value_for_slope",
                Text(
                    en=f"{x**3} is the value of x³ at {x}. Its slope is 3x².",
                    zh=f"{x**3}是x³在{x}处的值，它的导数是3x²。",
                ),
                gives=(x**3 + c, x**3 + c),
            ),
        ),
    )


# x is not 1, where x³ and x² are equal, nor 3, where x³ equals its slope 3x².
_EXERCISE_02_6 = varied(_exercise_02_6, (2, 5), (2, 4, 5), range(4, 10))


def both_grads(x):
    y = x * x
    y.retain_grad()
    (y * y).sum().backward()
    return x.grad, y.grad


_EXERCISE_02_7 = Exercise(
    id="02.7",
    kind="function",
    difficulty=2,
    minutes=6,
    statement=Text(
        en="$y = x^2$ element by element, $L = \\sum y^2$. `both_grads(x)` receives a leaf `x` that requires grad, "
        "runs backward once and returns $\\partial L/\\partial x$ and $\\partial L/\\partial y$, both read from "
        "`.grad`.",
        zh=r"设$y = x^2$，其中乘方按元素（elementwise）进行，$L = \sum y^2$。请写出`both_grads(x)`，它接收需要梯度"
        r"的叶子张量`x`，只做一次反向传播，返回$\partial L/\partial x$和$\partial L/\partial y$，二者都从`.grad`"
        r"读取。",
    ),
    names=("∂L/∂x", "∂L/∂y"),
    reference=both_grads,
    inputs=lambda rng, sign: (vector(rng, sign).requires_grad_(),),
    hints=(
        Text(
            en="backward keeps .grad for leaves only. y is computed, so its gradient is passed on and dropped, unless "
            "you ask for it.",
            zh="backward只为叶子张量保留.grad。y是由计算得到的，它的梯度用过就释放了，除非要求保留。",
        ),
        Text(
            en="There is a method of a tensor that asks for it. It must be called while the gradient is still to come.",
            zh="张量有一个方法用来要求保留梯度，必须在反向传播之前调用。",
        ),
        Text(
            en="Call y.retain_grad() between computing y and calling backward.",
            zh="在算出y之后、调用backward之前，调用y.retain_grad()。",
        ),
    ),
    solution=source_of(both_grads),
    misconceptions=(
        Misconception(
            "never_ran",
            Text(
                en="The gradients are None because no backward pass was run. Without its parentheses, backward is only named.",
                zh="梯度都是None，因为没有做反向传播。backward后面如果不写括号，就没有调用它。",
            ),
            recognises=lambda received, x: type(received) in (tuple, list) and any(part is None for part in received),
            after=0,
        ),
        Misconception(
            "path_cut_at_y",
            Text(
                en="The gradient of x is None: y was taken off the graph, so backward ends at y.",
                zh="x的梯度是None，因为y已经从计算图上分离，反向传播到y就结束了。",
            ),
            recognises=lambda received, x: received[0] is None and isinstance(received[1], torch.Tensor),
        ),
        Misconception(
            "none_of_a_non_leaf",
            Text(
                en="A gradient is None. y is not a leaf, so its gradient is dropped as soon as it has been passed on. It has to "
                "be asked for before backward, by a call, with its parentheses.",
                zh="有一个梯度是None。y不是叶子张量，它的梯度传下去之后就释放了，必须在backward之前要求保留，而且要写上括号，真正调用那个方法。",
            ),
            recognises=lambda received, x: type(received) in (tuple, list) and any(part is None for part in received),
        ),
        Misconception(
            "swapped",
            Text(
                en="Both gradients are right, but in the wrong order.",
                zh="两个梯度都有了，但顺序反了。",
            ),
            gives=lambda x: (2 * x.detach() ** 2, 4 * x.detach() ** 3),
        ),
        Misconception(
            "sum_of_y",
            Text(
                en="These are the gradients of y.sum(). The loss is the sum of the squares of y.",
                zh="这是y.sum()的梯度。损失是y的平方之和。",
            ),
            gives=lambda x: (2 * x.detach(), torch.ones_like(x).detach()),
        ),
        Misconception(
            "dy_dx",
            Text(
                en="The second is dy/dx = 2x, one link of the chain. The exercise asks for dL/dy, the derivative of the "
                "loss with respect to y.",
                zh="第二个是dy/dx = 2x，只是链式法则中的一个因子。题目要的是损失对y的梯度dL/dy。",
            ),
            gives=lambda x: (4 * x.detach() ** 3, 2 * x.detach()),
        ),
        Misconception(
            "twice",
            Text(
                en="Both are twice what they should be: backward ran twice and .grad added up.",
                zh="两个都是应有的两倍，因为backward运行了两次，梯度在.grad里累加了。",
            ),
            gives=lambda x: (8 * x.detach() ** 3, 4 * x.detach() ** 2),
        ),
    ),
    rules=(
        Rule(
            "grad_empty",
            Text(
                en="The values are right, but x.grad is still None afterwards: here both gradients are to be read "
                "from .grad, which backward fills.",
                zh="值是对的，但运行之后x.grad仍是None。题目要求两个梯度都从.grad读取，而.grad由backward写入。",
            ),
            leaves_grad_empty,
        ),
        Rule(
            "several_backwards",
            Text(
                en="The values are right, but backward ran more than once. One pass fills both .grad, if you ask for that of y "
                "beforehand.",
                zh="值是对的，但反向传播不止做了一次。只要事先提出要求，一次就能把两个.grad都填好。",
            ),
            backward_more_than_once,
        ),
        Rule(
            "second_by_formula",
            Text(
                en="The values are right, but the second one was not read from .grad. y receives its gradient during "
                "backward; it only has to be kept.",
                zh="值是对的，但第二个不是从.grad读取的。反向传播时y会得到自己的梯度，只需要把它保留下来。",
            ),
            never_asks_for_a_gradient,
        ),
    ),
)


# Learners read this source, so it keeps its own spacing.
# fmt: off
def new_leaf(q):
    return q.detach().requires_grad_()   # on q's memory, unlike a clone | 与q共用内存，clone则不共用
# fmt: on


_EXERCISE_02_8 = Exercise(
    id="02.8",
    kind="function",
    difficulty=2,
    minutes=5,
    statement=Text(
        en="`q = torch.randn(6, requires_grad=True).reshape(2, 3)` is not a leaf, so `q.grad` stays None. Write "
        "`new_leaf(q)`: it returns a leaf with the values and the shape of `q` that requires grad, and leaves `q` as "
        "it is.",
        zh="`q = torch.randn(6, requires_grad=True).reshape(2, 3)`不是叶子张量，所以`q.grad`一直是None。请写出"
        "`new_leaf(q)`，它返回一个需要梯度的叶子张量，值和形状与`q`相同，而`q`本身保持不变。",
    ),
    reference=new_leaf,
    run=from_non_leaf,
    wanted=A_TENSOR,
    inputs=lambda rng, sign: (vector(rng, sign, 6).reshape(2, 3).requires_grad_(),),
    hints=(
        Text(
            en="q remembers where it came from: look at q.grad_fn. A leaf that requires grad has none.",
            zh="看看q.grad_fn，它记录了q由哪个运算产生。需要梯度的叶子张量没有grad_fn。",
        ),
        Text(
            en="Two steps: first take it off the graph, then ask for gradients again.",
            zh="分两步来做，先断开它与原计算图的联系，再设置requires_grad。",
        ),
        Text(
            en="One method takes a tensor off the graph, another sets the flag; call the second on the result of the "
            "first.",
            zh="一个方法把张量从计算图中分离出来，另一个方法设置requires_grad。对前者的结果调用后者。",
        ),
    ),
    solution=source_of(new_leaf),
    misconceptions=(
        Misconception(
            "flattened",
            Text(
                en="The leaf has lost the shape of q: the tensor that q was made from is flat.",
                zh="这个叶子张量的形状与q不同，它是reshape之前的展平的张量。",
            ),
            recognises=lambda received, q: isinstance(received, torch.Tensor) and received.shape == (q.numel(),),
        ),
        Misconception(
            "zeros",
            Text(
                en="This leaf holds zeros. It must hold the numbers of q.",
                zh="这个叶子张量全是0，而它的值应当与q相同。",
            ),
            gives=lambda q: torch.zeros_like(q).detach(),
        ),
    ),
    rules=(
        Rule(
            "history",
            Text(
                en="What you return still has a grad_fn: it is part of q's graph, so it is no leaf and its .grad "
                "stays None. requires_grad_(), clone() and reshape() do not take it off the graph.",
                zh="返回的张量仍有grad_fn，它还连在q的计算图上，所以不是叶子，.grad仍会是None。requires_grad_()、"
                "clone()、reshape()都不能断开这种联系。",
            ),
            has_grad_fn,
        ),
        Rule(
            "no_flag",
            Text(
                en="This is a leaf, but it does not require grad: a tensor that was taken off the graph no longer does.",
                zh="这是叶子张量，但它不需要梯度，因为detach之后requires_grad变成了False。",
            ),
            has_no_flag,
        ),
    ),
)

EXERCISES = (_EXERCISE_02_5, _EXERCISE_02_6, _EXERCISE_02_7, _EXERCISE_02_8)
