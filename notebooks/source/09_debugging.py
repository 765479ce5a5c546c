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
# 09 · The clinic: training that fails

**My network does not learn, and I do not know why.** Eight training scripts come in, each a short real run of an `nn.Module`: losses that rise, swing, stand still or turn into nan, a layer that never moves, memory that grows, an error in backward. Each is run, examined and mended.

After this lesson you can

- tell from loss, gradients and updates where a run goes wrong;
- examine it with `watch`, the explorer, saved tensors and anomaly detection;
- confirm a cure by a number, not by the absence of an error message.

*About 75 minutes: 35 to read and try, 40 for the exercises. You need lessons 02, 04 and 05.*
"""

# %% [markdown] lang="zh"
r"""
# 09 · 求导错误诊所：训练为什么失败

**网络就是学不会，却不知道原因。** 本课有八个失败的训练脚本，每个都是一次简短而真实的`nn.Module`训练。有的损失上升，有的来回摆动，有的停着不动，有的变成nan；还有一层始终不更新，内存不断增长，反向传播报错。我们逐一运行、检查并改好。

学完本课，你将能够

- 从损失、梯度和更新量判断训练在哪里出了问题；
- 用`watch`、交互图、保存的张量和异常检测来检查训练；
- 用数值确认问题已经解决，而不是只看有没有报错。

约75分钟，其中阅读和操作35分钟，练习40分钟。预备知识：第02、04、05课。
"""

# %%
import warnings, weakref

import torch
from helpers import check, d2l, explore, hint, language, numerical_grad, predict, progress, record, watch
from torch.nn import functional as F

language.use("en")

# %% [markdown] lang="en"
r"""
The names of this lesson: `X` holds 200 points of the plane, `(200, 2)`, and `y` their classes, 120 of the first and 80 of the second; `model` is a small network, `sgd` its optimizer, `run` what `watch` recorded.
"""

# %% [markdown] lang="zh"
r"""
本课用到的名字：`X`是平面上的200个点，形状为`(200, 2)`；`y`是它们的类别，第一类120个，第二类80个；`model`是一个小网络，`sgd`是它的优化器，`run`是`watch`记录下来的训练过程。
"""


# %%
def moons(counts=(120, 80), noise=0.1):
    torch.manual_seed(0)
    s, t = (torch.linspace(0, torch.pi, n) for n in counts)
    outer = torch.stack([s.cos(), s.sin()], dim=1)
    inner = torch.stack([1 - t.cos(), 0.5 - t.sin()], dim=1)
    X = torch.cat([outer, inner])
    return X + noise * torch.randn(X.shape), (torch.arange(len(X)) >= counts[0]).long()


def network(width=16):
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(2, width), torch.nn.Tanh(), torch.nn.Linear(width, 2))


X, y = moons()
X.shape, y.bincount()

# %% [markdown] lang="en"
r"""
First a **healthy** run, to have something to compare with. `watch` trains and measures: the loss, the norm of every parameter's gradient, and how large each update is beside the weight it changes. Move the slider through the steps.
"""

# %% [markdown] lang="zh"
r"""
先看一次**正常的**训练，作为对照。`watch`一边训练一边测量，得到损失、每个参数的梯度范数，以及每次更新相对于权重的大小。移动滑块，可以查看各个训练步。
"""

# %% tags=["nbval-ignore-output"]
model = network()
sgd = torch.optim.SGD(model.parameters(), lr=1.0)
watch(model, F.cross_entropy, (X, y), sgd, steps=100)


# %%
def accuracy(model):
    return round((model(X).argmax(dim=1) == y).float().mean().item(), 3)


accuracy(model)

# %% [markdown] lang="en"
r"""
## Case 1 · The loss goes up

"The first ten losses, and it only gets worse."
"""

# %% [markdown] lang="zh"
r"""
## 病例1 · 损失上升

“这是前十步的损失，越来越糟。”
"""

# %% tags=["measured", "nbval-ignore-output"]
model = network()
sgd = torch.optim.SGD(model.parameters(), lr=30.0)
run = watch(model, F.cross_entropy, (X, y), sgd, steps=10)
[round(loss, 2) for _, loss in run.losses]


# %% [markdown] lang="en"
r"""
Is the gradient wrong, or what is done with it? Put the size of each update beside the size of the weights it changes, in the first step, for this rate and for the healthy one:
"""

# %% [markdown] lang="zh"
r"""
是梯度错了，还是梯度的用法错了？取第一步，把每次更新的大小与它所改变的权重的大小放在一起，比较这个学习率与正常的学习率：
"""


# %% tags=["nbval-ignore-output"]
def first_step(lr):
    model = network()
    before = [p.detach().clone() for p in model.parameters()]
    F.cross_entropy(model(X), y).backward()
    torch.optim.SGD(model.parameters(), lr=lr).step()
    return [((p - old).norm() / old.norm()).item() for p, old in zip(model.parameters(), before, strict=True)]


names = [name for name, _ in network().named_parameters()]
for name, healthy, ill in zip(names, first_step(1.0), first_step(30.0), strict=True):
    print(f"{name:10} {healthy:6.2f} {ill:6.2f}")

# %% [markdown] lang="en"
r"""
**Diagnosis**: the gradients are the same, the step is thirty times as long. An update several times as large as its weight does not follow the slope, it leaps over the valley (lesson 01). **Cure**: a smaller rate. A rule of thumb for one step is an update of a thousandth to a hundredth of the weight; our healthy run, on a tiny network, is bolder than that.
"""

# %% [markdown] lang="zh"
r"""
**诊断**：梯度相同，步子却长了三十倍。更新量是权重的好几倍，就不再是沿着坡往下走，而是跳过了山谷（第01课）。**解决办法**：减小学习率。经验上，一步的更新量宜为权重的千分之一到百分之一；这里的网络很小，正常的那次训练也超过了这个范围。
"""

# %% [markdown] lang="en"
r"""
## Case 2 · The loss swings

"A straight line through 50 points, one layer. The loss falls, rises, falls, and never settles."
"""

# %% [markdown] lang="zh"
r"""
## 病例2 · 损失来回摆动

“用一层网络让一条直线拟合50个点，损失时降时升，就是不收敛。”
"""

# %%
x = torch.linspace(-1, 1, 50).reshape(-1, 1)
target = 2 * x + 1


def fit(zero, steps=60):
    torch.manual_seed(0)
    line, losses = torch.nn.Linear(1, 1), []
    sgd = torch.optim.SGD(line.parameters(), lr=0.3)
    for _ in range(steps):
        if zero:
            sgd.zero_grad()
        loss = F.mse_loss(line(x), target)
        loss.backward()
        sgd.step()
        losses.append(loss.item())
    return losses


# %%
d2l.plot(range(60), [fit(zero=False), fit(zero=True)], "step", "loss", ["as it came", "mended"], figsize=(5, 2.5))

# %% [markdown] lang="en"
r"""
The usual suspect is the gradient. Hold it against one that is computed separately, by `torch.autograd.grad`, which does not write into `.grad`; without an update in between, both ought to be the same in every step:
"""

# %% [markdown] lang="zh"
r"""
首先怀疑梯度。用`torch.autograd.grad`另算一份，它不会写进`.grad`，再拿来比较。中间不更新参数，两者在每一步都应当相同：
"""

# %%
line = torch.nn.Linear(1, 1)
for step in (1, 2, 3):
    loss = F.mse_loss(line(x), target)
    (fresh,) = torch.autograd.grad(loss, line.bias, retain_graph=True)
    loss.backward()
    print(f"backward {step}: .grad is {(line.bias.grad / fresh).item():.1f} times the gradient")

# %% [markdown] lang="en"
r"""
**Diagnosis**: twice, then three times as large. `.grad` holds the sum of all passes so far, because nothing ever empties it; the fit runs like a ball without friction. **Cure**: `sgd.zero_grad()` in every round, the second curve. With a smaller rate such a bug can even look like faster training. Compare gradients, not only losses.
"""

# %% [markdown] lang="zh"
r"""
**诊断**：先是两倍，再是三倍。从来没有清零，所以`.grad`里是迄今所有梯度之和，拟合的过程就像一个没有摩擦的小球。**解决办法**：每一轮都调用`sgd.zero_grad()`，结果是第二条曲线。学习率小一些时，这个错误甚至看起来像是训练得更快，所以要比较梯度，不能只看损失。
"""

# %% [markdown] lang="en"
r"""
## Case 3 · A layer that never moves

"I gave the network a new last layer for a new task. It trains, but not well."
"""

# %% [markdown] lang="zh"
r"""
## 病例3 · 始终不更新的一层

“我给网络换上了新的最后一层，用于新的任务。训练能进行，效果却不好。”
"""

# %%
predict("09.p1")

# %% tags=["nbval-ignore-output"]
model = network()
sgd = torch.optim.SGD(model.parameters(), lr=1.0)
model[2] = torch.nn.Linear(16, 2)
run = watch(model, F.cross_entropy, (X, y), sgd, steps=50)

# %% tags=["nbval-ignore-output"]
last = run.snapshots[-1]
for name, gradient, update in zip(run.parameter_names, last.gradients, last.updates, strict=True):
    print(f"{name:10} gradient {gradient:.4f}  update / weight {update:.6f}")

# %% [markdown] lang="en"
r"""
**Diagnosis**: a gradient arrives at `2.weight` and `2.bias`, yet their update is exactly 0. The gradient is large only because it is never emptied: `sgd.zero_grad()` does not know the layer either. Backward is innocent. The optimizer was made **before** the layer was replaced and still holds the old layer's parameters. **Cure**: make the optimizer last. To be sure, ask which parameters it does not know:
"""

# %% [markdown] lang="zh"
r"""
**诊断**：梯度到达了`2.weight`和`2.bias`，更新量却恰好是0，可见反向传播没有问题。梯度之所以很大，只是因为从未清零，`sgd.zero_grad()`同样不认识这一层。优化器是在换层**之前**创建的，里面仍是旧层的参数。**解决办法**：最后才创建优化器。要确认这一点，可以查一查它不认识哪些参数：
"""

# %%
known = {id(p) for group in sgd.param_groups for p in group["params"]}
print([name for name, p in model.named_parameters() if id(p) not in known])
sgd = torch.optim.SGD(model.parameters(), lr=1.0)
print([name for name, p in model.named_parameters() if id(p) not in {id(q) for q in sgd.param_groups[0]["params"]}])

# %% [markdown] lang="en"
r"""
## Case 4 · No better than chance

"I wanted a clean start and set all weights to 0. The accuracy stays at that of always guessing the larger class."
"""

# %% [markdown] lang="zh"
r"""
## 病例4 · 与瞎猜一样

“为了有一个干净的起点，我把所有权重都设成了0。准确率始终等于永远猜较大的那一类。”
"""

# %%
predict("09.p2")

# %% tags=["nbval-ignore-output"]
model = network()
for p in model.parameters():
    torch.nn.init.zeros_(p)
sgd = torch.optim.SGD(model.parameters(), lr=1.0)
run = watch(model, F.cross_entropy, (X, y), sgd, steps=50)
accuracy(model)

# %% tags=["nbval-ignore-output"]
for step in (0, -1):
    each = zip(run.parameter_names, run.snapshots[step].gradients, strict=True)
    print(run.snapshots[step].step, {name: round(gradient, 4) for name, gradient in each})

# %% [markdown] lang="en"
r"""
**Diagnosis**: in the first step only the last bias gets a gradient, and it can learn no more than the share of the classes, 0.6. A product sends back the *other* factor. Towards the hidden layer that factor is the last weight, 0; towards the last weight it is the hidden output, `tanh(0)`, 0 as well. Neither ever gets away from 0. See it in the explorer: open `model`, and the gradients along the way are 0, the values too.
"""

# %% [markdown] lang="zh"
r"""
**诊断**：第一步只有最后的偏置得到了梯度，而它只能学会两类的比例，即0.6。乘法往回传时，要乘上*另一个*因子。对隐藏层来说，另一个因子是最后一层的权重，等于0；对最后一层的权重来说，另一个因子是隐藏层的输出`tanh(0)`，也等于0。两者谁也离不开0。请在交互图里打开`model`，沿途的梯度是0，值也是0：
"""

# %%
model = network()
for p in model.parameters():
    torch.nn.init.zeros_(p)


def loss_of_one_point(point):
    return F.cross_entropy(model(point), y[:1])


explore(loss_of_one_point, X[:1].requires_grad_())

# %% [markdown] lang="en"
r"""
**Cure**: random weights; only biases may begin at 0. PyTorch's own initialisation does that, as in the healthy run.

## Case 5 · A flat line

"The data lie on a straight line, and one layer cannot fit it. It always predicts the mean."
"""

# %% [markdown] lang="zh"
r"""
**解决办法**：权重用随机数初始化，只有偏置可以从0开始。PyTorch默认的初始化就是这样，正常的那次训练用的也是它。

## 病例5 · 一条水平线

“数据就在一条直线上，一层网络却拟合不了，预测的总是均值。”
"""

# %%
predict("09.p3")


# %% tags=["nbval-ignore-output"]
def fitted(targets):
    torch.manual_seed(0)
    line = torch.nn.Linear(1, 1)
    sgd = torch.optim.SGD(line.parameters(), lr=0.3)
    for _ in range(200):
        sgd.zero_grad()
        loss = ((line(x) - targets) ** 2).mean()
        loss.backward()
        sgd.step()
    return line.weight.item(), line.bias.item(), loss.item()


labels = target.flatten()
print("as it came: weight {:.3f}, bias {:.3f}, loss {:.3f}".format(*fitted(labels)))

# %% [markdown] lang="en"
r"""
The true line has weight 2 and bias 1. No error, no warning, and the gradient agrees with central differences: it is the gradient of *another* loss. What does the recorded graph say about shapes?
"""

# %% [markdown] lang="zh"
r"""
真正的直线，权重是2，偏置是1。没有报错，没有警告，梯度也与中心差分一致，只不过它是*另一个*损失的梯度。看看记录下来的计算图里各个张量的形状：
"""

# %%
r = record(lambda w: ((x * w - labels) ** 2).mean(), w=1.0)
for node in r.nodes:
    print(f"{node.op:8} {node.values[0].shape} {torch.Size(node.values[0].shape).numel()}")

# %% [markdown] lang="en"
r"""
**Diagnosis**: predictions of shape `(50, 1)` minus labels of shape `(50,)` broadcast to `(50, 50)`: 2500 differences, every prediction against every label. The best answer to that is the mean of the labels. **Cure**: equal shapes. `F.mse_loss` would have warned.
"""

# %% [markdown] lang="zh"
r"""
**诊断**：预测的形状是`(50, 1)`，标签的形状是`(50,)`，相减时广播成了`(50, 50)`，每个预测都与每个标签相减，一共2500个差。这时最好的答案就是标签的均值。**解决办法**：让两者形状相同。换成`F.mse_loss`，就会有警告。
"""

# %% tags=["nbval-ignore-output"]
print("mended: weight {:.3f}, bias {:.3f}, loss {:.6f}".format(*fitted(target)))
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    F.mse_loss(x, labels)
print(str(caught[0].message).partition(". ")[0])

# %% [markdown] lang="en"
r"""
## Case 6 · nan at step 40

"It trained well for forty steps. Then everything is nan." The loss was written by hand, and the data come from a file:
"""

# %% [markdown] lang="zh"
r"""
## 病例6 · 第40步变成nan

“前四十步都好好的，然后全成了nan。”损失函数是自己写的，数据来自一个文件：
"""

# %%
predict("09.p4")


# %%
def own_cross_entropy(logits, labels):
    p = torch.softmax(logits, dim=1)
    return -torch.log(p[torch.arange(len(labels)), labels]).mean()


def batches_from_file(size=4):
    order = torch.randperm(len(X), generator=torch.Generator().manual_seed(0))
    points, classes = X[order].clone(), y[order]
    points[160] = -9999.0
    return list(zip(points.split(size), classes.split(size), strict=True))


def relu_network():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(2, 16), torch.nn.ReLU(), torch.nn.Linear(16, 2))


# %% tags=["nbval-ignore-output"]
model = relu_network()
sgd = torch.optim.SGD(model.parameters(), lr=0.1)
run = watch(model, own_cross_entropy, batches_from_file(), sgd, steps=100)
print(run.trouble.sentence())

# %% [markdown] lang="en"
r"""
`watch` stops at the first number that is not finite and says where it began: every layer's output was finite, the loss was not. Look at that very batch:
"""

# %% [markdown] lang="zh"
r"""
`watch`停在第一个不是有限数的地方，并指出它从哪里开始：各层的输出都是有限的，损失却不是。看看这一批数据：
"""

# %% tags=["nbval-ignore-output"]
points, classes = batches_from_file()[run.trouble.step]
logits = model(points)
print(points)
print(torch.softmax(logits, dim=1)[torch.arange(4), classes])

# %% [markdown] lang="en"
r"""
One point is `(-9999, -9999)`, a common mark for "no value". The network is sure of the wrong class, the right one's probability underflows to 0, and $-\log 0$ is `inf`. What would backward make of that? [Anomaly detection](https://docs.pytorch.org/docs/stable/autograd.html#anomaly-detection) stops at the first node that returns nan, and its warning names the line of the forward pass:
"""

# %% [markdown] lang="zh"
r"""
有一个点是`(-9999, -9999)`，这是常见的“缺失值”记号。网络对错误的类别十分肯定，正确类别的概率下溢成0，而$-\log 0$是`inf`。反向传播会算出什么？[异常检测](https://docs.pytorch.org/docs/stable/autograd.html#anomaly-detection)（anomaly detection）停在第一个返回nan的节点，它的警告指出前向传播中的那一行：
"""

# %%
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    try:
        with torch.autograd.set_detect_anomaly(True):
            own_cross_entropy(model(points), classes).backward()
    except RuntimeError as error:
        print(error)
print(str(caught[-1].message).partition(" (Triggered")[0].strip().splitlines()[-1].strip())

# %% [markdown] lang="en"
r"""
**Diagnosis**: `log` divides by 0, and the softmax multiplies that infinity by 0. **Cure**: two of them. `F.cross_entropy` never forms the probability, so loss and gradient stay finite; and the mark is taken out of the data, for a finite gradient of nonsense is no better:
"""

# %% [markdown] lang="zh"
r"""
**诊断**：`log`求导时除以0，得到无穷大，softmax又用0去乘它。**解决办法**有两个：`F.cross_entropy`不单独算出概率，所以损失和梯度都是有限的；另外还要把缺失值从数据中去掉，因为荒谬的数据即使给出有限的梯度，也没有用：
"""

# %% tags=["nbval-ignore-output"]
loss = F.cross_entropy(model(points), classes)
model.zero_grad()
loss.backward()
print(loss.isfinite().item(), all(p.grad.isfinite().all().item() for p in model.parameters()))
clean = [(p[p.abs().max(dim=1).values < 100], c[p.abs().max(dim=1).values < 100]) for p, c in batches_from_file()]
run = watch(model := relu_network(), F.cross_entropy, clean, torch.optim.SGD(model.parameters(), lr=0.1), steps=200)
print(run.trouble, accuracy(model))

# %% [markdown] lang="en"
r"""
## Case 7 · Modified by an inplace operation

"A residual block. Forward works, backward raises, and I cannot see which variable it means."
"""

# %% [markdown] lang="zh"
r"""
## 病例7 · 就地操作的报错

“这是一个残差块。前向没有问题，反向却报错，看不出说的是哪个变量。”
"""

# %%
predict("09.p5")


# %%
class Residual(torch.nn.Module):
    def __init__(self, activation):
        super().__init__()
        self.linear, self.activation = torch.nn.Linear(2, 2), activation

    def forward(self, x):
        h = self.activation(self.linear(x))
        h += x
        return h


# %%
for activation in (torch.sigmoid, torch.relu, F.softplus):
    try:
        Residual(activation)(X).sum().backward()
        print(activation.__name__, "runs")
    except RuntimeError as error:
        print(activation.__name__, str(error).partition("; expected")[0])

# %% [markdown] lang="en"
r"""
The message names the operation: *output 0 of Sigmoid*, *at version 1*. `sigmoid` and `relu` **saved their result** for backward, and `+=` wrote into it; `softplus` saved its input, which nobody changed. In the explorer ■ is a saved tensor, ✗ one that was changed since. Switch `in_place` off:
"""

# %% [markdown] lang="zh"
r"""
报错里写明了运算：*output 0 of Sigmoid*（Sigmoid的第0个输出），它的版本是1。`sigmoid`和`relu`为反向传播**保存了自己的结果**，而`+=`改写了它；`softplus`保存的是输入，没有被改动。在交互图里，■是保存的张量，✗表示保存之后又被改写。请关掉`in_place`试试：
"""

# %%
torch.manual_seed(0)
linear = torch.nn.Linear(2, 2)


def block(x, in_place):
    h = torch.sigmoid(linear(x))
    if in_place:
        h += x
    else:
        h = h + x
    return h.sum()


explore(block, x=[0.5, -1.0], in_place=True, saved=True, direction="right")

# %% [markdown] lang="en"
r"""
**Cure**: a new tensor, `h = h + x`. Not `h.data += x`: it silences the message and leaves a wrong gradient (lesson 05). An independent judge of the gradient is [`gradcheck`](https://docs.pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradcheck.html), which compares the whole Jacobian with central differences in float64:
"""

# %% [markdown] lang="zh"
r"""
**解决办法**：产生新的张量，即`h = h + x`。不要写成`h.data += x`，那样虽然不再报错，梯度却是错的（第05课）。要独立地判断梯度对不对，可以用[`gradcheck`](https://docs.pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradcheck.html)，它用float64把整个雅可比矩阵与中心差分比较：
"""


# %%
def mended(x):
    return torch.sigmoid(x) + x


def silenced(x):
    h = torch.sigmoid(x)
    h.data += x.data
    return h


at = torch.tensor([0.5, -1.0], dtype=torch.float64, requires_grad=True)
print(torch.autograd.gradcheck(mended, at))
try:
    torch.autograd.gradcheck(silenced, at)
except RuntimeError as error:
    print(str(error).strip().splitlines()[0])

# %% [markdown] lang="en"
r"""
## Case 8 · Memory grows with every batch

"My evaluation adds up the losses of all batches. After an hour the machine is out of memory." No error, no wrong number. Hooks on saved tensors keep a **weak** reference to each, so we can count what is still alive, each piece of memory once:
"""

# %% [markdown] lang="zh"
r"""
## 病例8 · 每过一批，内存就增长

“评估时要把各批的损失加起来。一个小时之后，内存就用完了。”没有报错，也没有算错。给保存的张量挂上钩子，各留一个**弱引用**（weak reference），就能数出还有多少没有释放，同一块内存只算一次：
"""

# %%
alive = weakref.WeakSet()


class Box:
    def __init__(self, tensor):
        self.tensor = tensor.detach()
        alive.add(self)


def memory_during(add, batches=20):
    model, total, kilobytes = network(), 0.0, []
    with torch.autograd.graph.saved_tensors_hooks(Box, lambda box: box.tensor):
        for _ in range(batches):
            total = add(total, F.cross_entropy(model(X), y))
            pieces = {box.tensor.data_ptr(): box.tensor.nbytes for box in alive}
            kilobytes.append(sum(pieces.values()) / 1000)
    return kilobytes


# %%
curves = [memory_during(lambda total, loss: total + loss), memory_during(lambda total, loss: total + loss.item())]
d2l.plot(range(20), curves, "batch", "kB held", ["total + loss", "total + loss.item()"], figsize=(5, 2.5))
[(round(curve[0], 1), round(curve[-1], 1)) for curve in curves]

# %% [markdown] lang="en"
r"""
**Diagnosis**: the running total is on the graph, and holds the graph of every batch it was made from. **Cure**: add numbers, `loss.item()`, or record nothing in the first place, `with torch.no_grad():`. During training the same line is less visible, because `backward` frees the saved tensors; the nodes remain.

> **One idea behind cases 6, 7 and 8.** When a backward node is made, it **saves** the tensors its formula needs, and their **version**. When it runs, it multiplies by what was saved, after comparing the versions; then it **frees** them. A saved 0 makes infinities, a changed one raises, and one that is never freed costs memory.
"""

# %% [markdown] lang="zh"
r"""
**诊断**：累加的总和在计算图上，它持有每一批的计算图。**解决办法**：加数值，即`loss.item()`，或者一开始就不记录，即`with torch.no_grad():`。训练时，同样一行不那么显眼，因为`backward`会释放保存的张量，留下的只是节点。

> **病例6、7、8背后是同一个道理。** 反向节点在生成时，就**保存**它的公式要用的张量及其**版本**。运行时，它先比较版本，再乘上所保存的值，然后把它们**释放**。保存的是0，就会产生无穷大；被改写过，就会报错；一直不释放，就会占用内存。
"""

# %% [markdown] lang="en"
r"""
## Exercises

Run each program, say what is wrong with it, and mend it. Stuck? Press the button below the check, or run `hint("09.1")`.
"""

# %% [markdown] lang="zh"
r"""
## 练习

先运行，再诊断，然后改好。卡住了？按检查结果下方的提示按钮，或运行`hint("09.1")`。
"""

# %% [markdown] lang="en"
r"""
### Exercise 09.1 · Five patients ★★☆ (8 min)

The smallest programs that fail. Run them, then name what ails each: `"leaf"` a leaf written to in place; `"saved"` a saved value written to in place; `"freed"` saved tensors used after they were freed; `"cut"` the path to the leaf is cut; `"vector"` no scalar to start from.
"""

# %% [markdown] lang="zh"
r"""
### 练习09.1 · 五个病例 ★★☆（8分钟）

下面是最短的几个失败的程序。先运行，再说出各自的病因：`"leaf"`就地修改了叶子；`"saved"`就地修改了被保存的值；`"freed"`保存的张量释放之后又被使用；`"cut"`通向叶子的路断了；`"vector"`反向传播没有标量可以出发。
"""


# %%
def a(x):
    y = x.exp().sum()
    for _ in range(2):
        y.backward()


def b(x):
    y = torch.sigmoid(x)
    y.mul_(2)
    y.sum().backward()


def c(x):
    torch.tanh(3 * x).backward()


# %%
def d(x):
    best = (x > x.mean()).float() * 3
    best.sum().backward()


def e(x):
    x.clamp_(min=1.5)
    (x * x).sum().backward()


# %%
for program in (a, b, c, d, e):
    try:
        program(torch.tensor([1.0, 2.0], requires_grad=True))
    except RuntimeError as error:
        print(program.__name__, error)

# %%
ailments = {"a": ..., "b": ..., "c": ..., "d": ..., "e": ...}

# %%
check("09.1", ailments)

# %% tags=["solution"]
{"a": "freed", "b": "saved", "c": "vector", "d": "cut", "e": "leaf"}

# %% [markdown] lang="en" tags=["solution"]
r"""
`sigmoid` saves its result, like `exp`; the comparison in `d` has no slope; `clamp_` writes to the leaf itself.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
`sigmoid`与`exp`一样保存结果；`d`里的比较没有斜率；`clamp_`改的是叶子本身。
"""

# %% [markdown] lang="en"
r"""
### Exercise 09.2 · Which version? ★★☆ (5 min)

`y = x.exp()`, then `y += 1`, then `z = y[:2]`, then `z.mul_(2)`, then `u = y * 3`. At which version did `ExpBackward0` save `y`, and at which version is `y` at the end?
"""

# %% [markdown] lang="zh"
r"""
### 练习09.2 · 第几版？ ★★☆（5分钟）

依次运行`y = x.exp()`、`y += 1`、`z = y[:2]`、`z.mul_(2)`、`u = y * 3`。`ExpBackward0`保存的`y`是第几版？最后`y`是第几版？
"""

# %%
saved, now = ..., ...

# %%
check("09.2", (saved, now))

# %% tags=["solution"]
x = torch.arange(4.0, requires_grad=True)
y = x.exp()
versions = [y._version]
y += 1
z = y[:2]
z.mul_(2)
u = y * 3
versions[0], y._version, z._version

# %% [markdown] lang="en" tags=["solution"]
r"""
Two writes in place, one of them through a view, which shares the counter.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
就地修改了两次，其中一次是通过视图，而视图共用同一个计数器。
"""

# %% [markdown] lang="en"
r"""
### Exercise 09.3 · Written over ★★☆ (7 min)

`concentration(x)` turns scores into shares, $s = e^x / \sum e^x$, and returns $s^\top s$. Forward it is right; backward it raises. Mend it: same value, true gradient.
"""

# %% [markdown] lang="zh"
r"""
### 练习09.3 · 被修改的值 ★★☆（7分钟）

`concentration(x)`把得分变成占比$s = e^x / \sum e^x$，返回$s^\top s$。前向是对的，反向却报错。请改好它：值不变，梯度要正确。
"""


# %%
def concentration(x):
    e = x.exp()
    e /= e.sum()
    return torch.dot(e, e)


# %%
explore(concentration, x=[0.0, 1.0], saved=True)

# %%
check("09.3", concentration)


# %% tags=["solution"]
def solved_09_3(x):
    e = x.exp()
    s = e / e.sum()
    return torch.dot(s, s)


at = torch.tensor([0.0, 1.0], dtype=torch.float64, requires_grad=True)
torch.autograd.grad(solved_09_3(at), at)[0], numerical_grad(solved_09_3, at.detach())

# %% [markdown] lang="en" tags=["solution"]
r"""
A new name for the shares leaves the saved exponentials alone. The central difference agrees.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
给占比一个新的名字，就不会碰到所保存的指数。中心差分的结果与之相符。
"""

# %% [markdown] lang="en"
r"""
### Exercise 09.4 · The root of the nan ★★★ (8 min)

`root(x)` is $\sqrt{x}$ where $x > 0$ and 0 elsewhere. Its value is right; its gradient is `nan` or `inf` where it should be 0. Mend it, without touching gradients afterwards.
"""

# %% [markdown] lang="zh"
r"""
### 练习09.4 · nan的根源 ★★★（8分钟）

`root(x)`在$x > 0$处是$\sqrt{x}$，其余处是0。值没有错，但本该为0的梯度却是`nan`或`inf`。请改正它，但不要在事后改动梯度。
"""


# %%
def root(x):
    return torch.where(x > 0, torch.sqrt(x), 0.0)


# %%
check("09.4", root)


# %% tags=["solution"]
def solved_09_4(x):
    safe = torch.where(x > 0, x, 1.0)
    return torch.where(x > 0, torch.sqrt(safe), 0.0)


at = torch.tensor([-1.0, 0.0, 4.0], requires_grad=True)
torch.autograd.grad(solved_09_4(at).sum(), at)[0]

# %% [markdown] lang="en" tags=["solution"]
r"""
`torch.where` differentiates both branches, so choosing after the root is too late: the first choice keeps the root inside its domain, the second gives the value.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
`torch.where`的两个分支都会求导，所以在开方之后再选就晚了。第一次选，让开方留在定义域内；第二次选，给出该有的值。
"""

# %% [markdown] lang="en"
r"""
### Exercise 09.5 · The loop that stops ★★☆ (8 min)

`train` should take `steps` steps of gradient descent and return the last `w`. It stops in its second round. Two lines are ill, one of which would only be noticed later.
"""

# %% [markdown] lang="zh"
r"""
### 练习09.5 · 停下来的循环 ★★☆（8分钟）

`train`应当做`steps`步梯度下降，返回最后的`w`。它在第二次迭代时就报错了。其中有两处错误，有一处要改正另一处之后才会发现。
"""


# %%
def train(w, xs, ys, lr, steps):
    w = w.clone().requires_grad_()
    for _ in range(steps):
        loss = ((w * xs - ys) ** 2).mean()
        loss.backward()
        w = w - lr * w.grad
    return w.detach()


# %%
check("09.5", train)


# %% tags=["solution"]
def solved_09_5(w, xs, ys, lr, steps):
    w = w.clone().requires_grad_()
    for _ in range(steps):
        loss = ((w * xs - ys) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        w.grad = None
    return w.detach()


solved_09_5(torch.zeros(2), torch.ones(2), torch.tensor([3.0, -1.0]), 0.5, 20)

# %% [markdown] lang="en" tags=["solution"]
r"""
In place, unrecorded, `w` stays the leaf; and now that it does, its gradient has to be emptied every round.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
就地修改且不记录，`w`就一直是叶子；既然如此，它的梯度每一轮都要清空。
"""

# %% [markdown] lang="en"
r"""
### Exercise 09.6 · A history without a past ★★☆ (6 min)

`history(w, batches)` evaluates a model on every row of `batches` and returns the losses as one tensor, for a plot. Backward is never called, and yet each loss keeps its graph alive. Mend it: same numbers, no graph, `w` as it was.
"""

# %% [markdown] lang="zh"
r"""
### 练习09.6 · 不带计算图的记录 ★★☆（6分钟）

`history(w, batches)`在`batches`的每一行上评估模型，把各个损失作为一个张量返回，用来画图。这里不会调用`backward`，每个损失却都持有自己的计算图。请修好它：数值不变，没有计算图，`w`保持原样。
"""


# %%
def history(w, batches):
    history = []
    for x in batches:
        history.append((w * x).exp().mean())
    return torch.stack(history)


# %%
check("09.6", history)


# %% tags=["solution"]
def solved_09_6(w, batches):
    with torch.no_grad():
        return torch.stack([(w * x).exp().mean() for x in batches])


losses = solved_09_6(torch.ones(3, requires_grad=True), torch.ones(4, 3))
losses, losses.grad_fn

# %% [markdown] lang="en" tags=["solution"]
r"""
Where nothing is recorded nothing is saved, and there is no `grad_fn` to hold on to a graph.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
不记录，就什么也不保存，也就没有`grad_fn`去持有计算图。
"""

# %% [markdown] lang="en"
r"""
## Recap

| what you see | where to look | the cause here |
|---|---|---|
| the loss rises | update beside weight | the learning rate |
| the loss swings | `.grad` beside a fresh gradient | no `zero_grad` |
| a layer stands still | its gradient, its update | not in the optimizer |
| no better than chance | gradients of the first step | weights of 0 |
| a flat line | shapes in the graph | broadcasting |
| nan | the first step and node that have it | `log` of 0, bad data |
| *modified by an inplace operation* | saved tensors, versions | `+=` on a saved result |
| memory grows | what holds a `grad_fn` | losses added on the graph |

Next: [lesson 10, beyond](10_beyond.ipynb): your own `autograd.Function`, checkpoints, forward mode. Read on: [Autograd mechanics](https://docs.pytorch.org/docs/stable/notes/autograd.html), with saved tensors and in-place checks, [gradcheck](https://docs.pytorch.org/docs/stable/notes/gradcheck.html) and the [FAQ](https://docs.pytorch.org/docs/stable/notes/faq.html) on memory in PyTorch's notes; [Automatic Differentiation](https://d2l.ai/chapter_preliminaries/autograd.html) in *Dive into Deep Learning* ([Chinese edition](https://zh.d2l.ai/chapter_preliminaries/autograd.html)).
"""

# %% [markdown] lang="zh"
r"""
## 小结

| 现象 | 检查什么 | 本课中的原因 |
|---|---|---|
| 损失上升 | 更新量与权重之比 | 学习率太大 |
| 损失来回摆动 | `.grad`与另算的梯度 | 没有`zero_grad` |
| 某一层不动 | 它的梯度和更新量 | 不在优化器里 |
| 与瞎猜一样 | 第一步的梯度 | 权重全是0 |
| 一条水平线 | 计算图中的形状 | 广播 |
| nan | 最先出现nan的那一步和节点 | 对0取`log`，数据有误 |
| *modified by an inplace operation* | 保存的张量及其版本 | 对保存的结果用了`+=` |
| 内存增长 | 什么持有`grad_fn` | 在计算图上累加损失 |

下一课：[第10课，更进一步](10_beyond.ipynb)：自己写`autograd.Function`、检查点、前向模式。延伸阅读：PyTorch文档中的[自动求导机制](https://docs.pytorch.org/docs/stable/notes/autograd.html)（保存的张量与就地操作的检查）、[gradcheck](https://docs.pytorch.org/docs/stable/notes/gradcheck.html)和关于内存的[常见问题](https://docs.pytorch.org/docs/stable/notes/faq.html)（英文）；《动手学深度学习》的[自动微分](https://zh.d2l.ai/chapter_preliminaries/autograd.html)一节（另有[英文版](https://d2l.ai/chapter_preliminaries/autograd.html)）。
"""

# %% tags=["nbval-ignore-output"]
progress.show()
