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
            zh=rf"$u = x^2$，$z = \text{{detach}}(u) \cdot x + u$，$x = {x}$。运行`z.backward()`之后，`x.grad`是多少"
            r"？",
        ),
        reference=u + 2 * x,
        hints=(
            Text(
                en=f"u is used twice. Once it is detached: there it counts as the constant {u}.",
                zh=f"u用了两次。其中一次被分离，当作常数{u}。",
            ),
            Text(
                en="From z two paths lead to x: through the factor x, and through the second u.",
                zh="从z到x有两条路径，一条经过因子x，另一条经过第二个u。",
            ),
            Text(
                en=f"The first brings the constant {u}, the second the slope of x² at {x}. Add them.",
                zh=f"第一条的导数是常数{u}，第二条的导数是x²在{x}处的导数。把它们相加。",
            ),
        ),
        solution=f"slope = {u} + 2 * {x}    # {u + 2 * x}",
        misconceptions=(
            Misconception(
                "nothing_cut",
                Text(
                    en="This is the slope of x³ + x²: nothing was cut. The detached u passes no gradient on.",
                    zh="这是x³ + x²的导数，什么也没有切断。被分离的u不再往回传梯度。",
                ),
                gives=3 * u + 2 * x,
            ),
            Misconception(
                "term_dropped",
                Text(
                    en="The first term was dropped altogether. Only its factor u is a constant; its factor x is not.",
                    zh="这里少了整个第一项。其中只有因子u是常数，因子x仍然是变量。",
                ),
                gives=2 * x,
            ),
            Misconception(
                "second_use_cut",
                Text(
                    en="The second u was cut as well. detach returns another tensor; u itself stays in the graph.",
                    zh="这里把第二个u也当作了常数。detach返回的是另一个张量，u本身仍在计算图里。",
                ),
                gives=u,
            ),
            Misconception(
                "wrong_factor",
                Text(
                    en="The other factor was held constant: x. It is u that was detached.",
                    zh="这里把因子x当作了常数，而被分离的是u。",
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
        en='Five programs go wrong, one of them without an error. Match: `"detached"` no path leads back; `"leaf"` a '
        'leaf is modified in place; `"saved"` a saved tensor is modified; `"silent"` a saved tensor is modified '
        'without an error; `"numpy"` NumPy is handed a tensor on the graph.',
        zh='下面五个程序都有错误，其中一个不报错。请找出各自的原因。`"detached"`表示没有路径可以返回，`"leaf"`表示'
        '就地修改了叶子，`"saved"`表示修改了保存的张量，`"silent"`表示修改了保存的张量而不报错，`"numpy"`表示把'
        "计算图上的张量传给了NumPy。",
    ),
    reference={"a": "saved", "b": "detached", "c": "silent", "d": "leaf", "e": "numpy"},
    options=("detached", "leaf", "saved", "silent", "numpy"),
    hints=(
        Text(en="Run them: which one raises nothing at all?", zh="运行一下，看哪一个不报错。"),
        Text(
            en="Of those that raise, read the first words: leaf, element 0, modified, numpy.",
            zh="在报错的程序里，看看报错中的这几个词：leaf、element 0、modified、numpy。",
        ),
        Text(
            en="What does sqrt save, its input or its result? Which lines write there?",
            zh="sqrt保存的是输入还是结果？哪几行修改了它？",
        ),
    ),
    solution='causes = {"a": "saved", "b": "detached", "c": "silent", "d": "leaf", "e": "numpy"}',
    misconceptions=(
        Misconception(
            "detached",
            Text(
                en="No path is missing here: one leads from the result back to x, or the program stops before there "
                "is a result.",
                zh="这里并不缺少路径。或者从结果到x仍有路径，或者程序还没有得到结果就停了。",
            ),
            gives="detached",
        ),
        Misconception(
            "leaf",
            Text(
                en="No leaf that requires grad is modified here: either nothing is, or a tensor that an operation made.",
                zh="这里没有修改需要梯度的叶子。或者什么也没有修改，或者修改的是由运算产生的张量。",
            ),
            gives="leaf",
        ),
        Misconception(
            "saved",
            Text(
                en="PyTorch reports no saved tensor here. Either none was touched, or the write left no trace in the "
                "version.",
                zh="PyTorch在这里没有报告保存的张量被修改。或者没有修改它，或者修改没有计入版本。",
            ),
            gives="saved",
        ),
        Misconception(
            "silent",
            Text(
                en="This one is not silent: it raises.",
                zh="这个程序会报错。",
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
