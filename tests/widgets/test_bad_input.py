"""Unusual input to record, draw, export and explore: it works or gets a clear error, and stays unchanged."""

import functools
import json
import math
import re
import subprocess
import sys
import threading
import warnings
import xml.etree.ElementTree as ET

import pytest
import torch
import traitlets

from helpers import descend, draw, explore, language, record, secant
from seeing_gradients.recorder import ArgumentError, OutputError, RecordError, RecordingLimitError, snapshot

from .checks import checked

SUFFIXES = ("svg", "png", "mmd", "dot", "json")


def leaf(values, **kinds):
    return torch.tensor(values, requires_grad=True, **kinds)


def square(x):
    return (x * x).sum()


def scaled(t, w):
    return (t.dequantize() if t.is_quantized else t.float() * w).sum() * w


def drawn(recorded, folder):
    """Write a Record in every file format, and return the SVG."""
    for suffix in SUFFIXES:
        picture = draw(recorded, path=folder / f"graph.{suffix}")
        assert (folder / f"graph.{suffix}").stat().st_size > 0
    json.loads((folder / "graph.json").read_text(encoding="utf-8"))
    ET.fromstring(picture.svg)
    return picture.svg


@pytest.fixture(params=["en", "zh"])
def lesson(request):
    language.use(request.param)
    yield request.param
    language.use("en")


# ---- kinds of tensors ----

COMPLEX = torch.complex(torch.arange(100.0), torch.ones(100))
KINDS = {
    "complex numbers": (lambda x: (x * x.conj()).real.sum(), [leaf([1 + 2j, 3.0])]),
    "many complex numbers": (lambda x: (x * x.conj()).real.sum(), [COMPLEX.requires_grad_()]),
    "a conjugate view": (lambda x: (x.conj() * x.conj().imag).real.sum(), [COMPLEX.clone().detach().requires_grad_()]),
    "a whole number": (lambda n, w: w * n, [torch.tensor(2), leaf(1.0)]),
    "truth values": (scaled, [torch.ones(100, dtype=torch.bool), leaf(1.0)]),
    "float16": (square, [leaf([1.0, 2.0], dtype=torch.float16)]),
    "bfloat16": (square, [torch.ones(100, dtype=torch.bfloat16, requires_grad=True)]),
    "float64": (square, [leaf([1.0, 2.0], dtype=torch.float64)]),
    "float8": (scaled, [torch.ones(100).to(torch.float8_e4m3fn), leaf(1.0)]),
    "uint16": (scaled, [torch.ones(100, dtype=torch.uint16), leaf(1.0)]),
    "uint64": (scaled, [torch.tensor([2**64 - 1], dtype=torch.uint64), leaf(1.0)]),
    "no elements": (square, [torch.ones(3, 0, requires_grad=True)]),
    "twenty dimensions": (square, [torch.ones((1,) * 20 + (100,), requires_grad=True)]),
    "the meta device": (square, [torch.ones(3, device="meta", requires_grad=True)]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_tensor_is_recorded_drawn_and_explored(kind, tmp_path):
    f, arguments = KINDS[kind]
    drawn(record(f, *arguments), tmp_path)
    widget = explore(f, *arguments)
    assert widget.problem is None
    assert "<svg" in widget.picture()


@pytest.mark.filterwarnings("ignore:Sparse")
@pytest.mark.parametrize("size", [3, 300])
def test_sparse_tensors_are_recorded_with_their_gradients(size, tmp_path):
    dense = torch.eye(size)
    column = torch.ones(size, 1, requires_grad=True)
    for sparse in (dense.to_sparse(), dense.to_sparse_csr(), dense.to_sparse_csc()):
        recorded = record(lambda a, x: (a @ x).sum(), sparse, column)
        assert torch.equal(recorded.grads["x"], dense.T.sum(1, keepdim=True))
        drawn(recorded, tmp_path)
        assert explore(lambda a, x: (a @ x).sum(), sparse, column).problem is None


def test_a_sparse_gradient_is_recorded(tmp_path):
    def f(table):
        return torch.nn.functional.embedding(torch.tensor([0, 1]), table, sparse=True).sum()

    recorded = record(f, torch.ones(10, 20, requires_grad=True))
    assert recorded.grads["table"].is_sparse
    assert "(10, 20)" in drawn(recorded, tmp_path)


@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor")
@pytest.mark.parametrize("size", [3, 300])
def test_quantised_tensors_are_recorded(size, tmp_path):
    quantised = torch.quantize_per_tensor(torch.ones(size), 0.1, 0, torch.qint8)
    drawn(record(scaled, quantised, 2.0), tmp_path)
    assert explore(scaled, quantised, 2.0).problem is None


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
@pytest.mark.parametrize("layout", [torch.strided, torch.jagged])
def test_a_nested_tensor_is_refused_by_name_and_the_remedy_works(layout, lesson):
    nested = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)], layout=layout)
    with pytest.raises(ArgumentError, match=r"q.*q\.to_padded_tensor\(0\.0\)"):
        record(lambda q, w: q.to_padded_tensor(0.0).sum() * w, nested, 1.0)
    assert "to_padded_tensor" in explore(lambda q, w: w * 1, nested, 1.0).problem.text
    assert record(lambda q, w: q.sum() * w, nested.to_padded_tensor(0.0), 1.0).grads["w"] == 5.0


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda_tensors_are_recorded(tmp_path):
    x = torch.ones(100, device="cuda", requires_grad=True)
    recorded = record(square, x)
    assert recorded.grads["x"].is_cuda and torch.equal(recorded.grads["x"].cpu(), torch.full((100,), 2.0))
    drawn(recorded, tmp_path)
    assert explore(square, x).problem is None


def test_an_inference_tensor_is_explained_by_pytorchs_own_error_and_kept():
    with torch.inference_mode():
        x = torch.ones(3)
    assert "Inference tensors cannot be saved" in explore(lambda x, w: (x * w).sum(), x, leaf(1.0)).problem.text
    assert explore(lambda x, w: (x.clone() * w).sum(), x, leaf(1.0)).problem is None


def test_a_subclass_of_tensor_is_recorded():
    class Mine(torch.Tensor):
        pass

    recorded = record(square, torch.ones(3).as_subclass(Mine).requires_grad_())
    assert torch.equal(recorded.grads["x"].as_subclass(torch.Tensor), torch.full((3,), 2.0))


def test_the_numbers_of_other_libraries_become_leaves():
    numpy = pytest.importorskip("numpy")
    for number in (numpy.int64(3), numpy.float32(3)):
        assert record(lambda x: x * x, number).grads["x"] == 6.0
        assert explore(lambda x: x * x, number).position == {"x": 3.0}


def test_a_complex_number_becomes_a_leaf():
    assert record(lambda z: (z * z.conj()).real, 1 + 2j).grads["z"] == 2 + 4j


# ---- large tensors ----

RANGES = {
    "contiguous": lambda: torch.arange(10_000.0),
    "transposed": lambda: torch.arange(10_000.0).reshape(100, 100).t(),
    "strided": lambda: torch.arange(20_000.0).reshape(100, 200)[:, ::2],
    "expanded": lambda: torch.arange(100.0)[:, None].expand(100, 100),
    "whole": lambda: torch.arange(10_000),
    "half": lambda: torch.arange(1_000).half(),
    "uint16": lambda: torch.arange(10_000).to(torch.uint16),
}


@pytest.mark.parametrize("kind", RANGES)
def test_the_range_of_a_large_tensor_is_exact(kind, monkeypatch):
    monkeypatch.setattr(sys.modules["seeing_gradients.recorder.snapshot"], "_PIECE", 64)
    tensor = RANGES[kind]()
    shot = snapshot(tensor)
    wide = tensor.double()
    assert (shot.low, shot.high) == (wide.min().item(), wide.max().item())
    corners = shot.thumbnail[0][0], shot.thumbnail[-1][-1]
    assert corners == (wide.flatten()[0].item(), wide.flatten()[-1].item())


def test_nan_in_a_large_tensor_is_seen_wherever_it_is(monkeypatch):
    monkeypatch.setattr(sys.modules["seeing_gradients.recorder.snapshot"], "_PIECE", 64)
    tensor = torch.ones(100, 200)
    tensor[50, 100] = torch.nan
    for layout in (tensor, tensor.t(), tensor[:, ::2]):
        assert snapshot(layout).low != snapshot(layout).low
    assert "nan" in explore(lambda x, w: (x * w).sum(), tensor, 1.0).problem.text


MEMORY = """
import os, resource, torch
from seeing_gradients.recorder import record, snapshot

def grown(dtype, verb, count=10**8):
    record(lambda x, w: x.sum() * w, torch.ones(100).to(dtype), 1.0)
    snapshot(torch.ones(100, 2).to(dtype).t())
    x = torch.ones(count, dtype=dtype)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    shapes = [x, x.view(10_000, 10_000).t(), x.view(10_000, 10_000)[:, ::2], x.view(1, -1)]
    if verb == "snapshot":
        assert all(snapshot(each).high == 1 for each in shapes)
    else:
        taken = record(lambda x, w: x.sum() * w, x, 1.0)
        assert taken.grads["w"] == count
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before

record(lambda x, w: x.sum() * w, torch.ones(100), 1.0)
snapshot(torch.ones(100, 2).t())
for dtype, verb in {cases}:
    if not os.fork():  # the most that a process ever held never shrinks, so each has its own
        print(dtype, verb, grown(getattr(torch, dtype), verb), flush=True)
        os._exit(0)
    assert os.wait()[1] == 0
"""
CASES = [
    ("float32", "snapshot"),
    ("bool", "snapshot"),
    ("uint8", "snapshot"),
    ("float16", "snapshot"),
    ("float32", "record"),
]


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss in kB is Linux's")
@pytest.mark.slow("a Python of its own imports PyTorch, and fills hundreds of megabytes five times")
def test_a_tensor_of_1e8_elements_is_not_copied():
    command = [sys.executable, "-c", MEMORY.replace("{cases}", repr(CASES))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    grown = {(dtype, verb): int(kilobytes) for dtype, verb, kilobytes in map(str.split, done.stdout.splitlines())}
    assert list(grown) == CASES
    # kB; a copy of 1e8 elements takes 100 MB and more, what PyTorch loads late up to half of that
    assert {case: kilobytes for case, kilobytes in grown.items() if kilobytes >= 80_000} == {}


# ---- many operations ----


def test_a_million_operations_are_recorded_up_to_the_limit_which_is_said(lesson):
    def f(x):
        for _ in range(1_000_000):
            x = x * 1.0
        return x

    with pytest.raises(RecordingLimitError, match="2000.*max_ops") as caught:
        record(f, 1.0)
    assert sum(node.op == "mul" for node in caught.value.record.nodes) == 2000
    assert not caught.value.record.complete
    widget = explore(f, x=(0.0, 2.0))
    assert "max_ops" in widget.problem.text and widget.record is None


def test_a_function_of_ten_thousand_lines_is_recorded():
    written = {}
    exec("def f(x):\n" + "    x = x + 1\n" * 10_000 + "    return x", written)  # noqa: S102 - our own text
    recorded = record(written["f"], 1.0, max_ops=10_000, max_seconds=None)
    assert recorded.output == 10_001 and recorded.source is None
    assert recorded.nodes[-1].line == 10_001


# ---- callables that are no plain functions ----


def generates(x):
    yield x * x


async def awaits(x):
    return x * x


async def streams(x):
    yield x


@pytest.mark.parametrize("f", [generates, awaits, streams])
def test_a_generator_or_coroutine_is_told_what_it_is(f, lesson):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(OutputError, match="yield.*async def.*return"):
            record(f, 1.0)
        assert "async def" in explore(f, 1.0).problem.text


def test_a_complex_output_is_told_how_to_become_real(lesson):
    with pytest.raises(OutputError, match=r"complex64.*y\.real.*gradient=v"):
        record(lambda z: z * z, leaf(1 + 2j))
    assert record(lambda z: z * z, leaf(1 + 2j), gradient=1.0).grads["z"] == 2 - 4j  # conj(2z), PyTorch's convention


def test_a_compiled_function_is_recorded_as_it_was_written():
    def plain(x):
        return x * x + 1

    for f in (torch.compile(plain), lambda x: torch.compile(plain)(x)):
        recorded = record(f, 3.0)
        assert recorded.grads["x"] == 6.0
        assert [node.op for node in recorded.nodes if node.kind == "op"] == ["mul", "add"]


def test_a_partial_and_a_callable_of_a_strange_name_are_recorded(tmp_path):
    class Odd:
        __name__ = 5

        def __call__(self, x):
            return x * x

    assert record(functools.partial(lambda x, y: x * y, y=2.0), x=3.0).grads["x"] == 2.0
    recorded = record(Odd(), 3.0)
    assert recorded.name == "Odd"
    drawn(recorded, tmp_path)


def test_f_may_delete_its_argument_or_return_it_or_a_parameter_or_a_view():
    parameter = torch.nn.Parameter(torch.tensor(3.0))

    def forgets(x):
        y = x * x
        del x
        return y

    assert record(forgets, 2.0).grads["x"] == 4.0
    assert record(lambda x: x, 2.0).grads["x"] == 1.0
    assert record(lambda x: x.view(1)[0], leaf(2.0)).grads["x"] == 1.0
    assert record(lambda x: parameter, 2.0).output == 3.0
    assert parameter.grad is None


# ---- limits and arguments ----


@pytest.mark.parametrize(
    ("limit", "bad"),
    [("max_ops", 0), ("max_ops", "many"), ("max_ops", True), ("max_ops", 2.5), ("max_seconds", -1.0)]
    + [("max_seconds", "long"), ("max_seconds", float("nan")), ("max_seconds", float("inf"))],
)
def test_a_limit_that_is_none_is_refused_by_name(limit, bad, lesson):
    with pytest.raises(ArgumentError, match=limit):
        record(square, 1.0, **{limit: bad})


def endless():
    items = []
    items.append(items)
    return items


def deep():
    items = 1.0
    for _ in range(2_000):
        items = [items]
    return items


@pytest.mark.parametrize("make", [endless, deep])
def test_a_list_that_contains_itself_or_is_too_deep_is_refused(make, lesson):
    with pytest.raises(ArgumentError, match="64"):
        record(square, make())
    with pytest.raises(ValueError, match="x"):
        explore(square, make())


@pytest.mark.parametrize("digits", [400, 5_000])
def test_a_number_that_no_float_holds_is_refused(digits):
    number = 10**digits
    with pytest.raises(ArgumentError, match="cannot become a tensor"):
        record(square, number)
    with pytest.raises(ValueError, match="x must be finite"):
        explore(square, number)
    with pytest.raises(ValueError, match="x must be"):
        explore(square, (0.0, number))


# ---- exceptions ----


class SilentError(Exception):
    def __str__(self):
        raise ValueError("no words")


def raising(error):
    def f(x):
        if x > 0:
            raise error
        return x * x

    return f


@pytest.mark.parametrize(
    "error", [SystemExit(3), GeneratorExit(), BaseException("odd"), StopIteration(), SilentError()]
)
def test_any_error_of_f_passes_through_record_and_is_shown_by_explore(error):
    with pytest.raises(type(error)) as caught:
        record(raising(error), 1.0)
    assert caught.value is error
    widget = explore(raising(error), x=(-4.0, 4.0, 1.0)).set(
        x=2.0
    )  # it starts at 0, since the check evaluates f on both sides
    assert type(error).__name__ in widget.problem.text
    assert type(error).__name__ in widget.text()
    assert widget.set(x=-3.0).problem is None and widget.record.grads["x"] == -6.0


def test_the_learners_interrupt_ends_a_move_and_the_next_one_works():
    widget = explore(raising(KeyboardInterrupt()), x=(-4.0, 2.0, 1.0))
    widget.set(x=2.0)
    assert widget.problem.text == "interrupted"
    assert widget.set(x=-1.0).problem is None


def test_endless_recursion_in_f_is_shown_and_the_next_good_input_works():
    def deeper(x):
        return deeper(x)

    def f(x):
        return deeper(x) if x > 0 else x * x

    with pytest.raises(RecursionError):
        record(f, 1.0)
    widget = explore(f, x=(-4.0, 4.0, 1.0)).set(x=2.0)
    assert "RecursionError" in widget.problem.text
    assert widget.set(x=-1.0).problem is None


def test_warnings_turned_into_errors_do_not_affect_our_own_code():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        recorded = record(square, [1.0, 2.0])
        assert explore(square, [1.0, 2.0]).problem is None
    assert torch.equal(recorded.grads["x"], torch.tensor([2.0, 4.0]))


# ---- settings that f changes, and settings that are on already ----

SWITCHES = {
    "the default dtype": (lambda: torch.set_default_dtype(torch.float64), torch.get_default_dtype),
    "the default device": (lambda: torch.set_default_device("meta"), torch.get_default_device),
    "gradients": (lambda: torch.set_grad_enabled(False), torch.is_grad_enabled),
    "determinism": (lambda: torch.use_deterministic_algorithms(True), torch.are_deterministic_algorithms_enabled),
    "anomaly detection": (lambda: torch.set_anomaly_enabled(True), torch.is_anomaly_enabled),
}


@pytest.mark.parametrize("what", SWITCHES)
def test_settings_that_f_changes_are_restored(what):
    switch, state = SWITCHES[what]
    before = state()

    def f(x):
        y = x * x
        switch()
        return y

    assert record(f, 3.0).grads["x"] == 6.0
    assert state() == before
    widget = explore(f, x=(-4.0, 4.0, 1.0)).set(x=2.0)
    widget.text()
    assert widget.problem is None and widget.record.grads["x"] == 4.0
    assert state() == before


def test_a_default_device_that_was_set_before_stays_set():
    torch.set_default_device("cpu")
    try:
        record(lambda x: (torch.set_default_device("meta"), x * x)[1], leaf(3.0))
        assert torch.ones(1).is_cpu
        record(lambda x: (torch.set_default_device(None), x * x)[1], leaf(3.0))
        assert torch.ones(1).is_cpu
    finally:
        torch.set_default_device(None)


def test_anomaly_detection_and_hooks_on_saved_tensors_may_be_on():
    with torch.autograd.set_detect_anomaly(True, check_nan=False):
        assert record(square, 3.0).grads["x"] == 6.0
        assert explore(square, 3.0).problem is None
    with torch.autograd.graph.save_on_cpu():
        assert record(square, 3.0).grads["x"] == 6.0


# ---- objects of the caller ----


def test_gradients_that_inputs_already_have_are_kept():
    x = leaf([1.0, 2.0])
    x.grad = kept = torch.tensor([7.0, 8.0])
    assert torch.equal(record(square, x).grads["x"], torch.tensor([2.0, 4.0]))
    explore(lambda x, w: square(x) * w, x, w=(0.0, 2.0)).set(w=1.5)
    assert x.grad is kept and torch.equal(kept, torch.tensor([7.0, 8.0]))


def test_hooks_of_the_caller_run_once_in_a_recording_and_are_there_afterwards():
    x, model = leaf([1.0, 2.0]), torch.nn.Linear(2, 1)
    seen = []
    x.register_hook(lambda grad: seen.append("tensor"))
    x.register_post_accumulate_grad_hook(lambda tensor: seen.append("accumulated"))
    model.register_forward_hook(lambda *arguments: seen.append("forward"))
    model.register_full_backward_hook(lambda *arguments: seen.append("backward"))
    record(lambda x: model(x).sum(), x)
    assert sorted(seen) == ["accumulated", "backward", "forward", "tensor"]
    seen.clear()
    model(x).sum().backward()
    assert sorted(seen) == ["accumulated", "backward", "forward", "tensor"]


MUTATIONS = {
    "in place": lambda x: x.mul_(2.0),
    "an element": lambda x: x.__setitem__(0, 9.0),
    "through NumPy": lambda x: x.numpy().__iadd__(1.0),
    "through a view": lambda x: x[:1].add_(1.0),
    "its data": lambda x: setattr(x, "data", x.data * 2.0),
    "its size": lambda x: x.resize_(5).fill_(3.0),
    "its requires_grad": lambda x: x.requires_grad_(),
    "its gradient": lambda x: setattr(x, "grad", torch.ones(2)),
}


@pytest.mark.parametrize("what", MUTATIONS)
def test_what_f_writes_to_its_inputs_is_undone_in_an_explorer(what):
    def f(x, w):
        MUTATIONS[what](x)
        return (x * w).sum()

    x = torch.tensor([1.0, torch.nan]) if what == "in place" else torch.tensor([1.0, 2.0])
    before = x.clone()
    widget = explore(f, x, w=(0.0, 4.0, 0.5))
    first = widget.state["output"], widget.state["gradients"]
    for w in (1.0, 3.0, 2.0):
        widget.set(w=w)
        assert torch.equal(x.nan_to_num(), before.nan_to_num()) and x.shape == before.shape
    assert (widget.state["output"], widget.state["gradients"]) == first
    assert not x.requires_grad and x.grad is None and x.grad_fn is None


def test_an_input_that_f_puts_on_the_graph_is_removed_from_it_afterwards():
    def f(x, w):
        return x.mul_(w).sum()

    x = torch.tensor([1.0, 2.0])
    widget = explore(f, x, w=(0.0, 4.0)).set(w=3.0)
    assert widget.problem is None and widget.state["output"] == "9" and checked(widget)[-1] == ("3", "=")
    assert x.is_leaf and not x.requires_grad and x.tolist() == [1.0, 2.0]


def test_a_leaf_that_f_writes_to_under_no_grad_keeps_identity_and_gradient():
    def f(x, w):
        with torch.no_grad():
            x.mul_(2.0)
        return (x * x).sum() * w

    x = leaf([1.0, 2.0])
    widget = explore(f, x, w=(0.0, 4.0)).set(w=1.0)
    assert torch.equal(widget.record.grads["x"], torch.tensor([4.0, 8.0]))
    assert widget.record.nodes[widget.record.inputs["x"]].kind == "leaf" and x.tolist() == [1.0, 2.0]


def test_an_input_too_large_to_be_restored_is_reported_to_drift(lesson):
    x = torch.ones(1_000_000)
    widget = explore(lambda x, w: (x.mul_(2.0) * w).sum(), x, w=(0.0, 4.0))
    assert widget.problem.severity == "warning" and "x = x.clone()" in widget.problem.text
    assert explore(lambda x, w: (x * w).sum(), x, w=(0.0, 4.0)).problem is None


# ---- threads and nesting ----


def test_what_f_does_in_threads_is_recorded_as_far_as_autograd_knows():
    def f(x):
        found = []
        thread = threading.Thread(target=lambda: found.append(x * x))
        thread.start()
        thread.join()
        return found[0] + 1

    recorded = record(f, 3.0)
    assert recorded.grads["x"] == 6.0
    assert [node.op for node in recorded.nodes if node.kind == "op"] == ["mul", "add"]
    assert explore(f, x=(0.0, 4.0)).problem is None


def test_two_threads_may_record_at_once_even_with_the_same_leaf():
    w, wrong = leaf(2.0), []

    def work(factor):
        for _ in range(60):
            recorded = record(lambda w: w * w * factor, w)
            if recorded.grads["w"] != 4.0 * factor or len(recorded.nodes) != 4:
                wrong.append(recorded)

    threads = [threading.Thread(target=work, args=(float(factor),)) for factor in (1, 2, 3, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong and w.grad is None


def test_record_draw_and_explore_may_be_called_inside_f():
    def f(w):
        inner = record(lambda x: x * x * w.detach(), 3.0).grads["x"]
        draw(lambda x: x * x, 3.0)
        widget = explore(lambda x: x * x, x=(0.0, 2.0))
        return w * inner + widget.record.grads["x"]

    recorded = record(f, 2.0)
    assert recorded.grads["w"] == 12.0 and recorded.output == 26.0
    widget = explore(f, w=(0.0, 4.0, 0.5)).set(w=3.0)
    assert widget.problem is None and widget.record.grads["w"] == 18.0


def test_an_explorer_that_explores_itself_is_stopped():
    def f(w):
        explore(f, w=(0.0, 1.0), max_seconds=0.2)
        return w * 2

    assert "0.2" in explore(f, w=(0.0, 1.0), max_seconds=0.2).problem.text
    assert record(square, 3.0).grads["x"] == 6.0


# ---- names ----

NAMES = {
    "Chinese": "权重",
    "right to left": "עברית",
    "an override": "a\u202eb",
    "combining": "e\u0301\u0302",
    "only combining": "\u0301",
    "emoji": "😀👩\u200d🔬",
    "markup": '</text><script>alert("x")</script>',
    "quotes": "\"'`",
    "an entity": "&lt;",
    "lines": "one\ntwo\r\tthree",
    "nothing": "",
    "a null": "a\x00b",
    "half a character": "\ud800",
    "very long": "x" * 10_000,
    "very long Chinese": "权" * 10_000,
    "formatting": "{name} {0} %s",
}


@pytest.mark.parametrize("kind", NAMES)
def test_any_name_of_an_argument_is_recorded_drawn_and_explored(kind, tmp_path):
    name = NAMES[kind]
    recorded = record(lambda **arguments: arguments[name] * 2, **{name: 3.0})
    assert recorded.grads[name] == 2.0
    svg = drawn(recorded, tmp_path)
    assert "<script" not in svg and len(svg) < 20_000
    widget = explore(lambda **arguments: arguments[name] * 2, **{name: (0.0, 4.0)})
    assert widget.set(**{name: 3.0}).problem is None
    ET.fromstring(widget.picture())
    assert widget.text()


@pytest.mark.parametrize("kind", NAMES)
def test_any_name_of_a_function_or_a_variable_is_drawn(kind, tmp_path):
    names = {}
    exec("def f(x):\n    权重_с̧ = x * x\n    return 权重_с̧ + 1", names)  # noqa: S102 - our own text
    f = names["f"]
    f.__name__ = NAMES[kind]
    recorded = record(f, 3.0)
    assert "<script" not in drawn(recorded, tmp_path)
    assert explore(f, x=(0.0, 4.0)).problem is None


@pytest.mark.parametrize("odd", [SystemExit(), 7, None])
def test_after_every_failure_the_next_good_input_works(odd):
    def f(x):
        if isinstance(odd, BaseException):
            raise odd
        return odd

    with pytest.raises((SystemExit, RecordError)):
        record(f, 1.0)
    assert record(square, 3.0).grads["x"] == 6.0


# ---- what Python sets on a widget, and what it calls with it ----

HUGE = 10**400  # an int that no float holds


def widgets_to_set():
    return {
        "explore": lambda: explore(lambda w: w * w, w=(-2.0, 2.0)),
        "descend": lambda: descend(lambda a, b: a * a + b * b, a=(-1.0, 1.0), b=(-1.0, 1.0)),
        "secant": lambda: secant(torch.sin),
    }


SETTINGS = [
    ("explore", "sliders", [HUGE]),
    ("explore", "sliders", ["a"]),
    ("explore", "sliders", []),
    ("explore", "saved_tensors", 3),
    ("explore", "keeping", 3),
    ("explore", "cuts", None),
    ("explore", "opened", [3]),
    ("explore", "direction", None),
    ("explore", "graph_width", "a"),
    ("explore", "position", None),
    ("explore", "position", {1: 2}),
    ("descend", "start", [1.0]),
    ("descend", "lr", "a"),
    ("descend", "steps", math.inf),
    ("descend", "values", 3),
    ("secant", "h", HUGE),
    ("secant", "precision", "float16"),
    ("secant", "kind", 3),
]


@pytest.mark.parametrize(("kind", "name", "value"), SETTINGS)
def test_what_python_sets_on_a_widget_is_refused_by_name_in_the_language_in_use(kind, name, value, lesson):
    widget = widgets_to_set()[kind]()
    before = getattr(widget, name)
    with pytest.raises((traitlets.TraitError, TypeError)) as refused:
        setattr(widget, name, value)
    text = str(refused.value)
    assert name.replace("keeping", "saved_tensors") in text and "trait" not in text and len(text) < 200
    assert any("\u4e00" <= character for character in text) == (lesson == "zh")
    assert getattr(widget, name) == before


def test_a_number_that_no_float_holds_is_refused_wherever_a_widget_takes_one(lesson):
    widget = explore(lambda w: w * w, w=(0.5, 2.0))
    with pytest.raises(ValueError, match="nudge"):
        widget.nudge("w", HUGE)
    with pytest.raises(ValueError, match="lr"):
        widget.plot("w", lr=HUGE)
    for numbers in (range(HUGE), range(2**70, 2**70 + 5)):
        with pytest.raises(ValueError, match=r"w.*2\*\*53"):
            explore(lambda w: w * 2.0, w=numbers)


@pytest.mark.parametrize("log", [3, None])
def test_an_axis_that_is_no_name_is_refused(log, lesson):
    with pytest.raises(ValueError, match=str(log)):
        explore(lambda w: w * w, w=(0.5, 2.0)).plot("w", log=log)


@pytest.mark.parametrize("opened", [3, None, [3], [None], True])
def test_what_is_to_be_open_must_be_keys(opened, lesson):
    for show in (explore, draw):
        with pytest.raises(TypeError, match="opened"):
            show(square, 1.0, opened=opened)


def test_rows_that_are_tuples_are_a_matrix():
    widget = explore(lambda x: (x * x).sum(), [(1.0, 2.0), (3.0, 4.0)])
    assert widget.position == {"x": [[1.0, 2.0], [3.0, 4.0]]}
    assert "x[1, 0]" in widget.text()


@pytest.mark.parametrize("bad", [{"parts": 3}, {"parts": "zz"}, {"max_bytes": "a"}, {"max_bytes": 0}, {"share": "a"}])
def test_a_limit_of_a_recording_that_is_none_is_refused_by_name(bad, lesson, tmp_path):
    with pytest.raises(ValueError, match=next(iter(bad))):
        explore(lambda w: w * w, w=(-2.0, 2.0)).export(tmp_path / "page.html", **bad)


def test_a_path_that_no_file_can_have_is_refused(lesson):
    with pytest.raises(ValueError, match=r"graph.*null"):
        draw(square, 1.0, path="\0graph.svg")


# ---- what descend and secant say of an f that they cannot use, and that they leave everything as it is ----


class NeverTold(Exception):
    def __str__(self):
        raise RuntimeError("no text")


def leave(x):
    sys.exit(3)


def tell_nothing(x):
    raise NeverTold


FUNCTIONS = {
    "None": (lambda x: None, "return", "return"),
    "a float": (lambda x: 1.0, "received float", "float"),
    "a detached tensor": (lambda x: x.detach() * 2, "requires? grad", "梯度"),
    "two numbers": (lambda x: torch.stack([x, x]), "sum", "sum"),
    "SystemExit": (leave, "SystemExit: 3", "SystemExit: 3"),
    "an error without a text": (tell_nothing, "NeverTold", "NeverTold"),
    "nan": (lambda x: x * math.nan, "not finite", "不是有限的数"),
}


@pytest.mark.parametrize("kind", FUNCTIONS)
def test_an_f_that_secant_or_descend_cannot_use_is_told_in_the_language_in_use(kind, lesson):
    f, *words = FUNCTIONS[kind]
    words = words[lesson == "zh"]
    with pytest.raises(ValueError, match=words) as refused:
        secant(f)
    assert "attribute" not in str(refused.value) and "zero-size" not in str(refused.value)
    assert re.search(words, descend(f, x=(-1.0, 1.0)).shown["note"])
    assert re.search(words, descend(lambda x, y: f(x), x=(-1.0, 1.0), y=(-1.0, 1.0)).shown["note"])


def test_secant_refuses_an_x_around_which_floats_coincide(lesson):
    with pytest.raises(ValueError, match=r"1e\+300"):
        secant(torch.sin, 1e300)


@pytest.mark.parametrize("show", [secant, lambda f: descend(f, x=(-1.0, 1.0), steps=3)])
def test_secant_and_descend_restore_random_numbers_and_settings(show, capsys):
    def f(x):
        torch.set_default_dtype(torch.float64)
        print("noise")
        return x * x * torch.rand((), dtype=x.dtype)

    before = torch.get_rng_state()
    show(f)
    assert torch.get_default_dtype() == torch.float32
    assert torch.equal(torch.get_rng_state(), before)
