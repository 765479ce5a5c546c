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

**My network does not learn, and I do not know why.** Eight training scripts come in, each a short real run of an `nn.Module`: losses that rise, swing, stand still or turn into nan, a layer that never moves, memory that grows, an error in backward. Each is run, examined and fixed.

After this lesson you can

- tell from loss, gradients and updates where a run goes wrong;
- examine it with `watch`, the explorer, saved tensors and anomaly detection;
- confirm a fix by a number, not by the absence of an error message.

*About 75 minutes: 35 to read and try, 40 for the exercises. You need lessons 02, 04 and 05.*
"""

# %% [markdown] lang="zh"
r"""
# 09 · 求导错误诊所：训练为什么失败

**网络训练不好，却不知道原因**。本课有八个失败的训练脚本，每个都是一次简短而真实的`nn.Module`训练。有的损失上升，有的来回摆动，有的停滞不动，有的变成nan，还有的是一层始终不更新，内存不断增长，或者反向传播报错。我们逐一运行、检查并改正。

学完本课，你将能够

- 从损失、梯度和更新量判断训练在哪里出了问题；
- 用`watch`、交互图、保存的张量和异常检测来检查训练；
- 用数值确认问题已经解决，而不是只看有没有报错。

约75分钟，其中阅读和操作35分钟，练习40分钟。预备知识是第02、04、05课。
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
在本课用到的名字中，`X`是平面上的200个点，形状为`(200, 2)`，`y`是它们的类别，第一类120个，第二类80个，`model`是一个小网络，`sgd`是它的优化器，`run`是`watch`记录下来的训练过程。
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


torch.set_num_threads(1)  # for matrices so small one thread is the fastest | 矩阵这么小，单线程最快
X, y = moons()
X.shape, y.bincount()

# %% [markdown] lang="en"
r"""
First a **healthy** run, for comparison. `watch` trains and measures the loss, the norm of every parameter's gradient, and the size of each update relative to the weight it changes. Move the slider through the steps.
"""

# %% [markdown] lang="zh"
r"""
先看一次**正常的**训练，作为对照。`watch`在训练的同时测量损失、每个参数的梯度范数，以及每次更新相对于权重的大小。拖动滑块，可以查看训练的每一步。
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

"These are the first ten losses, and it only gets worse."
"""

# %% [markdown] lang="zh"
r"""
## 病例1 · 损失上升

“这是前十步的损失，情况越来越糟。”
"""

# %% tags=["measured", "nbval-ignore-output"]
model = network()
sgd = torch.optim.SGD(model.parameters(), lr=30.0)
run = watch(model, F.cross_entropy, (X, y), sgd, steps=10)
[round(loss, 2) for _, loss in run.losses]


# %% [markdown] lang="en"
r"""
Is the gradient wrong, or the way it is used? Compare the size of each update with the size of the weights it changes, in the first step, for this learning rate and for the healthy one:
"""

# %% [markdown] lang="zh"
r"""
是梯度错了，还是梯度的用法错了？取第一步，求出更新量与对应权重的大小之比，把这个学习率与正常的学习率作比较。
"""


# %% tags=["nbval-ignore-output"]
def first_step(lr):
    model = network()
    before = [p.detach().clone() for p in model.parameters()]
    F.cross_entropy(model(X), y).backward()
    torch.optim.SGD(model.parameters(), lr=lr).step()
    return [((p - old).norm() / old.norm()).item() for p, old in zip(model.parameters(), before, strict=True)]


names = [name for name, _ in network().named_parameters()]
for name, healthy, faulty in zip(names, first_step(1.0), first_step(30.0), strict=True):
    print(f"{name:10} {healthy:6.2f} {faulty:6.2f}")

# %% [markdown] lang="en"
r"""
**Diagnosis**: the gradients are the same, but the step is thirty times as long. An update several times as large as its weight does not descend the slope, it leaps over the valley (lesson 01). **Cure**: a smaller learning rate. A rule of thumb for one step is an update of a thousandth to a hundredth of the weight; the updates of our healthy run, on a tiny network, are larger than that.
"""

# %% [markdown] lang="zh"
r"""
**诊断**：梯度相同，但步长是原来的三十倍。更新量达到权重的好几倍时，参数不再沿下坡方向逐步移动，而是跳过谷底（第01课）。**解决办法**：减小学习率。根据经验，一步的更新量宜为权重的千分之一到百分之一。这里的网络很小，正常的训练也超过了这个范围。
"""

# %% [markdown] lang="en"
r"""
## Case 2 · The loss swings

"One layer fits a straight line to 50 points. The loss falls, rises, falls, and never settles."
"""

# %% [markdown] lang="zh"
r"""
## 病例2 · 损失来回摆动

“用单层网络对50个点拟合一条直线，损失时降时升，始终不收敛。”
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
both = [fit(zero=False), fit(zero=True)]
d2l.plot(range(60), both, "step", "loss", ["as given", "fixed"], ylim=[-0.1, 2.7], figsize=(3.9, 2.5))

# %% [markdown] lang="en"
r"""
The usual suspect is the gradient. Compare it with one that is computed separately, by `torch.autograd.grad`, which does not write into `.grad`; without an update in between, both should be the same in every step:
"""

# %% [markdown] lang="zh"
r"""
首先检查梯度。用`torch.autograd.grad`另外计算梯度，它的结果不会写入`.grad`，然后与`.grad`比较。中间不更新参数，所以两者在每一步都应当相同。
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
**Diagnosis**: `.grad` is twice, then three times as large as the gradient. It holds the sum of all passes so far, because it is never set to zero; the fit swings like a ball without friction. **Cure**: `sgd.zero_grad()` in every iteration, the second curve. With a smaller learning rate such a bug can even look like faster training. Compare gradients, not only losses.
"""

# %% [markdown] lang="zh"
r"""
**诊断**：`.grad`先是梯度的两倍，再是三倍。由于从来没有清零，`.grad`是迄今所有梯度之和，拟合的过程就像没有摩擦的小球，来回摆动。**解决办法**：每次迭代都调用`sgd.zero_grad()`，结果是第二条曲线。学习率较小时，这个错误甚至会使训练看起来更快，所以要比较梯度，不能只看损失。
"""

# %% [markdown] lang="en"
r"""
## Case 3 · A layer that never moves

"I gave the network a new last layer for a new task. It trains, but poorly."
"""

# %% [markdown] lang="zh"
r"""
## 病例3 · 始终不更新的一层

“为了新的任务，给网络换了新的最后一层。训练能够进行，但效果不好。”
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
    print(f"{name:9} gradient {gradient:7.4f}  update {update:.6f}")

# %% [markdown] lang="en"
r"""
**Diagnosis**: a gradient arrives at `2.weight` and `2.bias`, yet their update is exactly 0. So backward is right. The gradient is large only because it is never set to zero: `sgd.zero_grad()` does not reach this layer either. The optimizer was created **before** the layer was replaced and still holds the old layer's parameters. **Cure**: create the optimizer last. To be sure, list the parameters that it does not hold:
"""

# %% [markdown] lang="zh"
r"""
**诊断**：梯度到达了`2.weight`和`2.bias`，更新量却恰好是0，可见反向传播没有问题。梯度之所以很大，只是因为从未清零，`sgd.zero_grad()`也不会清除这一层的梯度。优化器是在换层**之前**创建的，持有的仍是旧层的参数。**解决办法**：最后才创建优化器。要确认这一点，可以列出优化器中没有的参数。
"""

# %%
known = {id(p) for group in sgd.param_groups for p in group["params"]}
print([name for name, p in model.named_parameters() if id(p) not in known])
sgd = torch.optim.SGD(model.parameters(), lr=1.0)
print([name for name, p in model.named_parameters() if id(p) not in {id(q) for q in sgd.param_groups[0]["params"]}])

# %% [markdown] lang="en"
r"""
## Case 4 · No better than guessing

"I wanted a clean start and set all weights to 0. The accuracy is never better than that of always guessing the larger class."
"""

# %% [markdown] lang="zh"
r"""
## 病例4 · 与猜测无异

“为了从头开始，把所有权重都设成了0。准确率始终与一律猜较大的一类相同。”
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
**Diagnosis**: in the first step only the last bias gets a gradient, and it can learn no more than the share of the classes, 0.6. A product multiplies the gradient by the *other* factor. Towards the hidden layer that factor is the last weight, 0; towards the last weight it is the hidden output, `tanh(0)`, 0 as well. So both stay at 0. Open `zero_model` in the explorer: the gradients along the way are 0, and so are the values.
"""

# %% [markdown] lang="zh"
r"""
**诊断**：第一步只有最后一层的偏置得到了梯度，而偏置只能学到两类的比例，即0.6。乘法的反向传播要乘上**另一个**因子。对隐藏层来说，另一个因子是最后一层的权重，等于0。对最后一层的权重来说，另一个因子是隐藏层的输出`tanh(0)`，也等于0。所以两者都始终是0。请在交互图里展开`zero_model`，可以看到沿途的梯度和值都是0。
"""

# %%
zero_model = network()
for p in zero_model.parameters():
    torch.nn.init.zeros_(p)


def loss_of_one_point(point):
    return F.cross_entropy(zero_model(point), y[:1])


explore(loss_of_one_point, X[:1].requires_grad_())

# %% [markdown] lang="en"
r"""
**Cure**: random weights; only biases may start at 0. PyTorch's default initialization draws random weights, as in the healthy run.

## Case 5 · A flat line

"The data lie on a straight line, but one layer cannot fit them. It always predicts the mean."
"""

# %% [markdown] lang="zh"
r"""
**解决办法**：权重用随机数初始化，只有偏置可以从0开始。PyTorch默认的初始化使用随机的权重，上面正常的训练用的就是默认的初始化。

## 病例5 · 一条水平线

“数据就在一条直线上，单层网络却无法拟合，预测的总是均值。”
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
print("as given: weight {:.3f}, bias {:.3f}, loss {:.3f}".format(*fitted(labels)))

# %% [markdown] lang="en"
r"""
The true line has weight 2 and bias 1. There is no error and no warning, and the gradient agrees with central differences: it is the right gradient of *another* loss. What does the recorded graph say about shapes?
"""

# %% [markdown] lang="zh"
r"""
正确的直线权重是2，偏置是1。这里没有报错，没有警告，梯度也与中心差分一致，但它是**另一个**损失的梯度。下面看看计算图中各个张量的形状。
"""

# %% tags=["answer"]
r = record(lambda w: ((x * w - labels) ** 2).mean(), w=1.0)
for node in r.nodes:
    print(f"{node.op:8} {node.values[0].shape} {torch.Size(node.values[0].shape).numel()}")

# %% [markdown] lang="en" tags=["answer"]
r"""
**Diagnosis**: predictions of shape `(50, 1)` minus labels of shape `(50,)` broadcast to `(50, 50)`: 2500 differences, of every prediction and every label. What fits all of them best is the mean of the labels. **Cure**: equal shapes. `F.mse_loss` would have warned.
"""

# %% [markdown] lang="zh" tags=["answer"]
r"""
**诊断**：预测的形状是`(50, 1)`，标签的形状是`(50,)`，相减时广播成了`(50, 50)`，每个预测都与每个标签相减，一共2500个差。这时最佳的预测就是标签的均值。**解决办法**：使两者形状相同。如果使用`F.mse_loss`，就会出现警告。
"""

# %% tags=["nbval-ignore-output"]
print("fixed: weight {:.3f}, bias {:.3f}, loss {:.6f}".format(*fitted(target)))
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    F.mse_loss(x, labels)
print(str(caught[0].message).partition(". ")[0])

# %% [markdown] lang="en"
r"""
## Case 6 · nan at step 40

"It trained well for forty steps. Then everything was nan." The loss is hand-written, and the data come from a file:
"""

# %% [markdown] lang="zh"
r"""
## 病例6 · 第40步变成nan

“前四十步都正常，然后全部变成了nan。”损失函数是自己编写的，数据来自一个文件。
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
`watch` stops at the first number that is not finite and says where it arose: every layer's output was finite, the loss was not. Look at this batch:
"""

# %% [markdown] lang="zh"
r"""
`watch`在第一次出现非有限数时停止，并指出它的来源。这里各层的输出都是有限的，损失却不是。下面查看这一批数据。
"""

# %% tags=["nbval-ignore-output"]
points, classes = batches_from_file()[run.trouble.step]
logits = model(points)
print(points)
print(torch.softmax(logits, dim=1)[torch.arange(4), classes])

# %% [markdown] lang="en" tags=["answer"]
r"""
One point is `(-9999, -9999)`, a common mark for a missing value. The network is certain of the wrong class, the probability of the right one underflows to 0, and $-\log 0$ is `inf`. What will backward compute? [Anomaly detection](https://docs.pytorch.org/docs/stable/autograd.html#anomaly-detection) stops at the first node that returns nan, and its warning names the line of the forward pass:
"""

# %% [markdown] lang="zh" tags=["answer"]
r"""
有一个点是`(-9999, -9999)`，这是缺失值的常用标记。网络几乎完全肯定地把它判为错误的类别，正确类别的概率下溢（underflow）成0，而$-\log 0$是`inf`。反向传播会算出什么？[异常检测](https://docs.pytorch.org/docs/stable/autograd.html#anomaly-detection)（anomaly detection）停在第一个返回nan的节点，它的警告指出前向传播中对应的代码行。
"""

# %% tags=["answer"]
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
**Diagnosis**: the derivative of `log` divides by 0, and that of the softmax multiplies the resulting infinity by 0. **Cure**: two changes. `F.cross_entropy` never forms the probability, so loss and gradient stay finite; and missing values are removed from the data, since a finite gradient of meaningless data is no better:
"""

# %% [markdown] lang="zh"
r"""
**诊断**：`log`求导时除以0，得到无穷大，softmax求导时又用0乘以无穷大。**解决办法**有两个。第一，改用`F.cross_entropy`，它不单独计算概率，所以损失和梯度都是有限的。第二，从数据中去掉缺失值，因为对没有意义的数据，即使梯度是有限的，也没有用。
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

"This is a residual block. Forward works, backward raises, and I cannot tell which variable is meant."
"""

# %% [markdown] lang="zh"
r"""
## 病例7 · 就地操作的报错

“这是一个残差块。前向传播没有问题，反向传播却报错，看不出是哪个变量。”
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
        print(f"{activation.__name__}: runs")
    except RuntimeError as error:
        print(f"{activation.__name__}: {str(error).partition('; expected')[0]}")

# %% [markdown] lang="en"
r"""
The message names the operation: *output 0 of Sigmoid*, *at version 1*. `sigmoid` and `relu` **saved their result** for backward, and `+=` wrote into it; `softplus` saved its input, which was not changed. In the explorer ■ is a saved tensor, ✗ one that was changed after it was saved. Switch `in_place` off:
"""

# %% [markdown] lang="zh"
r"""
报错里写明了运算*output 0 of Sigmoid*（Sigmoid的第0个输出），它的版本号是1。`sigmoid`和`relu`为反向传播**保存了各自的结果**，而`+=`修改了它。`softplus`保存的是输入，没有被修改。在交互图里，■是保存的张量，✗表示保存之后又被修改。请关闭`in_place`再看。
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
**Cure**: a new tensor, `h = h + x`. Do not write `h.data += x`: it silences the message and leaves a wrong gradient (lesson 05). An independent check of the gradient is [`gradcheck`](https://docs.pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradcheck.html), which compares the whole Jacobian with central differences in float64:
"""

# %% [markdown] lang="zh"
r"""
**解决办法**：产生新的张量，即`h = h + x`。不要写成`h.data += x`，这样虽然不再报错，梯度却是错的（第05课）。要独立地检验梯度是否正确，可以用[`gradcheck`](https://docs.pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradcheck.html)，它用float64把整个雅可比矩阵与中心差分作比较。
"""


# %%
def fixed(x):
    return torch.sigmoid(x) + x


def silenced(x):
    h = torch.sigmoid(x)
    h.data += x.data
    return h


at = torch.tensor([0.5, -1.0], dtype=torch.float64, requires_grad=True)
print(torch.autograd.gradcheck(fixed, at))
try:
    torch.autograd.gradcheck(silenced, at)
except RuntimeError as error:
    print(str(error).strip().splitlines()[0])

# %% [markdown] lang="en"
r"""
## Case 8 · Memory grows with every batch

"My evaluation adds up the losses of all batches. After an hour the machine runs out of memory." There is no error and no wrong number. Hooks on saved tensors keep a **weak reference** to each, so that we can count what is still alive, each piece of memory once:
"""

# %% [markdown] lang="zh"
r"""
## 病例8 · 每过一批，内存就增长

“评估时要把各批的损失加起来。一个小时之后，内存就耗尽了。”这里没有报错，数值也没有错。给保存的张量注册钩子，对每个张量保留一个**弱引用**（weak reference），就能统计还有多少没有释放，同一块内存只计一次。
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
d2l.plot(range(20), curves, "batch", "kB held", ["total + loss", "total + loss.item()"], figsize=(3.9, 2.5))
[(round(curve[0], 1), round(curve[-1], 1)) for curve in curves]

# %% [markdown] lang="en"
r"""
**Diagnosis**: the running total is on the graph, and keeps alive the graph of every batch it was computed from. **Cure**: add numbers, `loss.item()`, or record nothing in the first place, `with torch.no_grad():`. During training the same line is harder to notice, because `backward` frees the saved tensors and only the nodes remain.

> **One idea behind cases 6, 7 and 8.** When a backward node is made, it **saves** the tensors its formula needs, and their **version**. When it runs, it compares the versions, multiplies by what was saved, and then **frees** it. A saved 0 makes infinities, a changed tensor raises an error, and one that is never freed costs memory.
"""

# %% [markdown] lang="zh"
r"""
**诊断**：累加的总和在计算图上，它持有每一批的计算图。**解决办法**：只累加数值，即`loss.item()`，或者一开始就不记录，即`with torch.no_grad():`。在训练中，同样的一行不容易发现，因为`backward`会释放保存的张量，留下的只是节点。

> **病例6、7、8的原理相同**。反向节点生成时，会**保存**它的公式要用的张量及其**版本**。运行时，它先比较版本，再乘上所保存的值，然后**释放**这些张量。如果保存的是0，就会产生无穷大。如果保存的张量被修改过，就会报错。如果一直不释放，就会占用内存。
"""

# %% [markdown] lang="en"
r"""
## Exercises

Run each program, say what is wrong with it, and fix it. Stuck? Press the button below the check, or run `hint("09.1")`.
"""

# %% [markdown] lang="zh"
r"""
## 练习

先运行每个程序，再找出错误，然后改正。没有思路时，可以单击检查结果下方的提示按钮，或运行`hint("09.1")`。
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
        print(f"{program.__name__}: {error}")

# %%
ailments = {"a": ..., "b": ..., "c": ..., "d": ..., "e": ...}

# %%
check("09.1", ailments)

# %% tags=["solution"]
{"a": "freed", "b": "saved", "c": "vector", "d": "cut", "e": "leaf"}

# %% [markdown] lang="en" tags=["solution"]
r"""
`sigmoid` saves its result, like `exp`; the comparison in `d` has no derivative; `clamp_` writes to the leaf itself.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
`sigmoid`与`exp`一样，保存的是结果。`d`里的比较没有导数，`clamp_`修改的是叶子本身。
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
saved, at_end = ..., ...

# %%
check("09.2", (saved, at_end))

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
There are two writes in place, one of them through a view, which shares the counter.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
就地修改了两次，其中一次是通过视图（view），而视图与原张量共用一个版本计数器。
"""

# %% [markdown] lang="en"
r"""
### Exercise 09.3 · Written over ★★☆ (7 min)

`concentration(x)` turns scores into shares, $s = e^x / \sum e^x$, and returns $s^\top s$. Forward it is right; backward it raises. Fix it, so that the value stays the same and the gradient is right.
"""

# %% [markdown] lang="zh"
r"""
### 练习09.3 · 被修改的值 ★★☆（7分钟）

`concentration(x)`把得分变成占比$s = e^x / \sum e^x$，返回$s^\top s$。前向传播是对的，反向传播却报错。请改正它，使值不变，梯度也正确。
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
A new tensor for the shares leaves the saved exponentials unchanged. The central difference agrees.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
用新的张量存放占比，就不会修改保存的指数函数值。中心差分的结果与之相符。
"""

# %% [markdown] lang="en"
r"""
### Exercise 09.4 · The root of the nan ★★★ (8 min)

`root(x)` is $\sqrt{x}$ where $x > 0$ and 0 elsewhere. Its value is right; its gradient is `nan` or `inf` where it should be 0. Fix it, but do not change gradients afterwards.
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
`torch.where` differentiates both branches, so choosing after the root is too late. The first `where` keeps the argument of the root inside its domain, the second gives the value.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
`torch.where`的两个分支都会求导，所以在开方之后再选择就晚了。第一个`where`使开方的自变量在定义域内，第二个`where`给出应有的值。
"""

# %% [markdown] lang="en"
r"""
### Exercise 09.5 · The loop that stops ★★☆ (8 min)

`train` should take `steps` steps of gradient descent and return the last `w`. It stops in its second iteration. Two things are wrong; one of them shows only when the other has been fixed.
"""

# %% [markdown] lang="zh"
r"""
### 练习09.5 · 停下来的循环 ★★☆（8分钟）

`train`应当做`steps`步梯度下降，返回最后的`w`。它在第二次迭代时就报错了。其中有两处错误，改正一处之后，另一处才会显现出来。
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
Updated in place and unrecorded, `w` stays the leaf; and since it does, its gradient has to be cleared in every iteration.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
就地修改且不记录，`w`就一直是叶子，因此每次迭代都要把它的梯度清零。
"""

# %% [markdown] lang="en"
r"""
### Exercise 09.6 · A history without a past ★★☆ (6 min)

`history(w, batches)` evaluates a model on every row of `batches` and returns the losses as one tensor, for a plot. Backward is never called, and yet each loss keeps its graph in memory. Fix it: same numbers, no graph, `w` as it was.
"""

# %% [markdown] lang="zh"
r"""
### 练习09.6 · 不带计算图的记录 ★★☆（6分钟）

`history(w, batches)`在`batches`的每一行上评估模型，把各个损失作为一个张量返回，用来画图。这里不会调用`backward`，每个损失却都持有自己的计算图。请改正它，使数值不变，结果不带计算图，`w`也保持原样。
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
Where nothing is recorded nothing is saved, and there is no `grad_fn` to keep a graph alive.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
不记录运算，就不会保存张量，也就没有`grad_fn`持有计算图。
"""

# %% [markdown] lang="en"
r"""
## Recap

| what you see | where to look | the cause here |
|---|---|---|
| the loss rises | update relative to weight | the learning rate |
| the loss swings | `.grad` beside a fresh gradient | no `zero_grad` |
| a layer stands still | its gradient, its update | not in the optimizer |
| no better than guessing | gradients of the first step | weights of 0 |
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
| 某一层不更新 | 它的梯度和更新量 | 不在优化器里 |
| 与猜测无异 | 第一步的梯度 | 权重全是0 |
| 一条水平线 | 计算图中的形状 | 广播 |
| nan | 最先出现nan的步骤和节点 | 对0取`log`，数据有误 |
| *modified by an inplace operation*（被就地操作修改） | 保存的张量及其版本 | 对保存的结果用了`+=` |
| 内存增长 | 什么持有`grad_fn` | 在计算图上累加损失 |

下一课是[第10课，更进一步](10_beyond.ipynb)，内容有自己编写的`autograd.Function`、检查点和前向模式。延伸阅读有PyTorch文档中的[自动求导机制](https://docs.pytorch.org/docs/stable/notes/autograd.html)（保存的张量与就地操作的检查）、[gradcheck](https://docs.pytorch.org/docs/stable/notes/gradcheck.html)和关于内存的[常见问题](https://docs.pytorch.org/docs/stable/notes/faq.html)（英文），以及《动手学深度学习》的[自动微分](https://zh.d2l.ai/chapter_preliminaries/autograd.html)一节（另有[英文版](https://d2l.ai/chapter_preliminaries/autograd.html)）。
"""

# %% tags=["nbval-ignore-output"]
progress.show()
