"""Exercises 01.4, 01.5: why five descents behave differently, and one step of gradient descent."""

from random import Random

from ...random_inputs import again, number, turn
from ...spec import Exercise, Misconception, Text, source_of

_EXERCISE_01_4 = Exercise(
    id="01.4",
    kind="choice",
    difficulty=2,
    minutes=6,
    statement=Text(
        en='Five descents on $f(x) = x^2$ from $x = 1$. Match each with what happens: `"slow"`, the learning rate is '
        'too small; `"oscillates"`, it is a little too large, so that x jumps across 0 but still comes nearer; '
        '`"diverges"`, it is far too large; `"uphill"`, the step has the wrong sign; `"no slope"`, the derivative is '
        "lost in rounding.",
        zh='下面是对$f(x) = x^2$从$x = 1$出发的五次梯度下降，请找出各自的情形。`"slow"`表示学习率太小，'
        '`"oscillates"`表示学习率略大，x在0两侧来回跳，但仍在靠近0，`"diverges"`表示学习率太大，`"uphill"`表示'
        '更新的符号错了，`"no slope"`表示导数在舍入中丢失了。',
    ),
    reference={"a": "oscillates", "b": "uphill", "c": "no slope", "d": "slow", "e": "diverges"},
    options=("slow", "oscillates", "diverges", "uphill", "no slope"),
    hints=(
        Text(
            en="Look at two things only: does the size of x grow or shrink, and does its sign change?",
            zh="先看x的绝对值是增是减，再看它的符号是否改变。",
        ),
        Text(
            en="On x² a step multiplies x by 1 − 2η. When is this factor negative, when larger than 1 in size?",
            zh="对x²来说，每一步都把x乘以1 − 2η。这个因子什么时候为负，什么时候绝对值大于1？",
        ),
        Text(
            en="With a positive η the factor is never larger than +1. Which program grows without changing its sign?",
            zh="η为正时，这个因子绝不会大于+1。哪个程序在增大，却不变号？",
        ),
    ),
    solution='causes = {"a": "oscillates", "b": "uphill", "c": "no slope", "d": "slow", "e": "diverges"}',
    misconceptions=(
        Misconception(
            "slow",
            Text(
                en="A rate that is too small still moves x a little towards 0 at every step, and never across it.",
                zh="学习率太小时，x每一步仍会略微靠近0，而且不会越过0。",
            ),
            gives="slow",
        ),
        Misconception(
            "oscillates",
            Text(
                en="This x does not come nearer to 0 with a change of sign at every step. Look at both, size and sign.",
                zh="这里的x并不是一边变号一边靠近0。绝对值和符号都要看。",
            ),
            gives="oscillates",
        ),
        Misconception(
            "diverges",
            Text(
                en="On x² a learning rate that is too large jumps across 0: the sign changes at every step, and the "
                "size grows.",
                zh="对x²来说，学习率太大时x会越过0，每一步都变号，而且绝对值越来越大。",
            ),
            gives="diverges",
        ),
        Misconception(
            "uphill",
            Text(
                en="Uphill, x keeps its sign and moves away from 0. Here it does not.",
                zh="如果更新的符号错了，x的符号不变，离0越来越远。这里不是这样。",
            ),
            gives="uphill",
        ),
        Misconception(
            "no_slope",
            Text(
                en="If the derivative were lost, x would not change at all.",
                zh="如果导数丢失了，x就完全不会变。",
            ),
            gives="no slope",
        ),
    ),
)


def _inputs_01_5(rng: Random, sign: int) -> tuple[float, float]:
    """A place and a learning rate below 1, never the same twice in a row; too many pairs for a table."""
    return again(rng, sign, lambda: number(rng, sign, 6)), (rng.randint(1, 7) + turn(rng, (0, 8), sign)) / 16


def one_step(x, lr):
    return x - lr * (6 * x - 4)


_EXERCISE_01_5 = Exercise(
    id="01.5",
    kind="function",
    difficulty=1,
    minutes=5,
    statement=Text(
        en="`one_step(x, lr)` receives two Python numbers and returns where one step of gradient descent on "
        "$u = 3x^2 - 4x$ leads from $x$. Find the derivative in whichever way you like.",
        zh="`one_step(x, lr)`接收两个Python数，返回对$u = 3x^2 - 4x$从$x$出发做一步梯度下降后到达的位置。导数用哪"
        "种方法求都可以。",
    ),
    reference=one_step,
    inputs=_inputs_01_5,
    hints=(
        Text(
            en="new x = old x − learning rate · slope. What is the slope of 3x² − 4x?",
            zh="新的x = 旧的x − 学习率 · 导数。3x² − 4x的导数是什么？",
        ),
        Text(
            en="Term by term: 3x² has slope 6x, and −4x has the same slope everywhere.",
            zh="逐项求导，3x²的导数是6x，−4x的导数处处相同。",
        ),
        Text(
            en="With autograd: make x a tensor that requires grad, run backward, and use x.grad.item().",
            zh="也可以用自动微分，把x变成需要梯度的张量，做反向传播，再取x.grad.item()。",
        ),
    ),
    solution=source_of(one_step),
    misconceptions=(
        Misconception(
            "uphill",
            Text(
                en="This step goes uphill: the gradient points to where u grows.",
                zh="这一步使u增大了，因为梯度指向u增大的方向。",
            ),
            gives=lambda x, lr: x + lr * (6 * x - 4),
        ),
        Misconception(
            "without_rate",
            Text(
                en="The whole slope was subtracted. The learning rate scales it.",
                zh="这里减去了整个导数。应当先乘上学习率。",
            ),
            gives=lambda x, lr: x - (6 * x - 4),
        ),
        Misconception(
            "constant_term_lost",
            Text(
                en="The slope is incomplete: −4x contributes to it at every x.",
                zh="导数不完整，缺少−4x的导数。",
            ),
            gives=lambda x, lr: x - lr * 6 * x,
        ),
        Misconception(
            "value_for_slope",
            Text(
                en="The value of u was used where its slope belongs.",
                zh="应当用导数的地方用了u的值。",
            ),
            gives=lambda x, lr: x - lr * (3 * x * x - 4 * x),
        ),
        Misconception(
            "no_brackets",
            Text(
                en="Only 6x was multiplied by the learning rate: without brackets the 4 is subtracted as a whole.",
                zh="只有6x乘了学习率。没有加括号，4就整个减去了。",
            ),
            gives=lambda x, lr: x - lr * 6 * x - 4,
        ),
        Misconception(
            "sign_in_the_brackets",
            Text(
                en="The 4 has the wrong sign: the slope 6x − 4 is subtracted as a whole, and minus times minus is plus.",
                zh="4的符号反了。减去的是整个导数6x − 4，去掉括号时，−4要变成+4。",
            ),
            gives=lambda x, lr: x - lr * 6 * x - 4 * lr,
        ),
        Misconception(
            "line_not_differentiated",
            Text(
                en="−4x was left as it is. Its derivative is the same number at every x.",
                zh="−4x没有求导。它的导数在每个x处都是同一个数。",
            ),
            gives=lambda x, lr: x - lr * (6 * x - 4 * x),
        ),
        Misconception(
            "change_only",
            Text(
                en="This is only the change in x. The exercise asks for the place where x arrives.",
                zh="这只是改变量。要的是x到达的位置。",
            ),
            gives=lambda x, lr: -lr * (6 * x - 4),
        ),
    ),
)

EXERCISES = (_EXERCISE_01_4, _EXERCISE_01_5)
