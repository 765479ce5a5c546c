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
# 14 · Train it by hand

**A network that reads real handwriting, and PyTorch's autograd has no part in it: can you build everything that learns?** In lesson 08 an engine for numbers took sixty lines. Here it grows to tensors, in six steps that you write yourself, and then it has to prove itself.

After this lesson you can

- write an operation on tensors with its way back, and add it to an engine;
- train a network with your own engine, and show that its gradients are right;
- find a mistake that raises nothing, and ask a network which pixels it looks at.

*About 75 minutes: 28 to read and try, 47 for the exercises. You need lessons 08 and 11.*
"""

# %% [markdown] lang="zh"
r"""
# 14 · 亲手训练

**训练一个能认出真实手写数字的网络，完全不用PyTorch的自动微分，能做到吗**？第08课用六十行写出了一个标量引擎。本课把它扩展到张量，其中的六步由你亲手完成，然后再来检验它。

学完本课，你将能够

- 写出张量上的一个运算及其反向传播，并把它加进引擎；
- 用自己的引擎训练网络，并证明梯度是对的；
- 找出不报错的错误，并弄清网络依据的是哪些像素。

约75分钟，其中阅读和操作28分钟，练习47分钟。预备知识有第08课和第11课。
"""

# %%
import torch
from helpers import accepted_or_worked, check, d2l, explore, hint, language, load_digits, predict, progress, watch
from torch import nn
from torch.nn import functional as F

language.use("en")

# %% [markdown] lang="en"
r"""
The names of this lesson: `Value` is a tensor with a history; `G` is the gradient that arrives at a result, of the result's shape; a VJP is the function that turns `G` into the gradient of one operand. `X` `(n, 64)` are images, one a row, `y` `(n,)` the digits they show, and `Z` `(n, 10)` the logits.

## 1. The task

1797 digits, written by many people and scanned, come with the course: images of 8 by 8 pixels, each from 0 to 1. Of these, 1297 are for training; the other 500, which the network never sees in training, are the **test set**.
"""

# %% [markdown] lang="zh"
r"""
本课用到的`Value`是带有计算图的张量，`G`是传到某个结果处的梯度，与该结果形状相同，而VJP是一个函数，它由`G`求出某个操作数的梯度。`X`（`(n, 64)`）是图像，每行一幅，`y`（`(n,)`）是图像上的数字，`Z`（`(n, 10)`）是未规范化的预测。

## 1. 任务

本课程附带了1797个手写数字，由许多人写成并扫描得到，每幅图像有8×8个像素，取值从0到1。其中1297个用于训练，其余500个网络从未见过，用作**测试集**（test set）。
"""

# %%
images, labels = load_digits()
order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
X_train, y_train = images[order[:1297]], labels[order[:1297]]
X_test, y_test = images[order[1297:]], labels[order[1297:]]
tuple(images.shape), len(X_train), len(X_test)


# %%
def show(pictures, titles, cmap="gray_r", limit=1.0, low=0.0):
    d2l.set_figsize((7, 1.2))
    for i, (picture, title) in enumerate(zip(pictures, titles, strict=True)):
        axes = d2l.plt.subplot(1, len(pictures), i + 1)
        axes.imshow(picture.reshape(8, 8), cmap=cmap, vmin=low, vmax=limit)
        axes.set_title(title, fontsize=9)
        axes.axis("off")
    d2l.plt.show()


show(X_train[:10], y_train[:10].tolist())

# %% [markdown] lang="en"
r"""
## 2. From numbers to tensors

In lesson 08 a value noted each parent with a local derivative, a number. For a matrix product, what would take the place of that number is a Jacobian. How large is it?
"""

# %% [markdown] lang="zh"
r"""
## 2. 从数到张量

在第08课里，一个值为每个父节点记下局部导数，那是一个数。对于矩阵乘积，与这个数相当的是雅可比矩阵。它有多大？
"""

# %%
predict("14.p1")

# %%
A, B = torch.randn(64, 64), torch.randn(64, 32)
jacobian = (A @ B).numel() * A.numel()
print(f"the Jacobian: {jacobian:,} elements, {4 * jacobian / 1e6:.0f} MB")
print(f"the gradient: {A.numel():,} elements")

# %% [markdown] lang="en"
r"""
34 MB for one product of small matrices, nearly all of it zeros, and only to be multiplied by `G` at once. So the engine keeps a **function** beside each parent instead, the VJP of lesson 04: `G` in, the parent's gradient out. Nothing else changes.
"""

# %% [markdown] lang="zh"
r"""
两个小矩阵相乘就要34MB，其中几乎全是0，而且一得到就要与`G`相乘。因此引擎为每个父节点记下的改为一个**函数**，即第04课的VJP，它接收`G`，返回这个父节点的梯度。其余的都不变。
"""


# %%
class Value:
    def __init__(self, data, parents=(), op="leaf"):
        self.data, self.parents, self.op = torch.as_tensor(data), parents, op
        self.grad = torch.zeros_like(self.data)


def operation(op, forward):
    def apply(*operands):
        values = [v if isinstance(v, Value) else Value(v) for v in operands]
        result, *vjps = forward(*(v.data for v in values))
        return Value(result, tuple(zip(values, vjps, strict=True)), op)

    return apply


# %% [markdown] lang="en"
r"""
`operation` makes an operation on `Value`s out of a function on tensors, and that function is what you write: it returns the result, and then one VJP for each operand. A square, for example:
"""

# %% [markdown] lang="zh"
r"""
`operation`由张量上的函数得到`Value`上的运算，而这个函数正是要由你来写的。它先返回结果，再为每个操作数返回一个VJP。例如平方可以这样写。
"""


# %%
def square(a):
    return a * a, lambda G: G * 2 * a


y = operation("square", square)(torch.tensor([1.0, -3.0]))
parent, vjp = y.parents[0]
y.data, vjp(torch.tensor([1.0, 1.0]))

# %% [markdown] lang="en"
r"""
## 3. Four operations

The network needs four: a product, a sum, ReLU and a loss. Write them one after the other. `accepted_or_worked` then takes your function into the engine if it passes its check, and the worked solution otherwise, so the lesson goes on in any case; run that cell again once you have solved the exercise. Stuck? Press the button below the check, or run `hint("14.1")`.
"""

# %% [markdown] lang="zh"
r"""
## 3. 四个运算

这个网络需要四个运算，即乘积、和、ReLU与损失，请依次写出。写好之后，`accepted_or_worked`会把通过检查的函数加进引擎，没有通过时则用参考答案，所以无论如何都能继续学下去。以后解出了练习，再运行一次那个单元格即可。没有思路时，可以单击检查结果下方的提示按钮，或运行`hint("14.1")`。
"""

# %% [markdown] lang="en"
r"""
### Exercise 14.1 · A matrix product and its two VJPs ★★☆ (6 min)

`matmul(A, B)` receives `A` `(n, d)` and `B` `(d, k)` and returns three things: the product, and two functions. Each receives `G` `(n, k)`, the gradient of the product; `to_A` returns that of `A`, `to_B` that of `B`.
"""

# %% [markdown] lang="zh"
r"""
### 练习14.1 · 矩阵乘积与它的两个VJP ★★☆（6分钟）

`matmul(A, B)`接收形状为`(n, d)`的`A`和形状为`(d, k)`的`B`，返回乘积和两个函数。两个函数都接收乘积的梯度`G`（`(n, k)`），`to_A`返回`A`的梯度，`to_B`返回`B`的梯度。
"""


# %%
def matmul(A, B):
    def to_A(G):
        return ...

    def to_B(G):
        return ...

    return A @ B, to_A, to_B


# %%
check("14.1", matmul)


# %% tags=["solution"]
def solved_14_1(A, B):
    return A @ B, lambda G: G @ B.T, lambda G: A.T @ G


A, B = torch.randn(4, 3, requires_grad=True), torch.randn(3, 2, requires_grad=True)
(A @ B).sum().backward()
_, to_A, to_B = solved_14_1(A.detach(), B.detach())
torch.allclose(to_A(torch.ones(4, 2)), A.grad), torch.allclose(to_B(torch.ones(4, 2)), B.grad)

# %% [markdown] lang="en" tags=["solution"]
r"""
Of all products of these matrices only `G @ B.T` has the shape of `A`, and only `A.T @ G` that of `B` (lesson 11). A VJP may be a named function or a `lambda`.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
在这些矩阵的乘积里，形状与`A`相同的只有`G @ B.T`，与`B`相同的只有`A.T @ G`（第11课）。VJP可以写成有名字的函数，也可以写成`lambda`。
"""

# %%
our_matmul = accepted_or_worked("14.1", matmul)
Value.__matmul__ = operation("matmul", our_matmul)
(Value([[1.0, 2.0]]) @ Value([[3.0], [4.0]])).data

# %% [markdown] lang="en"
r"""
### Exercise 14.2 · A sum with broadcasting ★★★ (10 min)

`add(a, b)` returns the sum and two functions. `a` and `b` have any two shapes that broadcasting fits to each other, such as `(n, k)` and `(k,)`, or `(n, 1)` and `(1, k)`. Each function receives `G`, the gradient of the sum and of its shape, and returns the gradient of its own operand, of **that** operand's shape.
"""

# %% [markdown] lang="zh"
r"""
### 练习14.2 · 带广播的和 ★★★（10分钟）

`add(a, b)`返回和，以及两个函数。`a`与`b`的形状可以是广播所允许的任意一对，例如`(n, k)`与`(k,)`，或`(n, 1)`与`(1, k)`。每个函数接收和的梯度`G`（形状与和相同），返回自己那个操作数的梯度，形状与**该操作数**相同。
"""


# %%
def add(a, b):
    def to_a(G):
        return ...

    def to_b(G):
        return ...

    return a + b, to_a, to_b


# %%
check("14.2", add)


# %% tags=["solution"]
def solved_14_2(a, b):
    def to(shape):
        def vjp(G):
            while G.ndim > len(shape):
                G = G.sum(0)
            for axis, size in enumerate(shape):
                if size == 1:
                    G = G.sum(axis, keepdim=True)
            return G

        return vjp

    return a + b, to(a.shape), to(b.shape)


_, to_a, to_b = solved_14_2(torch.zeros(4, 1), torch.zeros(3))
to_a(torch.ones(4, 3)).T, to_b(torch.ones(4, 3))

# %% [markdown] lang="en" tags=["solution"]
r"""
Axes that an operand does not have stand on the left, and are summed away first; axes of size 1 are summed and kept. Both operands go through the same function. `G.sum_to_size(shape)` does all of it in one call.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
操作数没有的轴都在左边，先求和去掉，大小为1的轴求和后保留。两个操作数可以共用同一个函数。`G.sum_to_size(shape)`一次就能全部完成。
"""

# %%
our_add = accepted_or_worked("14.2", add)
Value.__add__ = operation("add", our_add)


def mul(a, b):
    _, to_a, to_b = our_add(a, b)  # the way back through broadcasting is the same | 广播的反向传播是相同的
    return a * b, lambda G: to_a(G * b), lambda G: to_b(G * a)


Value.__mul__ = operation("mul", mul)
(Value([[1.0], [2.0]]) + Value([10.0, 20.0])).data, (Value(3.0) * Value([1.0, 2.0])).data

# %% [markdown] lang="en"
r"""
Products of single elements come with it: each operand's gradient is `G` times the other operand, and broadcasting is undone by what you have just written.
"""

# %% [markdown] lang="zh"
r"""
按元素的乘积也随之而来，每个操作数的梯度是`G`乘以另一个操作数，而广播的处理就用刚写好的函数。
"""

# %% [markdown] lang="en"
r"""
### Exercise 14.3 · ReLU and its indicator ★☆☆ (4 min)

`relu(a)` returns $\max(a, 0)$, element by element, and a function that receives `G` and returns the gradient of `a`. Where an element of `a` is 0, do as PyTorch does.
"""

# %% [markdown] lang="zh"
r"""
### 练习14.3 · ReLU与它的示性函数 ★☆☆（4分钟）

`relu(a)`返回按元素的$\max(a, 0)$和一个函数。这个函数接收`G`，返回`a`的梯度。`a`的元素为0时，与PyTorch的做法一致。
"""


# %%
def relu(a):
    def to_a(G):
        return ...

    return ..., to_a


# %%
check("14.3", relu)


# %% tags=["solution"]
def solved_14_3(a):
    return a.clamp(min=0), lambda G: G * (a > 0)


result, to_a = solved_14_3(torch.tensor([2.0, 0.0, -1.0]))
result, to_a(torch.tensor([-5.0, -5.0, -5.0]))

# %% [markdown] lang="en" tags=["solution"]
r"""
The local derivative is the **indicator** of $a > 0$: 1 where that holds, 0 elsewhere. Negative gradients go through as well as positive ones.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
局部导数是$a > 0$的**示性函数**（indicator），条件成立处为1，其余为0。负的梯度与正的梯度同样可以通过。
"""

# %%
our_relu = accepted_or_worked("14.3", relu)
Value.relu = operation("relu", our_relu)

# %% [markdown] lang="en"
r"""
The loss is the last. Lesson 11 found $p - y$ for its gradient, and saw a formula that overflows when it is written as it reads. Now both ends must hold: the way forward with large logits, and the way back with any `G`.
"""

# %% [markdown] lang="zh"
r"""
最后一个是损失。第11课求出了它的梯度$p - y$，也看到直接按公式来写会上溢。现在前向传播和反向传播都要可靠，前者在预测值很大时不能上溢，后者要适用于任何`G`。
"""

# %% [markdown] lang="en"
r"""
### Exercise 14.4 · Cross-entropy that cannot overflow ★★★ (10 min)

`cross_entropy(Z, y)` receives logits `Z` `(n, k)` and classes `y` `(n,)`. It returns the mean loss, of shape `()`, and one function: `to_Z(G)` receives the gradient of the loss, a scalar, and returns that of `Z`. Logits as large as 300, or as small as −300, must not give nan or infinity. Do not use `F.cross_entropy`.
"""

# %% [markdown] lang="zh"
r"""
### 练习14.4 · 不会上溢的交叉熵 ★★★（10分钟）

`cross_entropy(Z, y)`接收形状为`(n, k)`的未规范化的预测`Z`和形状为`(n,)`的类别`y`，返回平均损失（形状为`()`）和一个函数。`to_Z(G)`接收损失的梯度（标量），返回`Z`的梯度。预测值大到300或小到−300时，也不能得到nan或无穷大。不要用`F.cross_entropy`。
"""


# %%
def cross_entropy(Z, y):
    def to_Z(G):
        return ...

    return ..., to_Z


# %%
check("14.4", cross_entropy)


# %% tags=["solution"]
def solved_14_4(Z, y):
    rows = torch.arange(len(y))
    Z = Z - Z.max(dim=1, keepdim=True).values
    loss = (Z.exp().sum(dim=1).log() - Z[rows, y]).mean()

    def to_Z(G):
        p = Z.exp() / Z.exp().sum(dim=1, keepdim=True)
        p[rows, y] -= 1
        return G * p / len(y)

    return loss, to_Z


loss, to_Z = solved_14_4(torch.tensor([[300.0, 0.0, -300.0]]), torch.tensor([1]))
loss, to_Z(torch.tensor(1.0))

# %% [markdown] lang="en" tags=["solution"]
r"""
The loss does not change when the same number is subtracted from all logits of a row. After the largest is subtracted, no exponential exceeds 1, and their sum is at least 1, so the logarithm is harmless, too.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
一行的预测值都减去同一个数，损失不变。减去最大值之后，各个指数函数值都不超过1，它们的和至少是1，所以取对数也不会出问题。
"""

# %%
our_loss = accepted_or_worked("14.4", cross_entropy)
Value.cross_entropy = lambda Z, y: operation("cross_entropy", lambda data: our_loss(data, y))(Z)
Value([[300.0, 0.0, -300.0]]).cross_entropy(torch.tensor([1])).data

# %% [markdown] lang="en"
r"""
## 4. Backward

Parents first, then from the end to the beginning: the plan of lesson 08 holds unchanged, with `vjp(value.grad)` in place of a product. With tensors one new danger appears. A tensor is shared, not copied: the VJP of a sum may return `G` itself, and then two values hold the very same gradient. What does `+=` do to them? (Lesson 05: it writes in place.)
"""

# %% [markdown] lang="zh"
r"""
## 4. 反向传播

第08课的做法不变，先排出父节点在前的顺序，再从末尾往前处理，只是乘积换成了`vjp(value.grad)`。换成张量之后，有一点要特别小心，就是张量可以共用，不会自动复制。加法的VJP可能原样返回`G`，这样两个值的梯度就是同一个张量。这时`+=`会造成什么后果？（见第05课，它是就地修改。）
"""

# %% [markdown] lang="en"
r"""
### Exercise 14.5 · Backward through tensors ★★★ (10 min)

`backward(root)` receives the last value of a graph, with one element. Each value has `data`, `grad` (zeros at first) and `parents`, a tuple of pairs `(parent, vjp)`. Fill the `grad` of **every** value with the gradient of `root`. A parent may occur several times, and a VJP may return the very tensor that it received. (The check shows a graph as its edges: for each value the number of each parent, and the factor by which its VJP multiplies.)
"""

# %% [markdown] lang="zh"
r"""
### 练习14.5 · 张量的反向传播 ★★★（10分钟）

`backward(root)`接收计算图的最后一个值，它只有一个元素。每个值都有`data`、`grad`（起初全为0）和`parents`，后者是由`(parent, vjp)`对组成的元组。请把`root`的梯度填进**每一个**值的`grad`。同一个父节点可能出现多次，VJP也可能把收到的张量原样返回。（检查结果用edges表示计算图，依次列出每个值的各个父节点的编号，以及VJP要乘上的系数。）
"""


# %%
def backward(root):
    return ...


# %%
check("14.5", backward)


# %% tags=["solution"]
def solved_14_5(root):
    order, seen = [], set()

    def visit(value):
        if value not in seen:
            seen.add(value)
            for parent, _ in value.parents:
                visit(parent)
            order.append(value)

    visit(root)
    root.grad = torch.ones_like(root.data)
    for value in reversed(order):
        for parent, vjp in value.parents:
            parent.grad = parent.grad + vjp(value.grad)


# %% [markdown] lang="en" tags=["solution"]
r"""
`parent.grad + ...` makes a new tensor. `+=` would be right here as well, since `grad` begins as zeros of its own; it goes wrong where the first gradient to arrive is stored as it is, and the second is added into it.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
`parent.grad + ...`会得到新的张量。这里用`+=`也对，因为`grad`一开始就是自己的全0张量。如果把先到的梯度原样存下来，再把后到的加到它上面，那就错了。
"""

# %%
Value.backward = accepted_or_worked("14.5", backward)
a = Value([[1.0], [2.0]])
s = Value([[1.0, 1.0]]) @ ((a + a) * a + a).relu()
s.backward()
s.data, a.grad.T  # 2a² + a, and its derivative 4a + 1 | 2a² + a和它的导数4a + 1

# %% [markdown] lang="en"
r"""
That is the whole engine. `a` is used four times, and all four gradients have been added.

## 5. Is it right?

The network: 64 pixels, 32 hidden units, 10 logits. `logits` is written so that it runs with our values and with PyTorch's tensors alike. One forward and one backward pass, on 64 digits, nothing trained yet:
"""

# %% [markdown] lang="zh"
r"""
整个引擎到此完成。`a`用了四次，四份梯度都加在了一起。

## 5. 结果是否正确

网络由64个像素、32个隐藏单元和10个预测值组成。`logits`的写法既能用于我们的值，也能用于PyTorch的张量。先在64个数字上做一次前向传播和一次反向传播，这时还没有训练。
"""

# %%
predict("14.p2")


# %%
def init(width=32):
    g = torch.Generator().manual_seed(0)
    W1 = torch.randn(64, width, generator=g) * (2 / 64) ** 0.5  # lesson 12 | 第12课
    W2 = torch.randn(width, 10, generator=g) * (2 / width) ** 0.5
    return [Value(W1), Value(torch.zeros(width)), Value(W2), Value(torch.zeros(10))]


def logits(X, W1, b1, W2, b2):
    return (X @ W1 + b1).relu() @ W2 + b2


# %% tags=["nbval-ignore-output"]
def compare(X, y):
    parameters = init()
    loss = logits(Value(X), *parameters).cross_entropy(y)
    loss.backward()
    leaves = [p.data.clone().requires_grad_() for p in parameters]
    F.cross_entropy(logits(X, *leaves), y).backward()
    print(f"loss {loss.data:.4f}, log 10 = {torch.tensor(10.0).log():.4f}")
    print(sum(p.data.numel() for p in parameters), "gradients; norms:\n    ours    PyTorch  largest difference")
    for name, ours, theirs in zip(("W1", "b1", "W2", "b2"), parameters, leaves, strict=True):
        gap = (ours.grad - theirs.grad).abs().max()
        print(f"{name}  {ours.grad.norm():.4f}  {theirs.grad.norm():.4f}   {gap:.0e}", "=" if gap < 1e-6 else "≠")


compare(X_train[:64], y_train[:64])

# %% [markdown] lang="en"
r"""
All 2410 gradients agree with PyTorch's to within $10^{-6}$; what is left is the rounding of float32. The loss is close to $\log 10$, the loss of an answer that gives every digit the probability 1/10.

## 6. See it

The explorer draws your engine as it drew lesson 08's: your values, your `backward`, on eight real digits. `contrast` multiplies all pixels, and the check beside it is a central difference. At contrast 0 all images are white. Which gradient is then exactly 0, and which is not? Raise it slowly, and see which way the loss falls.
"""

# %% [markdown] lang="zh"
r"""
全部2410个梯度与PyTorch的相差都不到$10^{-6}$，剩下的只是float32的舍入误差。损失接近$\log 10$，后者正是给每个数字都预测十分之一的概率时的损失。

## 6. 看一看

与第08课一样，下面的交互图画出的是你的引擎，其中的值是你的`Value`，运行的是你的`backward`，数据是八个真实的数字。`contrast`（对比度）乘在所有像素上，旁边的检验是中心差分。对比度为0时，所有图像都是白的。这时哪个梯度恰好是0，哪个不是？请慢慢调大对比度，看看损失朝哪个方向减小。
"""

# %%
few, few_y = X_train[:8], y_train[:8]
W1, b1, W2, b2 = (p.data for p in init())


def reading_loss(contrast):
    Z = logits(contrast * few, W1, b1, W2, b2)
    return Z.cross_entropy(few_y) if isinstance(Z, Value) else F.cross_entropy(Z, few_y)


explore(reading_loss, engine=Value, contrast=(0.0, 3.0)).set(contrast=1.0)

# %% [markdown] lang="en"
r"""
With white images `W1` gets no gradient, for its gradient is $X^\top G$ with $X = 0$. ReLU hands on zeros, so `W2` gets none either, and at 0 it lets nothing back to `b1`. Only `b2` can learn. Wherever you stop above 0, the last column agrees. At 0 it does not: every hidden unit stands at the corner of ReLU, where your slope, like PyTorch's, is 0, and the central difference finds the mean of the slopes on both sides.

## 7. Train it

One step is left to write.
"""

# %% [markdown] lang="zh"
r"""
图像全白时`W1`没有梯度，因为它的梯度是$X^\top G$，而$X = 0$。ReLU输出的全是0，所以`W2`也没有梯度，而在0处它又不让梯度传回`b1`。只有`b2`还能学习。只要停在大于0的位置，最后一列都相符。在0处则不符，因为每个隐藏单元都恰好位于ReLU的拐点，你写的导数在那里与PyTorch一样取0，而中心差分得到的是左右两侧导数的平均。

## 7. 训练

还剩一步要写。
"""

# %% [markdown] lang="en"
r"""
### Exercise 14.6 · One step of training ★★☆ (7 min)

`train_step(parameters, compute_loss, lr)` does one step of gradient descent. `parameters` is a list of values of our engine, whose `grad` may still hold an earlier pass. `compute_loss()` runs the forward pass and returns the loss, a value with `data` and `backward()`. Change the `data` of every parameter, and return the loss as it was **before** the step, as a number or a tensor of shape `()`.
"""

# %% [markdown] lang="zh"
r"""
### 练习14.6 · 训练的一步 ★★☆（7分钟）

`train_step(parameters, compute_loss, lr)`做一步梯度下降。`parameters`是由我们的引擎的值组成的列表，它们的`grad`里可能还有上一次的梯度。`compute_loss()`运行前向传播并返回损失，它也是一个值，有`data`和`backward()`。请更新每个参数的`data`，并返回**更新之前**的损失（一个数，或形状为`()`的张量）。
"""


# %%
def train_step(parameters, compute_loss, lr):
    return ...


# %%
check("14.6", train_step)


# %% tags=["solution"]
def solved_14_6(parameters, compute_loss, lr):
    for p in parameters:
        p.grad = torch.zeros_like(p.data)
    loss = compute_loss()
    loss.backward()
    for p in parameters:
        p.data = p.data - lr * p.grad
    return loss.data


w = Value(torch.tensor(3.0))
[solved_14_6([w], lambda: w * w, 0.25).item() for _ in range(4)], w.data

# %% [markdown] lang="en" tags=["solution"]
r"""
Zero, forward, backward, step: PyTorch's loop of four lines, with `optimizer.zero_grad()` and `optimizer.step()` written out.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
清零、前向传播、反向传播、更新，这就是PyTorch训练循环的四行，只是把`optimizer.zero_grad()`和`optimizer.step()`展开写了出来。
"""

# %% [markdown] lang="en"
r"""
An **epoch** goes through all training images once, in **minibatches** of 64, and then counts how many digits of the test set are read correctly.
"""

# %% [markdown] lang="zh"
r"""
一个**迭代周期**（epoch）就是把全部训练图像用过一遍，每次取64幅作为一个**小批量**（minibatch），再数一数测试集里认对了多少个。
"""

# %%
our_step = accepted_or_worked("14.6", train_step)


def count_right(parameters):
    Z = logits(Value(X_test), *parameters).data
    return (Z.argmax(dim=1) == y_test).sum().item()


def train(parameters, epochs=20, lr=0.5, step=our_step):
    losses, right = [], [count_right(parameters)]
    for _ in range(epochs):
        for X, y in zip(X_train.split(64), y_train.split(64), strict=True):
            compute_loss = lambda X=X, y=y: logits(Value(X), *parameters).cross_entropy(y)
            losses.append(float(step(parameters, compute_loss, lr)))
        right.append(count_right(parameters))
    return losses, right


# %% tags=["nbval-ignore-output"]
torch.set_num_threads(1)  # for matrices so small one thread is the fastest | 矩阵这么小，单线程最快
parameters = init()
losses, right = train(parameters)
print(f"{len(losses)} steps, loss {losses[0]:.4f} -> {losses[-1]:.4f}")
print(f"right {right[0]} -> {right[-1]} of {len(y_test)}")
d2l.plot(losses, xlabel="step", ylabel="loss", figsize=(5, 2))

# %% tags=["nbval-ignore-output"]
d2l.plot(right, xlabel="epoch", ylabel="right of 500", figsize=(5, 2))

# %% [markdown] lang="en"
r"""
From 61 right, hardly more than chance, to 485 of 500, with nothing but your functions. Most of the progress comes in the first two epochs. And if the zeroing were forgotten?
"""

# %% [markdown] lang="zh"
r"""
认对的数目从61（与随便猜差不多）上升到500个中的485个，用的全是你的函数，而且大部分进步发生在前两个迭代周期。如果忘了清零，会怎样？
"""

# %%
predict("14.p3")


# %% tags=["nbval-ignore-output"]
def forgetful_step(parameters, compute_loss, lr):
    loss = compute_loss()
    loss.backward()
    for p in parameters:
        p.data = p.data - lr * p.grad
    return loss.data


losses, right = train(init(), step=forgetful_step)
print(f"loss {losses[0]:.4f} -> {losses[-1]:.4f}")
print(f"right {right[0]} -> {max(right)} at best -> {right[-1]} of 500")

# %% [markdown] lang="en"
r"""
Only two lines are missing. It learns at first, since the direction is roughly right; then the gradients that have piled up carry it away.

## 8. Pitfall: everything runs, nothing is learnt

In the next engine one line of `add` is written in another way, shorter and plausible: sum over the axes that the operand does not have. It was written like this in a first draft of this lesson.
"""

# %% [markdown] lang="zh"
r"""
只少了两行。起初网络还在学习，因为更新的方向相差不大，后来累加的梯度越来越大，训练就失去了控制。

## 8. 没有报错，却什么也没学会

下面的引擎把`add`里的一行换了一种写法，更短，看起来也合理，即沿操作数没有的那些轴求和。本课的初稿就是这样写的。
"""


# %% tags=["nbval-ignore-output"]
def silent_add(a, b):
    def to(shape):
        return lambda G: G.sum(tuple(range(G.ndim - len(shape))))

    return a + b, to(a.shape), to(b.shape)


Value.__add__ = operation("add", silent_add)
losses, right = train(init(), epochs=5)
print(f"loss {losses[0]:.4f} -> {losses[-1]:.4f}, right {right[0]} -> {right[-1]} of 500")

# %% [markdown] lang="en"
r"""
No error, no warning, and hardly anything is learnt. A smaller learning rate? Other weights? A comparison with PyTorch ends the guessing:
"""

# %% [markdown] lang="zh"
r"""
没有报错，没有警告，却几乎什么也没有学到。是学习率太大，还是权重不好？与PyTorch对照一下，就不必再猜了。
"""

# %% tags=["nbval-ignore-output"]
compare(X_train[:64], y_train[:64])
G = torch.ones(4, 3)
print("over axis 0: ", tuple(G.sum((0,)).shape))
print("over no axis:", tuple(G.sum(()).shape))

# %% [markdown] lang="en"
r"""
Only the gradient of `b2` is right: there an axis did have to be summed, and it passes through no other addition on its way. For an operand that was **not** broadcast the tuple of axes is empty, and in PyTorch `G.sum(())` sums over **all** axes. What comes back is one number instead of a matrix, and since `+` broadcasts, no error is raised. Moreover, it is a special number: each row of $p - y$ adds up to 0, so the layers below receive little more than rounding errors.

The cure is a check that would have found it at once: a gradient has the shape of its value, **always**, so let the engine insist on it.
"""

# %% [markdown] lang="zh"
r"""
只有`b2`的梯度是对的，它恰好需要沿一个轴求和，而且不经过别的加法。如果操作数**没有**经过广播，由轴组成的元组就是空的，而在PyTorch里，`G.sum(())`会对**所有**的轴求和。于是传回的不是矩阵，而是一个数，又因为`+`会自动广播，所以没有任何报错。这个数还很特别，$p - y$的每一行之和都是0，所以前面各层得到的几乎只有舍入误差。

只要加上一项检查，就能立刻发现这个错误。梯度的形状**总是**与它的值相同，应当由引擎来检查这一点。
"""


# %%
def checked(op, forward):
    def strict(vjp, operand):
        def to_operand(G):
            g = vjp(G)
            if g.shape != operand.shape:
                raise ValueError(f"{op}: gradient {tuple(g.shape)} for {tuple(operand.shape)}")
            return g

        return to_operand

    def with_checks(*operands):
        result, *vjps = forward(*operands)
        return result, *map(strict, vjps, operands)

    return operation(op, with_checks)


# %% tags=["nbval-ignore-output"]
Value.__add__ = checked("add", silent_add)
try:
    logits(Value(few), *init()).cross_entropy(few_y).backward()
except ValueError as error:
    print(error)
Value.__add__ = checked("add", our_add)
compare(X_train[:64], y_train[:64])

# %% [markdown] lang="en"
r"""
## 9. What did it misread?

The images are inputs like any other, so the gradient with respect to **them** costs nothing more. Here are the misread digits (what it is → what was read), and below each the gradient of its loss: where it is red, ink raises the loss; where it is blue, ink lowers it.
"""

# %% [markdown] lang="zh"
r"""
## 9. 它认错了哪些

图像与别的输入没有区别，所以求**对图像的**梯度并不需要额外的计算。下面是认错的数字（正确的数字→认成的数字），每个下面是它的损失的梯度。红色处着墨会使损失增大，蓝色处着墨会使损失减小。
"""

# %% tags=["nbval-ignore-output"]
x = Value(X_test)
Z = logits(x, *parameters)
Z.cross_entropy(y_test).backward()
read = Z.data.argmax(dim=1)
misread = (read != y_test).nonzero().flatten()
first = misread[:8]
show(X_test[first], [f"{y_test[i]} → {read[i]}" for i in first])
scale = x.grad[first].abs().max()
show(x.grad[first], ["gradient"] * len(first), "RdBu_r", scale, -scale)
print(len(misread), "of", len(y_test), "misread")

# %% [markdown] lang="en"
r"""
Most of these would puzzle a person as well, at 8 by 8 pixels. The gradients say what the network missed: a blue spot is where a stroke should have been. How much does an image have to change before it is read correctly?
"""

# %% [markdown] lang="zh"
r"""
在8×8的像素下，其中多数连人也难以分辨。梯度说明了缺少的是什么，蓝色的斑点处本来应当有一笔。图像要改变多少，才会被认对？
"""

# %%
predict("14.p4")


# %% tags=["nbval-ignore-output"]
def move_until_right(image, label, parameters, length=0.05):
    moved, steps = image.clone(), 0
    while steps < 200:
        x = Value(moved[None])
        Z = logits(x, *parameters)
        if Z.data.argmax() == label:
            break
        Z.cross_entropy(label[None]).backward()
        moved, steps = moved - length * x.grad[0] / x.grad.norm(), steps + 1
    return moved


moved = torch.stack([move_until_right(X_test[i], y_test[i], parameters) for i in first])
show(moved, [f"now {label}" for label in logits(Value(moved), *parameters).data.argmax(dim=1).tolist()])
shares = (moved - X_test[first]).norm(dim=1) / X_test[first].norm(dim=1)
print("moved by", ", ".join(f"{share:.1%}" for share in shares), "of the image's norm")

# %% [markdown] lang="en"
r"""
The changes can hardly be seen, and yet all of them are now read correctly. The same works in the other direction: a change that no eye notices turns a right answer into a wrong one. Such **adversarial** images are made with nothing but the gradient with respect to the input, and they are a reason not to trust a network further than its test.

## 10. The same network as `nn.Module`

From the same weights, with the same minibatches, and this time with PyTorch's autograd and an optimizer, under `watch`. Your loss is computed beside it at each step:
"""

# %% [markdown] lang="zh"
r"""
变化几乎看不出来，但现在全都认对了。反过来也一样，人眼察觉不到的改变就能使正确的答案变成错误的。这样的**对抗样本**（adversarial example）只用对输入的梯度就能造出来，它们提醒我们，对网络的信任不要超出测试所及的范围。

## 10. 同一个网络写成`nn.Module`

从同样的权重出发，用同样的小批量，这一次用PyTorch的自动微分和优化器来训练，放在`watch`里观察。每一步都同时用你的引擎计算损失。
"""

# %%
mine = init()
model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
with torch.no_grad():
    for theirs, ours in zip(model.parameters(), mine, strict=True):
        # nn.Linear keeps its weight transposed | nn.Linear存储的是转置后的权重
        theirs.copy_(ours.data.T if ours.data.ndim == 2 else ours.data)

# %% tags=["nbval-ignore-output"]
optimizer, gaps = torch.optim.SGD(model.parameters(), lr=0.5), []
with watch(model) as run:
    for X, y in zip(X_train.split(64) * 3, y_train.split(64) * 3, strict=True):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(X), y)
        loss.backward()
        optimizer.step()
        run.step(loss)
        my_loss = our_step(mine, lambda X=X, y=y: logits(Value(X), *mine).cross_entropy(y), lr=0.5)
        gaps.append(abs(float(my_loss) - loss.item()))
run

# %% tags=["nbval-ignore-output"]
right = (model(X_test).argmax(dim=1) == y_test).sum().item()
print(f"steps {len(gaps)}, largest difference of the losses {max(gaps):.0e}")
print(f"right: PyTorch {right}, your engine {count_right(mine)} of 500")

# %% [markdown] lang="en"
r"""
The losses agree at every step, but for rounding. PyTorch's engine is faster, knows hundreds of operations, runs on other devices and differentiates twice. What it does is what you have written.

## Recap

| | |
|---|---|
| a value | a tensor, and for each parent a VJP: `G` in, the parent's gradient out |
| product, sum | `G @ B.T`, `A.T @ G`; what broadcasting copied is summed |
| ReLU, cross-entropy | `G` times an indicator; $(p - y)/n$, after the largest logit is subtracted |
| backward | parents first, from the end, add into a new tensor |
| a step | zero, forward, backward, move |
| proof | every gradient against an independent one; shapes insisted on |
| the input's gradient | what the network looks at, and how to deceive it |

## Where you stand, and where to go

You began with two numbers and a nudge. Now you can read a graph, run it backward by hand, say where gradients are stored, cut and lost, and build the machine itself.

| if you want to | go to |
|---|---|
| know the engine in depth | [Autograd mechanics](https://docs.pytorch.org/docs/stable/notes/autograd.html), [Extending PyTorch](https://docs.pytorch.org/docs/stable/notes/extending.html) |
| see a network rebuilt with PyTorch's tools, step by step | [What is `torch.nn` really?](https://docs.pytorch.org/tutorials/beginner/nn_tutorial.html) |
| go on with the book | [Multilayer perceptrons](https://d2l.ai/chapter_multilayer-perceptrons/mlp-implementation.html), then [Convolutional neural networks](https://d2l.ai/chapter_convolutional-neural-networks/lenet.html) |
| go further with derivatives | lesson 10: custom functions, forward mode, `torch.func` |

Three ideas to try with your engine: a third layer; momentum; a convolution as one more operation. Each has to pass the comparison of section 5. The table below shows what you have solved in the whole course, and what is still waiting.
"""

# %% [markdown] lang="zh"
r"""
每一步的损失都相同，只差舍入误差。PyTorch的引擎更快，有几百种运算，能在别的设备上运行，还能求高阶导数，但它做的正是你所写的这些。

## 小结

| | |
|---|---|
| 一个值 | 张量，以及每个父节点的VJP，由`G`求出父节点的梯度 |
| 乘积、和 | `G @ B.T`、`A.T @ G`，广播所复制的要加起来 |
| ReLU、交叉熵 | `G`乘以示性函数；先减去最大的预测值，梯度是$(p - y)/n$ |
| 反向传播 | 父节点在前，从末尾开始，相加时新建张量 |
| 一步 | 清零，前向传播，反向传播，更新 |
| 证明 | 每个梯度都与独立算出的结果对照，并检查形状 |
| 对输入的梯度 | 网络依据的是哪些像素，以及怎样使它认错 |

## 学到了哪里，还可以去哪里

你从两个数和一次轻推开始。现在你能读懂计算图，能亲手做反向传播，能说出梯度存在哪里、在哪里被切断、在哪里丢失，还能把引擎本身写出来。

| 如果你想 | 可以看 |
|---|---|
| 深入了解引擎 | PyTorch文档中的[自动微分机制](https://docs.pytorch.org/docs/stable/notes/autograd.html)和[扩展PyTorch](https://docs.pytorch.org/docs/stable/notes/extending.html)（英文） |
| 一步步用PyTorch的工具重写一个网络 | [torch.nn到底是什么](https://docs.pytorch.org/tutorials/beginner/nn_tutorial.html)（英文） |
| 继续读《动手学深度学习》 | [多层感知机的从零开始实现](https://zh.d2l.ai/chapter_multilayer-perceptrons/mlp-scratch.html)，然后是[卷积神经网络](https://zh.d2l.ai/chapter_convolutional-neural-networks/lenet.html) |
| 继续研究导数 | 第10课的自定义函数、前向模式和`torch.func` |

不妨用你的引擎再试三件事，即加上第三层，加上动量（momentum），把卷积（convolution）写成又一个运算。每一件都要通过第5节的对照。下表列出了整个课程里你已经解出的练习和还没有做的练习。
"""

# %% tags=["nbval-ignore-output"]
progress.show()
