"""Exercises 12.1, 12.2, 12.3: factors of a chain, the spread of weights, five reports of training runs."""

from collections.abc import Callable
from random import Random

import torch
from torch import Tensor

from ...random_inputs import number, turn, vector
from ...spec import Exercise, Misconception, Text, source_of
from ..shared import A_TENSOR, TINY, WITHOUT_AUTOGRAD, finite_difference


def layer_factors(w, x):
    factors = []
    for weight in w:
        x = torch.sigmoid(weight * x)
        factors.append(weight * x * (1 - x))
    return torch.stack(factors)


def _inputs_12_1(rng: Random, sign: int) -> tuple[Tensor, Tensor]:
    """w (n,) with n from 3 to 5, and x, a tensor of shape ().

    Some x is tiny, alone or beside a first weight that makes up for it, so that neither a step of the size of x nor a
    fixed one is right. The sigmoid of the steep layer is not so near 1 that 1 − σ(z) would lose digits in float32: its factor
    is the largest, and every right way to compute it must agree.
    """
    w, x = vector(rng, sign, rng.randint(3, 5)), torch.tensor(number(rng, sign))
    kind = "" if sign else turn(rng, ("", "tiny", "steep"))
    if kind:
        x *= TINY
    if kind == "steep":
        w[0] /= 4 * TINY
    return w, x


def _factors_of(w: Tensor, x: Tensor, factor: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Tensor:
    """The list of factor(weight, z, sigmoid(z)) over the layers, as a tensor."""
    factors = []
    for weight in w:
        z = weight * x
        x = torch.sigmoid(z)
        factors.append(factor(weight, z, x))
    return torch.stack(factors)


_EXERCISE_12_1 = Exercise(
    id="12.1",
    kind="function",
    difficulty=2,
    minutes=7,
    statement=Text(
        en="A chain $h_l = \\sigma(w_l h_{l-1})$ begins with $h_0 = x$. `layer_factors(w, x)` receives the weights `w` "
        "`(n,)` and the scalar tensor `x`, and returns the $n$ factors $\\partial h_l / \\partial h_{l-1}$, shape "
        "`(n,)`, from the first layer to the last, by hand. Their product is the derivative of the whole chain.",
        zh="一条链$h_l = \\sigma(w_l h_{l-1})$从$h_0 = x$开始。`layer_factors(w, x)`接收权重`w`（`(n,)`）和标量张量`x`，手工求出$n$个因子"
        "$\\partial h_l / \\partial h_{l-1}$，从第一层到最后一层依次排列，形状为`(n,)`。它们的乘积就是整条链的导数。",
    ),
    reference=layer_factors,
    inputs=_inputs_12_1,
    wanted=A_TENSOR,
    hints=(
        Text(
            en="The derivative of the sigmoid is σ(z)·(1 − σ(z)). Which z does layer l have?",
            zh="sigmoid的导数是σ(z)·(1 − σ(z))。第l层的z是什么？",
        ),
        Text(
            en="z = w_l h_{l−1}, so the chain rule gives one more factor: that of z towards h_{l−1}.",
            zh="z = w_l h_{l−1}，所以链式法则还要再乘一个因子，即z对h_{l−1}的导数。",
        ),
        Text(
            en="Walk through the layers, keep h, and note w·h·(1 − h) with the new h of each layer.",
            zh="逐层计算，保留h，并用每层新得到的h记下w·h·(1 − h)。",
        ),
    ),
    solution=source_of(layer_factors),
    misconceptions=(
        Misconception(
            "without_weight",
            Text(
                en="The weights are missing: a layer also multiplies by w on the way back.",
                zh="少了权重，往回传时，每层还要乘上w。",
            ),
            gives=lambda w, x: _factors_of(w, x, lambda weight, z, h: h * (1 - h)),
        ),
        Misconception(
            "slope_of_tanh",
            Text(
                en="1 − h² is the derivative of tanh. The sigmoid has h(1 − h).",
                zh="1 − h²是tanh的导数，而sigmoid的导数是h(1 − h)。",
            ),
            gives=lambda w, x: _factors_of(w, x, lambda weight, z, h: weight * (1 - h * h)),
        ),
        Misconception(
            "input_for_output",
            Text(
                en="z(1 − z): the formula wants σ(z) in these places, the output of the layer.",
                zh="这是z(1 − z)，而公式里应当是σ(z)，即这一层的输出。",
            ),
            gives=lambda w, x: _factors_of(w, x, lambda weight, z, h: weight * z * (1 - z)),
        ),
        Misconception(
            "state_before",
            Text(
                en="The derivative of the sigmoid was taken with the h that enters the layer. It is h(1 − h) with the h that comes out.",
                zh="sigmoid的导数用了进入这一层的h，而h(1 − h)里的应当是这一层输出的h。",
            ),
            gives=lambda w, x: _factors_of(w, x, lambda weight, z, h: weight * (z / weight) * (1 - z / weight)),
        ),
        Misconception(
            "last_first",
            Text(
                en="The factors are right, but they run from the last layer to the first.",
                zh="各个因子是对的，但次序是从最后一层到第一层。",
            ),
            gives=lambda w, x: layer_factors(w, x).flip(0),
        ),
        Misconception(
            "products",
            Text(
                en="These are products of the factors up to each layer. The exercise asks for the factors themselves.",
                zh="这是到各层为止的因子之积。题目要的是各个因子本身。",
            ),
            gives=lambda w, x: layer_factors(w, x).cumprod(0),
        ),
        Misconception(
            "whole_product",
            Text(
                en="This is the derivative of the whole chain, a single number. Return its factors, one for each layer.",
                zh="这是整条链的导数，只有一个数。请返回它的各个因子，每层一个。",
            ),
            gives=lambda w, x: layer_factors(w, x).prod(),
        ),
        Misconception(
            "same_input",
            Text(
                en="Every layer was computed from x itself. The input of a layer is the output of the one before.",
                zh="这里每一层都是由x算出的。而一层的输入应是前一层的输出。",
            ),
            gives=lambda w, x: w * torch.sigmoid(w * x) * (1 - torch.sigmoid(w * x)),
        ),
        finite_difference(layer_factors, lambda w, x: bool(x.abs() < 8 * TINY)),
    ),
    rules=(WITHOUT_AUTOGRAD,),
)


def good_std(n_in, activation):
    gain = 2 if activation == "relu" else 1
    return (gain / n_in) ** 0.5


def _inputs_12_2(rng: Random, sign: int) -> tuple[int, str]:
    """n_in, so many that no table has them all, and "relu" for a positive sign, else "linear"."""
    return rng.randint(3, 1000), "relu" if sign > 0 or (not sign and rng.random() < 0.5) else "linear"


_EXERCISE_12_2 = Exercise(
    id="12.2",
    kind="function",
    difficulty=2,
    minutes=6,
    statement=Text(
        en="A layer has `n_in` inputs and independent weights with mean 0. `good_std(n_in, activation)` returns the "
        "standard deviation of the weights, a number, with which $\\mathbb{E}[h^2]$ stays the same from layer to "
        'layer. `activation` is `"linear"` or `"relu"`; ReLU sets half of the values to 0.',
        zh="某一层有`n_in`个输入，权重相互独立，均值为0。`good_std(n_in, activation)`返回权重的标准差（一个数），使$\\mathbb{E}[h^2]$逐层保持不变。"
        '`activation`是`"linear"`或`"relu"`，其中ReLU会把一半的值变成0。',
    ),
    reference=good_std,
    inputs=_inputs_12_2,
    hints=(
        Text(
            en="A sum of n independent terms with mean 0: their variances add up.",
            zh="n个相互独立、均值为0的项相加，方差也相加。",
        ),
        Text(
            en="The variance of z is n times Var(w) times E[h²]. ReLU keeps half of E[z²].",
            zh="z的方差等于n乘Var(w)再乘E[h²]。ReLU只保留E[z²]的一半。",
        ),
        Text(
            en="n · Var(w) must be 1, with ReLU 2. Then take the root, which is the standard deviation.",
            zh="n · Var(w)应等于1，用ReLU时应等于2。题目要的是标准差，所以还要开方。",
        ),
    ),
    solution=source_of(good_std),
    misconceptions=(
        Misconception(
            "variance",
            Text(
                en="This is the variance. The standard deviation is its root.",
                zh="这是方差，标准差是它的平方根。",
            ),
            gives=lambda n_in, activation: (2 if activation == "relu" else 1) / n_in,
        ),
        Misconception(
            "gain_outside",
            Text(
                en="The 2 of ReLU belongs under the root, as a factor of the variance.",
                zh="ReLU的系数2应在根号里面，因为它是方差的系数。",
            ),
            gives=lambda n_in, activation: (2 if activation == "relu" else 1) / n_in**0.5,
        ),
        Misconception(
            "no_difference",
            Text(
                en="With ReLU half of the values are 0, so the weights must make up for it.",
                zh="用ReLU时有一半的值为0，权重应当相应地增大。",
            ),
            gives=lambda n_in, activation: (1 / n_in) ** 0.5,
        ),
        Misconception(
            "always_relu",
            Text(
                en="The 2 makes up for what ReLU sets to 0. Without an activation nothing is set to 0.",
                zh="系数2用来补偿被ReLU变成0的那一半。没有激活函数时，并没有值变成0。",
            ),
            gives=lambda n_in, activation: (2 / n_in) ** 0.5,
        ),
        Misconception(
            "exchanged",
            Text(
                en="The two activations are exchanged: the one that loses half of the values needs the larger weights.",
                zh="两种激活函数反了，使一半的值变为0的那种才需要更大的权重。",
            ),
            gives=lambda n_in, activation: ((1 if activation == "relu" else 2) / n_in) ** 0.5,
        ),
        Misconception(
            "half",
            Text(
                en="With ReLU the weights became smaller. It halves E[h²], so they must be larger.",
                zh="用ReLU时权重反而变小了。ReLU把E[h²]减半，所以权重应当更大。",
            ),
            gives=lambda n_in, activation: ((0.5 if activation == "relu" else 1) / n_in) ** 0.5,
        ),
    ),
)

_EXERCISE_12_3 = Exercise(
    id="12.3",
    kind="choice",
    difficulty=2,
    minutes=6,
    statement=Text(
        en='Five training runs, and what `watch` shows of them. Which is the cause: `"saturated"`, `"too_small"`, '
        '`"too_large"`, `"dead"` or `"learnt"`? (a) At step 0 all gradients are exactly 0, the last layer\'s too, and so '
        "are all outputs. (b) At step 0 the gradient norms fall from 0.1 at the last layer to 1e-13 at the first; every "
        "output is close to 0.5. (c) All gradients have become small, and so has the loss. (d) At step 0 the outputs "
        "grow tenfold from layer to layer; the loss is inf. (e) From step 12 on one ReLU layer returns 0 for every "
        "example; its weights do not move any more, nor those before it.",
        zh='有五次训练，以及`watch`显示的现象。原因是`"saturated"`（激活函数压缩了梯度）、`"too_small"`（权重太小）、`"too_large"`（权重太大）、`"dead"`（单元失活）'
        '还是`"learnt"`（已经学会）？（a）第0步时所有梯度恰好为0，最后一层也是，所有输出也都是0。（b）第0步时，梯度范数从最后一层的0.1降到第一层的1e-13，每个输出都接近0.5。'
        "（c）所有梯度都变小了，损失也变小了。（d）第0步时，输出逐层增大到十倍，损失是inf。（e）从第12步起，某个ReLU层对所有样本都返回0，它的权重和它前面各层的权重都不再变化。",
    ),
    reference={"a": "too_small", "b": "saturated", "c": "learnt", "d": "too_large", "e": "dead"},
    options=("saturated", "too_small", "too_large", "dead", "learnt"),
    hints=(
        Text(
            en="Ask when it began: at step 0 it is the initialization or the activation, later it is the training.",
            zh="先看从什么时候开始。如果第0步就有，原因在初始化或激活函数。如果后来才有，原因在训练。",
        ),
        Text(
            en="Then look at the outputs: all 0, all near 0.5, growing? They tell what the layers multiply by.",
            zh="再看输出是全为0、都接近0.5，还是不断增大。由此可知各层乘上了什么。",
        ),
        Text(
            en="Small gradients are no trouble when the loss is small. A layer that returns 0 for every example lets "
            "nothing back.",
            zh="损失已经很小时，梯度小并不是问题。对所有样本都返回0的层，不会让任何梯度通过。",
        ),
    ),
    solution='causes = {"a": "too_small", "b": "saturated", "c": "learnt", "d": "too_large", "e": "dead"}',
    misconceptions=(
        Misconception(
            "saturated",
            Text(
                en="Outputs near 0.5 are the sign of the sigmoid, whose slope is at most a quarter. Here they are not.",
                zh="输出接近0.5是sigmoid的特征，它的导数最大是四分之一。这里的输出不是这样。",
            ),
            gives="saturated",
        ),
        Misconception(
            "too_small",
            Text(
                en="Weights that are too small make every output 0 from the first step on. That is not what happened.",
                zh="权重太小时，从第一步起所有输出都是0。这里的现象不是这样。",
            ),
            gives="too_small",
        ),
        Misconception(
            "too_large",
            Text(
                en="Weights that are too large make the outputs grow from layer to layer. Nothing grows here.",
                zh="权重太大时，输出会逐层增大。这里并没有逐层增大的量。",
            ),
            gives="too_large",
        ),
        Misconception(
            "dead",
            Text(
                en="Dead units die during the training, in one layer. This affects all layers alike, or was there at "
                "step 0.",
                zh="单元失活是在训练过程中发生的，只在某一层。这里是各层都一样，或者第0步就已经如此。",
            ),
            gives="dead",
        ),
        Misconception(
            "learnt",
            Text(
                en="If the network had learnt its task, the loss would be small. Nothing says so here.",
                zh="如果网络已经学会了，损失应当很小。这里并没有这样说。",
            ),
            gives="learnt",
        ),
    ),
)

EXERCISES = (_EXERCISE_12_1, _EXERCISE_12_2, _EXERCISE_12_3)
