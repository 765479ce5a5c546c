"""Slow tests say why."""

from tests.slow import marked_tests, slow_tests


def test_every_slow_test_says_why():
    assert [(file, name) for file, name, reason in slow_tests() if len(reason.split()) < 3] == []


def test_marks_of_functions_and_of_modules_are_read():
    source = (
        'pytestmark = pytest.mark.slow("a whole module")\n@pytest.mark.slow\ndef test_a(): pass\ndef test_b(): pass'
    )
    assert list(marked_tests(source)) == [("*", "a whole module"), ("test_a", "")]
