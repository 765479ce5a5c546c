"""Exercises 02.1, 02.2, 02.3, 02.4.

Gradients of a loss, a third parameter, a loop that never zeroes .grad, causes of an error.
"""

import math
from random import Random
from typing import Any

import torch

from ...comparison import plain
from ...harness.rules import backward_more_than_once
from ...random_inputs import number
from ...spec import Exercise, Misconception, Rule, Text, source_of
from ...variants import bracket, minus, varied
from ..shared import NO_BACKWARD, NOT_FROM_BACKWARD


def _exercise_02_1(x: int, y: int, w: int, b: int) -> Exercise:
    error = w * x + b - y
    return Exercise(
        id="02.1",
        kind="value",
        difficulty=1,
        minutes=4,
        statement=Text(
            en=f"$L = (wx + b - y)^2$ with $x = {x}$, $y = {y}$, $w = {w}$, $b = {b}$. Work out "
            "$\\partial L/\\partial w$ and $\\partial L/\\partial b$ on paper, with the chain rule, before you let "
            "PyTorch do it.",
            zh=rf"设$L = (wx + b - y)^2$，其中$x = {x}$，$y = {y}$，$w = {w}$，$b = {b}$。先用链式法则在纸上算出"
            r"$\partial L/\partial w$和$\partial L/\partial b$，再让PyTorch来算。",
        ),
        names=("∂L/∂w", "∂L/∂b"),
        reference=(2 * error * x, 2 * error),
        hints=(
            Text(
                en="Name the inner part: error = w·x + b − y. Then L = error². Compute the error first.",
                zh="令error = w·x + b − y，于是L = error²。先算出error。",
            ),
            Text(
                en="dL/d(error) = 2 · error. How much does the error change when w grows by 1? When b grows by 1?",
                zh="dL/d(error) = 2 · error。w增加1时，error变化多少？b增加1时呢？",
            ),
            Text(
                en=f"The error is {minus(error)}, so 2 · error = {minus(2 * error)} arrives at it. Multiply by x on "
                "the way to w, by 1 on the way to b.",
                zh=f"error等于{minus(error)}，所以传到它的梯度是2 · error = {minus(2 * error)}。传给w时再乘以x，传"
                "给b时再乘以1。",
            ),
        ),
        solution=f"error = {w} * {x} + {bracket(b)} - {y}    # {error}\n"
        f"dw = 2 * error * {x}         # {2 * error * x}\ndb = 2 * error             # {2 * error}",
        misconceptions=(
            Misconception(
                "forgotten_factor_2",
                Text(
                    en="The factor 2 is missing: the derivative of error² is 2 · error, not error.",
                    zh="少了因子2。error²的导数是2 · error，而不是error。",
                ),
                gives=(error * x, error),
            ),
            Misconception(
                "forgotten_inner_derivative",
                Text(
                    en="The chain stops too early for w: the error contains w · x, so w moves it x times as "
                    "much as b does.",
                    zh="对w来说，链式法则少用了一步。error里含有w · x，所以w的影响是b的x倍。",
                ),
                gives=(2 * error, 2 * error),
            ),
            Misconception(
                "target_minus_prediction",
                Text(
                    en="Both signs are reversed. That happens when the square holds y − prediction and its own "
                    "derivative, −1, is forgotten. The loss grows when the prediction moves away from y.",
                    zh="两个符号都反了。可能是把平方里写成了y减预测值，却忘了它对预测值的导数是−1。",
                ),
                gives=(-2 * error * x, -2 * error),
            ),
            Misconception(
                "swapped",
                Text(en="Both numbers are right, but in the wrong order.", zh="两个数都对，但顺序反了。"),
                gives=(2 * error, 2 * error * x),
            ),
            Misconception(
                "w_for_x",
                Text(
                    en="∂(w·x)/∂w is x: differentiating by w leaves its factor. You multiplied by w.",
                    zh="∂(w·x)/∂w等于x，即对w求导得到的是w的系数，而这里乘上的是w。",
                ),
                gives=(2 * error * w, 2 * error),
            ),
        ),
    )


_EXERCISE_02_1 = varied(
    _exercise_02_1,
    (3, 9, 2, -1),
    (2, 3, 4, 5),
    range(5, 13),
    (2, 3, 4),
    (-3, -2, -1, 1, 2, 3),
    fits=lambda x, y, w, b: w * x + b != y,
)


def _error(w: float, b: float, c: float, x: float, y_true: float) -> float:
    return c * x**2 + w * x + b - y_true


def _grads_by_formula(error: float, x: float) -> tuple[float, float, float]:
    return 2 * error * x, 2 * error, 2 * error * x**2


def _inputs_02_2(rng: Random, sign: int) -> tuple[float, ...]:
    while True:
        numbers = tuple(number(rng, sign) for _ in range(5))
        if abs(_error(*numbers)) > 0.3 and abs(numbers[3]) not in (1.0, 2.0):  # no two misconceptions coincide
            return numbers


def three_grads(w, b, c, x, y_true):
    w, b, c = (torch.tensor(p, requires_grad=True) for p in (w, b, c))
    loss = (c * x**2 + w * x + b - y_true) ** 2
    loss.backward()
    return w.grad, b.grad, c.grad


_EXERCISE_02_2 = Exercise(
    id="02.2",
    kind="function",
    difficulty=2,
    minutes=8,
    statement=Text(
        en="Let the model bend: $\\hat y = cx^2 + wx + b$, $L = (\\hat y - y)^2$. Write `three_grads`, which "
        "receives five Python numbers, runs one forward and one backward pass, and returns the gradients of $L$ with "
        "respect to `w`, `b` and `c`, in this order.",
        zh=r"给模型加上二次项，$\hat y = cx^2 + wx + b$，$L = (\hat y - y)^2$。请写出函数`three_grads`，它接收五个"
        r"Python数，做一次前向传播和一次反向传播，按`w`、`b`、`c`的顺序返回$L$对这三个参数的梯度。",
    ),
    names=("∂L/∂w", "∂L/∂b", "∂L/∂c"),
    reference=three_grads,
    inputs=_inputs_02_2,
    hints=(
        Text(
            en="Plain numbers have no gradient. Which of the five must become tensors that require grad?",
            zh="普通的Python数没有梯度。这五个数当中，哪些必须变成需要梯度的张量？",
        ),
        Text(
            en="Make w, b and c with torch.tensor(..., requires_grad=True), compute the loss from them, call backward "
            "on it.",
            zh="用torch.tensor(..., requires_grad=True)创建w、b、c，由它们算出损失，再对损失调用backward。",
        ),
        Text(
            en="After loss.backward() each of the three leaves holds its own .grad; return them in the order asked "
            "for.",
            zh="loss.backward()之后，三个叶子张量各自的.grad就是所求的梯度，按要求的顺序返回即可。",
        ),
    ),
    solution=source_of(three_grads),
    misconceptions=(
        Misconception(
            "another_order",
            Text(
                en="The three gradients are right, but in another order. The task asks for those of w, b, c.",
                zh="三个梯度都算对了，但顺序不同。题目要求的顺序是w、b、c。",
            ),
            recognises=lambda received, *p: _is_reordered(received, _grads_by_formula(_error(*p), p[3])),
        ),
        Misconception(
            "c_times_x",
            Text(
                en="∂L/∂c is treated as if c were multiplied by x. In the model it is multiplied by x².",
                zh="这里求∂L/∂c时，把c当成了x的系数。在模型里，c是x²的系数。",
            ),
            gives=lambda *p: (*_grads_by_formula(_error(*p), p[3])[:2], 2 * _error(*p) * p[3]),
        ),
        Misconception(
            "not_squared",
            Text(
                en="These are the gradients of the prediction, (x, 1, x²). Is the loss the square of the error, and is "
                "backward called on the loss?",
                zh="这是预测值的梯度(x, 1, x²)。损失写成误差的平方了吗？backward是对损失调用的吗？",
            ),
            gives=lambda *p: (p[3], 1.0, p[3] ** 2),
        ),
        Misconception(
            "forgotten_factor_2",
            Text(
                en="Each is half of what it should be: the derivative of error² is 2 · error. Let autograd do this "
                "part.",
                zh="每个梯度都只有应有的一半，因为error²的导数是2 · error。这一步可以交给autograd。",
            ),
            gives=lambda *p: tuple(g / 2 for g in _grads_by_formula(_error(*p), p[3])),
        ),
        Misconception(
            "twice",
            Text(
                en="Each is twice what it should be: two backward passes have added up in .grad. One is enough.",
                zh="每个梯度都是应有的两倍，因为两次反向传播的梯度在.grad里累加了。只需做一次。",
            ),
            gives=lambda *p: tuple(2 * g for g in _grads_by_formula(_error(*p), p[3])),
        ),
        Misconception(
            "never_ran",
            Text(
                en="The gradients are None because no backward pass was run. Without its parentheses, loss.backward only names "
                "the method.",
                zh="梯度都是None，因为没有做反向传播。loss.backward如果不写括号，只是提到这个方法，并没有调用它。",
            ),
            recognises=lambda received, *p: type(received) in (tuple, list) and any(part is None for part in received),
            after=0,
        ),
        Misconception(
            "not_a_leaf",
            Text(
                en="One of the gradients is None: that tensor is not a leaf that requires grad, or the loss does not "
                "use it. Each parameter must be made with requires_grad=True and then used as it is.",
                zh="有的梯度是None，说明那个张量不是需要梯度的叶子张量，或者损失没有用到它。每个参数都要用"
                "requires_grad=True创建，并直接用来计算损失。",
            ),
            recognises=lambda received, *p: type(received) in (tuple, list) and any(part is None for part in received),
        ),
    ),
    rules=(
        NO_BACKWARD,
        NOT_FROM_BACKWARD,
        Rule(
            "several_backwards",
            Text(
                en="The values are right, but backward ran more than once. One pass gives the gradients of all leaves.",
                zh="值是对的，但反向传播不止做了一次。一次就能得到所有叶子的梯度。",
            ),
            backward_more_than_once,
        ),
    ),
)


def _is_reordered(received: Any, grads: tuple[float, ...]) -> bool:
    """Whether three numbers are the gradients in any order."""
    numbers = sorted(float(plain(part).numbers[0].real) for part in received)
    return all(math.isclose(a, b, rel_tol=1e-4) for a, b in zip(numbers, sorted(grads), strict=True))


def _starter_02_3(w: Any, x: float, y_true: float, lr: float, steps: int) -> float:
    w = torch.tensor(w, requires_grad=True)
    for _ in range(steps):
        loss = (w * x - y_true) ** 2
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
    return w.item()


def _inputs_02_3(rng: Random, sign: int) -> tuple[Any, ...]:
    while True:
        w, x, y_true = (number(rng, sign) for _ in range(3))
        if abs(w * x - y_true) > 0.5 and 0.75 <= abs(x) <= 2:
            return w, x, y_true, rng.choice((0.03125, 0.0625)), rng.randint(3, 6)


def train(w, x, y_true, lr, steps):
    w = torch.tensor(w, requires_grad=True)
    for _ in range(steps):
        loss = (w * x - y_true) ** 2
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        w.grad = None
    return w.item()


_EXERCISE_02_3 = Exercise(
    id="02.3",
    kind="function",
    difficulty=2,
    minutes=6,
    statement=Text(
        en="`train` should descend the loss $(wx - y)^2$ from a given start and return the last `w` as a number. It "
        "overshoots wildly. Find the one line that is missing, and the one place for it.",
        zh="`train`应当从给定的起点出发，对损失$(wx - y)^2$做梯度下降，并以Python数返回最后的`w`。现在它一再越过最"
        "小值，越走越偏。请找出缺少的一行，以及应当放在什么位置。",
    ),
    reference=train,
    starter=_starter_02_3,
    inputs=_inputs_02_3,
    hints=(
        Text(
            en="Print w.grad and 2 * x * (w * x - y_true) in each round. From which round on do they differ?",
            zh="每次迭代都打印w.grad和2 * x * (w * x - y_true)。它们从第几次迭代开始不同？",
        ),
        Text(
            en="backward adds to .grad; it does not overwrite it. So it has to be cleared between two rounds.",
            zh="backward把梯度累加到.grad，而不是覆盖它，所以每次迭代之间必须清空.grad。",
        ),
        Text(
            en="Clear w.grad once in each round, after the update has used it and before the next backward adds to it.",
            zh="每次迭代都要清空w.grad，应当在更新用过它之后、下一次backward之前。",
        ),
    ),
    solution=source_of(train),
    misconceptions=(
        Misconception(
            "accumulated",
            Text(
                en="Each round still adds its gradient to those of all earlier rounds, so the steps grow. Clearing "
                ".grad once before or after the loop does not help: it must happen in every round.",
                zh="每次迭代的梯度仍然累加在之前的梯度之上，所以更新量越来越大。只在循环之前或之后清空一次是不够的"
                "，每次迭代都要清空。",
            ),
            gives=_starter_02_3,
        ),
        Misconception(
            "never_moves",
            Text(
                en="w comes back unchanged. If .grad is cleared between backward and the update, the update "
                "subtracts 0.",
                zh="w没有变化。如果在backward与更新之间清空了.grad，更新减去的就是0。",
            ),
            gives=lambda w, x, y_true, lr, steps: w,
        ),
        Misconception(
            "uphill",
            Text(
                en="The loss grows: the gradient points uphill, and descent subtracts it.",
                zh="损失在增大。梯度指向损失增大的方向，梯度下降要减去它。",
            ),
            gives=lambda w, x, y_true, lr, steps: train(w, x, y_true, -lr, steps),
        ),
        Misconception(
            "one_round",
            Text(
                en="This is w after the first round only. Is the return inside the loop?",
                zh="这只是第一次迭代之后的w。return是不是写进循环里了？",
            ),
            gives=lambda w, x, y_true, lr, steps: train(w, x, y_true, lr, 1),
        ),
        Misconception(
            "zeroed_before_there_is_any",
            Text(
                en="In the first round .grad is still None: there is nothing to zero before the first backward.",
                zh="第一次迭代时.grad还是None，在第一次backward之前没有可以清零的梯度。",
            ),
            error="'NoneType' object has no attribute 'zero_'",
        ),
        Misconception(
            "rebound_without_recording",
            Text(
                en="In the second round backward finds no graph. Inside no_grad, w = w - ... makes a new tensor that "
                "does not require grad, and calls it w. w -= ... changes the leaf itself.",
                zh="第二次迭代时已没有可以返回的路径。在no_grad里，w = w - ...会生成一个不需要梯度的新张量，并把它叫作w，而w -= ...才会修改叶子本身。",
            ),
            error="does not require grad",
            after=1,
        ),
        Misconception(
            "no_gradient_to_subtract",
            Text(
                en="w.grad is None when the update wants it. Either it was cleared before it was used, or w is no "
                "longer a leaf: w = w - ... makes a new tensor, w -= ... keeps the old one.",
                zh="更新要用w.grad时，它却是None。可能是在使用之前就被清空了，也可能是w已不再是叶子张量，因为w = w"
                " - ...会生成新的张量，w -= ...才保留原来的张量。",
            ),
            error="'float' and 'NoneType'",
        ),
    ),
)

_EXERCISE_02_4 = Exercise(
    id="02.4",
    kind="choice",
    difficulty=2,
    minutes=6,
    statement=Text(
        en="Five programs, one message: `element 0 of tensors does not require grad and does not have a grad_fn`. "
        'Each has a different cause. Match them: `"flag"`, no tensor was asked to require grad; `"no_grad"`, computed where '
        'recording is off; `"detach"`, taken off the graph; `"copy"`, a new tensor made from old numbers; `"compare"`, a '
        "comparison, which has no derivative.",
        zh="下面五个程序的报错相同，都是`element 0 of tensors does not require grad and does not have a grad_fn`（"
        '第0个张量不需要梯度，也没有grad_fn），原因却各不相同。请把原因填入对应的程序。`"flag"`表示没有张量设置'
        '`requires_grad=True`，`"no_grad"`表示在不记录的区域内计算，`"detach"`表示从计算图上分离，`"copy"`表示'
        '用旧的数新建了张量，`"compare"`表示比较运算，它没有导数。',
    ),
    reference={"a": "compare", "b": "copy", "c": "detach", "d": "no_grad", "e": "flag"},
    options=("flag", "no_grad", "detach", "copy", "compare"),
    hints=(
        Text(
            en="Follow x from the first line of each program to its return, and ask at each step: does the result "
            "still have a grad_fn?",
            zh="在每个程序里，从第一行到return逐行检查，看每一步的结果是否还有grad_fn。",
        ),
        Text(
            en="Print y.grad_fn and y.requires_grad after each line: the path ends where they turn to None and False.",
            zh="在每一行之后打印y.grad_fn和y.requires_grad。它们变成None和False的地方，就是计算图断开的地方。",
        ),
        Text(
            en="Start with the two that name their cause, c and d. Of the rest, one gives up x before it computes "
            "anything.",
            zh="先看c和d，从代码就能看出原因。其余三个中，有一个一开始就没有用到x所在的计算图。",
        ),
    ),
    solution='causes = {"a": "compare", "b": "copy", "c": "detach", "d": "no_grad", "e": "flag"}',
    misconceptions=(
        Misconception(
            "flag",
            Text(
                en="x is handed over with requires_grad=True, and this program does compute with that x. "
                "Something later cuts the path.",
                zh="传入的x带有requires_grad=True，而这个程序用的正是它。切断计算图的是后面的某一步。",
            ),
            gives="flag",
        ),
        Misconception(
            "no_grad",
            Text(
                en="This program switches nothing off: there is no torch.no_grad() in it.",
                zh="这个程序没有关闭记录，其中没有torch.no_grad()。",
            ),
            gives="no_grad",
        ),
        Misconception(
            "detach",
            Text(
                en="Nothing here is detached: look for the word. The path ends for another reason.",
                zh="这里没有分离任何张量，代码里没有detach。计算图是因为别的原因断开的。",
            ),
            gives="detach",
        ),
        Misconception(
            "copy",
            Text(
                en="No tensor is built from numbers taken out of x here; at most its length is used.",
                zh="这里并没有用x中的数新建张量，最多只用到了它的长度。",
            ),
            gives="copy",
        ),
        Misconception(
            "compare",
            Text(
                en="There is no comparison (>, <, ==) on the way from x to the result.",
                zh="从x到结果没有经过比较运算（>、<、==）。",
            ),
            gives="compare",
        ),
    ),
)

EXERCISES = (_EXERCISE_02_1, _EXERCISE_02_2, _EXERCISE_02_3, _EXERCISE_02_4)
