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
# 02 · The computational graph and backward

**How does PyTorch know the derivative of a function that I have only just written?** It notes every operation while your code runs, and then reads its notes from the last to the first.

After this lesson you can

- name the leaves, the intermediate results and the root of a graph, and find `grad_fn` and `next_functions` on a real one;
- run `backward` by hand, node by node, and get the numbers that PyTorch gets;
- say when `.grad` is `None`, what a second backward does to it, and what to do about either.

*About 75 minutes: 30 to read and try, 45 for the exercises. You need derivatives of $x^2$ and $x \cdot y$, the chain rule, and lesson 00.*
"""

# %% [markdown] lang="zh"
r"""
# 02 · 计算图与backward

**我刚刚才写下的函数，PyTorch怎么会知道它的导数**？代码运行的时候，它把每一步运算都记录下来，求导时再从最后一步倒着读回第一步。

学完本课，你将能够

- 指出计算图中的叶子、中间结果与根，并在真实的图上找到`grad_fn`和`next_functions`；
- 亲手逐个节点地完成反向传播，得到与PyTorch相同的数；
- 说清楚`.grad`何时是`None`、再做一次反向传播时会怎样，以及相应的做法。

约75分钟，其中阅读和操作30分钟，练习45分钟。预备知识有$x^2$与$x \cdot y$的导数、链式法则，以及第00课。
"""

# %%
import warnings

import torch
from helpers import check, d2l, descend, draw, explore, hint, language, predict, progress, record

language.use("en")

# %% [markdown] lang="en"
r"""
The names of this lesson: `w`, `b`, `x`, `y_true`, `y_pred`, `loss` are all scalars, tensors of shape `()`.

## 1. A graph, built while it runs

Take $y = (w x + b)^2$. The inputs `w` and `b` are the **leaves**: nothing computed them. The product and the sum are **intermediate results**, and `y`, from which backward will start, is the **root**. PyTorch builds this graph afresh on every run ("define by run").
"""

# %% [markdown] lang="zh"
r"""
本课用到的`w`、`b`、`x`、`y_true`、`y_pred`、`loss`都是标量（scalar），即形状为`()`的张量。

## 1. 边运行边建成的图

考虑$y = (w x + b)^2$。输入`w`和`b`不是由运算产生的，叫作**叶子**（leaf）。乘积与和是**中间结果**，反向传播的起点`y`是**根**（root）。每运行一次，PyTorch都会重新建立计算图，这叫作“运行时定义”（define by run）。
"""

# %%
w = torch.tensor(4.0, requires_grad=True)
b = torch.tensor(2.0, requires_grad=True)
x = torch.tensor(2.0)
y = (w * x + b) ** 2
y

# %% [markdown] lang="en"
r"""
The value is 100, and `y` carries something more: `grad_fn`, which names the operation that made `y` and knows how to differentiate it.
"""

# %% [markdown] lang="zh"
r"""
除了数值100，`y`还带有`grad_fn`。`grad_fn`指明`y`由哪个运算产生，也知道这个运算该怎样求导。
"""

# %%
type(y.grad_fn).__name__, [t.is_leaf for t in (w, b, x, y)]

# %% [markdown] lang="en"
r"""
`w` and `b` are leaves, as expected. So is `x`, which requires no gradient at all: **a leaf is a tensor that no recorded operation has made**. Only `y` is not a leaf.

`next_functions` leads one step back towards the leaves. The last operation was the power, so one step back from it is the addition:
"""

# %% [markdown] lang="zh"
r"""
`w`和`b`是叶子，这在意料之中。`x`不需要梯度，但也是叶子，因为**只要一个张量不是由被记录的运算产生的，它就是叶子**。这里只有`y`不是。

`next_functions`朝叶子的方向退回一步。最后一步运算是乘方，从它往回退一步就是加法。
"""

# %%
power = y.grad_fn
addition = power.next_functions[0][0]
multiplication, to_b = (node for node, _ in addition.next_functions)
[type(node).__name__ for node in (power, addition, multiplication, to_b)]

# %% [markdown] lang="en"
r"""
The way back ends at `AccumulateGrad`, the node that adds what arrives to a leaf's `.grad`. It knows its leaf by the name `variable`. Where an input requires no gradient there is no way back, only `None`; that is `x` here:
"""

# %% [markdown] lang="zh"
r"""
返回路径的终点是`AccumulateGrad`，这个节点把到达的梯度加到叶子的`.grad`上，它的属性`variable`就是这个叶子。不需要梯度的输入没有返回的路径，对应的位置是`None`，这里的`x`就是如此。
"""

# %%
to_w, to_x = (node for node, _ in multiplication.next_functions)
to_b.variable is b, to_w.variable is w, to_x

# %% [markdown] lang="en"
r"""
Instead of walking the graph by hand we can let `record` run a function once forward and once backward, watching every step, and `draw` what autograd did. Blue arrows `→` carry values $v$ forward; orange arrows `←` carry back the gradients $\partial y/\partial v$ of the output $y$.
"""

# %% [markdown] lang="zh"
r"""
不必每次都这样手动地沿着图往回找。`record`把一个函数前向、反向各运行一次，并记录其中的每一步，`draw`再把自动微分的实际过程画出来。蓝色的`→`是向前传的值$v$，橙色的`←`是往回传的梯度，即输出$y$对这个值的导数$\partial y/\partial v$。
"""


# %%
def square_of_line(w, b, x):
    return (w * x + b) ** 2


draw(record(square_of_line, w=4.0, b=2.0, x=torch.tensor(2.0)))

# %% [markdown] lang="en"
r"""
## 2. A complete example

A model predicts $y_{\text{pred}} = w x + b$, and the squared error says how wrong it is:

$$L = (w x + b - y_{\text{true}})^2.$$

Here $x = 2$, $y_{\text{true}} = 7$, $w = 4$ and $b = 2$. First the forward pass:
"""

# %% [markdown] lang="zh"
r"""
## 2. 一个完整的例子

模型的预测是$y_{\text{pred}} = w x + b$，平方误差（squared error）衡量预测与真实值相差多少：

$$L = (w x + b - y_{\text{true}})^2.$$

其中$x = 2$，$y_{\text{true}} = 7$，$w = 4$，$b = 2$。先做前向传播。
"""

# %%
y_true = torch.tensor(7.0)
y_pred = w * x + b
loss = (y_pred - y_true) ** 2
y_pred, loss

# %% [markdown] lang="en"
r"""
Nothing has been differentiated yet, and `.grad` says so: it is `None`, not zero.
"""

# %% [markdown] lang="zh"
r"""
到这里还没有求过导，所以`.grad`是`None`，而不是零。
"""

# %%
print(w.grad, b.grad)

# %% [markdown] lang="en"
r"""
Before you go on: which number will `w.grad` be?
"""

# %% [markdown] lang="zh"
r"""
先别往下运行，猜一猜`w.grad`会是多少。
"""

# %%
predict("02.p1")

# %%
loss.backward()
w.grad, b.grad

# %% [markdown] lang="en"
r"""
## 3. What a gradient is: the answer to a nudge

What does the number in `w.grad` say? Call it $g$. Move $w$ by a small step $h$, leave everything else alone, and compute $L$ again. According to the gradient, its change $\Delta L$ should be $g \cdot h$:
"""

# %% [markdown] lang="zh"
r"""
## 3. 用轻推理解梯度

`w.grad`里的数是什么意思？把它记作$g$。让$w$变化一小步$h$，其余都不变，再算一次$L$。按照梯度，它的变化$\Delta L$应当是$g \cdot h$。
"""


# %%
def squared_error(w, b, x, y_true):
    y_pred = w * x + b
    loss = (y_pred - y_true) ** 2
    return loss


g = w.grad.item()
print("h             ΔL        g h   ΔL - g h")
for h in (1.0, 0.1, 0.01, 0.001):
    real = squared_error(4.0 + h, 2.0, 2.0, 7.0) - squared_error(4.0, 2.0, 2.0, 7.0)
    print(f"{h:<6}{real:10.6f} {g * h:10.6f} {real - g * h:10.6f}")

# %% [markdown] lang="en"
r"""
The smaller the step, the better the estimate: with a tenth of the step, a hundredth of the gap remains. **A gradient says how far the output moves for a small move of an input**, per unit of that move.

In the graph below `w` is nudged by 0.01, and $L$ is really computed at both points. `Δ` is how far a value moved; below each node stands its gradient times that move:
"""

# %% [markdown] lang="zh"
r"""
步长越小，这个估计越准。步长缩小到十分之一，差距就缩小到百分之一。**梯度说明输入有微小变化时，输出的变化是输入变化的多少倍**。

下图把`w`轻推（nudge）了0.01，并在轻推前后各真正算一次$L$。`Δ`是一个值的变化量，每个节点下方是它的梯度与这个变化量之积。
"""

# %%
explore(squared_error, w=(-5.0, 5.0), b=(-5.0, 5.0), x=2.0, y_true=7.0, nudge="w").set(w=4.0, b=2.0)

# %% [markdown] lang="en"
r"""
Every node on the path predicts the same 0.12 for $L$: $12 \times 0.01$ at `w`, then $6 \times 0.02$ three times. So the 6 inside the graph is a gradient like the 12 at its left end: the answer to a nudge of *that* value. Nodes off the path do not change.

Now drag the step up to 1. Product, sum and difference are linear in `w`, so they still predict what `w` predicts. The power is not, and from there on the real change differs from the predicted one. Click on `b` to nudge that instead.
"""

# %% [markdown] lang="zh"
r"""
由沿途每个节点算出的$L$的变化都是0.12，在`w`处是$12 \times 0.01$，随后三次都是$6 \times 0.02$。可见图中间的6与左端的12意义相同，都说明轻推**这个**值时输出怎样变化。不在这条路径上的节点没有变化。

再把步长拖到1。乘积、和与差都是`w`的线性函数，由它们预测的变化仍与由`w`预测的相同。乘方不是线性的，实际变化与预测从这里开始不同。点击`b`，可以改为轻推`b`。
"""

# %% [markdown] lang="en"
r"""
## 4. The same by hand

Backward starts with $\partial L/\partial L = 1$ and multiplies by one local derivative at each node. Call the difference $d = y_{\text{pred}} - y_{\text{true}}$, so $L = d^2$:

| node | local derivative | gradient that goes on |
|---|---|---|
| $L = d^2$ | $2d = 6$ | $1 \cdot 6 = 6$ |
| $d = y_{\text{pred}} - y_{\text{true}}$ | $1$ | $6 \cdot 1 = 6$ |
| $y_{\text{pred}} = wx + b$ towards $b$ | $1$ | $\partial L/\partial b = 6$ |
| $wx$ towards $w$ | $x = 2$ | $\partial L/\partial w = 6 \cdot 2 = 12$ |
"""

# %% [markdown] lang="zh"
r"""
## 4. 亲手算一遍

反向传播从$\partial L/\partial L = 1$出发，每经过一个节点，就乘上一个局部导数（local derivative）。把差记作$d = y_{\text{pred}} - y_{\text{true}}$，于是$L = d^2$：

| 节点 | 局部导数 | 继续往回传的梯度 |
|---|---|---|
| $L = d^2$ | $2d = 6$ | $1 \cdot 6 = 6$ |
| $d = y_{\text{pred}} - y_{\text{true}}$ | $1$ | $6 \cdot 1 = 6$ |
| $y_{\text{pred}} = wx + b$，通向$b$ | $1$ | $\partial L/\partial b = 6$ |
| $wx$，通向$w$ | $x = 2$ | $\partial L/\partial w = 6 \cdot 2 = 12$ |
"""

# %%
d = y_pred.item() - 7
{"2d": 2 * d, "dL/db": 2 * d * 1, "dL/dw": 2 * d * 2}

# %% [markdown] lang="en"
r"""
Now move the sliders. Every move runs the real forward and backward pass. Try $w = 2.5$: the prediction is exact, and every gradient vanishes. Beyond that point the gradients change sign.
"""

# %% [markdown] lang="zh"
r"""
现在拖动滑块来看。滑块每移动一次，都会真正地把前向、反向传播各运行一次。先试试$w = 2.5$，这时预测与真实值完全相等，所有梯度都变为零。继续拖过这一点，梯度就变号了。
"""

# %%
explore(squared_error, w=(-5.0, 5.0), b=(-5.0, 5.0), x=2.0, y_true=7.0).set(w=4.0, b=2.0)

# %% [markdown] lang="en"
r"""
On the sliders `x` and `y_true` require gradients as well, so the graph shows theirs too: $\partial L/\partial x = 6 \cdot w = 24$ and $\partial L/\partial y_{\text{true}} = -6$. Beside each gradient stands a central difference, an independent check.
"""

# %% [markdown] lang="zh"
r"""
由滑块控制的`x`和`y_true`也需要梯度，所以图中也有$\partial L/\partial x = 6 \cdot w = 24$和$\partial L/\partial y_{\text{true}} = -6$。每个梯度旁边还列出了中心差分的结果，作为独立的检验。
"""

# %% [markdown] lang="en"
r"""
## 5. Backward, one step at a time

`r.backward_order` lists the nodes in the order in which the engine really ran them. For each one we print what arrives and what it sends on along each edge. In the live graph above you can follow the same order: the buttons below it play the pass step by step, and each step names its rule and marks its line of the function.
"""

# %% [markdown] lang="zh"
r"""
## 5. 一步一步地看反向传播

`r.backward_order`按引擎实际运行的先后列出各个节点。我们打印每个节点收到的梯度，以及它沿每条边送出的梯度。上面的交互图（explorer）也可以这样一步一步地看。图下方的按钮逐步播放整个过程，每一步都写出所用的求导规则，并标出对应的代码行。
"""


# %%
def trace(r):
    for number in r.backward_order:
        node = r.nodes[number]
        edges = [edge for edge in r.edges if edge.dst == number and edge.grad is not None]
        sent = ", ".join(f"{edge.grad.item():.4f}" for edge in edges) or "-"
        print(f"{node.grad_fn:15} {node.name or '':6} in {node.grad.item():7.4f}  out {sent}")


trace(record(squared_error, w=4.0, b=2.0, x=x, y_true=y_true))

# %% [markdown] lang="en"
r"""
Read it from top to bottom: 1 arrives at the power, which sends on 6. Subtraction and addition pass 6 through. The product multiplies by the `x` it had **saved** in the forward pass, and 12 arrives at `w`.

The next function uses `x` twice: once in a product, once in a sine.
"""

# %% [markdown] lang="zh"
r"""
从上往下读，1到达乘方，乘方送出6，减法和加法把6原样传下去。乘法再乘上它在前向传播时**保存**的`x`，于是到达`w`的是12。

下面的函数用了两次`x`，一次在乘积里，一次在正弦里。
"""


# %%
def two_paths(x, w):
    return (x * w + torch.sin(x)) ** 2


r = record(two_paths, x=3.0, w=2.0)
trace(r)

# %% [markdown] lang="en"
r"""
The sum passes the same 12.2822 to both of its inputs. Two gradients travel on to `x`: 24.5645 through the product and −12.1593 through the sine. They are **added before they reach the leaf**: 12.4052. Neither replaces the other.
"""

# %% [markdown] lang="zh"
r"""
加法把同一个12.2822传给两个输入。传向`x`的梯度有两个，经过乘法的是24.5645，经过正弦的是−12.1593。它们**在到达叶子之前相加**，得到12.4052，没有哪条路径的梯度会取代另一条的。
"""

# %%
draw(r)

# %% [markdown] lang="en"
r"""
The smallest case of this is $x^2 + x$, with the square written as a product. Predict first:
"""

# %% [markdown] lang="zh"
r"""
最简单的例子是$x^2 + x$，其中平方写成乘积。先猜一猜结果。
"""

# %%
predict("02.p2")

# %%
r = record(lambda x: x * x + x, x=3.0)
[edge.grad.item() for edge in r.edges if r.nodes[edge.src].name == "x"], r.grads["x"]

# %% [markdown] lang="en"
r"""
The product's two edges carry 3 each, the direct path carries 1, and 7 is their sum. In the graph itself both edges of the product lead to the same `AccumulateGrad` object, not to two different ones:
"""

# %% [markdown] lang="zh"
r"""
乘法的两条边各传回3，直接相加的路径传回1，7是三者之和。在计算图里，乘法的两条边通向同一个`AccumulateGrad`对象，而不是两个不同的对象。
"""

# %%
x = torch.arange(4.0, requires_grad=True)
first, second = (node for node, _ in (x * x).grad_fn.next_functions)
first is second, first.variable is x

# %% [markdown] lang="en"
r"""
## 6. A vector goes in, a scalar comes out

Nothing changes when the leaf is a vector. For $y = 2\, x^\top x$ the gradient is $4x$, in the shape of $x$:
"""

# %% [markdown] lang="zh"
r"""
## 6. 输入向量，输出标量

叶子是向量时，道理完全一样。对于$y = 2\, x^\top x$，梯度是$4x$，形状与$x$相同。
"""

# %%
y = 2 * torch.dot(x, x)
returned = y.backward()
print(y.item(), returned, x.grad)

# %%
dot = y.grad_fn.next_functions[0][0]
nodes = (y.grad_fn, dot, *(node for node, _ in dot.next_functions))
[type(node).__name__ for node in nodes]

# %% [markdown] lang="en"
r"""
The dot product has two arguments, so two edges lead back to `x`; what arrives along both is added up, hence $4x$ and not $2x$.

`backward()` itself **returns `None`**: the result is in `x.grad`, so `g = y.backward()` gives you nothing. And without the parentheses nothing runs at all; the line raises no error, and `.grad` stays `None`:
"""

# %% [markdown] lang="zh"
r"""
点积（dot product）有两个参数，所以有两条边通回`x`，沿两条边到达的梯度相加，因此是$4x$而不是$2x$。

`backward()`本身**返回`None`**，结果在`x.grad`里，所以写`g = y.backward()`什么也得不到。如果漏写括号，反向传播就不会运行。这一行并不报错，但`.grad`一直是`None`。
"""

# %%
z = torch.tensor([1.0, 2.0], requires_grad=True)
(z * z).sum().backward
print(z.grad)

# %% [markdown] lang="en"
r"""
## 7. Two backward passes

We run the example of section 2 twice, each time with a new forward pass, and reset nothing in between.
"""

# %% [markdown] lang="zh"
r"""
## 7. 两次反向传播

我们把第2节的例子运行两遍，每一遍都重新做前向传播，中间不清零。
"""

# %%
predict("02.p4")

# %%
x, w.grad, b.grad = torch.tensor(2.0), None, None
for _ in range(2):
    squared_error(w, b, x, y_true).backward()
w.grad, b.grad

# %% [markdown] lang="en"
r"""
24 and 12: twice 12 and twice 6. Gradients **accumulate**: `backward` adds to `.grad`. This is useful when a large batch is fed in parts, and wrong in a training loop that forgets about it. Hence every loop first sets the gradients back, and an optimizer does so by setting them to `None`:
"""

# %% [markdown] lang="zh"
r"""
24和12恰好是12与6的两倍。梯度会**累加**（accumulate），即`backward`把结果加到`.grad`上。把一个大批量拆成几份依次输入时，累加很有用。在训练循环里忘记清零，结果就会出错。所以每次迭代都要先清除梯度，优化器（optimizer）的做法是把`.grad`设为`None`。
"""

# %%
optimizer = torch.optim.SGD([w, b], lr=0.1)
optimizer.zero_grad()
print(w.grad, b.grad)

# %% [markdown] lang="en"
r"""
The older habit, `w.grad.zero_()`, fails before the first backward, because there is no tensor yet to fill with zeros:
"""

# %% [markdown] lang="zh"
r"""
过去常写的`w.grad.zero_()`，在第一次`backward`之前会报错，因为这时还没有可以清零的张量。
"""

# %%
try:
    w.grad.zero_()
except AttributeError as error:
    print(error)

# %% [markdown] lang="en"
r"""
The same with a vector, and without zeroing in between: $4x$ from the dot product, plus 1 for each element from the sum.
"""

# %% [markdown] lang="zh"
r"""
向量也是如此。如果中间不清零，点积给出的$4x$就会再加上求和给出的1。
"""

# %%
x = torch.arange(4.0, requires_grad=True)
(2 * torch.dot(x, x)).backward()
x.sum().backward()
x.grad

# %% [markdown] lang="en"
r"""
A trap with `.grad`: `g = x.grad` is only **another name for the same tensor**, and changes with the next backward.
"""

# %% [markdown] lang="zh"
r"""
关于`.grad`还有一个陷阱。`g = x.grad`只是**同一个张量的另一个名字**，下一次`backward`会使`g`也随之改变。
"""

# %%
x = torch.tensor(3.0, requires_grad=True)
(x**2).backward()
g = x.grad
before = g.item()
(x**3).backward()
before, g.item()

# %% [markdown] lang="en"
r"""
Keep a copy with `x.grad.clone()` if you still need the 6.

## 8. Gradients of intermediate results

A gradient does arrive at every intermediate result on its way to the leaves. But what does `.grad` show there?
"""

# %% [markdown] lang="zh"
r"""
如果还需要原来的6，请用`x.grad.clone()`保留一份副本。

## 8. 中间结果的梯度

梯度在传向叶子的途中，会到达每一个中间结果。那么在中间结果上读取`.grad`，会看到什么？
"""

# %%
predict("02.p3")

# %%
x = torch.arange(4.0, requires_grad=True)
y = x * x
y.sum().backward()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print(y.grad)
print(str(caught[0].message).partition(" If you")[0])

# %% [markdown] lang="en"
r"""
It was passed on and then dropped: **only leaves keep their gradient**. If you want it, say so **before** backward with `retain_grad()`. Afterwards is too late, since the gradient is already gone:
"""

# %% [markdown] lang="zh"
r"""
这个梯度传下去之后就被丢弃了，因为**只有叶子会保留梯度**。如果需要中间结果的梯度，要在`backward`**之前**调用`retain_grad()`。在`backward`之后调用就晚了，这时梯度已经不在。
"""

# %%
y = x * x
y.retain_grad()
y.sum().backward()
late = x * x
late.sum().backward()
late.retain_grad()
print(y.grad, late.grad)

# %% [markdown] lang="en"
r"""
A **hook** sees the gradient as it passes and keeps nothing unless you store it. Hooks are useful in debugging, too:
"""

# %% [markdown] lang="zh"
r"""
**钩子**（hook）是梯度经过时被调用的函数，它本身不保存梯度，需要时由你自己保存。钩子在调试时很有用。
"""

# %%
seen = []
y = x * x
handle = y.register_hook(seen.append)
(3 * y).sum().backward()
handle.remove()
seen

# %% [markdown] lang="en"
r"""
Some tensors only look like leaves: scaling, reshaping or converting a tensor is an operation, and its result is not a leaf. Training such a tensor has no effect, because its `.grad` stays `None`.
"""

# %% [markdown] lang="zh"
r"""
有些看上去是叶子的张量其实不是。缩放、变形、转换类型都是运算，运算的结果不再是叶子。训练这样的张量没有效果，因为它的`.grad`一直是`None`。
"""

# %%
p = torch.randn(3, requires_grad=True)
[t.is_leaf for t in (p, p * 0.1, p - 0.1, p.reshape(3, 1), p.to(torch.float64))]

# %% [markdown] lang="en"
r"""
To make a leaf of such a result, detach it and ask for gradients again:
"""

# %% [markdown] lang="zh"
r"""
要让这样的结果重新成为叶子，可以先把它**分离**（detach）出来，再声明需要梯度。
"""

# %%
q = p.reshape(3, 1).detach().requires_grad_()
(q * q).sum().backward()
q.is_leaf, torch.equal(q.grad, 2 * q)

# %% [markdown] lang="en"
r"""
PyTorch refuses what makes no sense here, and says why:

| refused, for `x` of shape `(4,)` and `y = x * x` | because |
|---|---|
| `x.grad = torch.ones(3)` | a gradient has the shape of its tensor |
| `torch.ones(3).retain_grad()` | a tensor that requires no gradient has none to retain |
| `y.requires_grad = False` | `y` is not a leaf, and only a leaf can be told to stop requiring gradients |

## 9. Pitfalls: two messages to remember

An integer cannot change by a small amount, so **integer tensors cannot require gradients**. The message names the remedy, a floating point type: write `torch.arange(4.0)`.
"""

# %% [markdown] lang="zh"
r"""
下面的写法都会报错，原因各不相同。

| 会报错的写法（`x`的形状是`(4,)`，`y = x * x`） | 原因 |
|---|---|
| `x.grad = torch.ones(3)` | 梯度的形状必须与张量相同 |
| `torch.ones(3).retain_grad()` | 不需要梯度的张量没有可以保留的梯度 |
| `y.requires_grad = False` | `y`不是叶子，只有叶子张量才能把`requires_grad`改回`False` |

## 9. 两条要记住的报错

函数在整数上不能求导，所以**整数张量不能设置`requires_grad=True`**。报错里已经说明，办法是改用浮点类型，即写成`torch.arange(4.0)`。
"""

# %%
try:
    torch.arange(4).requires_grad_()
except RuntimeError as error:
    print(error)
try:
    torch.arange(4, requires_grad=True)
except RuntimeError as error:
    print(error)

# %% [markdown] lang="en"
r"""
The other says that the output has no graph behind it. Read it word by word: *element 0 of tensors* is the output you called `backward` on; it *does not require grad*, because no recorded operation made it, and so it *does not have a grad_fn* either. Five different mistakes lead to this one message:
"""

# %% [markdown] lang="zh"
r"""
另一条报错说明输出没有计算图。其中*element 0 of tensors*（第0个张量）是对其调用`backward`的输出。它*does not require grad*（不需要梯度），因为它不是由被记录的运算产生的，所以也*does not have a grad_fn*（没有grad_fn）。下面五种不同的错误引发的都是这条报错。
"""

# %%
x = torch.arange(4.0, requires_grad=True)
with torch.no_grad():
    inside_no_grad = (x * x).sum()
causes = {
    "no requires_grad": torch.ones(3).sum(),
    "inside no_grad": inside_no_grad,
    "detach()": (x * x).detach().sum(),
    "torch.tensor([...])": torch.tensor([x[3].item() ** 2]).sum(),
    "comparison": (x > 1).float().sum(),
}
{name: output.requires_grad for name, output in causes.items()}

# %%
messages = set()
for output in causes.values():
    try:
        output.backward()
    except RuntimeError as error:
        messages.add(str(error))
messages

# %% [markdown] lang="en"
r"""
To find the cause, look for the last tensor that still has a `grad_fn`; the next line is the culprit. In a drawing the cut is a dashed arrow that carries no gradient. Here only one of two paths is cut, so backward runs, and returns less than the derivative:
"""

# %% [markdown] lang="zh"
r"""
查找原因时，先找到最后一个还有`grad_fn`的张量，问题就出在它的下一行。在图中，断开处是一个虚线箭头，上面不传任何梯度。下面的两条路径只断了一条，所以`backward`照常运行，但得到的不是完整的导数。
"""

# %%
draw(lambda x: (x * x).detach() + 5 * x, x=3.0)

# %% [markdown] lang="en"
r"""
Only the 5 of the second path arrives; $2x = 6$ is missing, and no message says so. The remedy is always to stay inside torch and on the graph. The fourth case becomes `torch.stack([x[3] ** 2])`:
"""

# %% [markdown] lang="zh"
r"""
传到`x`的只有第二条路径的5，少了$2x = 6$，而且没有任何报错。解决办法都是只用PyTorch的运算，使结果留在计算图上。例如，第四种情况可以改成`torch.stack([x[3] ** 2])`。
"""

# %%
torch.stack([x[3] ** 2]).sum().backward()
x.grad

# %% [markdown] lang="en"
r"""
## 10. What gradients are for: one step downhill

Move each parameter a little against its gradient, $w \leftarrow w - \eta\, \partial L/\partial w$, and the loss falls. Each click below runs one real forward and backward pass and one such update.
"""

# %% [markdown] lang="zh"
r"""
## 10. 用梯度更新参数

把每个参数朝梯度的反方向移动一点，$w \leftarrow w - \eta\, \partial L/\partial w$，损失就会下降。在下面每单击一次，都会真正地做一次前向、反向传播和一次更新。
"""

# %%
predict("02.p5")

# %%
descend(squared_error, w=(-1.0, 6.0), b=(-4.0, 6.0), x=2.0, y_true=7.0, lr=0.02)

# %% [markdown] lang="en"
r"""
The path runs straight to the bottom of a valley, which is a whole line of solutions: every pair with $2w + b = 7$ has loss 0. Now raise the learning rate to 0.2, and then to 0.25. The same in code, as every training loop has it, with `zero_grad` before each `backward`:
"""

# %% [markdown] lang="zh"
r"""
路径笔直地通向一整条谷底，凡是满足$2w + b = 7$的参数，损失都是0。现在把学习率调到0.2，再调到0.25。写成代码，就是通常的训练循环，每次`backward`之前先调用`zero_grad`。
"""


# %% tags=["answer"]
def first_losses(lr, steps=5):
    w, b = torch.tensor(4.0, requires_grad=True), torch.tensor(2.0, requires_grad=True)
    optimizer = torch.optim.SGD([w, b], lr=lr)
    losses = []
    for _ in range(steps):
        loss = squared_error(w, b, 2.0, 7.0)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


# %% tags=["answer"]
rates = (0.02, 0.1, 0.2, 0.25)
losses = [first_losses(lr) for lr in rates]
legend = [f"lr {lr}" for lr in rates]
d2l.plot(range(5), losses, "step", "loss", legend, ylim=(-1, 1e5), yscale="symlog", figsize=(5, 3))
d2l.plt.xticks(range(5))
[round(row[1], 2) for row in losses]

# %% [markdown] lang="en" tags=["answer"]
r"""
After one step the loss is 5.76 at $\eta = 0.02$. For $\eta$ at 0.1 a single step reaches the minimum, at 0.2 the loss stays at 9, since every step jumps to the same height on the other side of the valley, and at 0.25 each jump ends higher than it began, the first one at 20.25. These are the regimes of [lesson 01](01_why_autograd.ipynb).
"""

# %% [markdown] lang="zh" tags=["answer"]
r"""
更新一步之后，$\eta = 0.02$时损失是5.76，$\eta$取0.1时一步就到达最小值，取0.2时损失一直是9，因为每一步都跳到谷底另一侧同样的高度，取0.25时一步比一步高，第一步就升到20.25。这就是[第01课](01_why_autograd.ipynb)里的那几种情形。
"""

# %% [markdown] lang="en"
r"""
## 11. Exercises

Replace every `...` and run the check below it. A check feeds your function fresh random numbers and says what is wrong, not only that it is. Stuck? Press the button below the check, or run `hint("02.1")`. The worked solution is folded away under each exercise.
"""

# %% [markdown] lang="zh"
r"""
## 11. 练习

把每个`...`换成你的答案，再运行下面的检查。检查会用新的随机数来试你的函数，答案不对时会指出错在哪里。没有思路时，可以单击检查结果下方的提示按钮，或运行`hint("02.1")`。每道题下面都折叠着参考答案。
"""

# %% [markdown] lang="en"
r"""
### Exercise 02.1 · Predict the gradients ★☆☆ (4 min)

$L = (wx + b - y)^2$ with $x = 3$, $y = 9$, $w = 2$, $b = -1$. Work out $\partial L/\partial w$ and $\partial L/\partial b$ on paper, with the chain rule, before you let PyTorch do it.
"""

# %% [markdown] lang="zh"
r"""
### 练习02.1 · 预测梯度 ★☆☆（4分钟）

设$L = (wx + b - y)^2$，其中$x = 3$，$y = 9$，$w = 2$，$b = -1$。先用链式法则在纸上算出$\partial L/\partial w$和$\partial L/\partial b$，再让PyTorch来算。
"""

# %%
dw, db = ..., ...

# %%
check("02.1", (dw, db))

# %% tags=["solution"]
error = 2 * 3 - 1 - 9
error, 2 * error * 3, 2 * error

# %% [markdown] lang="en" tags=["solution"]
r"""
The error is −4. One factor 2 comes from the square, and towards $w$ one more factor, $x = 3$: −24 and −8.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
误差是−4。平方带来一个因子2，对$w$求导时还要再乘$x = 3$，所以结果是−24和−8。
"""

# %% [markdown] lang="en"
r"""
### Exercise 02.2 · A third parameter ★★☆ (8 min)

Let the model bend: $\hat y = cx^2 + wx + b$, $L = (\hat y - y)^2$. Write `three_grads`, which receives five Python numbers, runs one forward and one backward pass, and returns the gradients of $L$ with respect to `w`, `b` and `c`, in this order.
"""

# %% [markdown] lang="zh"
r"""
### 练习02.2 · 第三个参数 ★★☆（8分钟）

给模型加上二次项，$\hat y = cx^2 + wx + b$，$L = (\hat y - y)^2$。请写出函数`three_grads`，它接收五个Python数，做一次前向传播和一次反向传播，按`w`、`b`、`c`的顺序返回$L$对这三个参数的梯度。
"""


# %%
def three_grads(w, b, c, x, y_true):
    return ...


# %%
check("02.2", three_grads)


# %% tags=["solution"]
def solved_02_2(w, b, c, x, y_true):
    w, b, c = (torch.tensor(p, requires_grad=True) for p in (w, b, c))
    loss = (c * x**2 + w * x + b - y_true) ** 2
    loss.backward()
    return w.grad, b.grad, c.grad


solved_02_2(4.0, 2.0, 0.0, 2.0, 7.0)

# %% [markdown] lang="en" tags=["solution"]
r"""
The local derivative of $\hat y$ with respect to $c$ is $x^2$. At $c = 0$ the other two must be those of the lesson, 12 and 6.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
$\hat y$对$c$的局部导数是$x^2$。取$c = 0$时，另外两个梯度应与正文相同，即12和6。
"""

# %% [markdown] lang="en"
r"""
### Exercise 02.3 · The loop that forgot ★★☆ (6 min)

`train` should descend the loss $(wx - y)^2$ from a given start and return the last `w` as a number. It overshoots wildly. Find the one line that is missing, and the one place for it.
"""

# %% [markdown] lang="zh"
r"""
### 练习02.3 · 忘了一步的循环 ★★☆（6分钟）

`train`应当从给定的起点出发，对损失$(wx - y)^2$做梯度下降，并以Python数返回最后的`w`。现在它一再越过最小值，越走越偏。请找出缺少的一行，以及应当放在什么位置。
"""


# %%
def train(w, x, y_true, lr, steps):
    w = torch.tensor(w, requires_grad=True)
    for _ in range(steps):
        loss = (w * x - y_true) ** 2
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
    return w.item()


# %%
check("02.3", train)


# %% tags=["solution"]
def solved_02_3(w, x, y_true, lr, steps):
    w = torch.tensor(w, requires_grad=True)
    for _ in range(steps):
        loss = (w * x - y_true) ** 2
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        w.grad = None
    return w.item()


solved_02_3(0.0, 1.0, 3.0, 0.1, 20), train(0.0, 1.0, 3.0, 0.1, 20)

# %% [markdown] lang="en" tags=["solution"]
r"""
`w.grad = None` at the end of each iteration, after the update. The first number comes close to 3; the second, from the loop that forgot, still swings back and forth.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
每次迭代在更新之后写上`w.grad = None`。第一个数已经很接近3，第二个数来自忘了清零的循环，还在来回摆动。
"""

# %% [markdown] lang="en"
r"""
### Exercise 02.4 · One message, five causes ★★☆ (6 min)

Five programs, one message: `element 0 of tensors does not require grad and does not have a grad_fn`. Each has a different cause. Match them: `"flag"`, no tensor was asked to require grad; `"no_grad"`, computed where recording is off; `"detach"`, taken off the graph; `"copy"`, a new tensor made from old numbers; `"compare"`, a comparison, which has no derivative.
"""

# %% [markdown] lang="zh"
r"""
### 练习02.4 · 同一条报错，五种原因 ★★☆（6分钟）

下面五个程序的报错相同，都是`element 0 of tensors does not require grad and does not have a grad_fn`（第0个张量不需要梯度，也没有grad_fn），原因却各不相同。请把原因填入对应的程序。`"flag"`表示没有张量设置`requires_grad=True`，`"no_grad"`表示在不记录的区域内计算，`"detach"`表示从计算图上分离，`"copy"`表示用旧的数新建了张量，`"compare"`表示比较运算，它没有导数。
"""


# %%
def a(x):
    hits = (x > 1.5).float()
    return hits.sum()


def b(x):
    return torch.tensor([number**2 for number in x.tolist()]).sum()


def c(x):
    target = (2 * x).detach()
    return (target * target).mean()


# %%
def d(x):
    with torch.no_grad():
        y = x * x
    return y.sum() + 1


def e(x):
    x = torch.ones(len(x))
    return (x * x).sum()


# %%
for program in (a, b, c, d, e):
    try:
        program(torch.tensor([1.0, 2.0], requires_grad=True)).backward()
    except RuntimeError as error:
        print(f"{program.__name__}:", error)

# %%
causes = {"a": ..., "b": ..., "c": ..., "d": ..., "e": ...}

# %%
check("02.4", causes)

# %% tags=["solution"]
{"a": "compare", "b": "copy", "c": "detach", "d": "no_grad", "e": "flag"}

# %% [markdown] lang="en" tags=["solution"]
r"""
`b` copies numbers out of the graph, `a` asks a yes-or-no question, and `e` replaces its own input.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
`b`把数复制到了计算图之外，`a`是比较运算，结果只有真与假，`e`则用新的张量替换了输入。
"""

# %% [markdown] lang="en"
r"""
### Exercise 02.5 · Two arrows only ★★★ (6 min)

In the graph of `x * x + x` three arrows leave `x`, and three gradients are added up there. Write the same function, with the same value and the same slope, using one multiplication and one addition, so that only two arrows leave `x`. No power.
"""

# %% [markdown] lang="zh"
r"""
### 练习02.5 · 只用两个箭头 ★★★（6分钟）

在`x * x + x`的计算图里，有三个箭头从`x`出发，三个梯度在`x`处相加。请写出同一个函数，值和导数都相同，只用一次乘法、一次加法，并且只有两个箭头从`x`出发。不能用乘方。
"""


# %%
def two_arrows(x):
    return ...


# %%
check("02.5", two_arrows)

# %% tags=["solution"]
draw(record(lambda x: x * (x + 1), x=3.0))

# %% [markdown] lang="en" tags=["solution"]
r"""
$x^2 + x = x (x + 1)$: the sum now lies on one of the two paths into the product.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
由$x^2 + x = x (x + 1)$，加法移到了通向乘法的一条路径上。
"""

# %% [markdown] lang="en"
r"""
### Exercise 02.6 · What does g hold? ★★☆ (4 min)

`x` is 2 and requires grad. `(x ** 3).backward()`, then `g = x.grad`, then `(5 * x).backward()`. Nothing is reset. Which numbers do `g` and `x.grad` hold now?
"""

# %% [markdown] lang="zh"
r"""
### 练习02.6 · g里是什么？ ★★☆（4分钟）

`x`等于2且需要梯度。先运行`(x ** 3).backward()`，再运行`g = x.grad`，最后运行`(5 * x).backward()`，中间没有清零。这时`g`和`x.grad`各是多少？
"""

# %%
g, x_grad = ..., ...

# %%
check("02.6", (g, x_grad))

# %% tags=["solution"]
x = torch.tensor(2.0, requires_grad=True)
(x**3).backward()
alias, copy = x.grad, x.grad.clone()
(5 * x).backward()
alias, x.grad, copy

# %% [markdown] lang="en" tags=["solution"]
r"""
Both are 17, since `g` was only a second name; a clone would still hold 12.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
两个都是17，因为`g`只是另一个名字。如果用`clone`保留副本，副本仍是12。
"""

# %% [markdown] lang="en"
r"""
### Exercise 02.7 · The gradient of an intermediate result ★★☆ (6 min)

$y = x^2$ element by element, $L = \sum y^2$. `both_grads(x)` receives a leaf `x` that requires grad, runs backward once and returns $\partial L/\partial x$ and $\partial L/\partial y$, both read from `.grad`.
"""

# %% [markdown] lang="zh"
r"""
### 练习02.7 · 中间结果的梯度 ★★☆（6分钟）

设$y = x^2$，其中乘方按元素（elementwise）进行，$L = \sum y^2$。请写出`both_grads(x)`，它接收需要梯度的叶子张量`x`，只做一次反向传播，返回$\partial L/\partial x$和$\partial L/\partial y$，二者都从`.grad`读取。
"""


# %%
def both_grads(x):
    return ...


# %%
check("02.7", both_grads)


# %% tags=["solution"]
def solved_02_7(x):
    y = x * x
    y.retain_grad()
    (y * y).sum().backward()
    return x.grad, y.grad


solved_02_7(torch.tensor([1.0, 2.0], requires_grad=True))

# %% [markdown] lang="en" tags=["solution"]
r"""
$\partial L/\partial y = 2y$ and $\partial L/\partial x = 2y \cdot 2x$; `retain_grad` has to stand before backward.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
$\partial L/\partial y = 2y$，$\partial L/\partial x = 2y \cdot 2x$。`retain_grad`必须写在`backward`之前。
"""

# %% [markdown] lang="en"
r"""
### Exercise 02.8 · A leaf again ★★☆ (5 min)

`q = torch.randn(6, requires_grad=True).reshape(2, 3)` is not a leaf, so `q.grad` stays `None`. Write `new_leaf(q)`: it returns a leaf with the values and the shape of `q` that requires grad, and leaves `q` as it is.
"""

# %% [markdown] lang="zh"
r"""
### 练习02.8 · 重新成为叶子 ★★☆（5分钟）

`q = torch.randn(6, requires_grad=True).reshape(2, 3)`不是叶子张量，所以`q.grad`一直是`None`。请写出`new_leaf(q)`，它返回一个需要梯度的叶子张量，值和形状与`q`相同，而`q`本身保持不变。
"""


# %%
def new_leaf(q):
    return ...


# %%
check("02.8", new_leaf)

# %% tags=["solution"]
q = torch.ones(6, requires_grad=True).reshape(2, 3)
leaf = q.detach().clone().requires_grad_()
leaf.is_leaf, leaf.requires_grad, leaf.shape

# %% [markdown] lang="en" tags=["solution"]
r"""
`detach()` alone would do, but it shares the memory of `q`; with `clone()` the new leaf has its own.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
只用`detach()`也可以，但结果与`q`共享内存。加上`clone()`，新的叶子就有了自己的内存。
"""

# %% [markdown] lang="en"
r"""
## Recap

| | |
|---|---|
| leaf | no recorded operation made it; `is_leaf` is `True` |
| `grad_fn` | the operation that made a tensor, and how to go back through it |
| `AccumulateGrad` | the end of the way back: adds to the leaf's `.grad` |
| backward | starts with 1, multiplies by local derivatives, adds where paths join |
| `.grad` is `None` | before backward, and on what is not a leaf |
| `.grad` adds up | every backward adds to it; set it to `None` before the next one |
| `retain_grad()`, hooks | to see the gradient of an intermediate result |
| no `grad_fn` | one message, five causes |

Next: [lesson 03, the dot product and the L2 norm](03_dot_and_norm.ipynb). Read on: [Autograd mechanics](https://docs.pytorch.org/docs/stable/notes/autograd.html) in PyTorch's notes, and [Automatic Differentiation](https://d2l.ai/chapter_preliminaries/autograd.html) in *Dive into Deep Learning* ([Chinese edition](https://zh.d2l.ai/chapter_preliminaries/autograd.html)).
"""

# %% [markdown] lang="zh"
r"""
## 小结

| | |
|---|---|
| 叶子 | 不由被记录的运算产生，`is_leaf`为`True` |
| `grad_fn` | 产生这个张量的运算，反向传播由此往回计算 |
| `AccumulateGrad` | 返回路径的终点，把梯度加到叶子的`.grad`上 |
| 反向传播 | 从1出发，逐个乘上局部导数，路径汇合处相加 |
| `.grad`是`None` | `backward`之前，以及非叶子张量 |
| `.grad`会累加 | 每次`backward`都会累加，下一次之前先设为`None` |
| `retain_grad()`、钩子 | 用来查看中间结果的梯度 |
| 没有`grad_fn` | 一条报错，五种原因 |

下一课是[第03课，点积与L2范数](03_dot_and_norm.ipynb)。延伸阅读有PyTorch文档中的[自动求导机制](https://docs.pytorch.org/docs/stable/notes/autograd.html)（英文），以及《动手学深度学习》的[自动微分](https://zh.d2l.ai/chapter_preliminaries/autograd.html)一节（[英文版](https://d2l.ai/chapter_preliminaries/autograd.html)）。
"""

# %%
progress.show()
