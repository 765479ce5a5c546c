"""The library in a real Python for browsers: Pyodide, under Node, where no PyTorch is to be had."""

import json
import subprocess
from pathlib import Path

import pytest

from tests import needs

HERE = Path(__file__).parent
LIBRARY = HERE.parents[1] / "src"
ELSEWHERE = {
    "torch",
    "numpy",
    "contourpy",
    "anywidget",
    "traitlets",
}  # no part of Python, nor of Pyodide's package on npm


@pytest.fixture(scope="module")
def said():
    needs.need("pyodide")
    command = ["node", HERE / "pyodide_side.mjs", needs.PYODIDE_MODULE, LIBRARY, HERE / "pyodide_side.py"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])


pytestmark = pytest.mark.slow("Pyodide starts in Node, once for the tests of the module")


def test_what_needs_no_pytorch_is_imported_and_nothing_else_is_in_the_way(said):
    assert said["failed"] == {}
    assert set(said["missing"].values()) <= ELSEWHERE
    assert {
        "seeing_gradients.language",
        "seeing_gradients.picture.layering",
        "seeing_gradients.course.progress",
    } <= set(said["imported"])


def test_an_endless_loop_is_stopped_by_the_earlier_of_two_limits(said):
    assert said["stopped"] == [True, False]
