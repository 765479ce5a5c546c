"""Nudge one input by a small step and run f again: how far each node really moves, beside what its gradient predicts.

`choose` checks the argument `nudge` of explore and returns a `Choice`. `NudgeView` runs f at the moved position and makes
its part of the state: the texts of the nodes, a sentence that compares the output's real move with the predicted one, and
where they part. `moves` defines these numbers.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch

from seeing_gradients.language import abridged, joined, message
from seeing_gradients.picture import theme
from seeing_gradients.picture.labels import brief, compact, listing, number, room, symbol
from seeing_gradients.picture.painting import APART
from seeing_gradients.picture.scene import topology
from seeing_gradients.recorder import Node, Record, Snapshot, snapshot, whole_snapshots

from ..slider_ranges import fits_slider
from . import protocol
from .controls import Control
from .descriptions import problem_data
from .moves import NodeMove, moves, output_move, predicted_move
from .nudgeable import Nudged, nudgeable
from .session import RunSession
from .tensor_previews import preview

STEP = 0.01  # of a nudge, unless another is chosen
TOLERANCE = 0.01  # part of the larger move; real and predicted moves that differ by more part
_CURVED = 0.15, 0.4  # with half the step, a curve leaves about a quarter of the gap, a bend a half or nothing
_LONGEST_DETAIL = 160  # characters
_MOST_ELEMENTS = 20_000  # of a tensor whose move is shown
_WORDS = ("start", "end", "about", "input", "step", "step_name", "flip", "legend")
_ROUNDED = 0.01  # of a product: by so much may few digits change it
_BESIDE = 24  # px by which a product may be wider than its node
# Operations and modules, in lower case without underscores, whose graph is made of straight pieces; and those that jump.
_BENDS = {
    "relu", "abs", "absolute", "max", "min", "maximum", "minimum", "amax", "amin", "fmax", "fmin", "clamp", "clip",
    "clampmin", "clampmax", "leakyrelu", "prelu", "relu6", "hardtanh", "hardsigmoid", "threshold", "softshrink",
    "median", "sort", "topk", "maxpool1d", "maxpool2d", "adaptivemaxpool2d", "l1loss",
}  # fmt: skip
_JUMPS = {"floor", "ceil", "round", "trunc", "sign", "sgn", "heaviside", "floordivide", "hardshrink"}


@dataclass(frozen=True)
class Choice:
    """What to nudge.

    Attributes:
        input: label of what is moved, "w", "x[0]", or "x" for all elements of x; "" for no nudge.
        step: how far, not 0.
    """

    input: str = ""
    step: float = STEP

    def plain(self) -> protocol.NudgeChoice:
        """Return the choice as JSON."""
        return {"input": self.input, "step": self.step}


def choose(controls: Sequence[Control], nudge: Any) -> Choice:
    """Return the Choice that the argument `nudge` of explore describes.

    Args:
        controls: of the explorer.
        nudge: label of a slider, of an element or of a tensor, "w", "x[0]" or "x", or (label, step).

    Raises:
        TypeError: it has another form.
        ValueError: there is no such input, it has no gradient, or the step is 0 or not finite.
    """
    label, step = nudge if isinstance(nudge, tuple) and len(nudge) == 2 else (nudge, STEP)
    if not isinstance(label, str):
        raise TypeError(message("nudge.bad_form", received=abridged(nudge)))
    movable = nudgeable(controls)
    if label not in movable:
        raise ValueError(message("nudge.bad_input", received=abridged(label), allowed=", ".join(movable) or "-"))
    if not _is_step(step):
        raise ValueError(message("nudge.bad_step", received=abridged(step)))
    return Choice(label, float(step))


def clean_choice(controls: Sequence[Control], sent: Mapping[str, Any]) -> Choice:
    """Return the Choice that the page sent. Anything in it may be wrong; wrong parts are dropped without an error."""
    label, step = sent.get("input"), sent.get("step")
    known = isinstance(label, str) and label in nudgeable(controls)
    return Choice(cast(str, label) if known else "", float(cast(float, step)) if _is_step(step) else STEP)


def nudge_labels() -> dict[str, str]:
    """Return the words of the page about the nudge."""
    return {name: message(f"nudge.{name}") for name in _WORDS}


class NudgeView:
    """The nudge of one explorer. It runs f only if there is one, once for each position, and remembers the last run.

    Args:
        session: RunSession.
        output_name: name of f, for an output that has no name of its own.

    Attributes:
        choice: Choice.
    """

    def __init__(self, session: RunSession, output_name: str) -> None:
        self._session, self._output_name, self.choice = session, output_name, Choice()
        self._base: Record | None = None  # of the last answer, whose runs are
        self._moved = ""  # the input that moves in them
        self._runs: dict[tuple[float, int], tuple[Record | None, str]] = {}

    def state(
        self,
        position: Sequence[float],
        record: Record,
        scene: protocol.Scene,
        folded: Record,
        fold: Callable[[Record], Record],
    ) -> dict[str, Any]:
        """Return the part of the state about the nudge; {} without one, or if the record is not complete.

        Args:
            position: of the sliders.
            record: of a run there.
            scene: of the folded record.
            folded: the record as it is drawn.
            fold: folds another record in the same way.
        """
        if not self.choice.input or not record.complete or record.output is None:
            return {}
        moved = nudgeable(self._session.controls)[self.choice.input]
        if self._base is not record or self._moved != self.choice.input:
            self._base, self._moved, self._runs = record, self.choice.input, {}
        return {"nudge": self._compared(_Base(position, record, scene, folded, moved), fold)}

    def _compared(self, base: "_Base", fold: Callable[[Record], Record]) -> dict[str, Any]:
        label, step = self.choice.input, self.choice.step
        words = _input_words(base, label, step)
        words["output"] = self._name_of_output(base.record)
        plain: dict[str, Any] = {**self.choice.plain(), "parts": False, "verdict": "", "reason": ""}
        after, trouble = self._run(base, step)
        if after is None:
            return {**plain, "parts": True, "sentence": message("nudge.failed", reason=trouble, **words)}
        real = output_move(base.record, after, self._session.gradient(base.position))
        if real is None:
            return {**plain, "parts": True, "sentence": message("nudge.other_shape", **words)}
        g, delta = predicted_move(base.record, after, base.moved.control.name, base.along, step)
        predicted = g * delta
        words |= {"real": _signed(real), "predicted": _signed(predicted), "grad": number(g), "move": number(delta)}
        plain["sentence"] = message(f"nudge.{_sentence_kind(base)}", **words)
        folded_after = fold(after)
        if topology(folded_after) != topology(base.folded):
            reason = _other_graph(base.record, after, words)
            return {**plain, "parts": True, "verdict": _verdict(real, predicted, 0.0, words)[0], "reason": reason}
        node_moves = self._moves(base, folded_after, fold)
        rounding = 2 * sum(move.rounding for move in node_moves)
        verdict, parts = _verdict(real, predicted, rounding, words)
        scale = TOLERANCE * max(abs(real), abs(predicted))
        apart = [
            i
            for i, move in enumerate(node_moves)
            if parts and move.gap is not None and abs(move.gap) > max(scale, 2 * move.rounding)
        ]
        reason = ""
        if delta == 0:
            reason = message("nudge.lost", dtype=_dtype(base), **words)
        elif parts:
            reason = self._reason(base, node_moves, apart, real - predicted)
        elif abs(real - predicted) > scale and verdict:
            reason = message("nudge.rounding", dtype=_dtype(base), rounding=number(rounding, 2))
        texts = _node_texts(base, node_moves, words)
        for i in {*apart, *([len(node_moves) - 1] if parts else [])}:
            texts["products"][i] = APART + (texts["products"][i] or "g · Δ = 0")
        return {**plain, "parts": parts, "verdict": verdict, "reason": reason, "apart": apart, **texts}

    def _run(self, base: "_Base", step: float, most: int = 0) -> tuple[Record | None, str]:
        """Run f a step away from the position.

        Args:
            base: where the nudge starts.
            step: 0 for the same position.
            most: the Record holds all elements of a tensor that has at most so many.

        Returns:
            (Record, ""), or (None, why there is none).
        """
        key = step, most
        if key not in self._runs:
            session = self._session
            options = {**session.record_options, **session.cut_option(), "gradient": session.gradient(base.position)}
            moved, replaced = base.moved.moved(base.position, step * base.along)
            with whole_snapshots(most):
                result = session.run(moved, options, replaced)
            record, problem = result.record, result.problem
            if record is None or not record.complete:
                self._runs[key] = None, problem_data(problem)["text"] if problem else "?"
            else:
                self._runs[key] = record, ""
        return self._runs[key]

    def _moves(self, base: "_Base", folded_after: Record, fold: Callable[[Record], Record]) -> list[NodeMove]:
        """The moves of all nodes. For tensors of which the records hold only a range, f runs again at both points."""
        before, after = base.folded, folded_after
        if any(_is_partial(value) for node in before.nodes for value in node.values):
            whole = [self._run(base, step, _MOST_ELEMENTS)[0] for step in (0.0, self.choice.step)]
            if whole[0] is not None and whole[1] is not None:
                before, after = fold(whole[0]), fold(whole[1])
                if not topology(before) == topology(after) == topology(base.folded):
                    before, after = base.folded, folded_after
        return moves(before, after)

    def _reason(self, base: "_Base", node_moves: Sequence[NodeMove], apart: Sequence[int], gap: float) -> str:
        """A sentence about where and why the real and the predicted move part."""
        nodes = base.folded.nodes
        if not math.isfinite(gap) or not apart:
            return ""
        worst = max(apart, key=lambda i: abs(cast(float, node_moves[i].gap)))
        node, move = nodes[worst], node_moves[worst]
        words = {"node": _name(node)}
        kind = node.op.replace("_", "").lower()
        if kind in _JUMPS or kind in _BENDS:
            return message("nudge.jump" if kind in _JUMPS else "nudge.bend", **words)
        for i in move.uncounted:
            source = nodes[i]
            is_choice = source.dtype is not None and not (source.dtype.is_floating_point or source.dtype.is_complex)
            return message("nudge.switch" if is_choice else "nudge.cut", source=_name(source), **words)
        half = self._half_gap(base)
        if half is None or not math.isfinite(half):
            return ""
        words["half"] = number(abs(half), 2)
        share = abs(half / gap)
        if _CURVED[0] <= share <= _CURVED[1]:
            return message("nudge.curve", share=_percent(share), **words)
        return message("nudge.elsewhere", **words)

    def _half_gap(self, base: "_Base") -> float | None:
        """How far the real and the predicted move differ with half the step."""
        step = self.choice.step / 2
        after, _ = self._run(base, step)
        if after is None:
            return None
        real = output_move(base.record, after, self._session.gradient(base.position))
        g, delta = predicted_move(base.record, after, base.moved.control.name, base.along, step)
        return None if real is None else real - g * delta

    def _name_of_output(self, record: Record) -> str:
        root = record.nodes[-1]
        name = self._output_name if root.name is None or root.kind == "leaf" else root.name
        return f"vᵀ{name}" if self._session.has_gradient else name


@dataclass(frozen=True)
class _Base:
    """The run from which the nudge starts.

    Attributes:
        position: of the sliders.
        record: of f.
        scene: of the folded record.
        folded: the record as it is drawn.
        moved: what is nudged.
    """

    position: Sequence[float]
    record: Record
    scene: protocol.Scene
    folded: Record
    moved: Nudged

    @property
    def along(self) -> np.ndarray:
        """The unit vector along which the elements of the input move."""
        return self.moved.direction(self.record)


def nudge_lines(nudge: protocol.Nudge | None) -> list[str]:
    """Return the sentences of a nudge: the moves of the output, and where they part; [] without a nudge."""
    if nudge is None:
        return []
    first = joined((nudge["sentence"], nudge["verdict"]))
    return [first, nudge["reason"]] if nudge["reason"] else [first]


def nudge_captions(nudge: protocol.Nudge | None) -> list[tuple[str, str]]:
    """Return (sentence, colour) of each caption below the static picture of a nudge; [] without one."""
    parts = nudge is not None and nudge["parts"]
    return [(line, theme.BAD if parts and i else theme.MUTED) for i, line in enumerate(nudge_lines(nudge))]


def _is_partial(value: Snapshot | None) -> bool:
    return value is not None and value.numbers is None and math.prod(value.shape) <= _MOST_ELEMENTS


def _verdict(real: float, predicted: float, rounding: float, words: Mapping[str, str]) -> tuple[str, bool]:
    """(the sentence that compares both moves, whether they part)."""
    gap, scale = real - predicted, max(abs(real), abs(predicted))
    if not math.isfinite(gap):
        return message("nudge.unknown", real=words["real"], predicted=words["predicted"]), True
    if abs(gap) <= max(rounding, 1e-6 * scale):
        return message("nudge.same"), False
    if abs(gap) <= TOLERANCE * scale:
        return message("nudge.near", gap=number(abs(gap), 2), tolerance=_percent(TOLERANCE)), False
    return message("nudge.apart", gap=number(abs(gap), 2), share=_percent(abs(gap) / scale)), True


def _sentence_kind(base: _Base) -> str:
    grad = base.record.grads.get(base.moved.control.name)
    if not base.moved.is_whole:
        return "sentence" if grad is not None else "no_gradient"
    if grad is None:
        return "no_gradient_whole"
    return "sentence_whole" if grad.any() else "zero_gradient_whole"


def _input_words(base: _Base, label: str, step: float) -> dict[str, Any]:
    """The input before and after its move, as the sentences name them."""
    if base.moved.is_whole:
        sign = "−" if step < 0 else "+"
        return {"input": label, "before": label, "after": f"{label} {sign} {number(abs(step))} · g/‖g‖"}
    start = base.moved.value(base.position)
    return {"input": label, "before": _exact(start, step), "after": _exact(start + step, step)}


def _other_graph(before: Record, after: Record, words: Mapping[str, str]) -> str:
    counts = {"count_before": len(before.nodes), "count_after": len(after.nodes)}
    known = {name: words[name] for name in ("input", "before", "after")}
    line = _first_other_line(before.nodes, after.nodes)
    sentence = message("nudge.other_graph", **counts, **known)
    return sentence if line is None else f"{sentence} {message('nudge.other_line', line=line)}"


def _first_other_line(before: Sequence[Node], after: Sequence[Node]) -> int | None:
    """The line of the first node that the other graph does not have in the same place."""
    for one, other in zip(before, after, strict=False):
        if (one.op, one.name, one.line, one.shape) != (other.op, other.name, other.line, other.shape):
            lines = [node.line for node in (one, other) if node.line is not None]
            return min(lines, default=None)
    longer = max(before, after, key=len)[min(len(before), len(after)) :]
    return next((node.line for node in longer if node.line is not None), None)


def _node_texts(base: _Base, node_moves: Sequence[NodeMove], words: Mapping[str, str]) -> dict[str, Any]:
    """The texts of each node: its move, what its gradient predicts, and the sentences of its description."""
    shown, products, details, previews, rounds = [], [], [], [], {}
    for node, drawn, move in zip(base.folded.nodes, base.scene["nodes"], node_moves, strict=True):
        is_root = node.id == len(base.folded.nodes) - 1
        space = room(drawn["w"] + _BESIDE, theme.PRODUCT_SIZE) - len(APART)
        deltas = list(map(_delta_snapshot, move.deltas))
        shown.append("" if node.kind == "constant" and not move.moved else _moved_text(move, deltas, drawn["room"]))
        products.append(_root_text(words, space) if is_root else _product_text(node, move, space))
        details.append(_details(move, words["output"], is_root))
        previews.append(preview(deltas) if move.moved else None)
        if move.rounds:
            texts_of_rounds = [_delta_text(delta, drawn["room"]) for delta in map(_delta_snapshot, move.rounds)]
            rounds[str(node.id)] = [text.removeprefix("+") for text in texts_of_rounds]  # columns are narrow
            shown[-1] = rounds[str(node.id)][-1]  # the last round stands where other nodes have their value
    texts = {"moves": shown, "products": products, "details": details, "previews": previews}
    return {**texts, "rounds": rounds} if rounds else texts


def _delta_snapshot(delta: np.ndarray | None) -> Snapshot | None:
    if delta is None:
        return None
    return snapshot(torch.from_numpy(delta)) if delta.shape else Snapshot((), torch.float64, delta.item())


def _moved_text(move: NodeMove, deltas: Sequence[Snapshot | None], space: int) -> str:
    """How far a node moved: "+0.02", "[0.01, 0]", "(200,) 0 .. 0.5"; "?" if it has too many elements."""
    if not move.moved:
        return "0"
    share = space // len(deltas)
    return "; ".join(_delta_text(delta, share) for delta in deltas)


def _delta_text(delta: Snapshot | None, space: int) -> str:
    if delta is None:
        return "?"
    text = compact(delta, space if delta.shape else space - 1)
    return f"+{text}" if not delta.shape and _is_positive(delta.numbers) else text


def _full_text(delta: np.ndarray) -> str:
    text = brief(listing(delta.tolist(), 7), _LONGEST_DETAIL)
    return f"+{text}" if not delta.shape and _is_positive(delta.item()) else text


def _is_positive(x: complex) -> bool:
    return not isinstance(x, complex) and x > 0


def _product_text(node: Node, move: NodeMove, space: int) -> str:
    """What the gradient of a node predicts, "6 × 0.02 = 0.12"; "" for a node that did not move or has no gradient.

    An equation with few digits is shown only if they tell the product nearly: not "-102 × 0.01 = -1" for -1.017.
    """
    if move.product is None or not move.moved:
        return ""
    grad, delta = node.grads[0], move.deltas[0]
    if len(move.deltas) == 1 and grad is not None and delta is not None and delta.size == 1:
        slope = np.asarray(grad.numbers).item()
        for digits in (4, 3, 2):
            factors, product = f"{number(slope, digits)} × {number(delta.item(), digits)}", number(move.product, digits)
            text = f"{factors} = {product}"
            if len(text) <= space and math.isclose(float(product), move.product, rel_tol=_ROUNDED):
                return text
    return f"g · Δ = {number(move.product)}"


def _root_text(words: Mapping[str, str], space: int) -> str:
    text = message("nudge.predicted", predicted=words["predicted"])
    return text if len(text) <= space else words["predicted"]


def _details(move: NodeMove, output: str, is_root: bool) -> list[str]:
    if not move.moved:
        return [message("nudge.detail_still")]
    known = [delta for delta in move.deltas if delta is not None]
    if len(known) < len(move.deltas):
        return [message("nudge.detail_unknown")]
    parts = [message("nudge.detail_move", move="; ".join(map(_full_text, known)))]
    if move.product is not None and not is_root:
        parts.append(message("nudge.detail_product", product=_signed(move.product), output=output))
    if move.gap is not None and abs(move.gap) > 2 * move.rounding:
        parts.append(message("nudge.detail_gap", gap=_signed(move.gap, 2)))
    return parts


def _name(node: Node) -> str:
    """A node as a sentence names it: "h = relu", "relu"; the sign of a long name would not tell which node is meant."""
    sign = node.op if symbol(node.op) == "ƒ" else symbol(node.op)
    return f"{node.name} = {sign}" if node.name and node.kind not in ("leaf", "constant") else node.name or sign


def _dtype(base: _Base) -> str:
    """The dtype of the nudged input, or of the output if f never used that input."""
    record = base.record
    return str(record.nodes[record.inputs.get(base.moved.control.name, -1)].dtype).removeprefix("torch.")


def _exact(x: float, step: float) -> str:
    """A position with so many digits that it can be told from the one a step away."""
    digits = 4 if x == 0 else max(4, math.ceil(math.log10(max(abs(x / step), 1.0))) + 3)
    return number(float(f"{x:.{min(digits, 15)}g}"), min(digits, 15))


def _signed(x: float, digits: int = 4) -> str:
    text = number(x, digits)
    return f"+{text}" if x > 0 else text


def _percent(share: float) -> str:
    return f"{number(100 * share, 2)}%"


def _is_step(step: Any) -> bool:
    return isinstance(step, int | float) and not isinstance(step, bool) and fits_slider(step) and step != 0
