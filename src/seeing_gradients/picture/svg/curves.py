"""The curves of all edges of a scene as arrays: how far each piece reaches, and the SVG text of each curve.

Points are written as steps from the beginning of their piece: in a picture of many nodes the same curve comes again and
again, at other places, and is put together once.
"""

from functools import lru_cache
from itertools import chain

import numpy as np

_LINE, _CURVE = 2, 4  # points of a piece
_KEPT = 1 << 14
_BYTES = 8  # of a step: x and y


class Curves:
    """All pieces in a row.

    Args:
        edges: list of dict, of a scene.

    Attributes:
        left, right, top, bottom: array, of each piece, px.
        ends: list of int, one an edge: where its pieces end.
    """

    def __init__(self, edges):
        lists = [edge["pieces"] for edge in edges]
        pieces = list(chain.from_iterable(lists))
        self._edges = edges
        self._sizes = np.fromiter(map(len, pieces), int, len(pieces)) // 2
        self._points = np.fromiter(chain.from_iterable(pieces), float).reshape(-1, 2)
        self.ends = np.cumsum([len(each) for each in lists], dtype=int).tolist()
        after = self._sizes.cumsum()
        self._first = after - self._sizes
        self.left, self.right = self._points[self._first, 0], self._points[after - 1, 0]
        y = self._points[:, 1]
        self.top, self.bottom = (bound.reduceat(y, self._first) if len(y) else y for bound in (np.minimum, np.maximum))

    def texts(self):
        """The `d` of each curve but for where it begins: list of str, one an edge."""
        if not self.ends:
            return []
        tenths = np.rint(10 * self._points).astype(np.int32)
        steps = tenths - np.repeat(tenths[self._first], self._sizes, axis=0)
        inner = np.ones(len(steps), bool)
        inner[self._first] = False
        steps = steps[inner]
        raw, shapes, numbers = steps.tobytes(), self._sizes.astype(np.uint8).tobytes(), steps.ravel().tolist()
        until = (self._sizes - 1).cumsum()[np.array(self.ends) - 1].tolist()
        texts, known, at, piece = [], {}, 0, 0
        for end, last in zip(until, self.ends, strict=True):
            shape = shapes[piece:last]
            key = raw[_BYTES * at : _BYTES * end], shape
            text = known.get(key)
            if text is None:
                text = known[key] = _form(shape) % tuple(map(_tenths, numbers[2 * at : 2 * end]))
            texts.append(text)
            at, piece = end, last
        return texts


class _Tenths(dict):
    """Tenths of a px as text, 125 -> 12.5, -5 -> -.5."""

    def __missing__(self, number):
        if len(self) > _KEPT:
            self.clear()
        digits = str(number)
        whole, tenth = digits[:-1], digits[-1]
        text = self[number] = f"{whole}.{tenth}" if tenth != "0" else whole or "0"
        return text


_tenths = _Tenths().__getitem__


@lru_cache(maxsize=_KEPT)
def _form(shape):
    """The commands of a curve whose pieces have so many points, with a place for each number."""
    return "".join("l%s %s" if size == _LINE else "c%s %s %s %s %s %s" for size in shape)
