"""What plain PyTorch computes where the explorers of a page stand: `python -m tests.website.truth`.

A process that runs the code of a lesson, as its reader would, and calls the function of each explorer with leaf tensors,
without the library's recording of runs: `f(...)`, `backward()`, `.grad`. It reads a request as a line of JSON,
{"page": "02_computation_graph" or "front", "positions": {id of the explorer: [a number for each slider]}}, and answers
with a line {id: {"output": [...], "gradients": [[...], ...]}}: the gradient of each row of the explorer's table, without
numbers where there is none. What f or `backward()` did not reach because of an error is null, and "error" names it.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys

import torch

from docs.builder import front, recordings

SECONDS = 10  # that f may take; where the page shows a number it takes far less
LANGUAGE = "en"  # the lessons' code is the same in both languages, up to names in texts


class TooSlowError(Exception):
    """f did not return in time."""


def answer(request):
    """The answer to a request."""
    found = {}
    for id, explorer in _widgets(request["page"]):
        if id in request["positions"]:
            found[id] = computed(explorer, request["positions"][id])
            if len(found) == len(request["positions"]):
                break
    return found


def _widgets(page):
    """(id, widget) of a page; each is at hand while the names that its function uses are as they were when it was shown."""
    if page == recordings.FRONT:
        yield from ((f"front-{name}", widget) for name, widget in front.widgets().items())
    else:
        source = recordings.ROOT / f"notebooks/source/{page}.py"
        yield from ((id, widget) for id, _, widget in recordings.shown_widgets(source, LANGUAGE))


def computed(explorer, position):
    """What PyTorch, or the engine that an explorer has in its place, computes at a position."""
    session = explorer.session
    engine = session.record_options.get("engine")
    own = {control.name: numbers for control, numbers in session.split([float(x) for x in position])}
    inputs = [control for control in session.controls if not control.weighs]
    arguments = {control.name: _argument(control, own[control.name], engine) for control in inputs}
    v = session.gradient(position)
    found = {"output": None, "gradients": None}
    try:
        with _limited(SECONDS):
            output = session.f(**arguments)
            found["output"] = _listed(getattr(output, "data", output))
            output.backward(*([] if v is None else [torch.tensor(v)]))
    except Exception as error:  # noqa: BLE001 - whatever f raises, the page should show an error, too
        return found | {"error": type(error).__name__}
    gradients = []
    for control in session.controls:
        has_gradient = control.kind in ("number", "vector", "fixed") and not control.weighs
        grad = _listed(getattr(arguments[control.name], "grad", None)) if has_gradient else []
        rows = 1 if control.kind == "fixed" else len(control.start)
        gradients += [[x] for x in grad] if len(grad) == rows else [grad] * rows
    return found | {"gradients": gradients}


def _argument(control, numbers, engine):
    if control.kind == "number":
        return engine(numbers[0]) if engine else torch.tensor(numbers[0], requires_grad=True)
    if control.kind == "vector":
        return torch.tensor(control.value(numbers), requires_grad=True)
    value = control.value(numbers)
    return value.detach().clone().requires_grad_(value.requires_grad) if isinstance(value, torch.Tensor) else value


def _listed(x):
    """The numbers of a tensor, or of an engine's own value; none for None."""
    return [] if x is None else [float(number) for number in torch.as_tensor(x).detach().flatten().tolist()]


@contextlib.contextmanager
def _limited(seconds):
    def stop(*_):
        raise TooSlowError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


class Truth:
    """The other end: starts the process, asks it, and remembers its last answer, for a page in another language.

    Args:
        root: of the repository.
    """

    def __init__(self, root):
        environment = os.environ | {"MPLBACKEND": "agg", "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "tests.website.truth"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._process = subprocess.Popen(command, cwd=root, env=environment, text=True, **pipes)
        self._asked, self._received = None, {}

    def ask(self, page, positions):
        """Send a request; the process works on it until `receive`, and meanwhile the browser has work, too.

        Args:
            page: "front", or the name of a lesson.
            positions: dict from the id of an explorer to a number for each slider.
        """
        asked = json.dumps({"page": page, "positions": positions})
        if asked != self._asked:
            if self._asked and self._received is None:
                self.receive()  # by a page that failed before it read it
            self._process.stdin.write(f"{asked}\n")
            self._process.stdin.flush()
            self._asked, self._received = asked, None

    def receive(self):
        """The answer to the last request."""
        if self._received is None:
            line = self._process.stdout.readline()
            assert line, "the process that runs the lessons has ended"
            self._received = json.loads(line)
        return self._received

    def close(self):
        self._process.stdin.close()
        self._process.wait()


def main():
    torch.set_num_threads(1)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a lesson prints
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
