"""The summary of a moderately large tensor is computed when it is first read, and shows the tensor as it was."""

import pickle
from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor

from seeing_gradients.recorder import Record, RecordError, record
from seeing_gradients.recorder.snapshot import copies, snapshot, source_of

DEFERRED = "_summarize"
TENSORS: dict[str, Callable[[], Tensor]] = {
    "contiguous": lambda: torch.randn(2, 32, 64),
    "transposed": lambda: torch.randn(64, 40).t(),
    "columns": lambda: torch.randn(12, 90)[:, 30:60],
    "every second": lambda: torch.randn(300)[::2],
    "expanded": lambda: torch.randn(5, 1, 3).expand(5, 9, 3),
    "permuted": lambda: torch.randn(3, 8, 5, 7).permute(2, 0, 3, 1),
    "with an offset": lambda: torch.randn(500)[100:400].view(10, 30),
    "double": lambda: torch.randn(9, 11, dtype=torch.float64),
    "integers": lambda: torch.arange(200).view(10, 20),
    "nan": lambda: torch.full((80,), float("nan")),
}


@pytest.fixture
def deferring() -> Iterator[None]:
    before, copies.left = copies.left, copies.MOST
    yield
    copies.left = before


@pytest.mark.parametrize("kind", TENSORS)
def test_a_deferred_summary_is_that_of_the_tensor_as_it_was(kind: str, deferring: None) -> None:
    tensor = TENSORS[kind]()
    deferred = snapshot(tensor)
    copies.left = 0
    at_once = snapshot(tensor)
    base = tensor if tensor._base is None else tensor._base
    base.fill_(5)  # a later write
    assert DEFERRED in vars(deferred)
    assert DEFERRED not in vars(at_once)
    assert repr(pickle.loads(pickle.dumps(deferred))) == repr(at_once)
    assert repr(deferred) == repr(at_once)
    assert DEFERRED not in vars(deferred), "the copy is let go once the summary is known"


def test_small_and_very_large_tensors_are_read_at_once(deferring: None) -> None:
    for size in (3, 64, 1 << 16):
        assert DEFERRED not in vars(snapshot(torch.randn(size)))


VIEWS: dict[str, Callable[[Tensor], Tensor]] = {
    "the same shape": lambda t: t.view_as(t),
    "another shape": lambda t: t.view(-1, 4),
    "transposed": lambda t: t.t(),
    "a part": lambda t: t[: len(t) // 2],
    "every second column": lambda t: t[:, ::2],
    "other bits": lambda t: t.view(torch.int32),
    "expanded": lambda t: t[:, :1].expand(-1, 100),
    "a copy": lambda t: t * 2,
}


@pytest.mark.parametrize("left", [0, copies.MOST])
@pytest.mark.parametrize("rows", [12, 300])  # 300 rows are too large for a copy
def test_a_view_shares_what_the_snapshot_of_its_base_holds(left: int, rows: int, deferring: None) -> None:
    tensor = torch.randn(rows, 100)
    for kind, view in VIEWS.items():
        copies.left = left
        known = snapshot(tensor)
        assert repr(snapshot(view(tensor), source_of(tensor, known))) == repr(snapshot(view(tensor))), kind
    if left and rows == 12:
        known = snapshot(tensor)
        shared = snapshot(tensor.t(), source_of(tensor, known))
        assert vars(shared)[DEFERRED][1] is vars(known)[DEFERRED][1]


def test_a_leaf_whose_gradient_a_hook_replaces_shows_what_the_hook_returned() -> None:
    w = torch.randn(9, 20, requires_grad=True)
    w.register_hook(lambda grad: grad * 3)
    made = record(lambda x: (x @ w.t()).sum(), torch.ones(2, 20, requires_grad=True))
    leaf = next(node for node in made.nodes if node.name == "w")
    sent = next(edge.flow for edge in made.edges if edge.src == leaf.id)
    assert (leaf.grads[0].low, leaf.grads[0].high) == (6.0, 6.0)
    assert (sent.low, sent.high) == (2.0, 2.0)


def _summaries(made: Record) -> list[str]:
    return [repr((node.values, node.grads)) for node in made.nodes] + [repr(edge.flow) for edge in made.edges]


def _written(x: Tensor) -> Tensor:
    h = x * 2
    h += 1  # in place
    h = h.exp()
    return (h.view(20, 10) @ h.view(10, 20)).tanh().sum()


def test_a_recording_is_the_same_with_and_without_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    x = torch.randn(200, requires_grad=True)
    deferred = record(_written, x)
    monkeypatch.setattr(type(copies), "MOST", 0)
    at_once = record(_written, x)
    assert any(DEFERRED in vars(node.values[0]) for node in deferred.nodes if node.values[0] is not None)
    assert not any(DEFERRED in vars(node.values[0]) for node in at_once.nodes if node.values[0] is not None)
    assert _summaries(deferred) == _summaries(at_once)


def test_the_copies_of_a_recording_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(copies), "MOST", 3_000)  # three tensors of 200 floats
    made = record(_written, torch.randn(200, requires_grad=True))
    snapshots = {id(each): each for node in made.nodes for each in (*node.values, *node.grads) if each is not None}
    sizes = [len(vars(each)[DEFERRED][1]) for each in snapshots.values() if DEFERRED in vars(each)]
    assert 0 < sum(sizes) <= 3_000
    for wrong in ({"keep": 3}, {"cut": [3]}):  # refused before f runs
        with pytest.raises((RecordError, TypeError)):
            record(_written, torch.ones(2, requires_grad=True), **wrong)
    assert copies.left == 0, "outside a recording every snapshot is complete"
