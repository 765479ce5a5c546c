"""Exercises 11.1, 11.2, 11.3: the backward pass of a layer, of softmax with cross-entropy, and of ReLU, by hand."""

from random import Random

import torch
from torch import Tensor

from ...random_inputs import matrix, turn
from ...spec import Exercise, Misconception, Text, source_of
from ..shared import LARGE, TINY, WITHOUT_AUTOGRAD, finite_difference


def layer_backward(X, W, G):
    return X.T @ G, G @ W.T, G.sum(dim=0)


def _inputs_11_1(rng: Random, sign: int) -> tuple[Tensor, Tensor, Tensor]:
    """X (n, d), W (d, k) and G (n, k), of which no two of n, d and k are equal. Some X or W has a very large element."""
    n, d, k = rng.sample((2, 3, 4, 5), 3)
    X, W, G = matrix(rng, sign, n, d), matrix(rng, sign, d, k), matrix(rng, 0, n, k)
    if not sign and (large := turn(rng, (None, X, W))) is not None:
        large[0, 0] *= LARGE
    return X, W, G


def _has_large(*tensors: Tensor) -> bool:
    return any(bool(tensor.abs().max() > LARGE / 8) for tensor in tensors)


_EXERCISE_11_1 = Exercise(
    id="11.1",
    kind="function",
    difficulty=1,
    minutes=6,
    statement=Text(
        en="Write the backward pass of $Y = XW + b$ by hand: `layer_backward(X, W, G)` receives `X` `(n, d)`, `W` "
        "`(d, k)` and the arriving `G` `(n, k)`, and returns the gradients of `W`, `X` and `b`, in this order.",
        zh="请手工写出$Y = XW + b$的反向传播。函数`layer_backward(X, W, G)`接收形状为`(n, d)`的`X`、`(d, k)`的`W`"
        "和传来的`(n, k)`的`G`，按`W`、`X`、`b`的顺序返回它们的梯度。",
    ),
    names=("dW", "dX", "db"),
    reference=layer_backward,
    inputs=_inputs_11_1,
    hints=(
        Text(
            en="Write the shapes down: each gradient has the shape of its tensor. Which product of two of the three "
            "matrices fits?",
            zh="先写出各个形状，梯度与它的张量形状相同。三个矩阵中取两个，怎样相乘才得到这个形状？",
        ),
        Text(
            en="For W sum over the n examples, for X over the k outputs. What is summed stands inside the product.",
            zh="对W要在n个样本上求和，对X要在k个输出上求和。求和的那一维应位于乘积的内侧。",
        ),
        Text(
            en="b was added to every row, so its gradient adds up the rows of G.",
            zh="b加到了每一行上，所以它的梯度是G的各行之和。",
        ),
    ),
    solution=source_of(layer_backward),
    misconceptions=(
        Misconception(
            "transposed",
            Text(
                en="This is the gradient of W transposed, as nn.Linear keeps it, with shape (k, d). Here W is (d, k).",
                zh="这是W的转置的梯度，形状为(k, d)，`nn.Linear`就是这样存放的。而这里的W是(d, k)。",
            ),
            gives=lambda X, W, G: (G.T @ X, G @ W.T, G.sum(dim=0)),
        ),
        Misconception(
            "mean_of_rows",
            Text(
                en="db is the mean of the rows of G here. The loss may take a mean, and then G holds that factor "
                "already; the layer itself only adds.",
                zh="这里的db是G各行的平均，而这一层只做加法。如果损失取了平均，那个系数已经包含在G里。",
            ),
            gives=lambda X, W, G: (X.T @ G, G @ W.T, G.mean(dim=0)),
        ),
        Misconception(
            "rows_not_added",
            Text(
                en="This db is G itself, one row for each example. b has one row only, which all examples share.",
                zh="这里的db就是G本身，每个样本一行。而b只有一行，由所有样本共用。",
            ),
            gives=lambda X, W, G: (X.T @ G, G @ W.T, G),
        ),
        Misconception(
            "wrong_axis",
            Text(
                en="G was added along the wrong axis: db needs one number for each output, not one for each example.",
                zh="G求和的方向不对，db应当是每个输出一个数，而不是每个样本一个数。",
            ),
            gives=lambda X, W, G: (X.T @ G, G @ W.T, G.sum(dim=1)),
        ),
        Misconception(
            "shapes",
            Text(
                en="These two matrices do not fit together. The sizes that meet in the middle of a product must be "
                "equal, and they are what is summed over.",
                zh="这两个矩阵的形状不能相乘。乘积中相邻的两个维度必须相等，求和正是沿着它进行的。",
            ),
            error="shapes cannot be multiplied",
        ),
        finite_difference(layer_backward, lambda X, W, G: _has_large(X, W)),
    ),
    rules=(WITHOUT_AUTOGRAD,),
)


def logit_grad(Z, y):
    p = torch.softmax(Z, dim=1)
    target = torch.nn.functional.one_hot(y, Z.shape[1])
    return (p - target) / len(Z)


def _inputs_11_2(rng: Random, sign: int) -> tuple[Tensor, Tensor]:
    """Z (n, k) with n unlike k, and y (n,) in which not all classes are alike.

    If sign is 0 the last class does not occur, and some Z makes the right class so unlikely that the loss is very large.
    """
    n, k = rng.sample((2, 3, 4, 5), 2) if sign else (rng.choice((2, 3)), rng.choice((4, 5)))
    used = k if sign else k - 1
    y = [rng.randrange(used) for _ in range(n)]
    y[0], y[1] = 0, used - 1
    Z = matrix(rng, sign, n, k)
    if not sign and turn(rng, (False, False, True)):
        Z[0, 0] = -LARGE
    return Z, torch.tensor(y)


def _minus_target(p: Tensor, y: Tensor) -> Tensor:
    return p - torch.nn.functional.one_hot(y, p.shape[1])


_EXERCISE_11_2 = Exercise(
    id="11.2",
    kind="function",
    difficulty=2,
    minutes=7,
    statement=Text(
        en="`logit_grad(Z, y)` receives logits `Z` `(n, k)` and classes `y` `(n,)`, integers. It returns, by hand, "
        "the gradient of `F.cross_entropy(Z, y)` with respect to `Z`, shape `(n, k)`. The loss is the **mean** over "
        "the examples.",
        zh="`logit_grad(Z, y)`接收形状为`(n, k)`的未规范化的预测`Z`和形状为`(n,)`的整数类别`y`。请手工求出`F.cross_entropy(Z, y)`对`Z`的"
        "梯度并返回，形状为`(n, k)`。这个损失是各样本的**平均**。",
    ),
    reference=logit_grad,
    inputs=_inputs_11_2,
    hints=(
        Text(
            en="For one example the gradient is p minus a vector that has a single 1. Where does the 1 stand?",
            zh="对于一个样本，梯度是p减去一个只含单个1的向量。这个1在哪个位置？",
        ),
        Text(
            en="softmax runs along each row, so dim=1. F.one_hot(y, k) makes all the vectors with a 1 at once.",
            zh="softmax沿每一行计算，所以dim=1。F.one_hot(y, k)可以一次得到所有这样的向量。",
        ),
        Text(
            en="The mean divides the loss of each example by n, and so its gradient, too.",
            zh="取平均使每个样本的损失都除以n，它的梯度也同样要除以n。",
        ),
    ),
    solution=source_of(logit_grad),
    misconceptions=(
        Misconception(
            "sum_for_mean",
            Text(
                en="n times too large: this is the gradient of the sum of the losses. F.cross_entropy takes the mean.",
                zh="结果是应有值的n倍。这是各个损失之和的梯度，而F.cross_entropy取的是平均。",
            ),
            gives=lambda Z, y: _minus_target(torch.softmax(Z, 1), y),
        ),
        Misconception(
            "target_minus_p",
            Text(
                en="The sign is wrong: this is the direction in which to step, the negative of the gradient.",
                zh="符号反了，这是更新的方向，即负梯度。",
            ),
            gives=lambda Z, y: -_minus_target(torch.softmax(Z, 1), y) / len(Z),
        ),
        Misconception(
            "target_forgotten",
            Text(
                en="These are the probabilities alone: the right class has not been subtracted, so every logit would "
                "be pushed down.",
                zh="这只是概率，没有减去正确的类别，于是每个预测值都会被压低。",
            ),
            gives=lambda Z, y: torch.softmax(Z, 1) / len(Z),
        ),
        Misconception(
            "softmax_over_examples",
            Text(
                en="softmax ran down the columns, so that the examples compete with each other. The classes of one "
                "example should.",
                zh="softmax沿列计算了，使各个样本的概率之和为1。应当使同一个样本的各个类别的概率之和为1。",
            ),
            gives=lambda Z, y: _minus_target(torch.softmax(Z, 0), y) / len(Z),
        ),
        Misconception(
            "whole_columns",
            Text(
                en="p[:, y] are whole columns. Each row has one right class only.",
                zh="p[:, y]取出的是整列。而每一行只有一个正确的类别。",
            ),
            gives=lambda Z, y: (torch.softmax(Z, 1) - torch.isin(torch.arange(Z.shape[1]), y).float()) / len(Z),
        ),
        Misconception(
            "divided_by_all",
            Text(
                en="Divided by the number of elements, n times k. The mean is over the n examples.",
                zh="这里除以了元素的总数，即n × k。平均只对n个样本进行。",
            ),
            gives=lambda Z, y: _minus_target(torch.softmax(Z, 1), y) / Z.numel(),
        ),
        Misconception(
            "logits_for_p",
            Text(
                en="The target was subtracted from the logits. It belongs to the probabilities, softmax of them.",
                zh="这里是从未规范化的预测里减去目标，而应当从它们的softmax（即概率）里减。",
            ),
            gives=lambda Z, y: _minus_target(Z, y) / len(Z),
        ),
        finite_difference(logit_grad, lambda Z, y: _has_large(Z)),
    ),
    rules=(WITHOUT_AUTOGRAD,),
)


def hidden_grad(H, W2, dZ):
    dA = dZ @ W2.T
    return dA * (H > 0)


def _inputs_11_3(rng: Random, sign: int) -> tuple[Tensor, Tensor, Tensor]:
    """H (n, h) with a 0 in it, and a tiny number if sign is 0; W2 (h, k) and dZ (n, k), whose product has no 0."""
    n, h, k = rng.sample((2, 3, 4, 5), 3)
    while True:
        H, W2, dZ = matrix(rng, sign, n, h), matrix(rng, 0, h, k), matrix(rng, 0, n, k)
        if (dZ @ W2.T).all():
            H[0, h - 1] = 0.0
            if not sign:
                H[1, 0] = TINY
            return H, W2, dZ


_EXERCISE_11_3 = Exercise(
    id="11.3",
    kind="function",
    difficulty=2,
    minutes=6,
    statement=Text(
        en="In the network of the lesson $A = \\mathrm{ReLU}(H)$ and $Z = A W_2 + b_2$. `hidden_grad(H, W2, dZ)` "
        "returns the gradient of `H`, shape `(n, h)`, by hand. Where an element of `H` is 0, do as PyTorch does.",
        zh="在正文的网络里，$A = \\mathrm{ReLU}(H)$，$Z = A W_2 + b_2$。`hidden_grad(H, W2, dZ)`手工求出`H`的梯度并返回，形状为`(n, h)`。"
        "`H`的元素为0时，与PyTorch的做法一致。",
    ),
    reference=hidden_grad,
    inputs=_inputs_11_3,
    hints=(
        Text(
            en="Two steps, from the end: first through the second layer to A, then through ReLU to H.",
            zh="从后往前分两步：先穿过第二层到达A，再穿过ReLU到达H。",
        ),
        Text(
            en="The first step is the dX of a linear layer. The second lets an element through or stops it.",
            zh="第一步就是线性层的dX。第二步使每个元素保持不变，或者变为0。",
        ),
        Text(
            en="What decides is the sign of H in the forward pass, not the sign of the gradient. At 0 ReLU's slope "
            "in PyTorch is 0.",
            zh="这由前向传播时H的符号决定，而不是由梯度的符号决定。在0处，PyTorch给ReLU取的导数是0。",
        ),
    ),
    solution=source_of(hidden_grad),
    misconceptions=(
        Misconception(
            "without_mask",
            Text(
                en="This is the gradient of A. ReLU is still missing: where H is not positive nothing gets through.",
                zh="这是A的梯度，还没有经过ReLU。在H不为正处，梯度应为0。",
            ),
            gives=lambda H, W2, dZ: dZ @ W2.T,
        ),
        Misconception(
            "relu_of_the_gradient",
            Text(
                en="Negative gradients were set to 0. ReLU's backward looks at the sign of H, and lets negative "
                "gradients through as well.",
                zh="这里把负的梯度变成了0。ReLU的反向传播由H的符号决定，负的梯度同样可以传回。",
            ),
            gives=lambda H, W2, dZ: (dZ @ W2.T).relu(),
        ),
        Misconception(
            "times_the_value",
            Text(
                en="The gradient was multiplied by A, the value. The slope of ReLU is 1 or 0.",
                zh="这里把梯度乘上了A的值。而ReLU的导数只是1或0。",
            ),
            gives=lambda H, W2, dZ: (dZ @ W2.T) * H.relu(),
        ),
        Misconception(
            "open_at_zero",
            Text(
                en="Where H is 0 the gradient got through. There is no derivative at the corner, and PyTorch takes 0.",
                zh="在H为0处，这里保留了梯度。ReLU在0处不可导，PyTorch取0。",
            ),
            gives=lambda H, W2, dZ: (dZ @ W2.T) * (H >= 0),
        ),
        Misconception(
            "half_at_zero",
            Text(
                en="Where H is 0, or nearly so, half of the gradient got through: a central difference reaches to both "
                "sides of the corner (lesson 01). This exercise asks for the formula.",
                zh="H为0或几乎为0时，这里让梯度通过了一半。中心差分取到了拐点的两侧，所以得到一半（第01课）。这里要用公式。",
            ),
            gives=lambda H, W2, dZ: (dZ @ W2.T) * ((H > 2 * TINY) + 0.5 * ((H >= 0) & (H <= 2 * TINY))),
        ),
        Misconception(
            "closed_where_tiny",
            Text(
                en="Where H is positive but tiny nothing got through. ReLU's slope is 1 there as well; neither a "
                "threshold above 0 nor a difference, whose step is larger than H, can tell.",
                zh="H为极小的正数时，这里没有让梯度通过。而ReLU在那里的导数也是1。无论是用大于0的阈值，还是用步长大于H的差分，都看不出这一点。",
            ),
            gives=lambda H, W2, dZ: (dZ @ W2.T) * (H > 2 * TINY),
        ),
        Misconception(
            "other_side",
            Text(
                en="The mask is the wrong way round: what was positive in forward is what gets through.",
                zh="掩码反了，只有前向传播时为正的元素，梯度才能传回。",
            ),
            gives=lambda H, W2, dZ: (dZ @ W2.T) * (H < 0),
        ),
        Misconception(
            "shapes",
            Text(
                en="The matrices do not fit together: on the way back the weights stand transposed.",
                zh="两个矩阵的形状不能相乘，往回传时，权重要转置。",
            ),
            error="shapes cannot be multiplied",
        ),
    ),
    rules=(WITHOUT_AUTOGRAD,),
)

EXERCISES = (_EXERCISE_11_1, _EXERCISE_11_2, _EXERCISE_11_3)
