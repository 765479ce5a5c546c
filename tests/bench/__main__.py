"""`python -m tests.bench`: measure every figure, print which targets are met, write REPORT.md beside this file.

`--rounds 1` is quicker and rougher; `--no-browser` leaves out what needs JupyterLab.
"""

import argparse
from pathlib import Path

from . import pictures, python_side, report, starting, training


def main():
    options = _options()
    figures = [python_side.measure_record(), python_side.measure_torchlens(), *pictures.measure()]
    figures += [*training.measure(), starting.measure(options.rounds)]
    figures = [figure for figure in figures if figure is not None]  # a rival that is not installed has no row
    added, heavy = python_side.measure_import()
    feels = {}
    if not options.no_browser:
        from . import browser_side, large, panning, reruns, sizes

        feels = browser_side.measure(rounds=options.rounds)
        figures = [
            *browser_side.figures(feels),
            *panning.measure(options.rounds),
            *large.measure(options.rounds),
            *sizes.measure(options.rounds),
            *reruns.measure(),
            *figures,
        ]
    text = report.markdown(figures, report.Import(added, heavy), feels)
    (Path(__file__).parent / "REPORT.md").write_text(text, encoding="utf-8")
    print(text)


def _options():
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each widget is opened and measured")
    parser.add_argument("--no-browser", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
