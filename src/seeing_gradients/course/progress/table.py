"""The table of progress: every exercise of every lesson, solved or not, with tries and hints."""

from html import escape
from itertools import groupby

from seeing_gradients.language import current, message, names

_TEXT = "padding:2px 10px;text-align:left"
_NUMBER = "padding:2px 10px;text-align:right;font-variant-numeric:tabular-nums"


class Table:
    """What `progress.show()` returns: a line a lesson as text; on a web page, each lesson opens on its exercises.

    Attributes:
        rows: list of (id, title, solved, tries, hints), one an exercise.
        notice: sentence on the state of the file, or None.
    """

    def __init__(self, entries, notice=None):
        self.rows = [_row(id, entries.get(id, {})) for id in sorted(names("titles"), key=_place)]
        self.notice = notice

    def __repr__(self):
        lines = [f"{number}  {_count(rows)}  {_marks(rows)}" for number, rows in self._lessons()]
        return "\n".join([self._headline(), *lines, *([self.notice] if self.notice else [])])

    def _repr_html_(self):
        language = {"zh": "zh-CN"}.get(current(), current())
        notice = f"<p>{escape(self.notice)}</p>" if self.notice else ""
        lessons = "".join(_html_lesson(number, rows) for number, rows in self._lessons())
        return (
            f'<div class="sg sg-progress" lang="{language}" style="overflow-x:auto"><p>'
            f"<strong>{escape(self._headline())}</strong></p>{notice}{lessons}</div>"
        )

    def _lessons(self):
        return [(number, list(rows)) for number, rows in groupby(self.rows, key=lambda row: row[0].partition(".")[0])]

    def _headline(self):
        return message("progress.headline", solved=sum(row[2] for row in self.rows), total=len(self.rows))


def _place(id):
    lesson, _, number = id.partition(".")
    return lesson, int(number)


def _row(id, entry):
    title = message(f"titles.{id}")
    return id, title, bool(entry.get("solved")), int(entry.get("tries", 0)), int(entry.get("hints", 0))


def _count(rows):
    """How many of the rows are solved, as wide for every lesson: " 3/8"."""
    return f"{sum(row[2] for row in rows):>2}/{len(rows)}"


def _marks(rows):
    return "".join(_mark(row[2]) for row in rows)


def _html_lesson(number, rows):
    """One lesson, folded unless it is begun and not finished."""
    begun = any(tries for *_, tries, _ in rows) and not all(row[2] for row in rows)
    summary = escape(message("progress.lesson", lesson=number, solved=sum(row[2] for row in rows), total=len(rows)))
    head = "".join(
        f'<th scope="col" style="{style}">{escape(message(f"progress.{key}"))}</th>'
        for key, style in (("exercise", _TEXT), ("solved", _TEXT), ("tries", _NUMBER), ("hints", _NUMBER))
    )
    body = "".join(map(_html_row, rows))
    return (
        f"<details{' open' if begun else ''}><summary>{summary} "
        f'<span aria-hidden="true" style="letter-spacing:0.2em">{_marks(rows)}</span></summary>'
        f'<table style="border-collapse:collapse"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></details>'
    )


def _mark(solved):
    return "✓" if solved else "·"


def _html_row(row):
    id, title, solved, tries, hints = row
    word = escape(message("progress.yes" if solved else "progress.no"))
    done = f'<span role="img" aria-label="{word}">{_mark(solved)}</span>'
    cells = (
        f'<th scope="row" style="{_TEXT};font-weight:normal">{id} {escape(title)}</th><td style="{_TEXT}">{done}</td>'
    )
    return f'<tr>{cells}<td style="{_NUMBER}">{tries}</td><td style="{_NUMBER}">{hints}</td></tr>'
