"""The packages that the course declares: which are here, and whether in a version that the lessons were made for."""

import re
from importlib import metadata

from seeing_gradients.language import message

from .report import Finding, state

EXTRA = "course"  # what a learner installs beside what the library needs
SHOWN = ("torch", "matplotlib", "ipywidgets", "anywidget")  # these have a row even when all is well


def packages():
    """Return a list of Finding: one for each of SHOWN, and for every other package that is not as it should be."""
    try:
        declared = needs_of_a_learner(metadata.requires("seeing-gradients") or ())
    except metadata.PackageNotFoundError:
        return [Finding("seeing-gradients", state(False), message("selftest.not_installed"))]
    place = {name: i for i, name in enumerate(SHOWN)}
    found = [finding for finding in map(package, declared) if finding.what in place or finding.remedy]
    return sorted(found, key=lambda finding: place.get(finding.what, len(place)))


def needs_of_a_learner(requires):
    """Return the requirements of the library and of EXTRA, one a package: EXTRA's range is the narrower one.

    Args:
        requires: list of str from the metadata, such as "torch<3,>=2.13; extra == 'course'".
    """
    needs = {}
    for requirement in requires:
        need, _, condition = (part.strip() for part in requirement.partition(";"))
        name = re.match(r"[\w.-]+", need).group()
        if condition in ("", f"extra == '{EXTRA}'", f'extra == "{EXTRA}"'):
            needs[name] = need if condition else needs.get(name, need)
    return list(needs.values())


def package(need):
    """Return the Finding on one requirement, such as "torch<3,>=2.13"."""
    name = re.match(r"[\w.-]+", need).group()
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Finding(name, state(False), message("selftest.no_package", name=name))
    wanted = need.removeprefix(name).strip()
    remedy = "" if satisfies(version, wanted) else message("selftest.wrong_package", name=name, wanted=wanted)
    return Finding(name, version, remedy)


def satisfies(version, wanted):
    """Return whether a version lies in a range of the form ">=2.13,<3"."""
    limits = {sign: _numbers(number) for sign, number in re.findall(r"(>=|<)([\d.]+)", wanted)}
    return limits.get(">=", ()) <= _numbers(version) < limits.get("<", (float("inf"),))


def _numbers(version):
    return tuple(int(part) for part in re.match(r"\d+(\.\d+)*", version).group().split("."))
