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
# 12 · Vanishing and exploding

**A network of twenty layers does not learn, or its loss is nan after a few steps. Every gradient is right, and still training fails. Why?** The gradient of the first layer is a product with one factor for each layer, and long products tend to become very small or very large.

After this lesson you can

- say from the activation and the weights whether gradients will vanish or explode, and measure it;
- choose an initialization, and say what normalization and skip connections do to the product;
- diagnose a loss that turns nan, units that are dead, and gradients lost in half precision, and cure each.

*About 65 minutes: 25 to read and try, 40 for the exercises. You need lesson 11: through a network.*
"""

# %% [markdown] lang="zh"
r"""
# 12 · 消失与爆炸

**一个二十层的网络无法训练，或者更新几步之后损失就成了nan。每个梯度都没有算错，训练却不成功，这是为什么**？第一层的梯度是一个乘积，每一层贡献一个因子，而许多因子的乘积往往变得极小或极大。

学完本课，你将能够

- 由激活函数和权重判断梯度会消失还是爆炸，并用测量来验证；
- 选择初始化方法，说明规范化和残差连接对这个乘积的作用；
- 诊断损失变成nan、单元失活、半精度中梯度丢失这几种情形，并逐一解决。

约65分钟，其中阅读和操作25分钟，练习40分钟。预备知识是第11课（穿过一个网络）。
"""

# %%
import torch
from helpers import check, d2l, explore, hint, language, predict, progress, watch
from torch import nn
from torch.nn import functional as F

language.use("en")

# %% [markdown] lang="en"
r"""
The names of this lesson: $h_l$ is the output of layer $l$, `(n, width)`; $W_l$ are its weights; `first` and `last` are the gradient norms of the weights of the first and the last of the twenty layers.

## 1. A product of factors

Take a chain of numbers, $h_l = \sigma(w\, h_{l-1})$, where $\sigma(z) = 1 / (1 + e^{-z})$ is the sigmoid. The chain rule gives one factor for each layer:

$$\frac{\partial h_n}{\partial h_0} = \prod_{l=1}^{n} w\, \sigma'(z_l),$$

$$\sigma'(z) = \sigma(z)\,(1 - \sigma(z)) \le \tfrac14.$$

The size of such a product depends almost only on whether its factors are below or above 1:
"""

# %% [markdown] lang="zh"
r"""
在本课用到的名字中，$h_l$是第$l$层的输出，形状为`(n, width)`，$W_l$是这一层的权重，`first`和`last`是二十层中第一层与最后一层的权重的梯度范数。

## 1. 因子的乘积

考虑由数组成的一条链$h_l = \sigma(w\, h_{l-1})$，其中$\sigma(z) = 1 / (1 + e^{-z})$是sigmoid函数。由链式法则，每一层贡献一个因子：

$$\frac{\partial h_n}{\partial h_0} = \prod_{l=1}^{n} w\, \sigma'(z_l),$$

$$\sigma'(z) = \sigma(z)\,(1 - \sigma(z)) \le \tfrac14.$$

这样的乘积最后有多大，几乎只取决于各个因子比1小还是比1大。
"""

# %%
print("factor   1 layer  5 layers 20 layers 50 layers")
for factor in (0.25, 0.9, 1.0, 1.1, 2.0):
    print(f"{factor:6}" + "".join(f"{factor**n:10.3g}" for n in (1, 5, 20, 50)))

# %% [markdown] lang="en"
r"""
A factor of 0.9 instead of 1.1 makes the difference between 0.00515 and 117 after 50 layers, and with a factor of a quarter almost nothing is left after 20. The explorer shows the chain. The iterations of the loop are folded into one node; open it with a click, and follow the gradient back. Raise `w` until the gradient of `x` is largest, and notice how soon it falls again: with a large weight the input of the sigmoid lies where the sigmoid is flat.
"""

# %% [markdown] lang="zh"
r"""
因子是0.9还是1.1，50层之后的差别就是0.00515与117。如果因子是四分之一，20层之后乘积就接近于0。下面用交互图查看这条链。循环的各次迭代折叠成了一个节点，单击可以展开，再沿着梯度往回看。请增大`w`，使`x`的梯度达到最大，并注意梯度很快又会变小，因为权重较大时，sigmoid函数的输入位于曲线平坦的部分。
"""


# %%
def chain(x, w, depth):
    h = x
    for _ in range(int(depth)):
        h = torch.sigmoid(w * h)
    return h


explore(chain, x=(-3.0, 3.0), w=(0.5, 8.0), depth=range(1, 21)).set(x=1.0, w=1.0, depth=20)

# %% [markdown] lang="en"
r"""
## 2. Twenty real layers

In a network each factor is a matrix, the Jacobian of a layer: $\mathrm{diag}(\sigma'(z_l))$ times $W_l$ transposed, and the gradient of the first layer contains the product of the matrices of all layers after it. Here is a network with all the options of this lesson, and the half-moons of lesson 11.
"""

# %% [markdown] lang="zh"
r"""
## 2. 真正的二十层

在网络里，每个因子都是一个矩阵，即一层的雅可比矩阵，它是$\mathrm{diag}(\sigma'(z_l))$与$W_l$的转置之积。第一层的梯度包含它后面各层的矩阵之积。下面的网络备有本课要用的各种选项，数据是第11课的半月形。
"""

# %%
ACTIVATIONS = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU}
INITS = {
    "xavier": nn.init.xavier_normal_,
    "he": lambda weight: nn.init.kaiming_normal_(weight, nonlinearity="relu"),
    "std 0.01": lambda weight: nn.init.normal_(weight, std=0.01),
    "std 1": lambda weight: nn.init.normal_(weight, std=1.0),
}


def two_moons(n, seed=0):
    g = torch.Generator().manual_seed(seed)
    angle = torch.pi * torch.rand(n, generator=g)
    y = torch.arange(n) % 2
    X = torch.stack([torch.cos(angle) + y, (1 - 2 * y) * torch.sin(angle) + 0.5 * y], dim=1)
    return X + 0.1 * torch.randn(n, 2, generator=g), y


# %%
class Block(nn.Module):
    def __init__(self, width, activation, init, norm, skip):
        super().__init__()
        self.linear = nn.Linear(width, width)
        INITS[init](self.linear.weight)
        nn.init.zeros_(self.linear.bias)
        self.norm = nn.BatchNorm1d(width) if norm else nn.Identity()
        self.activation = ACTIVATIONS[activation]()
        self.skip = skip

    def forward(self, x):
        h = self.activation(self.norm(self.linear(x)))
        return x + h if self.skip else h


# %%
def deep(depth=20, activation="sigmoid", init="xavier", norm=False, skip=False, width=64):
    torch.manual_seed(0)
    blocks = (Block(width, activation, init, norm, skip) for _ in range(depth))
    return nn.Sequential(nn.Linear(2, width), *blocks, nn.Linear(width, 2))


def layer_norms(**choices):
    model = deep(**choices)
    F.cross_entropy(model(X), y).backward()
    return torch.stack([block.linear.weight.grad.norm() for block in model[1:-1]])


torch.set_num_threads(1)  # for matrices so small one thread is the fastest | 矩阵这么小，单线程最快
X, y = two_moons(100)

# %% [markdown] lang="en"
r"""
Without any training, run one forward and one backward pass, with sigmoid as the activation and the common initialization of the weights after Xavier Glorot:
"""

# %% [markdown] lang="zh"
r"""
现在不作训练，只做一次前向传播和一次反向传播。激活函数（activation function）用sigmoid，权重按常用的Xavier方法初始化（initialization）。
"""

# %%
predict("12.p1")


# %% tags=["nbval-ignore-output"]
def show(name, **choices):
    first, *_, last = layer_norms(**choices)
    print(f"{name:15} {first:8.1e} / {last:7.1e} = {first / last:7.1e}")


show("sigmoid, xavier")

# %% [markdown] lang="en"
r"""
The gradient of the first layer is about $10^{12}$ times smaller than that of the last one. To move the first layer equally far would take that many times as many steps; of the twenty layers only the last few are trained. This is a **vanishing gradient**. It is neither an error of PyTorch nor rounding: the product is that small.

The size of the weights alone can have the same effect. The derivative of ReLU is 1 wherever it lets the gradient through:
"""

# %% [markdown] lang="zh"
r"""
第一层得到的梯度只有最后一层的$10^{12}$分之一左右。要使第一层移动同样的距离，步数也要增大同样的倍数。这个网络有二十层，实际得到训练的只有最后几层。这就是**梯度消失**（vanishing gradients）。这不是PyTorch的错误，也不是舍入造成的，乘积本身就这么小。

即使不用sigmoid，权重的大小也会造成同样的结果。ReLU只要让梯度通过，导数就是1。
"""

# %%
predict("12.p2")

# %% tags=["nbval-ignore-output"]
show("relu, std 0.01", activation="relu", init="std 0.01")
show("relu, std 1", activation="relu", init="std 1")
show("relu, he", activation="relu", init="he")
show("tanh, xavier", activation="tanh")

# %% [markdown] lang="en"
r"""
With weights of standard deviation 0.01 every gradient is exactly 0, even that of the last layer. The values shrink in forward just as the gradients do in backward: the input of the last layer is so small that its gradient, this input times $G$, **underflows**. With standard deviation 1 both are of the order of $10^{14}$, an **exploding gradient**: one step would move every weight far away. Between the two lie *he* and *xavier*, which are designed for this: the first and the last gradient are of similar size.

Plotted layer by layer on a logarithmic axis, a constant factor gives a straight line:
"""

# %% [markdown] lang="zh"
r"""
权重的标准差是0.01时，所有梯度恰好为0，最后一层也不例外。前向传播的值与反向传播的梯度同样逐层缩小，最后一层的输入太小，它乘以$G$所得的梯度下溢为0。标准差是1时，两者都达到$10^{14}$的量级，这是**梯度爆炸**（exploding gradients），更新一步就会使每个权重变得极大。介于两者之间的是*he*和*xavier*，它们正是为此设计的，首尾两层的梯度大小相近。

逐层画在对数坐标上，固定的因子对应一条直线。
"""

# %% tags=["nbval-ignore-output"]
kinds = {
    "sigmoid, xavier": {},
    "tanh, xavier": {"activation": "tanh"},
    "relu, he": {"activation": "relu", "init": "he"},
    "relu, std 1": {"activation": "relu", "init": "std 1"},
}
norms = [layer_norms(**choices).tolist() for choices in kinds.values()]
axes = {"yscale": "log", "ylim": (1e-23, 1e17), "figsize": (5, 3)}
d2l.plot(range(1, 21), norms, "layer", "gradient norm", list(kinds), **axes)

# %% [markdown] lang="en"
r"""
## 3. What one layer does to the size

Let the weights be independent, with mean 0 and standard deviation $s$. A unit with $n$ inputs computes $z = \sum_{i=1}^{n} w_i h_i$, and since the variances of independent terms add up,

$$\mathbb{E}[z^2] = n\, s^2\, \mathbb{E}[h^2].$$

ReLU sets half of the values to 0 and so halves this. The size of the values, the root of their mean square, is therefore multiplied in each layer by $s \sqrt{n / 2}$, and **it stays if $s = \sqrt{2 / n}$**: this is *he*. Without ReLU it would be $s = \sqrt{1 / n}$. Backward multiplies by the same weights, transposed; *xavier* takes $s^2 = 2 / (n_{\text{in}} + n_{\text{out}})$, a compromise between forward and backward. Compare prediction and measurement:
"""

# %% [markdown] lang="zh"
r"""
## 3. 一层怎样改变值的大小

设权重相互独立，均值为0，标准差为$s$。有$n$个输入的单元计算$z = \sum_{i=1}^{n} w_i h_i$。独立的项相加，方差也相加，所以

$$\mathbb{E}[z^2] = n\, s^2\, \mathbb{E}[h^2].$$

ReLU把一半的值变成0，使均方值减半。值的大小（均方根）因此每层要乘上$s \sqrt{n / 2}$，而**当$s = \sqrt{2 / n}$时，大小保持不变**，这就是*he*。如果没有ReLU，则应取$s = \sqrt{1 / n}$。反向传播所乘的是同样权重的转置。*xavier*取$s^2 = 2 / (n_{\text{in}} + n_{\text{out}})$，兼顾前向传播与反向传播。下面比较预测与测量。
"""

# %% tags=["nbval-ignore-output"]
n, h0 = 64, torch.randn(1000, 64)
print("weights       s   predicted  one layer 20 layers")
for name, s in (("std 0.01", 0.01), ("xavier", (2 / (n + n)) ** 0.5), ("he", (2 / n) ** 0.5), ("std 1", 1.0)):
    h, sizes = h0, []
    for block in deep(20, "relu", name)[1:-1]:
        h = block(h)
        sizes.append((h.square().mean() / h0.square().mean()).sqrt().item())
    print(f"{name:9}{s:6.3f}{s * (n / 2) ** 0.5:12.3f}{sizes[0]:11.3f}{sizes[-1]:10.1e}")

# %% [markdown] lang="en"
r"""
The effect of one layer agrees with the formula to within a few per cent, and twenty layers repeat it twenty times.

## 4. Two remedies inside the network

**Normalization.** `nn.BatchNorm1d` shifts and scales each unit over the batch so that its mean is 0 and its variance 1. The effect of the weights on the size is undone at once, in every layer.

**Skip connections.** If a layer computes $x + h(x)$ instead of $h(x)$, its Jacobian is $I + J_h$ instead of $J_h$:
"""

# %% [markdown] lang="zh"
r"""
单独一层的作用与公式相符，相差不过百分之几，二十层则重复二十次。

## 4. 网络内部的两种办法

**规范化**（normalization）。`nn.BatchNorm1d`在批量上对每个单元作平移和缩放，使均值为0，方差为1。权重对大小的影响，在每一层都立即被消除。

**残差连接**（skip connection）。如果一层计算的是$x + h(x)$而不是$h(x)$，它的雅可比矩阵就是$I + J_h$而不是$J_h$。
"""

# %%
predict("12.p3")

# %% tags=["nbval-ignore-output"]
show("sigmoid, norm", norm=True)
show("sigmoid, skip", skip=True)
show("tanh, skip", activation="tanh", skip=True)
show("relu, he, skip", activation="relu", init="he", skip=True)

# %% [markdown] lang="en"
r"""
A product of factors $I + J_h$ contains the term $I \cdot I \cdots I$: along the path of the skips the gradient of the last layer reaches the first unchanged, however small the $J_h$ are. Neither remedy makes all norms equal. With normalization the first layer now has the larger gradient, and with ReLU and skips the mean square of the values doubles at every addition, so both norms are in the thousands; real networks use both remedies together. But with the same sigmoid and the same weights the ratio has changed from $10^{-12}$ to about 1.

## 5. Training the same network

Now train, 40 steps for each setting. Choose depth, activation, initialization, normalization and skips, and compare the rows at step 0 and at the last step. Which settings change the first layer at all? Is it enough to make `depth` small?
"""

# %% [markdown] lang="zh"
r"""
由因子$I + J_h$组成的乘积包含$I \cdot I \cdots I$这一项。无论各个$J_h$有多小，最后一层的梯度都能沿着残差连接原样到达第一层。这两种办法都不能让所有的范数相等。用了规范化，第一层的梯度反而更大。用ReLU加残差连接时，每次相加都使均方值加倍，所以两个范数都达到了几千，实际的网络常同时使用两种办法。尽管如此，在sigmoid和权重都不变的情况下，比值从$10^{-12}$变到了1附近。

## 5. 训练同一个网络

现在开始训练，每种设置更新40步。请选择深度、激活函数、初始化、规范化和残差连接，比较各行在第0步和最后一步的情形。哪些设置能使第一层有所变化？只减小`depth`够不够？
"""


# %% tags=["nbval-ignore-output"]
def sgd(parameters, lr=0.1):
    return torch.optim.SGD(parameters, lr=lr)


choices = {"depth": (1, 20), "activation": list(ACTIVATIONS), "init": list(INITS), "norm": False, "skip": False}
run = watch(deep, F.cross_entropy, (X, y), sgd, steps=40, lr=(0.01, 1.0), **choices)
run

# %% tags=["nbval-ignore-output"]
print(f"{'loss':16} step 0   step 39")
for name, settings in (("sigmoid", {}), ("sigmoid, norm", {"norm": True}), ("tanh", {"activation": "tanh"})):
    model, losses = deep(**settings), []
    optimizer = sgd(model.parameters())
    for _ in range(40):
        optimizer.zero_grad()
        losses.append(F.cross_entropy(model(X), y))
        losses[-1].backward()
        optimizer.step()
    print(f"{name:16} {losses[0].item():.4f}   {losses[-1].item():.4f}")

# %% [markdown] lang="en"
r"""
The plain sigmoid network ends at 0.693, which is $\log 2$: its answer is one half for every point (what its plane shows is only rounding), and it cannot improve, since no information about the input gets through twenty flat layers, and no gradient comes back. The others learn.

## 6. Pitfall: the loss is nan

With ReLU and *he* everything is as it should be, except for a learning rate of 1. The run stops at the first nan and reports where it arose:
"""

# %% [markdown] lang="zh"
r"""
只用sigmoid的网络停在0.693，即$\log 2$，它对每个点的预测都是二分之一（平面图上的花纹只是舍入误差），而且无法改进，因为经过二十个平坦的层，输入的信息传不到输出，梯度也传不回来。另外两个网络训练成功。

## 6. 损失变成nan

ReLU和*he*都合乎要求，只是学习率取了1。训练在第一次出现nan时停止，并指出nan的来源。
"""

# %% tags=["nbval-ignore-output"]
relu = deep(activation="relu", init="he")
wild = watch(relu, F.cross_entropy, (X, y), sgd(relu.parameters(), lr=1.0), steps=40)
for step, value in wild.losses:
    print(step, f"{value:.4g}")

# %% [markdown] lang="en"
r"""
Nothing was wrong at the start. The loss rises, first a little, then by a factor of millions: a step that is too long makes the weights larger, larger weights make the gradient larger, in twenty layers at once, and the next step is longer still. The nan is only the end of this process; look for the step where the loss first rises.

**Gradient clipping** breaks this circle. If the norm of all gradients together exceeds a limit, they are all scaled down to that limit; the direction stays the same, the length is bounded. It takes one line between `backward` and `step`:
"""

# %% [markdown] lang="zh"
r"""
开始时一切正常。损失先略微升高，随后增大了几百万倍。一步的更新量太大，权重就变大，而权重变大又使梯度变大，这在二十层里同时发生，于是下一步的更新量更大。nan只是最后的结果，查找原因时要看损失从哪一步开始升高。

**梯度裁剪**（gradient clipping）能打破这个循环。如果所有梯度合在一起的范数超过上限，就把它们一起缩小到这个上限，方向不变，长度则有了限制。只需在`backward`与`step`之间加上一行。
"""


# %% tags=["nbval-ignore-output"]
def train(limit, lr=1.0, steps=60):
    model = deep(activation="relu", init="he")
    optimizer = sgd(model.parameters(), lr)
    with watch(model) as run:
        for _ in range(steps):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(X), y)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), limit)
            optimizer.step()
            run.step(loss)
    return run


train(limit=0.1)

# %% [markdown] lang="en"
r"""
The same network with the same learning rate of 1 now learns. Clipping does not make up for a learning rate that is far too large; it protects a suitable one where the loss happens to be steep, and is common in networks that are unrolled through time.

## 7. Dead units

A ReLU unit that is negative for every example passes no gradient back, so it can never recover: it is **dead**. One long step is enough. Take a network of 16 units and the learning rate 20:
"""

# %% [markdown] lang="zh"
r"""
网络相同，学习率同样是1，这次训练成功。学习率过大时，梯度裁剪也不起作用。它的用处是，在学习率合适时避免损失偶尔变化过陡带来的问题，沿时间展开的网络常用这种方法。

## 7. 失活单元

如果一个ReLU单元的输入对所有样本都是负数，就没有梯度通过，它的权重也不再更新，这叫作**失活单元**（dead unit）。一次过大的更新就足以造成失活。下面的网络有16个单元，学习率是20。
"""

# %% tags=["nbval-ignore-output"]
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 2))
optimizer = sgd(net.parameters(), lr=20.0)
for step in range(4):
    dead = (net[0](X) <= 0).all(dim=0).sum().item()
    optimizer.zero_grad()
    loss = F.cross_entropy(net(X), y)
    loss.backward()
    norm = net[0].weight.grad.norm()
    print(f"step {step}: {dead:2} dead, loss {loss.item():7.4f}, gradient {norm:.4f}")
    optimizer.step()

# %% [markdown] lang="en"
r"""
After three steps 15 of the 16 units are dead, against 6 at the start; the first layer hardly gets any gradient. In `watch` the menu *shown* offers the share of dead units. The remedies are a smaller learning rate, clipping, or an activation whose derivative is nowhere 0 on a whole interval, such as `nn.LeakyReLU` or `nn.GELU`.

## 8. Half precision

Training in float16 saves memory and time, but its smallest positive number is $2^{-24}$, and gradients are often very small. What happens to this one?
"""

# %% [markdown] lang="zh"
r"""
更新三步之后，16个单元中有15个失活，而开始时是6个。第一层几乎得不到梯度。在`watch`的“显示”菜单里可以选择失活单元的比例。解决的办法有减小学习率、梯度裁剪，或者换用导数不会在整段区间上为0的激活函数，例如`nn.LeakyReLU`或`nn.GELU`。

## 8. 半精度

用float16训练可以节省内存和时间，但它的最小正数是$2^{-24}$，而梯度往往是很小的数。下面这个梯度会怎样？
"""

# %%
predict("12.p4")

# %%
smallest, half = torch.tensor([2.0**-24, 2.0**-25], dtype=torch.float16).tolist()
print(f"smallest positive number {smallest:.3g}, half of it {half:g}")
for scale in (1.0, 2.0**10):
    w = torch.tensor(0.5, dtype=torch.float16, requires_grad=True)
    loss = w * 2.0**-14 * 2.0**-14
    (loss * scale).backward()
    divided = w.grad.float() / scale  # in float32 | 用float32
    print(f"scale {scale:4g}: w.grad {w.grad.item():.4g}, divided {divided.item():.4g}")
print(f"exactly 2 ** -28 = {2.0**-28:.4g}")

# %% [markdown] lang="en"
r"""
Without scaling the gradient is 0, although nothing is wrong with the formula. **Loss scaling** multiplies the loss by a factor before `backward`. A gradient is linear in the loss, so every gradient on the way is larger by the same factor and stays within the range of float16; at the end, in float32, the factor is divided out. `torch.amp.GradScaler` does this, finds a suitable factor by itself, and skips a step in which an inf appears.

## 9. Exercises

Replace every `...` and run the check below it. Stuck? Press the button below the check, or run `hint("12.1")`.
"""

# %% [markdown] lang="zh"
r"""
不放大时，梯度是0，尽管公式本身没有错。**损失缩放**（loss scaling）在`backward`之前把损失乘上一个系数。梯度关于损失是线性的，所以途中的每个梯度都放大了同样的倍数，不会超出float16的范围，最后再在float32里除以这个系数。`torch.amp.GradScaler`就是这样做的，它会自动寻找合适的系数，并在出现inf时跳过这一步更新。

## 9. 练习

把每个`...`换成你的答案，再运行下面的检查。没有思路时，可以单击检查结果下方的提示按钮，或运行`hint("12.1")`。
"""

# %% [markdown] lang="en"
r"""
### Exercise 12.1 · The factors of a chain ★★☆ (7 min)

A chain $h_l = \sigma(w_l h_{l-1})$ begins with $h_0 = x$. `layer_factors(w, x)` receives the weights `w` `(n,)` and the scalar tensor `x`, and returns the $n$ factors $\partial h_l / \partial h_{l-1}$, shape `(n,)`, from the first layer to the last, by hand. Their product is the derivative of the whole chain.
"""

# %% [markdown] lang="zh"
r"""
### 练习12.1 · 一条链的因子 ★★☆（7分钟）

一条链$h_l = \sigma(w_l h_{l-1})$从$h_0 = x$开始。`layer_factors(w, x)`接收权重`w`（`(n,)`）和标量张量`x`，手工求出$n$个因子$\partial h_l / \partial h_{l-1}$，从第一层到最后一层依次排列，形状为`(n,)`。它们的乘积就是整条链的导数。
"""


# %%
def layer_factors(w, x):
    return ...


# %%
check("12.1", layer_factors)


# %% tags=["solution"]
def solved_12_1(w, x):
    factors = []
    for weight in w:
        x = torch.sigmoid(weight * x)
        factors.append(weight * x * (1 - x))
    return torch.stack(factors)


x = torch.tensor(1.0, requires_grad=True)
h = chain(x, 1.0, 20)
h.backward()
solved_12_1(torch.ones(20), torch.tensor(1.0)).prod(), x.grad

# %% [markdown] lang="en" tags=["solution"]
r"""
The product of the twenty factors is the gradient that autograd finds in section 1.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
二十个因子之积就是第1节里自动微分求得的梯度。
"""

# %% [markdown] lang="en"
r"""
### Exercise 12.2 · The right spread ★★☆ (6 min)

A layer has `n_in` inputs and independent weights with mean 0. `good_std(n_in, activation)` returns the standard deviation of the weights, a number, with which $\mathbb{E}[h^2]$ stays the same from layer to layer. `activation` is `"linear"` or `"relu"`; ReLU sets half of the values to 0.
"""

# %% [markdown] lang="zh"
r"""
### 练习12.2 · 合适的标准差 ★★☆（6分钟）

某一层有`n_in`个输入，权重相互独立，均值为0。`good_std(n_in, activation)`返回权重的标准差（一个数），使$\mathbb{E}[h^2]$逐层保持不变。`activation`是`"linear"`或`"relu"`，其中ReLU会把一半的值变成0。
"""


# %%
def good_std(n_in, activation):
    return ...


# %%
check("12.2", good_std)


# %% tags=["solution"]
def solved_12_2(n_in, activation):
    gain = 2 if activation == "relu" else 1
    return (gain / n_in) ** 0.5


solved_12_2(64, "relu"), solved_12_2(64, "linear")

# %% [markdown] lang="en" tags=["solution"]
r"""
The condition is $n s^2 = 1$, and with ReLU, which halves the mean square, $n s^2 = 2$.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
应有$n s^2 = 1$。ReLU使均方值减半，所以用ReLU时应有$n s^2 = 2$。
"""

# %% [markdown] lang="en"
r"""
### Exercise 12.3 · Five reports ★★☆ (6 min)

Five training runs, and what `watch` shows of them. Which is the cause: `"saturated"` (the activation flattens the gradient), `"too_small"` or `"too_large"` (the weights), `"dead"` (units) or `"learnt"`?

- (a) At step 0 all gradients are exactly 0, the last layer's too, and so are all outputs.
- (b) At step 0 the gradient norms fall from 0.1 at the last layer to 1e-13 at the first; every output is close to 0.5.
- (c) All gradients have become small, and so has the loss.
- (d) At step 0 the outputs grow tenfold from layer to layer; the loss is inf.
- (e) From step 12 on one ReLU layer returns 0 for every example; its weights do not move any more, nor those before it.
"""

# %% [markdown] lang="zh"
r"""
### 练习12.3 · 五份报告 ★★☆（6分钟）

有五次训练，以及`watch`显示的现象。原因是`"saturated"`（激活函数压缩了梯度）、`"too_small"`（权重太小）、`"too_large"`（权重太大）、`"dead"`（单元失活）还是`"learnt"`（已经学会）？

- （a）第0步时所有梯度恰好为0，最后一层也是，所有输出也都是0。
- （b）第0步时，梯度范数从最后一层的0.1降到第一层的1e-13，每个输出都接近0.5。
- （c）所有梯度都变小了，损失也变小了。
- （d）第0步时，输出逐层增大到十倍，损失是inf。
- （e）从第12步起，某个ReLU层对所有样本都返回0，它的权重和它前面各层的权重都不再变化。
"""

# %%
causes = {"a": ..., "b": ..., "c": ..., "d": ..., "e": ...}

# %%
check("12.3", causes)

# %% tags=["solution"]
{"a": "too_small", "b": "saturated", "c": "learnt", "d": "too_large", "e": "dead"}

# %% [markdown] lang="en" tags=["solution"]
r"""
At step 0 only the initialization and the activation can be the cause, and the outputs tell which. A small gradient with a small loss is not a problem at all.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
第0步的问题只可能出在初始化或激活函数，由输出就能区分。损失小时梯度也小，这是正常的。
"""

# %% [markdown] lang="en"
r"""
### Exercise 12.4 · Clip by norm ★★☆ (7 min)

`clip_by_norm(grads, limit)` receives a list of two gradients, a vector and a matrix. If the norm of all their elements **together** is larger than `limit`, it returns them scaled so that this norm is `limit`; otherwise it returns them unchanged. Do not use `clip_grad_norm_`, and leave the given tensors as they are.
"""

# %% [markdown] lang="zh"
r"""
### 练习12.4 · 按范数裁剪 ★★☆（7分钟）

`clip_by_norm(grads, limit)`接收由两个梯度（一个向量和一个矩阵）组成的列表。如果所有元素**合在一起**的范数大于`limit`，就把它们缩小，使范数等于`limit`，否则原样返回。不要用`clip_grad_norm_`，也不要改动传入的张量。
"""


# %%
def clip_by_norm(grads, limit):
    return ...


# %%
check("12.4", clip_by_norm)


# %% tags=["solution"]
def solved_12_4(grads, limit):
    norm = sum((g * g).sum() for g in grads).sqrt()
    factor = min(1.0, (limit / norm).item())
    return [g * factor for g in grads]


solved_12_4([torch.tensor([3.0, 0.0]), torch.tensor([[0.0, 4.0]])], 1.0)

# %% [markdown] lang="en" tags=["solution"]
r"""
The norm of 3 and 4 together is 5, so each is reduced to a fifth. Clipped separately they would both be 1, which is a different direction.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
3和4合在一起的范数是5，所以各缩小到五分之一。如果分别裁剪，两个都会变成1，方向就变了。
"""

# %% [markdown] lang="en"
r"""
### Exercise 12.5 · Which units are dead? ★★☆ (6 min)

`dead_units(X, W, b)` returns a boolean tensor `(h,)`: which units of the layer $\mathrm{ReLU}(XW + b)$ get no gradient from **any** example of the batch `X` `(n, d)`. `W` is `(d, h)`. Remember ReLU's slope at 0.
"""

# %% [markdown] lang="zh"
r"""
### 练习12.5 · 哪些单元失活了 ★★☆（6分钟）

`dead_units(X, W, b)`返回形状为`(h,)`的布尔张量，表示在层$\mathrm{ReLU}(XW + b)$中，哪些单元从批量`X`（`(n, d)`）的**任何**样本都得不到梯度。`W`的形状是`(d, h)`。别忘了ReLU在0处的导数。
"""


# %%
def dead_units(X, W, b):
    return ...


# %%
check("12.5", dead_units)


# %% tags=["solution"]
def solved_12_5(X, W, b):
    return ((X @ W + b) <= 0).all(dim=0)


W = torch.tensor([[1.0, -1.0, 1.0]], requires_grad=True)
b = torch.tensor([0.0, -9.0, 0.0])
inputs = torch.tensor([[1.0], [-2.0]])
(inputs @ W + b).relu().sum().backward()
solved_12_5(inputs, W, b), W.grad

# %% [markdown] lang="en" tags=["solution"]
r"""
Autograd agrees: the dead unit is the one whose gradient is 0.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
自动微分的结果与此一致，梯度为0的就是失活单元。
"""

# %% [markdown] lang="en"
r"""
### Exercise 12.6 · Scale the loss ★★★ (8 min)

`w` `(n,)` is a float32 leaf that requires grad, `x` `(n,)` is float16. The loss is `(w.half() * x).mean()`. Most of its gradients with respect to `w` underflow to 0 in float16; one is so large that a scale above `scale` makes it inf. `scaled_grad(w, x, scale)` scales the loss by `scale`, runs backward, and returns the true gradient in float32. (The check shows each gradient divided by the true one.)
"""

# %% [markdown] lang="zh"
r"""
### 练习12.6 · 放大损失 ★★★（8分钟）

`w`（`(n,)`）是需要梯度的float32叶子张量，`x`（`(n,)`）是float16。损失是`(w.half() * x).mean()`，它对`w`的梯度在float16里大多下溢为0，只有一个很大，所乘的系数若比`scale`更大，它就成了inf。`scaled_grad(w, x, scale)`把损失乘上`scale`，做反向传播，再以float32返回真正的梯度。（检查时显示的是各个梯度与真正的梯度之比。）
"""


# %%
def scaled_grad(w, x, scale):
    return ...


# %%
check("12.6", scaled_grad)


# %% tags=["solution"]
def solved_12_6(w, x, scale):
    loss = (w.half() * x).mean()
    (loss * scale).backward()
    return w.grad / scale


x = torch.full((64,), 2.0**-20, dtype=torch.float16)
for scale in (1.0, 1024.0):
    w = torch.ones(64, requires_grad=True)
    print(scale, solved_12_6(w, x, scale)[0].item(), 2.0**-26)

# %% [markdown] lang="en" tags=["solution"]
r"""
`w.grad` has the type of `w`, float32, so there is room to divide. In float16 the quotient would underflow again.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
`w.grad`与`w`同为float32，所以可以在这里相除。如果在float16里相除，商又会下溢。
"""

# %% [markdown] lang="en"
r"""
## Recap

| | |
|---|---|
| the gradient of the first layer | a product with one factor for each layer |
| vanishing | factors below 1: sigmoid, small weights; exactly 0 when they underflow |
| exploding | factors above 1: large weights, long steps; the loss ends as nan |
| initialization | $n s^2 = 1$, with ReLU $n s^2 = 2$ |
| normalization, skips | undo the change in size; $I + J_h$ instead of $J_h$ |
| clipping | one factor for all gradients, the direction stays |
| dead units | ReLU stops the gradient for every example: no gradient, no recovery |
| float16 | scale the loss, divide the gradients in float32 |

Next: [lesson 13, through time](13_time.ipynb). Read on: [`torch.nn.init`](https://docs.pytorch.org/docs/stable/nn.init.html) and [automatic mixed precision](https://docs.pytorch.org/docs/stable/amp.html), and [Numerical Stability and Initialization](https://d2l.ai/chapter_multilayer-perceptrons/numerical-stability-and-init.html) in *Dive into Deep Learning* ([Chinese edition](https://zh.d2l.ai/chapter_multilayer-perceptrons/numerical-stability-and-init.html)).
"""

# %% [markdown] lang="zh"
r"""
## 小结

| | |
|---|---|
| 第一层的梯度 | 是一个乘积，每一层贡献一个因子 |
| 梯度消失 | 因子小于1，例如sigmoid、太小的权重，下溢时恰好为0 |
| 梯度爆炸 | 因子大于1，例如太大的权重、太大的更新量，损失最后成为nan |
| 初始化 | $n s^2 = 1$，用ReLU时$n s^2 = 2$ |
| 规范化、残差连接 | 消除大小的变化，以$I + J_h$代替$J_h$ |
| 梯度裁剪 | 所有梯度共用一个系数，方向不变 |
| 失活单元 | ReLU对所有样本都没有梯度通过，无法恢复 |
| float16 | 放大损失，再在float32里把梯度除以同样的系数 |

下一课是[第13课，通过时间反向传播](13_time.ipynb)。延伸阅读有PyTorch文档中的[`torch.nn.init`](https://docs.pytorch.org/docs/stable/nn.init.html)和[自动混合精度](https://docs.pytorch.org/docs/stable/amp.html)（英文），以及《动手学深度学习》的[数值稳定性和模型初始化](https://zh.d2l.ai/chapter_multilayer-perceptrons/numerical-stability-and-init.html)一节（[英文版](https://d2l.ai/chapter_multilayer-perceptrons/numerical-stability-and-init.html)）。
"""

# %% tags=["nbval-ignore-output"]
progress.show()
