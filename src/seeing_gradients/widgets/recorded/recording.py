"""A recording of a widget: what it shows at each recorded position, and the HTML in which it is alive without a kernel.

`Recording.html_fragment(id)` is a part of a page that loads `recorded.js` and `recorded.css` once (`shared_script`,
`shared_style`); `Recording.page()` is a whole page in one file.
"""

import base64
import json
import zlib
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypedDict

import torch

from seeing_gradients.language import counted, message
from seeing_gradients.picture import theme
from seeing_gradients.widgets.bundles import load_style

from .packing import PackedTexts

Kind: TypeAlias = Literal["explore", "descend", "secant", "watch", "predict"]
_STATIC = Path(__file__).parents[1] / "static"


class Variant(TypedDict):
    """What was recorded with certain choices, e.g. with saved tensors on.

    Keys:
        settings: the choices: traits that differ from those of the recording.
        positions: one number for each slider.
        contents: of each position the indices of its texts.
    """

    settings: dict[str, Any]
    positions: list[list[float]]
    contents: list[list[int]]


class RecordingData(TypedDict):
    """What a page needs, as JSON; recorded/data.d.ts declares the same.

    Keys:
        kind: of the widget.
        title: what was recorded, in words.
        language: "en" or "zh-CN".
        traits: of the widget, as they are at first.
        settings: names of the traits that are choices.
        scales: of each slider its low end, its high one, and whether it is logarithmic.
        names: of each slider.
        variants: the first has the choices of `traits`.
        texts: packed JSON.
        scenes: of an explorer, else empty: key -> index of its text.
        narrow: of a scene that does not fit a telephone: its key -> its width, px, and the key of one that does.
        labels: sentences of the page.
    """

    kind: Kind
    title: str
    language: str
    traits: dict[str, Any]
    settings: list[str]
    scales: list[tuple[float, float, bool]]
    names: list[str]
    variants: list[Variant]
    texts: PackedTexts
    scenes: dict[int, int]
    narrow: dict[int, tuple[float, int]]
    labels: dict[str, str]


@dataclass(frozen=True)
class Recording:
    """What a widget shows at each recorded position.

    Attributes:
        data: what the page needs, as JSON.
        picture: the widget at its first position as static SVG or HTML, for readers without JavaScript.
    """

    data: RecordingData
    picture: str = field(repr=False)

    @cached_property
    def states(self) -> int:
        """How many positions were recorded, with all choices."""
        return sum(len(variant["positions"]) for variant in self.data["variants"])

    @cached_property
    def compressed(self) -> bytes:
        """The JSON, deflated without a header, as the page inflates it."""
        deflate = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
        return deflate.compress(self.to_json().encode()) + deflate.flush()

    def __repr__(self) -> str:
        count = len(self.data["variants"][0]["positions"])
        return counted(
            "recorded.summary",
            count,
            title=self.data["title"],
            others=self.states - count,
            size=f"{self.size / 1000:.3g}",
        )

    @property
    def size(self) -> int:
        """The size of what a page downloads for this recording, bytes: `compressed`."""
        return len(self.compressed)

    def to_json(self) -> str:
        """Return the data as JSON text."""
        return json.dumps(self.data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)

    def html_fragment(self, id: str) -> str:
        """Return a <div class="sg-recorded"> with the data inside, for a page with `shared_script` and `shared_style`.

        The script shows the widget in its place when the reader comes near it. Until then, and without JavaScript, the
        picture stands there.

        Args:
            id: of the element, unique in its page.
        """
        data = base64.b64encode(self.compressed).decode()
        return (
            f'<div class="sg-recorded" id="{escape(id)}" lang="{self.data["language"]}" data-kind="{self.data["kind"]}">'
            f'<div class="sg-recorded-picture">{self.picture}</div>'
            f'<script type="text/plain" class="sg-recorded-data">{data}</script></div>'
        )

    def page(self) -> str:
        """Return a whole HTML page that works from a file, without a network."""
        title = escape(self.data["title"])
        colours = theme.page_css_variables()
        style = f"{colours}body {{ margin: 0; padding: 16px; background: var(--back); color: var(--text); }}"
        return (
            f'<!DOCTYPE html>\n<html lang="{self.data["language"]}">\n<head>\n<meta charset="utf-8">\n'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
            f'<link rel="icon" href="data:,">\n'
            f"<style>{style}\n{shared_style()}</style>\n</head>\n<body>\n<main>\n"
            f"{self.html_fragment('recorded')}\n</main>\n<script>{shared_script()}</script>\n</body>\n</html>\n"
        )

    def save(self, path: str | Path) -> None:
        """Write the page to a file.

        Raises:
            OSError: the file cannot be written.
        """
        Path(path).expanduser().write_text(self.page(), encoding="utf-8")


def shared_script() -> str:
    """Return the script that shows every recording of a page, for a file `recorded.js` that the page loads once."""
    return (_STATIC / "recorded.js").read_text(encoding="utf-8")


def shared_style() -> str:
    """Return the style of every recorded widget, for a file `recorded.css` that the page loads once."""
    return load_style("recorded")


def page_labels(kind: Kind, positions: int) -> dict[str, str]:
    """Return the sentences of the page about a recording.

    Args:
        kind: of the widget.
        positions: how many were recorded.
    """
    version = torch.__version__.partition("+")[0]
    special = {"watch": "note_run", "predict": "note_prediction"}.get(kind)
    note = message(f"recorded.{special}", version=version) if special else None
    return {
        "note": note or counted("recorded.note", positions, version=version),
        "moved": message("recorded.moved", position="{position}"),
        "not_recorded": message("recorded.not_recorded"),
    }
