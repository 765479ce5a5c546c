"""The pages of the API, made from the docstrings of the public names: what a name is decides the directive."""

import inspect
from importlib import import_module
from types import ModuleType

from .words import word

# What the functions return, with the methods that a user calls.
RETURNED = (
    "seeing_gradients.recorder.Record",
    "seeing_gradients.recorder.Node",
    "seeing_gradients.recorder.Edge",
    "seeing_gradients.picture.static.Picture",
    "seeing_gradients.widgets.explore.explorer.Explorer",
    "seeing_gradients.widgets.watch.widget.TrainingRun",
)
METHODS = {
    "Explorer": "set, plot, nudge, text, export",
    "TrainingRun": "step, export",
    "Picture": "svg",
}
TITLES = {
    "functions": {"en": "Functions", "zh": "函数"},
    "modules": {"en": "Modules", "zh": "模块"},
    "returned": {"en": "What they return", "zh": "返回值"},
}


def markdown(package_name: str, language: str) -> str:
    """Return the page of a package: its docstring, functions, modules, and of the library what the functions return.

    Args:
        package_name: "seeing_gradients" or "helpers".
        language: "en" or "zh".
    """
    package = import_module(package_name)
    members = {name: getattr(package, name) for name in package.__all__}
    functions = [name for name, member in members.items() if inspect.isfunction(member)]
    modules = {name: member for name, member in members.items() if isinstance(member, ModuleType)}
    lines = [f"# {package_name}", ""]
    if language == "zh":
        lines += [f":::{{note}}\n{word('untranslated', language)}\n:::", ""]
    lines += [f"```{{eval-rst}}\n.. automodule:: {package_name}\n   :no-members:\n```", ""]
    lines += _section("functions", language, [f".. autofunction:: {package_name}.{name}" for name in functions])
    if modules:
        lines += _section("modules", language, [_module(member) for member in modules.values()])
    if package_name == "seeing_gradients":
        lines += _section("returned", language, [_class(path) for path in RETURNED])
    return "\n".join(lines)


def _section(key: str, language: str, directives: list[str]) -> list[str]:
    body = "\n\n".join(directives)
    return [f"## {TITLES[key][language]}", "", f"```{{eval-rst}}\n{body}\n```", ""]


def _module(module: ModuleType) -> str:
    """The directives of a module: its docstring, and its own public functions in their order."""
    public = [
        name
        for name, member in vars(module).items()
        if inspect.isfunction(member) and member.__module__ == module.__name__ and not name.startswith("_")
    ]
    return f".. automodule:: {module.__name__}\n   :members: {', '.join(public)}\n   :member-order: bysource"


def _class(path: str) -> str:
    """The directive of a class: its docstring, and of a widget the methods that a user calls."""
    module, _, name = path.rpartition(".")
    cls = getattr(import_module(module), name)
    methods = [method for method in METHODS.get(name, "").split(", ") if hasattr(cls, method)]
    return f".. autoclass:: {path}\n   :no-index:\n" + (f"   :members: {', '.join(methods)}" if methods else "")
