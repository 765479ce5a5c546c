"""What a search of the page can find, and which modules must be open for it."""

import torch
from typeguard import check_type

from seeing_gradients import explore, language, record
from seeing_gradients.picture.folding import fold
from seeing_gradients.widgets.explore import protocol
from seeing_gradients.widgets.explore.search_index import search_index
from tests.models import WORDS, Transformer

RUN = "encoder.layers.0..encoder.layers.11"


def transformer():
    torch.manual_seed(0)
    return Transformer(), torch.randint(0, WORDS, (2, 8)), torch.ones(2, 8, WORDS)


def test_every_entry_is_in_the_scene_once_its_modules_are_open():
    model, tokens, ones = transformer()
    recorded = record(model, tokens, gradient=ones)
    entries = search_index(recorded)
    check_type(entries, list[protocol.SearchEntry])
    assert len(entries) > 200
    for opens in {tuple(entry["opens"]) for entry in entries}:
        nodes = fold(recorded, opens).nodes
        groups = {node.inside.key for node in nodes if node.inside is not None}
        names = {node.name for node in nodes}
        for entry in entries:
            if tuple(entry["opens"]) == opens:
                assert entry["group"] in groups if "group" in entry else entry["node"] in names


def test_a_module_of_one_node_and_a_parameter_are_found_by_their_paths():
    model, tokens, ones = transformer()
    by_name = {entry["name"]: entry for entry in search_index(record(model, tokens, gradient=ones))}
    layer = "encoder.layers.3"
    assert by_name["encoder.layers.0 … 11"]["opens"] == []
    assert by_name[layer] == {"name": layer, "text": "TransformerEncoderLayer", "opens": [RUN], "group": layer}
    weight = by_name[f"{layer}.linear1.weight"]
    assert weight["opens"] == [RUN, layer, f"{layer}.linear1"]
    net = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.ReLU())
    relu = next(
        each for each in search_index(record(net, torch.ones(2), gradient=torch.ones(2))) if each["name"] == "1"
    )
    assert (relu["text"], relu["node"]) == ("ReLU", "1 (ReLU)")


def test_the_explorer_answers_the_page_with_the_index():
    language.use("en")
    model, tokens, ones = transformer()
    explorer, sent = explore(model, tokens, gradient=ones), []
    explorer.send = lambda content, buffers=None: sent.append(content)
    explorer._received(explorer, {"search": True}, [])
    assert [list(content) for content in sent] == [["search"]]
    assert {"encoder.layers.7.self_attn", "tokens"} <= {entry["name"] for entry in sent[0]["search"]}
