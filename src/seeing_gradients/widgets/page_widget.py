"""The base class of all widgets: how their state is saved, and the static picture that stands for them without a page."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from seeing_gradients.language import message
from seeing_gradients.picture.export import target

if TYPE_CHECKING:
    from seeing_gradients.widgets.recorded import Recording


class PageWidget(anywidget.AnyWidget):
    """A widget of this library.

    A subclass defines `static_markup`.

    Attributes:
        answered: how often Python has answered the page. The page waits for its change, since an answer may leave all
            other traits as they are; where it does not come, the page says so.
    """

    answered: Any = traitlets.Int(0).tag(sync=True)

    def get_state(self, key: str | Iterable[str] | None = None, drop_defaults: bool = False) -> dict[str, Any]:
        """Return the synced traits.

        Traits with their default value are never dropped: anywidget makes the page's code the default of `_esm`, and
        `ipywidgets.embed` would write a page without it.

        Args:
            key: names of traits; None for all.
            drop_defaults: ignored.
        """
        return super().get_state(key, drop_defaults=False)

    def export(self, path: str | Path, **limits: Any) -> Any:
        """Write a page that is alive without a kernel: its controls move through positions that are recorded now.

        Args:
            path: "page.html".
            limits: of the recording, as for `record_widget`: positions, max_bytes, progress, ...

        Returns:
            Recording.

        Raises:
            ValueError: the suffix is not .html; or as `record_widget`.
            OSError: the file cannot be written.
        """
        if not is_page(path):
            raise ValueError(message("export.unknown_suffix", received=str(path), allowed=".html"))
        return export_page(self, path, limits)

    def static_markup(self) -> str:
        """Return what the widget shows at present as static SVG or HTML.

        Raises:
            NotImplementedError: the subclass has none.
        """
        raise NotImplementedError


def silent(numbers: str = "numbers") -> str:
    """Return what a page says where nobody answers; "{position}" stands for where its numbers belong.

    Args:
        numbers: "numbers", of a position; "step", of a numbered step; "training", of a run without a name.
    """
    return message(f"silence.{numbers}", position="{position}")


def is_page(path: str | Path) -> bool:
    """Return whether a path is that of a page, "page.html"."""
    return isinstance(path, str | Path) and Path(path).suffix.lower() == ".html"


def export_page(widget: PageWidget, path: str | Path, limits: Mapping[str, Any]) -> "Recording":
    """Record a widget, write its page and return the Recording; the file is tested before anything is recorded.

    Args:
        widget: any of the library.
        path: "page.html".
        limits: arguments of `record_widget`.

    Raises:
        As `record_widget`; OSError: the file cannot be written.
    """
    from seeing_gradients.widgets.recorded import record_widget  # which imports every widget

    file = target(path)
    recording = record_widget(widget, **limits)
    recording.save(file)
    return recording
