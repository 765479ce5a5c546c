"""Writes all that a class gets to see, from what is stored: tables, pages and nbgrader's gradebook."""

from .tables import write_grades


def write(options, course, store):
    """Write every report of a class.

    Args:
        options: argparse.Namespace of the command.
        course: Course.
        store: Store.
    """
    write_grades(options.out, course, store.results())
