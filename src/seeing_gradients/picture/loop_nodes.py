"""The node of a folded loop: value and gradient of the first, the last, and one more round side by side.

In a static picture the round between them is the one in the middle; on a page the learner chooses it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from seeing_gradients.picture import theme
from seeing_gradients.recorder import Node, Record

from .labels import compact, fit, full, inside_text, room
from .svg import BOLD, text

WIDTH, HEIGHT = 260, 76  # px
_HEAD, _VALUE, _GRAD = 33, 50, 67  # px from the top: the base lines of a round's number, value and gradient
_COLUMNS = (48, 130, 212)  # px from the left: the middles of the columns of the first, the chosen and the last round
_COLUMN_WIDTH = 72  # of its text, by which its digits are counted; bold digits are wider than others
_MOST_DETAILED = 200  # rounds; of a longer loop no digits are listed beyond those that the node shows


class SceneRounds(TypedDict):
    """What the node of a folded loop shows besides its last round, whose texts are the value and gradient of the node.

    Keys:
        count: of its rounds.
        first, chosen: x of the middle of the column of the first round, and of the chosen one, px.
        head, value, grad: y of the number of a round, its value and its gradient, px.
        has_grad: whether there are gradients.
        default: the round that is chosen at first, from 0; -1 if there is none between the first and the last.
    """

    count: int
    first: float
    chosen: float
    head: float
    value: float
    grad: float
    has_grad: bool
    default: int


RoundTexts = dict[str, list[list[str]]]  # id of a node -> for each round [value, gradient]


def fill_loop(form: dict[str, Any], node: Node, middle: float) -> None:
    """Add to the form of a node, see SceneNode, what is special about a folded loop."""
    inside: Any = node.inside
    w, count = form["w"], len(node.rounds)
    size = theme.NAME_SIZE
    first, chosen, last = _COLUMNS
    form["group"] = inside.key
    form["marks"] += [
        ["name", 12, 17, size, "start", fit(node.op, w - 44, size)],
        ["caption", first, _HEAD, theme.CAPTION_SIZE, "middle", "1"],
        ["caption", last, _HEAD, theme.CAPTION_SIZE, "middle", str(count)],
    ]
    form["value"] = [last, _VALUE, theme.VALUE_SIZE, "middle"]
    if node.requires_grad:
        form["grad"] = [last, _GRAD, theme.VALUE_SIZE, "middle"]
    form["room"] = room(_COLUMN_WIDTH, theme.VALUE_SIZE) - 3
    form["rounds"] = SceneRounds(
        count=count,
        first=first,
        chosen=chosen,
        head=_HEAD,
        value=_VALUE,
        grad=_GRAD,
        has_grad=node.requires_grad,
        default=(count - 1) // 2 if count > 2 else -1,
    )
    captions = (
        (node.name or "", -6, theme.CAPTION_SIZE + 1),
        (inside_text(inside.operations, inside.parameters), form["h"] + 20, theme.CAPTION_SIZE),
    )
    form["marks"] += [
        ["caption", middle, y, size, "middle", fit(words, w + 16, size)] for words, y, size in captions if words
    ]


def round_texts(record: Record, nodes: Sequence[Any]) -> RoundTexts:
    """Return for each folded loop the texts of its rounds: of the variable that it shows, value and gradient.

    Args:
        record: folded Record.
        nodes: of its scene.
    """
    texts: RoundTexts = {}
    for node, drawn in zip(record.nodes, nodes, strict=True):
        if node.rounds:
            space = drawn["room"]
            texts[str(node.id)] = [
                [
                    "?" if one.values[0] is None else compact(one.values[0], space),
                    compact(one.grads[0], space) if drawn["grad"] else "",
                ]
                for one in node.rounds
            ]
    return texts


def round_details(record: Record) -> dict[str, list[list[list[str]]]]:
    """Return for each folded loop, and for each round, [name, value, gradient] of its variables, with all digits."""
    details: dict[str, list[list[list[str]]]] = {}
    for node in record.nodes:
        if 0 < len(node.rounds) <= _MOST_DETAILED:
            details[str(node.id)] = [
                [
                    [name, "?" if value is None else full(value), full(grad) if node.requires_grad else ""]
                    for name, value, grad in zip(one.names, one.values, one.grads, strict=True)
                ]
                for one in node.rounds
            ]
    return details


def paint_rounds(drawn: Mapping[str, Any], texts: Sequence[Sequence[str]], moves: Sequence[str] | None = None) -> str:
    """Return the SVG text of the first and the middle round of a folded loop, relative to its upper left corner.

    Args:
        drawn: a SceneNode with `rounds`.
        texts: of its rounds.
        moves: of a nudge, the move in each round, in place of the values.
    """
    rounds: SceneRounds = drawn["rounds"]
    size, shown = theme.VALUE_SIZE, [(rounds["first"], 0)]
    parts = []
    if rounds["default"] >= 0:
        shown.append((rounds["chosen"], rounds["default"]))
        number = str(rounds["default"] + 1)
        parts.append(text(rounds["chosen"], rounds["head"], number, theme.CAPTION_SIZE, "middle", theme.MUTED))
    for x, i in shown:
        value, grad = texts[i]
        value, sign = (value, "→ ") if moves is None else (moves[i], "Δ ")
        parts.append(text(x, rounds["value"], value, size, "middle", theme.VALUE, BOLD, sign))
        if rounds["has_grad"]:
            parts.append(text(x, rounds["grad"], grad, size, "middle", theme.GRADIENT, BOLD, "← "))
    return "".join(parts)
