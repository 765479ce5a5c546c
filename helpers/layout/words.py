"""How much room words need in a picture, before anyone knows the font."""

import math
import unicodedata

_PER_CHARACTER = 0.57  # of the font size: a generous mean for digits


def fit(text, width, size):
    """Shorten a name to a width in px, ending in "…" where something is left out."""
    most = max(2, room(width, size))
    if text.isascii():
        return text if len(text) <= most else f"{text[: most - 1]}…"
    if letters(text) <= most:
        return text
    left, end = most - 1, 0
    for end, character in enumerate(text):
        left -= letters(character)
        if left < 0:
            break
    return f"{text[:end]}…"


def letters(text):
    """How many letters wide a text is, where a Chinese character counts as two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text if not unicodedata.combining(c))


def width(characters, size):
    return math.ceil(characters * size * _PER_CHARACTER)


def room(width, size):
    return int(width / (size * _PER_CHARACTER))
