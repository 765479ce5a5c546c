"""Training programs for the tests of watch: models, data and bare loops, all from the same seed."""

import math
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def moons(count=120, seed=0):
    """Two interleaved half circles: inputs (count, 2), classes (count,)."""
    generator = torch.Generator().manual_seed(seed)
    angle = torch.rand(count // 2, generator=generator) * math.pi
    upper = torch.stack([angle.cos(), angle.sin()], dim=1)
    lower = torch.stack([1 - angle.cos(), 0.5 - angle.sin()], dim=1)
    inputs = torch.cat([upper, lower]) + 0.1 * torch.randn(count, 2, generator=generator)
    return inputs, torch.cat([torch.zeros(count // 2), torch.ones(count // 2)]).long()


def mlp(depth=2, activation="relu", width=16):
    """A classifier of two inputs with so many hidden layers."""
    functions = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}
    hidden = [nn.Linear(2, width), functions[activation]()]
    for _ in range(depth - 1):
        hidden += [nn.Linear(width, width), functions[activation]()]
    return nn.Sequential(*hidden, nn.Linear(width, 2))


class CharacterModel(nn.Module):
    """Embedding, GRU and a linear layer over characters."""

    def __init__(self, size=12, width=16, sparse=False):
        super().__init__()
        self.embedding = nn.Embedding(size, 8, sparse=sparse)
        self.rnn = nn.GRU(8, width, batch_first=True)
        self.head = nn.Linear(width, size)

    def forward(self, x):
        return self.head(self.rnn(self.embedding(x))[0])


def next_character_loss(output, target):
    return nn.functional.cross_entropy(output.flatten(0, 1), target.flatten())


def characters(count=6, length=7, size=12):
    """Batches of the characters and the ones after them, as integers (count, length)."""
    text = torch.randint(0, size, (count, length + 1), generator=torch.Generator().manual_seed(1))
    return text[:, :-1], text[:, 1:]


def image_model():
    """Convolution, BatchNorm, dropout: buffers and random numbers."""
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.3), nn.Flatten(), nn.Linear(64, 3)
    )


def images():
    generator = torch.Generator().manual_seed(2)
    return torch.randn(10, 1, 4, 4, generator=generator), torch.randint(0, 3, (10,), generator=generator)


def loader():
    """Shuffled batches of the moons: it draws random numbers, and its last batch is smaller."""
    return DataLoader(TensorDataset(*moons()), batch_size=32, shuffle=True)


def seed():
    torch.manual_seed(7)
    random.seed(7)


def forever(data):
    """Every batch of the data, again and again."""
    while True:
        yield from (data if isinstance(data, DataLoader | list) else [data])


def bare_loop(model, loss, data, optimizer, steps):
    """The loop that watch stands for; returns the losses."""
    losses = []
    for _, (x, y) in zip(range(steps), forever(data), strict=False):
        optimizer.zero_grad()
        value = loss(model(x), y)
        value.backward()
        if isinstance(optimizer, torch.optim.LBFGS):

            def closure(x=x, y=y):
                optimizer.zero_grad()
                again = loss(model(x), y)
                again.backward()
                return again

            optimizer.step(closure)
        else:
            optimizer.step()
        losses.append(value.item())
    return losses


def state_of(model, optimizer):
    """Everything that a training changes, as a flat list that can be compared."""
    flat = [*model.state_dict().values(), *(parameter.grad for parameter in model.parameters())]
    flat += [value for state in optimizer.state.values() for value in state.values() if isinstance(value, torch.Tensor)]
    return [*flat, torch.get_rng_state(), torch.tensor(hash(random.getstate()) % 2**31)]


def hooks_of(model):
    """The number of hooks on the modules of a model."""
    return sum(
        len(getattr(module, name))
        for module in model.modules()
        for name in ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    )
