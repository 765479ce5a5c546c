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

**How can PyTorch differentiate a function that contains `while` and `if`, when nobody knows in advance how often the loop will run?** It differentiates what was run, and nothing else.

After this lesson you can

- predict the gradient of a function with a loop and a branch, and say where it jumps;
- name the inputs on which such a loop never ends, and guard against them;
- tell a condition, which is never differentiated, from an operation that cuts the graph.

*About 60 minutes: 20 to read and try, 40 for the exercises. You need lessons 02 and 04: the computational graph, and backward from a vector.*
"""

# %% [markdown] lang="zh"
r"""
# 06 · 控制流

**函数里有`while`和`if`，事先谁也不知道循环要转几圈，PyTorch怎么还能求导？** 它只对实际运行过的运算求导，别的一概不管。

学完本课，你将能够

- 预测带有循环和分支的函数的梯度，并说出它在哪里跳变；
- 指出哪些输入会让这样的循环停不下来，并加以防范；
- 分清“条件”与“切断计算图的运算”：前者从不参与求导。

约60分钟，其中阅读和操作20分钟，练习40分钟。预备知识：第02课（计算图）和第04课（对向量求导）。
"""

# %%
import torch
from helpers import check, d2l, draw, explore, hint, language, numerical_grad, predict, progress, record
from helpers.record import RecordingLimitError

language.use("en")

# %% [markdown] lang="en"
r"""
The names of this lesson: `a` is the input, at first a scalar of shape `()`, later a vector `(n,)`; `b` is doubled again and again; `d = f(a)` is the output, in the shape of `a`; $n$ is the number of rounds of the loop, and $k$ the slope.

## 1. A function with a loop and a branch

This is the function of the *Dive into Deep Learning* section on automatic differentiation.
"""

# %% [markdown] lang="zh"
r"""
本课用到的名字：`a`是输入，起初是形状为`()`的标量，后面是形状为`(n,)`的向量；`b`被一次次加倍；`d = f(a)`是输出，形状与`a`相同；$n$是循环的圈数，$k$是斜率。

## 1. 带循环和分支的函数

下面的函数出自《动手学深度学习》的“自动微分”一节。
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
Before it runs: how large is the slope at $a = -1$? Count the doublings, and look at which branch is taken.
"""

# %% [markdown] lang="zh"
r"""
先别运行：在$a = -1$处，斜率是多少？数一数加倍了几次，再看看走的是哪个分支。
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
The gradient equals $d/a$. That is no accident: whatever happens inside, `a` is only ever multiplied by constants, so $f(a) = k \cdot a$, and $k$ is the slope. Here are more inputs:
"""

# %% [markdown] lang="zh"
r"""
梯度等于$d/a$，这并非巧合：不管函数里发生什么，`a`只是不断地乘以常数，所以$f(a) = k \cdot a$，而$k$就是斜率。再试几个输入：
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
At 1 and at 1.5 the slope is the same, 1024: the loop ran equally often. At 0.5 it is 2048, one round more. At 500 the loop does not run at all: only the doubling before it is left, slope 2. And $-1.5$ takes the other branch: 100 times 1024.

## 2. What is in the graph?

Guess what the recorded graph will contain:
"""

# %% [markdown] lang="zh"
r"""
在1和1.5处，斜率同为1024，因为循环转的圈数一样。在0.5处多转一圈，斜率是2048。在500处循环一圈也不转，只剩循环前的那次加倍，斜率是2。$-1.5$走的是另一个分支：100乘以1024。

## 2. 图里有什么？

猜一猜，记录下来的计算图里会有什么：
"""

# %%
predict("06.p2")

# %%
draw(record(f, a=200.0))

# %% [markdown] lang="en"
r"""
No `while`, no `if`, no comparison: three multiplications, one before the loop and one for each of two rounds. The branch not taken left no trace. Such a graph is built anew on every run ("define by run"); a static graph, drawn up before any data are known, would need nodes for loops and branches of their own. So the size of ours depends on `a`:
"""

# %% [markdown] lang="zh"
r"""
没有`while`，没有`if`，也没有比较：只有三次乘法，循环前一次，两圈循环各一次。没走的那个分支没有留下任何痕迹。这样的图每运行一次就重新建一次（“运行时定义”）；静态图则要在数据到来之前画好，必须另设循环节点和分支节点。所以，我们这张图的大小取决于`a`：
"""


# %%
def multiplications(number):
    return sum(node.op == "mul" for node in record(f, a=number).nodes)


for number in (500.0, 200.0, 1.0, 0.5, -1.0):
    print(f"a = {number:5}: {multiplications(number)} multiplications")

# %% [markdown] lang="en"
r"""
At $a = 1$ there are 10: one before the loop and $n = 9$ inside. At $-1$ one more, the factor 100.

## 3. Live: the loop unrolls, and the slope jumps

Move `a`. The function prints $n$ and $k$, and the widget shows what it prints. Within one piece only numbers change. At a jump the chain gains or loses a multiplication, and $k$ doubles or halves. Then go to the jump itself, from 0.4882 to 0.4883, with the arrow keys.
"""

# %% [markdown] lang="zh"
r"""
在$a = 1$处有10次乘法：循环前一次，循环里$n = 9$次。在$-1$处还要多一次，即乘以100。

## 3. 动起来：循环展开，斜率跳变

移动`a`。函数会打印$n$和$k$，打印的内容就显示在组件里。在同一段之内，变的只有数值；到了跳变处，这条链会增加或减少一次乘法，$k$随之翻倍或减半。再用方向键从0.4882走到0.4883，正好越过一个跳变点。
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
The same two positions in code, and the central difference across the jump:
"""

# %% [markdown] lang="zh"
r"""
用代码再看这两个位置，并算出跨过跳变点的差商：
"""

# %%
left, right = value_and_slope(0.4882), value_and_slope(0.4883)
quotient = (right[0] - left[0]) / (0.4883 - 0.4882)
[round(number, 2) for number in (*left, *right)], f"{quotient:.1e}"

# %% [markdown] lang="en"
r"""
Left of the jump $f$ is 1999.67 with slope 4096, right of it 1000.04 with slope 2048. Autograd reports the slope of the piece it ran on **and never notices the jump**. The difference quotient does: about minus ten million. At the jump itself there is no derivative; autograd still gives a number.

## 4. Why it is piecewise linear

With $n$ rounds of the loop, $b = 2^{n+1} a$, so for $a > 0$

$$k = 2^{n+1}, \qquad k = 100 \cdot 2^{n+1} \;\;(a < 0).$$

The loop ends as soon as $2^{n+1} |a| \ge 1000$. So $n$ changes where $|a| = 500 / 2^n$:
"""

# %% [markdown] lang="zh"
r"""
跳变点左边，$f$是1999.67，斜率4096；右边是1000.04，斜率2048。自动微分给出的是它所运行的那一段的斜率，**根本没有注意到跳变**。差商却注意到了：大约是负一千万。在跳变点上导数并不存在，自动微分却照样给出一个数。

## 4. 为什么是分段线性的

循环转$n$圈之后，$b = 2^{n+1} a$，所以当$a > 0$时

$$k = 2^{n+1}, \qquad k = 100 \cdot 2^{n+1} \;\;(a < 0).$$

一旦$2^{n+1} |a| \ge 1000$，循环就结束。因此$n$在$|a| = 500 / 2^n$处改变：
"""

# %%
[500 / 2**n for n in range(11)]

# %% [markdown] lang="en"
r"""
The last number, 0.48828125, is the jump that lies between 0.4882 and 0.4883. On logarithmic axes the steps are equally wide and equally high, on both sides of zero:
"""

# %% [markdown] lang="zh"
r"""
最后一个数0.48828125，就是0.4882与0.4883之间的那个跳变点。画在对数坐标上，每级台阶一样宽、一样高，零的两边都是如此：
"""

# %%
size = torch.logspace(-2, 3, 400)
slopes = [[value_and_slope(sign * s)[1] for s in size.tolist()] for sign in (1, -1)]
d2l.plot(size, slopes, "|a|", "k", ["a > 0", "a < 0"], xscale="log", yscale="log", figsize=(5, 3))

# %% [markdown] lang="en"
r"""
## 5. Pitfall: inputs that nobody tried

Zero doubled is zero. What happens at $a = 0$?
"""

# %% [markdown] lang="zh"
r"""
## 5. 陷阱：没有试过的输入

零加倍还是零。那么在$a = 0$处会怎样？
"""

# %%
predict("06.p3")

# %% [markdown] lang="en" tags=["answer"]
r"""
`f(torch.tensor(0.0))` would never return: do not run it. `record` counts operations and stops at `max_ops`. What was recorded until then is kept in the error:
"""

# %% [markdown] lang="zh" tags=["answer"]
r"""
`f(torch.tensor(0.0))`永远不会返回，请不要运行它。`record`会数运算的次数，数到`max_ops`就停下来；在此之前记录到的内容保存在报错对象里：
"""

# %% tags=["answer"]
try:
    record(f, a=0.0, max_ops=100)
except RecordingLimitError as error:
    print(error)
    print([node.value.item() for node in error.record.nodes if node.op == "mul"][:5])

# %% [markdown] lang="en"
r"""
The explorer has the same guard, so a slider may stand on 0: it says why there is nothing to see, and the next position works again. Try it:
"""

# %% [markdown] lang="zh"
r"""
交互图有同样的保护，所以滑块停在0上也不要紧：它会说明为什么没有结果，再移动一格便恢复正常。试试看：
"""

# %% tags=["answer"]
explore(f, a=(-1.0, 1.0, 0.25), max_ops=100).set(a=0.0)

# %% [markdown] lang="en"
r"""
Three more strange inputs. The smallest are slow, not endless; and nan answers False to `<`, to `>` and even to `==`:
"""

# %% [markdown] lang="zh"
r"""
还有三个古怪的输入。极小的数只是慢，并不会无穷无尽；而用`<`、`>`、`==`与nan比较，结果都是假：
"""

# %%
nan, other = float("nan"), float("nan")
print(nan < 1000, nan > 0, nan == other, nan != other)
for number in (1e-30, 1e-45, nan):
    d, slope = value_and_slope(number)
    print(number, "n =", multiplications(number) - (1 if d > 0 else 2), "f =", d, "slope =", slope)

# %% [markdown] lang="en"
r"""
At $10^{-30}$ the loop runs 109 times. At $10^{-45}$ the value is harmless, 1024, but the slope is `inf`: after 158 rounds $2^{n+1}$ is more than float32 can hold. And nan leaves at once, $n = 0$, because `nan < 1000` is false. `nan > 0` is false, too, so it takes the `else` branch: slope 200. Only `!=` is true: nan equals no number, not even another nan.

## 6. A vector instead of a number

`norm` and `sum` turn a vector into one number, so the conditions still work. Which gradient do you expect?
"""

# %% [markdown] lang="zh"
r"""
在$10^{-30}$处，循环转了109圈。在$10^{-45}$处，函数值平平无奇，是1024，斜率却是`inf`：转了158圈之后，$2^{n+1}$超出了float32的范围。nan则立刻离开循环，$n = 0$，因为`nan < 1000`为假；`nan > 0`同样为假，于是走`else`分支，斜率是200。只有`!=`为真，nan不等于任何数，连另一个nan也不等于。

## 6. 输入向量

`norm`和`sum`把向量变成一个数，所以条件照样成立。你预计梯度是什么？
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
The message of lesson 04: *can be implicitly created only for scalar outputs*. The 1 that backward starts with is only obvious for one number; `d` has three. So we sum first, and look at the whole Jacobian as well:
"""

# %% [markdown] lang="zh"
r"""
这正是第04课的报错：*can be implicitly created only for scalar outputs*（只能为标量输出隐式地创建梯度）。反向传播从1出发，只有输出是一个数时才不言自明，而`d`有三个数。所以先求和，再看看整个雅可比矩阵：
"""

# %% tags=["answer"]
d.sum().backward()
a.grad, torch.autograd.functional.jacobian(f, a.detach())

# %% [markdown] lang="en" tags=["answer"]
r"""
512 everywhere, and $J = k I$. One element does influence another, through `norm` and `sum`, but only **inside the conditions**, and those are not differentiated. A matrix works the same, here in the `else` branch:
"""

# %% [markdown] lang="zh" tags=["answer"]
r"""
处处都是512，并且$J = k I$。元素之间确实会通过`norm`和`sum`互相影响，但那只发生在**条件里**，而条件不参与求导。矩阵也一样，下面这个走的是`else`分支：
"""

# %%
A = torch.tensor([[1.0, -2.0, 0.5], [-3.0, 1.0, 0.5]], requires_grad=True)
f(A).sum().backward()
A.grad

# %% [markdown] lang="en"
r"""
And how does one check `a.grad` against `d / a`? With `==` it depends on luck. In the `else` branch the factor 100 is rounded, and where $a_i = 0$ the quotient is $0/0$:
"""

# %% [markdown] lang="zh"
r"""
又该怎样用`d / a`来检验`a.grad`？用`==`只能碰运气：在`else`分支里，乘以100会有舍入误差；而$a_i = 0$处的商是$0/0$：
"""

# %%
a = torch.tensor([-0.18, 0.1, 0.0], requires_grad=True)
d = f(a)
d.sum().backward()
a.grad == d / a, torch.allclose(a.grad * a, d)

# %% [markdown] lang="en"
r"""
Multiply instead of dividing, and allow for rounding: `torch.allclose(a.grad * a, d)`.

## 7. A condition, or a cut?

Asking a yes-or-no question *in order to choose a branch* is fine. Using the answer as a number is not, since an answer has no slope:
"""

# %% [markdown] lang="zh"
r"""
不要除，要乘，并且容许舍入误差：`torch.allclose(a.grad * a, d)`。

## 7. 是条件，还是切断？

*为了选择分支*而问“是或否”，没有问题；把这个答案当作数来算，就不行了，因为它没有斜率：
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
`if` gives $2x$. The comparison and `argmax` have **cut the graph**: their `backward` ends in the message "does not require grad" of lesson 02. `round` stays on the graph with slope 0. And `torch.where` has computed **both** branches: at $-1$ the root it did not choose has slope nan, and $0 \cdot \text{nan}$ is nan. The remedy is to make the input harmless first:
"""

# %% [markdown] lang="zh"
r"""
`if`给出$2x$。比较和`argmax`**切断了计算图**，对它们调用`backward`会得到第02课的报错“does not require grad”。`round`仍在图上，斜率却是0。而`torch.where`**两个分支都算了**：在$-1$处，没被选中的平方根斜率是nan，而$0 \cdot \text{nan}$还是nan。办法是先把输入变得无害：
"""

# %%
harmless = torch.where(x > 0, x, 1.0)
y = torch.where(x > 0, harmless.sqrt(), 0.0).sum()
torch.autograd.grad(y, x)[0]

# %% [markdown] lang="en"
r"""
## 8. Design your own

A good example of your own ends for every input, returns a tensor with a `grad_fn`, takes at least two paths over the inputs you test, and agrees with central differences away from the branch points. An attempt like this one is found on the web, so try yours under a guard first:
"""

# %% [markdown] lang="zh"
r"""
## 8. 设计你自己的例子

自己设计的好例子应当：对任何输入都会结束；返回带有`grad_fn`的张量；在你测试的输入上至少走两条不同的路径；在远离分支点的地方与中心差分一致。网上能找到类似下面这样的尝试，所以先在保护之下试运行：
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
Nothing in the loop changes `i`, so it never ends; and if it did, every input would take the same path. One that is better, tested on both of its paths:
"""

# %% [markdown] lang="zh"
r"""
循环里没有任何语句改变`i`，所以它停不下来；就算能停，任何输入走的也都是同一条路。下面这个好一些，两条路径都检验过：
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

Replace every `...` and run the check below it. A loop of yours that never ends is stopped after two seconds and answered. Stuck? Press the button below the check, or run `hint("06.1")`.
"""

# %% [markdown] lang="zh"
r"""
## 9. 练习

把每个`...`换成你的答案，再运行下面的检查。即使你写的循环停不下来，两秒之后也会被停下，并给出说明。卡住了？按检查结果下方的提示按钮，或运行`hint("06.1")`。
"""

# %% [markdown] lang="en"
r"""
### Exercise 06.1 · k on paper ★☆☆ (5 min)

On paper: how many rounds $n$ does the loop of `f` make at $a = 3$? What is the slope $k$ there, and what at $a = -3$?
"""

# %% [markdown] lang="zh"
r"""
### 练习06.1 · 在纸上算k ★☆☆（5分钟）

请在纸上算：在$a = 3$处，`f`的循环转几圈（$n$）？那里的斜率$k$是多少？在$a = -3$处呢？
"""

# %%
n, k_plus, k_minus = ..., ..., ...

# %%
check("06.1", (n, k_plus, k_minus))

# %% tags=["solution"]
[6 * 2**i for i in range(9)], value_and_slope(3.0)[1], value_and_slope(-3.0)[1]

# %% [markdown] lang="en" tags=["solution"]
r"""
From 6 it takes 8 doublings to 1536, so $k = 2 \cdot 2^8 = 512$; at $-3$ a hundred times as much.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
从6到1536要加倍8次，所以$k = 2 \cdot 2^8 = 512$；在$-3$处是它的一百倍。
"""

# %% [markdown] lang="en"
r"""
### Exercise 06.2 · The next jump ★★☆ (8 min)

`next_jump(a)` receives a Python number with $0 < a < 500$ and returns the smallest number **greater than** `a` at which $k$ jumps.
"""

# %% [markdown] lang="zh"
r"""
### 练习06.2 · 下一个跳变点 ★★☆（8分钟）

`next_jump(a)`接收一个Python数，$0 < a < 500$，返回**大于**`a`的最小跳变点，即$k$在那里跳变。
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
The jumps are $500 / 2^n$. With `>` a jump itself leads to the next one, 250 to 500.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
跳变点是$500 / 2^n$。用`>`比较，从跳变点出发得到的就是下一个：从250得到500。
"""

# %% [markdown] lang="en"
r"""
### Exercise 06.3 · Safe at zero ★★☆ (8 min)

Make `f` safe at 0. `safe_f(a)` receives a scalar tensor. At 0 it returns 0 **on the graph**, with slope 0; everywhere else value and slope are those of `f`.
"""

# %% [markdown] lang="zh"
r"""
### 练习06.3 · 在零处也安全 ★★☆（8分钟）

让`f`在0处也安全。`safe_f(a)`接收一个标量张量：在0处返回0，**留在计算图上**，斜率为0；在其他地方，值和斜率都与`f`相同。
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
`0 * a`等于0，并且仍与`a`相连；`torch.tensor(0.0)`则不然。
"""

# %% [markdown] lang="en"
r"""
### Exercise 06.4 · It must branch ★★☆ (7 min)

`by_sign(x)` receives a scalar tensor and returns $x^2$ for $x > 0$ and $-3x$ otherwise. It **must branch**: in the recorded graph only the formula of the branch taken may stand. No `torch.where`, no mask.
"""

# %% [markdown] lang="zh"
r"""
### 练习06.4 · 必须分支 ★★☆（7分钟）

`by_sign(x)`接收一个标量张量：$x > 0$时返回$x^2$，否则返回$-3x$。它**必须分支**：所记录的计算图里，只许有所走分支的公式。不许用`torch.where`，也不许用掩码。
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
One multiplication in either graph, but another one each time.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
两张图里各有一次乘法，但不是同一个。
"""

# %% [markdown] lang="en"
r"""
### Exercise 06.5 · The slope for a vector ★★☆ (6 min)

`slopes(a)` receives a vector `(n,)` that requires no gradient, calls `f` of the lesson, and returns $\partial \left(\sum_i d_i\right)/\partial a$, shape `(n,)`, by autograd. `a` stays as it was.
"""

# %% [markdown] lang="zh"
r"""
### 练习06.5 · 向量的斜率 ★★☆（6分钟）

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
The sum weighs every element with 1, and $J = kI$ leaves $k$ in each place.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
求和给每个元素的权重都是1，而$J = kI$，于是每个位置上都是$k$。
"""

# %% [markdown] lang="en"
r"""
### Exercise 06.6 · Equal, but not to the last bit ★★☆ (6 min)

`agrees(grad, d, a)` receives three vectors and returns one truth value: whether `grad` is the slope $k$ with $d = k a$, up to rounding, for **every** element. An element of `a` may be 0.
"""

# %% [markdown] lang="zh"
r"""
### 练习06.6 · 相等，但不是每一位 ★★☆（6分钟）

`agrees(grad, d, a)`接收三个向量，返回一个真假值：在舍入误差之内，`grad`的**每个**元素是否都是满足$d = k a$的斜率$k$。`a`的元素可能是0。
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
`torch.allclose(grad * a, d)`: rounding is allowed for, and nothing is divided by 0.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
`torch.allclose(grad * a, d)`：容许舍入误差，也不会除以0。
"""

# %% [markdown] lang="en"
r"""
## Recap

| question | what running it shows |
|---|---|
| what is in the graph? | the rounds and the branch that ran, nothing else: what you run is what you differentiate |
| the slope of `f` | $k = d/a$; constant on each piece |
| a jump | autograd gives the slope of the piece it ran on, and does not see the jump |
| $a = 0$, tiny numbers, nan | never ends, is slow, takes `else`: a loop that depends on data needs a guard |
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
| 图里有什么？ | 只有实际转过的圈数和走过的分支：运行了什么，就对什么求导 |
| `f`的斜率 | $k = d/a$，在每一段上是常数 |
| 跳变 | 自动微分给出所运行的那一段的斜率，看不到跳变 |
| $a = 0$、极小的数、nan | 停不下来；很慢；走`else`：循环取决于数据，就要有保护 |
| 向量或矩阵 | $J = kI$；先求和，绝不要写`d.backward(d)` |
| 比较浮点数 | 用`torch.allclose(a.grad * a, d)`，不用`==` |
| 条件 | 决定运行什么，本身不参与求导 |
| 把比较当作数、`torch.where` | 前者切断计算图；后者两个分支都算 |

下一课：[第07课，课后练习](07_exercises.ipynb)。延伸阅读：PyTorch文档中的[自动求导机制](https://docs.pytorch.org/docs/stable/notes/autograd.html)（英文），以及《动手学深度学习》的[自动微分](https://zh.d2l.ai/chapter_preliminaries/autograd.html)一节（另有[英文版](https://d2l.ai/chapter_preliminaries/autograd.html)）。
"""

# %%
progress.show()
