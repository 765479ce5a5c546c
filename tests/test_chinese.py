"""The Chinese of all lessons, exercises, messages and guides keeps the rules of a printed textbook."""

import json
import re
from importlib.util import find_spec
from pathlib import Path

from markdown_it import MarkdownIt

from tests import chinese

ROOT = Path(__file__).resolve().parents[1]
CURVE = ("曲线", "直线", "切线", "割线", "折线", "抛物线", "图象", "图像", "上坡", "下坡")
QUOTATION = re.compile(r"(?<!\*)\*([A-Za-z'][^*\n]*)\*(?!\*)")
ELSEWHERE = re.compile(r"^#.*$|\[[^\]\n]*\]\([^)\n]*\.ipynb[^)\n]*\)|\]\([^)\n]*\)", re.MULTILINE)
# A term that is also everyday Chinese, or a part of other words: somewhere it has its English, no matter where.
EVERYDAY = {"根", "伴随", "次梯度", "分离", "视图", "检查点", "冻结", "保存的张量"}


def findings(units, find):
    return [(name, *found) for name, text in units.items() for found in find(text)]


def test_the_english_of_a_term_stands_at_its_first_occurrence_in_the_course():
    """Headings and links to lessons do not count, nor do the goals that open a lesson, unless the English stands there."""
    terms = [term for row in chinese.glossary() for term in row.terms]
    prose = [
        (position == 0, chinese.without_code(ELSEWHERE.sub("", cell)))
        for cells in chinese.lesson_cells().values()
        for position, cell in enumerate(cells)
    ]

    def first(term, glossed):
        """The words around the first occurrence of a term without its English; None if it has it."""
        longer = re.compile("|".join(other for other in terms if term in other and other != term) or "(?!)")
        for is_opening, text in prose:
            if term not in text:
                continue
            text = longer.sub("x", text)
            found = glossed.search(text)
            if found and (term in EVERYDAY or term not in text[: found.start()]):
                return None
            if term in text and not is_opening and term not in EVERYDAY:
                at = text.index(term)
                return text[max(0, at - 20) : at + 40]
        return "nowhere"

    missing = [
        (term, row.english, words)
        for row in chinese.glossary()
        for term in row.terms
        for english in ["|".join(re.escape(phrase.split(" (")[0]) for phrase in row.english)]
        if (words := first(term, re.compile(rf"{term}[*”]*（[^）\n]*(?:{english})", re.IGNORECASE)))
    ]
    assert missing == []


def test_a_quoted_error_is_followed_by_its_fixed_translation_at_its_first_occurrence():
    table = chinese.quoted_errors()
    any_error = re.compile("|".join(re.escape(error) for error in table))

    def wrong(text):
        seen = set()
        for match in any_error.finditer(text):
            rest = text[match.end() :]
            if match[0] not in seen and not re.match(rf"(?: \([^)]*\))?\W*?（{re.escape(table[match[0]])}", rest):
                yield match[0], rest[:30]
            seen.add(match[0])

    assert findings(chinese.all_units(), wrong) == []


def test_english_that_is_quoted_is_an_error_of_the_table_or_is_translated():
    table = chinese.quoted_errors()

    def untranslated(text):
        for match in QUOTATION.finditer(text):
            words = match[1]
            if len(words.split()) < 3 or any(error in words for error in table):
                continue
            if not text[match.end() :].startswith("（") and text.find(words) == match.start() + 1:
                yield (words,)

    assert findings(chinese.all_units(), untranslated) == []


def test_no_chinese_is_slanted_no_bold_stays_open_and_no_paragraph_breaks_its_line():
    """By CommonMark. Slanted Han characters are a printer's mistake; a line's end shows as a space between two of them."""
    parse = MarkdownIt("commonmark").enable("table").parse

    def slips(text):
        for block in parse(chinese.without_code(text)):
            slanted = False
            children = block.children or []
            for position, token in enumerate(children):
                slanted = {"em_open": True, "em_close": False}.get(token.type, slanted)
                if token.type == "text" and re.search(r"\*\*\S[^*]*\S\*\*", token.content):
                    yield "bold stays open", token.content
                if token.type == "text" and slanted and chinese.HAN.search(token.content):
                    yield "slanted", token.content
                if token.type == "softbreak":
                    before = "".join(child.content for child in children[:position])[-1:]
                    after = "".join(child.content for child in children[position + 1 :])[:1]
                    if re.match(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]{2}", before + after):
                        yield "line break", before + after

    assert findings(chinese.all_units(), slips) == []


def test_a_lesson_has_at_most_eight_colons_and_three_semicolons_in_a_thousand_characters():
    counted = {}
    for name, text in chinese.lesson_units().items():
        prose = chinese.without_code(text)
        characters = len(chinese.HAN.findall(prose)) / 1000
        counted[name] = (prose.count("：") / characters, prose.count("；") / characters)
    assert {name: rates for name, rates in counted.items() if rates[0] > 8 or rates[1] > 3} == {}


def test_a_slope_is_that_of_a_curve():
    """An operation has a derivative (导数): a sentence that says 斜率 (slope) names what is drawn in the plane."""

    def others(text):
        for sentence in re.split(r"[。！？；|\n]", text):
            if "斜率" in sentence and not any(word in sentence for word in CURVE):
                yield (sentence,)

    assert findings(chinese.all_units(), others) == []


def test_no_space_stands_before_a_unit():
    def spaced(text):
        return [(match[0],) for match in re.finditer(r"[\d}] (?:(?:[kKMGT]B|ms|s|px)\b|毫?秒|分钟|小时)", text)]

    assert findings({n: chinese.CODE.sub("x", t) for n, t in chinese.all_units().items()}, spaced) == []


def test_menus_have_the_names_that_jupyterlab_gives_them_in_chinese():
    package = find_spec("jupyterlab_language_pack_zh_CN")
    assert package is not None and package.origin is not None
    words = json.loads((Path(package.origin).parent / "locale/zh_CN/LC_MESSAGES/jupyterlab.json").read_text("utf-8"))
    files = ["notebooks/source/00_start.py", "src/seeing_gradients/messages/selftest.toml"]
    text = "".join((ROOT / name).read_text("utf-8") for name in files)
    entries = re.findall(r"“([^”]+)”（((?:Restart|Change) [A-Za-z ]+)）", text)
    assert len(entries) >= 4
    for shown, english in entries:
        # of an entry that several programs share, JupyterLab joins the halves by a word of its own
        halves = [words.get(half) or words[f"{half}…"] for half in english.split(" and ")]
        assert shown.rstrip("…") == "和".join(half[0].rstrip("…") for half in halves), english
