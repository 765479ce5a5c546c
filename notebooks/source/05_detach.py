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
# 05 · Detach: where gradients stop

**What does `detach` do, and what does the word mean?** To detach is to unfasten: a button from a coat, a wagon from its train. Here a tensor is uncoupled from the graph. What lies behind it gets no gradient; what it shares with the original is another matter.

After this lesson you can

- cut one path of a graph, and say which gradients remain;
- tell who shares memory with whom, and what a write in place does to backward;
- choose between `detach`, `clone`, `item`, `no_grad` and `requires_grad_(False)`.

*About 65 minutes: 40 to read and try, 25 for the exercises. You need lessons 02 and 04.*
"""

# %% [markdown] lang="zh"
r"""
# 05 · 分离：梯度到此为止

**`detach`有什么用？这个词又是什么意思？** detach的意思是“解开、拆下”：从衣服上拆下一粒纽扣，从列车上摘下一节车厢。在这里，是把一个张量从计算图上摘下来，即**分离**。它背后的一切不再得到梯度；至于它与原来的张量还共享什么，那是另一回事。

学完本课，你将能够

- 切断计算图上的一条路，并说出还剩下哪些梯度；
- 分清谁与谁共享内存，以及就地改写会对反向传播造成什么影响；
- 在`detach`、`clone`、`item`、`no_grad`与`requires_grad_(False)`之间作出选择。

*约65分钟，其中阅读和操作40分钟，练习25分钟。预备知识：第02、04课。*
"""

# %%
import math, warnings, weakref

import numpy as np, torch
from helpers import check, d2l, draw, explore, hint, language, predict, progress

language.use("en")

# %% [markdown] lang="en"
r"""
The names of this lesson: `x`, `a` and `w` are leaves, vectors `(n,)` or scalars `()`; `u`, `b` and `y` are computed from them and sit on the graph; `c` is a detached copy, or is it one?

## 1. A tensor and its detached twin

First your guess:
"""

# %% [markdown] lang="zh"
r"""
本课用到的名字：`x`、`a`和`w`是叶子，形状为`(n,)`或`()`；`u`、`b`和`y`由它们算出，位于计算图上；`c`是分离出来的副本——它真的是副本吗？

## 1. 张量与分离出来的张量

先猜一猜：
"""

# %%
predict("05.p1")

# %%
a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
b = a * 2
c = b.detach()
print(c.requires_grad, c.grad_fn, c.data_ptr() == b.data_ptr())

# %% [markdown] lang="en"
r"""
`c` needs no gradient and has no `grad_fn`: it is off the graph. But its numbers lie at the **same address** as those of `b`. `detach` makes a new tensor, not new memory. So this writes into both:
"""

# %% [markdown] lang="zh"
r"""
`c`不需要梯度，也没有`grad_fn`：它离开了计算图。但它的数与`b`的数在**同一个地址**。`detach`新建了一个张量，却没有新开内存。所以，下面这一行同时改写了两者：
"""

# %%
c[0] = 100
b.sum().backward()
b, a.grad

# %% [markdown] lang="en"
r"""
`b` has changed, and `a.grad` is `[2., 2., 2.]` all the same: the recorded operation is still `a * 2`.
"""

# %% [markdown] lang="zh"
r"""
`b`变了，而`a.grad`仍是`[2., 2., 2.]`：被记录下来的运算还是`a * 2`。
"""


# %% [markdown] lang="en"
r"""
## 2. Cut one path

Now to the graph. In an example of *Dive into Deep Learning* a detached value is used further:
"""

# %% [markdown] lang="zh"
r"""
## 2. 切断一条路

再来看计算图。《动手学深度学习》里有个例子，继续使用了分离之后的值：
"""

# %%
predict("05.p2")

# %%
x = torch.arange(4.0, requires_grad=True)
y = x * x
u = y.detach()
(u * x).sum().backward()
x.grad, u

# %% [markdown] lang="en"
r"""
`z = u * x` has the values of $x^3$, but not its gradient $3x^2$. For autograd `u` is a number like any other, a constant; the slope of $u\,x$ is $u$. Only the path through `u` was cut. In a drawing the cut is the dashed arrow, on which nothing comes back:
"""

# %% [markdown] lang="zh"
r"""
`z = u * x`的值与$x^3$相同，梯度却不是$3x^2$。在自动微分看来，`u`和别的数没有两样，就是一个常数；$u\,x$的斜率是$u$。被切断的只是经过`u`的那条路。图中的虚线箭头就是切口，没有任何梯度从那里返回：
"""

# %%
draw(lambda x: (x * x).detach() * x, x=3.0)

# %% [markdown] lang="en"
r"""
`y` itself was not harmed: `detach` returned another tensor. Its own backward still gives $2x$. And with `clone`, which copies but stays on the graph, nothing is cut: $3x^2$.
"""

# %% [markdown] lang="zh"
r"""
`y`本身毫发无损：`detach`返回的是另一个张量。对`y`做反向传播，得到的仍是$2x$。而`clone`虽然复制了数据，却留在计算图上，什么也没有切断：结果是$3x^2$。
"""

# %%
x.grad = None
y.sum().backward()
print(x.grad)
x.grad = None
((x * x).clone() * x).sum().backward()
x.grad

# %% [markdown] lang="en"
r"""
Here is $x^3$ without any cut. **Click on an edge**, or choose it from the menu below the picture: the function runs again as if `.detach()` stood there. (**Keep this run** first: then a ≠ marks every number that a cut changes.) Cut the edge from `u` to the product: 27 becomes 9, and the central difference beside it disagrees, for the *function* has slope 27 still. Then mend it, and cut another.
"""

# %% [markdown] lang="zh"
r"""
下面是没有任何切口的$x^3$。**点击一条边**，或在图下方的菜单里选中它：函数会重新运行，就像那里写着`.detach()`一样。（先点**保留本次运行**，被切断改变的每个数就都会标上≠。）切断从`u`到乘积的那条边：27变成了9，旁边的中心差分不再与它一致，因为这个*函数*的斜率仍是27。然后把它接好，再切断另一条试试。
"""


# %%
def cube(x):
    u = x * x
    return u * x


explore(cube, x=(-4.0, 4.0, 0.25), cut=True, keep=True).set(x=3.0)

# %% [markdown] lang="en"
r"""
## 3. Cut them all

What is left if no path leads back?
"""

# %% [markdown] lang="zh"
r"""
## 3. 全部切断

如果没有一条路可以返回，还剩下什么？
"""

# %%
predict("05.p3")

# %%
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = (x * 2).detach()
try:
    y.sum().backward()
except RuntimeError as error:
    print(error)
x.grad

# %% [markdown] lang="en"
r"""
Many texts say that the derivative is then 0. PyTorch says something else: it has **no place to start from**. *Does not require grad*: no leaf wants a gradient. *Does not have a grad_fn*: no operation was recorded. And `x.grad` is `None`, "never computed", not 0, "computed, and nothing came".

## 4. A version for every tensor

Sharing memory has a price. Some operations save a tensor for backward. What if somebody writes into it in between?
"""

# %% [markdown] lang="zh"
r"""
不少文章说，这时导数等于0。PyTorch说的却是另一回事：它**无处出发**。*does not require grad*：没有叶子想要梯度；*does not have a grad_fn*：没有记录任何运算。而`x.grad`是`None`，意思是“从未计算”，不是0（“算过了，什么也没有”）。

## 4. 每个张量都有版本号

共享内存是有代价的。有些运算会为反向传播保存张量。如果中途有人改写了它，会怎样？
"""

# %%
x = torch.arange(4.0, requires_grad=True)
y = x.exp()
print(y._version)
y += 1
print(y._version)
try:
    y.sum().backward()
except RuntimeError as error:
    print(error)

# %% [markdown] lang="en"
r"""
Read it piece by piece. *Modified by an inplace operation*: somebody wrote into a tensor that backward needs. *Output 0 of Exp*: it is what `exp` returned, for the slope of $e^x$ is $e^x$ itself. *Is at version 1; expected version 0*: every write counts one up, and the saved tensor remembers at which version it was saved. The same line after `x ** 2` is harmless:
"""

# %% [markdown] lang="zh"
r"""
逐段来读。*modified by an inplace operation*：有人就地改写了反向传播需要的张量。*output 0 of Exp*：它是`exp`的返回值，因为$e^x$的斜率就是$e^x$自己。*is at version 1; expected version 0*：每写一次，版本号加1，而保存的张量记得自己是在第几版时被保存的。同样一行写在`x ** 2`之后却毫无害处：
"""

# %%
y = x**2
print(y.grad_fn._saved_self is x)
y += 1
y.sum().backward()
x.grad

# %% [markdown] lang="en"
r"""
A power saves its **input**, not its result. So the question is never "may I write in place?" but "did anybody save this?" The explorer shows it: ■ is a saved tensor with its version, □ one that backward has used and freed, ✗ one that was changed since. Backward stops at the marked node; the switch says where the write goes.
"""

# %% [markdown] lang="zh"
r"""
乘方保存的是**输入**，不是结果。所以要问的从来不是“可不可以就地改写”，而是“有没有谁保存了它”。下面的交互图会显示这一点：■是保存的张量及其版本，□表示反向传播用过之后已经释放，✗表示后来被改写了。反向传播停在做了标记的节点上；开关决定改写哪一个。
"""


# %%
def write(x, into_the_result):
    y = x.exp()
    z = y * 2
    (y if into_the_result else z).detach().add_(1)
    return z.sum()


explore(write, x=[0.0, 1.0], into_the_result=True, saved=True)

# %% [markdown] lang="en"
r"""
The write went through a detached tensor, and was noticed all the same: a tensor and what was detached from it **share their version counter**. There is an older way to get at the numbers, `.data`:
"""

# %% [markdown] lang="zh"
r"""
这次写入经过了分离出来的张量，却照样被发现：张量与由它分离出来的张量**共用一个版本计数器**。要取得张量里的数，还有一种老办法，那就是`.data`：
"""

# %%
predict("05.p4")

# %%
x = torch.arange(4.0, requires_grad=True)
y = x.exp()
y.data.zero_()
y.sum().backward()
x.grad, y._version

# %% [markdown] lang="en"
r"""
Four zeros, where $e^x$ would be right, and no error. That is why `.data` should not appear in new code: `detach` does the same, and raises.

The guard only watches what was **saved**. In section 1 nothing was, so the write into `c` went through and the gradient stayed that of `a * 2`. See it live: `written` goes into `c`, and shows up in `b`, which has a second box for its new numbers. The arrow from `c` to it is cut, for such a write is not on autograd's graph. Look at the last column, too: the central differences change each input in turn and look at the output. They find that `a[0]` no longer matters, and that `written` does.
"""

# %% [markdown] lang="zh"
r"""
四个0，而正确的梯度应是$e^x$，PyTorch却没有报错。所以新代码里不要再用`.data`：`detach`能做同样的事，而且会报错。

受到检查的只是**保存过的**张量。第1节里什么也没有保存，所以写进`c`没有报错，梯度仍是`a * 2`的梯度。动手看看，`written`写进`c`里，却出现在`b`里，图中`b`的新数值另有一个方框。从`c`通向它的箭头是断开的，因为这样的写入不在自动微分的计算图上。也看看最后一列：中心差分依次改变每个输入，再看输出怎样变化。它发现`a[0]`已经不起作用，起作用的是`written`。
"""


# %%
def through_the_back_door(a, written):
    b = a * 2
    c = b.detach()
    c[0] = written
    return b.sum()


explore(through_the_back_door, a=[1.0, 2.0, 3.0], written=(0.0, 100.0)).set(written=100.0)

# %% [markdown] lang="en"
r"""
## 5. Writing to a leaf

A step of gradient descent must write into a leaf. Recorded, it is refused:
"""

# %% [markdown] lang="zh"
r"""
## 5. 改写叶子

梯度下降的一步，必须改写叶子。如果在记录时这样做，PyTorch会拒绝：
"""

# %%
x = torch.arange(4.0, requires_grad=True)
try:
    x += 1
except RuntimeError as error:
    print(error)
try:
    x[0] = 5
except RuntimeError as error:
    print(error)

# %% [markdown] lang="en"
r"""
If it were allowed, `x` would be both the leaf and the result of an operation on itself. Nor does `x = x - 0.1` help, since the new `x` is no leaf (lesson 02). Stop recording for a moment instead:
"""

# %% [markdown] lang="zh"
r"""
假如允许，`x`就既是叶子，又是对它自己做运算的结果。写成`x = x - 0.1`也不行，新的`x`不再是叶子（第02课）。应该暂停记录：
"""

# %%
(x * x).sum().backward()
with torch.no_grad():
    x -= 0.25 * x.grad
x, x.is_leaf

# %% [markdown] lang="en"
r"""
## 6. Six ways, one table

Off the graph or not, own memory or shared: two separate questions. Each line is measured, by address (`True`: the same as that of `y`) and by flag:
"""

# %% [markdown] lang="zh"
r"""
## 6. 六种办法，一张表

是否离开计算图，是否有自己的内存，这是两个独立的问题。下面每一行都是实测，看地址（`True`表示与`y`相同），也看标志：
"""

# %%
x = torch.arange(4.0, requires_grad=True)
y = x * x


def measured(name, t):
    recorded = type(t.grad_fn).__name__ if t.grad_fn else None
    print(f"{name:20} {t.data_ptr() == y.data_ptr()!s:10} {t.requires_grad!s:13} {recorded}")


# %%
print(f"{'':20} data_ptr() requires_grad grad_fn")
measured("y.detach()", y.detach())
measured("y.clone()", y.clone())
measured("y.detach().clone()", y.detach().clone())
with torch.no_grad():
    measured("no_grad", x * x)
with torch.inference_mode():
    measured("inference_mode", x * x)
type(y[3].item())

# %% [markdown] lang="en"
r"""
| | memory | on the graph | good for |
|---|---|---|---|
| `y.detach()` | shared | no | using a value as a constant |
| `y.clone()` | own | yes, slope 1 | editing a copy in place, with gradients |
| `y.detach().clone()` | own | no | keeping a value as it is now |
| `y.item()` | a Python number | no | logging, printing |
| `torch.no_grad()` | own | no, nothing recorded | evaluation, updates |
| `torch.inference_mode()` | own | no, and never again | evaluation only, [a bit faster](https://docs.pytorch.org/docs/stable/notes/autograd.html#inference-mode) |
| `w.requires_grad_(False)` | the same tensor | no longer a leaf that wants gradients | freezing parameters |

`clone().detach()` gives the same as `detach().clone()`: either way the numbers are copied once. The first order also records one node, which `detach` drops at once:
"""

# %% [markdown] lang="zh"
r"""
| | 内存 | 在计算图上 | 适用于 |
|---|---|---|---|
| `y.detach()` | 共享 | 否 | 把一个值当常数用 |
| `y.clone()` | 自己的 | 是，斜率为1 | 就地改写副本，同时保留梯度 |
| `y.detach().clone()` | 自己的 | 否 | 保留此刻的值 |
| `y.item()` | Python的数 | 否 | 记录、打印 |
| `torch.no_grad()` | 自己的 | 否，什么也不记录 | 评估、更新参数 |
| `torch.inference_mode()` | 自己的 | 否，以后也不行 | 只用于评估，[稍快一点](https://docs.pytorch.org/docs/stable/notes/autograd.html#inference-mode) |
| `w.requires_grad_(False)` | 同一个张量 | 不再是想要梯度的叶子 | 冻结参数 |

`clone().detach()`与`detach().clone()`结果相同，数都只复制一次。前一种顺序会多记录一个节点，随即又被`detach`丢掉：
"""

# %%
middle = y.clone()
type(middle.grad_fn).__name__, middle.detach().grad_fn, middle.detach().data_ptr() == middle.data_ptr()

# %% [markdown] lang="en"
r"""
A third spelling works, and warns:
"""

# %% [markdown] lang="zh"
r"""
还有第三种写法，能用，但会给出警告：
"""


# %%
def watch(program):
    torch.set_warn_always(True)  # some warnings come once in a session otherwise
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            print(program())
        except (RuntimeError, TypeError) as error:
            print(f"{type(error).__name__}: {error}")
    torch.set_warn_always(False)
    for warning in caught:
        print(f"{warning.category.__name__}: {str(warning.message).partition(' (Triggered')[0]}")


# %%
watch(lambda: torch.tensor(y))


# %% [markdown] lang="en"
r"""
Three lines that surprise. A tensor **made** inside `no_grad` may still ask for gradients; only results of operations do not get any. [`eval()`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.eval) changes layers such as dropout, and switches no gradient off. And an inference tensor never enters a graph again:
"""

# %% [markdown] lang="zh"
r"""
下面三件事出人意料。在`no_grad`里**新建**的张量仍然可以要求梯度，得不到梯度的只是运算的结果。[`eval()`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.eval)改变的是暂退（dropout）这样的层，并不关闭梯度。而推断模式（inference mode）下的张量，再也进不了计算图：
"""

# %%
with torch.no_grad():
    made, computed = torch.ones(3, requires_grad=True), x * 2
print(made.requires_grad, computed.requires_grad, computed.is_leaf)
layer = torch.nn.Linear(2, 1).eval()
print(layer(torch.ones(2)).requires_grad)
with torch.inference_mode():
    sealed = torch.ones(4)
watch(lambda: x * sealed)

# %% [markdown] lang="en"
r"""
And `requires_grad_(False)` freezes: the layer's weights get no gradient, yet one passes **through** the layer to what lies before it.
"""

# %% [markdown] lang="zh"
r"""
`requires_grad_(False)`则是冻结：这一层的权重得不到梯度，但梯度仍会**穿过**这一层，传给它前面的部分。
"""

# %%
layer.requires_grad_(False)
before = torch.ones(2, requires_grad=True)
layer(before).sum().backward()
layer.weight.grad, torch.equal(before.grad, layer.weight[0])

# %% [markdown] lang="en"
r"""
## 7. Cut without a word

Whoever leaves PyTorch leaves the graph. `math.sin` returns a plain number; so does `float`. Newer versions of PyTorch warn; `item()`, which says what it means, does not. NumPy refuses, whatever you call:
"""

# %% [markdown] lang="zh"
r"""
## 7. 悄无声息的切断

离开PyTorch，也就离开了计算图。`math.sin`返回的只是一个数，`float`也一样。新版的PyTorch会给出警告；`item()`本来就是这个意思，所以不警告。NumPy则一律拒绝，不管调用的是哪个函数：
"""

# %%
t = torch.tensor(2.0, requires_grad=True)
watch(lambda: math.sin(t))
watch(lambda: float(t))
watch(lambda: t.item())
watch(lambda: t.numpy())
watch(lambda: np.sin(t))
watch(lambda: np.asarray(t))

# %% [markdown] lang="en"
r"""
The message names the remedy, `tensor.detach().numpy()`. Plotting runs into the same wall; `d2l.plot` of this course detaches for you.

## 8. What it is good for

**Logging.** A loop keeps its losses for a plot. Twenty losses of four bytes each, what can that cost? The hooks below count the memory that backward nodes hold on to, each piece once:
"""

# %% [markdown] lang="zh"
r"""
报错里已经写明了办法：`tensor.detach().numpy()`。画图也会撞上同一堵墙；本课程的`d2l.plot`会替你分离。

## 8. 用在哪里

**记录损失。** 循环里把每次的损失留下来画图。20个损失，每个4字节，能占多少内存？下面的钩子会数一数，反向传播的节点一共持有多少内存：
"""


# %%
alive = weakref.WeakSet()


class Held:
    def __init__(self, tensor):
        self.tensor = tensor.detach()
        alive.add(self)


# %%
def megabytes_held(keep):
    kept, x, w = [], torch.ones(100_000), torch.tensor(0.5, requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(Held, lambda held: held.tensor):
        for _ in range(20):
            kept.append(keep((w * x).exp().mean()))
    sizes = {held.tensor.data_ptr(): held.tensor.nbytes for held in alive}  # one entry for each piece of memory
    return len(alive), len(sizes), sum(sizes.values()) / 1e6


for keep in (lambda loss: loss, torch.Tensor.detach, torch.Tensor.item):
    print("{} saved tensors in {} pieces of memory, {} MB".format(*megabytes_held(keep)))

# %% [markdown] lang="en"
r"""
8.4 megabytes against nothing: each loss holds its `grad_fn`, that the next one, and so on to every saved tensor. Each of the 20 losses has saved two tensors. One is `x`, which is the same for all of them; the other is a result of `exp`, a new one each time. So there are 21 pieces of memory. In an evaluation `with torch.no_grad():` is better still: nothing is recorded in the first place.

**A target that must not move.** One value is to follow another. Both are parameters, and the loss is their squared distance:
"""

# %% [markdown] lang="zh"
r"""
一边是8.4MB，一边是0：每个损失都引用着自己的`grad_fn`，`grad_fn`又引用着上一个节点，这样一直连到所有保存的张量。20个损失各保存了两个张量，一个是`x`，由所有损失共用；另一个是`exp`的结果，每次都是新的，所以一共是21块内存。如果只是评估，用`with torch.no_grad():`更好：从一开始就什么也不记录。

**不许移动的目标。** 让一个值去追另一个值。两者都是参数，损失是它们之差的平方：
"""


# %%
def follow(cut):
    student, teacher = (torch.tensor(value, requires_grad=True) for value in (1.0, 3.0))
    sgd = torch.optim.SGD([student, teacher], lr=0.1)
    for _ in range(50):
        sgd.zero_grad()
        target = teacher.detach() if cut else teacher
        ((student - target) ** 2).backward()
        sgd.step()
    return round(student.item(), 3), round(teacher.item(), 3)


follow(cut=True), follow(cut=False)

# %% [markdown] lang="en"
r"""
With `detach` the student comes to the teacher, at 3. Without it both move, and they meet half way. This is why target values in [reinforcement learning](https://docs.pytorch.org/tutorials/intermediate/reinforcement_q_learning.html) and in [self-supervised learning](https://arxiv.org/abs/2011.10566) are detached: it is called a **stop-gradient**.

**Two players.** A generative adversarial network trains a generator, which makes fakes out of noise, against a critic, which is to tell them from real data. Here both are tiny, and the data are numbers around 3:
"""

# %% [markdown] lang="zh"
r"""
有`detach`时，student走到teacher那里，即3。没有它，两者都会移动，在中间相遇。[强化学习](https://docs.pytorch.org/tutorials/intermediate/reinforcement_q_learning.html)和[自监督学习](https://arxiv.org/abs/2011.10566)里的目标值都要分离，原因就在这里；这叫作**停止梯度**（stop-gradient）。

**两个对手。** 生成对抗网络让生成器用噪声造出假数据，让判别器去分辨真假，两者对抗着训练。这里两个网络都很小，真数据是3附近的数：
"""

# %%
torch.manual_seed(0)
generator = torch.nn.Linear(1, 1)
critic = torch.nn.Sequential(torch.nn.Linear(1, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1))
cross_entropy = torch.nn.functional.binary_cross_entropy_with_logits


def critic_loss(fake):
    on_real, on_fake = critic(3 + 0.5 * torch.randn(64, 1)), critic(fake)
    return cross_entropy(on_real, torch.ones(64, 1)) + cross_entropy(on_fake, torch.zeros(64, 1))


# %% [markdown] lang="en"
r"""
In the critic's turn the fakes are only data. But they came out of the generator. Where does the gradient end?
"""

# %% [markdown] lang="zh"
r"""
轮到判别器时，假数据只是数据而已。但它们是生成器算出来的。梯度会流到哪里为止？
"""

# %%
noise = torch.randn(64, 1)
critic_loss(generator(noise).detach()).backward()
print(generator.weight.grad)
critic_loss(generator(noise)).backward()
print(generator.bias.grad.sign())
generator.zero_grad()
cross_entropy(critic(generator(noise)), torch.ones(64, 1)).backward()  # its own turn
print(generator.bias.grad.sign())

# %% [markdown] lang="en"
r"""
Without `detach` the critic's loss reaches the generator, and pushes it **the other way** than its own loss does. Without `zero_grad` in between the two are added up; with it, half of the backward pass was for nothing. Now both train, each in its turn:
"""

# %% [markdown] lang="zh"
r"""
没有`detach`，判别器的损失就一直传到生成器，而且推动的方向与生成器自己的损失**相反**。如果中间不调用`zero_grad`，两者就加在一起；如果调用，那么这一半反向传播就白做了。下面让两者轮流训练：
"""


# %%
def train(steps):
    for_generator = torch.optim.Adam(generator.parameters(), lr=0.02, betas=(0.5, 0.9))
    for_critic = torch.optim.Adam(critic.parameters(), lr=0.02, betas=(0.5, 0.9))
    for _ in range(steps):
        fake = generator(torch.randn(64, 1))
        for_critic.zero_grad()
        critic_loss(fake.detach()).backward()
        for_critic.step()
        for_generator.zero_grad()
        cross_entropy(critic(fake), torch.ones(64, 1)).backward()
        for_generator.step()
        yield generator.bias.item()


# %% tags=["measured", "nbval-ignore-output"]
# 500 steps magnify the last digit of a float, which differs from processor to processor
centres = list(train(500))
d2l.plot(centres, xlabel="step", ylabel="generator.bias")

# %% [markdown] lang="en"
r"""
The centre of the fakes moves to that of the real data and stays around it. Note that `fake` is used twice: detached in the critic's turn, as it is in the generator's own. One forward pass of the generator serves both.
"""

# %% [markdown] lang="zh"
r"""
假数据的中心移到了真数据的中心，并留在它附近。注意`fake`用了两次：在判别器那一轮是分离的，在生成器自己那一轮则保持原样。生成器的一次前向传播，供两轮使用。
"""

# %%
round(sum(centres[-100:]) / 100)

# %% [markdown] lang="en"
r"""
## 9. Exercises

Replace every `...` and run the check below it. Stuck? Press the button below the check, or run `hint("05.1")`.
"""

# %% [markdown] lang="zh"
r"""
## 9. 练习

把每个`...`换成你的答案，再运行下面的检查。卡住了？按检查结果下方的提示按钮，或运行`hint("05.1")`。
"""

# %% [markdown] lang="en"
r"""
### Exercise 05.1 · One path cut ★☆☆ (4 min)

$u = x^2$ and $z = \text{detach}(u) \cdot x + u$ at $x = 3$. Which gradient does `z.backward()` leave in `x.grad`? On paper first.
"""

# %% [markdown] lang="zh"
r"""
### 练习05.1 · 切断一条路 ★☆☆（4分钟）

$u = x^2$，$z = \text{detach}(u) \cdot x + u$，$x = 3$。`z.backward()`会在`x.grad`里留下什么梯度？先在纸上算。
"""

# %%
slope = ...

# %%
check("05.1", slope)

# %% tags=["solution"]
draw(lambda x: (u := x * x).detach() * x + u, x=3.0)

# %% [markdown] lang="en" tags=["solution"]
r"""
Two paths are left: through the factor `x`, which brings the constant 9, and through the second `u`, which brings $2x = 6$. Together 15.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
还剩两条路：经过因子`x`的，带来常数9；经过第二个`u`的，带来$2x = 6$。合起来是15。
"""

# %% [markdown] lang="en"
r"""
### Exercise 05.2 · Five that go wrong ★★☆ (6 min)

Five programs go wrong, one of them in silence. Run them, then match: `"detached"` no path leads back; `"leaf"` a leaf is written in place; `"saved"` a saved tensor is overwritten; `"silent"` a saved tensor is overwritten unseen; `"numpy"` NumPy is handed a tensor on the graph.
"""

# %% [markdown] lang="zh"
r"""
### 练习05.2 · 五个出错的程序 ★★☆（6分钟）

五个程序都出了错，其中一个一声不吭。先运行，再配对：`"detached"`没有路可以返回；`"leaf"`就地改写叶子；`"saved"`改写了保存的张量；`"silent"`悄悄改写了保存的张量；`"numpy"`把图上的张量交给了NumPy。
"""


# %%
def a(x):
    roots = x.sqrt()
    roots *= 10
    return roots.sum()


def b(x):
    mean = x.mean().detach()
    return mean * mean


# %%
def c(x):
    roots = x.sqrt()
    roots.data *= 10
    return roots.sum()


def d(x):
    x *= 0.5
    return (x * x).sum()


def e(x):
    return torch.from_numpy(np.sqrt(x)).sum()


# %%
for program in (a, b, c, d, e):
    x = torch.tensor([1.0, 4.0], requires_grad=True)
    try:
        program(x).backward()
        print(program.__name__, x.grad)
    except RuntimeError as error:
        print(program.__name__, str(error)[:90])

# %%
causes = {"a": ..., "b": ..., "c": ..., "d": ..., "e": ...}

# %%
check("05.2", causes)

# %% tags=["solution"]
{"a": "saved", "b": "detached", "c": "silent", "d": "leaf", "e": "numpy"}

# %% [markdown] lang="en" tags=["solution"]
r"""
`sqrt` saves its result, since the slope is $\tfrac{1}{2\sqrt{x}}$. `a` and `c` overwrite it; in `c`, `.data` hides that, and the slopes come out ten times too small.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
`sqrt`保存的是结果，因为斜率是$\tfrac{1}{2\sqrt{x}}$。`a`和`c`都改写了它；`c`用`.data`瞒了过去，得到的斜率只有应有的十分之一。
"""

# %% [markdown] lang="en"
r"""
### Exercise 05.3 · The loop that hoards ★★☆ (6 min)

`train_and_log` returns the losses of all steps. Its memory grows with every step, since each loss holds on to its graph. Mend it: the same losses, as plain numbers.
"""

# %% [markdown] lang="zh"
r"""
### 练习05.3 · 囤积计算图的循环 ★★☆（6分钟）

`train_and_log`返回每一步的损失。它占的内存一步步增长，因为每个损失都抓着自己的计算图。请改好它：返回同样的损失，但只是数。
"""


# %%
def train_and_log(w, xs, lr):
    w = torch.tensor(w, requires_grad=True)
    losses = []
    for x in xs:
        loss = (w * x - 1) ** 2
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        w.grad = None
        losses.append(loss)
    return losses


# %%
check("05.3", train_and_log)


# %% tags=["solution"]
def solved_05_3(w, xs, lr):
    w = torch.tensor(w, requires_grad=True)
    losses = []
    for x in xs:
        loss = (w * x - 1) ** 2
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        w.grad = None
        losses.append(loss.item())
    return losses


solved_05_3(2.0, [1.0, 0.5], 0.125)

# %% [markdown] lang="en" tags=["solution"]
r"""
After `backward` the saved tensors are freed, but the nodes are not as long as a loss refers to them.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
`backward`之后，保存的张量已经释放；但只要还有损失引用着节点，节点就不会释放。
"""

# %% [markdown] lang="en"
r"""
### Exercise 05.4 · A frozen copy ★☆☆ (4 min)

`frozen_copy(y)` receives a tensor somewhere on a graph and returns a tensor with the same numbers that shares **neither its memory nor its graph**.
"""

# %% [markdown] lang="zh"
r"""
### 练习05.4 · 冻结的副本 ★☆☆（4分钟）

`frozen_copy(y)`接收计算图上的某个张量，返回一个数值相同的张量，但**既不共享内存，也不在计算图上**。
"""


# %%
def frozen_copy(y):
    return ...


# %%
check("05.4", frozen_copy)


# %% tags=["solution"]
def solved_05_4(y):
    return y.detach().clone()


solved_05_4(torch.ones(2, requires_grad=True) * 3)

# %% [markdown] lang="en" tags=["solution"]
r"""
One call for each of the two ties.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
两种联系，各用一次调用来解开。
"""

# %% [markdown] lang="en"
r"""
### Exercise 05.5 · Update a leaf ★★☆ (6 min)

`update(w, lr)`: `w` is a leaf whose `.grad` is filled. Subtract `lr * w.grad` from it **in place** and return `w`: the same tensor, still a leaf that requires grad. **Not with `.data`.**
"""

# %% [markdown] lang="zh"
r"""
### 练习05.5 · 更新叶子 ★★☆（6分钟）

`update(w, lr)`：`w`是一个`.grad`已有值的叶子。**就地**减去`lr * w.grad`，再返回`w`：同一个张量，仍是需要梯度的叶子。**不许用`.data`。**
"""


# %%
def update(w, lr):
    return ...


# %%
check("05.5", update)


# %% tags=["solution"]
def solved_05_5(w, lr):
    with torch.no_grad():
        w -= lr * w.grad
    return w


w = torch.tensor([1.0, 2.0], requires_grad=True)
(w * w).sum().backward()
solved_05_5(w, 0.25)

# %% [markdown] lang="en" tags=["solution"]
r"""
Inside `no_grad` the write is not recorded, but it is counted: a graph that saved `w` before would notice.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
在`no_grad`里，写入不被记录，但版本号照样加1：之前若有计算图保存了`w`，它就会发现。
"""

# %% [markdown] lang="en"
r"""
## Recap

| | |
|---|---|
| `detach()` | off the graph, a constant for autograd; the same memory |
| part of the paths cut | another gradient, without a word |
| all of them cut | an error, and `.grad` stays `None` |
| a write in place | counted; backward compares with the version it saved |
| `.data` | evades the count: a wrong gradient, without a word |
| which of the six ways? | should gradients pass? should memory be shared? |
| `item()`, `no_grad()` | log; evaluate and update |
| targets, fakes | held still with `detach()` |

Next: [lesson 06, loops and branches](06_control_flow.ipynb). Read on: [torch.Tensor.detach](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.detach.html), [locally disabling gradients](https://docs.pytorch.org/docs/stable/notes/autograd.html#locally-disabling-gradient-computation), [in-place operations](https://docs.pytorch.org/docs/stable/notes/autograd.html#in-place-operations-with-autograd), and [Automatic Differentiation](https://d2l.ai/chapter_preliminaries/autograd.html), its section on detaching, in *Dive into Deep Learning* ([Chinese edition](https://zh.d2l.ai/chapter_preliminaries/autograd.html)).
"""

# %% [markdown] lang="zh"
r"""
## 小结

| | |
|---|---|
| `detach()` | 离开计算图，对自动微分来说是常数；内存还是同一块 |
| 切断一部分路 | 梯度变了，而且一声不吭 |
| 全部切断 | 报错，`.grad`仍是`None` |
| 就地改写 | 版本号加1；反向传播会与保存时的版本比对 |
| `.data` | 绕过计数：梯度错了，而且一声不吭 |
| 六种办法选哪一种 | 梯度要不要通过？内存要不要共享？ |
| `item()`、`no_grad()` | 记录；评估与更新 |
| 目标、假数据 | 用`detach()`固定住 |

下一课：[第06课，循环与分支](06_control_flow.ipynb)。延伸阅读：PyTorch文档中的[torch.Tensor.detach](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.detach.html)、[局部关闭梯度计算](https://docs.pytorch.org/docs/stable/notes/autograd.html#locally-disabling-gradient-computation)和[就地操作](https://docs.pytorch.org/docs/stable/notes/autograd.html#in-place-operations-with-autograd)（英文）；《动手学深度学习》的[自动微分](https://zh.d2l.ai/chapter_preliminaries/autograd.html)，其中的“分离计算”一节（[英文版](https://d2l.ai/chapter_preliminaries/autograd.html)）。
"""

# %% tags=["nbval-ignore-output"]
progress.show()
