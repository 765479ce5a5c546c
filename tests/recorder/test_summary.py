"""record(...).summary(): exact norms for each module, and where the gradient vanishes; activations that are kept."""

import gc
import math
import sys
import types
import weakref
from functools import partial

import pytest
import torch
from torch import nn

from helpers import language, record
from seeing_gradients.picture.export import as_dict
from seeing_gradients.recorder import ArgumentError
from seeing_gradients.recorder.module_outputs import norm_of


class Block(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.lin, self.act = nn.Linear(n, n), nn.ReLU(inplace=True)

    def forward(self, x):
        return self.act(self.lin(x)), x


class Net(nn.Module):
    def __init__(self, n=32):
        super().__init__()
        self.layers = nn.ModuleList([Block(n), Block(n)])
        self.probe = nn.Identity()
        self.head = nn.Linear(n, 3)

    def forward(self, x):
        for block in self.layers:
            x, _ = block(x)
        return {"logits": self.head(self.probe(x))}


@pytest.fixture
def net():
    torch.manual_seed(0)
    return Net()


def expected(net, x, gradient):
    """{path: (norm of the output, norm of its gradient)} by hooks of PyTorch, and the gradients of the parameters."""
    values, grads = {}, {}

    def noted(path, i, grad):
        grads.setdefault(path, {}).setdefault(i, grad.double().norm().item())

    def hook(path):
        def note(module, args, output):
            outputs = [t for t in (output if isinstance(output, tuple) else [output]) if isinstance(t, torch.Tensor)]
            values[path] = math.hypot(*(t.detach().double().norm().item() for t in outputs))
            for i, t in enumerate(outputs):
                if t.requires_grad:
                    t.register_hook(partial(noted, path, i))

        return note

    handles = [m.register_forward_hook(hook(path)) for path, m in net.named_modules() if path]
    net(x)["logits"].backward(gradient)
    for handle in handles:
        handle.remove()
    parameters = {name: p.grad.clone() for name, p in net.named_parameters()}
    net.zero_grad()
    return values, {path: math.hypot(*of.values()) for path, of in grads.items()}, parameters


def test_norms_are_those_of_whole_tensors(net):
    x, v = torch.randn(8, 32), torch.randn(8, 3)
    values, grads, parameters = expected(net, x, v)
    summary = record(net, x, gradient=v, summary=True).summary()
    assert {row.path for row in summary} == {""} | set(values) - {"layers", "probe"}
    for row in summary[1:]:
        assert row.value_norm == pytest.approx(values[row.path], rel=1e-12)
        assert row.grad_norm == pytest.approx(grads[row.path], rel=1e-12)
        inside = [p for name, p in parameters.items() if name.startswith(f"{row.path}.")]
        assert row.parameters == sum(p.numel() for p in inside)
        if inside:
            norm = math.hypot(*(p.double().norm().item() for p in inside))
            assert row.parameter_grad_norm == pytest.approx(norm, rel=1e-12)
    whole = summary[""]
    assert whole.kind == "Net" and whole.shape == (8, 3) and whole.value_norm == pytest.approx(values["head"])
    assert whole.parameters == sum(p.numel() for p in net.parameters())


def test_an_ordinary_record_has_the_norms_of_parameters_and_says_what_is_missing(net):
    x, v = torch.randn(8, 32), torch.randn(8, 3)
    part, whole = (record(net, x, gradient=v, summary=each).summary() for each in (False, True))
    for one, other in zip(part, whole, strict=True):
        assert (one.path, one.parameters, one.shape) == (other.path, other.parameters, other.shape)
        assert one.parameter_grad_norm == other.parameter_grad_norm and one.saved_bytes == other.saved_bytes
    assert part["layers.0"].grad_norm is None and "summary=True" in repr(part)
    assert part["head"].grad_norm == pytest.approx(whole["head"].grad_norm)  # of 24 elements
    assert "summary=True" not in repr(whole)


def test_the_rows_are_in_the_order_in_which_modules_began_with_their_depth(net):
    rows = [(row.path, row.kind, row.depth) for row in record(net, torch.randn(8, 32), strict=False).summary()]
    assert rows[:4] == [
        ("", "Net", 0),
        ("layers.0", "Block", 1),
        ("layers.0.lin", "Linear", 2),
        ("layers.0.act", "ReLU", 2),
    ]


def test_a_summary_leaves_no_hook_and_changes_no_gradient(net):
    x, v = torch.randn(8, 32), torch.randn(8, 3)
    plain, asked = record(net, x, gradient=v), record(net, x, gradient=v, summary=True, keep=True)
    assert all(torch.equal(plain.parameters[name], asked.parameters[name]) for name in plain.parameters)
    assert [node.grad_fn for node in plain.nodes] == [node.grad_fn for node in asked.nodes]
    assert not nn.modules.module._global_forward_hooks and all(p.grad is None for p in net.parameters())


def test_a_summary_keeps_nothing_alive(net):
    alive = []

    def f(x):
        y = net(x)["logits"]
        alive.append(weakref.ref(y))
        return y.sum()

    gc.collect()
    gc.disable()
    try:
        r = record(f, torch.randn(8, 32), summary=True, keep="net.head")
        assert alive[0]() is None and r.activations["net.head"].shape == (8, 3)
    finally:
        gc.enable()


def test_an_error_of_f_leaves_no_hook(net):
    with pytest.raises(RuntimeError):
        record(net, torch.randn(8, 5), summary=True)
    assert not nn.modules.module._global_forward_hooks


def deep(gain):
    layers = [nn.Linear(16, 16, bias=False) for _ in range(8)]
    for layer in layers:
        nn.init.eye_(layer.weight)
        layer.weight.data *= gain
    return nn.Sequential(*layers)


def test_where_the_gradient_vanishes_is_marked():
    summary = record(deep(0.1), torch.ones(8, 16), strict=False, summary=True).summary()
    marked = [row.path for row in summary if row.mark == "vanishes"]
    assert marked == ["0"]  # ten to the minus seventh at the first layer's output
    lines = repr(summary).splitlines()
    assert "vanishes" in lines[2] and "█" not in lines[2] and "█" * 12 in lines[-2]
    bars = [line.count("█") for line in lines[2:-1]]
    assert bars == sorted(bars)


def test_zero_nan_and_missing_gradients_are_marked():
    dead = nn.Sequential(nn.Linear(4, 4), nn.ReLU())
    dead[0].bias.data.fill_(-100.0)
    assert record(dead, torch.ones(2, 4), strict=False).summary()["0"].mark == "zero"
    broken = nn.Sequential(nn.Linear(4, 4))
    broken[0].weight.data[0, 0] = torch.nan
    assert record(nn.Sequential(nn.Linear(4, 4), broken), torch.ones(2, 4), strict=False).summary()["0"].mark == "nan"
    aside = nn.Linear(4, 4)
    summary = record(lambda x: dead(x).sum() + aside(x).detach().sum(), torch.ones(2, 4)).summary()
    assert summary["aside"].mark == "none" and "aside" in repr(summary).splitlines()[-1]


def test_a_module_before_the_first_parameter_misses_no_gradient():
    summary = record(nn.Sequential(nn.Flatten(), nn.Linear(4, 1)), torch.ones(1, 2, 2)).summary()
    assert [row.mark for row in summary] == ["", "", ""] and summary["0"].grad_norm is None


def test_two_calls_of_a_module_are_two_rows():
    lin = nn.Linear(4, 4)
    summary = record(lambda x: lin(lin(x)).sum(), torch.ones(4), summary=True).summary()
    assert [row.path for row in summary] == ["", "lin", "lin#2"]
    assert summary["lin"].grad_norm != summary["lin#2"].grad_norm


def test_a_function_without_modules_has_one_row():
    summary = record(lambda x: (x * x).sum(), x=[3.0, 4.0]).summary()
    assert len(summary) == 1 and summary[0].value_norm == 25.0 and summary[0].grad_norm == 1.0


def test_a_module_that_ran_not_is_a_clear_key_error(net):
    with pytest.raises(KeyError, match="head"):
        record(net, torch.randn(8, 32), strict=False).summary()["nowhere"]


def test_the_notebook_shows_a_table_and_escapes_it(net):
    html = record(net, torch.randn(8, 32), strict=False).summary()._repr_html_()
    assert html.count("<tr>") == 8 + 1 and "&nbsp;&nbsp;" in html
    assert "style" not in html and "<script" not in html
    language.use("zh")
    try:
        assert "参数的梯度" in record(net, torch.randn(8, 32), strict=False).summary()._repr_html_()
    finally:
        language.use("en")


def test_a_data_frame_has_a_column_for_each_attribute(net, monkeypatch):
    class Frame(list):
        pass

    monkeypatch.setitem(sys.modules, "pandas", types.SimpleNamespace(DataFrame=Frame))
    frame = record(net, torch.randn(8, 32), strict=False).summary().to_pandas()
    assert isinstance(frame, Frame) and frame[1]["path"] == "layers.0" and "grad_norm" in frame[1]
    monkeypatch.undo()
    pandas = pytest.importorskip("pandas")
    frame = record(net, torch.randn(8, 32), strict=False, summary=True).summary().to_pandas()
    assert isinstance(frame, pandas.DataFrame) and frame["grad_norm"].idxmax() == frame["grad_norm"].to_numpy().argmax()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_a_norm_is_exact_in_every_dtype(dtype):
    tensor = torch.full((300, 300), 200.0, dtype=dtype)  # its sum of squares exceeds the range of float16
    assert norm_of(tensor) == 60_000.0
    assert norm_of(tensor.t()) == 60_000.0 and norm_of(tensor.to_sparse()) == 60_000.0


def test_what_has_no_norm_is_none():
    for tensor in (torch.ones(3, dtype=torch.int64), torch.ones(3) > 0, torch.ones(3, device="meta")):
        assert norm_of(tensor) is None
    assert norm_of(torch.zeros(0)) == 0.0 and norm_of(torch.tensor([3 + 4j])) == 5.0


# ---- activations ----


def test_activations_are_whole_detached_copies_from_before_any_later_write(net):
    x = torch.randn(8, 32)
    r = record(net, x, strict=False, keep=["layers.*.lin", "probe", "layers.1"])
    assert set(r.activations) == {"layers.0.lin", "layers.1.lin", "probe", "layers.1"}
    assert torch.equal(r.activations["layers.0.lin"], net.layers[0].lin(x))  # ReLU wrote there in place afterwards
    assert not r.activations["probe"].requires_grad and r.activations["probe"].shape == (8, 32)
    out, inner = r.activations["layers.1"]
    assert torch.equal(out, r.activations["probe"]) and inner.shape == (8, 32)


def test_keep_true_keeps_all_and_one_path_one(net):
    x = torch.randn(8, 32)
    assert {"head", "probe", "layers.0", "layers.0.act"} <= set(record(net, x, strict=False, keep=True).activations)
    assert list(record(net, x, strict=False, keep="head").activations) == ["head"]
    assert record(net, x, strict=False).activations == {}


def test_a_path_that_was_not_kept_names_those_that_were_and_those_that_ran(net):
    r = record(net, torch.randn(8, 32), strict=False, keep="head")
    with pytest.raises(KeyError, match=r"Kept: head. Modules that ran: layers.0.lin"):
        r.activations["layers.0"]


def test_the_calls_of_one_module_are_kept_apart():
    lin = nn.Linear(4, 4)
    r = record(lambda x: lin(lin(x)).sum(), torch.ones(4), keep=True)
    assert torch.equal(r.activations["lin#2"], lin(r.activations["lin"]))
    assert list(record(lambda x: lin(lin(x)).sum(), torch.ones(4), keep="lin#2").activations) == ["lin#2"]


@pytest.mark.parametrize("bad", [3, [3], 0.5])
def test_what_is_no_path_is_refused(net, bad):
    with pytest.raises(ArgumentError, match=r"keep.*by position"):
        record(net, torch.randn(8, 32), keep=bad)


def test_a_record_with_activations_is_exported(net):
    r = record(net, torch.randn(8, 32), strict=False, keep=True, summary=True)
    assert as_dict(r)["activations"]["head"]["shape"] == [8, 3]
