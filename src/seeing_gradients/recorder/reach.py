"""What f reaches outside itself, and the names by which it reaches the tensors there: "scale", "params[0]", "self.w"."""

from collections import deque
from itertools import islice

import torch

_DEEPEST, _MOST = 3, 500  # brackets in a name; things looked at for names


def outside(f):
    """Return a dict from name to value: the globals and the variables of enclosing functions that f names."""
    code = getattr(f, "__code__", None)
    if code is None:
        return {}
    found = {name: f.__globals__[name] for name in code.co_names if name in f.__globals__}
    for name, cell in zip(code.co_freevars, f.__closure__ or (), strict=False):
        if _is_filled(cell):
            found[name] = cell.cell_contents
    return found


def referenced_modules(f, arguments):
    """Return the nn.Modules that f is, is a method of, refers to, or gets.

    Args:
        f: the function or nn.Module.
        arguments: iterable of what f receives.
    """
    owner = getattr(f, "__self__", f)
    return [each for each in (owner, *outside(f).values(), *arguments) if isinstance(each, torch.nn.Module)]


def outer_names(f):
    """Yield (name, tensor) for tensors, parameters and buffers of modules that f finds outside itself."""
    if isinstance(f, torch.nn.Module):
        yield from f.named_parameters()
        yield from f.named_buffers()
        return
    for name, value in outside(f).items():
        if isinstance(value, torch.Tensor):
            yield name, value
        elif isinstance(value, torch.nn.Module):
            yield from value.named_parameters(prefix=name)
            yield from value.named_buffers(prefix=name)


def inner_names(found):
    """Yield (name, tensor) for the tensors inside lists, dicts and `self`: "params[0]", "batch['x']", "self.w".

    Args:
        found: dict from name to anything.
    """
    waiting, left = deque((name, value, 0) for name, value in found.items()), _MOST
    while waiting and left:
        name, value, depth = waiting.popleft()
        left -= 1
        if isinstance(value, torch.Tensor):
            if depth:
                yield name, value
        elif depth < _DEEPEST:
            waiting += [(inside, each, depth + 1) for inside, each in islice(_parts(name, value), left)]


def _parts(name, value):
    if isinstance(value, (list, tuple)):
        return ((f"{name}[{place}]", each) for place, each in enumerate(value))
    if isinstance(value, dict):
        return ((f"{name}[{key!r}]", each) for key, each in value.items() if isinstance(key, (str, int)))
    if name == "self" and isinstance(getattr(value, "__dict__", None), dict):
        return ((f"self.{key}", each) for key, each in vars(value).items())
    return iter(())


def _is_filled(cell):
    try:
        return cell.cell_contents is not cell
    except ValueError:  # assigned only later
        return False
