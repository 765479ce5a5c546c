"""The language of one submission, while the rest of the run speaks another."""

from contextlib import contextmanager

from seeing_gradients import language


@contextmanager
def speaking(lang):
    """Have messages come in `lang`, "en" or "zh", inside a with statement."""
    before = language.current()
    language.use(lang)
    try:
        yield
    finally:
        language.use(before)
