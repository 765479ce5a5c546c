"""Exercises 09.1, 09.2: what is wrong with five programs; the versions of a tensor that was written to in place."""

from ...spec import Exercise, Misconception, Text

_EXERCISE_09_1 = Exercise(
    id="09.1",
    kind="choice",
    difficulty=2,
    minutes=8,
    statement=Text(
        en='Five patients; run them, then name what ails each: `"leaf"` a leaf written to in place; `"saved"` a saved '
        'value written to in place; `"freed"` saved tensors used after they were freed; `"cut"` the path to the leaf '
        'is cut; `"vector"` no scalar to start from.',
        zh='下面有五个病例，请先运行，再指出各自的原因。`"leaf"`表示就地修改了叶子，`"saved"`表示就地修改了保存的'
        '值，`"freed"`表示保存的张量释放之后又被使用，`"cut"`表示回到叶子的路径断开了，`"vector"`表示反向传播没'
        "有标量可以作为起点。",
    ),
    reference={"a": "freed", "b": "saved", "c": "vector", "d": "cut", "e": "leaf"},
    options=("leaf", "saved", "freed", "cut", "vector"),
    hints=(
        Text(
            en="Read each message for its noun: a leaf Variable, an inplace operation, a second time, scalar outputs, "
            "a grad_fn.",
            zh="在每条报错里找关键的词：leaf Variable、inplace operation、a second time、scalar outputs、grad_fn。",
        ),
        Text(
            en="Two messages speak of in-place operations. Which of the two comes during the forward pass, and about "
            "which tensor?",
            zh="有两条报错都提到就地操作。哪一条是在前向传播时出现的？指的是哪个张量？",
        ),
        Text(
            en="b complains in backward only: what it changed had been computed. e complains at once: what it changes "
            "is x.",
            zh="b在反向传播时才报错，因为它修改的是由计算得到的值。e在修改时立即报错，因为它修改的是x。",
        ),
    ),
    solution='ailments = {"a": "freed", "b": "saved", "c": "vector", "d": "cut", "e": "leaf"}',
    misconceptions=(
        Misconception(
            "leaf",
            Text(
                en="No leaf is written to here. Look which tensor, if any, stands left of an in-place operation.",
                zh="这里没有修改叶子。看看就地操作（如果有的话）左边是哪个张量。",
            ),
            gives="leaf",
        ),
        Misconception(
            "saved",
            Text(
                en="No saved value is overwritten here: either nothing is written in place, or the program stops before any "
                "operation has saved something.",
                zh="这里没有修改保存的值。或者没有就地操作，或者程序停止时还没有任何运算保存过值。",
            ),
            gives="saved",
        ),
        Misconception(
            "freed",
            Text(
                en="Nothing was freed here: no graph is gone through a second time.",
                zh="这里没有释放保存的张量，没有对任何一张图做第二次反向传播。",
            ),
            gives="freed",
        ),
        Misconception(
            "cut",
            Text(
                en="The path is whole: from the output a grad_fn leads back to x.",
                zh="路径没有断开，从输出出发，沿grad_fn可以一直回到x。",
            ),
            gives="cut",
        ),
        Misconception(
            "vector",
            Text(
                en="The output has one element, so backward knows where to start.",
                zh="输出只有一个元素，可以作为反向传播的起点。",
            ),
            gives="vector",
        ),
    ),
)

_EXERCISE_09_2 = Exercise(
    id="09.2",
    kind="value",
    difficulty=2,
    minutes=5,
    statement=Text(
        en="`y = x.exp()`, then `y += 1`, then `z = y[:2]`, then `z.mul_(2)`, then `u = y * 3`. At which version did "
        "`ExpBackward0` save `y`, and at which version is `y` at the end?",
        zh="依次运行`y = x.exp()`、`y += 1`、`z = y[:2]`、`z.mul_(2)`、`u = y * 3`。`ExpBackward0`保存的`y`是第几版？"
        "最后`y`是第几版？",
    ),
    names=("saved", "at_end"),
    reference=(0, 2),
    hints=(
        Text(
            en="The version counts writes in place. Which of the lines write into memory that exists already?",
            zh="版本号是就地修改的次数。哪几行修改了已有的内存？",
        ),
        Text(
            en="A view has no memory of its own, and no counter of its own either.",
            zh="视图没有自己的内存，也没有自己的版本计数器。",
        ),
        Text(
            en="u = y * 3 makes a new tensor. A node saves when it is made, before anybody could write.",
            zh="u = y * 3产生的是新张量。节点在生成时就保存了值，那时值还没有被修改。",
        ),
    ),
    solution="saved, at_end = 0, 2   # y += 1 and, through the view z, mul_ | y += 1，以及经过视图z的mul_",
    misconceptions=(
        Misconception(
            "view_has_its_own",
            Text(
                en="A view shares its memory with y, and the counter belongs to the memory. Writing through z counts "
                "for y.",
                zh="视图与y共享内存，也共用版本计数器。通过z的修改也计入y的版本。",
            ),
            gives=(0, 1),
        ),
        Misconception(
            "every_line_counts",
            Text(
                en="Not every operation writes in place: one of these lines makes a new tensor and leaves y alone.",
                zh="并不是每个运算都就地修改，其中有一行产生了新张量，没有修改y。",
            ),
            gives=(0, 3),
        ),
        Misconception(
            "saved_at_the_end",
            Text(
                en="The node did not save y at the end: it took the result when it was made. That the two numbers "
                "differ is the whole point.",
                zh="节点不是在最后才保存y，而是在结果产生时就保存了。两个版本号不相等，正是问题所在。",
            ),
            gives=(2, 2),
        ),
        Misconception(
            "counted_from_one",
            Text(
                en="A new tensor is at version 0; the first write makes it 1.",
                zh="新的张量是第0版，第一次修改之后才是第1版。",
            ),
            gives=(1, 3),
        ),
    ),
)

EXERCISES = (_EXERCISE_09_1, _EXERCISE_09_2)
