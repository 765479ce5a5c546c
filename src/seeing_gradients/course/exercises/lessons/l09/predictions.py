"""Predictions 09.p1 to 09.p5; the answers come from running PyTorch."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from ...spec import Prediction, Text
from ..shared import gradient


def _leaf(numbers: Sequence[float] = (0.0, 1.0, 2.0, 3.0)) -> Tensor:
    return torch.tensor(numbers, requires_grad=True)


def _raises(program: Callable[[], object]) -> bool:
    try:
        program()
    except RuntimeError:
        return True
    return False


def _add_one_to(y: Tensor) -> None:
    y += 1
    y.sum().backward()


def _which_one_fails() -> int:
    """The index of the right choice: the exponential only, the square only, both, neither."""
    exp, square = _raises(lambda: _add_one_to(_leaf().exp())), _raises(lambda: _add_one_to(_leaf() ** 2))
    return [(True, False), (False, True), (True, True), (False, False)].index((exp, square))


def _gradient_after_a_write_through_data() -> int:
    x = _leaf()
    y = x.exp()
    y.data.zero_()
    y.sum().backward()
    return 1 if not gradient(x).any() else 0 if torch.equal(gradient(x), x.detach().exp()) else 2


def _gradient_of_a_sum_after_two_passes() -> int:
    x = _leaf((1.0, 2.0))
    y = x.sum()
    y.backward()
    if _raises(y.backward):
        return 0
    return 1 if gradient(x).tolist() == [1, 1] else 2


def _gradient_of_where_with_sqrt() -> int:
    x = _leaf((-1.0, 4.0))
    torch.where(x > 0, torch.sqrt(x), 0.0).sum().backward()
    return 0 if gradient(x).tolist() == [0, 0.25] else 1 if gradient(x).isnan()[0] else 2


class _SavedTensor:
    """A box around a saved tensor."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor


def _saved_by_ten_losses() -> float:
    """The number of tensors that autograd saves for ten losses which a list keeps alive."""
    saved = []

    def pack(tensor: Tensor) -> _SavedTensor:
        saved.append(_SavedTensor(tensor.detach()))
        return saved[-1]

    w, x = torch.ones(1000, requires_grad=True), torch.ones(1000)
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda each: each.tensor):
        losses = [(w * x).exp().sum() for _ in range(10)]
    return float(len(saved)) if all(loss.grad_fn for loss in losses) else 0.0


PREDICTIONS = (
    Prediction(
        id="09.p1",
        kind="choice",
        question=Text(
            en="`y = x.exp()` or `y = x ** 2`, then `y += 1`, then `y.sum().backward()`. Which of the two raises?",
            zh="`y = x.exp()`或者`y = x ** 2`，然后`y += 1`，再`y.sum().backward()`。两者之中哪个会报错？",
        ),
        options=(
            Text(en="only the exponential", zh="只有指数函数"),
            Text(en="only the square", zh="只有平方"),
            Text(en="both", zh="两个都会"),
            Text(en="neither", zh="都不会"),
        ),
        actual=_which_one_fails,
        why=Text(
            en="The exponential saves its result, and that is what += changes. The square saves its input x, which "
            "nobody touched.",
            zh="指数函数保存的是自己的结果，+=改的正是它。平方保存的是输入x，没有人动过。",
        ),
    ),
    Prediction(
        id="09.p2",
        kind="choice",
        question=Text(
            en="`y` is set to zero through `.data`. What comes of backward?",
            zh="通过`.data`把`y`清零。反向传播会怎样？",
        ),
        code="y = x.exp()\ny.data.zero_()\ny.sum().backward()",
        options=(
            Text(en="x.grad is exp(x), as it should be", zh="x.grad是exp(x)，结果正确"),
            Text(en="x.grad is all zeros, no error", zh="x.grad全是零，没有报错"),
            Text(en="an error", zh="一条报错"),
        ),
        actual=_gradient_after_a_write_through_data,
        why=Text(
            en="Writing through .data does not move the version, so the guard sees nothing, and backward multiplies "
            "by the zeros.",
            zh="通过.data写入不会改变版本号，检查什么也没发现，反向传播就乘上了那些零。",
        ),
    ),
    Prediction(
        id="09.p3",
        kind="choice",
        question=Text(
            en="`y = x.sum()` at x = [1, 2]; `y.backward()` is called twice. What happens?",
            zh="`y = x.sum()`，x = [1, 2]，调用两次`y.backward()`。会发生什么？",
        ),
        options=(
            Text(en="an error, the graph is gone", zh="报错，计算图已经没了"),
            Text(en="x.grad stays [1, 1]", zh="x.grad仍是[1, 1]"),
            Text(en="x.grad becomes [2, 2]", zh="x.grad变成[2, 2]"),
        ),
        actual=_gradient_of_a_sum_after_two_passes,
        why=Text(
            en="What backward frees are saved tensors, and a sum saves none: it runs again, and .grad adds up.",
            zh="反向传播释放的是保存的张量，而求和什么也没保存：它又运行了一遍，.grad便累加了。",
        ),
    ),
    Prediction(
        id="09.p4",
        kind="choice",
        question=Text(en="What is `x.grad`?", zh="`x.grad`是什么？"),
        code="x = torch.tensor([-1.0, 4.0], requires_grad=True)\n"
        "y = torch.where(x > 0, torch.sqrt(x), 0.0)\ny.sum().backward()",
        options=(
            Text(en="[0.0000, 0.2500]", zh="[0.0000, 0.2500]"),
            Text(en="[nan, 0.2500]", zh="[nan, 0.2500]"),
            Text(en="an error", zh="一条报错"),
        ),
        actual=_gradient_of_where_with_sqrt,
        why=Text(
            en="Both branches are differentiated. At −1 the root's slope is nan, and choosing the other branch "
            "multiplies it by 0: nan.",
            zh="两个分支都会求导。在−1处平方根的斜率是nan，选另一支只是给它乘以0，结果仍是nan。",
        ),
    ),
    Prediction(
        id="09.p5",
        kind="number",
        question=Text(
            en="`w` requires grad, `x` does not. The list keeps ten losses, and backward is never called. How many "
            "saved tensors stay alive?",
            zh="`w`需要梯度，`x`不需要。列表里留着十个损失，从未调用backward。有多少个保存的张量还活着？",
        ),
        code="losses = []\nfor _ in range(10):\n    losses.append((w * x).exp().sum())",
        actual=_saved_by_ten_losses,
        why=Text(
            en="Two for each loss: the product saves x, its factor for the gradient of w, and exp saves its result. "
            "The sum saves none.",
            zh="每个损失两个：乘法保存了x，也就是w的梯度要乘的因子；exp保存了自己的结果。求和什么也不保存。",
        ),
    ),
)
