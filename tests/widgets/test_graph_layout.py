"""The layout of an explorer's graph: for the width of its page, in the direction that was asked for."""

import re
from itertools import pairwise

import pytest
import torch

from seeing_gradients import explore
from seeing_gradients.picture import theme
from tests.models import CLASSES, resnet


def chain(x):
    return (x * 1.5).sin().cos().tanh().exp().sin().cos().tanh().exp()


def test_a_graph_is_laid_out_for_the_width_of_the_page():
    explorer = explore(chain, x=(-1.0, 1.0))
    wide = explorer.scene
    assert 0.6 * theme.PICTURE_WIDTH < wide["width"] <= theme.PICTURE_WIDTH
    explorer.graph_width = 590
    narrow = explorer.scene
    assert narrow["width"] <= 590 and narrow["key"] != wide["key"] and explorer.state["scene"] == narrow["key"]
    explorer.graph_width = theme.PICTURE_WIDTH
    assert explorer.scene["key"] == wide["key"]


def test_a_graph_that_fits_stays_as_it_is_at_any_width():
    explorer = explore(lambda x: x * x, x=(-1.0, 1.0))
    key = explorer.scene["key"]
    for width in (880, 590, 420):
        explorer.graph_width = width
        assert explorer.scene["key"] == key


def test_numbers_stay_when_the_layout_changes_and_f_does_not_run():
    runs = []

    def f(x):
        runs.append(1)
        return chain(x)

    explorer = explore(f, x=(-1.0, 1.0), ahead=False)
    before, count = {name: explorer.state[name] for name in ("values", "grads", "flows", "position")}, len(runs)
    explorer.graph_width = 590
    explorer.direction = "down"
    assert {name: explorer.state[name] for name in before} == before and len(runs) == count


def test_nodes_do_not_move_while_a_slider_moves():
    explorer = explore(chain, x=(-1.0, 1.0))
    explorer.graph_width = 590
    key = explorer.scene["key"]
    for x in (-1.0, 0.25, 1.0):
        explorer.set(x=x)
        assert explorer.scene["key"] == key


def test_a_direction_is_kept_and_refused_if_there_is_none_of_this_name():
    explorer = explore(chain, x=(-1.0, 1.0), direction="down")
    assert explorer.scene["direction"] == "down" and explorer.direction == "down"
    explorer.direction = "right"
    assert explorer.scene["direction"] == "right"
    with pytest.raises(ValueError, match='direction must be "auto", "right" or "down"'):
        explorer.direction = "up"
    with pytest.raises(ValueError, match="received 'up'"):
        explore(chain, x=(-1.0, 1.0), direction="up")


def test_the_static_picture_is_laid_out_for_a_notebook_however_wide_the_page_is():
    explorer = explore(chain, x=(-1.0, 1.0))
    wide = explorer.picture()
    explorer.graph_width = 300
    assert explorer.picture() == wide
    assert float(re.search(r'width="([\d.]+)"', wide)[1]) <= theme.PICTURE_WIDTH


def test_a_model_runs_down_and_opens_in_the_same_direction():
    layers = [torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Tanh()) for _ in range(6)]
    model = torch.nn.Sequential(*layers, torch.nn.Linear(4, 1))
    explorer = explore(lambda x: model(x).sum(), torch.ones(2, 4))
    explorer.graph_width = 590
    assert explorer.scene["width"] <= 590
    explorer.direction = "down"
    ys = [node["y"] for node in explorer.scene["nodes"] if node["kind"] in ("module", "op")]
    assert ys == sorted(ys)


def test_the_page_can_offer_the_other_direction():
    labels = explore(chain, x=(-1.0, 1.0)).labels
    assert labels["direction_down"] == "draw the graph from top to bottom" and "{number}" in labels["connector"]


def test_a_resnet_is_one_column_that_is_whole_on_a_page():
    net, images = resnet()
    drawn = explore(net, images, gradient=torch.ones(2, CLASSES), max_seconds=60.0).scene
    assert drawn["direction"] == "down" and drawn["width"] <= 890 and drawn["height"] <= 650
    assert not drawn["connectors"] and len({node["x"] for node in drawn["nodes"]}) == 1


def test_a_longer_model_is_whole_on_a_page_in_columns_side_by_side():
    sizes = [*range(3, 20), 1]
    layers = [torch.nn.Linear(one, other) for one, other in pairwise(sizes)]
    drawn = explore(torch.nn.Sequential(*layers), torch.ones(2, 3), gradient=torch.ones(2, 1)).scene
    assert drawn["direction"] == "down" and drawn["width"] <= 1000 and drawn["height"] <= 650
    assert {each["number"] for each in drawn["connectors"]}  # where a column ends, its edges are numbered
    assert len({node["x"] // 200 for node in drawn["nodes"]}) > 1
