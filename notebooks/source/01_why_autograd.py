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
# 01 · Why automatic differentiation?

**A network learns by gradient descent, and every step needs the derivative of the loss with respect to each parameter, often millions of them. Where do all these derivatives come from?**

After this lesson you can

- take steps of gradient descent, and tell whether a learning rate is slow, good, oscillating or diverging;
- differentiate in four ways, and say how accurate each is and what it costs;
- choose the step of a difference quotient, and give the reason.

*About 55 minutes: 30 to read and try, 25 for the exercises. You need functions and slopes from school, and lesson 00.*
"""

# %% [markdown] lang="zh"
r"""
# 01 · 为什么需要自动求导？

**神经网络通过梯度下降来学习，每更新一次，都要知道损失对每一个参数的导数，而参数往往有几百万个。这么多导数是怎样算出来的？**

学完本课，你将能够

- 做梯度下降，并判断学习率是太慢、合适、来回振荡还是发散；
- 用四种方法求导，并说出每种方法有多准、代价多大；
- 为差商挑选步长，并说明理由。

约55分钟，其中阅读和操作30分钟，练习25分钟。预备知识有中学的函数与直线的斜率，以及第00课。
"""

# %%
import math, time

import sympy, torch
from helpers import check, d2l, descend, explore, hint, language, numerical_grad, predict, progress, record, secant

language.use("en")

# %% [markdown] lang="en"
r"""
The names of this lesson: `x` is a number, a tensor of shape `()`; `lr` is the learning rate $\eta$; `h` is the step of a difference quotient; `theta` holds all parameters, shape `(n,)`.

## 1. Downhill

A **loss** measures how wrong a model is. To make it smaller, **gradient descent** takes steps against the gradient:

$$\theta \leftarrow \theta - \eta\, \nabla L(\theta).$$

With a single parameter, the gradient $\nabla L$ is the slope of a curve. Choose an answer before you run anything:
"""

# %% [markdown] lang="zh"
r"""
在本课用到的名字中，`x`是一个数，即形状为`()`的张量，`lr`是学习率（learning rate）$\eta$，`h`是差商（difference quotient）的步长，`theta`是全部参数，形状为`(n,)`。

## 1. 往下坡走

**损失**（loss）衡量模型的预测与真实值相差多少。要减小损失，就让参数沿梯度的反方向移动一步，这种方法叫作**梯度下降**（gradient descent）：

$$\theta \leftarrow \theta - \eta\, \nabla L(\theta).$$

只有一个参数时，梯度$\nabla L$就是曲线的斜率。运行之前，先给出你的答案。
"""

# %%
predict("01.p1")


# %%
def valley(x):
    return x**2


descend(valley, x=(-2.0, 2.0), lr=0.1, start=1.5, steps=6)

# %% [markdown] lang="en"
r"""
Every small dot is one real step, and the orange arrow shows the slope, pointing uphill. Now move the **learning rate** slowly to the right. At first the dots creep; then they reach the bottom in one step; then they jump from side to side; finally they leave the picture. Five values, ten steps each:
"""

# %% [markdown] lang="zh"
r"""
每个小圆点都是真正走的一步，橙色箭头表示曲线的斜率，指向上坡。现在慢慢增大**学习率**，圆点起初移动得很慢，接着一步就到达最低点，然后在两侧来回跳动，最后离开图的范围。取五个学习率，各走十步。
"""


# %% tags=["answer"]
def after(steps, lr, x=1.5):
    for _ in range(steps):
        leaf = torch.tensor(x, requires_grad=True)
        valley(leaf).backward()
        x = x - lr * leaf.grad.item()
    return x


for lr in (0.01, 0.5, 0.9, 1.0, 1.1):
    print(f"{lr:4}  {after(10, lr):8.4f}")

# %% [markdown] lang="en" tags=["answer"]
r"""
The derivative of $x^2$ is $2x$, so each step multiplies $x$ by a fixed factor:

$$x \leftarrow x - \eta \cdot 2x = (1 - 2\eta)\, x.$$

| learning rate | factor | what happens |
|---|---|---|
| 0.01 | 0.98 | slow |
| 0.5 | 0 | good: one step |
| 0.9 | −0.8 | oscillates, but comes nearer |
| 1 | −1 | jumps from side to side forever |
| 1.1 | −1.2 | diverges |
"""

# %% [markdown] lang="zh" tags=["answer"]
r"""
$x^2$的导数是$2x$，所以每一步都把$x$乘以一个固定的因子：

$$x \leftarrow x - \eta \cdot 2x = (1 - 2\eta)\, x.$$

| 学习率 | 因子 | 现象 |
|---|---|---|
| 0.01 | 0.98 | 太慢 |
| 0.5 | 0 | 合适，一步到达 |
| 0.9 | −0.8 | 来回振荡，但越来越近 |
| 1 | −1 | 一直来回跳动 |
| 1.1 | −1.2 | 发散 |
"""

# %% tags=["answer"]
{lr: round(1 - 2 * lr, 4) for lr in (0.01, 0.5, 0.9, 1.0, 1.1)}

# %% [markdown] lang="en"
r"""
With two parameters, one learning rate has to serve both directions. This bowl is nine times as steep in $b$ as in $w$. Find a learning rate at which the path zigzags, and one at which it diverges:
"""

# %% [markdown] lang="zh"
r"""
有两个参数时，两个方向只能用同一个学习率。下面的碗形函数在$b$方向上的陡峭程度是$w$方向的九倍。试着找出一个使路径呈锯齿形的学习率，再找出一个使路径发散的学习率。
"""


# %%
def bowl(w, b):
    return w**2 + 9 * b**2


descend(bowl, w=(-4.0, 4.0), b=(-3.0, 3.0), lr=0.03, start=(3.0, 2.0), steps=6)

# %%
for lr in (0.03, 0.1, 0.12):
    print(f"lr = {lr:4}   w: {1 - 2 * lr:5.2f}   b: {1 - 18 * lr:5.2f}")

# %% [markdown] lang="en"
r"""
These are the factors of $w$ and of $b$. At 0.1, $b$ already changes its sign at every step, with the factor −0.8; at 0.12 its factor is −1.16, while for $w$ a larger rate would still be better. Every step needs the derivative in each direction. How can a derivative be computed?

## 2. The derivative as a limit

Take two points on the curve $u = 3x^2 - 4x$, one of them at 1. As the points come together, the slope of the line through them approaches the slope of the curve at 1:

$$u'(1) = \lim_{h \to 0} \frac{u(1 + h) - u(1)}{h}.$$
"""

# %% [markdown] lang="zh"
r"""
这是$w$和$b$各自的因子。学习率是0.1时，$b$每一步都变号，因子是−0.8。学习率是0.12时，因子是−1.16，而对$w$来说，更大的学习率会更好。每更新一次，都要知道各个方向上的导数。导数怎样求呢？

## 2. 导数是极限

在曲线$u = 3x^2 - 4x$上取两点，其中一点在1处。让两点无限靠近，过这两点的直线的斜率会趋于一个极限，这就是曲线在1处的斜率，即导数：

$$u'(1) = \lim_{h \to 0} \frac{u(1 + h) - u(1)}{h}.$$
"""


# %%
def u(x):
    return 3 * x**2 - 4 * x


for h in (0.1, 0.01, 0.001, 1e-4, 1e-5):
    print(f"{h:<7} {(u(1 + h) - u(1)) / h:.5f}")

# %% [markdown] lang="en"
r"""
Expanding $u(1 + h) - u(1)$ shows that the quotient is $2 + 3h$. So the slope is 2. The line that touches the curve at this point is the **tangent**, $y = 2x - 3$, as in *Dive into Deep Learning*:
"""

# %% [markdown] lang="zh"
r"""
把$u(1 + h) - u(1)$展开，可知差商等于$2 + 3h$，所以曲线在1处的斜率是2。在这一点与曲线相切的直线就是**切线**（tangent）$y = 2x - 3$，与《动手学深度学习》中的例子相同。
"""

# %%
x = torch.arange(0, 3, 0.1)
legend = ["u(x)", "Tangent line (x=1)"]
d2l.plot(x, [u(x), 2 * x - 3], "x", "u(x)", legend, figsize=(4.5, 3))

# %% [markdown] lang="en"
r"""
So far each smaller step came closer to 2. What if $h$ is made smaller still?
"""

# %% [markdown] lang="zh"
r"""
到目前为止，步长越小，差商就越接近2。如果$h$取得更小呢？
"""

# %%
predict("01.p2")

# %% [markdown] lang="en"
r"""
Move the step below and see the secant (blue) turn into the tangent (orange):
"""

# %% [markdown] lang="zh"
r"""
改变下面的步长，看蓝色的**割线**（secant）怎样转成橙色的切线。
"""

# %%
secant(u, 1.0, h=0.5, kind="one-sided")

# %%
print({h: f"{(u(1 + h) - u(1)) / h:.4f}" for h in (1e-15, 1e-16)})
one = torch.tensor(1.0)  # float32 | float32类型
print({h: f"{(u(one + h) - u(one)).item() / h:.4f}" for h in (1e-6, 1e-8)})

# %% [markdown] lang="en"
r"""
Smaller is **not** better: 2.2204 and 0.0 in float64, 1.9073 and 0.0 in float32. A computer keeps about 16 or 7 digits of a number. $1 + h$ and $1$ agree in nearly all of them, and the subtraction leaves only rounding errors.

Another derivative, from the exercises of the same book:
"""

# %% [markdown] lang="zh"
r"""
步长**不是**越小越好，在float64中得到的是2.2204和0.0，在float32中得到的是1.9073和0.0。计算机只能保留一个数的大约16位或7位数字。$1 + h$与$1$几乎所有位都相同，相减之后，剩下的只有舍入误差（round-off error）。

再求一个导数，它出自同一本书的练习。
"""

# %%
predict("01.p3")

# %%
x = torch.tensor(1.0, requires_grad=True)
y = x**3 - 1 / x
y.backward()
slope = x.grad.item()
intercept = y.item() - slope * x.item()
slope, intercept

# %% [markdown] lang="en"
r"""
The slope is 4 and the intercept −4, so the tangent is $y = 4x - 4$. Three lines of PyTorch found the derivative and stored it in `x.grad`; lesson 02 shows how.
"""

# %% [markdown] lang="zh"
r"""
切线的斜率是4，截距是−4，所以切线是$y = 4x - 4$。三行PyTorch代码就求出了导数，结果保存在`x.grad`里，第02课会讲其中的原理。
"""

# %%
x = torch.arange(0.5, 2, 0.05)
d2l.plot(x, [x**3 - 1 / x, slope * x + intercept], "x", "y", legend=["x^3 - 1/x", "tangent"], figsize=(4.5, 3))

# %% [markdown] lang="en"
r"""
## 3. The best step

The **central difference** uses a point on either side, and is far more accurate than the one-sided one at the same step:

$$f'(x) \approx \frac{f(x + h) - f(x - h)}{2h}.$$
"""

# %% [markdown] lang="zh"
r"""
## 3. 最好的步长

**中心差分**（central difference）在两侧各取一点，在同样的步长下比**单侧差分**（one-sided difference）准确得多：

$$f'(x) \approx \frac{f(x + h) - f(x - h)}{2h}.$$
"""

# %%
f, h, exact = math.sin, 0.01, math.cos(1)
(f(1 + h) - f(1)) / h - exact, (f(1 + h) - f(1 - h)) / (2 * h) - exact

# %% [markdown] lang="en"
r"""
Now move the step from right to left, and watch the point on the plot of the error, where both axes are logarithmic. Then switch to float32, and to the one-sided difference:
"""

# %% [markdown] lang="zh"
r"""
现在把步长从右往左拖，看误差图上的点怎样移动，图的两个坐标轴都取对数。然后切换到float32，再换成单侧差分。
"""

# %%
secant(torch.sin, 1.0, h=0.1)

# %% [markdown] lang="en"
r"""
The error falls, reaches a minimum, and **rises again**, in the shape of a V. Try four steps per power of ten and keep the best:
"""

# %% [markdown] lang="zh"
r"""
误差先下降，到达最小值，然后**又上升**，形状像字母V。在每个数量级试四个步长，留下误差最小的。
"""


# %%
def central(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


for dtype in (torch.float32, torch.float64):
    one = torch.tensor(1.0, dtype=dtype)
    steps = [10 ** (-k / 4) for k in range(64)]
    tried = [(abs(central(torch.sin, one, h).item() - exact), h) for h in steps]
    print(dtype, "step {1:.1e}, error {0:.1e}".format(*min(tried)))

# %% [markdown] lang="en"
r"""
Why a V? There are two kinds of error. The **truncation error**: by Taylor's theorem the central difference is off by about $\frac{h^2}{6} f'''(x)$, so a tenth of $h$ gives a hundredth of the error. This is the right arm of the V. The **round-off error**: each function value is off by about $\varepsilon$, the spacing of numbers near 1, and the division turns it into $\varepsilon / h$. This is the left arm.

$$h^2 \approx \frac{\varepsilon}{h} \;\Rightarrow\; h \approx \sqrt[3]{\varepsilon}.$$

The truncation error of the one-sided difference falls only with $h$ itself, so there $h \approx \frac{\varepsilon}{h}$, and $h \approx \sqrt{\varepsilon}$.
"""

# %% [markdown] lang="zh"
r"""
误差为什么呈V形？因为有两种误差。一种是**截断误差**（truncation error）。由泰勒定理，中心差分的截断误差约为$\frac{h^2}{6} f'''(x)$，所以$h$缩小到十分之一，误差缩小到百分之一，这是V形的右半边。另一种是**舍入误差**。每个函数值的误差约为$\varepsilon$，即1附近相邻两数的间隔，除以步长就成为$\varepsilon / h$，这是V形的左半边。两者相当时总误差最小：

$$h^2 \approx \frac{\varepsilon}{h} \;\Rightarrow\; h \approx \sqrt[3]{\varepsilon}.$$

单侧差分的截断误差只与$h$本身成正比，所以$h \approx \frac{\varepsilon}{h}$，也就是$h \approx \sqrt{\varepsilon}$。
"""

# %%
for dtype in (torch.float32, torch.float64):
    eps = torch.finfo(dtype).eps
    print(dtype, f"eps {eps:.1e}, cube root {eps ** (1 / 3):.1e}, square root {eps**0.5:.1e}")

# %% [markdown] lang="en"
r"""
In float64 the rule gives the step we found, to one digit: 6e-6. In float32 it gives 5e-3, nearly ten times the best step of our search: left of the minimum the error jumps up and down, and at 5.6e-4 it is small **by chance**, as the neighbouring points in the plot above show. Even at its best the float32 quotient is right to only 6 digits; gradient checks are therefore made in [float64](https://docs.pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradcheck.html).

## 4. Many inputs, and the chain rule

For a **partial derivative** one input changes and the others stay fixed; the **gradient** collects the partial derivatives, and has the shape of the input:
"""

# %% [markdown] lang="zh"
r"""
在float64中，由此得到的步长与我们找到的一致，都约为6e-6。在float32中得到的是5e-3，约为我们找到的步长的十倍。这是因为在最小值左侧误差忽大忽小，5.6e-4误差最小，只是因为舍入误差**碰巧**很小，看看误差图上它左右的点就明白了。即使在最好的情况下，float32的差商也只有6位正确数字，所以检查梯度时要用[float64](https://docs.pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradcheck.html)。

## 4. 多个输入与链式法则

只让一个输入变化，其余保持不变，得到的导数是**偏导数**（partial derivative）。所有偏导数合在一起就是**梯度**，形状与输入相同。
"""


# %%
def g(theta):
    return (theta[0] ** 2 * theta[1]).sum()


theta = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
g(theta).backward()
theta.grad, theta.grad.shape == theta.shape

# %% [markdown] lang="en"
r"""
The first row is $2 \theta_0 \theta_1$, the second $\theta_0^2$. For a function of a function the derivatives are multiplied: the **chain rule**. By hand, for $L = (3x - 1)^2$ at $x = 2$: the inner function is $v = 3x - 1 = 5$ with derivative 3, the outer one $v^2$ with derivative $2v = 10$; together they give $10 \cdot 3$. Compare this value with PyTorch's:
"""

# %% [markdown] lang="zh"
r"""
第一行是$2 \theta_0 \theta_1$，第二行是$\theta_0^2$。对复合函数求导时，各层的导数相乘，这就是**链式法则**（chain rule）。以$L = (3x - 1)^2$在$x = 2$处的导数为例，里层$v = 3x - 1 = 5$的导数是3，外层$v^2$的导数是$2v = 10$，合起来是$10 \cdot 3$。把手算的值与PyTorch的结果对照一下。
"""

# %%
inside, outside = 3, 2 * (3 * 2 - 1)
x = torch.tensor(2.0, requires_grad=True)
((3 * x - 1) ** 2).backward()
{"dL/dv": outside, "dv/dx": inside, "dL/dv * dv/dx": outside * inside, "x.grad": x.grad.item()}

# %% [markdown] lang="en"
r"""
Below the chain rule is applied from right to left: the 1 at the end becomes 10 at the square, passes the subtraction unchanged, and becomes 30 at the product. Drag $x$: the factor 3 is the same everywhere, $2v$ is not. At which $x$ does the gradient vanish?
"""

# %% [markdown] lang="zh"
r"""
下面的图说明链式法则怎样起作用，请从右往左看，末端的1经过平方变成10，经过减法保持不变，再经过乘法变成30。拖动$x$，可以看到因子3处处相同，$2v$则不然。$x$等于多少时，梯度变为零？
"""


# %%
def chain(x):
    v = 3 * x - 1
    return v**2


explore(chain, x=(-2.0, 3.0)).set(x=2.0)

# %% [markdown] lang="en"
r"""
## 5. Four ways on one function

Take $p(x) = x \sin x^2$. **By hand**, the product and the chain rule give $p' = \sin x^2 + 2 x^2 \cos x^2$. **Numerical differentiation** computes two values of the function. **Symbolic differentiation**: SymPy turns the formula into the formula of its derivative. **Automatic differentiation**: PyTorch runs the function and applies the chain rule to the numbers on the way.
"""

# %% [markdown] lang="zh"
r"""
## 5. 同一个函数，四种方法

取$p(x) = x \sin x^2$。**手工求导**用乘法法则和链式法则，得到$p' = \sin x^2 + 2 x^2 \cos x^2$。**数值微分**（numerical differentiation）计算两个函数值。**符号微分**（symbolic differentiation）由SymPy把公式变成导数的公式。**自动微分**（automatic differentiation）由PyTorch运行这个函数，对运行中出现的数值应用链式法则。
"""


# %%
def p(x):
    return x * torch.sin(x**2)


def by_hand(x):
    return math.sin(x * x) + 2 * x * x * math.cos(x * x)


s = sympy.Symbol("x")
formula = sympy.diff(s * sympy.sin(s**2), s)
symbolic = sympy.lambdify(s, formula, "math")
formula


# %%
def automatic(x):
    leaf = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    p(leaf).backward()
    return leaf.grad.item()


# %% [markdown] lang="en"
r"""
None of the four results can serve as the reference, since each is rounded to float64. The reference is the formula of the derivative, evaluated with **40 digits**:
"""

# %% [markdown] lang="zh"
r"""
四种结果都经过舍入，成为float64，所以都不能作为比较的标准。这里以导数公式为标准，计算时保留**40位数字**。
"""


# %%
def error(way, x):
    exact = formula.subs(s, sympy.Rational(x)).evalf(40)
    return float(abs(sympy.Float(way(x), 40) - exact))


ways = {"hand": by_hand, "symbolic": symbolic, "automatic": automatic}
ways["numerical"] = lambda x: numerical_grad(p, x)
for name, way in ways.items():
    print(f"{name:10} {way(1.3):.15f}  error {error(way, 1.3):.1e}")

# %% [markdown] lang="en"
r"""
Three agree in every digit shown; the numerical one is right to nine digits. The same comparison at 60 points, with the mean error of each method:
"""

# %% [markdown] lang="zh"
r"""
其中三种方法的结果每一位都相同，数值微分只有9位是正确的。再在60个点上比较一次，并求出每种方法的平均误差。
"""

# %%
places = [k / 20 for k in range(1, 61)]
errors = {name: [error(way, x) for x in places] for name, way in ways.items()}
print(*(f"{name:10} mean error of {len(row)}: {sum(row) / len(row):.1e}" for name, row in errors.items()), sep="\n")
d2l.plot(places, [*errors.values()], "x", "error", [*errors], ylim=(1e-19, 1e-2), yscale="log", figsize=(5.2, 3))

# %% [markdown] lang="en"
r"""
Differentiation by hand, symbolic and automatic differentiation are equally accurate: the mean errors are 7.7e-16, 7.7e-16 and 7.9e-16, the rounding of a few operations. The mean error of the numerical derivative is 3.4e-9, millions of times as large.
"""

# %% [markdown] lang="zh"
r"""
手工求导、符号微分和自动微分同样准确，平均误差分别是7.7e-16、7.7e-16和7.9e-16，只有几次运算的舍入误差。数值微分的平均误差是3.4e-9，是前者的几百万倍。
"""

# %% [markdown] lang="en"
r"""
| | exact? | cost of a gradient, $n$ inputs | effort |
|---|---|---|---|
| by hand | yes | depends on how you write it | all yours, again after each change |
| numerical | no | grows with $n$: section 7 | none |
| symbolic | yes | grows with the formula: section 6 | the function must be a formula |
| automatic | yes | section 7 | none |

"Exact" means: no error but the rounding of each operation. The third row needs a closer look.

## 6. Expression swell

Nest a simple function in itself, $l_0 = x$, $l_{k+1} = 4\, l_k (1 - l_k)$, and see how three counts grow: the operations in the formula, in the formula of its derivative, and in PyTorch's **computational graph**.
"""

# %% [markdown] lang="zh"
r"""
| | 准确吗？ | $n$个输入时，求一次梯度的代价 | 需要的工作 |
|---|---|---|---|
| 手工求导 | 准确 | 取决于推导出的公式 | 全部自己推导，函数一改就要重来 |
| 数值微分 | 不准确 | 随$n$增长，见第7节 | 无 |
| 符号微分 | 准确 | 随公式变长，见第6节 | 函数必须是一个公式 |
| 自动微分 | 准确 | 见第7节 | 无 |

这里的“准确”是指除了每步运算的舍入，没有别的误差。第三行值得细看。

## 6. 表达式膨胀

把一个简单的函数反复代入自身，$l_0 = x$，$l_{k+1} = 4\, l_k (1 - l_k)$，看三个数怎样增长，即公式里的运算个数、导数公式里的运算个数，以及PyTorch的**计算图**（computational graph）里的运算个数。
"""


# %%
def nested(x, depth):
    for _ in range(depth):
        x = 4 * x * (1 - x)
    return x


depths = range(1, 9)
formulas = [nested(s, depth) for depth in depths]
grown = [sympy.count_ops(formula) for formula in formulas]
derived = [sympy.count_ops(sympy.diff(formula, s)) for formula in formulas]
graphs = [record(lambda x, depth=depth: nested(x, depth), x=0.3) for depth in depths]
nodes = [sum(node.kind == "op" for node in graph.nodes) for graph in graphs]
print(grown, derived, nodes, sep="\n")

# %%
legend = ["formula", "its derivative", "PyTorch's graph"]
d2l.plot(depths, [grown, derived, nodes], "nesting depth", "count", legend, yscale="log", figsize=(5.5, 3))

# %% [markdown] lang="en"
r"""
The formula doubles with each level, since $l_k$ is written twice; its derivative grows faster still, to 13824 operations. The graph gains only 3 operations per level: each intermediate **value** is computed once and used twice. Autograd does not need a formula at all, and gets the same number:
"""

# %% [markdown] lang="zh"
r"""
每多一层，公式的长度就加倍，因为$l_k$写了两次。导数公式增长得更快，达到13824个运算。计算图每层只增加3个运算，因为每个中间结果的**值**只算一次，使用两次。自动微分不需要公式，得到的结果却相同。
"""

# %%
x = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)
nested(x, 8).backward()
x.grad.item(), float(sympy.diff(formulas[-1], s).subs(s, 0.3))

# %% [markdown] lang="en"
r"""
## 7. What a gradient costs
"""

# %% [markdown] lang="zh"
r"""
## 7. 求一次梯度的代价
"""

# %%
predict("01.p4")


# %%
def evaluations(n):
    calls = []

    def f(theta):
        calls.append(1)
        return (theta**2).sum()

    numerical_grad(f, torch.ones(n), eps=1e-5)
    return len(calls)


{n: evaluations(n) for n in (10, 100, 1000)}

# %% [markdown] lang="en"
r"""
Each parameter needs two evaluations, and `numerical_grad` makes one more at the point itself: $2n + 1$ in all. Reverse mode runs the function **once** forward and **once** backward, for any $n$. Below, both are timed on your machine; the slow method is not run to its end, its time is $2n$ times that of one evaluation. The dashed line compares the counts, $2n$ evaluations against 2 passes, so the ratio is $n$.
"""

# %% [markdown] lang="zh"
r"""
每个参数要算两次函数，`numerical_grad`在该点本身还要多算一次，所以一共是$2n + 1$次。自动微分采用**反向模式**（reverse mode），不论$n$有多大，都只做**一次**前向传播（forward pass）和**一次**反向传播。下面在你的机器上给两者计时，慢的一种不必运行完，用$2n$乘以计算一次函数的时间即可。虚线按计算的次数来比较，数值微分要算$2n$次函数，自动微分只要前向、反向各一次，共2次，所以比值是$n$。
"""


# %%
def seconds(act, times=40):
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return min(taken)  # the run that was disturbed least | 受干扰最小的一次


def ratio(n):
    theta = torch.ones(n, requires_grad=True)
    forward = seconds(lambda: (theta.detach() ** 2).sum())
    return 2 * n * forward / seconds(lambda: torch.autograd.grad((theta**2).sum(), theta))


# %% tags=["measured", "nbval-ignore-output"]
sizes = [10, 100, 1000, 10000, 100000]
curves = [[ratio(n) for n in sizes], sizes]
names = ["measured time", "counted passes"]
d2l.plot(sizes, curves, "n", "numerical / automatic", names, xscale="log", yscale="log", figsize=(5, 3))

# %% [markdown] lang="en"
r"""
The counted ratio is $n$; the measured one rises with it, but is lower, since a backward pass costs more than an evaluation. For a model with a million parameters a single step of gradient descent would take two million evaluations. This is why autograd exists; central differences are still used to **check** it.

## 8. Pitfall: each method has its own functions

`math.sin`, `torch.sin` and `sympy.sin` are three different functions. Give them an argument of the wrong type:
"""

# %% [markdown] lang="zh"
r"""
按次数计算，比值是$n$。实测的比值随之上升，但要低一些，因为一次反向传播的代价高于一次函数求值。如果模型有一百万个参数，每更新一步就要做两百万次函数求值。自动微分正是为此而出现的，中心差分则仍可用来**检查**自动微分。

## 8. 每种方法有各自的函数

`math.sin`、`torch.sin`和`sympy.sin`是三个不同的函数。如果参数的类型不合适，会怎样？
"""

# %%
for act in (lambda: torch.sin(1.0), lambda: math.sin(s)):
    try:
        act()
    except TypeError as error:
        print(error)

# %% [markdown] lang="en"
r"""
*argument 'input' must be Tensor, not float*: `torch.sin` works on tensors, so wrap the number. *Cannot convert expression to float*: `math.sin` needs a number, and a symbol has no value. The correct calls:
"""

# %% [markdown] lang="zh"
r"""
第一条报错是*argument 'input' must be Tensor, not float*（参数input应当是张量，而不是浮点数），因为`torch.sin`作用于张量，应当先把数转换成张量。第二条是*Cannot convert expression to float*（无法把表达式转换为浮点数），因为`math.sin`需要一个数，而符号没有数值。正确的写法如下。
"""

# %%
torch.sin(torch.tensor(1.0)), sympy.sin(s)

# %% [markdown] lang="en"
r"""
## 9. Exercises

Replace every `...` and run the check below it. Stuck? Press the button below the check, or run `hint("01.1")`.
"""

# %% [markdown] lang="zh"
r"""
## 9. 练习

把每个`...`换成你的答案，再运行下面的检查。没有思路时，可以单击检查结果下方的提示按钮，或运行`hint("01.1")`。
"""

# %% [markdown] lang="en"
r"""
### Exercise 01.1 · The central difference ★☆☆ (5 min)

`central(x, h)` receives two Python numbers and returns the central difference of $f(x) = x^3$ with the step `h`. The steps that the check gives are large, so that it sees which quotient you formed.
"""

# %% [markdown] lang="zh"
r"""
### 练习01.1 · 中心差分 ★☆☆（5分钟）

`central(x, h)`接收两个Python数，返回$f(x) = x^3$以`h`为步长的中心差分。检查时用较大的步长，这样才能看出你写的是哪一种差商。
"""


# %%
def central(x, h):
    return ...


# %%
check("01.1", central)


# %% tags=["solution"]
def solved_01_1(x, h):
    return ((x + h) ** 3 - (x - h) ** 3) / (2 * h)


solved_01_1(1.0, 0.25)

# %% [markdown] lang="en" tags=["solution"]
r"""
The derivative of $x^3$ at 1 is 3, and $h^2 = 0.0625$ is the truncation error. The brackets in the denominator matter.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
$x^3$在1处的导数是3，$h^2 = 0.0625$就是截断误差。分母的括号不能少。
"""

# %% [markdown] lang="en"
r"""
### Exercise 01.2 · Pick the step ★★☆ (6 min)

You want the derivative near $x = 1$ of a function whose values are about as large as 1. Pick the step: `a` central difference in float64, `b` central in float32, `c` one-sided in float64, `d` one-sided in float32. Each is one of `"0.5"`, `"5e-3"`, `"3e-4"`, `"6e-6"`, `"1e-8"`, `"1e-16"`.
"""

# %% [markdown] lang="zh"
r"""
### 练习01.2 · 挑选步长 ★★☆（6分钟）

要在$x = 1$附近对一个大小适中的函数求导。请为下列差商选择步长：`a`（float64的中心差分）、`b`（float32的中心差分）、`c`（float64的单侧差分）和`d`（float32的单侧差分）。可选的有`"0.5"`、`"5e-3"`、`"3e-4"`、`"6e-6"`、`"1e-8"`、`"1e-16"`。
"""

# %%
steps = {"a": ..., "b": ..., "c": ..., "d": ...}

# %%
check("01.2", steps)

# %% tags=["solution"]
{"a": "6e-6", "b": "5e-3", "c": "1e-8", "d": "3e-4"}

# %% [markdown] lang="en" tags=["solution"]
r"""
The cube root of $\varepsilon$ for the central difference, the square root for the one-sided one.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
中心差分取$\varepsilon$的立方根，单侧差分取平方根。
"""

# %% [markdown] lang="en"
r"""
### Exercise 01.3 · Count the evaluations ★★☆ (5 min)

A small network: `Linear(20, 30)`, a ReLU, `Linear(30, 1)`, both layers with a bias. For one gradient of its loss with respect to all parameters: how many evaluations of the loss do central differences need, how many do one-sided ones, and how many backward passes does reverse mode need?
"""

# %% [markdown] lang="zh"
r"""
### 练习01.3 · 数一数计算次数 ★★☆（5分钟）

某个小网络由`Linear(20, 30)`、ReLU和`Linear(30, 1)`组成，两层都有偏置。要求一次损失对全部参数的梯度，中心差分需要计算多少次损失？单侧差分需要多少次？反向模式需要多少次反向传播？
"""

# %%
central_count, one_sided_count, backward_count = ..., ..., ...

# %%
check("01.3", (central_count, one_sided_count, backward_count))

# %% tags=["solution"]
net = torch.nn.Sequential(torch.nn.Linear(20, 30), torch.nn.ReLU(), torch.nn.Linear(30, 1))
n = sum(parameter.numel() for parameter in net.parameters())
2 * n, n + 1, 1

# %% [markdown] lang="en" tags=["solution"]
r"""
With one-sided differences all parameters share $f(\theta)$, hence $n + 1$.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
用单侧差分时，所有参数共用一个$f(\theta)$，所以是$n + 1$次。
"""

# %% [markdown] lang="en"
r"""
### Exercise 01.4 · Five descents ★★☆ (6 min)

Five descents on $f(x) = x^2$ from $x = 1$. Match each with what happens: `"slow"`, the learning rate is too small; `"oscillates"`, it is a little too large, so that $x$ jumps across 0 but still comes nearer; `"diverges"`, it is far too large; `"uphill"`, the step has the wrong sign; `"no slope"`, the derivative is lost in rounding.
"""

# %% [markdown] lang="zh"
r"""
### 练习01.4 · 五次梯度下降 ★★☆（6分钟）

下面是对$f(x) = x^2$从$x = 1$出发的五次梯度下降，请找出各自的情形。`"slow"`表示学习率太小，`"oscillates"`表示学习率略大，$x$在0两侧来回跳，但仍在靠近0，`"diverges"`表示学习率太大，`"uphill"`表示更新的符号错了，`"no slope"`表示导数在舍入中丢失了。
"""


# %%
def walk(move, x=1.0, steps=5):
    path = [x]
    for _ in range(steps):
        x = move(x)
        path.append(round(x, 4))
    return path


a = walk(lambda x: x - 0.9 * 2 * x)
b = walk(lambda x: x + 0.1 * 2 * x)
c = walk(lambda x: x - 0.1 * ((x + 1e-17) ** 2 - x**2) / 1e-17)
d = walk(lambda x: x - 0.005 * 2 * x)
e = walk(lambda x: x - 1.1 * 2 * x)
for name, path in zip("abcde", (a, b, c, d, e), strict=True):
    print(f"{name}:", path)

# %%
causes = {"a": ..., "b": ..., "c": ..., "d": ..., "e": ...}

# %%
check("01.4", causes)

# %% tags=["solution"]
{"a": "oscillates", "b": "uphill", "c": "no slope", "d": "slow", "e": "diverges"}

# %% [markdown] lang="en" tags=["solution"]
r"""
`b` and `e` both grow. On $x^2$ a step with the right sign can only make $x$ grow if it also changes its sign. Where the sign stays, the step goes uphill.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
`b`和`e`都在增大。如果更新的符号正确，在$x^2$上只有变号才能使$x$的绝对值增大，不变号就说明在往上坡走。
"""

# %% [markdown] lang="en"
r"""
### Exercise 01.5 · One step downhill ★☆☆ (5 min)

`one_step(x, lr)` receives two Python numbers and returns where one step of gradient descent on $u = 3x^2 - 4x$ leads from $x$. Find the derivative in whichever way you like.
"""

# %% [markdown] lang="zh"
r"""
### 练习01.5 · 一步梯度下降 ★☆☆（5分钟）

`one_step(x, lr)`接收两个Python数，返回对$u = 3x^2 - 4x$从$x$出发做一步梯度下降后到达的位置。导数用哪种方法求都可以。
"""


# %%
def one_step(x, lr):
    return ...


# %%
check("01.5", one_step)


# %% tags=["solution"]
def solved_01_5(x, lr):
    return x - lr * (6 * x - 4)


solved_01_5(1.0, 0.1)

# %% [markdown] lang="en" tags=["solution"]
r"""
At 1 the slope is 2, so the step goes left, downhill. The minimum lies at $\frac23$.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
曲线在1处的斜率是2，所以这一步向左，往下坡走。最低点在$\frac23$处。
"""

# %% [markdown] lang="en"
r"""
## Recap

| | |
|---|---|
| gradient descent | a step against the gradient, $\theta \leftarrow \theta - \eta\, \nabla L(\theta)$ |
| learning rate | slow, good, oscillating or diverging |
| central difference | truncation falls with $h^2$, round-off grows with $1/h$: best near $\sqrt[3]{\varepsilon}$ |
| one-sided difference | truncation falls with $h$ only: best near $\sqrt{\varepsilon}$ |
| symbolic | exact; needs a formula, and the formula can swell |
| automatic | exact; needs only the program |
| cost of a gradient | $2n$ evaluations by central differences, one backward pass in reverse mode |

Next: [lesson 02, the graph that makes this possible](02_computation_graph.ipynb). Read on: [torch.autograd](https://docs.pytorch.org/docs/stable/autograd.html) and [gradcheck](https://docs.pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradcheck.html) in PyTorch's documentation; [Calculus](https://d2l.ai/chapter_preliminaries/calculus.html) and [Automatic Differentiation](https://d2l.ai/chapter_preliminaries/autograd.html) in *Dive into Deep Learning* (Chinese edition: [here](https://zh.d2l.ai/chapter_preliminaries/calculus.html) and [here](https://zh.d2l.ai/chapter_preliminaries/autograd.html)).
"""

# %% [markdown] lang="zh"
r"""
## 小结

| | |
|---|---|
| 梯度下降 | 沿梯度的反方向移动一步，$\theta \leftarrow \theta - \eta\, \nabla L(\theta)$ |
| 学习率 | 太慢、合适、振荡或发散 |
| 中心差分 | 截断误差按$h^2$下降，舍入误差按$1/h$上升，步长取$\sqrt[3]{\varepsilon}$左右最好 |
| 单侧差分 | 截断误差只按$h$下降，步长取$\sqrt{\varepsilon}$左右最好 |
| 符号微分 | 准确，但需要公式，而且公式可能膨胀 |
| 自动微分 | 准确，只需要程序本身 |
| 一次梯度的代价 | 中心差分要$2n$次函数求值，反向模式只要一次反向传播 |

下一课是[第02课，计算图与backward](02_computation_graph.ipynb)。延伸阅读有PyTorch文档中的[torch.autograd](https://docs.pytorch.org/docs/stable/autograd.html)和[gradcheck](https://docs.pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradcheck.html)（英文），以及《动手学深度学习》的[微积分](https://zh.d2l.ai/chapter_preliminaries/calculus.html)和[自动微分](https://zh.d2l.ai/chapter_preliminaries/autograd.html)（英文版有[微积分](https://d2l.ai/chapter_preliminaries/calculus.html)、[自动微分](https://d2l.ai/chapter_preliminaries/autograd.html)）。
"""

# %% tags=["nbval-ignore-output"]
progress.show()
