"""The two widgets of the front page: an explorer of one neuron's error, and the film of a network that learns."""

from typing import Any

import torch
from torch import nn

from seeing_gradients import explore, watch


# Of one neuron, for the input 2, whose target is 7: so small that a telephone shows its whole graph, with two sliders, whose
# whole grid is recorded.
def squared_error(w, b):
    y_pred = 2 * w + b
    loss = (y_pred - 7) ** 2
    return loss


def two_moons(samples: int = 60) -> tuple[torch.Tensor, torch.Tensor]:
    """Return points (2 samples, 2) on two half circles that reach into each other, and their classes (2 samples,)."""
    angles = torch.linspace(0, torch.pi, samples)
    upper = torch.stack([angles.cos(), angles.sin()], dim=1)
    lower = torch.stack([1 - angles.cos(), 0.5 - angles.sin()], dim=1)
    points = torch.cat([upper, lower]) + 0.1 * torch.randn(2 * samples, 2)
    return points, torch.arange(2).repeat_interleave(samples)


def widgets() -> dict[str, Any]:
    """Return the widgets of the front page by their names: "explorer" and "film"."""
    torch.manual_seed(0)
    explorer = explore(squared_error, w=(-5.0, 5.0, 0.5), b=(-5.0, 5.0, 0.5)).set(w=4.0, b=2.0)
    model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    film = watch(model, nn.CrossEntropyLoss(), two_moons(), optimizer, steps=200)
    return {"explorer": explorer, "film": film}
