"""The card of a verdict as a widget: the page shows `markup`, and says which hint the learner opens.

The types of this data are declared here for Python and in data.d.ts for the page.
"""

from collections.abc import Callable
from typing import Any, TypedDict

import traitlets

from seeing_gradients.widgets.bundles import load_script, load_style
from seeing_gradients.widgets.page_widget import PageWidget


class VerdictOpened(TypedDict):
    """What the page sends when a hint is opened.

    Keys:
        opened: the number of the hint, 1 for the first.
    """

    opened: int


class VerdictWidget(PageWidget):
    """Shows the card of a verdict, and passes on which hints are opened.

    Attributes:
        markup: str, the card as HTML. A <details> element with the attribute data-step holds the hint of that number.
    """

    _esm = load_script("verdict")
    _css = load_style("verdict")
    markup = traitlets.Unicode().tag(sync=True)

    def __init__(self, markup: str, num_hints: int, on_opened: Callable[[int], object]) -> None:
        """Create the card.

        Args:
            markup: HTML in which everything that a learner wrote is escaped.
            num_hints: how many hints it has.
            on_opened: function (number of the hint, from 1), called whenever a hint is opened.
        """
        super().__init__(markup=markup)
        self._num_hints, self._on_opened = num_hints, on_opened
        self.on_msg(self._receive)

    def static_markup(self) -> str:
        """Return the card as HTML."""
        return self.markup

    def _receive(self, _widget: Any, content: Any, _buffers: Any) -> None:
        step = content.get("opened") if isinstance(content, dict) else None
        if type(step) is int and 1 <= step <= self._num_hints:
            self._on_opened(step)
