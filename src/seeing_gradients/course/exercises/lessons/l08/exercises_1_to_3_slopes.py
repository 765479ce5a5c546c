"""Exercises 08.1, 08.2, 08.3: the local derivatives of a product and a power, and a topological order of a graph."""

from random import Random
from typing import Any

from ...harness.runs import of_another_kind, order_of_nodes
from ...random_inputs import again, number, turn
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
        zh="`times(a, b)`接收两个数，返回三个数，依次是乘积、乘积对`a`的局部导数和对`b`的局部导数。",
    ),
    names=("a·b", Text(en="slope towards a", zh="对a的局部导数"), Text(en="slope towards b", zh="对b的局部导数")),
    reference=times,
    inputs=lambda rng, sign: (
        again(rng, sign, lambda: number(rng, sign, parts=32)) + 4.25,
        number(rng, sign, parts=32),  # seldom equal
    ),
    hints=(
        Text(
            en="Make a larger by 1 and leave b: how much larger is the product?", zh="a增加1而b不变时，乘积增加多少？"
        ),
        Text(
            en="That much is the slope towards a. Now the other way round.", zh="这就是对a的局部导数。对b的导数同理。"
        ),
        Text(
            en="The slope towards a factor is the other factor.",
            zh="对一个因子的导数就是另一个因子。",
        ),
    ),
    solution=source_of(times),
    misconceptions=(
        Misconception(
            "swapped",
            Text(
                en="The slopes are exchanged: what stands beside a in the product is b.",
                zh="两个导数互换了，乘积对a的导数是b。",
            ),
            gives=lambda a, b: (a * b, a, b),
        ),
        Misconception(
            "of_a_sum",
            Text(en="1 and 1 are the slopes of a sum.", zh="1和1是加法的导数。"),
            gives=lambda a, b: (a * b, 1.0, 1.0),
        ),
        Misconception(
            "product_as_slope",
            Text(
                en="The product itself is no slope: it would grow with a, while the slope towards a does not.",
                zh="乘积本身不是导数。它会随a变大，而对a的局部导数不会。",
            ),
            gives=lambda a, b: (a * b, a * b, a * b),
        ),
    ),
)


def _inputs_08_2(rng: Random, sign: int) -> tuple[float, int]:
    """A number beyond 1, for sign −1 a negative one, and an exponent; each has its turn, so that odd ones meet both."""
    return again(rng, sign, lambda: (number(rng, sign, parts=32) + 4.25) * (sign or 1)), turn(rng, (2, 3, 4), sign)


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
        zh="`power_and_slope(a, n)`返回两个数，即$a^n$和它对`a`的局部导数。`n`是2到4之间的整数。",
    ),
    names=("aⁿ", Text(en="slope towards a", zh="对a的局部导数")),
    reference=power_and_slope,
    inputs=_inputs_08_2,
    hints=(
        Text(
            en="a² is a · a: two paths lead to a, each with slope a.",
            zh="a²就是a · a，有两条路径回到a，每条路径的导数都是a。",
        ),
        Text(en="aⁿ has n factors a. One path for each.", zh="aⁿ有n个因子a，每个因子对应一条路径。"),
        Text(
            en="Along each path stand the other n − 1 factors.",
            zh="每条路径的导数是其余n − 1个因子之积。",
        ),
    ),
    solution=source_of(power_and_slope),
    misconceptions=(
        Misconception(
            "no_factor",
            Text(
                en="The slope of one path only: there are n of them.",
                zh="这只是一条路径的导数，一共有n条。",
            ),
            gives=lambda a, n: (a**n, a ** (n - 1)),
        ),
        Misconception(
            "exponent_kept",
            Text(
                en="The exponent has to fall by one: on each path stand the other factors, not all of them.",
                zh="指数应当减一，每条路径的导数是其余因子之积，而不是全部因子之积。",
            ),
            gives=lambda a, n: (a**n, n * a**n),
        ),
        Misconception(
            "missing_brackets",
            Text(
                en="Brackets are missing: Python computes ** before -, so a ** n - 1 is one less than aⁿ.",
                zh="少了括号。Python先算**，后算-，所以a ** n - 1是aⁿ减1。",
            ),
            gives=lambda a, n: (a**n, n * a**n - 1),
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


_NODES = "abcdefgh"


def _completeness_and_order(order: Any, parents: dict[str, list[str]], root: str) -> Any:
    """(1.0 if every node that root depends on occurs exactly once, 1.0 if parents always come before their children).

    An order that is neither list nor tuple comes back in the form of `of_another_kind`.
    """
    if not isinstance(order, list | tuple):
        return of_another_kind(order)
    wanted = sorted(in_order(parents, root))
    whole = float(sorted(map(str, order)) == wanted)
    position = {}
    for i, node in enumerate(order):
        position.setdefault(str(node), i)  # a node that comes twice counts where it comes first
    first = all(position.get(p, 99) < position[node] for node in position for p in parents.get(node, ()))
    return whole, float(first)


def _inputs_08_3(rng: Random, sign: int) -> tuple[dict[str, list[str]], str]:
    """A random graph in which a node is reached on paths of different length, and another not at all; names are random.

    Breadth first, or a node before its parents, turned round, gives no right order for it.
    """
    while True:
        names = rng.sample(_NODES, len(_NODES))
        parents = {name: rng.sample(names[:i], min(i, 2)) if i > 1 else [] for i, name in enumerate(names)}
        root = names[-1]
        behind = in_order(parents, root)
        careless = [_turned_round(parents, root, pop, back) for pop in (0, -1) for back in (False, True)]
        if len(behind) == len(names) - 1 and all(_completeness_and_order(o, parents, root)[1] == 0 for o in careless):
            return dict(rng.sample(list(parents.items()), len(parents))), root


def _turned_round(parents: dict[str, list[str]], root: str, pop: int, backwards: bool) -> list[str]:
    """The nodes behind root, nearest first (`pop` 0) or along one path first (-1), then in reverse."""
    order, waiting = [], [root]
    while waiting:
        node = waiting.pop(pop)
        if node not in order:
            order.append(node)
            waiting += parents[node][::-1] if backwards else parents[node]
    return order[::-1]


_EXERCISE_08_3 = Exercise(
    id="08.3",
    kind="function",
    difficulty=3,
    minutes=10,
    statement=Text(
        en='`in_order(parents, root)` receives a graph as a dict, `{"c": ["a", "b"], ...}`: from each node to the '
        "nodes that it was computed from. Return a list of all nodes behind `root`, `root` included, each once, so "
        "that **parents always come first**.",
        zh='`in_order(parents, root)`接收一个用字典表示的图`{"c": ["a", "b"], ...}`，键是节点，值是用来算出该节点'
        "的那些节点。请返回一个列表，包含`root`以及它所依赖的所有节点，每个恰好出现一次，并且**父节点总在前面**"
        "。",
    ),
    names=(
        Condition(en="each node behind root exactly once", zh="root所依赖的每个节点恰好一次"),
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
            zh="写一个小函数visit(node)，先对每个父节点调用自己，再加入node。从root开始调用它。",
        ),
    ),
    solution=source_of(in_order),
    misconceptions=(
        Misconception(
            "children_first",
            Text(
                en="All nodes are there, but some node stands before one of its parents. Append a node after its "
                "parents. Nearer to the root is not enough: a node may be met on a short way and on a long one.",
                zh="节点都在，但有的节点排在了它的父节点前面。每个节点都要在它的父节点之后加入。只看离root的远近也"
                "不行，因为从root到同一个节点可能既有短的路径，又有长的路径。",
            ),
            gives=lambda parents, root: (1.0, 0.0),
        ),
        Misconception(
            "not_each_once",
            Text(
                en="Parents come first, but a node is missing, comes twice or does not lead to root: backward would "
                "skip it, run it twice, or run it for nothing.",
                zh="父节点都在前面，但有的节点缺失、出现了两次，或者root并不依赖它。",
            ),
            gives=lambda parents, root: (0.0, 1.0),
        ),
        Misconception(
            "neither",
            Text(
                en="Some node is missing, comes twice or does not lead to root, and the order is wrong as well. Begin "
                "with the recursion: parents, then node.",
                zh="有的节点缺失、重复或者root并不依赖它，顺序也不对。请先把递归写对，先访问父节点，后加入自己。",
            ),
            gives=lambda parents, root: (0.0, 0.0),
        ),
    ),
)

EXERCISES = (_EXERCISE_08_1, _EXERCISE_08_2, _EXERCISE_08_3)
