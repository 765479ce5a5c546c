"""The base class of all widgets: how their state is saved, and the static picture that stands for them without a page."""

from collections.abc import Iterable
from typing import Any

import anywidget


class PageWidget(anywidget.AnyWidget):
    """A widget of this library.

    A subclass defines `static_markup`, and the traits whose change needs an answer from Python.
    """

    def get_state(self, key: str | Iterable[str] | None = None, drop_defaults: bool = False) -> dict[str, Any]:
        """Return the synced traits.

        Traits with their default value are never dropped: anywidget makes the page's code the default of `_esm`, and
        `ipywidgets.embed` would write a page without it.

        Args:
            key: names of traits; None for all.
            drop_defaults: ignored.
        """
        return super().get_state(key, drop_defaults=False)

    def static_markup(self) -> str:
        """Return what the widget shows at present as static SVG or HTML.

        Raises:
            NotImplementedError: the subclass has none.
        """
        raise NotImplementedError
