"""`python -m tests.bench`: measure every figure, print which targets are met, write REPORT.md beside this file.

`--rounds 1` is quicker and rougher; `--no-browser` leaves out what needs JupyterLab. Names of parts measure these alone,
and replace their figures in the report: `python -m tests.bench sizes training`. Each part is kept as soon as it is measured.
"""

import argparse
import importlib
import time

from . import python_side, report

# The parts, each a module here but for "feel", "recording" and "import"; those of the page need a browser.
IN_THE_PAGE = ("feel", "panning", "large", "sizes", "reruns", "site")
ELSEWHERE = ("recording", "pictures", "training", "starting", "import")
ROUNDS = ("panning", "large", "sizes", "site", "starting")  # those that are told how often to measure


def main():
    options = _options()
    everything = (*IN_THE_PAGE, *ELSEWHERE)
    for name in options.parts or (ELSEWHERE if options.no_browser else everything):
        began = time.perf_counter()
        rows, feels = _measure(name, options.rounds)
        report.keep(name, rows, time.perf_counter() - began, feels)
        print(*rows, *feels, sep="\n", flush=True)
        report.write(everything)


def _measure(name, rounds):
    """(the rows of one part, those of the second table); a rival that is not installed has none."""
    if name == "feel":
        from . import browser_side

        feels = browser_side.measure(rounds=rounds)
        return [report.row(figure) for figure in browser_side.figures(feels)], report.feel_rows(feels)
    if name == "import":
        return [report.import_row(report.Import(*python_side.measure_import()))], []
    if name == "recording":
        figures = [each for each in (python_side.measure_record(), python_side.measure_torchlens()) if each is not None]
    else:
        part = importlib.import_module(f".{name}", __package__)
        figures = part.measure(rounds) if name in ROUNDS else part.measure()
    return [report.row(figure) for figure in figures], []


def _options():
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parts = (*IN_THE_PAGE, *ELSEWHERE)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"measure these alone: {', '.join(parts)}")
    parser.add_argument("--rounds", type=int, default=3, help="how often each widget is opened and measured")
    parser.add_argument("--no-browser", action="store_true")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(parts):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    return options


if __name__ == "__main__":
    main()
