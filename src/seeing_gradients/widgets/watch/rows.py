"""The rows of the picture: a module each, in the order in which they run; of a large model, a block of modules each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .probe import Probe

MOST_ROWS = 48
_MOST_SINGLE = 12  # rows; in a longer picture a module without parameters stands in the row of the one before it


@dataclass(frozen=True)
class Row:
    """One module, or a block of several.

    Attributes:
        path: "layers.0"; "" for the model itself.
        kind: the name of its class.
        shape: of what it returned last, as text; "" if it was not called.
        modules: indices of the probe's modules, in the order in which they run.
        lines: (name, indices of parameters) of each line of the row: one for each parameter of a module, one for all
            parameters of a block.
        outputs: (name, indices of modules) of each line about what modules return.
    """

    path: str
    kind: str
    shape: str
    modules: tuple[int, ...]
    lines: tuple[tuple[str, tuple[int, ...]], ...]
    outputs: tuple[tuple[str, tuple[int, ...]], ...]


def rows_of(probe: Probe) -> list[Row]:
    """Return the rows of a model, at most 48: modules, or blocks of modules if there are more."""
    order = [*probe.order, *(i for i in range(len(probe.modules)) if i not in probe.shapes)]
    if len(order) <= _MOST_SINGLE:
        return [_single(probe, i) for i in order]
    together = list(_with_followers(probe, order))
    if len(together) <= MOST_ROWS:
        return [_joined(probe, modules) for modules in together]
    deepest = max(probe.modules[i].path.count(".") + 1 for i in order)
    for depth in range(deepest, 0, -1):
        blocks: dict[str, list[int]] = {}
        for i in order:
            blocks.setdefault(".".join(probe.modules[i].path.split(".")[:depth]), []).append(i)
        if len(blocks) <= MOST_ROWS:
            return [_block(probe, path, modules) for path, modules in blocks.items()]
    with_parameters = [i for i in order if probe.modules[i].parameters]
    half = MOST_ROWS // 2
    if len(with_parameters) > MOST_ROWS:
        with_parameters = [*with_parameters[:half], *with_parameters[-half:]]
    return [_single(probe, i) for i in with_parameters]


def _with_followers(probe: Probe, order: Sequence[int]) -> Iterator[list[int]]:
    """Yield each module that has parameters with those behind it that have none: a layer and its activation."""
    group: list[int] = []
    for i in order:
        if group and probe.modules[i].parameters:
            yield group
            group = []
        group.append(i)
    yield group


def _joined(probe: Probe, modules: Sequence[int]) -> Row:
    if len(modules) == 1:
        return _single(probe, modules[0])
    first = _single(probe, modules[0])
    kinds = [probe.modules[i].kind for i in modules]
    outputs = tuple((kind, (i,)) for kind, i in zip(kinds, modules, strict=True))
    return Row(first.path, " → ".join(kinds), _shape(probe, modules), tuple(modules), first.lines, outputs)


def _single(probe: Probe, i: int) -> Row:
    watched = probe.modules[i]
    lines = tuple((probe.names[k].removeprefix(f"{watched.path}."), (k,)) for k in watched.parameters)
    return Row(watched.path, watched.kind, _shape(probe, (i,)), (i,), lines, (("", (i,)),))


def _block(probe: Probe, path: str, modules: Sequence[int]) -> Row:
    if len(modules) == 1 and probe.modules[modules[0]].path == path:
        return _single(probe, modules[0])
    parameters = tuple(k for i in modules for k in probe.modules[i].parameters)
    kind = type(probe.model.get_submodule(path)).__name__
    lines = ((f"{len(parameters)} ×", parameters),) if parameters else ()
    return Row(path, kind, _shape(probe, modules), tuple(modules), lines, (("", tuple(modules)),))


def _shape(probe: Probe, modules: Sequence[int]) -> str:
    shapes = [probe.shapes[i] for i in modules if i in probe.shapes]
    return "" if not shapes else f"({', '.join(map(str, shapes[-1]))}{',' if len(shapes[-1]) == 1 else ''})"
