"""From a Record to positions: a layered picture, left to right, and the numbers in it as text.

`scene(record)` lays the graph out once; `texts(record, scene)` gives the numbers; `number(x)` writes one number.
"""

from .geometry import Arrangement, Link, arrange
from .groups import ALL, fold, keys
from .kept import SIGNS, called, kept, size, version
from .numbers import compact, full, listing, number
from .scene import scene, texts, topology
from .symbols import symbol
from .words import brief

__all__ = [
    "ALL",
    "SIGNS",
    "Arrangement",
    "Link",
    "arrange",
    "brief",
    "called",
    "compact",
    "fold",
    "full",
    "kept",
    "keys",
    "listing",
    "number",
    "scene",
    "size",
    "symbol",
    "texts",
    "topology",
    "version",
]
