"""A Record as a Picture: `draw(r)`, or `draw(f, w=4.0)` to record f and draw that."""

from seeing_gradients.language import message
from seeing_gradients.picture.export import save, target
from seeing_gradients.picture.layout import ALL, fold, kept, keys, scene, texts
from seeing_gradients.recorder import Record, record

from .painting import paint
from .table import table


class Picture:
    """A static picture of a Record, shown by the notebook as SVG, or as text where there are no pictures.

    Attributes:
        svg: str, the picture.
        text: str, inputs, values and gradients as a table.
    """

    def __init__(self, svg, text):
        self.svg, self.text = svg, text

    def __repr__(self):
        return self.text

    def _repr_mimebundle_(self, **kwargs):
        return {"image/svg+xml": self.svg, "text/plain": self.text}


def draw(f, *args, path=None, opened=(), depth=0, saved=False, **kwargs):
    """Draw a Record, or record f and draw that.

    Args:
        f: Record, or function of tensors -> tensor.
        args, kwargs: what `record` takes besides f.
        opened: keys of modules that are drawn opened, "layers.0" or "layers.0..layers.11"; "all" for every operation.
        saved: bool, whether the tensors that each backward node keeps are shown below it, ■ kept, □ freed, ✗ changed since.
        depth: int, down to which modules are opened: 1 opens the outermost, 2 those in them, too.
        path: str or Path; a file to write, too: .svg or .png (the picture), .mmd (Mermaid) or .dot (text), .json (all data).

    Returns:
        Picture.

    Raises:
        TypeError: f is neither a Record nor callable, arguments for f were given beside a Record, or path is no path.
        RecordError: f could not be recorded.
        ValueError: path ends in something else, or the picture is too large for a PNG; opened names no module.
        OSError: the file cannot be written.
    """
    file = None if path is None else target(path)
    if isinstance(f, Record):
        if args or kwargs:
            raise TypeError(message("draw.extra_arguments", received=", ".join([*map(repr, args), *kwargs])))
        taken = f
    elif callable(f):
        taken = record(f, *args, **kwargs)
    else:
        raise TypeError(message("draw.not_recordable", received=type(f).__name__))
    taken = _folded(taken, opened, depth)
    plan = scene(taken)
    words = {**texts(taken, plan), "failed": taken.failed, "kept": kept(taken, plan) if saved else None}
    picture = Picture(paint(plan, words, title=taken.name), table(taken))
    if file is not None:
        save(file, taken, picture.svg)
    return picture


def _folded(taken, opened, depth):
    """A Record with its modules folded, but for those to be opened."""
    if opened == ALL or not any(node.module for node in taken.nodes):
        return fold(taken, ALL)
    opened = (opened,) if isinstance(opened, str) else tuple(opened)
    known = keys(taken)
    unknown = [key for key in opened if key not in known]
    if unknown:
        raise ValueError(message("draw.not_opened", received=unknown[0], allowed=", ".join(known[:12])))
    return fold(taken, [*opened, *keys(taken, depth)])
