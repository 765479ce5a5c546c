"""What lies outside f is not f's, whichever thread made it: each thread counts its backward nodes for itself."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from seeing_gradients.recorder import ArgumentError, record
from tests.recorder import readable_saved_tensors


def in_another_thread(work):
    """Run it in a thread of its own, whose count begins at 0, as a subshell of JupyterLab does."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def outside(length=40):
    """A leaf, and a tensor computed from it whose history has numbers from below to beyond those of f."""
    a = torch.tensor(3.0, requires_grad=True)

    def computed():
        h = a
        for _ in range(length):
            h = (h * 2).sqrt()
        return h

    return a, in_another_thread(computed)


def test_a_graph_from_another_thread_is_not_freed():
    a, h = outside()
    with pytest.raises(ArgumentError, match="Backward0"):
        in_another_thread(lambda: record(lambda x: x * h, 2.0, retain_graph=False))
    h.backward()
    assert a.grad is not None


def test_an_input_with_a_history_from_another_thread_is_outside_too():
    _, h = outside()
    with pytest.raises(ArgumentError, match="Backward0"):
        in_another_thread(lambda: record(lambda x: x.sin(), h, retain_graph=False))


def f(x, h):
    y = torch.nn.functional.softplus((x * x).exp())
    z = torch.nn.functional.cosine_similarity(torch.stack([y, x]), torch.stack([x, h]), dim=0)
    return (z + h * x).sin()


def test_nodes_from_another_thread_have_no_line_of_f_and_no_operand_from_it():
    _, h = outside()
    taken = in_another_thread(lambda: record(lambda x: f(x, h), 0.5))
    sqrts = [n for n in taken.nodes if n.grad_fn == "SqrtBackward0" and n.line is None]
    assert len(sqrts) == 40 and sum(n.value is not None for n in sqrts) == 1  # f had the last one only
    chain = {n.id for n in sqrts} | {e.src for n in sqrts for e in taken.edges if e.dst == n.id}
    assert all(e.src in chain or taken.nodes[e.src].kind == "leaf" for e in taken.edges if e.dst in chain)


def test_the_same_function_gives_the_same_record_in_any_thread():
    _, h = outside()
    told = []
    for run in (lambda work: work(), in_another_thread):
        taken = run(lambda: record(lambda x: f(x, h), 0.5))
        told.append(([(n.op, n.kind, n.line, str(n.value)) for n in taken.nodes], taken.edges))
    assert told[0] == told[1]


class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * 2

    @staticmethod
    def backward(ctx, g):
        return g * 2


@pytest.mark.parametrize(
    "g",
    [
        lambda x: Twice.apply(x * x) * x,
        lambda x: Twice.apply(Twice.apply(torch.nn.functional.softplus(x))),
        lambda x: torch.func.grad(lambda t: t**3)(x * x) * x,
        lambda x: torch.vmap(torch.sin)(torch.stack([x, x * x])).sum(),
    ],
)
@readable_saved_tensors
def test_what_f_makes_by_ways_that_pass_no_mode_is_its_own(g):
    for run in (lambda work: work(), in_another_thread):
        taken = run(lambda: record(g, 1.5, retain_graph=False))
        assert {saved.state for n in taken.nodes for saved in n.saved_tensors} == {"freed"}


def test_a_function_of_ones_own_may_take_a_tensor_from_another_thread():
    _, h = outside()
    with pytest.raises(ArgumentError, match="Backward0"):
        in_another_thread(lambda: record(lambda x: Twice.apply(h) * x, 2.0, retain_graph=False))
