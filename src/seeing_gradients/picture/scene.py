"""A Record as a scene: plain data (dicts, lists, numbers, text) that says where everything is drawn.

`scene(record)` contains everything that stays the same while only numbers change; `texts(record, scene)` contains the
numbers as text. Both the static picture and the widget are drawn from these two. Records with equal `topology(record)`
have equal scenes.
"""

import functools
import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

import numpy as np

from seeing_gradients.picture import theme
from seeing_gradients.recorder import Edge, Node, Opened, Ragged, Record, Snapshot
from seeing_gradients.runtime import collector_off

from .bars import BARS, FORMS, Bars, bar_size, fill_bar, has_badge, is_bar
from .bundles import Bundle
from .directions import Direction, FixedDirection
from .labels import FAILED, compact, fit, inside_text, letters, room, symbol, width
from .layout import GAP, Arrangement, Link, arrange
from .loop_nodes import HEIGHT as LOOP_HEIGHT
from .loop_nodes import WIDTH as LOOP_WIDTH
from .loop_nodes import RoundTexts, SceneRounds, fill_loop, round_texts
from .shapes import tidy
from .svg import px
from .wrapped_rows import CONNECTOR_RADIUS, arrange_wrapped, narrowest

_CONSTANT_ROOMS = (3, 10, 15, 20)  # the possible widths of a constant's text, characters
_BRACKETS = 16  # px of extra width for each pair of brackets around a single number
_BOLD, _SIGN = 1.15, 60  # bold text is wider by this factor; px beside a module's title for its plus sign
_CUT = (10, 14)  # px: width and height of the mark on a cut edge
_SYMBOL_SIZES = {1: 18, 2: 15, 3: 12}  # length of an operation's symbol -> font size, px
_SMALLEST_SYMBOL = 11  # font size of a longer symbol, px
_TIE = 1e-6  # a number so close to the middle between two tenths is rounded by `round`
_CARDS = (8, 4)  # px by which the cards behind a run of modules stick out at the bottom
_RADII = {"leaf": theme.LEAF_RADIUS, "constant": theme.CONSTANT_RADIUS, "module": theme.MODULE_RADIUS}
_RADII["loop"] = theme.MODULE_RADIUS  # other nodes are pills
_SUM_RADIUS = 7  # px
_WITHOUT_GRADIENT = {"constant", "detached", "failed"}  # kinds of nodes that show none
_LABEL_SIDES = 16  # px of a label beside its text
# Path data from the tip of an arrow head: forward, backward.
_ARROW_HEADS: Mapping[FixedDirection, Sequence[str]] = {
    "right": ("l-7 -4v8Z", "l7 -4v8Z"),
    "down": ("l-4 -7h8Z", "l-4 7h8Z"),
}
_BROKEN_COST = 1.1  # a graph that runs down may be higher by this factor than in rows, whose edges are broken
_ROW_SPACE = 22  # px between two rows
_MOST_ATTEMPTED = 200  # nodes; to lay a larger graph out takes long, so it is not tried in every way

# The label of an edge: (offset, rate), px; the background of a text of n characters is offset + rate * n wide. And the
# distance of its baseline from its middle, px.
LABEL_SCALE, LABEL_BASE_LINE = (8, 7), 4  # px

Size = tuple[float, float, float, float]  # of a node, px: width, height, space above, space below


# Call, operation, and the argument or arguments through which an edge enters it; sent to the page as JSON.
EdgeKey: TypeAlias = list[Any] | tuple[Any, ...]


class SceneNode(TypedDict):
    """A node of a scene. All positions except `x` and `y` are relative to its upper left corner, px.

    Keys:
        form: a number that is the same for nodes which differ only in `id`, `x` and `y`.
        id: of the Node.
        x, y, w, h: upper left corner and size of its outline, px.
        kind, op, grad_fn, name, line: of the Node.
        root: whether it is the output.
        shapes: what is drawn behind the texts, in this order:
            ["outline", "rect", x, y, width, height, radius]: the cards behind a run of modules, and at last the node's
            own outline;
            ["badge", "circle", x, y, radius]: the disc behind an operation's symbol;
            ["sum", "circle", x, y, radius] and ["sum", "path", d]: the sign for added gradients, a plus, or ≠ where a
            custom engine should have added them.
        marks: texts that never change, [class ("name", "symbol" or "caption"), x, y, size, anchor, text].
        value, grad: [x, y, size, anchor] of the text of its value and gradient; grad is None if it has no gradient.
        sum: whether several gradients are added here.
        saved: names of the tensors that its backward node saves.
        shape: of the value.
        room: the space for the value, and likewise for the gradient, in characters.
        prefix: the text before the value of a named constant, "n = ".
        group: of a folded module or loop, the key by which it can be opened.
        rounds: of a folded loop, where its rounds are shown.
    """

    form: int
    id: int
    x: float
    y: float
    w: float
    h: float
    kind: str
    op: str
    grad_fn: str | None
    name: str | None
    line: int | None
    root: bool
    shapes: list[list[Any]]
    marks: list[list[Any]]
    value: list[Any]
    grad: list[Any] | None
    sum: bool
    saved: list[str]
    shape: list[int | str]
    room: int
    prefix: NotRequired[str]
    group: NotRequired[str]
    rounds: NotRequired[SceneRounds]


class SceneBundle(TypedDict):
    """What stands for several parallel edges: how many they are, and the key that opens them."""

    count: int
    key: str


class SceneEdge(TypedDict):
    """An edge of a scene.

    Keys:
        src, dst: ids of nodes.
        kind: "flow" if a gradient flows back along it, "cut", or "plain".
        pieces: [x0, y0, x1, y1, ...] of each piece, px: 2 points of a line, 4 of a cubic curve.
        tip: [x, y], the tip of the forward arrow head, px.
        back: the same for the backward arrow head, or None if no gradient flows.
        mark: [x0, y0, ..., x3, y3], the ends of the two strokes on a cut edge, px, or None.
        slot: [x, y, width, height] of the label, where (x, y) is its centre, px; None if its gradient is not printed.
        room: the space for its gradient, in characters; 0 if none flows.
        bundle: of an edge that stands for several.
        edge_key: identifies the edge if `explore` can cut it, see EdgeKey.
        cut_name: the name of such an edge on the page, "w → ×".
    """

    src: int
    dst: int
    kind: str
    pieces: list[list[float]]
    tip: list[float]
    back: list[float] | None
    mark: list[float] | None
    slot: list[float] | None
    room: int
    bundle: NotRequired[SceneBundle]
    edge_key: NotRequired[EdgeKey]
    cut_name: NotRequired[str]


class SceneFrame(TypedDict):
    """The frame around an open module.

    Keys:
        key, title, name: of the group.
        text: the title of the frame.
        boxes: [x, y, width, height] of its part in each row, px. A part in which nodes of other modules lie is left
            out, so there may be none.
        first: id of the first node inside that computes something.
        nodes: ids of all nodes inside.
    """

    key: str
    title: str
    name: str
    text: str
    boxes: list[list[float]]
    first: int
    nodes: list[int]


class SceneConnector(TypedDict):
    """A circle with a number, at which the edges of a node to other rows end or go on.

    Keys:
        x, y, r: its middle and radius, px.
        number: the same at both ends.
        src: id of the node.
        is_exit: whether the edges end here, and go on in other rows.
    """

    x: float
    y: float
    r: float
    number: int
    src: int
    is_exit: bool


class LabelForm(TypedDict):
    """The form of all labels of edges, px.

    Keys:
        scale: [offset, rate]; the background of a text of n characters is offset + rate * n wide, px, but not wider
            than the slot.
        base_line: distance of the text's baseline below the middle of the label.
    """

    scale: list[int]
    base_line: int


class Scene(TypedDict):
    """Where everything is drawn, px.

    Keys:
        direction: "right" or "down", in which the graph runs.
        width, height: of the picture.
        nodes, edges: in the order of the Record.
        connectors: where edges between different rows are broken.
        arrow_heads: path data from the tip of the forward arrow head, and of the backward one.
        label: the form of all labels of edges.
        frames: of the modules that are open, outer ones first.
    """

    direction: FixedDirection
    width: int
    height: int
    nodes: list[SceneNode]
    edges: list[SceneEdge]
    connectors: list[SceneConnector]
    arrow_heads: list[str]
    label: LabelForm
    frames: list[SceneFrame]


# A scene, or one with more keys, like those of the explorer.
AnyScene = Scene | Mapping[str, Any]


class SceneTexts(TypedDict):
    """The numbers of a Record as text.

    Keys:
        values, grads: of each node; "" if it has no gradient.
        flows: the gradient along each edge; "" if none flows, "Σ 2.5" for the sum along the edges of a bundle, "" if
            there is none or two edges add up to the gradient of their node. It is a label on the edge where there is a slot for it.
        rounds: of each folded loop, by the id of its node as text, [value, gradient] of each round; left out if there
            is no loop.
    """

    values: list[str]
    grads: list[str]
    flows: list[str]
    rounds: NotRequired[RoundTexts]


def topology(record: Record) -> Hashable:
    """Return a key that is equal for Records that differ only in numbers."""
    nodes = tuple(
        (n.op, n.kind, n.name, n.grad_fn, n.shape, n.line, n.requires_grad, len(n.values), n.is_not_sum)
        for n in record.nodes
    )
    edges = tuple((e.src, e.dst, e.output, e.input, e.flow is None, e.cut, _count(e)) for e in record.edges)
    constants = tuple(_constant_room(n) for n in record.nodes if n.kind == "constant")
    inside = tuple((n.inside, n.inside.key) for n in record.nodes if n.inside)
    return nodes, edges, constants, inside, record.opened, bool(record.backward_order)


def _count(edge: Edge) -> int:
    """How many parallel edges an edge stands for."""
    return len(edge.edges) if isinstance(edge, Bundle) else 1


@collector_off()
def scene(record: Record, direction: FixedDirection = "right", width: float | None = None) -> Scene:
    """Lay out a Record in one direction, and return its Scene.

    Args:
        record: Record.
        direction: whether the graph runs to the right or down.
        width: px of the picture; if it is wider, it is broken into rows. None for a single row, however long.
            A graph that runs down is never broken.
    """
    layout = _SceneLayout(record)
    if direction == "down" or width is None:
        return layout.scene(direction)
    return layout.narrow_scene(width) or layout.scene("right", width)


@collector_off()
def fitting_scene(
    record: Record, direction: Direction = "auto", width: float = theme.PICTURE_WIDTH, height: float | None = None
) -> Scene:
    """Lay out a Record for a page, and return its Scene.

    Args:
        record: Record.
        direction: "auto" runs to the right if that fits into the width, else down if that fits into the page, else to
            the right in rows, and where no row fits either, whichever is narrower. A model runs down, in columns side by side if it is higher than a page.
        width: px of the picture.
        height: px that a graph chosen to run down may have; None for any.
    """
    if direction != "auto":
        return scene(record, direction, width)
    layout = _SceneLayout(record)
    narrow = layout.narrow_scene(width)
    if narrow is not None:
        return narrow
    if height is None:
        return _model_scene(layout, width)
    wrapped = layout.scene("right", width)
    if wrapped["width"] > width:
        return layout.low_scene(width, None) or min(wrapped, layout.scene("down"), key=lambda each: each["width"])
    return layout.low_scene(width, max(height, _BROKEN_COST * wrapped["height"])) or wrapped


def _model_scene(layout: "_SceneLayout", width: float) -> Scene:
    """The scene of a model: down, if need be with bars for nodes, then in columns side by side; else in rows."""
    page = _BROKEN_COST * theme.COLUMN_HEIGHT
    lines = [layout.with_bars(bars) for bars in BARS]
    return (
        layout.low_scene(width, page)
        or next((drawn for each in lines if (drawn := each.low_scene(width, page))), None)
        or lines[1].column_scene(width)
        or layout.column_scene(width)
        or next((drawn for each in lines[1:] if (drawn := each.low_scene(width, None))), None)
        or (layout.low_scene(width, None) if layout.count <= _MOST_ATTEMPTED else None)
        or layout.scene("right", width)
    )


def height_limit(record: Record) -> float | None:
    """Return the px that a graph chosen to run down may have; None for any, for a model, which runs down by default."""
    return None if any(node.module or node.kind == "module" for node in record.nodes) else theme.PICTURE_HEIGHT


class _SceneLayout:
    """Lays out one Record, in one direction or the other.

    Args:
        record: folded Record.
        bars: whether its nodes are bars, and of how many lines; None for ordinary nodes.

    Attributes:
        count: of its nodes.
    """

    def __init__(self, record: Record, bars: Bars | None = None) -> None:
        self.count = len(record.nodes)
        self._bars: Bars | None = bars
        if not record.backward_order:  # only the forward pass is drawn, and no node has a gradient to show
            record = replace(record, nodes=[replace(node, requires_grad=False) for node in record.nodes])
        self._record = record
        self._sums = _accumulation_nodes(record)
        self._late = {node.id for node in record.nodes if node.kind in ("leaf", "constant")}
        crowded, printed = _crowded(record.edges), _printed_labels(record)
        self._links = [
            Link(edge.src, edge.dst, _label_size(edge, crowded, is_printed), edge.cut)
            for edge, is_printed in zip(record.edges, printed, strict=True)
        ]
        self._depth = 1 + max(_nesting(record).values(), default=-1)
        self._plans: dict[tuple[FixedDirection, float | None], Arrangement] = {}

    def with_bars(self, bars: Bars) -> "_SceneLayout":
        """Return the layout of the same Record with bars for nodes."""
        return _SceneLayout(self._record, bars)

    def narrow_scene(self, width: float) -> Scene | None:
        """Return the scene to the right in a single row, or None if that is wider than `width`, px."""
        boxes, links, _ = self._graph("right")
        if narrowest(boxes, links, self._late) + 2 * theme.MARGIN > width:
            return None  # to lay a large graph out takes long
        plan = self._plan("right", None)
        return self._drawn(plan, "right") if self._size_of(plan)[0] <= width else None

    def low_scene(self, width: float, height: float | None) -> Scene | None:
        """Return the scene that runs down, or None if it is wider than `width` or higher than `height`, px."""
        boxes, links, _ = self._graph("down")
        if height is not None and narrowest(boxes, links, self._late, self._gap()) + 2 * theme.MARGIN > height:
            return None
        plan = self._plan("down", None)
        across, along = self._size_of(plan)
        return self._drawn(plan, "down") if across <= width and (height is None or along <= height) else None

    def column_scene(self, width: float) -> Scene | None:
        """Return the scene that runs down in columns that are no higher than a page, or None if it is wider than `width`.

        A graph with open modules is not broken, since their frames would be.
        """
        if self._record.opened or not any(node.kind == "module" for node in self._record.nodes):
            return None
        boxes, links, _ = self._graph("down")
        high = narrowest(boxes, links, self._late, self._gap()) + 2 * theme.MARGIN
        if high > theme.COLUMN_HEIGHT * width / max(across for _, across in boxes):
            return None  # to lay a large graph out takes long
        plan = self._plan("down", theme.COLUMN_HEIGHT)
        across, along = self._size_of(plan)
        return self._drawn(plan, "down") if across <= width and along <= theme.COLUMN_HEIGHT + 1 else None

    def scene(self, direction: FixedDirection, width: float | None = None) -> Scene:
        """Return the scene in a direction, broken into rows of a width in px, if one is given.

        If it runs down, it is broken into columns of that height.
        """
        return self._drawn(self._plan(direction, width), direction)

    def _plan(self, direction: FixedDirection, width: float | None) -> Arrangement:
        """Lay the graph out, see `scene`; once, since what did not fit under one condition may fit under another."""
        key = direction, width
        if key not in self._plans:
            self._plans[key] = self._arranged(direction, width)
        return self._plans[key]

    def _arranged(self, direction: FixedDirection, width: float | None) -> Arrangement:
        is_down = direction == "down"
        boxes, links, anchors = self._graph(direction)
        sides, header = self._depth * theme.FRAME_SIDE, self._depth * theme.FRAME_HEADER
        if width is None:
            gap = self._gap() + (max(0, self._depth - 1) * theme.FRAME_HEADER if is_down else 0)
            plan = arrange(boxes, links, self._late, anchors, gap)
        else:
            inner = width - 2 * theme.MARGIN - 2 * sides
            plan = arrange_wrapped(boxes, links, self._late, anchors, inner, _ROW_SPACE + header + sides, self._gap())
        plan = plan.transposed() if is_down else plan
        return plan.moved(sides + theme.MARGIN, header + theme.MARGIN)

    def _size_of(self, plan: Arrangement) -> tuple[int, int]:
        """The width and height of a picture, px."""
        rest = self._depth * theme.FRAME_SIDE + theme.MARGIN
        return math.ceil(plan.width + rest), math.ceil(plan.height + rest)

    def _drawn(self, plan: Arrangement, direction: FixedDirection) -> Scene:
        record, sizes = self._record, self._sizes(direction)
        nodes = _draw_nodes(record, sizes, plan.corners, self._sums, direction, self._bars)
        width, height = self._size_of(plan)
        return {
            "direction": direction,
            "width": width,
            "height": height,
            "nodes": nodes,
            "edges": _draw_edges(record.edges, self._links, plan, self._sums, direction),
            "connectors": _draw_connectors(plan),
            "arrow_heads": list(_ARROW_HEADS[direction]),
            "label": {"scale": list(LABEL_SCALE), "base_line": LABEL_BASE_LINE},
            "frames": _draw_frames(record, nodes, plan.row_of),
        }

    def _sizes(self, direction: FixedDirection) -> list[Size]:
        """The Size of each node.

        If edges run down, there is space below one whose gradients are added for the sign, and below a leaf without a
        caption for what its gradient predicts in a nudge; if they run to the right, the space between two leaves will do.
        """
        sizes = [_size(node, self._bars) for node in self._record.nodes]
        if direction == "down":
            for i, node in enumerate(self._record.nodes):
                below = sizes[i][3] + (_SUM_RADIUS + 1 if i in self._sums else 0)
                is_bare = node.kind == "leaf" and node.requires_grad and not sizes[i][3]
                sizes[i] = (*sizes[i][:3], below + (theme.CAPTION_ROOM if is_bare else 0))
        return sizes

    def _gap(self) -> float:
        """The width of a gap between columns, px; frames of open modules need space in it."""
        return GAP if self._bars is None or self._record.opened else FORMS[self._bars].gap

    def _graph(self, direction: FixedDirection) -> tuple[list[tuple[float, float]], list[Link], list[float] | None]:
        """The boxes, links and anchors for `arrange`, which lays out to the right; x and y are exchanged for "down"."""
        sizes = self._sizes(direction)
        if direction == "right":
            boxes = [(w, above + h + below) for w, h, above, below in sizes]
            return boxes, self._links, [above + h / 2 for _, h, above, _ in sizes]
        boxes = [(above + h + below, w) for w, h, above, below in sizes]
        return boxes, [link._replace(label=link.label and link.label[::-1]) for link in self._links], None


@collector_off()
def texts(record: Record, scene: AnyScene) -> SceneTexts:
    """Return the numbers of a Record as text.

    Args:
        record: Record.
        scene: of a Record with the same `topology`; the texts fit into it.
    """
    values: list[str] = []
    grads: list[str] = []
    flows: list[str] = []
    known: dict[int, tuple[int, str]] = {}
    for node, drawn in zip(record.nodes, scene["nodes"], strict=True):
        room = drawn["room"]
        values.append(_value(node, room))
        # A gradient has the shape of its value, so the shape stands beside the value alone.
        text = _outputs(node.grads, room, with_shape=not values[-1].startswith("(")) if drawn["grad"] else ""
        grads.append(text)
        if len(node.grads) == 1:
            known[id(node.grads[0])] = room, text
    for edge, drawn in zip(record.edges, scene["edges"], strict=True):
        if isinstance(edge, Bundle):
            flows.append(_sum_text(edge, record.nodes[edge.src], drawn["room"]))
        else:
            flows.append("" if edge.flow is None else _flow(edge.flow, drawn["room"], known))
    written: SceneTexts = {"values": values, "grads": grads, "flows": flows}
    rounds = round_texts(record, scene["nodes"])
    for i, texts_of_rounds in rounds.items():  # the last round stands where other nodes have their value
        values[int(i)], grads[int(i)] = texts_of_rounds[-1]
    return {**written, "rounds": rounds} if rounds else written


def _sum_text(edge: Bundle, src: Node, room: int) -> str:
    """The text of the sum of the gradients along a bundle; "" if there is none, or if two edges add up to the node's."""
    is_node_gradient = any(edge.total is gradient for gradient in src.grads)
    if edge.total is None or (is_node_gradient and len(edge.edges) == 2):
        return ""
    return f"Σ {compact(edge.total, room, with_shape=False)}"


def _flow(snapshot: Snapshot, room: int, known: dict[int, tuple[int, str]]) -> str:
    """The text of the gradient along an edge, without its shape, which stands in the node.

    Often it is the only gradient of a node, whose text is then reused: `known` maps the id of such a snapshot to (room,
    text).
    """
    before, text = known.get(id(snapshot), (0, ""))
    is_plain = type(snapshot.numbers) is float
    return text if is_plain and text and len(text) <= room <= before else compact(snapshot, room, with_shape=False)


def _value(node: Node, room: int) -> str:
    """The text of a node's value."""
    if node.kind == "failed":
        return FAILED
    if not any(node.values):
        return "?"  # a value that Python never saw
    return _constant(node) if node.kind == "constant" else _outputs(node.values, room)


def _outputs(snapshots: Sequence[Snapshot | None], room: int, with_shape: bool = True) -> str:
    """The text of one snapshot, or of those of an operation with several outputs, in `room` characters."""
    if len(snapshots) == 1:
        return compact(snapshots[0], room, with_shape)
    known = [s for s in snapshots if s is not None]
    if not known:
        return "None"
    share = max(4, room // len(known) - 2)
    whole = "; ".join(compact(s, share) for s in known)
    return whole if len(whole) <= room else f"{compact(known[0], room - 3)} .."


def _constant(node: Node) -> str:
    return _outputs(node.values, _CONSTANT_ROOMS[-1])


def _constant_room(node: Node) -> int:
    """The space for a constant in characters; one of a few sizes, so that the layout stays if the constant changes."""
    return next(room for room in _CONSTANT_ROOMS if len(_constant(node)) <= room or room == _CONSTANT_ROOMS[-1])


def _size(node: Node, bars: Bars | None) -> Size:
    """The Size of a node: its outline, and the space for a variable's name above it and a caption below it."""
    if bars and is_bar(node, bars):
        is_run = node.inside is not None and node.inside.members > 1
        return *bar_size(node, bars), 0, _CARDS[0] if is_run else 0
    more = _BRACKETS * min(len(node.shape or ()), 2) if _is_single(node) else theme.MORE_WIDTH
    if node.kind == "constant":
        name = len(node.name) + 3 if node.name else 0
        return width(_constant_room(node) + name, theme.VALUE_SIZE) + 14, theme.CONSTANT_HEIGHT, 0, 0
    if node.kind == "loop":
        return LOOP_WIDTH, LOOP_HEIGHT, theme.NAME_ROOM, theme.CAPTION_ROOM + 2 + _CARDS[0]
    if node.inside is not None:
        wanted = width(letters(node.op) * _BOLD, theme.NAME_SIZE) + _SIGN
        below = theme.CAPTION_ROOM + 2 + (_CARDS[0] if node.inside.members > 1 else 0)
        return min(max(theme.MODULE_WIDTH, wanted), theme.WIDEST_MODULE), theme.MODULE_HEIGHT, theme.NAME_ROOM, below
    below = theme.CAPTION_ROOM if node.grad_fn else 0
    if node.kind == "leaf":
        height = theme.LEAF_HEIGHT if node.requires_grad else theme.SHORT_LEAF_HEIGHT
        return theme.LEAF_WIDTH + more, height, 0, below
    above = theme.NAME_ROOM if node.name else 0
    return theme.OPERATION_WIDTH + more, theme.OPERATION_HEIGHT, above, below or theme.CAPTION_ROOM


def _is_single(node: Node) -> bool:
    return len(node.values) == 1 and math.prod(node.shape or ()) == 1


def _crowded(edges: Iterable[Edge]) -> set[tuple[int, int]]:
    """The pairs (src, dst) that are joined by a cut edge and by another edge with a mark or a label."""
    cut = {(edge.src, edge.dst) for edge in edges if edge.cut}
    if not cut:
        return cut
    pairs = Counter((edge.src, edge.dst) for edge in edges if edge.cut or edge.flow is not None)
    return {pair for pair in cut if pairs[pair] > 1}


def _printed_labels(record: Record) -> list[bool]:
    """For each edge, whether its gradient is printed on it.

    The gradient of a node's only edge is the node's own gradient, which stands in the node. So an edge has a label
    where the gradients of several edges meet, or where the node shows no gradient or those of several outputs.
    """
    flows: Counter[int] = Counter()
    for edge in record.edges:
        if edge.flow is not None:
            flows[edge.src] += _count(edge)
    tells = [
        node.requires_grad and node.kind not in _WITHOUT_GRADIENT and len(node.values) == 1 for node in record.nodes
    ]
    return [
        isinstance(edge, Bundle) or (edge.flow is not None and (flows[edge.src] > 1 or not tells[edge.src]))
        for edge in record.edges
    ]


def _label_size(edge: Edge, crowded: set[tuple[int, int]], is_printed: bool) -> tuple[float, float] | None:
    """(width, height) of the label of an edge, px, or None; the mark of a cut counts as one if labels may hide it."""
    if isinstance(edge, Bundle):
        return _label_width(edge), theme.LABEL_HEIGHT
    if edge.flow is None:
        return _CUT if edge.cut and (edge.src, edge.dst) in crowded else None
    return (_label_width(edge), theme.LABEL_HEIGHT) if is_printed else None


def _label_width(edge: Edge) -> int:
    """The width of the label of an edge along which a gradient flows, px."""
    if isinstance(edge, Bundle) and edge.flow is not None:
        return theme.BUNDLE_LABEL_WIDTH
    return theme.LABEL_WIDTH if edge.flow is None or math.prod(edge.flow.shape) == 1 else theme.WIDE_LABEL_WIDTH


def _accumulation_nodes(record: Record) -> set[int]:
    """The ids of the nodes at which several gradients are added."""
    flows: dict[tuple[int, int], int] = {}
    for edge in record.edges:
        if edge.flow is not None:
            for each in edge.edges if isinstance(edge, Bundle) else (edge,):
                flows[each.src, each.output] = flows.get((each.src, each.output), 0) + 1
    return {src for (src, _), count in flows.items() if count > 1}


# ---- nodes ----


def _draw_nodes(
    record: Record,
    sizes: Sequence[Size],
    corners: Sequence[tuple[float, float]],
    sums: set[int],
    direction: FixedDirection,
    bars: Bars | None,
) -> list[SceneNode]:
    """Return the nodes of a scene, in order.

    Args:
        record: Record.
        sizes: of each node.
        corners: (x, y) of the upper left corner of each node, including the space above it, px.
        sums: ids of the nodes at which gradients are added.
        direction: of the graph.
        bars: whether nodes are bars.
    """
    nodes = record.nodes
    if not nodes:
        return []
    root = len(nodes) - 1 if record.complete else -1
    rounded = _round_pairs([(x, y + size[2]) for (x, y), size in zip(corners, sizes, strict=True)])
    forms: dict[Hashable, Any] = {}
    drawn: list[Any] = []
    for node, size, (x, y) in zip(nodes, sizes, rounded, strict=True):
        alike = (node.kind, node.op, node.grad_fn, node.name, node.line, node.requires_grad, node.shape, node.saved)
        key = alike, size, node.inside, node.id == root, node.id in sums, node.is_not_sum
        form = forms.get(key)
        if form is None:
            sign = _sum_sign(size, direction) if node.id in sums else None
            form = forms[key] = {"form": len(forms), **_form(node, size, node.id == root, sign, bars)}
        drawn.append({**form, "id": node.id, "x": x, "y": y})
    return drawn


def _sum_sign(size: Size, direction: FixedDirection) -> tuple[float, float]:
    """The middle of the sign for added gradients: where the edges of a node begin."""
    w, h, _, below = size
    return (tidy(w), tidy(h / 2)) if direction == "right" else (tidy(w / 2), tidy(h + below - 1))


def _form(
    node: Node, size: Size, is_root: bool, sum_sign: tuple[float, float] | None, bars: Bars | None
) -> dict[str, Any]:
    """The part of a SceneNode that equal nodes share: all keys except `form`, `id`, `x` and `y`."""
    w, h, _, _ = size
    middle, kind = round(w / 2, 1), node.kind
    form = {
        "kind": kind, "op": node.op, "grad_fn": node.grad_fn, "name": node.name, "line": node.line,
        "root": is_root, "w": w, "h": h, "shapes": _shapes(node, w, h, sum_sign, bars), "marks": [], "grad": None,
        "sum": sum_sign is not None, "saved": [] if node.inside else list(node.saved),
        "shape": [repr(size) if isinstance(size, Ragged) else size for size in node.shape or ()],
    }  # fmt: skip
    if bars and is_bar(node, bars):
        if has_badge(node, bars):
            form["marks"].append(_symbol_mark(node.op, h))
        fill_bar(form, node, bars)
        return form
    _FILL.get(kind, _fill_operation)(form, node, middle)
    if node.grad_fn and kind != "constant":
        form["marks"].append(_caption(middle, h + 10.5, node.grad_fn, w + 16))
    return form


def _shapes(node: Node, w: float, h: float, sum_sign: tuple[float, float] | None, bars: Bars | None) -> list[list[Any]]:
    """The `shapes` of a SceneNode."""
    cards = _CARDS if node.inside is not None and node.inside.members > 1 else ()
    shapes: list[list[Any]] = [["outline", "rect", d, d, w - 2 * d, h, _RADII["module"]] for d in cards]
    half = tidy(h / 2)
    shapes.append(["outline", "rect", 0, 0, w, h, _RADII.get(node.kind, half)])
    if node.kind not in _RADII and (bars is None or has_badge(node, bars)):
        shapes.append(["badge", "circle", half, half, tidy(h / 2 - 5)])
    if sum_sign:
        x, y = sum_sign
        plus = f"M{px(x - 3.5)} {px(y)}h7M{px(x)} {px(y - 3.5)}v7"
        unequal = f"M{px(x - 3.5)} {px(y - 1.5)}h7M{px(x - 3.5)} {px(y + 1.5)}h7M{px(x + 2.5)} {px(y - 4)}l-5 8"
        sign = unequal if node.is_not_sum else plus
        shapes += [["sum", "circle", x, y, _SUM_RADIUS], ["sum", "path", sign]]
    return shapes


def _caption(x: float, y: float, words: str, wide: float, size: float = theme.CAPTION_SIZE) -> list[Any]:
    return ["caption", x, y, size, "middle", _fit(words, wide, size)]


def _fill_leaf(form: dict[str, Any], node: Node, middle: float) -> None:
    w, size = form["w"], theme.NAME_SIZE
    form["marks"].append(["name", middle, 16.5, size, "middle", _fit(node.name or "?", w - 12, size)])
    form["value"] = [middle, 33.5, theme.VALUE_SIZE, "middle"]
    if node.requires_grad:
        form["grad"] = [middle, 50, theme.VALUE_SIZE, "middle"]
    form["room"] = room(w - 30, theme.VALUE_SIZE)


def _fill_constant(form: dict[str, Any], node: Node, middle: float) -> None:
    form["value"] = [middle, round(form["h"] / 2 + 4.7, 1), theme.VALUE_SIZE, "middle"]
    form["room"] = 20
    if node.name:
        form["prefix"] = f"{node.name} = "


def _fill_module(form: dict[str, Any], node: Node, middle: float) -> None:
    inside: Any = node.inside
    w = form["w"]
    form["group"] = inside.key
    form["marks"].append(["name", middle, 17, theme.NAME_SIZE, "middle", _fit(node.op, w - 50, theme.NAME_SIZE)])
    form["value"] = [middle, 36 if node.requires_grad else 44, theme.VALUE_SIZE, "middle"]
    if node.requires_grad:
        form["grad"] = [middle, 53, theme.VALUE_SIZE, "middle"]
    form["room"] = room(w - 30, theme.VALUE_SIZE)
    count = inside_text(inside.operations, inside.parameters)
    below = form["h"] + (20 if inside.members > 1 else 12)
    for words, y, size in ((node.name, -6, theme.CAPTION_SIZE + 1), (count, below, theme.CAPTION_SIZE)):
        form["marks"].append(_caption(middle, y, words or "", w + 16, size))


def _fill_operation(form: dict[str, Any], node: Node, middle: float) -> None:
    marks, w, h = form["marks"], form["w"], form["h"]
    is_op = node.kind == "op"
    marks.append(_symbol_mark(node.op, h))
    x = round(h + (w - h - 12) / 2, 1)
    has_grad = is_op and node.requires_grad
    form["value"] = [x, 20 if has_grad else 28, theme.VALUE_SIZE, "middle"]
    if has_grad:
        form["grad"] = [x, 37, theme.VALUE_SIZE, "middle"]
    form["room"] = room(w - h - 20, theme.VALUE_SIZE)
    if node.name:
        marks.append(["name", middle, -5, theme.NAME_SIZE, "middle", _fit(node.name, w + 10, theme.NAME_SIZE)])
    if not node.grad_fn and symbol(node.op) != node.op:
        marks.append(_caption(middle, h + 10.5, node.op, w))


def _symbol_mark(op: str, h: float) -> list[Any]:
    """The symbol of an operation at the left end of a node of this height."""
    sign, size = _symbol(op)
    return ["symbol", round(h / 2, 1), round(h / 2 + size * 0.35, 1), size, "middle", sign]


_Fill = Callable[[dict[str, Any], Node, float], None]
_FILL: dict[str, _Fill] = {"leaf": _fill_leaf, "constant": _fill_constant, "module": _fill_module, "loop": fill_loop}
_fit = functools.lru_cache(maxsize=1 << 10)(fit)


@functools.lru_cache(maxsize=1 << 10)
def _symbol(op: str) -> tuple[str, float]:
    """The symbol of an operation and its font size, px."""
    sign = symbol(op)
    return sign, _SYMBOL_SIZES.get(letters(sign), _SMALLEST_SYMBOL)


# ---- edges ----


def _draw_edges(
    edges: Sequence[Edge], links: Sequence[Link], plan: Arrangement, sums: set[int], direction: FixedDirection
) -> list[SceneEdge]:
    """Return the edges of a scene, in order.

    Args:
        edges: of the Record.
        links: one for each edge.
        plan: their layout.
        sums: ids of the nodes at which gradients are added.
        direction: of the graph.
    """
    if not edges:
        return []
    points, bounds = plan.points, plan.bounds()
    starts = points[bounds[:-1]]
    starts[:, 1 if direction == "down" else 0] += [8 if edge.src in sums else 1 for edge in edges]
    centres = np.array(list(filter(None, plan.labels)), float)
    # Round all numbers at once, which is faster.
    flat = round_all(np.concatenate([points.ravel(), starts.ravel(), centres.ravel()]))
    back = 2 * len(points)
    centre = back + 2 * len(edges)
    rooms = {width: room(width - _LABEL_SIDES, theme.LABEL_SIZE) for width in set(map(_label_width, edges))}
    drawn: list[SceneEdge] = []
    start = 0  # `start`, `back` and `centre` are the positions in `flat` of the next point, arrow head and label
    for i, (edge, link, lengths, placed) in enumerate(zip(edges, links, plan.lengths, plan.labels, strict=True)):
        pieces, cut, flow = [], edge.cut, edge.flow
        for length in lengths:
            end = start + 2 * length
            pieces.append(flat[start:end])
            start = end
        slot = None
        if placed and link.label:
            slot = [flat[centre], flat[centre + 1], *map(float, link.label)]
            centre += 2
        mark = None
        if cut:
            mark = _mark(*slot[:2]) if slot else _gap_mark(points[bounds[i] : bounds[i + 1]], lengths)
            slot = None
        drawn.append(
            {
                "src": edge.src,
                "dst": edge.dst,
                "kind": "cut" if cut else "plain" if flow is None else "flow",
                "pieces": pieces,
                "tip": flat[start - 2 : start],
                "back": None if flow is None else flat[back : back + 2],
                "mark": mark,
                "slot": slot,
                "room": 0 if flow is None else rooms[_label_width(edge)],
            }
        )
        if isinstance(edge, Bundle):
            count = len(edge.edges)
            drawn[-1]["bundle"] = {"count": count, "key": edge.key}
            drawn[-1]["room"] = max(0, drawn[-1]["room"] - len(f"{count} × Σ ") - 2)  # × and Σ are wide
        back += 2
    return drawn


def _gap_mark(points: np.ndarray, lengths: Sequence[int]) -> list[float]:
    """The mark of a cut edge without a slot: across the middle of its last bend."""
    pieces = np.split(points, np.cumsum(lengths)[:-1])
    piece = max(pieces[-2:], key=lambda p: float(np.abs(p[-1] - p[0]).max()))
    if len(piece) == 2:
        x, y = ((piece[0][k] + piece[1][k]) / 2 for k in (0, 1))
    else:
        x, y = ((piece[0][k] + 3 * piece[1][k] + 3 * piece[2][k] + piece[3][k]) / 8 for k in (0, 1))
    return _mark(x, y)


def _draw_connectors(plan: Arrangement) -> list[SceneConnector]:
    """Return the connectors of a scene, row by row."""
    return [
        {"x": round(x, 1), "y": round(y, 1), "r": CONNECTOR_RADIUS, "number": number, "src": src, "is_exit": is_exit}
        for x, y, number, src, is_exit in plan.connectors
    ]


def _mark(x: float, y: float) -> list[float]:
    """The two strokes of a mark centred at (x, y): [x0, y0, ..., x3, y3]."""
    return round_all(np.array([x - 5, y + 6, x - 1, y - 6, x + 1, y + 6, x + 5, y - 6]))


def _round_pairs(pairs: Sequence[tuple[float, float]]) -> list[list[float]]:
    """Return pairs (x, y), rounded to tenths, as lists [x, y]."""
    return np.reshape(round_all(np.array(pairs, float).ravel()), (-1, 2)).tolist()


def round_all(numbers: np.ndarray) -> list[float]:
    """Return an array (n,), rounded to tenths exactly as `round(x, 1)` does, as a list."""
    tens = numbers * 10
    near = np.rint(tens) / 10
    is_near_tie = np.abs(np.abs(tens - np.trunc(tens)) - 0.5) < _TIE
    is_quarter = np.rint(numbers * 4) == numbers * 4  # an exact tie, which rint rounds to even, as `round` does
    for i in np.flatnonzero(is_near_tie & ~is_quarter):
        near[i] = round(float(numbers[i]), 1)
    return near.tolist()


# ---- frames around open modules ----


def _nesting(record: Record) -> dict[str, int]:
    """Key of an open group -> how many levels of open groups are nested inside it."""
    framed = [group for group in record.opened if group.nodes]  # all but bundles of edges
    inner = dict.fromkeys((group.key for group in framed), 0)
    for group in reversed(framed):
        if group.parent in inner:
            inner[group.parent] = max(inner[group.parent], inner[group.key] + 1)
    return inner


def _draw_frames(record: Record, nodes: Sequence[SceneNode], row_of: Sequence[int]) -> list[SceneFrame]:
    """Return the frames of a scene, outer ones first.

    Args:
        record: folded Record.
        nodes: of its scene.
        row_of: the row of each node; [] if there is only one.
    """
    inner = _nesting(record)
    frames = [_draw_frame(group, inner[group.key], nodes, row_of) for group in record.opened if group.nodes]
    bundles = [group for group in record.opened if not group.nodes]  # an open bundle has no frame to draw
    return frames + [
        {"key": each.key, "title": each.title, "name": each.name, "text": "", "boxes": [], "first": -1, "nodes": []}
        for each in bundles
    ]


def _draw_frame(group: Opened, level: int, nodes: Sequence[SceneNode], row_of: Sequence[int]) -> SceneFrame:
    """The frame of one group; `level` is that of its SceneFrame."""
    by_row: dict[int, list[SceneNode]] = {}
    for i in group.nodes:
        by_row.setdefault(row_of[i] if row_of else 0, []).append(nodes[i])
    members = set(group.nodes)
    boxes = []
    for inside in by_row.values():
        left, top, right, bottom = bounds = _frame_bounds(inside, level)
        if not any(n["id"] not in members and _overlaps(n, bounds) for n in nodes):
            boxes.append([round(v, 1) for v in (left, top, right - left, bottom - top)])
    text, space = f"{group.title}  {group.name}", max((box[2] for box in boxes), default=0) - 40
    return {
        "key": group.key,
        "title": group.title,
        "name": group.name,
        "text": fit(text if width(len(text), theme.LABEL_SIZE) <= space else group.title, space, theme.LABEL_SIZE),
        "boxes": boxes,
        "first": next((i for i in group.nodes if nodes[i]["kind"] not in ("leaf", "constant")), group.nodes[0]),
        "nodes": list(group.nodes),
    }


def _frame_bounds(nodes: Sequence[SceneNode], level: int) -> tuple[float, float, float, float]:
    """(left, top, right, bottom) of a frame around nodes and `level` nested frames, px."""
    side = (level + 1) * theme.FRAME_SIDE
    return (
        min(n["x"] for n in nodes) - side,
        min(n["y"] - (theme.NAME_ROOM if _has_marks(n, "above") else 0) for n in nodes)
        - (level + 1) * theme.FRAME_HEADER,
        max(n["x"] + n["w"] for n in nodes) + side,
        max(n["y"] + n["h"] + (theme.CAPTION_ROOM if _has_marks(n, "below") else 0) for n in nodes) + side,
    )


def _has_marks(node: SceneNode, where: Literal["above", "below"]) -> bool:
    """Whether texts stand above or below the outline of a node."""
    return any(y < 0 if where == "above" else y > node["h"] for _, _, y, *_ in node["marks"])


def _overlaps(node: SceneNode, bounds: tuple[float, float, float, float]) -> bool:
    """Whether a node overlaps (left, top, right, bottom)."""
    left, top, right, bottom = bounds
    return node["x"] < right and node["x"] + node["w"] > left and node["y"] < bottom and node["y"] + node["h"] > top
