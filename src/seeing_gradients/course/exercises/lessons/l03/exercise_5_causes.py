"""Exercise 03.5: five programs for x·x, each of which fails for a different reason."""

from ...spec import Exercise, Misconception, Text

_EXERCISE_03_5 = Exercise(
    id="03.5",
    kind="choice",
    difficulty=2,
    minutes=6,
    statement=Text(
        en="Five programs should compute $x^\\top x$. Four raise an error, and one returns a wrong number. Match them: "
        '`"rank"`, matrices where 1-D vectors are required; `"length"`, vectors of unequal length; `"dtype"`, different '
        'dtypes; `"inner"`, the inner sizes of a matrix product differ; `"broadcast"`, every element was multiplied by '
        "every other.",
        zh=r'下面五个程序都要计算$x^\top x$，其中四个报错，一个得到错误的数。请找出各自的原因。`"rank"`表示需要一维'
        r'向量，给的却是矩阵，`"length"`表示向量长度不等，`"dtype"`表示数据类型不同，`"inner"`表示矩阵乘法的内侧'
        r'维度不等，`"broadcast"`表示经过广播，一个向量的每个元素都与另一个向量的每个元素相乘了。',
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
            zh="reshape(-1, 1)得到一列，形状为(3, 1)。两列之间的@、*和torch.dot各遵循什么规则？",
        ),
        Text(
            en="a and e use 1-D vectors only. Look at their number of elements, and at how the second one was made.",
            zh="a和e用的都是一维向量。看看元素个数，再看看第二个向量是怎样得到的。",
        ),
    ),
    solution='causes = {"a": "length", "b": "inner", "c": "broadcast", "d": "rank", "e": "dtype"}',
    misconceptions=(
        Misconception(
            "rank",
            Text(
                en="The operation used here takes matrices as well, or was given 1-D vectors in the first "
                "place. The trouble lies elsewhere.",
                zh="这里用的运算也接受矩阵，或者因子本来就是一维向量。问题不在这里。",
            ),
            gives="rank",
        ),
        Misconception(
            "length",
            Text(
                en="Both factors have the same number of elements. Count again.",
                zh="两个因子的元素个数相同。请再数一数。",
            ),
            gives="length",
        ),
        Misconception(
            "dtype",
            Text(
                en="Both factors are float32 here; nothing was made from whole numbers.",
                zh="这里两个因子都是float32，没有整数张量。",
            ),
            gives="dtype",
        ),
        Misconception(
            "inner",
            Text(
                en="There is no matrix product between two columns here: look for @ with both factors 2-D.",
                zh="这里没有两列之间的矩阵乘法，即两个因子都是二维的@。",
            ),
            gives="inner",
        ),
        Misconception(
            "broadcast",
            Text(
                en="This one raises an error, and broadcasting does not: it makes the shapes fit and goes on.",
                zh="这个程序会报错，而广播不会报错，它会扩展形状并继续计算。",
            ),
            gives="broadcast",
        ),
    ),
)

EXERCISES = (_EXERCISE_03_5,)
