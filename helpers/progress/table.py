"""The table of progress: every exercise of every lesson, solved or not, with tries and hints."""

import unicodedata
from html import escape

from helpers.language import current, message, names

_TEXT = "padding:2px 10px;text-align:left"
_NUMBER = "padding:2px 10px;text-align:right;font-variant-numeric:tabular-nums"


class Table:
    """What `progress.show()` returns: a text and a web table of the same rows.

    Attributes:
        rows: list of (id, title, solved, tries, hints), one an exercise.
        notice: sentence on the state of the file, or None.
    """

    def __init__(self, entries, notice=None):
        self.rows = [_row(id, entries.get(id, {})) for id in sorted(names("titles"), key=_place)]
        self.notice = notice

    def __repr__(self):
        head = ["", "", *(message(f"progress.{key}") for key in ("solved", "tries", "hints"))]
        cells = [head, *([id, title, _mark(done), str(t), str(h)] for id, title, done, t, h in self.rows)]
        widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
        lines = ["  ".join(map(_padded, row, widths)).rstrip() for row in cells]
        return "\n".join([self._headline(), *lines, *([self.notice] if self.notice else [])])

    def _repr_html_(self):
        language = {"zh": "zh-CN"}.get(current(), current())
        head = "".join(
            f'<th scope="col" style="{style}">{escape(message(f"progress.{key}"))}</th>'
            for key, style in (("exercise", _TEXT), ("solved", _TEXT), ("tries", _NUMBER), ("hints", _NUMBER))
        )
        notice = f"<p>{escape(self.notice)}</p>" if self.notice else ""
        body = "".join(map(_html_row, self.rows))
        return (
            f'<div class="sg sg-progress" lang="{language}" style="overflow-x:auto"><p>'
            f"<strong>{escape(self._headline())}</strong></p>{notice}"
            f'<table style="border-collapse:collapse"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
        )

    def _headline(self):
        return message("progress.headline", solved=sum(row[2] for row in self.rows), total=len(self.rows))


def _place(id):
    lesson, _, number = id.partition(".")
    return lesson, int(number)


def _row(id, entry):
    title = message(f"titles.{id}")
    return id, title, bool(entry.get("solved")), int(entry.get("tries", 0)), int(entry.get("hints", 0))


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


def _width(text):
    """Columns that a text takes in a terminal; Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _padded(text, width):
    return text + " " * (width - _width(text))
