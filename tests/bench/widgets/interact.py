import matplotlib.pyplot as plt
import torch
from IPython import get_ipython
from ipywidgets import FloatSlider, interact
from matplotlib_inline.backend_inline import set_matplotlib_formats

get_ipython().run_line_magic("matplotlib", "inline")
set_matplotlib_formats("svg")


def loss(w, b, x, y_true):
    y_pred = w * x + b
    error = y_pred - y_true
    return error**2


grid = torch.linspace(-5, 5, 101)


def show(w):
    leaves = [torch.tensor(value, requires_grad=True) for value in (w, 2.0, 2.0, 7.0)]
    out = loss(*leaves)
    out.backward()
    plt.figure(figsize=(3.5, 2.5))
    plt.plot(grid, loss(grid, 2.0, 2.0, 7.0))
    plt.plot([w], [out.item()], "o")
    plt.title(f"loss {out.item():.4g}, gradients {', '.join(f'{leaf.grad.item():.4g}' for leaf in leaves)}", fontsize=8)
    plt.show()


interact(show, w=FloatSlider(value=0.0, min=-5.0, max=5.0, step=0.05))
