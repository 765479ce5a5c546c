"""The catalogue of messages: both languages say the same, and nothing in it is missing or unused."""

import re
import string
import tomllib
from pathlib import Path

import pytest

import seeing_gradients
from helpers import language

PACKAGE = Path(seeing_gradients.__file__).parent
CATALOGUE = {
    f"{path.stem}.{name}": twins
    for path in sorted((PACKAGE / "messages").glob("*.toml"))
    for name, twins in tomllib.loads(path.read_text(encoding="utf-8")).items()
}
FILES = [*PACKAGE.rglob("*.py"), *(PACKAGE.parents[1] / "helpers").glob("*.py")]
SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in FILES)
ROOMS = "|".join(sorted({key.split(".")[0] for key in CATALOGUE}))
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.fixture
def chinese():
    language.use("zh")
    yield
    language.use("en")


def test_a_message_has_both_languages_and_the_same_fields():
    for key, twins in CATALOGUE.items():
        assert set(twins) == {"en", "zh"} and twins["en"] and twins["zh"], key
        assert fields(twins["en"]) == fields(twins["zh"]), key


def test_no_english_sentence_holds_chinese_and_no_chinese_text_puts_a_space_beside_a_character():
    for key, twins in CATALOGUE.items():
        assert not CHINESE.search(twins["en"]), key
        assert not re.search(r"[\u4e00-\u9fff] +[A-Za-z0-9{]|[A-Za-z0-9}] +[\u4e00-\u9fff]", twins["zh"]), key


def test_every_key_that_the_code_uses_is_in_the_catalogue():
    used = set(re.findall(rf'"((?:{ROOMS})\.(?!js|css|json|sh)[a-z0-9_]+)"', SOURCE))
    assert used and used <= set(CATALOGUE)


def test_the_language_can_be_changed(chinese):
    assert language.current() == "zh"
    assert "张量" in language.message("record.returned_none")


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="en, zh"):
        language.use("fr")


def test_a_missing_message_is_an_error():
    with pytest.raises(KeyError):
        language.message("record.nonsense")
    assert not language.has("record.nonsense") and not language.has("nonsense.nonsense")
    assert language.has("record.returned_none")
