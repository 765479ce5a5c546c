import plotly.graph_objects as go
import torch
from ipywidgets import FloatSlider, VBox


def loss(w, b, x, y_true):
    y_pred = w * x + b
    error = y_pred - y_true
    return error**2


grid = torch.linspace(-5, 5, 101)
figure = go.FigureWidget(layout={"width": 350, "height": 250, "title": {"font": {"size": 9}}})
figure.add_scatter(x=grid.tolist(), y=loss(grid, 2.0, 2.0, 7.0).tolist(), mode="lines")
figure.add_scatter(x=[0.0], y=[25.0], mode="markers")


def show(w):
    leaves = [torch.tensor(value, requires_grad=True) for value in (w, 2.0, 2.0, 7.0)]
    out = loss(*leaves)
    out.backward()
    with figure.batch_update():
        figure.data[1].x, figure.data[1].y = [w], [out.item()]
        gradients = ", ".join(f"{leaf.grad.item():.4g}" for leaf in leaves)
        figure.layout.title.text = f"loss {out.item():.4g}, gradients {gradients}"


slider = FloatSlider(value=0.0, min=-5.0, max=5.0, step=0.05)
slider.observe(lambda change: show(change["new"]), "value")
show(0.0)
VBox([slider, figure])
