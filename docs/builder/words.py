"""The sentences of the site, of docs/words.toml, in either language."""

import tomllib
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "zh")


def word(key: str, language: str, **fields: object) -> str:
    """Return a sentence of docs/words.toml.

    Args:
        key: str, the name of its table.
        language: "en" or "zh".
        fields: the values of the {fields} of the sentence.

    Raises:
        KeyError: there is no such sentence, or a field of it is missing.
    """
    return _sentences()[key][language].format(**fields)


@cache
def _sentences() -> dict[str, dict[str, str]]:
    return tomllib.loads((Path(__file__).parents[1] / "words.toml").read_text(encoding="utf-8"))
