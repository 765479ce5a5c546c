"""Predictions 09.p1 to 09.p5; the answers come from running PyTorch."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from ...spec import Prediction, Text
from ..shared import gradient


def _batch() -> tuple[Tensor, Tensor]:
    """Ten points of the plane and their classes, six of the first and four of the second."""
    x = torch.randn(10, 2, generator=torch.Generator().manual_seed(0))
    return x, torch.tensor([0] * 6 + [1] * 4)


def _network() -> nn.Sequential:
    return nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 2))


def _training_of_a_replaced_layer() -> int:
    """The index of the right choice."""
    x, y = _batch()
    model = _network()
    sgd = torch.optim.SGD(model.parameters(), lr=0.5)
    head = model[2] = nn.Linear(4, 2)
    before = head.weight.detach().clone()
    functional.cross_entropy(model(x), y).backward()
    sgd.step()
    if torch.equal(head.weight, before):
        return 1 if gradient(head.weight).any() else 2
    return 0


def _parameters_with_a_gradient() -> int:
    """The index of the right choice, for a network whose weights and biases are all 0."""
    x, y = _batch()
    model = _network()
    for parameter in model.parameters():
        nn.init.zeros_(parameter)
    functional.cross_entropy(model(x), y).backward()
    reached = [bool(gradient(each).any()) for each in model.parameters()]
    return [[True] * 4, [False, False, True, True], [False, False, False, True], [False] * 4].index(reached)


def _numbers_in_the_difference() -> float:
    return float((torch.zeros(50, 1) - torch.zeros(50)).numel())


def _log_of_an_underflow() -> int:
    """The index of the right choice: loss and gradient of -log(softmax(z)[0]) at z = (0, 200)."""
    z = torch.tensor([0.0, 200.0], requires_grad=True)
    loss = -torch.log(torch.softmax(z, 0)[0])
    loss.backward()
    if loss.isinf():
        return 1 if gradient(z).isnan().any() else 2
    return 0


def _raises(activation: Callable[[Tensor], Tensor]) -> bool:
    x = torch.tensor([0.5, -1.0], requires_grad=True)
    h = activation(3 * x)
    h += 1
    try:
        h.sum().backward()
    except RuntimeError:
        return True
    return False


def _activations_that_raise() -> int:
    """The index of the right choice."""
    raising = [_raises(each) for each in (torch.sigmoid, torch.relu, functional.softplus)]
    choices = [[True, False, False], [True, True, False], [True, True, True], [False, False, False]]
    return choices.index(raising)


PREDICTIONS = (
    Prediction(
        id="09.p1",
        kind="choice",
        question=Text(
            en="The last layer is replaced after the optimizer was made. What does training do to the new layer?",
            zh="创建优化器之后，又换了最后一层。训练时，新的这一层会怎样？",
        ),
        code="sgd = torch.optim.SGD(model.parameters(), lr=1.0)\nmodel[2] = torch.nn.Linear(16, 2)",
        options=(
            Text(en="it trains like the others", zh="与其他层一样得到训练"),
            Text(en="it gets gradients, but never moves", zh="它得到梯度，却始终不更新"),
            Text(en="it gets no gradient", zh="它得不到梯度"),
        ),
        actual=_training_of_a_replaced_layer,
        why=Text(
            en="Backward goes through the layer that ran. The optimizer steps through the list of parameters that it was "
            "handed, and those are of the old layer.",
            zh="反向传播经过的是实际运行的层，而优化器更新的是创建时传给它的参数，它们属于旧的层。",
        ),
    ),
    Prediction(
        id="09.p2",
        kind="choice",
        question=Text(
            en="All weights and biases of a network with one hidden layer (tanh) are 0, and the classes are unequally "
            "large. Which parameters get a gradient other than 0 in the first step?",
            zh="网络含一层隐藏层（tanh），权重和偏置全是0，两类样本的个数不等。第一步里，哪些参数的梯度不为0？",
        ),
        options=(
            Text(en="all of them", zh="全部"),
            Text(en="weight and bias of the last layer", zh="最后一层的权重和偏置"),
            Text(en="only the bias of the last layer", zh="只有最后一层的偏置"),
            Text(en="none", zh="都为0"),
        ),
        actual=_parameters_with_a_gradient,
        why=Text(
            en="The last weight would need a hidden output other than 0, the hidden layer a last weight other than 0. A "
            "bias is only added.",
            zh="隐藏层的输出是0，所以最后一层的权重的梯度是0。最后一层的权重是0，所以隐藏层的梯度也是0。只有最后一"
            "层的偏置，其梯度与二者无关。",
        ),
    ),
    Prediction(
        id="09.p3",
        kind="number",
        question=Text(
            en="`pred` has the shape (50, 1), `y` has the shape (50,). How many numbers are in `(pred - y) ** 2`?",
            zh="`pred`的形状是(50, 1)，`y`的形状是(50,)。`(pred - y) ** 2`里有多少个数？",
        ),
        actual=_numbers_in_the_difference,
        why=Text(
            en="(50,) is read as (1, 50), and broadcasting makes (50, 50) of it: each prediction minus each label.",
            zh="(50,)被看作(1, 50)，广播之后是(50, 50)，即每个预测都减去每个标签。",
        ),
    ),
    Prediction(
        id="09.p4",
        kind="choice",
        question=Text(
            en="What does this give?",
            zh="这段代码会得到什么？",
        ),
        code="z = torch.tensor([0.0, 200.0], requires_grad=True)\nloss = -torch.log(torch.softmax(z, 0)[0])\n"
        "loss.backward()",
        options=(
            Text(en="loss 200, a finite gradient", zh="损失是200，梯度是有限的"),
            Text(en="loss inf, nan in the gradient", zh="损失是inf，梯度里有nan"),
            Text(en="loss inf, gradient 0", zh="损失是inf，梯度是0"),
        ),
        actual=_log_of_an_underflow,
        why=Text(
            en="The probability is e to the power −200, which float32 rounds to 0. The slope of log there is infinite, "
            "and softmax multiplies it by 0.",
            zh="概率是e的−200次方，在float32里舍入成0。log在0处的导数是无穷大，往回传到softmax时再乘以0，得到nan。",
        ),
    ),
    Prediction(
        id="09.p5",
        kind="choice",
        question=Text(
            en="`h = act(3 * x)`, then `h += 1`, then `h.sum().backward()`. For which `act` does it raise: sigmoid, relu, "
            "softplus?",
            zh="先`h = act(3 * x)`，再`h += 1`，然后`h.sum().backward()`。`act`是sigmoid、relu、softplus中的哪些时会报错？",
        ),
        options=(
            Text(en="sigmoid only", zh="只有sigmoid"),
            Text(en="sigmoid and relu", zh="sigmoid和relu"),
            Text(en="all three", zh="三个都会"),
            Text(en="none of them", zh="都不会"),
        ),
        actual=_activations_that_raise,
        why=Text(
            en="sigmoid and relu save their result for backward, and that is what += writes to. softplus saves its input.",
            zh="sigmoid和relu为反向传播保存的是自己的结果，+=修改的正是它，而softplus保存的是输入。",
        ),
    ),
)
