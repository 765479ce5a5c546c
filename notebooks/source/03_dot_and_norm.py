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
# 03 · The dot product and the L2 norm

**What does `y = 2 * torch.dot(x, x)` mean, what is its gradient, and why is it not written `x.T`?** One short line holds the dot product, the norm, and the penalty that keeps the weights of a model small.

After this lesson you can

- write $x^\top x$ in four ways, say what each of them refuses, and do it row by row for a batch;
- see why the gradient stands at right angles to the contours, and how long it is;
- differentiate a norm, also where it has no derivative, and explain weight decay.

*About 60 minutes: 25 to read and try, 35 for the exercises. You need lesson 02: leaves, `backward`, `.grad`.*
"""

# %% [markdown] lang="zh"
r"""
# 03 · 点积与L2范数

**`y = 2 * torch.dot(x, x)`是什么意思？它的梯度是什么？为什么不写`x.T`？** 短短一行代码里，有点积，有范数，还有让模型权重保持较小的惩罚项。

学完本课，你将能够

- 用四种写法计算$x^\top x$，说出每种写法不接受什么，并对一批向量逐行计算；
- 看出梯度为什么与等高线垂直，又有多长；
- 对范数求导，包括它不可导的地方，并解释权重衰减。

约60分钟，其中阅读和操作25分钟，练习35分钟。预备知识：第02课中的叶子、`backward`与`.grad`。
"""

# %%
import warnings

import torch
from helpers import check, d2l, explore, hint, language, predict, progress, record

language.use("en")

# %% [markdown] lang="en"
r"""
The names of this lesson: `x` is a vector `(n,)`, `y` a scalar `()`, `X` a batch `(B, N)` with one vector a row, `w` the weights of a model `(d,)`, `lam` the strength of a penalty.

## 1. A vector with itself

The dot product multiplies element by element and adds up: $x^\top x = \sum_i x_i^2 = \|x\|_2^2$, the squared length of $x$. Commit to an answer before you run it:
"""

# %% [markdown] lang="zh"
r"""
本课用到的名字：`x`是形状为`(n,)`的向量，`y`是形状为`()`的标量，`X`是形状为`(B, N)`的一批向量，每行一个，`w`是模型的权重，形状为`(d,)`，`lam`是惩罚项的强度。

## 1. 向量与自身的点积

点积把对应元素相乘，再加起来：$x^\top x = \sum_i x_i^2 = \|x\|_2^2$，也就是$x$的长度的平方。运行之前，先给出你的答案：
"""

# %%
predict("03.p1")

# %%
x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = 2 * torch.dot(x, x)
y.backward()
y.item(), x.grad

# %% [markdown] lang="en"
r"""
$y = 2(1 + 4 + 9) = 28$. For the gradient, write the sum out and ask for one element $x_j$. In every term but one, $x_j$ does not occur:

$$\frac{\partial y}{\partial x_j} = \frac{\partial}{\partial x_j}\, 2\,(x_1^2 + \dots + x_j^2 + \dots + x_n^2) = 4 x_j, \qquad \nabla y = 4x.$$
"""

# %% [markdown] lang="zh"
r"""
$y = 2(1 + 4 + 9) = 28$。至于梯度，把求和写开，只看其中一个元素$x_j$。除了一项之外，其余各项都不含$x_j$：

$$\frac{\partial y}{\partial x_j} = \frac{\partial}{\partial x_j}\, 2\,(x_1^2 + \dots + x_j^2 + \dots + x_n^2) = 4 x_j, \qquad \nabla y = 4x.$$
"""

# %% [markdown] lang="en"
r"""
## 2. Drag the tip of the vector

With two elements one can see it. The blue line is $x$, from the origin to its tip; **drag the tip** with the mouse or a finger, or click the plot and use the arrow keys. Each move runs the real forward and backward pass. The orange arrow is the gradient.
"""

# %% [markdown] lang="zh"
r"""
## 2. 拖动向量的端点

只有两个元素时，一切都看得见。蓝线是从原点指向端点的$x$；请用鼠标或手指**拖动端点**，或者单击图形后用方向键移动。每动一下，都会真正地做一次前向传播和反向传播。橙色箭头就是梯度。
"""


# %%
def twice_dot(x):
    return 2 * torch.dot(x, x)


explore(twice_dot, x=[0.0, 0.0], plot=("x[0]", "x[1]")).set(x=[3.0, 4.0])

# %% [markdown] lang="en"
r"""
The contours are circles: there $\|x\|$ is the same, and so is $y$. The arrow $4x$ points straight outwards, at **right angles** to the circle. Along the circle $y$ does not change, so that direction, `(-x[1], x[0])`, must have slope 0:
"""

# %% [markdown] lang="zh"
r"""
等高线都是圆：同一个圆上$\|x\|$相同，$y$也就相同。箭头$4x$笔直地指向外，与圆**垂直**。沿着圆走，$y$不变，所以圆的切线方向`(-x[1], x[0])`上的斜率必为0：
"""

# %%
x = torch.tensor([3.0, 4.0], requires_grad=True)
twice_dot(x).backward()
along = torch.tensor([-4.0, 3.0])
x.grad, torch.dot(x.grad, along), x.grad.norm()

# %% [markdown] lang="en"
r"""
At $(3, 4)$ the norm is 5 and the gradient $(12, 16)$ has length 20, four times the norm. Did you see the arrow shrink as you came near the origin? At 0 it is gone: that is the minimum.

## 3. Four spellings
"""

# %% [markdown] lang="zh"
r"""
在$(3, 4)$处，范数是5，梯度$(12, 16)$的长度是20，是范数的四倍。你有没有看到，越靠近原点，箭头越短？到了0处，箭头消失：那里就是最小值。

## 3. 四种写法
"""

# %%
spellings = {
    "torch.dot(a, b)": torch.dot,
    "a @ b": torch.matmul,
    "(a * b).sum()": lambda a, b: (a * b).sum(),
    "torch.linalg.vecdot(a, b)": torch.linalg.vecdot,
}
x = torch.tensor([1.0, 2.0, 3.0])
{name: 2 * form(x, x).item() for name, form in spellings.items()}

# %% [markdown] lang="en"
r"""
For two vectors all four agree. They differ in what else they accept. A batch is the first test: which of them goes row by row?
"""

# %% [markdown] lang="zh"
r"""
对于两个向量，四种写法结果相同。不同之处在于它们还接受什么。先拿一批向量试试：哪一种会逐行计算？
"""

# %%
predict("03.p2")


# %%
def tried(a, b):
    for name, form in spellings.items():
        try:
            print(f"{name}:", form(a, b))
        except RuntimeError as error:
            print(f"{name}:", error)


X = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
tried(X, X)

# %% [markdown] lang="en"
r"""
Read the messages. `torch.dot`: *1D tensors expected*, it takes vectors and nothing else. `@` is the product of matrices: *2x3 and 2x3 cannot be multiplied*, since the inner sizes, 3 and 2, differ. `.sum()` raises nothing and adds up **both rows**, 91. Only `vecdot` keeps the rows apart.

Next, vectors of unequal length, and a vector of whole numbers:
"""

# %% [markdown] lang="zh"
r"""
读一读这些报错。`torch.dot`说*1D tensors expected*：它只接受一维向量。`@`是矩阵乘法：*2x3 and 2x3 cannot be multiplied*，因为内侧的两个维度是3和2，并不相等。`.sum()`不报错，却把**两行**加在了一起，得到91。只有`vecdot`把各行分开。

再试长度不等的向量，以及由整数构成的向量：
"""

# %%
tried(x, torch.ones(4))

# %%
whole = torch.tensor([1, 2, 3])
tried(x, whole)

# %% [markdown] lang="en"
r"""
*Expected both vectors to have same dtype, but found Float and Long*: `torch.tensor([1, 2, 3])` without decimal points holds int64, called Long. The remedy is `[1.0, 2.0, 3.0]`, or `whole.float()`. Element by element PyTorch converts by itself, so `(a * b).sum()` says nothing.

That tolerance has a price. Give it a row and a **column**, and it says nothing either:
"""

# %% [markdown] lang="zh"
r"""
*Expected both vectors to have same dtype, but found Float and Long*：`torch.tensor([1, 2, 3])`没有写小数点，存的是int64，也就是Long。改法是写成`[1.0, 2.0, 3.0]`，或者用`whole.float()`。逐元素相乘时PyTorch会自动转换类型，所以`(a * b).sum()`一声不吭。

这份宽容是有代价的。给它一个一维向量和一个**列向量**，它照样一声不吭：
"""

# %%
column = x.reshape(-1, 1)
print((x * column).shape, (x * column).sum(), torch.dot(x, whole.float()))

# %% [markdown] lang="en"
r"""
The shapes (3,) and (3, 1) broadcast to (3, 3): every element meets every other, and the sum is 36 instead of 14. For two vectors prefer `torch.dot` or `@`, **because** they refuse; for rows of a batch use `vecdot`, or a sum with `dim`.

## 4. Why not `x.T`?

In mathematics $x$ is a column and $x^\top$ a row. Should it then not be `torch.dot(x.T, x)`?
"""

# %% [markdown] lang="zh"
r"""
形状(3,)与(3, 1)广播成了(3, 3)：每个元素都与每个元素相乘，和是36，而不是14。对两个向量，宁可用`torch.dot`或`@`，**正是因为**它们会拒绝；对一批向量逐行计算，用`vecdot`，或者用带`dim`的求和。

## 4. 为什么不写`x.T`？

在数学里，$x$是列向量，$x^\top$是行向量。那么不该写成`torch.dot(x.T, x)`吗？
"""

# %%
predict("03.p3")

# %%
torch.set_warn_always(True)  # otherwise this warning comes once in a session
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    t = x.T
torch.set_warn_always(False)
print(t is x, t.shape, t.data_ptr() == x.data_ptr())
print(str(caught[0].message).partition(" Consider")[0])

# %% [markdown] lang="en"
r"""
A 1-D tensor has **no direction**, neither row nor column, so there is nothing to swap. `x.T` makes another tensor object on the same memory, of the same shape, and warns: on anything but 2-D tensors `.T` is deprecated and will raise one day.

Rows and columns are 2-D. With them the order matters, and the result keeps two dimensions:
"""

# %% [markdown] lang="zh"
r"""
一维张量**没有方向**，既不是行也不是列，所以没有什么可以交换。`x.T`会另外生成一个张量对象，内存和形状都与`x`相同，同时给出警告：对二维以外的张量使用`.T`已被弃用，将来会直接报错。

行和列都是二维的。这时顺序很重要，结果也保持二维：
"""

# %%
row = column.T
print((row @ column).shape, (row @ column).item(), (column @ row).shape)

# %% [markdown] lang="en"
r"""
$x^\top x$ has shape (1, 1), the scalar 14 in brackets; $x\, x^\top$ is a whole matrix. A 1-D `x @ x` needs no transpose at all.

## 5. A batch, row by row

`X` holds two vectors. Wanted is $2\, x^\top x$ for each of them, shape (2,). Three ways that keep the rows apart:
"""

# %% [markdown] lang="zh"
r"""
$x^\top x$的形状是(1, 1)，是套了一层方括号的标量14；$x\, x^\top$则是整个矩阵。而一维的`x @ x`根本不需要转置。

## 5. 一批向量，逐行计算

`X`里有两个向量，要对每一个求$2\, x^\top x$，结果的形状是(2,)。下面三种写法都会把各行分开：
"""

# %%
print(2 * (X * X).sum(dim=1))
print(2 * torch.linalg.vecdot(X, X))
print(2 * torch.einsum("bn,bn->b", X, X))

# %% [markdown] lang="en"
r"""
28 and 154. There is a fourth way that one meets now and then: `X @ X.T` fits the shapes, and what we want does stand on its diagonal.
"""

# %% [markdown] lang="zh"
r"""
得到28和154。还有一种写法时常见到：`X @ X.T`形状合适，而且想要的结果确实就在它的对角线上。
"""

# %%
gram = X @ X.T
print(gram, 2 * gram.diagonal())

# %% [markdown] lang="en"
r"""
This is a **Gram matrix**: row $i$ with row $j$, for all pairs. The 32 off the diagonal is the product of the two rows with each other, which nobody asked for. Of $B^2$ numbers we keep $B$, and the graph pays the same way back:
"""

# %% [markdown] lang="zh"
r"""
这是**格拉姆矩阵**（Gram matrix）：第$i$行与第$j$行的点积，每一对都算。对角线之外的32是两行彼此的点积，谁也没有要它。$B^2$个数里只留下$B$个，反向传播时还要再付一次代价：
"""

# %%
batch = torch.ones(1000, 3)
rows, pairs = torch.linalg.vecdot(batch, batch), batch @ batch.T
{"row by row": rows.numel(), "Gram matrix": pairs.numel()}

# %%
r = record(lambda X: (X @ X.T).diagonal().sum(), X=X.tolist())
[(node.op, node.grad.tolist()) for node in r.nodes[2:]]

# %% [markdown] lang="en"
r"""
Read the gradients from the end: `diagonal` receives two ones and sends the product, `mm`, a (2, 2) matrix that is zero off the diagonal. Half of the work here, and nearly all of it for a large batch, is spent on zeros.

## 6. The norm itself

The root makes the length out of its square: $\|x\|_2 = \sqrt{x^\top x}$. By the chain rule, with $\frac{\mathrm d}{\mathrm ds} \sqrt{s} = \frac{1}{2\sqrt{s}}$,

$$\nabla \|x\|_2 = \frac{1}{2 \|x\|_2} \cdot 2x = \frac{x}{\|x\|_2}.$$
"""

# %% [markdown] lang="zh"
r"""
从后往前读梯度：`diagonal`收到两个1，送给矩阵乘法`mm`的却是(2, 2)的矩阵，对角线以外全是零。这里有一半的计算、批量大时几乎全部的计算，都花在了零上。

## 6. 范数本身

开方把长度的平方变成长度：$\|x\|_2 = \sqrt{x^\top x}$。由链式法则以及$\frac{\mathrm d}{\mathrm ds} \sqrt{s} = \frac{1}{2\sqrt{s}}$，

$$\nabla \|x\|_2 = \frac{1}{2 \|x\|_2} \cdot 2x = \frac{x}{\|x\|_2}.$$
"""

# %%
predict("03.p4")


# %%
def gradient(f, numbers):
    x = torch.tensor(numbers, requires_grad=True)
    f(x).backward()
    return x.grad


norm = torch.linalg.vector_norm
print(norm(torch.tensor([3.0, 4.0])), gradient(norm, [3.0, 4.0]))
print(gradient(norm, [30.0, 40.0]), gradient(norm, [0.0, 1.0, 2.0, 3.0]))

# %% [markdown] lang="en"
r"""
$(0.6, 0.8)$ in both places: the gradient of the norm is the **direction** of $x$, always of length 1. The square, in contrast, grows with $x$: at $(3, 4)$ its gradient is $(6, 8)$. Drag the tip, and watch the arrow keep its length:
"""

# %% [markdown] lang="zh"
r"""
两处都是$(0.6, 0.8)$：范数的梯度就是$x$的**方向**，长度恒为1。平方则不同，它的梯度随$x$变大：在$(3, 4)$处是$(6, 8)$。拖动端点，看箭头的长度始终不变：
"""


# %%
def length(x):
    return torch.linalg.vector_norm(x)


explore(length, x=[0.0, 0.0], plot=("x[0]", "x[1]")).set(x=[3.0, 4.0])

# %%
gradient(lambda x: torch.dot(x, x), [3.0, 4.0])

# %% [markdown] lang="en"
r"""
## 7. Pitfall: the tip of the cone

Now drag the tip **to the origin**. The norm is a cone, and there it has no derivative. What does PyTorch answer? The same mathematics, spelt out as a root, first:
"""

# %% [markdown] lang="zh"
r"""
## 7. 陷阱：圆锥的尖端

现在把端点拖到**原点**。范数的图形是一个圆锥，在尖端没有导数。PyTorch会怎么回答？先看同一个式子，只是把开方写成了单独的一步：
"""

# %%
predict("03.p5")

# %%
{
    "vector_norm": gradient(torch.linalg.vector_norm, [0.0, 0.0]),
    "sqrt of a sum": gradient(lambda x: torch.sqrt((x * x).sum()), [0.0, 0.0]),
    "dot": gradient(lambda x: torch.dot(x, x), [0.0, 0.0]),
}

# %% [markdown] lang="en"
r"""
No error is raised, but one answer is `nan`. The operation `vector_norm` knows its own tip and returns 0, one of the **subgradients** there. The root does not know that squares come before it. Look at what it sends on:
"""

# %% [markdown] lang="zh"
r"""
没有报错，却有一个结果是`nan`。`vector_norm`这个运算认得自己的尖端，返回0，这是那里的一个**次梯度**（subgradient）。而开方并不知道它前面是平方和。看看它往回送了什么：
"""

# %%
r = record(lambda x: torch.sqrt((x * x).sum()), x=[0.0, 0.0])
[(node.op, node.grad) for node in r.nodes]

# %% [markdown] lang="en"
r"""
Backward starts with 1 at the root. Its slope $\frac{1}{2\sqrt{0}}$ is infinite, so `inf` arrives at the sum and at the squares, whose slope is $2 \cdot 0 = 0$; and $\infty \cdot 0$ is `nan`. **The same mathematics, another graph.** One `nan` in a gradient spoils every weight it reaches. The remedy: the operation made for it.

Where a function has a corner or a tie, PyTorch has a convention:
"""

# %% [markdown] lang="zh"
r"""
反向传播从根处的1开始。开方的斜率$\frac{1}{2\sqrt{0}}$是无穷大，所以到达求和与平方的都是`inf`；而平方的斜率是$2 \cdot 0 = 0$，$\infty \cdot 0$就成了`nan`。**数学相同，计算图不同。** 梯度里只要有一个`nan`，它到达的权重就都毁了。办法是：用专门的运算。

函数有尖角或并列的最大值时，PyTorch有自己的约定：
"""

# %%
{
    "abs at 0": gradient(torch.abs, 0.0),
    "relu at 0": gradient(torch.relu, 0.0),
    "max of a tie": gradient(torch.max, [1.0, 2.0, 2.0]),
    "max along dim 0": gradient(lambda x: x.max(dim=0).values, [1.0, 2.0, 2.0]),
}

# %% [markdown] lang="en"
r"""
`abs` and `relu` take the slope 0 in their corner. `x.max()` shares the gradient between equal maxima; `x.max(dim=0)`, which also tells a place, gives it all to the place it names.

## 8. Weight decay

Fit a line of weights $w$ to four samples, and add a penalty on its squared norm:

$$L(w) = \frac14 \sum_i (x_i^\top w - y_i)^2 + \lambda\, w^\top w, \qquad \nabla(\lambda\, w^\top w) = 2 \lambda w.$$

The penalty pulls every weight towards 0, in proportion to its size.
"""

# %% [markdown] lang="zh"
r"""
`abs`和`relu`在尖角处取斜率0。`x.max()`把梯度平分给并列的最大值；`x.max(dim=0)`还要给出位置，梯度就全归它所指的那个位置。

## 8. 权重衰减

用权重$w$拟合四个样本，并对它的范数的平方加上惩罚：

$$L(w) = \frac14 \sum_i (x_i^\top w - y_i)^2 + \lambda\, w^\top w, \qquad \nabla(\lambda\, w^\top w) = 2 \lambda w.$$

惩罚项把每个权重都拉向0，拉力与权重的大小成正比。
"""

# %%
features = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, -1.0]])
targets = torch.tensor([2.0, 1.0, 3.0, 3.0])  # exactly what w = (2, 1) gives


def ridge(w, lam):
    return ((features @ w - targets) ** 2).mean() + lam * torch.dot(w, w)


w = torch.tensor([2.0, 1.0], requires_grad=True)
ridge(w, 0.25).backward()
w.grad, 2 * 0.25 * w.detach()

# %% [markdown] lang="en"
r"""
At $w = (2, 1)$ the error is 0, so the whole gradient comes from the penalty: $2 \lambda w$. Move `lam` below, and see the contours slide towards the origin, and with them the end of the dotted path: 60 real steps of gradient descent from the tip. Drag the tip as well.
"""

# %% [markdown] lang="zh"
r"""
在$w = (2, 1)$处误差为0，所以梯度全部来自惩罚项，即$2 \lambda w$。移动下面的`lam`，看等高线怎样滑向原点，带点的路径的终点也随之移动：那是从端点出发、真正走的60步梯度下降。端点也可以拖动。
"""

# %%
explorer = explore(ridge, w=[0.0, 0.0], lam=(0.0, 2.0)).set(w=[-1.0, 3.0], lam=0.25)
explorer.plot("w[0]", "w[1]", steps=60, lr=0.15)

# %% [markdown] lang="en"
r"""
Where does the descent end? We run the same loop for three values of $\lambda$ and look at $\|w\|$ after every step:
"""

# %% [markdown] lang="zh"
r"""
下降到哪里为止？对三个$\lambda$运行同样的循环，看每一步之后的$\|w\|$：
"""


# %%
def fit(lam, steps=60, lr=0.15):
    w, norms = torch.tensor([-1.0, 3.0], requires_grad=True), []
    for _ in range(steps):
        norms.append(w.norm().item())
        ridge(w, lam).backward()
        with torch.no_grad():
            w -= lr * w.grad
        w.grad = None
    return w.detach(), norms


# %%
strengths = (0.0, 0.25, 1.0)
fits = [fit(lam) for lam in strengths]
legend = [f"lambda {lam}" for lam in strengths]
d2l.plot(range(60), [norms for _, norms in fits], "step", "||w||", legend, figsize=(5, 3))
{lam: w for lam, (w, _) in zip(strengths, fits, strict=True)}

# %% [markdown] lang="en"
r"""
Without the penalty the fit finds $(2, 1)$; with $\lambda = 0.25$ it stops at $(1.6667, 0.6667)$, with $\lambda = 1$ at $(1.1304, 0.3043)$. The update shows where the name comes from. With $\eta$ the learning rate,

$$w \leftarrow w - \eta\,(\nabla_{\text{error}} + 2\lambda w) = (1 - 2\eta\lambda)\, w - \eta\, \nabla_{\text{error}}.$$

Before each step the weights **decay** by a factor. `torch.optim.SGD(..., weight_decay=c)` adds $c\,w$ to the gradient, so it equals our penalty with $c = 2\lambda$:
"""

# %% [markdown] lang="zh"
r"""
没有惩罚项时，拟合得到$(2, 1)$；$\lambda = 0.25$时停在$(1.6667, 0.6667)$；$\lambda = 1$时停在$(1.1304, 0.3043)$。从更新公式里可以看出这个名字的由来。设学习率为$\eta$，

$$w \leftarrow w - \eta\,(\nabla_{\text{error}} + 2\lambda w) = (1 - 2\eta\lambda)\, w - \eta\, \nabla_{\text{error}}.$$

每走一步之前，权重先**衰减**一个因子。`torch.optim.SGD(..., weight_decay=c)`会在梯度上加$c\,w$，所以取$c = 2\lambda$时，与我们的惩罚项相同：
"""

# %%
w = torch.tensor([-1.0, 3.0], requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.15, weight_decay=2 * 0.25)
for _ in range(60):
    optimizer.zero_grad()
    ridge(w, 0.0).backward()
    optimizer.step()
w.detach(), fits[1][0]

# %% [markdown] lang="en"
r"""
## 9. Exercises

Replace every `...` and run the check below it. Stuck? Press the button below the check, or run `hint("03.1")`.
"""

# %% [markdown] lang="zh"
r"""
## 9. 练习

把每个`...`换成你的答案，再运行下面的检查。卡住了？按检查结果下方的提示按钮，或运行`hint("03.1")`。
"""

# %% [markdown] lang="en"
r"""
### Exercise 03.1 · The gradient on paper ★☆☆ (4 min)

$y = 3\, x^\top x$ at $x = (2, -1)$. On paper: the value of $y$ and both elements of its gradient.
"""

# %% [markdown] lang="zh"
r"""
### 练习03.1 · 在纸上求梯度 ★☆☆（4分钟）

$y = 3\, x^\top x$，$x = (2, -1)$。请在纸上算出$y$的值和梯度的两个元素。
"""

# %%
y, dy1, dy2 = ..., ..., ...

# %%
check("03.1", (y, dy1, dy2))

# %% tags=["solution"]
gradient(lambda x: 3 * torch.dot(x, x), [2.0, -1.0])

# %% [markdown] lang="en" tags=["solution"]
r"""
$y = 3 (4 + 1) = 15$ and $\nabla y = 3 \cdot 2x = 6x$.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
$y = 3 (4 + 1) = 15$，$\nabla y = 3 \cdot 2x = 6x$。
"""

# %% [markdown] lang="en"
r"""
### Exercise 03.2 · The norms of a batch ★★☆ (7 min)

`batch_norms(X)` receives a batch `(B, N)`, one vector a row, and returns the L2 norm of every row, shape `(B,)`. The recorded graph is checked as well: **no loop** over the rows, and **no Gram matrix** `(B, B)` on the way.
"""

# %% [markdown] lang="zh"
r"""
### 练习03.2 · 一批向量的范数 ★★☆（7分钟）

`batch_norms(X)`接收形状为`(B, N)`的一批向量，每行一个，返回每一行的L2范数，形状为`(B,)`。还会检查所记录的计算图：**不许逐行循环**，途中也**不许出现格拉姆矩阵**`(B, B)`。
"""


# %%
def batch_norms(X):
    return ...


# %%
check("03.2", batch_norms)


# %% tags=["solution"]
def solved_03_2(X):
    return (X * X).sum(dim=1).sqrt()


solved_03_2(X), torch.linalg.vector_norm(X, dim=1)

# %% [markdown] lang="en" tags=["solution"]
r"""
`torch.linalg.vector_norm(X, dim=1)` does the same in one operation, and has a gradient at rows of zeros, too.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
`torch.linalg.vector_norm(X, dim=1)`用一个运算做同样的事，而且在全零的行上也有梯度。
"""

# %% [markdown] lang="en"
r"""
### Exercise 03.3 · The gradient of the norm ★★☆ (6 min)

`norm_grad(x)` returns the gradient of $\|x\|_2$ by its formula, without autograd, and zeros where $x = 0$, as PyTorch does. (d2l asks for this formula in its section on calculus.)
"""

# %% [markdown] lang="zh"
r"""
### 练习03.3 · 范数的梯度 ★★☆（6分钟）

`norm_grad(x)`用公式（不用自动微分）算出$\|x\|_2$的梯度；在$x = 0$处，像PyTorch一样返回零向量。（《动手学深度学习》微积分一节的练习里，也要求推出这个公式。）
"""


# %%
def norm_grad(x):
    return ...


# %%
check("03.3", norm_grad)


# %% tags=["solution"]
def solved_03_3(x):
    n = torch.sqrt(torch.dot(x, x))
    return x / n if n > 0 else torch.zeros_like(x)


solved_03_3(torch.tensor([3.0, 4.0])), solved_03_3(torch.zeros(2))

# %% [markdown] lang="en" tags=["solution"]
r"""
The quotient is the direction of $x$; only at 0, which has no direction, a choice has to be made.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
这个商就是$x$的方向；只有0没有方向，需要约定一个值。
"""

# %% [markdown] lang="en"
r"""
### Exercise 03.4 · The ridge gradient by hand ★★★ (10 min)

$L = \frac1n \sum_i (x_i^\top w - y_i)^2 + \lambda\, w^\top w$. Write `ridge_grad(w, X, y, lam)`, its gradient with respect to `w` by the formula, without autograd. `X` is `(n, d)`, `w` is `(d,)`, `y` is `(n,)`. It must equal what autograd gives.
"""

# %% [markdown] lang="zh"
r"""
### 练习03.4 · 亲手算岭回归的梯度 ★★★（10分钟）

$L = \frac1n \sum_i (x_i^\top w - y_i)^2 + \lambda\, w^\top w$。请写出`ridge_grad(w, X, y, lam)`：用公式（不用自动微分）算出它对`w`的梯度。`X`的形状是`(n, d)`，`w`是`(d,)`，`y`是`(n,)`。结果应与自动微分相同。
"""


# %%
def ridge_grad(w, X, y, lam):
    return ...


# %%
check("03.4", ridge_grad)


# %% tags=["solution"]
def solved_03_4(w, X, y, lam):
    r = X @ w - y
    return 2 / len(y) * X.T @ r + 2 * lam * w


solved_03_4(torch.tensor([-1.0, 3.0]), features, targets, 0.25), gradient(lambda w: ridge(w, 0.25), [-1.0, 3.0])

# %% [markdown] lang="en" tags=["solution"]
r"""
Each sample sends its error $r_i$ along its own row of $X$; `X.T @ r` adds these rows up. By hand and by autograd, the same.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
每个样本都沿着$X$中自己的那一行送回误差$r_i$；`X.T @ r`把这些行加起来。手算与自动微分的结果相同。
"""

# %% [markdown] lang="en"
r"""
### Exercise 03.5 · Five programs, five reasons ★★☆ (6 min)

Five programs were to compute $x^\top x = 14$. Four raise, one returns a wrong number. Match them: `"rank"` matrices where 1-D vectors are asked for; `"length"` vectors of unequal length; `"dtype"` unequal element types; `"inner"` the inner sizes of a matrix product differ; `"broadcast"` every element met every other.
"""

# %% [markdown] lang="zh"
r"""
### 练习03.5 · 五个程序，五种原因 ★★☆（6分钟）

五个程序都想计算$x^\top x = 14$，四个报错，一个得到错误的数。请一一对应：`"rank"`需要一维向量，给的却是矩阵；`"length"`向量长度不等；`"dtype"`元素类型不同；`"inner"`矩阵乘法的内侧维度不等；`"broadcast"`每个元素都与每个元素相乘了。
"""


# %%
def a(x):
    return torch.dot(x, torch.cat([x, torch.zeros(1)]))


def b(x):
    return x.reshape(-1, 1) @ x.reshape(-1, 1)


def c(x):
    return (x * x.reshape(-1, 1)).sum()


# %%
def d(x):
    return torch.dot(x.reshape(1, -1), x.reshape(-1, 1))


def e(x):
    return torch.dot(x, torch.arange(1, 4))


# %%
for program in (a, b, c, d, e):
    try:
        print(program.__name__, program(torch.tensor([1.0, 2.0, 3.0])))
    except RuntimeError as error:
        print(program.__name__, error)

# %%
causes = {"a": ..., "b": ..., "c": ..., "d": ..., "e": ...}

# %%
check("03.5", causes)

# %% tags=["solution"]
{"a": "length", "b": "inner", "c": "broadcast", "d": "rank", "e": "dtype"}

# %% [markdown] lang="en" tags=["solution"]
r"""
`c` is the dangerous one: it raises nothing. `b` would be right with `.T` on the first column.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
最危险的是`c`：它不报错。`b`只要对前一个列向量取`.T`就对了。
"""

# %% [markdown] lang="en"
r"""
## Recap

| | value | gradient | at $x = 0$ |
|---|---|---|---|
| `torch.dot(x, x)`, `x @ x` | $x^\top x$ | $2x$ | $0$ |
| `2 * torch.dot(x, x)` | $2\,x^\top x$ | $4x$ | $0$ |
| `torch.linalg.vector_norm(x)` | $\lVert x\rVert_2$ | $x / \lVert x\rVert_2$ | $0$, by convention |
| `torch.sqrt((x * x).sum())` | $\lVert x\rVert_2$ | $x / \lVert x\rVert_2$ | `nan` |
| `lam * torch.dot(w, w)` | penalty | $2\lambda w$ | $0$ |
| `torch.linalg.vecdot(X, X)` | one number a row | $2X$ of its sum | $0$ |

A 1-D tensor is neither row nor column: no `.T`. Never the diagonal of a Gram matrix.

Next: [lesson 04, the gradient of a vector](04_vector_backward.ipynb). Read on: [torch.linalg.vecdot](https://docs.pytorch.org/docs/stable/generated/torch.linalg.vecdot.html) and [gradients for non-differentiable functions](https://docs.pytorch.org/docs/stable/notes/autograd.html) in PyTorch's documentation; [Linear Algebra](https://d2l.ai/chapter_preliminaries/linear-algebra.html), [Automatic Differentiation](https://d2l.ai/chapter_preliminaries/autograd.html) and [Weight Decay](https://d2l.ai/chapter_linear-regression/weight-decay.html) in *Dive into Deep Learning* (Chinese edition: [1](https://zh.d2l.ai/chapter_preliminaries/linear-algebra.html), [2](https://zh.d2l.ai/chapter_preliminaries/autograd.html), [3](https://zh.d2l.ai/chapter_multilayer-perceptrons/weight-decay.html)).
"""

# %% [markdown] lang="zh"
r"""
## 小结

| | 值 | 梯度 | 在$x = 0$处 |
|---|---|---|---|
| `torch.dot(x, x)`、`x @ x` | $x^\top x$ | $2x$ | $0$ |
| `2 * torch.dot(x, x)` | $2\,x^\top x$ | $4x$ | $0$ |
| `torch.linalg.vector_norm(x)` | $\lVert x\rVert_2$ | $x / \lVert x\rVert_2$ | $0$，是约定 |
| `torch.sqrt((x * x).sum())` | $\lVert x\rVert_2$ | $x / \lVert x\rVert_2$ | `nan` |
| `lam * torch.dot(w, w)` | 惩罚项 | $2\lambda w$ | $0$ |
| `torch.linalg.vecdot(X, X)` | 每行一个数 | 其和的梯度为$2X$ | $0$ |

一维张量既不是行也不是列，不用`.T`；永远不要取格拉姆矩阵的对角线。

下一课：[第04课，对向量求导](04_vector_backward.ipynb)。延伸阅读：PyTorch文档中的[torch.linalg.vecdot](https://docs.pytorch.org/docs/stable/generated/torch.linalg.vecdot.html)和[不可导函数的梯度](https://docs.pytorch.org/docs/stable/notes/autograd.html)（英文）；《动手学深度学习》的[线性代数](https://zh.d2l.ai/chapter_preliminaries/linear-algebra.html)、[自动微分](https://zh.d2l.ai/chapter_preliminaries/autograd.html)和[权重衰减](https://zh.d2l.ai/chapter_multilayer-perceptrons/weight-decay.html)（英文版：[1](https://d2l.ai/chapter_preliminaries/linear-algebra.html)、[2](https://d2l.ai/chapter_preliminaries/autograd.html)、[3](https://d2l.ai/chapter_linear-regression/weight-decay.html)）。
"""

# %% tags=["nbval-ignore-output"]
progress.show()
