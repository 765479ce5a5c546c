"""Exercises 13.4, 13.5, 13.6, 13.7.

The lines of a training loop in order, the missing line of five loops, an input that exposes a wrong derivative, and
truncated backpropagation itself.
"""

from collections.abc import Iterable
from random import Random
from typing import Any

import torch
from torch import Tensor

from ...harness.runs import LOOP_LINES, gradient_of_chunks, is_number, letters_in_order, loop_in_order, of_another_kind
from ...random_inputs import number, vector
from ...spec import Condition, Exercise, Misconception, Text, source_of
from ..shared import A_TENSOR, gradient

_LETTERS = Text(en="a string with the seven letters", zh="由七个字母组成的字符串")
_W_AND_XS = Text(en="a tuple of a number w and a list xs", zh="由数w和列表xs组成的元组")


def loop_order():
    return "CEAFGDB"


_EXERCISE_13_4 = Exercise(
    id="13.4",
    kind="function",
    difficulty=2,
    minutes=7,
    statement=Text(
        en="The seven lines of one round of a truncated training loop have been shuffled. `h` and `w` exist before the loop. "
        'Write `loop_order()`: it returns the letters in a right order, as a string such as `"ABCDEFG"`. More than one is '
        "right; the check runs three rounds of it. A: `loss = (h - 0.5) ** 2`. B: `optimizer.step()`. C: `h = h.detach()`. "
        "D: `nn.utils.clip_grad_norm_([w], 0.05)`. E: `for x in chunk: h = torch.tanh(w * h + x)`. F: "
        "`optimizer.zero_grad()`. G: `loss.backward()`.",
        zh='截断的训练循环里，一次迭代的七行代码打乱了次序。`h`和`w`在循环之前已经存在。请写出`loop_order()`，以字符串（例如`"ABCDEFG"`）返回'
        "正确的次序。正确的次序不止一种，检查时会按它运行三次迭代。A：`loss = (h - 0.5) ** 2`。B：`optimizer.step()`。C：`h = h.detach()`。D："
        "`nn.utils.clip_grad_norm_([w], 0.05)`。E：`for x in chunk: h = torch.tanh(w * h + x)`。F：`optimizer.zero_grad()`。G：`loss.backward()`。",
    ),
    names=(
        Condition(en="each letter occurs once", zh="每个字母恰好出现一次"),
        Text(en="loss of chunk 1", zh="第1段的损失"),
        Text(en="loss of chunk 2", zh="第2段的损失"),
        Text(en="loss of chunk 3", zh="第3段的损失"),
        Text(en="w in the end", zh="最后的w"),
    ),
    reference=loop_order,
    run=letters_in_order,
    read=loop_in_order,
    wanted=_LETTERS,
    inputs=lambda rng, sign: (),
    hints=(
        Text(
            en="Begin with what each line needs: the loss needs h, backward the loss, step the gradients.",
            zh="先想每一行需要什么：损失需要h，backward需要损失，step需要梯度。",
        ),
        Text(
            en="Clipping changes gradients that are there, before they are used. Zeroing throws away those of the round "
            "before.",
            zh="裁剪改变的是已经算出、还没有用到的梯度。清零丢掉的是上一次迭代的梯度。",
        ),
        Text(
            en="detach must not stand between the steps and the loss, or the way back is cut at its beginning.",
            zh="detach不能放在各时间步与损失之间，否则返回的路径一开始就断了。",
        ),
    ),
    solution=source_of(loop_order),
    misconceptions=(
        Misconception(
            "not_each_once",
            Text(
                en="Each of the letters A to G has to occur exactly once.",
                zh="从A到G的每个字母应当恰好出现一次。",
            ),
            recognises=lambda order: sorted(order) != sorted(LOOP_LINES),
        ),
        Misconception(
            "no_way_back",
            Text(
                en="Backward found no path: the loss was computed from a state that was just detached, or before any step "
                "had used w.",
                zh="反向传播找不到路径，因为计算损失所用的状态刚被分离，或者计算损失时还没有哪一步用过w。",
            ),
            error="does not require grad",
        ),
        Misconception(
            "loss_unknown",
            Text(
                en="A line uses the loss before it is computed.",
                zh="有一行在损失算出之前就用到了它。",
            ),
            error="'loss' is not defined",
        ),
        Misconception(
            "step_before_backward",
            Text(
                en="step changes w in place while backward still needs the old one: backward comes first.",
                zh="反向传播还需要旧的w，step就把它就地修改了。应当先做反向传播。",
            ),
            error="modified by an inplace operation",
        ),
        Misconception(
            "w_never_moves",
            Text(
                en="w never moves: whenever step runs, its gradients have been cleared, or are not there yet.",
                zh="w始终不变，因为每当运行step时，梯度不是已经清掉，就是还没有算出。",
            ),
            gives=lambda: loop_in_order("CEAGFDB"),
        ),
        Misconception(
            "clipping_without_effect",
            Text(
                en="It runs, but the clipping has no effect: it comes too late for this step, or too early.",
                zh="可以运行，但裁剪对这一次更新不起作用，不是太晚，就是太早。",
            ),
            gives=lambda: loop_in_order("CEAFGBD"),
        ),
        Misconception(
            "last_update_missing",
            Text(
                en="The losses are right, but step waits for the next round, so the last chunk never moves w.",
                zh="损失是对的，但step要等到下一次迭代，所以最后一段没有更新w。",
            ),
            gives=lambda: loop_in_order("BCEAFGD"),
        ),
    ),
)

_EXERCISE_13_5 = Exercise(
    id="13.5",
    kind="choice",
    difficulty=2,
    minutes=6,
    statement=Text(
        en='Five times one line of `train` (section 6) was forgotten or put in the wrong place. Which one: `"detach"`, '
        '`"zero_grad"`, `"clip"`, `"step"`, or `"start"` (`h = torch.zeros(64)`)? (a) An error at the second chunk: *Trying '
        "to backward through the graph a second time*. (b) No error. Each loss is the same in every pass, to the last "
        "digit. (c) No error. The norms returned grow from chunk to chunk, although the losses do not. (d) The losses "
        "fall for some passes, then they jump up in a few steps and stay there. (e) The losses fall, but all through the "
        "training the first characters of every chunk are predicted much worse than the rest.",
        zh='`train`（第6节）里有一行漏写了，或者放错了位置，共有五种情形。每次是哪一行：`"detach"`、`"zero_grad"`'
        '、`"clip"`、`"step"`，还是`"start"`（`h = torch.zeros(64)`）？（a）到第二段报错，报错是*Trying to '
        "backward through the graph a second time*（试图沿同一张计算图做第二次反向传播）。（b）不报错。每一轮的"
        "各个损失都与上一轮完全相同。（c）不报错。返回的范数一段比一段大，损失却没有增大。（d）损失先下降了几轮"
        "，然后在几步之内猛增，不再下降。（e）损失在下降，但自始至终，每一段开头几个字符的预测都比其余的差得多"
        "。",
    ),
    reference={"a": "detach", "b": "step", "c": "zero_grad", "d": "clip", "e": "start"},
    options=("detach", "zero_grad", "clip", "step", "start"),
    hints=(
        Text(
            en="Ask what each line protects from, and what goes on without it.",
            zh="想一想每一行是为了防止什么，没有它会怎样。",
        ),
        Text(
            en="Equal losses mean equal weights. Norms that grow while losses do not mean that something adds up.",
            zh="损失完全相同，说明权重没有变。范数增大而损失不增大，说明有什么在累加。",
        ),
        Text(
            en="The first characters of a chunk have only the state to go by. Where does theirs come from in (e)?",
            zh="一段开头的几个字符只能依靠状态来预测。（e）中它们的状态从哪里来？",
        ),
    ),
    solution='lines = {"a": "detach", "b": "step", "c": "zero_grad", "d": "clip", "e": "start"}',
    misconceptions=(
        Misconception(
            "detach",
            Text(
                en="A forgotten detach shows at once, as an error at the second chunk. That is not what happened here.",
                zh="忘了分离，到第二段就会报错。这里的现象不是这样。",
            ),
            gives="detach",
        ),
        Misconception(
            "zero_grad",
            Text(
                en="Without zero_grad gradients of all chunks add up, so the norms grow. Nothing says so here.",
                zh="没有zero_grad，各段的梯度会累加起来，范数越来越大。这里并没有这样说。",
            ),
            gives="zero_grad",
        ),
        Misconception(
            "clip",
            Text(
                en="Clipping protects from a step that is too long: without it everything goes well until such a step "
                "comes. That is not the case here.",
                zh="裁剪是为了防止某一步过长。没有它，在那一步之前一切正常。这里不是这样。",
            ),
            gives="clip",
        ),
        Misconception(
            "step",
            Text(
                en="Without step no weight ever changes, and so no loss does from pass to pass.",
                zh="没有step，权重就从不改变，各轮的损失也就不会变。",
            ),
            gives="step",
        ),
        Misconception(
            "start",
            Text(
                en="A state that is set to zeros for every chunk raises no error and trains well, except where only the "
                "state could help. Here it is something else.",
                zh="每一段都把状态设为零，不会报错，训练也正常，只是在只能依靠状态的地方预测得差。这里是另一种情形。",
            ),
            gives="start",
        ),
    ),
)


def exposing_input():
    return 2.0, [1.0, 0.0, 0.0]


def _numbers_and_difference(pair: Any) -> Any:
    """Compare dh_n/dw with h_(n-1) for a pair (w, xs), where h_t = w h_(t-1) + x_t and h_0 = 0.

    Returns:
        (1.0 if w is a finite number and xs a list of such numbers, 1.0 if the two differ). Where they agree the second is
        -1.0 if there are fewer than three steps, -2.0 if w is 0 or so close to it that rounding hides the difference, and
        0.0 otherwise. Anything but a pair in the form of `of_another_kind`.
    """
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        return of_another_kind(pair)
    w, xs = pair
    items: list[Any] = list(xs) if isinstance(xs, list | tuple) or getattr(xs, "ndim", None) == 1 else [None]
    if not items or not all(is_number(each) and abs(float(each)) < float("inf") for each in (w, *items)):
        return 0.0, 0.0
    w, h, grad, last = float(w), 0.0, 0.0, 0.0
    for x in items:
        last = h
        h, grad = w * h + float(x), h + w * grad
    if abs(grad - last) > 1e-6 * max(1.0, abs(grad)):
        return 1.0, 1.0
    return 1.0, -1.0 if len(items) < 3 else -2.0 if abs(w) < 1e-5 else 0.0


_EXERCISE_13_6 = Exercise(
    id="13.6",
    kind="function",
    difficulty=2,
    minutes=7,
    statement=Text(
        en="A colleague says: the derivative of `w * h + x` with respect to `w` is `h`, so $\\mathrm{d}h_n/\\mathrm{d}w = "
        "h_{n-1}$. Her test with `w = 0.5` and `xs = [1.0, 2.0]` passes. Write `exposing_input()`: it returns a number `w` "
        "and a list of numbers `xs` on which her formula and the true derivative differ ($h_0 = 0$).",
        zh="同事说，`w * h + x`对`w`的导数是`h`，所以$\\mathrm{d}h_n/\\mathrm{d}w = h_{n-1}$。她用`w = 0.5`和`xs = [1.0, 2.0]`测试，通过了。"
        "请写出`exposing_input()`，返回一个数`w`和由数组成的列表`xs`，使她的公式与真正的导数不同（$h_0 = 0$）。",
    ),
    names=(
        Condition(en="w is a number and xs a list of numbers", zh="w是一个数，xs是由数组成的列表"),
        Condition(en="the two differ", zh="两个结果不同"),
    ),
    reference=exposing_input,
    read=_numbers_and_difference,
    wanted=_W_AND_XS,
    inputs=lambda rng, sign: (),
    hints=(
        Text(
            en="What does she leave out? Write dh_n/dw as the direct term plus the one through h_(n−1).",
            zh="她漏掉了什么？把dh_n/dw写成直接的一项，加上经过h_(n−1)的一项。",
        ),
        Text(
            en="The term that she leaves out is w times dh_(n−1)/dw. When is it 0?",
            zh="她漏掉的一项是w乘dh_(n−1)/dw。它什么时候是0？",
        ),
        Text(
            en="h_1 = x_1 does not depend on w yet, since h_0 is 0. h_2 is the first state that does.",
            zh="因为h_0是0，h_1 = x_1还不依赖于w。第一个依赖于w的状态是h_2。",
        ),
    ),
    solution=source_of(exposing_input),
    misconceptions=(
        Misconception(
            "too_few_steps",
            Text(
                en="With so few steps the two always agree: the state before the last step does not depend on w yet.",
                zh="步数这样少时，两者总是相同，因为最后一步之前的状态还不依赖于w。",
            ),
            gives=lambda: (1.0, -1.0),
        ),
        Misconception(
            "w_is_zero",
            Text(
                en="With w = 0, or very close to it, nothing comes through a step, so the term that she leaves out is 0.",
                zh="w等于0或极接近0时，前一个状态不起作用，她漏掉的那一项就是0。",
            ),
            gives=lambda: (1.0, -2.0),
        ),
        Misconception(
            "nothing_to_remember",
            Text(
                en="The two still agree: the early inputs leave nothing behind in which w could show.",
                zh="两者仍然相同，因为最后一步之前的状态仍不依赖于w。",
            ),
            gives=lambda: (1.0, 0.0),
        ),
        Misconception(
            "not_numbers",
            Text(
                en="w has to be one number, and xs a list of numbers, one for each step.",
                zh="w应当是一个数，xs应当是由数组成的列表，每一步一个。",
            ),
            gives=lambda: (0.0, 0.0),
        ),
    ),
)


def truncated_grad(w, xs, k):
    import torch

    h = torch.zeros(())
    for chunk in xs.split(k):
        h = h.detach()
        for x in chunk:
            h = torch.tanh(w * h + x)
        (h * h).backward()
    return w.grad


def _inputs_13_7(rng: Random, sign: int) -> tuple[float, Tensor, int]:
    """w, xs (n,) and the length k of a chunk; the last chunk may be shorter, but none is a single step."""
    k = rng.choice((2, 3))
    xs = vector(rng, sign, 8 if k == 3 else rng.choice((6, 8))) / 4
    return number(rng, sign, most=1), xs, k


def _grad_of_squares(w: float | Tensor, chunks: Iterable[Tensor], detached: bool, again: bool = False) -> Tensor:
    """The gradient of w of the sum over the chunks of the square of their last states.

    Args:
        w: the weight.
        chunks: 1-D tensors of inputs.
        detached: whether the state is detached between the chunks.
        again: whether each chunk begins with the state 0.
    """
    leaf, h, total = torch.as_tensor(w).detach().clone().requires_grad_(), torch.zeros(()), torch.zeros(())
    for chunk in chunks:
        h = torch.zeros(()) if again else h.detach() if detached else h
        for x in chunk:
            h = torch.tanh(leaf * h + x)
        total = total + h * h
    total.backward()
    return gradient(leaf)


def _last_chunk_only(w: float | Tensor, xs: Tensor, k: int) -> Tensor:
    chunks = xs.split(k)
    return _grad_of_squares(w, chunks, True) - _grad_of_squares(w, chunks[:-1], True)


def _every_step_detached(w: float | Tensor, xs: Tensor, k: int) -> Tensor:
    """As if the detach stood in the inner loop: only the last step of each chunk counts."""
    leaf, h = torch.as_tensor(w).detach().clone().requires_grad_(), torch.zeros(())
    for chunk in xs.split(k):
        for x in chunk:
            h = torch.tanh(leaf * h.detach() + x)
        (h * h).backward()
    return gradient(leaf)


_EXERCISE_13_7 = Exercise(
    id="13.7",
    kind="function",
    difficulty=3,
    minutes=9,
    statement=Text(
        en="`w` is a leaf that requires grad, a scalar; `xs` `(n,)` are inputs that come in chunks of `k`, the last of which "
        "may be shorter. The state begins at 0 and is $h_t = \\tanh(w h_{t-1} + x_t)$; each chunk ends with the loss $h^2$ "
        "of its last state. `truncated_grad(w, xs, k)` carries the state from chunk to chunk, lets no gradient go further "
        "back than the chunk of its loss, and returns the sum of the gradients of `w`. `w` itself stays as it is.",
        zh="`w`是需要梯度的标量叶子张量，`xs`（`(n,)`）是输入，每`k`个为一段，最后一段可能较短。状态从0开始，$h_t = \\tanh(w h_{t-1} + x_t)$，"
        "每一段结束时，损失是这一段最后状态的平方$h^2$。`truncated_grad(w, xs, k)`把状态从一段传到下一段，梯度则不超出各个损失所在的那一段，最后返回`w`的各段梯度"
        "之和。`w`本身不变。",
    ),
    reference=truncated_grad,
    run=gradient_of_chunks,
    inputs=_inputs_13_7,
    wanted=A_TENSOR,
    hints=(
        Text(
            en="xs.split(k) gives the chunks. Section 4 has the loop, but for one line and the optimizer.",
            zh="xs.split(k)给出各段。第4节里有这个循环，只是少了一行，多了优化器。",
        ),
        Text(
            en="Where must the state be detached so that backward of a chunk ends at the chunk's beginning?",
            zh="要使一段的反向传播到这一段的开头为止，应当在哪里分离状态？",
        ),
        Text(
            en="Detach once before each chunk, call backward once after it. .grad adds up by itself.",
            zh="每一段之前分离一次，之后做一次反向传播。.grad会自动累加。",
        ),
    ),
    solution=source_of(truncated_grad),
    misconceptions=(
        Misconception(
            "second_time",
            Text(
                en="The state still has its history: backward of the second chunk runs into the first one.",
                zh="状态没有分离，第二段的反向传播一直传到了第一段。",
            ),
            error="second time",
        ),
        Misconception(
            "detached_too_late",
            Text(
                en="Backward found no path: the state was detached before its loss was computed, or the steps ran without a graph.",
                zh="反向传播找不到路径，因为计算损失之前状态就分离了，或者各步没有记录计算图。",
            ),
            error="does not require grad",
        ),
        Misconception(
            "not_truncated",
            Text(
                en="This is the whole gradient, back to the first step. Each loss should stop at the beginning of its chunk.",
                zh="这是一直传回第一步的完整梯度。而每个损失的梯度应当到它那一段的开头为止。",
            ),
            gives=lambda w, xs, k: _grad_of_squares(w, xs.split(k), False),
        ),
        Misconception(
            "every_step",
            Text(
                en="Detached at every step, so that only the last step of each chunk counts. Once per chunk is enough.",
                zh="这里每一步都分离了，每段只有最后一步起作用。每段分离一次就够了。",
            ),
            gives=_every_step_detached,
        ),
        Misconception(
            "state_begins_anew",
            Text(
                en="Each chunk began with the state 0. detach leaves the value as it is; only the way back is cut.",
                zh="这里每一段都从状态0开始。而detach不改变值，只切断返回的路径。",
            ),
            gives=lambda w, xs, k: _grad_of_squares(w, xs.split(k), True, again=True),
        ),
        Misconception(
            "last_chunk_only",
            Text(
                en="This is the gradient of the last chunk alone. The exercise asks for the sum over all chunks.",
                zh="这只是最后一段的梯度。题目要的是各段梯度之和。",
            ),
            gives=_last_chunk_only,
        ),
        Misconception(
            "short_chunk_missing",
            Text(
                en="The last chunk may be shorter than k. It is missing here.",
                zh="最后一段可能不足k个，这里漏掉了它。",
            ),
            gives=lambda w, xs, k: _grad_of_squares(w, [chunk for chunk in xs.split(k) if len(chunk) == k], True),
        ),
        Misconception(
            "k_chunks",
            Text(
                en="These are k chunks. The exercise asks for chunks of length k.",
                zh="这里分成了k段。题目要的是每段k个。",
            ),
            gives=lambda w, xs, k: _grad_of_squares(w, xs.chunk(k), True),
        ),
    ),
)

EXERCISES = (_EXERCISE_13_4, _EXERCISE_13_5, _EXERCISE_13_6, _EXERCISE_13_7)
