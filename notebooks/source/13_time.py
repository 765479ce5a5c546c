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
# 13 · Through time

**A recurrent network uses the same weights at every step, and its state carries along all that it has read since the beginning. How far back must a gradient go, and what is lost if it stops earlier?** The answer is a sum with one term for each step, and `detach` decides how many of its terms remain.

After this lesson you can

- unroll a recurrence and write the gradient of its weight as a sum over the time steps;
- say what a gradient loses if the state is detached every few steps, and put that line where it belongs in a training loop;
- train a recurrent network on text, measure how far its gradients reach back, and clip them.

*About 80 minutes: 30 to read and try, 50 for the exercises. You need lessons 05 and 12: detach, and vanishing and exploding.*
"""

# %% [markdown] lang="zh"
r"""
# 13 · 通过时间反向传播

**循环神经网络（recurrent neural network）在每一步都使用同样的权重，它的状态里保存着从开头读到现在的全部信息。梯度要往回传多远？如果提前停下，又会损失什么**？答案是一个和，每一步贡献一项，而`detach`决定留下其中的多少项。

学完本课，你将能够

- 把循环的计算按时间展开，并把权重的梯度写成各时间步之和；
- 说明每隔几步分离一次状态会使梯度损失什么，并把这一行写到训练循环的正确位置；
- 用文本训练一个循环神经网络，测量梯度能往回传多远，并对梯度作裁剪。

约80分钟，其中阅读和操作30分钟，练习50分钟。预备知识有第05课（分离）和第12课（消失与爆炸）。
"""

# %%
import torch
from helpers import check, d2l, explore, hint, language, predict, progress, watch
from torch import nn
from torch.nn import functional as F

language.use("en")

# %% [markdown] lang="en"
r"""
The names of this lesson: $x_t$ is the input of time step $t$, and $h_t$ the state after it, at first numbers of shape `()`, later vectors `(size,)`; `w` is the weight that all steps share; $T$ or `steps` is the number of steps, and `every` says after how many steps the state is detached each time.

## 1. The same weight at every step

The smallest recurrence multiplies its state by $w$ and adds the input, here the same $x$ every time:

$$h_t = w\,h_{t-1} + x, \qquad h_0 = 0.$$

Written as a program it is a loop. Run three rounds of it in your head. `w` is used in every one of them; what is its gradient in the end?
"""

# %% [markdown] lang="zh"
r"""
在本课用到的名字中，$x_t$是时间步（time step）$t$的输入，$h_t$是这一步之后的状态，起初是形状为`()`的数，后来是形状为`(size,)`的向量。`w`是各步共用的权重，$T$或`steps`是步数，`every`表示每隔多少步把状态分离一次。

## 1. 每一步都用同一个权重

最简单的循环计算，是把状态乘以$w$，再加上输入。这里每一步的输入都是同一个$x$：

$$h_t = w\,h_{t-1} + x, \qquad h_0 = 0.$$

写成程序就是一个循环。请先心算三次迭代。每次迭代都用到`w`，最后它的梯度是多少？
"""

# %%
predict("13.p1")


# %%
def unrolled(w, x, steps):
    h = torch.zeros(())
    for _ in range(int(steps)):
        h = w * h + x
    return h


torch.set_num_threads(1)  # for matrices so small one thread is the fastest | 矩阵这么小，单线程最快
w = torch.tensor(2.0, requires_grad=True)
h = unrolled(w, x=1.0, steps=3)
h.backward()
h, w.grad

# %% [markdown] lang="en"
r"""
The states are 1, 3 and 7. The third round multiplies $h_2 = 3$ by $w$: that contributes 3. But $h_2$ itself contains $w$, and was multiplied by 2 afterwards: it contributes $2 \cdot 1$ more. A loop has become a chain, **unrolled in time**, with the same leaf tied to each link. For autograd this is nothing new: a tensor that is used several times gets the sum of the gradients ([lesson 02](02_computation_graph.ipynb)). Running backward through the unrolled chain is called **backpropagation through time**.

The rounds are folded into one node. Its − and + go through the rounds, a click opens all of them. Compare the gradients that `w` receives from the first and from the last round, first with `w` below 1 and then above:
"""

# %% [markdown] lang="zh"
r"""
各步的状态是1、3、7。第三次迭代用$w$乘$h_2 = 3$，贡献3。而$h_2$本身也含有$w$，之后又乘了2，所以再贡献$2 \cdot 1$。循环**按时间展开**之后成了一条链，每一环都连着同一个叶子。这对自动微分来说并不是新情况，一个张量用了几次，就有几份梯度相加（见[第02课](02_computation_graph.ipynb)）。沿着展开的链往回传，就叫作**通过时间反向传播**（backpropagation through time）。

图中各次迭代折叠成了一个节点。用它的−和+可以逐次查看，单击则全部展开。请先让`w`小于1，再让它大于1，比较`w`从第一次和最后一次迭代得到的梯度。
"""

# %%
explore(unrolled, w=(0.5, 1.5), x=(0.0, 2.0), steps=range(1, 51)).set(w=0.9, x=1.0, steps=10)

# %% [markdown] lang="en"
r"""
## 2. Why: a sum over time, and in each term a product

$h_t = w\,h_{t-1} + x$ depends on $w$ twice: directly, with the factor $h_{t-1}$, and through the state before it, with the factor $w$. So

$$\frac{\mathrm{d} h_t}{\mathrm{d} w} = h_{t-1} + w\,\frac{\mathrm{d} h_{t-1}}{\mathrm{d} w}.$$

Put the same formula in for $t - 1$, then for $t - 2$, and go on to the beginning. What remains is

$$\frac{\mathrm{d} h_T}{\mathrm{d} w} = \sum_{t=1}^{T} w^{T-t}\, h_{t-1}.$$

**One term for each path**: it runs back through the $T - t$ later steps, each with the factor $w$, and leaves the chain at step $t$, where `w` was multiplied by $h_{t-1}$. Here are the terms for ten steps, and their sum beside autograd's:
"""

# %% [markdown] lang="zh"
r"""
## 2. 为什么：对时间求和，每一项又是乘积

$h_t = w\,h_{t-1} + x$以两种方式依赖于$w$。一种是直接的，系数为$h_{t-1}$，另一种经过前一个状态，系数为$w$。所以

$$\frac{\mathrm{d} h_t}{\mathrm{d} w} = h_{t-1} + w\,\frac{\mathrm{d} h_{t-1}}{\mathrm{d} w}.$$

把同一个公式用于$t - 1$，再用于$t - 2$，一直代到开头，就得到

$$\frac{\mathrm{d} h_T}{\mathrm{d} w} = \sum_{t=1}^{T} w^{T-t}\, h_{t-1}.$$

**每一项对应一条路径**。路径先往回经过后面的$T - t$步，每步乘上一个$w$，到了第$t$步，也就是`w`与$h_{t-1}$相乘的地方，就离开这条链。下面列出十步的各项，并把它们的和与自动微分的结果相比。
"""


# %%
def terms(w, steps):
    states = [unrolled(w, 1.0, t).item() for t in range(steps)]  # h_0 to h_(T-1) | h_0到h_(T-1)
    return [w ** (steps - t) * states[t - 1] for t in range(1, steps + 1)]


print(" t   h before   w ** (T - t)     term")
for t, term in enumerate(terms(0.9, 10), start=1):
    print(f"{t:2} {unrolled(0.9, 1.0, t - 1).item():10.4f} {0.9 ** (10 - t):14.4f} {term:8.4f}")
w = torch.tensor(0.9, requires_grad=True)
unrolled(w, 1.0, 10).backward()
print(f"sum {sum(terms(0.9, 10)):.2f}, w.grad {w.grad:.2f}")

# %% [markdown] lang="en"
r"""
The factor $w^{T-t}$ is the derivative of $h_T$ with respect to $h_t$: it says how much of an early state still counts at the end. In lesson 12 every layer had a matrix of its own, and factors of different size could make up for each other. **Here it is the same factor every time**, and nothing makes up for anything:
"""

# %% [markdown] lang="zh"
r"""
因子$w^{T-t}$是$h_T$对$h_t$的导数，表示早先的状态到最后还有多大作用。在第12课里，每一层都有自己的矩阵，大小不同的因子可以互相补偿。**而这里每次都是同一个因子**，无法互相补偿。
"""

# %%
for w in (0.9, 1.0, 1.1):
    h0 = torch.ones((), requires_grad=True)
    h = h0
    for _ in range(50):
        h = w * h + 1.0
    h.backward()
    print(f"w = {w}: gradient {h0.grad:8.4f}, w ** 50 {w**50:8.4f}")

# %% [markdown] lang="en"
r"""
Which steps does the gradient of $w$ come from, then? Draw the terms of fifty steps, as shares of their sum:
"""

# %% [markdown] lang="zh"
r"""
那么$w$的梯度主要来自哪些步？下面画出五十步的各项在总和中所占的比例。
"""

# %%
weights = (0.5, 0.9, 1.0, 1.1)
shares = [[term / sum(terms(w, 50)) for term in terms(w, 50)] for w in weights]
d2l.plot(range(1, 51), shares, "step t", "share of the gradient", [f"w = {w}" for w in weights], figsize=(5, 3))

# %% [markdown] lang="en"
r"""
With $w = 0.5$ only the last few steps count, with 0.9 about the last twenty. With $w = 1$ the shares lie on a straight line down to the beginning, since $h_{t-1} = t - 1$; and with 1.1, most steps count nearly as much as the last: the early terms have small states, but are multiplied by large powers. Keep this picture in mind for what comes now.

## 3. Stop early: truncation

A text may have a million characters. To run back through a million steps for each update would be slow, and every step must keep its saved tensors until then. So one stops: every few steps the state is detached. Its **value** goes on, the **path back** ends there:
"""

# %% [markdown] lang="zh"
r"""
$w = 0.5$时，起作用的只有最后几步，0.9时大约是最后二十步。$w = 1$时，由于$h_{t-1} = t - 1$，比例越往前越小，排成一条直线。到了1.1，大多数步与最后一步几乎同样重要，因为靠前的项虽然状态小，却乘上了高次幂。请记住这幅图，下面马上要用到。

## 3. 提前停下：截断

一段文本可能有一百万个字符。如果每次更新都要往回传一百万步，不仅很慢，而且在此之前每一步保存的张量都不能释放。所以实际的做法是提前停下，每隔几步就把状态分离一次。它的**值**继续往前传，**返回的路径**则到此为止。
"""


# %%
def truncated(w, steps, every):
    h = torch.zeros(())
    for t in range(int(steps)):
        if t > 0 and t % int(every) == 0:
            h = h.detach()
        h = w * h + 1.0
    return h


# %% [markdown] lang="en"
r"""
This is **truncated backpropagation through time**. Take $x = 1$, ten steps, $w = 0.9$, and a cut every five steps:
"""

# %% [markdown] lang="zh"
r"""
这叫作**截断的通过时间反向传播**（truncated backpropagation through time）。下面取$x = 1$，十步，$w = 0.9$，每五步截断一次。
"""

# %%
predict("13.p2")


# %%
def grad_of_w(w, steps, every):
    w = torch.tensor(w, requires_grad=True)
    h = truncated(w, steps, every)
    h.backward()
    return h.item(), w.grad.item()


for every in (10, 5, 1):
    print("cut every {:2} steps: h = {:.4f}, w.grad = {:.2f}".format(every, *grad_of_w(0.9, 10, every)))

# %% [markdown] lang="en"
r"""
The value of $h$ is the same in all three lines; the gradient is 26.39, 21.58 and 6.13. The last number is the last state but one, $h_9$, as if no step before had had anything to do with $w$. Look up the table of section 2: 21.58 is the sum of its last five terms. **If the last cut stands after step $s$, exactly the terms $t \le s$ are missing:**

$$g_{\text{cut}} = \sum_{t=s+1}^{T} w^{T-t}\, h_{t-1}.$$

Below, move `every` from 1 up to the number of steps. The curve shows $h$ over $w$ with its tangent; a truncated gradient does not touch it as a tangent does, since it is no derivative of this curve any more:
"""

# %% [markdown] lang="zh"
r"""
三行中$h$的值完全相同，梯度却是26.39、21.58和6.13。最后一个数就是倒数第二个状态$h_9$，好像之前各步都与$w$无关。对照第2节的表，21.58正是最后五项之和。**如果最后一次截断在第$s$步之后，缺少的恰好是$t \le s$的各项**，即

$$g_{\text{cut}} = \sum_{t=s+1}^{T} w^{T-t}\, h_{t-1}.$$

请在下面把`every`从1一直调到步数。图中的曲线表示$h$随$w$的变化，直线的斜率就是得到的梯度。截断之后，这条直线不再与曲线相切，因为它的斜率已经不是这条曲线的导数了。
"""

# %%
explore(truncated, w=(0.5, 1.2), steps=range(1, 31), every=range(1, 31), plot="w").set(w=0.9, steps=10, every=5)

# %% [markdown] lang="en"
r"""
What does truncation lose? The share of the gradient that is left after fifty steps:
"""

# %% [markdown] lang="zh"
r"""
截断会损失多少？下面列出五十步时梯度保留的比例。
"""

# %%
print("every", "".join(f"   w = {w}" for w in weights))
for every in (50, 25, 10, 5, 1):
    left = [grad_of_w(w, 50, every)[1] / grad_of_w(w, 50, 50)[1] for w in weights]
    print(f"{every:5}", "".join(f"{share:10.1%}" for share in left))

# %% [markdown] lang="en"
r"""
With $w = 0.5$ hardly anything, even if only five steps remain: the terms that are cut off had vanished anyway. With $w = 1.1$ it is seven eighths. **Truncation costs little where a network forgets, and most where it remembers**: whatever happened before the last cut may still be in the state, but no gradient can teach the network to remember it better. The length between two cuts is a choice between memory and time on one side and how far back the network learns to look on the other.

## 4. Pitfall: the forgotten detach

In training, the sequence comes in chunks: read one, run backward, update, go on to the next. The state is handed on from chunk to chunk. Here without any `detach`:

```python
h = torch.zeros(())
for chunk in chunks:
    for x in chunk:
        h = torch.tanh(w * h + x)
    loss = (h - 0.5) ** 2
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
```
"""

# %% [markdown] lang="zh"
r"""
$w = 0.5$时，即使只留五步，也几乎没有损失，因为切掉的各项本来就趋于消失。$w = 1.1$时则损失了八分之七。**早先的状态影响越小，截断的代价就越小，影响越持久，代价就越大**。截断之前读到的内容也许还保留在状态里，但梯度传不到那里，也就无法通过训练使它保留得更久。选择两次截断之间的长度时，一方面要考虑内存和时间，另一方面要考虑希望网络学到多长时间的依赖关系。

## 4. 忘了分离

训练时，序列是一段一段读入的。读一段，做反向传播，更新，再读下一段，状态则从一段传到下一段。下面的程序没有用`detach`。

```python
h = torch.zeros(())
for chunk in chunks:
    for x in chunk:
        h = torch.tanh(w * h + x)
    loss = (h - 0.5) ** 2
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
```
"""

# %%
predict("13.p3")


# %%
def train_chunks(carry, **options):
    w, h = nn.Parameter(torch.tensor(0.9)), torch.zeros(())
    optimizer = torch.optim.SGD([w], lr=0.1)
    for chunk in torch.full((3, 4), 0.2):
        h = carry(h)
        for x in chunk:
            h = torch.tanh(w * h + x)
        loss = (h - 0.5) ** 2
        optimizer.zero_grad()
        loss.backward(**options)
        optimizer.step()
        print(f"loss {loss.item():.4f}, w {w.item():.4f}")


# %%
try:
    train_chunks(lambda h: h)
except RuntimeError as error:
    print(str(error).replace(". ", ".\n"))

# %% [markdown] lang="en"
r"""
Sentence by sentence. *Trying to backward through the graph a second time*: the loss of the second chunk depends on $h$, whose graph reaches back into the first chunk, and backward has been through that already. *Saved intermediate values of the graph are freed when you call .backward()*: the products there have given up their saved tensors. *Specify retain_graph=True* is advice for those who **want** to run backward once more. Does it help here?
"""

# %% [markdown] lang="zh"
r"""
逐句来读。*Trying to backward through the graph a second time*（试图沿同一张计算图做第二次反向传播）是说，第二段的损失依赖于$h$，而它的计算图一直延伸到第一段，那一段已经做过反向传播。*Saved intermediate values of the graph are freed when you call .backward()*（调用.backward()时，图中保存的中间值会被释放）是说，那里的乘法所保存的张量已经不在了。*Specify retain_graph=True*（请指定retain_graph=True）这条建议适用于**确实需要**再做一次反向传播的情形。用在这里能解决问题吗？
"""

# %%
try:
    train_chunks(lambda h: h, retain_graph=True)
except RuntimeError as error:
    print(str(error).replace(". ", ".\n").replace(": [", ":\n["))
print("---- with detach:")
train_chunks(torch.Tensor.detach)

# %% [markdown] lang="en"
r"""
With `retain_graph=True` another error comes. The backward pass now does reach the first chunk, but its products saved the old `w`, and `optimizer.step()` has written a new one into the same memory: *modified by an inplace operation* (lesson 05). The loss of the second chunk has no correct gradient through the first one, whose weights no longer exist. **One line fixes both: `h = h.detach()` before each chunk.**

Where nothing is written in place, as in an evaluation loop that only accumulates gradients, `retain_graph=True` raises nothing and is worse: the graph grows with every chunk. Count it, with 100,000 numbers in the state and twenty steps in a chunk; the hooks of lesson 05 measure the memory of the saved tensors:
"""

# %% [markdown] lang="zh"
r"""
加上`retain_graph=True`，报错变成了另一个。这一次反向传播确实到达了第一段，但那里的乘法保存的是旧的`w`，而`optimizer.step()`已经在同一块内存里写入了新值，这就是*modified by an inplace operation*（被就地操作修改），见第05课。第一段所用的权重已经不存在，第二段的损失经过它，不可能有正确的梯度。**只要一行就能解决这两个问题，即在每一段之前写`h = h.detach()`。**

如果循环里没有就地修改，例如只累加梯度而不更新，`retain_graph=True`就不会报错，后果却更糟，因为计算图会一段一段地增大。下面来数一数，状态有100,000个数，每段二十步，用第05课的钩子测量保存的张量占多少内存。
"""


# %%
def num_nodes(root):
    seen, waiting = set(), [root]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in seen:
            seen.add(node)
            waiting += [parent for parent, _ in node.next_functions]
    return len(seen)


# %%
import weakref

# What the nodes of all graphs hold until they are freed | 各计算图的节点所持有的张量，直到释放
alive = weakref.WeakSet()


class Held:
    def __init__(self, tensor):
        self.tensor = tensor.detach()
        alive.add(self)


def megabytes_held():
    return sum({held.tensor.data_ptr(): held.tensor.nbytes for held in alive}.values()) / 1e6


# %%
def growth(carry, **options):
    w, h = torch.full((100_000,), 0.9, requires_grad=True), torch.zeros(100_000)
    with torch.autograd.graph.saved_tensors_hooks(Held, lambda held: held.tensor):
        for _ in range(6):
            h = carry(h)
            for _ in range(20):
                h = torch.tanh(w * h + 0.2)
            yield num_nodes(h.grad_fn), megabytes_held()
            h.mean().backward(**options)


print("chunk     retain_graph=True           detach")
both = zip(list(growth(lambda h: h, retain_graph=True)), list(growth(torch.Tensor.detach)), strict=True)
for number, (kept, cut) in enumerate(both, start=1):
    print(f"{number:5}{kept[0]:6} nodes, {kept[1]:4.1f} MB{cut[0]:6} nodes, {cut[1]:3.1f} MB")

# %% [markdown] lang="en"
r"""
With `retain_graph=True` each chunk adds its nodes and its memory, and each backward pass runs through all of them: after six chunks there are six times as many nodes, and more than five times the memory. With `detach` every chunk costs the same, however long the text is.

## 5. A network that reads

Now real text. Python contains a poem, *The Zen of Python*, in the module `this`. Importing it prints it, so the first lines below hold that back; the module stores its text in a cipher, rot13, which moves every letter by 13 places, half of the alphabet. Each character becomes a vector with a single 1.
"""

# %% [markdown] lang="zh"
r"""
用`retain_graph=True`时，每一段都会增加节点和内存，而每次反向传播又要经过所有的段。六段之后，节点约为原来的六倍，内存超过五倍。用`detach`时，不论文本多长，每一段的代价都相同。

## 5. 处理文本的网络

现在换成真正的文本。Python自带一首诗《Python之禅》（The Zen of Python），放在模块`this`里。导入这个模块就会把诗打印出来，所以下面的前几行先不让它打印。模块里存放的是密文，加密方法是rot13，即把每个字母在字母表里移动13位，也就是一半。每个字符变成一个只有一个元素是1的向量，即独热（one-hot）向量。
"""

# %%
import codecs
import contextlib
import io

with contextlib.redirect_stdout(io.StringIO()):
    import this

text = codecs.decode(this.s, "rot13").lower()
chars = sorted(set(text))
ids = torch.tensor([chars.index(c) for c in text])
# (characters of the text, different characters) | （文本的字符数, 不同字符的个数）
inputs = F.one_hot(ids, len(chars)).float()
tuple(inputs.shape), text[:69]

# %% [markdown] lang="en"
r"""
The state is now a vector, and $w$ a matrix. `nn.RNNCell` computes

$$h_t = \tanh(W_{xh}\, x_t + W_{hh}\, h_{t-1} + b),$$

and a linear layer turns each state into the logits of the next character.
"""

# %% [markdown] lang="zh"
r"""
现在状态是一个向量，称为**隐状态**（hidden state），$w$则成了矩阵。`nn.RNNCell`计算的是

$$h_t = \tanh(W_{xh}\, x_t + W_{hh}\, h_{t-1} + b),$$

再用一个线性层把每个状态变成下一个字符的未规范化的预测。
"""


# %%
class Reader(nn.Module):
    def __init__(self, size=64):
        super().__init__()
        self.cell = nn.RNNCell(len(chars), size)
        self.out = nn.Linear(size, len(chars))

    def forward(self, xs, h):
        states = []
        for x in xs:
            h = self.cell(x, h)
            states.append(h)
        return self.out(torch.stack(states)), states


# %%
def reader(scale=1.0):
    torch.manual_seed(0)
    model = Reader()
    with torch.no_grad():
        model.cell.weight_hh *= scale
    return model


# %% [markdown] lang="en"
r"""
How far back does a gradient reach in it? Read forty characters, take the loss of the **last** prediction alone, and ask every state for its gradient:
"""

# %% [markdown] lang="zh"
r"""
在这个网络里，梯度能往回传多远？读入四十个字符，只取**最后**一个预测的损失，再看每个状态的梯度。
"""

# %%
predict("13.p4")


# %% tags=["nbval-ignore-output"]
def reach(model, steps=40):
    logits, states = model(inputs[:steps], torch.zeros(64))
    for h in states:
        h.retain_grad()
    F.cross_entropy(logits[-1], ids[steps]).backward()
    return [h.grad.norm().item() for h in states]


scales = (1.0, 2.0, 3.0)
norms = [reach(reader(scale)) for scale in scales]
print("W_hh  eigenvalue  gradient: step 40   step 10")
for scale, each in zip(scales, norms, strict=True):
    largest = torch.linalg.eigvals(reader(scale).cell.weight_hh).abs().max()
    print(f"* {scale} {largest:11.2f} {each[39]:18.1e} {each[9]:9.1e}")
names = [f"W_hh * {scale}" for scale in scales]
d2l.plot(range(1, 41), norms, "step t", "gradient norm of h_t", names, yscale="log", figsize=(5, 3))

# %% [markdown] lang="en"
r"""
Nearly straight lines on a logarithmic axis: one factor per step, as with the powers of $w$. The part of $w$ is played by the eigenvalue of $W_{hh}$ with the largest absolute value. As PyTorch draws the weights it is 0.58, and what was read thirty characters ago gets practically no gradient. With twice these weights it is 1.15, and yet the gradient falls a little, since the slope of $\tanh$ is at most 1; with three times these weights it grows on its way back.

## 6. Train it, and clip

Read the poem eight times in chunks of 32 characters, with the state detached between them, and a learning rate of 1. `clip_grad_norm_` scales all gradients together down to the norm `limit`, as in lesson 12; it **returns the norm before clipping**, which is the number to keep an eye on. With an infinite limit it only measures:
"""

# %% [markdown] lang="zh"
r"""
在对数坐标上它们近似为直线，每一步乘上一个因子，与$w$的幂一样。这里相当于$w$的，是$W_{hh}$的绝对值最大的特征值（eigenvalue）。按PyTorch的初始化，它是0.58，三十个字符之前读到的内容几乎得不到梯度。权重放大到两倍，它是1.15，而由于$\tanh$的导数最大是1，梯度仍略有减小。放大到三倍，梯度在往回传的途中就增大了。

## 6. 训练，并裁剪梯度

下面用这首诗训练八遍，每段32个字符，段与段之间分离状态，学习率取1。与第12课一样，`clip_grad_norm_`把所有梯度一起缩小到范数`limit`，并且**返回裁剪之前的范数**，这个数值得留意。上限取无穷大时，它只测量而不裁剪。
"""


# %%
def train(limit, passes=8, length=32):
    model, norms = reader(), []
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    with watch(model) as run:
        for _ in range(passes):
            h = torch.zeros(64)
            for xs, targets in zip(inputs[:-1].split(length), ids[1:].split(length), strict=True):
                logits, states = model(xs, h.detach())
                loss, h = F.cross_entropy(logits, targets), states[-1]
                optimizer.zero_grad()
                loss.backward()
                norms.append(nn.utils.clip_grad_norm_(model.parameters(), limit).item())
                optimizer.step()
                run.step(loss)
    return model, run, norms


# %% tags=["nbval-ignore-output"]
free, free_run, free_norms = train(float("inf"))
clipped, clipped_run, clipped_norms = train(1.0)
print("loss in      first pass  last pass  largest norm")
for name, run, norms in (("no clipping", free_run, free_norms), ("clipped at 1", clipped_run, clipped_norms)):
    losses = [loss for _, loss in run.losses]
    first, last = (sum(part) / 27 for part in (losses[:27], losses[-27:]))
    print(f"{name:12} {first:10.2f} {last:10.2f} {max(norms):13.1f}")

# %% [markdown] lang="en"
r"""
Both begin with the same weights and the same text. Without clipping, a few long steps are enough: the loss climbs far above where it started and stays there. Why does it not come back? Ask the states once more for their gradients, of the last prediction alone:
"""

# %% [markdown] lang="zh"
r"""
两次训练的初始权重和文本都相同。不裁剪时，只要有几步过长，损失就会远远超过开始时的值，再也降不下来。这是为什么？下面仍只取最后一个预测的损失，再看一次各状态的梯度。
"""

# %% tags=["nbval-ignore-output"]
kinds = {"fresh": reader(), "no clipping": free, "clipped": clipped}
norms = [reach(model) for model in kinds.values()]
print("at step    ", "".join(f"{t:9}" for t in (1, 20, 35, 40)))
for name, each in zip(kinds, norms, strict=True):
    print(f"{name:11}", "".join(f"{each[t - 1]:9.1e}" for t in (1, 20, 35, 40)))

# %% [markdown] lang="en"
r"""
The long steps have made the weights so large that $\tanh$ is saturated: its slope is nearly 0 at every unit, and no gradient passes even the last few states. The network has lost its way back, as the deep sigmoid network of lesson 12 had. The clipped one, on the other hand, has learnt to **reach further** than it did when fresh. Look through its run, step by step; the gradients shown are those after clipping:
"""

# %% [markdown] lang="zh"
r"""
过长的几步使权重变得很大，$\tanh$进入了饱和区，每个单元的导数都接近0，梯度连最后几个状态也传不过去。与第12课中只用sigmoid的深层网络一样，这个网络的梯度已经无法往回传。裁剪过的网络则相反，训练之后，梯度比训练前**传得更远**。下面逐步察看它的训练过程，显示的是裁剪之后的梯度。
"""

# %% tags=["nbval-ignore-output"]
clipped_run

# %% [markdown] lang="en"
r"""
What has it learnt in eight readings? Give it a beginning, let it choose the most likely next character, feed that back in, and so on. No gradient is needed for this:
"""

# %% [markdown] lang="zh"
r"""
训练了八遍，网络学到了什么？给出一个开头，取概率最大的字符作为下一个字符，再把它作为输入，如此继续。这里不需要梯度。
"""


# %% tags=["nbval-ignore-output"]
@torch.no_grad()
def go_on(model, start, length=60):
    written = [chars.index(c) for c in start]
    for _ in range(length):
        logits, _ = model(F.one_hot(torch.tensor(written), len(chars)).float(), torch.zeros(64))
        written.append(logits[-1].argmax().item())
    return "".join(chars[i] for i in written)


for name, model in kinds.items():
    print(f"{name:12} {go_on(model, 'beautiful is ')!r}")

# %% [markdown] lang="en"
r"""
The fresh network repeats two letters, the one with saturated units a single character. The clipped one has discovered spaces, and how words begin and end; to make sense it would need more than eight readings.

## 7. Exercises

Replace every `...` and run the check below it. Stuck? Press the button below the check, or run `hint("13.1")`.
"""

# %% [markdown] lang="zh"
r"""
未训练的网络只重复两个字母，饱和的网络只重复一个字符。裁剪过的网络学到了空格，也学到了单词怎样开头和结尾。要写出有意义的句子，只训练八遍还不够。

## 7. 练习

把每个`...`换成你的答案，再运行下面的检查。没有思路时，可以单击检查结果下方的提示按钮，或运行`hint("13.1")`。
"""

# %% [markdown] lang="en"
r"""
### Exercise 13.1 · Four gradients on paper ★☆☆ (6 min)

On paper: $h_t = w h_{t-1} + x$ with $w = 2$, $x = 1$, $h_0 = 0$, and four steps. What is `w.grad` after `h.backward()`

- `whole`: as it is;
- `cut_after_2`: with the state detached after the second step;
- `cut_always`: with the state detached after every step;
- `twice`: whole, after two calls `h.backward(retain_graph=True)`?
"""

# %% [markdown] lang="zh"
r"""
### 练习13.1 · 纸上的四个梯度 ★☆☆（6分钟）

请在纸上计算。$h_t = w h_{t-1} + x$，其中$w = 2$，$x = 1$，$h_0 = 0$，共四步。在下列情形下，`h.backward()`之后的`w.grad`是多少？

- `whole`，不截断；
- `cut_after_2`，第二步之后分离状态；
- `cut_always`，每一步之后都分离状态；
- `twice`，不截断，但调用两次`h.backward(retain_graph=True)`。
"""

# %%
whole, cut_after_2, cut_always, twice = ..., ..., ..., ...

# %%
check("13.1", (whole, cut_after_2, cut_always, twice))

# %% tags=["solution"]
w = torch.tensor(2.0, requires_grad=True)
h = unrolled(w, 1.0, 4)
h.backward(retain_graph=True)
once = w.grad.item()
h.backward(retain_graph=True)
once, grad_of_w(2.0, 4, 2)[1], grad_of_w(2.0, 4, 1)[1], w.grad.item()

# %% [markdown] lang="en" tags=["solution"]
r"""
The states before the four steps are 0, 1, 3 and 7, so the terms are $8 \cdot 0$, $4 \cdot 1$, $2 \cdot 3$ and $1 \cdot 7$. A cut leaves those behind it; and a second backward pass adds its gradient to `.grad`.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
四步之前的状态依次是0、1、3、7，所以各项是$8 \cdot 0$、$4 \cdot 1$、$2 \cdot 3$和$1 \cdot 7$。截断只留下它之后的各项，第二次反向传播则把梯度再加到`.grad`上。
"""

# %% [markdown] lang="en"
r"""
### Exercise 13.2 · Through time by hand ★★☆ (8 min)

Now every step has an input of its own: $h_t = w h_{t-1} + x_t$ with $h_0 = 0$. `grad_through_time(w, xs)` receives the number `w` and the inputs `xs` `(n,)`, and returns the derivative of $h_n$ with respect to `w`, a scalar, by hand.
"""

# %% [markdown] lang="zh"
r"""
### 练习13.2 · 手工沿时间求导 ★★☆（8分钟）

现在每一步有自己的输入，$h_t = w h_{t-1} + x_t$，$h_0 = 0$。`grad_through_time(w, xs)`接收数`w`和各步的输入`xs`（`(n,)`），手工求出$h_n$对`w`的导数（一个标量）并返回。
"""


# %%
def grad_through_time(w, xs):
    return ...


# %%
check("13.2", grad_through_time)


# %% tags=["solution"]
def solved_13_2(w, xs):
    h, grad = 0.0, 0.0
    for x in xs:
        h, grad = w * h + x, h + w * grad
    return grad


def another_way(w, xs):
    states = [0.0]
    for x in xs:
        states.append(w * states[-1] + x)
    grad, factor = 0.0, 1.0  # factor: the derivative of h_n with respect to h_t | factor是h_n对h_t的导数
    for h_before in reversed(states[:-1]):
        grad, factor = grad + factor * h_before, factor * w
    return grad


solved_13_2(0.9, [1.0] * 10), another_way(0.9, [1.0] * 10)

# %% [markdown] lang="en" tags=["solution"]
r"""
The first walks forward and carries the derivative along: that is forward mode, and it stores no states. The second stores all states and walks back, as autograd does; with a thousand weights in place of one, it still needs a single walk.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
第一种写法从前往后计算，同时记下导数，这就是前向模式，不必保存各步的状态。第二种写法先存下所有状态，再从后往前计算，自动微分就是这样做的。如果权重不是一个而是一千个，从后往前仍然只需计算一遍。
"""

# %% [markdown] lang="en"
r"""
### Exercise 13.3 · The Jacobian of one step ★★☆ (7 min)

A step of a recurrent network with ReLU: $h' = \mathrm{ReLU}(W h + x)$. `step_jacobian(W, h, x)` returns its Jacobian $\partial h'_i / \partial h_j$, shape `(n, n)`, by hand. At 0 do as PyTorch does.
"""

# %% [markdown] lang="zh"
r"""
### 练习13.3 · 一步的雅可比矩阵 ★★☆（7分钟）

考虑用ReLU的循环神经网络的一步，$h' = \mathrm{ReLU}(W h + x)$。`step_jacobian(W, h, x)`手工求出它的雅可比矩阵$\partial h'_i / \partial h_j$并返回，形状为`(n, n)`。在0处与PyTorch的做法一致。
"""


# %%
def step_jacobian(W, h, x):
    return ...


# %%
check("13.3", step_jacobian)


# %% tags=["solution"]
def solved_13_3(W, h, x):
    z = W @ h + x
    return (z > 0)[:, None] * W


W, h, x = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([1.0, -1.0]), torch.tensor([2.0, 0.0])
by_autograd = torch.func.jacrev(lambda state: (W @ state + x).relu())(h)
print(solved_13_3(W, h, x), torch.equal(solved_13_3(W, h, x), by_autograd))
print(torch.equal(torch.diag((W @ h + x > 0).float()) @ W, by_autograd))

# %% [markdown] lang="en" tags=["solution"]
r"""
Row $i$ of $W$ remains where unit $i$ is open. As a product of matrices it is $\mathrm{diag}(z > 0)\, W$, the last line. The gradient of an early state contains one such matrix for each step, with the same $W$ in all of them.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
第$i$个单元让梯度通过时，保留$W$的第$i$行。写成矩阵之积就是$\mathrm{diag}(z > 0)\, W$，如最后一行代码所示。早先的状态的梯度里，每一步都有这样一个矩阵，其中的$W$都是同一个。
"""

# %% [markdown] lang="en"
r"""
### Exercise 13.4 · Seven lines in order ★★☆ (7 min)

The seven lines of one round of a truncated training loop have been shuffled. `h` and `w` exist before the loop.

```python
A   loss = (h - 0.5) ** 2
B   optimizer.step()
C   h = h.detach()
D   nn.utils.clip_grad_norm_([w], 0.05)
E   for x in chunk: h = torch.tanh(w * h + x)
F   optimizer.zero_grad()
G   loss.backward()
```

Write `loop_order()`, which returns the letters in a right order, as a string such as `"ABCDEFG"`. More than one is right. The check runs three rounds of yours.
"""

# %% [markdown] lang="zh"
r"""
### 练习13.4 · 七行代码的次序 ★★☆（7分钟）

截断的训练循环里，一次迭代的七行代码打乱了次序。`h`和`w`在循环之前已经存在。

```python
A   loss = (h - 0.5) ** 2
B   optimizer.step()
C   h = h.detach()
D   nn.utils.clip_grad_norm_([w], 0.05)
E   for x in chunk: h = torch.tanh(w * h + x)
F   optimizer.zero_grad()
G   loss.backward()
```

请写出`loop_order()`，以字符串（例如`"ABCDEFG"`）返回正确的次序。正确的次序不止一种，检查时会按你给出的次序运行三次迭代。
"""


# %%
def loop_order():
    return ...


# %%
check("13.4", loop_order)


# %% tags=["solution"]
def solved_13_4():
    return "CEAFGDB"


check("13.4", solved_13_4), check("13.4", lambda: "EAGDBFC")

# %% [markdown] lang="en" tags=["solution"]
r"""
E, A, G, D, B must follow each other in this order. F may stand anywhere but between G and B; C anywhere but between E and A. So the state may just as well be detached at the end of the round.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
E、A、G、D、B必须按这个次序出现。F可以放在G与B之间以外的任何位置，C可以放在E与A之间以外的任何位置。所以，在一次迭代的末尾分离状态也是对的。
"""

# %% [markdown] lang="en"
r"""
### Exercise 13.5 · Which line is missing? ★★☆ (6 min)

Five times one line of `train` (section 6) was forgotten or put in the wrong place. Which one: `"detach"`, `"zero_grad"`, `"clip"`, `"step"`, or `"start"` (`h = torch.zeros(64)`)?

- (a) An error at the second chunk: *Trying to backward through the graph a second time*.
- (b) No error. Each loss is the same in every pass, to the last digit.
- (c) No error. The norms returned grow from chunk to chunk, although the losses do not.
- (d) The losses fall for some passes, then they jump up in a few steps and stay there.
- (e) The losses fall, but all through the training the first characters of every chunk are predicted much worse than the rest.
"""

# %% [markdown] lang="zh"
r"""
### 练习13.5 · 缺了哪一行 ★★☆（6分钟）

`train`（第6节）里有一行漏写了，或者放错了位置，共有五种情形。每次是哪一行：`"detach"`、`"zero_grad"`、`"clip"`、`"step"`，还是`"start"`（`h = torch.zeros(64)`）？

- （a）到第二段报错，报错是*Trying to backward through the graph a second time*（试图沿同一张计算图做第二次反向传播）。
- （b）不报错。每一轮的各个损失都与上一轮完全相同。
- （c）不报错。返回的范数一段比一段大，损失却没有增大。
- （d）损失先下降了几轮，然后在几步之内猛增，不再下降。
- （e）损失在下降，但自始至终，每一段开头几个字符的预测都比其余的差得多。
"""

# %%
lines = {"a": ..., "b": ..., "c": ..., "d": ..., "e": ...}

# %%
check("13.5", lines)

# %% tags=["solution"]
print({"a": "detach", "b": "step", "c": "zero_grad", "d": "clip", "e": "start"})
model, norms = reader(), []
for xs, targets in list(zip(inputs[:-1].split(32), ids[1:].split(32), strict=True))[:5]:
    F.cross_entropy(model(xs, torch.zeros(64))[0], targets).backward()
    norms.append(nn.utils.clip_grad_norm_(model.parameters(), float("inf")).item())
print("without zero_grad:", [round(norm, 2) for norm in norms])

# %% [markdown] lang="en" tags=["solution"]
r"""
(c) is proved here: the gradients of all chunks add up. In (e) `start` stands inside the loop over the chunks, so each of them begins with an empty memory; it is the value that is cut off, not only the gradient.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
上面验证了（c），各段的梯度累加到了一起。（e）中`start`写进了对各段的循环，每一段都从全为0的状态开始，断开的不仅是梯度，还有值。
"""

# %% [markdown] lang="en"
r"""
### Exercise 13.6 · A test that passed ★★☆ (7 min)

A colleague says: the derivative of `w * h + x` with respect to `w` is `h`, so $\mathrm{d}h_n/\mathrm{d}w = h_{n-1}$. Her test with `w = 0.5` and `xs = [1.0, 2.0]` passes. Write `exposing_input()`: it returns a number `w` and a list of numbers `xs` on which her formula and the true derivative differ ($h_0 = 0$).
"""

# %% [markdown] lang="zh"
r"""
### 练习13.6 · 能发现错误的输入 ★★☆（7分钟）

同事说，`w * h + x`对`w`的导数是`h`，所以$\mathrm{d}h_n/\mathrm{d}w = h_{n-1}$。她用`w = 0.5`和`xs = [1.0, 2.0]`测试，通过了。请写出`exposing_input()`，返回一个数`w`和由数组成的列表`xs`，使她的公式与真正的导数不同（$h_0 = 0$）。
"""


# %%
def exposing_input():
    return ...


# %%
check("13.6", exposing_input)


# %% tags=["solution"]
def hers_and_true(w, xs):
    h = 0.0
    for x in xs[:-1]:
        h = w * h + x
    return h, another_way(w, xs)


for w, xs in ((0.5, [1.0, 2.0]), (0.5, [1.0, 2.0, 3.0]), (0.0, [1.0, 2.0, 3.0]), (2.0, [1.0, 0.0, 0.0])):
    print("w = {}, xs = {}: hers {}, true {}".format(w, xs, *hers_and_true(w, xs)))

# %% [markdown] lang="en" tags=["solution"]
r"""
She leaves out $w\, \mathrm{d}h_{n-1}/\mathrm{d}w$. With two steps this is 0, since $h_1 = x_1$ does not depend on $w$; with $w = 0$ it is 0 as well. Her formula is the gradient that is cut at every step.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
她漏掉的是$w\, \mathrm{d}h_{n-1}/\mathrm{d}w$。只有两步时，$h_1 = x_1$不依赖于$w$，所以这一项是0，而$w = 0$时它也是0。她的公式就是每一步都截断时的梯度。
"""

# %% [markdown] lang="en"
r"""
### Exercise 13.7 · Truncated by yourself ★★★ (9 min)

`w` is a leaf that requires grad, a scalar; `xs` `(n,)` are inputs that come in chunks of `k`, the last of which may be shorter. The state begins at 0 and is $h_t = \tanh(w h_{t-1} + x_t)$; each chunk ends with the loss $h^2$ of its last state. `truncated_grad(w, xs, k)` carries the state from chunk to chunk, lets no gradient go further back than the chunk of its loss, and returns the sum of the gradients of `w`. `w` itself stays as it is.
"""

# %% [markdown] lang="zh"
r"""
### 练习13.7 · 自己动手截断 ★★★（9分钟）

`w`是需要梯度的标量叶子张量，`xs`（`(n,)`）是输入，每`k`个为一段，最后一段可能较短。状态从0开始，$h_t = \tanh(w h_{t-1} + x_t)$，每一段结束时，损失是这一段最后状态的平方$h^2$。`truncated_grad(w, xs, k)`把状态从一段传到下一段，梯度则不超出各个损失所在的那一段，最后返回`w`的各段梯度之和。`w`本身不变。
"""


# %%
def truncated_grad(w, xs, k):
    return ...


# %%
check("13.7", truncated_grad)


# %% tags=["solution"]
def solved_13_7(w, xs, k):
    h = torch.zeros(())
    for chunk in xs.split(k):
        h = h.detach()
        for x in chunk:
            h = torch.tanh(w * h + x)
        (h * h).backward()
    return w.grad


def all_at_once(w, xs, k):
    h, total = torch.zeros(()), 0.0
    for chunk in xs.split(k):
        h = h.detach()
        for x in chunk:
            h = torch.tanh(w * h + x)
        total = total + h * h
    return torch.autograd.grad(total, w)[0]


xs = torch.linspace(-0.5, 0.5, 8)
solved_13_7(torch.tensor(0.9, requires_grad=True), xs, 3), all_at_once(torch.tensor(0.9, requires_grad=True), xs, 3)

# %% [markdown] lang="en" tags=["solution"]
r"""
One backward pass for each chunk frees its saved tensors at once. The second way gives the same number, but keeps all of them until the end, and so gives away what truncation is good for.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
每一段做一次反向传播，它保存的张量就立即释放。第二种写法得到同样的结果，但所有保存的张量都要留到最后，截断的好处也就失去了。
"""

# %% [markdown] lang="en"
r"""
## Recap

| | |
|---|---|
| unrolled in time | a loop becomes a chain with the same leaf at every link |
| gradient of the weight | $\sum_t w^{T-t} h_{t-1}$: one term for each step, all added |
| the same factor every time | $w^{50}$ is 0.0052, 1 or 117.4 for 0.9, 1 and 1.1 |
| `h = h.detach()` | the value goes on, the terms before the cut are lost |
| what truncation costs | little where the network forgets, most where it remembers |
| forgotten detach | *a second time*; with `retain_graph=True` memory grows |
| clipping | bounds the long step that would saturate the units; it returns the norm before clipping |

Next: [lesson 14, train it by hand](14_capstone.ipynb). Read on: [`torch.nn.RNN`](https://docs.pytorch.org/docs/stable/generated/torch.nn.RNN.html) and [`clip_grad_norm_`](https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html), and [Backpropagation Through Time](https://d2l.ai/chapter_recurrent-neural-networks/bptt.html) in *Dive into Deep Learning* ([Chinese edition](https://zh.d2l.ai/chapter_recurrent-neural-networks/bptt.html)).
"""

# %% [markdown] lang="zh"
r"""
## 小结

| | |
|---|---|
| 按时间展开 | 循环变成一条链，每一环都连着同一个叶子 |
| 权重的梯度 | $\sum_t w^{T-t} h_{t-1}$，每一步贡献一项，全部相加 |
| 每次都是同一个因子 | 对0.9、1、1.1，$w^{50}$依次是0.0052、1、117.4 |
| `h = h.detach()` | 值继续往前传，截断之前的各项不再计入 |
| 截断的代价 | 早先的状态影响小，代价就小，影响持久，代价就大 |
| 忘了分离 | 报错*a second time*，加上`retain_graph=True`则内存不断增大 |
| 梯度裁剪 | 限制一步的长度，以免单元饱和，并返回裁剪之前的范数 |

下一课是[第14课，亲手训练](14_capstone.ipynb)。延伸阅读有PyTorch文档中的[`torch.nn.RNN`](https://docs.pytorch.org/docs/stable/generated/torch.nn.RNN.html)和[`clip_grad_norm_`](https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html)（英文），以及《动手学深度学习》的[通过时间反向传播](https://zh.d2l.ai/chapter_recurrent-neural-networks/bptt.html)一节（[英文版](https://d2l.ai/chapter_recurrent-neural-networks/bptt.html)）。
"""

# %% tags=["nbval-ignore-output"]
progress.show()
