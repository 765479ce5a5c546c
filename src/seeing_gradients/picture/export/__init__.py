"""A recorded graph for a report: Mermaid, DOT or JSON as text, SVG or PNG as a file.

`mermaid(r)`, `dot(r)` and `as_dict(r)` take a Record; `target(path)` and `save(file, r, svg)` are behind draw's `path`.
"""

from .file import save, target
from .graphviz import dot
from .labels import clean
from .mermaid import mermaid
from .plain import as_dict
from .raster import png

__all__ = ["as_dict", "clean", "dot", "mermaid", "png", "save", "target"]
