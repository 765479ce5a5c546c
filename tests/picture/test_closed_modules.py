"""A picture with closed modules is the same whether the values inside them were recorded or not."""

import pytest
import torch
from torch import nn

from helpers import draw
from seeing_gradients.recorder import record


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.first, self.second = nn.BatchNorm1d(6), nn.Linear(6, 6), nn.Linear(6, 6)
        self.scale = nn.Parameter(torch.tensor(0.5))

    def forward(self, x):
        return x + self.scale * self.second(torch.relu(self.first(self.norm(x))))


class Tied(nn.Module):
    """Its embedding's weight is used by two modules, so it is seen although both are closed."""

    def __init__(self):
        super().__init__()
        self.wte, self.body, self.head = nn.Embedding(7, 6), Residual(), nn.Linear(6, 7, bias=False)
        self.head.weight = self.wte.weight

    def forward(self, tokens):
        return self.head(self.body(self.wte(tokens)))


class Inside(nn.Module):
    """A module that calls another one of f in the middle: closed, it would be part of a cycle."""

    def __init__(self, other):
        super().__init__()
        self.other, self.a, self.b = [other], nn.Linear(6, 6), nn.Linear(6, 6)

    def forward(self, x, between):
        return self.b(between(self.a(x)))


class Recurrent(nn.Module):
    """One after another, which fold into one node if they are equal."""

    def __init__(self, *layers):
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)[0]
        return x


class Doubled(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return 2 * x

    @staticmethod
    def backward(ctx, grad):
        return 2 * grad


block, conv = Residual(), nn.Conv1d(1, 2, 3)
long_rnn = nn.GRU(6, 4, num_layers=2, bidirectional=True)  # for nine steps it makes hundreds of backward nodes
rnn, lazy_loop = nn.GRU(6, 4), [nn.Linear(6, 6), nn.Tanh(), nn.Linear(6, 6)]
attention = nn.TransformerEncoderLayer(6, 2, 12, batch_first=True)
x = torch.randn(5, 6)


def rectified_in_place(x):
    y = block.first(x)
    return torch.relu_(y) + block.second(y)


def through_function(x):
    return block(Doubled.apply(block(x)))


def cyclic(x):
    """The values of `block` leave it and enter it again through a hook."""
    held = []
    handle = block.first.register_forward_hook(lambda module, args, out: held.append(out.sin()))
    try:
        return block(x) + held[0]
    finally:
        handle.remove()


def in_half_precision(x):
    """The second call takes the weights that autocast has converted for the first one."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return (block.first(x) - block.second(block.first(2 * x))).float().sum()


def of_each_sample(x):
    """A gradient inside torch.func, whose operations lie in a module."""
    parameters = {name: parameter.detach() * x.mean() for name, parameter in block.first.named_parameters()}
    loss = lambda parameters, row: torch.func.functional_call(block.first, parameters, (row,)).square().sum()
    grads = torch.func.vmap(torch.func.grad(loss), in_dims=(None, 0))(parameters, x)
    return sum(grad.square().sum() for grad in grads.values())


def gradient_penalty(x):
    """A gradient inside f, whose operations use values from inside the module."""
    x = x.detach().requires_grad_()
    (grad,) = torch.autograd.grad(lazy_loop[0](x.sin()).sin().sum(), x, create_graph=True)
    return (grad.norm(dim=1) - 1).square().mean()


PROGRAMS = {
    "a model": (Residual(), x),
    "an input that requires grad": (nn.Sequential(Residual(), nn.Linear(6, 1)), torch.randn(5, 6, requires_grad=True)),
    "an input inside a dict": (lambda batch: block(batch["x"]).sum(), {"x": torch.randn(5, 6, requires_grad=True)}),
    "a sequence": (nn.Sequential(nn.Linear(6, 6), nn.Tanh(), nn.BatchNorm1d(6), nn.Linear(6, 2)), x),
    "tied weights": (Tied(), torch.tensor([[1, 2, 3]]).flatten()),
    "a run of blocks": (nn.Sequential(*[Residual() for _ in range(4)]), x),
    "a siamese module": (lambda a, b: (conv(a) - conv(b)).sum(), torch.randn(1, 1, 6), torch.randn(1, 1, 6)),
    "a module twice": (lambda x: block(block(x)).mean(), x),
    "a module in a function": (lambda x: (block(x * 2) ** 2).mean(), x),
    "a parameter used outside": (lambda x: block(x).sum() + block.first.weight.sum() + block.scale, x),
    "a loop over layers": (lambda x: [x := layer(x) for layer in lazy_loop][-1].sum(), x),
    "a recurrent module": (lambda x: rnn(x)[0].sum() + rnn(x)[1].mean(), x),
    "a long recurrent module": (lambda x: long_rnn(x)[0].sum() + long_rnn(x)[1].mean(), torch.randn(9, 2, 6)),
    "a state": (lambda x, h: long_rnn(x, h)[0], torch.randn(9, 2, 6), torch.zeros(4, 2, 4, requires_grad=True)),
    "one in evaluation mode": (
        nn.Sequential(Recurrent(nn.GRU(6, 4)).eval()),
        torch.randn(20, 2, 6, requires_grad=True),
    ),
    "equal recurrent modules": (Recurrent(*[nn.GRU(6, 6) for _ in range(3)]), torch.randn(9, 2, 6)),
    "others": (Recurrent(nn.GRU(6, 6), nn.GRU(6, 6, bias=False), nn.RNN(6, 6)), torch.randn(9, 2, 6)),
    "attention": (attention, torch.randn(2, 3, 6)),
    "a write to what a module returned": (rectified_in_place, x),
    "a custom Function in between": (through_function, x),
    "a detached branch": (lambda x: block(x).detach().sum() * block.scale + block(x).argmax() * block.scale, x),
    "a module that is left and entered": (cyclic, x),
    "no gradient": (lambda x: block(x).detach().sum(), x),
    "a module that f makes": (lambda x: nn.LSTM(6, 3)(x)[1][0].sum(), x),
    "half precision": (in_half_precision, x),
    "a gradient penalty": (gradient_penalty, x),
    "gradients of each sample": (of_each_sample, torch.randn(5, 6, requires_grad=True)),
    "several outputs": (lambda x: rnn(x)[1].sum() + rnn(x)[0].mean(), x),
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_the_picture_is_the_same(program):
    f, *args = program
    pictures = []
    for options in ({}, {"inner": True}):
        torch.manual_seed(3)
        buffers = [buffer.clone() for buffer in block.buffers()]
        pictures.append(draw(f, *args, **options))
        after = [buffer.clone() for buffer in block.buffers()]
        for buffer, before in zip(block.buffers(), buffers, strict=True):
            buffer.data.copy_(before)
        pictures.append(after)
    (quick, after_quick, whole, after_whole) = pictures
    assert quick.svg == whole.svg and quick.text == whole.text
    assert all(map(torch.equal, after_quick, after_whole))  # the running statistics were updated once


def test_what_stays_inside_a_module_is_left_out_and_gradients_are_whole():
    model = nn.Sequential(Residual(), nn.Linear(6, 2))
    v = torch.ones(5, 2)
    model.eval()
    outer, whole = record(model, x, gradient=v, inner=False), record(model, x, gradient=v)
    assert outer.parameters.keys() == whole.parameters.keys()
    assert all(torch.equal(outer.parameters[name], whole.parameters[name]) for name in whole.parameters)
    relu = next(node for node in outer.nodes if node.op == "relu")
    assert relu.values == relu.grads == (None,)
    assert [node.saved for node in outer.nodes] == [node.saved for node in whole.nodes]


def test_most_nodes_of_a_long_operation_are_counted_only():
    def f(x):
        return long_rnn(x)[0].sum()

    steps = torch.randn(9, 2, 6)
    counted, whole = record(f, steps, inner="counted"), record(f, steps)
    operations = [node for node in counted.nodes if node.kind == "op"]
    assert len(operations) < 80
    assert sum(node.inside.operations if node.inside else 1 for node in operations) == sum(
        node.kind == "op" for node in whole.nodes
    )
    assert counted.parameters.keys() == whole.parameters.keys()
    assert all(torch.equal(counted.parameters[name], whole.parameters[name]) for name in whole.parameters)
    assert draw(f, steps, saved=True).svg == draw(f, steps, saved=True, inner=True).svg


def test_a_failing_model_shows_the_values_around_the_failure():
    model = nn.Sequential(Residual(), nn.Sequential(nn.Linear(6, 3), nn.Linear(4, 2)))
    torch.manual_seed(0)
    model.eval()
    assert draw(model, x).svg == draw(model, x, inner=True).svg


def test_an_untracked_write_to_a_parameter_is_drawn_as_with_inner_values():
    def f(x):
        with torch.no_grad():
            block.first.weight.mul_(1.0)
        return block(x).sum()

    block.eval()
    try:
        assert draw(f, x).svg == draw(f, x, inner=True).svg
    finally:
        block.train()
