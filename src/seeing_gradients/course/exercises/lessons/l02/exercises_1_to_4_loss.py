"""Exercises 02.1, 02.2, 02.3, 02.4.

Gradients of a loss, a third parameter, a loop that never zeroes .grad, causes of an error.
"""

from random import Random
from typing import Any

import torch

from ...harness.rules import backward_more_than_once
from ...random_inputs import number
from ...spec import Exercise, Misconception, Rule, Text, source_of
from ...variants import bracket, minus, varied
from ..shared import NO_BACKWARD


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
            zh=f"$L = (wx + b - y)^2$，其中$x = {x}$，$y = {y}$，$w = {w}$，$b = {b}$。先用链式法则在纸上算出$\\partial L/\\partial w$"
            "和$\\partial L/\\partial b$，再让PyTorch来算。",
        ),
        names=("∂L/∂w", "∂L/∂b"),
        reference=(2 * error * x, 2 * error),
        hints=(
            Text(
                en="Name the inner part: error = w·x + b − y. Then L = error². Compute the error first.",
                zh="给里面的部分起个名字：error = w·x + b − y，于是L = error²。先算出error。",
            ),
            Text(
                en="dL/d(error) = 2 · error. How much does the error change when w grows by 1? When b grows by 1?",
                zh="dL/d(error) = 2 · error。w增加1时，error变化多少？b增加1时呢？",
            ),
            Text(
                en=f"The error is {minus(error)}, so 2 · error = {minus(2 * error)} arrives at it. Multiply by x on "
                "the way to w, by 1 on the way to b.",
                zh=f"error等于{minus(error)}，所以传到它的是2 · error = {minus(2 * error)}。往w去的路上乘以x，往b去的路上乘以1。",
            ),
        ),
        solution=f"error = {w} * {x} + {bracket(b)} - {y}    # {error}\n"
        f"dw = 2 * error * {x}         # {2 * error * x}\ndb = 2 * error             # {2 * error}",
        misconceptions=(
            Misconception(
                "forgotten_factor_2",
                Text(
                    en="The factor 2 is missing: the derivative of error² is 2 · error, not error.",
                    zh="少了因子2：error²的导数是2 · error，而不是error。",
                ),
                gives=(error * x, error),
            ),
            Misconception(
                "forgotten_inner_derivative",
                Text(
                    en="The chain stops too early for w: the error contains w · x, so w is felt x times as strongly "
                    "as b.",
                    zh="对w来说，链式法则停得太早：error里含有w · x，所以w的影响是b的x倍。",
                ),
                gives=(2 * error, 2 * error),
            ),
            Misconception(
                "target_minus_prediction",
                Text(
                    en="Both signs are turned round. That comes from writing y − prediction inside the square and "
                    "forgetting that its own derivative is −1. The loss grows when the prediction moves away from y.",
                    zh="两个符号都反了。多半是把平方里写成了y减预测值，却忘了它本身的导数是−1。预测值离y越远，损失越大。",
                ),
                gives=(-2 * error * x, -2 * error),
            ),
            Misconception(
                "swapped",
                Text(en="Both numbers are there, but in the other order.", zh="两个数都出现了，但顺序反了。"),
                gives=(2 * error, 2 * error * x),
            ),
            Misconception(
                "w_for_x",
                Text(
                    en="∂(w·x)/∂w is x: differentiate by w, and what stands beside it remains. You multiplied by w.",
                    zh="∂(w·x)/∂w等于x：对w求导，留下的是它旁边的因子。你乘上的却是w。",
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
        en="Give the model a curve: $\\hat y = cx^2 + wx + b$, $L = (\\hat y - y)^2$. Write `three_grads`, which "
        "receives five Python numbers, runs one forward and one backward pass, and returns the gradients of $L$ with "
        "respect to `w`, `b` and `c`, in this order.",
        zh="给模型加上一个弯：$\\hat y = cx^2 + wx + b$，$L = (\\hat y - y)^2$。请写出`three_grads`：它接收五个Python数，"
        "做一次前向传播和一次反向传播，按`w`、`b`、`c`的顺序返回$L$对这三个参数的梯度。",
    ),
    names=("∂L/∂w", "∂L/∂b", "∂L/∂c"),
    reference=three_grads,
    inputs=_inputs_02_2,
    hints=(
        Text(
            en="Plain numbers have no gradient. Which of the five must become tensors that require grad?",
            zh="普通的数没有梯度。这五个数当中，哪些必须变成需要梯度的张量？",
        ),
        Text(
            en="Make w, b and c with torch.tensor(..., requires_grad=True), compute the loss from them, call backward "
            "on it.",
            zh="用torch.tensor(..., requires_grad=True)创建w、b、c，由它们算出损失，再对损失调用backward。",
        ),
        Text(
            en="After loss.backward() each of the three leaves holds its own .grad; return them in the order asked "
            "for.",
            zh="loss.backward()之后，三个叶子张量各自的.grad里就是梯度；按要求的顺序返回即可。",
        ),
    ),
    solution=source_of(three_grads),
    misconceptions=(
        Misconception(
            "order_c_first",
            Text(
                en="The three gradients are right, but in another order: c first. The task asks for w, b, c.",
                zh="三个梯度都算对了，但顺序不同：你把c放在了最前面。题目要求的是w、b、c。",
            ),
            gives=lambda *p: _reordered(_grads_by_formula(_error(*p), p[3]), (2, 0, 1)),
        ),
        Misconception(
            "c_times_x",
            Text(
                en="∂L/∂c is treated as if c were multiplied by x. In the model c stands beside x².",
                zh="你计算∂L/∂c时，好像c乘的是x。在模型里，c旁边是x²。",
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
                zh="每个都只有应有的一半：error²的导数是2 · error。这一步就交给autograd吧。",
            ),
            gives=lambda *p: tuple(g / 2 for g in _grads_by_formula(_error(*p), p[3])),
        ),
        Misconception(
            "twice",
            Text(
                en="Each is twice what it should be: two backward passes have added up in .grad. One is enough.",
                zh="每个都是应有的两倍：两次反向传播在.grad里累加了。一次就够。",
            ),
            gives=lambda *p: tuple(2 * g for g in _grads_by_formula(_error(*p), p[3])),
        ),
        Misconception(
            "not_a_leaf",
            Text(
                en="One of the gradients is None: that tensor is not a leaf that requires grad, or the loss does not "
                "use it. Each parameter must be made with requires_grad=True and then used as it is.",
                zh="有的梯度是None：那个张量不是需要梯度的叶子张量，或者损失没有用到它。"
                "每个参数都要用requires_grad=True创建，然后原样使用。",
            ),
            recognises=lambda received, *p: type(received) in (tuple, list) and any(part is None for part in received),
        ),
    ),
    rules=(
        NO_BACKWARD,
        Rule(
            "several_backwards",
            Text(
                en="The values are right, but backward ran more than once. One pass brings the gradients of all "
                "leaves.",
                zh="值是对的，但反向传播不止做了一次。一次就能得到所有叶子的梯度。",
            ),
            backward_more_than_once,
        ),
    ),
)


def _reordered(parts: tuple[float, ...], order: tuple[int, ...]) -> tuple[float, ...]:
    return tuple(parts[i] for i in order)


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
        zh="`train`应当从给定的起点出发，沿损失$(wx - y)^2$做梯度下降，并以数的形式返回最后的`w`。现在它却冲过了头。"
        "请找出缺少的那一行，以及它该放在哪里。",
    ),
    reference=train,
    starter=_starter_02_3,
    inputs=_inputs_02_3,
    hints=(
        Text(
            en="Print w.grad and 2 * x * (w * x - y_true) in each round. When do they begin to differ?",
            zh="每一轮都打印w.grad和2 * x * (w * x - y_true)。它们从哪一轮开始不同？",
        ),
        Text(
            en="backward adds to .grad; it does not overwrite. Somebody has to empty it between two rounds.",
            zh="backward是往.grad里加，而不是覆盖。两轮之间，必须有人把它清空。",
        ),
        Text(
            en="Empty w.grad once a round, after the update has used it and before the next backward adds to it.",
            zh="每一轮清空一次w.grad：在更新用过它之后、下一次backward往里加之前。",
        ),
    ),
    solution=source_of(train),
    misconceptions=(
        Misconception(
            "accumulated",
            Text(
                en="Each round still adds its gradient to those of all rounds before, so the steps grow. Emptying "
                ".grad once before or after the loop does not help: it must happen in every round.",
                zh="每一轮的梯度仍然加在之前各轮的梯度之上，所以步子越迈越大。只在循环之前或之后清空一次没有用：每一轮都要清空。",
            ),
            gives=_starter_02_3,
        ),
        Misconception(
            "never_moves",
            Text(
                en="w comes back as it went in. If .grad is emptied between backward and the update, the update "
                "subtracts 0.",
                zh="w原样返回，一步也没动。如果在backward与更新之间清空了.grad，更新减去的就是0。",
            ),
            gives=lambda w, x, y_true, lr, steps: w,
        ),
        Misconception(
            "uphill",
            Text(
                en="w climbs: the gradient points uphill, and descent subtracts it.",
                zh="w在上坡：梯度指向上升的方向，梯度下降要减去它。",
            ),
            gives=lambda w, x, y_true, lr, steps: train(w, x, y_true, -lr, steps),
        ),
        Misconception(
            "one_round",
            Text(
                en="This is w after the first round only. Is the return inside the loop?",
                zh="这只是第一轮之后的w。return是不是写进循环里了？",
            ),
            gives=lambda w, x, y_true, lr, steps: train(w, x, y_true, lr, 1),
        ),
        Misconception(
            "zeroed_before_there_is_any",
            Text(
                en="In the first round .grad is still None: there is nothing to zero before the first backward.",
                zh="第一轮里.grad还是None：在第一次backward之前，没有东西可以清零。",
            ),
            error="'NoneType' object has no attribute 'zero_'",
        ),
        Misconception(
            "no_gradient_to_subtract",
            Text(
                en="w.grad is None when the update wants it. Either it was emptied before it was used, or w is no "
                "longer a leaf: w = w - ... makes a new tensor, w -= ... keeps the old one.",
                zh="更新要用w.grad时，它却是None。要么在使用之前就被清空了，要么w已不再是叶子张量："
                "w = w - ...会生成新的张量，w -= ...才保留原来的那个。",
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
        'Each has another cause. Match them: `"flag"` nothing was asked to require grad; `"no_grad"` computed where '
        'recording is off; `"detach"` taken off the graph; `"copy"` a new tensor made from old numbers; `"compare"` a '
        "comparison, which has no slope.",
        zh="五个程序，报错相同：`element 0 of tensors does not require grad and does not have a grad_fn`，病因却各不相同。"
        '请一一对应：`"flag"`没有任何张量被要求计算梯度；`"no_grad"`在不记录的区域内计算；`"detach"`被从计算图上分离；'
        '`"copy"`用旧的数新建了张量；`"compare"`是比较运算，没有斜率可言。',
    ),
    reference={"a": "compare", "b": "copy", "c": "detach", "d": "no_grad", "e": "flag"},
    options=("flag", "no_grad", "detach", "copy", "compare"),
    hints=(
        Text(
            en="Follow x from the first line of each program to its return, and ask at each step: does the result "
            "still have a grad_fn?",
            zh="在每个程序里，从第一行开始跟着x走到return，每一步都问：结果还有grad_fn吗？",
        ),
        Text(
            en="Print y.grad_fn and y.requires_grad after each line: the path ends where they turn to None and False.",
            zh="在每一行之后打印y.grad_fn和y.requires_grad：它们变成None和False的地方，就是路断的地方。",
        ),
        Text(
            en="Start with the two that name their cause, c and d. Of the rest, one gives up x altogether before it "
            "begins.",
            zh="先看c和d，它们的代码里就写着病因。其余三个中，有一个在开始之前就彻底丢掉了x。",
        ),
    ),
    solution='causes = {"a": "compare", "b": "copy", "c": "detach", "d": "no_grad", "e": "flag"}',
    misconceptions=(
        Misconception(
            "flag",
            Text(
                en="x is handed over with requires_grad=True, and this program still computes with that very x. "
                "Something later cuts the path.",
                zh="传进来的x带有requires_grad=True，而这个程序用的正是这个x。是后面的某一步切断了路。",
            ),
            gives="flag",
        ),
        Misconception(
            "no_grad",
            Text(
                en="This program switches nothing off: there is no torch.no_grad() in it.",
                zh="这个程序没有关闭记录：里面没有torch.no_grad()。",
            ),
            gives="no_grad",
        ),
        Misconception(
            "detach",
            Text(
                en="Nothing here is detached: look for the word. The path ends for another reason.",
                zh="这里没有任何东西被分离：找找有没有detach这个词。路是因为别的原因断的。",
            ),
            gives="detach",
        ),
        Misconception(
            "copy",
            Text(
                en="No tensor is built from numbers taken out of x here; at most its length is used.",
                zh="这里并没有用从x里取出的数新建张量，最多只用到了它的长度。",
            ),
            gives="copy",
        ),
        Misconception(
            "compare",
            Text(
                en="There is no comparison (>, <, ==) on the way from x to the result.",
                zh="从x到结果的路上没有比较运算（>、<、==）。",
            ),
            gives="compare",
        ),
    ),
)

EXERCISES = (_EXERCISE_02_1, _EXERCISE_02_2, _EXERCISE_02_3, _EXERCISE_02_4)
