"""Exercises 07.4, 07.5: the slope of the sine without a cosine; which programs allow a second backward pass."""

import torch

from ...harness.rules import backward_more_than_once, uses_cosine
from ...random_inputs import vector
from ...spec import Exercise, Misconception, Rule, Text, source_of
from ..shared import NO_BACKWARD


def slope_of_sine(x):
    x = x.clone().requires_grad_()
    torch.sin(x).sum().backward()
    return x.grad


_EXERCISE_07_4 = Exercise(
    id="07.4",
    kind="function",
    difficulty=2,
    minutes=5,
    statement=Text(
        en="`slope_of_sine(x)` receives a tensor `(n,)` that does not require grad and returns the slope of $\\sin$ "
        "at each element, shape `(n,)`. **No cosine, and one backward pass only.**",
        zh="`slope_of_sine(x)`接收一个不需要梯度、形状为`(n,)`的张量，返回$\\sin$在每个元素处的斜率，形状为`(n,)`。"
        "**不许用余弦，并且只做一次反向传播。**",
    ),
    reference=slope_of_sine,
    inputs=lambda rng, sign: (vector(rng, sign),),
    hints=(
        Text(
            en="Make a leaf that requires grad out of x, and compute the sine of it.",
            zh="由x得到一个需要梯度的叶子，再求它的正弦。",
        ),
        Text(
            en="The sines are a vector: turn them into one number whose gradient keeps every element's slope apart.",
            zh="正弦是一个向量：把它变成一个数，使它的梯度仍把各元素的斜率分开。",
        ),
        Text(
            en="Each element of x enters one sine only, so their sum will do.",
            zh="x的每个元素只进入一个正弦，所以求和就行。",
        ),
    ),
    solution=source_of(slope_of_sine),
    misconceptions=(
        Misconception(
            "value",
            Text(en="These are the sines themselves, not their slopes.", zh="这是正弦值本身，不是斜率。"),
            gives=torch.sin,
        ),
        Misconception(
            "mean",
            Text(
                en="Each slope is divided by the number of elements: that comes from mean() in place of sum().",
                zh="每个斜率都除以了元素个数：用mean()代替sum()就会这样。",
            ),
            gives=lambda x: torch.cos(x) / len(x),
        ),
        Misconception(
            "weighed_by_values",
            Text(
                en="Each slope is multiplied by its sine: the outputs themselves stood in v.",
                zh="每个斜率都乘上了对应的正弦值：v里放的是输出本身。",
            ),
            gives=lambda x: torch.cos(x) * torch.sin(x),
        ),
        Misconception(
            "vector",
            Text(
                en="Backward of a vector does not know what to begin with.",
                zh="对向量做反向传播，不知道从什么开始。",
            ),
            error="grad can be implicitly created",
        ),
    ),
    rules=(
        Rule(
            "cosine",
            Text(
                en="The slopes are right, but a cosine was computed. Let the backward of the sine find it.",
                zh="斜率是对的，但你算了余弦。让正弦的反向传播去求它。",
            ),
            uses_cosine,
        ),
        NO_BACKWARD,
        Rule(
            "several_backwards",
            Text(
                en="The slopes are right, but there was a backward pass for each element. One for their sum is enough.",
                zh="斜率是对的，但每个元素都做了一次反向传播。对它们的和做一次就够了。",
            ),
            backward_more_than_once,
        ),
    ),
)

_EXERCISE_07_5 = Exercise(
    id="07.5",
    kind="choice",
    difficulty=2,
    minutes=6,
    statement=Text(
        en='`x` holds `[1, 2]`. For each `y`, `y.sum().backward()` and then once more on the same sum: `"raises"` the '
        'second raises; `"doubles"` it runs, and `x.grad` is twice the gradient; `"zero"` it runs, and `x.grad` is 0 '
        "before and after.",
        zh='`x`为`[1, 2]`。对每个`y`，先做`y.sum().backward()`，再对同一个和做一次：`"raises"`第二次报错；'
        '`"doubles"`能运行，`x.grad`是梯度的两倍；`"zero"`能运行，`x.grad`前后都是0。',
    ),
    reference={"a": "doubles", "b": "raises", "c": "doubles", "d": "raises", "e": "zero", "f": "raises"},
    options=("raises", "doubles", "zero"),
    hints=(
        Text(
            en="Ask of each operation: which numbers of the forward pass does its derivative need?",
            zh="对每个运算问一问：它的导数需要前向传播中的哪些数？",
        ),
        Text(
            en="Look at the attributes _saved_... of y.grad_fn. Who saves a tensor cannot run twice.",
            zh="看看y.grad_fn的_saved_...属性。保存了张量的，就不能运行两次。",
        ),
        Text(
            en="A change of sign or a constant added needs no number of x. Division by 2 saves the 2, as a tensor.",
            zh="改变符号、加上常数都不需要x的数值。除以2则保存了2，而且是一个张量。",
        ),
    ),
    solution='fates = {"a": "doubles", "b": "raises", "c": "doubles", "d": "raises", "e": "zero", "f": "raises"}',
    misconceptions=(
        Misconception(
            "raises",
            Text(
                en="Nothing that this derivative needs was freed: it needs no number of the forward pass. So it runs "
                "again.",
                zh="这个导数需要的东西一样也没有被释放：它不需要前向传播中的任何数。所以还能再运行。",
            ),
            gives="raises",
        ),
        Misconception(
            "doubles",
            Text(
                en="Run it: either a saved tensor is missing the second time, or there was nothing to double.",
                zh="运行一下：要么第二次缺了保存的张量，要么本来就没有可加倍的。",
            ),
            gives="doubles",
        ),
        Misconception(
            "zero",
            Text(
                en="The gradient here is not 0: the output changes with x.",
                zh="这里的梯度不是0：输出会随x变化。",
            ),
            gives="zero",
        ),
    ),
)

EXERCISES = (_EXERCISE_07_4, _EXERCISE_07_5)
