"""The commands of the classroom, e.g. `python -m seeing_gradients.classroom assign 03 --out course`.

Each command is a module of this package with `add_arguments(parser)` and `run(options)`.
"""

import argparse
import importlib
import sys
from collections.abc import Sequence

from seeing_gradients import language

COMMANDS = {
    "assign": "write an nbgrader course of the exercises of some lessons",
    "practice": "write a class of six and what they handed in, to try the other commands on",
    "collect": "put a bulk download of Canvas, Moodle or Gradescope where grade looks for submissions",
    "grade": "grade what a class handed in: points, feedback, statistics",
    "decide": "give points and a comment for an answer that a person has read",
    "compare": "list answers that are alike, and those like the worked solution, as a hint",
    "export": "write the points as Canvas, Moodle or Gradescope imports them",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Only the module of that command is imported, so that `assign` does not need Dask.

    Args:
        arguments: list of str, the command and its options; None for those of the command line.

    Returns:
        int, the exit status: that of the command, or 2 if a package is missing.

    Raises:
        SystemExit: the arguments are wrong, or ask for help.
    """
    try:
        return _run(arguments)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] == "seeing_gradients":
            raise
        for code in language.LANGUAGES:
            language.use(code)
            print(language.message("classroom.no_package", package=error.name), file=sys.stderr)
        return 2


def _run(arguments: Sequence[str] | None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(prog="python -m seeing_gradients.classroom")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, text in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        if name in arguments[:1]:
            module = importlib.import_module(f"seeing_gradients.classroom.{name}")
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    options = parser.parse_args(arguments)
    return options.run(options)


if __name__ == "__main__":
    sys.exit(main())
