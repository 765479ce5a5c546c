"""Exercises 08.1, 08.2, 08.3: the local derivatives of a product and a power, and a topological order of a graph."""

from random import Random
from typing import Any

from ...harness.runs import order_of_nodes
from ...random_inputs import number
from ...spec import Condition, Exercise, Misconception, Text, source_of


def times(a, b):
    return a * b, b, a


_EXERCISE_08_1 = Exercise(
    id="08.1",
    kind="function",
    difficulty=1,
    minutes=3,
    statement=Text(
        en="`times(a, b)` receives two numbers and returns three: the product, its local slope towards `a`, and its "
        "local slope towards `b`.",
        zh="`times(a, b)`接收两个数，返回三个数：乘积、它通向`a`的局部斜率、它通向`b`的局部斜率。",
    ),
    names=("a·b", Text(en="slope towards a", zh="通向a的斜率"), Text(en="slope towards b", zh="通向b的斜率")),
    reference=times,
    inputs=lambda rng, sign: (number(rng, sign) + 4.25, number(rng, sign)),  # never equal
    hints=(
        Text(
            en="Make a larger by 1 and leave b: how much larger is the product?", zh="让a增加1，b不变：乘积增加多少？"
        ),
        Text(en="That much is the slope towards a. Now the other way round.", zh="这就是通向a的斜率。再反过来想一想。"),
        Text(
            en="The slope towards a factor is the other factor.",
            zh="通向一个因子的斜率，就是另一个因子。",
        ),
    ),
    solution=source_of(times),
    misconceptions=(
        Misconception(
            "swapped",
            Text(
                en="The slopes are exchanged: what stands beside a in the product is b.",
                zh="两个斜率互换了：乘积里，a旁边的是b。",
            ),
            gives=lambda a, b: (a * b, a, b),
        ),
        Misconception(
            "of_a_sum",
            Text(en="1 and 1 are the slopes of a sum.", zh="1和1是加法的斜率。"),
            gives=lambda a, b: (a * b, 1.0, 1.0),
        ),
        Misconception(
            "product_as_slope",
            Text(
                en="The product itself is no slope: it would grow with a, while the slope towards a does not.",
                zh="乘积本身不是斜率：它会随a变大，而通向a的斜率不会。",
            ),
            gives=lambda a, b: (a * b, a * b, a * b),
        ),
    ),
)


def power_and_slope(a, n):
    return a**n, n * a ** (n - 1)


_EXERCISE_08_2 = Exercise(
    id="08.2",
    kind="function",
    difficulty=1,
    minutes=4,
    statement=Text(
        en="`power_and_slope(a, n)` returns two numbers: $a^n$ and its local slope towards `a`. `n` is a whole "
        "number, 2 to 4.",
        zh="`power_and_slope(a, n)`返回两个数：$a^n$，以及它通向`a`的局部斜率。`n`是2到4之间的整数。",
    ),
    names=("aⁿ", Text(en="slope towards a", zh="通向a的斜率")),
    reference=power_and_slope,
    inputs=lambda rng, sign: (number(rng, sign) + 4.25, rng.randint(2, 4)),
    hints=(
        Text(
            en="a² is a · a: two paths lead to a, each with slope a.",
            zh="a²就是a · a：有两条路通向a，每条的斜率都是a。",
        ),
        Text(en="aⁿ has n factors a. One path for each.", zh="aⁿ有n个因子a，每个因子一条路。"),
        Text(
            en="Along each path stand the other n − 1 factors.",
            zh="每条路上乘着其余的n − 1个因子。",
        ),
    ),
    solution=source_of(power_and_slope),
    misconceptions=(
        Misconception(
            "no_factor",
            Text(
                en="The slope of one path only: there are n of them.",
                zh="这只是一条路的斜率：一共有n条。",
            ),
            gives=lambda a, n: (a**n, a ** (n - 1)),
        ),
        Misconception(
            "exponent_kept",
            Text(
                en="The exponent has to fall by one: on each path stand the other factors, not all of them.",
                zh="指数要减一：每条路上乘着的是其余的因子，而不是全部。",
            ),
            gives=lambda a, n: (a**n, n * a**n),
        ),
        Misconception(
            "square_only",
            Text(
                en="This is right for squares only.",
                zh="这只对平方成立。",
            ),
            recognises=lambda received, a, n: n != 2 and tuple(received) == (a**n, 2 * a),
        ),
    ),
)


# Learners read this source, so it keeps its own spacing.
# fmt: off
def in_order(parents, root):
    order, seen = [], set()
    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent in parents[node]:
                visit(parent)
            order.append(node)
    visit(root)
    return order
# fmt: on


_NODES = "abcdefg"


def _completeness_and_order(order: Any, parents: dict[str, list[str]], root: str) -> Any:
    """(1.0 if every node that root depends on occurs exactly once, 1.0 if parents always come before their children).

    An order that is neither list nor tuple is returned as it is.
    """
    if not isinstance(order, list | tuple):
        return order
    wanted = sorted(in_order(parents, root))
    whole = float(sorted(map(str, order)) == wanted)
    position = {str(node): i for i, node in enumerate(order)}
    first = all(position.get(p, 99) < position[node] for node in position for p in parents.get(node, ()))
    return whole, float(first)


def _inputs_08_3(rng: Random, sign: int) -> tuple[dict[str, list[str]], str]:
    """A graph with one node on two paths of different length and one that root does not depend on; names are random."""
    names = list(_NODES)
    rng.shuffle(names)
    a, b, c, d, e, f, g = names
    return {a: [], b: [], c: [a, b], g: [c, b], d: [c, a], e: [d, c], f: [e, b]}, f


_EXERCISE_08_3 = Exercise(
    id="08.3",
    kind="function",
    difficulty=3,
    minutes=10,
    statement=Text(
        en='`in_order(parents, root)` receives a graph as a dict, `{"c": ["a", "b"], ...}`: from each node to the '
        "nodes that it was computed from. Return a list of all nodes behind `root`, `root` included, each once, so "
        "that **parents always come first**.",
        zh='`in_order(parents, root)`接收一个用字典表示的图`{"c": ["a", "b"], ...}`：从每个节点到算出它的那些节点。'
        "返回一个列表，包含`root`以及它背后的所有节点，每个恰好一次，并且**父节点总在前面**。",
    ),
    names=(
        Condition(en="each node behind root exactly once", zh="root背后的每个节点恰好一次"),
        Condition(en="parents always first", zh="父节点总在前面"),
    ),
    wanted=Text(en="a list of nodes", zh="由节点组成的列表"),
    reference=in_order,
    run=order_of_nodes,
    read=_completeness_and_order,
    inputs=_inputs_08_3,
    hints=(
        Text(
            en="Visit a node's parents before you append the node itself.",
            zh="先访问一个节点的所有父节点，再把它自己加进列表。",
        ),
        Text(
            en="Remember which nodes were visited already, and leave them alone the second time.",
            zh="记住哪些节点已经访问过，第二次遇到就跳过。",
        ),
        Text(
            en="A small function visit(node) that calls itself for each parent, then appends node; begin with root.",
            zh="写一个小函数visit(node)：先对每个父节点调用自己，再加入node；从root开始。",
        ),
    ),
    solution=source_of(in_order),
    misconceptions=(
        Misconception(
            "children_first",
            Text(
                en="All nodes are there, but some node stands before one of its parents. Append a node after its "
                "parents. Nearer to the root is not enough: a node may be met on a short way and on a long one.",
                zh="节点都在，但有的节点排在了它的父节点前面。要在父节点之后再加入一个节点。只看离root的远近也不行："
                "一个节点可能既在短路上、又在长路上。",
            ),
            gives=lambda parents, root: (1.0, 0.0),
        ),
        Misconception(
            "not_each_once",
            Text(
                en="Parents come first, but a node is missing, comes twice or does not lead to root: backward would "
                "skip it, run it twice, or run it for nothing.",
                zh="父节点都在前面，但有的节点缺失、出现了两次，或者根本不通向root：反向传播会漏掉它、把它运行两次，或者白跑一趟。",
            ),
            gives=lambda parents, root: (0.0, 1.0),
        ),
        Misconception(
            "neither",
            Text(
                en="Some node is missing, comes twice or does not lead to root, and the order is wrong as well. Begin "
                "with the recursion: parents, then node.",
                zh="有的节点缺失、重复或者不通向root，顺序也不对。先把递归写对：先父节点，后自己。",
            ),
            gives=lambda parents, root: (0.0, 0.0),
        ),
    ),
)

EXERCISES = (_EXERCISE_08_1, _EXERCISE_08_2, _EXERCISE_08_3)
