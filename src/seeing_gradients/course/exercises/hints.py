"""Hints in three steps; which were seen is kept in the learner's progress."""

from dataclasses import dataclass
from html import escape

from seeing_gradients.course import progress
from seeing_gradients.language import message
from seeing_gradients.picture import theme

from .personal import of, written
from .verdict import html_language, rich


@dataclass(frozen=True)
class Hint:
    """One step of help.

    Attributes:
        id: str, the exercise.
        step: int, 1 to 3.
        text: str.
        more: str, what to type for the next step.
    """

    id: str
    step: int
    text: str
    more: str

    def __repr__(self):
        return f"{self._title()}\n  {self.text}\n  {self.more}"

    def _repr_html_(self):
        return (
            f'<div class="sg sg-hint" role="status" lang="{html_language()}" style="border-left:4px solid {theme.NOT_YET_BAR};'
            f'padding:8px 12px;color:var(--jp-content-font-color1,inherit);line-height:1.5">'
            f'<p style="margin:0"><strong>{escape(self._title())}</strong></p>'
            f'<p style="margin:6px 0">{rich(self.text)}</p><p style="margin:0;opacity:.85">{escape(self.more)}</p></div>'
        )

    def _title(self):
        return message("exercises.hint", step=self.step, steps=3, id=self.id)


def hint(id, step=None):
    """Return the next of three hints for an exercise, or the one asked for; what was seen is remembered.

    Args:
        id: str, "02.1", or a `Personal`: that exercise with a student's own numbers.
        step: 1, 2 or 3; None for the next one not yet seen (the third again after that).

    Raises:
        ValueError: there is no such exercise, or no such step.
    """
    spec = of(id)
    hints = spec.hints
    if step is None:
        step = min(progress.seen_hints(spec.id) + 1, len(hints))
    if step not in range(1, len(hints) + 1) or isinstance(step, bool):
        raise ValueError(message("exercises.bad_step", received=repr(step)))
    notice = progress.hinted(spec.id, step)
    last = step == len(hints)
    more = message("exercises.last_hint") if last else message("exercises.next_hint", id=written(id), step=step + 1)
    return Hint(spec.id, step, str(hints[step - 1]), f"{more} {notice}" if notice else more)
