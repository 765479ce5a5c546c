"""How much room words need in a picture, before anyone knows the font."""

import math
import unicodedata

# What would turn the writing direction of all that follows a name, too.
_DIRECTIONS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_PER_CHARACTER = 0.57  # of the font size: a generous mean for digits


def fit(text, width, size):
    """Shorten a name to a width in px, ending in "…" where something is left out."""
    return brief(text, max(2, room(width, size)))


def brief(text, most=40):
    """Shorten a name to so many letters, ending in "…" where something is left out."""
    if text.isascii():
        return text if len(text) <= most else f"{text[: most - 1]}…"
    text = text.translate(_DIRECTIONS)
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
