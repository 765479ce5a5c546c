"""The values inside composite operations of a model, which are computed when somebody reads them."""

import pickle
import threading

import pytest
import torch
from torch import nn
from torch.nn import functional

from seeing_gradients.picture.static import draw
from seeing_gradients.recorder import deferred_run, record, trace

FIELDS = "shape", "dtype", "numbers", "low", "high", "thumbnail"


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(6, 2, dropout=0.5, batch_first=True)

    def forward(self, x):
        return self.attention(x, x, x)[0]


class Masked(nn.Module):
    def forward(self, x):
        mask = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).tril()
        q = x.unflatten(-1, (2, 3)).transpose(1, 2)
        return functional.scaled_dot_product_attention(q, q, q, attn_mask=mask, dropout_p=0.2).flatten(2)


MODELS = {
    "linear": lambda: nn.Sequential(nn.Linear(6, 40), nn.ReLU(), nn.Linear(40, 2)),
    "attention": Attention,
    "masked attention": Masked,
    "gru": lambda: nn.GRU(6, 20, num_layers=2, dropout=0.3, batch_first=True),
    "cells": lambda: nn.LSTMCell(6, 5),
}


def recorded(make_model):
    torch.manual_seed(0)
    model, x = make_model(), torch.randn(3, 6) if make_model is MODELS["cells"] else torch.randn(2, 3, 6)
    return record(model, x.requires_grad_(), strict=False, output=lambda r: r[0] if isinstance(r, tuple) else r)


def numbers_in(made):
    return [[v and tuple(repr(getattr(v, name)) for name in FIELDS) for v in node.values] for node in made.nodes]


@pytest.mark.parametrize("make_model", MODELS.values(), ids=MODELS)
def test_they_are_those_of_a_second_run_made_at_once(make_model, monkeypatch):
    later = recorded(make_model)
    with monkeypatch.context() as patched:
        patched.setattr(trace, "defer", lambda *_: None)
        at_once = recorded(make_model)
    torch.manual_seed(5)
    before = torch.get_rng_state()
    assert numbers_in(later) == numbers_in(at_once)
    assert torch.equal(torch.get_rng_state(), before)


def test_no_second_run_is_made_for_a_picture_of_closed_modules(monkeypatch):
    monkeypatch.setattr(deferred_run.DeferredRun, "_run", lambda self: pytest.fail("a second run"))
    model = nn.Sequential(Attention(), nn.GRU(6, 4))
    draw(record(model, torch.randn(2, 3, 6), output="0", strict=False))


def test_they_are_those_of_the_recording_whatever_the_parameters_are_later():
    torch.manual_seed(0)
    model, x = nn.Linear(6, 40), torch.randn(2, 3, 6)
    made, transposed = record(model, x, strict=False), model.weight.detach().t().clone()
    with torch.no_grad():
        model.weight.zero_()
    value = next(node for node in made.nodes if node.grad_fn == "TBackward0").values[0]
    assert (value.low, value.high) == (transposed.min().item(), transposed.max().item())


def test_they_can_be_read_under_any_mode_and_in_any_thread():
    expected = numbers_in(recorded(Attention))
    with torch.inference_mode(), torch.device("meta"), torch.autocast("cpu"):
        assert numbers_in(recorded_outside()) == expected
    found, made = [], recorded(Attention)
    thread = threading.Thread(target=lambda: found.append(numbers_in(made)))
    thread.start()
    thread.join()
    assert found == [expected]


def recorded_outside():
    """A record made in a thread of its own, without the modes of this one."""
    found = []
    thread = threading.Thread(target=lambda: found.append(recorded(Attention)))
    thread.start()
    thread.join()
    return found[0]


def test_a_copy_of_a_record_has_them_too():
    made = recorded(Attention)
    assert numbers_in(pickle.loads(pickle.dumps(made))) == numbers_in(made)


def test_they_are_unknown_if_a_second_run_has_another_result():
    class Written(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(20, 6))

        def forward(self, x):
            first = functional.linear(x, self.weight)
            self.weight.data.mul_(2)  # which no version counts
            return first + functional.linear(x, self.weight)

    made = record(Written(), torch.ones(2, 3, 6), strict=False)
    products = [node for node in made.nodes if node.op == "mm" or node.op == "addmm" or node.op == "view"]
    known = [node.values[0].numbers is not None or node.values[0].low is not None for node in products]
    assert any(known) and not all(known)
    assert made.output.unique().tolist() == [18.0]
