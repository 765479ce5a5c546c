"""Make text that came from a submission safe to show: no terminal sequences, no control or direction characters.

`clean(text)` is for text of several lines, `name(text)` for the name of a file or student, `key(file_name)` for an
identifier. None of them escapes HTML.
"""

import hashlib
import re
import unicodedata
from urllib.parse import quote

_TERMINAL_SEQUENCES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_MAX_NAME = 80
_MAX_KEY = 200  # bytes; file systems allow 255 for a name, and endings such as .html are added


def clean(text: str, max_length: int = 4_000) -> str:
    """Return the text without terminal sequences, cut to a length.

    Control, direction, surrogate and unassigned characters become U+FFFD; line feeds and tabs stay.

    Args:
        text: str.
        max_length: int, the maximum number of characters; an ellipsis marks what was cut.
    """
    text = _TERMINAL_SEQUENCES.sub("", text[: 4 * max_length]).replace("\r\n", "\n")
    text = "".join(c if c in "\n\t" or _is_plain(c) else _REPLACEMENT for c in text)
    return text if len(text) <= max_length else text[:max_length] + "…"


def name(text: str) -> str:
    """Return a name as one line of at most 80 characters and an ellipsis, for use in a message."""
    return clean(text, _MAX_NAME).replace("\n", _REPLACEMENT).replace("\t", _REPLACEMENT)


def key(file_name: str) -> str:
    """Return the name of a folder as an identifier that is safe in a database, a table and a path.

    Names that differ only in how Unicode spells their letters (é as one character or as two) have the same one. An ordinary name stays as it is. Other characters are percent-encoded (a line feed becomes %0A); a name of more than
    200 bytes is cut, and ends with a digest of the whole.

    Args:
        file_name: str, one part of a path.
    """
    text = "".join(
        c if _is_plain(c) and c not in '/\\%<>&"' else _percent(c) for c in unicodedata.normalize("NFC", file_name)
    )
    data = text.encode()
    if len(data) <= _MAX_KEY:
        return text
    return data[: _MAX_KEY - 20].decode(errors="ignore") + "~" + hashlib.sha256(data).hexdigest()[:16]


def _percent(character: str) -> str:
    errors = "surrogateescape" if "\udc80" <= character <= "\udcff" else "surrogatepass"
    return quote(character.encode("utf-8", errors))


def _is_plain(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
