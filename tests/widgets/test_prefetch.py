"""Positions that explore runs ahead: numbers are those of a later run; an f with side effects is not run ahead."""

import time

import pytest
import torch

from helpers import explore
from seeing_gradients.widgets.explore import prefetch


@pytest.fixture
def patient(monkeypatch):
    """Give an answer enough time for every position, even on a busy machine."""
    monkeypatch.setattr(prefetch, "_BUDGET", 60.0)
    monkeypatch.setattr(prefetch, "_SLOW", 60.0)


def loss(w, b):
    return (w * 2.0 + b - 7.0) ** 2


def ask(widget, *positions, scenes=None, **more):
    """(entries, the whole answer) that the page receives when it asks for positions."""
    sent, send = [], widget.send
    widget.send = sent.append
    known = [widget.scene.get("key")] if scenes is None else scenes
    widget._handle_custom_msg({"ahead": [list(map(float, at)) for at in positions], "scenes": known, **more}, [])
    widget.send = send
    (answer,) = sent
    return answer["ahead"].get("entries"), answer["ahead"]


def test_what_is_run_ahead_is_what_the_position_itself_gives(patient):
    widget = explore(loss, w=(-5.0, 5.0), b=(-5.0, 5.0))
    widget.set(w=0.1)
    positions = [(w, b) for w in (-5.0, -0.3, 0.0, 2.5) for b in (-1.0, 4.9)]
    entries = {tuple(entry["position"]): entry for at in positions for entry in ask(widget, at)[0]}
    assert list(entries) == positions
    for at, entry in entries.items():
        widget.sliders = list(at)
        widget.check_requested = widget.state["sequence"]  # on a busy machine the check may wait until the page asks
        assert widget.state == {**entry["state"], "sequence": widget.state["sequence"]}
        assert entry["cells"] in (None, widget.check["cells"])


def test_a_page_that_shows_no_step_receives_no_sentences(patient):
    widget = explore(loss, w=(-5.0, 5.0), b=(-5.0, 5.0))
    (entry,), _ = ask(widget, (1.0, 1.0))
    (brief,), _ = ask(widget, (1.0, 1.0), captions=False)
    sentences = entry["state"].pop("step_captions")
    assert sentences and brief == entry


def test_running_ahead_does_not_move_the_widget(patient):
    widget = explore(loss, w=(-5.0, 5.0), b=(-5.0, 5.0))
    before = widget.sliders, widget.state, widget.scene, widget.check, widget.record, widget.position
    ask(widget, (1.0, 1.0))
    assert (widget.sliders, widget.state, widget.scene, widget.check, widget.record, widget.position) == before


def test_a_branch_comes_with_its_graph_once(patient):
    def bent(w):
        return w * w if w > 0 else (w * 2).exp()

    widget = explore(bent, w=(-2.0, 2.0)).set(w=1.0)
    entries, answer = ask(widget, (1.5,), (-1.0,), (-1.5,))
    (scene,) = answer["scenes"]
    assert [entry["state"]["scene"] for entry in entries] == [widget.scene["key"], scene["key"], scene["key"]]
    assert ask(widget, (-0.5,), scenes=[widget.scene["key"], scene["key"]])[1]["scenes"] == []
    widget.set(w=-1.0)
    assert widget.scene == scene


def test_a_position_where_f_fails_prints_or_is_not_finite_is_left_for_when_it_is_reached(patient):
    def odd(w):
        if w > 1:
            raise ValueError
        if w < -1:
            print(w)
        return w.log()

    entries, answer = ask(explore(odd, w=(-2.0, 2.0)).set(w=0.5), (1.5,), (-1.5,), (-0.5,), (0.0,), (0.25,))
    assert [entry["state"] is None for entry in entries] == [True, True, True, True, False]
    assert answer["off"] is False


@pytest.mark.parametrize("at", [(9.0, 0.0), (float("nan"), 0.0)])
def test_a_position_out_of_range_is_not_run(at):
    entries, _ = ask(explore(loss, w=(-5.0, 5.0), b=(-5.0, 5.0)), at)
    assert [entry["state"] for entry in entries] == [None]


def counts_globally():
    seen = []

    def f(w):
        seen.append(w)
        return w * w

    return f


def rebinds():
    calls = 0

    def f(w):
        nonlocal calls
        calls += 1
        return w * w

    return f


def writes():
    total = torch.zeros(())

    def f(w):
        total.add_(w.detach())
        return w * w

    return f


@pytest.mark.parametrize("make", [counts_globally, rebinds, writes])
def test_f_that_alters_something_outside_itself_is_run_ahead_once_and_never_again(make, patient):
    widget = explore(make(), w=(-2.0, 2.0))
    entries, answer = ask(widget, (0.5,), (1.0,))
    assert [entry["state"] for entry in entries] == [None]
    assert answer["off"] is True
    assert ask(widget, (0.5,))[0] == []


def test_what_a_run_writes_and_the_explorer_puts_back_is_no_reason_to_leave_f_alone(patient):
    norm = torch.nn.BatchNorm1d(1)
    widget = explore(lambda w: norm((w * torch.tensor([1.0, 2.0, 3.0]))[:, None]).sum(), w=(-2.0, 2.0))
    entries, answer = ask(widget, (0.5,), (1.0,))
    assert all(entry["state"] for entry in entries) and answer["off"] is False
    assert norm.num_batches_tracked == 0


def compute(seconds):
    """Use processor time."""
    began = time.thread_time()
    while time.thread_time() - began < seconds:
        pass


@pytest.mark.parametrize("slowly", [lambda: compute(0.12), lambda: time.sleep(0.4)], ids=["computes", "waits"])
def test_f_that_is_slow_is_not_run_ahead(slowly):
    def slow(w):
        slowly()
        return w * w

    widget = explore(slow, w=(-2.0, 2.0))
    assert [ask(widget, (0.5,), (1.0,))[1]["off"] for _ in range(4)] == [False, False, True, True]


def test_f_that_a_busy_machine_slows_down_now_and_then_is_run_ahead_all_the_same(patient):
    runs = iter(range(1000))

    def seldom_slow(w):
        time.sleep(0.06)  # another process uses the processor
        compute(0.12 * (next(runs) % 10 == 5))
        return w * w

    widget = explore(seldom_slow, w=(-2.0, 2.0), ahead=True)
    assert [ask(widget, (n / 100,))[1]["off"] for n in range(30)] == [False] * 30


def test_f_that_is_slow_somewhere_is_given_up():
    def sometimes(w):
        steep = bool(w > 1)
        while steep:
            pass
        return w * w

    widget = explore(sometimes, w=(-2.0, 2.0))
    began = time.perf_counter()
    answers = [ask(widget, (1.5,), (0.5,))[1]["off"] for _ in range(6)]
    assert answers[-1] is True and time.perf_counter() - began < 3
    assert widget.set(w=0.5).record.grads["w"] == 1.0


def test_one_answer_is_limited_in_time():
    widget = explore(loss, w=(-5.0, 5.0), b=(-5.0, 5.0))
    many = [(w / 1000, 0.0) for w in range(3000)]
    assert 0 < len(ask(widget, *many)[0]) < 3000


def test_if_a_run_differs_from_what_was_run_ahead_the_page_drops_all_of_that(patient):
    scale = [1.0]
    widget = explore(lambda w: w * scale[0], w=(-2.0, 2.0))
    sent, widget.send = [], lambda content: sent.append(content)
    for round_ in range(3):
        widget._handle_custom_msg({"ahead": [[0.5]], "scenes": []}, [])
        scale[0] += 1
        widget.sliders = [0.5]
        assert sent[-1] == {"ahead": {"forget": True}}, round_
        widget.sliders = [1.0]
    widget._handle_custom_msg({"ahead": [[0.5]], "scenes": []}, [])
    assert sent[-1]["ahead"]["off"] is True


def test_running_ahead_can_be_switched_off():
    assert ask(explore(loss, w=(-5.0, 5.0), b=2.0, ahead=False), (1.0, 1.0))[1] == {"off": True}


@pytest.mark.parametrize("content", [{}, {"ahead": "x", "scenes": []}, {"ahead": [[1.0]], "scenes": []}, 7])
def test_a_message_that_no_page_of_ours_sends_harms_nothing(content):
    widget = explore(loss, w=(-5.0, 5.0), b=(-5.0, 5.0))
    widget._handle_custom_msg(content, [])
    assert widget.set(w=1.0, b=1.0).record.grads["w"] == -16.0
