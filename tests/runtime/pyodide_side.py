"""Runs in Pyodide: imports each module of the library, tries time limits, and prints JSON of what happened."""

import importlib
import json
import pkgutil
import sys
import types

sys.path.insert(0, "/library")
import seeing_gradients


def names():
    for module in pkgutil.walk_packages(seeing_gradients.__path__, "seeing_gradients.", onerror=lambda name: None):
        if "classroom" not in module.name and not module.name.endswith("__main__"):
            yield module.name


def load_time_limits():
    """The module, in a package that imports nothing: the real one needs PyTorch, which is not here."""
    package = types.ModuleType("seeing_gradients.runtime")
    package.__path__ = ["/library/seeing_gradients/runtime"]
    sys.modules[package.__name__] = package
    return importlib.import_module("seeing_gradients.runtime.time_limits")


def spin():
    while True:
        total = 1
        total += 1


def stopped():
    """Whether an endless loop is stopped, and which of two limits stopped it."""
    limits = load_time_limits()
    outer = limits.time_limit(0.2)
    try:
        with outer, limits.time_limit(60) as inner:
            spin()
    except limits.TimeLimitError:
        return [outer.expired, inner.expired]


imported, missing, failed = [], {}, {}
for name in names():
    try:
        importlib.import_module(name)
        imported.append(name)
    except ModuleNotFoundError as error:
        missing[name] = error.name
    except Exception as error:  # noqa: BLE001 - reported
        failed[name] = repr(error)
print(json.dumps({"imported": imported, "missing": missing, "failed": failed, "stopped": stopped()}))
