"""The commands of the classroom: the modules that they import, and their messages about wrong arguments."""

import os
import subprocess
import sys

import pytest

from helpers import language
from seeing_gradients.classroom import __main__, assign, course
from seeing_gradients.classroom.grade import USAGE


def test_a_command_loads_its_own_module_only():
    """assign must work without Dask, and the help must be quick."""
    code = (
        "import sys; from seeing_gradients.classroom import __main__\n"
        "__main__.main(['assign', '42'])\n"
        "print(any(name.split('.')[0] in ('dask', 'distributed', 'nbgrader') for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("arguments", [[], ["mark"], ["grade"], ["assign"], ["grade", "x", "--sandbox", "wood"]])
def test_wrong_arguments_end_with_the_usage(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        __main__.main(arguments)
    assert ended.value.code == 2
    assert "usage: python -m seeing_gradients.classroom" in capsys.readouterr().err


def test_a_missing_package_is_named_with_the_extra_that_holds_it(monkeypatch, capsys):
    def absent(name):
        raise ModuleNotFoundError("No module named 'nbformat'", name="nbformat")

    monkeypatch.setattr(__main__.importlib, "import_module", absent)
    assert __main__.main(["assign", "02", "--out", "course"]) == 2
    error = capsys.readouterr().err
    assert error.count("nbformat") == 2 and error.count("[classroom]") == 4


@pytest.mark.parametrize("name", __main__.COMMANDS)
def test_help_names_the_options(name, capsys):
    with pytest.raises(SystemExit) as ended:
        __main__.main([name, "--help"])
    assert ended.value.code == 0
    assert "--lang" in capsys.readouterr().out


@pytest.mark.parametrize(("lang", "expected"), [("en", "There is no folder"), ("zh", "没有文件夹")])
def test_grade_says_which_folder_is_missing(tmp_path, capsys, lang, expected):
    assert __main__.main(["grade", str(tmp_path / "none"), "--lang", lang, "--out", str(tmp_path / "g")]) == USAGE
    error = capsys.readouterr().err
    assert expected in error
    assert str(tmp_path / "none") in error
    assert not (tmp_path / "g").exists()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, "There is no"),
        ("{", "is damaged"),
        ("{}", "is damaged (KeyError"),
        ('{"name": 1, "seed": 2, "assignments": [{"tasks": [{}]}]}', "is damaged (TypeError"),
        ("[" * 100_000, "is damaged"),
    ],
)
def test_grade_says_what_is_wrong_with_the_course(tmp_path, capsys, text, expected):
    language.use("en")
    (tmp_path / "submitted").mkdir()
    if text is not None:
        (tmp_path / course.FILE).write_text(text, encoding="utf-8")
    assert __main__.main(["grade", str(tmp_path / "submitted"), "--out", str(tmp_path / "g")]) == USAGE
    error = capsys.readouterr().err
    assert expected in error
    assert str(tmp_path / course.FILE) in error


@pytest.mark.skipif(os.name == "nt", reason="written for the errors of POSIX systems")
def test_assign_into_a_file_is_refused(tmp_path, capsys):
    (tmp_path / "course").write_text("a file")
    assert __main__.main(["assign", "00", "--out", str(tmp_path / "course")]) == 2
    assert "course" in capsys.readouterr().err
    assert assign.run
