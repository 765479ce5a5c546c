"""The package, its pins and the READMEs say the same, and what they name is there."""

import ast
import re
import sys
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CORE = {need.name: need for need in map(Requirement, PROJECT["dependencies"])}
PINNED = [line for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines() if line[0] != "#"]
PINS = {pin.name: pin for pin in map(Requirement, PINNED[:-1])}
OPTIONAL = PROJECT["optional-dependencies"]
OWN = ("png", "course")  # extras of the library's own, in ranges; the others are tools, pinned
LEARNER = [*CORE.values(), *(Requirement(need) for extra in OWN for need in OPTIONAL[extra])]
RANGES = {need.name: need for need in LEARNER if need.name != PROJECT["name"]}
TOOLS = [Requirement(need) for extra in OPTIONAL if extra not in OWN for need in OPTIONAL[extra]]
WITH_ANYWIDGET = {"ipywidgets", "traitlets"}  # anywidget cannot be without them
# Inside the functions that write a PNG and make a data frame, which do without or say so.
OPTIONAL_IMPORTS = {"resvg-py", "matplotlib", "pandas"}
OF_THE_COURSE = {"course", "classroom"}
BUILDING = {"hatchling", "editables"}  # pip brings them when it installs the course
OURS = {"helpers", "seeing_gradients"}
LIBRARY = ROOT / "src/seeing_gradients"
FILES = {"en": "README.md", "zh": "README.zh-CN.md"}
READMES = {language: (ROOT / name).read_text(encoding="utf-8") for language, name in FILES.items()}
LESSONS = sorted((ROOT / "notebooks").glob("??/*.ipynb"))


@cache
def providers():
    """Package -> names of the distributions that bring it, of all that is installed: a second's work."""
    return metadata.packages_distributions()


@cache
def imported(path):
    """The top-level packages that a file imports from outside the standard library, installed ones only."""
    packages = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) and node.level == 0 else []
        packages |= {name.split(".")[0] for name in names}
    return (packages - sys.stdlib_module_names) & providers().keys() - OURS


def distributions(*folders):
    """The distributions that the Python files of `folders` import."""
    names = {name for folder in folders for path in (ROOT / folder).rglob("*.py") for name in imported(path)}
    return {providers()[name][0].lower().replace("_", "-") for name in names}


def commands(text):
    """The commands of a README: what follows make, and what follows py helpers."""
    blocks = "\n".join(re.findall(r"```(?:sh|powershell)\n(.*?)```", text, re.DOTALL))
    return set(re.findall(r"^make (\w+)", blocks, re.MULTILINE)), set(
        re.findall(r"^py helpers (\w+)", blocks, re.MULTILINE)
    )


@pytest.mark.parametrize("pin", PINS.values(), ids=str)
def test_what_is_pinned_is_installed_at_that_version(pin):
    assert str(pin.specifier).startswith("==")
    assert pin.specifier.contains(metadata.version(pin.name), prereleases=True)


@pytest.mark.parametrize("need", RANGES.values(), ids=str)
def test_the_pin_of_what_helpers_need_lies_in_their_range(need):
    assert need.specifier.contains(str(PINS[need.name].specifier).removeprefix("=="))
    assert not need.specifier.contains(f"{Version(metadata.version(need.name)).major + 1}.0"), "no upper bound"


def test_the_course_itself_comes_last_with_what_its_lessons_need():
    assert PINNED[-1] == "-e .[course]"


def test_the_library_needs_little():
    assert CORE.keys() <= {"torch", "numpy", "anywidget", "contourpy"}


@pytest.mark.parametrize("name", sorted(CORE))
def test_the_oldest_version_that_the_library_promises_is_one_that_its_tests_run_on(name):
    floor = (ROOT / "tests/floor.txt").read_text(encoding="utf-8").splitlines()
    (lowest,) = (limit.version for limit in CORE[name].specifier if limit.operator == ">=")
    assert f"{name}=={lowest}" in floor


@pytest.mark.parametrize("name", sorted(CORE.keys() & RANGES.keys()))
def test_the_course_asks_for_a_version_that_the_library_runs_on(name):
    (lowest,) = (limit.version for limit in RANGES[name].specifier if limit.operator == ">=")
    assert CORE[name].specifier.contains(lowest)


def test_every_package_that_the_library_imports_is_declared():
    rooms = [path.relative_to(ROOT) for path in LIBRARY.iterdir() if path.is_dir() and path.name not in OF_THE_COURSE]
    asked_for = {name for name in OPTIONAL_IMPORTS if name in distributions(*rooms)}
    assert distributions(*rooms) - asked_for <= CORE.keys() | WITH_ANYWIDGET
    assert asked_for == OPTIONAL_IMPORTS


def test_every_package_that_the_course_and_its_helpers_import_is_declared():
    assert distributions("src/seeing_gradients/course", "helpers") <= RANGES.keys() | BUILDING


def test_every_package_that_the_classroom_imports_is_declared():
    extras = {need.name for key in ("classroom", "hub") for need in map(Requirement, OPTIONAL[key])}
    assert distributions("src/seeing_gradients/classroom") <= RANGES.keys() | extras


def test_every_package_that_the_tests_and_the_build_import_is_pinned():
    assert distributions("tests", "notebooks") <= {*PINS, *(need.name for need in TOOLS)}


def test_the_tools_of_tests_and_developers_are_pinned_and_no_learners_download():
    tools = {need.name: str(need.specifier) for need in TOOLS if need.name != PROJECT["name"]}
    assert all(specifier.startswith("==") for specifier in tools.values())
    assert not tools.keys() & PINS.keys()


def test_the_zoo_is_pinned_alike_as_an_extra_and_where_make_zoo_installs_it():
    installed = (ROOT / "tests/zoo/requirements.txt").read_text(encoding="utf-8").splitlines()
    assert set(OPTIONAL["zoo"]) <= set(installed)
    assert not [line for line in installed if line[0] != "#" and Requirement(line).name in {*CORE, "torch"}]


@pytest.mark.parametrize("language", READMES)
def test_the_commands_of_the_readme_exist(language):
    make, script = commands(READMES[language])
    targets = re.findall(r"^(\w+): ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert {"lab", "test", "setup"} <= make <= set(targets)
    assert script == {"lab", "test", "setup"}


@pytest.mark.parametrize("language", READMES)
def test_the_links_of_the_readme_lead_somewhere(language):
    links = re.findall(r"\]\(([^)#]+)", READMES[language])
    local = [link for link in links if not link.startswith("https://")]
    assert local
    assert [link for link in local if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("language", READMES)
def test_the_readme_lists_every_lesson_in_both_languages(language):
    rows = re.findall(r"\((notebooks/[^)]+[.]ipynb)\)", READMES[language])
    assert sorted(rows) == [lesson.relative_to(ROOT).as_posix() for lesson in LESSONS]


@pytest.mark.parametrize("language", READMES)
def test_binder_opens_lesson_00_in_the_language_of_the_readme(language):
    (opened,) = re.findall(r"urlpath=lab/tree/(\S+?[.]ipynb)", READMES[language])
    assert opened == f"notebooks/{language}/00_start.ipynb"


def test_both_readmes_have_the_same_sections_and_commands():
    english, chinese = READMES.values()
    assert commands(english) == commands(chinese)
    assert re.findall(r"^#+ ", english, re.MULTILINE) == re.findall(r"^#+ ", chinese, re.MULTILINE)


def test_github_runs_the_command_of_any_other_machine():
    steps = re.findall(
        r"^ +- run: (.+)$", (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert steps[-1] == ".ci/run"


def test_the_citation_names_the_version_of_the_package():
    assert f"version: {PROJECT['version']}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
