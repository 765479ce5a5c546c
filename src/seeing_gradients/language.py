"""The language of the lesson and the catalogue of every sentence that helpers show to a learner.

`use("zh")` chooses the language, `message("record.not_a_tensor", received="float")` gives a sentence in it. The
catalogue is the folder `messages/`: one TOML file a room, one table a message, `en` and `zh` side by side.
"""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "zh")
_CATALOGUE = Path(__file__).parent / "messages"
_language = "en"


def use(language):
    """Choose the language of all later messages.

    Args:
        language: "en" or "zh".

    Raises:
        ValueError: any other value.
    """
    global _language
    if language not in LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, received {language!r}")
    _language = language


@contextmanager
def using(language: str) -> Iterator[None]:
    """Give messages in `language`, "en" or "zh", inside a with statement.

    Raises:
        ValueError: any other value.
    """
    before = current()
    use(language)
    try:
        yield
    finally:
        use(before)


def current():
    """Return the language in use, "en" or "zh"."""
    return _language


def message(key, /, **fields):
    """Return the sentence `key` ("room.name") in the language in use, its {fields} filled in.

    Raises:
        KeyError: the catalogue has no such key, or the sentence names a field that was not given.
    """
    room, _, name = key.partition(".")
    return _room(room)[name][_language].format(**fields)


def counted(key, count, /, **fields):
    """Return the sentence `key` about so many things; `key_one` where there is one. Its field {count} is filled in, too.

    Args:
        key: str, "room.name".
        count: int.
        fields: as for `message`.
    """
    return message(f"{key}_one" if count == 1 else key, count=count, **fields)


def has(key, /):
    """Return whether the catalogue has the sentence `key` ("room.name")."""
    room, _, name = key.partition(".")
    return (_CATALOGUE / f"{room}.toml").is_file() and name in _room(room)


def names(room):
    """Return the names of all sentences of a room, in the order of its file."""
    return list(_room(room))


@cache
def _room(room):
    with open(_CATALOGUE / f"{room}.toml", "rb") as file:
        return tomllib.load(file)
