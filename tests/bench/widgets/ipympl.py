import matplotlib.pyplot as plt
import torch
from IPython import get_ipython
from ipywidgets import FloatSlider, VBox

get_ipython().run_line_magic("matplotlib", "widget")


def loss(w, b, x, y_true):
    y_pred = w * x + b
    error = y_pred - y_true
    return error**2


grid = torch.linspace(-5, 5, 101)
with plt.ioff():
    figure = plt.figure(figsize=(3.5, 2.5))
axes = figure.gca()
axes.plot(grid, loss(grid, 2.0, 2.0, 7.0))
(point,) = axes.plot([0.0], [25.0], "o")
title = axes.set_title("", fontsize=8)


def show(w):
    leaves = [torch.tensor(value, requires_grad=True) for value in (w, 2.0, 2.0, 7.0)]
    out = loss(*leaves)
    out.backward()
    point.set_data([w], [out.item()])
    title.set_text(f"loss {out.item():.4g}, gradients {', '.join(f'{leaf.grad.item():.4g}' for leaf in leaves)}")
    figure.canvas.draw_idle()


slider = FloatSlider(value=0.0, min=-5.0, max=5.0, step=0.05)
slider.observe(lambda change: show(change["new"]), "value")
show(0.0)
VBox([slider, figure.canvas])
