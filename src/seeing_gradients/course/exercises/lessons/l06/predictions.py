"""Predictions 06.p1 to 06.p4; the answers come from running PyTorch."""

import torch

from seeing_gradients.recorder import RecordingLimitError, record

from ...spec import Prediction, Text
from ..shared import gradient
from .exercises_1_to_3_loop import f


def _slope(number: float) -> float:
    a = torch.tensor(number, requires_grad=True)
    f(a).backward()
    return gradient(a).item()


def _kinds_of_operations() -> int:
    """The index of the right choice."""
    operations = {node.op for node in record(f, a=200.0).nodes if node.kind == "op"}
    return 0 if operations == {"mul"} else 1


def _outcome_at_zero() -> int:
    try:
        record(f, a=0.0, max_ops=200)
    except RecordingLimitError:
        return 3
    return 0


def _gradient_of_a_vector() -> int:
    a = torch.tensor([1.0, -2.0, 3.0], requires_grad=True)
    f(a).sum().backward()
    return [[512, -1024, 1536], [512, 51200, 512], [512, 512, 512]].index(gradient(a).tolist())


PREDICTIONS = (
    Prediction(
        id="06.p1",
        kind="number",
        question=Text(en="What is the slope of f at a = −1?", zh="f在a = −1处的导数是多少？"),
        code="a = torch.tensor(-1.0, requires_grad=True)\nf(a).backward()\na.grad",
        tolerance=0.5,
        actual=lambda: _slope(-1.0),
        why=Text(
            en="One doubling before the loop and nine inside it make 1024; the sum is negative, so the else branch "
            "multiplies by 100. The slope itself is positive.",
            zh="循环前加倍一次，循环里九次，共1024倍。和为负，所以else分支再乘以100。导数本身是正的。",
        ),
    ),
    Prediction(
        id="06.p2",
        kind="choice",
        question=Text(
            en="Which operations will the recorded graph of f at a = 200 contain?",
            zh="在a = 200处，f的计算图里会有哪些运算？",
        ),
        options=(
            Text(en="multiplications only", zh="只有乘法"),
            Text(en="multiplications, norms and sums", zh="乘法、范数和求和"),
            Text(en="a loop node and a branch node", zh="一个循环节点和一个分支节点"),
            Text(en="both branches", zh="两个分支都在"),
        ),
        actual=_kinds_of_operations,
        why=Text(
            en="norm and sum serve only to decide what is run next. Nothing leads from them to the output.",
            zh="norm和sum只用来决定接下来运行什么，没有路径从它们到输出。",
        ),
    ),
    Prediction(
        id="06.p3",
        kind="choice",
        question=Text(en="What does f do at a = 0?", zh="在a = 0处，f会怎样？"),
        options=(
            Text(en="returns 0 with slope 0", zh="返回0，导数是0"),
            Text(en="returns 0 with slope 200", zh="返回0，导数是200"),
            Text(en="raises an error", zh="报错"),
            Text(en="never returns", zh="一直不返回"),
        ),
        actual=_outcome_at_zero,
        why=Text(
            en="0 doubled stays 0, and 0 is less than 1000. Here the run was stopped after 200 operations.",
            zh="0加倍还是0，而0小于1000，所以循环不会结束。这里运算满200次就停止了。",
        ),
    ),
    Prediction(
        id="06.p4",
        kind="choice",
        question=Text(
            en="a = [1, −2, 3]. What is the gradient of the sum of f(a)?",
            zh="a = [1, −2, 3]。f(a)各元素之和的梯度是什么？",
        ),
        options=tuple(
            Text(en=text, zh=text) for text in ("[512, −1024, 1536]", "[512, 51200, 512]", "[512, 512, 512]")
        ),
        actual=_gradient_of_a_vector,
        why=Text(
            en="All elements are doubled together, and one sum chooses one branch for all: the same k for each "
            "element.",
            zh="所有元素一起加倍，并由总和决定执行哪个分支，所以每个元素的k都相同。",
        ),
    ),
)
