"""Models that are higher than a page are drawn with bars: whole, in one column if they are chains, readable."""

import itertools

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from helpers import draw
from seeing_gradients.picture import theme
from seeing_gradients.picture.bars import BARS
from seeing_gradients.picture.bundles import Bundle, bundle
from seeing_gradients.picture.folding import fold
from seeing_gradients.picture.scene import _SceneLayout, fitting_scene, texts
from seeing_gradients.recorder import record
from tests.models import resnet


def folded_resnet():
    net, images = resnet()
    return bundle(fold(record(net, images, gradient=torch.ones(2, 10))))


class Language(nn.Module):
    """Tokens (B, T) -> the loss of predicting the next ones; the labels are moved without a gradient."""

    def __init__(self):
        super().__init__()
        self.embed, self.body, self.head = (
            nn.Embedding(9, 4),
            nn.Sequential(nn.Linear(4, 4), nn.Tanh()),
            nn.Linear(4, 9),
        )

    def forward(self, tokens):
        logits = self.head(self.body(self.embed(tokens)))
        padded = F.pad(tokens, (0, 1), value=-100)
        labels = padded[:, 1:].contiguous()
        return F.cross_entropy(logits.view(-1, 9), labels.view(-1))


@pytest.fixture(scope="module")
def language_model():
    torch.manual_seed(0)
    return record(Language(), torch.randint(0, 9, (2, 5)))


def test_a_resnet_is_one_column_of_bars_whole_on_a_page():
    drawn = fitting_scene(folded_resnet(), width=theme.PICTURE_WIDTH)
    assert drawn["direction"] == "down" and not drawn["connectors"] and drawn["height"] <= 704
    assert len({(node["x"], node["w"]) for node in drawn["nodes"] if node["kind"] != "constant"}) == 1
    above = [node["y"] + node["h"] for node in drawn["nodes"][:-1]]
    assert all(bottom < node["y"] for bottom, node in zip(above, drawn["nodes"][1:], strict=True))


@pytest.mark.parametrize("bars", BARS)
def test_the_texts_of_a_bar_stand_in_it_side_by_side(bars):
    shown = folded_resnet()
    for node in _SceneLayout(shown, bars).scene("down")["nodes"]:
        if node["kind"] == "leaf":
            continue
        marks = [(x, y, size) for kind, x, y, size, *_ in node["marks"] if kind != "symbol"]
        placed = [*marks, *(tuple(each[:3]) for each in (node["value"], node["grad"]) if each)]
        assert all(0 < x < node["w"] and 8 < y < node["h"] for x, y, _ in placed)
        for one, other in itertools.combinations(placed, 2):
            assert one[0] != other[0] or abs(one[1] - other[1]) >= 12  # a line each where the column is the same
        assert min(size for _, _, size in placed) >= 11


def test_a_bar_says_class_path_parameters_value_and_the_range_of_the_gradient():
    shown = folded_resnet()
    drawn = fitting_scene(shown, width=theme.PICTURE_WIDTH)
    i = next(i for i, node in enumerate(shown.nodes) if node.name == "conv1")
    said = {mark[0]: mark[-1] for mark in drawn["nodes"][i]["marks"]}
    assert said == {"name": "Conv2d", "caption": "conv1, 108 params"}
    words = texts(shown, drawn)
    assert words["values"][i].startswith("(2, 4, 32, 32)")
    assert ".." in words["grads"][i] and "(" not in words["grads"][i]


def test_both_paths_around_a_block_are_one_edge():
    shown = folded_resnet()
    pairs = [edge for edge in shown.edges if isinstance(edge, Bundle)]
    assert pairs and {len(edge.edges) for edge in pairs} == {2}
    assert {flow for edge, flow in zip(shown.edges, texts(shown, fitting_scene(shown))["flows"], strict=True)
            if isinstance(edge, Bundle)} == {""}  # fmt: skip


def test_a_low_model_keeps_its_boxes():
    model = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))
    drawn = fitting_scene(fold(record(model, torch.ones(1, 2))), width=300)
    assert drawn["direction"] == "down"
    assert [node["h"] for node in drawn["nodes"] if node["kind"] == "module"] == [theme.MODULE_HEIGHT] * 2


def test_what_prepares_data_without_a_gradient_is_one_node_that_opens(language_model):
    shown = fold(language_model)
    (box,) = (node for node in shown.nodes if node.op == "no gradient")
    assert box.name == "labels" or box.name is None
    assert box.inside.operations == 4 and not box.requires_grad and box.inside.key == "no gradient"
    assert not any(node.op == "pad" for node in shown.nodes)
    opened = fold(language_model, ["no gradient"])
    assert any(node.op == "pad" for node in opened.nodes) and opened.opened[0].key == "no gradient"
    assert "no gradient" not in draw(language_model, fold=False).svg


def test_functions_without_modules_and_frozen_models_prepare_nothing():
    def f(x, n):
        return (x * (n + 1).float().sqrt()).sum()

    r = record(f, torch.ones(2, requires_grad=True), torch.tensor([1, 2]))
    assert fold(r) is r
    frozen = Language().requires_grad_(False)
    assert "no gradient<" not in draw(frozen, torch.zeros(2, 5, dtype=torch.long)).svg
