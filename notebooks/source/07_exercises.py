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
# 07 · The exercises of the book

**Why is the second derivative so much more expensive than the first? What happens if I call `backward` twice? And how do I plot the derivative of the sine without knowing that it is the cosine?** These are the exercises of the autograd section of *Dive into Deep Learning*, in both editions. Here each one is run, measured and explained.

After this lesson you can

- compute second derivatives and Hessian-vector products, and say what they cost;
- tell from what a node saves whether a second `backward` raises;
- design control flow of your own and prove that its gradient is right.

*About 60 minutes: 25 to read and try, 35 for the exercises. You need lessons 02, 04 and 06.*
"""

# %% [markdown] lang="zh"
r"""
# 07 · 课后练习

**二阶导数为什么比一阶导数的代价大得多？连续调用两次`backward`会怎样？如果不知道正弦的导数是余弦，怎样画出它的导数**？这些是《动手学深度学习》自动微分一节的习题，本课收入了中英文两版的题目，对每一题都实际运行、测量，并加以解释。

学完本课，你将能够

- 计算二阶导数以及黑塞矩阵与向量的积，并说出它们的代价；
- 根据节点保存了什么，判断第二次`backward`会不会报错；
- 设计自己的控制流，并证明它的梯度是对的。

约60分钟，其中阅读和操作25分钟，练习35分钟。预备知识是第02、04、06课。
"""

# %%
import math, time

import torch
from helpers import check, d2l, draw, explore, hint, language, predict, progress, record

language.use("en")

# %% [markdown] lang="en"
r"""
The names of this lesson: `x` is a scalar `()` or a vector `(n,)`, `a` a vector or matrix, `y` a scalar, `g` the gradient of `y`, of the shape of `x`, and $H$ the Hessian, `(n, n)`: row $i$ is the gradient of $g_i$.

## 1. Why is the second derivative more expensive?

This is the first exercise. Before any theory, make a guess:
"""

# %% [markdown] lang="zh"
r"""
在本课用到的名字中，`x`是形状为`()`的标量或形状为`(n,)`的向量，`a`是向量或矩阵，`y`是标量，`g`是`y`的梯度，形状与`x`相同，$H$是黑塞矩阵（Hessian），形状为`(n, n)`，第$i$行是$g_i$的梯度。

## 1. 二阶导数为什么代价更大？

这是第一题。先不讲理论，猜一猜结果。
"""

# %%
predict("07.p1")

# %% [markdown] lang="en"
r"""
`create_graph=True` records the backward pass itself, so that its result can be differentiated again. Count the nodes in the graph of each derivative:
"""

# %% [markdown] lang="zh"
r"""
`create_graph=True`会把反向传播本身也记录下来，于是它的结果可以再求导。下面统计每一阶导数的计算图里有多少个节点。
"""


# %%
def nodes(y):
    seen, todo = set(), [y.grad_fn]
    while todo:
        node = todo.pop()
        if node is not None and node not in seen:
            seen.add(node)
            todo += [previous for previous, _ in node.next_functions]
    return len(seen)


def node_counts(f, orders):
    x = torch.tensor(1.0, requires_grad=True)
    y, counts = f(x), []
    for _ in range(orders + 1):
        counts.append(nodes(y))
        (y,) = torch.autograd.grad(y, x, create_graph=True)
    return counts


# %%
node_counts(lambda x: torch.sin(x) * torch.exp(x), orders=5)

# %% [markdown] lang="en"
r"""
The counts are 4, 9, 21, 48, 108, 240: each order more than doubles the graph. The product rule makes two terms out of one, $(uv)' = u'v + uv'$, and every term is a product again. But that is **not a law**:
"""

# %% [markdown] lang="zh"
r"""
节点数依次是4、9、21、48、108、240，每高一阶，计算图就增大一倍多。按照乘法法则$(uv)' = u'v + uv'$，一项变成两项，而每一项又是乘积。但这**不是普遍规律**。
"""

# %%
node_counts(lambda x: x**5, orders=4)

# %% [markdown] lang="en"
r"""
A power stays a single term at any order. So "the second derivative costs twice the first" is not true in general; the cost depends on the function.
"""

# %% [markdown] lang="zh"
r"""
乘方无论求几阶导数，都只有一项。所以“二阶导数的代价是一阶的两倍”一般并不成立，代价取决于函数。
"""

# %%
counts = [node_counts(f, orders=5) for f in (lambda x: torch.sin(x) * torch.exp(x), lambda x: x**5)]
d2l.plot(range(6), counts, "order", "nodes", ["sin(x) exp(x)", "x^5"], yscale="log", figsize=(3.9, 2.5))

# %% [markdown] lang="en"
r"""
Increase `order` and watch the graph of the derivative **itself** grow, and the number of its nodes. The graph shown is what the next derivative has to go back through:
"""

# %% [markdown] lang="zh"
r"""
拖动`order`，看看导数**本身**的计算图怎样增大，节点数是多少。图中所示的，就是再求一次导时要经过的全部节点。
"""


# %%
def derivative(x, order):
    y = torch.sin(x) * torch.exp(x)
    for _ in range(int(order)):
        (y,) = torch.autograd.grad(y, x, create_graph=True)
    print(f"{nodes(y) = }")
    return y


explore(derivative, x=(-2.0, 2.0), order=range(4)).set(x=1.0, order=1)

# %% [markdown] lang="en"
r"""
For a chain of $n$ sines the chain rule multiplies $n$ derivatives, and each of these depends on everything before it. The number of nodes of the derivative, divided by that of the function:
"""

# %% [markdown] lang="zh"
r"""
对由$n$个正弦组成的复合函数，链式法则要把$n$个导数相乘，而每个导数又依赖于它之前的所有运算。下面求导数与函数的节点数之比。
"""


# %%
def chain(x, n):
    for _ in range(n):
        x = torch.sin(x)
    return x


for n in (1, 4, 16, 64):
    function, slope = node_counts(lambda x, n=n: chain(x, n), orders=1)
    print(f"n = {n:2}: {function:2} nodes, derivative {slope:3}, ratio {slope / function:.2f}")

# %% [markdown] lang="en"
r"""
The ratio approaches 3: the backward pass of one sine computes a cosine and a product, which adds about two nodes for each node of the forward pass. What about the bytes saved for backward, and the time on your machine? First the bytes, without and with `create_graph=True`; then the time of the second derivative, divided by that of the first:
"""

# %% [markdown] lang="zh"
r"""
比值趋近于3。一次正弦的反向传播要算一次余弦和一次乘法，所以前向的每个节点大约带来两个新节点。为反向传播保存的字节数，以及在你的机器上所用的时间又如何呢？先看不写和写上`create_graph=True`时的字节数，再看二阶导数与一阶导数的用时之比。
"""


# %%
def bytes_kept(n, create_graph):
    kept, x = [], torch.tensor(1.0, requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t) or t, lambda t: t):
        torch.autograd.grad(chain(x, n), x, create_graph=create_graph)
    # A tensor saved twice is counted once | 保存两次的张量只计一次
    return sum({t.data_ptr(): t.nbytes for t in kept}.values())


[(n, bytes_kept(n, False), bytes_kept(n, True)) for n in (1, 4, 16, 64)]


# %% tags=["measured", "nbval-ignore-output"]
def seconds(n, order, times=20):
    x, taken = torch.tensor(1.0, requires_grad=True), []
    for _ in range(times):
        began, y = time.perf_counter(), chain(x, n)
        for k in range(order):
            (y,) = torch.autograd.grad(y, x, create_graph=k + 1 < order)
        taken.append(time.perf_counter() - began)
    return min(taken)  # the run that was disturbed least | 受干扰最小的一次


[(n, round(seconds(n, 2) / seconds(n, 1), 1)) for n in (1, 4, 16, 64)]

# %% [markdown] lang="en"
r"""
Three measures give three answers, and none of them is simply "twice".
"""

# %% [markdown] lang="zh"
r"""
三种度量得到三个不同的结果，都不能简单地说成“两倍”。
"""

# %% [markdown] lang="en"
r"""
### The whole Hessian costs $n$ passes

With $n$ inputs the cost is higher still. The gradient is a vector, and each of its $n$ elements needs a backward pass of its own. Each pass gives one row of $H$:
"""

# %% [markdown] lang="zh"
r"""
### 整个黑塞矩阵要$n$次反向传播

有$n$个输入时，代价还要更大。梯度是一个向量，它的$n$个元素各需要一次反向传播，每一次得到$H$的一行。
"""


# %%
def product(x):
    return x[0] * x[1] * x[2]


x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
(g,) = torch.autograd.grad(product(x), x, create_graph=True)
H = torch.stack([torch.autograd.grad(g_i, x, retain_graph=True)[0] for g_i in g])
H, torch.equal(H, torch.func.hessian(product)(x.detach()))

# %% [markdown] lang="en"
r"""
Three passes give nine numbers; `torch.func.hessian` gives the same matrix. It is tempting to compute all of it in one pass:
"""

# %% [markdown] lang="zh"
r"""
三次反向传播得到九个数，与`torch.func.hessian`给出的矩阵相同。能不能只用一次反向传播就求出整个矩阵呢？
"""

# %%
torch.autograd.grad(g.sum(), x, retain_graph=True)[0]

# %% [markdown] lang="en"
r"""
`grad(g.sum(), x)` adds the **rows** of $H$, with $v$ all ones: $[5, 4, 3]$. It is not the diagonal, which is 0 here. This mistake is common, and raises no error.

Often $H$ itself is not needed, only $H u$ for one direction $u$. After the pass for the gradient this takes just one more, whatever $n$ is, since $H u$ is the VJP $u^\top H$ ($H$ is symmetric):
"""

# %% [markdown] lang="zh"
r"""
`grad(g.sum(), x)`把$H$的各**行**相加，即$v$全为1，得到$[5, 4, 3]$。结果不是对角线，这里的对角线是0。这个错误很常见，而且不会报错。

很多时候并不需要$H$，只需要它与某个方向$u$的积$H u$。求出梯度之后，无论$n$多大，再做一次反向传播就够了，因为$H$是对称的，$H u$就是VJP $u^\top H$。
"""

# %%
u = torch.tensor([1.0, 0.0, 0.0])
torch.autograd.grad(g, x, u, retain_graph=True)[0]

# %% [markdown] lang="en"
r"""
It was not even necessary to compute `g` again: the sum of rows and this product both use the same recorded gradient. Another way is **forward over reverse**: a JVP of the function that computes the gradient, which gives the gradient and $H u$ in one pass:
"""

# %% [markdown] lang="zh"
r"""
这里不必重新计算`g`，前面的各行之和与这里的积用的是同一个记录下来的梯度。另一种办法是**前向套反向**（forward over reverse），即对求梯度的函数做JVP，一次就能得到梯度和$H u$。
"""

# %%
gradient, along_u = torch.func.jvp(torch.func.grad(product), (x.detach(),), (u,))
gradient, along_u

# %% [markdown] lang="en"
r"""
### Pitfall: the gradient has no graph

Without `create_graph=True` the gradient is a plain tensor of numbers:
"""

# %% [markdown] lang="zh"
r"""
### 没有计算图的梯度

如果漏写`create_graph=True`，得到的梯度就只是普通的张量，没有计算图。
"""

# %%
x = torch.tensor(2.0, requires_grad=True)
(g,) = torch.autograd.grad(x**3, x)
try:
    torch.autograd.grad(g, x)
except RuntimeError as error:
    print(error)

# %% [markdown] lang="en"
r"""
*Element 0 of tensors does not require grad and does not have a grad_fn*: this is the message of lesson 02 again. The "tensor" is `g` this time, and the remedy is `create_graph=True`. Then $x^3$ at 2 gives 12, 12, 6:
"""

# %% [markdown] lang="zh"
r"""
这又是第02课的报错*element 0 of tensors does not require grad and does not have a grad_fn*（第0个张量不需要梯度，也没有grad_fn）。这里所说的张量是`g`，办法是写上`create_graph=True`。这时$x^3$在2处的一至三阶导数依次是12、12、6。
"""

# %%
y, derivatives = x**3, []
for _ in range(3):
    (y,) = torch.autograd.grad(y, x, create_graph=True)
    derivatives.append(y.item())
derivatives

# %% [markdown] lang="en"
r"""
Repeated differentiation comes to an end: the derivative of $2x$ is the constant 2, which no longer depends on `x`. It has no graph, although its derivative exists and is 0:
"""

# %% [markdown] lang="zh"
r"""
不过求导次数总有尽头。$2x$的导数是常数2，与`x`无关。虽然它的导数存在（等于0），它却没有计算图。
"""

# %%
(g,) = torch.autograd.grad(2 * x, x, create_graph=True)
g, g.requires_grad

# %% [markdown] lang="en"
r"""
## 2. Backward, and backward again

The second exercise asks to run `backward` twice in a row.
"""

# %% [markdown] lang="zh"
r"""
## 2. 连续两次反向传播

第二题要求在运行`backward`之后立即再运行一次。
"""

# %%
predict("07.p2")

# %% tags=["answer"]
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = x.sum()
y.backward()
y.backward()
x.grad

# %% [markdown] lang="en" tags=["answer"]
r"""
A plain sum runs twice, and `.grad` adds up the gradients of both.
"""

# %% [markdown] lang="zh" tags=["answer"]
r"""
只求和时，两次都能运行，梯度在`.grad`里累加。
"""

# %% [markdown] lang="en"
r"""
And the sum of the squares?
"""

# %% [markdown] lang="zh"
r"""
如果先平方再求和呢？
"""

# %%
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = (x * x).sum()
y.backward()
try:
    y.backward()
except RuntimeError as error:
    print(str(error).split(". ")[0])

# %% [markdown] lang="en"
r"""
*Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed)*. The second half of the sentence is the important one. It is not the graph that was freed: the **saved tensors** were. Which operations save none?
"""

# %% [markdown] lang="zh"
r"""
报错的前半句是*Trying to backward through the graph a second time*（试图沿同一张计算图做第二次反向传播），后半句是*or directly access saved tensors after they have already been freed*（或在保存的张量释放之后访问它们）。重要的是后半句，被释放的并不是计算图，而是**保存的张量**。哪些运算不保存张量呢？
"""


# %% tags=["answer"]
def fate(f):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = f(x).sum()
    y.backward()
    try:
        y.backward()
    except RuntimeError:
        return "raises"
    return x.grad.tolist()


# %% tags=["answer"]
one = torch.ones(2)
saves = [lambda x: 2 * x, lambda x: x / 2, lambda x: x * x, lambda x: x**2, torch.exp, torch.sin]
saves += [torch.relu, torch.norm, torch.max, lambda x: torch.where(x > 1, x, one)]
saves += [lambda x: x.dot(one), lambda x: x[None] @ one]
frees = [lambda x: x + 1, lambda x: -x, lambda x: x - x, lambda x: x[0], torch.clone, torch.sum, torch.mean]
frees += [lambda x: torch.cat([x, one]), lambda x: x.reshape(2, 1), lambda x: x.cumsum(0)]
{fate(f) for f in saves}, [fate(f) for f in frees]

# %% [markdown] lang="en" tags=["answer"]
r"""
The first twelve all raise. The derivatives of the others need no number from the forward pass. So they run twice, and `.grad` holds **twice** the gradient, without an error: a mean gives $[1, 1]$, twice its gradient. To see this at the node, tick "call backward() twice" below the graph.
"""

# %% [markdown] lang="zh" tags=["answer"]
r"""
前十二个运算全部报错。其余的运算求导时用不到前向传播中的数值，所以能运行两次，也不报错，但`.grad`是梯度的**两倍**。例如均值得到$[1, 1]$，是它的梯度的两倍。在图的下方选中“调用两次backward()”，就可以在节点上看到这一点。
"""


# %%
def squared(x):
    return (x * x).sum()


explore(squared, x=[1.0, 2.0], saved=True)

# %% [markdown] lang="en"
r"""
`retain_graph=True` keeps the saved tensors for another pass. And the gradient?
"""

# %% [markdown] lang="zh"
r"""
`retain_graph=True`会把保存的张量留到下一次反向传播。那么梯度会怎样？
"""

# %%
predict("07.p3")

# %%
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = (x * x).sum()
y.backward(retain_graph=True)
y.backward()
x.grad

# %% [markdown] lang="en"
r"""
The result is $[4, 8]$, twice $2x$. In a training loop `retain_graph=True` is almost never the answer, though it makes the message go away. Run the **forward pass again** in each iteration.
"""

# %% [markdown] lang="zh"
r"""
结果是$[4, 8]$，是$2x$的两倍。在训练循环里，`retain_graph=True`虽然能消除报错，但几乎都不是正确的做法。每次迭代都应**重新做前向传播**。
"""

# %% [markdown] lang="en"
r"""
## 3. A vector or a matrix through the control flow

The third exercise asks what happens if `a` of the book's function is not a scalar. [Lesson 06](06_control_flow.ipynb) answered it for a vector: there is one $k$ for all elements, since they influence each other only through the conditions. Now take a matrix with one large and one tiny element:
"""

# %% [markdown] lang="zh"
r"""
## 3. 向量或矩阵经过控制流

第三题问，如果书中函数的`a`不是标量，会怎样？[第06课](06_control_flow.ipynb)已经讨论过向量的情形，所有元素共用一个$k$，因为它们只通过条件互相影响。现在取一个矩阵，其中一个元素很大，另一个很小。
"""

# %%
predict("07.p4")


# %%
def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


a = torch.tensor([[600.0, 0.0], [0.0, 0.001]], requires_grad=True)
f(a).sum().backward()
a.grad

# %% [markdown] lang="en"
r"""
Alone, 0.001 would be doubled 19 times in the loop, with derivative 1048576. Beside 600 the loop does not run at all, because the norm is that of the whole matrix. The large element decides this, but the gradient does not show it, since conditions are not differentiated.
"""

# %% [markdown] lang="zh"
r"""
如果单独计算，0.001在循环里要加倍19次，导数是1048576。与600放在一起时，循环一次也不执行，因为范数是整个矩阵的范数。这是由较大的元素决定的，但从梯度看不出来，因为条件不参与求导。
"""

# %%
alone = torch.tensor(0.001, requires_grad=True)
f(alone).backward()
print(alone.grad.item(), math.log2(alone.grad.item()) - 1)

# %% [markdown] lang="en"
r"""
## 4. Control flow of your own

The fourth exercise asks you to design a function with control flow. An example is the sum of the squares where the sum of the elements is positive, and that of the cubes where it is not.
"""

# %% [markdown] lang="zh"
r"""
## 4. 自己设计控制流

第四题要求设计一个带控制流的函数。例如，元素之和为正时求平方和，否则求立方和。
"""


# %%
def square_or_cube(x):
    return (x**2).sum() if x.sum() > 0 else (x**3).sum()


def gradient_at(numbers):
    x = torch.tensor(numbers, requires_grad=True)
    square_or_cube(x).backward()
    return x.grad.tolist()


gradient_at([1.0, 2.0]), gradient_at([-1.0, -2.0])

# %% [markdown] lang="en"
r"""
The gradient is $2x$ on one side and $3x^2$ on the other. Drag an element until the sum changes its sign: the exponent in the graph changes from 2 to 3. The central differences agree with the gradients on both sides; only *on* the boundary there is no derivative.
"""

# %% [markdown] lang="zh"
r"""
梯度在一侧是$2x$，在另一侧是$3x^2$。拖动一个元素，直到各元素之和变号，图中的指数就从2变成3。在两侧，中心差分都与梯度一致。只有恰好在分界处，导数才不存在。
"""

# %%
explore(square_or_cube, x=[1.0, 2.0])

# %% [markdown] lang="en"
r"""
## 5. The derivative of the sine, without a cosine

The fifth exercise is to plot $f(x) = \sin x$ and its derivative, without using that it is a cosine. A common first attempt:
"""

# %% [markdown] lang="zh"
r"""
## 5. 不用余弦，画出正弦的导数

第五题要求画出$f(x) = \sin x$及其导数的图象，但不能利用“导数是余弦”这一结论。常见的第一次尝试如下。
"""

# %%
x = torch.linspace(-2 * torch.pi, 2 * torch.pi, 200).requires_grad_()
y = torch.sin(x)
y.sum().backward()
try:
    d2l.plt.plot(x, y)
except RuntimeError as error:
    d2l.plt.close()
    print(error)

# %% [markdown] lang="en"
r"""
*Can't call numpy() on Tensor that requires grad*: Matplotlib needs NumPy arrays, and NumPy knows nothing of the graph. The message names the remedy, `tensor.detach().numpy()`. `d2l.plot` of this course detaches by itself:
"""

# %% [markdown] lang="zh"
r"""
报错是*Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.*（不能对需要梯度的张量调用numpy()，请改用tensor.detach().numpy()）。Matplotlib需要的是NumPy数组，而NumPy不支持计算图。报错里已经写明了办法，即改用`tensor.detach().numpy()`。本课程的`d2l.plot`会自动分离。
"""

# %%
d2l.plot(x, [y, x.grad], "x", legend=["sin x", "slope by autograd"], ylim=[-1.2, 2.4], figsize=(3.9, 2.5))

# %%
(x.grad - torch.cos(x)).abs().max().item()

# %% [markdown] lang="en"
r"""
The largest difference from the cosine is exactly 0, because the backward of `sin` computes the cosine. One pass sufficed for 200 derivatives, because each sine depends on one element only. Going on, the second derivative must be $-\sin x$, and the fourth $\sin x$ again.
"""

# %% [markdown] lang="zh"
r"""
与余弦的最大差别恰好是0，因为`sin`的反向传播所算的正是余弦。200个导数只用了一次反向传播，因为每个正弦只依赖于一个元素。继续求导，二阶导数应当是$-\sin x$，四阶导数又回到$\sin x$。
"""

# %%
orders = [torch.sin(x)]
for _ in range(4):
    orders += torch.autograd.grad(orders[-1].sum(), x, create_graph=True)
(orders[2] + torch.sin(x)).abs().max().item(), (orders[4] - torch.sin(x)).abs().max().item()

# %% [markdown] lang="en"
r"""
## 6. One function, two directions

The English edition asks for more: take $f(x) = \log(x^2)\,\sin x + 1/x$, draw its graph, differentiate it by the chain rule, and compare forward with backward propagation.
"""

# %% [markdown] lang="zh"
r"""
## 6. 一个函数，两个方向

英文版还有几道题，要求对$f(x) = \log(x^2)\,\sin x + 1/x$画出计算图，用链式法则求导，并比较前向与反向两种模式。
"""

# %%
predict("07.p5")


# %%
def mixed(x):
    return torch.log(x**2) * torch.sin(x) + 1 / x


explore(mixed, x=(0.25, 3.0, 0.05)).set(x=1.0)

# %% [markdown] lang="en"
r"""
Three paths lead from the output back to `x`. Each edge carries a factor of the chain rule, and where the paths meet the products are added:

$$f'(x) = \underbrace{\frac{2}{x} \sin x}_{\text{log}} + \underbrace{\log(x^2) \cos x}_{\text{sin}} - \underbrace{\frac{1}{x^2}}_{1/x}.$$

At $x = 1$ this is $f'(1) = 2 \sin 1 - 1$.

Forward mode carries a derivative along with each value, from `x` to the output; reverse mode starts at the output and comes back. For one input and one output both take one pass, and agree:
"""

# %% [markdown] lang="zh"
r"""
从输出回到`x`有三条路径。每条边上的数是链式法则中的一个因子，各条路径上的乘积在汇合处相加：

$$f'(x) = \underbrace{\frac{2}{x} \sin x}_{\text{log}} + \underbrace{\log(x^2) \cos x}_{\text{sin}} - \underbrace{\frac{1}{x^2}}_{1/x}.$$

在$x = 1$处，$f'(1) = 2 \sin 1 - 1$。

前向模式从`x`出发，在计算每个值的同时计算导数，一直算到输出。反向模式则从输出出发往回计算。只有一个输入和一个输出时，两者都只需一次计算，结果也相同。
"""

# %% tags=["answer"]
x = torch.tensor(1.0, requires_grad=True)
mixed(x).backward()
_, forward = torch.func.jvp(mixed, (torch.tensor(1.0),), (torch.tensor(1.0),))
x.grad.item(), forward.item(), (2 * torch.sin(torch.tensor(1.0)) - 1).item()

# %% [markdown] lang="en"
r"""
Which is cheaper in general? Forward mode takes one pass for each **input**, reverse mode one for each **output**; lesson 10 counts them. A network has millions of inputs and one loss, which is why `backward` uses reverse mode.

## 7. Exercises

Replace every `...` and run the check below it. Exercises 07.3, 07.7 and 07.8 are optional, and not part of the time above. Stuck? Press the button below the check, or run `hint("07.1")`.
"""

# %% [markdown] lang="zh"
r"""
一般来说，哪种模式的代价更小？前向模式对每个**输入**计算一次，反向模式对每个**输出**计算一次，第10课会具体统计。神经网络有几百万个输入，却只有一个损失，所以`backward`采用反向模式。

## 7. 练习

把每个`...`换成你的答案，再运行下面的检查。练习07.3、07.7和07.8是选做题，不计入上面的时间。没有思路时，可以单击检查结果下方的提示按钮，或运行`hint("07.1")`。
"""

# %% [markdown] lang="en"
r"""
### Exercise 07.1 · Twice on paper ★☆☆ (4 min)

$y = x^3 + 3x^2$ at $x = 2$. On paper: the first and the second derivative.
"""

# %% [markdown] lang="zh"
r"""
### 练习07.1 · 在纸上求两次导 ★☆☆（4分钟）

设$y = x^3 + 3x^2$，$x = 2$。请在纸上求出一阶导数和二阶导数。
"""

# %%
first, second = ..., ...

# %%
check("07.1", (first, second))

# %% tags=["solution"]
x = torch.tensor(2.0, requires_grad=True)
(once,) = torch.autograd.grad(x**3 + 3 * x**2, x, create_graph=True)
once.item(), torch.autograd.grad(once, x)[0].item()

# %% [markdown] lang="en" tags=["solution"]
r"""
$3x^2 + 6x = 24$ and $6x + 6 = 18$.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
$3x^2 + 6x = 24$，$6x + 6 = 18$。
"""

# %% [markdown] lang="en"
r"""
### Exercise 07.2 · The second derivative ★★☆ (8 min)

`second_derivative(x)` receives a tensor `(n,)` that does not require grad and returns the second derivative of $\sin(x)\,e^x$ at each of its elements, shape `(n,)`. Let autograd do the work.
"""

# %% [markdown] lang="zh"
r"""
### 练习07.2 · 二阶导数 ★★☆（8分钟）

`second_derivative(x)`接收一个不需要梯度、形状为`(n,)`的张量，返回$\sin(x)\,e^x$在它每个元素处的二阶导数，形状为`(n,)`。求导请交给自动微分。
"""


# %%
def second_derivative(x):
    return ...


# %%
check("07.2", second_derivative)


# %% tags=["solution"]
def solved_07_2(x):
    x = x.clone().requires_grad_()
    y = torch.sin(x) * torch.exp(x)
    first = torch.autograd.grad(y.sum(), x, create_graph=True)[0]
    return torch.autograd.grad(first.sum(), x)[0]


at = torch.tensor([0.0, 1.0])
solved_07_2(at), 2 * torch.exp(at) * torch.cos(at)

# %% [markdown] lang="en" tags=["solution"]
r"""
Each element enters only one sine and one exponential, so neither of the two sums mixes the elements. The formula is $2 e^x \cos x$.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
每个元素只参与一次正弦和一次指数函数的计算，所以两次求和都不会把各元素混在一起。手算的结果是$2 e^x \cos x$。
"""

# %% [markdown] lang="en"
r"""
### Exercise 07.3 · A Hessian times a vector ★★★ (10 min)

`hessian_times(x, u)` returns $H u$, shape `(n,)`, where $H$ is the Hessian of $f(x) = (x^\top x)^2$ at `x` and `u` a direction, both `(n,)`; **without building** $H$.
"""

# %% [markdown] lang="zh"
r"""
### 练习07.3 · 黑塞矩阵乘以向量 ★★★（10分钟）

`hessian_times(x, u)`返回$H u$，形状为`(n,)`，其中$H$是$f(x) = (x^\top x)^2$在`x`处的黑塞矩阵，`u`是一个方向，两者的形状都是`(n,)`；**不要构造**$H$。
"""


# %%
def hessian_times(x, u):
    return ...


# %%
check("07.3", hessian_times)


# %% tags=["solution"]
def solved_07_3(x, u):
    x = x.clone().requires_grad_()
    y = (x * x).sum() ** 2
    g = torch.autograd.grad(y, x, create_graph=True)[0]
    return torch.autograd.grad(g, x, u)[0]


solved_07_3(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 0.0]))

# %% [markdown] lang="en" tags=["solution"]
r"""
$g = 4 (x^\top x)\, x$ and $H = 4 (x^\top x)\, I + 8\, x x^\top$; its first column at $(1, 2)$ is $(28, 16)$.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
$g = 4 (x^\top x)\, x$，$H = 4 (x^\top x)\, I + 8\, x x^\top$，它在$(1, 2)$处的第一列是$(28, 16)$。
"""

# %% [markdown] lang="en"
r"""
### Exercise 07.4 · A sine without a cosine ★★☆ (5 min)

`slope_of_sine(x)` receives a tensor `(n,)` that does not require grad and returns the slope of $\sin$ at each element, shape `(n,)`. **No cosine, and one backward pass only.**
"""

# %% [markdown] lang="zh"
r"""
### 练习07.4 · 不用余弦求正弦的导数 ★★☆（5分钟）

`slope_of_sine(x)`接收一个不需要梯度、形状为`(n,)`的张量，返回$\sin$在每个元素处的导数，形状为`(n,)`。**不能用余弦，并且只做一次反向传播**。
"""


# %%
def slope_of_sine(x):
    return ...


# %%
check("07.4", slope_of_sine)


# %% tags=["solution"]
def solved_07_4(x):
    x = x.clone().requires_grad_()
    torch.sin(x).sum().backward()
    return x.grad


solved_07_4(torch.tensor([0.0, torch.pi / 2, torch.pi]))

# %% [markdown] lang="en" tags=["solution"]
r"""
The number in the middle is not exactly zero, because float32 has no exact $\pi/2$.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
中间的数并不恰好等于零，因为float32不能精确表示$\pi/2$。
"""

# %% [markdown] lang="en"
r"""
### Exercise 07.5 · Backward, and backward again ★★☆ (6 min)

`x` holds `[1, 2]`. For each `y` below, `y.sum().backward()` and then once more on the same sum: `"raises"` the second raises; `"doubles"` it runs, and `x.grad` is twice the gradient; `"zero"` it runs, and `x.grad` is 0 before and after. Decide before you run anything.
"""

# %% [markdown] lang="zh"
r"""
### 练习07.5 · 再做一次反向传播 ★★☆（6分钟）

`x`为`[1, 2]`。对下面的每个`y`，先做`y.sum().backward()`，再对同一个和做一次：`"raises"`第二次报错；`"doubles"`能运行，`x.grad`是梯度的两倍；`"zero"`能运行，`x.grad`前后都是0。先判断，再运行。
"""

# %%
programs = {
    "a": lambda x: x + 3,
    "b": lambda x: x * x,
    "c": lambda x: -x,
    "d": lambda x: x.exp(),
    "e": lambda x: x - x,
    "f": lambda x: x / 2,
}

# %%
fates = {"a": ..., "b": ..., "c": ..., "d": ..., "e": ..., "f": ...}

# %%
check("07.5", fates)

# %% tags=["solution"]
{name: fate(program) for name, program in programs.items()}

# %% [markdown] lang="en" tags=["solution"]
r"""
`b`, `d` and `f` save a tensor, which has been freed by the second time; `f` saves the divisor. The others need none. In `e` the two paths cancel, $1 - 1 = 0$, both times.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
`b`、`d`、`f`都保存了张量，第二次时张量已经释放，其中`f`保存的是除数。其余的不需要保存张量。在`e`中，两条路径互相抵消，两次都有$1 - 1 = 0$。
"""

# %% [markdown] lang="en"
r"""
### Exercise 07.6 · Control flow of your own ★★★ (10 min)

Design a function of your own: `mine(x)` receives a tensor `(n,)` and returns a scalar tensor, on a path that depends on the values in `x` (an `if`, a loop). The check runs it at `x`, `-x`, `20 * x`, `-20 * x` and `x / 20` for random `x`, and there every gradient must agree with central differences in float64. At least two different graphs must occur, if not there, then when the elements of `x` change their order or their signs.
"""

# %% [markdown] lang="zh"
r"""
### 练习07.6 · 自己设计的控制流 ★★★（10分钟）

请设计一个自己的函数`mine(x)`，它接收形状为`(n,)`的张量，返回一个标量张量，并且用`if`或循环，使执行的路径取决于`x`的数值。检查会对随机的`x`在`x`、`-x`、`20 * x`、`-20 * x`和`x / 20`处运行它，每个梯度都应当与float64的中心差分一致。至少要出现两种不同的计算图，如果在这些输入处没有出现，改变各元素的顺序或符号之后也可以。
"""


# %%
def mine(x):
    return ...


# %%
check("07.6", mine)


# %% tags=["solution"]
def solved_07_6(x):
    while x.norm() < 10:
        x = x * 2
    return (x**2).sum()


[record(solved_07_6, [1.0, n]).output.item() for n in (1.0, 20.0)]

# %% [markdown] lang="en" tags=["solution"]
r"""
Any loop that ends for the given numbers will do. This one would run for ever at $x = 0$, like the one in lesson 06.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
只要对所给的数都能结束，任何循环都可以。这个循环在$x = 0$处会一直运行下去，与第06课的相同。
"""

# %% [markdown] lang="en"
r"""
### Exercise 07.7 · The price of a Hessian ★★☆ (5 min)

A loss has 50 inputs, and its gradient $g$ was computed by one backward pass with `create_graph=True`. How many **further** backward passes do you need for the whole Hessian $H$, and how many for one product $H u$? How many numbers does $H$ hold?
"""

# %% [markdown] lang="zh"
r"""
### 练习07.7 · 黑塞矩阵的代价 ★★☆（5分钟）

某个损失有50个输入，它的梯度$g$已经用一次写有`create_graph=True`的反向传播算出。求整个黑塞矩阵$H$**还要**多少次反向传播？求一个积$H u$还要多少次？$H$里有多少个数？
"""

# %%
passes_H, passes_Hu, numbers = ..., ..., ...

# %%
check("07.7", (passes_H, passes_Hu, numbers))

# %% tags=["solution"]
x = torch.ones(50, requires_grad=True)
(g,) = torch.autograd.grad((x * x).sum() ** 2, x, create_graph=True)
rows = [torch.autograd.grad(g_i, x, retain_graph=True)[0] for g_i in g]
along_one = [torch.autograd.grad(g, x, torch.ones(50))[0]]
len(rows), len(along_one), torch.stack(rows).numel()

# %% [markdown] lang="en" tags=["solution"]
r"""
Each pass gives one row, and one pass is enough for a single combination of the rows, such as $H u = u^\top H$.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
每次反向传播得到一行。各行的任意一个线性组合也只需一次，而$H u = u^\top H$正是这样的组合。
"""

# %% [markdown] lang="en"
r"""
### Exercise 07.8 · From x to f ★★☆ (8 min)

$f(x) = \log(x^2)\,\sin x + 1/x$ once more, **from $x$ to $f$**. `forward(x)` receives a Python number and returns the slopes **with respect to $x$** of $x^2$, $\log(x^2)$, $\sin x$, of their product $\log(x^2)\,\sin x$, and of $f$, each from those before it: five numbers.
"""

# %% [markdown] lang="zh"
r"""
### 练习07.8 · 从x求到f ★★☆（8分钟）

对$f(x) = \log(x^2)\,\sin x + 1/x$，这次**从$x$求到$f$**。`forward(x)`接收一个Python数，返回五个数，即$x^2$、$\log(x^2)$、$\sin x$、两者的积$\log(x^2)\,\sin x$以及$f$各自**对$x$的**导数，每一个都由前面的结果算出。
"""


# %%
def forward(x):
    return ...


# %%
check("07.8", forward)


# %% tags=["solution"]
def solved_07_8(x):
    square = 2 * x
    log = square / x**2
    sine = math.cos(x)
    product = log * math.sin(x) + math.log(x**2) * sine
    return square, log, sine, product, product - 1 / x**2


graph = record(mixed, x=1.0)
{node.op: node.grad.item() for node in graph.nodes if node.kind == "op"}, solved_07_8(1.0)

# %% [markdown] lang="en" tags=["solution"]
r"""
First come the numbers of reverse mode, the derivative of $f$ with respect to each node; then those of forward mode, the derivative of each node with respect to $x$. Both end at the same 0.6829.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
先是反向模式的结果，即$f$对每个节点的导数，再是前向模式的结果，即每个节点对$x$的导数。两者最后得到同一个0.6829。
"""

# %% [markdown] lang="en"
r"""
## Recap

| question of the book | what running it shows |
|---|---|
| second derivative | `create_graph=True`; the graph of $\sin(x)\,e^x$ more than doubles at each order, that of $x^5$ does not |
| all of the Hessian | $n$ passes more than the gradient; $H u$ needs one more |
| `grad(g.sum(), x)` | sums of rows, not the diagonal |
| backward twice | raises only where a node saved tensors; otherwise the gradient doubles without an error |
| `retain_graph=True` | keeps them; in a loop run the forward pass again instead |
| vector or matrix `a` | one $k$ for all elements; conditions are not differentiated |
| derivative of the sine | one backward of the sum; equal to the cosine to the last digit |
| forward or backward | one pass for each input, or one for each output |

Next: [lesson 08, an autograd of your own](08_build_autograd.ipynb). Read on: [torch.autograd.grad](https://docs.pytorch.org/docs/stable/generated/torch.autograd.grad.html), [torch.func.hessian](https://docs.pytorch.org/docs/stable/generated/torch.func.hessian.html) and [Autograd mechanics](https://docs.pytorch.org/docs/stable/notes/autograd.html) in PyTorch's documentation; the exercises of [Automatic Differentiation](https://d2l.ai/chapter_preliminaries/autograd.html) in *Dive into Deep Learning* ([Chinese edition](https://zh.d2l.ai/chapter_preliminaries/autograd.html)).
"""

# %% [markdown] lang="zh"
r"""
## 小结

| 书中的问题 | 运行的结果 |
|---|---|
| 二阶导数 | 用`create_graph=True`，$\sin(x)\,e^x$的计算图每高一阶就增大一倍多，$x^5$的则不会 |
| 整个黑塞矩阵 | 求出梯度之后还要$n$次反向传播，$H u$只要再做一次 |
| `grad(g.sum(), x)` | 各行之和，不是对角线 |
| 两次`backward` | 节点保存了张量才报错，否则梯度加倍而不报错 |
| `retain_graph=True` | 保留这些张量；在循环里应当重新做前向传播 |
| 向量或矩阵`a` | 所有元素共用一个$k$，条件不参与求导 |
| 正弦的导数 | 求和之后做一次反向传播，结果与余弦完全相同 |
| 前向还是反向 | 每个输入一次，或每个输出一次 |

下一课是[第08课，自己写一个autograd](08_build_autograd.ipynb)。延伸阅读有PyTorch文档中的[torch.autograd.grad](https://docs.pytorch.org/docs/stable/generated/torch.autograd.grad.html)、[torch.func.hessian](https://docs.pytorch.org/docs/stable/generated/torch.func.hessian.html)和[自动求导机制](https://docs.pytorch.org/docs/stable/notes/autograd.html)（英文），以及《动手学深度学习》[自动微分](https://zh.d2l.ai/chapter_preliminaries/autograd.html)一节的练习（另有[英文版](https://d2l.ai/chapter_preliminaries/autograd.html)）。
"""

# %% tags=["nbval-ignore-output"]
progress.show()
