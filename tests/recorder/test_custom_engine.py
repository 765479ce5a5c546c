"""An engine of one's own, recorded, drawn and explored as PyTorch's graphs are."""

import math

import pytest
import torch

from helpers import draw, explore, record
from seeing_gradients.picture.scene import scene
from seeing_gradients.recorder import ArgumentError, OutputError, RecordingLimitError
from seeing_gradients.widgets.explore.step_captions import step_captions


class Value:
    """A small engine: numbers with local slopes."""

    def __init__(self, data, parents=(), op="leaf"):
        self.data, self.grad, self.parents, self.op = data, 0.0, parents, op

    def __add__(self, other):
        other = other if isinstance(other, Value) else type(self)(other)
        return type(self)(self.data + other.data, ((self, 1.0), (other, 1.0)), "add")

    def __mul__(self, other):
        other = other if isinstance(other, Value) else type(self)(other)
        return type(self)(self.data * other.data, ((self, other.data), (other, self.data)), "mul")

    def exp(self):
        return type(self)(math.exp(self.data), ((self, math.exp(self.data)),), "exp")

    def backward(self):
        order, seen = [], set()

        def visit(value):
            if value not in seen:
                seen.add(value)
                for parent, _ in value.parents:
                    visit(parent)
                order.append(value)

        visit(self)
        self.grad = 1.0
        for value in reversed(order):
            for parent, slope in value.parents:
                self.send(parent, slope(value.grad) if callable(slope) else slope * value.grad)

    def send(self, parent, gradient):
        parent.grad += gradient


class Overwriting(Value):
    def send(self, parent, gradient):
        parent.grad = gradient


class Endless(Value):
    def backward(self):
        while True:
            pass


def f(w, x):
    h = w * x + w
    return h * h.exp()


def test_values_gradients_and_flows_are_pytorch_s():
    by_hand, by_torch = record(f, engine=Value, w=0.5, x=2.0), record(f, w=0.5, x=2.0)
    assert by_hand.output.item() == pytest.approx(by_torch.output.item())
    assert {n: g.item() for n, g in by_hand.grads.items()} == pytest.approx(
        {n: g.item() for n, g in by_torch.grads.items()}
    )
    key = lambda r: sorted((r.nodes[e.src].op, r.nodes[e.dst].op, round(float(e.grad), 4)) for e in r.edges)
    assert key(by_hand) == key(by_torch)


def test_it_is_drawn_and_its_sliders_run_it_anew():
    assert "AccumulateGrad" not in draw(f, engine=Value, w=0.5, x=2.0).svg
    e = explore(f, engine=Value, w=0.5, x=2.0)
    for w in (0.5, -1.0):
        e.set(w=w)
        leaf = torch.tensor(w, requires_grad=True)
        f(leaf, torch.tensor(2.0)).backward()
        assert float(e.state["gradients"][0]) == pytest.approx(leaf.grad.item(), rel=1e-3)
        assert [sign for _, sign in e.check["cells"]] == ["=", "="]


def test_the_check_shows_an_engine_that_overwrites_gradients():
    e = explore(f, engine=Overwriting, w=0.5, x=2.0)
    assert "≠" in [sign for _, sign in e.check["cells"]]


def test_the_sign_of_a_sum_is_a_plus_only_where_the_engine_added():
    for engine, overwrites in ((Value, False), (Overwriting, True)):
        recorded = record(f, engine=engine, w=0.5, x=2.0)
        nodes = recorded.nodes
        assert {node.id for node in nodes if node.kind == "leaf"} <= set(recorded.backward_order)  # a step for each
        assert any("the engine leaves" in text for step in step_captions(recorded) for text in step) is overwrites
        assert any(node.is_not_sum for node in nodes) is overwrites
        signs = {
            shape[2] for node in scene(recorded)["nodes"] for shape in node["shapes"] if shape[:2] == ["sum", "path"]
        }
        assert any("l-5 8" in sign for sign in signs) is overwrites


def test_an_endless_backward_is_stopped_and_the_next_position_works():
    e = explore(f, engine=Endless, w=0.5, x=2.0, max_seconds=0.3)
    assert "0.3" in e.problem.text
    with pytest.raises(RecordingLimitError):
        record(f, engine=Endless, w=0.5, x=2.0, max_seconds=0.2)


def test_a_graph_too_large_is_refused():
    def long(w):
        for _ in range(50):
            w = w * 1.01
        return w

    with pytest.raises(RecordingLimitError, match="40"):
        record(long, engine=Value, w=1.0, max_ops=40)


def test_an_input_that_is_not_used_gets_no_gradient():
    r = record(lambda a, b: a * a, engine=Value, a=3.0, b=1.0)
    assert (r.grads["a"], r.grads["b"], r.output) == (6.0, 0.0, 9.0)
    assert draw(r).svg


def test_what_an_engine_lacks_is_named():
    class Bare:
        def __init__(self, data):
            self.data = data

        def __mul__(self, other):
            return Bare(self.data * other.data)

    with pytest.raises(ArgumentError, match="grad, parents, op, backward"):
        record(lambda a: a * a, engine=Bare, a=3.0)
    with pytest.raises(OutputError, match="returned a float"):
        record(lambda a: 1.0, engine=Value, a=3.0)
    for wrong, kind in (
        ("3", "str"),
        (["3"], "list"),
        (True, "bool"),
        (torch.tensor([3]), "Tensor"),
        (None, "NoneType"),
    ):
        with pytest.raises(ArgumentError, match=f"a is a {kind}"):
            record(lambda a: a, engine=Value, a=wrong)


class Array(Value):
    """An engine of tensors: functions from the gradient of a value to that of a parent in place of numbers."""

    def __init__(self, data, parents=(), op="leaf"):
        super().__init__(torch.as_tensor(data), parents, op)
        self.grad = torch.zeros_like(self.data)

    def __matmul__(self, other):
        A, B = self.data, other.data
        return type(self)(A @ B, ((self, lambda G: G @ B.T), (other, lambda G: A.T @ G)), "matmul")

    def sum(self):
        return type(self)(self.data.sum(), ((self, lambda G: G * torch.ones_like(self.data)),), "sum")

    def relu(self):
        return type(self)(self.data.relu(), ((self, lambda G: G * (self.data > 0)),), "relu")


class Untransposed(Array):
    def __matmul__(self, other):
        A, B = self.data, other.data
        return type(self)(A @ B, ((self, lambda G: G @ B), (other, lambda G: A.T @ G)), "matmul")


X = torch.tensor([[1.0, 2.0], [3.0, -4.0], [-0.5, 2.0]])  # no element of X @ W is 0
W = [[1.0, -1.0], [0.5, 2.0]]


def layer(W, X, V):
    return ((X @ W).relu() @ V).sum()


def test_tensors_flow_through_an_engine_as_through_pytorch():
    V = torch.tensor([[2.0, 0.5], [-1.0, 3.0]])
    by_hand, by_torch = record(layer, engine=Array, W=W, X=X, V=V), record(layer, W=W, X=X, V=V.requires_grad_())
    assert by_hand.output.item() == by_torch.output.item()
    for name in ("W", "V"):
        assert torch.equal(by_hand.grads[name], by_torch.grads[name])
    flows = lambda r: sorted(e.grad.tolist() for e in r.edges if r.nodes[e.src].kind == "op")
    assert flows(by_hand) == flows(by_torch) and len(flows(by_hand)) == 3
    assert [node.shape for node in by_hand.nodes if node.op == "matmul"] == [(3, 2), (3, 2)]
    assert draw(by_hand).svg


def test_the_check_of_a_matrix_shows_a_forgotten_transpose():
    signs = {}
    for engine in (Array, Untransposed):
        e = explore(layer, engine=engine, W=W, X=X, V=torch.tensor([[2.0, 0.5], [-1.0, 3.0]]))
        signs[engine] = [sign for _, sign in e.check["cells"]][:4]
        e.set(W=[[1.0, 0.0], [0.5, 2.0]])
        assert e.problem is None
    assert signs[Array] == ["="] * 4 and "≠" in signs[Untransposed]


def test_a_record_keeps_the_gradients_that_an_engine_changes_later():
    arrays = []

    class Remembering(Array):
        def __init__(self, data, parents=(), op="leaf"):
            super().__init__(data, parents, op)
            arrays.append(self)

    r = record(layer, engine=Remembering, W=W, X=X, V=torch.eye(2))
    before = r.grads["W"].clone()
    for array in arrays[:-1]:  # the gradient of the last is a number
        array.grad.zero_()
        array.data.zero_()
    assert before.any() and torch.equal(r.grads["W"], before) and torch.equal(r.nodes[r.inputs["W"]].grad, before)


def test_a_tensor_that_f_refers_to_has_its_name():
    scale = torch.tensor([[2.0], [0.5]])

    class Lifting(Array):
        def __matmul__(self, other):
            return super().__matmul__(other if isinstance(other, Array) else type(self)(other))

    r = record(lambda W: (W @ scale).sum(), engine=Lifting, W=W)
    assert [node.name for node in r.nodes if node.kind == "leaf"] == ["W", "scale"]
