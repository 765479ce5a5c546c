"""Reads from a TOML file how many points each exercise is worth, `default = 2` and a table [points] with "03.1" = 5, and
which limits of the sandbox differ for it: a table [limits."03.1"] with seconds = 5.
"""

import tomllib

from seeing_gradients.course.exercises import all_exercises
from seeing_gradients.language import message

DEFAULT = 1.0
LIMITS = ("seconds", "processor", "memory", "processes")


def read(path):
    """Return (function from an exercise's id to its points, function from it to a dict of limits).

    Args:
        path: Path of a TOML file, or None: every exercise is worth one point, and has the limits of the run.

    Raises:
        OSError: there is no such file.
        ValueError: it is no TOML, or a key or a number is not as it should be; the message names it.
    """
    data = {} if path is None else _toml(path)
    _only(path, data, ("default", "points", "limits"))
    known = sorted(spec.id for spec in all_exercises())
    table, limits = (_only(path, _table(path, data, name), known) for name in ("points", "limits"))
    default = data.get("default", DEFAULT)
    _numbers(path, {"default": default, **table}, 10_000)
    for id in limits:
        _numbers(path, _only(path, _table(path, limits, id), LIMITS), 1 << 40)
    return lambda id: float(table.get(id, default)), lambda id: dict(limits.get(id, {}))


def _toml(path):
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(message("assign.points_not_toml", file=path, error=error)) from None


def _table(path, data, name):
    table = data.get(name, {})
    if not isinstance(table, dict):
        raise ValueError(  # noqa: TRY004, wrong in the file, not in the program
            message("assign.points_number", file=path, key=name, received=table)
        )
    return table


def _only(path, table, known):
    if unknown := [key for key in table if key not in known]:
        raise ValueError(message("assign.points_key", file=path, key=unknown[0], known=", ".join(known)))
    return table


def _numbers(path, table, most):
    for key, number in table.items():
        if type(number) not in (int, float) or not 0 <= number < most:
            raise ValueError(message("assign.points_number", file=path, key=key, received=number))
