"""The language in use, and the catalogue of all messages that a learner or instructor reads.

`use("zh")` sets the language, `message("record.not_a_tensor", received="float")` returns a message in it. The catalogue
is the folder `messages/` with a TOML file per group of messages; a message is a table with the texts `en` and `zh`.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "zh")
_CATALOGUE = Path(__file__).parent / "messages"
_COMMENT = re.compile(r"# ([^|\n]+?) \| ([^|\n]*[\u4e00-\u9fff][^|\n]*)$", re.MULTILINE)  # English | Chinese
_LONGEST = 60  # characters of a value in a message
_language = "en"


def use(language: str) -> None:
    """Set the language of all later messages.

    Args:
        language: "en" or "zh".

    Raises:
        ValueError: any other language.
    """
    global _language
    if language not in LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, received {language!r}")
    _language = language


@contextmanager
def using(language: str) -> Iterator[None]:
    """Use a language inside a with statement, and the one before it afterwards.

    Args:
        language: "en" or "zh".

    Raises:
        ValueError: any other language.
    """
    before = current()
    use(language)
    try:
        yield
    finally:
        use(before)


def current() -> str:
    """Return the language in use, "en" or "zh"."""
    return _language


def localize_comments(code: str, language: str | None = None) -> str:
    """Return code whose comments are in one language: of `# English | 中文` one half stays.

    Args:
        code: str, Python code; a comment in one language stays as it is.
        language: "en" or "zh"; None for the language in use.
    """
    return _COMMENT.sub(rf"# \{LANGUAGES.index(language or _language) + 1}", code)


def html_language() -> str:
    """Return the language in use as a value of HTML's `lang` attribute: "en" or "zh-CN"."""
    return {"zh": "zh-CN"}.get(_language, _language)


def message(key: str, /, **fields: object) -> str:
    """Return a message in the language in use.

    Args:
        key: str, "group.name": the name of a file of the catalogue and of a table in it.
        fields: the values of the {fields} of the message.

    Raises:
        KeyError: the group has no such message, or a field of the message is missing in `fields`.
        FileNotFoundError: the catalogue has no such group.
    """
    group, _, name = key.partition(".")
    return _load_group(group)[name][_language].format(**fields)


def counted(key: str, count: int, /, **fields: object) -> str:
    """Return the message `key` with the field {count}, or the message `key_one` if the count is 1.

    Args:
        key: str, "group.name".
        count: int.
        fields: the other fields, as for `message`.

    Raises:
        KeyError: as for `message`.
    """
    return message(f"{key}_one" if count == 1 else key, count=count, **fields)


def joined(sentences: Iterable[str]) -> str:
    """Return sentences as one text: with a space between two of them, but none after a Chinese full stop.

    Args:
        sentences: in the language in use; empty ones are left out.
    """
    return re.sub(r"(?<=[。！？]) ", "", " ".join(filter(None, sentences)))


def abridged(value: object) -> str:
    """Return what Python shows for a value that a message names, its first 60 characters; its type if it cannot be shown."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - an int with too many digits, lists nested too deep, or a learner's own class
        text = type(value).__name__
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def has(key: str, /) -> bool:
    """Return whether the catalogue has a message with this key, "group.name"."""
    group, _, name = key.partition(".")
    return (_CATALOGUE / f"{group}.toml").is_file() and name in _load_group(group)


def names(group: str) -> list[str]:
    """Return the names of all messages of a group, in the order of its file."""
    return list(_load_group(group))


@cache
def _load_group(group: str) -> dict[str, dict[str, str]]:
    with open(_CATALOGUE / f"{group}.toml", "rb") as file:
        return tomllib.load(file)
