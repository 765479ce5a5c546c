"""Makes text that came from a submission fit to be shown: no terminal sequences, no control or direction characters.

`clean(text)` for text of several lines, `name(text)` for a file's or a student's name; neither escapes HTML.
"""

import hashlib
import re
import unicodedata
from urllib.parse import quote

_SEQUENCES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_MAX_NAME = 80
_MAX_KEY = 200  # bytes; with .html it is still a file's name


def clean(text: str, max_length: int = 4_000) -> str:
    """Return the text without terminal sequences, control, direction and surrogate characters, cut to a length.

    Args:
        text: str, anything.
        max_length: int, how many characters remain at most.
    """
    text = _SEQUENCES.sub("", text[: 4 * max_length]).replace("\r\n", "\n")
    text = "".join(c if c in "\n\t" or _is_plain(c) else _REPLACEMENT for c in text)
    return text if len(text) <= max_length else text[:max_length] + "…"


def name(text: str) -> str:
    """Return a name on one line, fit for a message."""
    return clean(text, _MAX_NAME).replace("\n", _REPLACEMENT).replace("\t", _REPLACEMENT)


def key(file_name: str) -> str:
    """Return a folder's name as text that a database, a table and a path can hold; an ordinary name is its own key.

    Args:
        file_name: str, one part of a path; what a key cannot hold becomes %0A and the like.
    """
    text = "".join(c if _is_plain(c) and c not in '/\\%<>&"' else _percent(c) for c in file_name)
    data = text.encode()
    if len(data) <= _MAX_KEY:
        return text
    return data[: _MAX_KEY - 20].decode(errors="ignore") + "~" + hashlib.sha256(data).hexdigest()[:16]


def _percent(character: str) -> str:
    errors = "surrogateescape" if "\udc80" <= character <= "\udcff" else "surrogatepass"
    return quote(character.encode("utf-8", errors))


def _is_plain(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
