"""How alike answers are: between students, and to the worked solution. A hint for a person, never points.

Answers are compared as tokens, without what the stub hands out, comments, blanks and the names that a student chose:
likeness is the share of three-token runs in common (the Sorensen-Dice coefficient), 1 for the same program. Where it would
mean nothing it is not computed: in short answers, and in an answer that much of the class gives.

No answer is parsed or run. `compare_answers(...)` takes a class of 1,000 in a second or two for each exercise: a pair is
compared only if it shares runs of six tokens that few answers have.
"""

import builtins
import io
import keyword
import re
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import combinations

from seeing_gradients.language import message

from .course import Task

LEAST = 0.8  # likeness of what is listed
SHORT = 24  # three-token runs of one's own; below, unrelated students write the same
_SHARE = 0.1  # of a class; an answer that more students give is what the exercise leads to
_FEW = 4  # students who may give the same answer in a class of any size
_RUN, _LONG_RUN = 3, 6  # tokens
_SHARED = 0.1  # of the long runs; a pair with fewer rare ones in common is not alike as a whole
_MAX_CHARACTERS = 20_000
_PLAIN_NAMES = frozenset([*keyword.kwlist, *keyword.softkwlist, *dir(builtins)])
_LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Alike:
    """Answers that are alike.

    Attributes:
        exercise: str, "02.5".
        students: tuple of str, sorted; one student if the answer is like the worked solution.
        likeness: float from 0 to 1, of the programs.
        as_written: float from 0 to 1, with names, comments and texts: the least of any two.
        is_solution: bool, whether the other side is the worked solution.
    """

    exercise: str
    students: tuple[str, ...]
    likeness: float
    as_written: float
    is_solution: bool = False


class _Answer:
    """An answer, as it is compared."""

    def __init__(self, source: str, task: Task) -> None:
        self._source, self._task = source[:_MAX_CHARACTERS], task

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """The tokens of the program; names that the student chose are all the same, and numbers where they are personal."""
        return tuple(_normal_tokens(self._source, self._task))

    @cached_property
    def runs(self) -> Counter[tuple[str, ...]]:
        """The three-token runs that the stub does not have."""
        return _runs(self.tokens) - _runs(tuple(_normal_tokens(self._task.stub, self._task)))

    @cached_property
    def written_runs(self) -> Counter[tuple[str, ...]]:
        """The same of the text as it is written."""
        return _runs(_WORD.findall(self._source)) - _runs(_WORD.findall(self._task.stub))

    @cached_property
    def long_runs(self) -> set[int]:
        """The hashes of the six-token runs."""
        return {hash(run) for run in _runs(self.tokens, _LONG_RUN)}


def compare_answers(
    task: Task, answers: Mapping[str, str], solutions: Mapping[str, str]
) -> tuple[list[Alike], list[str]]:
    """Return the answers to one exercise that are alike, and sentences about what was left out.

    Args:
        task: Task.
        answers: dict from a student to the source of the answer.
        solutions: dict from a student to the worked solution, which may hold the student's own numbers.

    Returns:
        (list of Alike, the most alike first; list of str).
    """
    own = {student: _Answer(source, task) for student, source in sorted(answers.items())}
    own = {student: answer for student, answer in own.items() if answer.runs}  # the others are the stub
    long = {student: answer for student, answer in own.items() if answer.runs.total() >= SHORT}
    reasons = []
    if short := len(own) - len(long):
        reasons.append(message("classroom.compare_short", exercise=task.exercise, count=short))
    alike = [_to_solution(task, student, answer, solutions[student]) for student, answer in long.items()]
    forms: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for student, answer in long.items():
        forms[answer.tokens].append(student)
    most = max(_FEW, round(_SHARE * len(own)))
    for students in forms.values():
        if len(students) > most:
            reasons.append(message("classroom.compare_common", exercise=task.exercise, count=len(students)))
        elif len(students) > 1:
            written = min(_dice(long[a].written_runs, long[b].written_runs) for a, b in combinations(students, 2))
            alike.append(Alike(task.exercise, tuple(students), 1.0, written))
    firsts = [(students[0], long[students[0]]) for students in forms.values() if len(students) <= most]
    alike += list(_pairs(task, firsts, most))
    chosen = [one for one in alike if one.likeness >= LEAST]
    return sorted(chosen, key=lambda one: (-one.likeness, -one.as_written, one.students)), reasons


def _to_solution(task: Task, student: str, answer: _Answer, solution: str) -> Alike:
    other = _Answer(solution, task)
    likeness, written = _dice(answer.runs, other.runs), _dice(answer.written_runs, other.written_runs)
    return Alike(task.exercise, (student,), likeness, written, is_solution=True)


def _pairs(task: Task, answers: list[tuple[str, _Answer]], most: int) -> Iterator[Alike]:
    """Compare every two answers that share long runs which at most `most` answers have."""
    having: defaultdict[int, list[int]] = defaultdict(list)
    for i, (_, answer) in enumerate(answers):
        for run in answer.long_runs:
            having[run].append(i)
    shared: Counter[tuple[int, int]] = Counter()
    for indices in having.values():
        if len(indices) <= most:
            shared.update(combinations(indices, 2))
    for (i, j), count in shared.items():
        (first, one), (second, other) = answers[i], answers[j]
        sizes = len(one.long_runs), len(other.long_runs)
        if count < _SHARED * max(sizes) or 2 * min(sizes) < LEAST * sum(sizes):
            continue
        likeness = _dice(one.runs, other.runs)
        if likeness >= LEAST:
            written = _dice(one.written_runs, other.written_runs)
            yield Alike(task.exercise, (first, second), likeness, written)


def _dice(one: Counter[tuple[str, ...]], other: Counter[tuple[str, ...]]) -> float:
    whole = one.total() + other.total()
    return 2 * (one & other).total() / whole if whole else 0.0


def _runs(tokens: list[str] | tuple[str, ...], length: int = _RUN) -> Counter[tuple[str, ...]]:
    return Counter(tuple(tokens[i : i + length]) for i in range(len(tokens) - length + 1))


@cache
def _known_names(prelude: str, stub: str) -> frozenset[str]:
    """The names that no student chose."""
    return _PLAIN_NAMES | frozenset(re.findall(r"[^\W\d]\w*", f"{prelude}\n{stub}"))


def _normal_tokens(source: str, task: Task) -> Iterator[str]:
    known = _known_names(task.prelude, task.stub)
    before = ""
    for kind, text in _tokens(source):
        if kind == tokenize.NAME:
            shown = text if before == "." or text in known else "v"
        elif kind == tokenize.NUMBER:
            shown = "0" if task.personal else text
        else:
            shown = '""' if kind == tokenize.STRING else text
        yield shown
        before = text


def _tokens(source: str) -> list[tuple[int, str]]:
    """(kind, text) of the tokens, without layout, comments and docstrings; words and signs of what is no Python."""
    tokens: list[tuple[int, str]] = []
    is_new_line = True
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type in _LAYOUT:
                is_new_line = is_new_line or token.type == tokenize.NEWLINE
            elif token.type != tokenize.STRING or not is_new_line:
                tokens.append((token.type, token.string))
                is_new_line = False
    except (tokenize.TokenError, SyntaxError, ValueError, RecursionError):
        return [(tokenize.NAME if word[0].isidentifier() else tokenize.OP, word) for word in _WORD.findall(source)]
    return tokens
