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
# 10 · Beyond

**What if PyTorch has no derivative for your operation, or your graph does not fit into memory, or reverse mode is simply the more expensive mode?** For each of the three there is a tool.

After this lesson you can

- write an operation with its own backward, and have `gradcheck` find the mistakes in it;
- trade memory for recomputation with checkpoints, and measure both;
- choose between reverse and forward mode by the shape of the Jacobian.

*About 40 minutes: 20 to read and try, 20 for the exercises. You need lessons 04 and 09: products with the Jacobian, saved tensors.*
"""

# %% [markdown] lang="zh"
r"""
# 10 · 更进一步

**如果PyTorch没有所需运算的导数，如果内存容不下计算图，如果反向模式恰好代价更大，应当怎么办**？这三种情况各有相应的工具。

学完本课，你将能够

- 写出自带反向传播的运算，并让`gradcheck`找出其中的错误；
- 用检查点以重新计算换取内存，并测出两者的大小；
- 根据雅可比矩阵的形状，在反向模式与前向模式之间做出选择。

约40分钟，其中阅读和操作20分钟，练习20分钟。预备知识有第04课（与雅可比矩阵的乘积）和第09课（保存的张量）。
"""

# %%
import torch, warnings
from concurrent.futures import ThreadPoolExecutor
from helpers import check, d2l, explore, hint, language, predict, progress

language.use("en")

# %% [markdown] lang="en"
r"""
The names of this lesson: `x` is an input of shape `()` or `(n,)`, `y` an output, `g` the gradient that arrives at the output, in the shape of `y`; a Jacobian has one row for each output and one column for each input.

## 1. An operation of your own

A `torch.autograd.Function` has three parts: `forward` computes, `setup_context` saves what backward will need, `backward` turns the arriving `g` into the gradient that goes on.
"""

# %% [markdown] lang="zh"
r"""
在本课用到的名字中，`x`是输入，形状为`()`或`(n,)`，`y`是输出，`g`是到达输出的梯度，形状与`y`相同。雅可比矩阵的每个输出占一行，每个输入占一列。

## 1. 自己的运算

`torch.autograd.Function`由三部分组成，`forward`负责计算，`setup_context`保存反向传播所需的张量，`backward`把到达的`g`变成继续往回传的梯度。
"""


# %%
class Cube(torch.autograd.Function):
    @staticmethod
    def forward(x):
        return x**3

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 3 * x**2


# %%
predict("10.p1")

# %%
x = torch.tensor(2.0, requires_grad=True)
y = 5 * Cube.apply(x)
y.backward()
y.item(), x.grad.item()

# %% [markdown] lang="en"
r"""
The gradient that arrives at `Cube` is 5, and `backward` multiplies it by the derivative 12, as the chain rule requires. Is the formula right? `gradcheck` compares it with central differences, in `float64`:
"""

# %% [markdown] lang="zh"
r"""
到达`Cube`的梯度是5，按照链式法则，`backward`把它乘上导数12。公式是否正确？`gradcheck`用`float64`把它与中心差分作比较。
"""

# %%
x64 = torch.tensor([0.5, -2.0], dtype=torch.float64, requires_grad=True)
torch.autograd.gradcheck(Cube.apply, x64), torch.autograd.gradgradcheck(Cube.apply, x64)

# %% [markdown] lang="en"
r"""
The second `True` concerns the second derivative: our `backward` itself consists of differentiable operations, so it can be differentiated again (**double backward**):
"""

# %% [markdown] lang="zh"
r"""
第二个`True`是二阶导数的检验结果。我们的`backward`本身也由可求导的运算组成，所以还能再求一次导，这叫作**二次反向传播**（double backward）。
"""

# %%
x = torch.tensor(2.0, requires_grad=True)
(slope,) = torch.autograd.grad(Cube.apply(x), x, create_graph=True)
slope, torch.autograd.grad(slope, x)[0]

# %% [markdown] lang="en"
r"""
## 2. Pitfall: a wrong backward raises no error

PyTorch accepts whatever `backward` returns. Here the incoming `g` was forgotten:
"""

# %% [markdown] lang="zh"
r"""
## 2. 错误的backward不会报错

PyTorch不检查`backward`返回的结果。下面的代码忘了乘上传来的`g`。
"""


# %%
class Forgetful(Cube):
    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 3 * x**2


x = torch.tensor(2.0, requires_grad=True)
(5 * Forgetful.apply(x)).backward()
x.grad

# %% [markdown] lang="en"
r"""
The result is 12 instead of 60, and there is no error. `gradcheck` finds the mistake:
"""

# %% [markdown] lang="zh"
r"""
得到的是12而不是60，也没有任何报错。`gradcheck`则能指出错误。
"""


# %%
def complaint(f, x):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            torch.autograd.gradcheck(f, x)
        except RuntimeError as error:
            print(type(error).__name__, str(error).strip())
    print("warnings:", len(caught))


complaint(lambda x: 5 * Forgetful.apply(x), x64)

# %% [markdown] lang="en"
r"""
*Jacobian mismatch*: the *numerical* matrix comes from differences, the *analytical* one from our `backward`. The diagonal is 5 times too small, and where there should be $0$ there are other numbers: without `g`, every input seems to affect every output. But not every mismatch is a mistake in your code. The right `Cube`, in `float32`:
"""

# %% [markdown] lang="zh"
r"""
报错是*Jacobian mismatch*（雅可比矩阵不一致），其中*numerical*来自差分，*analytical*来自我们的`backward`。对角线上的数只有应有的五分之一，而应当是$0$的位置却不为零。这是因为没有乘上`g`，结果看上去就像每个输入都影响每个输出。不过，不一致并不总是代码的错误。下面是正确的`Cube`，但使用`float32`。
"""

# %%
complaint(Cube.apply, torch.tensor([0.5, -2.0], requires_grad=True))

# %% [markdown] lang="en"
r"""
In `float32` the differences are too coarse, which is what the warning says. Always check in `float64`.

## 3. Memory against recomputation

Backward needs the tensors that forward saved. A **checkpoint** saves only the input of a segment of the program; when backward reaches the segment, its forward pass is run again. Our chain has 12 blocks, split into `segments` segments.
"""

# %% [markdown] lang="zh"
r"""
在`float32`下差分太粗糙，警告所说的正是这一点。检验时应当始终使用`float64`。

## 3. 以重新计算换取内存

反向传播需要前向传播时保存的张量。**检查点**（checkpoint）只保存某一段程序的输入，等反向传播到达这一段时，再重新做一次这一段的前向传播。下面的链有12个块，分成`segments`段。
"""

# %%
calls = []


def part(x, count):
    for _ in range(count):
        calls.append(1)
        x = torch.tanh(1.1 * x)
    return x


# %%
class Segment(torch.nn.Module):
    def __init__(self, count):
        super().__init__()
        self.count = count

    def forward(self, x):
        return part(x, self.count)


def chain(x, segments):
    for i in range(segments):
        blocks = 12 * (i + 1) // segments - 12 * i // segments
        x = torch.utils.checkpoint.checkpoint(Segment(blocks), x, use_reentrant=False)
    return x.sum()


# %% [markdown] lang="en"
r"""
To measure memory we need no clock: `saved_tensors_hooks` sees every tensor that is saved. We add up their bytes, and count how often a block is evaluated.
"""

# %% [markdown] lang="zh"
r"""
内存不靠计时来测，所以每次运行结果都一样。每个保存的张量都要经过`saved_tensors_hooks`，我们把它们的字节数加起来，再统计各块一共计算了多少次。
"""


# %%
def saved(f, *args):
    sizes = []
    pack = lambda t: sizes.append(t.numel() * t.element_size()) or t
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        return f(*args), sum(sizes)


def measure(segments):
    x = torch.linspace(-1.0, 1.0, 1000, requires_grad=True)
    calls.clear()
    y, held = saved(chain, x, segments)
    y.backward()
    evaluations = len(calls)
    return held, saved(part, x, -(-12 // segments))[1], evaluations, x.grad


# %%
predict("10.p2")

# %%
plain = torch.linspace(-1.0, 1.0, 1000, requires_grad=True)
output, whole = saved(part, plain, 12)
output.sum().backward()
rows = {segments: measure(segments) for segments in (1, 2, 3, 4, 6, 12)}
print("segments   held  inside    sum  runs  equal")
print(f"       -  {whole}       0  {whole}    12      -")
for segments, (held, inside, evaluations, grad) in rows.items():
    equal = torch.equal(grad, plain.grad)
    print(f"{segments:8}{held:7}{inside:8}{held + inside:7}{evaluations:6}  {equal}")

# %% [markdown] lang="en"
r"""
`held` is the number of bytes held after forward, `inside` that of the longest segment when it is run again, `runs` how many blocks ran. Without checkpoints, in the first line, 48000 bytes are held and 12 blocks run. With checkpoints it is always 24 blocks, one more forward pass. The gradient is `equal` to the last bit. As a figure:
"""

# %% [markdown] lang="zh"
r"""
`held`是前向传播之后保存的字节数，`inside`是重新计算最长的一段时保存的字节数，`runs`是块一共计算的次数。第一行不用检查点，保存48000字节，块计算12次。使用检查点时总是24次，即多做一次前向传播。梯度的每一位都相同（`equal`）。画成图如下。
"""

# %%
points = [[held, inside, held + inside, whole] for held, inside, _, _ in rows.values()]
curves, labels = list(zip(*points, strict=True)), ["held", "inside", "sum", "no checkpoints"]
d2l.plot(list(rows), curves, "segments", "bytes", labels, ylim=[0, 110000], figsize=(4.5, 3.2))

# %% [markdown] lang="en"
r"""
The more segments, the more is held, and the less is added when one of them is run again. The sum is smallest in the middle, 28000, for 3 or 4 segments.

Now move the sliders. `segments` splits the chain: each segment is one box of the graph, and the explorer shows what the function prints. The gradient does not change with `segments`. Click on a box to see the blocks inside.
"""

# %% [markdown] lang="zh"
r"""
段分得越多，保存的就越多，而重新计算一段时增加的就越少。两者之和在中间最小，分成3段或4段时是28000字节。

现在拖动滑块来看。`segments`改变分段，每一段是图中的一个方框，函数打印的内容也显示在交互图里。拖动`segments`时，梯度不变。单击方框，可以看到其中的各个块。
"""


# %%
def memory(x, segments):
    segments = int(segments)
    held, inside, evaluations, _ = ThreadPoolExecutor(1).submit(measure, segments).result()
    print(f"{held = }, {inside = }, {held + inside = }, {evaluations = }")
    return chain(x, segments)


explore(memory, x=(-2.0, 2.0), segments=range(1, 13), fold=False, direction="right").set(x=1.0, segments=4)

# %% [markdown] lang="en"
r"""
Why in the middle? With $n$ blocks in $s$ segments, $s$ inputs are held and, for one segment at a time, $n/s$ tensors. The sum $s + n/s$ is smallest at $s = \sqrt{n}$: for one extra forward pass, memory grows only like a square root. (The measurement runs in a thread of its own, so that the explorer records only the chain.)

## 4. `autograd.grad`, and inputs that are not used

`backward` writes into `.grad`; `torch.autograd.grad` returns the gradients you ask for, and refuses an input that the output does not depend on:
"""

# %% [markdown] lang="zh"
r"""
为什么最小值在中间？把$n$个块分成$s$段，要保存$s$个输入，另外每次还要保存一段的$n/s$个张量。$s + n/s$在$s = \sqrt{n}$处最小，可见只要多做一次前向传播，内存就只按平方根增长。（测量在单独的线程里进行，这样交互图记录的只有这条链。）

## 4. `autograd.grad`与没有用到的输入

`backward`把结果累加到`.grad`里，`torch.autograd.grad`则返回所求的梯度，并且不接受与输出无关的输入。
"""

# %%
x, z = torch.tensor(2.0, requires_grad=True), torch.tensor(1.0, requires_grad=True)
try:
    torch.autograd.grad(x * x, (x, z))
except RuntimeError as error:
    print(error)

# %% [markdown] lang="en"
r"""
*Index 1* is `z`, the second in the list. If you expected `z` to matter, look for the place where the graph is cut; if not, say whether you want `None` or zero:
"""

# %% [markdown] lang="zh"
r"""
*index 1*是列表里的第二个，即`z`。如果`z`本应有影响，就要查找计算图在哪里断开了。如果本来就没有影响，可以指定返回`None`还是零。
"""

# %%
print(torch.autograd.grad(x * x, (x, z), allow_unused=True))
print(torch.autograd.grad(x * x, (x, z), materialize_grads=True))

# %% [markdown] lang="en"
r"""
## 5. Derivatives as functions: `torch.func`

`torch.func.grad` takes a function and returns its derivative, which is again a function. Differentiate $f(x) = e^{-x} \sin 3x$ at $x = 1$ in reverse mode, in forward mode, and by the product rule:
"""

# %% [markdown] lang="zh"
r"""
## 5. 导数也是函数：`torch.func`

`torch.func.grad`接收一个函数，返回它的导数，结果仍是一个函数。取$f(x) = e^{-x} \sin 3x$，在$x = 1$处分别用反向模式、前向模式和乘法法则求导。
"""

# %%
from torch.func import grad, hessian, jacfwd, jacrev, jvp, vmap


def fading(x):
    return torch.exp(-x) * torch.sin(3 * x)


one = torch.tensor(1.0)
_, forward = jvp(fading, (one,), (one,))
grad(fading)(one), forward, torch.exp(-one) * (3 * torch.cos(3 * one) - torch.sin(3 * one))

# %% [markdown] lang="en"
r"""
All three agree. Such functions can be nested and, with `vmap`, applied to a whole batch; `hessian` is a Jacobian of a Jacobian:
"""

# %% [markdown] lang="zh"
r"""
三种结果一致。这样的函数可以嵌套，也可以用`vmap`一次处理一批数。`hessian`就是雅可比矩阵的雅可比矩阵。
"""

# %%
points = torch.tensor([1.0, 2.0, 3.0])
print(vmap(grad(fading))(points), grad(grad(fading))(one))
hessian(lambda x: 2 * x @ x)(points)

# %% [markdown] lang="en"
r"""
## 6. Where forward mode is cheaper

One backward pass gives one **row** of $J$, one forward-mode pass gives one **column**. What does the whole $J$ cost in each mode?
"""

# %% [markdown] lang="zh"
r"""
## 6. 反向模式何时代价更大

一次反向传播得到$J$的一**行**，一次前向模式的计算得到一**列**。用这两种办法求出整个$J$，代价各是多少？
"""

# %%
predict("10.p3")


# %%
class Counter(torch.utils._python_dispatch.TorchDispatchMode):
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.count = getattr(self, "count", 0) + 1
        return func(*args, **(kwargs or {}))


def rows(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    return torch.stack([torch.autograd.grad(y_i, x, retain_graph=True)[0] for y_i in y.unbind()])


def columns(f, x):
    return torch.stack([jvp(f, (x,), (u,))[1] for u in torch.eye(len(x)).unbind()], dim=1)


# %%
for outputs, inputs in ((2, 50), (50, 2)):
    W, x = torch.linspace(-1, 1, 100).reshape(outputs, inputs), torch.ones(inputs)
    f = lambda x, W=W: torch.tanh(W @ x)
    for method in (rows, columns):
        with Counter() as operations:
            J = method(f, x)
        print(tuple(J.shape), method.__name__, operations.count, torch.allclose(J, jacrev(f)(x), atol=1e-6))

# %% [markdown] lang="en"
r"""
For a wide $J$, 2 by 50, the rows need 2 passes and few operations, the columns 50 passes and many. For a tall $J$, 50 by 2, it is the other way round. The Jacobian of a loss has a single row, whatever the number of parameters; that is why training uses reverse mode. `jacrev` computes all rows at once, `jacfwd` all columns:
"""

# %% [markdown] lang="zh"
r"""
$J$是2行50列时，逐行求只要2次，运算很少，逐列求要50次，运算很多。$J$是50行2列时，情形恰好相反。损失函数不论有多少参数，雅可比矩阵都只有一行，所以训练用反向模式。`jacrev`把所有的行一起算出来，`jacfwd`把所有的列一起算出来。
"""

# %%
torch.allclose(jacrev(f)(x), jacfwd(f)(x), atol=1e-6)

# %% [markdown] lang="en"
r"""
## 7. Exercises

Replace every `...` and run the check below it. Stuck? Press the button below the check, or run `hint("10.1")`.
"""

# %% [markdown] lang="zh"
r"""
## 7. 练习

把每个`...`换成你的答案，再运行下面的检查。没有思路时，可以单击检查结果下方的提示按钮，或运行`hint("10.1")`。
"""

# %% [markdown] lang="en"
r"""
### Exercise 10.1 · Rows or columns ★☆☆ (3 min)

A function has 200 inputs and 5 outputs. How many backward passes build its Jacobian row by row, and how many forward-mode passes column by column?
"""

# %% [markdown] lang="zh"
r"""
### 练习10.1 · 行还是列 ★☆☆（3分钟）

某个函数有200个输入和5个输出。逐行求出雅可比矩阵，要多少次反向传播？逐列求，要多少次前向模式的计算？
"""

# %%
reverse, forward = ..., ...

# %%
check("10.1", (reverse, forward))

# %% tags=["solution"]
tuple(torch.zeros(5, 200).shape)

# %% [markdown] lang="en" tags=["solution"]
r"""
The Jacobian has 5 rows and 200 columns: 5 backward passes, or 200 forward-mode passes.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
雅可比矩阵有5行、200列，所以要5次反向传播，或200次前向模式的计算。
"""

# %% [markdown] lang="en"
r"""
### Exercise 10.2 · A backward of your own ★★☆ (6 min)

An operation computes $y = x\, e^x$ element by element. Write what its backward returns: `my_backward(x, g)` receives the saved `x` and the arriving gradient `g`.
"""

# %% [markdown] lang="zh"
r"""
### 练习10.2 · 自己写backward ★★☆（6分钟）

某个运算按元素计算$y = x\, e^x$。请用函数`my_backward(x, g)`写出它的反向传播，其中`x`是保存的输入，`g`是传来的梯度。
"""


# %%
def my_backward(x, g):
    return ...


# %%
check("10.2", my_backward)


# %% tags=["solution"]
def solved_10_2(x, g):
    return g * (1 + x) * x.exp()


solved_10_2(one, 5 * one), 5 * grad(lambda x: x * x.exp())(one)

# %% [markdown] lang="en" tags=["solution"]
r"""
The product rule gives $e^x + x\, e^x$, and the chain rule multiplies by `g`.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
由乘法法则得到$e^x + x\, e^x$，再按链式法则乘上`g`。
"""

# %% [markdown] lang="en"
r"""
### Exercise 10.3 · The price of checkpoints ★★☆ (5 min)

A chain has 16 equal blocks, and each keeps 1 MB for backward. It is split into 4 segments with checkpoints; a segment's input is 1 MB, too. How many block evaluations does one forward and backward take? How many MB are held after forward, and how many more while one segment is run again?
"""

# %% [markdown] lang="zh"
r"""
### 练习10.3 · 检查点的代价 ★★☆（5分钟）

某条链有16个相同的块，每块要为反向传播保存1MB。用检查点把它分成4段，每段的输入也是1MB。前向传播和反向传播各做一次时，块一共要计算多少次？前向传播之后保存多少MB？重新计算一段时，又增加多少MB？
"""

# %%
evaluations, held, inside = ..., ..., ...

# %%
check("10.3", (evaluations, held, inside))

# %% tags=["solution"]
2 * 16, 4, 16 // 4

# %% [markdown] lang="en" tags=["solution"]
r"""
Every block runs twice. The 4 inputs are held; one segment at a time adds its 4 blocks.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
每个块运行两次。保存的是4个输入，每次再加上一段中的4个块。
"""

# %% [markdown] lang="en"
r"""
### Exercise 10.4 · Hessian times vector ★★★ (8 min)

$f(x) = \left(\sum_i x_i\right)^3$. Write `hvp(x, v)`: the product of the Hessian of $f$ at `x` with `v`, shape `(n,)`. Differentiate twice; do not build the matrix.
"""

# %% [markdown] lang="zh"
r"""
### 练习10.4 · 黑塞矩阵乘向量 ★★★（8分钟）

设$f(x) = \left(\sum_i x_i\right)^3$。请写出`hvp(x, v)`，它返回$f$在`x`处的黑塞矩阵与`v`的乘积，形状为`(n,)`。请求两次导，不要构造整个矩阵。
"""


# %%
def hvp(x, v):
    return ...


# %%
check("10.4", hvp)


# %% tags=["solution"]
def solved_10_4(x, v):
    x = x.clone().requires_grad_()
    (g,) = torch.autograd.grad(x.sum() ** 3, x, create_graph=True)
    return torch.autograd.grad(g @ v, x)[0]


v = torch.tensor([1.0, 0.0, -3.0])
solved_10_4(points, v), hessian(lambda x: x.sum() ** 3)(points) @ v

# %% [markdown] lang="en" tags=["solution"]
r"""
The gradient of $g \cdot v$ is $H v$, so one more backward pass is enough, whatever $n$ is.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
$g \cdot v$的梯度就是$H v$，所以不论$n$多大，都只需再做一次反向传播。
"""

# %% [markdown] lang="en"
r"""
## Recap

| tool | what it does |
|---|---|
| `torch.autograd.Function` | an operation with its own backward, which PyTorch does not check |
| `gradcheck`, `gradgradcheck` | compare it, and its derivative, with central differences, in `float64` |
| `checkpoint` | saves less and computes more: one extra forward pass, memory like a square root, the same gradient |
| `saved_tensors_hooks` | sees every tensor that is saved |
| `autograd.grad` | returns gradients, and names an input that was not used |
| `grad`, `vmap`, `hessian` | derivatives as functions, nested, for a whole batch |
| `jacrev` | $J$ by rows, one backward pass each: for few outputs |
| `jacfwd` | $J$ by columns, one forward-mode pass each: for few inputs |

Next: [lesson 11, through a network](11_network.ipynb). Read on: [Extending PyTorch](https://docs.pytorch.org/docs/stable/notes/extending.html), [torch.utils.checkpoint](https://docs.pytorch.org/docs/stable/checkpoint.html), [torch.func](https://docs.pytorch.org/docs/stable/func.html), and [Automatic Differentiation](https://d2l.ai/chapter_preliminaries/autograd.html) in *Dive into Deep Learning* ([Chinese edition](https://zh.d2l.ai/chapter_preliminaries/autograd.html)).
"""

# %% [markdown] lang="zh"
r"""
## 小结

| 工具 | 作用 |
|---|---|
| `torch.autograd.Function` | 自带反向传播的运算，PyTorch不检查它的结果 |
| `gradcheck`、`gradgradcheck` | 用`float64`把它和它的导数与中心差分作比较 |
| `checkpoint` | 保存得少，计算得多，多做一次前向传播，内存按平方根增长，梯度不变 |
| `saved_tensors_hooks` | 每个保存的张量都要经过它 |
| `autograd.grad` | 返回梯度，并指出没有用到的输入 |
| `grad`、`vmap`、`hessian` | 导数也是函数，可以嵌套，可以一次处理一批 |
| `jacrev` | 逐行求$J$，每行一次反向传播，适合输出少的情形 |
| `jacfwd` | 逐列求$J$，每列一次前向模式的计算，适合输入少的情形 |

下一课是[第11课，穿过一个网络](11_network.ipynb)。延伸阅读有PyTorch文档（英文）中的[扩展PyTorch](https://docs.pytorch.org/docs/stable/notes/extending.html)、[torch.utils.checkpoint](https://docs.pytorch.org/docs/stable/checkpoint.html)、[torch.func](https://docs.pytorch.org/docs/stable/func.html)，以及《动手学深度学习》的[自动微分](https://zh.d2l.ai/chapter_preliminaries/autograd.html)一节（另有[英文版](https://d2l.ai/chapter_preliminaries/autograd.html)）。
"""

# %%
progress.show()
