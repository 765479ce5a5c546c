"""The values inside a matrix product, found without a second run, are those that a second run sees."""

import pytest
import torch

from seeing_gradients.recorder import products, record
from seeing_gradients.recorder.trace import Trace


def leaf(*shape):
    return torch.randn(*shape, requires_grad=True)


linear = torch.nn.functional.linear
PROGRAMS = {
    "vector": (lambda x, w, b: linear(x, w, b), (4,), (3, 4), (3,)),
    "matrix": (lambda x, w, b: linear(x, w, b), (2, 4), (3, 4), (3,)),
    "batch": (lambda x, w, b: linear(x, w, b), (2, 5, 4), (3, 4), (3,)),
    "batch of batches": (lambda x, w, b: linear(x, w, b), (2, 2, 5, 4), (3, 4), (3,)),
    "without bias": (lambda x, w: linear(x, w), (2, 5, 4), (3, 4)),
    "transposed input": (lambda x, w, b: linear(x.transpose(0, 1), w, b), (5, 2, 4), (3, 4), (3,)),
    "large": (lambda x, w, b: linear(x, w, b), (3, 20, 40), (30, 40), (30,)),
    "the same twice": (lambda x: linear(x, x), (4, 4)),
    "computed weight": (lambda x, w: linear(x, w * 2), (2, 5, 4), (3, 4)),
    "inner product": (lambda x, y: x @ y, (4,), (4,)),
    "matrix and vector": (lambda x, y: x @ y, (2, 5, 4), (4,)),
    "vector and matrix": (lambda x, y: x @ y, (4,), (2, 4, 3)),
    "attention": (lambda q, k: q @ k.transpose(-1, -2), (2, 3, 5, 4), (2, 3, 5, 4)),
    "broadcast": (lambda q, k: q @ k, (2, 1, 5, 4), (3, 4, 2)),
    "broadcast matrix": (lambda q, k: torch.matmul(q, k), (2, 3, 5, 4), (4, 2)),
    "from another view": (lambda q: q @ q.mT, (2, 3, 20, 8)),
}


@pytest.mark.parametrize(("f", "shapes"), [(f, shapes) for f, *shapes in PROGRAMS.values()], ids=PROGRAMS)
def test_the_values_are_those_of_a_second_run(monkeypatch, f, shapes):
    leaves = [leaf(*shape) for shape in shapes]

    def values():
        return [node.values for node in record(lambda *args: f(*args).sin().sum(), *leaves).nodes]

    with monkeypatch.context() as patch:
        patch.setattr(products, "_PRODUCT_NODES", set())  # no form is known, so all run again
        again = values()
    assert values() == again
    assert all(None not in each for each in again)


def test_linear_and_matmul_do_not_run_twice(monkeypatch):
    again = []
    monkeypatch.setattr(Trace, "_record_below", lambda self, call, *rest: again.append(call.name))
    x, w, b = leaf(2, 5, 4), leaf(3, 4), leaf(3)
    record(lambda x, w, b: torch.nn.functional.softplus(linear(x, w, b) @ linear(x, w, b).mT).std(), x, w, b)
    assert not {"linear", "matmul", "__matmul__"} & set(again)
