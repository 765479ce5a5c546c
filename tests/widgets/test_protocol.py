"""protocol.py and page/data.d.ts declare the same data: the same names, and the same optional keys."""

import re
from pathlib import Path
from typing import is_typeddict

import pytest
import torch
from torch import nn
from typeguard import CollectionCheckStrategy, TypeCheckError, check_type

from seeing_gradients import descend, explore, secant
from seeing_gradients.picture import scene
from seeing_gradients.widgets.explore import protocol

PAGE = (Path(protocol.__file__).parent / "page" / "data.d.ts").read_text(encoding="utf-8")
# (class, key): keys that only Python reads; keys that a note, a packed scene or a plot without a choice leaves out.
PYTHON_ALONE = {("Scene", "gaps")}
LEFT_OUT = {("Jacobian", None), ("Plot", None), ("SceneEdge", "room")}
DECLARED = {name: kind for name, kind in (vars(scene) | vars(protocol)).items() if is_typeddict(kind)}
SHARED = [name for name in DECLARED if f"interface {name} " in PAGE]


def interface(name, page=PAGE):
    """Dict from a key of an interface, or of one that it extends, to whether it is optional."""
    parent, body = re.search(rf"interface {name} (?:extends (\w+) )?\{{\n(.*?)\n\}}", page, re.DOTALL).groups()
    own = {key: bool(mark) for key, mark in re.findall(r"^  (\w+)(\??):", body, re.MULTILINE)}
    return (interface(parent, page) if parent else {}) | own


@pytest.mark.parametrize("name", SHARED)
def test_the_page_declares_what_python_sends(name):
    kind = DECLARED[name]
    sent = {key: key in kind.__optional_keys__ for key in kind.__annotations__ if (name, key) not in PYTHON_ALONE}
    declared = interface(name)
    assert set(sent) == set(declared)
    if (name, None) not in LEFT_OUT:
        assert {k for k in sent if sent[k] != declared[k]} == {key for where, key in LEFT_OUT if where == name}


SMALLER = {
    "Descend": lambda: descend(line, w=(-5.0, 5.0), b=(-1.0, 1.0), steps=2),
    "Secant": lambda: secant(torch.sin, 1.0),
}


@pytest.mark.parametrize("name", SMALLER)
@pytest.mark.parametrize("trait", ["spec", "shown"])
def test_the_pages_of_descend_and_secant_declare_what_is_sent(name, trait):
    page = Path(protocol.__file__).parents[1] / name.lower() / "data.d.ts"
    declared = interface(f"{name}{trait.title()}", page.read_text(encoding="utf-8"))
    assert set(getattr(SMALLER[name](), trait)) == set(declared)


def test_most_of_the_protocol_is_shared():
    assert {
        "State",
        "Scene",
        "SceneNode",
        "SceneEdge",
        "SceneFrame",
        "Control",
        "Check",
        "Labels",
        "Plot",
        "AheadEntry",
    } <= set(SHARED)


def line(w, b=1.0):
    return (w * 2.0 + b) ** 2


def stops(w):
    if w > 2:
        raise ValueError("too large")
    return w * w


def leaves_the_graph(x):
    return (x.detach() * x).sum()


EXPLORERS = {
    "a function": lambda: explore(line, w=(-5.0, 5.0), b=2.0),
    "an error": lambda: explore(stops, w=(-5.0, 5.0)).set(w=3.0),
    "an error at the start": lambda: explore(stops, w=(3.0, 5.0)),
    "saved tensors": lambda: explore(line, w=(-5.0, 5.0), saved=True),
    "a write in place": lambda: explore(lambda x: x.exp().add_(1).sum(), x=[1.0, 2.0], saved=True),
    "a detached edge": lambda: explore(leaves_the_graph, x=[1.0, 2.0]),
    "a plot": lambda: explore(line, w=(-5.0, 5.0), plot="w"),
    "contours": lambda: explore(line, w=(-5.0, 5.0), b=(-1.0, 1.0), plot=("w", "b")),
    "a Jacobian": lambda: explore(lambda x: x * x, x=[1.0, 2.0], gradient="v"),
    "a model": lambda: explore(nn.Sequential(nn.Linear(3, 4), nn.ReLU()), torch.ones(2, 3), gradient=torch.ones(2, 4)),
    "a large tensor": lambda: explore(lambda x: (x * torch.ones(20, 20)).sum(), x=1.0),
}


@pytest.mark.parametrize("case", EXPLORERS)
def test_what_is_sent_has_the_declared_types(case):
    explorer = EXPLORERS[case]()
    sent = {
        "controls": (explorer.controls, list[protocol.Control]),
        "labels": (explorer.labels, protocol.Labels),
        "scene": (explorer.scene, protocol.Scene),
        "state": (explorer.state, protocol.State),
        "check": (explorer.check, protocol.Check),
    }
    for value, kind in sent.values():
        if value:  # there is no scene before a run has succeeded
            check_type(value, kind, collection_check_strategy=CollectionCheckStrategy.ALL_ITEMS)


def test_a_state_of_another_type_is_noticed():
    state = EXPLORERS["a function"]().state
    for wrong in ({**state, "values": 1}, {**state, "unknown": 1}, {k: v for k, v in state.items() if k != "call"}):
        with pytest.raises(TypeCheckError):
            check_type(wrong, protocol.State, collection_check_strategy=CollectionCheckStrategy.ALL_ITEMS)
