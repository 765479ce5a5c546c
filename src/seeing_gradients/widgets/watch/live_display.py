"""Show a widget while its cell still runs, and only once, although the cell may end with the widget itself."""

import sys
from importlib import import_module
from typing import Any, Protocol


class Displayable(Protocol):
    """What is displayed: a widget."""

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]: ...


class LiveDisplay:
    """The output of one widget.

    Args:
        widget: what to show.
    """

    def __init__(self, widget: Displayable) -> None:
        self._widget = widget
        self._handle: Any = None
        self._cell = -1

    def begin(self) -> None:
        """Show the widget now, if a notebook's cell is running."""
        shell = _shell()
        if shell is not None:
            self._cell = shell.execution_count
            data, metadata = self._widget._repr_mimebundle_()
            self._handle = _display(data, metadata=metadata, raw=True, display_id=True)

    def finish(self) -> None:
        """Write the widget's present picture into its output."""
        if self._handle is not None:
            data, metadata = self._widget._repr_mimebundle_()
            self._handle.update(data, metadata=metadata, raw=True)

    def show(self) -> None:
        """Show the widget as the result of a cell; in the cell that shows it already, do nothing."""
        shell = _shell()
        if shell is not None and shell.execution_count == self._cell:
            return
        data, metadata = self._widget._repr_mimebundle_()
        _display(data, metadata=metadata, raw=True)


def _display(*data: Any, **options: Any) -> Any:
    """IPython's display; it is only called inside IPython."""
    return import_module("IPython.display").display(*data, **options)


def _shell() -> Any:
    """IPython's shell if it belongs to a notebook's kernel, else None."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell if shell is not None and hasattr(shell, "kernel") else None
