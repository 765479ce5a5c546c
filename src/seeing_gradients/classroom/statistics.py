"""The page of the class: how many points, how each exercise ended, which misconceptions were the most frequent."""

from collections import Counter, defaultdict
from statistics import fmean, median

from seeing_gradients import language
from seeing_gradients.language import message
from seeing_gradients.picture import theme

from . import plots
from .feedback import title
from .pages import render
from .tables import score

_MOST_MISCONCEPTIONS = 20


def class_page(course, results):
    """Return the page in the language in use; it names no student.

    Args:
        course: Course.
        results: iterable of Result.
    """
    points, states, known, sentences = defaultdict(list), defaultdict(Counter), Counter(), {}
    tasks = {assignment.name: assignment.tasks for assignment in course.assignments}
    spoken = {assignment.name: assignment.lang for assignment in course.assignments}
    for result in results:
        if result.assignment not in tasks:
            continue
        pairs = [(task, result.rulings[task.grade_id]) for task in tasks[result.assignment]]
        points[result.assignment].append(sum(score(task, ruling) for task, ruling in pairs))
        for task, ruling in pairs:
            states[result.assignment, task.exercise][ruling["state"]] += 1
            if ruling["misconception"]:
                key = task.exercise, ruling["misconception"]
                known[key] += 1
                sentences.setdefault(key, (spoken[result.assignment], ruling["why"] or ruling["text"]))
    frequent = [(key[0], times, _why(key, *sentences[key])) for key, times in known.most_common(_MOST_MISCONCEPTIONS)]
    return render(
        "statistics.html",
        course=course.name,
        count=sum(map(len, points.values())),
        parts=[_part(name, tasks[name], points[name], states) for name in tasks if points[name]],
        colours=theme.ANSWER_STATES,
        misconceptions=frequent,
    )


def _part(name, tasks, points, states):
    """What the page shows of one assignment."""
    most = sum(task.points for task in tasks)
    exercises = [task.exercise for task in tasks]
    table = [_shares(states[name, exercise]) for exercise in exercises]
    return {
        "name": name,
        "count": len(points),
        "mean": fmean(points),
        "median": median(points),
        "max": most,
        "points_svg": plots.histogram(points, most, f"{name}: {message('classroom.stats_points_caption')}"),
        "states_svg": plots.shares(exercises, table, f"{name}: {message('classroom.stats_states_caption')}"),
        "states": [(e, title(e), [round(share) for share in row]) for e, row in zip(exercises, table, strict=True)],
    }


def _why(key, lang, said):
    """The sentence on a misconception (exercise, name) in the language of the page; `said` is what was said in `lang`."""
    if lang == language.current():
        return said
    from seeing_gradients.course.exercises import exercise  # with PyTorch, which this process does without

    try:
        spec = exercise(key[0])
    except ValueError:  # from an older version of the course
        return said
    return next((str(known.why) for known in (*spec.misconceptions, *spec.rules) if known.name == key[1]), said)


def _shares(counter):
    total = sum(counter.values())
    return [100 * counter[state] / total for state in theme.ANSWER_STATES]
