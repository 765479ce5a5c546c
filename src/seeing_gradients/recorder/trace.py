"""Watch f's forward pass: which call made which value, from which values, on which line.

A TorchFunctionMode sees every operation that f calls. A composite one (linear, cross_entropy, autograd.grad) makes
several backward nodes, whose values Python never gets: it is run once more under a TorchDispatchMode, which sees them,
and the autograd sequence number tells whose they are. (The first run must go without: PyTorch builds other nodes, view
for reshape_alias say, while a dispatch mode looks on.)
"""

import sys
from bisect import bisect_right
from operator import attrgetter
from pathlib import Path

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from seeing_gradients import runtime
from seeing_gradients.runtime import restore_torch_random_state

from .cutting import detached, leads_elsewhere, places_of
from .engine import FREED_AT_ONCE, bound_release
from .errors import CallsBackwardError
from .modules import MODULE_CALL, Stack
from .snapshot import has_memory, snapshot
from .ways import only_edges, repeated, ways

_TORCH, _OURS = str(Path(torch.__file__).parent), (str(Path(__file__).parent), str(Path(runtime.__file__).parent))
_transform = torch._C._functorch.peek_interpreter_stack
_new = object.__new__
_sequence_nr = torch.autograd._get_sequence_nr  # of the backward node that comes next on this thread

# Operations for which a Python number is an operand, not a setting such as dim.
_BINARY = {"add", "sub", "mul", "div", "true_divide", "floor_divide", "pow", "remainder", "fmod", "where", "maximum"}
_BINARY |= {
    "gt",
    "ge",
    "lt",
    "le",
    "eq",
    "ne",
    "atan2",
    "lerp",
    "masked_fill",
    "rsub",
    "__setitem__",
    "fill_",
    "copysign",
}
_BINARY |= {"__rsub__", "__rdiv__", "__rpow__", "__rtruediv__", "__rfloordiv__", "__rmod__", "clamp", "dot", "xlogy"}
_BINARY |= {f"{name}_" for name in _BINARY if not name.endswith("_")}

_SPECIAL = {"__get__", "backward"}

# Operations that never make more than one backward node: no need to be ready for a second run.
_ONE_NODE = {"add", "sub", "mul", "pow", "exp", "log", "sin", "cos", "tanh", "sigmoid", "relu", "neg", "abs", "sqrt"}
_ONE_NODE |= {"sum", "detach", "__rsub__", "clone", "square", "dot", "div", "true_divide"}


class Call:
    """One operation, made by `Trace.begin`.

    Attributes:
        index: int, its place in `Trace.calls`.
        name: str.
        line: int or None, of f.
        begin, end: sequence numbers; the backward nodes that it made have begin <= number < end.
        args: list of Value and numbers that it took.
        entered: tuple of Entered, the modules that were running.
        cut: dict from places among args that are detached on request to what was asked; None where none can be.
    """

    __slots__ = ("args", "begin", "cut", "end", "entered", "index", "line", "name")


class Value:
    """One version of one tensor as it was when f had it, made by `Trace.add`; holds the tensor, since ids are reused.

    Attributes:
        tensor, version, grad_fn, output_nr, requires_grad, is_leaf: the tensor, and what it told of itself then.
        shot: Snapshot or None.
        index: int, its place in `Trace.values`.
        call: Call that made it, or None.
        parents: sequence of Value that it came from where no call made it.
        at: int, number of calls before it.
    """

    __slots__ = ("at", "call", "grad_fn", "index", "is_leaf", "output_nr")
    __slots__ += ("parents", "requires_grad", "shot", "tensor", "version")

    def still_holds(self, tensor):
        """Whether the tensor is as it was: not written to, with the same history."""
        try:
            written = self.version != tensor._version
        except RuntimeError:  # an inference tensor does not count
            written = self.version != 0
        if written or self.grad_fn is not tensor.grad_fn:
            return False
        return self.grad_fn is not None or self.requires_grad == tensor.requires_grad


class Trace(TorchFunctionMode):
    """What f did: `calls`, `values`, and for each backward node the values of its outputs, as it made them.

    Args:
        run_code: the code object of the function that calls f; the frame above it is f's.
        max_ops: int, how many operations before TooManyOperations is raised.
        cut: list of (call, name of its operation, argument) at which to detach; None where nobody wants to know.
        inner: the code object of the function that a decorator has wrapped, whose lines and names are meant; else None.
    """

    def __init__(self, run_code, max_ops, cut=None, inner=None):
        super().__init__()
        self.cut = None if cut is None else places_of(cut)
        self.run_code, self.max_ops, self.inner = run_code, max_ops, inner
        self.calls, self.values, self.count = [], [], 0
        self.found = []  # the values that no call made: inputs, and what f found outside or changed behind our back
        self.first = _sequence_nr()  # of the backward nodes that f will make
        self.ways = {}  # index of a call that takes a tensor twice -> {(backward node, input): argument}; see ways.py
        self.spent = {}  # index of a call that was run once more -> the sequence number after that
        self.single = {}  # sequence number -> the call that made this backward node and no other
        self.of_node = {}  # grad_fn -> {output_nr: Value}
        self.walked = {}  # backward nodes that `walk` has been to
        self.below = {}  # sequence_nr -> Snapshot, from the dispatch mode
        self.frame = None  # f's own frame, for the names of its local variables
        self.alone = False  # whether no module lies around it
        self._lines = {}  # place in its bytecode -> line, of those that were asked for
        self.stack, self.entered = Stack(), ()  # the modules that are running
        self.earlier = {}  # index of a Value -> that before a write which autograd did not record: their history is one
        self._now = {}  # id(tensor) -> its newest Value
        self._was_leaf = {}  # id(tensor) -> its Value when it last required grad
        self._written = {}  # storage address -> Value last written there in place

    def __torch_function__(self, func, types, args=(), kwargs=None):
        name = getattr(func, "__name__", "")
        if name in _SPECIAL:
            if name == "__get__":
                return self._attribute(func, args, kwargs)
            raise CallsBackwardError("record.calls_backward", line=self._line() or "?")
        self.count += 1
        if self.count > self.max_ops:
            raise TooManyOperations
        if _transform() is not None:  # inside torch.func: tensors are wrapped, their values not to be had
            return func(*args, **(kwargs or {}))
        numbers = name in _BINARY
        call = self.begin(name, self._line(), _sequence_nr())
        self._arguments(call.args, args, numbers)
        if kwargs:
            self._arguments(call.args, kwargs.values(), numbers)
        if self.cut is not None and not leads_elsewhere(name):
            call.cut = self.cut.get((call.index, name), {})
            if call.cut:
                args, kwargs = detached(args, kwargs, call.cut, numbers)
        random_state = None if name in _ONE_NODE else torch.get_rng_state()
        result = func(*args, **kwargs) if kwargs else func(*args)
        call.end = end = _sequence_nr()
        made = end - call.begin
        if made == 1:
            self.single[end - 1] = call
        elif made and self._can_run_again(call, kwargs):
            self._look_below(call, func, args, kwargs or {}, random_state)
        if call.cut is not None:
            self._note_ways(call, func, (args, kwargs or {}, numbers), result, random_state)
        if type(result) is torch.Tensor and id(result) not in self._now:  # the common case, without detours
            self.add(result, call)
        else:
            self._results(call, result, args)
        return result

    @staticmethod
    def _can_run_again(call, kwargs):
        """Not where it wrote to what it was given, or used up the graph it went through."""
        given = [arg for arg in call.args if isinstance(arg, Value)]
        freed = kwargs is not None and kwargs.get("retain_graph") is False
        return not freed and all(arg.still_holds(arg.tensor) for arg in given)

    def _note_ways(self, call, func, given, result, random_state):
        """Where a tensor stands at several places of a call: which of the edges that it made comes from which of them."""
        if not (places := repeated(call)) or call.end == call.begin:
            return
        found = self.ways[call.index] = only_edges(call, places, result)
        rest = {place: value for place, value in places.items() if place not in sum(found.values(), ())}
        if rest and self._can_run_again(call, given[1]):
            try:
                with restore_torch_random_state(random_state):
                    found.update(ways(func, given, rest, result, call.begin))
            finally:
                self.spent[call.index] = _sequence_nr()

    def _look_below(self, call, func, args, kwargs, random_state):
        below = _Below()
        try:  # random_state is None where a subclass or a dual number makes more nodes of _ONE_NODE than one
            with restore_torch_random_state(random_state), below:
                func(*args, **kwargs)
        finally:
            self.spent[call.index] = _sequence_nr()
        if below.first + (call.end - call.begin) == _sequence_nr():
            for number, shots in below.values.items():
                self.below[number - below.first + call.begin] = shots

    def _attribute(self, func, args, kwargs):
        """x.T and x.real compute; x.shape, x.grad_fn and the like only tell."""
        before = _sequence_nr()
        result = func(*args, **(kwargs or {}))
        if isinstance(result, torch.Tensor) and result is not args[0] and id(result) not in self._now:
            name = getattr(func, "__self__", func).__name__
            call = self.begin(name, self._line(3), before)
            self._arguments(call.args, args[:1], False)
            call.end = _sequence_nr()
            self._results(call, result, args)
        return result

    def _line(self, depth=2):
        """The line of f that is running: of the outermost frame above ours that is not PyTorch's. Notes the modules, too."""
        frame = sys._getframe(depth)
        if frame is self.frame and self.alone and not self.entered:  # the common case: f itself calls the operation
            line = self._lines.get(frame.f_lasti)
            if line is None:
                line = self._lines[frame.f_lasti] = frame.f_lineno
            return line
        found = meant = modules = None
        run_code = self.run_code
        while frame is not None and (code := frame.f_code) is not run_code:
            if not code.co_filename.startswith(_TORCH):
                found = frame
                if code is self.inner:
                    meant = frame
            elif code is MODULE_CALL:
                modules = modules or []
                modules.append(frame)
            frame = frame.f_back
        if self.inner is not None:
            found = self._meant(found, meant)
        if self.frame is None:
            self.frame, self.alone = found, not modules
            self._lines = {} if found is None else _lines_of(found.f_code)
        if modules or self.entered:
            self.entered = self.stack.at(modules or [])
        return None if found is None else found.f_lineno

    def _meant(self, outermost, meant):
        """Of a decorated f the frame of what is decorated; else the decorator's, if only that is in the same file."""
        if meant is not None and meant is not self.frame:
            self.frame = None
        if meant is not None or outermost is None or outermost.f_code.co_filename == self.inner.co_filename:
            return meant or outermost
        return None

    def leave(self):
        """Let go of the frames of f and of its modules; the graph may be freed by anybody from now on."""
        if len(self.of_node) > FREED_AT_ONCE and not self.of_node.keys() <= self.walked.keys():
            bound_release(self.of_node)
        self.frame = None
        self.stack.leave()

    def begin(self, name, line, number):
        """Add a Call.

        Args:
            name: str.
            line: int or None.
            number: int, the sequence number of the first backward node that it may make.
        """
        call = _new(Call)  # without __init__, in half of the time
        call.index, call.name, call.line, call.entered = len(self.calls), name, line, self.entered
        call.begin = call.end = number
        call.args, call.cut = [], None
        self.calls.append(call)
        return call

    def _arguments(self, found, args, numbers):
        now = self._now
        for arg in args:
            if isinstance(arg, torch.Tensor):
                known = now.get(id(arg))
                found.append(known if known is not None and known.still_holds(arg) else self.value_of(arg))
            elif numbers and isinstance(arg, (int, float, complex)):
                found.append(arg)
            elif isinstance(arg, (list, tuple)):
                self._arguments(found, arg, False)
            elif isinstance(arg, dict):
                self._arguments(found, arg.values(), False)

    def value_of(self, tensor):
        """The newest Value of a tensor; a new one where f changed it behind our back, through a view or an alias."""
        known = self._now.get(id(tensor))
        if known is not None and known.still_holds(tensor):
            return known
        if known is not None:
            writer = self._written.get(tensor.untyped_storage().data_ptr()) if has_memory(tensor) else None
            parents = [known] if writer in (None, known) else [known, writer]
            return self._add_again(tensor, None, known, parents)
        return self.add(tensor, None)

    def line_of(self, error):
        """The line of f at which it was stopped, or that of its last operation; "?" where there is none."""
        frame, inside, outermost = error.__traceback__, False, None
        while frame is not None:
            code = frame.tb_frame.f_code
            if inside and not code.co_filename.startswith((_TORCH, *_OURS)):
                if self.inner in (None, code):
                    return frame.tb_lineno
                if outermost is None and code.co_filename == self.inner.co_filename:
                    outermost = frame.tb_lineno
            inside, frame = inside or code is self.run_code, frame.tb_next
        return outermost or (self.calls[-1].line if self.calls else None) or "?"

    def newest(self, tensor):
        """The newest Value of a tensor, or None where f never had it."""
        return self._now.get(id(tensor))

    def add(self, tensor, call, parents=()):
        """Add a Value.

        Args:
            tensor: as it is now.
            call: Call that made it, or None.
            parents: sequence of Value, where none did.
        """
        value = _new(Value)  # without __init__, in half of the time
        value.tensor, value.call, value.parents = tensor, call, parents
        value.index, value.at = len(self.values), len(self.calls)
        try:
            value.version = tensor._version
        except RuntimeError:  # an inference tensor does not count
            value.version = 0
        value.shot, value.grad_fn = snapshot(tensor), tensor.grad_fn
        node = value.grad_fn
        if node is None:
            value.requires_grad, value.is_leaf, value.output_nr = tensor.requires_grad, True, 0
        else:
            value.requires_grad, value.is_leaf, value.output_nr = True, False, tensor.output_nr
        self._now[id(tensor)] = value  # now that it is whole: a time limit may strike at any moment
        self.values.append(value)
        if call is None:
            self.found.append(value)
        if node is not None:
            outputs = self.of_node.get(node)
            if outputs is None:
                self.of_node[node] = {value.output_nr: value}
            else:
                # the first stays: as it was computed, whatever was written there since
                outputs.setdefault(value.output_nr, value)
        return value

    def _add_again(self, tensor, call, known, parents=()):
        """Add a further Value of a tensor, and note where only a write that autograd did not record parts it from an earlier one."""
        value = self.add(tensor, call, parents)
        if value.grad_fn is None and value.requires_grad != known.requires_grad:
            if known.requires_grad:
                self._was_leaf[id(tensor)] = known
                return value
            known = self._was_leaf.get(id(tensor), known)
        same = value.requires_grad and known.requires_grad and value.grad_fn is known.grad_fn
        if same and value.version != known.version:
            self.earlier[value.index] = known
        return value

    def _results(self, call, result, args):
        if isinstance(result, torch.Tensor):
            known = self._now.get(id(result))
            if known is None:
                self.add(result, call)
            elif not known.still_holds(result):
                again = self._add_again(result, call, known)
                if again.version != known.version:  # relu(y, inplace=True), add(.., out=y)
                    self._mark_written(result)
            elif args and result is args[0] and call.name.endswith("_"):  # an inference tensor does not count
                self._mark_written(result)
        elif isinstance(result, (list, tuple)):
            for part in result:
                self._results(call, part, ())
        elif call.name == "__setitem__":
            self._add_again(args[0], call, self._now[id(args[0])])
            self._mark_written(args[0])
        elif result is None:  # _foreach_add_
            for arg in call.args:
                if isinstance(arg, Value) and not arg.still_holds(arg.tensor):
                    self._results(call, arg.tensor, ())

    def _mark_written(self, tensor):
        if has_memory(tensor):
            self._written[tensor.untyped_storage().data_ptr()] = self._now[id(tensor)]

    def writer(self, tensor):
        """The line of f that last wrote to the memory of a tensor in place, or None."""
        value = self._written.get(tensor.untyped_storage().data_ptr()) if has_memory(tensor) else None
        return value.call.line if value is not None and value.call is not None else None

    def call_of(self, number):
        """The call that made the backward node of that sequence number, or None; and the first call after it."""
        position = self._begun(number)
        before = self.calls[position - 1] if position else None
        after = self.calls[position] if position < len(self.calls) else None
        return (before if before is not None and number < before.end else None), after

    def last_begun(self, number):
        """The last call that began at or before a sequence number, whether it used that or not; None where none had."""
        position = self._begun(number)
        return self.calls[position - 1] if position else None

    def _begun(self, number):
        return bisect_right(self.calls, number, key=_begin)


_begin = attrgetter("begin")
_known_lines, _MOST_KNOWN = {}, 64


def _lines_of(code):
    """A dict from place in a function's bytecode to line, the same one each time: Python counts the lines from the first on."""
    known = _known_lines.get(id(code))
    if known is None or known[0] is not code:
        if len(_known_lines) >= _MOST_KNOWN:
            _known_lines.clear()
        known = _known_lines[id(code)] = code, {}
    return known[1]


class TooManyOperations(BaseException):
    """max_ops was reached; not an Exception, so that f does not catch it."""


class _Below(TorchDispatchMode):
    """The values behind each backward node made while this mode is on: sequence number -> tuple of Snapshot."""

    def __init__(self):
        super().__init__()
        self.values, self.first = {}, _sequence_nr()

    @classmethod
    def _should_skip_dynamo(cls):
        return False  # the compiler never sees this mode; without this line PyTorch loads it: 1.5 s and 800 modules

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        number = _sequence_nr() - 1  # autograd makes the backward node before it computes the value
        result = func(*args, **(kwargs or {}))
        if number >= self.first and number not in self.values:
            tensors = result if isinstance(result, (list, tuple)) else (result,)
            self.values[number] = tuple(snapshot(t) if isinstance(t, torch.Tensor) else None for t in tensors)
        return result
