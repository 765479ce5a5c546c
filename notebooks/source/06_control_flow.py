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
# 06 · Control flow

**How can PyTorch differentiate a function that contains `while` and `if`, when it is not known in advance how often the loop will run?** It differentiates what was run, and nothing else.

After this lesson you can

- predict the gradient of a function with a loop and a branch, and say where the function jumps;
- name the inputs on which such a loop never ends, and guard against them;
- tell a condition, which is never differentiated, from an operation that cuts the graph.

*About 60 minutes: 20 to read and try, 40 for the exercises. You need lessons 02 and 04: the computational graph, and backward from a vector.*
"""

# %% [markdown] lang="zh"
r"""
# 06 · 控制流

**函数里有`while`和`if`，循环要迭代多少次无法事先知道，PyTorch怎样对它求导**？PyTorch只对实际运行过的运算求导。

学完本课，你将能够

- 预测带有循环和分支的函数的梯度，并说出函数在哪里跳变；
- 指出哪些输入会使这样的循环无法结束，并加以防范；
- 分清不参与求导的“条件”与“切断计算图的运算”。

约60分钟，其中阅读和操作20分钟，练习40分钟。预备知识有第02课（计算图）和第04课（对向量求导）。
"""

# %%
import torch
from helpers import check, d2l, draw, explore, hint, language, numerical_grad, predict, progress, record
from helpers.record import RecordingLimitError

language.use("en")

# %% [markdown] lang="en"
r"""
The names of this lesson: `a` is the input, at first a scalar of shape `()`, later a vector `(n,)`; `b` is doubled again and again; `d = f(a)` is the output, in the shape of `a`; $n$ is the number of iterations of the loop, and $k$ the derivative.

## 1. A function with a loop and a branch

This is the function of the *Dive into Deep Learning* section on automatic differentiation.
"""

# %% [markdown] lang="zh"
r"""
在本课用到的名字中，`a`是输入，起初是形状为`()`的标量，后面是形状为`(n,)`的向量，`b`在循环中不断加倍，`d = f(a)`是输出，形状与`a`相同，$n$是循环迭代的次数，$k$是导数。

## 1. 带循环和分支的函数

下面的函数出自《动手学深度学习》“自动微分”一节，其中的循环和分支统称**控制流**（control flow）。
"""


# %%
def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    if b.sum() > 0:
        c = b
    else:
        c = 100 * b
    return c


# %% [markdown] lang="en"
r"""
Before you run it: what is the derivative at $a = -1$? Count the doublings, and see which branch is taken.
"""

# %% [markdown] lang="zh"
r"""
先不要运行，想一想在$a = -1$处导数是多少。数一数加倍了几次，再看进入的是哪个分支。
"""

# %%
predict("06.p1")

# %%
a = torch.tensor(-1.0, requires_grad=True)
d = f(a)
d.backward()
d, a.grad, d / a

# %% [markdown] lang="en"
r"""
The gradient equals $d/a$. This is no accident: whatever happens inside, `a` is only multiplied by constants, so $f(a) = k \cdot a$, and $k$ is the derivative. More inputs:
"""

# %% [markdown] lang="zh"
r"""
梯度等于$d/a$，这并非巧合。无论循环迭代几次，进入哪个分支，`a`都只是不断地乘以常数，所以$f(a) = k \cdot a$，而$k$就是导数。再试几个输入。
"""


# %%
def value_and_slope(number):
    a = torch.tensor(number, requires_grad=True)
    d = f(a)
    d.backward()
    return d.item(), a.grad.item()


for number in (1.0, 1.5, -1.5, 0.5, 500.0):
    print("a = {:5}  f(a) = {:9}  slope {:9}".format(number, *value_and_slope(number)))

# %% [markdown] lang="en"
r"""
At 1 and at 1.5 the derivative is the same, 1024, since the loop ran equally often. At 0.5 there is one iteration more, and the derivative is 2048. At 500 the loop does not run at all: only the doubling before it is left, with derivative 2. And $-1.5$ takes the other branch: 100 times 1024.

## 2. What is in the graph?

Guess what the recorded graph will contain:
"""

# %% [markdown] lang="zh"
r"""
在1和1.5处，导数同为1024，因为循环迭代的次数相同。在0.5处多迭代一次，导数是2048。在500处循环一次也不执行，只剩循环前的一次加倍，导数是2。$-1.5$进入另一个分支，导数是100乘以1024。

## 2. 计算图里有什么？

猜一猜，记录下来的计算图里会有什么。
"""

# %%
predict("06.p2")

# %%
draw(record(f, a=200.0))

# %% [markdown] lang="en"
r"""
There is no `while`, no `if`, no comparison, only three multiplications: one before the loop and one for each of two iterations. The branch not taken left no trace. Such a graph is built afresh on every run ("define by run"); a static graph, drawn up before any data are known, would need special nodes for loops and branches. So the size of our graph depends on `a`:
"""

# %% [markdown] lang="zh"
r"""
图中没有`while`，没有`if`，也没有比较，只有三次乘法，循环前一次，两次迭代各一次。没有执行的分支不在图中。这样的图每次运行时重新建立（“运行时定义”），静态图（static graph）则要在得到数据之前建好，因而必须另设循环节点和分支节点。所以，这里计算图的大小取决于`a`。
"""


# %%
def multiplications(number):
    return sum(node.op == "mul" for node in record(f, a=number).nodes)


for number in (500.0, 200.0, 1.0, 0.5, -1.0):
    print(f"a = {number:5}: {multiplications(number)} multiplications")

# %% [markdown] lang="en"
r"""
At $a = 1$ there are 10: one before the loop and $n = 9$ inside. At $-1$ there is one more, the factor 100.

## 3. The loop unrolls, and the derivative jumps

Move `a`. The function prints $n$ and $k$, and the explorer shows what it prints. The loop is folded into a single node, which says how many rounds it ran; its + unfolds it into the chain of multiplications. Within one piece only numbers change. At a jump the chain gains or loses a multiplication, and $k$ doubles or halves. Then cross a jump, from 0.4882 to 0.4883, with the arrow keys.
"""

# %% [markdown] lang="zh"
r"""
在$a = 1$处有10次乘法，循环前一次，循环里$n = 9$次。在$-1$处还要多一次，即乘以100。

## 3. 循环的展开与导数的跳变

拖动`a`。函数会打印$n$和$k$，打印的内容显示在交互图里。图中把循环折叠成一个节点，上面写着循环了几轮，单击它的加号，就展开成由各次乘法组成的链。在同一段之内，变化的只有数值。到了跳变点，链上增加或减少一次乘法，$k$随之翻倍或减半。再用方向键把`a`从0.4882移到0.4883，正好越过一个跳变点。
"""


# %%
def counted(a):
    b, n = a * 2, 0
    while b.norm() < 1000:
        b, n = b * 2, n + 1
    c = b if b.sum() > 0 else 100 * b
    print(f"n = {n}, k = {c.item() / a.item():.6g}")
    return c


explore(counted, a=(0.3, 2.3, 0.0001)).set(a=0.4882).plot("a", derivative=True)

# %% [markdown] lang="en"
r"""
The same two positions in code, and the difference quotient across the jump:
"""

# %% [markdown] lang="zh"
r"""
再用代码计算这两个位置，并求出跨过跳变点的差商。
"""

# %%
left, right = value_and_slope(0.4882), value_and_slope(0.4883)
quotient = (right[0] - left[0]) / (0.4883 - 0.4882)
[round(number, 2) for number in (*left, *right)], f"{quotient:.1e}"

# %% [markdown] lang="en"
r"""
Left of the jump $f$ is 1999.67 with derivative 4096, right of it 1000.04 with derivative 2048. Autograd reports the derivative of the piece it ran on **and does not detect the jump**. The difference quotient does: it is about minus ten million. At the jump itself there is no derivative, but autograd still gives a number.

## 4. Why it is piecewise linear

After $n$ iterations of the loop, $b = 2^{n+1} a$, so for $a > 0$

$$k = 2^{n+1}, \qquad k = 100 \cdot 2^{n+1} \;\;(a < 0).$$

The loop ends as soon as $2^{n+1} |a| \ge 1000$. So $n$ changes where $|a| = 500 / 2^n$:
"""

# %% [markdown] lang="zh"
r"""
在跳变点左边，$f$是1999.67，导数是4096，在右边则分别是1000.04和2048。自动微分给出的是所运行的一段上的导数，**反映不出跳变**。差商则能反映，它大约是负一千万。在跳变点上导数不存在，但自动微分仍会给出一个数。

## 4. 为什么是分段线性的

循环迭代$n$次之后，$b = 2^{n+1} a$，所以当$a > 0$时

$$k = 2^{n+1}, \qquad k = 100 \cdot 2^{n+1} \;\;(a < 0).$$

一旦$2^{n+1} |a| \ge 1000$，循环就结束。因此$n$在$|a| = 500 / 2^n$处改变。
"""

# %%
[500 / 2**n for n in range(11)]

# %% [markdown] lang="en"
r"""
The last number, 0.48828125, is the jump between 0.4882 and 0.4883. On logarithmic axes the steps are equally wide and equally high, on both sides of zero:
"""

# %% [markdown] lang="zh"
r"""
最后一个数0.48828125就是0.4882与0.4883之间的跳变点。画在对数坐标上，各级台阶宽度相同，高度也相同，在零的两侧都是如此。
"""

# %%
size = torch.logspace(-2, 3, 400)
slopes = [[value_and_slope(sign * s)[1] for s in size.tolist()] for sign in (1, -1)]
d2l.plot(size, slopes, "|a|", "k", ["a > 0", "a < 0"], xscale="log", yscale="log", figsize=(3.9, 2.8))

# %% [markdown] lang="en"
r"""
## 5. Pitfall: untested inputs

Zero doubled is zero. What happens at $a = 0$?
"""

# %% [markdown] lang="zh"
r"""
## 5. 容易忽略的输入

零加倍仍是零。那么在$a = 0$处会怎样？
"""

# %%
predict("06.p3")

# %% [markdown] lang="en" tags=["answer"]
r"""
`f(torch.tensor(0.0))` would never return, so do not run it. `record` counts operations and stops at `max_ops`. What was recorded until then is stored in the exception:
"""

# %% [markdown] lang="zh" tags=["answer"]
r"""
`f(torch.tensor(0.0))`永远不会返回，请不要运行。`record`会统计运算的次数，达到`max_ops`就停止，此前的记录保存在异常对象里。
"""

# %% tags=["answer"]
try:
    record(f, a=0.0, max_ops=100)
except RecordingLimitError as error:
    print(error)
    print([node.value.item() for node in error.record.nodes if node.op == "mul"][:5])

# %% [markdown] lang="en" tags=["answer"]
r"""
The explorer has the same limit, so a slider may be set to 0: the explorer says why there is nothing to show, and at the next position it works again. Try it:
"""

# %% [markdown] lang="zh" tags=["answer"]
r"""
交互图也限制运算的次数，所以滑块可以停在0上。这时交互图会说明为什么没有结果，再移动一格就恢复正常。可以自己试一试。
"""

# %% tags=["answer"]
explore(f, a=(-1.0, 1.0, 0.25), max_ops=100).set(a=0.0)

# %% [markdown] lang="en"
r"""
Three more unusual inputs follow. For very small numbers the loop is slow, but it ends. A comparison with nan by `<`, `>` or `==` is always false:
"""

# %% [markdown] lang="zh"
r"""
还有三个特殊的输入。输入极小时，循环只是慢，仍会结束。用`<`、`>`、`==`与nan比较，结果都是假。
"""

# %%
nan, other = float("nan"), float("nan")
print(nan < 1000, nan > 0, nan == other, nan != other)
for number in (1e-30, 1e-45, nan):
    d, slope = value_and_slope(number)
    print(number, "n =", multiplications(number) - (1 if d > 0 else 2), "f =", d, "slope =", slope)

# %% [markdown] lang="en"
r"""
At $10^{-30}$ the loop runs 109 times. At $10^{-45}$ the value is ordinary, 1024, but the derivative is `inf`: after 158 iterations $2^{n+1}$ exceeds the range of float32. For nan the loop ends at once, $n = 0$, because `nan < 1000` is false. `nan > 0` is false, too, so the `else` branch is taken and the derivative is 200. Only `!=` is true: nan equals no number, not even another nan.

## 6. A vector instead of a number

`norm` and `sum` turn a vector into one number, so the conditions still work. What gradient do you expect?
"""

# %% [markdown] lang="zh"
r"""
在$10^{-30}$处，循环迭代了109次。在$10^{-45}$处，函数值1024并无异常，导数却是`inf`，因为迭代158次之后，$2^{n+1}$超出了float32的范围。输入是nan时循环立即结束，$n = 0$，因为`nan < 1000`为假。`nan > 0`同样为假，于是进入`else`分支，导数是200。只有`!=`为真，因为nan不等于任何数，也不等于另一个nan。

## 6. 输入向量

`norm`和`sum`把向量变成一个数，所以条件仍然可以判断。你预计梯度是什么？
"""

# %%
predict("06.p4")

# %%
a = torch.tensor([1.0, -2.0, 3.0], requires_grad=True)
d = f(a)
try:
    d.backward()
except RuntimeError as error:
    print(error)

# %% [markdown] lang="en"
r"""
This is the message of lesson 04: *grad can be implicitly created only for scalar outputs*. The 1 that backward starts with is only obvious for a single number, but `d` has three elements. So we sum first, and compute the whole Jacobian as well:
"""

# %% [markdown] lang="zh"
r"""
这正是第04课的报错*grad can be implicitly created only for scalar outputs*（只能为标量输出自动创建起始梯度）。只有输出是一个数时，反向传播才能从1开始，而`d`有三个元素。所以先求和，再求出整个雅可比矩阵。
"""

# %% tags=["answer"]
d.sum().backward()
a.grad, torch.autograd.functional.jacobian(f, a.detach())

# %% [markdown] lang="en" tags=["answer"]
r"""
Every element is 512, and $J = k I$. One element does influence another, through `norm` and `sum`, but only **inside the conditions**, and those are not differentiated. A matrix works in the same way, here in the `else` branch:
"""

# %% [markdown] lang="zh" tags=["answer"]
r"""
每个元素都是512，并且$J = k I$。各元素确实通过`norm`和`sum`互相影响，但只限于**条件之中**，而条件不参与求导。输入是矩阵时也是如此，下面的例子进入`else`分支。
"""

# %%
A = torch.tensor([[1.0, -2.0, 0.5], [-3.0, 1.0, 0.5]], requires_grad=True)
f(A).sum().backward()
A.grad

# %% [markdown] lang="en"
r"""
How can `a.grad` be checked against `d / a`? `==` is not reliable. In the `else` branch the multiplication by 100 is rounded, and where $a_i = 0$ the quotient is $0/0$:
"""

# %% [markdown] lang="zh"
r"""
怎样用`d / a`来检验`a.grad`呢？用`==`并不可靠。在`else`分支里，乘以100会产生舍入误差，而$a_i = 0$处的商是$0/0$。
"""

# %%
a = torch.tensor([-0.18, 0.1, 0.0], requires_grad=True)
d = f(a)
d.sum().backward()
a.grad == d / a, torch.allclose(a.grad * a, d)

# %% [markdown] lang="en"
r"""
Multiply instead of dividing, and allow for rounding: `torch.allclose(a.grad * a, d)`.

## 7. Conditions, and operations that cut the graph

A comparison may be used *to choose a branch*. Its result must not be used as a number, since it has no derivative:
"""

# %% [markdown] lang="zh"
r"""
应当用乘法代替除法，并且容许舍入误差，即写成`torch.allclose(a.grad * a, d)`。

## 7. 哪些运算会切断计算图

比较可以**用来选择分支**，但不能把比较的结果当作数来计算，因为它没有导数。
"""

# %%
x = torch.tensor([-1.0, 2.6], requires_grad=True)
uses = {
    "if": (x * x if x.sum() > 0 else x).sum(),
    "compare": (x > 1).float().sum(),
    "argmax": x.argmax(),
    "round": x.round().sum(),
    "where": torch.where(x > 0, x.sqrt(), 0.0).sum(),
}
{name: torch.autograd.grad(y, x)[0].tolist() if y.requires_grad else None for name, y in uses.items()}

# %% [markdown] lang="en"
r"""
`if` gives $2x$. The comparison and `argmax` have **cut the graph**: calling `backward` on them raises *does not require grad*, the error of lesson 02. `round` stays on the graph with derivative 0. And `torch.where` has computed **both** branches: at $-1$ the derivative of the square root that it did not choose is nan, and $0 \cdot \text{nan}$ is nan. The remedy is to replace the input first, by a number in the domain of the square root:
"""

# %% [markdown] lang="zh"
r"""
`if`给出$2x$。比较和`argmax`**切断了计算图**，对它们的结果调用`backward`，会得到第02课的报错*does not require grad*（不需要梯度）。`round`仍在计算图上，但导数是0。而`torch.where`**两个分支都会计算**，在$-1$处，没有选中的平方根的导数是nan，而$0 \cdot \text{nan}$仍是nan。解决的办法是先把输入换成平方根定义域内的值。
"""

# %%
harmless = torch.where(x > 0, x, 1.0)
y = torch.where(x > 0, harmless.sqrt(), 0.0).sum()
torch.autograd.grad(y, x)[0]

# %% [markdown] lang="en"
r"""
## 8. Design your own

A good example of your own ends for every input, returns a tensor with a `grad_fn`, takes at least two paths over the inputs you test, and agrees with central differences away from the branch points. Attempts like the following are found on the web, so first try yours with a limit on the number of operations:
"""

# %% [markdown] lang="zh"
r"""
## 8. 设计你自己的例子

自己设计的例子应当满足四个条件，即对任何输入都能结束，返回带有`grad_fn`的张量，在所测试的输入上至少经过两条不同的路径，在远离分支点处与中心差分一致。网上可以见到类似下面的例子，所以试运行时要先限制运算的次数。
"""


# %%
def attempt(a):
    b, i = a, 0
    while i < 5:
        b = b + i
    return b


try:
    record(attempt, a=1.0, max_ops=100)
except RecordingLimitError as error:
    print(error)

# %% [markdown] lang="en"
r"""
Nothing in the loop changes `i`, so it never ends; and if it did, every input would take the same path. The following example is better, and is tested on both of its paths:
"""

# %% [markdown] lang="zh"
r"""
循环里没有语句改变`i`，所以循环无法结束。即使能够结束，任何输入经过的也是同一条路径。下面的例子更好，而且两条路径都经过检验。
"""


# %%
def two_ways(x):
    return (x**2 if x.sum() > 0 else x**3).sum()


for numbers in ([1.0, 2.0], [-1.0, -2.0]):
    x = torch.tensor(numbers, dtype=torch.float64)
    r = record(two_ways, x.clone().requires_grad_())
    gap = (r.grads["x"] - numerical_grad(two_ways, x)).abs().max().item()
    print([node.op for node in r.nodes if node.kind == "op"], r.grads["x"].tolist(), gap < 1e-6)

# %% [markdown] lang="en"
r"""
## 9. Exercises

Replace every `...` and run the check below it. A loop of yours that never ends is stopped after two seconds, and you are told so. Stuck? Press the button below the check, or run `hint("06.1")`.
"""

# %% [markdown] lang="zh"
r"""
## 9. 练习

把每个`...`换成你的答案，再运行下面的检查。如果你写的循环无法结束，两秒之后会自动停止，并给出说明。没有思路时，可以单击检查结果下方的提示按钮，或运行`hint("06.1")`。
"""

# %% [markdown] lang="en"
r"""
### Exercise 06.1 · k on paper ★☆☆ (5 min)

On paper: how many iterations $n$ does the loop of `f` make at $a = 3$? What is the slope $k$ there, and what is it at $a = -3$?
"""

# %% [markdown] lang="zh"
r"""
### 练习06.1 · 在纸上求k ★☆☆（5分钟）

请在纸上计算，在$a = 3$处，`f`的循环迭代几次（$n$）？那里的导数$k$是多少？在$a = -3$处呢？
"""

# %%
n, k_plus, k_minus = ..., ..., ...

# %%
check("06.1", (n, k_plus, k_minus))

# %% tags=["solution"]
[6 * 2**i for i in range(9)], value_and_slope(3.0)[1], value_and_slope(-3.0)[1]

# %% [markdown] lang="en" tags=["solution"]
r"""
From 6 it takes 8 doublings to reach 1536, so $k = 2 \cdot 2^8 = 512$; at $-3$ it is a hundred times as large.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
从6到1536要加倍8次，所以$k = 2 \cdot 2^8 = 512$。在$-3$处，导数是它的一百倍。
"""

# %% [markdown] lang="en"
r"""
### Exercise 06.2 · The next jump ★★☆ (8 min)

`next_jump(a)` receives a Python number with $0 < a < 500$ and returns the smallest number **greater than** `a` at which $k$ jumps.
"""

# %% [markdown] lang="zh"
r"""
### 练习06.2 · 下一个跳变点 ★★☆（8分钟）

`next_jump(a)`接收一个Python数，$0 < a < 500$，返回**大于**`a`的最小跳变点，即$k$发生跳变的点。
"""


# %%
def next_jump(a):
    return ...


# %%
check("06.2", next_jump)


# %% tags=["solution"]
def solved_06_2(a):
    x = 500.0
    while x / 2 > a:
        x = x / 2
    return x


solved_06_2(0.4882), solved_06_2(250.0)

# %% [markdown] lang="en" tags=["solution"]
r"""
The jumps are at $500 / 2^n$. With `>` a jump itself leads to the next one, 250 to 500.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
跳变点是$500 / 2^n$。用`>`比较时，从一个跳变点出发，得到的是下一个跳变点，例如由250得到500。
"""

# %% [markdown] lang="en"
r"""
### Exercise 06.3 · Safe at zero ★★☆ (8 min)

Make `f` safe at 0. `safe_f(a)` receives a scalar tensor. At 0 it returns 0 **on the graph**, with slope 0; everywhere else value and slope are those of `f`.
"""

# %% [markdown] lang="zh"
r"""
### 练习06.3 · 在零处也安全 ★★☆（8分钟）

让`f`在0处也安全。`safe_f(a)`接收一个标量张量。在0处，它返回0，结果**仍在计算图上**，导数为0。在其他地方，值和导数都与`f`相同。
"""


# %%
def safe_f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    if b.sum() > 0:
        c = b
    else:
        c = 100 * b
    return c


# %%
check("06.3", safe_f)


# %% tags=["solution"]
def solved_06_3(a):
    return 0 * a if a.norm() == 0 else f(a)


a = torch.tensor(0.0, requires_grad=True)
solved_06_3(a).backward()
a.grad

# %% [markdown] lang="en" tags=["solution"]
r"""
`0 * a` is 0 and stays connected to `a`; `torch.tensor(0.0)` would not.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
`0 * a`等于0，并且仍与`a`相连，`torch.tensor(0.0)`则不然。
"""

# %% [markdown] lang="en"
r"""
### Exercise 06.4 · It must branch ★★☆ (7 min)

`by_sign(x)` receives a scalar tensor and returns $x^2$ for $x > 0$ and $-3x$ otherwise. It **must branch**: in the recorded graph only the formula of the branch taken may stand. No `torch.where`, no mask.
"""

# %% [markdown] lang="zh"
r"""
### 练习06.4 · 必须分支 ★★☆（7分钟）

`by_sign(x)`接收一个标量张量，$x > 0$时返回$x^2$，否则返回$-3x$。它**必须分支**，记录下来的计算图里只能有所走的那个分支的公式。不能用`torch.where`，也不能用掩码。
"""


# %%
def by_sign(x):
    return ...


# %%
check("06.4", by_sign)


# %% tags=["solution"]
def solved_06_4(x):
    return x * x if x > 0 else -3 * x


[[node.grad_fn for node in record(solved_06_4, x=x).nodes if node.op == "mul"] for x in (2.0, -2.0)]

# %% [markdown] lang="en" tags=["solution"]
r"""
Each graph holds one multiplication, but not the same one.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
两张计算图里各有一次乘法，但不是同一次。
"""

# %% [markdown] lang="en"
r"""
### Exercise 06.5 · The slope for a vector ★★☆ (6 min)

`slopes(a)` receives a vector `(n,)` that requires no gradient, calls `f` of the lesson, and returns $\partial \left(\sum_i d_i\right)/\partial a$, shape `(n,)`, by autograd. `a` stays as it was.
"""

# %% [markdown] lang="zh"
r"""
### 练习06.5 · 向量输入的导数 ★★☆（6分钟）

`slopes(a)`接收形状为`(n,)`、不需要梯度的向量，调用正文里的`f`，用自动微分求出$\partial \left(\sum_i d_i\right)/\partial a$并返回，形状为`(n,)`。`a`要保持原样。
"""


# %%
def slopes(a):
    return ...


# %%
check("06.5", slopes)


# %% tags=["solution"]
def solved_06_5(a):
    a = a.clone().requires_grad_()
    f(a).sum().backward()
    return a.grad


solved_06_5(torch.tensor([1.0, -2.0, 3.0]))

# %% [markdown] lang="en" tags=["solution"]
r"""
The sum gives every element the weight 1, and since $J = kI$, each element of the result is $k$.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
求和时每个元素的权重都是1，而$J = kI$，所以结果的每个元素都是$k$。
"""

# %% [markdown] lang="en"
r"""
### Exercise 06.6 · Equal, but not to the last bit ★★☆ (6 min)

`agrees(grad, d, a)` receives three vectors and returns one truth value: whether `grad` is the slope $k$ with $d = k a$, up to rounding, for **every** element. An element of `a` may be 0.
"""

# %% [markdown] lang="zh"
r"""
### 练习06.6 · 只差舍入，也算相等 ★★☆（6分钟）

`agrees(grad, d, a)`接收三个向量，返回一个真假值，表示在舍入误差范围内，`grad`的**每个**元素是否都是满足$d = k a$的导数$k$。`a`的元素可能是0。
"""


# %%
def agrees(grad, d, a):
    return ...


# %%
check("06.6", agrees)

# %% tags=["solution"]
a = torch.tensor([-0.18, 0.1, 0.0])
torch.allclose(solved_06_5(a) * a, f(a)), torch.allclose(solved_06_5(a), f(a) / a)

# %% [markdown] lang="en" tags=["solution"]
r"""
`torch.allclose(grad * a, d)` allows for rounding, and nothing is divided by 0.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
`torch.allclose(grad * a, d)`容许舍入误差，也不会出现除以0的运算。
"""

# %% [markdown] lang="en"
r"""
## Recap

| question | what running it shows |
|---|---|
| what is in the graph? | the iterations and the branch that ran, nothing else: what you run is what you differentiate |
| the derivative of `f` | $k = d/a$; constant on each piece |
| a jump | autograd gives the derivative of the piece it ran on, and does not detect the jump |
| $a = 0$, tiny numbers, nan | never ends, is slow, takes `else`: a loop that depends on data needs a limit |
| a vector or a matrix | $J = kI$; sum first, never `d.backward(d)` |
| comparing floats | `torch.allclose(a.grad * a, d)`, never `==` |
| a condition | chooses what runs, and is not differentiated |
| a comparison as a number, `torch.where` | cuts the graph; computes both branches |

Next: [lesson 07, the exercises of the book](07_exercises.ipynb). Read on: [Autograd mechanics](https://docs.pytorch.org/docs/stable/notes/autograd.html) in PyTorch's notes, and [Automatic Differentiation](https://d2l.ai/chapter_preliminaries/autograd.html) in *Dive into Deep Learning* ([Chinese edition](https://zh.d2l.ai/chapter_preliminaries/autograd.html)).
"""

# %% [markdown] lang="zh"
r"""
## 小结

| 问题 | 运行的结果 |
|---|---|
| 计算图里有什么？ | 只有实际执行过的迭代和分支，运行了什么，就对什么求导 |
| `f`的导数 | $k = d/a$，在每一段上是常数 |
| 跳变 | 自动微分给出所运行的一段上的导数，反映不出跳变 |
| $a = 0$、极小的数、nan | 分别是无法结束、很慢、进入`else`，循环次数取决于数据时要加以限制 |
| 向量或矩阵 | $J = kI$，先求和，不要写`d.backward(d)` |
| 比较浮点数 | 用`torch.allclose(a.grad * a, d)`，不用`==` |
| 条件 | 决定运行什么，本身不参与求导 |
| 把比较当作数、`torch.where` | 前者切断计算图，后者两个分支都会计算 |

下一课是[第07课，课后练习](07_exercises.ipynb)。延伸阅读有PyTorch文档中的[自动求导机制](https://docs.pytorch.org/docs/stable/notes/autograd.html)（英文），以及《动手学深度学习》的[自动微分](https://zh.d2l.ai/chapter_preliminaries/autograd.html)一节（另有[英文版](https://d2l.ai/chapter_preliminaries/autograd.html)）。
"""

# %%
progress.show()
