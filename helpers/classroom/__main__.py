"""The classroom's commands: `python -m helpers.classroom assign 03 --out course` and `... grade course/submitted --out grades/`."""

import argparse
import importlib
import sys

COMMANDS = ("assign", "grade")


def main(arguments=None):
    """Run one command.

    Args:
        arguments: list of str; None for those of the command line.

    Returns:
        int, the exit status.
    """
    parser = argparse.ArgumentParser(prog="python -m helpers.classroom")
    commands = parser.add_subparsers(required=True)
    for name in COMMANDS:
        module = importlib.import_module(f"helpers.classroom.{name}")
        command = commands.add_parser(name)
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    options = parser.parse_args(arguments)
    return options.run(options)


if __name__ == "__main__":
    sys.exit(main())
