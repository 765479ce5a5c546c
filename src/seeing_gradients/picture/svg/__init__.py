"""Paint a recorded graph as a static SVG: the picture that GitHub and nbviewer show.

`draw(r)` or `draw(f, w=4.0)` gives a Picture; `paint(scene, texts)` is the painter behind it. Only plain attributes: no
style sheet, id or script, and the same bytes for the same record.
"""

from .elements import escape
from .painting import below, notice, paint
from .picture import Picture, draw
from .table import columns, table, wrap

__all__ = ["Picture", "below", "columns", "draw", "escape", "notice", "paint", "table", "wrap"]
