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

**What does `detach` do, and what does the word mean?** To detach is to unfasten: a button from a coat, a carriage from its train. Here a tensor is taken off the graph. What it was computed from gets no gradient through it; whether it still shares memory with the original is another question.

After this lesson you can

- cut one path of a graph, and say which gradients remain;
- tell which tensors share memory, and what a write in place does to backward;
- choose between `detach`, `clone`, `item`, `no_grad` and `requires_grad_(False)`.

*About 55 minutes: 30 to read and try, 25 for the exercises. You need lessons 02 and 04.*
"""

# %% [markdown] lang="zh"
r"""
# 05 · 分离：梯度到此为止

**`detach`有什么用？这个词又是什么意思**？detach的意思是“解开、拆下”，例如从衣服上拆下一粒纽扣，从列车上摘下一节车厢。在这里，是指把一个张量从计算图上分开，称为**分离**。梯度不再通过它传给它之前的运算。至于它与原来的张量是否还共享内存，则是另一个问题。

学完本课，你将能够

- 切断计算图上的一条路径，并说出还剩下哪些梯度；
- 分清哪些张量共享内存，以及修改它们会对反向传播造成什么影响；
- 在`detach`、`clone`、`item`、`no_grad`与`requires_grad_(False)`之间作出选择。

约55分钟，其中阅读和操作30分钟，练习25分钟。预备知识是第02、04课。
"""

# %%
import math, warnings, weakref

import numpy as np, torch
from helpers import check, d2l, draw, explore, hint, language, predict, progress

language.use("en")

# %% [markdown] lang="en"
r"""
The names of this lesson: `x`, `a` and `w` are leaves, vectors `(n,)` or scalars `()`; `u`, `b` and `y` are computed from them and are on the graph; `c` is a detached copy. But is it a copy?

## 1. A tensor and its detached twin

First make a guess:
"""

# %% [markdown] lang="zh"
r"""
在本课用到的名字中，`x`、`a`和`w`是叶子，形状为`(n,)`或`()`，`u`、`b`和`y`由它们算出，位于计算图上，`c`是分离出来的副本。但它真的是副本吗？

## 1. 张量与分离出来的张量

先猜一猜结果。
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
`c`不需要梯度，也没有`grad_fn`，它已经不在计算图上。但它的数据与`b`的数据在**同一个地址**。`detach`新建了一个张量，但没有分配新的内存。所以，下面的赋值同时修改了两者。
"""

# %% tags=["answer"]
c[0] = 100
b.sum().backward()
b, a.grad

# %% [markdown] lang="en" tags=["answer"]
r"""
`b` has changed, and `a.grad` is `[2., 2., 2.]` all the same: the recorded operation is still `a * 2`.
"""

# %% [markdown] lang="zh" tags=["answer"]
r"""
`b`变了，而`a.grad`仍是`[2., 2., 2.]`，因为记录下来的运算还是`a * 2`。
"""


# %% [markdown] lang="en"
r"""
## 2. Cut one path

Now to the graph. An example in *Dive into Deep Learning* goes on to use a detached value:
"""

# %% [markdown] lang="zh"
r"""
## 2. 切断一条路径

再来看计算图。《动手学深度学习》中有一个例子，用分离之后的值继续计算。
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
`z = u * x` has the values of $x^3$, but not its gradient $3x^2$. For autograd `u` is a constant, so the derivative of $u\,x$ is $u$. Only the path through `u` was cut. In a drawing the cut is the dashed arrow, along which no gradient returns:
"""

# %% [markdown] lang="zh"
r"""
`z = u * x`的值与$x^3$相同，梯度却不是$3x^2$。对自动微分来说，`u`就是一个常数，所以$u\,x$的导数是$u$。被切断的只是经过`u`的一条路径。图中的虚线箭头就是切断的位置，没有梯度沿它返回。
"""

# %% tags=["answer"]
draw(lambda x: (x * x).detach() * x, x=3.0)

# %% [markdown] lang="en"
r"""
`y` itself is unchanged: `detach` returned another tensor. Backward from `y` still gives $2x$. And with `clone`, which copies but stays on the graph, nothing is cut: $3x^2$.
"""

# %% [markdown] lang="zh"
r"""
`y`本身没有变化，因为`detach`返回的是另一个张量。对`y`做反向传播，得到的仍是$2x$。而`clone`复制了数据，但副本仍在计算图上，没有切断任何路径，所以结果是$3x^2$。
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
Here is $x^3$ without any cut. **Click on an edge**, or choose it from the menu below the picture: the function runs again as if `.detach()` stood there. (**Keep this run** first: then a ≠ marks every number that a cut changes.) Cut the edge from `u` to the product. The gradient changes, and the central difference beside it no longer agrees, for the derivative of the *function* is still 27. Then restore the edge, and cut another.
"""

# %% [markdown] lang="zh"
r"""
下面是没有切断任何路径的$x^3$。**单击一条边**，或在图下方的菜单里选中它，函数就会重新运行，如同在这条边上写了`.detach()`一样。（先单击**保留本次运行**，切断后有变化的每个数就会标上≠。）切断从`u`到乘积的边，梯度就变了，旁边的中心差分不再与它一致，因为这个**函数**的导数仍是27。然后恢复这条边，再切断另一条试试。
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

如果没有一条路径可以返回，还剩下什么？
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
Many texts say that the derivative is then 0. PyTorch says something else: backward has **no starting point**. *Does not require grad*: `y` was detached, and what is computed from it alone requires no gradient either. *Does not have a grad_fn*: so no operation was recorded. And `x.grad` is `None`, "never computed", not 0, "computed, and found to be 0".

## 4. A version for every tensor

Sharing memory has a price. Some operations save a tensor for backward. What if it is modified before backward runs?
"""

# %% [markdown] lang="zh"
r"""
不少文章说，这时导数等于0。PyTorch给出的结果不同，反向传播**没有起点**。*does not require grad*（不需要梯度）是说`y`已经分离，只由它算出的结果也不需要梯度，*does not have a grad_fn*（没有grad_fn）是说因此没有记录任何运算。`x.grad`是`None`，表示“从未计算”，而不是0（“计算过，结果为0”）。

## 4. 每个张量都有版本号

共享内存是有代价的。有些运算会为反向传播保存张量。如果在反向传播之前就地（in place）修改了保存的张量（saved tensor），会怎样？
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
Read it piece by piece. *Modified by an inplace operation*: a tensor that backward needs was written to. *Output 0 of Exp*: it is what `exp` returned, for the derivative of $e^x$ is $e^x$ itself. *Is at version 1; expected version 0*: every write raises the version by one, and the saved tensor records the version at which it was saved. The same line after `x ** 2` is harmless:
"""

# %% [markdown] lang="zh"
r"""
这条报错也要逐段来读。*modified by an inplace operation*（被就地操作修改）是说反向传播需要的张量被就地修改了。*output 0 of Exp*（Exp的第0个输出）指出这个张量是`exp`的返回值，反向传播需要它，是因为$e^x$的导数就是$e^x$。*is at version 1; expected version 0*（现在是第1版，应为第0版）是说张量的版本号变了。每修改一次，版本号加1，而保存的张量记录了保存时的版本号。同样的一行写在`x ** 2`之后，则没有影响。
"""

# %%
y = x**2
print(y.grad_fn._saved_self is x)
y += 1
y.sum().backward()
x.grad

# %% [markdown] lang="en"
r"""
A power saves its **input**, not its result. So the question is never "may I write in place?" but "has any operation saved this?" The explorer shows it: ■ is a saved tensor with its version, □ one that backward has used and freed, ✗ one that was modified after it was saved. Backward stops at the marked node; the switch chooses which tensor is modified.
"""

# %% [markdown] lang="zh"
r"""
乘方保存的是**输入**，不是结果。所以应当问的不是“能不能就地修改”，而是“有没有运算保存了这个张量”。下面的交互图显示了这一点。■是保存的张量及其版本，□是反向传播用过并已释放的张量，✗是保存之后又被修改的张量。反向传播停在标出的节点上。用开关可以选择修改哪一个张量。
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
The write went through a detached tensor and was detected all the same, because a tensor and any tensor detached from it **share a version counter**. There is an older way to reach the numbers, `.data`:
"""

# %% [markdown] lang="zh"
r"""
这次修改是通过分离出来的张量进行的，但仍被检查出来，因为张量与从它分离出来的张量**共用一个版本计数器**（version counter）。访问张量的数据还有一种旧的办法，就是`.data`。
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
The result is four zeros, where $e^x$ would be right, and there is no error. That is why `.data` should not appear in new code: `detach` does the same, and an error is raised.

Only **saved** tensors are checked. In section 1 nothing was saved, so the write into `c` raised no error and the gradient stayed that of `a * 2`. In the explorer below `written` goes into `c`, and appears in `b`, which has a second box for its new numbers. The arrow from `c` to it is cut, for such a write is not on autograd's graph. Look at the last column, too: the central differences change each input in turn and compute the output again. They show that `a[0]` no longer matters, and that `written` does.
"""

# %% [markdown] lang="zh"
r"""
结果是四个0，而正确的梯度应是$e^x$，PyTorch却没有报错。所以新代码里不要再用`.data`，用`detach`可以做同样的事，而且出错时会报错。

只有**保存过的**张量才会受到检查。第1节没有保存任何张量，所以修改`c`不会报错，梯度仍是`a * 2`的梯度。在下面的交互图里，`written`写入`c`，同时出现在`b`里，图中`b`的新值另有一个方框。从`c`通向它的箭头是断开的，因为这样的写入不在自动微分的计算图上。再看最后一列，中心差分依次改变每个输入，重新计算输出。由此可见，`a[0]`已经不起作用，起作用的是`written`。
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

A step of gradient descent must write into a leaf. While operations are recorded, PyTorch refuses:
"""

# %% [markdown] lang="zh"
r"""
## 5. 修改叶子

梯度下降的每一步都要修改叶子。如果在记录运算时这样做，PyTorch会报错。
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
If it were allowed, `x` would be both a leaf and the result of an operation on itself. Nor does `x = x - 0.1` help, since the new `x` is not a leaf (lesson 02). Suspend recording instead:
"""

# %% [markdown] lang="zh"
r"""
如果允许，`x`就既是叶子，又是对它自己做运算的结果。写成`x = x - 0.1`也不行，因为新的`x`不再是叶子（第02课）。正确的做法是暂停记录。
"""

# %%
(x * x).sum().backward()
with torch.no_grad():
    x -= 0.25 * x.grad
x, x.is_leaf

# %% [markdown] lang="en"
r"""
## 6. Seven ways, one table

Whether a tensor is off the graph and whether it has memory of its own are two separate questions. The first lines of the table are measured here: is the address that of `y` (`same`), does the tensor require grad (`grad`), and which operation is recorded?
"""

# %% [markdown] lang="zh"
r"""
## 6. 七种办法，一张表

是否离开计算图，是否有自己的内存，是两个独立的问题。表中的前几行先在这里实测，包括地址是否与`y`相同（`same`）、是否需要梯度（`grad`），以及记录的是哪个运算。
"""

# %%
x = torch.arange(4.0, requires_grad=True)
y = x * x


def measured(name, t):
    recorded = type(t.grad_fn).__name__ if t.grad_fn else None
    print(f"{name:18} {t.data_ptr() == y.data_ptr()!s:5} {t.requires_grad!s:5} {recorded}")


# %%
print(f"{'':18} same  grad  grad_fn")
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
| | memory | graph | good for |
|---|---|---|---|
| `detach()` | shared | no | using a value as a constant |
| `clone()` | own | yes, slope 1 | editing a copy in place, with gradients |
| `detach().clone()` | own | no | keeping a value as it is now |
| `item()` | a Python number | no | logging, printing |
| `no_grad()` | own | no, nothing recorded | evaluation, updates |
| `inference_mode()` | own | no, and never again | evaluation only, [a bit faster](https://docs.pytorch.org/docs/stable/notes/autograd.html#inference-mode) |
| `requires_grad_` with `False` | the same tensor | a leaf with no gradient | freezing weights |

`clone().detach()` gives the same as `detach().clone()`: either way the numbers are copied once. The first order also records one node, which `detach` drops at once:
"""

# %% [markdown] lang="zh"
r"""
| | 内存 | 在计算图上 | 适用于 |
|---|---|---|---|
| `detach()` | 共享 | 否 | 把一个值用作常数 |
| `clone()` | 自己的 | 是，导数为1 | 就地修改副本，同时保留梯度 |
| `detach().clone()` | 自己的 | 否 | 保留当前的值 |
| `item()` | Python的数 | 否 | 记录、打印 |
| `no_grad()` | 自己的 | 否，什么也不记录 | 评估、更新参数 |
| `inference_mode()` | 自己的 | 否，以后也不能 | 只用于评估，[稍快一些](https://docs.pytorch.org/docs/stable/notes/autograd.html#inference-mode) |
| `requires_grad_`，参数为`False` | 同一个张量 | 不再是需要梯度的叶子 | 冻结（freeze）参数 |

`clone().detach()`与`detach().clone()`结果相同，数据都只复制一次。前一种顺序会多记录一个节点，随即又被`detach`丢弃。
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
还有第三种写法，也能得到结果，但会给出警告。
"""


# %%
def show_warnings(program):
    torch.set_warn_always(True)  # some warnings come once in a session otherwise | 否则有些警告在一次会话中只出现一次
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
show_warnings(lambda: torch.tensor(y))


# %% [markdown] lang="en"
r"""
Three results may be surprising. A tensor **created** inside `no_grad` may still ask for gradients; only the results of operations get none. [`eval()`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.eval) changes layers such as dropout, and does not switch gradients off. And an inference tensor can never become part of a graph:
"""

# %% [markdown] lang="zh"
r"""
下面有三个容易误解的地方。在`no_grad`里**新建**的张量仍然可以设置`requires_grad=True`，得不到梯度的只是运算的结果。[`eval()`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.eval)改变的是暂退（dropout）这样的层，并不关闭梯度。而在推理模式（inference mode）下新建的张量，以后也不能进入计算图。
"""

# %%
with torch.no_grad():
    made, computed = torch.ones(3, requires_grad=True), x * 2
print(made.requires_grad, computed.requires_grad, computed.is_leaf)
layer = torch.nn.Linear(2, 1).eval()
print(layer(torch.ones(2)).requires_grad)
with torch.inference_mode():
    sealed = torch.ones(4)
show_warnings(lambda: x * sealed)

# %% [markdown] lang="en"
r"""
And `requires_grad_(False)` freezes a layer: its weights get no gradient, yet a gradient passes **through** the layer to what lies before it.
"""

# %% [markdown] lang="zh"
r"""
`requires_grad_(False)`用于冻结一层，这一层的权重得不到梯度，但梯度仍会**通过**这一层，传给它前面的部分。
"""

# %%
layer.requires_grad_(False)
before = torch.ones(2, requires_grad=True)
layer(before).sum().backward()
layer.weight.grad, torch.equal(before.grad, layer.weight[0])

# %% [markdown] lang="en"
r"""
## 7. Cut without an error

To leave PyTorch is to leave the graph. `math.sin` returns a plain number, and so does `float`. Newer versions of PyTorch warn here, but not for `item()`, whose purpose this is. NumPy refuses, whichever function you call:
"""

# %% [markdown] lang="zh"
r"""
## 7. 不报错的切断

用PyTorch以外的函数计算，结果就不在计算图上。`math.sin`返回的只是一个数，`float`也一样。新版的PyTorch会对此给出警告。`item()`的用途就是取出一个数，所以没有警告。NumPy的函数则一律报错。
"""

# %%
t = torch.tensor(2.0, requires_grad=True)
show_warnings(lambda: math.sin(t))
show_warnings(lambda: float(t))
show_warnings(lambda: t.item())
show_warnings(lambda: t.numpy())
show_warnings(lambda: np.sin(t))
show_warnings(lambda: np.asarray(t))

# %% [markdown] lang="en"
r"""
The message names the remedy, `tensor.detach().numpy()`. Plotting raises the same error; `d2l.plot` of this course detaches for you.

## 8. What it is good for

**Logging.** A loop keeps its losses for a plot. How much memory do twenty losses of four bytes each need? The hooks below count the memory that backward nodes hold, each piece once:
"""

# %% [markdown] lang="zh"
r"""
报错里已经写明，办法是改用`tensor.detach().numpy()`。画图时也会遇到同样的报错，本课程的`d2l.plot`会自动分离。

## 8. 分离的用途

**记录损失**。循环里把每次迭代的损失保留下来画图。20个损失，每个4字节，要占多少内存？下面用钩子统计反向传播的节点一共持有多少内存，每块内存只计一次。
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
    # One entry for each piece of memory | 每块内存一项
    sizes = {held.tensor.data_ptr(): held.tensor.nbytes for held in alive}
    return len(alive), len(sizes), sum(sizes.values()) / 1e6


for keep in (lambda loss: loss, torch.Tensor.detach, torch.Tensor.item):
    print("{} saved tensors in {} pieces of memory, {} MB".format(*megabytes_held(keep)))

# %% [markdown] lang="en"
r"""
The difference is 8.4 megabytes against nothing: each loss refers to its `grad_fn`, which refers to the next node, and so on to every saved tensor. Behind each of the 20 losses two tensors are saved. One is `x`, which is the same for all of them; the other is a result of `exp`, a new one each time. So there are 21 pieces of memory. For evaluation `with torch.no_grad():` is better still, because nothing is recorded in the first place.

**A target that must not move.** One value should approach another. Both are parameters, and the loss is their squared distance:
"""

# %% [markdown] lang="zh"
r"""
前者占用8.4MB，后两者都是0。这是因为每个损失都引用着自己的`grad_fn`，`grad_fn`又引用着上一个节点，这样一直连到所有保存的张量。20个损失各保存了两个张量，一个是`x`，由所有损失共用，另一个是`exp`的结果，每次都是新的，所以一共是21块内存。如果只是评估，用`with torch.no_grad():`更好，从一开始就不记录任何运算。

**固定的目标**。让一个值逼近另一个值，两者都是参数，损失是它们之差的平方。
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
With `detach`, `student` moves to the value of `teacher`, 3. Without it both move, and they meet halfway. This is why target values in [reinforcement learning](https://docs.pytorch.org/tutorials/intermediate/reinforcement_q_learning.html) and in [self-supervised learning](https://arxiv.org/abs/2011.10566) are detached: this is called a **stop-gradient**.

**Two players.** A generative adversarial network trains a generator, which makes fake data out of noise, against a critic, which should tell them from real data. Here both are tiny, and the data are numbers around 3:
"""

# %% [markdown] lang="zh"
r"""
用`detach`时，`student`逐渐变为`teacher`的值3。不用`detach`时，两者都在变化，最后停在两者的中点。[强化学习](https://docs.pytorch.org/tutorials/intermediate/reinforcement_q_learning.html)和[自监督学习](https://arxiv.org/abs/2011.10566)里的目标值都要分离，原因就在这里。这种做法叫作**停止梯度**（stop-gradient）。

**两个网络的对抗**。在生成对抗网络中，生成器用噪声生成假数据，判别器分辨数据的真假，两者在对抗中训练。这里两个网络都很小，真数据是3附近的数。
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
For the critic's update the fakes are only data. But the generator computed them. Where does the gradient stop?
"""

# %% [markdown] lang="zh"
r"""
更新判别器时，假数据只用作输入数据，但它们是由生成器算出来的。梯度会传到哪里为止？
"""

# %%
noise = torch.randn(64, 1)
critic_loss(generator(noise).detach()).backward()
print(generator.weight.grad)
critic_loss(generator(noise)).backward()
print(generator.bias.grad.sign())
generator.zero_grad()
cross_entropy(critic(generator(noise)), torch.ones(64, 1)).backward()  # the generator's own loss | 生成器自己的损失
print(generator.bias.grad.sign())

# %% [markdown] lang="en"
r"""
Without `detach` the critic's loss reaches the generator, and its gradient points **the opposite way** to that of the generator's own loss. Without `zero_grad` in between the two are added up; with it, half of the backward pass is wasted. Now train both, in turn:
"""

# %% [markdown] lang="zh"
r"""
不用`detach`时，判别器损失的梯度会一直传到生成器，而且方向与生成器自己的损失的梯度**相反**。如果中间不调用`zero_grad`，两个梯度就会加在一起。如果调用，反向传播的后一半就白做了。下面让两者轮流训练。
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
# 500 steps magnify the last digit of a float, which differs from processor to processor | 浮点数的末位因处理器而异，500步之后差别会放大
centres = list(train(500))
d2l.plot(centres, xlabel="step", ylabel="generator.bias")

# %% [markdown] lang="en"
r"""
The centre of the fakes moves to that of the real data and stays around it. Note that `fake` is used twice: detached for the critic's update, as it is for the generator's own. One forward pass of the generator serves both.
"""

# %% [markdown] lang="zh"
r"""
假数据的中心移到真数据的中心，并保持在它附近。注意`fake`用了两次，更新判别器时用分离之后的，更新生成器时用原来的。生成器的一次前向传播供两次更新使用。
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

把每个`...`换成你的答案，再运行下面的检查。没有思路时，可以单击检查结果下方的提示按钮，或运行`hint("05.1")`。
"""

# %% [markdown] lang="en"
r"""
### Exercise 05.1 · One path cut ★☆☆ (4 min)

$u = x^2$ and $z = \text{detach}(u) \cdot x + u$ at $x = 3$. Which gradient does `z.backward()` leave in `x.grad`? On paper first.
"""

# %% [markdown] lang="zh"
r"""
### 练习05.1 · 切断一条路径 ★☆☆（4分钟）

$u = x^2$，$z = \text{detach}(u) \cdot x + u$，$x = 3$。运行`z.backward()`之后，`x.grad`是多少？先在纸上算。
"""

# %%
slope = ...

# %%
check("05.1", slope)

# %% tags=["solution"]
draw(lambda x: (u := x * x).detach() * x + u, x=3.0)

# %% [markdown] lang="en" tags=["solution"]
r"""
Two paths are left: through the factor `x`, which brings the constant 9, and through the second `u`, which brings $2x = 6$. Together they give 15.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
还剩两条路径，经过因子`x`的一条传来常数9，经过第二个`u`的一条传来$2x = 6$，合起来是15。
"""

# %% [markdown] lang="en"
r"""
### Exercise 05.2 · Five that go wrong ★★☆ (6 min)

Five programs go wrong, one of them without an error. Run them, then match: `"detached"` no path leads back; `"leaf"` a leaf is modified in place; `"saved"` a saved tensor is modified; `"silent"` a saved tensor is modified without an error; `"numpy"` NumPy is handed a tensor on the graph.
"""

# %% [markdown] lang="zh"
r"""
### 练习05.2 · 五个出错的程序 ★★☆（6分钟）

下面五个程序都有错误，其中一个不报错。先运行，再配对：`"detached"`表示没有路径可以返回，`"leaf"`表示就地修改了叶子，`"saved"`表示修改了保存的张量，`"silent"`表示修改了保存的张量而不报错，`"numpy"`表示把计算图上的张量传给了NumPy。
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
        print(f"{program.__name__}: {x.grad}")
    except RuntimeError as error:
        print(f"{program.__name__}: {str(error).partition(': ')[0]}")

# %%
causes = {"a": ..., "b": ..., "c": ..., "d": ..., "e": ...}

# %%
check("05.2", causes)

# %% tags=["solution"]
{"a": "saved", "b": "detached", "c": "silent", "d": "leaf", "e": "numpy"}

# %% [markdown] lang="en" tags=["solution"]
r"""
`sqrt` saves its result, since the derivative is $\tfrac{1}{2\sqrt{x}}$. `a` and `c` overwrite it; in `c`, `.data` hides that, and the derivatives come out ten times too small.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
`sqrt`保存的是结果，因为导数是$\tfrac{1}{2\sqrt{x}}$。`a`和`c`都修改了它，`c`用`.data`绕过了检查，得到的导数只有正确值的十分之一。
"""

# %% [markdown] lang="en"
r"""
### Exercise 05.3 · The loop that hoards ★★☆ (6 min)

`train_and_log` returns the losses of all steps. Its memory grows with every step, since each loss holds on to its graph. Fix it, so that it returns the same losses as plain numbers.
"""

# %% [markdown] lang="zh"
r"""
### 练习05.3 · 囤积计算图的循环 ★★☆（6分钟）

`train_and_log`返回每一步的损失。它占用的内存逐步增长，因为每个损失都引用着自己的计算图。请改正它，使它返回同样的损失，但只是数。
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
After `backward` the saved tensors are freed, but the nodes are not, as long as a loss refers to them.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
`backward`之后，保存的张量已经释放，但只要还有损失引用着节点，节点就不会释放。
"""

# %% [markdown] lang="en"
r"""
### Exercise 05.4 · A frozen copy ★☆☆ (4 min)

`frozen_copy(y)` receives a tensor somewhere on a graph and returns a tensor with the same numbers that shares **neither its memory nor its graph**.
"""

# %% [markdown] lang="zh"
r"""
### 练习05.4 · 冻结的副本 ★☆☆（4分钟）

`frozen_copy(y)`接收计算图上的某个张量，返回一个数值相同的张量，它**既不与`y`共享内存，也不在计算图上**。
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
`detach` takes the tensor off the graph, `clone` gives it memory of its own.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
`detach`断开与计算图的联系，`clone`换一块自己的内存。
"""

# %% [markdown] lang="en"
r"""
### Exercise 05.5 · Update a leaf ★★☆ (6 min)

`update(w, lr)`: `w` is a leaf whose `.grad` is filled. Subtract `lr * w.grad` from it **in place** and return `w`: the same tensor, still a leaf that requires grad, its `.grad` untouched. **Not with `.data`.**
"""

# %% [markdown] lang="zh"
r"""
### 练习05.5 · 更新叶子 ★★☆（6分钟）

`update(w, lr)`接收一个`.grad`已有值的叶子`w`。请从`w`中**就地**减去`lr * w.grad`，再返回`w`。返回的应当是同一个张量，而且仍是需要梯度的叶子，`.grad`保持不变。**不能用`.data`**。
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
Inside `no_grad` the write is not recorded, but it is counted: a graph that saved `w` before would detect it in backward.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
在`no_grad`里，修改不会被记录，但版本号仍然加1。如果之前有计算图保存了`w`，反向传播时就会报错。
"""

# %% [markdown] lang="en"
r"""
## Recap

| | |
|---|---|
| `detach()` | off the graph, a constant for autograd; the same memory |
| part of the paths cut | another gradient, without an error |
| all of them cut | an error, and `.grad` stays `None` |
| a write in place | counted; backward compares with the version it saved |
| `.data` | bypasses the counter: a wrong gradient, without an error |
| which of the seven ways? | should gradients pass? should memory be shared? |
| `item()`, `no_grad()` | log; evaluate and update |
| targets, fakes | held still with `detach()` |

Next: [lesson 06, control flow](06_control_flow.ipynb). Read on: [torch.Tensor.detach](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.detach.html), [locally disabling gradients](https://docs.pytorch.org/docs/stable/notes/autograd.html#locally-disabling-gradient-computation), [in-place operations](https://docs.pytorch.org/docs/stable/notes/autograd.html#in-place-operations-with-autograd), and [Automatic Differentiation](https://d2l.ai/chapter_preliminaries/autograd.html), its section on detaching, in *Dive into Deep Learning* ([Chinese edition](https://zh.d2l.ai/chapter_preliminaries/autograd.html)).
"""

# %% [markdown] lang="zh"
r"""
## 小结

| | |
|---|---|
| `detach()` | 离开计算图，对自动微分来说是常数，内存仍是同一块 |
| 切断一部分路径 | 梯度变了，PyTorch却不报错 |
| 切断全部路径 | 报错，`.grad`仍是`None` |
| 就地修改 | 版本号加1，反向传播会与保存时的版本号比较 |
| `.data` | 绕过版本计数器，梯度错了也不报错 |
| 七种办法选哪一种 | 梯度要不要通过？内存要不要共享？ |
| `item()`、`no_grad()` | 分别用于记录，以及评估与更新 |
| 目标、假数据 | 用`detach()`固定 |

下一课是[第06课，控制流](06_control_flow.ipynb)。延伸阅读有PyTorch文档中的[torch.Tensor.detach](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.detach.html)、[局部关闭梯度计算](https://docs.pytorch.org/docs/stable/notes/autograd.html#locally-disabling-gradient-computation)和[就地操作](https://docs.pytorch.org/docs/stable/notes/autograd.html#in-place-operations-with-autograd)（英文），以及《动手学深度学习》[自动微分](https://zh.d2l.ai/chapter_preliminaries/autograd.html)中的“分离计算”一节（[英文版](https://d2l.ai/chapter_preliminaries/autograd.html)）。
"""

# %% tags=["nbval-ignore-output"]
progress.show()
