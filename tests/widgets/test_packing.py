"""packing: a large scene is sent in a fraction of its size, without anything that the page can compute itself."""

import json
import subprocess
from pathlib import Path

import pytest

import seeing_gradients
from helpers import record
from seeing_gradients.picture.scene import scene
from seeing_gradients.widgets.explore.packing import PACKED_FROM, packed
from seeing_gradients.widgets.explore.step_captions import step_order

WIDGETS = Path(seeing_gradients.__file__).parent / "widgets"
UNPACK = """
import { readFileSync } from "node:fs";
const { unpackScene } = await import(process.argv[1]);
console.log(JSON.stringify(unpackScene(JSON.parse(readFileSync(0, "utf8")))));
"""


def chain(x, w):
    for _ in range(PACKED_FROM):
        x = (w * x.detach() + x).tanh()
    return x


@pytest.fixture(scope="module")
def plan():
    recorded = record(chain, 0.5, 0.9, max_ops=10 * PACKED_FROM, max_seconds=None)
    return {"key": 7, **scene(recorded), "steps": step_order(recorded)}


def test_a_small_scene_travels_as_it_is():
    recorded = record(lambda x: x * x, 3.0)
    plan = {"key": 1, **scene(recorded), "steps": step_order(recorded)}
    assert packed(plan) is plan and packed({}) == {}


def test_a_large_scene_is_a_fifth_at_most(plan):
    sent = packed(plan)
    assert sent["key"] == 7 and 5 * len(json.dumps(sent)) < len(json.dumps(plan))


def test_nodes_stand_where_they_stood(plan):
    nodes = json.loads(packed(plan)["packed"])["nodes"]
    for i, node in enumerate(plan["nodes"]):
        form = nodes["forms"][nodes["form"][i]]
        x, y = nodes["x"][i] / 10, nodes["y"][i] / 10
        assert (x, y) == (node["x"], node["y"])
        assert [form[key] for key in ("op", "kind", "grad_fn", "w", "h", "line")] == [
            node[key] for key in ("op", "kind", "grad_fn", "w", "h", "line")
        ]
        for one, other in zip(form["marks"], node["marks"], strict=True):
            assert one == other


def test_curves_kinds_labels_and_steps_come_back(plan):
    sent = json.loads(packed(plan)["packed"])
    edges, x, y, point, piece = sent["edges"], 0, 0, 0, 0
    for i, edge in enumerate(plan["edges"]):
        assert (edges["src"][i], edges["dst"][i]) == (edge["src"], edge["dst"])
        found = []
        for _ in range(edges["pieces"][i]):
            flat = []
            for _ in range(int(edges["lengths"][piece]) // 2):
                x, y, point = x + edges["dx"][point], y + edges["dy"][point], point + 1
                flat += [x / 10, y / 10]
            found.append(flat)
            piece += 1
        assert found == edge["pieces"]
    assert edges["kinds"]["cut"] == [i for i, edge in enumerate(plan["edges"]) if edge["kind"] == "cut"] != []
    assert {i: slot for i, *slot in edges["slots"]} == {i: e["slot"] for i, e in enumerate(plan["edges"]) if e["slot"]}
    assert [[phase, i] for phase, ids in sent["steps"] for i in ids] == plan["steps"]


@pytest.mark.needs("node")
def test_the_page_unpacks_the_scene_that_was_packed(plan):
    """All but `room`, which only Python uses."""
    command = ["node", "--input-type=module", "-e", UNPACK, (WIDGETS / "explore/page/packing.js").as_uri()]
    done = subprocess.run(command, input=json.dumps(packed(plan)), capture_output=True, text=True, check=True)
    unpacked = json.loads(done.stdout)
    without_room = [{name: value for name, value in edge.items() if name != "room"} for edge in plan["edges"]]
    wanted = {**plan, "edges": without_room}
    assert unpacked == json.loads(json.dumps(wanted))
