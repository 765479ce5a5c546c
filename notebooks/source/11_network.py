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
# 11 · Through a network

**A network has matrices of weights, and a whole batch runs through it at once. How does one number, the loss, determine which way each of these weights should move?** Layer by layer, with two matrix products in each; and the gradient at the very end is the simplest of all.

After this lesson you can

- write the backward pass of a linear layer, and find it from the shapes alone;
- derive the gradient of softmax with cross-entropy, and say why PyTorch computes the two in one operation;
- compute all gradients of a network by hand, find them again in an `nn.Module`, and follow them while it learns.

*About 65 minutes: 25 to read and try, 40 for the exercises. You need lessons 02 and 04: the computational graph, and backward from a vector.*
"""

# %% [markdown] lang="zh"
r"""
# 11 · 穿过一个网络

**网络里有许多权重矩阵，整批样本一次通过。损失只是一个数，怎样由它得出每个权重应当怎样变化**？办法是一层一层地往回传，每层只做两次矩阵乘法，而最末端的梯度形式最为简单。

学完本课，你将能够

- 写出线性层的反向传播，并且只凭形状就能推出它；
- 推导softmax与交叉熵的梯度，说明PyTorch为什么把二者合成一个运算；
- 手工算出网络的所有梯度，在`nn.Module`里找到它们，并在训练过程中跟踪它们的变化。

约65分钟，其中阅读和操作25分钟，练习40分钟。预备知识有第02课（计算图）和第04课（对向量求导）。
"""

# %%
import torch
from helpers import check, explore, hint, language, predict, progress, record, watch
from torch import nn
from torch.nn import functional as F

language.use("en")

# %% [markdown] lang="en"
r"""
The names of this lesson: `X` `(n, d)` is a batch of $n$ examples, one in each row; `W` `(d, k)` and `b` `(k,)` are the weights and the bias of a layer, `Y` `(n, k)` is its output, and `G` `(n, k)` the gradient $\partial L/\partial Y$ that arrives at its output. `z` or `Z` are the logits of a classifier, `p` the probabilities, `y` `(n,)` the right classes.

## 1. One layer, three gradients

A linear layer computes $Y = XW + b$. The operations after it turn $Y$ into a loss $L$ and send back $G$. The layer has to compute three gradients: those of $X$, $W$ and $b$. Each has the shape of its tensor, and that nearly settles the matter.
"""

# %% [markdown] lang="zh"
r"""
在本课用到的名字中，`X`的形状是`(n, d)`，表示一批共$n$个样本，每行一个。`W`（`(d, k)`）和`b`（`(k,)`）是一层的权重与偏置，`Y`（`(n, k)`）是这一层的输出，`G`（`(n, k)`）是到达输出的梯度$\partial L/\partial Y$。`z`或`Z`是分类器的**未规范化的预测**（logit），`p`是概率，`y`（`(n,)`）是正确的类别。

## 1. 一层，三个梯度

线性层计算$Y = XW + b$，后面的运算由$Y$得到损失$L$，再把$G$传回来。这一层要给出三个梯度，分别对应$X$、$W$和$b$。每个梯度都与对应的张量形状相同，仅凭这一点，答案就几乎确定了。
"""

# %%
predict("11.p1")

# %%
torch.manual_seed(0)
X = torch.randn(5, 3, requires_grad=True)
W = torch.randn(3, 2, requires_grad=True)
b = torch.randn(2, requires_grad=True)
G = torch.randn(5, 2)
(X @ W + b).backward(G)
candidates = {"X.T @ G": X.T @ G, "G.T @ X": G.T @ X, "G @ W.T": G @ W.T, "G.sum(0)": G.sum(0)}
for name, product in candidates.items():
    fits = [leaf for leaf, t in (("X", X), ("W", W), ("b", b)) if product.shape == t.shape]
    same = [leaf for leaf, t in (("X", X), ("W", W), ("b", b)) if leaf in fits and torch.allclose(product, t.grad)]
    print(f"{name:8} {tuple(product.shape)!s:6} shape {fits}, gradient {same}")

# %% [markdown] lang="en"
r"""
Of all products of two of these matrices, only one has the shape of $W$, and it is the gradient of $W$:

$$\frac{\partial L}{\partial W} = X^\top G, \quad \frac{\partial L}{\partial X} = G W^\top, \quad \frac{\partial L}{\partial b_j} = \sum_i G_{ij}.$$

The last one adds up the rows of $G$. The same with numbers that can be checked without paper; `G` is all ones, so every output has the same weight:
"""

# %% [markdown] lang="zh"
r"""
这些矩阵两两相乘，乘积中形状与$W$相同的只有一个，它正是$W$的梯度。三个公式依次是

$$\frac{\partial L}{\partial W} = X^\top G, \quad \frac{\partial L}{\partial X} = G W^\top, \quad \frac{\partial L}{\partial b_j} = \sum_i G_{ij}.$$

最后一个就是$G$的各行之和。下面换成可以心算的数，`G`的元素全为1，即每个输出的权重都相同。
"""

# %%
X = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
W = torch.tensor([[1.0, -1.0], [0.5, 2.0]], requires_grad=True)
b = torch.zeros(2, requires_grad=True)
G = torch.ones(2, 2)
(X @ W + b).backward(G)
W.grad, X.grad, b.grad

# %% [markdown] lang="en"
r"""
The first row of `W.grad` is $1 + 3 = 4$ twice, the second $2 + 4 = 6$: the columns of $X$, added up. Each row of `X.grad` holds the sums of $W$'s rows, $1 - 1 = 0$ and $0.5 + 2 = 2.5$. And `b.grad` is 2, since both rows contribute 1.

## 2. The derivation: write out the sums

$$Y_{ij} = \sum_l X_{il} W_{lj} + b_j.$$

The weight $W_{lj}$ occurs in column $j$ of $Y$, in every row $i$, each time with the factor $X_{il}$. So

$$\begin{aligned} \frac{\partial L}{\partial W_{lj}} &= \sum_i \frac{\partial L}{\partial Y_{ij}} \frac{\partial Y_{ij}}{\partial W_{lj}} \\ &= \sum_i X_{il} G_{ij} = (X^\top G)_{lj}. \end{aligned}$$

In the same way $X_{il}$ occurs in row $i$, in every column $j$, which gives $\sum_j G_{ij} W_{lj} = (G W^\top)_{il}$; and $b_j$ occurs in every row, which gives $\sum_i G_{ij}$. The rule behind the last one holds for every broadcast: **what forward copies, backward adds up.**

The sum over $i$ says something more: each example contributes one **outer product**, its input times its own gradient:
"""

# %% [markdown] lang="zh"
r"""
`W.grad`第一行的两个数都是$1 + 3 = 4$，第二行都是$2 + 4 = 6$，它们是$X$各列之和。`X.grad`的每一行都是$W$的各行之和，即$1 - 1 = 0$与$0.5 + 2 = 2.5$。`b.grad`是2，因为两行各贡献1。

## 2. 用求和式推导

$$Y_{ij} = \sum_l X_{il} W_{lj} + b_j.$$

权重$W_{lj}$出现在$Y$的第$j$列的每一行$i$，系数是$X_{il}$。因此

$$\begin{aligned} \frac{\partial L}{\partial W_{lj}} &= \sum_i \frac{\partial L}{\partial Y_{ij}} \frac{\partial Y_{ij}}{\partial W_{lj}} \\ &= \sum_i X_{il} G_{ij} = (X^\top G)_{lj}. \end{aligned}$$

同样，$X_{il}$出现在第$i$行的每一列$j$，于是得到$\sum_j G_{ij} W_{lj} = (G W^\top)_{il}$。$b_j$则出现在每一行，于是得到$\sum_i G_{ij}$。最后这条规则对所有的广播都成立，也就是说，**前向传播中的复制，在反向传播中就是求和**。

对$i$的求和还说明了一件事。每个样本贡献一个**外积**（outer product），即它的输入乘以它自己的梯度。
"""

# %%
parts = [torch.outer(x, g) for x, g in zip(X.detach(), G, strict=True)]
parts, torch.equal(sum(parts), W.grad)

# %% [markdown] lang="en"
r"""
Now move the sliders. The loss is half the sum of squares of $Y$, so that $G = Y$. Move `W[0, 0]`: the first column of $G$ changes, and with it the first column of the gradient of $W$. The second column does not change, for it belongs to another output: **the columns of $W$ do not affect each other.** Then move `b[1]` and see what changes.
"""

# %% [markdown] lang="zh"
r"""
现在拖动滑块来看。这里的损失是$Y$的平方和的一半，所以$G = Y$。拖动`W[0, 0]`，$G$的第一列会变，$W$的梯度的第一列也随之改变。第二列不变，因为它属于另一个输出，也就是说，**$W$的各列互不影响**。再拖动`b[1]`，看看哪些数发生了变化。
"""


# %%
X_small = X.detach().requires_grad_()


def half_square(W, b):
    Y = X_small @ W + b
    return 0.5 * (Y * Y).sum()


explore(half_square, W=[[1.0, -1.0], [0.5, 2.0]], b=[0.0, 0.0])

# %% [markdown] lang="en"
r"""
`nn.Linear` computes the same, with one difference that is surprising at first: it stores its weight transposed, in the shape (outputs, inputs), so the formula for the gradient is transposed as well:
"""

# %% [markdown] lang="zh"
r"""
`nn.Linear`做的是同样的计算，只有一点容易忽略。它存储的是转置后的权重，形状为（输出数, 输入数），所以梯度的公式也要转置。
"""

# %%
batch, arriving = torch.randn(5, 3), torch.randn(5, 2)
linear = nn.Linear(3, 2)
linear(batch).backward(arriving)
tuple(linear.weight.shape), torch.allclose(linear.weight.grad, arriving.T @ batch)

# %% [markdown] lang="en"
r"""
## 3. Where $G$ comes from: softmax and cross-entropy

A classifier gives each class a number, the logits $z$. Softmax turns them into probabilities, and cross-entropy is the negative logarithm of the probability of the right class $c$:

$$\begin{aligned} p_j &= \frac{e^{z_j}}{\sum_i e^{z_i}}, \\ L &= -\log p_c = \log \sum_i e^{z_i} - z_c. \end{aligned}$$
"""

# %% [markdown] lang="zh"
r"""
## 3. $G$从哪里来：softmax与交叉熵

分类器给每个类别一个数，即未规范化的预测$z$。softmax把它们变成概率，**交叉熵**（cross-entropy）则是正确类别$c$的概率的负对数：

$$\begin{aligned} p_j &= \frac{e^{z_j}}{\sum_i e^{z_i}}, \\ L &= -\log p_c = \log \sum_i e^{z_i} - z_c. \end{aligned}$$
"""

# %%
predict("11.p2")

# %%
z = torch.tensor([2.0, 1.0, 0.0], requires_grad=True)
loss = F.cross_entropy(z, torch.tensor(0))
loss.backward()
print("p      ", z.detach().softmax(0))
print("z.grad ", z.grad)
print(f"sum     {z.grad.sum():.4f}")

# %% [markdown] lang="en"
r"""
Compare the two rows: they differ in the first element only, by 1. **The gradient is the probability minus the target**, $p - y$, where the target $y$ is 1 for the right class and 0 elsewhere. The derivation takes one line, from the last form of $L$:

$$\frac{\partial L}{\partial z_j} = \frac{e^{z_j}}{\sum_i e^{z_i}} - [j = c] = p_j - y_j.$$

So gradient descent raises the right logit in proportion to what its probability lacks to 1, and lowers each other logit in proportion to its probability. The elements of the gradient add up to 0. Move the logits, and choose another right class:
"""

# %% [markdown] lang="zh"
r"""
比较这两行，只有第一个元素不同，相差1。**梯度就是概率减去目标**，即$p - y$，其中目标$y$在正确的类别处是1，在别处是0。由$L$的最后一种写法，只用一行就能推出：

$$\frac{\partial L}{\partial z_j} = \frac{e^{z_j}}{\sum_i e^{z_i}} - [j = c] = p_j - y_j.$$

所以梯度下降会增大正确类别的预测值，增大的量与它的概率距离1的差成正比，同时减小其他各个类别的预测值，减小的量与各自的概率成正比。梯度的各元素之和为0。请拖动预测值，再换一个正确的类别。
"""


# %%
def cross_entropy(z, right):
    return z.logsumexp(0) - z[right]


explore(cross_entropy, z=[2.0, 1.0, 0.0], right=range(3)).set(right=0)

# %% [markdown] lang="en"
r"""
The loss of a whole batch is the mean of its losses, so each row of $G$ is $(p - y)/n$. The factor $1/n$ enters only here, and the gradients of all earlier layers contain it.

## 4. Why one operation and not two

The formula could also be computed as it stands: exponentials, a quotient, a logarithm. What does that give for large logits?
"""

# %% [markdown] lang="zh"
r"""
一批样本的损失取平均，所以$G$的每一行都是$(p - y)/n$。系数$1/n$只在这里引入一次，前面各层的梯度都含有这个系数。

## 4. 为什么合成一个运算

也可以按照公式逐步计算，先求指数函数值，再相除，最后取对数。预测值很大时，这样计算会得到什么？
"""

# %%
predict("11.p3")


# %%
def as_it_reads(z, right):
    p = z.exp() / z.exp().sum()
    return -p[right].log()


def two_operations(z, right):
    return -z.softmax(0)[right].log()


def fused(z, right):
    return F.cross_entropy(z, right)


# %%
for numbers in ([2.0, 1.0, 0.0], [0.0, 0.0, 200.0]):
    print(f"z = {numbers}    loss    gradient")
    for form in (as_it_reads, two_operations, fused):
        r = record(form, z=numbers, right=torch.tensor(0))
        grads = "".join(f"{g:8.4f}" for g in r.grads["z"].tolist())
        print(f"{form.__name__:14} {r.output.item():8.4f} {grads}")

# %% [markdown] lang="en"
r"""
For small logits all three agree. At 200 the first overflows: $e^{200}$ is `inf` in float32, so the probability is `1 / inf`, which is 0, and its logarithm is −inf. In backward infinity is multiplied by 0, which gives nan; a nan ruins every weight it reaches. The second avoids the overflow, but it, too, rounds the probability to 0 before it takes the logarithm. The fused operation never forms $p_c$: it works with $\log \sum_i e^{z_i} - z_c$, and its backward uses $p - y$, in which nothing can overflow.

So a network for classification ends in logits, without softmax, and `F.cross_entropy` does the rest.

## 5. Two layers by hand

The data are two half-moons, 200 points of two classes that no straight line separates. A layer of 16 hidden units with ReLU and a second layer are enough. Only one step is new: **ReLU passes the gradient on where its input was positive, and stops it elsewhere.**
"""

# %% [markdown] lang="zh"
r"""
预测值较小时，三种写法结果一致。预测值是200时，第一种写法发生**上溢**（overflow），$e^{200}$在float32里是`inf`，于是概率成为`1 / inf`，即0，其对数是−inf。反向传播时，无穷大乘以0得到nan，而nan到达的权重都会成为nan。第二种写法不会上溢，但概率同样先舍入成0，然后才取对数。合成的运算不计算$p_c$，它用的是$\log \sum_i e^{z_i} - z_c$，反向传播用的是$p - y$，不会发生上溢。

所以分类网络的最后一层应当直接输出未规范化的预测，不加softmax，其余的交给`F.cross_entropy`。

## 5. 手工计算两层网络

数据是两个半月形，共200个点，分属两类，不能用直线分开。用含16个隐藏单元的一层，经过ReLU，再接第二层就足够了。新的内容只有一步，即**ReLU在输入为正处让梯度通过，在其余地方使梯度为0**。
"""


# %%
def two_moons(n, seed=0):
    g = torch.Generator().manual_seed(seed)
    angle = torch.pi * torch.rand(n, generator=g)
    y = torch.arange(n) % 2
    X = torch.stack([torch.cos(angle) + y, (1 - 2 * y) * torch.sin(angle) + 0.5 * y], dim=1)
    return X + 0.1 * torch.randn(n, 2, generator=g), y


def mlp(width=16):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, width), nn.ReLU(), nn.Linear(width, 2))


X, y = two_moons(200)
model = mlp()
model

# %%
W1, b1, W2, b2 = (p.detach().t() for p in model.parameters())  # t() leaves b1 and b2 as they are | t()不改变b1和b2


def forward(X):
    H = X @ W1 + b1  # (n, 16)
    A = H.relu()
    Z = A @ W2 + b2  # (n, 2)
    return H, A, Z


def backward(X, y, H, A, Z):
    dZ = (Z.softmax(1) - F.one_hot(y, 2)) / len(X)
    dW2, db2 = A.T @ dZ, dZ.sum(0)
    dA = dZ @ W2.T
    dH = dA * (H > 0)
    dW1, db1 = X.T @ dH, dH.sum(0)
    return dW1, db1, dW2, db2


# %% [markdown] lang="en"
r"""
These six lines are all: $p - y$, then twice the same pattern for a layer, with ReLU in between. Are these the gradients that autograd finds in the `nn.Module`?
"""

# %% [markdown] lang="zh"
r"""
总共六行，先是$p - y$，然后按同样的方式处理两个层，中间经过ReLU。结果与自动微分在`nn.Module`里求得的梯度相同吗？
"""

# %%
by_hand = backward(X, y, *forward(X))
loss = F.cross_entropy(model(X), y)
loss.backward()
for (name, p), grad in zip(model.named_parameters(), by_hand, strict=True):
    same = torch.allclose(p.grad, grad.t(), atol=1e-6)
    print(f"{name:9}{tuple(p.shape)!s:9}norm {p.grad.norm():.4f}  as by hand: {same}")

# %% [markdown] lang="en"
r"""
All four gradients agree. Autograd has no other method; it only writes the six lines for you.

## 6. The same network in the explorer

The network here is smaller, with three hidden units, and its input is one point $(x_0, x_1)$ whose class you choose. The + of a module opens it, down to its operations. Move the point until a hidden unit becomes negative: it passes 0 forward, and no gradient comes back through it. The contours show the loss at every position of the point.
"""

# %% [markdown] lang="zh"
r"""
四个梯度完全一致。自动微分采用的是同样的方法，只是不必由你写出这六行。

## 6. 用交互图查看同样的网络

下面换成只有三个隐藏单元的小网络，输入是一个点$(x_0, x_1)$，类别由你选择。单击模块框上的+可以展开模块，看到里面的运算。移动这个点，直到某个隐藏单元变为负数。这时它向前传的是0，往回也没有梯度通过。等高线画出了点在各个位置上的损失。
"""

# %%
small = mlp(3)


def loss_at(x0, x1, label):
    return F.cross_entropy(small(torch.stack([x0, x1])[None]), label[None])


ranges = {"x0": (-1.5, 2.5), "x1": (-1.0, 1.5), "label": range(2)}
explore(loss_at, **ranges, direction="right").set(x0=0.0, x1=0.5).plot("x0", "x1")

# %% [markdown] lang="en"
r"""
## 7. One step of an optimizer

A training loop repeats four lines. `zero_grad` sets every `.grad` to `None`, because backward adds ([lesson 02](02_computation_graph.ipynb)); then come the forward pass, the backward pass and the step. Here is one iteration:
"""

# %% [markdown] lang="zh"
r"""
## 7. 优化器的一步

训练循环不断重复四行代码。因为反向传播把梯度累加到`.grad`上（见[第02课](02_computation_graph.ipynb)），所以先用`zero_grad`把每个`.grad`设为`None`，然后依次是前向传播、反向传播和更新。下面看其中的一次迭代。
"""

# %%
optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
optimizer.zero_grad()
print("after zero_grad:", [p.grad for p in model.parameters()])
loss = F.cross_entropy(model(X), y)
loss.backward()
before = [p.detach().clone() for p in model.parameters()]
optimizer.step()
for (name, p), old in zip(model.named_parameters(), before, strict=True):
    print(f"{name:9} moved by {(p - old).norm():.4f}, as lr * grad: {torch.allclose(p, old - 1.0 * p.grad)}")
print(f"loss {loss.item():.4f} -> {F.cross_entropy(model(X), y).item():.4f}")

# %% [markdown] lang="en"
r"""
`step` does not compute any gradient: it reads `.grad` and moves each parameter against it. In one step the loss has fallen from 0.7545 to 0.5867.

## 8. The gradients during training

Now take 200 such steps. Before you look at them, consider where all these gradients come from.
"""

# %% [markdown] lang="zh"
r"""
`step`不计算任何梯度，它只读取`.grad`，把每个参数朝梯度的反方向移动。更新一步之后，损失从0.7545降到0.5867。

## 8. 训练过程中的梯度

接下来更新200步。看结果之前，先想一想这些梯度都是从哪里来的。
"""

# %%
predict("11.p4")


# %% tags=["nbval-ignore-output"]
def sgd(parameters, lr=1.0):
    return torch.optim.SGD(parameters, lr=lr)


torch.set_num_threads(1)  # for matrices so small one thread is the fastest | 矩阵这么小，单线程最快
run = watch(mlp, F.cross_entropy, (X, y), sgd, steps=200, width=(2, 32), lr=(0.01, 3.0))
run

# %% tags=["nbval-ignore-output"]
print("step    loss" + "".join(f"{name:>9}" for name in run.parameter_names))
for each in run.snapshots:
    if each.step in (0, 20, 100, 199):
        print(f"{each.step:4}{each.loss:8.4f}" + "".join(f"{norm:9.4f}" for norm in each.gradients))

# %% [markdown] lang="en"
r"""
Drag the slider below the curve through the steps. The boundary between the classes starts as a straight line and bends to follow the moons. Each row is one parameter, with the norm of its gradient at this step; the table above says the same in numbers.

While the loss falls, the gradients shrink, in every layer: all of them are products that begin with $p - y$, and $p$ comes close to $y$. That is why training slows down near its end, and why a small gradient alone is no sign of trouble. [The next lesson](12_vanishing.ipynb) is about gradients that are small from the start, for another reason.

Now change the settings. With `width` 2, two units cannot bend the boundary enough. With `lr` 0.01 the run is the same, only slower. The button *Open step ... in the explorer* runs any step again, graph and all.

## 9. Pitfall: softmax twice

`F.cross_entropy` contains the softmax. A network that ends in `nn.Softmax` applies it twice. There is no error. Here are logits that are clearly right, and logits that are clearly wrong, for class 0:
"""

# %% [markdown] lang="zh"
r"""
拖动曲线下方的滑块，可以逐步查看训练的过程。两类之间的决策边界起初是一条直线，后来逐渐弯曲，贴合两个半月形。每一行是一个参数，以及它的梯度在这一步的范数，上面的表用数列出了同样的内容。

损失下降的同时，每一层的梯度都在变小。它们都是以$p - y$开头的乘积，而$p$正在接近$y$。所以训练越到后面越慢，单凭梯度小，还不能说明出了问题。[下一课](12_vanishing.ipynb)讲的是另一种情形，梯度从一开始就很小，原因也不同。

现在试着改变选项。`width`取2时，两个单元不足以形成所需的边界。`lr`取0.01时，过程相同，但慢得多。单击“在交互图中打开”，可以把任何一步连同计算图重新运行一次。

## 9. 误用两次softmax

`F.cross_entropy`里已经包含了softmax。如果网络以`nn.Softmax`结尾，softmax就用了两次，而PyTorch并不会报错。下面对类别0各取一组显然正确和一组显然错误的预测值。
"""

# %%
print("                z[0]     loss  gradient of z[0]")
for name, last in (("logits", nn.Identity()), ("softmax twice", nn.Softmax(dim=0))):
    for numbers in ([10.0, 0.0, 0.0], [-10.0, 0.0, 0.0]):
        z = torch.tensor(numbers, requires_grad=True)
        loss = F.cross_entropy(last(z), torch.tensor(0))
        loss.backward()
        print(f"{name:13} {numbers[0]:6} {loss.item():8.4f} {z.grad[0].item():17.5f}")

# %% [markdown] lang="en"
r"""
Look at the second line of each pair, where the prediction is as wrong as it can be. The correct version gives the gradient −1, the largest possible. With softmax twice it is −0.00003, almost nothing, since the first softmax is flat there; and a perfect prediction still has a loss of 0.5515. A loss that starts near the middle and stays there is the sign of this mistake.

## 10. Exercises

Replace every `...` and run the check below it. Stuck? Press the button below the check, or run `hint("11.1")`.
"""

# %% [markdown] lang="zh"
r"""
看每组的第二行，这时的预测完全错误。正确的写法给出的梯度是−1，绝对值最大。softmax用了两次时，梯度只有−0.00003，几乎为零，因为前一个softmax在这里几乎不变化。而且即使预测完全正确，损失仍有0.5515。如果损失从一开始就不大不小，之后也一直不下降，往往就是由于这个错误。

## 10. 练习

把每个`...`换成你的答案，再运行下面的检查。没有思路时，可以单击检查结果下方的提示按钮，或运行`hint("11.1")`。
"""

# %% [markdown] lang="en"
r"""
### Exercise 11.1 · Backward of a layer ★☆☆ (6 min)

Write the backward pass of $Y = XW + b$ by hand: `layer_backward(X, W, G)` receives `X` `(n, d)`, `W` `(d, k)` and the arriving `G` `(n, k)`, and returns the gradients of `W`, `X` and `b`, in this order.
"""

# %% [markdown] lang="zh"
r"""
### 练习11.1 · 一层的反向传播 ★☆☆（6分钟）

请手工写出$Y = XW + b$的反向传播。函数`layer_backward(X, W, G)`接收形状为`(n, d)`的`X`、`(d, k)`的`W`和传来的`(n, k)`的`G`，按`W`、`X`、`b`的顺序返回它们的梯度。
"""


# %%
def layer_backward(X, W, G):
    return ...


# %%
check("11.1", layer_backward)


# %% tags=["solution"]
def solved_11_1(X, W, G):
    return X.T @ G, G @ W.T, G.sum(dim=0)


solved_11_1(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[1.0, -1.0], [0.5, 2.0]]), torch.ones(2, 2))

# %% [markdown] lang="en" tags=["solution"]
r"""
These are the numbers of section 1. For $W$ the sum runs over the examples, so $n$ is the inner dimension of the product; for $X$ it is $k$, the number of outputs.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
结果与第1节的数相同。对$W$要在样本上求和，所以乘积的内侧维度是$n$，对$X$则是输出的个数$k$。
"""

# %% [markdown] lang="en"
r"""
### Exercise 11.2 · Probability minus target ★★☆ (7 min)

`logit_grad(Z, y)` receives logits `Z` `(n, k)` and classes `y` `(n,)`, integers. It returns, by hand, the gradient of `F.cross_entropy(Z, y)` with respect to `Z`, shape `(n, k)`. The loss is the **mean** over the examples.
"""

# %% [markdown] lang="zh"
r"""
### 练习11.2 · 概率减去目标 ★★☆（7分钟）

`logit_grad(Z, y)`接收形状为`(n, k)`的未规范化的预测`Z`和形状为`(n,)`的整数类别`y`。请手工求出`F.cross_entropy(Z, y)`对`Z`的梯度并返回，形状为`(n, k)`。这个损失是各样本的**平均**。
"""


# %%
def logit_grad(Z, y):
    return ...


# %%
check("11.2", logit_grad)


# %% tags=["solution"]
def solved_11_2(Z, y):
    p = torch.softmax(Z, dim=1)
    target = F.one_hot(y, Z.shape[1])
    return (p - target) / len(Z)


solved_11_2(torch.tensor([[2.0, 1.0, 0.0], [0.0, 0.0, 0.0]]), torch.tensor([0, 1]))

# %% [markdown] lang="en" tags=["solution"]
r"""
The first row is half of what section 3 printed, since the mean is over two examples; each row adds up to 0.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
因为在两个样本上取平均，第一行是第3节结果的一半。每一行之和都是0。
"""

# %% [markdown] lang="en"
r"""
### Exercise 11.3 · Through ReLU ★★☆ (6 min)

In the network of the lesson $A = \mathrm{ReLU}(H)$ and $Z = A W_2 + b_2$. `hidden_grad(H, W2, dZ)` returns the gradient of `H`, shape `(n, h)`, by hand. Where an element of `H` is 0, do as PyTorch does.
"""

# %% [markdown] lang="zh"
r"""
### 练习11.3 · 经过ReLU ★★☆（6分钟）

在正文的网络里，$A = \mathrm{ReLU}(H)$，$Z = A W_2 + b_2$。`hidden_grad(H, W2, dZ)`手工求出`H`的梯度并返回，形状为`(n, h)`。`H`的元素为0时，与PyTorch的做法一致。
"""


# %%
def hidden_grad(H, W2, dZ):
    return ...


# %%
check("11.3", hidden_grad)


# %% tags=["solution"]
def solved_11_3(H, W2, dZ):
    dA = dZ @ W2.T
    return dA * (H > 0)


corner = torch.zeros(1, requires_grad=True)
corner.relu().backward()
solved_11_3(torch.tensor([[1.0, 0.0, -1.0]]), torch.ones(3, 1), torch.tensor([[2.0]])), corner.grad

# %% [markdown] lang="en" tags=["solution"]
r"""
The mask depends on the sign of $H$. At the corner itself PyTorch takes the derivative 0, as the last number shows.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
掩码取决于$H$的符号。最后一个数表明，恰好在尖点处，PyTorch取的导数是0。
"""

# %% [markdown] lang="en"
r"""
### Exercise 11.4 · A test that tells ★★☆ (6 min)

A colleague's backward of $Y = XW$ returns `G @ W` for the gradient of `X`. For a square `W` this raises nothing, and her test with `W = torch.tensor([[2.0, 1.0], [1.0, 3.0]])` passes. Write `exposing_input()`: it returns a `W` `(2, 2)` and a `G` `(n, 2)` on which the wrong formula and the right one differ.
"""

# %% [markdown] lang="zh"
r"""
### 练习11.4 · 能发现错误的测试 ★★☆（6分钟）

同事为$Y = XW$写的反向传播，把`G @ W`当作`X`的梯度返回。`W`是方阵时不会报错，同事用`W = torch.tensor([[2.0, 1.0], [1.0, 3.0]])`测试，也通过了。请写出`exposing_input()`，返回形状为`(2, 2)`的`W`和`(n, 2)`的`G`，使错误的公式与正确的公式结果不同。
"""


# %%
def exposing_input():
    return ...


# %%
check("11.4", exposing_input)

# %% tags=["solution"]
for W in (torch.tensor([[2.0, 1.0], [1.0, 3.0]]), torch.tensor([[1.0, 2.0], [3.0, 4.0]])):
    G = torch.tensor([[1.0, 0.0]])
    print((G @ W).tolist(), (G @ W.T).tolist())

# %% [markdown] lang="en" tags=["solution"]
r"""
Her matrix is symmetric, and transposing it changes nothing. For a matrix that is not symmetric the two products differ. A good test uses random numbers and sizes that are all different: then the shapes alone would have exposed the mistake.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
她用的矩阵是对称的，转置之后没有变化。换成不对称的矩阵，两个乘积就不同了。好的测试应当用随机数，并使各个维度的大小互不相同，这样单凭形状就能发现这个错误。
"""

# %% [markdown] lang="en"
r"""
### Exercise 11.5 · Which line? ★★☆ (6 min)

Five times one line of `backward` was written wrong, and the gradients were compared with PyTorch's. Which line is it each time: `dZ`, `dW2`, `dA`, `dH` or `dW1`?

- (a) All four gradients are 200 times too large.
- (b) Only the gradient of `W2` is wrong.
- (c) `W2` and `b2` are right; `W1` and `b1` are wrong, and no unit has a gradient of 0, not even one that is off for every example.
- (d) `RuntimeError: mat1 and mat2 shapes cannot be multiplied (200x2 and 16x2)`.
- (e) Only the gradient of `W1` is wrong: it has the shape `(16, 2)`.
"""

# %% [markdown] lang="zh"
r"""
### 练习11.5 · 错在哪一行 ★★☆（6分钟）

`backward`里的某一行写错了，把得到的梯度与PyTorch的相比，有以下五种情形。每次错的是哪一行：`dZ`、`dW2`、`dA`、`dH`还是`dW1`？

- （a）四个梯度都是应有值的200倍。
- （b）只有`W2`的梯度不对。
- （c）`W2`和`b2`对，`W1`和`b1`不对，而且没有一个单元的梯度是0，连对所有样本都不激活的单元也不是。
- （d）报错为`RuntimeError: mat1 and mat2 shapes cannot be multiplied (200x2 and 16x2)`（mat1与mat2的形状不能相乘）。
- （e）只有`W1`的梯度不对，它的形状是`(16, 2)`。
"""

# %%
lines = {"a": ..., "b": ..., "c": ..., "d": ..., "e": ...}

# %%
check("11.5", lines)

# %% tags=["solution"]
print({"a": "dZ", "b": "dW2", "c": "dH", "d": "dA", "e": "dW1"})
H, A, Z = forward(X)
dZ = (Z.softmax(1) - F.one_hot(y, 2)) / len(X)
try:
    dZ @ W2
except RuntimeError as error:
    print(error)
off = (H > 0).sum(0) == 0
print("units off for every example:", off.sum().item())

# %% [markdown] lang="en" tags=["solution"]
r"""
A mistake affects what is computed from it and nothing else. The factor 200 comes from the missing mean, in the line that all others depend on. In (c) the mask is missing, in (d) the transpose of $W_2$, and in (e) the factors of the product are exchanged.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
一处错误只影响由它算出的结果。200倍是因为忘了取平均，这个错误出现在其余各行都依赖的一行。（c）少了掩码，（d）少了$W_2$的转置，（e）的乘积次序反了。
"""

# %% [markdown] lang="en"
r"""
### Exercise 11.6 · The share of a row ★★★ (9 min)

$Y_{ij} = A_{ij} / S_i$ with $S_i = \sum_j A_{ij}$, in code `A / A.sum(dim=1, keepdim=True)`: each row is divided by its sum. `share_backward(A, G)` returns the gradient of `A` `(n, n)` by hand, where `G` is that of `Y`. `A` is used twice, and `S` is stretched by broadcasting.
"""

# %% [markdown] lang="zh"
r"""
### 练习11.6 · 占一行的比例 ★★★（9分钟）

$Y_{ij} = A_{ij} / S_i$，其中$S_i = \sum_j A_{ij}$，写成代码是`A / A.sum(dim=1, keepdim=True)`，即每一行除以自己的和。`G`是`Y`的梯度，`share_backward(A, G)`手工求出`(n, n)`的`A`的梯度并返回。注意`A`用了两次，而`S`经过了广播。
"""


# %%
def share_backward(A, G):
    return ...


# %%
check("11.6", share_backward)


# %% tags=["solution"]
def solved_11_6(A, G):
    S = A.sum(dim=1, keepdim=True)
    Y = A / S
    return (G - (G * Y).sum(dim=1, keepdim=True)) / S


A = torch.tensor([[1.0, 3.0], [2.0, 2.0]], requires_grad=True)
G = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
(A / A.sum(dim=1, keepdim=True)).backward(G)
solved_11_6(A.detach(), G), A.grad

# %% [markdown] lang="en" tags=["solution"]
r"""
The path through the numerator gives $G / S$. The path through the sum gives $-\sum_j G_{ij} A_{ij} / S_i^2$: it is added up over the row, because $S_i$ was copied to the whole row, and each element receives it, because each is a term of the sum.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
经过分子的路径给出$G / S$。经过和的路径给出$-\sum_j G_{ij} A_{ij} / S_i^2$，因为$S_i$复制到了整行，所以要在这一行上求和，又因为每个元素都参与了求和，所以每个元素都得到这一项。
"""

# %% [markdown] lang="en"
r"""
## Recap

| | |
|---|---|
| $Y = XW + b$ | $dW = X^\top G$, $dX = G W^\top$, $db$ = the rows of $G$, added up |
| shapes | a gradient has the shape of its tensor; that finds the product |
| broadcasting | what forward copies, backward adds up |
| softmax, cross-entropy | the gradient of the logits is $(p - y)/n$ |
| fused | no $p_c$, no overflow; a network ends in logits |
| ReLU | passes a gradient on where its input was positive |
| while it learns | all gradients shrink with $p - y$ |

Next: [lesson 12, vanishing and exploding](12_vanishing.ipynb). Read on: [`torch.nn.functional.cross_entropy`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html), and [Forward Propagation, Backward Propagation, and Computational Graphs](https://d2l.ai/chapter_multilayer-perceptrons/backprop.html) in *Dive into Deep Learning* ([Chinese edition](https://zh.d2l.ai/chapter_multilayer-perceptrons/backprop.html)).
"""

# %% [markdown] lang="zh"
r"""
## 小结

| | |
|---|---|
| $Y = XW + b$ | $dW = X^\top G$，$dX = G W^\top$，$db$是$G$的各行之和 |
| 形状 | 梯度与它的张量形状相同，由此就能找到乘积 |
| 广播 | 前向传播中的复制，在反向传播中就是求和 |
| softmax与交叉熵 | 未规范化的预测的梯度是$(p - y)/n$ |
| 合成的运算 | 不计算$p_c$，不会上溢，网络以未规范化的预测结尾 |
| ReLU | 在输入为正处让梯度通过 |
| 训练过程中 | 所有梯度随$p - y$一起变小 |

下一课是[第12课，消失与爆炸](12_vanishing.ipynb)。延伸阅读有PyTorch文档中的[`torch.nn.functional.cross_entropy`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html)（英文），以及《动手学深度学习》的[前向传播、反向传播和计算图](https://zh.d2l.ai/chapter_multilayer-perceptrons/backprop.html)一节（[英文版](https://d2l.ai/chapter_multilayer-perceptrons/backprop.html)）。
"""

# %% tags=["nbval-ignore-output"]
progress.show()
