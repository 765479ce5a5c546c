"""One JupyterLab and one Chromium for all tests of this folder, over a copy of the lessons."""

import shutil
from pathlib import Path

import pytest

from tests import kernels
from tests.needs import need

from . import lab, lessons, page

ROOT = Path(__file__).resolve().parents[2]
# The picture of a plot is coarser where other programs keep the machine busy for some seconds; then it waits a minute here.
PATIENT = "__import__('seeing_gradients.widgets.explore.explorer', fromlist=['_']).PICTURE_PATIENCE = 40"


@pytest.fixture(scope="package")
def browser():
    need("chromium")
    with page.chromium() as running:
        yield running


@pytest.fixture(scope="package")
def server(tmp_path_factory):
    root = tmp_path_factory.mktemp("served")
    for language in ("en", "zh"):
        shutil.copytree(ROOT / "notebooks" / language, root / language, ignore=shutil.ignore_patterns(".*"))
    with lab.serve(root, **kernels.environment()) as running:
        yield running


@pytest.fixture(scope="module")
def lesson(request, browser, server):
    """The lesson that the module names, every cell run in a page of the first width of `lessons.WIDTHS`, sidebar closed.

    Where the module has an `at_first`, `lesson.at_first` is what that function found before anything was run.
    `lesson.executed` is the notebook as it was after the run, by a learner who had done nothing yet.
    """
    server.progress.unlink(missing_ok=True)
    with page.open_notebook(browser, server, request.module.LESSON) as opened:
        page.resize(opened, lessons.WIDTHS[0])
        page.execute(opened, PATIENT)
        opened.at_first = getattr(request.module, "at_first", lambda notebook: None)(opened)
        page.run_all(opened)
        page.execute(opened, "")  # the outputs of all cells come before its answer
        opened.executed = page.content(opened)
        yield opened


@pytest.fixture
def scratch(server):
    """A function that writes a notebook of the given code cells into the served directory and returns its path."""

    def write(*cells, name="scratch.ipynb"):
        lab.write_notebook(server.root / name, *cells)
        return name

    return write


@pytest.fixture
def artefact():
    """A function from a file name to the path under artefacts/ where a screenshot of that name is kept."""
    folder = ROOT / "artefacts"
    folder.mkdir(exist_ok=True)
    return lambda name: folder / name
