"""The rooms of the house: who may import whom, and what an import costs."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import helpers

PACKAGE = Path(helpers.__file__).parent
MAY_IMPORT = {
    "language": set(),
    "page": set(),
    "record": {"language"},
    "numeric": {"language"},
    "d2l": {"language"},
    "progress": {"language"},
    "server": set(),
    "layout": {"language", "record"},
    "export": {"language", "layout", "record"},
    "svg": {"export", "language", "layout", "record"},
    "explore": {"chart", "language", "layout", "numeric", "page", "record", "svg"},
    "chart": {"layout"},
    "descend": {"chart", "language", "layout", "page", "record"},
    "secant": {"chart", "language", "layout", "page", "record"},
    "selftest": {"language", "progress"},
    "exercises": {"language", "numeric", "page", "progress", "record"},
    "classroom": {"exercises", "language", "record"},
}
HEAVY = ["torch", "matplotlib", "ipywidgets", "anywidget", "numpy", "IPython"]


def rooms():
    """room -> its source files."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if not room.startswith("__"):
            found.setdefault(room, []).append(path)
    return found


def imported_rooms(path):
    """The rooms that one file imports, relative imports resolved."""
    package = ["helpers", *path.relative_to(PACKAGE).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            names = [f"{module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name.split(".")[1] for name in names if name.startswith("helpers."))


@pytest.mark.parametrize("room", sorted(rooms()))
def test_a_room_imports_only_the_rooms_below_it(room):
    imported = {name for path in rooms()[room] for name in imported_rooms(path)} - {room}
    public = {name: target[0] for name, target in helpers._PUBLIC.items()}
    assert {public.get(name, name) for name in imported} <= MAY_IMPORT[room]


def python(code):
    """Run code in a fresh interpreter and return what it printed."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    return done.stdout.strip()


def test_importing_helpers_loads_nothing_heavy():
    assert python(f"import sys, helpers; print([m for m in {HEAVY} if m in sys.modules])") == "[]"


def test_recording_a_composite_operation_does_not_load_the_compiler():
    code = "import sys, helpers; helpers.record(lambda x: 5 / x, 2.0); print('sympy' in sys.modules)"
    assert python(code) == "False"


FIRST = """
import sys
for name in {names}:
    for module in [m for m in sys.modules if m.split(".")[0] == "helpers"]:
        del sys.modules[module]
    exec(f"from helpers import {{name}}; print({{name}}.__name__.split('.')[-1])")
"""


def test_every_public_name_can_be_the_first_to_be_imported():
    assert python(FIRST.format(names=helpers.__all__)).split() == helpers.__all__


def test_a_submodule_does_not_hide_the_function_of_the_same_name():
    code = "import helpers.record, helpers.layout; from helpers import record; print(callable(record))"
    assert python(code) == "True"


def test_an_unknown_name_lists_what_there_is():
    with pytest.raises(AttributeError, match="it offers .*explore"):
        helpers.explorer  # noqa: B018


def test_the_public_names_are_sorted_and_complete():
    assert list(helpers._PUBLIC) == sorted(helpers._PUBLIC) == helpers.__all__ == dir(helpers)
