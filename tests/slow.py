"""Tests that take longer than 5 s: each says why, `python -m tests.slow` lists them, and a run names those that do not.

A test is marked `@pytest.mark.slow("why it cannot be faster")`. It runs in `make test` like any other;
`make test ARGS='-m "not slow"'` leaves it out.
"""

import ast
from pathlib import Path

SECONDS = 5.0
TESTS = Path(__file__).resolve().parent


def marked_tests(source):
    """(name, reason) of each function that a source marks as slow; a reason that is missing is "".

    A mark of the whole module, `pytestmark`, has the name "*".
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            yield from ((node.name, reason) for reason in map(reason_of, node.decorator_list) if reason is not None)
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            marks = node.value.elts if isinstance(node.value, ast.List | ast.Tuple) else [node.value]
            yield from (("*", reason) for reason in map(reason_of, marks) if reason is not None)


def reason_of(mark):
    """The reason in `pytest.mark.slow("...")`, None for another mark."""
    called = isinstance(mark, ast.Call)
    if ast.unparse(mark.func if called else mark) != "pytest.mark.slow":
        return None
    return mark.args[0].value if called and mark.args and isinstance(mark.args[0], ast.Constant) else ""


def slow_tests(folder=TESTS):
    """(file, name, reason) of every slow test, in the order of the files."""
    for path in sorted(folder.rglob("test_*.py")):
        for name, reason in marked_tests(path.read_text(encoding="utf-8")):
            yield path.relative_to(folder.parent).as_posix(), name, reason


def pytest_terminal_summary(terminalreporter):
    """Name the tests that took longer than SECONDS without being marked."""
    reports = [report for report in terminalreporter.getreports("passed") if report.when == "call"]
    late = [report for report in reports if report.duration > SECONDS and "slow" not in report.keywords]
    if late:
        terminalreporter.section(f"over {SECONDS:g} s and not marked slow (on a busy machine that may happen)")
        for report in sorted(late, key=lambda report: -report.duration):
            terminalreporter.line(f"{report.duration:6.1f} s  {report.nodeid}")


if __name__ == "__main__":
    for file, name, reason in slow_tests():
        print(f"{file}::{name}: {reason}")
