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

**What does `y = 2 * torch.dot(x, x)` mean, what is its gradient, and why is it not written `x.T`?** This one line leads to the dot product, the norm, and the penalty that keeps the weights of a model small.

After this lesson you can

- write $x^\top x$ in four ways, say what each of them refuses, and compute it row by row for a batch;
- explain why the gradient is perpendicular to the contours, and how long it is;
- differentiate a norm, also where it has no derivative, and explain weight decay.

*About 60 minutes: 25 to read and try, 35 for the exercises. You need lesson 02: leaves, `backward`, `.grad`.*
"""

# %% [markdown] lang="zh"
r"""
# 03 · 点积与L2范数

**`y = 2 * torch.dot(x, x)`是什么意思？它的梯度是什么？为什么不写`x.T`**？从这一行代码出发，可以讲清楚点积、范数，以及使模型权重保持较小的惩罚项。

学完本课，你将能够

- 用四种写法计算$x^\top x$，说出每种写法不接受什么，并对一批向量逐行计算；
- 说明梯度为什么与等高线垂直，长度是多少；
- 对范数求导，包括不可导的点，并解释权重衰减。

约60分钟，其中阅读和操作25分钟，练习35分钟。预备知识有第02课中的叶子、`backward`与`.grad`。
"""

# %%
import warnings

import torch
from helpers import check, d2l, explore, hint, language, predict, progress, record

language.use("en")

# %% [markdown] lang="en"
r"""
The names of this lesson: `x` is a vector `(n,)`, `y` a scalar `()`, `X` a batch `(B, N)` with one vector in each row, `w` the weights of a model `(d,)`, and `lam` the strength of a penalty.

## 1. A vector with itself

The dot product multiplies element by element and adds the products: $x^\top x = \sum_i x_i^2 = \|x\|_2^2$, the squared length of $x$. Choose an answer before you run it:
"""

# %% [markdown] lang="zh"
r"""
在本课用到的名字中，`x`是形状为`(n,)`的向量，`y`是形状为`()`的标量，`X`是形状为`(B, N)`的一批向量，每行一个，`w`是模型的权重，形状为`(d,)`，`lam`是惩罚项的强度。

## 1. 向量与自身的点积

点积把对应的元素相乘再求和，因此$x^\top x = \sum_i x_i^2 = \|x\|_2^2$，即$x$的长度的平方。运行之前，先给出你的答案。
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
$y = 2(1 + 4 + 9) = 28$. For the gradient, write the sum out and consider one element $x_j$. Only one term contains $x_j$:

$$\frac{\partial y}{\partial x_j} = \frac{\partial}{\partial x_j}\, 2\,(x_1^2 + \dots + x_j^2 + \dots + x_n^2) = 4 x_j.$$

So $\nabla y = 4x$.
"""

# %% [markdown] lang="zh"
r"""
$y = 2(1 + 4 + 9) = 28$。求梯度时，把求和式展开，只看其中一个元素$x_j$。除了一项之外，其余各项都不含$x_j$：

$$\frac{\partial y}{\partial x_j} = \frac{\partial}{\partial x_j}\, 2\,(x_1^2 + \dots + x_j^2 + \dots + x_n^2) = 4 x_j.$$

所以$\nabla y = 4x$。
"""

# %% [markdown] lang="en"
r"""
## 2. Drag the tip of the vector

With two elements the gradient can be drawn. The blue line is $x$, from the origin to its tip; **drag the tip** with the mouse or a finger, or click the plot and use the arrow keys. Each move runs the real forward and backward pass. The orange arrow is the gradient.
"""

# %% [markdown] lang="zh"
r"""
## 2. 拖动向量的端点

只有两个元素时，可以把梯度画出来。蓝线是从原点指向端点的$x$，请用鼠标或手指**拖动端点**，或者单击图形后用方向键移动。每移动一次，都会真正地做一次前向传播和反向传播。橙色箭头就是梯度。
"""


# %%
def twice_dot(x):
    return 2 * torch.dot(x, x)


explore(twice_dot, x=[0.0, 0.0], plot=("x[0]", "x[1]")).set(x=[3.0, 4.0])

# %% [markdown] lang="en"
r"""
The contours are circles: on a circle $\|x\|$ is constant, and so is $y$. The arrow $4x$ points straight outwards, at **right angles** to the circle. Along the circle $y$ does not change, so in that direction, `(-x[1], x[0])`, the derivative must be 0:
"""

# %% [markdown] lang="zh"
r"""
等高线都是圆，同一个圆上$\|x\|$相同，$y$也就相同。箭头$4x$指向圆外，与圆**垂直**。沿着圆移动时$y$不变，所以沿圆的切线方向`(-x[1], x[0])`的导数必为0。
"""

# %%
x = torch.tensor([3.0, 4.0], requires_grad=True)
twice_dot(x).backward()
along = torch.tensor([-4.0, 3.0])
x.grad, torch.dot(x.grad, along), x.grad.norm()

# %% [markdown] lang="en"
r"""
At $(3, 4)$ the norm is 5 and the gradient $(12, 16)$ has length 20, four times the norm. Did you see the arrow shrink as the tip came near the origin? At the origin it vanishes: that is the minimum.

## 3. Four ways to write it
"""

# %% [markdown] lang="zh"
r"""
在$(3, 4)$处，范数（norm）是5，梯度$(12, 16)$的长度是20，是范数的四倍。拖动时可以看到，越靠近原点，箭头越短。到了原点，箭头消失，因为原点就是最小值点。

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
For two vectors all four agree. They differ in what else they accept. First try a batch: which of them works row by row?
"""

# %% [markdown] lang="zh"
r"""
对于两个向量，四种写法结果相同，区别在于它们还能接受哪些别的输入。先用一批向量来试，看哪一种写法会逐行计算。
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
`torch.dot` takes vectors and nothing else: *1D tensors expected*. `@` is the product of matrices: *2x3 and 2x3 cannot be multiplied*, since the inner sizes, 3 and 2, differ. `.sum()` raises nothing and adds up **both rows**, 91. Only `vecdot` works row by row.

The same four, in the same order, with `x` and three other vectors: one of another length, one of integers, and a column:
"""

# %% [markdown] lang="zh"
r"""
`torch.dot`只接受一维向量，报错是*1D tensors expected*（应为一维张量）。`@`是矩阵乘法，报错是*2x3 and 2x3 cannot be multiplied*（2x3与2x3不能相乘），因为内侧的两个维度3和2不相等。`.sum()`不报错，但把**两行**加在了一起，得到91。只有`vecdot`是逐行计算，各行互不相混。

再按同样的顺序，用四种写法计算`x`与另外三个向量的点积。这三个向量分别是长度不同的向量、整数向量和列向量。
"""


# %%
def answer(form, a, b):
    try:
        return form(a, b).tolist()
    except RuntimeError:
        return "refused"


whole, column = torch.tensor([1, 2, 3]), x.reshape(-1, 1)
for b in (torch.ones(4), whole, column):
    print(tuple(b.shape), b.dtype, [answer(form, x, b) for form in spellings.values()])

# %% [markdown] lang="en"
r"""
All four refuse vectors of unequal length. `torch.tensor([1, 2, 3])` without decimal points holds int64, which the errors call Long, and only the sum multiplies it with float32: write `[1.0, 2.0, 3.0]`, or `whole.float()`.

The sum never refuses a **column**. The shapes (3,) and (3, 1) broadcast to (3, 3): each element of one vector is multiplied by each element of the other, and the sum is 36 instead of 14. So for two vectors prefer `torch.dot`, **because** it refuses; for the rows of a batch use `vecdot`, or a sum with `dim`.

## 4. Why not `x.T`?

In mathematics $x$ is a column and $x^\top$ a row. Should it then not be `torch.dot(x.T, x)`?
"""

# %% [markdown] lang="zh"
r"""
向量长度不等时，四种写法都会报错。`torch.tensor([1, 2, 3])`没有写小数点，类型是int64，在报错里称为Long，只有求和的写法会把它与float32相乘。应当写成`[1.0, 2.0, 3.0]`，或者用`whole.float()`。

求和的写法遇到**列向量**也不报错。形状(3,)与(3, 1)会广播（broadcasting）成(3, 3)，一个向量的每个元素都与另一个向量的每个元素相乘，得到的和是36，而不是14。所以，计算两个向量的点积最好用`torch.dot`，**正是因为**它会报错。对一批向量逐行计算时，用`vecdot`，或者用带`dim`的求和。

## 4. 为什么不写`x.T`？

在数学里，$x$是列向量，$x^\top$是行向量。那么是不是应当写成`torch.dot(x.T, x)`？
"""

# %%
predict("03.p3")

# %%
torch.set_warn_always(True)  # otherwise this warning comes once in a session | 否则这个警告在一次会话中只出现一次
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    t = x.T
torch.set_warn_always(False)
print(t is x, t.shape, t.data_ptr() == x.data_ptr())
print(str(caught[0].message).partition(" Consider")[0])

# %% [markdown] lang="en"
r"""
A 1-D tensor is **neither a row nor a column**, so there is nothing to swap. `x.T` makes another tensor object on the same memory, of the same shape, and warns: on anything but 2-D tensors `.T` is deprecated and will raise an error in a future release.

Rows and columns are 2-D. With them the order matters, and the result keeps two dimensions:
"""

# %% [markdown] lang="zh"
r"""
一维张量**既不是行也不是列**，所以没有可以交换的维度。`x.T`会另外生成一个张量对象，内存和形状都与`x`相同，同时给出警告，说明对二维以外的张量使用`.T`已被弃用，将来会报错。

行向量和列向量都是二维的。这时顺序很重要，结果也保持二维。
"""

# %%
row = column.T
print((row @ column).shape, (row @ column).item(), (column @ row).shape)

# %% [markdown] lang="en"
r"""
$x^\top x$ has shape (1, 1), a matrix with the single element 14; $x\, x^\top$ is a whole matrix. A 1-D `x @ x` needs no transpose at all.

## 5. A batch, row by row

`X` holds two vectors. We want $2\, x^\top x$ for each of them, of shape (2,). Three ways to compute it row by row:
"""

# %% [markdown] lang="zh"
r"""
$x^\top x$的形状是(1, 1)，是只有一个元素14的矩阵，$x\, x^\top$则是整个矩阵。一维的`x @ x`不需要转置。

## 5. 对一批向量逐行计算

`X`里有两个向量，要对每个向量求$2\, x^\top x$，结果的形状是(2,)。下面三种写法都是逐行计算，各行互不相混。
"""

# %%
print(2 * (X * X).sum(dim=1))
print(2 * torch.linalg.vecdot(X, X))
print(2 * torch.einsum("bn,bn->b", X, X))

# %% [markdown] lang="en"
r"""
The result is 28 and 154. A fourth way is sometimes seen: the shapes of `X @ X.T` fit, and the numbers we want are on its diagonal.
"""

# %% [markdown] lang="zh"
r"""
结果是28和154。有时还会见到第四种写法`X @ X.T`，它的形状合适，所求的数也确实在对角线上。
"""

# %%
gram = X @ X.T
print(gram, 2 * gram.diagonal())

# %% [markdown] lang="en"
r"""
This is a **Gram matrix**: the dot products of row $i$ and row $j$ for all pairs. The 32 off the diagonal is the product of the two different rows, which is not needed. Of $B^2$ numbers we keep $B$, and backward computes just as many:
"""

# %% [markdown] lang="zh"
r"""
这是**格拉姆矩阵**（Gram matrix），由每一对第$i$行与第$j$行的点积组成。对角线之外的32是两个不同的行的点积，根本用不到。$B^2$个数里只留下$B$个，反向传播时还要再付一次同样的代价。
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
Read the gradients from the end: `diagonal` receives two ones and sends to the product, `mm`, a (2, 2) matrix that is zero off the diagonal. Half of the work here, and nearly all of it for a large batch, is spent on zeros.

## 6. The norm itself

The square root turns the squared length into the length: $\|x\|_2 = \sqrt{x^\top x}$. By the chain rule, with $\frac{\mathrm d}{\mathrm ds} \sqrt{s} = \frac{1}{2\sqrt{s}}$,

$$\nabla \|x\|_2 = \frac{1}{2 \|x\|_2} \cdot 2x = \frac{x}{\|x\|_2}.$$
"""

# %% [markdown] lang="zh"
r"""
从后往前读梯度，`diagonal`收到两个1，送给矩阵乘法`mm`的则是(2, 2)的矩阵，对角线以外全是零。这里有一半的计算花在了零上，批量大时几乎全部如此。

## 6. 范数的梯度

把长度的平方开方，就得到长度$\|x\|_2 = \sqrt{x^\top x}$。由链式法则以及$\frac{\mathrm d}{\mathrm ds} \sqrt{s} = \frac{1}{2\sqrt{s}}$，

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
The gradient is $(0.6, 0.8)$ in both places: the gradient of the norm is the **direction** of $x$, always of length 1. The gradient of the square, in contrast, grows with $x$: at $(3, 4)$ it is $(6, 8)$. Drag the tip, and see that the arrow keeps its length:
"""

# %% [markdown] lang="zh"
r"""
两处的梯度都是$(0.6, 0.8)$，可见范数的梯度就是$x$的**方向**，长度恒为1。平方的梯度则随$x$变大，在$(3, 4)$处是$(6, 8)$。拖动端点，可以看到箭头的长度始终不变。
"""


# %%
def length(x):
    return torch.linalg.vector_norm(x)


explore(length, x=[0.0, 0.0], plot=("x[0]", "x[1]")).set(x=[3.0, 4.0])

# %%
gradient(lambda x: torch.dot(x, x), [3.0, 4.0])

# %% [markdown] lang="en"
r"""
## 7. At the tip of the cone

Now drag the tip **to the origin**. The graph of the norm is a cone, and at its tip it has no derivative. What does PyTorch return? First the same formula, with the square root as a separate step:
"""

# %% [markdown] lang="zh"
r"""
## 7. 在圆锥的尖端

现在把端点拖到**原点**。范数的图象是一个圆锥面，在尖端不可导。这时PyTorch会给出什么结果？先看同一个式子，只是把开方写成单独的一步。
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
No error is raised, but one result is `nan`. The operation `vector_norm` treats the origin as a special case and returns 0, one of the **subgradients** there. The square root, an operation of its own, has no such rule for a sum of squares. Look at what it sends back:
"""

# %% [markdown] lang="zh"
r"""
没有报错，但有一个结果是`nan`。`vector_norm`对原点作了专门处理，返回0，这是该点的一个**次梯度**（subgradient）。开方是单独的运算，没有针对平方和的处理。下面看看它往回传的梯度。
"""

# %%
r = record(lambda x: torch.sqrt((x * x).sum()), x=[0.0, 0.0])
[(node.op, node.grad) for node in r.nodes]

# %% [markdown] lang="en"
r"""
Backward starts with 1 at the square root. Its derivative $\frac{1}{2\sqrt{0}}$ is infinite, so `inf` arrives at the sum and at the squares, whose derivative is $2 \cdot 0 = 0$; and $\infty \cdot 0$ is `nan`. **The same mathematics, another graph.** One `nan` in a gradient spoils every weight it reaches. The remedy is to use the operation made for the purpose.

Where a function has a corner or a tie, PyTorch has a convention:
"""

# %% [markdown] lang="zh"
r"""
反向传播从输出处的1开始。开方的导数$\frac{1}{2\sqrt{0}}$是无穷大，所以到达求和与平方的都是`inf`。平方的导数是$2 \cdot 0 = 0$，而$\infty \cdot 0$的结果是`nan`。**数学上相同，计算图却不同**。梯度里只要有一个`nan`，它到达的权重就全部成为`nan`。解决的办法是使用专门的运算。

函数有尖点或并列的最大值时，PyTorch有自己的约定。
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
The derivative of `abs` and `relu` at their corner is taken to be 0. `x.max()` shares the gradient between equal maxima; `x.max(dim=0)`, which also returns an index, gives all of it to that element.

## 8. Weight decay

Fit a linear model with weights $w$ to four samples, and add a penalty on the squared norm of $w$. This is **weight decay**:

$$L(w) = \frac14 \sum_i (x_i^\top w - y_i)^2 + \lambda\, w^\top w.$$

The gradient of the penalty is $\nabla(\lambda\, w^\top w) = 2 \lambda w$. It pulls every weight towards 0, in proportion to its size.
"""

# %% [markdown] lang="zh"
r"""
`abs`和`relu`在尖点处的导数取0。`x.max()`把梯度平分给并列的最大值。`x.max(dim=0)`还返回最大值的位置，梯度全部传给这个位置上的元素。

## 8. 权重衰减

用权重为$w$的线性模型拟合四个样本，并加上$w$的范数平方作为惩罚项，这种方法叫作**权重衰减**（weight decay）：

$$L(w) = \frac14 \sum_i (x_i^\top w - y_i)^2 + \lambda\, w^\top w.$$

惩罚项的梯度是$\nabla(\lambda\, w^\top w) = 2 \lambda w$，使每个权重都向0靠近，变化量与权重的大小成正比。
"""

# %%
features = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, -1.0]])
targets = torch.tensor([2.0, 1.0, 3.0, 3.0])  # exactly what w = (2, 1) gives | 恰好是w = (2, 1)时的预测


def ridge(w, lam):
    return ((features @ w - targets) ** 2).mean() + lam * torch.dot(w, w)


w = torch.tensor([2.0, 1.0], requires_grad=True)
ridge(w, 0.25).backward()
w.grad, 2 * 0.25 * w.detach()

# %% [markdown] lang="en"
r"""
At $w = (2, 1)$ the error is 0, so the whole gradient comes from the penalty: $2 \lambda w$. Move `lam` below, and see the contours slide towards the origin, and with them the end of the dotted path, which is 60 real steps of gradient descent from the tip. Drag the tip as well.
"""

# %% [markdown] lang="zh"
r"""
在$w = (2, 1)$处误差为0，所以梯度全部来自惩罚项，即$2 \lambda w$。拖动下面的`lam`，可以看到等高线移向原点。图中带点的折线是从端点出发的60步梯度下降（每一步都真正算过），它的终点也随之移动。端点同样可以拖动。
"""

# %%
explorer = explore(ridge, w=[0.0, 0.0], lam=(0.0, 2.0)).set(w=[-1.0, 3.0], lam=0.25)
explorer.plot("w[0]", "w[1]", steps=60, lr=0.15)

# %% [markdown] lang="en"
r"""
Where does gradient descent end? We run the same loop for three values of $\lambda$ and plot $\|w\|$ at every step:
"""

# %% [markdown] lang="zh"
r"""
梯度下降最后停在哪里？对三个$\lambda$运行同样的循环，画出每一步的$\|w\|$。
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

$$w \leftarrow w - \eta\,(\nabla_{\text{error}} + 2\lambda w),$$

which is the same as

$$w \leftarrow (1 - 2\eta\lambda)\, w - \eta\, \nabla_{\text{error}}.$$

In each step the weights are first multiplied by a factor less than 1: they **decay**. `torch.optim.SGD(..., weight_decay=c)` adds $c\,w$ to the gradient, so it equals our penalty with $c = 2\lambda$:
"""

# %% [markdown] lang="zh"
r"""
没有惩罚项时，拟合得到$(2, 1)$，$\lambda = 0.25$时停在$(1.6667, 0.6667)$，$\lambda = 1$时停在$(1.1304, 0.3043)$。从更新公式可以看出权重衰减这个名称的由来。设学习率为$\eta$，

$$w \leftarrow w - \eta\,(\nabla_{\text{error}} + 2\lambda w),$$

也就是

$$w \leftarrow (1 - 2\eta\lambda)\, w - \eta\, \nabla_{\text{error}}.$$

每次更新时，权重先乘上一个小于1的因子，也就是**衰减**。`torch.optim.SGD(..., weight_decay=c)`在梯度上加$c\,w$，所以取$c = 2\lambda$时，结果与我们的惩罚项相同。
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

把每个`...`换成你的答案，再运行下面的检查。没有思路时，可以单击检查结果下方的提示按钮，或运行`hint("03.1")`。
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

`batch_norms(X)` receives a batch `(B, N)`, one vector per row, and returns the L2 norm of every row, shape `(B,)`. The recorded graph is checked as well: **no loop** over the rows, and **no Gram matrix** `(B, B)` on the way.
"""

# %% [markdown] lang="zh"
r"""
### 练习03.2 · 一批向量的范数 ★★☆（7分钟）

`batch_norms(X)`接收形状为`(B, N)`的一批向量，每行一个，返回每一行的L2范数，形状为`(B,)`。检查还会查看所记录的计算图，**不能逐行循环**，中间也**不能出现格拉姆矩阵**`(B, B)`。
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
`torch.linalg.vector_norm(X, dim=1)`只用一个运算就得到同样的结果，而且在全零的行上也有梯度。
"""

# %% [markdown] lang="en"
r"""
### Exercise 03.3 · The gradient of the norm ★★☆ (6 min)

`norm_grad(x)` returns the gradient of $\|x\|_2$ by its formula, without autograd, and zeros where $x = 0$, as PyTorch does. (d2l asks for this formula in its section on calculus.)
"""

# %% [markdown] lang="zh"
r"""
### 练习03.3 · 范数的梯度 ★★☆（6分钟）

`norm_grad(x)`用公式（不用自动微分）算出$\|x\|_2$的梯度。在$x = 0$处，与PyTorch一样返回零向量。（《动手学深度学习》微积分一节的练习里，也要求推出这个公式。）
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
The quotient is the direction of $x$; only at 0, which has no direction, a convention is needed.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
这个商就是$x$的方向。零向量没有方向，需要约定一个值。
"""

# %% [markdown] lang="en"
r"""
### Exercise 03.4 · The ridge gradient by hand ★★★ (10 min)

$L = \frac1n \sum_i (x_i^\top w - y_i)^2 + \lambda\, w^\top w$. Write `ridge_grad(w, X, y, lam)`, its gradient with respect to `w` by the formula, without autograd. `X` is `(n, d)`, `w` is `(d,)`, `y` is `(n,)`. It must equal what autograd gives.
"""

# %% [markdown] lang="zh"
r"""
### 练习03.4 · 亲手算岭回归的梯度 ★★★（10分钟）

$L = \frac1n \sum_i (x_i^\top w - y_i)^2 + \lambda\, w^\top w$。请写出`ridge_grad(w, X, y, lam)`，用公式（不用自动微分）算出损失对`w`的梯度。`X`的形状是`(n, d)`，`w`是`(d,)`，`y`是`(n,)`。结果应与自动微分相同。
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
Each sample contributes its own row of $X$, multiplied by its error $r_i$; `X.T @ r` adds these rows up. The formula and autograd agree.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
每个样本的贡献是$X$中对应的一行乘以误差$r_i$，`X.T @ r`把这些行加起来。手算与自动微分的结果相同。
"""

# %% [markdown] lang="en"
r"""
### Exercise 03.5 · Five programs, five reasons ★★☆ (6 min)

Five programs should compute $x^\top x = 14$. Four raise an error, and one returns a wrong number. Match them: `"rank"`, matrices where 1-D vectors are required; `"length"`, vectors of unequal length; `"dtype"`, different dtypes; `"inner"`, the inner sizes of a matrix product differ; `"broadcast"`, every element was multiplied by every other.
"""

# %% [markdown] lang="zh"
r"""
### 练习03.5 · 五个程序，五种原因 ★★☆（6分钟）

下面五个程序都要计算$x^\top x = 14$，其中四个报错，一个得到错误的数。请找出各自的原因。`"rank"`表示需要一维向量，给的却是矩阵，`"length"`表示向量长度不等，`"dtype"`表示数据类型不同，`"inner"`表示矩阵乘法的内侧维度不等，`"broadcast"`表示经过广播，一个向量的每个元素都与另一个向量的每个元素相乘了。
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
        print(f"{program.__name__}:", program(torch.tensor([1.0, 2.0, 3.0])))
    except RuntimeError as error:
        print(f"{program.__name__}:", error)

# %%
causes = {"a": ..., "b": ..., "c": ..., "d": ..., "e": ...}

# %%
check("03.5", causes)

# %% tags=["solution"]
{"a": "length", "b": "inner", "c": "broadcast", "d": "rank", "e": "dtype"}

# %% [markdown] lang="en" tags=["solution"]
r"""
`c` is the dangerous one, since it raises no error. `b` would be right with `.T` on the first column.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
最危险的是`c`，因为它不报错。`b`只要对前一个列向量取`.T`就正确了。
"""

# %% [markdown] lang="en"
r"""
## Recap

| | value | gradient | at $x = 0$ |
|---|---|---|---|
| `torch.dot(x, x)`, `x @ x` | $x^\top x$ | $2x$ | $0$ |
| `2 * torch.dot(x, x)` | $2\,x^\top x$ | $4x$ | $0$ |
| `vector_norm(x)` | $\lVert x\rVert_2$ | $x / \lVert x\rVert_2$ | $0$, by convention |
| `torch.sqrt((x * x).sum())` | $\lVert x\rVert_2$ | $x / \lVert x\rVert_2$ | `nan` |
| `lam * torch.dot(w, w)` | penalty | $2\lambda w$ | $0$ |
| `vecdot(X, X)` | one number for each row | $2X$ of its sum | $0$ |

A 1-D tensor is neither row nor column: no `.T`. Do not compute a Gram matrix for the sake of its diagonal.

Next: [lesson 04, the gradient of a vector](04_vector_backward.ipynb). Read on: [torch.linalg.vecdot](https://docs.pytorch.org/docs/stable/generated/torch.linalg.vecdot.html) and [gradients for non-differentiable functions](https://docs.pytorch.org/docs/stable/notes/autograd.html) in PyTorch's documentation; [Linear Algebra](https://d2l.ai/chapter_preliminaries/linear-algebra.html), [Automatic Differentiation](https://d2l.ai/chapter_preliminaries/autograd.html) and [Weight Decay](https://d2l.ai/chapter_linear-regression/weight-decay.html) in *Dive into Deep Learning* (Chinese edition: [1](https://zh.d2l.ai/chapter_preliminaries/linear-algebra.html), [2](https://zh.d2l.ai/chapter_preliminaries/autograd.html), [3](https://zh.d2l.ai/chapter_multilayer-perceptrons/weight-decay.html)).
"""

# %% [markdown] lang="zh"
r"""
## 小结

| | 值 | 梯度 | 在$x = 0$处 |
|---|---|---|---|
| `torch.dot(x, x)`、`x @ x` | $x^\top x$ | $2x$ | $0$ |
| `2 * torch.dot(x, x)` | $2\,x^\top x$ | $4x$ | $0$ |
| `vector_norm(x)` | $\lVert x\rVert_2$ | $x / \lVert x\rVert_2$ | $0$，是约定 |
| `torch.sqrt((x * x).sum())` | $\lVert x\rVert_2$ | $x / \lVert x\rVert_2$ | `nan` |
| `lam * torch.dot(w, w)` | 惩罚项 | $2\lambda w$ | $0$ |
| `vecdot(X, X)` | 每行一个数 | 其和的梯度为$2X$ | $0$ |

一维张量既不是行也不是列，不用`.T`。不要为了取对角线而算出整个格拉姆矩阵。

下一课是[第04课，对向量求导](04_vector_backward.ipynb)。延伸阅读有PyTorch文档中的[torch.linalg.vecdot](https://docs.pytorch.org/docs/stable/generated/torch.linalg.vecdot.html)和[不可导函数的梯度](https://docs.pytorch.org/docs/stable/notes/autograd.html)（英文），以及《动手学深度学习》的[线性代数](https://zh.d2l.ai/chapter_preliminaries/linear-algebra.html)、[自动微分](https://zh.d2l.ai/chapter_preliminaries/autograd.html)和[权重衰减](https://zh.d2l.ai/chapter_multilayer-perceptrons/weight-decay.html)（英文版见[1](https://d2l.ai/chapter_preliminaries/linear-algebra.html)、[2](https://d2l.ai/chapter_preliminaries/autograd.html)、[3](https://d2l.ai/chapter_linear-regression/weight-decay.html)）。
"""

# %% tags=["nbval-ignore-output"]
progress.show()
