"""Exercises 12.4, 12.5, 12.6: clipping by norm, finding dead units, scaling a loss in half precision."""

import math
from random import Random
from typing import Any

import torch
from torch import Tensor

from ...harness.observation import numbers_in
from ...harness.rules import clips_by_torch, never_in_half
from ...harness.runs import scaled_gradient
from ...random_inputs import matrix, turn, vector
from ...spec import Exercise, Misconception, Rule, Text, source_of
from ..shared import A_TENSOR, NO_BACKWARD, NOT_FROM_BACKWARD, TINY


def clip_by_norm(grads, limit):
    norm = torch.stack([(g * g).sum() for g in grads]).sum().sqrt()
    factor = min(1.0, (limit / norm).item())
    return [g * factor for g in grads]


def _inputs_12_4(rng: Random, sign: int) -> tuple[list[Tensor], float]:
    """A vector and a matrix with their limit: for sign 1 far below their norm, for -1 far above, else either."""
    grads = [vector(rng, 0, 3), matrix(rng, 0, 2, 2)]
    low = sign > 0 or (not sign and rng.random() < 0.5)
    return grads, rng.choice((0.5, 1.0)) / 4 if low else rng.choice((25.0, 40.0))


def _norm_of(grads: list[Tensor]) -> Tensor:
    return torch.cat([g.flatten() for g in grads]).norm()


_EXERCISE_12_4 = Exercise(
    id="12.4",
    kind="function",
    difficulty=2,
    minutes=7,
    statement=Text(
        en="`clip_by_norm(grads, limit)` receives a list of two gradients, a vector and a matrix. If the norm of all "
        "their elements **together** is larger than `limit`, it returns them scaled so that this norm is `limit`; "
        "otherwise it returns them unchanged. Do not use `clip_grad_norm_`, and leave the given tensors as they are.",
        zh="`clip_by_norm(grads, limit)`接收由两个梯度（一个向量和一个矩阵）组成的列表。如果所有元素**合在一起**的范数大于`limit`，就把它们缩小，使范数等于`limit`，"
        "否则原样返回。不要用`clip_grad_norm_`，也不要改动传入的张量。",
    ),
    names=("grads[0]", "grads[1]"),
    reference=clip_by_norm,
    inputs=_inputs_12_4,
    hints=(
        Text(
            en="First one number: the root of the sum of the squares of all elements of both gradients.",
            zh="先求出一个数，即两个梯度的所有元素的平方和的平方根。",
        ),
        Text(
            en="Then one factor for both: limit divided by this norm, but never more than 1.",
            zh="再求一个共用的系数，即limit除以这个范数，但不超过1。",
        ),
        Text(
            en="Multiply each gradient by the factor, so that the direction of the step stays.",
            zh="每个梯度都乘上这个系数，更新的方向便保持不变。",
        ),
    ),
    solution=source_of(clip_by_norm),
    misconceptions=(
        Misconception(
            "each_by_itself",
            Text(
                en="Each gradient was clipped by its own norm. That changes the direction of the whole step; the norm is "
                "that of all elements together.",
                zh="每个梯度是按自己的范数裁剪的，这会改变整个更新的方向。范数应按所有元素合在一起计算。",
            ),
            gives=lambda grads, limit: tuple(g * min(1.0, (limit / g.norm()).item()) for g in grads),
        ),
        Misconception(
            "by_value",
            Text(
                en="The elements were clipped one by one. That is clipping by value, which bends the direction.",
                zh="这里是按元素裁剪，也就是按值裁剪，会改变方向。",
            ),
            gives=lambda grads, limit: tuple(g.clamp(-limit, limit) for g in grads),
        ),
        Misconception(
            "always_scaled",
            Text(
                en="Small gradients were scaled up to the limit. Clipping only shortens; what is short enough stays.",
                zh="较小的梯度被放大到了上限。裁剪只会缩短，本来就不长的应保持不变。",
            ),
            gives=lambda grads, limit: tuple(g * (limit / _norm_of(grads)) for g in grads),
        ),
        Misconception(
            "norms_added",
            Text(
                en="The two norms were added. The norm of all elements together is the root of the sum of their squares.",
                zh="这里把两个范数相加了。合在一起的范数是两个范数的平方和的平方根。",
            ),
            gives=lambda grads, limit: tuple(
                g * min(1.0, (limit / (grads[0].norm() + grads[1].norm())).item()) for g in grads
            ),
        ),
        Misconception(
            "root_forgotten",
            Text(
                en="The sum of the squares was taken for the norm: the root is missing.",
                zh="把平方和当成了范数，漏了开方。",
            ),
            gives=lambda grads, limit: tuple(g * min(1.0, (limit / _norm_of(grads) ** 2).item()) for g in grads),
        ),
        Misconception(
            "unchanged",
            Text(
                en="Nothing was shortened, though the norm is above the limit.",
                zh="范数已经超过了上限，却没有缩短。",
            ),
            gives=lambda grads, limit: tuple(grads),
        ),
    ),
    rules=(
        Rule(
            "ready_made",
            Text(
                en="The result is right, but PyTorch did the clipping. Here the norm and the factor are yours to compute.",
                zh="结果是对的，但裁剪是由PyTorch完成的。这里要自己计算范数和系数。",
            ),
            clips_by_torch,
        ),
    ),
)


def dead_units(X, W, b):
    return ((X @ W + b) <= 0).all(dim=0)


def _inputs_12_5(rng: Random, sign: int) -> tuple[Tensor, Tensor, Tensor]:
    """X (5, 2), W (2, 4) and b (4,): of the units one is off for every example, one on, one exactly 0, one mixed."""
    is_barely_on = not sign and turn(rng, (False, True))
    while True:
        X, W, b = matrix(rng, sign, 5, 2), matrix(rng, 0, 2, 4), vector(rng, 0, 4)
        off, on, edge = rng.sample(range(4), 3)
        b[off], b[on] = -40.0, 40.0
        if is_barely_on:
            W[:, on], b[on] = 0.0, TINY  # however little above 0
        W[:, edge], b[edge] = 0.0, 0.0  # exactly 0 for every example: ReLU's slope is 0 there
        mixed = (X @ W + b)[:, ({0, 1, 2, 3} - {off, on, edge}).pop()]
        if mixed.min() < 0 < mixed.max():
            return X, W, b


_EXERCISE_12_5 = Exercise(
    id="12.5",
    kind="function",
    difficulty=2,
    minutes=6,
    statement=Text(
        en="`dead_units(X, W, b)` returns a boolean tensor `(h,)`: which units of the layer $\\mathrm{ReLU}(XW + b)$ "
        "get no gradient from **any** example of the batch `X` `(n, d)`. `W` is `(d, h)`. Remember ReLU's slope at 0.",
        zh="`dead_units(X, W, b)`返回形状为`(h,)`的布尔张量，表示在层$\\mathrm{ReLU}(XW + b)$中，哪些单元从批量`X`（`(n, d)`）的**任何**样本都得不到梯度。"
        "`W`的形状是`(d, h)`。别忘了ReLU在0处的导数。",
    ),
    reference=dead_units,
    inputs=_inputs_12_5,
    wanted=A_TENSOR,
    hints=(
        Text(
            en="A unit passes a gradient on for an example if its input to ReLU is positive there.",
            zh="对某个样本，如果一个单元在ReLU之前的值为正，它就会让梯度通过。",
        ),
        Text(
            en="Compute XW + b, (n, h), and ask of each element whether it is closed: less than or equal to 0.",
            zh="算出XW + b，形状为(n, h)，再判断每个元素是否挡住梯度，即是否小于或等于0。",
        ),
        Text(
            en="A unit is dead if it is closed for all examples. Which dimension do the examples run along?",
            zh="对所有样本都挡住，单元才失活。样本沿哪个维度排列？",
        ),
    ),
    solution=source_of(dead_units),
    misconceptions=(
        Misconception(
            "any_example",
            Text(
                en="One example for which a unit is off does not make it dead: another one may still move it.",
                zh="单元对一个样本不激活，还不算失活，别的样本仍可能使它更新。",
            ),
            gives=lambda X, W, b: ((X @ W + b) <= 0).any(0),
        ),
        Misconception(
            "alive",
            Text(
                en="The other way round: these are the units that some example still reaches.",
                zh="反了，这是还有样本能到达的那些单元。",
            ),
            gives=lambda X, W, b: ((X @ W + b) > 0).any(0),
        ),
        Misconception(
            "zero_is_open",
            Text(
                en="A unit at exactly 0 was not counted as dead. ReLU's slope in PyTorch is 0 there, so nothing "
                "gets through.",
                zh="恰好等于0的单元被当成了有梯度。PyTorch在那里给ReLU取的导数是0，梯度传不过去。",
            ),
            gives=lambda X, W, b: ((X @ W + b) < 0).all(0),
        ),
        Misconception(
            "over_units",
            Text(
                en="These are the examples for which every unit is off, one truth value per row. The exercise asks for one per "
                "unit.",
                zh="这是使所有单元都不激活的样本，每行一个真假值。题目要的是每个单元一个。",
            ),
            gives=lambda X, W, b: ((X @ W + b) <= 0).all(1),
        ),
        Misconception(
            "bias_forgotten",
            Text(
                en="The bias is missing, and it is often what has driven a unit out of reach.",
                zh="漏了偏置，而单元失活往往正是偏置造成的。",
            ),
            gives=lambda X, W, b: ((X @ W) <= 0).all(0),
        ),
    ),
)


def scaled_grad(w, x, scale):
    loss = (w.half() * x).mean()
    (loss * scale).backward()
    return w.grad / scale


def _inputs_12_6(rng: Random, sign: int) -> tuple[Tensor, Tensor, float]:
    """w (n,) float32 and x (n,) float16, whose gradients are one large one and tiny ones, and a scale that fits n.

    A quarter of the scale is too small for the tiny gradients, and four times the scale too large for the large one.
    """
    n = turn(rng, (32, 128, 512), sign)
    w = torch.tensor([(sign or rng.choice((1, -1))) * rng.randint(1, 4) / 4 for _ in range(n)])
    x = torch.tensor([rng.choice((1, -1)) * rng.randint(1, 3) * 2.0**-24 for _ in range(n)])
    x[rng.randrange(8)] = 2.0**14 * rng.choice((1, -1.5))
    return w, x.half(), float(2 * n)


def _has_underflowed(received: Any, w: Tensor, x: Tensor, scale: float) -> bool:
    """Whether the large gradient is right, and the others are rounded to few digits or to 0."""
    ratios = numbers_in(received)
    if len(ratios) != len(x):
        return False
    is_right = [abs(ratio - 1) < 1e-3 for ratio in ratios]
    is_large = (x.abs() > 1).tolist()
    return all(
        right if large else 0 <= ratio < 1.5 for ratio, right, large in zip(ratios, is_right, is_large, strict=True)
    )


_EXERCISE_12_6 = Exercise(
    id="12.6",
    kind="function",
    difficulty=3,
    minutes=8,
    statement=Text(
        en="`w` `(n,)` is a float32 leaf that requires grad, `x` `(n,)` is float16. The loss is "
        "`(w.half() * x).mean()`. Most of its gradients with respect to `w` underflow to 0 in float16; one is so large "
        "that a scale above `scale` makes it inf. `scaled_grad(w, x, scale)` scales the loss by `scale`, runs backward, and "
        "returns the true gradient in float32. (The check shows each gradient divided by the true one.)",
        zh="`w`（`(n,)`）是需要梯度的float32叶子张量，`x`（`(n,)`）是float16。损失是`(w.half() * x).mean()`，它对`w`的梯度在float16里大多下溢为0，"
        "只有一个很大，所乘的系数若比`scale`更大，它就成了inf。`scaled_grad(w, x, scale)`把损失乘上`scale`，做反向传播，再以float32返回真正的梯度。"
        "（检查时显示的是各个梯度与真正的梯度之比。）",
    ),
    reference=scaled_grad,
    run=scaled_gradient,
    inputs=_inputs_12_6,
    wanted=A_TENSOR,
    hints=(
        Text(
            en="A gradient is linear in the loss: s times the loss has s times the gradient.",
            zh="梯度关于损失是线性的，损失乘上s，梯度也乘上s。",
        ),
        Text(
            en="Scale before backward, so that the small numbers never appear on the way. Where are they large enough "
            "to be divided again?",
            zh="在反向传播之前乘上系数，途中就不会出现太小的数。到了哪里才可以再除回去？",
        ),
        Text(
            en="w.grad is float32, as w is. Divide there, not in float16.",
            zh="w.grad与w一样是float32。应在这里相除，而不是在float16里。",
        ),
    ),
    solution=source_of(scaled_grad),
    misconceptions=(
        Misconception(
            "without_scale",
            Text(
                en="The small gradients underflowed in float16: the loss was scaled too little, or the gradient went back to "
                "float16 once it was divided.",
                zh="较小的梯度在float16里下溢了。或者是损失放大得不够，或者是梯度除以系数之后又转回了float16。",
            ),
            recognises=_has_underflowed,
        ),
        Misconception(
            "another_scale",
            Text(
                en="The largest gradient became inf: the loss was scaled by more than `scale`, and float16 ends at 65504.",
                zh="最大的梯度成了inf，因为损失所乘的系数比`scale`大，而float16最大只到65504。",
            ),
            recognises=lambda received, w, x, scale: math.inf in map(abs, numbers_in(received)),
        ),
        Misconception(
            "not_divided",
            Text(
                en="These are the gradients of the scaled loss. Divide by the scale before you use them.",
                zh="这是放大之后的损失的梯度，使用之前还要除以系数。",
            ),
            gives=lambda w, x, scale: torch.full((len(w),), scale),
        ),
        Misconception(
            "scaled_down",
            Text(
                en="Scaled the wrong way: the gradient was multiplied by the scale once more. Multiply the loss, divide the "
                "gradient.",
                zh="方向反了，结果又多乘了一次系数。损失要乘以系数，梯度要除以系数。",
            ),
            gives=lambda w, x, scale: torch.full((len(w),), scale**2),
        ),
        Misconception(
            "mean_forgotten",
            Text(
                en="n times too large: the loss is the mean.",
                zh="这是应有值的n倍，因为损失取的是平均。",
            ),
            gives=lambda w, x, scale: torch.full((len(w),), float(len(w))),
        ),
    ),
    rules=(
        NO_BACKWARD,
        NOT_FROM_BACKWARD,
        Rule(
            "in_float32",
            Text(
                en="The gradient is right, but the loss was computed in float32, where nothing underflows. Compute it as "
                "given, with w.half().",
                zh="梯度是对的，但损失是用float32计算的，本来就不会下溢。请按题目的写法，用w.half()来计算。",
            ),
            never_in_half,
        ),
    ),
)

EXERCISES = (_EXERCISE_12_4, _EXERCISE_12_5, _EXERCISE_12_6)
