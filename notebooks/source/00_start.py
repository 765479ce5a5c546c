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
# 00 · Start: a ten-minute tour

**What is this page, and does it work on my computer?** It mixes text with code, and a running Python executes the code. You can change anything here and run it again: nothing can break.

After this tour you can

- run a cell, and move a slider that runs real PyTorch;
- ask for a check, a hint and a solution;
- find what is missing on your computer, and what you have solved.

*About 10 minutes. All you need is the derivative of $x^2$.*
"""

# %% [markdown] lang="zh"
r"""
# 00 · 开始：十分钟导览

**这是一个什么样的页面，在自己的电脑上能正常运行吗**？页面由文字和代码组成，由正在运行的Python执行其中的代码。这里的一切都可以修改，可以重新运行，改错了也不要紧。

学完本课，你将能够

- 运行单元格，并拖动滑块，让真正的PyTorch随之运行；
- 使用检查、提示和参考答案；
- 查出电脑上还缺什么，以及自己完成了哪些练习。

约10分钟。预备知识只有$x^2$的导数。
"""

# %% [markdown] lang="en"
r"""
## 1. Run a cell

The grey boxes below are **cells**. Click into one and press `Shift+Enter`: the cell runs, and the next one is selected. The first cell matters only on Colab and Kaggle, where it installs the course; the second chooses the language of all messages. Every lesson begins with these two, and they have to run first.
"""

# %% [markdown] lang="zh"
r"""
## 1. 运行单元格

下面的灰框叫作**单元格**（cell）。单击单元格，再按`Shift+Enter`，单元格就会运行，并选中下一个单元格。第一个单元格只在Colab和Kaggle上起作用，用来安装课程。第二个单元格用来选择提示信息的语言。每一课的开头都有这两个单元格，要最先运行。
"""

# %%
from helpers import language
from helpers.selftest import selftest

language.use("en")

# %% [markdown] lang="en"
r"""
If you see `No module named 'helpers'`, the notebook is not running on the Python of the course. In the menu choose *Kernel*, *Change Kernel* and *Python 3 (ipykernel)*. If that does not help, close JupyterLab and start it from the folder of the course with `make lab`, on Windows with `py helpers lab`.
"""

# %% [markdown] lang="zh"
r"""
如果看到`No module named 'helpers'`（没有名为helpers的模块），说明现在运行的不是课程自带的Python。请在菜单中依次选择“内核”（Kernel）、“更改内核…”（Change Kernel）和Python 3 (ipykernel)。如果仍不行，请关闭JupyterLab，在课程文件夹里用`make lab`重新启动，在Windows上用`py helpers lab`。
"""

# %% [markdown] lang="en"
r"""
A cell shows the value of its **last line**. Run the next one, then change a number and run it again:
"""

# %% [markdown] lang="zh"
r"""
单元格会显示**最后一行**的值。运行下面的单元格，再改动其中一个数，重新运行一次。
"""

# %%
sides = [3, 4]
sum(side**2 for side in sides)

# %% [markdown] lang="en"
r"""
The result is 25, the square of the longest side of a right triangle. The number in brackets, such as `[2]`, counts the runs; `[*]` means "still running". To stop a cell, press ■ in the toolbar; to start again from the beginning, choose *Kernel*, *Restart Kernel*.
"""

# %% [markdown] lang="zh"
r"""
结果是25，也就是直角三角形斜边的平方。方括号里的数（例如`[2]`）表示这是第几次运行，`[*]`表示正在运行。要中断运行，可以单击工具栏上的■。要从头开始，可以在菜单中选择“内核”（Kernel）、“重启内核…”（Restart Kernel）。
"""

# %% [markdown] lang="en"
r"""
## 2. Is everything ready?

The next cell checks Python, the packages, one real backward pass, what the sliders need, your progress file, disk and memory. Every line should begin with ✓. A line with ✗ also says what to do about it.
"""

# %% [markdown] lang="zh"
r"""
## 2. 检查运行环境

下面的单元格会检查Python、各个软件包、一次真正的反向传播（backward pass）、滑块所需的组件、进度文件、磁盘和内存。每一行都应以✓开头。如果出现✗，旁边会写明解决的办法。
"""

# %% tags=["nbval-ignore-output"]
selftest()

# %% [markdown] lang="en"
r"""
These are the versions that were found. Now the tools of the lessons can be loaded:
"""

# %% [markdown] lang="zh"
r"""
上面列出的是找到的各个版本。现在可以载入课程的工具了。
"""

# %%
import torch
from helpers import check, explore, hint, predict, progress

# %% [markdown] lang="en"
r"""
## 3. Predict, then run

Lessons often ask for a **prediction** before anything runs. An answer that corrects a wrong guess is remembered better than one that was only read, so commit yourself to one. Nobody else sees your guess, and you may skip it.
"""

# %% [markdown] lang="zh"
r"""
## 3. 先猜，再运行

课文常常在运行之前先请你**猜一猜**。猜错之后再看答案，比直接读答案记得更牢，所以不妨先定下一个答案。你的答案不会公开，也可以跳过不答。
"""

# %%
predict("00.p1")

# %%
x = torch.tensor(3.0, requires_grad=True)
y = x * x
y.backward()
x.grad

# %% [markdown] lang="en"
r"""
PyTorch keeps numbers in **tensors**; `x` is a tensor with a single number. The result is 6, because the derivative of $x^2$ is $2x$, and $2 \cdot 3 = 6$. We gave PyTorch no formula for the derivative: it recorded the multiplication and worked backward from `y`. How it does that is what this course makes visible.
"""

# %% [markdown] lang="zh"
r"""
PyTorch里的数存放在**张量**（tensor）中，`x`就是只有一个数的张量。结果是6，因为$x^2$的导数是$2x$，而$2 \cdot 3 = 6$。我们没有给PyTorch任何求导公式，PyTorch只是记录了乘法，再从`y`往回计算。本课程就是要用图来说明其中的原理。
"""

# %% [markdown] lang="en"
r"""
## 4. Move a slider

Drag the slider, or click it and use the arrow keys. Every move runs the function forward and backward in PyTorch. Blue numbers with `→` are values on their way forward; orange numbers with `←` are gradients on their way back. The buttons below the graph play both passes step by step.
"""

# %% [markdown] lang="zh"
r"""
## 4. 拖动滑块

拖动滑块，或者单击滑块后按方向键。每移动一次，PyTorch都会把函数前向、反向各运行一次。带`→`的蓝色数字是向前传的值，带`←`的橙色数字是往回传的梯度（gradient）。图下方的按钮可以逐步播放前向和反向的过程。
"""


# %%
def square(x):
    return x * x


explore(square, x=(-4.0, 4.0)).set(x=3.0)

# %% [markdown] lang="en"
r"""
The picture shows $x = 3$ again, with the value 9 and the gradient 6. Where does the gradient vanish, and where is it negative? If you see a picture but no slider, run the cell. If you see "Error displaying widget", save, and reload the page in your browser.
"""

# %% [markdown] lang="zh"
r"""
图中仍是$x = 3$，值为9，梯度为6。梯度在哪里变为零，又在哪里是负的？如果只看到图而没有滑块，请运行这个单元格。如果看到“Error displaying widget”（显示组件时出错），请先保存，再在浏览器里刷新页面。
"""

# %% [markdown] lang="en"
r"""
## 5. The order of running

Notebooks have a pitfall of their own. What counts is the order in which **you** run the cells, not their order on the page. A name is unknown until the cell that defines it has run:
"""

# %% [markdown] lang="zh"
r"""
## 5. 运行的先后顺序

使用笔记本时要注意，起作用的是**运行**单元格的先后，而不是单元格在页面上的先后。在定义某个名字的单元格运行之前，这个名字是未知的。
"""

# %%
try:
    print(radius)
except NameError as error:
    print(error)

# %%
radius = 2.0
radius

# %% [markdown] lang="en"
r"""
Read such a message from its last line: the name `radius` *is not defined*. Now run the first of the two cells again: it prints 2.0, although it comes first on the page. If a page has become a muddle, choose *Run*, *Restart Kernel and Run All Cells*.
"""

# %% [markdown] lang="zh"
r"""
这种报错要从最后一行读起，它说名字`radius`*is not defined*（尚未定义）。现在把上面的第一个单元格再运行一次，它虽然排在前面，却打印出了2.0。如果页面的状态混乱，可以在菜单中选择“运行”（Run）、“重启内核和运行所有单元格…”（Restart Kernel and Run All Cells）。
"""

# %% [markdown] lang="en"
r"""
## 6. Check, hint, solution

The exercises are at the end of each lesson. Replace the `...` with your answer, run the cell, then run the **check** below it. As long as nothing is filled in, a check says "not yet". Stuck? Press the button "Hint 1 of 3" below the check; after a wrong answer there is a button for the **solution**, too. `hint("00.1")` in a cell of its own gives the same hints.
"""

# %% [markdown] lang="zh"
r"""
## 6. 检查、提示与参考答案

每一课的末尾都有练习。把`...`换成你的答案，运行这个单元格，再运行它下面的**检查**（check）。还没有填写时，检查会显示“尚未作答”。没有思路时，可以单击检查结果下方的“提示1”按钮，答错之后还会出现“参考答案”（solution）按钮。在单独的单元格里运行`hint("00.1")`，也能得到同样的提示。
"""

# %% [markdown] lang="en"
r"""
### Exercise 00.1 · Your first answer ★☆☆ (1 min)

Replace the `...` with a number: the sum of the squares of 1, 2 and 3. Run both cells. Try a wrong answer too, to see what a check says.
"""

# %% [markdown] lang="zh"
r"""
### 练习00.1 · 第一个答案 ★☆☆（1分钟）

请把`...`换成1、2、3的平方和，然后运行下面两个单元格。也可以先故意答错，看看检查会给出什么提示。
"""

# %%
total = ...

# %%
check("00.1", total)

# %% tags=["solution"]
1**2 + 2**2 + 3**2

# %% [markdown] lang="en" tags=["solution"]
r"""
The squares are 1, 4 and 9, and their sum is 14. So the cell should read `total = 14`.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
三个数的平方是1、4、9，和是14，所以应写`total = 14`。
"""

# %% [markdown] lang="en"
r"""
### Exercise 00.2 · A slope for every number ★☆☆ (2 min)

The slope of the curve $y = x^2$ at a point $x$ is $2x$. Write `slope(x)`, which takes a tensor of any length and returns the slope at each of its elements. The check feeds it fresh random numbers.
"""

# %% [markdown] lang="zh"
r"""
### 练习00.2 · 曲线的斜率 ★☆☆（2分钟）

曲线$y = x^2$在点$x$处的斜率是$2x$。请写出函数`slope(x)`，它接受任意长度的张量，返回曲线在每个元素处的斜率。检查会用新的随机数来试。
"""


# %%
def slope(x):
    return ...


# %%
check("00.2", slope)


# %% tags=["solution"]
def solved_00_2(x):
    return 2 * x


solved_00_2(torch.tensor([-1.0, 0.0, 3.0]))

# %% [markdown] lang="en" tags=["solution"]
r"""
Arithmetic on tensors is elementwise, so no loop is needed.
"""

# %% [markdown] lang="zh" tags=["solution"]
r"""
张量的算术运算是按元素（elementwise）进行的，所以不需要循环。
"""

# %% [markdown] lang="en"
r"""
## 7. Your progress

The result of every check is stored in a small file on this computer, and nowhere else. It survives a restart and an update of the course. Run this cell at any time to see the whole table; click a lesson to see its exercises:
"""

# %% [markdown] lang="zh"
r"""
## 7. 你的进度

每次检查的结果都保存在这台电脑上的一个小文件里，不会上传，重启或更新课程之后也不会丢失。随时运行下面的单元格，就能看到完整的表格，单击某一课可以看到它的各道练习。
"""

# %%
progress.show()

# %% [markdown] lang="en"
r"""
`progress.path()` tells where the file is. To take it to another computer, run `progress.save_to("progress.json")` here and `progress.load_from("progress.json")` there. `progress.reset()` starts again from nothing.
"""

# %% [markdown] lang="zh"
r"""
`progress.path()`给出文件的位置。要把进度转移到另一台电脑上，可以在这台电脑上运行`progress.save_to("progress.json")`，在另一台电脑上运行`progress.load_from("progress.json")`。`progress.reset()`清除全部进度。
"""

# %% [markdown] lang="en"
r"""
## Recap

| | |
|---|---|
| `Shift+Enter` | runs a cell and goes on to the next |
| *Run*, *Restart Kernel and Run All Cells* | runs everything again, from top to bottom |
| `selftest()` | what is missing, and what to do |
| `predict`, `explore` | guess first, then move the sliders |
| `check`, `hint` | what is wrong, and the next step |
| **Solution** | folded under each exercise: click to open |
| `progress.show()` | what you have solved |

Next: [lesson 01, why automatic differentiation](01_why_autograd.ipynb). New to tensors? Read [PyTorch's introduction](https://docs.pytorch.org/tutorials/beginner/basics/tensorqs_tutorial.html) or the section [Data Manipulation](https://d2l.ai/chapter_preliminaries/ndarray.html) of *Dive into Deep Learning* (it has a [Chinese edition](https://zh.d2l.ai/chapter_preliminaries/ndarray.html), too).
"""

# %% [markdown] lang="zh"
r"""
## 小结

| | |
|---|---|
| `Shift+Enter` | 运行一个单元格，并移到下一个 |
| “运行”（Run）、“重启内核和运行所有单元格…”（Restart Kernel and Run All Cells） | 从头到尾重新运行 |
| `selftest()` | 检查还缺什么，应当怎样解决 |
| `predict`、`explore` | 先猜一猜，再拖动滑块 |
| `check`、`hint` | 指出错在哪里，提示下一步 |
| **参考答案** | 折叠在每道练习下面，单击展开 |
| `progress.show()` | 显示已经完成的练习 |

下一课是[第01课，为什么需要自动求导](01_why_autograd.ipynb)。如果还不熟悉张量，可以先读[PyTorch的入门教程](https://docs.pytorch.org/tutorials/beginner/basics/tensorqs_tutorial.html)（英文），或《动手学深度学习》的[数据操作](https://zh.d2l.ai/chapter_preliminaries/ndarray.html)一节（另有[英文版](https://d2l.ai/chapter_preliminaries/ndarray.html)）。
"""
