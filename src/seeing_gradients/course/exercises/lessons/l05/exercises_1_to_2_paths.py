"""Exercises 05.1, 05.2: a gradient with one path cut; why five programs fail."""

from ...spec import Exercise, Misconception, Text
from ...variants import varied


def _exercise_05_1(x: int) -> Exercise:
    u = x * x
    return Exercise(
        id="05.1",
        kind="value",
        difficulty=1,
        minutes=4,
        statement=Text(
            en=f"$u = x^2$ and $z = \\text{{detach}}(u) \\cdot x + u$ at $x = {x}$. Which gradient does "
            "`z.backward()` leave in `x.grad`?",
            zh=f"$u = x^2$，$z = \\text{{detach}}(u) \\cdot x + u$，$x = {x}$。`z.backward()`会在`x.grad`里留下什么梯度？",
        ),
        reference=u + 2 * x,
        hints=(
            Text(
                en=f"u is used twice. Once it is detached: there it counts as the constant {u}.",
                zh=f"u用了两次。其中一次被分离：在那里它算作常数{u}。",
            ),
            Text(
                en="From z two paths lead to x: through the factor x, and through the second u.",
                zh="从z到x有两条路：经过因子x，以及经过第二个u。",
            ),
            Text(
                en=f"The first brings the constant {u}, the second the slope of x² at {x}. Add them.",
                zh=f"第一条带来常数{u}，第二条带来x²在{x}处的斜率。把它们相加。",
            ),
        ),
        solution=f"slope = {u} + 2 * {x}    # {u + 2 * x}",
        misconceptions=(
            Misconception(
                "nothing_cut",
                Text(
                    en="This is the slope of x³ + x²: nothing was cut. The detached u passes no gradient on.",
                    zh="这是x³ + x²的斜率，什么也没有切断。被分离的u不再往回传梯度。",
                ),
                gives=3 * u + 2 * x,
            ),
            Misconception(
                "term_dropped",
                Text(
                    en="The first term was dropped altogether. Only its factor u is a constant; the factor x still "
                    "moves.",
                    zh="第一项被整个丢掉了。其中只有因子u是常数，因子x仍然会变。",
                ),
                gives=2 * x,
            ),
            Misconception(
                "second_use_cut",
                Text(
                    en="The second u was cut as well. detach returns another tensor; u itself stays in the graph.",
                    zh="第二个u也被切断了。detach返回的是另一个张量，u自己仍在计算图里。",
                ),
                gives=u,
            ),
            Misconception(
                "wrong_factor",
                Text(
                    en="The other factor was held constant: x. It is u that was detached.",
                    zh="当作常数的是另一个因子x。被分离的是u。",
                ),
                gives=2 * u + 2 * x,
            ),
        ),
    )


_EXERCISE_05_1 = varied(_exercise_05_1, (3,), range(3, 16))

_EXERCISE_05_2 = Exercise(
    id="05.2",
    kind="choice",
    difficulty=2,
    minutes=6,
    statement=Text(
        en='Five programs go wrong, one of them in silence. Match: `"detached"` no path leads back; `"leaf"` a leaf '
        'is written in place; `"saved"` a saved tensor is overwritten; `"silent"` a saved tensor is overwritten '
        'unseen; `"numpy"` NumPy is handed a tensor on the graph.',
        zh='五个程序都出了错，其中一个一声不吭。请配对：`"detached"`没有路可以返回；`"leaf"`就地改写叶子；`"saved"`改写了保存的张量；'
        '`"silent"`悄悄改写了保存的张量；`"numpy"`把图上的张量交给了NumPy。',
    ),
    reference={"a": "saved", "b": "detached", "c": "silent", "d": "leaf", "e": "numpy"},
    options=("detached", "leaf", "saved", "silent", "numpy"),
    hints=(
        Text(en="Run them: which one raises nothing at all?", zh="运行一下：哪一个完全不报错？"),
        Text(
            en="Of those that raise, read the first words: leaf, element 0, modified, numpy.",
            zh="报错的那些，看看开头的几个词：leaf、element 0、modified、numpy。",
        ),
        Text(
            en="What does sqrt save, its input or its result? Which lines write there?",
            zh="sqrt保存的是输入还是结果？哪几行写到了那里？",
        ),
    ),
    solution='causes = {"a": "saved", "b": "detached", "c": "silent", "d": "leaf", "e": "numpy"}',
    misconceptions=(
        Misconception(
            "detached",
            Text(
                en="No path is missing here: one leads from the result back to x, or the program stops before there "
                "is a result.",
                zh="这里并不缺路：要么从结果到x仍有路可走，要么程序还没有得到结果就停了。",
            ),
            gives="detached",
        ),
        Misconception(
            "leaf",
            Text(
                en="What is written to here is no leaf that requires grad: an operation made it.",
                zh="这里被改写的不是需要梯度的叶子，它是由运算产生的。",
            ),
            gives="leaf",
        ),
        Misconception(
            "saved",
            Text(
                en="PyTorch reports no saved tensor here. Either none was touched, or the write left no trace in the "
                "version.",
                zh="PyTorch在这里没有报告保存的张量。要么没有动到它，要么写入没有在版本上留下痕迹。",
            ),
            gives="saved",
        ),
        Misconception(
            "silent",
            Text(
                en="This one is not silent: it raises.",
                zh="这一个并不沉默：它会报错。",
            ),
            gives="silent",
        ),
        Misconception(
            "numpy",
            Text(
                en="NumPy does not occur here.",
                zh="这里没有出现NumPy。",
            ),
            gives="numpy",
        ),
    ),
)

EXERCISES = (_EXERCISE_05_1, _EXERCISE_05_2)
