"""Makes a lesson run on Colab and Kaggle, whose Python has PyTorch and Jupyter but not the course.

The first cell of each lesson (`notebooks/build.py`) copies the course there and calls `install`. Nothing is upgraded: a
package that is in use already would have to be loaded again, and the lessons run with those that are there.
"""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from seeing_gradients.language import message

ROOT = Path(__file__).resolve().parents[3]


def install() -> None:
    """Install the packages of the lessons that are missing, and say what was done.

    Raises:
        CalledProcessError: pip failed; its own words stand above.
    """
    absent = missing()
    if absent:
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *absent], check=True)
    names = ", ".join(map(_name, absent))
    print(message("setup.hosted", packages=names) if absent else message("setup.hosted_complete"))
    if _numbers(version("torch")) < (2, 13):
        print(message("setup.hosted_torch", version=version("torch")))


def missing() -> list[str]:
    """Return the requirements of the lessons, as pyproject.toml writes them, of which no version at all is installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"], *extras["png"], *extras["course"]]
    wanted = {_name(line): line for line in lines if _name(line) != project["name"]}
    return [line for name, line in wanted.items() if not _is_installed(name)]


def _name(requirement: str) -> str:
    return re.split(r"[\[<>=!~;, ]", requirement, maxsplit=1)[0]


def _is_installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.partition("+")[0].split(".")[:2])
