"""The live widget: sliders in the page, f and autograd in the kernel, only numbers in between.

The synced traits are all there is of it: `controls`, `labels` and `home`, to which reset returns (fixed), `sliders` (from
the page), `opened` (from the page, too: which modules are open), `scene` (only when the graph changes its form), `state`
and `check` (the numbers of this position).
"""

import itertools
import threading
import time
from collections import OrderedDict

import anywidget
import traitlets
from torch.nn import Module

from seeing_gradients.language import message
from seeing_gradients.picture.layout import ALL, brief, fold, keys, scene, texts, topology
from seeing_gradients.picture.svg import columns, draw, notice, paint
from seeing_gradients.recorder import outside, referenced_modules
from seeing_gradients.runtime import (
    collector_off,
    restore_buffers,
    restore_random_state,
    restore_settings,
    restore_tensors,
)
from seeing_gradients.widgets.bundles import load_script, load_style

from . import descriptions
from .calling import check_options, check_passing
from .controls import controls
from .edge_cuts import Cutting, comparing_words, cutting_words, note_places
from .gradient_check import UNKNOWN, check
from .jacobian import Jacobians, jacobian_words, weights, with_jacobian
from .packing import PACKED_FROM, packed
from .plot_view import COARSE, FINE, Plotting, choose, plot_words
from .prefetch import Ahead, surroundings
from .saved_tensors import KEPT, Keeping, keeping_words
from .session import Problem, run, undisturbed
from .step_captions import order, told
from .tensor_previews import shapes, strip_words, strips

FUNCTION_SECONDS, MODEL_SECONDS = 1.5, 10.0  # that a run may take: of a function, of a model
_SCENES_KEPT = 64
_MOST_IN_A_PICTURE = 400  # nodes; a larger picture would only swell the notebook file
# Seconds that a check may take to be sent with the numbers; just after them; beyond, it waits until the page asks.
_FREE, _CHEAP, _CHEAP_AT_FIRST = 0.0015, 0.008, 0.1
_SECONDS_AHEAD = 0.1  # that f may take where nobody has asked for it yet


def explore(
    f,
    /,
    *args,
    plot=None,
    gradient=None,
    max_ops=2_000,
    max_seconds="auto",
    ahead=True,
    opened=(),
    saved=False,
    engine=None,
    **kwargs,
):
    """Run f forward and backward at every position of its sliders, and show the graph that autograd recorded.

    Args:
        f: callable, tensors -> tensor; an nn.Module too.
        args, kwargs: one for each parameter of f, by position or name:
            (low, high) or (low, high, step): a slider; it starts at f's default, else in the middle;
            a number: a slider around it; integers are taken as floats, since only floats have gradients;
            a list of numbers: a vector (nested: a matrix), one slider a number;
            range(low, high): a slider over integers, which f receives as an integer tensor;
            True or False: a switch; a tensor: fixed, passed as it is.
        plot: "w" for a curve along that input, ("w", "b") for contours over two, "x[0]" for an element of a vector;
            `.plot(...)` of what is returned takes more: log axes, the derivative, a descent.
        gradient: v, of the output's shape, for a vector output; "v" puts v on sliders of that name, one an element of the
            output, and shows the Jacobian, whose rows v weighs; {"v": [1.0, 10.0]} starts there.
        max_ops, max_seconds: int and float; where a run is stopped: by default after 1.5 s, a model after 10; None for never.
        ahead: bool, whether f may be run where a slider can be moved to next, so that the page shows that at once; f is
            run anew where it comes to rest. Not done where f prints, is slow, or alters anything outside itself.
        saved: bool, whether the tensors that backward keeps are shown from the beginning; the page can show them, too.
        engine: class of an autograd of one's own, whose values f gets in place of tensors (`record` says what it needs);
            the check beside its gradients is by PyTorch's numbers.
        opened: keys of modules that are open at first, "layers.0" or "layers.0..layers.11", or "all"; the others open on a click.

    The modules that f runs, or a model passed in place of f, are one node each: explore(model, batch, gradient=v), where
    the batch is fixed and v weighs the outputs, or explore(loss, batch) for a function that ends in a number. Buffers that
    a run writes to, running means say, are given back what they held.

    Returns:
        Explorer: shown by the notebook; `.set(w=2.0)` moves it, `.position`, `.record` and `.problem` tell.

    Raises:
        TypeError: f is not callable, an argument is unknown, missing, or of no kind named above, or has a name that is
            taken; gradient names no slider.
        ValueError: a range is empty, a step not positive, a list empty or too long; plot names no slider, or opened no
            module that f ran.
    """
    options = {"plot": plot, "gradient": gradient, "max_ops": max_ops, "max_seconds": max_seconds, "ahead": ahead}
    options |= {"opened": opened, "saved": saved, "engine": engine}
    set_here = [name for name, value in options.items() if value is not explore.__kwdefaults__[name]]
    check_options(f, len(args), set_here, options)
    if max_seconds == "auto":
        max_seconds = (
            MODEL_SECONDS if any(isinstance(thing, Module) for thing in (f, *outside(f).values())) else FUNCTION_SECONDS
        )
    limits = {"max_ops": max_ops, "max_seconds": max_seconds}
    given = controls(f, args, kwargs)
    check_passing(f, args, kwargs)
    by_position = [c.name for c in given[: len(args)]]
    if isinstance(gradient, str | dict):
        given.append(weights(f, given, by_position, gradient, limits))
    limits |= {"gradient": gradient} | ({} if engine is None else {"engine": engine})
    choice = None if plot is None else choose(given, plot)
    everything = opened == ALL
    opened = () if everything else (opened,) if isinstance(opened, str) else tuple(opened)
    explorer = Explorer(f, given, by_position, limits, ahead, opened)
    _check_opened(opened, explorer.record)
    if everything and explorer.record is not None:
        explorer.opened = keys(explorer.record)
    explorer.keeping = {"on": saved}
    return explorer if choice is None else explorer.plot(*choice.inputs)


def _check_opened(opened, record):
    if not opened:
        return
    known = keys(record) if record is not None else opened
    for key in opened:
        if key not in known:
            raise ValueError(message("draw.not_opened", received=key, allowed=", ".join(known[:12]) or "-"))


class Explorer(Plotting, Keeping, Cutting, Jacobians, anywidget.AnyWidget):
    """What `explore` returns. Move it from Python, too: `widget.set(w=2.0)`; read `widget.record`.

    Attributes:
        position: dict from argument name to what it stands at; may be set, wholly or in part.
        record: Record of the last run that succeeded, or None.
        problem: Problem of the present position, or None.
        keeping: dict of bool; on, whether saved tensors are shown; retain, as retain_graph; twice, whether backward is
            called twice. May be set.
        cuts: list of `Edge.at`, the edges that are cut. May be set.
    """

    _esm = load_script("explore")
    _css = load_style("explore")
    controls = traitlets.List().tag(sync=True)
    labels = traitlets.Dict().tag(sync=True)
    sliders = traitlets.List(traitlets.Float()).tag(sync=True, echo_update=False)
    scene = traitlets.Dict().tag(sync=True, to_json=packed)
    state = traitlets.Dict().tag(sync=True)
    check = traitlets.Dict().tag(sync=True)
    home = traitlets.List(traitlets.Float()).tag(sync=True)
    wanted = traitlets.Int(0).tag(sync=True, echo_update=False)
    opened = traitlets.List(traitlets.Unicode()).tag(sync=True, echo_update=False)

    def __init__(self, f, controls, by_position, limits, ahead=True, opened=()):
        self._f, self._controls, self._by_position, self._limits = f, controls, set(by_position), limits
        fixed = [c.form for c in controls if c.kind == "fixed"]
        self._ahead = Ahead(self._foresee, lambda: surroundings(f, fixed)) if ahead else None
        self._keys = itertools.count(1)
        self._random, self._scenes, self._busy = restore_random_state(), OrderedDict(), threading.RLock()
        self._check_cost, self._checks, self._sequence, self._displayed = 0.0, 0, 0, False
        self.record, self.problem, self._last = None, None, None
        self._folding = list(opened)
        start = [float(x) for control in controls for x in control.start]
        labels = descriptions.labels_of(f) | {
            "plots": plot_words(),
            "keeping": keeping_words(),
            "cutting": cutting_words(),
            "strips": strip_words(),
            "comparing": comparing_words(),
            "jacobian": jacobian_words(),
        }
        self._set_up_jacobian(next((c for c in controls if c.weighs), None), labels["name"])
        labels["plots"]["value"] = self._set_up_plots(labels["name"], controls, lambda: surroundings(f, fixed))
        first = {"sliders": start, "home": start, "opened": list(opened), **self._run(start)}
        super().__init__(controls=descriptions.described(controls), labels=labels, **first)
        if self._is_large():  # the page asks, once it shows the graph
            self.check = {"rows": [UNKNOWN for _ in self._row_names()]}
        else:
            self._do_check()
        self.on_msg(self._received)

    @property
    def position(self):
        """dict from argument name to what it stands at."""
        return {c.name: c.position(numbers) for c, numbers in self._parts(self.sliders) if c.kind != "fixed"}

    @position.setter
    def position(self, values):
        self.set(**values)

    def set(self, /, **values):
        """Move sliders, by argument name, and return the widget: explore(f, w=(-5.0, 5.0)).set(w=2.0).

        Raises:
            ValueError: there is no such slider, or the value is not of its form.
        """
        known = [c.name for c in self._controls if c.kind != "fixed"]
        for name in values:
            if name not in known:
                raise ValueError(message("explore.unknown", name=name, allowed=", ".join(known) or "-"))
        parts = [c.numbers(values[c.name]) if c.name in values else numbers for c, numbers in self._parts(self.sliders)]
        self.sliders = [float(x) for part in parts for x in part]
        if not self._displayed:
            self.home = self.sliders
        return self

    def _parts(self, sliders):
        """Yield (control, its numbers)."""
        first = 0
        for control in self._controls:
            yield control, list(sliders[first : first + len(control.start)])
            first += len(control.start)

    @traitlets.validate("sliders")
    def _clamp(self, proposal):
        """Keep every slider in its range, whatever the page sends."""
        return self._clamped(proposal["value"])

    def _clamped(self, given):
        count = sum(len(c.start) for c in self._controls)
        if len(given) != count:
            raise traitlets.TraitError(f"sliders must be {count} numbers, received {len(given)}")
        return [float(x) for c, numbers in self._parts(given) for x in (c.numbers(numbers) if numbers else ())]

    @traitlets.observe("sliders")
    def _moved(self, change):
        if change["new"] == self.state.get("at"):
            return
        with self._busy:
            try:
                new = self._run(change["new"])
                self._show(new)
                if self._ahead and not self._ahead.agrees(change["new"], new["state"]):
                    self.send({"ahead": {"forget": True}})
            except KeyboardInterrupt:
                self.problem = Problem(message("explore.interrupted"))
                self._show({"state": self._failed(change["new"], self.problem)})

    def _run_again(self):
        """Run the present position anew, since it is to be run in another way."""
        with self._busy:
            if self._ahead:
                self.send({"ahead": {"forget": True}})
            self._show(self._run(self.sliders))

    def _show(self, new):
        """Send what changed to the page; a quick check goes with it, a slower one follows, a slow one is asked for."""
        at_once = self._checks > 1 and self._check_cost < _FREE
        with self.hold_sync():
            for name, value in new.items():
                setattr(self, name, value)
            if at_once:
                self._do_check()
        if not at_once and self._check_cost < (_CHEAP if self._checks > 1 else _CHEAP_AT_FIRST):
            self._do_check()

    @traitlets.observe("opened")
    def _folds_anew(self, change):
        """Draw what is recorded with other modules open; f is not run."""
        if change["new"] == self._folding:
            return
        with self._busy:
            self._folding = change["new"]
            if self._last is None:
                return
            with self.hold_sync():
                for name, value in self._drawn(*self._last).items():
                    setattr(self, name, value)
            if self._ahead:
                self.send({"ahead": {"forget": True}})

    @traitlets.observe("wanted")
    def _asked(self, change):
        with self._busy:
            if self.check.get("of") != self._sequence:
                self._do_check()

    def _received(self, _, content, buffers):
        """The page asks to have positions run ahead."""
        if "plot" in content:
            self._answer_plot(COARSE if content["plot"] == "coarse" else FINE)
        if "ahead" not in content:
            return
        with self._busy:
            if self._ahead is None:
                self.send({"ahead": {"off": True}})
            else:
                self.send(self._ahead.answer(content["ahead"], content["scenes"]))

    def _foresee(self, at):
        """What to show at a position where nobody is yet: (state, rows of the check or None, scene), or None."""
        try:
            if self._clamped(at) != at:
                return None
        except ValueError:  # not a number
            return None
        args, kwargs = self._split(self._inputs(at))
        seconds = min(_SECONDS_AHEAD, self._limits["max_seconds"] or _SECONDS_AHEAD)
        done = run(
            self._f,
            args,
            kwargs,
            self._random,
            {**self._run_as(at), "max_seconds": seconds},
        )
        if done.record is None or done.problem or done.printed:
            return None
        shown = fold(done.record, self._folding)
        plan = self._scene_of(shown)
        rows = self._checked(at, done.record) if self._checks and self._check_cost < _FREE else None
        return self._state(at, done, plan, shown), rows, plan

    def _run_as(self, sliders):
        """What record is told beside f and its inputs."""
        return {**self._limits, "gradient": self._gradient_at(sliders), **self._passes(), **self._cut_places()}

    def _inputs(self, sliders):
        return {control.name: control.value(numbers) for control, numbers in self._parts(sliders) if not control.weighs}

    def _split(self, inputs):
        """The inputs as positional and named arguments."""
        args = [value for name, value in inputs.items() if name in self._by_position]
        return args, {name: value for name, value in inputs.items() if name not in self._by_position}

    def _call(self, f, inputs):
        args, kwargs = self._split(inputs)
        self._random.rewind()
        with restore_settings(), restore_tensors(inputs.values()):
            return f(*args, **kwargs)

    def _run(self, sliders):
        """Run f at a position; return the traits that change."""
        self._sequence += 1
        args, kwargs = self._split(self._inputs(sliders))
        done = run(self._f, args, kwargs, self._random, self._run_as(sliders))
        self.problem = done.problem
        if done.record is None:
            self._last = None
            return {"state": self._failed(sliders, done.problem, done.printed)}
        if done.record.complete:
            self.record = done.record
        self._last = sliders, done
        return self._drawn(sliders, done)

    @collector_off()
    def _drawn(self, sliders, done):
        """The traits that show a run, with the modules folded that are not open."""
        shown = fold(done.record, self._folding)
        plan = self._scene_of(shown)
        new = {"state": self._state(sliders, done, plan, shown)}
        if plan["key"] != self.scene.get("key"):
            new["scene"] = plan
        return new

    def _scene_of(self, record):
        key = topology(record), record.failed, tuple(record.backward_order), tuple([edge.at for edge in record.edges])
        if key not in self._scenes:
            plan = scene(record)
            note_places(record, plan)
            self._scenes[key] = {"key": next(self._keys), **plan, "steps": order(record)}
        self._scenes.move_to_end(key)
        while len(self._scenes) > _SCENES_KEPT:
            self._scenes.popitem(last=False)
        return self._scenes[key]

    def _failed(self, sliders, problem, printed=""):
        """The last good numbers, marked as not of this position and with the call that gave them, with the problem."""
        last = {name: value for name, value in self.state.items() if self.keeping["on"] or name not in KEPT}
        ran = last.get("ran", last.get("call"))
        return {**last, **self._heading(sliders, problem, printed), "fresh": False, "ran": ran}

    def _heading(self, sliders, problem, printed):
        return {
            "sequence": self._sequence,
            "at": list(sliders),
            "call": descriptions.call_text(self._f, self._parts(sliders)),
            "problem": problem and descriptions.shown_problem(problem),
            "printed": printed,
        }

    def _state(self, sliders, done, plan, shown):
        """The numbers of a run: those of `shown`, its record as it is folded, are drawn."""
        record = done.record
        numbers = texts(shown, plan)
        rows = [cell for control in self._controls for cell in descriptions.gradients(control, record)]
        output = descriptions.output_text(record)
        state = self._heading(sliders, done.problem, done.printed)
        grads = ", ".join(f"{label} {row}" for label, row in zip(self._row_names(), rows, strict=True) if row != "-")
        state["summary"] = message("explore.summary", call=state["call"], output=output, grads=grads or "-")
        told_of = {"full": descriptions.details(shown, plan, numbers), "told": told(shown)}
        state |= {"fresh": True, "output": output, "rows": rows, **told_of, "scene": plan["key"]}
        return {
            **state,
            **numbers,
            "failed": -1 if shown.failed is None else shown.failed,
            **self._plots.shown(record, self._gradient_at(sliders)),
            **self._jacobian(sliders, record),
            **self._kept(shown, plan),
            "strips": strips(shown),
            "shapes": shapes(shown),
        }

    def _row_names(self):
        return [brief(label) for control in self._controls for label in (control.labels or (control.name,))]

    def _do_check(self):
        """Compute the central differences of the present position."""
        if self.problem is not None and self.problem.severity == "error":
            self.check = {"of": self._sequence, "rows": [UNKNOWN for _ in self._row_names()]}
            return
        began = time.perf_counter()
        found = self._checked(self.sliders, self.record)
        self._check_cost, self._checks = time.perf_counter() - began, self._checks + 1
        self.check = {"of": self._sequence, "rows": found}

    def _checked(self, sliders, record):
        inputs = self._inputs(sliders)
        with undisturbed(), self._random, restore_buffers(referenced_modules(self._f, inputs.values())):
            v = self._gradient_at(sliders)
            return check(self._f, self._call, self._controls, inputs, record.grads, v, record.output)

    def _is_large(self):
        return len(self.state.get("values", ())) >= PACKED_FROM

    def picture(self):
        """Return the present picture as SVG text: what GitHub shows. Where f failed it is the reason, not an older graph."""
        if not self.state.get("values") or not self.state["fresh"]:
            return notice(self.problem.text if self.problem else "", title=self.state["call"])
        count = len(self.state["values"])
        if count > _MOST_IN_A_PICTURE:
            return notice(message("explore.large_picture", call=self.state["call"], count=count), self.state["call"])
        return paint(self.scene, self.state, title=self.state["summary"])

    def text(self):
        """Return inputs, values, gradients and the check as a text table."""
        if not self._is_large():
            self._asked(None)
        head = [message(f"explore.{key}") for key in ("input", "value", "gradient", "check")]
        values = [
            text for control, numbers in self._parts(self.sliders) for text in descriptions.values(control, numbers)
        ]
        grads = self.state["rows"] if self.state.get("fresh") else ["?"] * len(values)
        checks = [" ".join(reversed(cell)) for cell in self.check["rows"]]
        shown = f"= {self.state['output']}" if self.state.get("fresh") else "= ?"
        rows = zip(self._row_names(), values, grads, checks, strict=True)
        lines = [f"{self.state['call']} {shown}", *columns([head, *map(list, rows)])]
        lines += self._jacobian_text()
        return "\n".join([*lines, descriptions.sentence(self.problem)] if self.problem else lines)

    def __repr__(self):
        return f"<Explorer {self.state.get('call', '')}>"

    def _repr_mimebundle_(self, **kwargs):
        self._displayed = True
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {
            **data,
            "image/svg+xml": self._with_plot(with_jacobian(self.picture(), self.state)),
            "text/plain": self.text(),
        }, metadata

    def export(self, path):
        """Write the graph of the present position to a file and return its Picture, as `draw(record, path=path)` does.

        Raises:
            ValueError: f failed at this position or its recording stopped early; or as `draw`.
            OSError: the file cannot be written.
        """
        with self._busy:
            record, problem = self.record, self.problem
        if problem is not None and problem.severity == "error":
            raise ValueError(message("export.no_graph", reason=problem.text))
        known = keys(record)
        return draw(record, path=path, opened=[key for key in self.opened if key in known])
