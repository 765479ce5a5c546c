"""Write what students install when they shall not get the solutions: the library without those of the assigned lessons.

The folder holds the packages `seeing_gradients` and `helpers`, to be put where the students' Python finds packages. Left
out are the modules of the exercises, with references, misconceptions and worked solutions, and the grader. The lessons'
notebooks, which a hub hands out, are inside, without the worked solutions that are folded away under the exercises. The
course is public: a student who looks for it elsewhere finds all of it.
"""

import importlib.util
import json
import shutil
from collections.abc import Iterable
from pathlib import Path

import nbformat

import seeing_gradients
from seeing_gradients.course.exercises import all_exercises
from seeing_gradients.course.exercises.catalogue import WITHHELD
from seeing_gradients.course.exercises.withheld import describe

from .lessons import NOTEBOOKS

FOLDER = "students"
_LIBRARY = Path(seeing_gradients.__file__).parent
_WITHOUT = ("__pycache__", "classroom")


def write(folder: Path, lessons: Iterable[str]) -> Path:
    """Write folder/students, in place of an earlier one, and return it.

    Args:
        folder: Path of the course.
        lessons: numbers, "02"; their exercises are withheld, and those that were withheld before stay so.

    Raises:
        OSError: a file cannot be written.
    """
    target = folder / FOLDER
    library = target / _LIBRARY.name
    exercises = library / "course/exercises/lessons"
    earlier = {path.parent.name[1:] for path in exercises.glob(f"l*/{WITHHELD}")}
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(_LIBRARY, library, ignore=shutil.ignore_patterns(*_WITHOUT))
    _copy_hub(library)
    withheld = sorted({*lessons, *earlier})
    _copy_notebooks(library / "classroom/hub" / NOTEBOOKS.name, withheld)
    for number in withheld:
        for module in (exercises / f"l{number}").glob("exercise*.py"):
            module.unlink()
        described = [describe(spec) for spec in all_exercises() if spec.id.startswith(f"{number}.")]
        text = json.dumps(described, ensure_ascii=False, indent=1)
        (exercises / f"l{number}" / WITHHELD).write_text(text + "\n", encoding="utf-8")
    helpers = importlib.util.find_spec("helpers")
    if helpers is not None and helpers.origin is not None:
        shutil.copytree(Path(helpers.origin).parent, target / "helpers", ignore=shutil.ignore_patterns(*_WITHOUT))
    return target


def _copy_notebooks(target: Path, withheld: Iterable[str]) -> None:
    """Copy the lessons' notebooks; those of the withheld lessons without worked solutions."""
    for source in sorted(NOTEBOOKS.glob("??/*.ipynb")):
        copy = target / source.relative_to(NOTEBOOKS)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if not source.name.startswith(tuple(f"{number}_" for number in withheld)):
            shutil.copy(source, copy)
            continue
        notebook = nbformat.read(source, as_version=4)
        notebook.cells = [cell for cell in notebook.cells if "solution" not in cell.metadata.get("tags", ())]
        nbformat.write(notebook, copy)


def _copy_hub(library: Path) -> None:
    """Copy what starts a student's server on a JupyterHub."""
    classroom = library / "classroom"
    classroom.mkdir()
    shutil.copy(_LIBRARY / "classroom/__init__.py", classroom)
    shutil.copytree(_LIBRARY / "classroom/hub", classroom / "hub", ignore=shutil.ignore_patterns("__pycache__"))
