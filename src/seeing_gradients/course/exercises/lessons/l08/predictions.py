"""Predictions 08.p1 to 08.p4; the answers come from running PyTorch."""

import torch

from ...spec import Prediction, Text
from ..shared import gradient


def _number_saved_for_a_factor() -> int:
    """The index of the right choice: what PyTorch saves of 3 * 5, before any backward, for the gradient of the 3."""
    a = torch.tensor(3.0, requires_grad=True)
    saved = getattr(a * torch.tensor(5.0), "grad_fn")._saved_other  # noqa: B009
    return [3.0, 5.0, 15.0].index(saved.item())


def _overwritten_gradient() -> int:
    """The index of the right choice: what is left at x of y = x a, a = x + 2, if backward overwrites instead of adding."""
    x = torch.tensor(3.0, requires_grad=True)
    a = x + 2
    of_product = torch.autograd.grad(x * a.detach(), x)[0]  # written first
    of_sum = torch.autograd.grad(x.detach() * a, x)[0]  # written over it, once a has its gradient
    return [of_product + of_sum, of_product, of_sum].index(of_sum)


def _gradient_of_a_broadcast() -> float:
    b = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    (2 * (torch.zeros(4, 3) + b)).sum().backward()
    return gradient(b)[0].item()


def _gradient_of_a_shared_node() -> float:
    """The gradient at x = 1 of y = a (a + 1) with a = 2x. Backward must add both gradients of a before it goes on."""
    x = torch.tensor(1.0, requires_grad=True)
    a = 2 * x
    (a * (a + 1)).backward()
    return gradient(x).item()


PREDICTIONS = (
    Prediction(
        id="08.p1",
        kind="choice",
        question=Text(
            en="c = a · b, with a = 3 and b = 5. On the way back the engine must know how `c` changes with `a`. Which number does "
            "it write down for `a` when it computes the product?",
            zh="c = a · b，a = 3，b = 5。反向传播时，引擎要知道c怎样随a变化。计算乘积时，它要为a记下哪个数？",
        ),
        options=(
            Text(en="3, the value of a", zh="a的值3"),
            Text(en="5, the value of b", zh="b的值5"),
            Text(en="15, the product", zh="乘积15"),
            Text(en="none yet: it is known only when backward runs", zh="还没有，到反向传播时才知道"),
        ),
        actual=_number_saved_for_a_factor,
        why=Text(
            en="For each unit of a, c changes by b, and b is there when the product is computed. PyTorch saves it at that "
            "moment, too.",
            zh="a每增加1，c增加b，而计算乘积时b是已知的。PyTorch也是在这时把它保存下来的。",
        ),
    ),
    Prediction(
        id="08.p2",
        kind="choice",
        question=Text(
            en="With `=` in place of `+=`: what does this backward leave in `x.grad` for y = x·(x + 2) at x = 3?",
            zh="如果把`+=`换成`=`，对y = x·(x + 2)在x = 3处做这样的反向传播，`x.grad`会是多少？",
        ),
        options=(
            Text(en="8, the right gradient", zh="8，即正确的梯度"),
            Text(en="5, what the product sends", zh="5，即乘法传回的梯度"),
            Text(en="3, what the sum sends", zh="3，即加法传回的梯度"),
        ),
        actual=_overwritten_gradient,
        why=Text(
            en="The product runs first and writes 5; the sum runs after it and writes 3 over that. Added, they are 8.",
            zh="乘法的反向先运行，写入5，加法的反向后运行，用3覆盖了它。两者相加才是8。",
        ),
    ),
    Prediction(
        id="08.p3",
        kind="number",
        question=Text(
            en="a = 2x, b = a + 1, y = a · b. What is dy/dx at x = 1?",
            zh="a = 2x，b = a + 1，y = a · b。x = 1处的dy/dx是多少？",
        ),
        actual=_gradient_of_a_shared_node,
        why=Text(
            en="y = 4x² + 2x. The gradients 3 and 2 meet at a, and only their sum may go on: 2 · 5.",
            zh="y = 4x² + 2x。两个梯度3和2在a处相加，然后再往回传2 · 5。",
        ),
    ),
    Prediction(
        id="08.p4",
        kind="number",
        question=Text(
            en="b has shape (3,) and is added to each row of a (4, 3) matrix; the loss is twice the sum. What is the "
            "first element of b.grad?",
            zh="b的形状是(3,)，把它加到一个(4, 3)矩阵的每一行上，损失取所有元素之和的两倍。b.grad的第一个元素是多少？",
        ),
        actual=_gradient_of_a_broadcast,
        why=Text(
            en="Each element of b was used in four rows, so four times a 2 comes back, and they are added.",
            zh="b的每个元素都用在四行里，所以有四个2传回并相加。",
        ),
    ),
)
