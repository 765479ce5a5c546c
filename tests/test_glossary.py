"""The glossary rules over the Chinese of all lessons, exercises, messages and guides: one word for one thing."""

import pytest

from tests import chinese


@pytest.mark.parametrize("row", chinese.glossary(), ids=lambda row: row.english[0])
def test_a_term_is_used_and_none_of_its_rivals(row):
    units = chinese.all_units()
    whole = "\n".join(units.values())
    assert [term for term in row.terms if term not in whole] == []
    found = [(name, rival) for name, text in units.items() for rival in row.rivals if rival in text]
    assert found == [], f"{row.english[0]} is {row.terms[0]}"


def test_each_quoted_error_is_quoted_somewhere():
    whole = "\n".join(chinese.all_units().values())
    assert [error for error in chinese.quoted_errors() if error not in whole] == []
