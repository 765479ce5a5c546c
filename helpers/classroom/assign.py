"""`python -m helpers.classroom assign 03 04 --lang zh --points points.toml --out course/`: an nbgrader course of exercises.

Writes source/<assignment>/<assignment>.ipynb in nbgrader's cell metadata, schema version 3
(https://nbgrader.readthedocs.io/en/stable/contributor_guide/metadata.html), nbgrader_config.py, and classroom.json, which grading
trusts and which stays with the instructor. Given again for the same course it keeps seed and submissions.
"""

import secrets
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from helpers import language
from helpers.language import message

from . import course, lessons, points
from .speaking import speaking

_CONFIG = '''"""nbgrader's settings for this course; written by `python -m helpers.classroom assign`."""

c = get_config()  # noqa: F821, nbgrader defines it
c.CourseDirectory.course_id = {name!r}
c.ClearSolutions.code_stub = {{"python": ""}}  # the stub stands before the solution, and stays
c.ExecutePreprocessor.timeout = 60  # seconds a cell
'''


def add_arguments(parser):
    """Add the options of the command to an argparse parser."""
    parser.add_argument("lessons", nargs="+", metavar="LESSON", help="numbers of lessons: 03 04")
    parser.add_argument("--lang", choices=language.LANGUAGES, help="language of the notebooks")
    parser.add_argument(
        "--points", type=Path, metavar="FILE", help='a TOML file: default = 2, and [points] with "03.1" = 5'
    )
    parser.add_argument("--out", type=Path, default=Path("course"), help="the folder of the course")
    parser.add_argument("--name", help="name of the course; otherwise that of its folder")
    parser.add_argument("--seed", help="text that the hidden inputs depend on; otherwise a random one")


def run(options):
    """Write the course and return the exit status: 0, or 2 for wrong arguments.

    Args:
        options: argparse.Namespace of `add_arguments`.
    """
    lang = options.lang or language.current()
    with speaking(lang):
        try:
            worth = points.read(options.points)
            made = [_assignment(number, lang, worth) for number in dict.fromkeys(options.lessons)]
            whole = _write(options, made)
        except (OSError, ValueError) as error:
            print(error, file=sys.stderr)
            return 2
        for assignment, _ in made:
            total = sum(task.points for task in assignment.tasks)
            print(message("assign.done", name=assignment.name, count=len(assignment.tasks), total=f"{total:g}"))
        print(message("assign.next", folder=options.out, name=whole.assignments[0].name))
    return 0


def _assignment(number, lang, worth):
    """(Assignment, notebook) of one lesson."""
    name, setup, parts = lessons.parts(number, lang)
    tasks, cells = [], [_text(message("assign.intro", lesson=name), f"intro-{number}"), new_code_cell(setup)]
    for part in parts:
        spec, key = part.exercise, part.exercise.id.replace(".", "-")
        tasks.append(course.Task(f"answer-{key}", spec.id, worth(spec.id), part.prelude, part.stub, part.expression))
        cells.append(_text(part.statement, f"statement-{key}"))
        cells += [new_code_cell(code) for code in part.given]
        cells.append(_answer(part, f"answer-{key}"))
        cells += [new_code_cell(code) for code in part.after]
        cells.append(_test(part, f"test-{key}", worth(spec.id)))
    for i, cell in enumerate(cells):
        cell.id = f"{number}-{i}"
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return course.Assignment(name, lang, f"{name}.ipynb", tuple(tasks)), new_notebook(cells=cells, metadata=metadata)


def _text(source, grade_id):
    return new_markdown_cell(source, metadata=_metadata(grade_id, locked=True))


def _answer(part, grade_id):
    source = f"{part.stub}\n### BEGIN SOLUTION\n{part.solution}\n### END SOLUTION"
    return new_code_cell(source, metadata=_metadata(grade_id, solution=True))


def _test(part, grade_id, worth):
    check = f'check("{part.exercise.id}", {part.expression})'
    source = f"{check}\n### BEGIN HIDDEN TESTS\nassert {check}.solved\n### END HIDDEN TESTS"
    return new_code_cell(source, metadata=_metadata(grade_id, grade=True, locked=True, points=worth))


def _metadata(grade_id, **flags):
    plain = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
    return {"nbgrader": {**plain, "grade_id": grade_id, **flags}}


def _write(options, made):
    """Write the files; return the Course, which keeps the assignments, the name and the seed that it had."""
    folder = options.out
    before = course.load(folder) if (folder / course.FILE).exists() else None
    name = options.name or (before.name if before else folder.absolute().name)
    seed = options.seed or (before.seed if before else secrets.token_hex(16))
    kept = {assignment.name: assignment for assignment in before.assignments} if before else {}
    kept |= {assignment.name: assignment for assignment, _ in made}
    for assignment, notebook in made:
        target = folder / "source" / assignment.name / assignment.notebook
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, target)
    whole = course.Course(name, seed, tuple(kept[key] for key in sorted(kept)))
    (folder / "nbgrader_config.py").write_text(_CONFIG.format(name=name), encoding="utf-8")
    course.save(whole, folder)
    return whole
