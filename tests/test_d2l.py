"""helpers.d2l draws what the plot of the installed book package draws, and accepts what that one refuses."""

import ast
import inspect
import io
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, SimpleNamespace

import matplotlib

matplotlib.use("agg")

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgba

from helpers import d2l, language

x = torch.arange(0, 3, 0.25)
graph = x.clone().requires_grad_()


@pytest.fixture(autouse=True)
def clean():
    language.use("en")
    yield
    plt.close("all")
    language.use("en")


def book():
    """The plotting functions of the installed package d2l, without the imports that its other functions need."""
    names = ("use_svg_display", "set_figsize", "set_axes", "plot")
    folder = Path(find_spec("d2l").submodule_search_locations[0])
    tree = ast.parse((folder / "torch.py").read_text(encoding="utf-8"))
    tree.body = [part for part in tree.body if isinstance(part, ast.FunctionDef) and part.name in names]
    display = SimpleNamespace(set_matplotlib_formats=lambda *formats: None)
    space = {"d2l": SimpleNamespace(plt=plt), "display": display}
    exec(compile(tree, "d2l/torch.py", "exec"), space)  # noqa: S102 - the installed package itself
    return SimpleNamespace(**{name: space[name] for name in names})


def picture(plot, *args, **kwargs):
    """Everything about the axes after plot(*args, **kwargs) that one can see."""
    plt.close("all")
    plot(*args, **kwargs)
    axes = kwargs.get("axes") or plt.gca()
    return {
        "lines": [(line.get_xdata(False), line.get_ydata(False)) for line in axes.lines],
        "looks": [(to_rgba(line.get_color()), line.get_linestyle(), line.get_marker()) for line in axes.lines],
        "labels": (axes.get_xlabel(), axes.get_ylabel()),
        "limits": (axes.get_xlim(), axes.get_ylim()),
        "scales": (axes.get_xscale(), axes.get_yscale()),
        "legend": [text.get_text() for text in axes.get_legend().get_texts()] if axes.get_legend() else None,
        "grid": [line.get_visible() for line in axes.get_xgridlines() + axes.get_ygridlines()],
        "size": tuple(axes.figure.get_size_inches()),
    }


def assert_same(*args, **kwargs):
    ours, theirs = picture(d2l.plot, *args, **kwargs), picture(book().plot, *args, **kwargs)
    assert len(ours["lines"]) == len(theirs["lines"])
    for our_line, their_line in zip(ours.pop("lines"), theirs.pop("lines"), strict=True):
        np.testing.assert_array_equal(our_line, their_line)
    assert ours == theirs


BOOK_CALLS = {
    "one curve against its index": [(x,), {}],
    "one curve": [(x, x**2), {}],
    "labels and legend by position": [(x, [3 * x**2, 2 * x - 3], "x", "f(x)", ["f(x)", "Tangent line (x=1)"]), {}],
    "legend by position holds numbers": [(x, [x, x**2], "x", "y", [1, 2.5]), {}],
    "labels by name": [(x, x), {"xlabel": "x", "ylabel": "y", "figsize": (5, 2.5)}],
    "limits": [(x, x, "x", "y"), {"xlim": [1, 2], "ylim": [-7, 7]}],
    "log scales": [(x + 1, [x + 1, x**2 + 1]), {"xscale": "log", "yscale": "log"}],
    "limits on a log scale": [(x + 1, x + 1), {"xscale": "log", "xlim": [1, 10], "ylim": (0.5, 3)}],
    "several curves in a list": [([x, x[:4]], [x**2, x[:4]]), {}],
    "several curves in a tuple": [((x, x), (x, 2 * x)), {}],
    "Y in two dimensions": [(x, torch.stack([x, x**2, x**3])), {}],
    "X and Y in two dimensions": [(torch.stack([x, x + 1]), torch.stack([x, x**2])), {}],
    "Y omitted, several curves": [([x, x[:3]],), {}],
    "Y omitted, two dimensions": [(torch.stack([x, x**2]),), {}],
    "X empty": [([[]], [x]), {}],
    "four curves": [(x, [x, 2 * x, 3 * x, 4 * x], "x", "y", list("abcd")), {}],
    "X used again from the first": [([x, x + 1], [x, 2 * x, 3 * x]), {}],
    "more X than Y": [([x, x + 1, x + 2], [x, 2 * x]), {}],
    "arrays": [(x.numpy(), [x.numpy(), np.cos(x.numpy())]), {}],
    "lists of numbers": [([1, 2, 3], [4.0, 5, float("nan")]), {}],
    "lists of lists of different length": [([[1, 2, 3], [1, 2]], [[4, 5, 6], [7, 8]]), {}],
    "a list of ranges": [([range(3)], [range(3, 6)]), {}],
    "lists of 0-d tensors inside a list": [([list(x)], [list(x**2)]), {}],
    "formats of one's own": [(x, [x, 2 * x]), {"fmts": ["r--", "o"]}],
    "columns of a matrix": [(x, [torch.stack([x, x**2], dim=1)]), {}],
    "integers": [(torch.arange(3), torch.tensor([True, False, True])), {}],
    "infinity": [(x, 1 / x), {"ylim": [0, 5]}],
}


@pytest.mark.parametrize("call", BOOK_CALLS)
def test_draws_what_the_book_draws(call):
    args, kwargs = BOOK_CALLS[call]
    assert_same(*args, **kwargs)


def parameters(f):
    """The parameters of a function in order, with their kinds and defaults, without annotations: the book has none."""
    return [p.replace(annotation=inspect.Parameter.empty) for p in inspect.signature(f).parameters.values()]


def test_has_the_names_and_the_signature_of_the_book():
    for name, theirs in vars(book()).items():
        assert parameters(getattr(d2l, name)) == parameters(theirs)
    assert isinstance(d2l, ModuleType) and d2l.plt is plt


numbers = st.floats(-1e6, 1e6, width=32)
curves = st.lists(st.lists(numbers, min_size=1, max_size=6), min_size=1, max_size=4)
kinds = st.sampled_from([list, np.array, torch.tensor])


@settings(max_examples=25, deadline=None)
@given(curves, kinds, kinds, st.booleans(), st.booleans())
def test_draws_what_the_book_draws_for_random_curves(ys, x_kind, y_kind, share_x, omit):
    ys = [y[: len(ys[0])] for y in ys] if share_x else ys
    ys = [y for y in ys if len(y) == len(ys[0])] if share_x else ys
    xs = [x_kind([float(i) ** 2 for i in range(len(y))]) for y in ys]
    ys = [y_kind(y) for y in ys]
    assert_same(*((ys,) if omit else (xs[0], ys) if share_x else (xs, ys)))


def test_draws_in_the_given_axes_and_clears_them():
    _, (left, right) = plt.subplots(1, 2)
    right.plot([9, 9])
    d2l.plot(x, x, axes=right)
    assert (len(left.lines), len(right.lines)) == (0, 1)


def test_given_axes_look_as_the_book_leaves_them():
    def draw_with(functions):
        axes = plt.subplots(1, 2)[1][1]
        functions.plot(x, x, "x", "y", ["a"], axes=axes)
        return axes.get_xlabel(), axes.get_legend().get_texts()[0].get_text(), tuple(plt.rcParams["figure.figsize"])

    assert draw_with(d2l) == draw_with(book())


def lines(*args, **kwargs):
    d2l.plot(*args, **kwargs)
    return [line.get_ydata(False).tolist() for line in plt.gca().lines]


@pytest.mark.parametrize(
    "sequence", [(4, 5, 6), range(4, 7), [torch.tensor(v, requires_grad=True) for v in (4.0, 5.0, 6.0)]]
)
def test_one_curve_comes_as_any_sequence(sequence):
    assert lines(sequence) == lines(range(3), sequence) == [[4, 5, 6]]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64, torch.float8_e4m3fn, torch.uint8])
def test_tensors_of_any_dtype_are_drawn(dtype):
    assert lines(torch.tensor([1.0, 2.0]).to(dtype)) == [[1, 2]]


def test_tensors_on_the_graph_are_drawn_and_left_alone():
    y = graph**2
    assert lines(graph, [y, y.sum() * graph]) == [y.tolist(), (y.sum() * graph).tolist()]
    assert y.requires_grad and y.grad_fn is not None


def test_a_sparse_and_a_conjugated_tensor_are_drawn():
    assert lines(torch.tensor([0.0, 2.0]).to_sparse()) == [[0, 2]]
    assert lines(torch.tensor([1 + 2j]).conj().imag) == [[-2]]


def test_formats_cycle_past_the_fourth_curve():
    d2l.plot(x, [i * x for i in range(6)])
    drawn = plt.gca().lines
    assert len(drawn) == 6
    assert drawn[4].get_linestyle() == drawn[0].get_linestyle()
    assert drawn[5].get_color() == drawn[1].get_color() == "m"


@pytest.mark.parametrize("args", [([],), ([], []), (x, []), (torch.empty(0, 3),), (())])
def test_an_empty_list_draws_empty_axes(args):
    assert lines(*(args or ((),))) == []


def test_a_legend_of_one_string_is_one_label():
    d2l.plot(x, x, legend="loss")
    assert [text.get_text() for text in plt.gca().get_legend().get_texts()] == ["loss"]


@pytest.mark.parametrize(
    "wrong", [None, 3.0, torch.tensor(1.0), "abc", ["a"], [1, [2, 3]], {1: 2}, torch.ones(1, 1, 1, 1)]
)
def test_something_that_is_no_curve_is_refused_by_name(wrong):
    with pytest.raises(TypeError, match="X must be a curve"):
        d2l.plot(wrong)
    with pytest.raises(TypeError, match="Y must be a curve"):
        d2l.plot(x, wrong if wrong is not None else 3.0)


def test_curves_of_different_length_are_refused_with_both_lengths():
    with pytest.raises(ValueError, match="Curve 2: X has 12 points and Y has 3"):
        d2l.plot(x, [x, x[:3]])


def test_complex_numbers_several_axes_and_no_formats_are_refused():
    with pytest.raises(TypeError, match=r"\.real"):
        d2l.plot(x * 1j)
    with pytest.raises(TypeError, match="received ndarray"):
        d2l.plot(x, axes=plt.subplots(1, 2)[1])
    with pytest.raises(ValueError, match="fmts is empty"):
        d2l.plot(x, fmts=())


def test_a_refused_call_leaves_the_picture_as_it_was():
    before = lines(x)
    with pytest.raises(ValueError):
        d2l.plot(x, x[:2])
    assert [line.get_ydata(False).tolist() for line in plt.gca().lines] == before


def test_messages_come_in_the_language_of_the_lesson():
    language.use("zh")
    with pytest.raises(ValueError, match="第1条曲线"):
        d2l.plot(x, x[:3])


def test_a_name_that_is_not_ours_says_where_it_is():
    with pytest.raises(AttributeError, match="'Timer'.*book's package"):
        d2l.Timer()


def test_the_same_plot_is_the_same_svg_in_another_process():
    code = "import io; from helpers import d2l; d2l.plot([1, 2], [3, 4], 'x', 'y', ['a']); f = io.StringIO()\n"
    code += "d2l.plt.savefig(f, format='svg', metadata={'Date': None, 'Creator': None})\n"
    environment = os.environ | {"MPLBACKEND": "agg"}
    there = subprocess.run(
        [sys.executable, "-c", f"{code}print(f.getvalue(), end='')"],
        capture_output=True,
        check=True,
        encoding="utf-8",
        env=environment,
    ).stdout
    here = {}
    with plt.rc_context():
        plt.rcdefaults()
        exec(code, here)  # noqa: S102
    assert here["f"].getvalue() == there and "<path" in there


def test_jupyter_shows_svg_without_a_date(monkeypatch):
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    monkeypatch.setattr(d2l, "get_ipython", lambda: shell)
    monkeypatch.setattr(InteractiveShell, "_instance", shell)
    d2l.plot([1, 2])
    svg, _ = shell.display_formatter.format(plt.gcf(), include=["image/svg+xml"])
    assert "<svg" in svg["image/svg+xml"] and "dc:date" not in svg["image/svg+xml"]
    assert "<dc:title>seeing-gradients</dc:title>" in svg["image/svg+xml"]  # JupyterLab's extension looks for it


def test_importing_helpers_does_not_import_matplotlib():
    code = "import sys, helpers; assert 'matplotlib' not in sys.modules and 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_svg_holds_the_curve():
    d2l.plot([1, 2])
    file = io.StringIO()
    plt.savefig(file, format="svg")
    assert "<path" in file.getvalue()
