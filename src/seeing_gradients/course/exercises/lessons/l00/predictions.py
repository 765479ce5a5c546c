"""Prediction 00.p1; the answer comes from running PyTorch."""

import torch

from ...spec import Prediction, Text
from ..shared import gradient


def _slope_at_three() -> float:
    x = torch.tensor(3.0, requires_grad=True)
    (x * x).backward()
    return gradient(x).item()


PREDICTIONS = (
    Prediction(
        id="00.p1",
        kind="number",
        question=Text(en="What does `x.grad` hold after these lines?", zh="运行这几行之后，`x.grad`是多少？"),
        code="x = torch.tensor(3.0, requires_grad=True)\ny = x * x\ny.backward()",
        actual=_slope_at_three,
        why=Text(
            en="The slope of x² is 2x, and 2 · 3 = 6. 9 would be the value of y.",
            zh="x²的导数是2x，所以梯度是2 · 3 = 6。9是y的值。",
        ),
    ),
)
