"""Draw a scene as SVG text: `paint(scene, words)`.

Equal records give equal bytes, and the SVG contains nothing that GitHub removes.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, NotRequired, TypedDict

import numpy as np

from seeing_gradients.language import message
from seeing_gradients.picture import theme
from seeing_gradients.runtime import collector_off

from .labels import fit, letters, room, wrap
from .loop_nodes import RoundTexts, paint_rounds
from .saved_tensor_chips import SIGNS, Chip
from .scene import LABEL_BASE_LINE, LABEL_SCALE, AnyScene, SceneBundle, SceneConnector, SceneEdge, SceneFrame, SceneNode
from .shapes import Shape, Style, paint_shape
from .svg import BOLD, PX, element, escape, escape_all, open_text, px, rect, text

_LEGEND_HEIGHT = 26  # px
_CAPTION_WIDTH, _CAPTION_LINE = 520, 18  # px: of a picture with a caption, at least; of a line of it
_VALUE_LETTERS, _OUTPUT_LETTERS = "vutq", "yzLF"
_BACK_SIGN = "← "  # before a gradient
_CACHED = 1 << 14
_MOVE_SIGN = "Δ "
APART = "≠ "  # before the product of a nudge, where the moves part

_NodeMarkup = tuple[str, str, str]  # SVG text of a node: before its value, between value and gradient, after that


class NudgeWords(TypedDict):
    """The texts of a picture in which one input was moved by a small step.

    Keys:
        moves: of each node how far it moved, in place of its value; "" to leave the value.
        products: of each node its gradient times the move, below it, or "". APART before it marks that the real and the
            predicted move of the output part.
        apart: ids of the nodes that cause it.
        rounds: of each folded loop, by the id of its node, the move in each round.
    """

    moves: Sequence[str]
    products: Sequence[str]
    apart: Sequence[int]
    rounds: NotRequired[Mapping[str, Sequence[str]]]


class Words(TypedDict):
    """The texts in a picture.

    Keys:
        values, grads, flows, rounds: as `scene.texts` returns them.
        failed: id of the node at which backward failed, or None.
        saved_tensors: as `saved_chips` returns them, or None to show none.
        nudge: NudgeWords, or None.
    """

    values: Sequence[str]
    grads: Sequence[str]
    flows: Sequence[str]
    rounds: NotRequired[RoundTexts]
    failed: NotRequired[int | None]
    saved_tensors: NotRequired[list[list[Chip]] | None]
    nudge: NotRequired[NudgeWords | None]


@collector_off()
def paint(
    scene: AnyScene,
    words: Mapping[str, Any],
    title: str = "",
    captions: Sequence[tuple[str, str]] = (),
    legend: tuple[str, str] | None = None,
) -> str:
    """Return the picture of a scene as SVG text.

    Args:
        scene: of a Record.
        words: a Words.
        title: what a screen reader says first.
        captions: sentences to show below the graph.
        legend: what values and gradients are called; by default symbols, which need no translation.
    """
    width, height = max(260, scene["width"]), scene["height"] + _LEGEND_HEIGHT - 8
    if captions:
        width = max(width, _CAPTION_WIDTH)
        said = _captions(captions, height, width)
        height += _CAPTION_LINE * len(said)
    else:
        said = []
    out = [
        _open(width, height),
        f"<title>{escape(title)}</title>",
        rect(0.5, 0.5, width - 1, height - 1, theme.CARD_RADIUS, theme.CARD, theme.HAIRLINE, 1),
    ]
    words = {**words, **{name: escape_all(words[name]) for name in ("values", "grads", "flows")}}
    out += _graph(scene, words)
    out += [*said, _legend(scene["nodes"], height, legend), "</svg>", ""]
    return "\n".join(out)


def _captions(captions: Sequence[tuple[str, str]], top: float, width: float) -> list[str]:
    """The lines of sentences below a graph, where its legend would begin."""
    space, size = room(width - 2 * theme.MARGIN, theme.SMALL_SIZE), theme.SMALL_SIZE
    lines = [(line, colour) for words, colour in captions for line in wrap(words, space)]
    first = top - _LEGEND_HEIGHT + size
    return [
        text(theme.MARGIN, first + _CAPTION_LINE * i, line, size, "start", colour)
        for i, (line, colour) in enumerate(lines)
    ]


def below(picture: str, group: str, width: float, height: float) -> str:
    """Return an SVG picture with more elements below it.

    Args:
        picture: SVG text, from `paint`.
        group: SVG text of the elements, whose upper left corner is (0, 0).
        width, height: px, of the elements.

    Raises:
        ValueError: picture does not state its size.
    """
    size = re.search(r'width="([\d.]+)" height="([\d.]+)" viewBox="0 0 [\d. ]+"', picture)
    if size is None:
        raise ValueError("picture must be an SVG that states its size; received another text")
    whole, top = max(float(size[1]), width), float(size[2]) + 8
    head = f'width="{whole:g}" height="{top + height:g}" viewBox="0 0 {whole:g} {top + height:g}"'
    added = f'<g transform="translate(0 {top:g})">{group}</g>\n</svg>'
    return picture.replace(size[0], head, 1).replace("</svg>", added, 1)


def notice(words: str, title: str = "") -> str:
    """Return a card with a sentence as SVG text: the picture if there is no graph to show.

    Args:
        words: the sentence, not escaped yet.
        title: what a screen reader says first.
    """
    lines = wrap(words, 84) or [""]
    height = 20 * len(lines) + 2 * theme.MARGIN
    x, y, size = theme.MARGIN, theme.MARGIN + 15, theme.TEXT_SIZE
    out = [
        _open(720, height),
        f"<title>{escape(title)}</title>",
        rect(0.5, 0.5, 719, height - 1, theme.CARD_RADIUS, theme.CARD, theme.HAIRLINE, 1),
        *(text(x, y + 20 * i, line, size, "start", theme.GRADIENT) for i, line in enumerate(lines)),
        "</svg>",
    ]
    return "\n".join(out) + "\n"


def _open(width: float, height: float) -> str:
    """The start tag of a picture of this size, px."""
    size = f'width="{px(width)}" height="{px(height)}" viewBox="0 0 {px(width)} {px(height)}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{theme.FONT}">'


def _graph(scene: AnyScene, words: Mapping[str, Any]) -> list[str]:
    """The elements of a graph.

    Args:
        scene: of a Record.
        words: a Words whose values, grads and flows are escaped.
    """
    frames = [part for frame in scene["frames"] for part in _frame(frame)]
    links, flows = scene["edges"], words["flows"]
    edges = _edges(links, edge_curves(links), scene["arrow_heads"])
    labels = [
        _label(edge["slot"], flow, edge.get("bundle")) for edge, flow in zip(links, flows, strict=True) if edge["slot"]
    ]
    connectors = [part for connector in scene["connectors"] for part in _connector(connector)]
    chips, failed, nudge = words.get("saved_tensors"), words.get("failed"), words.get("nudge")
    nodes, values, grads = [], words["values"], words["grads"]
    if nudge:
        values = [escape(move) or value for move, value in zip(nudge["moves"], values, strict=True)]
    markups: dict[int, _NodeMarkup] = {}  # of each form
    for i, drawn in enumerate(scene["nodes"]):
        form = drawn["form"]
        if nudge and nudge["moves"][i]:
            markup = _node_markup(drawn, (), failed == i, nudge["products"][i], i in nudge["apart"])
        elif (chips and chips[i]) or failed == i:
            markup = _node_markup(drawn, chips[i] if chips else (), failed == i)
        else:
            markup = markups.get(form) or markups.setdefault(form, _node_markup(drawn))
        if "rounds" in drawn:
            before, between, behind = markup
            moves = nudge.get("rounds", {}).get(str(i)) if nudge else None
            markup = before, between, f"{behind}{paint_rounds(drawn, words['rounds'][str(i)], moves)}"
        nodes.append(_node(drawn, values[i], grads[i], markup))
    return frames + edges + labels + connectors + nodes


def _frame(frame: SceneFrame) -> list[str]:
    """The elements of the frame around an open module, with its title over the first part."""
    parts = []
    for n, (x, y, w, h) in enumerate(frame["boxes"]):
        parts.append(rect(x, y, w, h, theme.CARD_RADIUS, "none", theme.HAIRLINE, 1.5))
        title = fit(frame["text"] if n == 0 else f"… {frame['text']}", w - 20, theme.LABEL_SIZE)
        parts.append(text(x + 10, y + 15, title, theme.LABEL_SIZE, "start", theme.MUTED, BOLD))
    return parts


def _connector(connector: SceneConnector) -> list[str]:
    """A circle with its number, and for a screen reader where its edges go on."""
    x, y, radius = connector["x"], connector["y"], connector["r"]
    title = f"<title>{escape(message('explore.connector', number=connector['number']))}</title>"
    circle = element("circle", cx=px(x), cy=px(y), r=px(radius), fill=theme.CARD, stroke=theme.OUTLINE,
                     stroke_width=theme.EDGE_WIDTH)  # fmt: skip
    number = text(x, y + 4, str(connector["number"]), theme.TICK_SIZE, "middle", theme.TEXT, BOLD)
    return [f'<g role="img">{title}{circle}{number}</g>']


def _legend(nodes: Sequence[SceneNode], height: float, legend: tuple[str, str] | None) -> str:
    """The legend, in symbols, so that it needs no translation: "→ v  ← ∂y/∂v", where v is any value and y the output.

    It uses other letters if nodes have these names; but the output itself may be called y.
    """
    names = {node["name"] for node in nodes}
    value = next(letter for letter in (*_VALUE_LETTERS, "v'") if letter not in names)
    names = {node["name"] for node in nodes if not node["root"]}
    output = next(letter for letter in (*_OUTPUT_LETTERS, "y'") if letter not in names)
    x, y, size = theme.MARGIN, height - 11, theme.TICK_SIZE
    named, slope = legend or (value, f"∂{output}/∂{value}")
    forward = text(x, y, f"→ {named}", size, "start", theme.VALUE, BOLD)
    if not any(node["grad"] for node in nodes):
        return forward
    gap = 36 if legend is None else 6.5 * letters(named) + 30
    return forward + text(x + gap, y, f"← {slope}", size, "start", theme.GRADIENT, BOLD)


# ---- nodes ----


def _node(drawn: SceneNode, value: str, grad: str, markup: _NodeMarkup) -> str:
    """The element of a node; value and grad are escaped texts."""
    before, between, behind = markup
    position = f"{PX[drawn['x']]},{PX[drawn['y']]}"
    return f'<g transform="translate({position})">{before}{value}{between}{grad}{behind}</g>'


def _node_markup(
    form: SceneNode,
    chips: Sequence[Chip] = (),
    failed: bool = False,
    product: str | None = None,
    apart: bool = False,
) -> _NodeMarkup:
    """The SVG text of a node without its numbers, relative to its upper left corner.

    Args:
        form: any node of that form.
        chips: [state, text] of each tensor that it saves.
        failed: whether the backward pass stopped here.
        product: of a nudge, in place of the last caption; None without a nudge.
        apart: whether the moves part because of this node.
    """
    before = [*_outlines(form, failed, apart), *(_shape(shape) for shape in form["shapes"] if shape[0] == "badge")]
    for kind, x, y, size, anchor, words in without_caption(form) if product else form["marks"]:
        if kind == "caption":
            before.append(_chips(x, y, size, chips) if chips else text(x, y, words, size, anchor, theme.MUTED))
        else:
            before.append(text(x, y, words, size, anchor, theme.TEXT, BOLD if kind == "name" else ""))
    if product:
        x, y, size, anchor = product_position(form)
        before.append(
            text(x, y, product, size, anchor, theme.BAD if product.startswith(APART) else theme.GRADIENT, BOLD)
        )
    is_constant = form["kind"] == "constant"
    fill, sign = (theme.MUTED, escape(form.get("prefix", ""))) if is_constant else (theme.VALUE, "→ ")
    if product is not None:
        sign = _MOVE_SIGN
    if form["kind"] == "failed":
        fill, sign = theme.BAD, ""
    x, y, size, anchor = form["value"]
    before.append(open_text(x, y, size, anchor, fill, BOLD, sign))
    between = "</text>"
    behind = "".join([_shape(shape) for shape in form["shapes"] if shape[0] == "sum"])
    if form["grad"]:
        x, y, size, anchor = form["grad"]
        between += open_text(x, y, size, anchor, theme.GRADIENT, BOLD, _BACK_SIGN)
        behind = f"</text>{behind}"
    return "".join(before), between, behind


def _last_caption(form: SceneNode) -> list[Any] | None:
    """The caption below a node, or in a bar, or None; a folded module has another one above it."""
    captions = [mark for mark in form["marks"] if mark[0] == "caption" and mark[2] > 0]
    return captions[-1] if captions else None


def without_caption(form: SceneNode) -> list[list[Any]]:
    """Return the marks of a node without its last caption, whose place the product of a nudge takes."""
    caption = _last_caption(form)
    return [mark for mark in form["marks"] if mark is not caption]


def product_position(form: SceneNode) -> tuple[float, float, float, str]:
    """Return (x, y, size, anchor) of the product of a nudge, below a node, or in a bar."""
    caption = _last_caption(form)
    if caption is None:
        return form["w"] / 2, form["h"] + 11.5, theme.PRODUCT_SIZE, "middle"
    return caption[1], caption[2] + 1, theme.PRODUCT_SIZE, caption[4]


def _chips(x: float, y: float, size: float, chips: Sequence[Chip]) -> str:
    """The text element of the chips below a node, in place of its caption."""
    fills = {"kept": theme.TEXT, "changed": theme.BAD}
    spans = []
    for state, words in chips:
        gap, shown = {"dx": 6} if spans else {}, f"{SIGNS.get(state, '')} {words}".strip()
        spans.append(element("tspan", escape(shown), fill=fills.get(state, theme.MUTED), **gap))
    position = f'x="{px(x)}" y="{px(y)}" font-size="{px(size)}" text-anchor="middle"'
    return f"<text {position}{BOLD}>{''.join(spans)}</text>"


def _outlines(form: SceneNode, failed: bool, apart: bool = False) -> list[str]:
    """The rectangles of a node: the cards behind a run of modules, then its own outline."""
    own = _outline_style(form["kind"], bool(form["grad"]), form["root"], failed)
    own = (own[0], theme.BAD, 2.5, own[3]) if apart else own
    *cards, outline = (shape[2:] for shape in form["shapes"] if shape[0] == "outline")
    styled = [*((card, _CARD_STYLE) for card in cards), (outline, own)]
    return [rect(x, y, w, h, radius, *style) for (x, y, w, h, radius), style in styled]


_CARD_STYLE = theme.CARD, theme.OUTLINE, theme.EDGE_WIDTH, ""


def _outline_style(kind: str, has_grad: bool, is_root: bool, failed: bool) -> tuple[str, str, float, str]:
    """(fill, stroke, stroke width, other attributes) of a node's outline."""
    is_input = kind == "leaf" and has_grad
    fill = theme.LEAF if is_input else theme.SUBTLE if kind in ("module", "loop") else theme.CARD
    if failed:
        return fill, theme.BAD, 3.5, ' stroke-dasharray="2 2"'
    thick = 2.5 if is_root else 1 if kind == "constant" else theme.EDGE_WIDTH
    stroke = theme.VALUE if is_input else theme.TEXT if is_root else theme.OUTLINE
    return fill, stroke, thick, ' stroke-dasharray="5 4"' if kind == "detached" else ""


def _shape(shape: Shape) -> str:
    """A shape of a node that is no outline: see `SceneNode`."""
    return paint_shape(shape, _SHAPE_STYLES[shape[0], shape[1]])


_SUM_PEN: Style = {"stroke": theme.GRADIENT, "stroke_width": theme.EDGE_WIDTH}
_SHAPE_STYLES: dict[tuple[str, str], Style] = {
    ("badge", "circle"): {"fill": theme.SUBTLE},
    ("sum", "circle"): {"fill": theme.CARD, **_SUM_PEN},
    ("sum", "path"): {"fill": "none", **_SUM_PEN},
}


# ---- edges ----


def _edges(links: Sequence[SceneEdge], curves: Sequence[str], arrow_heads: Sequence[str]) -> list[str]:
    """All edges as a few elements: one path for all lines, one for all forward arrow heads, etc.

    Args:
        links: the edges of the scene.
        curves: the path data of each edge.
        arrow_heads: of the scene.
    """
    n, (forward, backward) = PX, arrow_heads
    lines, cuts, tips, cut_tips, backs, marks = [], [], [], [], [], []
    for drawn, curve in zip(links, curves, strict=True):
        back, is_cut = drawn["back"], drawn["kind"] == "cut"
        (cuts if is_cut else lines).append(curve)
        x, y = drawn["tip"]
        (cut_tips if is_cut else tips).append(f"M{n[x]} {n[y]}{forward}")
        if back:
            x, y = back
            backs.append(f"M{n[x]} {n[y]}{backward}")
        if drawn["mark"]:
            marks.append("M{} {}L{} {}M{} {}L{} {}".format(*map(px, drawn["mark"])))
    painted = ((lines, _LINE), (cuts, _CUT_LINE), (tips, _TIP), (cut_tips, _CUT_TIP), (backs, _BACK), (marks, _MARK))
    return [f'<path d="{"".join(parts)}{tail}' for parts, tail in painted if parts]


_LINE = f'" fill="none" stroke="{theme.OUTLINE}" stroke-width="{theme.EDGE_WIDTH}"/>'
_CUT_LINE = f'" fill="none" stroke="{theme.MUTED}" stroke-width="{theme.EDGE_WIDTH}" stroke-dasharray="5 4"/>'
_MARK = f'" fill="none" stroke="{theme.TEXT}" stroke-width="2"/>'
_TIP, _CUT_TIP, _BACK = (f'" fill="{fill}"/>' for fill in (theme.VALUE, theme.MUTED, theme.GRADIENT))


def _label(slot: Any, words: str, bundle: SceneBundle | None = None) -> str:
    """The label of an edge; `words` are escaped."""
    x, y, w, h = slot
    sign = _BACK_SIGN
    if bundle:
        sign = f"{bundle['count']} ×{f' {_BACK_SIGN}' if words else ''}"
    return f'<g transform="translate({PX[x]},{PX[y]})">{_open_label(w, h, len(words), sign)}{words}</text></g>'


@lru_cache(maxsize=_CACHED)
def _open_label(w: float, h: float, count: int, sign: str) -> str:
    """A label centred at (0, 0) up to its words, of which there are `count` characters: background, start tag, sign."""
    offset, rate = LABEL_SCALE
    w = min(w, offset + rate * (len(sign) + count))
    box = rect(-w / 2, -h / 2, w, h, h / 2, theme.CARD, "none", 0)
    return box + open_text(0, LABEL_BASE_LINE, theme.LABEL_SIZE, "middle", theme.GRADIENT, BOLD, sign)


# ---- the curves of edges ----

_LINE_POINTS = 2
_STEP_BYTES = 8  # of a step, two int32


def edge_curves(edges: Sequence[SceneEdge]) -> list[str]:
    """Return the path data of the curve of each edge.

    It is relative: points are steps from the beginning of their piece. In a picture of many nodes, equal curves occur
    at many positions, and so their text is made only once.

    Args:
        edges: of a scene.
    """
    if not edges:
        return []
    lists = [edge["pieces"] for edge in edges]
    pieces = list(chain.from_iterable(lists))
    sizes = np.fromiter(map(len, pieces), int, len(pieces)) // 2
    points = np.fromiter(chain.from_iterable(pieces), float).reshape(-1, 2)
    after = sizes.cumsum()
    first = after - sizes
    joined = np.concatenate([[False], (points[first[1:]] == points[after[:-1] - 1]).all(1)])
    tenths = np.rint(10 * points).astype(np.int32)
    steps = tenths - np.repeat(tenths[first], sizes, axis=0)
    inner = np.ones(len(steps), bool)
    inner[first] = False
    steps = steps[inner]
    raw, shapes, numbers = steps.tobytes(), sizes.astype(np.uint8).tobytes(), steps.ravel().tolist()
    ends = np.cumsum([len(each) for each in lists], dtype=int)
    until = (sizes - 1).cumsum()[ends - 1].tolist()
    joined[ends - np.fromiter(map(len, lists), int)] = True  # an edge begins with a move in any case
    gaps = np.flatnonzero(~joined).tolist()
    texts, known, start, piece, n = [], {}, 0, 0, PX
    for whole, end, last in zip(lists, until, ends.tolist(), strict=True):
        if gaps and gaps[0] < last:  # the pieces lie in several rows
            gaps = [gap for gap in gaps if gap >= last]
            texts.append(_broken_curve(whole))
            start, piece = end, last
            continue
        shape = shapes[piece:last]
        key = raw[_STEP_BYTES * start : _STEP_BYTES * end], shape
        text = known.get(key)
        if text is None:
            text = known[key] = _commands(shape) % tuple(map(_tenths, numbers[2 * start : 2 * end]))
        x, y = whole[0][:2]
        texts.append(f"M{n[x]} {n[y]}{text}")
        start, piece = end, last
    return texts


def _broken_curve(pieces: Sequence[Sequence[float]]) -> str:
    """The path data of pieces of which some do not begin where the one before ends."""
    d, position, n = "", (None, None), PX
    for piece in pieces:
        if (piece[0], piece[1]) != position:
            d += f"M{n[piece[0]]} {n[piece[1]]}"
        d += f"{'L' if len(piece) == 2 * _LINE_POINTS else 'C'}{' '.join(n[x] for x in piece[2:])}"
        position = piece[-2], piece[-1]
    return d


class _Tenths(dict[int, str]):
    """A cache of tenths of a px as text, 125 -> "12.5", -5 -> "-.5"."""

    def __missing__(self, number: int) -> str:
        if len(self) > _CACHED:
            self.clear()
        digits = str(number)
        whole, tenth = digits[:-1], digits[-1]
        text = self[number] = f"{whole}.{tenth}" if tenth != "0" else whole or "0"
        return text


_tenths = _Tenths().__getitem__


@lru_cache(maxsize=_CACHED)
def _commands(shape: bytes) -> str:
    """The path commands of a curve, with %s for each number; `shape` is the number of points of each piece."""
    return "".join("l%s %s" if size == _LINE_POINTS else "c%s %s %s %s %s %s" for size in shape)
