"""What a student gets back: one page a submission, in the language of the assignment.

The pages lie where `nbgrader release_feedback` looks for them: feedback/<student>/<assignment>/<notebook>.html.
"""

from pathlib import Path

from seeing_gradients import language
from seeing_gradients.language import message

from .pages import render
from .reading import Unreadable, read_bytes
from .speaking import speaking
from .tables import score

_LOOKS = {"correct": "good", "approximately equal": "good", "wrong": "bad", "review": "look"}
_OF_THE_EXCHANGE = ("timestamp.txt", "submission_secret.txt")  # nbgrader names the released page after them


def write_feedback(folder, course, results):
    """Write the page of every submission and return how many there are.

    Args:
        folder: Path; the pages go to folder/<student>/<assignment>/.
        course: Course.
        results: iterable of Result.
    """
    assignments = {assignment.name: assignment for assignment in course.assignments}
    count = 0
    for result in results:
        assignment = assignments.get(result.assignment)
        place = folder / result.student / result.assignment
        place.mkdir(parents=True, exist_ok=True)
        stem = Path(assignment.notebook).stem if assignment else "feedback"
        (place / f"{stem}.html").write_text(feedback(result, assignment), encoding="utf-8")
        _copy_marks(Path(result.path), place)
        count += 1
    return count


def feedback(result, assignment):
    """Return the page of one submission.

    Args:
        result: Result.
        assignment: Assignment, or None where the course has none of this name.
    """
    tasks = assignment.tasks if assignment else ()
    with speaking(assignment.lang if assignment else language.current()):
        items = [_item(task, result.rulings[task.grade_id]) for task in tasks]
        return render(
            "feedback.html",
            student=result.student,
            assignment=result.assignment,
            graded_at=result.graded_at.replace("T", " ").replace("+00:00", " UTC"),
            points=sum(item["points"] for item in items),
            most=sum(task.points for task in tasks),
            faults=[fault["text"] for fault in result.faults],
            items=items,
        )


def title(exercise):
    """Return an exercise's title in the language in use, or ""."""
    return message(f"titles.{exercise}") if language.has(f"titles.{exercise}") else ""


def _item(task, ruling):
    return {
        "exercise": task.exercise,
        "title": title(task.exercise),
        "points": score(task, ruling),
        "max": task.points,
        "look": _LOOKS.get(ruling["state"], ""),
        **{name: ruling[name] for name in ("state", "text", "facts", "why", "notes")},
    }


def _copy_marks(source, place):
    """Lay beside a page what nbgrader's exchange needs to hand it back, if the submission came by it."""
    folder = next(path for path in (source, *source.parents) if path.is_dir())
    for name in _OF_THE_EXCHANGE:
        if (folder / name).is_file():
            try:
                (place / name).write_bytes(read_bytes(folder / name, 4_096))
            except Unreadable:
                continue  # the page is there all the same; only the exchange cannot hand it back
