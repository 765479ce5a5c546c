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
# 09 · The clinic: gradients that are ill

**My program raises an error that I do not understand. Or worse: it raises none, and does not learn. Where do I look?** Ten patients come in, and an eleventh that never complains. Each is examined, diagnosed and mended.

After this lesson you can

- read the messages of autograd, and name the cause behind each;
- see which tensors a node saves, at which version, and explain four errors with that one idea;
- find silent errors: with the graph, central differences, `gradcheck`, anomaly detection and hooks.

*About 90 minutes, 40 of them for the exercises. You need lessons 02, 04 and 05.*
"""

# %% [markdown] lang="zh"
r"""
# 09 · 求导错误诊所

**程序报错了，看不懂；或者更糟：不报错，却学不会。该往哪里看？** 这里有十位病人，还有第十一位，它从不喊疼。我们逐一检查、诊断、治好。

学完本课，你将能够

- 读懂自动微分的报错，说出每条报错背后的原因；
- 看清每个节点保存了哪些张量、是第几版，并用这一个道理解释四种错误；
- 找出不声不响的错误：借助计算图、中心差分、`gradcheck`、异常检测和钩子。

*约90分钟，其中练习40分钟。预备知识：第02、04、05课。*
"""

# %%
import math, warnings, weakref

import torch
from helpers import check, explore, hint, language, numerical_grad, predict, progress, record

language.use("en")

# %% [markdown] lang="en"
r"""
The names of this lesson: `x` and `w` are leaves, vectors `(n,)` or scalars `()`; `y` is computed from them; `loss` is a scalar `()`. And one instrument, which runs a program and writes down what it returns, raises or warns of:
"""

# %% [markdown] lang="zh"
r"""
本课用到的名字：`x`和`w`是叶子，形状为`(n,)`或`()`；`y`由它们算出；`loss`是标量，形状为`()`。还有一件仪器，它运行一个程序，记下返回了什么、报了什么错、给了什么警告：
"""


# %%
def examine(program):
    torch.set_warn_always(True)  # some warnings come once in a session otherwise
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            print(program())
        except (RuntimeError, TypeError, AttributeError) as error:
            print(f"{type(error).__name__}: {error}")
    torch.set_warn_always(False)
    for warning in caught:
        text = str(warning.message).partition(" (Triggered")[0]
        print(f"{warning.category.__name__}: {text}")


# %% [markdown] lang="en"
r"""
## Patient 1 · The integer

"I only wanted the gradient at 0, 1, 2, 3."
"""

# %% [markdown] lang="zh"
r"""
## 病人1 · 整数

“我只想求0、1、2、3处的梯度。”
"""

# %%
examine(lambda: torch.arange(4).requires_grad_())
examine(lambda: torch.arange(4, requires_grad=True))

# %% [markdown] lang="en"
r"""
**Diagnosis.** `arange(4)` and `tensor([1, 2])` hold int64. Between two integers there is nothing to take a limit over, so they cannot *require gradients*. **Cure:** a decimal point, or `.float()`. Before backward, the gradient is `None`, not zero:
"""

# %% [markdown] lang="zh"
r"""
**诊断。** `arange(4)`和`tensor([1, 2])`存的是int64。两个整数之间没有可以取极限的余地，所以它们不能*require gradients*（需要梯度）。**治法：** 加一个小数点，或者用`.float()`。在反向传播之前，梯度是`None`，不是零：
"""

# %%
x = torch.arange(4.0, requires_grad=True)
print(x.dtype, x.grad)

# %% [markdown] lang="en"
r"""
## Patient 2 · The gradient that is None

"I ran backward, and `y.grad` is still `None`."
"""

# %% [markdown] lang="zh"
r"""
## 病人2 · 总是None的梯度

“`backward`跑过了，`y.grad`还是`None`。”
"""


# %%
def none_on_the_way():
    y = x * x
    y.sum().backward()
    return y.grad


examine(none_on_the_way)

# %% [markdown] lang="en"
r"""
**Diagnosis.** Read the warning: *a Tensor that is not a leaf*. Only leaves keep a gradient; at `y` it passes through. **Cure:** `y.retain_grad()` **before** backward. Afterwards it comes too late. And on a tensor without gradient, or to switch off what is no leaf, PyTorch refuses:
"""

# %% [markdown] lang="zh"
r"""
**诊断。** 读一读警告：*a Tensor that is not a leaf*（不是叶子的张量）。只有叶子留住梯度，在`y`处梯度只是路过。**治法：** 在反向传播**之前**写`y.retain_grad()`，之后再写就晚了。对不需要梯度的张量这样要求，或者想关掉非叶子的梯度，PyTorch都会拒绝：
"""

# %%
early, late = x * x, x * x
early.retain_grad()
(early + late).sum().backward()
late.retain_grad()
print(early.grad, late.grad)
examine(lambda: torch.ones(3).retain_grad())
examine(lambda: setattr(early, "requires_grad", False))

# %% [markdown] lang="en"
r"""
The same illness hides in parameters that are **no leaves by accident**: scaled, shifted, reshaped or converted after `requires_grad=True`. Training them goes nowhere, for `.grad` stays `None`.
"""

# %% [markdown] lang="zh"
r"""
同样的病还藏在**无意中不再是叶子**的参数里：在`requires_grad=True`之后又缩放、平移、变形或转换了类型。训练这样的参数是白费力气，因为`.grad`一直是`None`。
"""

# %%
p = torch.ones(4, requires_grad=True)
accidents = {"*": p * 0.1, "-": p - 0.1, "reshape": p.reshape(2, 2), "double": p.double()}
cured = (p * 0.1).detach().requires_grad_()
{name: t.is_leaf for name, t in accidents.items()} | {"cured": cured.is_leaf}

# %% [markdown] lang="en"
r"""
## Patient 3 · A leaf, written to

"I only want to update my parameter."
"""

# %% [markdown] lang="zh"
r"""
## 病人3 · 被修改的叶子

“我只是想更新一下参数。”
"""


# %%
def whole(x):
    x += 1


def part(x):
    x[0] = 5


examine(lambda: whole(x))
examine(lambda: part(x))

# %% [markdown] lang="en"
r"""
**Diagnosis.** A *leaf Variable that requires grad* is where gradients arrive. If `x += 1` were recorded, `x` would become the result of an operation, and be no leaf any more. *A view of a leaf* says the same of `x[0]`. **Cure:** update where nothing is recorded. `x` stays a leaf:
"""

# %% [markdown] lang="zh"
r"""
**诊断。** *leaf Variable that requires grad*（需要梯度的叶子）是梯度最终到达的地方。如果把`x += 1`记录下来，`x`就成了某个运算的结果，不再是叶子。*a view of a leaf*（叶子的视图）说的是`x[0]`，道理一样。**治法：** 在不记录的区域里更新，`x`仍是叶子：
"""

# %%
x = torch.arange(4.0, requires_grad=True)
(x * x).sum().backward()
with torch.no_grad():
    x -= 0.1 * x.grad
x, x.is_leaf

# %% [markdown] lang="en"
r"""
## Patient 4 · The loop that forgets

"The loss falls, rises, falls, and never settles." No message at all:
"""

# %% [markdown] lang="zh"
r"""
## 病人4 · 健忘的循环

“损失时降时升，就是不收敛。”没有任何报错：
"""


# %%
def losses(zero, steps=8, lr=0.4):
    w, seen = torch.tensor(0.0, requires_grad=True), []
    for _ in range(steps):
        loss = (w - 3) ** 2
        seen.append(round(loss.item(), 2))
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        if zero:
            w.grad = None
    return seen


print(losses(zero=False))
print(losses(zero=True))

# %% [markdown] lang="en"
r"""
**Diagnosis.** `backward` **adds** to `.grad`. Without zeroing, each step uses the sum of all gradients so far, like a ball with no friction. **How to find it:** compare `.grad` with a central difference, not in the first round but in the second:
"""

# %% [markdown] lang="zh"
r"""
**诊断。** `backward`是往`.grad`里**累加**。不清零，每一步用的就是迄今所有梯度之和，像一个没有摩擦的小球。**怎样发现：** 把`.grad`与中心差分比一比，不是在第一轮，而是在第二轮：
"""

# %%
w = torch.tensor(0.0, requires_grad=True)
for _ in range(2):
    ((w - 3) ** 2).backward()
w.grad, round(numerical_grad(lambda w: (w - 3) ** 2, 0.0), 6)

# %% [markdown] lang="en"
r"""
Twice as much: two rounds are in it. **Cure:** `w.grad = None` or `optimizer.zero_grad()` in every round. Four relatives of this patient:
"""

# %% [markdown] lang="zh"
r"""
是应有的两倍：里面装着两轮的梯度。**治法：** 每一轮都写`w.grad = None`或`optimizer.zero_grad()`。它还有四位亲戚：
"""

# %%
x = torch.arange(4.0, requires_grad=True)
examine(lambda: x.grad.zero_())
(2 * torch.dot(x, x)).backward()
x.sum().backward()
print(x.grad)

# %%
w = torch.tensor(3.0, requires_grad=True)
(w**2).backward()
g = w.grad
before = g.item()
(w**3).backward()
print(before, g.item())
examine(lambda: setattr(x, "grad", torch.ones(3)))
optimizer = torch.optim.SGD([w], lr=0.1)
optimizer.zero_grad()
print(w.grad)

# %% [markdown] lang="en"
r"""
`x.grad.zero_()` before any backward meets `None`. Two different losses add up: $4x + 1$. `g = w.grad` is a second name, so 6 turns into 33. And a gradient of another size is refused by name: *size '[3]' to a tensor of size '[4]'*.

## Patient 5 · The vector

"My loss has one entry per sample."
"""

# %% [markdown] lang="zh"
r"""
在第一次反向传播之前写`x.grad.zero_()`，碰到的是`None`。两个不同的损失会加在一起：$4x + 1$。`g = w.grad`只是第二个名字，所以6变成了33。大小不对的梯度会被点名拒绝：*size '[3]' to a tensor of size '[4]'*。

## 病人5 · 向量

“我的损失，每个样本有一项。”
"""

# %%
x = torch.arange(4.0, requires_grad=True)
examine(lambda: (x * x).backward())

# %% [markdown] lang="en"
r"""
**Diagnosis.** *grad can be implicitly created only for scalar outputs*: backward starts with 1 at the output, and for a vector it does not guess which. **Cure:** `.sum()`, `.mean()`, or `backward(v)`, as in lesson 04. Choose by what you mean: the mean divides by the number of samples.
"""

# %% [markdown] lang="zh"
r"""
**诊断。** *grad can be implicitly created only for scalar outputs*（只有标量输出才能自动补上起始梯度）：反向传播从输出处的1出发，而对于向量，PyTorch不替你猜。**治法：** 用`.sum()`、`.mean()`或`backward(v)`，见第04课。按你的本意来选：取均值会除以样本数。
"""

# %%
examine(lambda: torch.autograd.grad((x * x).sum(), x))
examine(lambda: torch.autograd.grad((x * x).mean(), x))

# %% [markdown] lang="en"
r"""
## Patient 6 · The cut path

"*Element 0 of tensors does not require grad and does not have a grad_fn*, but I set requires_grad!"
"""

# %% [markdown] lang="zh"
r"""
## 病人6 · 断掉的路

“报错说*element 0 of tensors does not require grad and does not have a grad_fn*，可我明明设了requires_grad！”
"""


# %%
def cut(x):
    return torch.tensor([number**2 for number in x.tolist()]).sum()


examine(lambda: cut(x).backward())
explore(cut, x=[1.0, 2.0])

# %% [markdown] lang="en"
r"""
**Diagnosis.** The picture shows it: no arrow leaves `x`. `tolist()` hands out plain numbers, and `torch.tensor([...])` makes a new leaf of them. Every way out of torch does that. Which of these give a warning, and which say nothing?
"""

# %% [markdown] lang="zh"
r"""
**诊断。** 图里看得很清楚：没有任何箭头从`x`出发。`tolist()`交出来的是普通的数，`torch.tensor([...])`又用它们造了新的叶子。凡是离开torch的路，都会这样。下面哪些会给出警告，哪些一声不吭？
"""

# %%
s = torch.tensor(1.5, requires_grad=True)
examine(lambda: math.sin(s))
examine(lambda: float(s))
examine(lambda: s.item())
examine(lambda: torch.tensor(s))
examine(lambda: s.numpy())

# %% [markdown] lang="en"
r"""
`math.sin` and `float` warn, `.item()` is silent by design, since it says what it does. `torch.tensor(s)` copies without the graph and recommends what you may have meant. `numpy()` refuses, and names the remedy. **Cure:** stay inside torch.

The same message has more causes: an input without `requires_grad`, `no_grad`, `detach()`, a comparison or `argmax`. To find the place, look for the last tensor that still has a `grad_fn`:
"""

# %% [markdown] lang="zh"
r"""
`math.sin`和`float`会警告；`.item()`则不声不响，因为它的意思本来就是取出一个数。`torch.tensor(s)`复制了值却不带计算图，并建议你可能真正想要的写法。`numpy()`直接拒绝，还说出了办法。**治法：** 让运算留在torch之内。

同一条报错还有别的原因：输入没有`requires_grad`，`no_grad`，`detach()`，比较运算或`argmax`。要找到断处，就找最后一个还有`grad_fn`的张量：
"""

# %%
with torch.no_grad():
    quiet = x * x
suspects = {
    "x * x": x * x,
    "in no_grad": quiet,
    "detach()": (x * x).detach(),
    "x > 1": (x > 1).float(),
    "argmax": x.argmax(),
    "stack": torch.stack([x[3] ** 2]),
}
{name: type(t.grad_fn).__name__ for name, t in suspects.items()}

# %% [markdown] lang="en"
r"""
## Patient 7 · The dead branch

"It trains for an hour, and then raises." Drag the slider below 0:
"""

# %% [markdown] lang="zh"
r"""
## 病人7 · 死掉的分支

“训练了一个小时都好好的，突然就报错。”把滑块拖到0以下：
"""


# %%
def sometimes(x):
    if x > 0:
        return x * x
    return torch.tensor(0.0)


explore(sometimes, x=(-3.0, 3.0)).set(x=2.0)

# %% [markdown] lang="en"
r"""
**Diagnosis.** One branch returns a constant: no way leads back to `x`. The explorer says so at the very position. **Cure:** write the branch with `x`, `return 0 * x`, or `torch.relu(x) ** 2`: then the slope is a true 0.

Where else does a flag get lost? Everything computed inside `no_grad` is a leaf that does not require grad; a tensor **made** there with `requires_grad=True` does. `module.eval()` switches nothing off:
"""

# %% [markdown] lang="zh"
r"""
**诊断。** 有一个分支返回常数，没有路通回`x`。交互图在出事的位置上就说了出来。**治法：** 用`x`来写这个分支，例如`return 0 * x`，或者`torch.relu(x) ** 2`：这样斜率是真正的0。

标志还会在哪里丢失？在`no_grad`里**算出来**的，都是不需要梯度的叶子；而在那里用`requires_grad=True`**新建**的张量，仍然需要梯度。`module.eval()`什么也不会关掉：
"""

# %%
with torch.no_grad():
    computed, made = x * 2, torch.ones(3, requires_grad=True)
evaluated = torch.nn.Linear(4, 1).eval()(x)
print(computed.requires_grad, computed.is_leaf, made.requires_grad, evaluated.requires_grad)

# %%
with torch.inference_mode():
    frozen = torch.ones(4)
examine(lambda: x * frozen)

# %% [markdown] lang="en"
r"""
*Inference tensors cannot be saved for backward*: [`inference_mode`](https://docs.pytorch.org/docs/stable/notes/autograd.html#inference-mode) saves time, as its tensors carry no version counter. The product wants to save one, and cannot watch over it. The message offers both ways out: `frozen.clone()`, or `no_grad`.

What are these saved tensors and versions? The next patient shows them.
"""

# %% [markdown] lang="zh"
r"""
*Inference tensors cannot be saved for backward*（推理模式的张量不能为反向传播保存）：[`inference_mode`](https://docs.pytorch.org/docs/stable/notes/autograd.html#inference-mode)更省时间，因为它的张量没有版本计数器。乘法想保存它，却无法看管它。报错里给了两条出路：`frozen.clone()`，或者改用`no_grad`。

什么是保存的张量，什么是版本？下一位病人会告诉我们。
"""

# %% [markdown] lang="en"
r"""
## Patient 8 · Written over

"*One of the variables needed for gradient computation has been modified by an inplace operation.* Which one? Where?"
"""

# %% [markdown] lang="zh"
r"""
## 病人8 · 被改写的值

“*One of the variables needed for gradient computation has been modified by an inplace operation*（求梯度要用的某个变量被就地操作改掉了）。哪一个？在哪里？”
"""

# %%
predict("09.p1")


# %%
def plus_one(y):
    y += 1
    y.sum().backward()
    return x.grad


examine(lambda: plus_one(x.exp()))
x.grad = None
examine(lambda: plus_one(x**2))

# %% [markdown] lang="en"
r"""
Read the message piece by piece. `[torch.FloatTensor [4]]`: four floats. *Output 0 of Exp*: the result of `exp`. *At version 1; expected version 0*: since it was saved, it was written to once.

The square ran, although `y += 1` changed it just the same. What a node **saves** decides. Switch below between square and exponential, and between `+=` and `+`. The chips under each node show what it saves and its version: ■ kept, □ freed, ✗ changed since.
"""

# %% [markdown] lang="zh"
r"""
把报错拆开来读。`[torch.FloatTensor [4]]`：四个浮点数。*output 0 of Exp*：`exp`的结果。*at version 1; expected version 0*：保存之后，它被写过一次。

平方却能运行，尽管`y += 1`同样改了它。关键在于节点**保存了什么**。在下面切换平方与指数，再切换`+=`与`+`。每个节点下方的小标记写着它保存了什么、是第几版：■保留着，□已释放，✗后来被改了。
"""


# %%
def patient(x, square, in_place):
    y = x**2 if square else x.exp()
    if in_place:
        y += 1
    else:
        y = y + 1
    return y.sum()


clinic = explore(patient, x=[0.0, 1.0, 2.0, 3.0], square=False, in_place=True, saved=True)
clinic

# %% [markdown] lang="en"
r"""
**Diagnosis.** $\frac{\mathrm d}{\mathrm dx} e^x = e^x$ is the result itself, so `exp` saves its **result**, and `+=` spoils it. $\frac{\mathrm d}{\mathrm dx} x^2 = 2x$ needs the **input**, which is untouched. In code, `_version` counts the writes, and `_saved_result` hands out what was saved, as long as it is what it was:
"""

# %% [markdown] lang="zh"
r"""
**诊断。** $\frac{\mathrm d}{\mathrm dx} e^x = e^x$就是结果本身，所以`exp`保存的是**结果**，被`+=`改坏了。$\frac{\mathrm d}{\mathrm dx} x^2 = 2x$要用的是**输入**，没有人动过。在代码里，`_version`数的是修改次数；`_saved_result`交出所保存的值，前提是它没有变过：
"""

# %%
y = x.exp()
node, first = y.grad_fn, y._version
print(torch.equal(node._saved_result, y))
y += 1
print(first, y._version)
examine(lambda: node._saved_result)

# %% [markdown] lang="en"
r"""
**Cure:** make a new tensor, `y = y + 1`. If it must be in place, do it to a copy, `y.clone()`.

Some reach for `detach()` or `.data` to silence the message. Predict what the second does:
"""

# %% [markdown] lang="zh"
r"""
**治法：** 产生新的张量，即`y = y + 1`。如果非要就地修改，就改一份副本，即`y.clone()`。

有人会用`detach()`或`.data`来让报错闭嘴。猜猜后者会怎样：
"""

# %%
predict("09.p2")


# %%
def zeroed(through):
    x = torch.arange(4.0, requires_grad=True)
    y = x.exp()
    through(y).zero_()
    y.sum().backward()
    return x.grad


examine(lambda: zeroed(lambda y: y.detach()))
examine(lambda: zeroed(lambda y: y.data))

# %% [markdown] lang="en"
r"""
`detach()` shares memory **and** version counter with `y`, so the guard still works. `.data` shares the memory only: no message, and a gradient of zeros. That is the worst patient of all. Do not use `.data`.

> **One idea that explains four errors.** When a backward node is made, it **saves** the tensors its formula needs, and remembers their **version**. When it runs, it compares the versions; afterwards it **frees** them.
>
> - `x * x`, two arrows to one leaf, two chips: each factor is saved for the gradient of the other.
> - *Modified by an inplace operation*: the version is not the one that was saved.
> - `.data`, wrong without a word: the value changed, the version did not.
> - *Backward through the graph a second time*: what the formula needs is freed.
> - Memory grows with the graph, and more with `create_graph` (lesson 07): each node holds on to its tensors until backward.
"""

# %% [markdown] lang="zh"
r"""
`detach()`与`y`共享内存，**也共享版本计数器**，所以检查依然有效。`.data`只共享内存：没有报错，梯度却全是零。这才是最糟的病人。不要用`.data`。

> **一个道理，解释四种错误。** 反向节点在生成的时候，就**保存**它的公式要用的张量，并记住它们的**版本**。运行的时候比较版本；运行之后就**释放**它们。
>
> - `x * x`，两条箭头通向同一个叶子，两个标记：每个因子都要保存，另一个因子的梯度要用。
> - *modified by an inplace operation*：版本不是保存时的那一版。
> - `.data`，结果错了却一声不吭：值变了，版本没变。
> - *backward through the graph a second time*：公式要用的东西已经释放。
> - 内存随计算图增长，用`create_graph`更甚（第07课）：每个节点都把自己的张量攥到反向传播。
"""

# %% [markdown] lang="en"
r"""
## Patient 9 · A second time

"I called backward twice, and only the second call raised."
"""

# %% [markdown] lang="zh"
r"""
## 病人9 · 第二次

“我调用了两次`backward`，第二次才报错。”
"""

# %%
predict("09.p3")


# %%
def twice(f, **options):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = f(x)
    y.backward(**options)
    y.backward()
    return x.grad


examine(lambda: twice(lambda x: x.sum()))
examine(lambda: twice(lambda x: (x * x).sum()))
examine(lambda: twice(lambda x: (x * x).sum(), retain_graph=True))

# %% [markdown] lang="en"
r"""
**Diagnosis.** The graph is not gone, its **saved tensors** are freed. A sum saved none and runs twice, adding up silently; a product cannot. **Cure:** usually not `retain_graph`, which doubles the gradient to $4x$ here, but a new forward pass, or one backward of the sum of both losses. Below, untick "call backward() twice", or tick `retain_graph`:
"""

# %% [markdown] lang="zh"
r"""
**诊断。** 计算图还在，释放的是**保存的张量**。求和什么也没保存，可以再跑一遍，悄悄地累加；乘法就不行。**治法：** 通常不是`retain_graph`（它在这里让梯度翻倍成$4x$），而是重新做一次前向传播，或者把两个损失加起来只反向一次。在下面去掉“调用两次backward()”的勾选，或者勾选`retain_graph`：
"""


# %%
def energy(x):
    return (x * x).sum()


second = explore(energy, x=[1.0, 2.0], saved=True)
second.keeping = {"on": True, "twice": True}
second

# %% [markdown] lang="en"
r"""
## Patient 10 · Not a number

"The loss is fine. After one step all weights are nan."
"""

# %% [markdown] lang="zh"
r"""
## 病人10 · 不是数

“损失好好的，走了一步，权重全成了nan。”
"""

# %%
predict("09.p4")


# %%
def gradient(f, *numbers):
    x = torch.tensor(numbers, requires_grad=True)
    f(x).sum().backward()
    return x.grad


def half_root(x):
    root = torch.sqrt(x)
    return torch.where(x > 0, root, 0.0)


gradient(half_root, -1.0, 4.0), gradient(lambda x: (x * x).sum().sqrt(), 0.0, 0.0)

# %% [markdown] lang="en"
r"""
**Diagnosis.** `torch.where` chooses values, yet **both** branches are differentiated. The branch not chosen receives the gradient 0, and 0 times the root's slope at −1, `nan`, is `nan`. At 0 the slope is infinite, with the same end: that is the norm of lesson 03, written as a root.

Who made the nan? [**Anomaly detection**](https://docs.pytorch.org/docs/stable/autograd.html#anomaly-detection) checks each node as it runs, and stops at the first:
"""

# %% [markdown] lang="zh"
r"""
**诊断。** `torch.where`选的是值，而**两个**分支都会求导。没选中的分支收到的梯度是0，而平方根在−1处的斜率是`nan`，0乘以`nan`还是`nan`。在0处斜率是无穷大，结局一样：那正是第03课里写成开方的范数。

是谁造出了nan？[**异常检测**](https://docs.pytorch.org/docs/stable/autograd.html#anomaly-detection)会在每个节点运行时检查它，停在第一个出问题的地方：
"""


# %%
def stop_at_the_first_nan():
    with torch.autograd.set_detect_anomaly(True):
        gradient(half_root, -1.0, 4.0)


with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    try:
        stop_at_the_first_nan()
    except RuntimeError as error:
        print(error)
report = str(caught[-1].message).partition(" (Triggered")[0].strip().splitlines()
report[0], report[-1].strip()

# %% [markdown] lang="en"
r"""
It names the node, *SqrtBackward0*, and the line of the **forward** pass that made it, `root = torch.sqrt(x)`. It costs time at every node: switch it on to search, and off again. A **hook** looks at one tensor only, and costs next to nothing:
"""

# %% [markdown] lang="zh"
r"""
它点名了节点*SqrtBackward0*，还给出生成它的那一行**前向**代码，`root = torch.sqrt(x)`。它在每个节点上都要花时间：找问题时打开，找完就关掉。**钩子**只看一个张量，几乎不花什么代价：
"""

# %%
x = torch.tensor([-1.0, 4.0], requires_grad=True)
seen = {}
root = torch.sqrt(x)
root.register_hook(lambda g: seen.update(root=g))
x.register_hook(lambda g: seen.update(x=g))
torch.where(x > 0, root, 0.0).sum().backward()
seen

# %% [markdown] lang="en"
r"""
At `root` the gradient is still healthy, $[0, 1]$; at `x` it is not. So the root is to blame. The explorer warns as well, even before backward, since the root of −1 is `nan` already in the forward pass:
"""

# %% [markdown] lang="zh"
r"""
在`root`处梯度还是健康的$[0, 1]$，到了`x`处就坏了，所以病在开方。交互图也会提醒，而且在反向传播之前就会，因为−1的平方根在前向传播里已经是`nan`：
"""

# %%
explore(half_root, x=[-1.0, 4.0], gradient=[1.0, 1.0])

# %% [markdown] lang="en"
r"""
**Cure:** let the root never meet a number outside its domain: choose **before** it as well. You will do it in exercise 09.4.

## Patient 11 · The one that never complains

"Memory grows with every batch of my evaluation." No error, no wrong number. First a prediction:
"""

# %% [markdown] lang="zh"
r"""
**治法：** 不要让开方遇到定义域之外的数，在它**之前**也要选一次。练习09.4里由你来做。

## 病人11 · 从不喊疼的那位

“评估时，每过一批数据，内存就涨一点。”没有报错，也没有算错。先猜一猜：
"""

# %%
predict("09.p5")

# %% [markdown] lang="en"
r"""
To count what a graph holds on to, we let PyTorch hand every tensor it saves to us, in a box, and keep a **weak** reference to the box. A box is alive exactly as long as the graph needs it, so we can count. The three numbers below are losses, saved tensors and bytes:
"""

# %% [markdown] lang="zh"
r"""
要数清计算图攥着多少东西，就让PyTorch把它要保存的每个张量都交给我们，装进一个盒子，我们只留一个**弱引用**（weak reference）。图还需要这个盒子，它就活着；不需要了，它就消失。这样就能数了。下面的三个数依次是损失的个数、保存的张量的个数和字节数：
"""


# %%
class Box:
    def __init__(self, tensor):
        self.tensor = tensor.detach()
        alive.add(self)


alive = weakref.WeakSet()
watching = torch.autograd.graph.saved_tensors_hooks(Box, lambda box: box.tensor)


def evaluate(keep, batches=10):
    w, x = torch.ones(1000, requires_grad=True), torch.ones(1000)
    return [keep((w * x).exp().sum()) for _ in range(batches)]


# %%
def held(keep, batches=10):
    with watching:
        kept = evaluate(keep, batches)
    memory = {box.tensor.data_ptr(): box.tensor.nbytes for box in alive}  # each piece of memory once
    return len(kept), len(alive), sum(memory.values())


{
    "loss": held(lambda loss: loss),
    "loss, 50 batches": held(lambda loss: loss, 50),
    "loss.item()": held(lambda loss: loss.item()),
    "loss.detach()": held(lambda loss: loss.detach()),
    "after backward": held(lambda loss: loss.backward() or loss),
}

# %% [markdown] lang="en"
r"""
**Diagnosis.** A loss on the graph drags its graph along: 20 saved tensors for ten losses, and 44000 bytes: `x`, which all of them share, and a result of `exp` for each. For 50 losses it is 204000. Appending it to a list, or adding it to a running total, `total += loss`, keeps all of them alive ([FAQ](https://docs.pytorch.org/docs/stable/notes/faq.html)). **Cure:** `loss.item()` for a number, `loss.detach()` for a tensor, or evaluate inside `torch.no_grad()`. After backward the saved tensors are freed, and the small rest goes with the loss.

## A second opinion: gradcheck

Silent errors are found by an independent way to the same number. `numerical_grad` is one for a single point. `torch.autograd.gradcheck` compares the whole Jacobian:
"""

# %% [markdown] lang="zh"
r"""
**诊断。** 计算图上的损失会拖着自己的图：十个损失有20个保存的张量，共44000字节：`x`由所有损失共用，`exp`的结果则是每个损失各有一份。50个损失就是204000字节。把它添进列表，或者用`total += loss`累加，它们就全都活着（[常见问题](https://docs.pytorch.org/docs/stable/notes/faq.html)，英文）。**治法：** 要数就用`loss.item()`，要张量就用`loss.detach()`，或者把评估放进`torch.no_grad()`。反向传播之后，保存的张量就释放了，剩下的一点也随损失一起消失。

## 第二位医生：gradcheck

不声不响的错误，要靠另一条独立的路算出同一个数来发现。`numerical_grad`对单个点这样做，`torch.autograd.gradcheck`则比较整个雅可比矩阵：
"""


# %%
def ill(x):
    y = x.exp()
    y.data.add_(1)  # silent, as with patient 8
    return y


def shown(error):
    print(type(error).__name__, str(error).strip())


x = torch.tensor([0.0, 1.0], dtype=torch.float64, requires_grad=True)
print(torch.autograd.gradcheck(torch.exp, x))
try:
    torch.autograd.gradcheck(ill, x)
except RuntimeError as error:
    shown(error)

# %% [markdown] lang="en"
r"""
For the healthy function `True`; for the ill one *Jacobian mismatch*, with both matrices: *numerical* is $e^x$, *analytical*, what autograd says, is $e^x + 1$. With float32 even a healthy function fails, because differences of single-precision numbers are too rough (lesson 01):
"""

# %% [markdown] lang="zh"
r"""
健康的函数得到`True`；有病的得到*Jacobian mismatch*（雅可比矩阵不一致），并列出两个矩阵：*numerical*（数值结果）是$e^x$，*analytical*（自动微分的结果）是$e^x + 1$。如果用float32，健康的函数也会不合格，因为单精度数相减太粗糙（见第01课）：
"""

# %%
single = torch.tensor([1.0, 2.0], requires_grad=True)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    try:
        torch.autograd.gradcheck(lambda x: (x.sin() * x).sum(), single)
    except RuntimeError as error:
        shown(error)
print(str(caught[0].message).partition(". ")[0])
numerical_grad(lambda x: (x.sin() * x).sum(), single.detach().double())

# %% [markdown] lang="en"
r"""
## Exercises

Run the patients, diagnose them, mend them. Stuck? Run `hint("09.1")` in a new cell, up to three times.
"""

# %% [markdown] lang="zh"
r"""
## 练习

运行这些病人，诊断，治好。卡住了？在新的单元格里运行`hint("09.1")`，一共有三步提示。
"""

# %% [markdown] lang="en"
r"""
### Exercise 09.1 · Five patients ★★☆ (8 min)

Run them, then name what ails each: `"leaf"` a leaf written to in place; `"saved"` a saved value written to in place; `"freed"` saved tensors used after they were freed; `"cut"` the path to the leaf is cut; `"vector"` no scalar to start from.
"""

# %% [markdown] lang="zh"
r"""
### 练习09.1 · 五位病人 ★★☆（8分钟）

先运行，再说出各自的病因：`"leaf"`就地修改了叶子；`"saved"`就地修改了被保存的值；`"freed"`保存的张量释放之后又被使用；`"cut"`通向叶子的路断了；`"vector"`反向传播没有标量可以出发。
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
    print(program.__name__)
    examine(lambda program=program: program(torch.tensor([1.0, 2.0], requires_grad=True)))

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
### 练习09.3 · 被改写的值 ★★☆（7分钟）

`concentration(x)`把得分变成占比$s = e^x / \sum e^x$，返回$s^\top s$。前向是对的，反向却报错。请修好它：值不变，梯度要真实。
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


gradient(solved_09_3, 0.0, 1.0), numerical_grad(solved_09_3, torch.tensor([0.0, 1.0], dtype=torch.float64))

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

`root(x)`在$x > 0$处是$\sqrt{x}$，其余处是0。值没有错，但本该为0的梯度却是`nan`或`inf`。请修好它，但不要事后改动梯度。
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


gradient(solved_09_4, -1.0, 0.0, 4.0)

# %% [markdown] lang="en" tags=["solution"]
r"""
Two choices: the first keeps the root inside its domain, the second gives the value. Anomaly detection is content.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
选两次：第一次让开方留在定义域内，第二次给出该有的值。异常检测也不再有意见。
"""

# %% [markdown] lang="en"
r"""
### Exercise 09.5 · The loop that stops ★★☆ (8 min)

`train` should take `steps` steps of gradient descent and return the last `w`. It stops in its second round. Two lines are ill, one of which would only be noticed later.
"""

# %% [markdown] lang="zh"
r"""
### 练习09.5 · 停下来的循环 ★★☆（8分钟）

`train`应当做`steps`步梯度下降，返回最后的`w`。它在第二轮就停下了。有两处毛病，其中一处要到后来才会被发现。
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

`history(w, batches)` evaluates a model on every row of `batches` and returns the losses as one tensor, for a plot. Nobody will call backward, and yet each loss keeps its graph alive. Mend it: same numbers, no graph, `w` as it was.
"""

# %% [markdown] lang="zh"
r"""
### 练习09.6 · 不带计算图的记录 ★★☆（6分钟）

`history(w, batches)`在`batches`的每一行上评估模型，把各个损失作为一个张量返回，用来画图。没有人会调用backward，每个损失却都让自己的计算图活着。请修好它：数值不变，没有计算图，`w`保持原样。
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


with watching:
    kept = solved_09_6(torch.ones(3, requires_grad=True), torch.ones(4, 3))
kept, len(alive)

# %% [markdown] lang="en" tags=["solution"]
r"""
Where nothing is recorded nothing is saved: no box was ever made.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
不记录，就什么也不保存：一个盒子也没有产生。
"""

# %% [markdown] lang="en"
r"""
## Recap

| what you see | where to look | cure |
|---|---|---|
| *floating point ... can require gradients* | the dtype | a decimal point |
| `.grad` is `None` | `is_leaf` | `retain_grad()`, or make a leaf |
| *leaf Variable ... in-place* | the update | `with torch.no_grad():` |
| *does not have a grad_fn* | the last tensor with a `grad_fn` | stay in torch, on the graph |
| *modified by an inplace operation* | saved tensors and versions | a new tensor; never `.data` |
| *a second time* | saved tensors, freed | a new forward pass |
| `nan` | anomaly detection, hooks | stay inside the domain |
| no message, wrong or growing | `gradcheck`, `zero_grad`, `.item()` | one idea: who keeps what |

Next: [lesson 10, beyond](10_beyond.ipynb): your own `autograd.Function`, checkpoints, forward mode. Read on: [Autograd mechanics](https://docs.pytorch.org/docs/stable/notes/autograd.html), with saved tensors and in-place checks, [gradcheck](https://docs.pytorch.org/docs/stable/notes/gradcheck.html) and the [FAQ](https://docs.pytorch.org/docs/stable/notes/faq.html) on memory in PyTorch's notes; [Automatic Differentiation](https://d2l.ai/chapter_preliminaries/autograd.html) in *Dive into Deep Learning* ([Chinese edition](https://zh.d2l.ai/chapter_preliminaries/autograd.html)).
"""

# %% [markdown] lang="zh"
r"""
## 小结

| 你看到的 | 往哪里看 | 治法 |
|---|---|---|
| *floating point ... can require gradients* | dtype | 加一个小数点 |
| `.grad`是`None` | `is_leaf` | `retain_grad()`，或重新造一个叶子 |
| *leaf Variable ... in-place* | 更新的那一行 | `with torch.no_grad():` |
| *does not have a grad_fn* | 最后一个有`grad_fn`的张量 | 留在torch内、计算图上 |
| *modified by an inplace operation* | 保存的张量及其版本 | 产生新张量；绝不用`.data` |
| *a second time* | 已释放的保存张量 | 重新做前向传播 |
| `nan` | 异常检测、钩子 | 不要越出定义域 |
| 没有报错，却算错或内存增长 | `gradcheck`、`zero_grad`、`.item()` | 一个道理：谁攥着什么 |

下一课：[第10课，更进一步](10_beyond.ipynb)：自己写`autograd.Function`、检查点、前向模式。延伸阅读：PyTorch文档中的[自动求导机制](https://docs.pytorch.org/docs/stable/notes/autograd.html)（保存的张量与就地操作的检查）、[gradcheck](https://docs.pytorch.org/docs/stable/notes/gradcheck.html)和关于内存的[常见问题](https://docs.pytorch.org/docs/stable/notes/faq.html)（英文）；《动手学深度学习》的[自动微分](https://zh.d2l.ai/chapter_preliminaries/autograd.html)一节（另有[英文版](https://d2l.ai/chapter_preliminaries/autograd.html)）。
"""

# %% tags=["nbval-ignore-output"]
progress.show()
