"""The nodes of a model that is higher than a page: bars, which are low and have everything side by side.

In a chain of modules a bar is one line: class, path and parameters, value, gradient, so that the picture reads like a
table. Where modules stand side by side, a bar has two lines and is half as wide, or narrow and without a symbol.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from seeing_gradients.picture import theme
from seeing_gradients.recorder import Node

from .grouping import PREPARATION
from .labels import fit, inside_text, letters, room, symbol, width

_TITLE_SIZE, _CAPTION_SIZE = theme.NAME_SIZE, theme.CAPTION_SIZE
_BOLD = 1.15  # bold text is wider by about this factor

Bars: TypeAlias = Literal["one line", "two lines", "narrow"]
BARS: Sequence[Bars] = ("one line", "two lines", "narrow")  # in the order in which they are tried


@dataclass(frozen=True)
class BarForm:
    """The measures of bars, px from the upper left corner.

    Attributes:
        width, height: of a bar.
        gap: between two bars.
        title, caption, value, grad: (x, y) of these texts.
        title_room, caption_room, number_room: their widths.
        middle: y of the only text in a column.
    """

    width: float
    height: float
    gap: float
    title: tuple[float, float]
    caption: tuple[float, float]
    value: tuple[float, float]
    grad: tuple[float, float]
    title_room: float
    caption_room: float
    number_room: float
    middle: float


FORMS: dict[Bars, BarForm] = {
    "one line": BarForm(660, 26, 20, (14, 17.5), (160, 17.5), (314, 17.5), (486, 17.5), 142, 150, 150, 17.5),
    "two lines": BarForm(300, 36, 22, (12, 15.5), (12, 29.5), (152, 15.5), (152, 30), 136, 136, 138, 22.5),
    "narrow": BarForm(260, 36, 22, (12, 15.5), (12, 29.5), (126, 15.5), (126, 30), 108, 110, 126, 22.5),
}
_SLIM = 180  # px: width of a bar of two lines that shows a value and no gradient
_AFTER_TITLE = 8  # px between a title and the caption beside it


def is_bar(node: Node, bars: Bars) -> bool:
    """Whether a node becomes a bar: neither constants nor folded loops, and leaves only in a chain."""
    return node.kind not in ("constant", "loop") and (node.kind != "leaf" or bars == "one line")


def bar_size(node: Node, bars: Bars) -> tuple[float, float]:
    """Return the width and height of a bar, px."""
    form = FORMS[bars]
    return (_SLIM if _is_slim(node, bars) else form.width), form.height


def has_badge(node: Node, bars: Bars) -> bool:
    """Whether a bar has the symbol of its operation on the left."""
    return bars == "two lines" and node.kind not in ("leaf", "module")


def fill_bar(drawn: dict[str, Any], node: Node, bars: Bars) -> None:
    """Add to the form of a node, see SceneNode, the texts of a bar."""
    form, marks = FORMS[bars], drawn["marks"]
    title, captions = _words(node)
    indent = form.height - form.title[0] + 6 if has_badge(node, bars) else 0
    is_slim, has_grad = _is_slim(node, bars), _has_grad(node)
    x, y = form.title[0] + indent, form.title[1]
    if not is_slim and (not captions or y == form.caption[1]):
        y = form.middle
    shown = fit(title, form.title_room - indent, _TITLE_SIZE * _BOLD)
    marks.append(["name", x, y, _TITLE_SIZE, "start", shown])
    position, space = (form.caption[0] + indent, form.caption[1]), form.caption_room - indent
    if is_slim:
        across = width(letters(shown) * _BOLD, _TITLE_SIZE) + _AFTER_TITLE
        position, space = (x + across, y), _SLIM - x - across - 12
    fitting = [words for words in captions if room(space, _CAPTION_SIZE) >= letters(words)]
    for words in fitting[:1] or ([] if is_slim else captions[-1:]):
        marks.append(["caption", *position, _CAPTION_SIZE, "start", fit(words, space, _CAPTION_SIZE)])
    if is_slim:
        drawn["value"] = [x, form.grad[1], theme.VALUE_SIZE, "start"]
    else:
        drawn["value"] = [form.value[0], form.value[1] if has_grad else form.middle, theme.VALUE_SIZE, "start"]
    if has_grad:
        drawn["grad"] = [*form.grad, theme.VALUE_SIZE, "start"]
    drawn["room"] = room(form.number_room, theme.VALUE_SIZE) - len("→ ")
    if node.inside is not None:
        drawn["group"] = node.inside.key


def _has_grad(node: Node) -> bool:
    return node.requires_grad and node.kind not in ("detached", "failed")


def _is_slim(node: Node, bars: Bars) -> bool:
    """Whether a bar is narrow: of an operation, or several folded ones, without a gradient."""
    return bars != "one line" and not _has_grad(node) and (node.inside is None or node.op == PREPARATION)


def _words(node: Node) -> tuple[str, list[str]]:
    """The title, and what is said of the node in a caption, the longest text first."""
    if node.inside is not None:
        has_parameters = node.inside.parameters > 0
        count = inside_text(None if has_parameters else node.inside.operations, node.inside.parameters)
        if not node.name:
            return node.op, [count]
        return node.op, [f"{node.name}, {count}", count if node.op == PREPARATION else node.name]
    if node.kind == "leaf":
        return node.name or "?", [node.grad_fn] if node.grad_fn else []
    scope = node.module[-1] if node.module else None
    if scope is not None and node.name == f"{scope.key} ({scope.kind})":  # a module of one operation
        return scope.kind, [scope.key]
    called = [node.grad_fn] if node.grad_fn else []
    if node.name:
        return node.name, [f"{symbol(node.op)}, {node.grad_fn}", *called] if called else [node.op]
    return node.op, called
