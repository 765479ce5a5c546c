"""The library as others install it: `pip install .`, used in a folder without the course."""

import os
import site
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TRIAL = """
import seeing_gradients
from seeing_gradients import draw, explore, record
assert seeing_gradients.__file__.startswith({target!r}), seeing_gradients.__file__
square = lambda w: w * w
recorded = record(square, w=3.0)
assert recorded.grads["w"] == 6.0, recorded.grads
assert "<svg" in draw(square, w=3.0).svg
explorer = explore(square, w=(-5.0, 5.0))
explorer.plot("w")
try:
    import helpers
except ModuleNotFoundError:
    print("alone")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel that pip builds, with the build tool that is here: without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(ROOT)], check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A folder that holds what pip installs from the wheel."""
    target = tmp_path_factory.mktemp("installed")
    options = ["--quiet", "--no-deps", "--no-index", "--target", str(target)]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, str(wheel)], check=True)
    return target


pytestmark = pytest.mark.slow("pip builds the wheel and installs it, once for all tests of the module")


def test_the_wheel_holds_the_library_and_its_jupyter_settings_alone(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"seeing_gradients"}
    data = {name.partition(".data/")[2] for name in names if ".data/" in name}
    folder, extension = "data/etc/jupyter", "data/share/jupyter/labextensions/seeing-gradients"
    assert data == {
        f"{folder}/jupyter_nbconvert_config.json",
        f"{folder}/jupyter_server_config.d/seeing-gradients.json",
        f"{extension}/package.json",
        f"{extension}/static/pictures.js",
    }


def test_the_wheel_holds_messages_page_code_and_the_mark_of_types(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "seeing_gradients/py.typed" in names
    assert {path.suffix for path in map(Path, names)} >= {".py", ".toml", ".js", ".css"}
    widgets = ("explore", "descend", "secant", "predict", "watch", "verdict")
    bundles = [f"{name}.{suffix}" for name in widgets for suffix in ("js", "css")]
    assert {f"seeing_gradients/widgets/static/{bundle}" for bundle in bundles} <= names
    assert not {path.suffix for path in map(Path, names)} & {".mjs", ".ts"}


def test_the_wheel_asks_for_little_by_itself(wheel):
    archive = zipfile.ZipFile(wheel)
    (metadata,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
    needs = Parser().parsestr(archive.read(metadata).decode()).get_all("Requires-Dist")
    assert {need.split("<")[0].split(">")[0] for need in needs if "extra ==" not in need} == {
        "anywidget",
        "contourpy",
        "numpy",
        "torch",
    }


def test_record_draw_and_explore_work_in_a_folder_without_the_course(installed, tmp_path):
    path = os.pathsep.join([str(installed), *site.getsitepackages()])
    done = subprocess.run(
        [sys.executable, "-S", "-c", TRIAL.format(target=str(installed))],  # -S: no .pth, so not the course's own copy
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "alone\n"), done.stderr
