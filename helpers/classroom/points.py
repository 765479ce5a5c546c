"""Reads how many points each exercise is worth from a TOML file: `default = 2`, and a table [points] with "03.1" = 5."""

import tomllib

from helpers.exercises import all_exercises
from helpers.language import message

DEFAULT = 1.0


def read(path):
    """Return a function from an exercise's id to its points.

    Args:
        path: Path of a TOML file, or None: every exercise is worth one point.

    Raises:
        OSError: there is no such file.
        ValueError: it is no TOML, or a key or a number is not as it should be; the message names it.
    """
    if path is None:
        return lambda id: DEFAULT
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(message("assign.points_not_toml", file=path, error=error)) from None
    table, default = data.get("points", {}), data.get("default", DEFAULT)
    known = {spec.id for spec in all_exercises()}
    if unknown := [key for key in data if key not in ("default", "points")]:
        raise ValueError(message("assign.points_key", file=path, key=unknown[0], known="default, [points]"))
    if not isinstance(table, dict):
        raise ValueError(  # noqa: TRY004, wrong in the file, not in the program
            message("assign.points_number", file=path, key="points", received=table)
        )
    if unknown := [key for key in table if key not in known]:
        raise ValueError(message("assign.points_key", file=path, key=unknown[0], known=", ".join(sorted(known))))
    for key, number in {"default": default, **table}.items():
        if type(number) not in (int, float) or not 0 <= number < 10_000:
            raise ValueError(message("assign.points_number", file=path, key=key, received=number))
    return lambda id: float(table.get(id, default))
