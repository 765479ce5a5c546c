"""The base class of all widgets: how their state is saved, and the static picture that stands for them without a page."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from seeing_gradients.language import abridged, message
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

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; a trait refuses a value of another kind, and says in the language in use what it takes.

        Raises:
            TraitError: the value is not of the trait's kind.
        """
        try:
            super().__setattr__(name, value)
        except (traitlets.TraitError, OverflowError):  # an int may be too large for a float
            trait = self.traits().get(name)
            expected = "" if trait is None or _takes(trait, self, value) else _expected(trait)
            if not expected:
                raise
            raise traitlets.TraitError(not_expected(name, expected, value)) from None

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


def not_expected(name: str, expected: str, received: object) -> str:
    """Return the sentence that something was set to a value of another kind.

    Args:
        name: of what was set.
        expected: what it takes, in the language in use.
        received: the value.
    """
    return message("widget.bad_value", name=name, expected=expected, received=abridged(received))


def _takes(trait: Any, widget: PageWidget, value: Any) -> bool:
    """Whether a value is of the kind of a trait, whatever the widget itself then says to it."""
    try:
        trait.validate(widget, value)
    except (traitlets.TraitError, OverflowError):
        return False
    return True


def _expected(trait: Any) -> str:
    """What a trait takes, in the language in use; "" for one that only the library sets."""
    if isinstance(trait, traitlets.Enum):
        return message("widget.choice", allowed=", ".join(map(repr, trait.values or ())))
    if isinstance(trait, traitlets.List):
        items = trait._trait
        floats, texts = isinstance(items, traitlets.Float), isinstance(items, traitlets.Unicode)
        return message("widget.numbers" if floats else "widget.texts" if texts else "widget.list")
    kinds = {
        traitlets.Bool: "switch",
        traitlets.Int: "whole",
        traitlets.Float: "number",
        traitlets.Unicode: "text",
        traitlets.Dict: "dict",
    }
    return next((message(f"widget.{key}") for kind, key in kinds.items() if isinstance(trait, kind)), "")


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
