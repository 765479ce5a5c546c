"""Programs as people bring them: looking at f must not change it, and every value and name must be found."""

import functools
import sys
import types

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence
from torch.utils.checkpoint import checkpoint, checkpoint_sequential, set_checkpoint_early_stop
from torch.utils.flop_counter import FlopCounterMode

from seeing_gradients import language
from seeing_gradients.picture.static import draw
from seeing_gradients.recorder import FreedGraphError, Ragged, record, snapshot
from seeing_gradients.widgets.explore import explore


def leaf(values):
    return torch.tensor(values, requires_grad=True)


def plain_grads(f, x, parameters=()):
    """The gradients of x and of some parameters without a recording, from the same random state."""
    x = x.clone().requires_grad_()
    state = torch.get_rng_state()
    grads = torch.autograd.grad(f(x), [x, *parameters], allow_unused=True)
    torch.set_rng_state(state)
    return grads


def unseen(taken):
    """The operations of a record whose value is missing."""
    return [node.op for node in taken.nodes if None in node.values]


net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 1))


def without_early_stop(a):
    with set_checkpoint_early_stop(False):
        return checkpoint(net, a, use_reentrant=False)


CHECKPOINTS = {
    "one part": lambda a: checkpoint(net, a, use_reentrant=False).sum(),
    "several parts": lambda a: checkpoint_sequential(net, 2, a, use_reentrant=False).sum(),
    "inside another": lambda a: checkpoint(
        lambda b: checkpoint(net, b, use_reentrant=False) * 2, a, use_reentrant=False
    ).sum(),
    "no early stop": lambda a: without_early_stop(a).sum(),
}


@pytest.mark.parametrize("f", CHECKPOINTS.values(), ids=CHECKPOINTS)
def test_a_checkpoint_runs_again_as_without_a_recording(f):
    x = torch.randn(3, 4)
    wanted = plain_grads(f, x, list(net.parameters()))
    taken = record(f, x.requires_grad_())
    assert torch.equal(taken.grads["a"], wanted[0])
    found = [taken.parameters[f"net.{name}"] for name, _ in net.named_parameters()]
    assert all(map(torch.equal, found, wanted[1:]))


REENTRANT = {
    "one part": lambda a: checkpoint(net, a, use_reentrant=True).sum(),
    "several parts": lambda a: checkpoint_sequential(net, 2, a, use_reentrant=True).sum(),
}


@pytest.mark.parametrize("f", REENTRANT.values(), ids=REENTRANT)
def test_a_reentrant_checkpoint_leaves_no_gradient_behind_and_shows_those_of_its_parameters(f):
    x = torch.randn(3, 4, requires_grad=True)
    state = torch.get_rng_state()
    f(x).backward()
    wanted = {f"net.{name}": parameter.grad for name, parameter in net.named_parameters()}
    before = torch.full((8, 4), 7.0)
    net.zero_grad()
    net[0].weight.grad = before
    torch.set_rng_state(state)
    taken = record(f, x.detach().requires_grad_())
    assert torch.equal(taken.grads["a"], x.grad)
    assert taken.parameters.keys() == wanted.keys()
    assert all(torch.equal(taken.parameters[name], wanted[name]) for name in wanted)
    assert net[0].weight.grad is before and before.eq(7).all()
    assert [parameter.grad for parameter in net.parameters()][1:] == [None] * 3
    net.zero_grad()


def test_hooks_and_modes_of_the_user_see_every_operation_once():
    model, x = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 1)), torch.randn(3, 4)

    def counted():
        packed = []
        with torch.autograd.graph.saved_tensors_hooks(lambda t: packed.append(t) or t, lambda t: t):
            loss = model(x).sum()
        return loss, packed

    once = len(counted()[1])
    sizes = []

    def f(scale):
        loss, packed = counted()
        sizes.append(len(packed))
        return loss * scale

    with FlopCounterMode(display=False) as plain:
        model(x)
    with FlopCounterMode(display=False) as around:
        record(f, 1.0)
    assert sizes == [once]
    assert around.get_total_flops() >= plain.get_total_flops()
    assert around.get_flop_counts()["Global"][torch.ops.aten.addmm] == plain.get_total_flops()


def scaled_row(w):
    with torch.no_grad():
        w[0] *= 2
    return (w * w).sum()


def unit_rows(w):
    with torch.no_grad():
        for row in w.view(-1, 1):
            row.div_(row.norm())
    return (w * w).sum()


def clamped_through_a_view(w):
    y = w * 2
    with torch.no_grad():
        y.view(-1).clamp_(max=3.0)
    return (y * y).sum()


def read_later(w):
    with torch.no_grad():
        first = w[:1]
        w.mul_(2)
        seen = float(first)
    return (w * seen).sum()


class AddsToSlice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.mark_dirty(a)
        a[1:2] += b
        return a

    @staticmethod
    def backward(ctx, grad):
        return grad, grad[1:2].sum()


WRITES = [scaled_row, unit_rows, clamped_through_a_view, read_later, lambda w: AddsToSlice.apply(w * 2, w.sum()).sum()]


@pytest.mark.parametrize("f", WRITES)
def test_a_write_to_a_view_that_autograd_gives_up_is_recorded(f):
    (wanted,) = plain_grads(lambda w: f(w.clone() if f is not scaled_row else w * 1), torch.tensor([1.0, 2.0, 3.0]))
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    if f is not scaled_row:
        assert torch.equal(record(lambda w: f(w.clone()), x).grads["w"], wanted)
    else:
        assert torch.equal(record(f, x).grads["w"], torch.tensor([4.0, 4.0, 6.0]))


@pytest.mark.parametrize("layout", [torch.strided, torch.jagged])
def test_a_nested_tensor_inside_f_has_its_components_as_value_and_gradient(layout):
    def f(x):
        nested = torch.nested.as_nested_tensor([x[:2], x], layout=layout)
        return torch.nested.to_padded_tensor(nested * 2, 0.0).sum()

    taken = record(f, [1.0, 2.0, 3.0])
    assert taken.grads["x"].tolist() == [4, 4, 2]
    (node,) = [node for node in taken.nodes if node.op == "mul"]
    assert [part.tolist() for part in node.value] == [[2, 4], [2, 4, 6]]
    assert [part.tolist() for part in node.grad] == [[1, 1], [1, 1, 1]]
    assert node.shape == (2, Ragged(3)) != (2, 3) and str(node.shape) == "(2, ≤3)"
    assert "[[2, 4], [2, 4, 6]]" in draw(taken).text
    many = snapshot(torch.nested.nested_tensor([torch.ones(2), torch.tensor([3.0, -1.0, 2.0])] * 40, layout=layout))
    assert (many.shape, many.low, many.high, many.components) == ((80, Ragged(3)), -1, 3, None)
    widget = explore(f, x=[1.0, 2.0, 3.0])
    assert widget.problem is None
    assert ["[[2, 4], [2, 4, 6]]", "[[1, 1], [1, 1, 1]]", ""] in [
        texts and texts[:3] for texts in widget.state["details"]
    ]
    assert [node["shape"] for node in widget.scene["nodes"] if node["op"] == "mul"] == [[2, "≤3"]]


def test_attention_over_a_nested_tensor_is_recorded():
    layer = nn.Linear(4, 4)

    def f(x):
        nested = layer(torch.nested.as_nested_tensor([x[:2], x], layout=torch.jagged))
        heads = nested.unflatten(-1, (2, 2)).transpose(1, 2)
        mixed = nn.functional.scaled_dot_product_attention(heads, heads, heads)
        return mixed.transpose(1, 2).flatten(-2).values().square().sum()

    x = torch.randn(3, 4)
    wanted = plain_grads(f, x, list(layer.parameters()))
    taken = record(f, x.requires_grad_())
    assert torch.equal(taken.grads["x"], wanted[0])
    assert all(
        torch.equal(taken.parameters[f"layer.{n}"], g) for n, g in zip(("weight", "bias"), wanted[1:], strict=True)
    )
    draw(taken, opened="all")


def test_values_and_gradients_of_a_nested_tensor_of_matrices_and_of_one_without_ragged_sizes():
    def f(x):
        even = torch.nested.as_nested_tensor([x, x * 2], layout=torch.strided)
        ragged = torch.nested.as_nested_tensor([x[:1], x.t()], layout=torch.strided) * 3
        return torch.nested.to_padded_tensor(even, 0.0).sum() + torch.nested.to_padded_tensor(ragged, 0.0).sum()

    x = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    (wanted,) = plain_grads(f, x)
    taken = record(f, x.requires_grad_())
    assert torch.equal(taken.grads["x"], wanted)
    nested = [node for node in taken.nodes if isinstance(node.value, list)]
    assert [node.shape for node in nested] == [(2, 2, 3), (2, Ragged(3), Ragged(3)), (2, Ragged(3), Ragged(3))]
    assert torch.equal(nested[2].value[1], x.detach().t() * 3)


def test_a_graph_that_was_freed_before_f_is_named_with_its_remedy():
    rnn, holder = nn.RNN(2, 3), types.SimpleNamespace(h=None)

    def batch_loss(x):
        out, holder.h = rnn(x, holder.h)
        return out.sum()

    batch_loss(torch.randn(1, 1, 2)).backward()
    state = holder.h
    with pytest.raises(FreedGraphError, match=r"h = h\.detach\(\)"):
        record(batch_loss, torch.randn(1, 1, 2))
    with pytest.raises(FreedGraphError, match="^h carries a graph"):
        record(lambda x, h: rnn(x, h)[0].sum(), torch.randn(1, 1, 2), state)
    language.use("zh")
    with pytest.raises(FreedGraphError, match=r"h = h\.detach\(\)"):
        record(batch_loss, torch.randn(1, 1, 2))


def test_a_graph_that_f_itself_has_freed_is_pytorch_s_error():
    def f(w):
        y = w * w
        torch.autograd.grad(y, w)
        return y * 2

    with pytest.raises(RuntimeError, match="second time") as caught:
        record(f, 2.0)
    assert not isinstance(caught.value, FreedGraphError)
    assert caught.value.record.nodes[caught.value.record.failed].op == "mul"


linear = nn.Linear(4, 4)


def under_autocast(x):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        h = linear(torch.relu(linear(x)))  # the second call finds its weight in autocast's cache
        return torch.nn.functional.scaled_dot_product_attention(h, h, h).float().square().mean()


def rectified_view(x):
    y = x * 2
    torch.relu_(y.view(-1))
    return y.sum()


def written_transposed(x):
    y = x * 2
    y.t()[0] = 5.0
    z = y.t()
    z.mul_(3)
    return (z * z).sum()


def taken_as(x, cell):
    out = cell(x, x, x) if isinstance(cell, nn.MultiheadAttention) else cell(x)
    return (out[0] if isinstance(out, tuple) else out).sum()


CELLS = [
    nn.GRUCell(4, 2), nn.LSTMCell(4, 2), nn.RNNCell(4, 2), nn.GRU(4, 2), nn.LSTM(4, 2, 2, bidirectional=True),
    nn.RNN(4, 2, nonlinearity="relu"), nn.MultiheadAttention(4, 2), nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0),
    nn.BatchNorm1d(4),
]  # fmt: skip


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: type(cell).__name__)
def test_every_operation_inside_a_cell_has_its_value(cell):
    x = torch.randn(3, 4, requires_grad=True)
    assert unseen(record(lambda x: taken_as(x, cell), x)) == []


def times_first(a):
    return (a**3).sum() * a[0] - a[1]


SEEN = {
    "autocast": under_autocast,
    "packed sequences": lambda x: nn.LSTM(4, 2)(pack_sequence([x, x[:2]]))[0].data.sum(),
    "a write through a view": rectified_view,
    "a write to a transposed view": written_transposed,
    "real and imaginary parts": lambda x: (torch.complex(x, x) ** 2).real.sum() + torch.complex(x, x).imag.sum(),
    "vmap": lambda x: torch.func.vmap(lambda a: a.sin().sum())(x).sum(),
    "grad": lambda x: torch.func.grad(lambda a: (a**3).sum())(x).sum(),
    "vmap of grad": lambda x: torch.func.vmap(torch.func.grad(lambda a: a.exp().prod()))(x).sum(),
    "vmap with random numbers and a write": lambda x: torch.func.vmap(
        lambda a: (nn.functional.dropout(a, 0.5) * a.clone().add_(1)).sum(), randomness="different"
    )(x).sum(),
    "jvp": lambda x: torch.func.jvp(torch.sin, (x,), (torch.ones_like(x),))[1].sum(),
    "hessian": lambda x: torch.func.hessian(lambda a: (a**3).sum())(x[0]).sum(),
    "hessian, where derivatives are zeros without memory": lambda x: torch.func.hessian(times_first)(x[0]).sum(),
}


@pytest.mark.parametrize("f", SEEN.values(), ids=SEEN)
def test_every_node_has_its_value_and_a_line_of_f(f):
    x = torch.randn(3, 4)
    torch.manual_seed(1)
    (wanted,) = plain_grads(f, x)
    torch.manual_seed(1)
    taken = record(f, x.requires_grad_())
    assert torch.equal(taken.grads["x"], wanted)
    assert unseen(taken) == []
    assert [node.op for node in taken.nodes if node.grad_fn and node.kind == "op" and node.line is None] == []


@pytest.mark.parametrize(("code", "sentence"), [("en", "that f never received"), ("zh", "f从未得到的值")])
def test_the_picture_and_the_detail_of_a_node_without_a_value_say_why_there_is_none(code, sentence):
    language.use(code)
    before = (leaf(2.0) * 3).exp()

    def f(x):
        return before * x

    picture = draw(f, 3.0)
    assert sentence in picture.svg and sentence in picture.text
    widget = explore(f, x=(0.0, 4.0))
    unknown = widget.state["values"].index("?")
    assert sentence in widget.state["details"][unknown][0]
    assert sentence not in draw(lambda x: x * 2, 3.0).svg


def test_a_global_leaf_behind_a_graph_that_was_made_before_f_has_its_name():
    before = (scale * 3).exp()
    taken = record(lambda x: before * x, 3.0)
    assert [node.name for node in taken.nodes if node.kind == "leaf"] == ["x", "scale"]
    assert taken.parameters.keys() == {"scale"}


def test_an_explorer_says_that_compiled_code_runs_uncompiled():
    compiled = torch.compile(lambda x: x.sin() * x, backend="aot_eager")
    widget = explore(compiled, x=(0.0, 2.0))
    assert widget.problem.severity == "warning" and "torch.compile" in widget.problem.text


def test_outputs_that_only_backward_needs_are_left_out():
    norm, batch = nn.GroupNorm(2, 4), torch.randn(2, 4, 3, requires_grad=True)
    (node,) = [node for node in record(lambda x: norm(x).sum(), batch).nodes if node.op == "native_group_norm"]
    assert len(node.values) == len(node.grads) == 1 and torch.equal(node.value, norm(batch))
    halves = record(lambda x: x.chunk(2)[1].sum(), [1.0, 2.0])
    assert [len(node.values) for node in halves.nodes if node.op == "split"] == [2]  # f received both
    fourth = record(lambda x: torch.linalg.svd(x)[1].sum(), [[1.0, 2.0], [3.0, 5.0]])
    assert [len(node.values) for node in fourth.nodes if node.op == "linalg_svd"] == [3]


def test_the_value_of_a_write_through_a_view_is_that_of_the_whole_tensor():
    taken = record(written_transposed, leaf([[1.0, 2.0], [3.0, 4.0]]))
    copies = [node.value.tolist() for node in taken.nodes if node.op == "copy_slices"]
    assert copies == [[[5.0, 4.0], [5.0, 8.0]], [[15.0, 12.0], [15.0, 24.0]]]


def test_the_first_record_of_a_lazy_module_shows_each_parameter_once():
    lazy = nn.Sequential(nn.LazyLinear(2), nn.ReLU(), nn.LazyBatchNorm1d(), nn.LazyLinear(1))
    taken = record(lazy, torch.randn(4, 3), gradient=torch.ones(4, 1))
    leaves = {node.name: node for node in taken.nodes if node.kind == "leaf" and node.name != "input"}
    assert leaves.keys() == {name for name, _ in lazy.named_parameters()} and unseen(taken) == []
    assert all(torch.equal(leaves[name].value, parameter) for name, parameter in lazy.named_parameters())
    assert len([node for node in taken.nodes if node.name]) == len({node.name for node in taken.nodes if node.name})


@pytest.mark.parametrize(
    "make", [lambda: nn.Linear(3, 2), lambda: nn.LSTM(3, 2), lambda: nn.LayerNorm(3), lambda: nn.Conv1d(3, 2, 1)]
)
def test_a_module_that_f_makes_shows_each_parameter_once_with_the_value_that_it_begins_with(make):
    made = []

    def f(x):
        made.append(make())
        out = made[-1](x[..., None] if isinstance(made[-1], nn.Conv1d) else x)
        return (out[0] if isinstance(out, tuple) else out).sum()

    taken = record(f, torch.ones(4, 3))
    leaves = {node.name: node.value for node in taken.nodes if node.kind == "leaf" and node.name != "x"}
    names = {name: parameter for name, parameter in made[0].named_parameters()}
    assert len([node for node in taken.nodes if node.name not in (None, "x", "out")]) == len(leaves)
    assert {name.partition(".")[2] for name in leaves} == names.keys()
    assert all(torch.equal(value, names[name.partition(".")[2]]) for name, value in leaves.items())


def test_a_write_under_no_grad_to_a_parameter_that_f_has_made_is_seen():
    def f(x):
        layer = nn.Linear(3, 1, bias=False)
        with torch.no_grad():
            layer.weight.fill_(2.0)
        return layer(x).sum()

    taken = record(f, torch.ones(3))
    assert [node.op for node in taken.nodes if node.name and node.name.endswith("weight")] in (
        ["leaf", "fill"],
        ["fill"],
    )


# Names

model = nn.Sequential(nn.Linear(3, 2), nn.ReLU(), nn.Linear(2, 1))
layers, alike = [nn.Linear(3, 3), nn.Linear(3, 1)], [nn.Linear(3, 1), nn.Linear(3, 1)]
scale, weights, pair = leaf(2.0), [leaf([1.0, 2.0, 3.0]), leaf(0.5)], [leaf([1.0, 1.0, 1.0]), leaf(0.5)]
space = types.SimpleNamespace(net=model, w=leaf(3.0))
OF_MODEL = [f"{i}.{kind}" for i in (0, 2) for kind in ("weight", "bias")]


class Settings:
    w = leaf(4.0)


class Slots:
    __slots__ = ("w",)

    def __init__(self):
        self.w = leaf(3.0)


class Trainer:
    scale = leaf(2.0)

    def __init__(self):
        self.net, self.ws = model, [leaf(1.0), leaf(2.0)]

    def loss(self, x):
        return (self.net(x) * self.scale * self.ws[0] * self.ws[1]).sum()

    def __call__(self, x):
        return self.loss(x)

    def other_name(me, x):
        return (x * me.scale).sum()


trainer, slots = Trainer(), Slots()


class Hidden(nn.Module):
    def __init__(self):
        super().__init__()
        self.hids = [nn.Linear(3, 3), nn.Linear(3, 1)]  # a list: named_parameters does not see these layers

    def forward(self, x):
        for h in self.hids:
            x = h(x) * scale
        return x.sum()


def predict(x):
    return model(x) * scale


def decorated(f):
    def wrapper(*args):
        return f(*args)

    return wrapper


def logged(f):
    @functools.wraps(f)
    def inner(*arguments, **keywords):
        return f(*arguments, **keywords)

    return inner


@logged
def wrapped(x, w, times):
    return (x * w).sum() * times


def through_list(x):
    for layer in layers:
        x = layer(x)
    return x.sum()


def through_weights(x):
    for w in weights:
        x = x * w
    return x.sum()


def unpacked(x):
    W, b = pair
    return (W * x).sum() + b


def weighted(w, x):
    return (w * x).sum()


def mean_of_weights(x):
    return sum((x * w).sum() for w in weights)


def through_functional_call(x):
    weight, bias = (torch.stack([getattr(m, name) for m in alike]) for name in ("weight", "bias"))
    call = functools.partial(torch.func.functional_call, alike[0])
    return torch.func.vmap(lambda w, b: call({"weight": w, "bias": b}, (x,)))(weight, bias).sum()


def of_layers(*numbers):
    return {f"alike[{i}].{kind}" for i in numbers for kind in ("weight", "bias")}


def of(prefix):
    return {f"{prefix}.{name}" for name in OF_MODEL}


NAMES = {
    "a helper function": (lambda x: predict(x).sum(), {"scale", *of("model")}),
    "a trainer": (lambda x: trainer.loss(x), {"trainer.scale", "trainer.ws[0]", "trainer.ws[1]", *of("trainer.net")}),
    "a method": (trainer.loss, {"self.scale", "self.ws[0]", "self.ws[1]", *of("self.net")}),
    "a callable object": (trainer, {"self.scale", "self.ws[0]", "self.ws[1]", *of("self.net")}),
    "a decorated function": (decorated(lambda x: predict(x).sum()), {"scale", *of("model")}),
    "a partial": (functools.partial(weighted, scale), {"w"}),
    "a method whose first argument has another name": (trainer.other_name, {"me.scale"}),
    "modules of which only the parameters are used": (through_functional_call, of_layers(0, 1)),
    "a partial of a partial of a wrapped function": (
        functools.partial(functools.partial(wrapped, w=scale), times=2),
        {"w"},
    ),
    "a module in a partial": (functools.partial(lambda net, x: net(x).sum(), model), of("net")),
    "a global inside a module": (Hidden(), {"scale", *(f"hids[{i}].{k}" for i in (0, 1) for k in ("weight", "bias"))}),
    "a list of modules": (through_list, {f"layers[{i}].{k}" for i in (0, 1) for k in ("weight", "bias")}),
    "a list of tensors": (through_weights, {"weights[0]", "weights[1]"}),
    "a list in a comprehension": (mean_of_weights, {"weights[0]", "weights[1]"}),
    "an unpacked list": (unpacked, {"W", "b"}),
    "a namespace": (lambda x: (space.net(x) * space.w).sum(), {"space.w", *of("space.net")}),
    "an attribute of a class": (lambda x: (x * Settings.w).sum(), {"Settings.w"}),
    "a slot": (lambda x: (x * slots.w).sum(), {"slots.w"}),
    "a module that f makes": (lambda x: nn.Linear(3, 1)(x).sum(), {"Linear.weight", "Linear.bias"}),
}


@pytest.mark.parametrize(("f", "wanted"), NAMES.values(), ids=NAMES)
def test_parameters_have_the_names_that_lead_to_them(f, wanted):
    taken = record(f, torch.ones(3))
    assert taken.parameters.keys() == wanted
    assert {node.name for node in taken.nodes if node.kind == "leaf" and node.requires_grad} == wanted


def test_parameters_without_any_name_are_counted_from_two():
    made = lambda x: x * leaf(2.0) * leaf(3.0) * leaf(4.0) * scale
    assert set(record(made, 1.0).parameters) == {"?", "? 2", "? 3", "scale"}


def test_whatever_of_f_torch_compile_has_compiled_is_said_to_run_uncompiled():
    class CompiledInside(nn.Module):
        def __init__(self):
            super().__init__()
            self.l = nn.Linear(3, 1)

        @torch.compile(backend="aot_eager", fullgraph=True)
        def act(self, h):
            return torch.tanh(h)

        def forward(self, x):
            return self.act(self.l(x)).sum()

    compiled = torch.compile(lambda x: (x * x).sin().sum(), backend="aot_eager")
    net = nn.Sequential(torch.compile(nn.Linear(3, 1), backend="aot_eager"), nn.Tanh())
    in_place = nn.Linear(3, 1)
    in_place.compile(backend="aot_eager")
    whole = torch.compile(nn.Sequential(nn.Linear(3, 1)), mode="reduce-overhead")
    holder = types.SimpleNamespace(step=compiled)
    x = torch.ones(3, requires_grad=True)
    assert compiled(x).grad_fn.name() == "CompiledFunctionBackward"
    everywhere = [
        compiled,
        lambda x: compiled(x) * 2,
        net,
        lambda x: in_place(x).sum(),
        whole,
        CompiledInside(),
        lambda x: holder.step(x),
        functools.partial(lambda scale, x: compiled(x) * scale, 2.0),
        lambda x: decorated(compiled)(x),
        lambda x: torch.compile(lambda z: z.sum(), backend="aot_eager")(x),
    ]
    for f in everywhere:
        taken = record(f, x)
        assert [note.key for note in taken.notes] == ["draw.uncompiled"]
        assert "CompiledFunctionBackward" not in [node.grad_fn for node in taken.nodes]
        if isinstance(f, nn.Module):
            assert taken.parameters.keys() == dict(f.named_parameters()).keys()
    assert (taken := record(whole, x)).name == "Sequential" and list(taken.inputs) == ["input"]
    disabled = torch.compiler.disable(lambda x: x.sum())
    for f in (disabled, lambda x: (compiled, x.sum())[1]):  # never compiled; compiled, but not called
        assert not record(f, x).notes
    assert compiled(x).grad_fn.name() == "CompiledFunctionBackward"


def test_a_compiler_that_f_loads_is_turned_off_before_it_compiles(tmp_path, monkeypatch):
    code = "import sys, torch._dynamo.eval_frame as loaded; sys.modules[__name__] = loaded"
    (tmp_path / "late_compiler.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("seeing_gradients.runtime.compiler._MODULE", "late_compiler")
    before = torch.compile
    taken = record(lambda x: torch.compile(lambda z: (z * 3).sum(), backend="aot_eager")(x), [1.0, 2.0])
    sys.modules.pop("late_compiler")
    assert [node.op for node in taken.nodes if node.kind == "op"] == ["mul", "sum"]
    assert [note.key for note in taken.notes] == ["draw.uncompiled"]
    assert torch.compile is before


def test_pairs_of_a_list_that_a_loop_goes_through_have_names_alike():
    layers = [(torch.randn(2, 2, requires_grad=True), torch.zeros(2, requires_grad=True)) for _ in range(2)]

    def f(x):
        for w, b in layers:
            x = (x @ w + b).tanh()
        return x.sum()

    made = record(f, torch.ones(1, 2, requires_grad=True))
    assert set(made.parameters) == {f"layers[{i}][{j}]" for i in range(2) for j in range(2)}


# Programs of many kinds, each as f and the tensors that it uses beside its input x of shape (3, 4)

PROGRAMS = []


def program(make):
    PROGRAMS.append(make)
    return make


@program
def checkpoint_with_keywords():
    layer = nn.Linear(4, 4)

    def block(x, *, scale, mask):
        return checkpoint(lambda z: layer(z).relu(), x, use_reentrant=False) * scale * mask

    return lambda x: checkpoint(block, x, scale=2.0, mask=torch.ones(4), use_reentrant=False).sum(), layer.parameters()


@program
def several_outputs_of_a_function():
    class Pair(torch.autograd.Function):
        @staticmethod
        def forward(ctx, a, b):
            ctx.mark_dirty(a)
            ctx.save_for_backward(b)
            positive = b > 0
            ctx.mark_non_differentiable(positive)
            return a.mul_(2), b * 3, positive

        @staticmethod
        def backward(ctx, *grads):
            return grads[0] * 2, grads[1] * ctx.saved_tensors[0]  # not the derivative: the engine uses it all the same

    b = leaf([1.0, -2.0, 3.0, 4.0])

    def f(x):
        u, v, positive = Pair.apply(x * 1, b)
        return (u * v).sum() + (positive * v).sum()

    return f, [b]


@program
def zeros_are_not_materialized():
    class Two(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(False)
            return x * 2, x * 3

        @staticmethod
        def backward(ctx, first, second):
            assert second is None
            return first * 2

    return lambda x: Two.apply(x)[0].sum(), []


@program
def hooks_on_saved_tensors_as_arrays():
    def f(x):
        with torch.autograd.graph.saved_tensors_hooks(lambda t: t.detach().numpy(), torch.from_numpy):
            return nn.functional.cross_entropy(x.exp(), torch.tensor([0, 1, 3]))

    return f, []


@program
def hooks_that_change_gradients():
    layer, w = nn.Linear(4, 4), torch.randn(4, 4, requires_grad=True)
    w.register_hook(lambda grad: grad.clamp(-0.1, 0.1))
    layer.register_full_backward_hook(lambda module, before, after: (before[0] * 0.5,))
    layer.register_full_backward_pre_hook(lambda module, after: (after[0] * 3,))

    def f(x):
        y = layer(x @ w)
        y.register_hook(lambda grad: grad * 2)
        return y.tanh().sum()

    return f, [w, *layer.parameters()]


@program
def packed_sequences_out_of_order():
    rnn = nn.LSTM(4, 3, num_layers=2, bidirectional=True, dropout=0.1, proj_size=2)

    def f(x):
        out, (h, c) = rnn(nn.utils.rnn.pack_sequence([x[:1], x], enforce_sorted=False))
        return nn.utils.rnn.pad_packed_sequence(out)[0].sum() + h.prod() + c.sum()

    return f, rnn.parameters()


@program
def autocast_switched_off_inside():
    attention, norm = nn.MultiheadAttention(4, 2), nn.LayerNorm(4)

    def f(x):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            y = norm(attention(x, x, x)[0] + x)
            with torch.autocast("cpu", enabled=False):
                return (y.float() @ y.float().t()).softmax(-1)[:, 0].sum()

    return f, [*attention.parameters(), *norm.parameters()]


@program
def gradients_of_each_sample():
    layer = nn.Linear(4, 1)

    def loss(parameters, row):
        return torch.func.functional_call(layer, parameters, (row,)).square().sum()

    def f(x):
        grads = torch.func.vmap(torch.func.grad(loss), in_dims=(None, 0))(dict(layer.named_parameters()), x)
        return sum(grad.square().sum() for grad in grads.values())

    return f, layer.parameters()


@program
def products_with_a_jacobian():
    w = leaf([1.0, 2.0, 3.0, 4.0])

    def f(x):
        y, back = torch.func.vjp(lambda z: (z * w).sin(), x)
        _, along = torch.func.jvp(lambda z: (z * w).cos(), (x,), (torch.ones_like(x),))
        return back(torch.ones_like(x))[0].square().sum() + y.sum() + along.sum()

    return f, [w]


@program
def parametrizations():
    orthogonal = nn.utils.parametrizations.orthogonal(nn.Linear(4, 4))
    normed = nn.utils.parametrizations.weight_norm(nn.Linear(4, 2))

    def f(x):
        with nn.utils.parametrize.cached():
            return normed(orthogonal(orthogonal(x)).tanh()).pow(3).sum()

    return f, [*orthogonal.parameters(), *normed.parameters()]


@program
def complex_numbers():
    w = torch.randn(4, 4, dtype=torch.complex64, requires_grad=True)

    def f(x):
        z = torch.fft.fft(x.to(torch.complex64)) @ w
        return (z.conj() * z).real.sum() + z.angle().sin().sum()

    return f, [w]


@program
def sparse_matrices():
    values = leaf([1.0, 2.0, 3.0])

    def f(x):
        matrix = torch.sparse_coo_tensor(torch.tensor([[0, 1, 2], [1, 0, 2]]), values, (3, 3))
        return torch.sparse.mm(matrix, x).square().sum()

    return f, [values]


@program
def writes_of_all_sorts():
    def f(x):
        y = torch.zeros(4, 4)
        y[torch.tensor([0, 2, 3])] = x * 2
        y = y.index_add(0, torch.tensor([1, 1, 0]), x)
        y.t()[3] = 1.0
        y[:, :2].relu_()
        y.data.mul_(2)
        return y.square().sum() + x.unbind(0)[1].prod()

    return f, []


@program
def a_gradient_inside_and_a_leaf_that_f_makes():
    layer = nn.Linear(4, 1)

    def f(x):
        inner = x.detach().requires_grad_()
        (grad,) = torch.autograd.grad(layer(inner).sum().sin(), inner, create_graph=True)
        return (grad * x).sum() + (grad.norm() - 1) ** 2

    return f, layer.parameters()


@program
def operations_on_lists():
    weights = [leaf([1.0, 2.0]), leaf([3.0])]

    def f(x):
        scaled = torch._foreach_exp(torch._foreach_mul(weights, 0.5))
        return sum(each.sum() for each in scaled) * x.mean()

    return f, weights


def test_programs_of_many_kinds_keep_their_gradients_bit_for_bit_and_their_random_numbers():
    for make in PROGRAMS:
        torch.manual_seed(0)
        f, tensors = make()
        tensors, x = list(tensors), torch.randn(3, 4, requires_grad=True)
        torch.manual_seed(1)
        f(x).backward()
        state, wanted = torch.get_rng_state(), [tensor.grad for tensor in (x, *tensors) if tensor.grad is not None]
        for tensor in (x, *tensors):
            tensor.grad = None
        torch.manual_seed(1)
        taken = record(f, x)
        found = [grad for grad in (*taken.grads.values(), *taken.parameters.values()) if grad is not None]
        assert all(any(torch.equal(grad, each) for each in found) for grad in wanted), make
        assert torch.equal(torch.get_rng_state(), state), make
        assert all(tensor.grad is None for tensor in (x, *tensors)), make
        assert not [name for name in taken.parameters if name.startswith("?")], make
        assert unseen(taken) == [], make
