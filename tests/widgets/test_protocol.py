"""What crosses to the page has the same names, and the same keys may be missing, in protocol.py and in page/data.d.ts."""

import re
from pathlib import Path
from typing import is_typeddict

import pytest

from seeing_gradients.widgets.explore import protocol

PAGE = (Path(protocol.__file__).parent / "page" / "data.d.ts").read_text(encoding="utf-8")
# What Python alone reads, and what a note, a packed scene or a plot without a choice leaves out: (class, key).
PYTHON_ALONE = {("Scene", "gaps")}
LEFT_OUT = {("Jacobian", None), ("Plot", None), ("SceneEdge", "room")}
SHARED = [name for name, kind in vars(protocol).items() if is_typeddict(kind) and f"interface {name} " in PAGE]


def interface(name):
    """key -> whether it is optional, of an interface and of those that it extends."""
    parent, body = re.search(rf"interface {name} (?:extends (\w+) )?\{{\n(.*?)\n\}}", PAGE, re.DOTALL).groups()
    own = {key: bool(mark) for key, mark in re.findall(r"^  (\w+)(\??):", body, re.MULTILINE)}
    return (interface(parent) if parent else {}) | own


@pytest.mark.parametrize("name", SHARED)
def test_the_page_declares_what_python_sends(name):
    kind = getattr(protocol, name)
    sent = {key: key in kind.__optional_keys__ for key in kind.__annotations__ if (name, key) not in PYTHON_ALONE}
    declared = interface(name)
    assert set(sent) == set(declared)
    if (name, None) not in LEFT_OUT:
        assert {k for k in sent if sent[k] != declared[k]} == {key for where, key in LEFT_OUT if where == name}


def test_most_of_the_protocol_is_shared():
    assert {"State", "Scene", "Control", "Check", "Labels", "Plot", "AheadEntry"} <= set(SHARED)
