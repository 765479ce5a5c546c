"""Parallel edges become one, with the sum of what flows along them where there is such a sum."""

import pytest
import torch
from torch import nn

from helpers import draw
from seeing_gradients.picture.bundles import Bundle, bundle, is_bundle_key
from seeing_gradients.picture.folding import fold
from seeing_gradients.picture.scene import scene, texts, topology
from seeing_gradients.recorder import record


def hidden_states(w, xs):
    h, states = 0.0, []
    for x in xs:
        h = torch.tanh(w * h + x)
        states.append(h)
    return torch.stack(states).sum()


@pytest.fixture(scope="module")
def unrolled():
    return fold(record(hidden_states, torch.tensor(0.5, requires_grad=True), torch.linspace(-1, 1, 10)))


def bundles(shown):
    return [edge for edge in shown.edges if isinstance(edge, Bundle)]


def test_ten_edges_of_a_weight_become_one_with_their_sum(unrolled):
    shown = bundle(unrolled)
    into, out = bundles(shown)
    assert (len(into.edges), len(out.edges)) == (10, 10)
    assert into.total is unrolled.nodes[0].grads[0]  # the sum that autograd made
    assert out.total is None  # ten outputs, so nothing is added
    plan = scene(shown)
    flows = [flow for edge, flow in zip(plan["edges"], texts(shown, plan)["flows"], strict=True) if "bundle" in edge]
    assert flows == [f"Σ {texts(shown, plan)['grads'][0]}", ""]
    assert [edge["bundle"]["count"] for edge in plan["edges"] if "bundle" in edge] == [10, 10]
    assert plan["nodes"][0]["sum"]  # ten gradients meet there


def test_an_open_bundle_shows_each_edge_and_can_be_closed(unrolled):
    key = bundles(bundle(unrolled))[0].key
    assert key.startswith("w=>line ") and is_bundle_key(key)
    shown = bundle(unrolled, [key])
    assert len(bundles(shown)) == 1 and len(shown.edges) == len(bundle(unrolled).edges) + 9
    assert shown.opened[-1].key == key and topology(shown) != topology(bundle(unrolled))
    frames = scene(shown)["frames"]
    assert [(frame["key"], frame["title"], frame["boxes"]) for frame in frames] == [(key, "10 ×", [])]


def test_nothing_is_lost_or_moved(unrolled):
    shown = bundle(unrolled)
    assert shown.nodes == unrolled.nodes
    whole = [each for edge in shown.edges for each in (edge.edges if isinstance(edge, Bundle) else (edge,))]
    assert sorted(map(id, whole)) == sorted(map(id, unrolled.edges))
    assert bundle(unrolled, (), False) is unrolled


def test_a_hook_that_changes_the_sum_is_not_hidden():
    def f(w):
        w.register_hook(lambda grad: 10 * grad)
        return torch.stack([w, w, w, w, w]).sum()

    shown = bundle(fold(record(f, torch.tensor(2.0, requires_grad=True))))
    (only,) = bundles(shown)
    assert only.total.numbers == 5.0  # what the five edges carry, not what the hook made of it


def test_two_factors_stay_two_edges():
    shown = bundle(record(lambda x: x * x, 3.0))
    assert not bundles(shown) and len(shown.edges) == 2
    assert len(bundles(bundle(record(lambda x: x * x, 3.0), (), True))) == 1


def test_an_ensemble_is_one_box_with_one_edge_in_and_one_out():
    models = nn.ModuleList(nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)) for _ in range(16))

    def ensemble(x):
        return torch.stack([model(x) for model in models]).mean()

    x = torch.randn(5, 3, requires_grad=True)
    shown = bundle(fold(record(ensemble, x)))
    assert [len(edge.edges) for edge in bundles(shown)] == [16, 16]
    assert shown.nodes[1].op == "16 × Sequential"
    assert bundles(shown)[0].total is shown.nodes[0].grads[0]
    svg = draw(ensemble, x).svg
    assert svg.count("16 ×") == 3 and "16 × ← Σ" in svg


def test_large_gradients_have_no_sum_that_could_be_shown():
    def f(x):
        return torch.stack([x, x, x, x]).sum()

    shown = bundle(record(f, torch.ones(20, 20, requires_grad=True)))
    assert [edge.total for edge in bundles(shown)] == [None]


def test_a_picture_opens_a_bundle_on_request():
    args = torch.tensor(0.5, requires_grad=True), torch.linspace(-1, 1, 10)
    key = bundles(bundle(fold(record(hidden_states, *args))))[0].key
    assert "10 × ← Σ" in draw(hidden_states, *args).svg and "10 × ← Σ" not in draw(hidden_states, *args, opened=key).svg
    assert "10 ×" not in draw(hidden_states, *args, opened="all").svg
