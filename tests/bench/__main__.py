"""`python -m tests.bench`: measure every figure, print which targets are met, write REPORT.md beside this file.

`--rounds 1` is quicker and rougher; `--no-browser` leaves out what needs JupyterLab. Names of parts measure these alone,
and print their figures without writing the report: `python -m tests.bench sizes training`.
"""

import argparse
import importlib
import time
from pathlib import Path

from . import python_side, report

# The parts, each a module here but for "recording"; those of the page need a browser.
IN_THE_PAGE = ("panning", "large", "sizes", "reruns", "site")
ELSEWHERE = ("recording", "pictures", "training", "starting")
ROUNDS = ("panning", "large", "sizes", "site", "starting")  # those that are told how often to measure


def main():
    options = _options()
    if options.parts:
        for name in options.parts:
            began = time.perf_counter()
            print(*map(report.row, _measure(name, options.rounds)), sep="\n", flush=True)
            print(f"{name}: {time.perf_counter() - began:.0f} s", flush=True)
        return
    feels = {}
    figures = []
    if not options.no_browser:
        from . import browser_side

        feels = browser_side.measure(rounds=options.rounds)
        figures += browser_side.figures(feels)
        figures += [figure for name in IN_THE_PAGE for figure in _measure(name, options.rounds)]
    figures += [figure for name in ELSEWHERE for figure in _measure(name, options.rounds)]
    added, heavy = python_side.measure_import()
    text = report.markdown(figures, report.Import(added, heavy), feels)
    (Path(__file__).parent / "REPORT.md").write_text(text, encoding="utf-8")
    print(text)


def _measure(name, rounds):
    """The figures of one part; a rival that is not installed has none."""
    if name == "recording":
        figures = [python_side.measure_record(), python_side.measure_torchlens()]
        return [figure for figure in figures if figure is not None]
    part = importlib.import_module(f".{name}", __package__)
    return part.measure(rounds) if name in ROUNDS else part.measure()


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
