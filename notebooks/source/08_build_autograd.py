# ---
# jupyter:
#   jupytext:
#     cell_markers: 'r"""'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] lang="en"
r"""
# 08 · Build an autograd of your own

**Could I write this myself?** Yes, in about sixty lines. We build an engine for scalars step by step, compare it with PyTorch on random expressions, draw it with the same explorer, and use it to train a small classifier.

After this lesson you can

- note a local slope for each operation, and say why that is all an engine needs;
- sort a graph, and run the backward pass over it;
- carry a gradient back through broadcasting.

*About 55 minutes: 20 to read and try, 35 for the exercises. You need lessons 02 and 04, and Python classes.*
"""

# %% [markdown] lang="zh"
r"""
# 08 · 自己写一个autograd

**自动微分能不能自己写**？能，大约六十行就够了。本课一步一步地实现一个标量引擎，用随机的表达式与PyTorch对照，用同样的交互图把它画出来，再用它训练一个小分类器。

学完本课，你将能够

- 为每个运算记下局部导数，并说出引擎为什么只需要这些；
- 给计算图排好顺序，再按这个顺序运行反向传播；
- 求出经过广播的张量的梯度。

约55分钟，其中阅读和操作20分钟，练习35分钟。预备知识有第02、04课，以及Python的类。
"""

# %%
import math, random

import torch
from helpers import check, d2l, explore, hint, language, predict, progress

language.use("en")

# %% [markdown] lang="en"
r"""
The names of this lesson: `Value` is a number with a history, `data` is the number itself, `grad` the derivative of the output with respect to it, and `parents` the values it was computed from, each with the **local slope**, the derivative of the result with respect to that parent.

## 1. A number that remembers

What must be written down while we compute? Begin with one product:
"""

# %% [markdown] lang="zh"
r"""
本课用到的`Value`是一个记录了来历的数，`data`是数本身，`grad`是输出对它的导数，`parents`列出用来算出它的各个值（父节点），每个父节点都配有结果对该父节点的**局部导数**（local derivative）。

## 1. 记录来历的数

计算的时候，必须记下什么？先看一个乘积。
"""

# %%
predict("08.p1")

# %% [markdown] lang="en" tags=["answer"]
r"""
Each operation knows how its result changes with each operand. That is a number, known as soon as the operation runs. So a value stores pairs: a parent, and the local slope towards it.
"""

# %% [markdown] lang="zh" tags=["answer"]
r"""
每个运算的结果随各个操作数怎样变化，都可以用一个数来表示，而且运算进行时就能算出来。所以，每个值要记下若干个数对（父节点, 局部导数）。
"""


# %%
class Value:
    def __init__(self, data, parents=(), op="leaf"):
        self.data, self.parents, self.op = data, parents, op
        self.grad = 0.0

    def __repr__(self):
        return f"Value({self.data:g}, grad={self.grad:g})"


def as_value(number):
    return number if isinstance(number, Value) else Value(number)


# %%
def add(a, b):
    b = as_value(b)
    return Value(a.data + b.data, ((a, 1.0), (b, 1.0)), "add")


def mul(a, b):
    b = as_value(b)
    return Value(a.data * b.data, ((a, b.data), (b, a.data)), "mul")


Value.__add__ = Value.__radd__ = add
Value.__mul__ = Value.__rmul__ = mul
y = 2 * Value(3.0) + 1
y, y.parents

# %% [markdown] lang="en"
r"""
`__radd__` and `__rmul__` are needed for `2 * x`, where the plain number stands on the left and cannot multiply a `Value`. Powers and functions of one number have one parent each:
"""

# %% [markdown] lang="zh"
r"""
`2 * x`的左边是普通的数，不能直接与`Value`相乘，这时Python会调用`__rmul__`，加法则调用`__radd__`。乘方和一元函数各有一个父节点。
"""


# %%
def power(a, n):
    return Value(a.data**n, ((a, n * a.data ** (n - 1)),), "pow")


def exp(a):
    return Value(math.exp(a.data), ((a, math.exp(a.data)),), "exp")


def relu(a):
    return Value(max(a.data, 0.0), ((a, float(a.data > 0)),), "relu")


Value.__pow__, Value.exp, Value.relu = power, exp, relu
Value.__neg__ = lambda a: a * -1.0
Value.__sub__ = lambda a, b: a + as_value(b) * -1.0
Value.__truediv__ = lambda a, b: a * as_value(b) ** -1

# %% [markdown] lang="en"
r"""
Subtraction and division need nothing new: they are composed of the operations above.

## 2. Parents first

Backward must not pass a gradient on before all of it has arrived. Consider this example:
"""

# %% [markdown] lang="zh"
r"""
减法和除法由已有的运算组合而成，不必另写。

## 2. 父节点在前

反向传播时，一个节点要等各条路径的梯度都到齐，才能继续往回传。请看下面的例子。
"""

# %%
predict("08.p3")

# %% [markdown] lang="en"
r"""
`a` is used twice, in `b` and in `y`. If `a` ran as soon as the first gradient came, `x` would miss the second. The remedy is an order in which every value stands **after** all its parents; backward then goes through it from the end. We use a stack in place of recursion, so that a long chain does not reach Python's recursion limit:
"""

# %% [markdown] lang="zh"
r"""
`a`用了两次，一次在`b`里，一次在`y`里。如果第一个梯度一到，`a`就往回传，`x`就会漏掉第二个梯度。为此要排一个顺序，使每个值都排在它的所有父节点**之后**，反向传播再从末尾往前进行。这里用栈代替递归，即使链条很长，也不会达到Python的递归上限。
"""


# %%
def ordered(root):
    order, seen, stack = [], set(), [(root, False)]
    while stack:
        value, done = stack.pop()
        if done:
            order.append(value)
        elif value not in seen:
            seen.add(value)
            stack.append((value, True))
            stack += [(parent, False) for parent, _ in value.parents]
    return order


x = Value(1.0)
a = 2 * x
y = a * (a + 1)
[value.op for value in ordered(y)]

# %% [markdown] lang="en"
r"""
## 3. Backward

The whole engine: put 1 at the output; then, from the end to the beginning, each value sends its gradient, times the local slope, to each parent, where it is **added**.
"""

# %% [markdown] lang="zh"
r"""
## 3. 反向传播

整个引擎只有两步。先令输出处的梯度为1，再从末尾到开头，依次把每个值的梯度乘以局部导数，传给它的每个父节点，并在父节点处**相加**。
"""


# %% tags=["answer"]
def backward(root):
    root.grad = 1.0
    for value in reversed(ordered(root)):
        for parent, slope in value.parents:
            parent.grad += slope * value.grad


Value.backward = backward
y.backward()
x, a, y

# %% [markdown] lang="en"
r"""
A single `+=` does what lesson 02 called "several paths add up". What would `=` do?
"""

# %% [markdown] lang="zh"
r"""
第02课所说的“各条路径的梯度相加”，在这里就是一个`+=`。换成`=`会怎样？
"""

# %%
predict("08.p2")


# %%
def forgetful_backward(root):
    root.grad = 1.0
    for value in reversed(ordered(root)):
        for parent, slope in value.parents:
            parent.grad = slope * value.grad


x = Value(3.0)
forgetful_backward(x * (x + 2))
x.grad

# %% [markdown] lang="en"
r"""
The right gradient is $2x + 2 = 8$. The engine gives 3, without any message: the product wrote 5 into `x.grad`, and then the sum overwrote it with 3. Only a comparison with an independent result finds such a mistake.

## 4. See it

The explorer draws any engine whose values have `data`, `grad`, `op`, `parents` and `backward`. These are **your** values and **your** gradients; when you move the sliders, your `backward` runs again. The check beside them is a central difference, which is computed without the engine's gradients:
"""

# %% [markdown] lang="zh"
r"""
正确的梯度是$2x + 2 = 8$。这个引擎得到的是3，而且没有任何报错，因为乘法先把5写入`x.grad`，加法又用3覆盖了它。这样的错误，只有与独立算出的结果对照才能发现。

## 4. 用交互图查看引擎

只要引擎的值带有`data`、`grad`、`op`、`parents`和`backward`，就能用交互图画出来。图中是**你的**值和**你的**梯度，拖动滑块时，再次运行的是你的`backward`。旁边用作检验的是中心差分，它的计算不依赖引擎的梯度。
"""


# %%
def loss(w, b, x, y_true):
    return (w * x + b - y_true) ** 2


explore(loss, engine=Value, w=(-5.0, 5.0), b=(-5.0, 5.0), x=2.0, y_true=7.0).set(w=4.0, b=2.0)

# %% [markdown] lang="en"
r"""
The gradients are 12 and 6, as in lesson 02. Now give $x (x + 2)$ to the forgetful engine. Two edges bring 5 and 3 to `x`, where they should be added up to 8. This engine overwrites instead of adding, so `x` holds only the 3. The sign where the edges meet is therefore ≠ and not +, and ≠ stands in the last column, too:
"""

# %% [markdown] lang="zh"
r"""
梯度是12和6，与第02课相同。现在用覆盖梯度的`Forgetful`引擎计算$x (x + 2)$。沿通向`x`的两条边传回的是5和3，在`x`处本应相加得到8。这个引擎没有相加而是覆盖，所以`x`的梯度只剩下3。因此两条边汇合处的符号是≠，不是+，最后一列也标出了≠。
"""


# %%
class Forgetful(Value):
    def __add__(self, other):
        total = add(self, other)
        return Forgetful(total.data, total.parents, total.op)

    def __mul__(self, other):
        product = mul(self, other)
        return Forgetful(product.data, product.parents, product.op)

    backward = forgetful_backward


explore(lambda x: x * (x + 2), engine=Forgetful, x=(-5.0, 5.0)).set(x=3.0)

# %% [markdown] lang="en"
r"""
## 5. Against PyTorch

One function proves little. So we generate random expressions of eight operations each, on random numbers, and compute each once with `Value` and once with float64 tensors:
"""

# %% [markdown] lang="zh"
r"""
## 5. 与PyTorch对照

只用一个函数来检验是不够的。下面随机生成表达式，每个含八次运算，数也是随机的，分别用`Value`和float64张量各算一次。
"""


# %%
OPERATIONS = [
    lambda a, b: a + b,
    lambda a, b: a * b * 0.5,
    lambda a, b: a - b,
    lambda a, b: (a * 0.1).exp(),
    lambda a, b: a.relu(),
    lambda a, b: (a * 0.3) ** 2,
]


def random_expression(seed, leaves):
    rng, values = random.Random(seed), list(leaves)
    for _ in range(8):
        a, b = rng.choice(values), rng.choice(values)
        values.append(rng.choice(OPERATIONS)(a, b))
    return sum(values[1:], values[0])


# %%
def largest_gap(seed):
    numbers = [random.Random(seed).uniform(-2, 2) for _ in range(3)]
    ours = [Value(n) for n in numbers]
    theirs = [torch.tensor(n, dtype=torch.float64, requires_grad=True) for n in numbers]
    random_expression(seed, ours).backward()
    random_expression(seed, theirs).backward()
    return max(abs(a.grad - b.grad.item()) / (1 + abs(a.grad)) for a, b in zip(ours, theirs, strict=True))


all(largest_gap(seed) < 1e-12 for seed in range(500))

# %% [markdown] lang="en"
r"""
In five hundred random graphs no gradient is off by more than rounding. The slope of `relu` at exactly 0 is a convention, and we follow PyTorch: it is 0.

## 6. Training a network

Is the engine good enough to train something? We take two rings of points that no straight line separates, a network with one hidden layer, and gradient descent, with nothing but our `Value`:
"""

# %% [markdown] lang="zh"
r"""
在五百张随机的计算图中，没有一个梯度的误差超过舍入误差。`relu`恰好在0处的导数是一个约定，我们与PyTorch的约定相同，取0。

## 6. 训练一个网络

这个引擎能用来训练网络吗？取内外两圈点，它们不能用直线分开，再用含一层隐藏单元（hidden unit）的网络做梯度下降，整个计算只用我们的`Value`。
"""

# %%
rng = random.Random(1)
angles = [rng.uniform(0, 2 * math.pi) for _ in range(40)]
radii = [1.0 if i % 2 else 0.3 for i in range(40)]
points = [(r * math.cos(t), r * math.sin(t)) for r, t in zip(radii, angles, strict=True)]
labels = [1.0 if i % 2 else -1.0 for i in range(40)]
hidden = [[Value(rng.uniform(-1, 1)) for _ in range(3)] for _ in range(8)]
out = [Value(rng.uniform(-1, 1)) for _ in range(9)]


# %%
def score(x0, x1):
    units = [(w0 * x0 + w1 * x1 + b).relu() for w0, w1, b in hidden]
    return sum((w * u for w, u in zip(out, units, strict=False)), out[-1])


# %%
def step(lr):
    margins = (label * score(*point) for point, label in zip(points, labels, strict=True))
    loss = sum(((1 - margin).relu() for margin in margins), Value(0.0))
    parameters = [*out, *(p for unit in hidden for p in unit)]
    for p in parameters:
        p.grad = 0.0
    loss.backward()
    for p in parameters:
        p.data -= lr * p.grad / len(points)
    return loss.data / len(points)


Value.__rsub__ = lambda a, b: as_value(b) - a
losses = [step(0.2) for _ in range(120)]
right = sum((score(*point).data > 0) == (label > 0) for point, label in zip(points, labels, strict=True))
right, len(points)

# %%
d2l.plot(losses, xlabel="step", ylabel="loss")

# %% [markdown] lang="en"
r"""
The loss falls, and all 40 points are on the right side. Where does the network draw the boundary?
"""

# %% [markdown] lang="zh"
r"""
损失下降了，40个点全部分类正确。网络得到的决策边界（decision boundary）是什么形状？
"""

# %%
grid = [i / 10 - 1.5 for i in range(31)]
d2l.set_figsize((3, 3))
scores = [[score(a, b).data for a in grid] for b in grid]
d2l.plt.contourf(grid, grid, scores, levels=[-99, 0, 99], colors=["tab:blue", "tab:orange"], alpha=0.3)
colors = ["tab:orange" if label > 0 else "tab:blue" for label in labels]
_ = d2l.plt.scatter(*zip(*points, strict=True), c=colors, s=12)

# %% [markdown] lang="en"
r"""
Every point lies in the region of its own colour. The boundary consists of straight pieces, since the function bends only where a ReLU does.

## 7. Tensors: back through broadcasting

An engine for tensors follows the same plan, with a VJP (lesson 04) in place of the local slope. One thing is new: operands of different shapes.
"""

# %% [markdown] lang="zh"
r"""
每个点都落在与自己同色的区域里。决策边界由若干段直线组成，因为这个函数只在ReLU转折的地方才转折。

## 7. 张量与广播的反向传播

张量引擎的做法相同，只是把局部导数换成了VJP（第04课）。新的问题是，操作数的形状可能不同。
"""

# %%
predict("08.p4")

# %%
b = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
X = torch.arange(12.0).reshape(4, 3)
g = torch.cos(X)  # any gradient that may arrive at X + b | 传到X + b的任意一个梯度
(X + b).backward(g)
b.grad, g.sum(0)

# %% [markdown] lang="en"
r"""
Broadcasting uses one element several times, so several gradients come back to it, and they are added: **the adjoint of broadcasting is a sum** over the axes along which the element was repeated. An axis of length 1 is kept, with `keepdim`:
"""

# %% [markdown] lang="zh"
r"""
广播多次使用同一个元素，所以有多个梯度传回这个元素，并且相加。也就是说，**广播的伴随（adjoint）运算是沿重复的轴求和**。长度为1的轴要用`keepdim`保留下来。
"""

# %%
c = torch.ones(4, 1, requires_grad=True)
(X + c).backward(g)
torch.equal(c.grad, g.sum(1, keepdim=True))

# %% [markdown] lang="en"
r"""
## 8. Exercises

Replace every `...` and run the check below it. Stuck? Press the button below the check, or run `hint("08.1")`.
"""

# %% [markdown] lang="zh"
r"""
## 8. 练习

把每个`...`换成你的答案，再运行下面的检查。没有思路时，可以单击检查结果下方的提示按钮，或运行`hint("08.1")`。
"""

# %% [markdown] lang="en"
r"""
### Exercise 08.1 · The slopes of a product ★☆☆ (3 min)

`times(a, b)` receives two numbers and returns three: the product, its local slope towards `a`, and its local slope towards `b`.
"""

# %% [markdown] lang="zh"
r"""
### 练习08.1 · 乘积的局部导数 ★☆☆（3分钟）

`times(a, b)`接收两个数，返回三个数，依次是乘积、乘积对`a`的局部导数和对`b`的局部导数。
"""


# %%
def times(a, b):
    return ...


# %%
check("08.1", times)


# %% tags=["solution"]
def solved_08_1(a, b):
    return a * b, b, a


solved_08_1(3.0, 5.0)

# %% [markdown] lang="en" tags=["solution"]
r"""
The slope towards one factor is the other factor. That is why a product must save both factors.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
乘积对一个因子的局部导数就是另一个因子，所以乘法要把两个因子都保存下来。
"""

# %% [markdown] lang="en"
r"""
### Exercise 08.2 · The slope of a power ★☆☆ (4 min)

`power_and_slope(a, n)` returns two numbers: $a^n$ and its local slope towards `a`. `n` is a whole number, 2 to 4.
"""

# %% [markdown] lang="zh"
r"""
### 练习08.2 · 乘方的局部导数 ★☆☆（4分钟）

`power_and_slope(a, n)`返回两个数，即$a^n$和它对`a`的局部导数。`n`是2到4之间的整数。
"""


# %%
def power_and_slope(a, n):
    return ...


# %%
check("08.2", power_and_slope)


# %% tags=["solution"]
def solved_08_2(a, n):
    return a**n, n * a ** (n - 1)


solved_08_2(2.0, 3)

# %% [markdown] lang="en" tags=["solution"]
r"""
$n$ paths lead to `a`, and each carries the product of the other $n - 1$ factors.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
通向`a`的路径有$n$条，每条路径上的局部导数是其余$n - 1$个因子之积。
"""

# %% [markdown] lang="en"
r"""
### Exercise 08.3 · Parents first ★★★ (10 min)

`in_order(parents, root)` receives a graph as a dict, `{"c": ["a", "b"], ...}`: from each node to the nodes that it was computed from. Return a list of all nodes behind `root`, `root` included, each once, so that **parents always come first**. Try it with recursion this time.
"""

# %% [markdown] lang="zh"
r"""
### 练习08.3 · 父节点在前 ★★★（10分钟）

`in_order(parents, root)`接收一个用字典表示的图`{"c": ["a", "b"], ...}`，键是节点，值是用来算出该节点的那些节点。请返回一个列表，包含`root`以及它所依赖的所有节点，每个恰好出现一次，并且**父节点总在前面**。这次试试用递归来写。
"""


# %%
def in_order(parents, root):
    return ...


# %%
check("08.3", in_order)


# %% tags=["solution"]
def solved_08_3(parents, root):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent in parents[node]:
                visit(parent)
            order.append(node)

    visit(root)
    return order


solved_08_3({"x": [], "a": ["x"], "b": ["a"], "y": ["a", "b"]}, "y")

# %% [markdown] lang="en" tags=["solution"]
r"""
A node is appended after its parents, so it can never stand before one of them.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
每个节点都在它的父节点之后才加入列表，所以不会排到父节点前面。
"""

# %% [markdown] lang="en"
r"""
### Exercise 08.4 · Backward ★★☆ (8 min)

`gradients(edges)`: `edges[i]` lists, for node `i`, pairs `(parent, slope)` of the number of a parent and the local slope towards it. Parents come first, the last node is the output. Return the list of the gradients of the output with respect to every node.
"""

# %% [markdown] lang="zh"
r"""
### 练习08.4 · 反向传播 ★★☆（8分钟）

在`gradients(edges)`中，`edges[i]`列出节点`i`的各个`(parent, slope)`，即父节点的编号和节点`i`对该父节点的局部导数。父节点总在前面，最后一个节点是输出。请返回一个列表，其中是输出对每个节点的梯度。
"""


# %%
def gradients(edges):
    return ...


# %%
check("08.4", gradients)


# %% tags=["solution"]
def solved_08_4(edges):
    grads = [0.0] * len(edges)
    grads[-1] = 1.0
    for node in reversed(range(len(edges))):
        for parent, slope in edges[node]:
            grads[parent] += slope * grads[node]
    return grads


solved_08_4([[], [(0, 2.0)], [(1, 1.0)], [(1, 3.0), (2, 2.0)]])

# %% [markdown] lang="en" tags=["solution"]
r"""
This is the example of section 2 again: the gradient of `x`, the first node, is 10.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
这就是第2节的例子，第一个节点`x`的梯度是10。
"""

# %% [markdown] lang="en"
r"""
### Exercise 08.5 · Back from broadcasting ★★★ (9 min)

A tensor of `shape` was broadcast to the shape of `g`, `(m, n)`. `unbroadcast(g, shape)` turns the gradient `g` that arrives there into the gradient of that tensor, of `shape`: `(n,)`, `(1, n)`, `(m, 1)` or `()`.
"""

# %% [markdown] lang="zh"
r"""
### 练习08.5 · 广播的反向传播 ★★★（9分钟）

形状为`shape`的张量广播成了形状`(m, n)`。`unbroadcast(g, shape)`把广播结果的梯度`g`变成该张量自己的梯度，形状为`shape`，可能是`(n,)`、`(1, n)`、`(m, 1)`或`()`。
"""


# %%
def unbroadcast(g, shape):
    return ...


# %%
check("08.5", unbroadcast)


# %% tags=["solution"]
def solved_08_5(g, shape):
    while g.ndim > len(shape):
        g = g.sum(0)
    for axis, size in enumerate(shape):
        if size == 1:
            g = g.sum(axis, keepdim=True)
    return g


solved_08_5(torch.ones(4, 3), (3,)), solved_08_5(torch.ones(4, 3), (4, 1)).shape

# %% [markdown] lang="en" tags=["solution"]
r"""
The axes that the tensor lacks are on the left, and are summed away first; axes of length 1 are summed and kept.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
张量没有的轴都在左边，先对它们求和。长度为1的轴求和之后要保留。
"""

# %% [markdown] lang="en"
r"""
## Recap

| piece of the engine | what it does |
|---|---|
| an operation | computes, and notes each parent with a local slope |
| `ordered` | parents first, each value once |
| `backward` | 1 at the output; then slope times gradient goes to each parent, and is **added** there |
| comparison | random expressions against PyTorch; central differences beside the sliders |
| broadcasting | on the way back, a sum over the repeated axes |

PyTorch does the same with tensors, in C++, and saves what it needs to compute the slopes. Next: [lesson 09, the clinic for training that fails](09_debugging.ipynb). Read on: [Overview of PyTorch's autograd engine](https://pytorch.org/blog/overview-of-pytorch-autograd-engine/), [broadcasting](https://docs.pytorch.org/docs/stable/notes/broadcasting.html), and [Automatic Differentiation](https://d2l.ai/chapter_preliminaries/autograd.html) in *Dive into Deep Learning* ([Chinese edition](https://zh.d2l.ai/chapter_preliminaries/autograd.html)).
"""

# %% [markdown] lang="zh"
r"""
## 小结

| 引擎的部件 | 作用 |
|---|---|
| 运算 | 算出结果，并记下每个父节点和局部导数 |
| `ordered` | 父节点在前，每个值恰好出现一次 |
| `backward` | 先令输出处的梯度为1，再把局部导数与梯度之积传给每个父节点，并在父节点处**相加** |
| 对照 | 用随机表达式与PyTorch对照，滑块旁边有中心差分 |
| 广播 | 反向传播时沿重复的轴求和 |

PyTorch用C++对张量做同样的计算，并把计算局部导数所需的张量保存下来。下一课是[第09课，求导错误诊所](09_debugging.ipynb)。延伸阅读有[PyTorch自动微分引擎概览](https://pytorch.org/blog/overview-of-pytorch-autograd-engine/)和PyTorch文档中的[广播](https://docs.pytorch.org/docs/stable/notes/broadcasting.html)（英文），以及《动手学深度学习》的[自动微分](https://zh.d2l.ai/chapter_preliminaries/autograd.html)一节（另有[英文版](https://d2l.ai/chapter_preliminaries/autograd.html)）。
"""

# %% tags=["nbval-ignore-output"]
progress.show()
