"""Collect what a widget shows, position by position, into the data of a recording."""

import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from .packing import pack
from .progress import Progress
from .recording import Kind, RecordingData, Variant, page_labels

_REMEASURE = 1.3  # to measure takes time, and in between the size is extrapolated


class Collector:
    """The texts and variants of one recording.

    Args:
        progress: is told of each state.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._indices: dict[str, int] = {}
        self._characters, self._measured, self._size = 0, 0, 0
        self.variants: list[Variant] = []

    def expect(self, states: int) -> None:
        """Tell the progress bar of states that follow."""
        self._progress.expect(states)

    def size(self) -> int:
        """Return about how large the recording is so far, bytes as a page downloads it."""
        if self._characters > _REMEASURE * self._measured:
            self._measured = self._characters
            self._size = _packed_size(list(self._indices))
        return round(self._size * self._characters / max(self._measured, 1))

    def size_of(self, texts: Iterable[int]) -> int:
        """Return how large some texts are together.

        Args:
            texts: their indices.
        """
        known = list(self._indices)
        return _packed_size([known[index] for index in sorted(set(texts))])

    def text(self, value: Any) -> int:
        """Return the index of a value's JSON text, each text once."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        if text not in self._indices:
            self._indices[text] = len(self._indices)
            self._characters += len(text)
        return self._indices[text]

    def record(
        self,
        settings: Mapping[str, Any],
        positions: Sequence[list[float]],
        contents_at: Callable[[list[float]], Sequence[Any]],
    ) -> None:
        """Record a variant.

        Args:
            settings: its choices.
            positions: of the sliders.
            contents_at: position -> what the widget shows there, JSON values.
        """
        contents = []
        for position in positions:
            contents.append([self.text(value) for value in contents_at(position)])
            self._progress.step()
        self.variants.append({"settings": dict(settings), "positions": list(positions), "contents": contents})

    def data(
        self,
        kind: Kind,
        title: str,
        language: str,
        traits: Mapping[str, Any],
        settings: Sequence[str],
        scales: Sequence[tuple[float, float, bool]],
        names: Sequence[str],
        scenes: Mapping[int, Any] | None = None,
        narrow: Mapping[int, tuple[float, int]] | None = None,
    ) -> RecordingData:
        """Return the data of the recording; the arguments are its keys."""
        drawn = {key: self.text(scene) for key, scene in (scenes or {}).items()}
        used = {text for variant in self.variants for content in variant["contents"] for text in content}
        texts = [text for text, index in self._indices.items() if index in used or index in drawn.values()]
        places = {self._indices[text]: i for i, text in enumerate(texts)}
        variants: list[Variant] = [
            {**variant, "contents": [[places[text] for text in content] for content in variant["contents"]]}
            for variant in self.variants
        ]
        return {
            "kind": kind,
            "title": title,
            "language": language,
            "traits": dict(traits),
            "settings": list(settings),
            "scales": list(scales),
            "names": list(names),
            "variants": variants,
            "texts": pack(texts),
            "scenes": {key: places[text] for key, text in drawn.items()},
            "narrow": dict(narrow or {}),
            "labels": page_labels(kind, len(self.variants[0]["positions"])),
        }


def _packed_size(texts: Sequence[str]) -> int:
    return len(zlib.compress(json.dumps(pack(texts), ensure_ascii=False).encode(), 6))
