"""A Sphinx extension: the search of the Chinese pages, which must find a term in a language that writes no spaces.

Every pair of neighbouring characters is a word of the index, and so is every character. A query is split into pairs the same
way in the page, and a page is found that has all of them. Latin words are whole words. No dictionary can miss a term so.
"""

import re
from itertools import pairwise
from typing import Any

from sphinx.application import Sphinx
from sphinx.search import SearchLanguage

CHINESE = "\u3400-\u9fff"
_PART = re.compile(rf"[{CHINESE}]+|[A-Za-z0-9_]+")


def words(text: str) -> list[str]:
    """Return the words of the index in a text: each character and each pair of Chinese, each Latin word."""
    found = []
    for part in _PART.findall(text):
        if re.match(rf"[{CHINESE}]", part):
            found += [*part, *map("".join, pairwise(part))]
        else:
            found.append(part)
    return found


class SearchChinese(SearchLanguage):
    """Splits Chinese into pairs of characters; the script does the same with a query."""

    lang = "zh"
    language_name = "Chinese"
    js_splitter_code = """
function splitQuery(query) {
  const parts = query.match(/[\\u3400-\\u9fff]+|[A-Za-z0-9_]+/g) || [];
  return parts.flatMap((part) =>
    part.charCodeAt(0) < 0x3400 || part.length === 1
      ? [part]
      : Array.from({ length: part.length - 1 }, (_, index) => part.slice(index, index + 2)),
  );
}
"""

    def split(self, input: str) -> list[str]:
        return words(input)

    def stem(self, word: str) -> str:
        return word.lower()

    def word_filter(self, word: str) -> bool:
        return not word.isdigit()


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the splitter for the Chinese site."""
    app.add_search_language(SearchChinese)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
