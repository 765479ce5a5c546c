"""`python -m seeing_gradients.classroom assign 03 04 --lang zh --points points.toml --out course/`: an nbgrader course of exercises.

Writes source/<assignment>/<assignment>.ipynb in nbgrader's cell metadata, schema version 3
(https://nbgrader.readthedocs.io/en/stable/contributor_guide/metadata.html), nbgrader_config.py, and classroom.json, which grading
trusts and which stays with the instructor. Given again for the same course it keeps seed and submissions.
"""

import hashlib
import secrets
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from seeing_gradients import language
from seeing_gradients.course.exercises.variants import student_key, variant
from seeing_gradients.language import message

from . import course, lessons, points
from .speaking import speaking

_CONFIG = '''"""nbgrader's settings for this course; written by `python -m seeing_gradients.classroom assign`."""

c = get_config()  # noqa: F821, nbgrader defines it
c.CourseDirectory.course_id = {name!r}
c.ClearSolutions.code_stub = {{"python": ""}}  # the stub stands before the solution, and stays
c.ExecutePreprocessor.timeout = 60  # seconds a cell
'''

_TEACHER = "instructor"  # whose numbers the solutions have


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
    parser.add_argument("--personal", action="store_true", help="give every student other numbers, by the name")


def run(options):
    """Write the course and return the exit status: 0, or 2 for wrong arguments.

    Args:
        options: argparse.Namespace of `add_arguments`.
    """
    lang = options.lang or language.current()
    with speaking(lang):
        try:
            worth, limits = points.read(options.points)
            before = course.load(options.out) if (options.out / course.FILE).exists() else None
            seed = options.seed or (before.seed if before else secrets.token_hex(16))
            numbers = _digest(seed) if options.personal else ""
            made = [_assignment(number, lang, worth, limits, numbers) for number in dict.fromkeys(options.lessons)]
            _write(options, made, before, seed)
        except (OSError, ValueError) as error:
            print(error, file=sys.stderr)
            return 2
        for assignment, _ in made:
            total = sum(task.points for task in assignment.tasks)
            print(message("assign.done", name=assignment.name, count=len(assignment.tasks), total=f"{total:g}"))
        print(message("assign.next", folder=options.out, name=made[0][0].name))
    return 0


def _digest(seed):
    """What the students' numbers depend on; it stands in every notebook and does not tell the seed."""
    return hashlib.sha256(f"numbers/{seed}".encode()).hexdigest()[:8]


def _assignment(number, lang, worth, limits, numbers):
    """(Assignment, notebook) of one lesson."""
    name, setup, parts = lessons.parts(number, lang)
    tasks, cells = [], [_text(message("assign.intro", lesson=name), f"intro-{number}")]
    cells.append(new_code_cell(f"{setup}\nfrom helpers import personal" if numbers else setup))
    if numbers and any(part.exercise.vary for part in parts):
        cells += [_text(message("assign.name"), f"name-{number}"), _name(f"student-{number}")]
    for part in parts:
        own = numbers if part.exercise.vary else ""
        key = part.exercise.id.replace(".", "-")
        id, points = part.exercise.id, worth(part.exercise.id)
        said = part.prelude, part.stub, part.expression
        tasks.append(course.Task(f"answer-{key}", id, points, *said, own, limits(id)))
        cells += _cells(part, key, points, own)
    for i, cell in enumerate(cells):
        cell.id = f"{number}-{i}"
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return course.Assignment(name, lang, f"{name}.ipynb", tuple(tasks)), new_notebook(cells=cells, metadata=metadata)


def _cells(part, key, points, own):
    """The cells of one exercise: statement, what is handed out, answer, what shows it, test."""
    id = part.exercise.id
    statement = _text(part.statement, f"statement-{key}")
    spec, asked, given = part.exercise, f'"{id}"', part.given
    if own:
        spec, asked = variant(spec, student_key(own, _TEACHER, id)), f"task_{id.replace('.', '_')}"
        heading = part.statement.split("\n", 1)[0]
        statement = _text(f"{heading}\n\n{message('assign.personal')}", f"statement-{key}")
        given = (f'{asked} = personal("{id}", student, course="{own}")\n{asked}', *given)
    return [
        statement,
        *(new_code_cell(code) for code in given),
        _answer(part.stub, lessons.solution(spec, part.expression), f"answer-{key}"),
        *(new_code_cell(code) for code in part.after),
        _test(f"check({asked}, {part.expression})", f"test-{key}", points),
    ]


def _text(source, grade_id):
    return new_markdown_cell(source, metadata=_metadata(grade_id, locked=True))


def _name(grade_id):
    return _answer('student = ""', f'student = "{_TEACHER}"', grade_id)


def _answer(stub, solution, grade_id):
    source = f"{stub}\n### BEGIN SOLUTION\n{solution}\n### END SOLUTION"
    return new_code_cell(source, metadata=_metadata(grade_id, solution=True))


def _test(check, grade_id, points):
    source = f"{check}\n### BEGIN HIDDEN TESTS\nassert {check}.solved\n### END HIDDEN TESTS"
    return new_code_cell(source, metadata=_metadata(grade_id, grade=True, locked=True, points=points))


def _metadata(grade_id, **flags):
    plain = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
    return {"nbgrader": {**plain, "grade_id": grade_id, **flags}}


def _write(options, made, before, seed):
    """Write the files of a Course, which keeps the assignments and the name that it had."""
    folder = options.out
    name = options.name or (before.name if before else folder.absolute().name)
    kept = {assignment.name: assignment for assignment in before.assignments} if before else {}
    kept |= {assignment.name: assignment for assignment, _ in made}
    for assignment, notebook in made:
        target = folder / "source" / assignment.name / assignment.notebook
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, target)
    whole = course.Course(name, seed, tuple(kept[key] for key in sorted(kept)))
    (folder / "nbgrader_config.py").write_text(_CONFIG.format(name=name), encoding="utf-8")
    course.save(whole, folder)
