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
# 04 · The gradient of a vector

**My `y` is a vector, and `y.backward()` raises an error. What is the derivative of a vector, and what is the `v` in `y.backward(v)`?** Behind the error stands a matrix, the Jacobian, which PyTorch multiplies by a vector and never writes down.

After this lesson you can

- read the two errors that a vector output brings, and mend them by `sum()`, `mean()` or a `v` of your own choice;
- see `y.backward(v)` as the rows of the Jacobian, weighed by $v$ and added up;
- tell a VJP from a JVP, get the full Jacobian when you need it, and say what each of them costs.

*About 60 minutes: 20 to read and try, 40 for the exercises. You need lesson 02: leaves, `backward`, `.grad`; and lesson 03 for the dot product.*
"""

# %% [markdown] lang="zh"
r"""
# 04 · 对向量求导

**我的`y`是一个向量，`y.backward()`却报错了。向量的导数是什么？`y.backward(v)`里的`v`又是什么？** 报错背后是一个矩阵，叫作雅可比矩阵。PyTorch用一个向量去乘它，却从不把它写出来。

学完本课，你将能够

- 读懂向量输出带来的两条报错，并用`sum()`、`mean()`或自己选的`v`来解决；
- 把`y.backward(v)`看成雅可比矩阵的各行以$v$加权后相加；
- 分清VJP与JVP，在需要时求出整个雅可比矩阵，并说出各自的代价。

*约60分钟，其中阅读和操作20分钟，练习40分钟。预备知识：第02课中的叶子、`backward`与`.grad`；第03课中的点积。*
"""

# %%
import torch
from helpers import check, explore, hint, language, predict, progress
from torch.func import grad, jacfwd, jacrev, jvp, vmap

language.use("en")

# %% [markdown] lang="en"
r"""
The names of this lesson: `x` is the input, a vector `(n,)`; `y` the output, a vector `(m,)`; `v` weighs the outputs, `(m,)`; `u` is a direction among the inputs, `(n,)`; `J` is the Jacobian, `(m, n)`.

## 1. Two errors, in order

A first attempt, as many write it: set the gradient to zero, square, go back. Here is what its first line answers:
"""

# %% [markdown] lang="zh"
r"""
本课用到的名字：`x`是输入，形状为`(n,)`的向量；`y`是输出，形状为`(m,)`的向量；`v`给输出加权，形状为`(m,)`；`u`是输入空间里的一个方向，形状为`(n,)`；`J`是雅可比矩阵，形状为`(m, n)`。

## 1. 先后两条报错

很多人第一次都这样写：先把梯度清零，再求平方，再反向传播。先看第一行得到什么回答：
"""


# %%
def answer_of(program):
    try:
        return program()
    except (AttributeError, RuntimeError) as error:
        return f"{type(error).__name__}: {error}"


x = torch.arange(4.0, requires_grad=True)
print(answer_of(lambda: x.grad.zero_()))

# %% [markdown] lang="en"
r"""
An `AttributeError` of plain Python: before the first backward `x.grad` is `None`, and `None` has no method `zero_`. There is nothing to empty yet. Write `x.grad = None` instead, which is right at any time. Now the line that goes back:
"""

# %% [markdown] lang="zh"
r"""
这是Python自己的`AttributeError`：第一次反向传播之前，`x.grad`是`None`，而`None`没有`zero_`这个方法。还没有什么可清的。改写成`x.grad = None`，任何时候都对。接着看反向传播那一行：
"""

# %%
x.grad = None
y = x * x
print(y)
print(answer_of(lambda: y.backward()))

# %% [markdown] lang="en"
r"""
Piece by piece: *grad* is the number backward begins with; it *can be implicitly created*, as a 1, *only for scalar outputs*. In lesson 02 it was $\partial L / \partial L = 1$. Here are four outputs, and PyTorch does not guess how much each of them counts.

What, then, is a scalar?
"""

# %% [markdown] lang="zh"
r"""
一段一段地读：*grad*是反向传播开始时的那个数；它*can be implicitly created*（可以自动补上，补的是1），但*only for scalar outputs*（只限于标量输出）。第02课里它就是$\partial L / \partial L = 1$。这里有四个输出，各占多大的权重，PyTorch不替你猜。

那么，什么才算标量？
"""

# %%
predict("04.p1")

# %%
y = x * x
one = y[3:]
one.backward()
one.shape, x.grad

# %% [markdown] lang="en"
r"""
"Scalar" means **one element**, whatever the shape. The gradient is that of $x_3^2$ alone, in the shape of `x`.

## 2. What there is to differentiate: the Jacobian

A scalar has one slope towards each $x_j$: the gradient, in the shape of $x$. A vector has one towards each $x_j$ **for every output**. These numbers form a matrix, the **Jacobian**, with a row for each output and a column for each input:

$$J_{ij} = \frac{\partial y_i}{\partial x_j}.$$

For $y_i = x_i^2$ an output depends on its own input only, so everything off the diagonal is 0:
"""

# %% [markdown] lang="zh"
r"""
“标量”指的是**只有一个元素**，形状不限。得到的只是$x_3^2$的梯度，形状与`x`相同。

## 2. 向量的导数：雅可比矩阵

标量对每个$x_j$有一个斜率，合起来就是梯度，形状与$x$相同。向量则是**每个输出**对每个$x_j$都有一个斜率。这些数排成一个矩阵，叫作**雅可比矩阵**（Jacobian），每个输出占一行，每个输入占一列：

$$J_{ij} = \frac{\partial y_i}{\partial x_j}.$$

对于$y_i = x_i^2$，每个输出只依赖自己的那个输入，所以对角线以外全是0：
"""


# %%
def square(x):
    return x * x


torch.autograd.functional.jacobian(square, torch.arange(4.0))

# %% [markdown] lang="en"
r"""
The diagonal holds $2x_i$. Four by four is nothing. But how many numbers has the Jacobian of a thousand elements, and how many of them are not 0?
"""

# %% [markdown] lang="zh"
r"""
对角线上就是$2x_i$。四行四列不算什么。可是换成一千个元素，雅可比矩阵里有多少个数？其中又有多少个不为0？
"""

# %%
J = torch.autograd.functional.jacobian(square, torch.ones(1000))
J.numel(), J.count_nonzero().item()

# %% [markdown] lang="en"
r"""
That is why `backward` never returns a matrix. A network has millions of inputs, its weights, and in the end one number, the loss. For **many to one** the Jacobian is a single row, and reverse mode gets that row in one pass. All it needs for a vector is your decision on how the outputs make one number.

## 3. Way 1: make it a scalar
"""

# %% [markdown] lang="zh"
r"""
所以`backward`从不返回矩阵。网络的输入，也就是权重，有几百万个，最后得到的只是一个数：损失。这种**多对一**的情形，雅可比矩阵只有一行，反向模式一遍就能求出。对于向量输出，它需要的只是由你决定：这些输出怎样合成一个数。

## 3. 办法一：先变成标量
"""

# %%
predict("04.p2")


# %%
def gradient(program, numbers):
    x = torch.tensor(numbers, requires_grad=True)
    program(x)
    return x.grad


at = [0.0, 1.0, 2.0, 3.0]
print(gradient(lambda x: square(x).sum().backward(), at))
print(gradient(lambda x: square(x).mean().backward(), at))

# %% [markdown] lang="en"
r"""
The sum counts each output with weight 1, the mean with $1/n$. They point the same way, but with the mean the length of a step no longer depends on how many samples there are. Losses are averaged for that reason.

## 4. Way 2: say how much each output counts

`y.backward(v)` takes the weights directly:
"""

# %% [markdown] lang="zh"
r"""
求和时每个输出的权重是1，取均值时是$1/n$。两者方向相同，不过取均值之后，步长就不再随样本个数变化了。损失通常取均值，正是这个缘故。

## 4. 办法二：给每个输出一个权重

`y.backward(v)`直接接受权重：
"""

# %%
weights = ([1.0, 1.0, 1.0, 1.0], [0.1, 1.0, 10.0, 100.0], [1.0, 0.1, 0.01, 0.001])
for v in weights:
    print(v, gradient(lambda x, v=v: square(x).backward(torch.tensor(v)), at))

# %% [markdown] lang="en"
r"""
Ones give the same as `sum()`. Other weights multiply each output's slope: 100 times 6 is 600. With the chain rule it is no mystery. Put the scalar $L = v^\top y = \sum_i v_i y_i$ behind $y$; then $\partial L / \partial y_i = v_i$ is exactly what arrives at $y$, and

$$\frac{\partial L}{\partial x_j} = \sum_i v_i \frac{\partial y_i}{\partial x_j} = (v^\top J)_j.$$

And with a $v$ of another length?
"""

# %% [markdown] lang="zh"
r"""
全1的结果与`sum()`相同。换成别的权重，就给每个输出的斜率乘上一个数：100乘以6得600。用链式法则一看就明白。在$y$后面接一个标量$L = v^\top y = \sum_i v_i y_i$，那么$\partial L / \partial y_i = v_i$正是传到$y$的东西，于是

$$\frac{\partial L}{\partial x_j} = \sum_i v_i \frac{\partial y_i}{\partial x_j} = (v^\top J)_j.$$

如果$v$的长度不同呢？
"""

# %%
print(answer_of(lambda: gradient(lambda x: square(x).backward(torch.ones(3)), at)))

# %% [markdown] lang="en"
r"""
`grad_output[0]` in the message is your $v$ with 3 elements, `output[0]` is $y$ with 4. So far $J$ was square, with as many inputs as outputs.

## 5. Rows that light up

Two inputs, three outputs. First decide what fits:
"""

# %% [markdown] lang="zh"
r"""
报错里的`grad_output[0]`是你给的$v$，有3个元素；`output[0]`是$y$，有4个。到目前为止，$J$都是方阵，输入与输出一样多。

## 5. 亮起来的行

两个输入，三个输出。先想想什么形状才合适：
"""

# %%
predict("04.p3")


# %%
def outputs(x):
    return torch.stack([x[0] * x[1], x[0] ** 2, x[1] + 3 * x[0]])


at = [1.0, 2.0]
outputs(torch.tensor(at)), jacrev(outputs)(torch.tensor(at))

# %% [markdown] lang="en"
r"""
$v$ has the shape **of the output**, (3,): one weight for each. Check the rows by hand: $\nabla(x_0 x_1) = (x_1, x_0) = (2, 1)$, $\nabla x_0^2 = (2x_0, 0) = (2, 0)$, and $\nabla(x_1 + 3x_0) = (3, 1)$. Now weigh them:
"""

# %% [markdown] lang="zh"
r"""
$v$的形状与**输出**相同，是(3,)，每个输出一个权重。亲手验算各行：$\nabla(x_0 x_1) = (x_1, x_0) = (2, 1)$，$\nabla x_0^2 = (2x_0, 0) = (2, 0)$，$\nabla(x_1 + 3x_0) = (3, 1)$。现在给它们加权：
"""

# %%
predict("04.p4")

# %%
v = torch.tensor([1.0, 10.0, 100.0])
gradient(lambda x: outputs(x).backward(v), at), v @ jacrev(outputs)(torch.tensor(at))

# %% [markdown] lang="en"
r"""
$1 \cdot (2, 1) + 10 \cdot (2, 0)$ $+\,100 \cdot (3, 1)$ $= (322, 101)$. Move the sliders of `v` below: a row lights up with its weight, and the sum below the matrix is what `backward(v)` really gave. Then set all of `v` but one to 0. Then move `x`: which rows change, and which never do?
"""

# %% [markdown] lang="zh"
r"""
$1 \cdot (2, 1) + 10 \cdot (2, 0)$ $+\,100 \cdot (3, 1)$ $= (322, 101)$。移动下面`v`的滑块：权重越大的行越亮，矩阵下方的和就是`backward(v)`真正给出的梯度。然后让`v`只留一个，其余都设为0。再移动`x`：哪些行会变，哪些行永远不变？
"""

# %%
explore(outputs, x=[1.0, 2.0], gradient={"v": [1.0, 10.0, 100.0]})

# %% [markdown] lang="en"
r"""
The last row stays $(3, 1)$, since that output is linear. And with $v = (0, 1, 0)$ the gradient **is** the middle row. That is a method:

## 6. The whole matrix, row by row

One backward pass with a **one-hot** $v$ gives one row. The graph must survive for the next row, hence `retain_graph=True`; and `torch.autograd.grad` returns the gradient instead of adding it to `.grad`.
"""

# %% [markdown] lang="zh"
r"""
最后一行始终是$(3, 1)$，因为那个输出是线性的。而取$v = (0, 1, 0)$时，梯度**就是**中间那一行。这就成了一种方法：

## 6. 一行一行，得到整个矩阵

用**独热**（one-hot）的$v$做一次反向传播，得到一行。计算图还要留给下一行用，所以写上`retain_graph=True`；`torch.autograd.grad`直接返回梯度，而不是累加到`.grad`里。
"""

# %%
x = torch.tensor(at, requires_grad=True)
y = outputs(x)
rows = [torch.autograd.grad(y, x, one_hot, retain_graph=True)[0] for one_hot in torch.eye(3)]
J = torch.stack(rows)
J

# %%
ready_made = torch.autograd.functional.jacobian(outputs, x), jacrev(outputs)(x.detach())
[torch.equal(J, other) for other in ready_made]

# %% [markdown] lang="en"
r"""
`torch.autograd.functional.jacobian` and `torch.func.jacrev` do just this, and agree. What happens without `retain_graph`? One reads now and then that it is enough to empty `x.grad`:
"""

# %% [markdown] lang="zh"
r"""
`torch.autograd.functional.jacobian`与`torch.func.jacrev`做的正是这件事，结果也相同。不写`retain_graph`会怎样？有时会看到一种说法：只要把`x.grad`清零，就能再来一次。
"""

# %%
y = outputs(x)
y.backward(v)
x.grad.zero_()
print(answer_of(lambda: y.backward(v)))

# %% [markdown] lang="en"
r"""
*Trying to backward through the graph a second time*: the first pass freed the values that the nodes had saved. `zero_` empties the gradient and brings no graph back. Either run the forward pass again, or retain the graph in every pass but the last.

## 7. VJP and JVP

`backward(v)` is often called a "Jacobian-vector product". Look at the shapes: $J$ is $3 \times 2$ and $v$ has 3 elements.
"""

# %% [markdown] lang="zh"
r"""
*Trying to backward through the graph a second time*（想第二次沿计算图反向传播）：第一遍已经释放了各节点保存的值。`zero_`只清空梯度，并不能把计算图找回来。要么重新做一次前向传播，要么除最后一遍外，每一遍都保留计算图。

## 7. VJP与JVP

常有人把`backward(v)`叫作“雅可比-向量积”。可是看看形状：$J$是$3 \times 2$的，而$v$有3个元素。
"""

# %%
print(answer_of(lambda: J @ v))
print(v @ J, J.T @ v)

# %% [markdown] lang="en"
r"""
$J v$ does not even exist. What backward computes is $v^\top J$, the **vector-Jacobian product (VJP)**; as a column the same numbers are $J^\top v$. The **Jacobian-vector product (JVP)** $J u$ is another thing. There $u$ is a direction among the *inputs*, and $J u$ tells how the outputs change when one walks that way. It belongs to forward mode:
"""

# %% [markdown] lang="zh"
r"""
$J v$根本不存在。反向传播算的是$v^\top J$，即**向量-雅可比积**（vector-Jacobian product，VJP）；写成列向量，同样的数就是$J^\top v$。**雅可比-向量积**（Jacobian-vector product，JVP）$J u$是另一回事：$u$是*输入*空间里的一个方向，$J u$说的是沿这个方向走时，输出怎样变化。它属于前向模式：
"""

# %%
u = torch.tensor([1.0, 10.0])
value, change = jvp(outputs, (x.detach(),), (u,))
change, J @ u

# %% [markdown] lang="en"
r"""
Is it really a change of the outputs? Walk a small step along $u$ and see, in float64:
"""

# %% [markdown] lang="zh"
r"""
这真的是输出的变化吗？沿$u$走一小步，用float64看看：
"""

# %%
p, d = x.detach().double(), u.double()
(outputs(p + 1e-6 * d) - outputs(p - 1e-6 * d)) / 2e-6

# %% [markdown] lang="en"
r"""
Both modes give the full matrix. Reverse mode makes it row by row, a pass for each **output**; forward mode column by column, a pass for each **input**:
"""

# %% [markdown] lang="zh"
r"""
两种模式都能得到整个矩阵。反向模式逐行得到，每个**输出**做一遍；前向模式逐列得到，每个**输入**做一遍：
"""

# %%
columns = [jvp(outputs, (x.detach(),), (e,))[1] for e in torch.eye(2)]
torch.equal(torch.stack(columns, dim=1), J), torch.equal(jacfwd(outputs)(x.detach()), J)


# %% [markdown] lang="en"
r"""
Is it really a pass for each output? A hook on the last node of $y = Wx$, with $W$ of shape `(m, n)`, counts how often PyTorch's own function comes by:
"""

# %% [markdown] lang="zh"
r"""
真的是每个输出做一遍吗？设$y = Wx$，$W$的形状是`(m, n)`；在最后一个节点上挂一个钩子，数一数PyTorch自己的函数经过多少次：
"""


# %%
def backward_passes(m, n):
    count = []

    def linear(x):
        y = torch.ones(m, n) @ x
        y.grad_fn.register_hook(lambda *_: count.append(m))
        return y

    torch.autograd.functional.jacobian(linear, torch.ones(n))
    return len(count)


for m, n in ((1, 1000), (3, 2), (200, 2)):
    print(f"{m:3} outputs, {n:4} inputs: {backward_passes(m, n)} backward passes")

# %% [markdown] lang="en"
r"""
One loss of 1000 weights: a single backward pass, where forward mode needs one for each of the 1000. That is why learning runs in reverse. A curve of 200 points with 2 parameters is the other way round, 200 passes against 2: take `jacfwd`.

| | VJP, `backward(v)` | JVP, `jvp` |
|---|---|---|
| computes | $v^\top J$ | $J u$ |
| the vector's shape | of the output | of the input |
| one-hot gives | a row | a column |
| whole $J$ | $m$ passes, `jacrev` | $n$ passes, `jacfwd` |
| cheap when | few outputs | few inputs |

## 8. Samples that stay apart, and samples that do not

For a batch, `losses` is a vector with one loss a sample. Its sum gives **one** gradient for the weights `w`; the samples' own gradients are added up in it. To see each of them, run `grad` for every sample with [`vmap`](https://docs.pytorch.org/docs/stable/generated/torch.func.vmap.html). `in_dims` says what comes sample by sample, along dimension 0, and what is the same for all, `None`:
"""

# %% [markdown] lang="zh"
r"""
一个损失、1000个权重：一次反向传播就够了，前向模式却要为这1000个权重各做一遍。学习之所以用反向模式，原因就在这里。一条曲线有200个点、2个参数，情形恰好相反，200遍对2遍，该用`jacfwd`。

| | VJP，`backward(v)` | JVP，`jvp` |
|---|---|---|
| 计算 | $v^\top J$ | $J u$ |
| 向量的形状 | 与输出相同 | 与输入相同 |
| 独热向量给出 | 一行 | 一列 |
| 整个$J$ | $m$遍，`jacrev` | $n$遍，`jacfwd` |
| 何时便宜 | 输出少 | 输入少 |

## 8. 样本何时互不相干，何时不然

对一批样本，`losses`是一个向量，每个样本一个损失。对它求和再反向传播，权重`w`只得到**一个**梯度，各样本的梯度都加在里面。想看每一个，就用[`vmap`](https://docs.pytorch.org/docs/stable/generated/torch.func.vmap.html)对每个样本运行`grad`。`in_dims`说明哪些参数沿第0维逐个样本给出，哪些由所有样本共用（`None`）：
"""

# %%
X = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
targets = torch.tensor([2.0, 1.0, 3.0])


def loss(w, x, target):
    return (torch.dot(x, w) - target) ** 2


w = torch.tensor([-1.0, 3.0])
per_sample = vmap(grad(loss), in_dims=(None, 0, 0))(w, X, targets)
per_sample

# %%
together = gradient(lambda w: ((X @ w - targets) ** 2).sum().backward(), w.tolist())
together, per_sample.sum(dim=0)

# %% [markdown] lang="en"
r"""
Three rows: the Jacobian of `losses` towards `w`. The sum of the losses adds the rows up, and what each sample wanted is gone.

But in section 3, `(x * x).sum()` kept every slope apart! There each output has **its own** input: off the diagonal $J$ is 0, so nothing is mixed. It is a property of the function, not of `sum()`. Let the samples meet, for instance by subtracting their mean:
"""

# %% [markdown] lang="zh"
r"""
三行，就是`losses`对`w`的雅可比矩阵。对损失求和，把各行加在了一起，每个样本原来想要什么，就看不出来了。

可是在第3节，`(x * x).sum()`明明让各个斜率互不相混！那是因为每个输出都有**自己的**输入：$J$在对角线以外是0，没有什么可混的。这是函数的性质，不是`sum()`的功劳。让样本彼此相遇，比如减去它们的均值：
"""


# %%
def centred(x):
    return x - x.mean()


print(gradient(lambda x: centred(x).sum().backward(), [1.0, 2.0, 3.0, 6.0]))
jacrev(centred)(torch.tensor([1.0, 2.0, 3.0, 6.0]))

# %% [markdown] lang="en"
r"""
Each output's own slope is 0.75, on the diagonal; yet the sum gives zeros, as the $-0.25$ in every column make up for it. [Batch normalization](https://d2l.ai/chapter_convolutional-modern/batch-norm.html) subtracts the mean of a batch, too.

## 9. Pitfall: `d.backward(d)`

For a vector one also meets `d.backward(d.detach())`: the error is gone, and nobody knows why. What does it compute? The function here multiplies its input by a number $k$:
"""

# %% [markdown] lang="zh"
r"""
每个输出对自己的斜率是0.75，就在对角线上；求和的结果却全是零，因为每一列里的$-0.25$恰好把它抵消。[批量规范化](https://zh.d2l.ai/chapter_convolutional-modern/batch-norm.html)也要减去一批样本的均值。

## 9. 陷阱：`d.backward(d)`

对向量求导时，还会见到`d.backward(d.detach())`这种写法：报错消失了，却没人说得出为什么。它算的到底是什么？这里的函数把输入乘以一个数$k$：
"""

# %%
predict("04.p5")


# %%
def f(a):
    return 12 * a


a = torch.tensor([1.0, -2.0, 3.0], requires_grad=True)
d = f(a)
d.backward(d.detach())
d, a.grad

# %% [markdown] lang="en"
r"""
$k$ is 12, and $J = kI$. But `a.grad` holds 144, which is $12 \cdot 12$, the output $d_0$ times $k$: the outputs were taken for weights. An argument that silences an error is not yet the right one. Wanted are ones:
"""

# %% [markdown] lang="zh"
r"""
$k$是12，$J = kI$。但`a.grad`里是144，也就是$12 \cdot 12$，即输出$d_0$乘以$k$：输出的值被当成了权重。能让报错消失的参数，不一定是对的参数。这里该用全1：
"""

# %%
ones = gradient(lambda a: f(a).backward(torch.ones(3)), [1.0, -2.0, 3.0])
ones, gradient(lambda a: f(a).sum().backward(), [1.0, -2.0, 3.0])

# %% [markdown] lang="en"
r"""
## 10. Exercises

Replace every `...` and run the check below it. Stuck? Press the button below the check, or run `hint("04.1")`.
"""

# %% [markdown] lang="zh"
r"""
## 10. 练习

把每个`...`换成你的答案，再运行下面的检查。卡住了？按检查结果下方的提示按钮，或运行`hint("04.1")`。
"""

# %% [markdown] lang="en"
r"""
### Exercise 04.1 · One row, one backward ★☆☆ (5 min)

`one_row(A, x, i)` computes $y = A\,(x \odot x)$, in code `A @ (x * x)`, and returns row $i$ of its Jacobian $\partial y / \partial x$, shape `(n,)`. `A` is `(m, n)`, `x` is `(n,)` and does not require grad yet. **One backward pass only.**
"""

# %% [markdown] lang="zh"
r"""
### 练习04.1 · 一次反向传播得一行 ★☆☆（5分钟）

`one_row(A, x, i)`计算$y = A\,(x \odot x)$，代码是`A @ (x * x)`，并返回雅可比矩阵$\partial y / \partial x$的第$i$行，形状为`(n,)`。`A`的形状是`(m, n)`；`x`的形状是`(n,)`，还不需要梯度。**只许做一次反向传播。**
"""


# %%
def one_row(A, x, i):
    return ...


# %%
check("04.1", one_row)


# %% tags=["solution"]
def solved_04_1(A, x, i):
    x = x.clone().requires_grad_()
    y = A @ (x * x)
    y[i].backward()
    return x.grad


A = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
solved_04_1(A, torch.tensor([1.0, 2.0]), 1)

# %% [markdown] lang="en" tags=["solution"]
r"""
`y[i]` is a scalar, so backward starts with 1. `y.backward(v)` with a one-hot `v` does the same.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
`y[i]`是标量，反向传播从1开始。用独热的`v`写`y.backward(v)`，效果相同。
"""

# %% [markdown] lang="en"
r"""
### Exercise 04.2 · The whole Jacobian ★★☆ (8 min)

`full_jacobian(A, x)`: the whole Jacobian of the same $y = A\,(x \odot x)$, shape `(m, n)`, with **one ordinary backward pass for each** of its $m$ rows.
"""

# %% [markdown] lang="zh"
r"""
### 练习04.2 · 整个雅可比矩阵 ★★☆（8分钟）

`full_jacobian(A, x)`：同一个$y = A\,(x \odot x)$的整个雅可比矩阵，形状为`(m, n)`，**每一行做一次普通的反向传播**，共$m$次。
"""


# %%
def full_jacobian(A, x):
    return ...


# %%
check("04.2", full_jacobian)


# %% tags=["solution"]
def solved_04_2(A, x):
    x = x.clone().requires_grad_()
    y = A @ (x * x)
    rows = [torch.autograd.grad(y[i], x, retain_graph=True)[0] for i in range(len(y))]
    return torch.stack(rows)


solved_04_2(A, torch.tensor([1.0, 2.0]))

# %% [markdown] lang="en" tags=["solution"]
r"""
With `.backward()` it works as well, if every row is copied out of `x.grad` before that is emptied: `x.grad` stays one and the same tensor.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
用`.backward()`也行，只是清空`x.grad`之前要把每一行复制出来：`x.grad`始终是同一个张量。
"""

# %% [markdown] lang="en"
r"""
### Exercise 04.3 · The v of a loss ★★☆ (7 min)

On the outputs of section 5, $y = (x_0 x_1,\; x_0^2,\; x_1 + 3x_0)$ at $x = (1, 2)$, stands the loss $L = 3 y_0 - 2 y_1 + \tfrac12 (y_2 - 1)^2$. On paper: the three elements of the $v$ for which `y.backward(v)` gives the same as `L.backward()`, and the two elements of that gradient.
"""

# %% [markdown] lang="zh"
r"""
### 练习04.3 · 损失对应的v ★★☆（7分钟）

在第5节的输出$y = (x_0 x_1,\; x_0^2,\; x_1 + 3x_0)$（$x = (1, 2)$）之上，有损失$L = 3 y_0 - 2 y_1 + \tfrac12 (y_2 - 1)^2$。请在纸上求出$v$的三个元素，使`y.backward(v)`与`L.backward()`结果相同，再求出这个梯度的两个元素。
"""

# %%
v0, v1, v2 = ..., ..., ...
dx0, dx1 = ..., ...

# %%
check("04.3", (v0, v1, v2, dx0, dx1))

# %% tags=["solution"]
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = outputs(x)
y.retain_grad()
(3 * y[0] - 2 * y[1] + 0.5 * (y[2] - 1) ** 2).backward()
y.grad, x.grad

# %% [markdown] lang="en" tags=["solution"]
r"""
$v = \partial L / \partial y = (3, -2, y_2 - 1)$. What `backward` carries through any tensor inside a network is such a $v$: `y.grad`. Every node of a graph does nothing but a VJP.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
$v = \partial L / \partial y = (3, -2, y_2 - 1)$。`backward`经过网络中任何一个张量时，带着的都是这样一个$v$：`y.grad`。计算图的每个节点做的，不过是一次VJP。
"""

# %% [markdown] lang="en"
r"""
### Exercise 04.4 · A JVP from two VJPs ★★★ (12 min)

`jvp_by_vjps(A, x, u)` returns $J u$, shape `(m,)`, for $y = A\,(x \odot x)$ and a direction `u` of shape `(n,)`: with `torch.autograd.grad` **twice**, without building $J$ and without forward mode. The idea: $g(v) = J^\top v$ is linear in $v$. What is its own Jacobian? (Keep the graph of the first call with `create_graph=True`.)
"""

# %% [markdown] lang="zh"
r"""
### 练习04.4 · 用两次VJP得到JVP ★★★（12分钟）

`jvp_by_vjps(A, x, u)`返回$J u$，形状为`(m,)`，其中$y = A\,(x \odot x)$，方向`u`的形状是`(n,)`：调用**两次**`torch.autograd.grad`，不构造$J$，也不用前向模式。思路：$g(v) = J^\top v$对$v$是线性的，它自己的雅可比矩阵是什么？（第一次调用要用`create_graph=True`保留计算图。）
"""


# %%
def jvp_by_vjps(A, x, u):
    return ...


# %%
check("04.4", jvp_by_vjps)


# %% tags=["solution"]
def solved_04_4(A, x, u):
    x = x.clone().requires_grad_()
    y = A @ (x * x)
    v = torch.zeros_like(y, requires_grad=True)
    g = torch.autograd.grad(y, x, v, create_graph=True)[0]
    return torch.autograd.grad(g, v, u)[0]


solved_04_4(A, torch.tensor([1.0, 2.0]), torch.tensor([1.0, 10.0]))

# %% [markdown] lang="en" tags=["solution"]
r"""
The Jacobian of $g$ is $J^\top$, so its VJP with $u$ is $u^\top J^\top = (J u)^\top$. At which $v$ we ask does not matter, since $g$ is linear: zeros will do.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
$g$的雅可比矩阵是$J^\top$，所以它以$u$做的VJP是$u^\top J^\top = (J u)^\top$。$v$取在哪里都无所谓，因为$g$是线性的：取零就行。
"""

# %% [markdown] lang="en"
r"""
### Exercise 04.5 · Five weights, five mistakes ★★☆ (6 min)

Five programs were to give the gradient of the sum of $y = x \odot x$, `[0, 2, 4, 6]`. Match what is wrong: `"start"` backward does not know what to begin with; `"shape"` $v$ has not the shape of $y$; `"values"` the outputs themselves stand in $v$; `"mean"` every weight is $1/n$; `"twice"` two gradients were added.
"""

# %% [markdown] lang="zh"
r"""
### 练习04.5 · 五种权重，五种错误 ★★☆（6分钟）

五个程序都想得到$y = x \odot x$各元素之和的梯度`[0, 2, 4, 6]`。请指出错在哪里：`"start"`反向传播不知道从什么开始；`"shape"`$v$的形状与$y$不同；`"values"`$v$里放的是输出本身；`"mean"`每个权重都是$1/n$；`"twice"`两份梯度加在了一起。
"""


# %%
def a(y):
    y.backward(y.detach())


def b(y):
    y.backward()


def c(y):
    y.mean().backward()


# %%
def d(y):
    y.backward(torch.ones(len(y) - 1))


def e(y):
    y.backward(torch.ones(4), retain_graph=True)
    y.sum().backward()


# %%
for program in (a, b, c, d, e):
    got = answer_of(lambda program=program: gradient(lambda x: program(square(x)), [0.0, 1.0, 2.0, 3.0]))
    print(program.__name__, got)

# %%
causes = {"a": ..., "b": ..., "c": ..., "d": ..., "e": ...}

# %%
check("04.5", causes)

# %% tags=["solution"]
{"a": "values", "b": "start", "c": "mean", "d": "shape", "e": "twice"}

# %% [markdown] lang="en" tags=["solution"]
r"""
Divide the result by $2x$ and you read off the $v$ that was really used: in `a` it is $y$ itself, in `c` a quarter everywhere, in `e` 2 everywhere.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
把结果除以$2x$，就能读出实际用到的$v$：`a`里是$y$本身，`c`里处处是四分之一，`e`里处处是2。
"""

# %% [markdown] lang="en"
r"""
## Recap

| program, `y` of shape `(m,)` | what it gives |
|---|---|
| `y.backward()` | an error, unless `y` has one element |
| `y.sum().backward()` | the rows of $J$ added up, $v$ all ones |
| `y.mean().backward()` | the same divided by $m$ |
| `y.backward(v)` | $v^\top J$, a VJP; $v$ has the shape of `y` |
| a one-hot `v` | one row of $J$ |
| `jacrev`, `jacfwd` | all of $J$, by rows or by columns |
| `torch.func.jvp(f, (x,), (u,))` | $J u$, in forward mode |
| `vmap(grad(loss))` | a row for each sample |

Next: [lesson 05, how to cut a path with `detach`](05_detach.ipynb). Read on: [torch.Tensor.backward](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.backward.html), [torch.func.jvp](https://docs.pytorch.org/docs/stable/generated/torch.func.jvp.html) and [torch.func.jacrev](https://docs.pytorch.org/docs/stable/generated/torch.func.jacrev.html) in PyTorch's documentation; [Automatic Differentiation](https://d2l.ai/chapter_preliminaries/autograd.html), its section on non-scalar variables, in *Dive into Deep Learning* ([Chinese edition](https://zh.d2l.ai/chapter_preliminaries/autograd.html)).
"""

# %% [markdown] lang="zh"
r"""
## 小结

| 程序，`y`的形状为`(m,)` | 得到什么 |
|---|---|
| `y.backward()` | 报错，除非`y`只有一个元素 |
| `y.sum().backward()` | $J$的各行之和，即$v$全为1 |
| `y.mean().backward()` | 同上，再除以$m$ |
| `y.backward(v)` | $v^\top J$，即VJP；$v$的形状与`y`相同 |
| 独热的`v` | $J$的一行 |
| `jacrev`、`jacfwd` | 整个$J$，逐行或逐列 |
| `torch.func.jvp(f, (x,), (u,))` | $J u$，前向模式 |
| `vmap(grad(loss))` | 每个样本一行 |

下一课：[第05课，用`detach`切断一条路](05_detach.ipynb)。延伸阅读：PyTorch文档中的[torch.Tensor.backward](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.backward.html)、[torch.func.jvp](https://docs.pytorch.org/docs/stable/generated/torch.func.jvp.html)和[torch.func.jacrev](https://docs.pytorch.org/docs/stable/generated/torch.func.jacrev.html)（英文）；《动手学深度学习》[自动微分](https://zh.d2l.ai/chapter_preliminaries/autograd.html)中“非标量变量的反向传播”一节（[英文版](https://d2l.ai/chapter_preliminaries/autograd.html)）。
"""

# %% tags=["nbval-ignore-output"]
progress.show()
