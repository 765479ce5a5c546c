"""Watch the forward pass of f: which call made which value, from which values, on which line.

A TorchFunctionMode sees every operation that f calls. A composite operation (linear, cross_entropy, autograd.grad)
makes several backward nodes, but Python never receives their values. So it runs again under a TorchDispatchMode,
which sees these values, and the sequence number of autograd shows to which node each belongs. The first run has no
dispatch mode, since PyTorch builds other nodes under one, e.g. view instead of reshape_alias. Inside a module the second
run is made only when such a value is read: see deferred_run.py.
"""

import sys
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from operator import attrgetter
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import torch
from torch import Tensor
from torch._C import _is_any_autocast_enabled
from torch._C._autograd import _get_sequence_nr as _sequence_nr  # the number of this thread's next backward node
from torch._C._functorch import get_unwrapped, is_functorch_wrapped_tensor, peek_interpreter_stack
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter
from torch.overrides import TorchFunctionMode

from seeing_gradients import runtime

from .backward import FREED_AT_ONCE, bound_release
from .cut import (
    Input,
    argument_of_edge,
    arguments_of_single_edges,
    detach_arguments,
    hides_arguments,
    pairs_of_nodes,
    repeated_arguments,
    requested_cuts,
    writes,
)
from .deferred_run import DeferredRun, defer, tensors_of
from .errors import CallsBackwardError
from .modules import MODULE_CALL, Entered, Stack
from .products import PRODUCTS, values_in_product
from .second_run import InnerValues, second_run
from .snapshot import copies as summary_copies
from .snapshot import grad_fn_of, has_memory, is_leaf, snapshot, version_of
from .types import Snapshot

_TORCH, _OURS = str(Path(torch.__file__).parent), (str(Path(__file__).parent), str(Path(runtime.__file__).parent))
_INIT = str(Path(torch.nn.init.__file__))

# Operations for which a Python number is an operand rather than a setting such as dim.
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

# Operations that never make more than one backward node, and so need no second run.
_ONE_NODE = {"add", "sub", "mul", "pow", "exp", "log", "sin", "cos", "tanh", "sigmoid", "relu", "neg", "abs", "sqrt"}
_ONE_NODE |= {"sum", "detach", "__rsub__", "clone", "square", "dot", "div", "true_divide"}

# Operations that draw no random numbers, so that a second run needs no state to begin with.
_NOT_RANDOM = _ONE_NODE | PRODUCTS | _BINARY
_NOT_RANDOM |= set(  # a hundred names, which would be as many lines in a set
    """
    __getitem__ __iadd__ __imul__ _pad adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d add_ all any arange
    argmax avg_pool1d avg_pool2d avg_pool3d baddbmm batch_norm bmm bool cat chunk contiguous conv1d conv2d conv3d
    conv_transpose1d conv_transpose2d conv_transpose3d cross_entropy cumsum dim div_ einsum elu embedding empty expand
    expand_as flatten float full full_like gather gelu group_norm hardsigmoid hardswish hardtanh index_select
    instance_norm int interpolate layer_norm leaky_relu log_softmax logsumexp long masked_fill max max_pool1d max_pool2d
    max_pool3d mean min movedim mse_loss mul_ narrow new_empty new_full new_ones new_zeros nll_loss norm normalize ones
    ones_like outer pad permute prod relu_ repeat repeat_interleave reshape rms_norm roll rsqrt scatter scatter_add
    scatter_add_ select silu size softmax softplus split squeeze stack std sub_ swapaxes t tensor_split to transpose
    tril triu type type_as unbind unflatten unfold unsqueeze var view view_as zeros zeros_like
    """.split()  # noqa: SIM905
)


class Call:
    """One operation, made by `Trace.begin`.

    Attributes:
        index: int, its position in `Trace.calls`.
        name: str.
        line: int or None, of f.
        site: where in the code it stands, equal for all rounds of a loop; see `Trace._line`.
        begin, end: sequence numbers; the backward nodes that it made have begin <= number < end.
        args: list of the Values and numbers that it received.
        entered: tuple of Entered, the modules that were running.
        cut: dict from each position among args that is detached on request to the requested argument; None if none
            can be.
    """

    __slots__ = ("args", "begin", "cut", "end", "entered", "index", "line", "name", "site")
    args: list[Any]
    begin: int
    cut: dict[int, Any] | None
    end: int
    entered: tuple[Entered, ...]
    index: int
    line: int | None
    name: str
    site: int | tuple[int, int]


class Value:
    """One version of one tensor, as f had it, made by `Trace.add`. It holds the tensor, since ids are reused.

    Attributes:
        tensor, version, grad_fn, output_nr, requires_grad, is_leaf: the tensor, and its attributes at that time.
        is_cut_view: bool, whether it is a view that f made under no_grad of a tensor that requires grad. PyTorch says
            that it requires grad, too, but no gradient flows there; so `requires_grad` is False.
        snapshot: Snapshot or None.
        index: int, its position in `Trace.values`.
        call: the Call that made it, or None.
        parents: sequence of the Values that it came from, if no call made it.
        calls_before: int, number of calls before it.
        hidden_in: the Entered inside which it was met and has stayed so far, so that its snapshot is not taken yet;
            None once it is, and always if the values inside modules are recorded.
    """

    __slots__ = ("call", "calls_before", "grad_fn", "hidden_in", "index", "is_cut_view", "is_leaf", "output_nr")
    __slots__ += ("parents", "requires_grad", "snapshot", "tensor", "version")
    call: Call | None
    calls_before: int
    grad_fn: Any
    hidden_in: Entered | None
    index: int
    is_cut_view: bool
    is_leaf: bool
    output_nr: int
    parents: "Sequence[Value]"
    requires_grad: bool
    snapshot: Snapshot | None
    tensor: Tensor
    version: int

    def still_holds(self, tensor: Tensor) -> bool:
        """Whether the tensor is unchanged: not written to, with the same history."""
        try:  # the common case, made fast
            if self.version != tensor._version or self.grad_fn is not tensor.grad_fn:
                return False
        except RuntimeError:  # an inference tensor, which has no version, or a view that autograd has given up
            if self.version != (version_of(tensor) or 0) or self.grad_fn is not grad_fn_of(tensor):
                return False
        if self.grad_fn is not None or self.requires_grad == tensor.requires_grad:
            return True
        return self.is_cut_view or not is_leaf(tensor)


class Trace(TorchFunctionMode):
    """Record what f did: its `calls`, its `values`, and the values of each backward node's outputs.

    Args:
        run_code: the code object of the function that calls f; the frame above it belongs to f.
        max_ops: int; after so many operations it raises TooManyOperations.
        cut: EdgeKeys at which to detach; None if edges need no keys.
        decorated: the code object of the function inside a decorated f, whose lines and names are recorded; else None.
        closed_in: None to record the values inside modules, too; else f, and the values that stay inside the outermost
            modules that f runs are left out.
    """

    def __init__(
        self,
        run_code: CodeType,
        max_ops: int,
        cut: Iterable[Sequence[Any]] | None = None,
        decorated: CodeType | None = None,
        closed_in: object = None,
    ) -> None:
        super().__init__()
        self._closed_in = closed_in
        self.hidden: Entered | None = None  # the outermost module that is running, if its inner values are left out
        self.cut = None if cut is None else requested_cuts(cut)
        self._copies_before, summary_copies.left = summary_copies.left, summary_copies.MOST
        self.run_code, self.max_ops, self.decorated = run_code, max_ops, decorated
        self.calls: list[Call] = []
        self.values: list[Value] = []
        self.count = 0
        self.failed: Call | None = None  # the last operation that raised an exception
        self.external: list[Value] = []  # not made by a call: inputs, outside values, and untracked changes of f
        self.first = _sequence_nr()  # the number of the first backward node that f will make
        # index of a call that takes a tensor twice -> {edge: the argument that it comes from}; see cut.py
        self.argument_of_edge: dict[int, dict[Input, Any]] = {}
        self.spent: dict[int, int] = {}  # index of a call that ran twice -> the sequence number after the second run
        self.single: dict[int, Call] = {}  # sequence number -> the call that made only this backward node
        self.of_node: dict[Any, dict[int, Value]] = {}  # grad_fn -> {output_nr: Value}
        self.visited: dict[Any, Any] = {}  # backward nodes that `backward_nodes` has visited
        self.below: dict[int, tuple[Snapshot | None, ...]] = {}  # sequence number -> values that the dispatch mode saw
        self.deferred: dict[int, DeferredRun] = {}  # index of a call -> its second run, if it is made only on request
        self.frame: FrameType | None = None  # f's own frame, for the names of its local variables
        self.alone = False  # whether f runs outside any module
        self._lines: dict[int, int | None] = {}  # cache: position in the bytecode of f -> line
        self._site: int | tuple[int, int] = -1  # of the running operation
        self._outermost: FrameType | None = None  # of the last operation: its outermost frame outside PyTorch
        self._around = 0  # how many of the modules that ran then lie around this frame
        self.stack = Stack()
        self.entered: tuple[Entered, ...] = ()  # the modules that are running
        self.earlier: dict[
            int, Value
        ] = {}  # index of a Value -> the Value before an untracked write; both have the same history
        self._now: dict[int, Value] = {}  # id(tensor) -> its newest Value
        self._was_leaf: dict[int, Value] = {}  # id(tensor) -> its Value when it last required grad
        self._uninitialized: set[int] = set()  # ids of the parameters of lazy modules that have not run yet
        self._written: dict[int, Value] = {}  # storage address -> the Value last written there in place

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None) -> Any:
        name = getattr(func, "__name__", "")
        if name in _SPECIAL:
            self.failed = None
            if name == "__get__":
                return self._attribute(func, args, kwargs)
            raise CallsBackwardError("record.calls_backward", line=self._line() or "?")
        self.count += 1
        if self.count > self.max_ops:
            raise TooManyOperations
        if peek_interpreter_stack() is not None:
            self.failed = None
            return self._transformed(name, func, args, kwargs or {})
        numbers = name in _BINARY
        call = self.begin(name, self._line(), _sequence_nr())
        self._arguments(call.args, args, numbers)
        if kwargs:
            self._arguments(call.args, kwargs.values(), numbers)
        if self.cut is not None and not hides_arguments(name):
            call.cut = cut = self.cut.get((call.index, name), {}) if self.cut else {}
            if cut:
                args, kwargs = detach_arguments(args, kwargs, cut, numbers)
        random_state = None if name in _NOT_RANDOM else torch.get_rng_state()
        try:
            result = func(*args, **kwargs) if kwargs else func(*args)
        except Exception:
            self.failed = call
            raise
        call.end = end = _sequence_nr()
        made, run = end - call.begin, None
        if made == 1:
            self.single[end - 1] = call
        elif made and (
            self.hidden is None or _is_any_autocast_enabled()
        ):  # another module may take a weight from its cache
            run = self._record_inside(call, func, args, kwargs or {}, random_state, result)
        if call.cut is not None:
            self._note_arguments_of_edges(call, func, (args, kwargs or {}, numbers), result, random_state)
        if type(result) is Tensor and id(result) not in self._now:  # the common case, made fast
            self.add(result, call)
        else:
            self._results(call, result, args)
        if run is not None:
            run.expect([self._now[id(tensor)].snapshot for tensor in tensors_of(result)])
        return result

    @staticmethod
    def _can_run_again(call: Call, kwargs: dict[str, Any] | None) -> bool:
        """Whether a call may run twice: not if it wrote to its arguments, or freed the graph that it went through."""
        if kwargs and kwargs.get("retain_graph") is False:
            return False
        for arg in call.args:
            if arg.__class__ is Value and not arg.still_holds(arg.tensor):
                return False
        return True

    def _note_arguments_of_edges(
        self,
        call: Call,
        func: Any,
        arguments: tuple[Any, dict[str, Any], bool],
        result: Any,
        random_state: Tensor | None,
    ) -> None:
        """If a call has a tensor at several positions, find the argument from which each of its edges comes."""
        if not (repeated := repeated_arguments(call)) or call.end == call.begin:
            return
        single = arguments_of_single_edges(call, repeated, result)
        noted = self.argument_of_edge[call.index] = dict(single)
        known = {position for positions in single.values() for position in positions}
        rest = {position: value for position, value in repeated.items() if position not in known}
        if rest and self._can_run_again(call, arguments[1]):
            try:
                with second_run(random_state):
                    noted.update(argument_of_edge(func, arguments, rest, result, call.begin))
            finally:
                self.spent[call.index] = _sequence_nr()

    def _record_inside(
        self, call: Call, func: Any, args: Any, kwargs: dict[str, Any], random_state: Tensor | None, result: Any
    ) -> DeferredRun | None:
        """Find the values of the several backward nodes that a call made; see `_record_below`.

        Inside a module that waits, if it can, until they are read: the DeferredRun is returned.
        """
        can_run_again = self._can_run_again(call, kwargs)
        if call.entered and can_run_again:
            run = defer(func, args, kwargs, call.args, random_state, call.end - call.begin)
            if run is not None:
                self.deferred[call.index] = run
                return run
        if call.name in PRODUCTS and self._record_product(call, result):
            return None
        if can_run_again:
            self._record_below(call, func, args, kwargs, random_state, result)
        return None

    def _record_product(self, call: Call, result: Any) -> bool:
        """Find the values inside a matrix product without a second run; return whether that was possible."""
        values = values_in_product(call, result)
        self.below.update(values or {})
        return values is not None

    def _record_below(
        self,
        call: Call,
        func: Any,
        args: Any,
        kwargs: dict[str, Any],
        random_state: Tensor | None,
        result: Any = None,
    ) -> None:
        """Run a call again to see the values of the backward nodes that it made.

        Args:
            call: finished.
            func, args, kwargs: the operation, and its arguments.
            random_state: of PyTorch's generator before the call; None if the operation draws no random numbers.
            result: what the call returned; None if its tensors are wrapped by a transform of torch.func.
        """
        below = InnerValues()
        try:
            with second_run(random_state), below:
                twin = func(*args, **kwargs)
        except Exception:  # noqa: BLE001 - f ran well once, and goes on; the picture then lacks these values
            return
        finally:
            self.spent[call.index] = _sequence_nr()
        seen = below.bases | below.values
        if below.first + (call.end - call.begin) == _sequence_nr():
            for number, snapshots in seen.items():
                self.below[number - below.first + call.begin] = snapshots
        else:  # autocast took a weight from its cache only once
            for node, other in pairs_of_nodes(result, twin, call.begin):
                if (snapshots := seen.get(other)) is not None:
                    self.below[node] = snapshots

    def _transformed(self, name: str, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        """Run an operation inside a transform of torch.func.

        Its tensors are wrapped, and their values cannot be read. But it may make backward nodes outside the transform,
        too, if f's own tensors stand behind the wrapped ones.
        """
        call = self.begin(name, self._line(3), _sequence_nr())
        random_state = torch.get_rng_state()
        if name == "grad":
            kwargs = {**kwargs, "retain_graph": True}  # for the second run; the transform lets go of it when it ends
        result = func(*args, **kwargs)
        call.end = self.spent[call.index] = _sequence_nr()
        if call.end > call.begin:
            if writes(name):
                self._record_written(call, args)
            else:
                self._record_below(call, func, args, kwargs, random_state)
        self.spent[call.index] = call.begin  # no tensor that f receives was seen as the result of this call
        return result

    def _record_written(self, call: Call, args: Sequence[Any]) -> None:
        """Note the value of the backward node of a call that wrote to a wrapped tensor; it cannot run twice."""
        written = args[0] if args else None
        while isinstance(written, Tensor) and is_functorch_wrapped_tensor(written):
            written = get_unwrapped(written)
        if not isinstance(written, Tensor):
            return
        node = grad_fn_of(written)
        if node is not None and call.begin <= node._sequence_nr() < call.end:
            self.below[node._sequence_nr()] = (snapshot(written),)

    def _attribute(self, func: Any, args: Any, kwargs: dict[str, Any] | None) -> Any:
        """Record attributes that compute, such as x.T and x.real, but not x.shape, x.grad_fn and the like."""
        before = _sequence_nr()
        result = func(*args, **(kwargs or {}))
        if isinstance(result, Tensor) and result is not args[0] and id(result) not in self._now:
            name = getattr(func, "__self__", func).__name__
            call = self.begin(name, self._line(3), before)
            self._arguments(call.args, args[:1], False)
            call.end = _sequence_nr()
            if call.end - call.begin > 1 and self.hidden is None:  # z.real
                self._record_below(call, func, args, kwargs or {}, None, result)
            self._results(call, result, args)
        return result

    def _line(self, depth: int = 2) -> int | None:
        """The line of f that is running.

        That of its outermost frame outside PyTorch. Notes the running modules, too, and the site of the operation: the
        position in the bytecode of f, and that in the innermost function outside PyTorch, if this is another one.
        """
        frame: FrameType | None = sys._getframe(depth)
        if frame is self.frame and self.alone and not self.entered:  # the common case: f itself calls the operation
            self._site = frame.f_lasti
            line = self._lines.get(frame.f_lasti)
            if line is None:
                line = self._lines[frame.f_lasti] = frame.f_lineno
            return line
        outermost = innermost = meant = None
        modules: list[FrameType] = []
        inside = 0  # how many modules run inside the outermost frame
        run_code, running = self.run_code, self.stack.positions
        while frame is not None and (code := frame.f_code) is not run_code:
            if not code.co_filename.startswith(_TORCH):
                outermost, inside = frame, len(modules)
                innermost = innermost or frame
                if code is self.decorated:
                    meant = frame
            elif code is MODULE_CALL:
                position = running.get(frame)
                is_last = position == len(running) - 1
                if position is not None and (innermost is not None or is_last) and self.decorated is None:
                    # From here on, the frames are known.
                    modules += reversed(self.stack.frames[: position + 1])
                    if position >= self._around:
                        outermost, inside = self._outermost, len(modules) - self._around
                    break
                modules.append(frame)
            frame = frame.f_back
        self._outermost, self._around = outermost, len(modules) - inside
        if self.decorated is not None:
            outermost = self._meant(outermost, meant, self.decorated)
        if self.frame is None:
            self.frame, self.alone = outermost, not modules
            self._lines = {} if outermost is None else _lines_of(outermost.f_code)
        if modules or self.entered:
            self.entered = self.stack.calls_of(modules)
        self._site = _site(outermost, innermost or outermost)
        return None if outermost is None else outermost.f_lineno

    def _meant(self, outermost: FrameType | None, meant: FrameType | None, decorated: CodeType) -> FrameType | None:
        """For a decorated f, the frame of the inner function, else that of a decorator in the same file."""
        if meant is not None and meant is not self.frame:
            self.frame = None
        if meant is not None or outermost is None or outermost.f_code.co_filename == decorated.co_filename:
            return meant or outermost
        return None

    def leave(self) -> None:
        """Release the frames of f and of its modules; from now on the graph can be freed."""
        self.hidden, summary_copies.left = None, self._copies_before
        if len(self.of_node) > FREED_AT_ONCE and not self.of_node.keys() <= self.visited.keys():
            bound_release(self.of_node)
        self.frame = self._outermost = None
        self.stack.leave()

    def forget(self) -> None:
        """Let go of all that was recorded, when its Record is complete.

        Otherwise the collector of reference cycles, which is off until then, would search it.
        """
        self.leave()
        for recorded in (self.calls, self.values, self.external):
            recorded.clear()
        for recorded in (
            self.single,
            self.of_node,
            self.below,
            self.deferred,
            self._now,
            self._was_leaf,
            self._written,
        ):
            recorded.clear()

    def begin(self, name: str, line: int | None, number: int) -> Call:
        """Add a Call and return it.

        Args:
            name: of the operation.
            line: of f.
            number: the sequence number of the first backward node that it may make.
        """
        call = Call()
        call.index, call.name, call.line, call.entered = len(self.calls), name, line, self.entered
        call.begin = call.end = number
        call.site = self._site
        call.args, call.cut = [], None
        self.calls.append(call)
        if self._closed_in is not None:
            self.hidden = self.outermost(call)
        return call

    def _arguments(self, noted: list[Any], args: Iterable[Any], numbers: bool) -> None:
        now = self._now
        for arg in args:
            if isinstance(arg, Tensor):
                known = now.get(id(arg))
                value = known if known is not None and known.still_holds(arg) else self.value_of(arg)
                if value.hidden_in is not None and value.hidden_in is not self.hidden:
                    self.reveal(value)
                noted.append(value)
            elif numbers and isinstance(arg, (int, float, complex)):
                noted.append(arg)
            elif isinstance(arg, (list, tuple)):
                self._arguments(noted, arg, False)
            elif isinstance(arg, dict):
                self._arguments(noted, arg.values(), False)

    def outermost(self, call: Call) -> Entered | None:
        """Return the outermost module, apart from f itself, in which a call ran; None if there was none."""
        entered = call.entered
        first = 1 if entered and entered[0].module is self._closed_in else 0
        return entered[first] if len(entered) > first else None

    def reveal(self, value: Value) -> None:
        """Take the snapshot of a value that is used outside the module in which it was met, unless it is too late."""
        if value.hidden_in is not None and value.still_holds(value.tensor):
            value.snapshot, value.hidden_in = snapshot(value.tensor), None

    def value_of(self, tensor: Tensor) -> Value:
        """Return the newest Value of a tensor; a new one if f changed it unseen, through a view or an alias."""
        known = self._now.get(id(tensor))
        if known is not None and known.still_holds(tensor):
            return known
        if known is not None:
            writer = self._written.get(tensor.untyped_storage().data_ptr()) if has_memory(tensor) else None
            parents = [known] if writer in (None, known) else [known, writer]
            return self._add_again(tensor, None, known, parents)
        return self.add(tensor, None)

    def line_of(self, error: BaseException) -> int | str:
        """Return the line of f at which an error stopped it, or that of its last operation; "?" if there is none."""
        step, inside, outermost = error.__traceback__, False, None
        while step is not None:
            code = step.tb_frame.f_code
            if inside and not code.co_filename.startswith((_TORCH, *_OURS)):
                if self.decorated is None or self.decorated == code:
                    return step.tb_lineno
                if outermost is None and code.co_filename == self.decorated.co_filename:
                    outermost = step.tb_lineno
            inside, step = inside or code is self.run_code, step.tb_next
        return outermost or (self.calls[-1].line if self.calls else None) or "?"

    def raised(self, error: BaseException) -> Call | None:
        """Return the operation that raised an error; None if it was Python code of f."""
        step = error.__traceback__
        while step is not None and step.tb_frame.f_code is not _OPERATION_CODE:
            step = step.tb_next
        return None if step is None else self.failed

    def refused(self, error: BaseException) -> Call | None:
        """Return a Call of the nn.Module whose own code raised an error, as BatchNorm2d does for 3 dimensions.

        None if PyTorch did not raise it, or if it may be a slip of the pen such as the name of a missing attribute.
        """
        frames: list[FrameType] = []
        step, last = error.__traceback__, ""
        while step is not None:
            last = step.tb_frame.f_code.co_filename
            if step.tb_frame.f_code is MODULE_CALL:
                frames.append(step.tb_frame)
            step = step.tb_next
        if not frames or not last.startswith(_TORCH) or not isinstance(error, _REFUSALS):
            return None
        variables, line = frames[-1].f_locals, self.line_of(error)
        self.entered = self.stack.calls_of(frames[::-1])
        call = self.begin(type(variables["self"]).__name__, line if isinstance(line, int) else None, _sequence_nr())
        self._arguments(call.args, (variables["args"], variables["kwargs"]), False)
        return call

    def newest(self, tensor: Tensor) -> Value | None:
        """Return the newest Value of a tensor, or None if f never had it."""
        return self._now.get(id(tensor))

    def add(self, tensor: Tensor, call: Call | None, parents: Sequence[Value] = ()) -> Value:
        """Add a Value and return it.

        Args:
            tensor: its present version is recorded.
            call: the Call that made it, or None.
            parents: the Values that it came from, if no call made it.
        """
        value = Value()
        value.tensor, value.call, value.parents = tensor, call, parents
        value.index, value.calls_before = len(self.values), len(self.calls)
        abandoned = False
        try:  # the common case, made fast
            value.version, node = tensor._version, tensor.grad_fn
        except RuntimeError:  # an inference tensor, which has no version, or a view that autograd has given up
            value.version, node, abandoned = version_of(tensor) or 0, grad_fn_of(tensor), not is_leaf(tensor)
        value.hidden_in, value.grad_fn, value.is_cut_view = None, node, False
        if self.hidden is not None and tensor.requires_grad:  # others may change unseen, as a BatchNorm's running mean
            value.hidden_in, value.snapshot = self.hidden, None
        else:
            value.snapshot = snapshot(tensor)
        if node is None:
            value.requires_grad, value.is_leaf, value.output_nr = tensor.requires_grad, True, 0
            if abandoned and value.requires_grad:
                value.requires_grad = value.is_leaf = False
            elif value.requires_grad and call is not None and tensor._base is not None and self._is_cut_view(tensor):
                value.requires_grad, value.is_cut_view = False, True
            if type(tensor) is not Tensor and isinstance(tensor, (UninitializedBuffer, UninitializedParameter)):
                self._uninitialized.add(id(tensor))
        else:
            value.requires_grad, value.is_leaf, value.output_nr = True, False, tensor.output_nr
        self._now[id(tensor)] = value  # only now that it is complete, since a time limit may raise at any moment
        self.values.append(value)
        if call is None:
            self.external.append(value)
        if node is not None:
            outputs = self.of_node.get(node)
            if outputs is None:
                self.of_node[node] = {value.output_nr: value}
            else:
                # Keep the first one: it was computed by the node, later ones were written there.
                outputs.setdefault(value.output_nr, value)
        return value

    def _add_again(self, tensor: Tensor, call: Call | None, known: Value, parents: Sequence[Value] = ()) -> Value:
        """Add another Value of a tensor, and note it if only an untracked write separates it from an earlier one."""
        if id(tensor) in self._uninitialized:
            # A lazy module fills its parameters and buffers: nobody has used their earlier content.
            if not (torch.is_grad_enabled() and tensor.requires_grad):
                known.version, known.snapshot, known.hidden_in = tensor._version, snapshot(tensor), None
                return known
            self._uninitialized.remove(id(tensor))
        if call is not None and known.call is None and known.is_leaf and self._is_initialization():
            known.version, known.snapshot, known.hidden_in = tensor._version, snapshot(tensor), None
            return known
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

    def _is_cut_view(self, tensor: Tensor) -> bool:
        """Whether a view without a history that f made requires no grad: not unless f called requires_grad_ for it."""
        known = self._now.get(id(tensor))
        return known is None or known.is_cut_view

    def _is_initialization(self) -> bool:
        """Whether a function of torch.nn.init is running: f makes a module, and its parameters get their first content.

        What they held before is memory that PyTorch has just reserved.
        """
        frame: FrameType | None = sys._getframe(2)
        while frame is not None and frame.f_code.co_filename.startswith((_TORCH, *_OURS)):
            if frame.f_code.co_filename == _INIT:
                return True
            frame = frame.f_back
        return False

    def _results(self, call: Call, result: Any, args: Any) -> None:
        if isinstance(result, Tensor):
            known = self._now.get(id(result))
            if known is None:
                self.add(result, call)
            elif known.is_cut_view and call.name == "requires_grad_":
                self.add(result, None)
            elif not known.still_holds(result):
                again = self._add_again(result, call, known)
                if again.version != known.version:  # relu(y, inplace=True), add(.., out=y)
                    self._mark_written(result)
                    self._add_base(result, call)
            elif args and result is args[0] and call.name.endswith("_"):  # an inference tensor, which has no version
                self._mark_written(result)
        elif isinstance(result, (list, tuple)):
            for part in result:
                self._results(call, part, ())
        elif call.name == "__setitem__":
            self._add_again(args[0], call, self._now[id(args[0])])
            self._mark_written(args[0])
            self._add_base(args[0], call)
        elif result is None:  # _foreach_add_
            for arg in call.args:
                if isinstance(arg, Value) and not arg.still_holds(arg.tensor):
                    self._results(call, arg.tensor, ())

    def _add_base(self, tensor: Tensor, call: Call) -> None:
        """Add the new value of the tensor behind a view that a call wrote to: that of the node CopySlices."""
        base = tensor._base
        node = None if base is None else grad_fn_of(base)
        if base is None or node is None or node in self.of_node:
            return
        known = self._now.get(id(base))
        if known is None:
            self.add(base, call)
        else:
            self._add_again(base, call, known)

    def _mark_written(self, tensor: Tensor) -> None:
        if has_memory(tensor):
            self._written[tensor.untyped_storage().data_ptr()] = self._now[id(tensor)]

    def writer(self, tensor: Tensor) -> int | None:
        """Return the line of f that last wrote to the memory of a tensor in place, or None."""
        value = self._written.get(tensor.untyped_storage().data_ptr()) if has_memory(tensor) else None
        return value.call.line if value is not None and value.call is not None else None

    def call_of(self, number: int) -> tuple[Call | None, Call | None]:
        """Return (the call that made the backward node of a sequence number, or None; the first call after it)."""
        position = self._begun(number)
        before = self.calls[position - 1] if position else None
        after = self.calls[position] if position < len(self.calls) else None
        return (before if before is not None and number < before.end else None), after

    def last_begun(self, number: int) -> Call | None:
        """Return the last call that began at or before a sequence number, or None. It need not have used the number."""
        position = self._begun(number)
        return self.calls[position - 1] if position else None

    def _begun(self, number: int) -> int:
        return bisect_right(self.calls, number, key=_begin)


_REFUSALS = AssertionError, IndexError, RuntimeError, ValueError
_OPERATION_CODE = Trace.__torch_function__.__code__
_begin = attrgetter("begin")


def _site(outermost: FrameType | None, innermost: FrameType | None) -> int | tuple[int, int]:
    """The site of an operation, see `Trace._line`; a function that calls itself has the same sites at every depth."""
    if outermost is None or innermost is None:
        return -1
    if innermost.f_code is outermost.f_code:
        return innermost.f_lasti
    return outermost.f_lasti, innermost.f_lasti


_known_lines: dict[int, tuple[CodeType, dict[int, int | None]]] = {}
_MOST_KNOWN = 64


def _lines_of(code: CodeType) -> dict[int, int | None]:
    """Return {position in the bytecode: line} of a function, cached; Python has to count lines from the first one."""
    known = _known_lines.get(id(code))
    if known is None or known[0] is not code:
        if len(_known_lines) >= _MOST_KNOWN:
            _known_lines.clear()
        known = _known_lines[id(code)] = code, {}
    return known[1]


class TooManyOperations(BaseException):
    """max_ops was reached. It is not an Exception: `except Exception` in f does not catch it."""
