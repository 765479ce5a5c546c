"""Recordings of widgets: what they hold is what PyTorch computes, and their limits give advice."""

import json
import re
import subprocess
import zlib
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seeing_gradients import descend, explore, secant
from seeing_gradients.picture.labels import number
from seeing_gradients.widgets.recorded import RecordingTooLargeError, record_widget
from seeing_gradients.widgets.recorded.packing import pack, unpack
from seeing_gradients.widgets.recorded.positions import Slider, most_along_each

PLAYER = Path(__file__).parents[1] / "js" / "play_recording.mjs"


def squared_error(w, b):
    return (w * 2.0 + b - 7.0) ** 2


def bent(x, lam):
    return (torch.relu(x[0]) * lam + torch.sin(x[1])).tanh()


def played(recording, moves, *names):
    """The traits of these names after each move, as a page has them."""
    text = json.dumps({"data": json.loads(recording.to_json()), "moves": moves, "names": names})
    done = subprocess.run(["node", PLAYER], input=text, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def expected(f, **inputs):
    """(f, its gradients) by plain autograd, as texts of as many digits as a page shows."""
    leaves = {name: torch.tensor(x, requires_grad=True) for name, x in inputs.items()}
    output = f(**leaves)
    grads = torch.autograd.grad(output, list(leaves.values()))
    return number(output.item()), [number(x) for grad in grads for x in grad.reshape(-1).tolist()]


@given(st.lists(st.text(alphabet="ab 0123456789.-e−infa\n", max_size=30), max_size=12))
def test_packed_texts_come_back_as_they_were(texts):
    assert unpack(pack(texts)) == texts


def test_a_page_inflates_what_python_compressed():
    recording = record_widget(explore(squared_error, w=(-5.0, 5.0), b=1.0), positions=3, parts=(), progress=False)
    text = zlib.decompress(recording.compressed, -15).decode()
    assert json.loads(text) == json.loads(recording.to_json()) and recording.size < len(text)


def test_where_there_is_one_position_nothing_is_said_of_moves():
    recording = record_widget(explore(lambda x: x * 2.0, torch.tensor(3.0)), progress=False, parts=())
    assert recording.data["labels"]["note"].endswith("; nothing is interpolated.")
    assert "1 position," in repr(recording)


def test_a_page_does_not_say_that_pytorch_runs_again():
    explorer = explore(squared_error, w=(-5.0, 5.0), b=1.0)
    labels = record_widget(explorer, positions=3, parts=(), progress=False).data["traits"]["labels"]
    assert "computes every number again" in explorer.labels["tip"] and "beforehand" in labels["tip"]


def test_the_recorded_widget_itself_is_not_moved():
    explorer = explore(squared_error, w=(-5.0, 5.0), b=(-5.0, 5.0)).set(w=2.0)
    before = explorer.sliders, explorer.state, explorer.cuts, explorer.saved_tensors
    record_widget(explorer, positions=3, variant_positions=2, progress=False)
    assert (explorer.sliders, explorer.state, explorer.cuts, explorer.saved_tensors) == before
    explorer.set(w=3.0)
    assert explorer.record.grads["w"].item() == 4 * (3 * 2 + explorer.position["b"] - 7)


def test_a_fragment_holds_its_data_and_the_static_picture():
    fragment = record_widget(secant(torch.sin, 1.0), positions=16, progress=False).html_fragment("one")
    assert 'id="one"' in fragment and "<svg" in fragment and re.search(r'sg-recorded-data">[\w+/=]+<', fragment)


def test_an_exported_page_is_at_most_200_kb_larger_than_its_states(tmp_path):
    recording = secant(torch.sin, 1.0).export(tmp_path / "page.html", positions=16, progress=False)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page == recording.page() and "http://" not in page.replace("http://www.w3.org/", "")
    assert len(page.encode()) - recording.size <= 200_000


def test_only_a_page_can_be_written_of_a_secant(tmp_path):
    with pytest.raises(ValueError, match=".html"):
        secant(torch.sin, 1.0).export(tmp_path / "page.svg")


def test_too_large_a_recording_names_the_argument_to_lower():
    with pytest.raises(RecordingTooLargeError, match="Lower positions"):
        record_widget(
            explore(squared_error, w=(-5.0, 5.0), b=1.0), positions=5, max_bytes=500, parts=(), progress=False
        )


@pytest.mark.needs("node")
def test_where_f_fails_the_page_says_so_and_where_it_fails_everywhere_there_is_nothing_else():
    def root(x):
        if x > 1:
            raise ValueError("too large")
        return x.sqrt()

    recording = record_widget(explore(root, x=(-1.0, 2.0, 0.5)), positions=7, parts=("modules",), progress=False)
    moves = [{"sliders": [x]} for x in (1.0, 1.5, -0.5)]
    good, failed, not_finite = (each["state"] for each in played(recording, moves, "state"))
    assert (good["output"], good["gradients"]) == ("1", ["0.5"])
    assert "too large" in str(failed["problem"])
    assert (failed["fresh"], failed["last_good_call"]) == (False, "root(x=1)")  # whose numbers stand there, greyed
    assert (not_finite["output"], not_finite["gradients"]) == ("nan", ["nan"])
    nowhere = explore(lambda x: {}[0], x=(-1.0, 1.0, 0.5))
    shown = played(record_widget(nowhere, positions=5, progress=False), [{"sliders": [1.0]}], "state")[0]
    assert "KeyError" in str(shown["state"]["problem"])


@pytest.mark.needs("node")
def test_a_recorded_descent_is_that_of_the_widget():
    descent = descend(squared_error, w=(-1.0, 6.0), b=(-4.0, 6.0), lr=0.02)
    recording = record_widget(descent, positions=2, progress=False)
    position = recording.data["variants"][0]["positions"][3]
    move = {"start": position[:2], "lr": position[2], "steps": 7}
    shown = played(recording, [move], "shown")[0]["shown"]
    descent.start, descent.lr, descent.steps = position[:2], position[2], 7
    assert shown == json.loads(json.dumps(descent.shown))


@pytest.mark.needs("node")
@pytest.mark.slow("f and its check run at more than 1,000 positions")
def test_what_a_page_shows_at_each_of_1000_positions_is_what_autograd_computes():
    plane = explore(squared_error, w=(-5.0, 5.0, 0.3125), b=(-5.0, 5.0, 0.3125))
    axes = explore(bent, x=[1.0, 2.0], lam=(0.0, 2.0))
    made = [record_widget(plane, positions=33, parts=(), progress=False)]
    made += [record_widget(axes, positions=11, share=0.00002, parts=(), progress=False)]
    compared = 0
    for recording, f in zip(made, (squared_error, bent), strict=True):
        positions = recording.data["variants"][0]["positions"]
        answers = played(recording, [{"sliders": position} for position in positions], "sliders", "state")
        for position, answer in zip(positions, answers, strict=True):
            inputs = {"x": position[:2], "lam": position[2]} if f is bent else dict(zip("wb", position, strict=True))
            assert answer["sliders"] == answer["state"]["position"] == position
            assert (answer["state"]["output"], answer["state"]["gradients"]) == expected(f, **inputs)
            compared += 1
    assert compared >= 1000


def test_of_two_sliders_the_whole_grid_is_recorded_unless_it_is_too_large():
    plane = explore(squared_error, w=(-1.0, 1.0, 0.25), b=(-1.0, 1.0, 0.125))
    whole = record_widget(plane, parts=(), progress=False)
    assert len(whole.data["variants"][0]["positions"]) == 9 * 17
    assert "153 positions" in repr(whole) and len(repr(whole)) < 200
    smaller = record_widget(plane, parts=(), progress=False, max_bytes=whole.size // 2)
    assert 9 <= smaller.states < 9 * 17 and smaller.size < whole.size


def test_a_grid_gives_the_longer_slider_what_the_shorter_one_does_not_need():
    short, long = Slider(0.0, 4.0, 1.0, 0.0), Slider(0.0, 100.0, 1.0, 0.0)
    assert most_along_each([short, long], 505) == 101
    assert most_along_each([short, long], 250) == 50
    assert most_along_each([long, long], 441) == 21


@pytest.mark.needs("node")
def test_two_choices_are_combined_where_few_positions_are_recorded():
    explorer = explore(lambda w: w * w + w, w=(-2.0, 2.0), cut=True, saved=True)
    recording = record_widget(explorer, positions=5, variant_positions=3, parts=("cut", "saved"), progress=False)
    variants = [variant["settings"] for variant in recording.data["variants"]]
    both = next(settings for settings in variants if {*settings} == {"cuts", "saved_tensors"})
    hidden = {"on": False, "retain": False, "twice": False}
    moves = [{"cuts": both["cuts"]}, {"saved_tensors": hidden}, {"sliders": [2.0]}]
    cut, none, moved = played(recording, moves, "cuts", "saved_tensors", "state")
    assert cut["state"]["memory"] and "memory" not in none["state"]
    assert none["cuts"] == moved["cuts"] == both["cuts"] and moved["state"]["gradients"] == ["3"]


def test_a_graph_that_is_wide_is_recorded_for_a_telephone_too():
    recording = record_widget(explore(squared_error, w=(-1.0, 1.0, 1.0), b=1.0), positions=3, parts=(), progress=False)
    texts = unpack(recording.data["texts"])
    for key, (width, narrow) in recording.data["narrow"].items():
        wide, small = (json.loads(texts[recording.data["scenes"][each]]) for each in (key, narrow))
        assert small["width"] <= 340 < wide["width"] == width
        assert [node["id"] for node in small["nodes"]] == [node["id"] for node in wide["nodes"]]
    assert recording.data["narrow"]


@pytest.mark.needs("node")
def test_a_position_between_the_recorded_ones_is_never_shown():
    recording = record_widget(explore(squared_error, w=(-5.0, 5.0), b=1.0), positions=5, parts=(), progress=False)
    recorded = [tuple(position) for position in recording.data["variants"][0]["positions"]]
    moves = [{"sliders": [-5.0 + k / 3, 1.0 + k / 7]} for k in range(30)]
    answers = played(recording, moves, "sliders", "state")
    assert {tuple(answer["state"]["position"]) for answer in answers} <= set(recorded)
    assert all(answer["sliders"] == answer["state"]["position"] for answer in answers)


@pytest.mark.needs("node")
def test_a_cut_edge_and_saved_tensors_are_answered_as_pytorch_has_them():
    explorer = explore(lambda w: w * w + w, w=(-2.0, 2.0), cut=True, saved=True)
    recording = record_widget(explorer, positions=5, variant_positions=3, parts=("cut", "saved"), progress=False)
    cuts = [v["settings"]["cuts"] for v in recording.data["variants"] if [*v["settings"]] == ["cuts"]]
    moves = [{"sliders": [2.0]}, *({"cuts": cut} for cut in cuts), {"cuts": []}]
    shown = [answer["state"]["gradients"] for answer in played(recording, moves, "state")]
    assert shown == [["5"], ["3"], ["3"], ["1"], ["4"], ["5"]]  # 2 + 2 + 1 at w = 2, each cut takes away its part
    freed = played(recording, [{"sliders": [2.0]}], "state")[0]["state"]["memory"]
    assert "freed" in freed
