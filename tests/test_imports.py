"""The rooms of the library stand in a line: who may import whom, and what an import costs."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import helpers
import seeing_gradients

LIBRARY = Path(seeing_gradients.__file__).parent
COURSE = LIBRARY.parents[1]
LINE = ["language", "runtime", "numeric", "recorder", "picture", "widgets", "course", "classroom"]
ALONE = {"server": set()}  # a Jupyter Server extension: it must load without anything of ours
HEAVY = ["torch", "matplotlib", "ipywidgets", "anywidget", "numpy", "IPython"]


def rooms():
    """room -> its source files."""
    found = {}
    for path in LIBRARY.rglob("*.py"):
        room = path.relative_to(LIBRARY).parts[0].removesuffix(".py")
        if not room.startswith("__"):
            found.setdefault(room, []).append(path)
    return found


@cache
def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imported_modules(path):
    """The dotted names that one file of the library imports, relative imports resolved."""
    package = ["seeing_gradients", *path.relative_to(LIBRARY).parts[:-1]]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def imported_rooms(path):
    """The rooms that one file of the library imports; a public function stands for the room that defines it."""
    names = [name.split(".")[1] for name in imported_modules(path) if name.startswith("seeing_gradients.")]
    return {seeing_gradients._PUBLIC.get(name, f".{name}").split(".")[1] for name in names}


@pytest.mark.parametrize("room", sorted(rooms()))
def test_a_room_imports_only_the_rooms_before_it_in_the_line(room):
    allowed = ALONE[room] if room in ALONE else set(LINE[: LINE.index(room)])
    assert {name for path in rooms()[room] for name in imported_rooms(path)} - {room} <= allowed


def test_the_library_does_not_import_the_helpers():
    ours = COURSE / "src/seeing_gradients/classroom/sandbox/inside/answer.py"  # puts its own stand-in there
    importing = {
        path for path in LIBRARY.rglob("*.py") for name in imported_modules(path) if name.split(".")[0] == "helpers"
    }
    assert importing <= {ours}


def test_the_helpers_are_small():
    lines = sum(
        len(path.read_text(encoding="utf-8").splitlines()) for path in Path(helpers.__file__).parent.rglob("*.py")
    )
    assert lines <= 600


def python(code):
    """Run code in a fresh interpreter and return what it printed."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=COURSE)
    return done.stdout.strip()


@pytest.mark.parametrize("package", ["helpers", "seeing_gradients"])
def test_importing_the_package_loads_nothing_heavy(package):
    assert python(f"import sys, {package}; print([m for m in {HEAVY} if m in sys.modules])") == "[]"


FIRST = """
import sys, helpers
helpers.record(lambda x: 5 / x, 2.0)
print('sympy' in sys.modules)

def forget():
    for module in [m for m in sys.modules if m.split(".")[0] in ("helpers", "seeing_gradients")]:
        del sys.modules[module]

for package, names in {names}.items():
    for name in names:
        forget()
        exec(f"from {{package}} import {{name}}; print({{name}}.__name__.split('.')[-1])")
forget()
import helpers.record, seeing_gradients.recorder, seeing_gradients.picture.scene
from helpers import record
from helpers.record import RecordingLimitError
import helpers
print(callable(record), helpers.record is record)
"""


@pytest.fixture(scope="module")
def imported_anew():
    """What FIRST prints, a list of words: one process, since to import PyTorch takes seconds."""
    names = {package.__name__: package.__all__ for package in (helpers, seeing_gradients)}
    return python(FIRST.format(names=names)).split()


def test_recording_a_composite_operation_does_not_load_the_compiler(imported_anew):
    assert imported_anew[0] == "False"


def test_every_public_name_can_be_the_first_to_be_imported(imported_anew):
    assert imported_anew[1:-2] == [*helpers.__all__, *seeing_gradients.__all__]


def test_a_submodule_does_not_hide_the_function_of_the_same_name(imported_anew):
    assert imported_anew[-2:] == ["True", "True"]


def test_no_module_of_the_library_has_the_name_of_a_public_function():
    modules = {path.stem for path in LIBRARY.glob("*.py")} | {path.name for path in LIBRARY.iterdir() if path.is_dir()}
    assert not modules & set(seeing_gradients.__all__)


@pytest.mark.parametrize("package", [helpers, seeing_gradients], ids=lambda package: package.__name__)
def test_an_unknown_name_lists_what_there_is(package):
    with pytest.raises(AttributeError, match="it offers .*explore"):
        package.explorer  # noqa: B018


def test_the_public_names_are_sorted_and_complete():
    assert sorted(helpers._MODULES | helpers._FUNCTIONS) == helpers.__all__ == dir(helpers)
    assert list(seeing_gradients._PUBLIC) == seeing_gradients.__all__ == dir(seeing_gradients)
    assert set(seeing_gradients.__all__) <= set(helpers.__all__)
