"""The comparison with the committed notebook finds what nbval would: it needs no browser itself."""

import json

import pytest

from .committed import NOTEBOOKS, differences

LESSON = "zh/02_computation_graph.ipynb"


def executed():
    """The committed notebook, as a page would hand it over if every cell gave the same once more."""
    return json.loads((NOTEBOOKS / LESSON).read_text(encoding="utf-8"))


def change_text(cell):
    cell["outputs"][0]["data"]["text/plain"] = "another"


def change_picture(cell):
    cell["outputs"][0]["data"]["image/svg+xml"] = "<svg/>"


def lose_output(cell):
    cell["outputs"] = []


def change_program(cell):
    cell["source"] = "1"


def leave_out(cell):
    cell["execution_count"] = None


def test_the_same_outputs_do_not_differ(request):
    assert differences(request.session, LESSON, executed()) == []


@pytest.mark.parametrize("change", [change_text, change_picture, lose_output, change_program, leave_out])
def test_a_cell_that_differs_is_named(request, change):
    run = executed()
    programs = [cell for cell in run["cells"] if cell["cell_type"] == "code"]
    number, cell = next(
        (number, cell)
        for number, cell in enumerate(programs)
        if any("image/svg+xml" in output.get("data", {}) for output in cell["outputs"][:1])
    )
    change(cell)
    (found,) = differences(request.session, LESSON, run)
    assert found.startswith(f"cell {number}: ")


def test_a_cell_too_few_is_an_error(request):
    run = executed()
    run["cells"] = [cell for cell in run["cells"] if cell["cell_type"] == "code"][:-1]
    with pytest.raises(ValueError, match="zip"):
        differences(request.session, LESSON, run)
