"""Writes all that comes out of grading, from what is stored: tables, pages and nbgrader's gradebook."""

from seeing_gradients.language import message

from .feedback import write_feedback
from .gradebook import write_gradebook
from .statistics import class_page
from .tables import write_grades

CLASS_PAGE = "class.html"


def write(options, course, store):
    """Write every report of a class and say where they are.

    Args:
        options: argparse.Namespace of the command.
        course: Course.
        store: Store.
    """
    out = options.out
    gradebook = options.gradebook or options.submitted.absolute().parent / "gradebook.db"
    write_grades(out, course, store.results())
    count = write_feedback(out / "feedback", course, store.results())
    (out / CLASS_PAGE).write_text(class_page(course, store.results()), encoding="utf-8")
    if gradebook != "none":
        write_gradebook(gradebook, course, store.results())
    places = {"grades": out / "grades.csv", "page": out / CLASS_PAGE, "feedback": out / "feedback"}
    print(message("classroom.grade_done", count=count, gradebook=gradebook, **places))
    if reviews := sum(_needs_a_person(result) for result in store.results()):
        print(message("classroom.grade_reviews", count=reviews, grades=out / "grades.csv"))


def _needs_a_person(result):
    return not result.rulings or any(ruling["state"] == "review" for ruling in result.rulings.values())
