"""Takes the answers out of a submission: only the answer cells, by their id, and nothing else in the file is believed.

`collect(folder, student, assignment)` returns a `Submission` whatever the file holds. A damaged notebook is repaired
where only one reading is possible, and says so; where two are, the answer is left out and the `Fault` names it.
"""

import hashlib
import json
from dataclasses import dataclass

from seeing_gradients.language import message

from . import cleaning, matching
from .cells import cells
from .reading import LARGEST, Unreadable, read_notebook

LONGEST_ANSWER = 100_000  # characters; the longest worked solution of the course has 3,000
REPAIRED = frozenset({"renamed", "unpacked", "encoding", "lost_id", "copies", "cell_type", "characters"})


@dataclass(frozen=True)
class Fault:
    """Something about a file that is not as it was released.

    Attributes:
        kind: str, "duplicate", "malformed", ...
        text: str, the sentence in the language in use.
        grade_id: str, the answer that it is about, or None for the whole file.
    """

    kind: str
    text: str
    grade_id: str | None = None

    @property
    def repaired(self):
        """Whether the answer was found all the same."""
        return self.kind in REPAIRED


@dataclass(frozen=True)
class Submission:
    """What one student handed in for one assignment.

    Attributes:
        student: str, the folder's name as `cleaning.key` writes it.
        assignment: str.
        path: str, the file that was read, or the folder.
        digest: str, of the answers and of the tasks that they answer.
        answers: dict from grade_id to source, or None where there is none.
        faults: tuple of Fault.
    """

    student: str
    assignment: str
    path: str
    digest: str
    answers: dict
    faults: tuple = ()


def collect(folder, student, assignment, largest=LARGEST):
    """Return the Submission in a folder; nothing in it raises.

    Args:
        folder: Path, submitted/<student>/<assignment>.
        student: str.
        assignment: Assignment, from the trusted description.
        largest: int, bytes of a notebook that are read at most.
    """
    path, faults, answers = str(folder), [], {task.grade_id: None for task in assignment.tasks}
    try:
        found = read_notebook(folder, assignment.notebook, largest)
        path = found.path
        listed, remarks = cells(found.data)
        faults += [_fault(kind, **fields) for kind, fields in (*found.remarks, *remarks)]
        for task in assignment.tasks:
            answers[task.grade_id], about = _answer(task, listed, tuple(answers))
            faults += [_fault(kind, task.grade_id, exercise=task.exercise) for kind in about]
    except Unreadable as error:
        faults.append(_fault(error.kind, **error.fields))
    digest = _digest(assignment, answers, faults)
    return Submission(cleaning.key(student), assignment.name, cleaning.clean(path), digest, answers, tuple(faults))


def _answer(task, listed, known):
    """(source or None, kinds of faults) of one task."""
    source, kinds = matching.find(task, listed, known)
    if source is not None and len(source) > LONGEST_ANSWER:
        return None, [*kinds, "long_answer"]
    if source is not None and any(c == "\0" or "\ud800" <= c <= "\udfff" for c in source):
        half = source.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return half.replace("\0", "\N{REPLACEMENT CHARACTER}"), [*kinds, "characters"]
    return source, kinds


def _fault(kind, grade_id=None, **fields):
    return Fault(kind, message(f"classroom.fault_{kind}", **fields), grade_id)


def _digest(assignment, answers, faults):
    tasks = [(t.grade_id, t.exercise, t.prelude, t.stub, t.expression, t.personal) for t in assignment.tasks]
    content = [assignment.name, assignment.lang, tasks, sorted(answers.items()), [(f.kind, f.grade_id) for f in faults]]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
