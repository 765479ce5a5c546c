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

**Could I write this myself?** Yes, in about sixty lines. An engine for numbers is built here piece by piece, held against PyTorch on random expressions, drawn by the same explorer, and used to train a small classifier.

After this lesson you can

- note a local slope for each operation, and say why that is all an engine needs;
- put a graph in order, and run the backward pass over it;
- carry a gradient back through broadcasting.

*About 55 minutes: 20 to read and try, 35 for the exercises. You need lessons 02 and 04, and Python classes.*
"""

# %% [markdown] lang="zh"
r"""
# 08 · 自己写一个autograd

**这样的东西，我自己写得出来吗？** 写得出来，大约六十行。本课一步一步地搭起一个数值引擎，用随机的表达式与PyTorch对照，用同一个工具把它画出来，再用它训练一个小小的分类器。

学完本课，你将能够

- 为每个运算记下局部斜率，并说出引擎为什么只需要这些；
- 给计算图排好顺序，在上面运行反向传播；
- 让梯度穿过广播返回。

*约55分钟，其中阅读和操作20分钟，练习35分钟。预备知识：第02、04课，以及Python的类。*
"""

# %%
import math, random

import torch
from helpers import check, d2l, explore, hint, language, predict, progress

language.use("en")

# %% [markdown] lang="en"
r"""
The names of this lesson: `Value` is a number with a history, `data` what it is, `grad` the slope of the output with respect to it, `parents` the values it was computed from, each with the **local slope** towards it.

## 1. A number that remembers

What must be written down while we compute? Begin with one product:
"""

# %% [markdown] lang="zh"
r"""
本课用到的名字：`Value`是带着历史的数，`data`是它的值，`grad`是输出对它的斜率，`parents`是算出它的那些值，每个都配有通向它的**局部斜率**。

## 1. 会记事的数

计算的时候，必须记下什么？先看一个乘积：
"""

# %%
predict("08.p1")

# %% [markdown] lang="en" tags=["answer"]
r"""
Each operation knows how its result changes with each operand. That is a number, known at once, while the operation runs. So a value remembers pairs: whom it came from, and with which slope.
"""

# %% [markdown] lang="zh" tags=["answer"]
r"""
每个运算都知道，它的结果随各个操作数怎样变化。这是一个数，运算进行时马上就能知道。所以，一个值记住若干对：它从谁而来，斜率是多少。
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
`__radd__` and `__rmul__` are for `2 * x`, where the number stands on the left and does not know how to multiply a `Value`. Powers and functions of one number have one parent each:
"""

# %% [markdown] lang="zh"
r"""
`__radd__`与`__rmul__`是为`2 * x`准备的：数在左边，而它不懂得怎样去乘一个`Value`。乘方和一元函数各有一个父节点：
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
Subtraction and division come for free: they are made of what is there already.

## 2. Parents first

Backward must not pass a gradient on before all of it has arrived. Think of this one:
"""

# %% [markdown] lang="zh"
r"""
减法和除法不必另写：用已有的运算就能拼出来。

## 2. 父节点在前

反向传播时，一个节点要等所有梯度都到齐，才能往回传。想想这个例子：
"""

# %%
predict("08.p3")

# %% [markdown] lang="en"
r"""
`a` is used twice, in `b` and in `y`. If `a` ran as soon as the first gradient came, `x` would miss the second. The remedy is an order in which every value stands **after** all its parents; backward then walks it from the end. A stack in place of recursion, so that a long chain does not meet Python's recursion limit:
"""

# %% [markdown] lang="zh"
r"""
`a`被用了两次，在`b`里和在`y`里。如果第一份梯度一到`a`就往回传，`x`就会漏掉第二份。办法是排一个顺序，让每个值都排在它所有父节点**之后**，反向传播从末尾往前走。这里用栈代替递归，链条再长也不会碰到Python的递归上限：
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

The whole engine: 1 at the output; then, from the end to the beginning, each value sends its gradient, times the local slope, to each parent. There it is **added**.
"""

# %% [markdown] lang="zh"
r"""
## 3. 反向传播

整个引擎就是这样：在输出处放上1；然后从末尾走到开头，每个值把自己的梯度乘以局部斜率，送给每个父节点，并在那里**相加**。
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
One `+=` does what lesson 02 called "several paths add up". What would `=` do?
"""

# %% [markdown] lang="zh"
r"""
第02课所说的“几条路相加”，在这里就是一个`+=`。换成`=`会怎样？
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
The right gradient is $2x + 2 = 8$. The engine gives 3, and no message at all: the product wrote 5 into `x.grad`, and then the sum wrote 3 over it. Such a mistake is only found by a comparison with something independent.

## 4. See it

The explorer draws any engine whose values have `data`, `grad`, `op`, `parents` and `backward`. These are **your** values and **your** gradients; move the sliders and your `backward` runs again. The check beside them are central differences, which know nothing of the engine:
"""

# %% [markdown] lang="zh"
r"""
正确的梯度是$2x + 2 = 8$。这个引擎得到的却是3，而且没有任何报错：乘法先把5写进`x.grad`，加法又用3把它覆盖了。这样的错误，只有与另一种独立算出的结果对照才能发现。

## 4. 看一看

只要值带有`data`、`grad`、`op`、`parents`和`backward`，同一个工具就能把引擎画出来。图中是**你的**值和**你的**梯度；移动滑块，就会再次运行你的`backward`。旁边的检验是中心差分，它对这个引擎一无所知：
"""


# %%
def loss(w, b, x, y_true):
    return (w * x + b - y_true) ** 2


explore(loss, engine=Value, w=(-5.0, 5.0), b=(-5.0, 5.0), x=2.0, y_true=7.0).set(w=4.0, b=2.0)

# %% [markdown] lang="en"
r"""
12 and 6, as in lesson 02. Now let the forgetful engine loose on $x (x + 2)$. Along the two edges into `x` come 5 and 3, and the Σ stands where they ought to be added up; yet `x` holds 3, and the last column shows ≠:
"""

# %% [markdown] lang="zh"
r"""
12和6，与第02课相同。现在让那个健忘的引擎去算$x (x + 2)$。沿通向`x`的两条边传回的是5和3，Σ表示它们在这里本应相加，可`x`的梯度却是3，最后一列标出了≠：
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

One function is no proof. So random expressions of eight operations each, on random numbers, once with `Value` and once with float64 tensors:
"""

# %% [markdown] lang="zh"
r"""
## 5. 与PyTorch对照

一个函数说明不了问题。下面随机生成表达式，每个含八次运算，数也是随机的，分别用`Value`和float64张量各算一遍：
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
Five hundred random graphs, and not one gradient is off by more than rounding. `relu` at exactly 0 is a choice, and ours is that of PyTorch: slope 0.

## 6. Let it learn

Is it good enough to train something? Two rings of points that no straight line separates, a network with one hidden layer, and gradient descent. Nothing but our `Value`:
"""

# %% [markdown] lang="zh"
r"""
五百张随机的图，没有一个梯度的误差超过舍入误差。`relu`恰好在0处的斜率要靠约定，我们与PyTorch的选择相同，取0。

## 6. 让它学习

它够不够用来训练点什么？取内外两圈点，任何直线都分不开；再用一个含一层隐藏单元的网络做梯度下降。用的只有我们的`Value`：
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
    loss = sum(((1 - label * score(*point)).relu() for point, label in zip(points, labels, strict=True)), Value(0.0))
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
The loss falls, and all 40 points are on the right side. What did the network draw between them?
"""

# %% [markdown] lang="zh"
r"""
损失下降了，40个点全部分对。网络在它们之间画了一条怎样的界线？
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
Every point lies in the region of its own colour. The border is made of straight pieces, since the function bends only where a ReLU does.

## 7. Tensors: the way back through broadcasting

An engine for tensors follows the same plan; only the local slope becomes a VJP (lesson 04). One thing is new: operands of different shapes.
"""

# %% [markdown] lang="zh"
r"""
每个点都落在与自己同色的区域里。分界线由一段段直线组成，因为这个函数只在ReLU转折的地方才转折。

## 7. 张量：穿过广播返回

张量的引擎也是同一个方案，只是局部斜率换成了VJP（第04课）。新的只有一件事：形状不同的操作数。
"""

# %%
predict("08.p4")

# %%
b = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
X = torch.arange(12.0).reshape(4, 3)
g = torch.cos(X)  # any gradient that may arrive at X + b
(X + b).backward(g)
b.grad, g.sum(0)

# %% [markdown] lang="en"
r"""
Broadcasting uses one element several times, so several gradients come back to it, and they are added: **the adjoint of broadcasting is a sum** over the axes along which it was repeated. An axis of length 1 stays, with `keepdim`:
"""

# %% [markdown] lang="zh"
r"""
广播把一个元素用了好几次，于是有好几份梯度返回到它那里，并且相加：**广播的伴随运算，就是沿重复的那些轴求和**。长度为1的轴要保留下来，用`keepdim`：
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

把每个`...`换成你的答案，再运行下面的检查。卡住了？按检查结果下方的提示按钮，或运行`hint("08.1")`。
"""

# %% [markdown] lang="en"
r"""
### Exercise 08.1 · The slopes of a product ★☆☆ (3 min)

`times(a, b)` receives two numbers and returns three: the product, its local slope towards `a`, and its local slope towards `b`.
"""

# %% [markdown] lang="zh"
r"""
### 练习08.1 · 乘积的斜率 ★☆☆（3分钟）

`times(a, b)`接收两个数，返回三个数：乘积、它通向`a`的局部斜率、它通向`b`的局部斜率。
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
The slope towards one factor is the other factor. That is why a product must save both.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
通向一个因子的斜率，就是另一个因子。乘积之所以要把两个都保存下来，原因就在这里。
"""

# %% [markdown] lang="en"
r"""
### Exercise 08.2 · The slope of a power ★☆☆ (4 min)

`power_and_slope(a, n)` returns two numbers: $a^n$ and its local slope towards `a`. `n` is a whole number, 2 to 4.
"""

# %% [markdown] lang="zh"
r"""
### 练习08.2 · 乘方的斜率 ★☆☆（4分钟）

`power_and_slope(a, n)`返回两个数：$a^n$，以及它通向`a`的局部斜率。`n`是2到4之间的整数。
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
$n$ paths lead to `a`, and along each stand the other $n - 1$ factors.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
通向`a`的路有$n$条，每条路上乘着其余的$n - 1$个因子。
"""

# %% [markdown] lang="en"
r"""
### Exercise 08.3 · Parents first ★★★ (10 min)

`in_order(parents, root)` receives a graph as a dict, `{"c": ["a", "b"], ...}`: from each node to the nodes that it was computed from. Return a list of all nodes behind `root`, `root` included, each once, so that **parents always come first**. Try it with recursion this time.
"""

# %% [markdown] lang="zh"
r"""
### 练习08.3 · 父节点在前 ★★★（10分钟）

`in_order(parents, root)`接收一个用字典表示的图`{"c": ["a", "b"], ...}`：从每个节点到算出它的那些节点。返回一个列表，包含`root`以及它背后的所有节点，每个恰好一次，并且**父节点总在前面**。这次试试用递归来写。
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
节点在它的父节点之后才被加入，所以绝不会排到它们前面。
"""

# %% [markdown] lang="en"
r"""
### Exercise 08.4 · Backward ★★☆ (8 min)

`gradients(edges)`: `edges[i]` lists, for node `i`, pairs `(parent, slope)` of the number of a parent and the local slope towards it. Parents come first, the last node is the output. Return the list of the gradients of the output with respect to every node.
"""

# %% [markdown] lang="zh"
r"""
### 练习08.4 · 反向传播 ★★☆（8分钟）

`gradients(edges)`：`edges[i]`列出节点`i`的`(parent, slope)`对，即父节点的编号和通向它的局部斜率。父节点总在前面，最后一个节点是输出。返回一个列表：输出对每个节点的梯度。
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
This is the example of section 2 once more: the gradient of `x`, the first node, is 10.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
这就是第2节的例子：第一个节点`x`的梯度是10。
"""

# %% [markdown] lang="en"
r"""
### Exercise 08.5 · Back from broadcasting ★★★ (9 min)

A tensor of `shape` was broadcast to the shape of `g`, `(m, n)`. `unbroadcast(g, shape)` turns the gradient `g` that arrives there into the gradient of that tensor, of `shape`: `(n,)`, `(1, n)`, `(m, 1)` or `()`.
"""

# %% [markdown] lang="zh"
r"""
### 练习08.5 · 从广播中返回 ★★★（9分钟）

一个形状为`shape`的张量被广播成了`g`的形状`(m, n)`。`unbroadcast(g, shape)`把到达那里的梯度`g`变成该张量自己的梯度，形状为`shape`：可能是`(n,)`、`(1, n)`、`(m, 1)`或`()`。
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
Axes that the tensor does not have stand on the left, and are summed away first; axes of length 1 are summed and kept.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
张量没有的轴都在左边，先求和去掉；长度为1的轴求和之后要保留。
"""

# %% [markdown] lang="en"
r"""
## Recap

| piece of the engine | what it does |
|---|---|
| an operation | computes, and notes each parent with a local slope |
| `ordered` | parents first, each value once |
| `backward` | 1 at the output; then slope times gradient to each parent, **added** there |
| comparison | random expressions against PyTorch; central differences beside the sliders |
| broadcasting | on the way back, a sum over the repeated axes |

PyTorch does the same with tensors, in C++, and saves what the slopes are computed from. Next: [lesson 09, a clinic for gradients that are ill](09_debugging.ipynb). Read on: [Overview of PyTorch's autograd engine](https://pytorch.org/blog/overview-of-pytorch-autograd-engine/), [broadcasting](https://docs.pytorch.org/docs/stable/notes/broadcasting.html), and [Automatic Differentiation](https://d2l.ai/chapter_preliminaries/autograd.html) in *Dive into Deep Learning* ([Chinese edition](https://zh.d2l.ai/chapter_preliminaries/autograd.html)).
"""

# %% [markdown] lang="zh"
r"""
## 小结

| 引擎的部件 | 它做什么 |
|---|---|
| 运算 | 算出结果，并记下每个父节点和局部斜率 |
| `ordered` | 父节点在前，每个值一次 |
| `backward` | 输出处为1；然后斜率乘以梯度，送给每个父节点并在那里**相加** |
| 对照 | 用随机表达式对照PyTorch；滑块旁边有中心差分 |
| 广播 | 返回时沿重复的轴求和 |

PyTorch做的是同样的事，只是用张量、用C++，并且保存下计算斜率所需的东西。下一课：[第09课，求导错误诊所](09_debugging.ipynb)。延伸阅读：[PyTorch自动微分引擎概览](https://pytorch.org/blog/overview-of-pytorch-autograd-engine/)和PyTorch文档中的[广播](https://docs.pytorch.org/docs/stable/notes/broadcasting.html)（英文）；《动手学深度学习》的[自动微分](https://zh.d2l.ai/chapter_preliminaries/autograd.html)一节（另有[英文版](https://d2l.ai/chapter_preliminaries/autograd.html)）。
"""

# %% tags=["nbval-ignore-output"]
progress.show()
