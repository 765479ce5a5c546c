"""What the workers are told: one order a submission, with its answers, its tasks and the seeds of the hidden inputs.

`orders(...)` walks through what was handed in, `found(...)` turns what came back into what is stored.
"""

from dataclasses import asdict

from seeing_gradients import language
from seeing_gradients.language import message

from . import cleaning
from .collect import Fault, Submission, collect
from .speaking import speaking

_NOTHING = ("missing", "no_file")  # nothing was handed in: no points, and nothing to look at


def folders(submitted, assignments=()):
    """Yield (student, folder) for every folder submitted/<student>/<assignment>, by name.

    Args:
        submitted: Path.
        assignments: names of folders that are looked for where a student's folder cannot be listed.
    """
    for student in _folders(submitted):
        try:
            inside = _folders(student)
        except OSError:
            inside = [student / name for name in assignments]
        yield from ((student.name, folder) for folder in inside)


def orders(submitted, course, store, meter):
    """Yield what a worker is told of each submission that is not graded yet: a dict, see `cluster.rule`.

    Args:
        submitted: Path.
        course: Course.
        store: Store, which is told of every submission.
        meter: Meter, which counts those that are graded already.
    """
    assignments = {assignment.name: assignment for assignment in course.assignments}
    for student, folder in folders(submitted, assignments):
        assignment = assignments.get(folder.name)
        submission = _unknown(student, folder) if assignment is None else _collected(folder, student, assignment)
        key = submission.student, submission.assignment, submission.digest
        if not store.hand_in(submission):
            meter.skip()
            continue
        parts = [_part(task, submission, store) for task in assignment.tasks] if assignment else []
        yield {
            "key": key,
            "lang": assignment.lang if assignment else language.current(),
            "student": submission.student,
            "tasks": parts,
            "faults": [asdict(fault) for fault in submission.faults],
        }


def _part(task, submission, store):
    seed = store.seed(submission.student, task.exercise, submission.digest)
    return {"task": asdict(task), "source": submission.answers[task.grade_id], "seed": seed}


def _collected(folder, student, assignment):
    with speaking(assignment.lang):
        return collect(folder, student, assignment)


def _unknown(student, folder):
    fault = Fault("unknown_assignment", message("classroom.fault_unknown_assignment"))
    return Submission(cleaning.key(student), cleaning.key(folder.name), cleaning.clean(str(folder)), "", {}, (fault,))


def found(order, rulings):
    """Return (rulings, faults) as they are stored: what nobody could grade is for a person to look at.

    Args:
        order: dict, from `orders`.
        rulings: dict from grade_id to the dict of a Ruling, or None.
    """
    faults = list(order["faults"])
    if rulings is None:
        with speaking(order["lang"]):
            faults += [_lost(part["task"]) for part in order["tasks"]]
        rulings = {part["task"]["grade_id"]: _nothing(part["task"]) for part in order["tasks"]}
    blocking = [fault for fault in faults if not _is_repaired(fault) and fault["kind"] not in _NOTHING]
    for grade_id, ruling in rulings.items():
        about = [fault["text"] for fault in blocking if fault["grade_id"] in (None, grade_id)]
        if about:
            rulings[grade_id] = {
                **ruling,
                "state": "review",
                "credit": 0.0,
                "text": " ".join(about),
                "facts": [],
                "why": "",
            }
    return rulings, faults


def _lost(task):
    text = message("classroom.fault_worker_lost", exercise=task["exercise"])
    return {"kind": "worker_lost", "text": text, "grade_id": task["grade_id"]}


def _nothing(task):
    empty = {
        "text": "",
        "facts": [],
        "why": "",
        "misconception": "",
        "reason": "worker lost",
        "notes": [],
        "seconds": 0.0,
    }
    return {"exercise": task["exercise"], "state": "review", "credit": 0.0, **empty}


def _is_repaired(fault):
    return Fault(**fault).repaired


def _folders(parent):
    return sorted(path for path in parent.iterdir() if path.is_dir() and not path.name.startswith("."))
