"""Exercises 07.4, 07.5: the slope of the sine without a cosine; which programs allow a second backward pass."""

import torch

from ...harness.rules import backward_more_than_once, uses_cosine
from ...random_inputs import vector
from ...spec import Exercise, Misconception, Rule, Text, source_of
from ..shared import NO_BACKWARD, NOT_FROM_BACKWARD


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
        zh=r"`slope_of_sine(x)`接收一个不需要梯度、形状为`(n,)`的张量，返回$\sin$在每个元素处的导数，形状为`(n,)`。"
        r"**不能用余弦，并且只做一次反向传播**。",
    ),
    reference=slope_of_sine,
    inputs=lambda rng, sign: (vector(rng, sign),),
    hints=(
        Text(
            en="Make a leaf that requires grad out of x, and compute the sine of it.",
            zh="由x创建一个需要梯度的叶子张量，再求它的正弦。",
        ),
        Text(
            en="The sines are a vector: turn them into one number whose gradient keeps every element's slope apart.",
            zh="正弦是一个向量。把它化为一个数，使这个数的梯度仍是各元素的导数。",
        ),
        Text(
            en="Each element of x enters one sine only, so their sum will do.",
            zh="x的每个元素只参与一个正弦的计算，所以求和即可。",
        ),
    ),
    solution=source_of(slope_of_sine),
    misconceptions=(
        Misconception(
            "value",
            Text(en="These are the sines themselves, not their slopes.", zh="这是正弦值本身，不是导数。"),
            gives=torch.sin,
        ),
        Misconception(
            "mean",
            Text(
                en="Each slope is divided by the number of elements: that comes from mean() in place of sum().",
                zh="每个导数都除以了元素个数，可能是用mean()代替了sum()。",
            ),
            gives=lambda x: torch.cos(x) / len(x),
        ),
        Misconception(
            "weighed_by_values",
            Text(
                en="Each slope is multiplied by its sine: the outputs themselves were passed as v.",
                zh="每个导数都乘上了对应的正弦值，因为v是输出本身。",
            ),
            gives=lambda x: torch.cos(x) * torch.sin(x),
        ),
        Misconception(
            "vector",
            Text(
                en="Backward from a vector does not know what to begin with.",
                zh="对向量做反向传播时，要给出起始的梯度。",
            ),
            error="grad can be implicitly created",
        ),
    ),
    rules=(
        Rule(
            "cosine",
            Text(
                en="The slopes are right, but a cosine was computed. Let the backward of the sine find it.",
                zh="导数是对的，但用了余弦。应当由正弦的反向传播来求。",
            ),
            uses_cosine,
        ),
        NO_BACKWARD,
        NOT_FROM_BACKWARD,
        Rule(
            "several_backwards",
            Text(
                en="The slopes are right, but there was a backward pass for each element. One for their sum is enough.",
                zh="导数是对的，但每个元素都做了一次反向传播。对它们的和做一次就够了。",
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
        zh='设`x`为`[1, 2]`。对每个`y`，先做`y.sum().backward()`，再对同一个和做一次。结果是哪一种？`"raises"`表示'
        '第二次报错，`"doubles"`表示能运行，`x.grad`是梯度的两倍，`"zero"`表示能运行，`x.grad`前后都是0。',
    ),
    reference={"a": "doubles", "b": "raises", "c": "doubles", "d": "raises", "e": "zero", "f": "raises"},
    options=("raises", "doubles", "zero"),
    hints=(
        Text(
            en="Ask of each operation: which numbers of the forward pass does its derivative need?",
            zh="对每个运算想一想，它的导数需要前向传播中的哪些数？",
        ),
        Text(
            en="Look at the attributes _saved_... of y.grad_fn. An operation that saves a tensor cannot run backward twice.",
            zh="看看y.grad_fn的_saved_...属性。保存了张量的运算，不能做两次反向传播。",
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
                zh="这个导数不需要前向传播中的任何数，没有保存的张量被释放，所以还能再做一次。",
            ),
            gives="raises",
        ),
        Misconception(
            "doubles",
            Text(
                en="Run it: either a saved tensor is missing the second time, or there was nothing to double.",
                zh="运行一下就会看到，或者第二次缺少保存的张量，或者梯度是0，加倍仍是0。",
            ),
            gives="doubles",
        ),
        Misconception(
            "zero",
            Text(
                en="The gradient here is not 0: the output changes with x.",
                zh="这里的梯度不是0，因为输出随x变化。",
            ),
            gives="zero",
        ),
    ),
)

EXERCISES = (_EXERCISE_07_4, _EXERCISE_07_5)
