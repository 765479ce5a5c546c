"""Format and measure the texts of a picture: numbers, symbols of operations, names, lines of text.

Every picture and table uses these functions, so that the same value looks the same everywhere: `number(x)` for one
number, `compact(snapshot, room)` for a tensor in limited space, `full(snapshot)` for a tensor with all digits,
`symbol(op)` for an operation, `brief(name)` for a name. `node_lines(record)` and `edge_label(record, edge)` return the
texts of Mermaid and DOT.
"""

import math
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, cast

from seeing_gradients.language import counted, message
from seeing_gradients.recorder import Edge, Node, Record, Snapshot

Number = int | float | complex

DIGITS = 4
FAILED = "✗"  # in place of the value of an operation that raised an error
_PLAIN_BELOW, _PLAIN_FROM = 1e7, 1e-4  # absolute values outside this range are written with an exponent
_QUICK_BELOW = {4: 1e3, 3: 1e2, 2: 10, 1: 1}  # number of digits -> below this, %g gives the same text as our rule
_FULL_LENGTH = 300  # characters
_SHORTEST, _SHORTEST_RANGE = 3, 7  # characters of the shortest element in a list, "1, "; of a range, " 1 .. 2"


# ---- numbers ----


@lru_cache(maxsize=4096, typed=True)
def number(x: Number, digits: int = DIGITS) -> str:
    """Return a number as ASCII text with few significant digits: 9.0 -> "9", 12.28221 -> "12.28", 1999.67 -> "1999.7".

    Args:
        x: int, float, complex or bool.
        digits: number of significant digits, unless x is a whole number below 1e7, which is written in full.
    """
    if isinstance(x, bool):
        return str(x)
    if isinstance(x, complex):
        sign = "-" if math.copysign(1.0, x.imag) < 0 and x.imag != 0 else "+"
        return f"{number(x.real, digits)}{sign}{number(abs(x.imag), digits)}i"
    if isinstance(x, int):
        return str(x) if abs(x) < 1e9 else _scientific(float(x), digits)
    if not math.isfinite(x):
        return "nan" if math.isnan(x) else "inf" if x > 0 else "-inf"
    return _finite(x, digits)


def _finite(x: float, digits: int) -> str:
    size = abs(x)
    if size == 0:
        return "0"
    if _PLAIN_FROM <= size < _QUICK_BELOW.get(digits, 0):
        return f"{x:.{digits}g}"  # the same text as below, in a third of the time
    if size >= _PLAIN_BELOW or size < _PLAIN_FROM:
        return _scientific(x, digits)
    if x == int(x):
        return str(int(x))
    decimals = digits - 1 - math.floor(math.log10(size))
    decimals = max(decimals, 1 if digits >= DIGITS and size < 1e4 else 0)
    text = f"{x:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _scientific(x: float, digits: int) -> str:
    mantissa, exponent = f"{x:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}e{int(exponent)}"


def listing(numbers: Any, digits: int = DIGITS) -> str:
    """Return a number, or (nested) lists of numbers, as one line: "[[1, 2], [3, 4]]"."""
    if isinstance(numbers, list | tuple):
        return f"[{', '.join(listing(item, digits) for item in numbers)}]"
    return number(numbers, digits)


def compact(snapshot: Snapshot | None, room: int, with_shape: bool = True) -> str:
    """Return a snapshot as text of about `room` characters.

    Args:
        snapshot: Snapshot, or None.
        room: the space, in characters.
        with_shape: whether the shape stands before the range; without it, it does so only where there is no range.

    Returns:
        str: all elements with as many digits as fit, "[1, 2.5]"; else the shape and, if there is space, the range,
        "(3, 4) -1.5 .. 2". It is "None" for None, and "?" for a single number that cannot be read.
    """
    if snapshot is None:
        return "None"
    numbers = snapshot.numbers
    if type(numbers) is float:
        return _number_that_fits(numbers, room)
    count = math.prod(snapshot.shape)
    if numbers is not None and (count == 1 or _SHORTEST * count <= room):
        text = ""
        for digits in (DIGITS, 3, 2):
            text = listing(numbers, digits)
            if len(text) <= room:
                return text
        if count == 1:
            return text
    if snapshot.components is not None and (text := _components(snapshot.components, room)):
        return text
    if not snapshot.shape:
        return "?"  # e.g. on the meta device
    shape = _shape(snapshot.shape)
    left = room - len(shape) if with_shape else room + 1
    ends = _ends(snapshot) if left >= _SHORTEST_RANGE else None
    written = "" if ends is None else _range(*ends, left)
    return shape + written if with_shape else written.removeprefix(" ") or shape


def _components(components: Sequence[Snapshot], room: int) -> str:
    """The elements of a nested tensor, with as many digits as fit into `room` characters: "[[1, 2], [3]]"; else ""."""
    lists = [component.numbers for component in components]
    if any(numbers is None for numbers in lists):
        return ""
    return next((text for digits in (DIGITS, 3, 2) if len(text := listing(lists, digits)) <= room), "")


@lru_cache(maxsize=4096)
def _number_that_fits(x: float, room: int) -> str:
    """A number with as many digits as fit into `room` characters, but at least two digits."""
    text = ""
    for digits in (DIGITS, 3, 2):
        text = number(x, digits)
        if len(text) <= room:
            break
    return text


def _range(low: float, high: float, room: int) -> str:
    """The range " -1.5 .. 2" with as many digits as fit into `room` characters; "" if not even one digit fits."""
    shortest = f" {number(low, 1)} .. {number(high, 1)}"
    if len(shortest) > room:
        return ""
    for digits in (3, 2):
        text = f" {number(low, digits)} .. {number(high, digits)}"
        if len(text) <= room:
            return text
    return shortest


def full(snapshot: Snapshot | None) -> str:
    """Return a snapshot as text with all digits of its dtype, at most 300 characters; longer ones end in "..."."""
    if snapshot is None:
        return "None"
    if snapshot.components is not None and (text := _components(snapshot.components, _FULL_LENGTH)):
        return text
    if snapshot.numbers is None and snapshot.low is None:  # complex or sparse, or of a kind that PyTorch cannot read
        return f"{_shape(snapshot.shape)} {str(snapshot.dtype).removeprefix('torch.')}"
    if snapshot.numbers is None:
        low, high = cast(float, snapshot.low), cast(float, snapshot.high)
        return f"{_shape(snapshot.shape)}, {number(low, 7)} ... {number(high, 7)}"
    double = str(snapshot.dtype).endswith(("float64", "complex128"))
    text = listing(snapshot.numbers, 15 if double else 7)
    return text if len(text) <= _FULL_LENGTH else text[: _FULL_LENGTH - 3] + "..."


@lru_cache(maxsize=1024)
def _shape(shape: tuple[int, ...]) -> str:
    """A shape as Python writes it: "(2, 3)", "(2,)"."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def _ends(snapshot: Snapshot) -> tuple[float, float] | None:
    """The smallest and the largest element, both nan if there is a nan; None if there is no order (complex, empty)."""
    if snapshot.numbers is None:
        return None if snapshot.low is None else (snapshot.low, cast(float, snapshot.high))
    flat: Any = snapshot.numbers
    for _ in snapshot.shape[1:]:
        flat = chain.from_iterable(flat)
    flat = list(flat)
    if not flat or isinstance(flat[0], complex):
        return None
    is_nan = math.isnan(sum(flat)) and any(map(math.isnan, flat))  # the sum of two infinities is nan, too
    return (math.nan, math.nan) if is_nan else (min(flat), max(flat))


# ---- symbols ----

_SIGNS = {
    "add": "+", "sub": "−", "rsub": "−", "mul": "×", "div": "÷", "neg": "−", "pow": "xⁿ", "square": "x²", "sqrt": "√",
    "sum": "Σ", "mean": "mean", "prod": "Π", "dot": "·", "inner": "·", "vdot": "·", "vecdot": "·",
    "matmul": "@", "mm": "@", "mv": "@", "bmm": "@", "addmm": "@+", "linear": "@+", "outer": "⊗",
    "norm": "‖x‖", "linalg_norm": "‖x‖", "linalg_vector_norm": "‖x‖", "vector_norm": "‖x‖", "frobenius_norm": "‖x‖",
    "abs": "|x|", "log": "ln", "log2": "log2", "log10": "log10", "log1p": "ln1+", "expm1": "eˣ-1", "exp": "eˣ",
    "reciprocal": "1/x", "rsqrt": "1/√", "sigmoid": "σ", "softmax": "softmax", "relu": "ReLU",
    "gt": ">", "lt": "<", "ge": "≥", "le": "≤", "eq": "=", "ne": "≠", "where": "if", "remainder": "mod",
    "getitem": "[ ]", "__getitem__": "[ ]", "select": "[ ]", "slice": "[ ]", "index": "[ ]", "setitem": "[ ]=",
    "__setitem__": "[ ]=", "copy": "=", "view": "view", "reshape": "view", "t": "ᵀ", "transpose": "ᵀ", "permute": "ᵀ",
    "mse_loss": "MSE", "std": "std", "var": "var", "cumsum": "Σ..", "item": "item", "to": "to", "contiguous": "copy",
    "square_": "x²", "stack": "stack", "concat": "cat", "concatenate": "cat", "unsqueeze": "view", "squeeze": "view",
}  # fmt: skip
_LONGEST_SYMBOL = 6


def symbol(op: str) -> str:
    """Return the symbol of an operation: "mul" -> "×", "mul_" -> "×="; a short name itself, or "ƒ" for a long one."""
    if op in _SIGNS:
        return _SIGNS[op]
    bare = op.strip("_")
    if op.endswith("_") and not op.endswith("__") and bare in _SIGNS and len(_SIGNS[bare]) == 1:
        return f"{_SIGNS[bare]}="
    sign = _SIGNS.get(bare, bare)
    return sign if len(sign) <= _LONGEST_SYMBOL else "ƒ"


# ---- names, and an estimate of their width in an unknown font ----

# Characters that change the writing direction, which would also affect the text after a name.
_DIRECTIONS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_PER_CHARACTER = 0.57  # the mean width of a digit as a part of the font size, rounded up
_UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}  # control characters, half surrogates, line and paragraph separators


def fit(text: str, width: float, size: float) -> str:
    """Return a name, shortened with "…" to a width in px at a font size in px."""
    return brief(text, max(2, room(width, size)))


def brief(text: str, most: int = 40) -> str:
    """Return a name, shortened with "…" to a width of `most` letters; `letters` measures it."""
    if text.isascii():
        return text if len(text) <= most else f"{text[: most - 1]}…"
    text = text.translate(_DIRECTIONS)
    if letters(text) <= most:
        return text
    left, end = most - 1, 0
    for end, character in enumerate(text):
        left -= letters(character)
        if left < 0:
            break
    return f"{text[:end]}…"


def inside_text(operations: int | None, parameters: int) -> str:
    """Return what a closed node holds, "5 ops, 82 params", in the language in use; "5 ops" if it has no parameters."""
    parts = [counted("draw.operations", operations)] if operations is not None else []
    parts += [message("draw.parameters", count=f"{parameters:,}")] if parameters else []
    return message("draw.both", first=parts[0], second=parts[1]) if len(parts) == 2 else "".join(parts)


def letters(text: str) -> int:
    """Return the width of a text in letters; a Chinese character counts as two, a combining one as none."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text if not unicodedata.combining(c))


def width(characters: float, size: float) -> int:
    """Return the estimated width in px of a number of characters at a font size in px."""
    return math.ceil(characters * size * _PER_CHARACTER)


def room(width: float, size: float) -> int:
    """Return how many characters fit into a width in px at a font size in px."""
    return int(width / (size * _PER_CHARACTER))


def clean(text: str) -> str:
    """Return a text on one line: white space becomes spaces, and what XML or UTF-8 cannot contain becomes U+FFFD."""
    return text if text.isascii() and text.isprintable() else "".join(map(_printable, text))


def _printable(character: str) -> str:
    if character.isspace():
        return " "
    bad = unicodedata.category(character) in _UNPRINTABLE or ord(character) & 0xFFFE == 0xFFFE
    return "\ufffd" if bad else character


# ---- lines of text ----


def columns(lines: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table with aligned columns; a Chinese character is two characters wide.

    Args:
        lines: the rows, each a sequence of cells; all have the same number of cells.
    """
    widths = [max(_columns_of(line[i]) for line in lines) for i in range(len(lines[0]))]
    return [
        "  ".join(cell + " " * (w - _columns_of(cell)) for cell, w in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


def wrap(text: str, room: int) -> list[str]:
    """Return a text as lines of at most `room` characters, broken between words or Chinese characters."""
    lines, line = [], ""
    for word in re.findall(r"[\u2e80-\uffef]|[^\s\u2e80-\uffef]+|\s+", text):
        if line and _columns_of(line + word.rstrip()) > room:
            lines, line = [*lines, line.rstrip()], word.lstrip()
        else:
            line += word
    return [*lines, line.rstrip()] if line.strip() else lines


def _columns_of(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def table(record: Record) -> str:
    """Return the inputs, computed values and gradients of a Record as a text table, for use without a picture."""
    inputs = {record.inputs[name]: name for name in _argument_names(record)}
    lines = [[message("draw.node"), message("draw.value"), message("draw.gradient")]]
    for node in record.nodes:
        if node.kind == "constant":
            continue
        name = inputs.get(node.id) or node.name
        name = brief(name) if name else name
        label = name if node.kind == "leaf" and name else f"{name} = {node.op}" if name else node.op
        lines.append([label, _value(node), _cell(node.grads) if node.requires_grad else "-"])
    text = columns(lines)
    call = f"{brief(record.name)}({', '.join(map(brief, _argument_names(record)))})"
    text.insert(0, f"{call} = {_value(record.nodes[-1]) if record.nodes else '?'}")
    return "\n".join([*text, *captions(record)])


def captions(record: Record) -> list[str]:
    """Return the sentences of a picture's caption: what `record` decided by itself, or that it stopped early."""
    if record.notes or record.complete:
        return [*(note.text for note in record.notes), *unknown_values(record)]
    return [message("draw.incomplete"), *unknown_values(record)]


def unknown_values(record: Record) -> list[str]:
    """Return the sentence that says why there is no value where a picture shows "?"; [] if it shows none."""
    return [message("draw.unknown_value")] if any(map(is_unknown, record.nodes)) else []


def is_unknown(node: Node) -> bool:
    """Whether a picture shows "?" in place of the value of a node."""
    return not any(node.values) and node.kind != "failed"


def _value(node: Node) -> str:
    return FAILED if node.kind == "failed" else _cell(node.values, "?")


def _argument_names(record: Record) -> list[str]:
    """The names of the inputs that are arguments of f, without those that lie inside an argument."""
    return [name for name in record.inputs if name.isidentifier()]


def _cell(snapshots: Sequence[Snapshot | None], unknown: str = "None") -> str:
    parts = [unknown if s is None else full(s) if s.numbers is None else listing(s.numbers) for s in snapshots]
    text = "; ".join(parts)
    return text if len(text) <= 60 else f"{text[:57]}..."


# ---- nodes and edges in Mermaid and DOT, with the symbols of the picture: "→" a value, "←" a gradient ----

CUT = "//"
_LONGEST_NAME, _ROOM = 60, 40  # characters: of a name; of a value or gradient


def title(record: Record) -> str:
    """Return the call that the graph shows: "loss(w, b, x, y_true)"."""
    text = _short(f"{_short(record.name)}({', '.join(_argument_names(record))})", 2 * _LONGEST_NAME)
    said = " ".join(captions(record))
    return f"{text}: {clean(said)}" if said else text


def node_lines(record: Record) -> list[list[str]]:
    """Return the lines of text of every node."""
    names = {record.inputs[name]: name for name in _argument_names(record)}
    return [_lines(node, names.get(node.id) or node.name) for node in record.nodes]


def edge_label(record: Record, edge: Edge) -> str:
    """Return the label of an edge in Mermaid and DOT: "[1] ← 2.5"; "" if there is nothing to say.

    It contains the number of the output of `src` if that has several, "//" if the edge is cut, and the gradient.
    """
    parts = [f"[{edge.output}]"] if len(record.nodes[edge.src].values) > 1 else []
    parts += [CUT] if edge.cut else []
    parts += [f"← {compact(edge.flow, _ROOM)}"] if edge.flow is not None else []
    return " ".join(parts)


def _lines(node: Node, name: str | None) -> list[str]:
    value = FAILED if node.kind == "failed" else _numbers(node.values, "?")
    name = _short(name or "")
    if node.kind == "constant":
        return [f"{name} = {value}" if name else value]
    op = _short(node.op)
    heading = (name or op) if node.kind == "leaf" else f"{name} = {op}" if name else op
    lines = [heading, f"→ {value}"]
    lines += [f"← {_numbers(node.grads)}"] if node.requires_grad else []
    return lines + ([_short(node.grad_fn)] if node.grad_fn else [])


def _numbers(snapshots: Sequence[Snapshot | None], unknown: str = "None") -> str:
    room = max(12, _ROOM // len(snapshots))
    return "; ".join(unknown if snapshot is None else compact(snapshot, room) for snapshot in snapshots)


def _short(name: str, longest: int = _LONGEST_NAME) -> str:
    name = clean(name)
    return name if len(name) <= longest else f"{name[: longest - 1]}…"
