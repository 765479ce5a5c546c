"""Exercises 03.1, 03.2, 03.3, 03.4.

A gradient on paper, row-wise norms, the gradients of the norm and of a ridge loss.
"""

import math
from random import Random
from typing import Any

import torch
from torch import Tensor

from ...comparison import NotPlainError, compare, plain
from ...harness.rules import differentiates, has_gram_matrix, has_loop, leaves_the_graph
from ...harness.runs import on_the_graph, without_recording
from ...random_inputs import again, matrix, number, turn, vector
from ...spec import Exercise, Misconception, Rule, Text
from ...variants import varied
from ..shared import finite_difference


def _exercise_03_1(c: int, a: int, b: int) -> Exercise:
    y = c * (a * a + b * b)
    return Exercise(
        id="03.1",
        kind="value",
        difficulty=1,
        minutes=4,
        statement=Text(
            en=f"$y = {c}\\, x^\\top x$ at $x = ({a}, {b})$. On paper: the value of $y$ and both elements of its "
            "gradient.",
            zh=f"$y = {c}\\, x^\\top x$，$x = ({a}, {b})$。请在纸上算出$y$的值和梯度的两个元素。",
        ),
        names=("y", "∂y/∂x₁", "∂y/∂x₂"),
        reference=(y, 2 * c * a, 2 * c * b),
        hints=(
            Text(en=f"Write the sum out: y = {c} (x₁² + x₂²).", zh=f"把求和式展开：y = {c}(x₁² + x₂²)。"),
            Text(
                en="For ∂y/∂x₁ only the term with x₁ counts, and it is a square.",
                zh="求∂y/∂x₁时，只有含x₁的那一项起作用，而它是一个平方。",
            ),
            Text(
                en=f"In the lesson the factor is 2 and the gradient 4x. What does a factor {c} give?",
                zh=f"正文前面的系数是2，梯度是4x。系数换成{c}呢？",
            ),
        ),
        solution=f"y, dy1, dy2 = {c} * ({a}**2 + ({b}) ** 2), {c} * 2 * {a}, {c} * 2 * {b}",
        misconceptions=(
            Misconception(
                "factor_of_the_square",
                Text(
                    en="The factor 2 of the square's derivative is missing: the slope of x₁² is not x₁.",
                    zh="少了平方的导数里的因子2，x₁²的导数不是x₁。",
                ),
                gives=(y, c * a, c * b),
            ),
            Misconception(
                "factor_in_front",
                Text(
                    en=f"The {c} in front is missing: it multiplies the value and every slope.",
                    zh=f"少了前面的系数{c}，值和每个导数都要乘上它。",
                ),
                gives=(a * a + b * b, 2 * a, 2 * b),
            ),
            Misconception(
                "factor_in_the_value_only",
                Text(
                    en=f"The value has its factor {c} and the gradient has lost it. A constant factor stays "
                    "in the derivative.",
                    zh=f"值里有系数{c}，梯度里却丢了。求导时，常数因子保持不变。",
                ),
                gives=(y, 2 * a, 2 * b),
            ),
            Misconception(
                "sign_lost",
                Text(
                    en="A square is never negative, but its slope can be: left of 0 the square falls.",
                    zh="平方没有负号，导数却可以为负，因为在0的左边，平方是递减的。",
                ),
                gives=(y, 2 * c * a, -2 * c * b),
            ),
        ),
    )


_EXERCISE_03_1 = varied(
    _exercise_03_1, (3, 2, -1), range(3, 8), range(1, 5), range(-4, 0), fits=lambda c, a, b: a != -b
)


# The next three references differ from the worked solutions, which write out the formulas of the lesson. The references
# use PyTorch's own norm, as most answers do, so that such answers agree with them exactly.


def _batch_norms(X: Tensor) -> Tensor:
    return torch.linalg.vector_norm(X, dim=1)


def _inputs_03_2(rng: Random, sign: int) -> tuple[Tensor]:
    """A batch (B, 3): for sign 1 a single vector, for -1 some of them, for 0 so many that a loop shows in the graph."""
    return (matrix(rng, sign, {1: 1, -1: rng.choice((2, 4)), 0: rng.choice((12, 13))}[sign], 3),)


_EXERCISE_03_2 = Exercise(
    id="03.2",
    kind="function",
    difficulty=2,
    minutes=7,
    statement=Text(
        en="`batch_norms(X)` receives a batch `(B, N)`, one vector per row, and returns the L2 norm of every row, shape "
        "`(B,)`. The recorded graph is checked as well: no loop over the rows, and no Gram matrix `(B, B)` on the way.",
        zh="`batch_norms(X)`接收形状为`(B, N)`的一批向量，每行一个，返回每一行的L2范数，形状为`(B,)`。检查还会查看"
        "所记录的计算图，不能逐行循环，中间也不能出现格拉姆矩阵`(B, B)`。",
    ),
    reference=_batch_norms,
    run=on_the_graph,
    inputs=_inputs_03_2,
    hints=(
        Text(
            en="A norm is a square root of a sum of squares. Along which of the two dimensions do you sum?",
            zh="范数是平方和的平方根。两个维度里，该沿哪一个求和？",
        ),
        Text(
            en="The elements of a row lie along dimension 1: .sum(dim=1) leaves one number per row.",
            zh="同一行的元素沿维度1排列，.sum(dim=1)为每一行留下一个数。",
        ),
        Text(
            en="Square element by element, sum along dimension 1, take the root; or look for dim in the documentation "
            "of torch.linalg.vector_norm.",
            zh="先按元素平方，再沿维度1求和，最后开方。也可以用torch.linalg.vector_norm的dim参数。",
        ),
    ),
    solution="def batch_norms(X):\n    return (X * X).sum(dim=1).sqrt()",
    misconceptions=(
        Misconception(
            "squared",
            Text(
                en="These are the squared norms, the dot product of each row with itself. One step is missing.",
                zh="这是范数的平方，即每一行与自身的点积。还要开方。",
            ),
            gives=lambda X: (X * X).sum(1),
        ),
        Misconception(
            "columns",
            Text(
                en="One norm per column: dim=0 sums over the batch, from top to bottom. Here each vector is a row.",
                zh="这是每一列的范数，dim=0是对各行求和。而这里每个向量是一行。",
            ),
            gives=lambda X: X.norm(dim=0),
        ),
        Misconception(
            "whole_matrix",
            Text(
                en="One number for the whole matrix: without dim everything is summed.",
                zh="整个矩阵只得到一个数，因为不写dim时，所有元素都会加在一起。",
            ),
            gives=lambda X: X.norm(),
        ),
        Misconception(
            "sum_of_elements",
            Text(
                en="The elements were added without being squared, so positive and negative ones cancel.",
                zh="元素没有平方就相加了，正负会互相抵消。",
            ),
            gives=lambda X: X.sum(1),
        ),
        Misconception(
            "kept_dimension",
            Text(
                en="The numbers form a column (B, 1). keepdim=True keeps the dimension that was summed; the result "
                "should be (B,).",
                zh="结果是一列，形状为(B, 1)。keepdim=True保留了求和的那一维，而这里要的是(B,)。",
            ),
            gives=lambda X: X.norm(dim=1, keepdim=True),
        ),
    ),
    rules=(
        Rule(
            "off_the_graph",
            Text(
                en="The values are right, but nothing was recorded: they were computed outside torch, or detached. No "
                "gradient could come back this way.",
                zh="值是对的，但没有记录任何运算。它们是在torch之外算出的，或者被分离了，梯度无法由此返回。",
            ),
            leaves_the_graph,
        ),
        Rule(
            "gram_matrix",
            Text(
                en="The values are right, but on the way there is a matrix of B times B numbers, the products of every row "
                "with every other, of which only the diagonal is used.",
                zh="值是对的，但中间出现了B × B的矩阵。每一行都与每一行做了点积，而用到的只有对角线。",
            ),
            has_gram_matrix,
        ),
        Rule(
            "loop",
            Text(
                en="The values are right, but the graph grows with the number of rows: for 12 rows it holds 12 "
                "operations or more. One operation can serve all rows.",
                zh="值是对的，但计算图随行数增长，12行就有12个甚至更多运算。一个运算就能处理所有的行。",
            ),
            has_loop,
        ),
    ),
)


def _norm_grad(x: Tensor) -> Tensor:
    n = torch.linalg.vector_norm(x)
    return x / n if n > 0 else torch.zeros_like(x)


def _inputs_03_3(rng: Random, sign: int) -> tuple[Tensor]:
    """A positive vector for sign 1, one with both signs for -1, the zero vector for 0; every check draws all three.

    Some are short, so that an answer that takes short vectors for 0 is seen, and some are so long that a difference of
    norms is lost. One of ordinary length has an element 0, of which no step can be a part.
    """
    if sign == 0:
        return (torch.zeros(rng.randint(2, 4)),)
    scale = turn(rng, (1.0, 2.0**-5, 2.0**-10) if sign > 0 else (1.0, 2.0**-10, _LARGE), sign)
    x = vector(rng, max(sign, 0)) * scale
    return (torch.cat([x, torch.zeros(1)]) if sign < 0 and scale == 1 else x,)


def _differences_03_3(x: Tensor) -> tuple[Tensor, ...]:
    """What differences give: with steps that are long beside a short x, and with steps that are parts of the elements.

    Where x has an element 0, such a step is 0, and the quotient is nan. Beside x = 0 all differences of one side are 1
    or -1; an answer may give that for other reasons.
    """
    fixed = []
    for step in (1e-2, 1e-3, 1e-4) if x.any() else ():
        moves = step * torch.eye(len(x), dtype=torch.float64)
        up, middle, down = ((x + side * moves).norm(dim=1) for side in (1, 0, -1))
        fixed += [(up - down) / (2 * step), (up - middle) / step, (middle - down) / step]
    return _norm_grad(x).masked_fill(x == 0, math.nan), *fixed


_LARGE = 2.0**50  # its square still fits into float32


_AUTOGRAD = Misconception(
    "autograd",
    Text(
        en="Here autograd is switched off: compute the gradient from the formula.",
        zh="这里关闭了自动微分，梯度要由公式算出。",
    ),
    error="does not require grad",
)

_BY_FORMULA = Rule(
    "autograd_after_all",
    Text(
        en="The values are right, but they were sent back through a graph: here the gradient must come from the "
        "formula.",
        zh="值是对的，但它们是由反向传播得到的，而这里要由公式算出梯度。",
    ),
    differentiates,
)

_EXERCISE_03_3 = Exercise(
    id="03.3",
    kind="function",
    difficulty=2,
    minutes=6,
    statement=Text(
        en="`norm_grad(x)` returns the gradient of $\\|x\\|_2$ by its formula, without autograd, and zeros where "
        "$x = 0$, as PyTorch does.",
        zh=r"`norm_grad(x)`用公式（不用自动微分）算出$\|x\|_2$的梯度。在$x = 0$处，与PyTorch一样返回零向量。",
    ),
    reference=_norm_grad,
    run=without_recording,
    inputs=_inputs_03_3,
    hints=(
        Text(
            en="Chain rule: the norm is a square root of x₁² + x₂² + ... What is the slope of a root, and what of the "
            "inside?",
            zh="用链式法则。范数是x₁² + x₂² + …的平方根，平方根的导数是什么？被开方的式子的导数又是什么？",
        ),
        Text(
            en="1 / (2‖x‖) from the root, 2x from the squares. What remains has length 1, wherever x is not 0.",
            zh="平方根的导数是1 / (2‖x‖)，平方的导数是2x。只要x不是0，所得的向量长度恒为1。",
        ),
        Text(
            en="Divide x by its norm, and before that ask whether the norm is 0.",
            zh="用x除以它的范数。在此之前，先判断范数是不是0。",
        ),
    ),
    solution="def norm_grad(x):\n"
    "    n = torch.sqrt(torch.dot(x, x))\n"
    "    return x / n if n > 0 else torch.zeros_like(x)",
    misconceptions=(
        Misconception(
            "nan_at_zero",
            Text(
                en="Right except at x = 0, where 0 is divided by 0 and gives nan.",
                zh="只有x = 0处不对，那里是0除以0，得到nan。",
            ),
            gives=lambda x: x / x.norm(),
        ),
        Misconception(
            "number_at_zero",
            Text(
                en="Right except at x = 0, where it is a single number. A gradient has the shape of x, there too.",
                zh="只有x = 0处不对，那里返回的是一个数。梯度的形状总与x相同，在0处也一样。",
            ),
            recognises=lambda received, x: (
                not x.any() and plain(received).shape == () and not plain(received).numbers[0]
            ),
        ),
        finite_difference(_norm_grad, lambda x: bool(x.abs().max() > _LARGE / 8), _differences_03_3),
        Misconception(
            "of_the_square",
            Text(
                en="This is the gradient of the squared norm, which grows with x. The root is missing.",
                zh="这是范数的平方的梯度，它随x增大。少了开方这一步。",
            ),
            recognises=lambda received, x: _is_like(received, 2 * x) and bool(x.any()),
        ),
        Misconception(
            "x_itself",
            Text(
                en="This is x. The gradient of the norm points the same way, but its length does not depend on x.",
                zh="这就是x本身。范数的梯度方向与它相同，但长度与x无关。",
            ),
            recognises=lambda received, x: _is_like(received, x) and bool(x.any()),
        ),
        Misconception(
            "root_halved",
            Text(
                en="Half of what it should be: the ½ of the root's derivative is there, the 2 of the square's is not.",
                zh="只有应有的一半，因为写了平方根的导数里的½，却漏了平方的导数里的2。",
            ),
            recognises=lambda received, x: bool(x.any()) and _is_like(received, x / (2 * x.norm())),
        ),
        Misconception(
            "divided_by_the_square",
            Text(
                en="This divides by the squared norm. In the derivative of a root, the denominator is the root, not "
                "what is inside it.",
                zh="这里除以了范数的平方。平方根的导数，分母应当是平方根，而不是被开方数。",
            ),
            recognises=lambda received, x: bool(x.any()) and _is_like(received, x / torch.dot(x, x)),
        ),
        _AUTOGRAD,
    ),
    rules=(_BY_FORMULA,),
)


def _is_like(received: Any, expected: Tensor) -> bool:
    try:
        return compare(plain(received), plain(expected)).kind == "none"
    except NotPlainError:
        return False


def _ridge_grad(w: Tensor, X: Tensor, y: Tensor, lam: float) -> Tensor:
    return 2 * X.T @ (X @ w - y) / len(y) + 2 * lam * w


def _inputs_03_4(rng: Random, sign: int) -> tuple[Any, ...]:
    """w (2,), X (n, 2), y (n,), lam. Some y has an element so large that a difference of losses is lost."""
    n = rng.choice((3, 5))
    w, y = again(rng, sign, lambda: vector(rng, sign, 2)), vector(rng, sign, n)
    if not sign and turn(rng, (False, False, True)):
        y[0] *= _LARGE
    return w, matrix(rng, 0, n, 2), y, number(rng, 1, 2)


_EXERCISE_03_4 = Exercise(
    id="03.4",
    kind="function",
    difficulty=3,
    minutes=10,
    statement=Text(
        en="The loss of the lesson: $L = \\frac1n \\sum_i (x_i^\\top w - y_i)^2 + \\lambda\\, w^\\top w$. Write "
        "`ridge_grad(w, X, y, lam)`, its gradient with respect to `w` by the formula, without autograd. `X` is "
        "`(n, d)`, `w` is `(d,)`, `y` is `(n,)`.",
        zh=r"正文里的损失是$L = \frac1n \sum_i (x_i^\top w - y_i)^2 + \lambda\, w^\top w$。请写出"
        r"`ridge_grad(w, X, y, lam)`，用公式（不用自动微分）算出损失对`w`的梯度。`X`的形状是`(n, d)`，`w`是"
        r"`(d,)`，`y`是`(n,)`。",
    ),
    reference=_ridge_grad,
    run=without_recording,
    inputs=_inputs_03_4,
    hints=(
        Text(
            en="Two terms, two gradients, added. The second is λ times that of w·w.",
            zh="分别求两项的梯度，再相加。第二项的梯度是λ乘以w·w的梯度。",
        ),
        Text(
            en="With r = X @ w - y the first term is the mean of r². Its gradient with respect to r is 2r / n, and "
            "X.T takes that on to w.",
            zh="令r = X @ w - y，第一项就是r²的均值。它对r的梯度是2r / n，再乘以X的转置，就得到对w的梯度。",
        ),
        Text(
            en="To get from r, of shape (n,), to w, of shape (d,), multiply by X.T. Compare with autograd on a small example.",
            zh="要从形状为(n,)的r得到形状为(d,)的w，应当乘以X.T。可以用一个小例子与自动微分比较。",
        ),
    ),
    solution="def ridge_grad(w, X, y, lam):\n    r = X @ w - y\n    return 2 / len(y) * X.T @ r + 2 * lam * w",
    misconceptions=(
        Misconception(
            "without_penalty",
            Text(
                en="This is the gradient of the squared error alone; nothing pulls w towards 0.",
                zh="这只是平方误差的梯度，缺少使w趋向0的惩罚项。",
            ),
            gives=lambda w, X, y, lam: _ridge_grad(w, X, y, 0.0),
        ),
        Misconception(
            "penalty_without_two",
            Text(
                en="The penalty's part is half of what it should be: w·w is a sum of squares, and its gradient is 2w.",
                zh="惩罚项的梯度只有应有的一半，因为w·w是平方和，它的梯度是2w。",
            ),
            gives=lambda w, X, y, lam: _ridge_grad(w, X, y, lam / 2),
        ),
        Misconception(
            "sum_for_mean",
            Text(
                en="The error's part is n times too large: the loss takes the mean over the samples, not their sum.",
                zh="误差项的梯度是应有值的n倍，因为损失对样本取的是均值，不是和。",
            ),
            gives=lambda w, X, y, lam: 2 * X.T @ (X @ w - y) + 2 * lam * w,
        ),
        Misconception(
            "penalty_subtracted",
            Text(
                en="The penalty is subtracted. It is part of the loss; only the update subtracts, and it subtracts "
                "the whole gradient.",
                zh="这里减去了惩罚项。它是损失的一部分，应当加上。只有更新参数时才做减法，而且减的是整个梯度。",
            ),
            gives=lambda w, X, y, lam: _ridge_grad(w, X, y, -lam),
        ),
        Misconception(
            "value_of_the_penalty",
            Text(
                en="w·w is a number, and the same number was added to every element. The gradient of w·w is a vector.",
                zh="w·w是一个数，这里给每个元素都加上了同一个数。而w·w的梯度是一个向量。",
            ),
            gives=lambda w, X, y, lam: _ridge_grad(w, X, y, 0.0) + 2 * lam * torch.dot(w, w),
        ),
        Misconception(
            "downhill",
            Text(
                en="Every sign is reversed: this points downhill. The gradient points uphill, and the update subtracts it.",
                zh="每个元素的符号都反了，这是下降的方向。梯度指向上升的方向，更新参数时才减去它。",
            ),
            gives=lambda w, X, y, lam: -_ridge_grad(w, X, y, lam),
        ),
        Misconception(
            "residual_reversed",
            Text(
                en="The error's part has the wrong sign. (y − Xw)² is the same loss, but what is inside the brackets has the derivative −x.",
                zh="误差项的符号反了。(y − Xw)²是同样的损失，但括号里的式子对w的导数是−x。",
            ),
            gives=lambda w, X, y, lam: -2 * X.T @ (X @ w - y) / len(y) + 2 * lam * w,
        ),
        Misconception(
            "not_transposed",
            Text(
                en="X and the residuals do not fit: X is (n, d), and there are n residuals. Each residual "
                "multiplies its own row of X.",
                zh="X与残差的形状不匹配，X的形状是(n, d)，残差的形状是(n,)。每个样本的残差要乘以X中相应的一行。",
            ),
            error="size mismatch",
        ),
        _AUTOGRAD,
        finite_difference(_ridge_grad, lambda w, X, y, lam: bool(y.abs().max() > _LARGE / 8)),
    ),
    rules=(_BY_FORMULA,),
)

EXERCISES = (_EXERCISE_03_1, _EXERCISE_03_2, _EXERCISE_03_3, _EXERCISE_03_4)
