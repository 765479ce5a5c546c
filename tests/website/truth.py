"""What plain PyTorch computes where the widgets of a page stand: `python -m tests.website.truth`.

A process that runs the code of a lesson, as its reader would, and computes again what each widget shows, without the
library: an explorer's function is called with leaf tensors, `f(...)`, `backward()`, `.grad`; so is that of a descent, step
after step; a secant is a difference of two values; and the training that `watch` shows is run again as a plain loop. It reads
a request as a line of JSON, {"page": "02_computation_graph" or "front", "states": {id of the widget: where it stands}}, and
answers with a line {id: what should be shown there}; `explored`, `descended`, `secant_numbers` and `trained` say what both
are for each kind of widget.
"""

import contextlib
import copy
import functools
import inspect
import itertools
import json
import math
import os
import signal
import subprocess
import sys

import torch

import helpers
from docs.builder import front, recordings
from seeing_gradients.widgets.descend.widget import Descent
from seeing_gradients.widgets.explore import Explorer
from seeing_gradients.widgets.secant.widget import Secant
from seeing_gradients.widgets.watch import TrainingRun

SECONDS = 10  # that f may take; where the page shows a number it takes far less
LANGUAGE = "en"  # the lessons' code is the same in both languages, up to names in texts


class TooSlowError(Exception):
    """f did not return in time."""


def answer(request):
    """The answer to a request."""
    found, states = {}, request["states"]
    for id, widget in _widgets(request["page"]):
        if id in states:
            found[id] = next(compute for kind, compute in COMPUTE.items() if isinstance(widget, kind))(
                widget, states[id]
            )
            if len(found) == len(states):
                break
    return found


def _widgets(page):
    """(id, widget) of a page; each is at hand while the names that its function uses are as they were when it was shown."""
    if page == recordings.FRONT:
        yield from ((f"front-{name}", widget) for name, widget in front.widgets().items())
    else:
        source = recordings.ROOT / f"notebooks/source/{page}.py"
        yield from ((id, widget) for id, _, widget in recordings.shown_widgets(source, LANGUAGE))


def explored(explorer, position):
    """What PyTorch, or the engine that an explorer has in its place, computes at a position.

    Args:
        explorer: Explorer.
        position: a number for each slider.

    Returns:
        {"output": [...], "gradients": [[...], ...]}: the gradient of each row of the explorer's table, without numbers where
        there is none. What f or `backward()` did not reach because of an error is None, and "error" names it.
    """
    session = explorer.session
    engine = session.record_options.get("engine")
    own = {control.name: numbers for control, numbers in session.split([float(x) for x in position])}
    inputs = [control for control in session.controls if not control.is_v]
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
        has_gradient = control.kind in ("number", "vector", "fixed") and not control.is_v
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


def descended(descent, state):
    """Gradient descent as a plain loop.

    Args:
        descent: Descent.
        state: {"start": [share of each axis, 0 at its low end], "lr": float, "steps": int}.

    Returns:
        {"rows": [[value, gradient] of each input at the end], "loss": there, "points": [[share of each axis] of each step
        that lies in the picture]}; if f has one input, the second axis is the loss.
    """
    f, fixed, axes = descent._f, descent._fixed(descent.values), descent.spec["axes"]
    names = [axis["name"] for axis in axes[: len(state["start"])]]
    at = [axis["low"] + share * (axis["high"] - axis["low"]) for axis, share in zip(axes, state["start"], strict=False)]
    points = []
    for step in range(state["steps"] + 1):
        leaves = [torch.tensor(x, requires_grad=True) for x in at]
        loss = f(**dict(zip(names, leaves, strict=True)), **fixed)
        loss.backward()
        values, grads = [leaf.item() for leaf in leaves], [leaf.grad.item() for leaf in leaves]
        shares = [(x - a["low"]) / (a["high"] - a["low"]) for x, a in zip([*values, loss.item()], axes, strict=False)]
        points += [shares] if all(0 <= share <= 1 for share in shares) else []
        if step < state["steps"]:
            at = [(leaf - state["lr"] * leaf.grad).item() for leaf in leaves]
    return {"rows": [list(row) for row in zip(values, grads, strict=True)], "loss": loss.item(), "points": points}


def secant_numbers(secant, states):
    """Difference quotients beside autograd's derivative.

    Args:
        secant: Secant.
        states: list of {"power": of ten, the step, "precision": "float32" or "float64", "kind": "central" or "one-sided"}.

    Returns:
        for each the numbers of the table: h, the two values of f, their difference, the quotient, f'(x), the error.
    """
    f, found = secant._f, []
    for state in states:
        step = 10.0 ** state["power"]
        x, h = (torch.tensor(number, dtype=getattr(torch, state["precision"])) for number in (secant._x, step))
        is_central = state["kind"] == "central"
        right, left = f(x + h), f(x - h if is_central else x)
        quotient = (right - left) / (2 * h if is_central else h)
        leaf = torch.tensor(secant._x, dtype=torch.float64, requires_grad=True)
        f(leaf).backward()
        error = abs(quotient.item() - leaf.grad.item())
        tensors = right, left, right - left, quotient, leaf.grad
        found.append([step, *(tensor.item() for tensor in tensors), error])
    return found


_trainings = {}  # id of a TrainingRun -> (the run, [(loss, {name of a parameter: norm of its gradient}) of each step])


def trained(run, steps):
    """The plain training of a run.

    Args:
        run: TrainingRun.
        steps: list of int, those that are asked for.

    Returns:
        for each {"loss": float, "norms": [norm of the gradient, or of those of a block, for each line of the page]}.
    """
    _, taken = _trainings[id(run)]
    panel = run.shown["panels"][0]
    lines = [(panel["rows"][line["row"]]["path"], line["name"]) for line in panel["measures"]["gradient"]["lines"]]
    found = []
    for loss, norms in (taken[step] for step in steps):
        whole = [norms.get(f"{path}.{name}".lstrip(".")) for path, name in lines]
        blocks = [[norm for each, norm in norms.items() if each.startswith(f"{path}.")] for path, _ in lines]
        found.append({"loss": loss, "norms": [x or math.hypot(*b) for x, b in zip(whole, blocks, strict=True)]})
    return found


def watched(watch):
    """`watch` that also keeps what the same training gives as a plain loop; its own run and its random numbers stay alike."""

    @functools.wraps(watch)
    def with_plain_training(model, loss=None, data=None, optimizer=None, steps=300, **options):
        before, copies = torch.get_rng_state(), copy.deepcopy((model, optimizer))
        run = watch(model, loss, data, optimizer, steps, **options)
        if loss is None:
            taken = _noted_steps(run, model)
        else:
            after = torch.get_rng_state()
            torch.set_rng_state(before)
            taken = _plain_training(*_made(*copies, run), loss, data, steps)
            torch.set_rng_state(after)
        _trainings[id(run)] = run, taken
        return run

    return with_plain_training


def _made(model, optimizer, run):
    """The model and the optimizer, made by their functions if the run has choices, with those that it begins with."""
    if not isinstance(model, torch.nn.Module):
        values = {choice.name: choice.value(choice.start) for choice in run._plan.choices}
        own = {name: value for name, value in values.items() if name in inspect.signature(model).parameters}
        model = model(**own)
        optimizer = functools.partial(optimizer, **{name: values[name] for name in values.keys() - own.keys()})
    if not isinstance(optimizer, torch.optim.Optimizer):
        optimizer = optimizer(model.parameters())
    return model, optimizer


def _plain_training(model, optimizer, loss, data, steps):
    is_one_batch = isinstance(data[0], torch.Tensor)
    taken = []
    for x, y in itertools.islice(itertools.cycle([data] if is_one_batch else data), steps):
        optimizer.zero_grad()
        value = loss(model(x), y)
        value.backward()
        taken.append((value.item(), _norms(model)))
        optimizer.step()
    return taken


def _noted_steps(run, model):
    """What a loop of the lesson's own tells its run, step by step."""
    taken, step = [], run.step

    def noted(loss):
        taken.append((loss.item(), _norms(model)))
        step(loss)

    run.step = noted
    return taken


def _norms(model):
    return {name: p.grad.norm().item() for name, p in model.named_parameters() if p.grad is not None}


COMPUTE = {Explorer: explored, Descent: descended, Secant: secant_numbers, TrainingRun: trained}


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

    def ask(self, page, states):
        """Send a request; the process works on it until `receive`, and meanwhile the browser has work, too.

        Args:
            page: "front", or the name of a lesson.
            states: dict from the id of a widget to where it stands.
        """
        asked = json.dumps({"page": page, "states": states})
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
    helpers.watch = front.watch = watched(helpers.watch)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a lesson prints
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
