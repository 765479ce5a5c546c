"""page: the stylesheets that go to the page."""

import re

import pytest

from seeing_gradients.widgets import page


def declared(css, selector):
    """The properties that the rules of exactly this selector set: set of str."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    rules = re.findall(rf"(?:^|}})\s*{re.escape(selector)}\s*{{([^}}]*)", css)
    return {line.partition(":")[0].strip() for rule in rules for line in rule.split(";") if ":" in line}


@pytest.mark.parametrize("name", ["explore", "descend", "predict", "secant"])
def test_a_widget_sets_anew_nothing_of_the_card_that_all_share(name):
    """Each widget brings the card along: which rule comes last would depend on what the notebook showed first."""
    css = page.style(name)
    card, own = declared(css, ".sg-widget"), declared(css, f".sg-{name}")
    assert own and card & own == set()
