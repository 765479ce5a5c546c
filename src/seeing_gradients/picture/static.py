"""A Record as a static picture: `draw(r)`, or `draw(f, w=4.0)` to record f and draw the Record."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from seeing_gradients.language import message
from seeing_gradients.picture import theme
from seeing_gradients.recorder import Inner, Record, RecordError, record, referenced_modules
from seeing_gradients.runtime import repeat_random_state, restore_buffers

from .bundles import bundle, is_bundle_key
from .directions import Direction, check_direction
from .export import save, target
from .folding import ALL
from .folding import fold as folded
from .grouping import Fold, check_fold, check_opened, default_opened, is_loop_key, tree
from .labels import table, unknown_values
from .painting import paint
from .saved_tensor_chips import saved_chips
from .scene import fitting_scene, height_limit, texts


class Picture:
    """A static picture of a Record; a notebook shows it as SVG, a terminal as text.

    Attributes:
        svg: str, the picture as SVG text.
        text: str, a table of inputs, values and gradients.
    """

    def __init__(self, svg: str, text: str) -> None:
        self.svg, self.text = svg, text

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        return {"image/svg+xml": self.svg, "text/plain": self.text}


def draw(
    f: Record | Callable[..., Any],
    *args: Any,
    path: str | Path | None = None,
    opened: str | Iterable[str] = (),
    depth: int = 0,
    saved: bool = False,
    direction: Direction = "auto",
    fold: Fold = "auto",
    **kwargs: Any,
) -> Picture:
    """Draw a Record, or record f and draw the Record.

    It draws in cases in which `record` would raise. If the output has several elements and `gradient` is missing,
    backward starts with ones. If nothing requires grad, only the forward pass is drawn. If an operation of f fails, the
    picture ends there, and the modules around that operation are open. The caption says so.

    Args:
        f: Record, or function of tensors -> tensor.
        *args, **kwargs: the other arguments of `record`, whose `strict` is False here unless given.
        opened: keys of modules, loops and bundles of edges to draw open, "layers.0", "layers.0..layers.11", "line 4" or
            "w=>line 4"; "all" to show every operation and every edge.
        fold: whether what repeats is one node or edge: rounds of a loop, equal modules, blocks of modules, parallel
            edges. "auto": from four rounds, three modules or blocks, three or four edges on; True: from two; False:
            never.
        saved: whether to show below each node the tensors that it saves: ■ kept, □ freed, ✗ changed since.
        depth: the number of levels of modules to draw open: 1 for the outermost, 2 for those inside them as well.
        direction: in which the graph runs: "right", in rows if it is wide, "down", or "auto", whichever fits better.
        path: a file to write as well: .svg, .png or .html (the picture), .mmd (Mermaid) or .dot (text), .json (all data).

    Returns:
        Picture.

    Raises:
        TypeError: f is neither a Record nor callable, there are arguments for f besides a Record, or path is not a
            path.
        RecordError: f could not be recorded.
        Exception: any error of f that no operation of PyTorch raised, or of backward, unchanged.
        ValueError: path ends in something else, or the picture is too large for a PNG; opened names no module or loop;
            direction is none; fold is neither "auto" nor a bool.
        OSError: the file cannot be written.
    """
    direction = check_direction(direction)
    opened = ALL if opened == ALL else check_opened(opened)
    file = None if path is None else target(path)
    check_fold(fold)
    if isinstance(f, Record):
        if args or kwargs:
            raise TypeError(message("draw.extra_arguments", received=", ".join([*map(repr, args), *kwargs])))
        shown = _folded(f, opened, depth, fold)
    elif callable(f):
        inner = True if opened or depth or file is not None else False if saved else "counted"
        shown = _recorded_and_folded(f, args, {"strict": False, **kwargs}, opened, depth, fold, inner)
    else:
        raise TypeError(message("draw.not_recordable", received=type(f).__name__))
    drawn = bundle(shown, (opened,) if isinstance(opened, str) else opened, False if opened == ALL else fold)
    plan = fitting_scene(drawn, direction, height=height_limit(shown))
    chips = saved_chips(shown, plan) if saved else None
    words = {**texts(drawn, plan), "failed": shown.failed, "saved_tensors": chips}
    has_raised = shown.has_raised
    captions = [
        (note.text, theme.BAD if has_raised and note is shown.notes[-1] else theme.MUTED) for note in shown.notes
    ]
    captions += [(text, theme.MUTED) for text in unknown_values(drawn)]
    picture = Picture(paint(plan, words, title=shown.name, captions=captions), table(shown))
    if file is not None:
        save(file, shown, picture.svg)
    return picture


def _recorded_and_folded(
    f: Callable[..., Any],
    args: Sequence[Any],
    options: dict[str, Any],
    opened: str | Iterable[str],
    depth: int,
    fold: Fold,
    inner: Inner,
) -> Record:
    """Record f and fold its modules.

    What is inside closed modules is not drawn, so `inner` is True only if some module is open, or for a file, which may
    hold all data.
    """
    if inner is True or "inner" in options:
        return _folded(_recorded(f, args, options), opened, depth, fold)
    modules, random_state = referenced_modules(f, [*args, *options.values()]), repeat_random_state()
    shown = _folded(_recorded(f, args, {**options, "inner": inner}), opened, depth, fold)
    # `fold` opens a module that would be part of a cycle. And a value that f never received may leave a module, as the
    # transposed weights do that autograd.grad uses for a gradient penalty.
    is_unknown = any(node.inside is not None and None in node.values for node in shown.nodes)
    if shown.has_raised or not (shown.opened or is_unknown):
        return shown
    with random_state, restore_buffers(modules):
        return _folded(_recorded(f, args, options), opened, depth, fold)


def _recorded(f: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Record:
    """Record f; if one of its operations fails, return the forward pass up to there."""
    try:
        return record(f, *args, **kwargs)
    except RecordError:
        raise
    except Exception as error:
        unfinished = getattr(error, "record", None)
        if not isinstance(unfinished, Record) or not unfinished.has_raised:
            raise
        return unfinished


def _folded(whole: Record, opened: str | Iterable[str], depth: int, fold: Fold) -> Record:
    """A Record with its groups folded, except for those that `opened` and `depth` of `draw` open."""
    groups = tree(whole, fold)
    if opened == ALL:
        return folded(whole, ALL, groups)
    opened = (opened,) if isinstance(opened, str) else tuple(opened)
    if whole.has_raised:  # some modules did not run
        opened = (*(key for key in opened if key in groups.groups), *groups.chains[-1])
    unknown = [key for key in opened if not (key in groups.groups or is_loop_key(key) or is_bundle_key(key))]
    if unknown:
        raise ValueError(message("draw.not_opened", received=unknown[0], allowed=", ".join(groups.keys()[:12]) or "-"))
    return folded(whole, [*opened, *groups.keys(depth), *default_opened(groups, whole)], groups)
