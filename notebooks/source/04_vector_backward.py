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

**My `y` is a vector, and `y.backward()` raises an error. What is the derivative of a vector, and what is the `v` in `y.backward(v)`?** The answer is a matrix, the Jacobian, which PyTorch multiplies by a vector and never writes down.

After this lesson you can

- read the two errors that a vector output raises, and fix them with `sum()`, `mean()` or a `v` of your own choice;
- see `y.backward(v)` as the rows of the Jacobian, weighted by $v$ and added up;
- tell a VJP from a JVP, get the full Jacobian when you need it, and say what each of them costs.

*About 60 minutes: 20 to read and try, 40 for the exercises. You need lesson 02: leaves, `backward`, `.grad`; and lesson 03 for the dot product.*
"""

# %% [markdown] lang="zh"
r"""
# 04 · 对向量求导

**`y`是一个向量，`y.backward()`却报错了。向量的导数是什么？`y.backward(v)`里的`v`又是什么**？向量的导数是一个矩阵，叫作雅可比矩阵。PyTorch用一个向量去乘这个矩阵，但从不把整个矩阵写出来。

学完本课，你将能够

- 读懂向量输出引起的两条报错，并用`sum()`、`mean()`或自己选的`v`来解决；
- 把`y.backward(v)`看成雅可比矩阵的各行以$v$加权后相加；
- 分清VJP与JVP，在需要时求出整个雅可比矩阵，并说出各自的代价。

约60分钟，其中阅读和操作20分钟，练习40分钟。预备知识有第02课中的叶子、`backward`与`.grad`，以及第03课中的点积。
"""

# %%
import torch
from helpers import check, explore, hint, language, predict, progress
from torch.func import grad, jacfwd, jacrev, jvp, vmap

language.use("en")

# %% [markdown] lang="en"
r"""
The names of this lesson: `x` is the input, a vector `(n,)`; `y` the output, a vector `(m,)`; `v` holds the weights of the outputs, `(m,)`; `u` is a direction among the inputs, `(n,)`; `J` is the Jacobian, `(m, n)`.

## 1. Two errors, in order

Many first attempts set the gradient to zero, square, and run backward. Here is what the first of these lines does:
"""

# %% [markdown] lang="zh"
r"""
本课用到的名字有`x`（输入，形状为`(n,)`的向量）、`y`（输出，形状为`(m,)`的向量）、`v`（各个输出的权重，形状为`(m,)`）、`u`（输入空间里的一个方向，形状为`(n,)`）和`J`（雅可比矩阵（Jacobian），形状为`(m, n)`）。

## 1. 先后两条报错

初学时常常这样写，先把梯度清零，再求平方，然后做反向传播。先看第一行的结果。
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
This is an `AttributeError` of plain Python: before the first backward `x.grad` is `None`, and `None` has no method `zero_`. There is nothing to clear yet. Write `x.grad = None` instead, which is right at any time. Now the line that runs backward:
"""

# %% [markdown] lang="zh"
r"""
这是Python本身的`AttributeError`。在第一次反向传播之前，`x.grad`是`None`，而`None`没有`zero_`方法，这时还没有可以清零的张量。改写成`x.grad = None`，任何时候都正确。接着看反向传播那一行。
"""

# %%
x.grad = None
y = x * x
print(y)
print(answer_of(lambda: y.backward()))

# %% [markdown] lang="en"
r"""
Read the message piece by piece: *grad* is the number backward begins with; it *can be implicitly created*, as a 1, *only for scalar outputs*. In lesson 02 it was $\partial L / \partial L = 1$. Here there are four outputs, and PyTorch cannot know how much each of them counts.

What, then, is a scalar?
"""

# %% [markdown] lang="zh"
r"""
这条报错要逐段来读。*grad*是反向传播开始时的梯度，*can be implicitly created*（可以自动创建），这时取1，但*only for scalar outputs*（只限于标量输出）。在第02课里，它就是$\partial L / \partial L = 1$。这里有四个输出，各占多大权重，PyTorch无从知道。

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

## 2. The derivative of a vector: the Jacobian

A scalar has one derivative with respect to each $x_j$; together they are the gradient, in the shape of $x$. A vector has one with respect to each $x_j$ **for every output**. These numbers form a matrix, the **Jacobian**, with a row for each output and a column for each input:

$$J_{ij} = \frac{\partial y_i}{\partial x_j}.$$

For $y_i = x_i^2$ each output depends on its own input only, so everything off the diagonal is 0:
"""

# %% [markdown] lang="zh"
r"""
“标量”是指**只有一个元素**，形状不限。这里得到的是$x_3^2$一个输出的梯度，形状与`x`相同。

## 2. 向量的导数：雅可比矩阵

标量对每个$x_j$有一个偏导数，合起来就是梯度，形状与$x$相同。向量则是**每个输出**对每个$x_j$都有一个偏导数。这些偏导数排成一个矩阵，叫作**雅可比矩阵**，每个输出占一行，每个输入占一列：

$$J_{ij} = \frac{\partial y_i}{\partial x_j}.$$

对于$y_i = x_i^2$，每个输出只依赖与它对应的一个输入，所以对角线以外全是0。
"""


# %%
def square(x):
    return x * x


torch.autograd.functional.jacobian(square, torch.arange(4.0))

# %% [markdown] lang="en"
r"""
The diagonal holds $2x_i$. This matrix is small. But how many numbers are there in the Jacobian for a thousand elements, and how many of them are not 0?
"""

# %% [markdown] lang="zh"
r"""
对角线上就是$2x_i$。四行四列的矩阵并不大。如果换成一千个元素，雅可比矩阵里有多少个数？其中又有多少个不为0？
"""

# %%
J = torch.autograd.functional.jacobian(square, torch.ones(1000))
J.numel(), J.count_nonzero().item()

# %% [markdown] lang="en"
r"""
That is why `backward` never returns a matrix. A network has millions of inputs, its weights, and in the end one number, the loss. For **many to one** the Jacobian is a single row, and reverse mode gets that row in one pass. For a vector output you only have to decide how the outputs are combined into one number.

## 3. First way: make it a scalar
"""

# %% [markdown] lang="zh"
r"""
所以`backward`从不返回矩阵。网络的输入，也就是权重，有几百万个，最后得到的只是损失一个数。在这种**多对一**的情形下，雅可比矩阵只有一行，反向模式只用一次反向传播就能求出。如果输出是向量，就要由你来决定怎样把各个输出合成一个数。

## 3. 第一种办法，先化为标量
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
The sum counts each output with weight 1, the mean with $1/n$. Both gradients have the same direction, but with the mean the length of a step no longer depends on the number of samples. That is why losses are averaged.

## 4. Second way: say how much each output counts

`y.backward(v)` takes the weights directly:
"""

# %% [markdown] lang="zh"
r"""
求和时每个输出的权重是1，取均值时是$1/n$。两个梯度的方向相同，但取均值之后，步长不再随样本个数变化，所以损失通常取均值。

## 4. 第二种办法，给每个输出一个权重

`y.backward(v)`直接接受权重。
"""

# %%
weights = ([1.0, 1.0, 1.0, 1.0], [0.1, 1.0, 10.0, 100.0], [1.0, 0.1, 0.01, 0.001])
for v in weights:
    print(v, gradient(lambda x, v=v: square(x).backward(torch.tensor(v)), at))

# %% [markdown] lang="en"
r"""
Ones give the same as `sum()`. Other weights multiply the derivative of each output: 100 times 6 is 600. The chain rule explains it. Let the scalar $L = v^\top y = \sum_i v_i y_i$ follow $y$; then $\partial L / \partial y_i = v_i$ is exactly what arrives at $y$, and

$$\frac{\partial L}{\partial x_j} = \sum_i v_i \frac{\partial y_i}{\partial x_j} = (v^\top J)_j.$$

And with a $v$ of another length?
"""

# %% [markdown] lang="zh"
r"""
全1的结果与`sum()`相同。换成别的权重，就给每个输出的导数乘上一个数，例如100乘以6得600。这可以用链式法则来解释。在$y$之后再计算标量$L = v^\top y = \sum_i v_i y_i$，那么传到$y$的梯度正是$\partial L / \partial y_i = v_i$，于是

$$\frac{\partial L}{\partial x_j} = \sum_i v_i \frac{\partial y_i}{\partial x_j} = (v^\top J)_j.$$

如果$v$的长度不同呢？
"""

# %%
print(answer_of(lambda: gradient(lambda x: square(x).backward(torch.ones(3)), at)))

# %% [markdown] lang="en"
r"""
`grad_output[0]` in the message is your $v$ with 3 elements, `output[0]` is $y$ with 4. So far $J$ was square, with as many inputs as outputs.

## 5. Rows that light up

Now take two inputs and three outputs. First decide which shape fits:
"""

# %% [markdown] lang="zh"
r"""
报错里的`grad_output[0]`是你给的$v$，有3个元素，`output[0]`是$y$，有4个元素。到目前为止，$J$都是方阵，输入与输出一样多。

## 5. 按权重亮起的行

现在取两个输入、三个输出。先想一想权重应当是什么形状。
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
$v$ has the shape **of the output**, (3,): one weight for each. Check the rows by hand: $\nabla(x_0 x_1) = (x_1, x_0) = (2, 1)$, $\nabla x_0^2 = (2x_0, 0) = (2, 0)$, and $\nabla(x_1 + 3x_0) = (3, 1)$. Now weight them:
"""

# %% [markdown] lang="zh"
r"""
$v$的形状与**输出**相同，是(3,)，每个输出一个权重。可以亲手验算各行，$\nabla(x_0 x_1) = (x_1, x_0) = (2, 1)$，$\nabla x_0^2 = (2x_0, 0) = (2, 0)$，$\nabla(x_1 + 3x_0) = (3, 1)$。现在给各行加权。
"""

# %%
predict("04.p4")

# %%
v = torch.tensor([1.0, 10.0, 100.0])
gradient(lambda x: outputs(x).backward(v), at), v @ jacrev(outputs)(torch.tensor(at))

# %% [markdown] lang="en"
r"""
$1 \cdot (2, 1) + 10 \cdot (2, 0)$ $+\,100 \cdot (3, 1)$ $= (322, 101)$. Move the sliders of `v` below: a row lights up with its weight, and the sum below the matrix is what `backward(v)` really gave. Then set all but one element of `v` to 0. Finally move `x`: which rows change, and which never do?
"""

# %% [markdown] lang="zh"
r"""
$1 \cdot (2, 1) + 10 \cdot (2, 0)$ $+\,100 \cdot (3, 1)$ $= (322, 101)$。拖动下面`v`的滑块，权重越大的行越亮，矩阵下方的和就是`backward(v)`真正给出的梯度。然后让`v`只有一个元素不为0，其余都设为0。最后拖动`x`的滑块，看哪些行会变，哪些行始终不变。
"""

# %%
explore(outputs, x=[1.0, 2.0], gradient={"v": [1.0, 10.0, 100.0]})

# %% [markdown] lang="en"
r"""
The last row stays $(3, 1)$, since that output is linear. And with $v = (0, 1, 0)$ the gradient **is** the middle row. This suggests a method.

## 6. The whole matrix, row by row

One backward pass with a **one-hot** $v$ gives one row. The graph is needed again for the next row, hence `retain_graph=True`; and `torch.autograd.grad` returns the gradient instead of adding it to `.grad`.
"""

# %% [markdown] lang="zh"
r"""
最后一行始终是$(3, 1)$，因为对应的输出是线性的。取$v = (0, 1, 0)$时，梯度**就是**中间那一行。由此可以得到一种求雅可比矩阵的方法。

## 6. 逐行求出整个矩阵

用**独热**（one-hot）的$v$做一次反向传播，得到一行。求下一行时还要用到计算图，所以写上`retain_graph=True`。`torch.autograd.grad`直接返回梯度，而不是累加到`.grad`里。
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
`torch.autograd.functional.jacobian` and `torch.func.jacrev` do just this, and agree. What happens without `retain_graph`? It is sometimes said that setting `x.grad` to zero is enough:
"""

# %% [markdown] lang="zh"
r"""
`torch.autograd.functional.jacobian`与`torch.func.jacrev`就是这样做的，结果也相同。如果不写`retain_graph`呢？有一种说法认为，只要把`x.grad`清零，就可以再做一次反向传播。
"""

# %%
y = outputs(x)
y.backward(v)
x.grad.zero_()
print(answer_of(lambda: y.backward(v)))

# %% [markdown] lang="en"
r"""
*Trying to backward through the graph a second time*: the first pass freed the values that the nodes had saved. `zero_` clears the gradient but does not restore the graph. Either run the forward pass again, or retain the graph in every pass but the last.

## 7. VJP and JVP

`backward(v)` is often called a "Jacobian-vector product". Look at the shapes: $J$ is $3 \times 2$ and $v$ has 3 elements.
"""

# %% [markdown] lang="zh"
r"""
报错里的*Trying to backward through the graph a second time*（试图沿同一张计算图做第二次反向传播）是说，第一次反向传播已经释放了各节点保存的值。`zero_`只把梯度清零，并不能恢复计算图。可以重新做一次前向传播，也可以在除最后一次以外的每次反向传播中都保留计算图。

## 7. VJP与JVP

`backward(v)`常被叫作“雅可比-向量积”（Jacobian-vector product，JVP）。不过从形状来看，$J$是$3 \times 2$的矩阵，而$v$有3个元素。
"""

# %%
print(answer_of(lambda: J @ v))
print(v @ J, J.T @ v)

# %% [markdown] lang="en"
r"""
$J v$ does not even exist. What backward computes is $v^\top J$, the **vector-Jacobian product (VJP)**; as a column the same numbers are $J^\top v$. The **Jacobian-vector product (JVP)** $J u$ is different. Here $u$ is a direction among the *inputs*, and $J u$ tells how the outputs change along that direction. It belongs to forward mode:
"""

# %% [markdown] lang="zh"
r"""
$J v$的形状不匹配，无法计算。反向传播算的是$v^\top J$，即**向量-雅可比积**（vector-Jacobian product，VJP），写成列向量就是$J^\top v$。**雅可比-向量积**$J u$则不同，$u$是**输入**空间里的一个方向，$J u$表示沿这个方向移动时输出怎样变化。它属于前向模式（forward mode）。
"""

# %%
u = torch.tensor([1.0, 10.0])
value, change = jvp(outputs, (x.detach(),), (u,))
change, J @ u

# %% [markdown] lang="en"
r"""
Is it really how the outputs change? Take a small step along $u$, in float64:
"""

# %% [markdown] lang="zh"
r"""
这真的是输出的变化吗？沿$u$移动一小步，用float64来检验。
"""

# %%
p, d = x.detach().double(), u.double()
(outputs(p + 1e-6 * d) - outputs(p - 1e-6 * d)) / 2e-6

# %% [markdown] lang="en"
r"""
Both modes give the full matrix. Reverse mode computes it row by row, with a pass for each **output**; forward mode column by column, with a pass for each **input**:
"""

# %% [markdown] lang="zh"
r"""
两种模式都能求出整个矩阵。反向模式逐行计算，每个**输出**要做一次反向传播。前向模式逐列计算，每个**输入**要做一次前向模式的计算。
"""

# %%
columns = [jvp(outputs, (x.detach(),), (e,))[1] for e in torch.eye(2)]
torch.equal(torch.stack(columns, dim=1), J), torch.equal(jacfwd(outputs)(x.detach()), J)


# %% [markdown] lang="en"
r"""
Does it really take a pass for each output? A hook on the last node of $y = Wx$, with $W$ of shape `(m, n)`, counts how often PyTorch's own `jacobian` passes this node:
"""

# %% [markdown] lang="zh"
r"""
真的是每个输出做一次吗？设$y = Wx$，$W$的形状是`(m, n)`。在最后一个节点上注册一个钩子，数一数PyTorch自带的`jacobian`函数会经过这个节点多少次。
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
    print(f"m = {m:3}, n = {n:4}: {backward_passes(m, n):3}")

# %% [markdown] lang="en"
r"""
For one loss with 1000 weights a single backward pass is enough, where forward mode needs one pass for each of the 1000. That is why training uses reverse mode. For a curve of 200 points with 2 parameters it is the other way round, 200 passes against 2: use `jacfwd`.

| | VJP, `backward(v)` | JVP, `jvp` |
|---|---|---|
| computes | $v^\top J$ | $J u$ |
| the vector's shape | of the output | of the input |
| one-hot gives | a row | a column |
| whole $J$ | $m$ passes, `jacrev` | $n$ passes, `jacfwd` |
| cheap when | few outputs | few inputs |

## 8. Independent samples, and samples that affect each other

For a batch, `losses` is a vector with one loss for each sample. Its sum gives **one** gradient for the weights `w`, in which the gradients of the samples are added up. To see each of them, run `grad` for every sample with [`vmap`](https://docs.pytorch.org/docs/stable/generated/torch.func.vmap.html). `in_dims` says which arguments are given for each sample, along dimension 0, and which are the same for all, `None`:
"""

# %% [markdown] lang="zh"
r"""
如果有1000个权重、一个损失，一次反向传播就够了，前向模式则要对1000个权重各计算一次，所以训练时用反向模式。如果用2个参数画一条有200个点的曲线，情形恰好相反，反向模式要200次，前向模式只要2次，应当用`jacfwd`。

| | VJP，`backward(v)` | JVP，`jvp` |
|---|---|---|
| 计算 | $v^\top J$ | $J u$ |
| 向量的形状 | 与输出相同 | 与输入相同 |
| 独热向量给出 | 一行 | 一列 |
| 整个$J$ | $m$次，`jacrev` | $n$次，`jacfwd` |
| 何时代价小 | 输出少 | 输入少 |

## 8. 样本何时互相独立，何时互相影响

对一批样本，`losses`是一个向量，每个样本一个损失。对它求和再反向传播，权重`w`只得到**一个**梯度，即各样本的梯度之和。要得到每个样本的梯度，可以用[`vmap`](https://docs.pytorch.org/docs/stable/generated/torch.func.vmap.html)对每个样本运行`grad`。`in_dims`说明哪些参数沿第0维逐个样本给出，哪些由所有样本共用（`None`）：
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
The three rows are the Jacobian of `losses` with respect to `w`. The sum of the losses adds the rows up, and the gradient of each sample can no longer be seen.

But in section 3, `(x * x).sum()` kept the derivatives apart. There each output has **its own** input: off the diagonal $J$ is 0, so nothing is mixed. This is a property of the function, not of `sum()`. It changes when the samples depend on each other, for instance through their mean:
"""

# %% [markdown] lang="zh"
r"""
这三行就是`losses`对`w`的雅可比矩阵。对损失求和时，各行加在一起，各个样本自己的梯度就看不出来了。

不过在第3节，对`(x * x).sum()`求导，各个导数并没有混在一起。这是因为每个输出只依赖**自己的**输入，$J$在对角线以外是0。可见这是函数的性质，与`sum()`无关。如果让样本之间发生联系，例如减去它们的均值，情形就不同了。
"""


# %%
def centred(x):
    return x - x.mean()


print(gradient(lambda x: centred(x).sum().backward(), [1.0, 2.0, 3.0, 6.0]))
jacrev(centred)(torch.tensor([1.0, 2.0, 3.0, 6.0]))

# %% [markdown] lang="en"
r"""
The derivative of each output with respect to its own input is 0.75, on the diagonal; yet the sum gives zeros, because the $-0.25$ in every column cancel it. [Batch normalization](https://d2l.ai/chapter_convolutional-modern/batch-norm.html) subtracts the mean of a batch, too.

## 9. Pitfall: `d.backward(d)`

For vectors you may also come across `d.backward(d.detach())`, which makes the error go away. But what does it compute? The function here multiplies its input by a number $k$:
"""

# %% [markdown] lang="zh"
r"""
每个输出对自己的输入的导数是对角线上的0.75，但求和的结果全是零，因为每一列里的几个$-0.25$恰好与它抵消。[批量规范化（batch normalization）](https://zh.d2l.ai/chapter_convolutional-modern/batch-norm.html)也要减去一批样本的均值。

## 9. `d.backward(d)`的错误

对向量求导时，还会见到`d.backward(d.detach())`这种写法，它能使报错消失。但它算的究竟是什么？这里的函数把输入乘以一个数$k$。
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
$k$ is 12, and $J = kI$. But `a.grad` holds 144, which is $12 \cdot 12$, the output $d_0$ times $k$: the outputs served as weights. An argument that silences an error is not necessarily the right one. The right weights here are ones:
"""

# %% [markdown] lang="zh"
r"""
$k$是12，$J = kI$。但`a.grad`里是144，也就是$12 \cdot 12$，即输出$d_0$乘以$k$。可见输出的值被当成了权重。能消除报错的参数不一定是正确的参数，这里应当用全1的权重。
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

把每个`...`换成你的答案，再运行下面的检查。没有思路时，可以单击检查结果下方的提示按钮，或运行`hint("04.1")`。
"""

# %% [markdown] lang="en"
r"""
### Exercise 04.1 · One row, one backward ★☆☆ (5 min)

`one_row(A, x, i)` computes $y = A\,(x \odot x)$, in code `A @ (x * x)`, and returns row $i$ of its Jacobian $\partial y / \partial x$, shape `(n,)`. `A` is `(m, n)`, `x` is `(n,)` and does not require grad yet. **One backward pass only.**
"""

# %% [markdown] lang="zh"
r"""
### 练习04.1 · 一次反向传播得一行 ★☆☆（5分钟）

`one_row(A, x, i)`计算$y = A\,(x \odot x)$，代码是`A @ (x * x)`，并返回雅可比矩阵$\partial y / \partial x$的第$i$行，形状为`(n,)`。`A`的形状是`(m, n)`，`x`的形状是`(n,)`，还没有设置`requires_grad`。**只能做一次反向传播**。
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
`y[i]`是标量，反向传播从1开始。也可以用独热的`v`写成`y.backward(v)`，效果相同。
"""

# %% [markdown] lang="en"
r"""
### Exercise 04.2 · The whole Jacobian ★★☆ (8 min)

`full_jacobian(A, x)`: the whole Jacobian of the same $y = A\,(x \odot x)$, shape `(m, n)`, with **one ordinary backward pass for each** of its $m$ rows.
"""

# %% [markdown] lang="zh"
r"""
### 练习04.2 · 整个雅可比矩阵 ★★☆（8分钟）

`full_jacobian(A, x)`返回同一个$y = A\,(x \odot x)$的整个雅可比矩阵，形状为`(m, n)`，**每一行做一次普通的反向传播**，共$m$次。
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
`.backward()` works as well, if every row is copied from `x.grad` before `x.grad` is set to zero, since `x.grad` stays the same tensor.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
也可以用`.backward()`，但清零之前要把`x.grad`中的每一行复制出来，因为`x.grad`始终是同一个张量。
"""

# %% [markdown] lang="en"
r"""
### Exercise 04.3 · The v of a loss ★★☆ (7 min)

Take the outputs of section 5, $y = (x_0 x_1,\; x_0^2,\; x_1 + 3x_0)$ at $x = (1, 2)$, and the loss $L = 3 y_0 - 2 y_1 + \tfrac12 (y_2 - 1)^2$. Find on paper the three elements of the $v$ for which `y.backward(v)` gives the same as `L.backward()`, and the two elements of that gradient.
"""

# %% [markdown] lang="zh"
r"""
### 练习04.3 · 损失对应的v ★★☆（7分钟）

取第5节的输出$y = (x_0 x_1,\; x_0^2,\; x_1 + 3x_0)$，其中$x = (1, 2)$，并定义损失$L = 3 y_0 - 2 y_1 + \tfrac12 (y_2 - 1)^2$。请在纸上求出$v$的三个元素，使`y.backward(v)`与`L.backward()`结果相同，再求出这个梯度的两个元素。
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
$v = \partial L / \partial y = (3, -2, y_2 - 1)$. What `backward` carries through any tensor inside a network is such a $v$, namely `y.grad`. Every node of a graph computes one VJP and nothing else.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
$v = \partial L / \partial y = (3, -2, y_2 - 1)$。`backward`经过网络中任何一个张量时，传递的都是这样一个$v$，也就是`y.grad`。计算图的每个节点所做的就是一次VJP。
"""

# %% [markdown] lang="en"
r"""
### Exercise 04.4 · A JVP from two VJPs ★★★ (12 min)

`jvp_by_vjps(A, x, u)` returns $J u$, shape `(m,)`, for $y = A\,(x \odot x)$ and a direction `u` of shape `(n,)`. It calls `torch.autograd.grad` **twice**, without building $J$ and without forward mode. The idea: $g(v) = J^\top v$ is linear in $v$. What is its own Jacobian? (Keep the graph of the first call with `create_graph=True`.)
"""

# %% [markdown] lang="zh"
r"""
### 练习04.4 · 用两次VJP得到JVP ★★★（12分钟）

`jvp_by_vjps(A, x, u)`返回$J u$，形状为`(m,)`，其中$y = A\,(x \odot x)$，方向`u`的形状是`(n,)`。请调用**两次**`torch.autograd.grad`，不构造$J$，也不用前向模式。思路是$g(v) = J^\top v$对$v$是线性的，那么它的雅可比矩阵是什么？（第一次调用要用`create_graph=True`保留计算图。）
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
The Jacobian of $g$ is $J^\top$, so its VJP with $u$ is $u^\top J^\top = (J u)^\top$. The choice of $v$ does not matter, since $g$ is linear: zeros will do.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
$g$的雅可比矩阵是$J^\top$，所以它与$u$的VJP是$u^\top J^\top = (J u)^\top$。因为$g$是线性的，$v$可以任意选取，取零即可。
"""

# %% [markdown] lang="en"
r"""
### Exercise 04.5 · Five weights, five mistakes ★★☆ (6 min)

Five programs should give the gradient of the sum of $y = x \odot x$, `[0, 2, 4, 6]`. Match what is wrong: `"start"`, backward does not know what to begin with; `"shape"`, $v$ does not have the shape of $y$; `"values"`, $v$ holds the outputs themselves; `"mean"`, every weight is $1/n$; `"twice"`, two gradients were added up.
"""

# %% [markdown] lang="zh"
r"""
### 练习04.5 · 五种权重，五种错误 ★★☆（6分钟）

五个程序本应得到$y = x \odot x$各元素之和的梯度`[0, 2, 4, 6]`。请指出各自的错误。`"start"`表示反向传播没有起始的梯度，`"shape"`表示$v$的形状与$y$不同，`"values"`表示$v$中是输出本身，`"mean"`表示每个权重都是$1/n$，`"twice"`表示两个梯度加在了一起。
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
    print(f"{program.__name__}:", got)

# %%
causes = {"a": ..., "b": ..., "c": ..., "d": ..., "e": ...}

# %%
check("04.5", causes)

# %% tags=["solution"]
{"a": "values", "b": "start", "c": "mean", "d": "shape", "e": "twice"}

# %% [markdown] lang="en" tags=["solution"]
r"""
Divide the result by $2x$ to read off the $v$ that was really used: in `a` it is $y$ itself, in `c` a quarter everywhere, in `e` 2 everywhere.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
把结果除以$2x$，就得到实际所用的$v$。在`a`中它是$y$本身，在`c`中各元素都是四分之一，在`e`中各元素都是2。
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
| `y.backward(v)` | $v^\top J$，即VJP，其中$v$的形状与`y`相同 |
| 独热的`v` | $J$的一行 |
| `jacrev`、`jacfwd` | 整个$J$，逐行或逐列 |
| `torch.func.jvp(f, (x,), (u,))` | $J u$，前向模式 |
| `vmap(grad(loss))` | 每个样本一行 |

下一课是[第05课，用`detach`切断一条路径](05_detach.ipynb)。延伸阅读有PyTorch文档中的[torch.Tensor.backward](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.backward.html)、[torch.func.jvp](https://docs.pytorch.org/docs/stable/generated/torch.func.jvp.html)和[torch.func.jacrev](https://docs.pytorch.org/docs/stable/generated/torch.func.jacrev.html)（英文），以及《动手学深度学习》[自动微分](https://zh.d2l.ai/chapter_preliminaries/autograd.html)中“非标量变量的反向传播”一节（[英文版](https://d2l.ai/chapter_preliminaries/autograd.html)）。
"""

# %% tags=["nbval-ignore-output"]
progress.show()
