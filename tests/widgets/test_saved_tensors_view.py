"""Saved tensors in the explorer and in pictures: kept, freed, changed, and used by a second backward."""

import re

import pytest
import torch

from helpers import draw, explore, language
from seeing_gradients.picture.folding import fold, keys
from seeing_gradients.picture.labels import number
from seeing_gradients.picture.saved_tensor_chips import saved_chips
from seeing_gradients.picture.scene import scene
from seeing_gradients.recorder import record


def f(w, x):
    h = w * x
    return torch.exp(h) * x


def spoiled(w):
    e = torch.exp(w)
    y = e * w
    e.add_(1.0)
    return y


def chips(widget):
    return [tuple(chip) for node in widget.state["saved_tensors"] for chip in node]


def test_by_itself_backward_frees_what_was_saved_and_retain_graph_keeps_it():
    widget = explore(f, w=0.5, x=1.5, saved=True)
    assert {state for state, _ in chips(widget)} == {"freed"} and "freed" in widget.state["memory"]
    widget.saved_tensors = {"on": True, "retain": True}
    assert {state for state, _ in chips(widget)} == {"kept"} and widget.problem is None
    assert {text for _, text in chips(widget)} >= {"w v0", "x v0", "result v0"}


def test_what_is_freed_or_kept_changes_no_number():
    plain, saved = explore(f, w=0.5, x=1.5), explore(f, w=0.5, x=1.5, saved=True)
    assert "saved_tensors" not in plain.state
    assert [plain.state[key] for key in ("values", "grads", "flows", "gradients")] == [
        saved.state[key] for key in ("values", "grads", "flows", "gradients")
    ]


def test_a_second_backward_stops_where_the_first_freed_something_and_the_widget_lives():
    widget = explore(f, w=0.5, x=1.5, saved=True)
    widget.saved_tensors = {"on": True, "twice": True}
    failed = widget.scene["nodes"][widget.state["failed"]]
    assert failed["grad_fn"] == "MulBackward0" and "second" in widget.problem.text
    assert widget.scene["steps"][-1] == ["failed", widget.state["failed"]]
    assert widget.state["gradients"] == explore(f, w=0.5, x=1.5).state["gradients"]
    widget.saved_tensors = {"on": True, "twice": True, "retain": True}
    assert widget.state["failed"] == -1 and widget.problem.severity == "warning"
    slope = widget.record.grads["w"].item()
    assert f"= {number(2 * slope)}" in widget.problem.text
    widget.saved_tensors = {"on": False}
    assert widget.problem is None and "saved_tensors" not in widget.state


def test_a_write_in_place_is_told_with_versions_and_lines_and_marked_in_the_picture():
    widget = explore(spoiled, w=(-2.0, 2.0), saved=True)
    assert widget.problem.line == spoiled.__code__.co_firstlineno + 2
    assert f"line {widget.problem.line + 1}" in widget.problem.text and "version 0" in widget.problem.text
    assert ("changed", "e v0→v1") in chips(widget)
    picture = widget._repr_mimebundle_()[0]["image/svg+xml"]
    assert "✗ e v0→v1" in picture and picture.count('stroke-width="3.5"') == 1
    widget.set(w=1.0)
    assert widget.state["fresh"] and widget.state["failed"] >= 0


def test_the_message_is_chinese_in_a_chinese_lesson():
    language.use("zh")
    widget = explore(spoiled, w=(-2.0, 2.0))
    assert "反向传播停在" in widget.problem.text and "就地修改" in widget.problem.text


def test_the_graph_of_an_argument_is_not_freed_unseen():
    x = torch.tensor(2.0, requires_grad=True)
    h = x * x
    widget = explore(lambda w, h: w * h, w=2.0, h=h, saved=True)
    assert widget.problem.severity == "error" and "retain_graph=True" in widget.problem.text
    widget.saved_tensors = {"on": True, "retain": True}
    assert widget.problem is None
    h.backward()
    assert x.grad == 4.0


def test_positions_run_ahead_tell_what_is_kept_too():
    widget = explore(f, w=(-2.0, 2.0), x=1.5, saved=True)
    at = [1.0, 1.5]
    ahead = widget._run_ahead(at)[0]
    widget.set(w=1.0)
    assert ahead["saved_tensors"] == widget.state["saved_tensors"] and ahead["memory"] == widget.state["memory"]


@pytest.mark.parametrize("sent", [{}, {"on": 1, "retain": None}, {"on": "yes", "more": 3}])
def test_whatever_the_page_sends_becomes_three_switches(sent):
    widget = explore(f, w=0.5, x=1.5)
    widget.saved_tensors = sent
    assert set(widget.saved_tensors) == {"on", "retain", "twice"} and all(
        v in (True, False) for v in widget.saved_tensors.values()
    )


def test_a_picture_shows_what_is_kept_on_request_only():
    recorded = record(f, w=0.5, x=1.5)
    assert "■ w v0" in draw(recorded, saved=True).svg and "■" not in draw(recorded).svg
    assert "□ w v0" in draw(f, w=0.5, x=1.5, retain_graph=False, saved=True).svg


def test_many_saved_tensors_are_shortened_to_the_room_there_is():
    recorded = record(lambda a, b: torch.where(a > 0, torch.lerp(a, b, a * b), b) * a, a=1.0, b=2.0)
    for row, node in zip(saved_chips(recorded, scene(recorded)), recorded.nodes, strict=True):
        assert sum(len(text) + 2 for _, text in row) <= 40 and (len(row) > 0) == (len(node.saved_tensors) > 0)


def test_a_folded_module_lists_what_its_nodes_keep():
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1))
    block = torch.nn.ModuleDict({"net": model})
    batch = torch.ones(5, 3, requires_grad=True)

    def loss(x):
        return block["net"](x).sum()

    widget = explore(loss, x=batch, saved=True)
    whole = [saved for node in widget.record.nodes for saved in node.saved_tensors]
    inside = [saved for node in fold(widget.record).nodes if node.kind == "module" for saved in node.saved_tensors]
    assert whole and len(inside) == len(whole)
    assert fold(widget.record).saved_bytes == widget.record.saved_bytes
    # x, both weights, and the result of ReLU, which ReLU and the second Linear save; float32, each block of memory once
    assert widget.record.saved_bytes == 4 * (5 * 3 + 3 * 4 + 5 * 4 + 4 * 1)
    place = next(i for i, node in enumerate(widget.scene["nodes"]) if node["kind"] == "module")
    assert widget.state["saved_tensors"][place] == [["freed", f"{len(whole)} · 204 B"]]
    sentence = widget.state["saved_sentences"][place]
    assert sentence.startswith(f"{len(whole)} tensors inside, 204 B in all: ")
    version = model[0].weight._version  # its initialisation wrote to it
    for name in ("block.net.0.weight", "block.net.2.weight"):  # saved transposed
        assert f"{name} (v{version}, freed)" in sentence
    assert "x (v0, freed)" in sentence and "ReLU (v0, freed) × 2" in sentence
    assert widget.state["memory"].startswith(f"{len(whole)} tensors saved for backward, 204 B in all")
    assert f"□ {len(whole)} · 204 B" in widget._repr_mimebundle_()[0]["image/svg+xml"]
    widget.saved_tensors = {"on": True, "retain": True}
    assert widget.state["saved_tensors"][place] == [["kept", f"{len(whole)} · 204 B"]]
    assert f"block.net.2.weight (v{version}, kept)" in widget.state["saved_sentences"][place]
    widget.opened = keys(widget.record)
    assert not any("inside" in text for text in widget.state["saved_sentences"])


def test_one_tensor_is_said_to_be_one():
    assert explore(torch.exp, 1.0, saved=True).state["memory"] == "1 tensor saved for backward, 4 B; backward freed it"
    two = explore(f, w=0.5, x=1.5, saved=True).state["memory"]
    assert re.match(r"[2-9] tensors saved", two)


def spoiled_unseen(x):
    y = x.exp()
    s = y.sin()
    y.add_(1)
    return s


def spoiled_in_sight(x):
    e = torch.exp(x)
    y = e * x
    for _ in range(2):
        e.add_(1.0)
    return y * e


def writes(widget):
    return [tuple(each) for row in widget.state["inplace_writes"] for each in row if each]


def test_before_a_write_that_is_no_node_a_saved_tensor_is_told_as_it_was_saved():
    widget = explore(spoiled_unseen, x=1.0, saved=True)
    assert chips(widget) == [("changed", "y v0→v1")] * 2
    assert writes(widget) == [("y v0", -1)] * 2


def test_a_write_that_is_a_node_is_told_by_the_last_node_of_its_line():
    widget = explore(spoiled_in_sight, x=1.0, saved=True)
    steps = [i for phase, i in widget.scene["steps"] if phase == "forward"]
    assert ("e v0", steps[-2]) in writes(widget)  # exp, ×, +, +, ×


def test_a_line_that_holds_more_than_the_write_tells_no_step_of_it():
    def crowded(x):
        e = torch.exp(x)
        y = e * x
        z = e.add_(1.0) * 2.0
        return y * z

    widget = explore(crowded, x=1.0, saved=True)
    assert writes(widget) and {by for _, by in writes(widget)} == {-1}


def test_nothing_is_said_of_writes_where_there_are_none():
    assert "inplace_writes" not in explore(f, w=0.5, x=1.5, saved=True).state


def test_where_f_fails_the_saved_tensors_go_with_their_switch():
    def positive(x):
        if x < 0:
            raise ValueError("negative")
        return x * x

    widget = explore(positive, x=(-2.0, 2.0), saved=True).set(x=1.0).set(x=-1.0)
    assert "saved_tensors" in widget.state
    widget.saved_tensors = {"on": False}
    assert not {"saved_tensors", "saved_sentences", "memory"} & set(widget.state)
