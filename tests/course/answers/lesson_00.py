"""Wrong answers to the exercises of lesson 00."""

import torch

WRITTEN = {}

OTHER = {
    "00.1": [13, 14.01, -14, 0, 1e9],
    "00.2": [
        lambda x: 3 * x,
        lambda x: -2 * x,
        lambda x: 2 * x + 0.01,
        lambda x: 2 * x.abs(),
        lambda x: x.sin(),
        lambda x: x**2 + 0.5,
        lambda x: 2 * x[:1].expand(len(x)),
        lambda x: 2 * x.flip(0),
        lambda x: torch.ones(len(x)),
        lambda x: 2 * x.round(),
        lambda x: [2 * x[0].item()] * len(x),
        lambda x: x**2 / x + x.sign() * 0.25,
        lambda x: x ^ 2,
        lambda x: 2 * x.item(),
        lambda x: 2 * x if x > 0 else x,
        lambda x: 2 * x.sum() / len(x),
    ],
}

RIGHT = {
    "00.1": [14.0, torch.tensor([14]), [14]],
    "00.2": [
        lambda x: x + x,
        lambda x: torch.einsum("i,->i", x, torch.tensor(2.0)),
        lambda x: torch.func.grad(lambda t: (t**2).sum())(x),
        lambda x: [2 * number for number in x],
        lambda x: (2 * x.double()).numpy(),
        lambda x: (x + 1) ** 2 - x**2 - 1,
        lambda x: torch.stack([x, x]).sum(0),
    ],
}
