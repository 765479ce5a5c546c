"""Exercise 03.5: five programs for x·x, each of which fails for a different reason."""

from ...spec import Exercise, Misconception, Text

_EXERCISE_03_5 = Exercise(
    id="03.5",
    kind="choice",
    difficulty=2,
    minutes=6,
    statement=Text(
        en='Five programs were to compute $x^\\top x$. Four raise, one returns a wrong number. Match them: `"rank"` '
        'matrices where 1-D vectors are asked for; `"length"` vectors of unequal length; `"dtype"` unequal element '
        'types; `"inner"` the inner sizes of a matrix product differ; `"broadcast"` every element met every other.',
        zh='五个程序都想计算$x^\\top x$，四个报错，一个得到错误的数。请一一对应：`"rank"`需要一维向量，给的却是矩阵；'
        '`"length"`向量长度不等；`"dtype"`元素类型不同；`"inner"`矩阵乘法的内侧维度不等；`"broadcast"`每个元素都与每个元素相乘了。',
    ),
    reference={"a": "length", "b": "inner", "c": "broadcast", "d": "rank", "e": "dtype"},
    options=("rank", "length", "dtype", "inner", "broadcast"),
    hints=(
        Text(
            en="Write the shape of both factors beside each program, then their dtype.",
            zh="在每个程序旁边写下两个因子的形状，再写下它们的dtype。",
        ),
        Text(
            en="reshape(-1, 1) makes a column (3, 1). Which rule does @ follow for two columns, which does * follow, "
            "which torch.dot?",
            zh="reshape(-1, 1)得到一列，形状为(3, 1)。对于两列，@遵循什么规则？*呢？torch.dot呢？",
        ),
        Text(
            en="a and e use 1-D vectors only. Look at their number of elements, and at how the second one was made.",
            zh="a和e用的都是一维向量。看看元素个数，再看看第二个向量是怎样得来的。",
        ),
    ),
    solution='causes = {"a": "length", "b": "inner", "c": "broadcast", "d": "rank", "e": "dtype"}',
    misconceptions=(
        Misconception(
            "rank",
            Text(
                en="The operation used here takes matrices as well, or was given 1-D vectors to begin with. The "
                "trouble lies elsewhere.",
                zh="这里用的运算也接受矩阵，或者它拿到的本来就是一维向量。问题不在这里。",
            ),
            gives="rank",
        ),
        Misconception(
            "length",
            Text(
                en="Both factors are made from the same three numbers, or hold as many. Count again.",
                zh="两个因子来自同样的三个数，或者个数相同。再数一遍。",
            ),
            gives="length",
        ),
        Misconception(
            "dtype",
            Text(
                en="Both factors are float32 here; nothing was made from whole numbers.",
                zh="这里两个因子都是float32，没有由整数得来的张量。",
            ),
            gives="dtype",
        ),
        Misconception(
            "inner",
            Text(
                en="There is no matrix product between two columns here: look for @ with both factors 2-D.",
                zh="这里没有两列之间的矩阵乘法：找找@，而且两个因子都是二维。",
            ),
            gives="inner",
        ),
        Misconception(
            "broadcast",
            Text(
                en="This one raises, and broadcasting does not: it makes the shapes fit, and goes on.",
                zh="这个程序会报错，而广播不会：它把形状凑到一起，然后继续算下去。",
            ),
            gives="broadcast",
        ),
    ),
)

EXERCISES = (_EXERCISE_03_5,)
